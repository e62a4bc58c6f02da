//! Who changes something, for the audit trail.

use std::{convert::Infallible, sync::Arc};

use amps_core::{
    PackageId,
    audit::{Action, AuditResult, Cause, Channel},
};
use axum::{extract::FromRequestParts, http::request::Parts};

use super::Context;
use crate::{access::Caller, audit::AskedFrom};

/// Who changes something, and from where. Comes after the permit, which knows who it is.
pub(super) struct Author(Cause);

impl FromRequestParts<Context> for Author {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Infallible> {
        let from = AskedFrom::of(&parts.extensions, &parts.headers, &context.access);
        // Whoever is anonymous leaves nothing there.
        let caller = parts.extensions.get().unwrap_or(&Caller::Anonymous);
        Ok(Self(from.cause(caller, Channel::Api)))
    }
}

impl Author {
    pub(super) fn cause(self) -> Cause {
        self.0
    }
}

impl Context {
    /// The same where what is changed of accounts is in the audit trail, by this author.
    pub(super) fn by(&self, author: Author) -> Self {
        let accounts = self.accounts.on_behalf_of(author.cause(), self.clock.now());
        Self { accounts, ..self.clone() }
    }

    /// Enters into the audit trail that somebody wants to remove what their token is not for.
    pub(super) fn note_out_of_scope(&self, id: &PackageId, cause: &Cause) {
        if let Some(audit) = self.access.audit() {
            let audit = Arc::clone(audit);
            let refused = AuditResult::Refused { code: "out-of-scope" };
            audit.count(audit.entry(Action::PackageRemove, cause, refused).of_package(id));
        }
    }
}
