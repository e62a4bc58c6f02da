//! The commands for users, vendors, categories and purchases, without a server and beside one.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use amps_catalog::SqliteCatalog;
use amps_core::accounts::{Categories as _, Users as _};

use crate::process::{Server, amps, run};

const PASSWORD: &str = "open sesame";

/// A command, with a data directory behind it.
fn command(data: &Path, words: &[&str]) -> Command {
    let mut command = amps();
    command.args(words).arg("--dd").arg(data);
    command
}

/// Exit code and standard output; nothing on standard error if it is 0.
fn answer(data: &Path, words: &[&str]) -> (i32, String) {
    let (code, stdout, stderr) = run(&mut command(data, words));
    let code = code.unwrap();
    assert_eq!(stderr.is_empty(), code == 0, "{stderr}");
    (code, if code == 0 { stdout } else { stderr })
}

/// The same with something on standard input.
fn answer_to(data: &Path, words: &[&str], input: &[u8]) -> (i32, String) {
    let file = data.join("stdin");
    fs::write(&file, input).unwrap();
    let mut command = command(data, words);
    let (code, stdout, stderr) = run(command.stdin(fs::File::open(&file).unwrap()));
    fs::remove_file(file).unwrap();
    assert!(!format!("{stdout}{stderr}").contains("sesame"), "{stdout}{stderr}");
    let code = code.unwrap();
    (code, if code == 0 { stdout } else { stderr })
}

fn create_user(data: &Path, command: &str, name: &str) -> (i32, String) {
    let words = [command, "--username", name, "--password-stdin"];
    answer_to(data, &words, format!("{PASSWORD}\nwhat comes behind is not looked at\n").as_bytes())
}

fn catalog(data: &Path) -> SqliteCatalog {
    SqliteCatalog::open(&data.join(".amps/catalog.db")).unwrap()
}

fn fits(data: &Path, name: &str, password: &str) -> bool {
    let (_, hash) = catalog(data).credentials(&name.parse().unwrap()).unwrap().unwrap();
    hash.fits(&password.into())
}

fn certificate(name: &str) -> String {
    amps_testkit::fixture("pki").join(name).into_os_string().into_string().unwrap()
}

fn done(text: &str) -> (i32, String) {
    (0, format!("{text}\n"))
}

#[test]
fn users_are_created_listed_and_removed() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    assert_eq!(create_user(data, "create-superuser", "admin"), done("admin is a user who may upload now"));
    assert_eq!(create_user(data, "create-user", "joe"), done("joe is a user now"));
    assert_eq!(answer(data, &["list-users"]), done("admin\tactive\tstaff\njoe\tactive\tuser"));
    assert!(fits(data, "joe", PASSWORD));
    assert!(!fits(data, "joe", "open sesamf"));
    let (code, error) = create_user(data, "create-user", "joe");
    assert_eq!((code, error.as_str()), (1, "ERROR: there is a user with the name `joe` already\n"));
    assert_eq!(answer(data, &["remove-user", "--username", "joe"]), done("joe is removed"));
    let (code, error) = answer(data, &["remove-user", "--username", "joe"]);
    assert_eq!((code, error.as_str()), (1, "ERROR: there is no user with the name `joe`\n"));
    assert_eq!(answer(data, &["list-users"]), done("admin\tactive\tstaff"));
}

#[test]
fn passwords_that_will_not_do_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let words = ["create-user", "--username", "joe", "--password-stdin"];
    let long = "x".repeat(5000);
    for (input, message) in [
        (&b""[..], "the password has 0 characters, expected at least 8"),
        (b"\nopen sesame\n", "the password has 0 characters, expected at least 8"),
        (b"sesame7\r\n", "the password has 7 characters, expected at least 8"),
        (long.as_bytes(), "the password has more than 4096 bytes"),
        (b"open sesame\xff\n", "the password is not UTF-8"),
    ] {
        assert_eq!(answer_to(data.path(), &words, input), (1, format!("ERROR: {message}\n")));
    }
    assert_eq!(answer(data.path(), &["list-users"]), (0, String::new()));
    assert_eq!(answer_to(data.path(), &words, b"open sesame\r\n").0, 0);
    assert!(fits(data.path(), "joe", PASSWORD));
}

#[test]
fn a_password_is_changed() {
    let data = tempfile::tempdir().unwrap();
    create_user(data.path(), "create-user", "joe");
    let set = |name| {
        answer_to(data.path(), &["set-password", "--username", name, "--password-stdin"], b"sesame opens")
    };
    assert_eq!(set("joe"), done("joe has another password now"));
    assert!(fits(data.path(), "joe", "sesame opens") && !fits(data.path(), "joe", PASSWORD));
    assert_eq!(set("ann"), (1, "ERROR: there is no user with the name `ann`\n".into()));
}

