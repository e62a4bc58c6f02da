//! A Django server moves to amps: the import, and a server that has what was imported.

use std::{fs, path::Path};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Catalog as _,
    accounts::{Categories as _, Users as _, Vendors as _},
};
use amps_testkit::{PackageBuilder, fixture};
use serde_json::Value;

use crate::{
    deployment_server::{OPEN, configure, curl, serve},
    django::{Django, PASSWORD, app_row, hash},
    process::Server,
};

fn catalog(data: &Path) -> SqliteCatalog {
    SqliteCatalog::open(&data.join(".amps/catalog.db")).unwrap()
}

fn hello(version: &str) -> PackageBuilder {
    PackageBuilder::hello().version(version)
}

/// A server with something of everything; its packages were uploaded in another order than their ids have.
fn whole() -> Django {
    let django = Django::with_accounts();
    let certificate = fs::read_to_string(fixture("pki/dev1.crt")).unwrap();
    django.user(2, "joe", &hash("sesame opens"), "0, 0, 1");
    django.user(3, "eve", &hash(PASSWORD), "0, 1, 0");
    django.user(4, "bob", "md5$salt$8c6744c9d42ec2cb9e8885b54ff744d0", "0, 0, 1");
    django.vendor(2, "Zoo & Söhne", &certificate, 2);
    django.category(2, "Music", 1, "");
    let second = django.package("org.example.hello_All", &hello("2.0"));
    let first = django.package("old", &hello("1.0"));
    let other = django.package("other", &PackageBuilder::hello().id("org.example.other").name("Other"));
    django.app(1, "org.example.hello", &second, "2020-02-29 12:00:00.500000");
    django.app(2, "org.example.hello", &first, "2020-02-29 12:00:00.4");
    django.app(3, "org.example.other", &other, "2019-02-28 00:00:00");
    django.sql("UPDATE store_app SET vendor_id = 2, category_id = 2 WHERE id = 3;");
    django
}

const ADDED: &str = "\
added user ada
added user joe
added user eve
added user bob
note on user bob: no password opens it: its hash is neither pbkdf2_sha256 nor argon2id; set another one with amps set-password
added vendor Acme
added vendor Zoo & Söhne
added category Music
added category Games
added package org.example.other 1.0 all
added package org.example.hello 1.0 all
added package org.example.hello 2.0 all
users: 4 added, 0 there already, 0 refused
vendors: 2 added, 0 there already, 0 refused
categories: 2 added, 0 there already, 0 refused
packages: 3 added, 0 there already, 0 refused
developer signatures: not verified
";

const KNOWN: &str = "\
users: 0 added, 4 there already, 0 refused
vendors: 0 added, 2 there already, 0 refused
categories: 0 added, 2 there already, 0 refused
packages: 0 added, 3 there already, 0 refused
developer signatures: not verified
";

#[test]
fn everything_is_taken_over_and_the_second_time_nothing() {
    let (django, data) = (whole(), tempfile::tempdir().unwrap());
    let data = data.path();
    configure(data, OPEN);
    let before = fs::read(django.database()).unwrap();
    assert_eq!(django.import(data, &[]), (0, ADDED.to_owned(), String::new()));
    let (releases, generation) = (catalog(data).releases().unwrap(), catalog(data).generation().unwrap());
    let versions: Vec<_> = releases.iter().map(|release| release.facts.version.as_str()).collect();
    assert_eq!(versions, ["1.0", "2.0", "1.0"]);
    for _ in 0..2 {
        assert_eq!(django.import(data, &[]), (0, KNOWN.to_owned(), String::new()));
        assert_eq!(catalog(data).releases().unwrap(), releases);
        assert_eq!(catalog(data).generation().unwrap(), generation);
    }
    assert_eq!(fs::read(django.database()).unwrap(), before);

    let users: Vec<_> = catalog(data)
        .users()
        .unwrap()
        .into_iter()
        .map(|user| (user.name.to_string(), user.is_staff, user.is_active, user.created_at.0))
        .collect();
    let joined = 1_557_216_550;
    let user = |name: &str, is_staff, is_active| (name.to_owned(), is_staff, is_active, joined);
    assert_eq!(
        users,
        [
            user("ada", true, true),
            user("bob", false, true),
            user("eve", true, false),
            user("joe", false, true)
        ]
    );
    let vendors = catalog(data).vendors().unwrap();
    assert_eq!((vendors[1].user.as_str(), vendors[1].certificate.is_some()), ("joe", true));
    assert_eq!((vendors[0].user.as_str(), vendors[0].certificate.is_some()), ("ada", false));
    let categories: Vec<_> = catalog(data)
        .categories()
        .unwrap()
        .into_iter()
        .map(|category| (category.name.to_string(), category.position, category.has_icon))
        .collect();
    assert_eq!(categories, [("Music".to_owned(), 1, false), ("Games".to_owned(), 2, true)]);
}

