//! Users, vendors and categories: added, listed, referred to, removed.

use std::{str::FromStr as _, thread};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Catalog, CatalogError, Sequence, Timestamp,
    accounts::{
        AccountError, Accounts, CategoryChange, CategoryIcon, CategoryId, CategoryName, Edit, NewCategory,
        NewUser, NewVendor, PasswordHash, StoreEntry, UserChange, VendorCertificate, VendorChange,
    },
};
use rusqlite::Connection;

use crate::drafts::draft;

pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000);

/// A hash that no password fits; a real one takes time.
fn hash(text: &str) -> PasswordHash {
    format!("!{text}").parse().unwrap()
}

pub(crate) fn user(name: &str) -> NewUser {
    NewUser { name: name.parse().unwrap(), password: hash(name), is_active: true, is_staff: false }
}

pub(crate) fn vendor(name: &str, user: &str) -> NewVendor {
    NewVendor { name: name.parse().unwrap(), user: user.parse().unwrap(), certificate: None }
}

pub(crate) fn category(name: &str) -> NewCategory {
    NewCategory { name: name.parse().unwrap(), position: None, icon: None }
}

/// The same on a catalog in memory and on one in a file.
pub(crate) fn on_both(test: impl Fn(SqliteCatalog)) {
    test(SqliteCatalog::in_memory().unwrap());
    let folder = tempfile::tempdir().unwrap();
    test(SqliteCatalog::open(&folder.path().join("catalog.db")).unwrap());
}

/// Refused with this message, and nothing has changed.
fn refuse<T: std::fmt::Debug>(
    catalog: &SqliteCatalog,
    call: impl Fn(&dyn Accounts) -> Result<T, AccountError>,
    message: &str,
) {
    let state = || {
        let users = catalog_users(catalog);
        (users, catalog.as_accounts().vendors().unwrap(), catalog.as_accounts().categories().unwrap())
    };
    let before = (state(), catalog.generation().unwrap());
    assert_eq!(call(catalog).unwrap_err().to_string(), message);
    assert_eq!((state(), catalog.generation().unwrap()), before);
}

fn catalog_users(catalog: &SqliteCatalog) -> Vec<amps_core::accounts::User> {
    catalog.as_accounts().users().unwrap()
}

/// Tests call the seam, as the server does.
pub(crate) trait AsAccounts {
    fn as_accounts(&self) -> &dyn Accounts;
}

impl AsAccounts for SqliteCatalog {
    fn as_accounts(&self) -> &dyn Accounts {
        self
    }
}

#[test]
fn a_user_is_found_by_name() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let joe = accounts.create_user(&NewUser { is_staff: true, ..user("joe") }, NOW).unwrap();
        let ann = accounts.create_user(&NewUser { is_active: false, ..user("Ann") }, NOW).unwrap();
        let users = accounts.users().unwrap();
        assert_eq!(
            users.iter().map(|user| (user.name.as_str(), user.id)).collect::<Vec<_>>(),
            [("Ann", ann), ("joe", joe)]
        );
        let (found, password) = accounts.credentials(&"joe".parse().unwrap()).unwrap().unwrap();
        assert_eq!(found, users[1]);
        assert_eq!((found.is_active, found.is_staff), (true, true));
        assert_eq!((found.created_at, found.last_login_at), (NOW, None));
        assert_eq!(password.reveal(), "!joe");
        assert!(accounts.credentials(&"JOE".parse().unwrap()).unwrap().is_none());
        refuse(
            &catalog,
            |accounts| accounts.create_user(&user("joe"), NOW),
            "there is a user with the name `joe` already",
        );
    });
}

#[test]
fn flags_and_passwords_change() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let id = accounts.create_user(&user("joe"), NOW).unwrap();
        let joe = "joe".parse().unwrap();
        accounts.change_user(&joe, &UserChange { is_active: Some(false), is_staff: Some(true) }).unwrap();
        accounts.change_user(&joe, &UserChange::default()).unwrap();
        accounts.set_password(&joe, &hash("2")).unwrap();
        let (found, password) = accounts.credentials(&joe).unwrap().unwrap();
        assert_eq!((found.is_active, found.is_staff, password.reveal()), (false, true, "!2"));
        accounts.note_login(id, Some((&hash("2"), &hash("3"))), Timestamp(5)).unwrap();
        let (found, password) = accounts.credentials(&joe).unwrap().unwrap();
        assert_eq!((found.last_login_at, password.reveal()), (Some(Timestamp(5)), "!3"));
        // Somebody has changed it in the meantime.
        accounts.note_login(id, Some((&hash("2"), &hash("4"))), Timestamp(6)).unwrap();
        assert_eq!(accounts.credentials(&joe).unwrap().unwrap().1.reveal(), "!3");
        let nobody = "no.body".parse().unwrap();
        let missing = "there is no user with the name `no.body`";
        refuse(&catalog, |accounts| accounts.change_user(&nobody, &UserChange::default()), missing);
        refuse(&catalog, |accounts| accounts.set_password(&nobody, &hash("5")), missing);
        refuse(&catalog, |accounts| accounts.remove_user(&nobody), missing);
    });
}

