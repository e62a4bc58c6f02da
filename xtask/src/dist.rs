//! `cargo xtask dist`: what is shipped — static programs, an archive, a Debian package, an SBOM, checksums.

mod boot;
mod build;
mod check;
mod chroot;
mod components;
mod deb;
mod files;
mod manual;
mod notices;
mod previous;
mod release;
mod reproducible;
mod sbom;
mod server;
mod tarball;
mod tools;
mod unit;

use crate::arguments::Arguments;
use crate::dist::release::Release;
use crate::error::Error;
use crate::root::Root;
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Builds what is shipped into target/dist: static programs for x86_64 (musl) in a tar.gz with man pages, completions and
the systemd unit; a Debian package; a CycloneDX SBOM; a Containerfile; SHA256SUMS. The same commit and toolchain give the
same bytes.

Usage: cargo xtask dist [WHAT]

  all           everything (default)
  deb           the programs and the Debian package only
  sbom          the SBOM only, without building
  unit          does the systemd unit pass systemd-analyze, and how exposed is it?
  reproducible  builds again from a copy in another folder: are the bytes the same?
  check         installs the package in a fresh Debian root (debootstrap), serves, upgrades, removes, purges; serves from an
                empty root, too. Needs root and a Debian mirror. With `--previous DEB`, the package of an earlier version,
                also upgrades from that
  boot          boots a Debian root (debootstrap, systemd-nspawn) with the package in it: is the service started with the system,
                restarted by the watchdog, upgraded while it runs, and ended well? Needs root and a Debian mirror

SOURCE_DATE_EPOCH is the time of all files; without it, that of the commit.
Needs the Rust target x86_64-unknown-linux-musl, musl-gcc (Debian: musl-tools), tar, gzip, md5sum, dpkg-deb, git.
";

pub(crate) fn run(root: &Root, mut arguments: Arguments) -> Result<(), Error> {
    let what = arguments.next().unwrap_or_else(|| "all".to_owned());
    let previous = match arguments.next() {
        Some(option) if what == "check" && option == "--previous" => {
            Some(arguments.value::<PathBuf>(&option, "a Debian package")?)
        }
        Some(other) => return Err(Error::unable(format!("unexpected argument `{other}` after `{what}`"))),
        None => None,
    };
    arguments.end()?;
    match what.as_str() {
        "all" => all(&Release::of(root)?),
        "deb" => {
            let release = Release::of(root)?;
            tools::require(&[tools::BUILD, tools::DEB])?;
            let programs = build::programs(&release)?;
            deb::build(&release, &programs, &release.version).map(drop)
        }
        "sbom" => sbom::write(&Release::of(root)?),
        "unit" => unit::check(root),
        "reproducible" => reproducible::check(&Release::of(root)?),
        "check" => check::run(&Release::of(root)?, previous.as_deref()),
        "boot" => boot::run(&Release::of(root)?),
        other => Err(Error::unable(format!(
            "unknown `{other}`, expected one of: all, deb, sbom, unit, reproducible, check, boot"
        ))),
    }
}

fn all(release: &Release) -> Result<(), Error> {
    tools::require(&[tools::BUILD, tools::ARCHIVE, tools::DEB])?;
    files::empty(&release.dist)?;
    let programs = build::programs(release)?;
    tarball::build(release, &programs)?;
    deb::build(release, &programs, &release.version)?;
    sbom::write(release)?;
    files::copy(&release.packaging("Containerfile"), &release.dist.join("Containerfile"), 0o644)?;
    files::write_checksums(&release.dist)?;
    println!("{} is complete", release.dist.display());
    Ok(())
}
