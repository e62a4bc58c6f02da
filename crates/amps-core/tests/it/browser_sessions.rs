//! Sessions of browsers: how long they last.

use std::sync::Arc;

use amps_catalog::SqliteCatalog;
use amps_core::{
    Clock as _,
    accounts::{
        Accounts, BROWSER_IDLE_SECONDS, BROWSER_SESSION_SECONDS, BrowserSessions, NewUser, PasswordHash,
        UserChange,
    },
};

use crate::login::Hands;

struct Scene {
    accounts: Arc<dyn Accounts>,
    clock: Arc<Hands>,
    sessions: BrowserSessions,
    user: amps_core::accounts::UserId,
}

fn scene() -> Scene {
    let accounts: Arc<dyn Accounts> = Arc::new(SqliteCatalog::in_memory().unwrap());
    let clock = Arc::new(Hands::default());
    let sessions = BrowserSessions::new(accounts.clone(), clock.clone());
    let name = "joe".parse().unwrap();
    let joe = NewUser { name, password: PasswordHash::of_none(), is_active: true, is_staff: false };
    let user = accounts.create_user(&joe, clock.now()).unwrap();
    Scene { accounts, clock, sessions, user }
}

#[test]
fn one_that_is_not_used_ends_after_an_hour() {
    let Scene { clock, sessions, user, .. } = scene();
    let (token, expires_at) = sessions.sign_in(None, user).unwrap();
    assert_eq!(expires_at.0 - clock.now().0, BROWSER_IDLE_SECONDS);
    clock.advance(BROWSER_IDLE_SECONDS.unsigned_abs() - 1);
    assert_eq!(sessions.find(&token).unwrap().unwrap().user.id, user);
    clock.advance(BROWSER_IDLE_SECONDS.unsigned_abs());
    assert_eq!(sessions.find(&token).unwrap(), None);
}

#[test]
fn one_that_is_used_ends_after_half_a_day() {
    let Scene { clock, sessions, user, .. } = scene();
    let (token, _) = sessions.sign_in(None, user).unwrap();
    let begin = clock.now().0;
    let mut last = begin;
    while clock.now().0 - begin < BROWSER_SESSION_SECONDS {
        let session = sessions.find(&token).unwrap().unwrap();
        assert!(session.expires_at.0 >= last && session.expires_at.0 <= begin + BROWSER_SESSION_SECONDS);
        last = session.expires_at.0;
        clock.advance(1800);
    }
    assert_eq!(sessions.find(&token).unwrap(), None);
}

#[test]
fn a_use_is_noted_once_a_minute() {
    let Scene { clock, sessions, user, .. } = scene();
    let (token, first) = sessions.sign_in(None, user).unwrap();
    for (seconds, later) in [(59, 0), (1, 60), (59, 60), (1, 120)] {
        clock.advance(seconds);
        assert_eq!(sessions.find(&token).unwrap().unwrap().expires_at.0 - first.0, later);
    }
}

#[test]
fn it_ends_with_its_user_and_when_they_sign_out() {
    let Scene { accounts, sessions, user, .. } = scene();
    let (token, _) = sessions.sign_in(None, user).unwrap();
    let (next, _) = sessions.sign_in(Some(&token), user).unwrap();
    assert_ne!(token, next);
    assert_eq!(sessions.find(&token).unwrap(), None);
    assert_eq!(sessions.sign_out(&next).unwrap().unwrap().id, user);
    assert_eq!(sessions.sign_out(&next).unwrap(), None);
    let (last, _) = sessions.sign_in(None, user).unwrap();
    let change = UserChange { is_active: Some(false), is_staff: None };
    accounts.change_user(&"joe".parse().unwrap(), &change).unwrap();
    assert_eq!(sessions.find(&last).unwrap(), None);
}

#[test]
fn who_can_log_in_has_a_password_and_is_active() {
    let Scene { accounts, clock, .. } = scene();
    assert!(!accounts.can_log_in().unwrap());
    let password = PasswordHash::create(&"open sesame".into()).unwrap();
    accounts.set_password(&"joe".parse().unwrap(), &password).unwrap();
    assert!(accounts.can_log_in().unwrap());
    let change = UserChange { is_active: Some(false), is_staff: None };
    accounts.change_user(&"joe".parse().unwrap(), &change).unwrap();
    assert!(!accounts.can_log_in().unwrap());
    let ann = NewUser { name: "ann".parse().unwrap(), password, is_active: true, is_staff: true };
    accounts.create_user(&ann, clock.now()).unwrap();
    assert!(accounts.can_log_in().unwrap());
}
