//! A catalog that a server of version 3 has used, with something in every table and column, is brought up to date with nothing lost.

use std::{collections::HashSet, fs, path::Path};

use amps_catalog::{APPLICATION_ID, SqliteCatalog};
use amps_core::{
    Catalog, LinkState, ReleaseDraft, Sequence, Timestamp,
    accounts::{
        Categories as _, NewCategory, NewUser, NewVendor, PasswordHash, StoreEntries as _, StoreEntry,
        Users as _, Vendors as _,
    },
};
use rusqlite::{Connection, named_params, params};

use crate::drafts::{blob, draft, full, stamp, with_icon};

/// The release with everything in it. What the header states of tags stood in the documents only.
fn everything() -> ReleaseDraft {
    let mut draft = full();
    draft.documents.extra = r#"{"tags":["qt:6","B","qt:5.12.0"],"conflicts":["legacy"]}"#.into();
    draft.documents.extra_signed = Some(r#"{"tags":["qt:5.12","a_:1.0"],"conflicts":["a"]}"#.into());
    draft
}

/// A release with an icon and without documents worth reading.
fn little() -> ReleaseDraft {
    let mut draft = with_icon(draft("org.example.little", "all", 9), 4);
    draft.documents.extra = "{}".into();
    draft
}

/// Makes a file as version 3 did, by the same statements, which no later version has changed.
fn version_3(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
    for name in ["0001_releases", "0002_recipes", "0003_changes"] {
        connection.execute_batch(&fs::read_to_string(folder.join(format!("{name}.sql"))).unwrap()).unwrap();
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 3).unwrap();
    connection
}

/// Enters a release as version 3 did.
fn enter(connection: &Connection, sequence: i64, draft: &ReleaseDraft, link: LinkState) {
    let facts = &draft.facts;
    let (developer, icon) = (facts.developer.as_ref(), facts.icon.as_ref());
    let pairs = |map: &std::collections::BTreeMap<String, String>| serde_json::to_string(map).unwrap();
    let (word, stamp) = match link {
        LinkState::Made(stamp) => ("made", Some(stamp)),
        LinkState::Pending { replaces } => ("pending", replaces),
    };
    let sql = "INSERT INTO releases (sequence, id, version, architecture, deployment_architecture, names, descriptions, \
        categories, format_version, digest, digest_fit, developer_subject, developer_serial, developer_not_before, \
        developer_not_after, developer_fingerprint, has_store_signature, package_blob, package_size_bytes, icon_blob, \
        icon_size_bytes, icon_media_type, uploaded_at, uploaded_by, link, link_device, link_inode, link_size_bytes, \
        link_modified_ns) \
        VALUES (:sequence, :id, :version, :architecture, :deployment, :names, :descriptions, :categories, :format, :digest, \
        :fit, :subject, :serial, :not_before, :not_after, :fingerprint, :store, :package, :package_size, :icon, :icon_size, \
        :icon_type, :at, :by, :link, :device, :inode, :size, :modified)";
    let row = named_params! {
        ":sequence": sequence,
        ":id": facts.id.as_str(),
        ":version": facts.version,
        ":architecture": facts.architecture.as_str(),
        ":deployment": facts.deployment_architecture.as_ref().map(AsRef::<str>::as_ref),
        ":names": pairs(&facts.names),
        ":descriptions": pairs(&facts.descriptions),
        ":categories": serde_json::to_string(&facts.categories).unwrap(),
        ":format": facts.format_version,
        ":digest": facts.digest.0,
        ":fit": if developer.is_some() { "qt5" } else { "both" },
        ":subject": developer.map(|signer| &signer.subject),
        ":serial": developer.map(|signer| &signer.serial),
        ":not_before": developer.map(|signer| signer.not_before.0),
        ":not_after": developer.map(|signer| signer.not_after.0),
        ":fingerprint": developer.map(|signer| signer.fingerprint.0),
        ":store": facts.has_store_signature,
        ":package": facts.package.id.0.0,
        ":package_size": facts.package.size_bytes.cast_signed(),
        ":icon": icon.map(|icon| icon.blob.id.0.0),
        ":icon_size": icon.map(|icon| icon.blob.size_bytes.cast_signed()),
        ":icon_type": icon.map(|icon| &icon.media_type),
        ":at": facts.uploaded_at.0,
        ":by": facts.uploaded_by,
        ":link": word,
        ":device": stamp.map(|stamp| stamp.device.cast_signed()),
        ":inode": stamp.map(|stamp| stamp.inode.cast_signed()),
        ":size": stamp.map(|stamp| stamp.size_bytes.cast_signed()),
        ":modified": stamp.map(|stamp| stamp.modified_ns),
    };
    connection.execute(sql, row).unwrap();
    let documents = &draft.documents;
    let row = params![sequence, documents.manifest, documents.extra, documents.extra_signed];
    connection.execute("INSERT INTO documents VALUES (?1, ?2, ?3, ?4)", row).unwrap();
    if let Some(recipe) = &draft.recipe {
        let row = params![sequence, recipe.keep_bytes.cast_signed(), recipe.glue, recipe.rem];
        connection.execute("INSERT INTO recipes VALUES (?1, ?2, ?3, ?4)", row).unwrap();
    }
    connection.execute("UPDATE store SET generation = generation + 1", []).unwrap();
    connection.execute("INSERT INTO changes SELECT generation, ?1 FROM store", [sequence]).unwrap();
}

#[test]
fn a_catalog_of_version_3_has_lost_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let pending = LinkState::Pending { replaces: Some(stamp(8)) };
    let connection = version_3(&path);
    enter(&connection, 5, &everything(), LinkState::Made(stamp(7)));
    enter(&connection, 7, &little(), pending);
    // The number of a release that is gone is not used again.
    enter(&connection, 11, &draft("gone", "all", 12), LinkState::Pending { replaces: None });
    connection.execute("DELETE FROM releases WHERE sequence = 11", []).unwrap();
    drop(connection);

    let (catalog, aside) = SqliteCatalog::open_or_set_aside(&path).unwrap();
    assert!(aside.is_none());
    let releases = catalog.releases().unwrap();
    let (full, less) = (everything(), little());
    let mut found: Vec<_> = releases.iter().map(|release| (release.sequence, &*release.facts)).collect();
    found.sort_by_key(|(sequence, _)| *sequence);
    // The tags are those that stood in the documents, which is what `drafts::full` says of the release.
    assert_eq!(found, [(Sequence(5), &full.facts), (Sequence(7), &less.facts)]);
    for (sequence, draft) in [(Sequence(5), &full), (Sequence(7), &less)] {
        assert_eq!(catalog.documents(sequence).unwrap().as_ref(), Some(&draft.documents));
        assert_eq!(catalog.recipe(sequence).unwrap(), draft.recipe);
        let latest = catalog.latest(&draft.facts.id, &draft.facts.architecture).unwrap();
        assert_eq!(latest.map(|release| release.sequence), Some(sequence));
    }
    let links = [(Sequence(5), LinkState::Made(stamp(7))), (Sequence(7), pending)];
    assert_eq!(catalog.links().unwrap(), links);
    assert_eq!(catalog.blobs().unwrap(), HashSet::from([blob(3), blob(4), blob(9)]));
    // Whoever has a list of then reads all of it again.
    let generation = catalog.generation().unwrap();
    assert!(generation > 3, "{generation}");
    assert_eq!(catalog.changes_since(3).unwrap(), None);
    assert_eq!(catalog.changes_since(generation).unwrap().map(|changes| changes.added.len()), Some(0));

    drop(catalog);
    let again = SqliteCatalog::open(&path).unwrap();
    assert_eq!(again.releases().unwrap(), releases);
    assert_eq!(again.generation().unwrap(), generation);
}

