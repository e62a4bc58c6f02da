//! What is written is what is read, whatever it is.

use std::{collections::BTreeMap, fs, num::NonZero, path::Path};

use ampkg::{
    Digest, DigestFit, DigestForm, Entry, EntryKind, EntryPath, FooterField, FormatVersion, Header,
    PackageWriter, ParallelGzip, Tree, VerifiedPackage,
    yaml::{Map, Value},
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::fixtures::verify;

const MANIFEST: &str = "formatVersion: 1\nformatType: am-package\n---\nid: org.example.hello\n\
    applications:\n- { id: a, code: main.qml, runtime: qml }\n";

type Files = BTreeMap<String, Vec<u8>>;

fn any_files() -> impl Strategy<Value = Files> {
    let name =
        "[a-zA-Z0-9 _.äß中-]{1,8}".prop_filter("names something", |name| !name.starts_with(['.', '-']));
    let path = prop::collection::vec(name, 1..4).prop_map(|parts| parts.join("/"));
    let data = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2000),
        (0_usize..600_000).prop_map(|length| b"text and more text\n"
            .iter()
            .copied()
            .cycle()
            .take(length)
            .collect()),
    ];
    prop::collection::btree_map(path, data, 0..12)
}

/// Writes files into a folder; one whose parent is a file already is left out.
fn fill<'a>(folder: &Path, files: impl Iterator<Item = (&'a String, &'a Vec<u8>)>) {
    for (name, data) in files {
        let path = folder.join(name);
        if fs::create_dir_all(path.parent().unwrap()).is_ok() && !path.is_dir() {
            fs::write(path, data).unwrap();
        }
    }
    fs::write(folder.join("info.yaml"), MANIFEST).unwrap();
    fs::write(folder.join("icon.png"), "icon").unwrap();
    fs::write(folder.join("main.qml"), "code").unwrap();
}

fn is_special(name: &str) -> bool {
    ["info.yaml", "icon.png", "main.qml"].iter().any(|special| name.split('/').next() == Some(special))
}

fn written(
    folder: &Path,
    header: impl Fn(&Tree) -> Header,
    form: DigestForm,
    threads: usize,
) -> (Tree, Digest, Vec<u8>) {
    let tree = Tree::scan(folder, None).unwrap();
    let gzip = ParallelGzip::new(Vec::new(), NonZero::new(threads).unwrap()).unwrap();
    let (gzip, digest) = tree.write(gzip, &header(&tree), form).unwrap();
    (tree, digest, gzip.finish().unwrap())
}

fn plain(tree: &Tree) -> Header {
    tree.header(Map::new(), Map::new())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_tree_comes_back_as_it_was(files in any_files()) {
        let files: Files = files.into_iter().filter(|(name, _)| !is_special(name)).collect();
        let folder = TempDir::new().unwrap();
        fill(folder.path(), files.iter());
        let (tree, digest, package) = written(folder.path(), plain, DigestForm::Qt6, 2);
        let package = verify(&package).unwrap();
        prop_assert_eq!(&package.header, &plain(&tree));
        prop_assert_eq!(package.footer.digest, digest);
        prop_assert_eq!(&package.warnings, &[]);
        prop_assert_eq!(&package.manifest, &tree.manifest);
        let entries: Vec<Entry> = tree
            .entries
            .iter()
            .map(|entry| Entry { path: entry.path.clone(), kind: entry.kind, size_bytes: entry.size_bytes, executable: entry.executable })
            .collect();
        prop_assert_eq!(&package.entries, &entries);
    }

    #[test]
    fn the_order_of_a_directory_does_not_show(files in any_files()) {
        let files: Files = files.into_iter().filter(|(name, _)| !is_special(name)).collect();
        // Where one name is the folder of another, the order of creation says which of them there is.
        let folders: Vec<_> = files.keys().filter(|name| files.keys().any(|other| other.starts_with(&format!("{name}/")))).cloned().collect();
        let files: Files = files.into_iter().filter(|(name, _)| !folders.contains(name)).collect();
        let [one, other] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
        fill(one.path(), files.iter());
        fill(other.path(), files.iter().rev());
        let (.., first) = written(one.path(), plain, DigestForm::Qt6, 1);
        let (.., second) = written(other.path(), plain, DigestForm::Qt6, 3);
        let (.., again) = written(one.path(), plain, DigestForm::Qt6, 1);
        prop_assert!(first == second && first == again);
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::Int32),
        (i64::from(i32::MAX) + 1..=i64::MAX).prop_map(Value::Int64),
        ((1_u64 << 63)..=u64::MAX).prop_map(Value::UInt64),
        any::<f64>().prop_map(Value::Double),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            prop::collection::btree_map(any::<String>(), inner, 0..5).prop_map(Value::Map),
        ]
    })
}

