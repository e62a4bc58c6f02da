//! The audit trail: what is entered with which change, and that nothing in it can be changed unnoticed.

use std::{path::Path, thread};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Catalog as _, CatalogError, Timestamp,
    accounts::{
        AccessTokens as _, AccountError, ApiToken, Categories as _, CategoryChange, Edit, NewAccessToken,
        NewCategory, NewUser, NewVendor, PackageScope, PasswordHash, Quotas, Role, StoreEntries as _,
        StoreEntry, UserChange, UserName, Users as _, VendorChange, Vendors as _,
    },
    audit::{
        Action, Actor, AuditEntry, AuditFilter, AuditLog as _, AuditResult, AuditRetention, Break, Cause,
        Channel, LEAST_AUDIT_ENTRIES, NewAuditEntry, Position,
    },
};
use rusqlite::Connection;

use crate::drafts::draft;

fn root() -> Cause {
    Cause::new(Actor::System { uid: 0, name: Some("root".into()) }, Channel::Command)
}

fn entry(at: i64, action: Action, object: &str) -> NewAuditEntry {
    NewAuditEntry::new(Timestamp(at), action, &root(), AuditResult::Done).of(object)
}

fn all(catalog: &SqliteCatalog) -> Vec<AuditEntry> {
    let (mut entries, mut position) = (Vec::new(), Some(Position::After(0)));
    while let Some(from) = position {
        let page = catalog.audit_page(from, &AuditFilter::default(), 1000).unwrap();
        entries.extend(page.entries);
        position = page.next;
    }
    entries
}

/// An entry on one line: action, result, what it is about, details.
fn line(entry: &AuditEntry) -> String {
    let record = &entry.record;
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    format!(
        "{} {} {} {} {} {}",
        record.action,
        record.result,
        text(&record.code),
        text(&record.package),
        text(&record.object),
        record.details
    )
}

fn is_whole(catalog: &SqliteCatalog) -> Result<u64, Break> {
    catalog.verify_audit(&mut |_| {}).unwrap().map(|verification| verification.entries)
}

/// A trail of five entries in a file, with every column filled in one of them.
fn five(path: &Path) -> SqliteCatalog {
    let catalog = SqliteCatalog::open(path).unwrap();
    let mut cause = root();
    cause.address = Some("192.0.2.1".parse().unwrap());
    cause.request = Some("r-1".parse().unwrap());
    let marks = catalog.device_marks().unwrap();
    let device = amps_core::HardwareId::new("car".into()).unwrap();
    let refused = AuditResult::Refused { code: "signature" };
    let full = NewAuditEntry::new(Timestamp(3), Action::PackageUpload, &cause, refused)
        .of_package(&"org.example.a".parse().unwrap())
        .of("a file")
        .for_device(Some(marks.mark(&device)))
        .with("version", "1")
        .times(3);
    let plain = |at| entry(at, Action::Login, "ada");
    catalog.append(&[plain(1), plain(2)]).unwrap();
    catalog.append(&[full, plain(4), plain(5)]).unwrap();
    catalog
}

