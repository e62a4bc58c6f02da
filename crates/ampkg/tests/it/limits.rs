//! Every limit is inclusive: what has exactly as much is read, one more is refused and says of what.

use ampkg::{
    Error, LimitKind, Limits, ManifestError, MetadataError, UnverifiedPackage, read, yaml::YamlError,
};
use amps_testkit::{Gzip, LongName, PackageBuilder, TarEntry};

type Set = fn(&mut Limits, u64);

/// A package that has some of everything, and how much.
fn sample() -> (Vec<u8>, Vec<(LimitKind, u64, Set)>) {
    let builder = PackageBuilder::hello()
        .entry(TarEntry::file("x".repeat(300), "").long_name(LongName::Pax))
        .entry(TarEntry::file("./././y", ""))
        .footer_field("developerSignature", "AQID")
        .gzip(Gzip::new().members(5).padding(700));
    let package = builder.build();
    let files = builder.files();
    let bytes = |name: &str| -> usize {
        let entries = builder.all_entries();
        entries.iter().filter(|entry| entry.name() == name.as_bytes()).map(|entry| entry.data().len()).sum()
    };
    let names: usize = files.iter().map(|entry| entry.name().len()).sum();
    let limits: Vec<(LimitKind, usize, Set)> = vec![
        (LimitKind::PackageBytes, package.len(), |limits, n| limits.package_bytes = n),
        (LimitKind::UnpackedBytes, builder.tar().len(), |limits, n| limits.unpacked_bytes = n),
        (LimitKind::UnpackedRatio, builder.tar().len().div_ceil(package.len()), |limits, n| {
            (limits.unpacked_free_bytes, limits.unpacked_ratio) = (0, n);
        }),
        (LimitKind::GzipMembers, 5, |limits, n| limits.gzip_members = n),
        (LimitKind::Entries, files.len(), |limits, n| limits.entries = n),
        (LimitKind::NameBytes, 300, |limits, n| limits.name_bytes = n),
        (LimitKind::NamesBytes, names, |limits, n| limits.names_bytes = n),
        (LimitKind::ExtensionBytes, "310 path=\n".len() + 300, |limits, n| limits.extension_bytes = n),
        (LimitKind::HeaderBytes, bytes("--PACKAGE-HEADER--"), |limits, n| limits.header_bytes = n),
        (LimitKind::FooterBytes, bytes("--PACKAGE-FOOTER--"), |limits, n| limits.footer_bytes = n),
        (LimitKind::ManifestBytes, bytes("info.yaml"), |limits, n| limits.manifest_bytes = n),
        (LimitKind::IconBytes, bytes("icon.png"), |limits, n| limits.icon_bytes = n),
    ];
    (package, limits.into_iter().map(|(kind, n, set)| (kind, n as u64, set)).collect())
}

#[test]
fn exactly_as_much_is_read() {
    let (package, limits) = sample();
    let mut all = Limits::default();
    for (kind, n, set) in limits {
        let mut one = Limits::default();
        set(&mut one, n);
        set(&mut all, n);
        read(package.as_slice(), &one, &mut ()).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
    }
    read(package.as_slice(), &all, &mut ()).unwrap().verify().unwrap();
}

#[test]
fn one_more_is_refused_by_name() {
    let (package, limits) = sample();
    for (kind, n, set) in limits {
        let mut less = Limits::default();
        set(&mut less, n - 1);
        match read(package.as_slice(), &less, &mut ()) {
            Err(Error::Limit { kind: found, limit }) => assert_eq!((found, limit), (kind, n - 1)),
            other => panic!("{kind:?}: {other:?}"),
        }
    }
}

#[test]
fn a_small_package_may_unpack_to_so_much_whatever_its_ratio() {
    let builder = PackageBuilder::hello().file("zeros", vec![0; 1 << 20]);
    let (package, unpacked_bytes) = (builder.build(), builder.tar().len() as u64);
    for (unpacked_free_bytes, is_read) in [(unpacked_bytes, true), (unpacked_bytes - 1, false)] {
        let limits = Limits { unpacked_free_bytes, unpacked_ratio: 1, ..Limits::default() };
        assert_eq!(read(package.as_slice(), &limits, &mut ()).is_ok(), is_read);
    }
}