/// Whether the two forms of the digest differ: by the order of keys or by a null's flag.
fn forms_differ(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(items) => items.iter().any(forms_differ),
        Value::Map(map) => map.len() > 1 || map.values().any(forms_differ),
        _ => false,
    }
}

fn signed(extra_signed: Option<Map>, form: DigestForm) -> Result<VerifiedPackage, ampkg::Error> {
    let header = Header {
        version: FormatVersion::V2,
        package_id: "org.example.hello".parse().unwrap(),
        disk_space_used_bytes: 1,
        extra: Map::new(),
        extra_signed,
    };
    let mut writer = PackageWriter::new(Vec::new(), &header, form)?;
    let path = EntryPath::new("info.yaml").unwrap();
    writer.file(&path, false, MANIFEST.len() as u64, MANIFEST.as_bytes())?;
    let mut footers = writer.finish_files()?;
    footers.append(&FooterField::DeveloperSignature(vec![1, 2, 3]))?;
    verify(&amps_testkit::Gzip::new().pack(&footers.finish()?))
}

proptest! {
    #[test]
    fn signed_metadata_verifies_in_either_form(map in prop::collection::btree_map(any::<String>(), any_value(), 0..5)) {
        let differ = forms_differ(&Value::Map(map.clone()));
        for (form, fit) in [(DigestForm::Qt6, DigestFit::Qt6), (DigestForm::Qt5, DigestFit::Qt5)] {
            let package = signed(Some(map.clone()), form).unwrap();
            prop_assert_eq!(package.digest_fit(), if differ { fit } else { DigestFit::Both });
            prop_assert_eq!(package.footer.developer_signature.as_deref(), Some(&[1, 2, 3][..]));
        }
    }
}

#[test]
fn no_signed_metadata_is_something_else_than_empty_metadata() {
    let [none, empty] = [None, Some(Map::new())].map(|map| signed(map, DigestForm::Qt6).unwrap());
    assert_ne!(none.footer.digest, empty.footer.digest);
    assert_eq!((&none.header.extra_signed, &empty.header.extra_signed), (&None, &Some(Map::new())));
}

#[test]
fn doubles_without_a_number_verify_too() {
    for number in [f64::NAN, -f64::NAN, f64::INFINITY, f64::MIN, -0.0] {
        signed(Some(Map::from([("d".into(), Value::Double(number))])), DigestForm::Qt6).unwrap();
    }
}

#[test]
fn metadata_that_would_read_back_as_something_else_is_refused() {
    let deep = (0..70).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    for value in [
        Value::Double(f64::NEG_INFINITY),
        Value::Int64(7),
        Value::Int64(-5_000_000_000),
        Value::UInt64(1),
        deep,
    ] {
        let error = signed(Some(Map::from([("k".into(), value.clone())])), DigestForm::Qt6).unwrap_err();
        assert!(matches!(error, ampkg::Error::Header(_)), "{value:?}: {error}");
    }
}

#[test]
fn a_name_is_written_as_it_enters_the_digest() {
    for name in ["./x", "d//x", "d/./x", &format!("d/{}", "y".repeat(98)), &format!("d/{}", "z".repeat(99))] {
        let builder = |sink| {
            let header = Header {
                version: FormatVersion::V1,
                package_id: "org.example.hello".parse().unwrap(),
                disk_space_used_bytes: 1,
                extra: Map::new(),
                extra_signed: None,
            };
            PackageWriter::new(sink, &header, DigestForm::Qt6)
        };
        let path = |name: &str| EntryPath::new(name).unwrap();
        let mut writer = builder(Vec::new()).unwrap();
        writer.file(&path("info.yaml"), false, MANIFEST.len() as u64, MANIFEST.as_bytes()).unwrap();
        writer.directory(&path("d")).unwrap();
        writer.file(&path(name), true, 4, &b"data"[..]).unwrap();
        let package =
            verify(&amps_testkit::Gzip::new().pack(&writer.finish_files().unwrap().finish().unwrap()))
                .unwrap();
        let entry = package.entries.last().unwrap();
        assert_eq!((entry.path.as_written(), entry.kind, entry.executable), (name, EntryKind::File, true));
    }
}

#[test]
fn a_sink_that_fails_is_reported() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let bytes = bytes.len().min(self.0);
            self.0 -= bytes;
            if bytes == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(bytes) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = TempDir::new().unwrap();
    fill(folder.path(), [].into_iter());
    let tree = Tree::scan(folder.path(), None).unwrap();
    for room in [0, 1, 600, 3000, 5000] {
        let error = tree.write(Full(room), &plain(&tree), DigestForm::Qt6).map(|_| ()).unwrap_err();
        assert!(matches!(error, ampkg::TreeError::Package(ampkg::Error::Write(_))), "{room}: {error}");
    }
}
