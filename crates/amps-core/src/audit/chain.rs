//! The chain: the hash of each entry is over the hash of the one before and over what the entry says.

use std::fmt;

use ampkg::Digest;
use sha2::{Digest as _, Sha256};

use super::{Action, AuditEntry, AuditRecord};

/// What every hash begins with, so that it is one of nothing else.
const DOMAIN: &[u8] = b"amps-audit-1\0";

/// An entry's number and hash: what there is before the first entry, an entry that was removed by age, or the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditPoint {
    /// The entry's number; 0 before the first.
    pub sequence: u64,
    /// Its hash; zeros before the first.
    pub hash: Digest,
}

impl AuditPoint {
    /// Before the first entry.
    pub const ORIGIN: Self = Self { sequence: 0, hash: Digest([0; 32]) };

    /// The point behind an entry that says this, if it comes next.
    #[must_use]
    pub fn after(&self, record: &AuditRecord) -> Self {
        let sequence = self.sequence.saturating_add(1);
        Self { sequence, hash: hash(&self.hash, sequence, record) }
    }
}

/// `SEQUENCE:HASH`.
impl fmt::Display for AuditPoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.sequence, self.hash)
    }
}

/// Where the trail begins and ends, as the catalog says beside the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditBounds {
    /// The last entry that was removed by age or number; [`AuditPoint::ORIGIN`] if none was.
    pub pruned: AuditPoint,
    /// The last entry.
    pub head: AuditPoint,
}

/// SHA-256 over the domain, the hash before, the number, and the fields in their order: a number as 8 bytes (little-endian), a text as a byte 1, its length as
/// such a number and its bytes (UTF-8), a text that is missing as a byte 0.
fn hash(previous: &Digest, sequence: u64, record: &AuditRecord) -> Digest {
    let AuditRecord {
        at,
        action,
        actor_kind,
        actor,
        channel,
        address,
        request,
        result,
        code,
        package,
        object,
        device,
        count,
        details,
    } = record;
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(previous.0);
    hash.update(sequence.to_le_bytes());
    hash.update(at.to_le_bytes());
    let mut text = |text: Option<&String>| match text {
        None => hash.update([0]),
        Some(text) => {
            hash.update([1]);
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
    };
    text(Some(action));
    text(Some(actor_kind));
    text(actor.as_ref());
    text(Some(channel));
    text(address.as_ref());
    text(request.as_ref());
    text(Some(result));
    text(code.as_ref());
    text(package.as_ref());
    text(object.as_ref());
    text(device.as_ref());
    text(Some(details));
    hash.update(count.to_le_bytes());
    Digest(hash.finalize().into())
}

/// What is wrong with a trail, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Break {
    /// Entries are missing, or in another order.
    #[error("entry {expected} is missing: found {found}")]
    Missing {
        /// The number that should come.
        expected: u64,
        /// The one that does.
        found: u64,
    },
    /// An entry says something else than when it was made, or does not follow the one before.
    #[error("entry {sequence} was changed: it has the hash {found}, expected {expected}")]
    Changed {
        /// Its number.
        sequence: u64,
        /// The hash that it has.
        found: Digest,
        /// The one that it should have.
        expected: Digest,
    },
    /// An entry holds what cannot be.
    #[error("the entry after {after} cannot be read: {reason}")]
    Unreadable {
        /// The last one before it.
        after: u64,
        /// Why not.
        reason: String,
    },
    /// The trail does not begin where the entry about the last removal by age says.
    #[error("the trail begins after {found}: no entry says that what was before was removed in good order")]
    Start {
        /// Where it begins.
        found: AuditPoint,
    },
    /// The trail does not end where the catalog says.
    #[error("the trail ends with {found}: expected {expected}")]
    End {
        /// Where it ends.
        found: AuditPoint,
        /// Where it should.
        expected: AuditPoint,
    },
}

/// A trail that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How many entries there are.
    pub entries: u64,
    /// Where it begins and ends.
    pub bounds: AuditBounds,
}