/// Somebody with a database tool and time: the triggers are no hindrance to them.
fn tamper(path: &Path, sql: &str) {
    let connection = Connection::open(path).unwrap();
    for trigger in [
        "audit_entries_follow_each_other",
        "audit_entries_stay_as_they_are",
        "audit_entries_stay",
        "audit_state_goes_on",
        "audit_state_stays",
    ] {
        connection.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    connection.pragma_update(None, "ignore_check_constraints", true).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn everything_that_an_administrator_changes_is_entered_with_the_change() {
    let catalog = SqliteCatalog::in_memory().unwrap().acting(root(), Timestamp(9));
    let ada: UserName = "ada".parse().unwrap();
    let user =
        NewUser { name: ada.clone(), password: PasswordHash::of_none(), is_active: true, is_staff: true };
    catalog.create_user(&user, Timestamp(9)).unwrap();
    catalog.create_user(&user, Timestamp(9)).unwrap_err();
    catalog.set_password(&ada, &PasswordHash::of_none()).unwrap();
    catalog.change_user(&ada, &UserChange { is_active: Some(false), is_staff: None }).unwrap();
    let vendor = NewVendor { name: "Acme".parse().unwrap(), user: ada.clone(), certificate: None };
    let vendor_id = catalog.create_vendor(&vendor).unwrap();
    let change = VendorChange { name: Some("Acme & Co".parse().unwrap()), ..VendorChange::default() };
    catalog.change_vendor(&vendor.name, &change).unwrap();
    catalog.remove_user(&ada).unwrap_err();
    let category = NewCategory { name: "Games".parse().unwrap(), position: None, icon: None };
    let category_id = catalog.create_category(&category).unwrap();
    let change = CategoryChange { position: Some(7), icon: Edit::Remove, ..CategoryChange::default() };
    catalog.change_category(&category.name, &change).unwrap();
    let release = catalog.publish(&draft("a", "all", 1), &[]).unwrap().sequence;
    let said = StoreEntry {
        category: category_id,
        vendor: vendor_id,
        brief_description: "b".into(),
        description: "d".into(),
    };
    catalog.set_store_entry(release, &said).unwrap();
    catalog.remove(&[release]).unwrap();
    catalog.remove_category(&category.name).unwrap();
    catalog.remove_vendor(&"Acme & Co".parse().unwrap()).unwrap();
    catalog.remove_user(&ada).unwrap();
    let token = ApiToken::generate().unwrap();
    let new = NewAccessToken {
        name: "ci".parse().unwrap(),
        roles: Role::Upload.into(),
        scope: PackageScope::new(vec!["org.*".parse().unwrap()]).unwrap(),
        quotas: Quotas::default(),
        expires_at: Some(Timestamp(100)),
    };
    catalog.create_access_token(&token.hash(), &new, Timestamp(9)).unwrap();
    catalog.revoke_access_token(&new.name, Timestamp(9)).unwrap();
    let entries = all(&catalog);
    let lines: Vec<String> = entries.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            r#"user.create ok - - ada {"active":"yes","staff":"yes"}"#,
            r#"user.create refused exists - ada {"active":"yes","staff":"yes"}"#,
            "user.password ok - - ada {}",
            r#"user.change ok - - ada {"active":"no"}"#,
            r#"vendor.create ok - - Acme {"user":"ada"}"#,
            r#"vendor.change ok - - Acme {"name":"Acme & Co"}"#,
            "user.remove refused in-use - ada {}",
            "category.create ok - - Games {}",
            r#"category.change ok - - Games {"icon":"removed","position":"7"}"#,
            r#"package.describe ok - - - {"release":"1"}"#,
            "category.remove ok - - Games {}",
            "vendor.remove ok - - Acme & Co {}",
            "user.remove ok - - ada {}",
            r#"token.create ok - - ci {"expires":"1970-01-01T00:01:40Z","packages":"org.*","roles":"upload"}"#,
            "token.revoke ok - - ci {}",
        ]
    );
    let secrets = [token.reveal(), PasswordHash::of_none().reveal().to_owned()];
    for entry in &entries {
        assert_eq!((entry.record.at, entry.record.actor.as_deref()), (9, Some("root (0)")));
        let text = format!("{entry:?}");
        assert!(secrets.iter().all(|secret| secret.is_empty() || !text.contains(secret.as_str())), "{text}");
    }
    assert_eq!(is_whole(&catalog), Ok(15));
}

#[test]
fn a_release_and_its_entry_come_and_go_together_or_not_at_all() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let entry = |action| [entry(1, action, "x")];
    let first = draft("a", "all", 1);
    let sequence = catalog.publish_audited(&first, &[], &entry(Action::PackageUpload)).unwrap().sequence;
    let mut orphan = draft("b", "all", 2);
    orphan.entry = Some(StoreEntry {
        category: amps_core::accounts::CategoryId(7),
        vendor: amps_core::accounts::VendorId(7),
        brief_description: String::new(),
        description: String::new(),
    });
    let refused = catalog.publish_audited(&orphan, &[], &entry(Action::PackageUpload));
    assert!(matches!(refused, Err(CatalogError::Gone { .. })), "{refused:?}");
    catalog.remove_audited(&[sequence], &entry(Action::PackageRemove)).unwrap();
    // What is gone already is not removed again.
    catalog.remove_audited(&[sequence], &entry(Action::PackageRemove)).unwrap();
    let actions: Vec<_> = all(&catalog).into_iter().map(|entry| entry.record.action).collect();
    assert_eq!(actions, ["package.upload", "package.remove"]);
}

