//! `cargo xtask ui` and `cargo xtask screenshots`: the tests of the web interface in a browser, and the pictures in its documentation.

use crate::arguments::Arguments;
use crate::cargo::counted;
use crate::error::Error;
use crate::root::{Root, not_started, run as run_command, shown};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) const HELP: &str = "\
The tests of the web interface in a headless Chromium, two at a time. A test that fails leaves a picture of the page and its text
in target/tmp/ui-failures.

Usage: cargo xtask ui [TEST]

  TEST  part of the names of tests (default: all of them)

Needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver).
";

pub(crate) const SCREENSHOTS_HELP: &str = "\
Makes docs/screenshots: every page in light and dark, on a wide and on a narrow screen, as the tests of accessibility see it.

Usage: cargo xtask screenshots

Needs chromium, chromedriver and pngquant (Debian: apt-get install chromium chromium-driver pngquant).
";

pub(crate) const PAINT_HELP: &str = "\
How soon the first screen of the web interface is there, of an empty store and of one with 100,000 packages, with an empty cache and with
a full one, beside a page of the same bytes that is finished markup. A release build; the machine should have nothing else to do.

Usage: cargo xtask paint [--rounds N]

  --rounds N  loads of each page with each cache (default: 7)

Needs chromium, chromedriver and sqlite3 (Debian: apt-get install chromium chromium-driver sqlite3).
";

/// What the browser tests start, and its Debian package.
const BROWSER: [(&str, &str); 2] = [("chromium", "chromium"), ("chromedriver", "chromium-driver")];

/// A browser takes a core and a few hundred MiB; more at a time than this only wait for each other.
const TESTS_AT_A_TIME: &str = "--test-threads=2";

/// The test that looks at every page, and the variable that tells it where to put pictures.
const EVERY_PAGE: &str = "every_page::";
const PICTURES: &str = "UI_SCREENSHOTS";

/// The test that measures, and the variables that tell it what to start and how often to look.
const PAINT: &str = "paint::";
const PROGRAM: &str = "UI_PROGRAM";
const ROUNDS: &str = "UI_ROUNDS";

pub(crate) fn run(root: &Root, mut arguments: Arguments) -> Result<(), Error> {
    let chosen = arguments.next();
    arguments.end()?;
    require(&BROWSER)?;
    counted(tests(root, chosen.as_deref().unwrap_or_default()))
}

/// The step of CI: without a browser it says so and is done.
pub(crate) fn if_there_is_a_browser(root: &Root) -> Result<(), Error> {
    if let Err(missing) = require(&BROWSER) {
        println!("not run: {missing}");
        return Ok(());
    }
    counted(tests(root, ""))
}

pub(crate) fn screenshots(root: &Root) -> Result<(), Error> {
    require(&BROWSER)?;
    require(&[("pngquant", "pngquant")])?;
    let folder = root.join("docs/screenshots");
    fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, &error))?;
    for picture in pictures(&folder)? {
        fs::remove_file(&picture).map_err(|error| Error::io(&picture, &error))?;
    }
    let mut command = tests(root, EVERY_PAGE);
    counted({
        command.env(PICTURES, &folder);
        command
    })?;
    let made = pictures(&folder)?;
    if made.is_empty() {
        return Err(Error::failed(format!("no picture was made in {}", folder.display())));
    }
    let mut smaller = Command::new("pngquant");
    smaller
        .args(["--force", "--skip-if-larger", "--strip", "--speed=1", "--ext=.png", "128", "--"])
        .args(&made);
    // 98: some would have become larger, and stay.
    let status = smaller.status().map_err(|error| not_started(&smaller, &error))?;
    if !matches!(status.code(), Some(0 | 98)) {
        return Err(Error::failed(format!("`{}` ended with {status}", shown(&smaller))));
    }
    let sizes = made.iter().map(|file| fs::metadata(file).map_or(0, |facts| facts.len()));
    println!("{} pictures, {} kB, in {}", made.len(), sizes.sum::<u64>() / 1000, folder.display());
    Ok(())
}

pub(crate) fn paint(root: &Root, mut arguments: Arguments) -> Result<(), Error> {
    let mut rounds = 7_u32;
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "--rounds" => rounds = arguments.value("--rounds", "a number")?,
            _ => return Err(Error::unable(format!("unexpected argument `{word}`, expected `--rounds N`"))),
        }
    }
    if rounds == 0 {
        return Err(Error::unable("`--rounds` needs a number from 1, found `0`"));
    }
    require(&BROWSER)?;
    require(&[("sqlite3", "sqlite3")])?;
    run_command(root.cargo().args(["build", "--release", "--bin", "amps"]))?;
    let mut command = tests(root, PAINT);
    command.args(["--ignored", "--nocapture"]);
    command.env(PROGRAM, root.join("target/release/amps")).env(ROUNDS, rounds.to_string());
    counted(command)
}

/// The command that runs them. The library that speaks with the browser changes `serde_json`, so what is built for them is built anew.
fn tests(root: &Root, chosen: &str) -> Command {
    let mut command = root.cargo();
    command.args(["test", "--package", "amps", "--features", "browser-tests", "--test", "ui", "--"]);
    command.args([TESTS_AT_A_TIME, chosen]);
    command
}

fn require(programs: &[(&str, &str)]) -> Result<(), Error> {
    let missing: Vec<_> = programs.iter().filter(|(name, _)| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    let hint = format!("Debian: apt-get install {}", packages.join(" "));
    Err(Error::unable(format!("there is no {}", names.join(" and no "))).with_hint(&hint))
}

fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    let status =
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn pictures(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::io(folder, &error))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension() == Some(OsStr::new("png")));
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_missing_and_which_package_has_it() {
        let error =
            require(&[("no-such-browser", "its-package"), ("no-such-driver", "another")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no no-such-browser and no no-such-driver\nhint: Debian: apt-get install its-package another"
        );
    }
}