#[test]
fn a_password_that_is_asked_for_is_not_shown() {
    let data = tempfile::tempdir().unwrap();
    // Types each line when it is asked for and the terminal has stopped to echo, and prints all that the terminal shows.
    let script = "import os, pty, sys, termios, time\n\
        lines = sys.argv[1].split(',')\n\
        pid, terminal = pty.fork()\n\
        if pid == 0: os.execv(sys.argv[2], sys.argv[2:])\n\
        shown, answered, deadline = b'', 0, time.monotonic() + 30\n\
        while True:\n\
        \x20   try: piece = os.read(terminal, 4096)\n\
        \x20   except OSError: break\n\
        \x20   if not piece: break\n\
        \x20   shown += piece\n\
        \x20   while answered < len(lines) and shown.count(b'Password') > answered and shown.rstrip().endswith(b':'):\n\
        \x20       while termios.tcgetattr(terminal)[3] & termios.ECHO: assert time.monotonic() < deadline\n\
        \x20       os.write(terminal, lines[answered].encode() + b'\\n'); answered += 1\n\
        sys.stdout.buffer.write(shown)\n\
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n";
    let type_in = |lines: &str| {
        let mut command = Command::new("python3");
        command.args(["-c", script, lines, env!("CARGO_BIN_EXE_amps")]);
        command.args(["create-user", "--username", "joe", "--dd"]).arg(data.path());
        let (code, shown, stderr) = run(&mut command);
        assert_eq!(stderr, "");
        assert!(shown.contains("Password: ") && shown.contains("Password (again): "), "{shown}");
        assert!(!shown.contains("sesam"), "{shown}");
        (code, shown)
    };
    let (code, shown) = type_in("open sesame,open sesamf");
    assert_eq!(code, Some(1));
    assert!(shown.contains("ERROR:") && shown.contains("the two passwords are not the same"), "{shown}");
    let (code, shown) = type_in("open sesame,open sesame");
    assert_eq!(code, Some(0), "{shown}");
    assert!(fits(data.path(), "joe", PASSWORD));
}

#[test]
fn vendors_have_a_user_and_a_certificate() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_user(data, "create-user", "joe");
    let certificate_file = certificate("dev1.crt");
    let create = |name, user, file: &str| {
        answer(data, &["create-vendor", "--name", name, "--user", user, "--certificate", file])
    };
    assert_eq!(create("A & B", "joe", &certificate_file), done("A & B is a vendor now"));
    let plain = answer(data, &["create-vendor", "--name", "Zoo", "--user", "joe"]);
    assert_eq!(plain, done("Zoo is a vendor now"));
    let (code, list) = answer(data, &["list-vendors"]);
    assert_eq!(code, 0);
    let lines: Vec<_> = list.lines().collect();
    assert!(
        lines[0].starts_with("A & B\tjoe\temailAddress=dev1@example.org,CN=") && lines[1] == "Zoo\tjoe\t-",
        "{list}"
    );
    let (code, error) = answer(data, &["create-vendor", "--name", "C", "--user", "ann"]);
    assert_eq!((code, error.as_str()), (1, "ERROR: there is no user with the name `ann`\n"));
    let (code, error) = create("C", "joe", &certificate("chain.crt"));
    assert!(code == 2 && error.contains("the file has 2 certificates, expected 1"), "{error}");
    let (code, error) = create("C", "joe", "/nowhere.crt");
    assert!(code == 2 && error.contains("hint: the file is `/nowhere.crt`"), "{error}");
    let (code, error) = answer(data, &["remove-user", "--username", "joe"]);
    assert_eq!(
        (code, error.as_str()),
        (1, "ERROR: the user `joe` cannot be removed: 2 vendors refer to it\n")
    );
    assert_eq!(answer(data, &["remove-vendor", "--name", "Zoo"]), done("Zoo is removed"));
    assert_eq!(answer(data, &["remove-vendor", "--name", "Zoo"]).0, 1);
}

#[test]
fn categories_have_an_order_and_an_icon() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let file = data.join("icon.png");
    fs::copy(amps_testkit::fixture("hello").join("icon.png"), &file).unwrap();
    let icon = file.to_str().unwrap();
    assert_eq!(
        answer(data, &["create-category", "--name", "Games", "--icon", icon]),
        done("Games is a category now")
    );
    assert_eq!(answer(data, &["create-category", "--name", "Music"]).0, 0);
    assert_eq!(answer(data, &["create-category", "--name", "First", "--position", "0"]).0, 0);
    assert_eq!(answer(data, &["list-categories"]), done("1\t0\tGames\ticon\n3\t0\tFirst\t-\n2\t1\tMusic\t-"));
    let id = catalog(data).category(&"Games".parse().unwrap()).unwrap().unwrap().id;
    assert_eq!(catalog(data).category_icon(id).unwrap().unwrap().file(), fs::read(&file).unwrap());
    fs::write(&file, "no icon").unwrap();
    let (code, error) = answer(data, &["create-category", "--name", "X", "--icon", icon]);
    assert!(code == 2 && error.contains("the icon is neither PNG nor JPEG"), "{error}");
    let (code, error) = answer(data, &["create-category", "--name", "two\nlines"]);
    assert!(code != 0 && error.contains("characters on one line"), "{error}");
    assert_eq!(answer(data, &["remove-category", "--name", "Music"]), done("Music is removed"));
    assert_eq!(answer(data, &["remove-category", "--name", "Music"]).0, 1);
}

