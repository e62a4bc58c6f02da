//! The commands that docs/operating.md shows, in the order in which it shows them.

use std::{fs, path::Path, process::Command};

use amps_testkit::blocks_in;

use crate::{
    backup::done,
    process::{Server, amps, run},
    scene::package,
};

#[test]
fn every_command_of_the_book_works() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating.md");
    let folder = tempfile::tempdir().unwrap();
    for name in ["backup", "srv"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let server = Server::start(&folder.path().join("srv/amps"));
    let file = package(folder.path(), "a", "1", 10_000);
    assert!(server.has_taken(&file));
    let blocks = blocks_in(&fs::read_to_string(book).unwrap(), "sh");
    let commands: Vec<&str> = blocks.iter().flat_map(|block| block.lines()).collect();
    assert_eq!(commands.len(), 10, "{commands:?}");
    for line in commands {
        // No path of the book has a space in it.
        let words: Vec<String> = match line.split_once(" '") {
            Some((words, quoted)) => {
                words.split(' ').chain([quoted.trim_end_matches('\'')]).map(str::to_owned).collect()
            }
            None => line.split(' ').map(str::to_owned).collect(),
        };
        let at_home = |word: &String| match word.strip_prefix('/') {
            Some(path) => folder.path().join(path).into_os_string().into_string().unwrap(),
            // What an earlier command of the book has made has another number by now.
            None => word.clone(),
        };
        let mut command = if words[0] == "amps" { amps() } else { Command::new(&words[0]) };
        let said =
            run(command
                .args(words[1..].iter().map(at_home).map(|word| word.replace("catalog-1", "catalog-3"))));
        let said = done(said);
        assert!(words[0] == "amps" || said == "ok\n", "{line}: {said}");
    }
    let server = Server::start(&folder.path().join("srv/amps-new"));
    assert_eq!(server.download("a"), fs::read(&file).unwrap());
}
