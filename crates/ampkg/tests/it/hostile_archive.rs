//! Archives that are not what they seem, or what one reader sees and another does not.

use ampkg::{ErrorClass, Limits, read};
use amps_testkit::{Archive, Gzip, LongName, PackageBuilder, TarEntry};

use crate::fixtures::verify;

fn hello() -> PackageBuilder {
    PackageBuilder::hello()
}

fn packed(entries: &[TarEntry]) -> Vec<u8> {
    Gzip::new().pack(&Archive::of(entries).end())
}

#[track_caller]
pub(crate) fn check(package: &[u8], class: ErrorClass, message: &str) {
    let error = verify(package).unwrap_err();
    assert_eq!(error.to_string(), message);
    assert_eq!(error.class(), class, "{message}");
}

#[track_caller]
pub(crate) fn check_entry(entry: TarEntry, class: ErrorClass, message: &str) {
    check(&hello().entry(entry).build(), class, message);
}

#[test]
fn only_files_and_directories_are_entries() {
    for (kind, name) in [
        (b'1', "hard link"),
        (b'2', "symbolic link"),
        (b'3', "character device"),
        (b'4', "block device"),
        (b'6', "FIFO"),
        (b'7', "contiguous file"),
        (b'S', "sparse file"),
        (b'K', "GNU long link name"),
        (b'V', "thing of unknown type"),
        (b'A', "thing of unknown type"),
    ] {
        let message = format!("the entry `x` is a {name}: expected a regular file or a directory");
        check_entry(TarEntry::of_type(kind, "x", "").link("main.qml"), ErrorClass::EntryType, &message);
    }
}

#[test]
fn a_file_of_the_oldest_format_is_a_file() {
    verify(&hello().entry(TarEntry::of_type(0, "old", "data")).build()).unwrap();
}

#[test]
fn sparse_files_are_refused_in_every_form() {
    for key in ["GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.name", "GNU.sparse.realsize"] {
        check_entry(
            TarEntry::file("x", "").pax(&[("path", "x"), (key, "1")]),
            ErrorClass::EntryType,
            "the entry `x` is a sparse file: expected a regular file or a directory",
        );
    }
}

#[test]
fn names_that_lead_astray_are_refused() {
    for (name, message) in [
        ("../evil", "the entry `../evil` is refused: the name contains `..`"),
        ("a/../../evil", "the entry `a/../../evil` is refused: the name contains `..`"),
        ("/etc/evil", "the entry `/etc/evil` is refused: the name is absolute: expected a relative one"),
        ("--x", "the entry `--x` is refused: names beginning with `--` are reserved"),
        (
            "./--PACKAGE-HEADER--",
            "the entry `./--PACKAGE-HEADER--` is refused: names beginning with `--` are reserved",
        ),
        ("a\u{308}", "the entry `a\u{308}` is refused: the name is not in Unicode normalisation form C"),
        ("a\u{202e}b", "the entry `a\\u{202e}b` is refused: the name contains '\\u{202e}'"),
        ("no/parent", "the entry `no/parent` is refused: its parent directory does not come before it"),
        ("main.qml/x", "the entry `main.qml/x` is refused: its parent is a file"),
        ("x/", "the entry `x/` is refused: a file's name ends in `/`"),
        (".", "the entry `.` is refused: the name is empty"),
    ] {
        check_entry(TarEntry::file(name, ""), ErrorClass::Path, message);
    }
    check_entry(
        TarEntry::file(b"\xff", ""),
        ErrorClass::Path,
        "the entry `\u{fffd}` is refused: the name is not UTF-8",
    );
}

#[test]
fn a_nul_in_a_name_is_refused() {
    // A C library would see `main.qml` here.
    let message = "the entry `main.qml\\u{0}.txt` is refused: the name contains '\\0'";
    for long_name in [LongName::Pax, LongName::Gnu] {
        check_entry(TarEntry::file("main.qml\0.txt", "").long_name(long_name), ErrorClass::Path, message);
    }
}

