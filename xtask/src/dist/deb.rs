//! The Debian package, put together from the built programs by `dpkg-deb`.

use crate::dist::files::{self, Tree};
use crate::dist::release::{DEBIAN_ARCHITECTURE, PROGRAMS, Release};
use crate::dist::{manual, notices};
use crate::error::Error;
use crate::root::{output, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whatever lies below `/etc` is configuration: an upgrade leaves alone what the administrator has changed.
const CONFIGURATION: &str = "etc/";

/// Builds the package as this version and returns its file. Files are those of the release, whatever it is called.
pub(super) fn build(release: &Release, programs: &Path, version: &str) -> Result<PathBuf, Error> {
    // A version of this repository, and the first package of it.
    let version = format!("{version}-1");
    let tree = Tree::new(release.work.join("deb"))?;
    install(release, programs, &tree)?;
    let changelog = changelog(release, &version)?;
    tree.write("usr/share/doc/amps/changelog.Debian", changelog.as_bytes(), 0o644)?;
    for file in ["changelog", "changelog.Debian", "THIRD-PARTY-NOTICES"] {
        manual::gzip(&tree.path().join("usr/share/doc/amps").join(file))?;
    }
    describe(release, &tree, &version)?;
    let package = release.dist.join(format!("amps_{version}_{DEBIAN_ARCHITECTURE}.deb"));
    std::fs::create_dir_all(&release.dist).map_err(|error| Error::io(&release.dist, &error))?;
    run(Command::new("dpkg-deb")
        .env("SOURCE_DATE_EPOCH", release.epoch.to_string())
        .args(["--root-owner-group", "-Zxz", "--build"])
        .args([tree.path(), &package]))?;
    Ok(package)
}

/// What the package puts into the system.
fn install(release: &Release, programs: &Path, tree: &Tree) -> Result<(), Error> {
    for program in PROGRAMS {
        tree.copy(&programs.join(program), &format!("usr/bin/{program}"), 0o755)?;
    }
    manual::install(release, programs, tree, "usr/share")?;
    let packaging = |path: &str, to: &str| tree.copy(&release.packaging(path), to, 0o644);
    packaging("systemd/amps.service", "lib/systemd/system/amps.service")?;
    packaging("debian/amps.default", "etc/default/amps")?;
    packaging("debian/lintian-overrides", "usr/share/lintian/overrides/amps")?;
    tree.folder("etc/amps/secrets", 0o700)?;
    for file in ["README.md", "SECURITY.md"] {
        tree.copy(&release.root.join(file), &format!("usr/share/doc/amps/{file}"), 0o644)?;
    }
    tree.copy(&release.root.join("CHANGELOG.md"), "usr/share/doc/amps/changelog", 0o644)?;
    tree.write("usr/share/doc/amps/copyright", copyright(release)?.as_bytes(), 0o644)?;
    tree.write("usr/share/doc/amps/THIRD-PARTY-NOTICES", notices::text(release)?.as_bytes(), 0o644)
}

/// What `dpkg` must know of it.
fn describe(release: &Release, tree: &Tree, version: &str) -> Result<(), Error> {
    let files = tree.files()?;
    let mut size_bytes = 0;
    for file in &files {
        let path = tree.path().join(file);
        size_bytes += std::fs::metadata(&path).map_err(|error| Error::io(&path, &error))?.len();
    }
    let control = files::read(&release.packaging("debian/control"))?
        .replace("@VERSION@", version)
        .replace("@ARCHITECTURE@", DEBIAN_ARCHITECTURE)
        .replace("@INSTALLED_SIZE@", &size_bytes.div_ceil(1024).to_string());
    let sums = output(Command::new("md5sum").current_dir(tree.path()).args(&files))?;
    let mut conffiles = String::new();
    for file in files.iter().filter(|file| file.starts_with(CONFIGURATION)) {
        conffiles.extend(["/", file, "\n"]);
    }
    tree.write("DEBIAN/control", control.as_bytes(), 0o644)?;
    tree.write("DEBIAN/md5sums", sums.as_bytes(), 0o644)?;
    tree.write("DEBIAN/conffiles", conffiles.as_bytes(), 0o644)?;
    for script in ["postinst", "prerm", "postrm"] {
        tree.copy(&release.packaging(&format!("debian/{script}")), &format!("DEBIAN/{script}"), 0o755)?;
    }
    Ok(())
}

/// `debian/copyright` with the text of our own licence in it.
fn copyright(release: &Release) -> Result<String, Error> {
    let template = files::read(&release.packaging("debian/copyright"))?;
    let license = files::read(&release.root.join("LICENSE-MIT"))?;
    Ok(template.replace("@MIT@", &indented(license.trim())))
}

/// A text as the value of a field: each line begins with a blank, an empty one has a dot.
fn indented(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| if line.trim().is_empty() { " .".to_owned() } else { format!(" {}", line.trim_end()) })
        .collect();
    lines.join("\n")
}

fn changelog(release: &Release, version: &str) -> Result<String, Error> {
    let mut date = Command::new("date");
    let date = output(date.env("LC_ALL", "C").args([
        "--utc",
        "--rfc-email",
        "--date",
        &format!("@{}", release.epoch),
    ]))?;
    Ok(format!(
        "amps ({version}) unstable; urgency=medium\n\n  * Version {version}; changelog.gz says what is new.\n\n \
         -- The amps developers <amps@example.org>  {}\n",
        date.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_the_value_of_a_field() {
        assert_eq!(indented("MIT\n\n  Copyright \nend"), " MIT\n .\n   Copyright\n end");
    }
}
