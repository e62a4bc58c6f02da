//! Developer commands: `cargo xtask COMMAND`. Arguments in, one command run, message and exit code out.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to a developer is all this program does"
)]

mod arguments;
mod bench;
mod cargo;
mod ci;
mod dist;
mod error;
mod fuzz;
mod licenses;
mod metadata;
mod root;
mod test_counts;
mod tidy;
mod ui;

use crate::arguments::Arguments;
use crate::error::Error;
use crate::root::Root;
use std::process::ExitCode;

const HELP: &str = "\
Developer commands of this repository.

Usage: cargo xtask COMMAND [ARGUMENTS]

  ci         everything below that checks, in this order, stopping at the first failure
  fmt        is the code formatted? (cargo fmt --check)
  clippy     lints of all targets, warnings are errors
  test       every test of the workspace (cargo test --workspace)
  ui         the tests of the web interface, in a headless Chromium
  doc        the documentation builds without warnings
  licenses   licence, origin and duplicates of every dependency
  tidy       the rules of this tree that no other tool checks
  fuzz       coverage-guided fuzzing of the parsers, on the stable toolchain
  bench      comparisons with other tools, as a table of ratios
  day        what a fleet asks of a server in a day, and what that leaves behind
  dist       static programs, archive, Debian package, SBOM and checksums, in target/dist
  screenshots  the pictures in docs/screenshots
  paint      how soon the first screen of the web interface is there
  huge       a package of more than 4 GiB goes through a server that signs

`cargo xtask COMMAND --help` says more about a command.
Exit codes: 0 done, 1 a check failed, 2 could not find out.
";

/// One command: its name, its help text and what it does.
struct Command {
    name: &'static str,
    help: &'static str,
    run: Run,
}

/// Whether a command reads arguments.
enum Run {
    Plain(fn(&Root) -> Result<(), Error>),
    WithArguments(fn(&Root, Arguments) -> Result<(), Error>),
}

const COMMANDS: &[Command] = &[
    Command { name: "ci", help: ci::HELP, run: Run::Plain(ci::run) },
    Command { name: "fmt", help: cargo::FMT_HELP, run: Run::Plain(cargo::fmt) },
    Command { name: "clippy", help: cargo::CLIPPY_HELP, run: Run::Plain(cargo::clippy) },
    Command { name: "test", help: cargo::TEST_HELP, run: Run::Plain(cargo::test) },
    Command { name: "ui", help: ui::HELP, run: Run::WithArguments(ui::run) },
    Command { name: "doc", help: cargo::DOC_HELP, run: Run::Plain(cargo::doc) },
    Command { name: "licenses", help: licenses::HELP, run: Run::Plain(licenses::run) },
    Command { name: "tidy", help: tidy::HELP, run: Run::Plain(tidy::run) },
    Command { name: "fuzz", help: fuzz::HELP, run: Run::WithArguments(fuzz::run) },
    Command { name: "bench", help: bench::HELP, run: Run::WithArguments(bench::run) },
    Command { name: "day", help: bench::DAY_HELP, run: Run::WithArguments(bench::run_day) },
    Command { name: "dist", help: dist::HELP, run: Run::WithArguments(dist::run) },
    Command { name: "screenshots", help: ui::SCREENSHOTS_HELP, run: Run::Plain(ui::screenshots) },
    Command { name: "paint", help: ui::PAINT_HELP, run: Run::WithArguments(ui::paint) },
    Command { name: "huge", help: bench::HUGE_HELP, run: Run::Plain(bench::run_huge) },
];

fn main() -> ExitCode {
    match run(Arguments::from_process()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}

fn run(mut arguments: Arguments) -> Result<(), Error> {
    let Some(name) = arguments.next() else {
        return Err(Error::unable(format!("no command given\n\n{HELP}")));
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{HELP}");
        return Ok(());
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        let names: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
        return Err(Error::unable(format!(
            "unknown command `{name}`, expected one of: {}",
            names.join(", ")
        )));
    };
    if arguments.asks_for_help() {
        print!("{}", command.help);
        return Ok(());
    }
    let root = Root::find()?;
    match command.run {
        Run::Plain(run) => arguments.end().and_then(|()| run(&root)),
        Run::WithArguments(run) => run(&root, arguments),
    }
}
