//! What the audit trail says when a server begins.

use std::path::Path;

use amps_core::{
    Clock as _, RetentionPolicy, Survivor, SystemClock,
    audit::{Action, AuditResult, Cause, NewAuditEntry},
};

use crate::{
    access::AnonymousAccess,
    settings::{NativeApi, ServeOptions, Settings},
};

/// That a server begins, and with which of the settings that decide who may do what, what is kept, and what is known of it later.
pub(super) fn began(
    options: &ServeOptions,
    verifies: bool,
    signs: bool,
    set_aside: Option<&Path>,
) -> NewAuditEntry {
    let ServeOptions { listen_address, settings, .. } = options;
    let entry =
        NewAuditEntry::new(SystemClock.now(), Action::ServerStart, &Cause::server(), AuditResult::Done)
            .with("version", env!("CARGO_PKG_VERSION"))
            .with("listenAddress", listen_address.to_string())
            .with("verifies", word(verifies))
            .with("signs", word(signs))
            .with("auditDays", settings.audit.days().to_string())
            .with("auditEntries", settings.audit.entries().to_string());
    let entry = with_retention(with_access(entry, options), &settings.retention);
    // The trail begins anew with this entry: the one before is there.
    match set_aside.and_then(Path::file_name) {
        Some(file) => entry.with("catalogSetAside", file.to_string_lossy()),
        None => entry,
    }
}

fn with_access(entry: NewAuditEntry, options: &ServeOptions) -> NewAuditEntry {
    let ServeOptions { listen_address, settings, .. } = options;
    let Settings { trusted_proxies, deployment, .. } = settings;
    let anonymous =
        |address| settings.anonymous_access.unwrap_or_else(|| AnonymousAccess::default_at(address));
    let entry = entry
        .with("anonymousAccess", anonymous(listen_address).to_string())
        .with("nativeApi", word(settings.native_api != NativeApi::Off));
    let entry = if trusted_proxies.is_empty() {
        entry
    } else {
        let proxies: Vec<String> = trusted_proxies.iter().map(ToString::to_string).collect();
        entry.with("trustedProxies", proxies.join(", "))
    };
    match deployment {
        Some(deployment) => entry
            .with("deploymentListenAddress", deployment.listen_address.to_string())
            .with("deploymentAnonymousAccess", anonymous(&deployment.listen_address).to_string())
            .with("deploymentSecurity", word(!deployment.no_security)),
        None => entry,
    }
}

/// What is kept, unless that is everything.
fn with_retention(entry: NewAuditEntry, policy: &RetentionPolicy) -> NewAuditEntry {
    const DAY_SECONDS: u64 = 24 * 60 * 60;
    let numbers = [
        ("retentionVersions", policy.versions.map(|versions| u64::from(versions.get()))),
        ("retentionAgeDays", policy.age.map(|age| age.as_secs() / DAY_SECONDS)),
        ("retentionTotalBytes", policy.total_bytes),
    ];
    let set = numbers.into_iter().filter_map(|(key, number)| Some((key, number?)));
    let entry = set.fold(entry, |entry, (key, number)| entry.with(key, number.to_string()));
    match policy.survivor {
        Survivor::None if !policy.is_everything() => entry.with("retentionNewest", "remove"),
        _ => entry,
    }
}

fn word(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}
