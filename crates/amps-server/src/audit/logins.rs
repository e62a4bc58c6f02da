//! Logins in the audit trail.

use amps_core::{
    accounts::{Accounts, LoginAnswer, User},
    audit::{Action, Actor, AuditResult, Cause},
};

use crate::{access::Access, answer::Problem};

/// Enters a login, or why it failed, into the audit trail. A name that no user has is left out: it may be a password that was typed in
/// the wrong place. Failures are counted: anybody can make them happen.
pub(crate) fn note_login(
    access: &Access,
    accounts: &dyn Accounts,
    cause: &Cause,
    name: &str,
    answer: &LoginAnswer,
) -> Result<(), Problem> {
    let Some(audit) = access.audit() else { return Ok(()) };
    let code = match answer {
        LoginAnswer::LoggedIn(user) => {
            let cause = Cause { actor: Actor::User(user.name.clone()), ..cause.clone() };
            audit.add(audit.entry(Action::Login, &cause, AuditResult::Done).of(user.name.as_str()));
            return Ok(());
        }
        LoginAnswer::Disabled => "account-disabled",
        LoginAnswer::Slowed { .. } => "slowed",
        _ => "authentication-failed",
    };
    let known = match name.parse().ok() {
        // Whoever is slowed down costs nothing more.
        _ if matches!(answer, LoginAnswer::Slowed { .. }) => None,
        Some(name) => accounts.credentials(&name)?.map(|(user, _)| user),
        None => None,
    };
    let entry = audit.entry(Action::Login, cause, AuditResult::Refused { code });
    audit.count(match known {
        Some(user) => entry.of(user.name.as_str()),
        None => entry,
    });
    Ok(())
}

/// Enters that somebody has logged out.
pub(crate) fn note_logout(access: &Access, cause: &Cause, user: &User) {
    if let Some(audit) = access.audit() {
        let cause = Cause { actor: Actor::User(user.name.clone()), ..cause.clone() };
        audit.add(audit.entry(Action::Logout, &cause, AuditResult::Done).of(user.name.as_str()));
    }
}
