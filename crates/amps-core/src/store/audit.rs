//! What the audit trail says of changes of the store.

use super::{Provenance, Store, UploadResult};
use crate::{
    audit::{Action, AuditResult, Cause, NewAuditEntry},
    clock::Timestamp,
    error::Error,
    model::{Release, ReleaseFacts},
    retention::Because,
};

/// Whose wish it is that something goes.
#[derive(Clone, Copy)]
pub(super) struct Wish<'c> {
    pub(super) cause: &'c Cause,
    /// The rule, if it is one of retention.
    pub(super) because: Option<Because>,
}

impl<'c> From<&'c Cause> for Wish<'c> {
    fn from(cause: &'c Cause) -> Self {
        Self { cause, because: None }
    }
}

impl Wish<'_> {
    fn entry(self, now: Timestamp, release: &Release, result: AuditResult) -> NewAuditEntry {
        let entry = NewAuditEntry::new(now, Action::PackageRemove, self.cause, result);
        let entry = said_of(&release.facts, entry);
        match self.because {
            Some(because) => entry.with("because", because.as_str()),
            None => entry,
        }
    }
}

impl Store {
    /// A package was taken in.
    pub(super) fn uploaded(
        &self,
        facts: &ReleaseFacts,
        result: UploadResult,
        from: &Provenance,
    ) -> NewAuditEntry {
        let word = match result {
            UploadResult::Added => "added",
            UploadResult::Updated => "updated",
            UploadResult::Unchanged => "unchanged",
        };
        let now = self.parts.clock.now();
        let entry = NewAuditEntry::new(now, Action::PackageUpload, &from.cause, AuditResult::Done);
        said_of(facts, entry).of(&from.name).with("result", word)
    }

    /// A package was not taken in.
    pub(super) fn not_uploaded(&self, from: &Provenance, error: &Error) -> NewAuditEntry {
        let result = result_of(error);
        NewAuditEntry::new(self.parts.clock.now(), Action::PackageUpload, &from.cause, result).of(&from.name)
    }

    /// Releases are taken out: an entry for each.
    pub(super) fn removed<'r>(
        &self,
        releases: impl IntoIterator<Item = &'r Release>,
        wish: Wish<'_>,
    ) -> Vec<NewAuditEntry> {
        let now = self.parts.clock.now();
        releases.into_iter().map(|release| wish.entry(now, release, AuditResult::Done)).collect()
    }

    /// Packages could not be taken out.
    pub(super) fn not_removed(&self, packages: &[&Release], wish: Wish<'_>, error: &Error) {
        let now = self.parts.clock.now();
        for release in packages {
            self.parts.events.audit(wish.entry(now, release, result_of(error)));
        }
    }
}

fn result_of(error: &Error) -> AuditResult {
    let code = error.class();
    match error {
        Error::Refused(_) => AuditResult::Refused { code },
        _ => AuditResult::Failed { code },
    }
}

fn said_of(facts: &ReleaseFacts, entry: NewAuditEntry) -> NewAuditEntry {
    entry
        .of_package(&facts.id)
        .with("architecture", facts.architecture.as_str())
        .with("version", &facts.version)
        .with("sha256", facts.package.id.to_string())
}
