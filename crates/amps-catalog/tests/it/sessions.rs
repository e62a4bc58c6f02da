//! Sessions and purchases: kept by the hash of a token, until they expire.

use std::{sync::Arc, thread};

use ampkg::Digest;
use amps_catalog::SqliteCatalog;
use amps_core::{
    Catalog, HardwareId, Sequence, Timestamp,
    accounts::{
        AccountError, Accounts, DownloadToken, Expired, Greeting, MAX_DEVICE_ID_BYTES, MAX_GREETING_BYTES,
        Purchase, SessionTimes, SessionToken, TokenHash, UserChange, UserId,
    },
};

use crate::{
    accounts::{AsAccounts as _, NOW, on_both, user},
    drafts::draft,
};

const TIMES: SessionTimes = SessionTimes { created_at: NOW, expires_at: at(100) };

const fn at(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

fn greeting() -> Greeting {
    Greeting {
        platform_version: Some(2),
        tags: "qt:5.12".into(),
        conflicts: "it's".into(),
        architecture: "arm".into(),
    }
}

fn begin(accounts: &dyn Accounts, user: Option<UserId>) -> TokenHash {
    let token = SessionToken::generate().unwrap().hash();
    accounts.begin_session(&token, &greeting(), user, TIMES, 1000).unwrap();
    token
}

fn bytes_of(folder: &std::path::Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn a_session_is_there_until_it_expires() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let token = begin(accounts, None);
        let session = accounts.session(&token, NOW).unwrap().unwrap();
        assert_eq!((&session.greeting, session.user), (&greeting(), None));
        assert_eq!((session.created_at, session.last_used_at, session.expires_at), (NOW, NOW, at(100)));
        assert!(accounts.session(&token, at(99)).unwrap().is_some());
        assert!(accounts.session(&token, at(100)).unwrap().is_none());
        assert!(!accounts.set_greeting(&token, &Greeting::default(), at(100)).unwrap());
        accounts.renew_session(&token, at(50), at(200)).unwrap();
        let session = accounts.session(&token, at(199)).unwrap().unwrap();
        assert_eq!((session.created_at, session.last_used_at, session.expires_at), (NOW, at(50), at(200)));
        assert!(accounts.set_greeting(&token, &Greeting::default(), at(60)).unwrap());
        assert_eq!(accounts.session(&token, NOW).unwrap().unwrap().greeting, Greeting::default());
        assert!(accounts.end_session(&token).unwrap());
        assert!(!accounts.end_session(&token).unwrap());
        assert!(accounts.session(&token, NOW).unwrap().is_none());
        assert!(accounts.session(&TokenHash(Digest([0; 32])), NOW).unwrap().is_none());
        // What is gone is passed over.
        accounts.renew_session(&token, NOW, at(1)).unwrap();
    });
}

#[test]
fn a_session_is_there_after_a_restart_and_for_other_processes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let token = begin(&catalog, None);
    let other = SqliteCatalog::open(&path).unwrap();
    assert!(other.as_accounts().session(&token, NOW).unwrap().is_some());
    drop((catalog, other));
    let catalog = SqliteCatalog::open(&path).unwrap();
    assert!(catalog.as_accounts().session(&token, NOW).unwrap().is_some());
}

#[test]
fn who_is_not_active_any_more_is_not_logged_in() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let joe = accounts.create_user(&user("joe"), NOW).unwrap();
        let token = begin(accounts, Some(joe));
        let user = || accounts.session(&token, NOW).unwrap().unwrap().user.map(|user| user.id);
        let name = "joe".parse().unwrap();
        assert_eq!(user(), Some(joe));
        let set = |is_active, is_staff| {
            accounts.change_user(&name, &UserChange { is_active, is_staff }).unwrap();
        };
        set(None, Some(true));
        set(Some(true), None);
        assert_eq!(user(), Some(joe));
        set(Some(false), None);
        assert!(accounts.session(&token, NOW).unwrap().is_none());
        let meanwhile = begin(accounts, Some(joe));
        assert_eq!(accounts.session(&meanwhile, NOW).unwrap().unwrap().user, None);
        set(Some(true), None);
        assert!(accounts.session(&token, NOW).unwrap().is_none(), "it is gone for good");
        let token = begin(accounts, Some(joe));
        accounts.set_password(&name, &"!".parse().unwrap()).unwrap();
        assert!(accounts.session(&token, NOW).unwrap().is_none());
        let token = begin(accounts, Some(joe));
        accounts.remove_user(&name).unwrap();
        assert!(accounts.session(&token, NOW).unwrap().is_none());
        for strange in [joe, UserId(0), UserId(u64::MAX)] {
            let token = SessionToken::generate().unwrap().hash();
            let begun = accounts.begin_session(&token, &greeting(), Some(strange), TIMES, 10);
            assert!(matches!(begun, Err(AccountError::Gone { what: "user" })));
        }
    });
}

