//! Logging in: who may, who may not, and how guessing is slowed down.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Clock, Password, Timestamp,
    accounts::{
        Accounts, Greeting, Login, LoginAnswer, NewUser, PasswordHash, SESSION_SECONDS, Sessions, UserChange,
    },
};

const PASSWORD: &str = "open sesame";
const HOME: &str = "192.0.2.1";

/// A clock that goes on when it is told to.
#[derive(Default)]
pub(crate) struct Hands {
    seconds: AtomicU64,
}

impl Hands {
    pub(crate) fn advance(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(1_800_000_000 + self.seconds.load(Ordering::SeqCst).cast_signed())
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.seconds.load(Ordering::SeqCst))
    }
}

struct Scene {
    accounts: Arc<dyn Accounts>,
    clock: Arc<Hands>,
    login: Login,
    sessions: Sessions,
}

impl Scene {
    /// With one user, `joe`.
    fn new() -> Self {
        let accounts: Arc<dyn Accounts> = Arc::new(SqliteCatalog::in_memory().unwrap());
        let clock = Arc::new(Hands::default());
        let scene = Self {
            login: Login::new(accounts.clone(), clock.clone()).unwrap(),
            sessions: Sessions::new(accounts.clone(), clock.clone()),
            accounts,
            clock,
        };
        scene.add("joe", PasswordHash::create(&PASSWORD.into()).unwrap());
        scene
    }

    fn add(&self, name: &str, password: PasswordHash) {
        let user = NewUser { name: name.parse().unwrap(), password, is_active: true, is_staff: false };
        self.accounts.create_user(&user, self.clock.now()).unwrap();
    }

    fn try_in(&self, name: &str, password: &str, address: &str) -> LoginAnswer {
        self.login.check(name, &Password::from(password), address.parse::<IpAddr>().unwrap()).unwrap()
    }

    fn is_let_in(&self, name: &str, password: &str) -> bool {
        matches!(self.try_in(name, password, HOME), LoginAnswer::LoggedIn(user) if user.name.as_str() == name)
    }
}

#[test]
fn the_right_password_lets_in_and_nothing_else() {
    let scene = Scene::new();
    assert!(scene.is_let_in("joe", PASSWORD));
    for (name, password) in [
        ("joe", ""),
        ("joe", "open sesamf"),
        ("Joe", PASSWORD),
        ("ann", PASSWORD),
        ("j oe", PASSWORD),
        ("", ""),
    ] {
        assert_eq!(scene.try_in(name, password, HOME), LoginAnswer::Failed, "{name}");
    }
    assert_eq!(scene.try_in("joe", &"x".repeat(100_000), HOME), LoginAnswer::Failed);
    let joe = scene.accounts.users().unwrap().remove(0);
    assert_eq!(joe.last_login_at, Some(scene.clock.now()));
}

#[test]
fn who_is_not_active_is_told_so_with_the_right_password_only() {
    let scene = Scene::new();
    let change = UserChange { is_active: Some(false), is_staff: None };
    scene.accounts.change_user(&"joe".parse().unwrap(), &change).unwrap();
    assert_eq!(scene.try_in("joe", PASSWORD, HOME), LoginAnswer::Disabled);
    assert_eq!(scene.try_in("joe", "open sesamf", HOME), LoginAnswer::Failed);
    assert_eq!(scene.accounts.users().unwrap()[0].last_login_at, None);
}

#[test]
fn guessing_is_slowed_for_a_user_whether_there_is_one_or_not() {
    for name in ["joe", "nobody"] {
        let scene = Scene::new();
        for number in 0..6 {
            assert_eq!(scene.try_in(name, "open sesamf", &format!("192.0.2.{number}")), LoginAnswer::Failed);
        }
        let slowed = |seconds| LoginAnswer::Slowed { wait: Duration::from_secs(seconds) };
        assert_eq!(scene.try_in(name, PASSWORD, HOME), slowed(1));
        scene.clock.advance(1);
        assert_eq!(scene.try_in(name, "open sesamf", HOME), LoginAnswer::Failed);
        // Also with the right password; others are not held up.
        assert_eq!(scene.try_in(name, PASSWORD, HOME), slowed(2));
        assert_eq!(scene.try_in("ann", "open sesamf", HOME), LoginAnswer::Failed);
        scene.clock.advance(2);
        assert_eq!(scene.is_let_in(name, PASSWORD), name == "joe");
    }
}