#[test]
fn a_hundred_thousand_entries_are_enough() {
    let mut builder = PackageBuilder::hello();
    for at in builder.files().len()..100_001 {
        builder = builder.entry(TarEntry::file(format!("{at}"), ""));
    }
    let package = builder.gzip(Gzip::new().level(1)).build();
    match read(package.as_slice(), &Limits::default(), &mut ()) {
        Err(Error::Limit { kind: LimitKind::Entries, limit }) => assert_eq!(limit, 100_000),
        other => panic!("{other:?}"),
    }
    let limits = Limits { entries: 100_001, ..Limits::default() };
    assert_eq!(read(package.as_slice(), &limits, &mut ()).unwrap().as_unverified().entries.len(), 100_001);
}

fn read_with_yaml(package: &[u8], depth: usize, nodes: usize) -> Result<UnverifiedPackage, Error> {
    let mut limits = Limits::default();
    (limits.yaml.depth, limits.yaml.nodes) = (depth, nodes);
    read(package, &limits, &mut ())
}

/// Format: map, 2 keys, 2 values; fields: map, 2 keys, 2 values; then `extra`, its map, `l`, its list.
const NODES_BESIDE_ITEMS: usize = 5 + 5 + 4;

#[test]
fn nodes_of_a_header_are_limited() {
    let package =
        PackageBuilder::hello().header_line(&format!("extra: {{ l: [{}] }}", "1, ".repeat(500))).build();
    let nodes = NODES_BESIDE_ITEMS + 500;
    read_with_yaml(&package, 64, nodes).unwrap();
    match read_with_yaml(&package, 64, nodes - 1) {
        Err(Error::Header(MetadataError::Yaml(YamlError::TooManyNodes { limit, .. }))) => {
            assert_eq!(limit, nodes - 1);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn depth_of_a_header_is_limited() {
    // The fields and `extra` are two levels.
    let extra = format!("extra: {{ l: {}{} }}", "[".repeat(8), "]".repeat(8));
    let package = PackageBuilder::hello().header_line(&extra).build();
    read_with_yaml(&package, 10, 1000).unwrap();
    match read_with_yaml(&package, 9, 1000) {
        Err(Error::Header(MetadataError::Yaml(YamlError::TooDeep { limit, .. }))) => assert_eq!(limit, 9),
        other => panic!("{other:?}"),
    }
}

#[test]
fn depth_and_nodes_of_a_manifest_are_limited() {
    let manifest = format!(
        "formatVersion: 1\nformatType: am-package\n---\nid: org.example.hello\napplications:\n\
         - {{ id: a, code: main.qml, runtime: qml, runtimeParameters: {{ l: [{}[[[[]]]]] }} }}\n",
        "1, ".repeat(500)
    );
    let package = PackageBuilder::hello().manifest(&manifest).build();
    // Fields, list of applications, application, parameters, and five lists.
    let depth = 9;
    // Format 5; fields and `id` 3; `applications`, its list, one map of 4 keys and 3 texts 10; parameters, `l` 2; lists 5.
    let nodes = 5 + 3 + 10 + 2 + 5 + 500;
    read_with_yaml(&package, depth, nodes).unwrap();
    assert!(matches!(
        read_with_yaml(&package, depth - 1, nodes),
        Err(Error::Manifest(ManifestError::Yaml(YamlError::TooDeep { limit: 8, .. })))
    ));
    match read_with_yaml(&package, depth, nodes - 1) {
        Err(Error::Manifest(ManifestError::Yaml(YamlError::TooManyNodes { limit, .. }))) => {
            assert_eq!(limit, nodes - 1);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn nodes_of_all_footers_count_together() {
    let mut builder = PackageBuilder::hello();
    for at in 0..100 {
        builder = builder.footer_field(&format!("field{at}"), "x");
    }
    // Format 5, digest 3, each further document 3.
    let nodes = 5 + 3 + 100 * 3;
    read_with_yaml(&builder.build(), 64, nodes).unwrap();
    match read_with_yaml(&builder.build(), 64, nodes - 1) {
        Err(Error::Footer(MetadataError::Yaml(YamlError::TooManyNodes { limit, .. }))) => {
            assert_eq!(limit, nodes - 1);
        }
        other => panic!("{other:?}"),
    }
}