#[test]
fn sessions_of_nobody_are_bounded_and_the_others_stay() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let joe = accounts.create_user(&user("joe"), NOW).unwrap();
        let of_joe = begin(accounts, Some(joe));
        let tokens: Vec<TokenHash> = (0..400)
            .map(|number| {
                let token = SessionToken::generate().unwrap().hash();
                let times = SessionTimes { created_at: at(number), expires_at: at(10_000) };
                accounts.begin_session(&token, &greeting(), None, times, 100).unwrap();
                token
            })
            .collect();
        let is_there = |token: &TokenHash| accounts.session(token, NOW).unwrap().is_some();
        let left = tokens.iter().filter(|token| is_there(token)).count();
        assert!((100..100 + 64).contains(&left), "{left}");
        assert!(tokens[400 - left..].iter().all(is_there));
        assert!(is_there(&of_joe));
    });
}

#[test]
fn what_a_device_says_is_bounded() {
    let catalog = SqliteCatalog::in_memory().unwrap();
    let accounts = catalog.as_accounts();
    let token = SessionToken::generate().unwrap().hash();
    let long = Greeting { tags: "t".repeat(MAX_GREETING_BYTES), ..greeting() };
    accounts.begin_session(&token, &long, None, TIMES, 10).unwrap();
    let mut longer = [long.clone(), greeting(), greeting()];
    longer[0].tags.push('t');
    longer[1].conflicts = "c".repeat(MAX_GREETING_BYTES + 1);
    longer[2].architecture = "a".repeat(MAX_GREETING_BYTES + 1);
    for longer in longer {
        assert!(matches!(accounts.set_greeting(&token, &longer, NOW), Err(AccountError::TooLong { .. })));
    }
    assert_eq!(accounts.session(&token, NOW).unwrap().unwrap().greeting, long);
}

fn purchase(user: UserId, release: Sequence) -> Purchase {
    let device = Some(Arc::new(HardwareId::new("device'1".into()).unwrap()));
    Purchase { user, device, release, expires_at: at(600) }
}

#[test]
fn a_purchase_is_there_until_it_expires_or_what_it_is_for_is_gone() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let joe = accounts.create_user(&user("joe"), NOW).unwrap();
        let release = catalog.publish(&draft("a", "all", 1), &[]).unwrap().sequence;
        let buy = |purchase: &Purchase| {
            let token = DownloadToken::generate().unwrap().hash();
            accounts.create_purchase(&token, purchase, NOW).unwrap();
            token
        };
        let token = buy(&purchase(joe, release));
        let found = accounts.purchase(&token, at(599)).unwrap().unwrap();
        assert_eq!((found.user, found.release, found.expires_at), (joe, release, at(600)));
        assert_eq!(found.device.unwrap().as_str(), "device'1");
        assert!(accounts.purchase(&token, at(600)).unwrap().is_none());
        let unbound = buy(&Purchase { device: None, ..purchase(joe, release) });
        assert!(accounts.purchase(&unbound, NOW).unwrap().unwrap().device.is_none());
        for is_active in [false, true] {
            let change = UserChange { is_active: Some(is_active), is_staff: None };
            accounts.change_user(&"joe".parse().unwrap(), &change).unwrap();
            assert!(accounts.purchase(&token, NOW).unwrap().is_none(), "{is_active}");
        }
        let token = buy(&purchase(joe, release));
        let next = catalog.publish(&draft("a", "all", 2), &[release]).unwrap().sequence;
        assert!(accounts.purchase(&token, NOW).unwrap().is_none());
        let token = buy(&purchase(joe, next));
        accounts.remove_user(&"joe".parse().unwrap()).unwrap();
        assert!(accounts.purchase(&token, NOW).unwrap().is_none());
    });
}