#[test]
fn the_costliest_hash_is_found() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        accounts.create_user(&user("joe"), NOW).unwrap();
        assert_eq!(accounts.most_pbkdf2_iterations().unwrap(), 0);
        for (name, iterations) in [("a", 1000), ("b", 260_000), ("c", 36_000)] {
            let password: PasswordHash =
                format!("pbkdf2_sha256${iterations}$seasalt2$e/cedIZPM5UETSepM4wUFax1UYIzff5mr12PPFIQ0jI=")
                    .parse()
                    .unwrap();
            accounts.create_user(&NewUser { password, ..user(name) }, NOW).unwrap();
        }
        assert_eq!(accounts.most_pbkdf2_iterations().unwrap(), 260_000);
        accounts.set_password(&"b".parse().unwrap(), &hash("b")).unwrap();
        assert_eq!(accounts.most_pbkdf2_iterations().unwrap(), 36_000);
    });
}

#[test]
fn a_vendor_has_a_user_and_maybe_a_certificate() {
    let file = include_bytes!("../../../../fixtures/pki/dev1.crt");
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        accounts.create_user(&user("joe"), NOW).unwrap();
        let certificate = VendorCertificate::read(file).unwrap();
        let new = NewVendor { certificate: Some(certificate.clone()), ..vendor("O'Brien & Söhne", "joe") };
        let id = accounts.create_vendor(&new).unwrap();
        let found = accounts.vendor(&new.name).unwrap().unwrap();
        assert_eq!((found.id, &found.user, &found.certificate), (id, &new.user, &Some(certificate)));
        assert_eq!(accounts.vendors().unwrap(), [found]);
        refuse(
            &catalog,
            |accounts| accounts.create_vendor(&new),
            "there is a vendor with the name `O'Brien & Söhne` already",
        );
        refuse(
            &catalog,
            |accounts| accounts.create_vendor(&vendor("x", "ann")),
            "there is no user with the name `ann`",
        );
        refuse(
            &catalog,
            |accounts| accounts.remove_user(&new.user),
            "the user `joe` cannot be removed: 1 vendors refer to it",
        );
        refuse(
            &catalog,
            |accounts| accounts.remove_vendor(&"x".parse().unwrap()),
            "there is no vendor with the name `x`",
        );
        accounts.remove_vendor(&new.name).unwrap();
        accounts.remove_user(&new.user).unwrap();
        assert_eq!((accounts.vendors().unwrap().len(), accounts.users().unwrap().len()), (0, 0));
    });
}

#[test]
fn a_vendor_changes() {
    let file = include_bytes!("../../../../fixtures/pki/dev1.crt");
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        for name in ["joe", "ann"] {
            accounts.create_user(&user(name), NOW).unwrap();
        }
        let id = accounts.create_vendor(&vendor("One", "joe")).unwrap();
        accounts.create_vendor(&vendor("Two", "joe")).unwrap();
        let certificate = VendorCertificate::read(file).unwrap();
        let (one, new) = ("One".parse().unwrap(), "Eins".parse().unwrap());
        let all = VendorChange {
            name: Some("Eins".parse().unwrap()),
            user: Some("ann".parse().unwrap()),
            certificate: Edit::Put(certificate.clone()),
        };
        let generation = catalog.generation().unwrap();
        accounts.change_vendor(&one, &all).unwrap();
        assert!(catalog.generation().unwrap() > generation, "lists show vendors");
        let found = accounts.vendor(&new).unwrap().unwrap();
        assert_eq!(
            (found.id, found.user.as_str(), found.certificate.as_ref()),
            (id, "ann", Some(&certificate))
        );
        // What is not named stays, also under the name that it has.
        accounts
            .change_vendor(&new, &VendorChange { name: Some(new.clone()), ..Default::default() })
            .unwrap();
        assert_eq!(accounts.vendor(&new).unwrap().unwrap(), found);
        let bare = VendorChange { certificate: Edit::Remove, ..Default::default() };
        accounts.change_vendor(&new, &bare).unwrap();
        assert_eq!(accounts.vendor(&new).unwrap().unwrap().certificate, None);
        let change = |name: &str, change: VendorChange| {
            let name = name.parse().unwrap();
            move |accounts: &dyn Accounts| accounts.change_vendor(&name, &change)
        };
        let renamed = VendorChange { name: Some("Two".parse().unwrap()), ..Default::default() };
        refuse(&catalog, change("Eins", renamed), "there is a vendor with the name `Two` already");
        refuse(&catalog, change("One", bare), "there is no vendor with the name `One`");
        let strange = VendorChange { user: Some("eve".parse().unwrap()), ..all };
        refuse(&catalog, change("Eins", strange), "there is no user with the name `eve`");
    });
}