#[test]
fn whoever_changes_anything_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        "at = at + 1",
        "action = 'logout'",
        "actor_kind = 'user'",
        "actor = 'eve'",
        "actor = NULL",
        "channel = 'api'",
        "address = '192.0.2.2'",
        "request = 'r-2'",
        "result = 'ok'",
        "code = NULL",
        "package = 'org.example.b'",
        "object = 'another file'",
        "device = NULL",
        "count = 2",
        "details = '{}'",
        "hash = zeroblob(32)",
    ];
    let changes = columns.map(|change| {
        (format!("UPDATE audit_entries SET {change} WHERE sequence = 3"), "entry 3 was changed")
    });
    let entry = |sequence: i64| {
        format!(
            "INSERT INTO audit_entries SELECT {sequence}, at, action, actor_kind, actor, channel, address, request, \
            result, code, package, object, device, count, details, hash FROM audit_entries WHERE sequence = 5;"
        )
    };
    let rows = [
        ("DELETE FROM audit_entries WHERE sequence = 3".to_owned(), "entry 3 is missing: found 4"),
        ("DELETE FROM audit_entries WHERE sequence = 1".to_owned(), "entry 1 is missing: found 2"),
        ("DELETE FROM audit_entries WHERE sequence = 5".to_owned(), "the trail ends with 4:"),
        ("DELETE FROM audit_entries".to_owned(), "the trail ends with 0:"),
        (entry(6), "entry 6 was changed"),
        (
            "UPDATE audit_entries SET sequence = 9 WHERE sequence = 2; UPDATE audit_entries SET sequence = 2 WHERE sequence = 4; \
                UPDATE audit_entries SET sequence = 4 WHERE sequence = 9"
                .to_owned(),
            "entry 2 was changed",
        ),
        ("UPDATE audit_state SET head_hash = zeroblob(32)".to_owned(), "the trail ends with 5:"),
        ("UPDATE audit_state SET head_sequence = 6".to_owned(), "the trail ends with 5:"),
        // The beginning is cut off, and made to look as if that had been in good order.
        (
            "UPDATE audit_state SET pruned_through = 2, pruned_hash = (SELECT hash FROM audit_entries WHERE sequence = 2); \
                DELETE FROM audit_entries WHERE sequence <= 2"
                .to_owned(),
            "the trail begins after 2:",
        ),
        ("UPDATE audit_entries SET count = -1 WHERE sequence = 3".to_owned(), "the entry after 2 cannot be read"),
        ("UPDATE audit_entries SET action = CAST(x'ff' AS TEXT) WHERE sequence = 3".to_owned(), "the entry after 2 cannot be read"),
    ];
    for (number, (sql, expected)) in changes.into_iter().chain(rows).enumerate() {
        let path = folder.path().join(format!("{number}.db"));
        assert_eq!(is_whole(&five(&path)), Ok(5));
        tamper(&path, &sql);
        let found = is_whole(&SqliteCatalog::look(&path).unwrap()).unwrap_err().to_string();
        assert!(found.starts_with(expected), "{sql}: {found}");
    }
}

