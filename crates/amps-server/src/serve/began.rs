//! What the audit trail says when a server begins.

use std::path::Path;

use amps_core::{
    Clock as _, SystemClock,
    audit::{Action, AuditResult, Cause, NewAuditEntry},
};

use crate::{access::AnonymousAccess, settings::ServeOptions};

/// That a server begins, and with which of the settings that decide who may do what, and what is known of it later.
pub(super) fn began(
    options: &ServeOptions,
    verifies: bool,
    signs: bool,
    set_aside: Option<&Path>,
) -> NewAuditEntry {
    let word = |is: bool| if is { "yes" } else { "no" };
    let ServeOptions { listen_address, settings, .. } = options;
    let anonymous =
        |address| settings.anonymous_access.unwrap_or_else(|| AnonymousAccess::default_at(address));
    let entry =
        NewAuditEntry::new(SystemClock.now(), Action::ServerStart, &Cause::server(), AuditResult::Done)
            .with("version", env!("CARGO_PKG_VERSION"))
            .with("listenAddress", listen_address.to_string())
            .with("anonymousAccess", anonymous(listen_address).to_string())
            .with("verifies", word(verifies))
            .with("signs", word(signs))
            .with("auditDays", settings.audit.days().to_string())
            .with("auditEntries", settings.audit.entries().to_string());
    // The trail begins anew with this entry: the one before is there.
    let entry = match set_aside.and_then(Path::file_name) {
        Some(file) => entry.with("catalogSetAside", file.to_string_lossy()),
        None => entry,
    };
    match &settings.deployment {
        Some(deployment) => entry
            .with("deploymentListenAddress", deployment.listen_address.to_string())
            .with("deploymentAnonymousAccess", anonymous(&deployment.listen_address).to_string())
            .with("deploymentSecurity", word(!deployment.no_security)),
        None => entry,
    }
}
