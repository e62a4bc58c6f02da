//! The programs: static, stripped, and without a trace of the machine that built them.

use crate::dist::release::{PROGRAMS, Release, TARGET};
use crate::error::Error;
use crate::metadata;
use crate::root::{Root, output, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands in the programs instead of the folders of the machine.
const SOURCE: &str = "/usr/src/amps";
const REGISTRY: &str = "/usr/src/cargo";

/// Builds the programs and returns the folder that they are in.
pub(super) fn programs(release: &Release) -> Result<PathBuf, Error> {
    check_target(release)?;
    let mut command = release.cargo();
    command.args(["build", "--locked", "--release", "--target", TARGET, "--target-dir"]).arg(&release.build);
    for program in PROGRAMS {
        command.args(["--package", program]);
    }
    let folders = [(release.root.clone(), SOURCE), (registry(release)?, REGISTRY)];
    let remapped = |option: &str| -> Vec<String> {
        folders.iter().map(|(from, to)| format!("{option}={}={to}", from.display())).collect()
    };
    let mut flags = vec!["-Ctarget-feature=+crt-static".to_owned()];
    flags.extend(remapped("--remap-path-prefix"));
    command
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .env("CARGO_INCREMENTAL", "0")
        // For SQLite and aws-lc; the C compiler of the machine would take headers of another C library.
        .env("CC_x86_64_unknown_linux_musl", "musl-gcc")
        .env("CFLAGS_x86_64_unknown_linux_musl", remapped("-ffile-prefix-map").join(" "));
    run(&mut command)?;
    let folder = release.build.join(TARGET).join("release");
    for program in PROGRAMS {
        check_program(&folder.join(program), &folders)?;
    }
    Ok(folder)
}

fn check_target(release: &Release) -> Result<(), Error> {
    let mut rustc = Command::new("rustc");
    let sysroot = output(rustc.current_dir(&release.root).args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib").is_dir() {
        return Ok(());
    }
    Err(Error::unable(format!("the toolchain has no standard library for {TARGET}"))
        .with_hint(&format!("rustup target add {TARGET}")))
}

/// The folder where cargo keeps what it has downloaded.
fn registry(release: &Release) -> Result<PathBuf, Error> {
    let packages = metadata::locked(&Root::at(&release.root), "Cargo.toml")?;
    packages
        .iter()
        .find_map(|package| package.manifest.split_once("/registry/src/"))
        .map(|(folder, _)| folder.into())
        .ok_or_else(|| Error::unable("cargo metadata names no folder of downloaded packages"))
}

/// A program that needs a dynamic linker, or names folders of this machine, is not shipped.
fn check_program(program: &Path, folders: &[(PathBuf, &str)]) -> Result<(), Error> {
    let bytes = std::fs::read(program).map_err(|error| Error::io(program, &error))?;
    let is_there = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    if is_there(b"/lib/ld-musl-") || is_there(b"/lib64/ld-linux-") {
        return Err(Error::failed(format!("{} is not static", program.display())));
    }
    for (folder, _) in folders {
        let folder = folder.to_string_lossy();
        if is_there(folder.as_bytes()) {
            return Err(Error::failed(format!("{} contains the path `{folder}`", program.display())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_gives_its_builder_away_is_refused() {
        let folders = [(PathBuf::from("/builds/amps"), SOURCE)];
        let folder = std::env::temp_dir().join(format!("amps-xtask-build-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (bytes, expected) in [
            (&b"\x7fELF /usr/src/amps/src/main.rs"[..], None),
            (b"\x7fELF /builds/amps/src/main.rs", Some("contains the path `/builds/amps`")),
            (b"\x7fELF /lib64/ld-linux-x86-64.so.2", Some("is not static")),
            (b"\x7fELF /lib/ld-musl-x86_64.so.1", Some("is not static")),
        ] {
            let program = folder.join("program");
            std::fs::write(&program, bytes).unwrap();
            let error = check_program(&program, &folders).err().map(|error| error.to_string());
            assert_eq!(error, expected.map(|problem| format!("{} {problem}", program.display())));
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
