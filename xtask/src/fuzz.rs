//! `cargo xtask fuzz`: coverage-guided fuzzing with libFuzzer, on the stable toolchain.
//!
//! `cargo fuzz` wants a nightly toolchain for its `-Z` flags. The coverage that libFuzzer needs comes from an LLVM
//! pass, though, and `-C passes` and `-C llvm-args` are stable; only the address sanitizer is not to be had, which
//! this tree, without unsafe code of its own, misses least.

mod build;
mod log;
mod targets;

use crate::arguments::Arguments;
use crate::error::Error;
use crate::fuzz::targets::Target;
use crate::root::{Root, not_started};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(crate) const HELP: &str = "\
Coverage-guided fuzzing of the parsers with libFuzzer, on the stable toolchain. Needs a C++ compiler.

Usage: cargo xtask fuzz [--seconds N] [TARGET...]

  --seconds N  how long each target runs (default 60)
  TARGET       a file in xtask/fuzz/src/bin, without `.rs` (default: all of them)

A target starts from its seeds in fixtures/ and from xtask/fuzz/corpus/TARGET, where inputs that reach new code
are kept between runs. An input that crashes, hangs for 10 s or takes 1 GiB is written to
xtask/fuzz/artifacts/TARGET, beside the log of the run, and the command fails.

A new target is a file in xtask/fuzz/src/bin and a row in xtask/src/fuzz/targets.rs.
";

const DEFAULT_RUN: Duration = Duration::from_mins(1);

/// An input that takes longer hangs: the slowest seeds take milliseconds. Seconds.
const INPUT_TIMEOUT_SECONDS: u32 = 10;

/// libFuzzer's own corpus takes a few hundred MiB at most; a parser that needs more has no limits. MiB.
const MEMORY_LIMIT_MIB: u32 = 1024;

pub(crate) fn run(root: &Root, mut arguments: Arguments) -> Result<(), Error> {
    let mut time = DEFAULT_RUN;
    let mut chosen = Vec::new();
    while let Some(word) = arguments.next() {
        if word == "--seconds" {
            time = Duration::from_secs(arguments.value(&word, "a number of seconds")?);
        } else if word.starts_with('-') {
            return Err(Error::unable(format!("unknown option `{word}`, expected `--seconds N`")));
        } else {
            chosen.push(targets::named(&word)?);
        }
    }
    if time.is_zero() {
        return Err(Error::unable("`--seconds` needs at least 1, found `0`"));
    }
    if chosen.is_empty() {
        targets::check_against_files(root)?;
        chosen.extend(targets::TARGETS);
    }
    run_targets(root, &chosen, time)
}

/// Runs every target that is built quickly for `time`, and names the others.
pub(crate) fn in_ci(root: &Root, time: Duration) -> Result<(), Error> {
    targets::check_against_files(root)?;
    let (slow, quick): (Vec<&Target>, Vec<&Target>) =
        targets::TARGETS.iter().partition(|target| target.needs_server);
    for target in slow {
        println!("{0}: left to `cargo xtask fuzz {0}`, it takes minutes to build", target.name);
    }
    run_targets(root, &quick, time)
}

fn run_targets(root: &Root, targets: &[&Target], time: Duration) -> Result<(), Error> {
    let programs = build::build(root, targets.iter().any(|target| target.needs_server))?;
    for target in targets {
        run_target(root, target, &programs.join(target.name), time)?;
    }
    Ok(())
}

fn run_target(root: &Root, target: &Target, program: &Path, time: Duration) -> Result<(), Error> {
    let corpus = root.join("xtask/fuzz/corpus").join(target.name);
    let artifacts = root.join("xtask/fuzz/artifacts").join(target.name);
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| Error::io(folder, &error))?;
    }
    let log_path = artifacts.join("log.txt");
    let log = fs::File::create(&log_path).map_err(|error| Error::io(&log_path, &error))?;

    println!("fuzzing {} for {} s, log in {}", target.name, time.as_secs(), log_path.display());
    let mut command = Command::new(program);
    // The first folder is written to, the others are only read from.
    command.arg(&corpus);
    for seeds in target.seeds {
        let folder = root.join(seeds);
        if !folder.is_dir() {
            return Err(Error::unable(format!("`{seeds}`, the seeds of `{}`, is no folder", target.name)));
        }
        command.arg(folder);
    }
    command
        .arg(format!("-max_total_time={}", time.as_secs()))
        .arg(format!("-timeout={INPUT_TIMEOUT_SECONDS}"))
        .arg(format!("-rss_limit_mb={MEMORY_LIMIT_MIB}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .current_dir(root.path())
        .env("RUST_BACKTRACE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    let status = command.status().map_err(|error| not_started(&command, &error))?;
    let text = fs::read(&log_path).map_err(|error| Error::io(&log_path, &error))?;
    let text = String::from_utf8_lossy(&text);
    if !status.success() {
        println!("{}", log::end_of(&text));
        let input = log::crashing_input(&text).map_or_else(
            || "libFuzzer wrote no input, see the log".to_owned(),
            |input| format!("the input lies in {input}\nrun it again with: {} {input}", program.display()),
        );
        return Err(Error::failed(format!("fuzz target `{}` ended with {status}; {input}", target.name)));
    }
    match log::coverage(&text) {
        Some(summary) => {
            println!("{}: {summary}", target.name);
            Ok(())
        }
        None => Err(Error::unable(format!(
            "fuzz target `{}` reports no coverage: it was built without instrumentation, see {}",
            target.name,
            log_path.display()
        ))),
    }
}