#[test]
fn of_a_hundred_guesses_at_once_few_are_looked_at() {
    let scene = Scene::new();
    let looked_at = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..100 {
            let (scene, looked_at) = (&scene, &looked_at);
            scope.spawn(move || match scene.try_in("joe", "open sesamf", &format!("198.51.100.{number}")) {
                LoginAnswer::Failed => {
                    looked_at.fetch_add(1, Ordering::SeqCst);
                }
                answer => assert!(matches!(answer, LoginAnswer::Slowed { .. }), "{answer:?}"),
            });
        }
    });
    // Six, and those that ran beside the sixth.
    assert!((6..=6 + 3).contains(&looked_at.into_inner()));
}

#[test]
fn many_devices_of_one_user_log_in_at_once() {
    let scene = Scene::new();
    thread::scope(|scope| {
        for number in 0..60 {
            let scene = &scene;
            scope.spawn(move || {
                let answer = scene.try_in("joe", PASSWORD, &format!("198.51.100.{number}"));
                assert!(matches!(answer, LoginAnswer::LoggedIn(_)), "{answer:?}");
            });
        }
    });
}

#[test]
fn a_hash_of_django_is_made_anew_at_the_login() {
    let scene = Scene::new();
    let django: PasswordHash =
        "pbkdf2_sha256$1000$seasalt2$e/cedIZPM5UETSepM4wUFax1UYIzff5mr12PPFIQ0jI=".parse().unwrap();
    scene.add("ann", django.clone());
    let name = "ann".parse().unwrap();
    let hash = || scene.accounts.credentials(&name).unwrap().unwrap().1;
    assert_eq!(scene.try_in("ann", "open sesamf", HOME), LoginAnswer::Failed);
    assert_eq!(hash().reveal(), django.reveal());
    assert!(scene.is_let_in("ann", PASSWORD));
    let new = hash();
    assert!(new.reveal().starts_with("$argon2id$") && !new.is_dated(), "{}", new.reveal());
    assert!(scene.is_let_in("ann", PASSWORD));
    assert_eq!(hash().reveal(), new.reveal());
}

#[test]
fn a_session_carries_what_was_said_over_the_login_under_another_token() {
    let scene = Scene::new();
    let sessions = &scene.sessions;
    let said = |tags: &str| Greeting { tags: tags.into(), ..Greeting::default() };
    let before = sessions.greet(None, &said("qt")).unwrap();
    assert_eq!(sessions.greet(Some(before.clone()), &said("qt:5")).unwrap(), before);
    assert!(sessions.log_out(&before).unwrap().is_none());
    let joe = scene.accounts.users().unwrap().remove(0);
    let after = sessions.log_in(Some(&before), joe.id).unwrap();
    assert_ne!(after, before);
    assert!(sessions.find(&before).unwrap().is_none());
    let found = sessions.find(&after).unwrap().unwrap();
    assert_eq!((found.greeting, found.user), (said("qt:5"), Some(joe.clone())));
    assert!(sessions.log_out(&after).unwrap().is_some());
    assert!(sessions.log_out(&after).unwrap().is_none());
    assert!(sessions.find(&after).unwrap().is_none());
    // A token that nobody was given opens nothing, and is not taken over.
    let strange = amps_core::accounts::SessionToken::generate().unwrap();
    assert_ne!(sessions.greet(Some(strange.clone()), &said("x")).unwrap(), strange);
    assert_ne!(sessions.log_in(Some(&strange), joe.id).unwrap(), strange);
    assert!(sessions.find(&strange).unwrap().is_none());
}

#[test]
fn a_session_that_is_used_does_not_expire() {
    let scene = Scene::new();
    let lifetime = SESSION_SECONDS.cast_unsigned();
    let joe = scene.accounts.users().unwrap().remove(0);
    let (used, unused) =
        (scene.sessions.log_in(None, joe.id).unwrap(), scene.sessions.log_in(None, joe.id).unwrap());
    let anonymous = scene.sessions.greet(None, &Greeting::default()).unwrap();
    for _ in 0..3 {
        scene.clock.advance(lifetime - 1);
        assert!(scene.sessions.find(&used).unwrap().is_some());
        assert!(scene.sessions.find(&anonymous).unwrap().is_none());
    }
    assert!(scene.sessions.find(&unused).unwrap().is_none());
    scene.clock.advance(lifetime);
    assert!(scene.sessions.find(&used).unwrap().is_none());
}
