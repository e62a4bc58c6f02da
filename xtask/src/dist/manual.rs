//! Man pages and completions, written by the programs themselves.

use crate::dist::files::{self, Tree};
use crate::dist::release::{PROGRAMS, Release};
use crate::error::Error;
use crate::root::run;
use std::path::Path;
use std::process::Command;

/// Puts them into the tree where a system looks for them below `prefix`; pages compressed, as Debian wants them.
pub(super) fn install(release: &Release, programs: &Path, tree: &Tree, prefix: &str) -> Result<(), Error> {
    let written = release.work.join("manual");
    files::empty(&written)?;
    for program in PROGRAMS {
        run(Command::new(programs.join(program)).arg("--write-manual").arg(&written))?;
    }
    for page in files::list(&written.join("man"))? {
        gzip(&page)?;
    }
    for page in files::list(&written.join("man"))? {
        tree.copy(&page, &format!("{prefix}/man/man1/{}", name(&page)), 0o644)?;
    }
    for completion in files::list(&written.join("completions"))? {
        let file = name(&completion);
        let place = match file.rsplit_once('.') {
            Some((program, "bash")) => format!("bash-completion/completions/{program}"),
            Some((_, "fish")) => format!("fish/vendor_completions.d/{file}"),
            None if file.starts_with('_') => format!("zsh/vendor-completions/{file}"),
            _ => return Err(Error::unable(format!("`{file}` is for no shell that is known"))),
        };
        tree.copy(&completion, &format!("{prefix}/{place}"), 0o644)?;
    }
    Ok(())
}

/// Compresses a file in its place, without its name and time.
pub(super) fn gzip(file: &Path) -> Result<(), Error> {
    run(Command::new("gzip").args(["-9", "-n", "-f"]).arg(file))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