#[test]
fn what_users_may_is_changed() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_user(data, "create-superuser", "admin");
    create_user(data, "create-user", "joe");
    let set = |name, words: &[&str]| answer(data, &[&["set-user", "--username", name], words].concat());
    assert_eq!(set("joe", &["--staff", "yes"]), done("joe is changed"));
    assert_eq!(set("joe", &["--active", "no"]), done("joe is changed"));
    assert_eq!(answer(data, &["list-users"]), done("admin\tactive\tstaff\njoe\tinactive\tstaff"));
    let nobody = "warning: nobody may upload any more; amps create-superuser adds somebody who may, amps set-user \
        --staff yes lets somebody";
    assert_eq!(set("admin", &["--staff", "no"]), done(&format!("admin is changed\n{nobody}")));
    assert_eq!(set("admin", &["--active", "no"]), done("admin is changed"));
    assert_eq!(set("joe", &["--active", "yes"]), done("joe is changed"));
    let removed = answer(data, &["remove-user", "--username", "joe"]);
    assert_eq!(removed, done(&format!("joe is removed\n{nobody}")));
    assert_eq!(set("ann", &["--staff", "no"]), (1, "ERROR: there is no user with the name `ann`\n".into()));
    for words in [&[][..], &["--active", "maybe"]] {
        let (code, _, stderr) = run(command(data, &["set-user", "--username", "admin"]).args(words));
        assert!(code == Some(1) && stderr.contains("--active"), "{stderr}");
    }
}

#[test]
fn vendors_and_categories_are_changed() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    for name in ["joe", "ann"] {
        create_user(data, "create-user", name);
    }
    answer(data, &["create-vendor", "--name", "One", "--user", "joe"]);
    let change = |words: &[&str]| answer(data, &[&["change-vendor", "--name"], words].concat());
    let certificate = certificate("dev1.crt");
    let words = ["One", "--new-name", "Eins", "--user", "ann", "--certificate", &certificate];
    assert_eq!(change(&words), done("One is changed"));
    let (_, list) = answer(data, &["list-vendors"]);
    assert!(list.starts_with("Eins\tann\temailAddress="), "{list}");
    assert_eq!(change(&["Eins", "--no-certificate"]), done("Eins is changed"));
    assert_eq!(answer(data, &["list-vendors"]), done("Eins\tann\t-"));
    assert_eq!(change(&words), (1, "ERROR: there is no vendor with the name `One`\n".into()));
    assert_eq!(change(&["Eins"]).0, 1);

    answer(data, &["create-category", "--name", "Games"]);
    answer(data, &["create-category", "--name", "Music"]);
    let change = |words: &[&str]| answer(data, &[&["change-category", "--name"], words].concat());
    let icon = amps_testkit::fixture("hello").join("icon.png");
    let words = ["Games", "--new-name", "Play", "--position", "9", "--icon", icon.to_str().unwrap()];
    assert_eq!(change(&words), done("Games is changed"));
    assert_eq!(answer(data, &["list-categories"]), done("2\t1\tMusic\t-\n1\t9\tPlay\ticon"));
    assert_eq!(change(&["Play", "--no-icon"]), done("Play is changed"));
    assert_eq!(answer(data, &["list-categories"]), done("2\t1\tMusic\t-\n1\t9\tPlay\t-"));
    let (code, error) = change(&["Play", "--new-name", "Music"]);
    assert_eq!((code, error.as_str()), (1, "ERROR: there is a category with the name `Music` already\n"));
    assert_eq!(change(&["Play"]).0, 1);
}

#[test]
fn a_directory_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (code, error) = answer(&data, &["create-category", "--name", "Games"]);
    assert!(code == 2 && error.starts_with("ERROR: there is no data directory `"), "{error}");
    assert!(!data.exists());
    fs::create_dir(&data).unwrap();
    for words in [&["list-users"][..], &["expire-downloads"], &["remove-vendor", "--name", "x"]] {
        let (code, error) = answer(&data, words);
        assert!(
            code == 2 && error.starts_with("ERROR: there is no catalog in the data directory `"),
            "{error}"
        );
    }
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_catalog() {
    use std::os::unix::fs::PermissionsExt as _;
    let data = tempfile::tempdir().unwrap();
    create_user(data.path(), "create-user", "joe");
    let mode = fs::metadata(data.path().join(".amps/catalog.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn commands_work_beside_a_server_and_each_other() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::start(data);
    thread::scope(|scope| {
        for number in 0..6 {
            scope.spawn(move || {
                let name = format!("Category {number}");
                let mut create = command(data, &["create-category", "--name", &name]);
                assert!(create.stdout(Stdio::null()).status().unwrap().success());
            });
        }
        let package = crate::process::fixture("qt6/hello.ampkg");
        assert!(server.upload(&package).contains(r#""status":"ok""#));
    });
    assert_eq!(create_user(data, "create-user", "joe").0, 0);
    assert_eq!(answer(data, &["list-categories"]).1.lines().count(), 6);
    assert_eq!(answer(data, &["expire-downloads"]), done("purchases removed: 0\nsessions removed: 0"));
    server.signal("TERM");
    let (code, _, stderr) = server.wait();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}