#[test]
fn without_taking_the_triggers_away_nothing_can_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    drop(five(&path));
    let connection = Connection::open(&path).unwrap();
    for sql in [
        "UPDATE audit_entries SET actor = 'eve' WHERE sequence = 3",
        "DELETE FROM audit_entries WHERE sequence = 1",
        "DELETE FROM audit_entries",
        "INSERT INTO audit_entries SELECT 7, at, action, actor_kind, actor, channel, address, request, result, code, package, \
            object, device, count, details, hash FROM audit_entries WHERE sequence = 5",
        "UPDATE audit_state SET pruned_through = 2",
        "UPDATE audit_state SET head_sequence = 3, head_hash = (SELECT hash FROM audit_entries WHERE sequence = 3)",
        "UPDATE audit_state SET head_hash = zeroblob(32)",
        "UPDATE audit_state SET device_salt = zeroblob(32)",
        "DELETE FROM audit_state",
    ] {
        let error = connection.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("audit trail"), "{sql}: {error}");
    }
    assert_eq!(is_whole(&SqliteCatalog::open(&path).unwrap()), Ok(5));
}

#[test]
fn old_entries_go_and_what_is_left_can_be_verified() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let day = 24 * 60 * 60;
    // One an hour.
    let entries: Vec<_> = (1..=12_000).map(|hour| entry(hour * 3600, Action::Login, "ada")).collect();
    catalog.append(&entries).unwrap();
    let now = Timestamp(12_000 * 3600);
    let prune = |retention: &AuditRetention| {
        let mut removed = Vec::new();
        loop {
            match catalog.prune_audit(retention, now).unwrap() {
                0 => return removed,
                count => removed.push(count),
            }
            catalog.verify_audit(&mut |_| {}).unwrap().unwrap();
        }
    };
    assert_eq!(prune(&AuditRetention::new(500, 100_000).unwrap()), <[u64; 0]>::default());
    // 100 days are 2400 hours, and the entry that is exactly so old stays. Not all at once.
    assert_eq!(prune(&AuditRetention::new(100, 100_000).unwrap()), [5000, 4599]);
    let left = all(&catalog);
    assert_eq!(left[0].record.at, now.0 - 100 * day);
    let last = left.last().unwrap();
    assert_eq!((last.record.action.as_str(), last.record.actor_kind.as_str()), ("audit.prune", "server"));
    assert!(last.record.object.as_ref().unwrap().starts_with("9599:"), "{last:?}");
    assert_eq!(last.record.details, r#"{"days":"100","entries":"100000","removed":"4599"}"#);
    // By number.
    let few = AuditRetention::new(500, 1500).unwrap();
    prune(&few);
    assert!(all(&catalog).len() <= 1501, "{}", all(&catalog).len());
    // However old they are: a clock that is wrong must not cost everything.
    let later = Timestamp(now.0 + 1000 * day);
    while catalog.prune_audit(&few, later).unwrap() > 0 {}
    let left = u64::try_from(all(&catalog).len()).unwrap();
    assert!((LEAST_AUDIT_ENTRIES..=LEAST_AUDIT_ENTRIES + 1).contains(&left), "{left}");
    assert_eq!(is_whole(&catalog), Ok(left));
}

#[test]
fn a_tail_that_was_cut_off_with_the_head_shows_against_an_earlier_one_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let head = five(&path).audit_bounds().unwrap().head;
    tamper(
        &path,
        "UPDATE audit_state SET head_sequence = 3, head_hash = (SELECT hash FROM audit_entries WHERE sequence = 3); \
            DELETE FROM audit_entries WHERE sequence > 3",
    );
    let catalog = SqliteCatalog::look(&path).unwrap();
    let mut seen = Vec::new();
    let whole = catalog.verify_audit(&mut |point| seen.push(*point)).unwrap();
    assert_eq!(whole.unwrap().entries, 3);
    assert_eq!(seen.len(), 4);
    assert!(!seen.contains(&head));
}