#[test]
fn categories_are_ordered_in_one_step() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let names = ["Games", "Music", "Tools"].map(|name| CategoryName::from_str(name).unwrap());
        for name in &names {
            // All at the same place: only their numbers tell them apart.
            let there = NewCategory { position: Some(5), ..category(name.as_str()) };
            accounts.create_category(&there).unwrap();
        }
        let order = || accounts.categories().unwrap().into_iter().map(|found| found.name).collect::<Vec<_>>();
        let [games, music, tools] = names.clone();
        for other in
            [vec![], vec![games.clone(), music.clone()], vec![games.clone(), games.clone(), tools.clone()]]
        {
            refuse(
                &catalog,
                |accounts| accounts.order_categories(&other),
                "there is no such set of categories any more",
            );
        }
        assert_eq!(order(), names);
        let generation = catalog.generation().unwrap();
        let wanted = [tools, games, music];
        accounts.order_categories(&wanted).unwrap();
        assert_eq!(order(), wanted);
        assert!(catalog.generation().unwrap() > generation, "lists show them in their order");
    });
}

#[test]
fn a_category_changes() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let games = accounts.create_category(&category("Games")).unwrap();
        let music = accounts.create_category(&category("Music")).unwrap();
        let order = || accounts.categories().unwrap().iter().map(|found| found.id).collect::<Vec<_>>();
        assert_eq!(order(), [games, music]);
        let icon = CategoryIcon::of_catalog(vec![1, 2, 3]);
        let all = CategoryChange {
            name: Some("Play".parse().unwrap()),
            position: Some(7),
            icon: Edit::Put(icon.clone()),
        };
        let generation = catalog.generation().unwrap();
        accounts.change_category(&"Games".parse().unwrap(), &all).unwrap();
        assert!(catalog.generation().unwrap() > generation, "lists show categories");
        let play = "Play".parse().unwrap();
        let found = accounts.category(&play).unwrap().unwrap();
        assert_eq!((found.id, found.position, found.has_icon), (games, 7, true));
        assert_eq!((order(), accounts.category_icon(games).unwrap()), (vec![music, games], Some(icon)));
        accounts.change_category(&play, &CategoryChange::default()).unwrap();
        assert_eq!(accounts.category(&play).unwrap().unwrap(), found);
        accounts
            .change_category(&play, &CategoryChange { icon: Edit::Remove, ..Default::default() })
            .unwrap();
        assert_eq!(accounts.category_icon(games).unwrap(), None);
        let renamed = CategoryChange { name: Some("Music".parse().unwrap()), ..Default::default() };
        refuse(
            &catalog,
            |accounts| accounts.change_category(&play, &renamed),
            "there is a category with the name `Music` already",
        );
        refuse(
            &catalog,
            |accounts| accounts.change_category(&"Games".parse().unwrap(), &renamed),
            "there is no category with the name `Games`",
        );
    });
}

