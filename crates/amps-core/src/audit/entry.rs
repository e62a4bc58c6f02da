//! Entries: what is said of one thing that was done.

use std::{collections::BTreeMap, str::FromStr};

use ampkg::{Digest, PackageId};

use super::{Action, Cause, DeviceMark};
use crate::clock::Timestamp;

/// Bytes of a text in an entry, inclusive; longer ones are cut.
pub const MAX_AUDIT_TEXT_BYTES: usize = 512;

/// What came of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditResult {
    /// It was done.
    Done,
    /// It was not allowed, or not right.
    Refused {
        /// Why, as a stable word.
        code: &'static str,
    },
    /// It could not be done.
    Failed {
        /// Why, as a stable word.
        code: &'static str,
    },
}

impl AuditResult {
    fn parts(self) -> (AuditOutcome, Option<&'static str>) {
        match self {
            Self::Done => (AuditOutcome::Ok, None),
            Self::Refused { code } => (AuditOutcome::Refused, Some(code)),
            Self::Failed { code } => (AuditOutcome::Failed, Some(code)),
        }
    }
}

/// What came of something, without why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditOutcome {
    /// It was done.
    Ok,
    /// It was not allowed, or not right.
    Refused,
    /// It could not be done.
    Failed,
}

impl AuditOutcome {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A word for no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is no result: expected `ok`, `refused` or `failed`", ampkg::quoted(.found))]
pub struct InvalidAuditOutcome {
    /// The word.
    pub found: String,
}

impl FromStr for AuditOutcome {
    type Err = InvalidAuditOutcome;

    fn from_str(text: &str) -> Result<Self, InvalidAuditOutcome> {
        let all = [Self::Ok, Self::Refused, Self::Failed];
        let found = all.into_iter().find(|outcome| outcome.as_str() == text);
        found.ok_or_else(|| InvalidAuditOutcome { found: text.into() })
    }
}

/// What an entry says, as it is kept: words rather than types, so that what a later version has written can be read, and what was
/// changed by others can be told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuditRecord {
    /// When, in seconds since 1970; of several things, the first.
    pub at: i64,
    /// What was done: the word of an [`Action`].
    pub action: String,
    /// Who: the kind of an [`Actor`](super::Actor).
    pub actor_kind: String,
    /// Who, of that kind.
    pub actor: Option<String>,
    /// By which way: the word of a [`Channel`](super::Channel).
    pub channel: String,
    /// From which address.
    pub address: Option<String>,
    /// In which request.
    pub request: Option<String>,
    /// `ok`, `refused` or `failed`.
    pub result: String,
    /// Why not, as a stable word.
    pub code: Option<String>,
    /// The id of the package that it is about.
    pub package: Option<String>,
    /// What else it is about: the name of a user, a vendor, a category, a token, a file.
    pub object: Option<String>,
    /// The device, as a [`DeviceMark`].
    pub device: Option<String>,
    /// How often it was done.
    pub count: u64,
    /// What else there is to know: an object in JSON whose values are texts.
    pub details: String,
}

/// An entry in the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number: the first is 1, none is left out.
    pub sequence: u64,
    /// What it says.
    pub record: AuditRecord,
    /// What chains it to the one before.
    pub hash: Digest,
}

/// An entry that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAuditEntry {
    record: AuditRecord,
    details: BTreeMap<&'static str, String>,
}

impl NewAuditEntry {
    /// Something was done, or not, by somebody.
    pub fn new(at: Timestamp, action: Action, cause: &Cause, result: AuditResult) -> Self {
        let (outcome, code) = result.parts();
        let record = AuditRecord {
            at: at.0,
            action: action.as_str().into(),
            actor_kind: cause.actor.kind().into(),
            actor: cause.actor.name().map(|name| cut(&name)),
            channel: cause.channel.as_str().into(),
            address: cause.address.map(|address| address.to_string()),
            request: cause.request.as_ref().map(ToString::to_string),
            result: outcome.as_str().into(),
            code: code.map(Into::into),
            package: None,
            object: None,
            device: None,
            count: 1,
            details: "{}".into(),
        };
        Self { record, details: BTreeMap::new() }
    }

    /// Which package it is about.
    #[must_use]
    pub fn of_package(mut self, id: &PackageId) -> Self {
        self.record.package = Some(id.to_string());
        self
    }

    /// What else it is about.
    #[must_use]
    pub fn of(mut self, object: &str) -> Self {
        self.record.object = Some(cut(object));
        self
    }

    /// For which device.
    #[must_use]
    pub fn for_device(mut self, device: Option<DeviceMark>) -> Self {
        self.record.device = device.map(|mark| mark.to_string());
        self
    }

    /// What else there is to know. Never a secret.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl AsRef<str>) -> Self {
        self.details.insert(key, cut(value.as_ref()));
        // A map of texts always has a JSON form.
        self.record.details = serde_json::to_string(&self.details).unwrap_or_else(|_| "{}".into());
        self
    }

    /// How often it was done.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.record.count = count;
        self
    }

    /// What it says.
    pub fn record(&self) -> &AuditRecord {
        &self.record
    }

    /// Leaves out what tells it from others of the same action, package and result.
    pub(super) fn blur(&mut self) {
        let record = &mut self.record;
        (record.actor_kind, record.actor) = ("various".into(), None);
        (record.address, record.request, record.object, record.device) = (None, None, None, None);
        record.details = "{}".into();
        self.details.clear();
    }

    pub(super) fn record_mut(&mut self) -> &mut AuditRecord {
        &mut self.record
    }
}

/// As much of a text as an entry has.
fn cut(text: &str) -> String {
    const MARK: &str = "…";
    if text.len() <= MAX_AUDIT_TEXT_BYTES {
        return text.into();
    }
    let end = text.floor_char_boundary(MAX_AUDIT_TEXT_BYTES - MARK.len());
    format!("{}{MARK}", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_the_limit() {
        let exact = "x".repeat(MAX_AUDIT_TEXT_BYTES);
        assert_eq!(cut(&exact), exact);
        let longer = cut(&format!("{exact}x"));
        assert!(longer.len() == MAX_AUDIT_TEXT_BYTES && longer.ends_with("x…"));
        assert!(cut(&"ü".repeat(MAX_AUDIT_TEXT_BYTES)).len() <= MAX_AUDIT_TEXT_BYTES);
    }

    #[test]
    fn details_are_an_object_in_the_order_of_their_keys() {
        let entry = NewAuditEntry::new(Timestamp(1), Action::Login, &Cause::server(), AuditResult::Done);
        assert_eq!(entry.record().details, "{}");
        let entry = entry.with("version", "1\"").with("architecture", "all");
        assert_eq!(entry.record().details, r#"{"architecture":"all","version":"1\""}"#);
    }
}
