//! Runs the steps of a chapter in a folder of their own, and in a network of their own, so that every port is free.

use std::{
    fmt::Write as _,
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
};

use amps_testkit::{fixture, program, run as run_to_its_end};

use crate::{
    chapter::{Chapter, What},
    expected::differs,
};

/// What stands on a line of its own before what a step prints.
const MARK: &str = "=== step ";

/// Where there is only one network, its ports are for one chapter at a time.
static ONE: Mutex<()> = Mutex::new(());

/// Longer than any chapter takes on a busy machine; only one that hangs takes as long.
const PATIENCE: &str = "300";

/// A new network has a loopback device that is down; not every machine has `ip`.
const LOOPBACK_UP: &str = "import fcntl, os, socket, struct, sys
fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh14x', b'lo', 0x41))
os.execvp(sys.argv[1], sys.argv[1:])";

/// Runs a chapter; the error says which step is not as the chapter says, and what it printed.
pub(crate) fn run(chapter: &Chapter, pki: &Path) -> Result<(), String> {
    let home = tempfile::tempdir().unwrap();
    let [folder, logs, bin] = ["chapter", "logs", "bin"].map(|name| home.path().join(name));
    for folder in [&folder, &logs, &bin] {
        fs::create_dir(folder).unwrap();
    }
    for name in ["amps", "amps-packager"] {
        symlink(built(name), bin.join(name)).unwrap();
    }
    let cargo = bin.join("cargo");
    fs::write(&cargo, include_str!("cargo.sh")).unwrap();
    fs::set_permissions(&cargo, Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = in_a_network_of_its_own();
    command
        .args(["sh", "-c", &script(chapter)])
        .current_dir(&folder)
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("LC_ALL", "C.UTF-8")
        .env("CURL_HOME", &folder)
        .env("FIXTURES", fixture(""))
        .env("PKI", pki)
        .env("LOGS", &logs)
        .env("EXAMPLES", built("examples"));
    for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    let _alone = (!has_networks()).then(|| ONE.lock().unwrap_or_else(PoisonError::into_inner));
    let (code, stdout, stderr) = run_to_its_end(&mut command);
    let printed: Vec<&str> = stdout.split(MARK).skip(1).collect();
    for (index, step) in chapter.steps.iter().enumerate() {
        let place = format!("docs/books/{}:{}", chapter.name, step.line);
        let Some(said) = printed.get(index).and_then(|said| said.split_once('\n')) else {
            return Err(format!("{place}: was not reached: {stdout}{stderr}"));
        };
        if index + 1 == printed.len() && (index + 1 < chapter.steps.len() || code != Some(0)) {
            return Err(format!("{place}: ended with {code:?}: {}{stderr}", said.1));
        }
        if let Some(expected) = step.expected.as_ref().filter(|expected| differs(expected, said.1)) {
            return Err(format!("{place}: expected:\n{expected}found:\n{}", said.1));
        }
    }
    Ok(())
}

/// All steps as one script, so that what one sets is there for the next.
fn script(chapter: &Chapter) -> String {
    let mut script = include_str!("scene.sh").to_owned();
    for (index, step) in chapter.steps.iter().enumerate() {
        // The mark begins a line, whatever was printed before.
        writeln!(script, "printf '\\n{MARK}{index}\\n'").unwrap();
        match &step.what {
            What::Run(text) => writeln!(script, "{text}"),
            What::Background(text) => writeln!(script, "background '{}'", text.trim().replace('\'', "'\\''")),
            What::Write { file, text } => writeln!(script, "cat >{file} <<'=== end'\n{text}=== end"),
        }
        .unwrap();
    }
    script
}

/// A command that runs another one, which takes along everything that it has started when it ends.
fn in_a_network_of_its_own() -> Command {
    let mut command = program("timeout");
    command.args(["--kill-after=5", PATIENCE]);
    if has_networks() {
        command.args(NAMESPACES).args(["python3", "-c", LOOPBACK_UP]);
    }
    command
}

const NAMESPACES: [&str; 6] = ["unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child"];

/// Whether this user may have networks. Where not, the ports of the machine have to do.
fn has_networks() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let words = [&NAMESPACES[1..], &["true"]].concat();
        let status = Command::new("unshare").args(words).stderr(Stdio::null()).status();
        status.expect("the command `unshare` (util-linux)").success()
    })
}

/// Makes the keys of `create-pki`, once for a book: nothing else takes as long.
pub(crate) fn make_keys(folder: &Path) {
    let mut packager = program(built("amps-packager").to_str().unwrap());
    let (code, _, stderr) = run_to_its_end(packager.arg("create-pki").arg(folder));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}

/// A program of another package of this workspace, or the folder of the examples: `cargo test --workspace` builds them all.
fn built(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_amps")).with_file_name(name);
    assert!(path.exists(), "there is no {}: run `cargo build --workspace --examples --bins`", path.display());
    path
}