#[test]
fn categories_stand_in_their_order() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let icon = CategoryIcon::of_catalog(vec![1, 2, 3]);
        let add =
            |name, position| accounts.create_category(&NewCategory { position, ..category(name) }).unwrap();
        let (games, music) = (add("Games", Some(7)), add("Music", Some(2)));
        let last =
            accounts.create_category(&NewCategory { icon: Some(icon.clone()), ..category("Last") }).unwrap();
        let beside = add("Beside", Some(7));
        let found = accounts.categories().unwrap();
        let order: Vec<_> = found.iter().map(|found| (found.id, found.position, found.has_icon)).collect();
        assert_eq!(order, [(music, 2, false), (games, 7, false), (beside, 7, false), (last, 8, true)]);
        assert_eq!(accounts.category(&"Last".parse().unwrap()).unwrap(), Some(found[3].clone()));
        assert_eq!(accounts.category(&"last".parse().unwrap()).unwrap(), None);
        assert_eq!(accounts.category_icon(last).unwrap(), Some(icon));
        assert_eq!(accounts.category_icon(games).unwrap(), None);
        assert_eq!(accounts.category_icon(CategoryId(u64::MAX)).unwrap(), None);
        add("Edge", Some(u32::MAX));
        assert_eq!(accounts.categories().unwrap()[4].position, u32::MAX);
        add("Beyond", None);
        assert_eq!(accounts.categories().unwrap()[5].name.as_str(), "Beyond");
        refuse(
            &catalog,
            |accounts| accounts.create_category(&category("Games")),
            "there is a category with the name `Games` already",
        );
    });
}

#[test]
fn what_releases_refer_to_stays() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        accounts.create_user(&user("joe"), NOW).unwrap();
        let vendor = accounts.create_vendor(&vendor("V", "joe")).unwrap();
        let category = accounts.create_category(&category("C")).unwrap();
        let releases: Vec<Sequence> =
            ["a", "b", "c"].map(|id| catalog.publish(&draft(id, "all", 1), &[]).unwrap().sequence).to_vec();
        let entry = StoreEntry { category, vendor, brief_description: "b".into(), description: "d".into() };
        for release in &releases {
            accounts.set_store_entry(*release, &entry).unwrap();
        }
        let (v, c) = ("V".parse().unwrap(), "C".parse().unwrap());
        refuse(
            &catalog,
            |accounts| accounts.remove_vendor(&v),
            "the vendor `V` cannot be removed: 3 releases refer to it",
        );
        refuse(
            &catalog,
            |accounts| accounts.remove_category(&c),
            "the category `C` cannot be removed: 3 releases refer to it",
        );
        catalog.remove(&releases).unwrap();
        accounts.remove_vendor(&v).unwrap();
        accounts.remove_category(&c).unwrap();
        assert_eq!(accounts.store_entries().unwrap(), []);
    });
}

#[test]
fn every_change_that_lists_show_begins_a_generation() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        accounts.create_user(&user("joe"), NOW).unwrap();
        assert_eq!(catalog.generation().unwrap(), 0);
        let grown = |change: &dyn Fn()| {
            let before = catalog.generation().unwrap();
            change();
            assert_eq!(catalog.generation().unwrap(), before + 1);
            // What changed is known, and no release did.
            assert_eq!(catalog.changes_since(before).unwrap().unwrap().added, []);
        };
        grown(&|| assert!(accounts.create_vendor(&vendor("V", "joe")).is_ok()));
        grown(&|| assert!(accounts.create_category(&category("C")).is_ok()));
        grown(&|| accounts.remove_vendor(&"V".parse().unwrap()).unwrap());
        grown(&|| accounts.remove_category(&"C".parse().unwrap()).unwrap());
    });
}

#[test]
fn of_many_that_want_one_name_one_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    // Each with a catalog of its own, as processes have them.
    let create = || SqliteCatalog::open(&path).unwrap().as_accounts().create_user(&user("joe"), NOW);
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let is_created = |result: &Result<_, AccountError>| match result {
        Ok(_) => true,
        Err(AccountError::Exists { .. }) => false,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(results.iter().filter(|result| is_created(result)).count(), 1);
}

#[test]
fn what_is_damaged_is_named_and_no_secret_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let accounts = catalog.as_accounts();
    accounts.create_user(&user("joe"), NOW).unwrap();
    accounts.create_vendor(&vendor("V", "joe")).unwrap();
    let other = Connection::open(&path).unwrap();
    let damage = |sql| other.execute(sql, []).unwrap();
    damage("UPDATE users SET password = 'open sesame'");
    let error = accounts.credentials(&"joe".parse().unwrap()).unwrap_err();
    assert!(matches!(&error, AccountError::Catalog(CatalogError::Damaged { what: "users.password", .. })));
    assert!(!format!("{error} {error:?}").contains("sesame"));
    damage("UPDATE vendors SET certificate = x'00'");
    let error = accounts.vendors().unwrap_err().to_string();
    assert!(error.starts_with("the catalog is damaged: vendors.certificate is "), "{error}");
    damage("UPDATE users SET name = 'j oe'");
    let error = accounts.users().unwrap_err().to_string();
    assert_eq!(error, "the catalog is damaged: users.name is `j oe`");
}