#[test]
fn nobody_buys_what_is_not_there() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let joe = accounts.create_user(&user("joe"), NOW).unwrap();
        let release = catalog.publish(&draft("a", "all", 1), &[]).unwrap().sequence;
        let token = DownloadToken::generate().unwrap().hash();
        let refused =
            |purchase: &Purchase| accounts.create_purchase(&token, purchase, NOW).unwrap_err().to_string();
        for strange in [0, 99, u64::MAX] {
            let message = "there is no such release any more";
            assert_eq!(refused(&purchase(joe, Sequence(strange))), message);
            assert_eq!(refused(&purchase(UserId(strange), release)), "there is no such user any more");
        }
        let device = |bytes| Some(Arc::new(HardwareId::new("d".repeat(bytes)).unwrap()));
        let long = Purchase { device: device(MAX_DEVICE_ID_BYTES + 1), ..purchase(joe, release) };
        assert_eq!(refused(&long), "the hardware id has 1025 bytes, expected at most 1024");
        assert!(accounts.purchase(&token, NOW).unwrap().is_none());
        let longest = Purchase { device: device(MAX_DEVICE_ID_BYTES), ..purchase(joe, release) };
        accounts.create_purchase(&token, &longest, NOW).unwrap();
        assert!(accounts.purchase(&token, NOW).unwrap().is_some());
    });
}

#[test]
fn what_has_expired_is_removed_and_nothing_else() {
    on_both(|catalog| {
        let accounts = catalog.as_accounts();
        let joe = accounts.create_user(&user("joe"), NOW).unwrap();
        let release = catalog.publish(&draft("a", "all", 1), &[]).unwrap().sequence;
        let sessions = [begin(accounts, None), begin(accounts, Some(joe))];
        let bought = DownloadToken::generate().unwrap().hash();
        accounts.create_purchase(&bought, &purchase(joe, release), NOW).unwrap();
        assert_eq!(accounts.remove_expired(at(99)).unwrap(), Expired::default());
        assert_eq!(accounts.remove_expired(at(100)).unwrap(), Expired { sessions: 2, purchases: 0 });
        // Not only hidden: also a clock that was set back does not bring it back.
        assert!(sessions.iter().all(|token| accounts.session(token, NOW).unwrap().is_none()));
        assert!(accounts.purchase(&bought, NOW).unwrap().is_some());
        assert_eq!(accounts.remove_expired(at(600)).unwrap(), Expired { sessions: 0, purchases: 1 });
        assert!(accounts.purchase(&bought, NOW).unwrap().is_none());
    });
}

#[test]
fn the_file_has_no_token_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let token = SessionToken::generate().unwrap();
    catalog.as_accounts().begin_session(&token.hash(), &greeting(), None, TIMES, 10).unwrap();
    let bytes = bytes_of(folder.path());
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(holds(&token.hash().0.0), "the hash should be there");
    assert!(!holds(token.reveal().as_bytes()));
}

#[test]
fn many_devices_begin_and_renew_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).unwrap();
    let joe = catalog.as_accounts().create_user(&user("joe"), NOW).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let own = SqliteCatalog::open(&path).unwrap();
                for _ in 0..25 {
                    let token = begin(&own, Some(joe));
                    catalog.as_accounts().renew_session(&token, at(1), at(200)).unwrap();
                    let session = own.as_accounts().session(&token, at(150)).unwrap().unwrap();
                    assert_eq!(session.last_used_at, at(1));
                }
            });
        }
    });
    assert_eq!(catalog.as_accounts().remove_expired(at(200)).unwrap().sessions, 100);
}
