# What a chapter may name in `<!-- scene: … -->`, and what the runner puts before each one.
set -eu
exec 2>&1
trap 'kill "${server-}" 2>/dev/null || true' EXIT

# The steps of the first chapters for app developers.
app() { cp -r "$FIXTURES/hello" hello; }
package() { app; amps-packager create-package hello.ampkg hello; }
pki() { cp -r "$PKI" pki; }
signed() {
    package
    pki
    amps-packager dev-sign-package hello.ampkg hello-signed.ampkg pki/dev1.p12 password
}

# Starts what follows, and waits until it listens. `stop` ends the last one that was started, as Ctrl-C does.
started=0
background() {
    started=$((started + 1))
    log="$LOGS/$started"
    : >"$log"
    sh -eu -c "exec $1" >"$log" 2>&1 &
    server=$!
    until grep -q 'HTTP server listening on' "$log"; do
        kill -0 "$server" || { cat "$log"; echo "it does not listen"; exit 1; }
        sleep 0.02
    done
    cat "$log"
}
stop() {
    kill "$server"
    wait "$server" || true
}
# A server with the data directory that most chapters have.
server() { background 'amps serve --dd amps-data'; }

# The shop of the first chapter for device integrators: it signs, and has both protocols.
shop() {
    signed
    mkdir amps-data
    cat >amps-data/amps-config.yaml <<'YAML'
formatType: amps-configuration
formatVersion: 1
---
storeSignCertificate: ../pki/store.p12
storeSignPassword: password
developerVerificationCaCertificates: [ ../pki/chain.crt ]
deploymentServer:
  listenAddress: 'localhost:8080'
YAML
    echo 'open sesame' >password.txt
    amps create-superuser --dd amps-data --username ada --password-stdin <password.txt
    amps create-vendor --dd amps-data --name Example --user ada
    amps create-category --dd amps-data --name tools
    amps store-upload-package --dd amps-data --vendor Example --category tools \
        --short-description 'Says hello' hello-signed.ampkg
    server
}

# What a Django server leaves: db.sqlite3, and its folder of files.
django() {
    package
    mkdir -p data/packages
    cp hello.ampkg data/packages/
    sqlite3 db.sqlite3 <<'SQL'
CREATE TABLE auth_user (id integer PRIMARY KEY, password text, is_superuser bool, username text, is_staff bool, is_active bool, date_joined text);
CREATE TABLE store_vendor (id integer PRIMARY KEY, name text, certificate text, user_id integer);
CREATE TABLE store_category (id integer PRIMARY KEY, name text, rank integer, icon text);
CREATE TABLE store_app (id integer PRIMARY KEY, appid text, file text, briefDescription text, description text, dateModified text,
    category_id integer, vendor_id integer);
INSERT INTO auth_user VALUES (1, 'pbkdf2_sha256$1000$Xq1zW8kPp0aB$MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=', 1, 'ada', 1, 1, '2019-05-07 08:09:10');
INSERT INTO store_vendor VALUES (1, 'Example', '', 1);
INSERT INTO store_category VALUES (1, 'Games', 1, '');
INSERT INTO store_app VALUES (1, 'org.example.hello', 'packages/hello.ampkg', 'Says hello', 'It says hello', '2020-01-01', 1, 1);
SQL
}
