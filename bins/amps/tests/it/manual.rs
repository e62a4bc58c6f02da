//! Man pages and completions that packages bring.

use std::{fs, path::Path, process::Command};

use crate::{
    process::{amps, run},
    scene::names,
};

fn write(folder: &Path) {
    assert_eq!(run(amps().arg("--write-manual").arg(folder)), (Some(0), String::new(), String::new()));
}

/// The commands in `amps --help`, and those that they have.
fn commands() -> Vec<String> {
    let mut all = commands_of(&[]);
    for command in all.clone() {
        all.extend(commands_of(&[&command]).iter().map(|own| format!("{command}-{own}")));
    }
    all
}

/// The commands of a command.
fn commands_of(command: &[&str]) -> Vec<String> {
    let help = String::from_utf8(amps().args(command).arg("--help").output().unwrap().stdout).unwrap();
    let Some((_, listed)) = help.split_once("Commands:\n") else { return Vec::new() };
    let listed = listed.split("\n\n").next().unwrap();
    // A description goes on further to the right.
    let rows = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    rows.map(|row| row.split_whitespace().next().unwrap().to_owned())
        .filter(|command| command != "help")
        .collect()
}

#[test]
fn each_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let mut expected: Vec<String> =
        commands().iter().map(|command| format!("amps-{command}.1")).chain(["amps.1".to_owned()]).collect();
    expected.sort();
    assert!(expected.len() > 10, "{expected:?}");
    assert_eq!(names(&folder.path().join("man")), expected);
    let page = fs::read_to_string(folder.path().join("man/amps-serve.1")).unwrap();
    assert!(page.contains(r"\-\-data\-directory"), "{page}");
}

#[test]
fn completions_know_the_commands_and_are_valid_for_their_shell() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let completions = folder.path().join("completions");
    assert_eq!(names(&completions), ["_amps", "amps.bash", "amps.fish"]);
    let bash = completions.join("amps.bash");
    let answer = Command::new("bash")
        .arg("-c")
        .arg(r#"source "$1" && COMP_WORDS=(amps ser) COMP_CWORD=1 && _amps amps ser amps && echo "${COMPREPLY[@]}""#)
        .args(["bash".as_ref(), bash.as_os_str()])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(answer.stdout).unwrap(), "serve\n");
}

#[test]
fn the_same_program_writes_the_same_bytes() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(first.path());
    write(second.path());
    for folder in ["man", "completions"] {
        for name in names(&first.path().join(folder)) {
            let read = |root: &Path| fs::read(root.join(folder).join(&name)).unwrap();
            assert!(read(first.path()) == read(second.path()), "{name}");
        }
    }
}

#[test]
fn it_needs_one_folder() {
    for arguments in [&["--write-manual"][..], &["--write-manual", "a", "b"]] {
        let output = amps().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("`--write-manual` needs a folder after it, and nothing else"), "{message}");
    }
}
