//! Man pages and shell completions, made from the arguments that a program takes.

use std::{ffi::OsString, fs, io, path::Path};

use amps_cli::{Failure, Outcome};
use clap::{Command, CommandFactory};
use clap_complete::Shell;

/// What a program is started with to write its man pages and completions. Packagers use it; it stands in no help.
pub const WRITE_MANUAL: &str = "--write-manual";

/// Does what `--write-manual DIR` asks for, if the words after the program's name are that: writes `man/NAME.1` for the program
/// and each of its commands, and completions for bash, zsh and fish, into the folder.
///
/// Nothing otherwise. The same arguments give the same bytes.
pub fn manual<P: CommandFactory>(
    words: impl IntoIterator<Item = OsString>,
) -> Option<Result<Outcome, Failure>> {
    let mut words = words.into_iter();
    if words.next()? != WRITE_MANUAL {
        return None;
    }
    let (Some(folder), None) = (words.next(), words.next()) else {
        let problem = format!("`{WRITE_MANUAL}` needs a folder after it, and nothing else");
        return Some(Err(Failure::message(problem).with_outcome(Outcome::No)));
    };
    Some(write(&P::command(), Path::new(&folder)).map(|()| Outcome::Done).map_err(Failure::from))
}

fn write(command: &Command, folder: &Path) -> io::Result<()> {
    let name = command.get_name().to_owned();
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(command.clone(), &man)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command.clone(), &name, &completions)?;
    }
    Ok(())
}
