//! Builds the fuzz targets with the instrumentation that libFuzzer needs.

use crate::error::Error;
use crate::root::{Root, output, run};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What makes rustc count edges and report comparisons.
///
/// The names are those of LLVM's `SanitizerCoverage` pass: counters for each edge (level 4 also sees calls through
/// pointers), a table that maps them to code, and a call at each comparison, which lets libFuzzer find magic numbers.
const INSTRUMENTATION: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    // Comparisons of a few bytes stay calls, which libFuzzer takes the place of: turned into loads, as they are when
    // optimised, they would hide magic numbers and keywords from it.
    "-Cllvm-args=-max-loads-per-memcmp=0",
    "--cfg=fuzzing",
];

/// Builds all targets, or those that do without the server; the answer is the folder that holds the programs.
pub(super) fn build(root: &Root, with_server: bool) -> Result<PathBuf, Error> {
    require_cpp_compiler()?;
    let host = host(&output(Command::new(rustc()).arg("-vV"))?)?;
    let folder = root.join("target/fuzz");
    let mut command = root.cargo();
    command
        .args(["build", "--release", "--locked", "--bins", "--manifest-path", "xtask/fuzz/Cargo.toml"])
        // Named even though it is this machine's own: only then are build scripts, which run here, left alone.
        .args(["--target", &host])
        .arg("--target-dir")
        .arg(&folder)
        .env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\u{1f}"));
    if !with_server {
        command.arg("--no-default-features");
    }
    run(&mut command)?;
    Ok(folder.join(host).join("release"))
}

fn rustc() -> std::ffi::OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// The `host:` line of `rustc -vV`.
fn host(version: &str) -> Result<String, Error> {
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(ToOwned::to_owned).ok_or_else(|| Error::unable("`rustc -vV` names no host"))
}

/// libFuzzer is C++ and is compiled from source; without a compiler its build script fails at length.
fn require_cpp_compiler() -> Result<(), Error> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let mut command = Command::new(&compiler);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if command.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Error::unable(format!(
        "`{}` does not run: libFuzzer needs a C++ compiler; install one (g++ or clang), or name it in CXX",
        compiler.display()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_host() {
        let version = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(host(version).unwrap(), "x86_64-unknown-linux-gnu");
        assert!(host("rustc 1.95.0\n").is_err());
    }
}