#[test]
fn a_catalog_of_version_3_can_do_all_that_a_new_one_can() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    enter(&version_3(&path), 5, &everything(), LinkState::Made(stamp(7)));
    let catalog = SqliteCatalog::open(&path).unwrap();
    let (name, now) = ("ada".parse::<amps_core::accounts::UserName>().unwrap(), Timestamp(1));
    let user =
        NewUser { name: name.clone(), password: PasswordHash::of_none(), is_active: true, is_staff: true };
    catalog.create_user(&user, now).unwrap();
    let vendor = NewVendor { name: "Acme".parse().unwrap(), user: name, certificate: None };
    let vendor = catalog.create_vendor(&vendor).unwrap();
    let category = NewCategory { name: "Games".parse().unwrap(), position: None, icon: None };
    let category = catalog.create_category(&category).unwrap();
    let text = |text: &str| text.to_owned();
    let entry = StoreEntry { category, vendor, brief_description: text("b"), description: text("d") };
    catalog.set_store_entry(Sequence(5), &entry).unwrap();
    // The same once more takes its place, with what was said about it; another version stands beside it.
    let same = catalog.publish(&everything(), &[]).unwrap();
    assert_eq!(catalog.store_entry(same.sequence).unwrap(), Some(entry));
    let mut other = everything();
    other.facts.version = "2".into();
    let other = catalog.publish(&other, &[]).unwrap();
    let found: Vec<_> = catalog.releases().unwrap().iter().map(|release| release.sequence).collect();
    assert_eq!(found, [same.sequence, other.sequence]);
    assert_eq!(catalog.documents(Sequence(5)).unwrap(), None);
    assert_eq!(catalog.recipe(Sequence(5)).unwrap(), None);
}
