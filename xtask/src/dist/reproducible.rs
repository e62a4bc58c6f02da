//! Does a build from a copy in another folder give the same bytes?

use crate::dist::files;
use crate::dist::release::{PROGRAMS, Release};
use crate::dist::{build, tools};
use crate::dist::{deb, sbom, tarball};
use crate::error::Error;
use crate::root::output;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Builds twice, which takes its time, and compares programs, archive, package and SBOM.
pub(super) fn check(release: &Release) -> Result<(), Error> {
    tools::require(&[tools::BUILD, tools::ARCHIVE, tools::DEB])?;
    let elsewhere = release.work.join("elsewhere");
    let second = Release {
        root: elsewhere.join("tree"),
        dist: elsewhere.join("dist"),
        work: elsewhere.join("work"),
        build: elsewhere.join("build"),
        ..release.clone()
    };
    let first = Release { dist: release.work.join("first"), ..release.clone() };
    files::empty(&elsewhere)?;
    copy_tree(&release.root, &second.root)?;
    let mut programs = Vec::new();
    for one in [&first, &second] {
        files::empty(&one.dist)?;
        let built = build::programs(one)?;
        tarball::build(one, &built)?;
        deb::build(one, &built, &one.version)?;
        sbom::write(one)?;
        programs.push(built);
    }
    let mut different = Vec::new();
    let mut compare = |left: &Path, right: &Path| -> Result<(), Error> {
        let (left_sum, right_sum) = (files::sha256(left)?, files::sha256(right)?);
        println!("{left_sum}  {}", left.display());
        if left_sum != right_sum {
            different.push(format!("{} and {}", left.display(), right.display()));
        }
        Ok(())
    };
    if let [left, right] = programs.as_slice() {
        for program in PROGRAMS {
            compare(&left.join(program), &right.join(program))?;
        }
    }
    for path in files::list(&first.dist)? {
        compare(&path, &second.dist.join(path.file_name().unwrap_or_default()))?;
    }
    if different.is_empty() {
        println!("both builds gave the same bytes");
        return Ok(());
    }
    Err(Error::failed(format!("not the same bytes: {}", different.join("; "))))
}

/// The files that git knows, as they are now.
fn copy_tree(from: &Path, to: &Path) -> Result<(), Error> {
    let mut git = Command::new("git");
    let listed =
        output(git.current_dir(from).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    for path in listed.split_terminator('\0') {
        let (source, target) = (from.join(path), to.join(path));
        if !source.is_file() {
            continue;
        }
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(|error| Error::io(folder, &error))?;
        }
        fs::copy(&source, &target).map_err(|error| Error::io(&source, &error))?;
    }
    Ok(())
}
