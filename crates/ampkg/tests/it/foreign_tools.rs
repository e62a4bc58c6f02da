//! tar, gzip and Python take what we write, and we take what they write.

use std::{
    fs,
    io::Write as _,
    num::NonZero,
    path::Path,
    process::{Command, Stdio},
};

use ampkg::{DigestForm, ParallelGzip, Tree, yaml::Map};
use amps_testkit::{PackageBuilder, TarEntry};
use tempfile::TempDir;

use crate::fixtures::verify;

/// Runs a command and gives back what it printed; none if there is no such command.
fn run(command: &mut Command, input: &[u8]) -> Option<Vec<u8>> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        child => child.unwrap(),
    };
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

fn required(command: &mut Command, input: &[u8]) -> Vec<u8> {
    run(command, input).unwrap_or_else(|| panic!("these tests need {}", command.get_program().display()))
}

const LONG: &str = "a-folder-with-a-long-name/and-another-one-in-it-whose-name-is-longer/until-both-do-not-fit-into-a-hundred-bytes.txt";

/// A package of ours with a bit of everything, and the names in it.
fn ours() -> (Vec<u8>, Vec<String>) {
    let folder = TempDir::new().unwrap();
    for entry in PackageBuilder::hello().files() {
        fs::write(folder.path().join(std::str::from_utf8(entry.name()).unwrap()), entry.data()).unwrap();
    }
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::create_dir_all(folder.path().join(LONG).parent().unwrap()).unwrap();
    fs::write(folder.path().join(LONG), "long").unwrap();
    fs::write(folder.path().join("Grüße.txt"), "Grüße").unwrap();
    fs::write(folder.path().join("large"), b"0123456789abcde\n".repeat(100_000)).unwrap();
    let tree = Tree::scan(folder.path(), None).unwrap();
    let gzip = ParallelGzip::new(Vec::new(), NonZero::new(2).unwrap()).unwrap();
    let (gzip, _) = tree.write(gzip, &tree.header(Map::new(), Map::new()), DigestForm::Qt6).unwrap();
    let mut names: Vec<_> =
        verify(&gzip.finish().unwrap()).unwrap().entries.iter().map(|entry| entry.path.to_string()).collect();
    names.insert(0, "--PACKAGE-HEADER--".into());
    names.push("--PACKAGE-FOOTER--".into());
    let gzip = ParallelGzip::new(Vec::new(), NonZero::<usize>::MIN).unwrap();
    let (gzip, _) = tree.write(gzip, &tree.header(Map::new(), Map::new()), DigestForm::Qt6).unwrap();
    (gzip.finish().unwrap(), names)
}

#[test]
fn gzip_and_tar_take_what_we_write() {
    let (package, names) = ours();
    required(Command::new("gzip").arg("-t"), &package);
    let listed = required(Command::new("tar").args(["tzf", "-", "--quoting-style=literal"]), &package);
    let listed: Vec<_> = std::str::from_utf8(&listed)
        .unwrap()
        .lines()
        .map(|line| line.trim_end_matches('/').to_owned())
        .collect();
    assert_eq!(listed, names);
    let long = required(Command::new("tar").args(["xzOf", "-", LONG]), &package);
    assert_eq!(long, b"long");
}

#[test]
fn python_takes_what_we_write() {
    let (package, names) = ours();
    let script = "import gzip, io, sys, tarfile\n\
        data = gzip.decompress(sys.stdin.buffer.read())\n\
        for member in tarfile.open(fileobj=io.BytesIO(data), mode='r:', errorlevel=2):\n\
        \x20   sys.stdout.buffer.write((member.name + '\\n').encode())\n";
    if let Some(listed) = run(Command::new("python3").args(["-c", script]), &package) {
        let listed: Vec<_> = std::str::from_utf8(&listed).unwrap().lines().map(ToOwned::to_owned).collect();
        assert_eq!(listed, names);
    }
}

/// The archive that GNU tar makes of a package's pieces.
fn foreign_tar(folder: &Path, entries: &[TarEntry], format: &str) -> Vec<u8> {
    let mut list = String::new();
    for entry in entries {
        let name = std::str::from_utf8(entry.name()).unwrap();
        list.push_str(name.trim_end_matches('/'));
        list.push('\n');
        let path = folder.join(name);
        if entry.is_directory() {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::write(path, entry.data()).unwrap();
        }
    }
    let format = format!("--format={format}");
    let arguments = ["-c", &format, "--no-recursion", "--verbatim-files-from", "-C"];
    required(Command::new("tar").args(arguments).arg(folder).args(["-T", "-"]), list.as_bytes())
}

fn pieces(long_name: bool) -> Vec<TarEntry> {
    let mut builder = PackageBuilder::hello()
        .directory("d")
        .file("d/Grüße-你好.txt", "x")
        .file("d/empty", "")
        .native(b"\x7fELF");
    if long_name {
        builder = builder.file(&"n".repeat(180), "long");
    }
    builder.all_entries()
}

#[test]
fn we_take_what_tar_and_gzip_write() {
    for (format, long_name) in [("ustar", false), ("pax", true), ("gnu", true), ("v7", false)] {
        let folder = TempDir::new().unwrap();
        let tar = foreign_tar(folder.path(), &pieces(long_name), format);
        for level in ["-1", "-6", "-9"] {
            let package = required(Command::new("gzip").arg(level), &tar);
            verify(&package).unwrap_or_else(|error| panic!("{format} {level}: {error}"));
        }
    }
}

#[test]
fn we_take_several_members() {
    let folder = TempDir::new().unwrap();
    let tar = foreign_tar(folder.path(), &pieces(true), "pax");
    // What `pigz --independent`, `bgzip` or `cat a.gz b.gz` make.
    let members: Vec<u8> =
        tar.chunks(1000).flat_map(|piece| required(&mut Command::new("gzip"), piece)).collect();
    verify(&members).unwrap();
    verify(&[&members[..], &[0; 10_240 - 1]].concat()).unwrap();
    if let Some(package) = run(Command::new("pigz").args(["-b", "128", "-p", "2"]), &tar) {
        verify(&package).unwrap();
    }
}
