//! Programs that share no code with amps.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Output, Stdio},
};

/// Runs a program that these tests cannot do without.
pub(crate) fn output(command: &mut Command) -> Output {
    let program = command.get_program().to_owned();
    let output = command.stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| panic!("these tests need the command {}: {error}", program.display()))
}

/// Runs a program that must succeed; gives what it printed.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Vec<u8> {
    let Output { status, stdout, stderr } = output(command);
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    stdout
}

/// One of the functions in `signed_tools.py`.
#[track_caller]
pub(crate) fn python<Arg: AsRef<OsStr>>(function: &str, arguments: impl IntoIterator<Item = Arg>) {
    run(Command::new("python3").args(["-c", include_str!("signed_tools.py"), function]).args(arguments));
}

/// gzip finds it intact; GNU tar and libarchive's bsdtar list the same names.
#[track_caller]
pub(crate) fn foreign_tools_accept(package: &Path) {
    run(Command::new("gzip").arg("-tc").arg(package));
    let list = |program: &str| run(Command::new(program).arg("-tzf").arg(package));
    let names = list("tar");
    assert!(names.starts_with(b"--PACKAGE-HEADER--\n"), "{}", String::from_utf8_lossy(&names));
    assert_eq!(String::from_utf8(list("bsdtar")), String::from_utf8(names), "{}", package.display());
}
