//! The steps that are one cargo command each: fmt, clippy, test, doc.

use crate::error::Error;
use crate::root::{Root, not_started, run, shown};
use crate::test_counts::TestCounts;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

pub(crate) const FMT_HELP: &str = "\
Is the code formatted? Changes nothing; `cargo fmt --all` formats it.

Usage: cargo xtask fmt
";

pub(crate) const CLIPPY_HELP: &str = "\
Lints of all targets of the workspace (Cargo.toml and clippy.toml say which); warnings are errors.

Usage: cargo xtask clippy
";

pub(crate) const TEST_HELP: &str = "\
Every test of the workspace: `cargo test --workspace`, which runs the examples in the documentation too.
At the end the counts of all test programs are added up; a run without a single test is a failure.

Usage: cargo xtask test
";

pub(crate) const DOC_HELP: &str = "\
Builds the documentation of the workspace; warnings (broken links, bad HTML) are errors.

Usage: cargo xtask doc
";

/// The workspace, then the fuzz targets, which are a package of their own. Names files only: the way to see the
/// difference is to format them.
pub(crate) fn fmt(root: &Root) -> Result<(), Error> {
    for which in [&["--all"][..], &["--manifest-path", "xtask/fuzz/Cargo.toml"]] {
        let mut command = root.cargo();
        command.arg("fmt").args(which);
        let repair = shown(&command);
        run(command.args(["--check", "--", "--files-with-diff"])).map_err(|error| {
            error.with_hint(&format!("the files above are not formatted, `{repair}` does it"))
        })?;
    }
    Ok(())
}

pub(crate) fn clippy(root: &Root) -> Result<(), Error> {
    let features = ["--features", "amps/browser-tests"];
    run(root
        .cargo()
        .args(["clippy", "--workspace", "--all-targets"])
        .args(features)
        .args(["--", "-D", "warnings"]))
}

pub(crate) fn test(root: &Root) -> Result<(), Error> {
    let mut command = root.cargo();
    command.args(["test", "--workspace"]);
    counted(command)
}

/// Runs tests. Passes the runner's lines on as they come and adds up its closing lines.
pub(crate) fn counted(mut command: Command) -> Result<(), Error> {
    command.stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| not_started(&command, &error))?;
    let mut counts = TestCounts::default();
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        // Bytes, not text: a test may print anything, and nothing that it prints may end the run.
        while lines.read_until(b'\n', &mut line).map_err(|error| Error::io("cargo test", &error))? > 0 {
            std::io::stdout().write_all(&line).map_err(|error| Error::io("standard output", &error))?;
            counts.read(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| Error::io("cargo test", &error))?;
    println!("\n{counts}");
    if !status.success() {
        return Err(Error::failed(format!("`{}` ended with {status}", shown(&command))));
    }
    if counts.is_empty() {
        return Err(Error::failed(format!("`{}` ran no test", shown(&command))));
    }
    Ok(())
}

pub(crate) fn doc(root: &Root) -> Result<(), Error> {
    run(root.cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}