#[test]
fn a_server_has_what_was_imported_and_passwords_are_hashed_anew() {
    let (django, data) = (whole(), tempfile::tempdir().unwrap());
    let data = data.path();
    configure(data, OPEN);
    assert_eq!(django.import(data, &[]).0, 0);
    let hash_of = |name: &str| {
        let (_, hash) = catalog(data).credentials(&name.parse().unwrap()).unwrap().unwrap();
        hash.reveal().to_owned()
    };
    assert_eq!(hash_of("ada"), hash(PASSWORD));

    let server = Server::with(&mut serve(data));
    let jar = data.join("cookies");
    let jar = ["--cookie", jar.to_str().unwrap(), "--cookie-jar", jar.to_str().unwrap()];
    let login = |name: &str, password: &str| {
        let form = format!("username={name}&password={password}");
        curl(&server, &[&jar[..], &["--data", &form]].concat(), "/login")
    };
    assert_eq!(login("ada", "wrong"), r#"{"status":"authentication-failed"}"#);
    assert_eq!(login("eve", PASSWORD), r#"{"status":"account-disabled"}"#);
    assert_eq!(login("bob", "anything"), r#"{"status":"authentication-failed"}"#);
    assert_eq!(login("joe", "sesame opens"), r#"{"status":"ok"}"#);
    assert_eq!(login("ada", PASSWORD), r#"{"status":"ok"}"#);
    assert_eq!(login("ada", PASSWORD), r#"{"status":"ok"}"#);
    assert!(hash_of("ada").starts_with("$argon2id$"), "{}", hash_of("ada").len());
    assert!(hash_of("eve").starts_with("pbkdf2_sha256$"));

    let apps: Value = serde_json::from_str(&curl(&server, &jar, "/app/list")).unwrap();
    let of = |place: usize, field: &str| apps[place][field].as_str().unwrap().to_owned();
    assert_eq!(apps.as_array().unwrap().len(), 2);
    let fields = ["id", "version", "vendor", "category", "briefDescription"];
    assert_eq!(fields.map(|field| of(0, field)), ["org.example.hello", "2.0", "Acme", "Games", "brief 1"]);
    assert_eq!(
        fields.map(|field| of(1, field)),
        ["org.example.other", "1.0", "Zoo & Söhne", "Music", "brief 3"]
    );
    assert_eq!(curl(&server, &jar, "/app/description?id=org.example.hello"), "<b>long 1</b>");
    let categories: Value = serde_json::from_str(&curl(&server, &jar, "/category/list")).unwrap();
    let names: Vec<_> =
        categories.as_array().unwrap().iter().map(|category| category["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["All", "Music", "Games"]);

    // A server has the directory now.
    let (code, stdout, stderr) = django.import(data, &[]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains(&format!("is in use by the server with process id {}", server.pid())),
        "{stderr}"
    );
    assert!(stderr.contains("hint: stop the server"), "{stderr}");
    let purchase = curl(&server, &jar, "/app/purchase?id=org.example.hello&device_id=car");
    let (_, path) = purchase.split_once("/app/download/").unwrap();
    let path = format!("/app/download/{}", path.split('"').next().unwrap());
    let file = data.join("downloaded");
    curl(&server, &["--fail", "--output", file.to_str().unwrap()], &path);
    assert_eq!(fs::read(file).unwrap(), hello("2.0").build());
}

/// Tables of an earlier kind: tags as text, no certificates, no icons, no ranks, other ways to write names.
const EARLIER: &str = "
CREATE TABLE auth_user (id integer NOT NULL PRIMARY KEY, username varchar(30), password varchar(128), is_active bool, is_staff bool);
CREATE TABLE store_vendor (id integer NOT NULL PRIMARY KEY, user_id integer NOT NULL UNIQUE, name varchar(200) NOT NULL);
CREATE TABLE store_category (id integer NOT NULL PRIMARY KEY, name varchar(200) NOT NULL);
CREATE TABLE store_app (id INTEGER PRIMARY KEY, file varchar(100), name text, tags text, brief_description text,
    date_modified datetime, is_latest bool, vendor_id integer, category_id integer);
CREATE TABLE store_rating (id integer);
INSERT INTO auth_user VALUES (7, 'ada', '!', 1, 1);
INSERT INTO store_vendor VALUES (3, 7, 'Acme');
INSERT INTO store_category VALUES (2, 'Zebra'), (5, 'Ape');
INSERT INTO store_app VALUES (1, 'hello', 'Hello', 'qt:5.12', 'brief', NULL, 1, 3, 5);
";

#[test]
fn another_generation_of_the_tables_is_understood() {
    let (django, data) = (Django::with_tables(EARLIER), tempfile::tempdir().unwrap());
    let tagged = hello("1.0").header_line("extra: { tags: [ 'qt:5.12' ] }");
    fs::write(django.media().join("hello"), tagged.build()).unwrap();
    let expected = "\
added user ada
added vendor Acme
added category Zebra
added category Ape
added package org.example.hello 1.0 all qt:5.12
note: nothing was taken over of the table store_rating, which is not known
note: amps-config.yaml has no `deploymentServer`: until it has, there is a package server only
users: 1 added, 0 there already, 0 refused
vendors: 1 added, 0 there already, 0 refused
categories: 2 added, 0 there already, 0 refused
packages: 1 added, 0 there already, 0 refused
developer signatures: not verified
";
    assert_eq!(django.import(data.path(), &[]), (0, expected.to_owned(), String::new()));
}

#[test]
fn what_the_other_server_gets_later_is_added_and_what_came_here_later_stays() {
    let (django, data) = (whole(), tempfile::tempdir().unwrap());
    let data = data.path();
    configure(data, OPEN);
    assert_eq!(django.import(data, &[]).0, 0);
    // Version 1.5 came between the others, but was not there the first time; 2.0 must stay the one that was uploaded last.
    let between = django.package("between", &hello("1.5"));
    django.app(4, "org.example.hello", &between, "2020-02-29 12:00:00.450");
    let (code, stdout, _) = django.import(data, &[]);
    assert_eq!(code, 0);
    assert!(stdout.starts_with("added package org.example.hello 1.5 all\nusers: 0 added"), "{stdout}");
    let versions = || -> Vec<String> {
        catalog(data).releases().unwrap().iter().map(|release| release.facts.version.clone()).collect()
    };
    assert_eq!(versions(), ["1.0", "1.5", "2.0", "1.0"]);
    let list = |server: &Server| curl(server, &[], "/app/description?id=org.example.hello");
    assert_eq!(list(&Server::with(&mut serve(data))), "<b>long 1</b>");

    // The other server gets another package of the same version: if that is newer than ours, it takes its place.
    let changed = hello("2.0").file("more", "more");
    django.package("org.example.hello_All", &changed);
    let (code, stdout, _) = django.import(data, &[]);
    assert_eq!(code, 0);
    let stays = "note on package org.example.hello (1 of store_app): another package of org.example.hello 2.0 all was \
        uploaded here later: it stays\n";
    assert!(stdout.starts_with(stays), "{stdout}");
    django.sql("UPDATE store_app SET dateModified = '2999-01-01 00:00:00' WHERE id = 1;");
    let (_, stdout, _) = django.import(data, &[]);
    assert!(stdout.starts_with("added package org.example.hello 2.0 all\n"), "{stdout}");
    assert_eq!(versions(), ["1.0", "1.5", "2.0", "1.0"]);
}

#[test]
fn every_package_gets_the_verdict_of_an_upload() {
    let (django, data) = (Django::with_accounts(), tempfile::tempdir().unwrap());
    configure(data.path(), OPEN);
    let expected: Value =
        serde_json::from_slice(&fs::read(fixture("packages/expected.json")).unwrap()).unwrap();
    let mut rows = String::new();
    for (id, name) in (1..).zip(expected.as_object().unwrap().keys()) {
        fs::copy(fixture("packages").join(name), django.media().join(format!("packages/{id}"))).unwrap();
        rows.push_str(&app_row(id, "", &format!("packages/{id}"), "2999-01-01 00:00:00"));
    }
    django.sql(&rows);
    let (code, stdout, stderr) = django.import(data.path(), &[]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    let mut accepted = 0;
    for (id, (name, expected)) in (1..).zip(expected.as_object().unwrap()) {
        let verdict = expected.get("deployment_server").unwrap_or(&expected["package_server"]);
        let line = format!("refused package packages/{id} ({id} of store_app): ");
        let is_refused = stdout.lines().any(|found| found.starts_with(&line));
        assert_eq!(is_refused, verdict != "accept", "{name}: {stdout}");
        accepted += usize::from(!is_refused);
    }
    assert!(accepted > 30, "{accepted}");
    let count = |line: &str| stdout.lines().filter(|found| found.starts_with(line)).count();
    let (added, refused) = (count("added package"), count("refused package"));
    let summary =
        |added, known| format!("packages: {added} added, {known} there already, {refused} refused\n");
    // Some may be byte for byte the same.
    assert!(stdout.contains(&summary(added, accepted - added)), "{stdout}");

    // Some have taken the places of others, and that stays so, although all are of a time that is still to come.
    let state = || (catalog(data.path()).releases().unwrap(), catalog(data.path()).generation().unwrap());
    let before = state();
    assert!(before.0.len() < added, "{}", before.0.len());
    let (code, stdout, _) = django.import(data.path(), &[]);
    assert_eq!(code, 1);
    assert!(stdout.contains(&summary(0, accepted)), "{stdout}");
    assert!(state() == before);
}