/// Goes through a trail from its beginning.
#[derive(Debug)]
pub struct AuditVerifier {
    bounds: AuditBounds,
    at: AuditPoint,
    /// Whether an entry says that the trail begins where it does.
    is_start_stated: bool,
}

impl AuditVerifier {
    /// Begins where the trail does.
    pub fn new(bounds: AuditBounds) -> Self {
        Self { bounds, at: bounds.pruned, is_start_stated: bounds.pruned == AuditPoint::ORIGIN }
    }

    /// The last entry that was found good.
    pub fn at(&self) -> AuditPoint {
        self.at
    }

    /// Checks the next entry.
    pub fn next(&mut self, entry: &AuditEntry) -> Result<(), Break> {
        let expected = self.at.after(&entry.record);
        if entry.sequence != expected.sequence {
            return Err(Break::Missing { expected: expected.sequence, found: entry.sequence });
        }
        if entry.hash != expected.hash {
            let (sequence, found, expected) = (entry.sequence, entry.hash, expected.hash);
            return Err(Break::Changed { sequence, found, expected });
        }
        let states = entry.record.action == Action::AuditPrune.as_str()
            && entry.record.object.as_ref() == Some(&self.bounds.pruned.to_string());
        self.is_start_stated |= states;
        self.at = expected;
        Ok(())
    }

    /// Checks that it ends, and began, where it should.
    pub fn finish(self) -> Result<Verification, Break> {
        if self.at != self.bounds.head {
            return Err(Break::End { found: self.at, expected: self.bounds.head });
        }
        if !self.is_start_stated {
            return Err(Break::Start { found: self.bounds.pruned });
        }
        let entries = self.at.sequence.saturating_sub(self.bounds.pruned.sequence);
        Ok(Verification { entries, bounds: self.bounds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audit::{AuditResult, Cause, NewAuditEntry},
        clock::Timestamp,
    };

    fn record() -> AuditRecord {
        let done = NewAuditEntry::new(Timestamp(7), Action::Login, &Cause::server(), AuditResult::Done);
        done.record().clone()
    }

    #[test]
    fn every_field_is_in_the_hash() {
        let changes: [fn(&mut AuditRecord); 15] = [
            |record| record.at += 1,
            |record| record.action.push('x'),
            |record| record.actor_kind.push('x'),
            |record| record.actor = Some("x".into()),
            |record| record.channel.push('x'),
            |record| record.address = Some("x".into()),
            |record| record.request = Some("x".into()),
            |record| record.result.push('x'),
            |record| record.code = Some("x".into()),
            |record| record.package = Some("x".into()),
            |record| record.object = Some("x".into()),
            |record| record.device = Some("x".into()),
            |record| record.count += 1,
            |record| record.details.push('x'),
            // Nothing is not an empty text.
            |record| record.object = Some(String::new()),
        ];
        let mut hashes = vec![AuditPoint::ORIGIN.after(&record()).hash];
        for change in changes {
            let mut other = record();
            change(&mut other);
            hashes.push(AuditPoint::ORIGIN.after(&other).hash);
        }
        hashes.push(AuditPoint { sequence: 1, ..AuditPoint::ORIGIN }.after(&record()).hash);
        hashes.push(AuditPoint { hash: Digest([1; 32]), ..AuditPoint::ORIGIN }.after(&record()).hash);
        let all = hashes.len();
        hashes.sort_by_key(|hash| hash.0);
        hashes.dedup();
        assert_eq!(hashes.len(), all);
    }

    /// As docs/operating.md describes it, and as a few lines of Python have computed it. If this changes, trails that were exported cannot be verified any more.
    #[test]
    fn the_hash_is_what_it_always_was() {
        let found = AuditPoint::ORIGIN.after(&record()).to_string();
        assert_eq!(found, "1:a24438df145d9f1eab0ae1cf3c5da687a95ce54aa8f9deff3f6b5328e64fd3de");
    }
}