#[test]
fn a_name_that_comes_twice_is_refused_in_every_spelling() {
    for name in ["main.qml", "./main.qml", ".//main.qml"] {
        let message = format!("the entry `{name}` is refused: the name comes twice");
        check_entry(TarEntry::file(name, "other code"), ErrorClass::Path, &message);
    }
    let package = hello().directory("d").entry(TarEntry::file("d", "")).build();
    check(&package, ErrorClass::Path, "the entry `d` is refused: the name comes twice");
}

#[test]
fn other_spellings_are_read_and_enter_the_digest() {
    verify(&hello().directory("./d").file("d//f", "x").file("d/./g", "y").build()).unwrap();
}

#[test]
fn names_count_as_they_are_written() {
    // A name of two letters is nothing; but it is kept with its four thousand dots and slashes.
    let mut builder = hello();
    for at in 0..30 {
        builder = builder.entry(TarEntry::file(format!("{}{at}", "./".repeat(2000)), ""));
    }
    let limits = Limits { names_bytes: 100_000, ..Limits::default() };
    let error = read(builder.build().as_slice(), &limits, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "more than 100000 bytes in the names of all entries");
}

#[test]
fn header_files_and_footers_stand_in_their_order() {
    let entries = hello().all_entries();
    let header = &entries[0];
    let footer = entries.last().unwrap();
    let [.., last_file, _] = entries.as_slice() else { panic!() };
    let wrong = |name: &str, expected: &str| {
        format!("the entry `{name}` stands in the wrong place: expected {expected}")
    };
    let footers_only = "nothing but footers after the first footer";
    for (order, message) in [
        (vec![header.clone(), header.clone()], wrong("--PACKAGE-HEADER--", "--PACKAGE-HEADER-- once")),
        (
            [&entries[..], std::slice::from_ref(header)].concat(),
            wrong("--PACKAGE-HEADER--", "--PACKAGE-HEADER-- once"),
        ),
        (entries[1..].to_vec(), wrong("info.yaml", "--PACKAGE-HEADER-- as the first entry")),
        (
            vec![TarEntry::directory("--PACKAGE-HEADER--")],
            wrong("--PACKAGE-HEADER--/", "--PACKAGE-HEADER-- as the first entry"),
        ),
        (vec![header.clone(), footer.clone(), last_file.clone()], wrong("main.qml", footers_only)),
        (vec![header.clone(), footer.clone(), TarEntry::directory("d")], wrong("d/", footers_only)),
        (vec![header.clone()], "the package has no footer".into()),
        (vec![], "the package has no header".into()),
        (
            vec![header.clone(), footer.clone()],
            "the package has no manifest: expected a file info.yaml".into(),
        ),
    ] {
        assert_eq!(verify(&packed(&order)).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_footer_is_a_file() {
    check_entry(
        TarEntry::directory("--PACKAGE-FOOTER--"),
        ErrorClass::Path,
        "the entry `--PACKAGE-FOOTER--/` is refused: names beginning with `--` are reserved",
    );
}

#[test]
fn a_manifest_is_a_file() {
    let mut entries = hello().all_entries();
    entries[1] = TarEntry::directory("info.yaml");
    check(&packed(&entries), ErrorClass::Manifest, "the package has no manifest: expected a file info.yaml");
}

#[test]
fn nothing_follows_the_end_of_the_archive() {
    let entries = hello().all_entries();
    let evil = TarEntry::file("main.qml", "evil").to_bytes();
    let archive = || Archive::of(&entries);
    for tar in [
        archive().raw([0; 512]).raw(&evil).end(),
        archive().raw([0; 1024]).raw(&evil).end(),
        archive().raw([0; 1024]).raw("x").end_with(0),
    ] {
        let error = verify(&Gzip::new().pack(&tar)).unwrap_err();
        assert!(error.to_string().ends_with("(data follows the end of the archive)"), "{error}");
    }
}

#[test]
fn an_archive_may_end_with_any_number_of_zero_blocks() {
    for zero_blocks in [0, 1, 2, 20, 5000] {
        let tar = Archive::of(&hello().all_entries()).end_with(zero_blocks);
        verify(&Gzip::new().pack(&tar)).unwrap();
    }
}