#[test]
fn pages_go_both_ways_and_know_filters() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let id = |number: i64| format!("p{}", number % 3).parse().unwrap();
    let entries: Vec<_> =
        (1..=2500).map(|at| entry(at, Action::PackageUpload, "f").of_package(&id(at))).collect();
    catalog.append(&entries).unwrap();
    catalog.append(&[entry(2501, Action::Login, "ada")]).unwrap();
    let numbers = |mut position, filter: &AuditFilter, limit| {
        let mut pages = Vec::new();
        loop {
            let page = catalog.audit_page(position, filter, limit).unwrap();
            pages.push(page.entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>());
            match page.next {
                Some(next) => position = next,
                None => return pages,
            }
        }
    };
    let none = AuditFilter::default();
    // The limit has a limit.
    let pages = numbers(Position::After(0), &none, 1_000_000);
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1000, 1000, 501]);
    let mut newest_first = numbers(Position::Before(u64::MAX), &none, 1000).concat();
    newest_first.reverse();
    assert_eq!(newest_first, pages.concat());
    let some = AuditFilter {
        actor: Some("root (0)".into()),
        action: Some(Action::PackageUpload),
        package: Some("p1".parse().unwrap()),
        since: Some(Timestamp(10)),
        until: Some(Timestamp(19)),
        result: None,
    };
    assert_eq!(numbers(Position::After(0), &some, 2), [vec![10, 13], vec![16]]);
    assert_eq!(numbers(Position::Before(16), &some, 0), [[13], [10]]);
    let nobody = AuditFilter { actor: Some("eve".into()), ..none };
    assert_eq!(numbers(Position::After(0), &nobody, 10), [<[u64; 0]>::default()]);
}

#[test]
fn threads_and_processes_make_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    drop(SqliteCatalog::open(&path).unwrap());
    thread::scope(|scope| {
        for thread in 0..4 {
            let path = &path;
            scope.spawn(move || {
                // As good as another process: it shares nothing but the file.
                let catalog = SqliteCatalog::open(path).unwrap();
                for _ in 0..50 {
                    catalog.append(&[entry(thread, Action::Login, "ada")]).unwrap();
                }
            });
        }
    });
    assert_eq!(is_whole(&SqliteCatalog::look(&path).unwrap()), Ok(200));
}

/// A catalog of version 7, with rows in it.
#[test]
fn a_catalog_without_a_trail_gets_an_empty_one_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let user = NewUser {
        name: "ada".parse().unwrap(),
        password: PasswordHash::of_none(),
        is_active: true,
        is_staff: true,
    };
    catalog.create_user(&user, Timestamp(1)).unwrap();
    catalog.publish(&draft("a", "all", 1), &[]).unwrap();
    let (users, releases) = (catalog.users().unwrap(), catalog.releases().unwrap());
    drop(catalog);
    // Back to version 7: all that the migrations since then have made goes.
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "DROP TABLE audit_entries; DROP TRIGGER audit_state_stays; DROP TABLE audit_state; \
             DROP TABLE downloads; DROP TABLE token_usage; \
             ALTER TABLE access_tokens DROP COLUMN uploads_per_day; \
             ALTER TABLE access_tokens DROP COLUMN bytes_per_day",
        )
        .unwrap();
    connection.pragma_update(None, "user_version", 7).unwrap();
    let schema = |connection: &Connection| {
        let sql = "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name)";
        connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap()
    };
    let of_version_7 = Connection::open_in_memory().unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(migrations).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().take(7) {
        of_version_7.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
    }
    assert_eq!(schema(&connection), schema(&of_version_7));
    drop(connection);
    // Who only looks does not bring it up to date.
    let old = amps_core::chain(&SqliteCatalog::look(&path).unwrap_err());
    assert!(old.contains(&format!("schema version 7: expected {}", files.len())), "{old}");

    let (catalog, aside) = SqliteCatalog::open_or_set_aside(&path).unwrap();
    assert!(aside.is_none());
    assert_eq!((catalog.users().unwrap(), catalog.releases().unwrap()), (users, releases));
    assert_eq!(is_whole(&catalog), Ok(0));
    catalog.append(&[entry(1, Action::Login, "ada")]).unwrap();
    assert_eq!(is_whole(&catalog), Ok(1));
    let salts = [catalog.device_marks(), SqliteCatalog::in_memory().unwrap().device_marks()];
    let device = amps_core::HardwareId::new("car".into()).unwrap();
    let [one, other] = salts.map(|marks| marks.unwrap().mark(&device));
    assert_ne!(one, other);
    assert!(matches!(catalog.remove_user(&"eve".parse().unwrap()), Err(AccountError::Missing { .. })));
}
