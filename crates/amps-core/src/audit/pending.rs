//! What is to be entered soon: bounded, whatever happens.
//!
//! What happens often, and what anybody can make happen, is counted: what differs only in its time is one entry for each window. Of
//! what differs otherwise, only so many are told apart for each action; the rest is counted without who and where. So neither a fleet of
//! devices nor somebody who tries a million passwords can fill the trail and push out what it is for.

use std::collections::HashMap;

use super::{Action, AuditRecord, AuditResult, Cause, NewAuditEntry};
use crate::clock::Timestamp;

/// How long things are counted before they are entered.
pub const WINDOW_SECONDS: i64 = 60;
/// Different things of one action that are counted apart in a window; then as many without who and where; then the rest as one.
pub const MAX_COUNTED: usize = 100;
/// Entries that wait for being written; beyond it, they are counted as dropped.
pub const MAX_WAITING_ENTRIES: usize = 4096;

/// Collects what is to be entered.
#[derive(Debug, Default)]
pub struct Pending {
    waiting: Vec<NewAuditEntry>,
    dropped: u64,
    counted: HashMap<AuditRecord, Counted>,
    /// How many things of an action there are, told apart fully and by package.
    kinds: HashMap<String, [usize; 2]>,
    /// Since when things are counted, if they are.
    began: Option<Timestamp>,
}

#[derive(Debug)]
struct Counted {
    first: NewAuditEntry,
    last_at: i64,
    count: u64,
}

impl Pending {
    /// Takes something that is to be an entry of its own, as soon as possible.
    pub fn add(&mut self, entry: NewAuditEntry) {
        if self.waiting.len() < MAX_WAITING_ENTRIES {
            self.waiting.push(entry);
        } else {
            self.dropped = self.dropped.saturating_add(entry.record().count);
        }
    }

    /// Takes something that is to be counted.
    pub fn count(&mut self, mut entry: NewAuditEntry) {
        let now = entry.record().at;
        self.began.get_or_insert(Timestamp(now));
        // Which request it was is known of single things only.
        let key = |entry: &NewAuditEntry| AuditRecord { at: 0, request: None, ..entry.record().clone() };
        let mut wanted = key(&entry);
        for level in [Level::All, Level::Package, Level::Action] {
            if let Some(counted) = self.counted.get_mut(&wanted) {
                counted.count = counted.count.saturating_add(entry.record().count);
                counted.last_at = counted.last_at.max(now);
                return;
            }
            let kinds = self.kinds.entry(wanted.action.clone()).or_default();
            let has_room = match level {
                Level::All => take(&mut kinds[0]),
                Level::Package => take(&mut kinds[1]),
                // Codes and channels are few.
                Level::Action => true,
            };
            if has_room {
                let count = entry.record().count;
                self.counted.insert(wanted, Counted { first: entry, last_at: now, count });
                return;
            }
            entry.blur();
            if matches!(level, Level::Package) {
                entry.record_mut().package = None;
            }
            wanted = key(&entry);
        }
    }

    /// Whether there is something to be written now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.waiting.is_empty() || self.dropped > 0 || self.is_window_over(now)
    }

    fn is_window_over(&self, now: Timestamp) -> bool {
        // Also if somebody has set the clock back.
        self.began.is_some_and(|began| !(0..WINDOW_SECONDS).contains(&now.0.saturating_sub(began.0)))
    }

    /// Gives what is to be written: what waits, and what was counted if its window is over, or if this is the end.
    pub fn take(&mut self, now: Timestamp, is_end: bool) -> Vec<NewAuditEntry> {
        let mut entries = std::mem::take(&mut self.waiting);
        if self.dropped > 0 {
            let dropped = AuditResult::Failed { code: "too-many" };
            entries.push(
                NewAuditEntry::new(now, Action::AuditDropped, &Cause::server(), dropped).times(self.dropped),
            );
            self.dropped = 0;
        }
        if is_end || self.is_window_over(now) {
            let mut counted: Vec<NewAuditEntry> =
                self.counted.drain().map(|(_, counted)| counted.entry()).collect();
            counted.sort_by(|a, b| {
                let order = |entry: &NewAuditEntry| (entry.record().at, entry.record().action.clone());
                order(a).cmp(&order(b))
            });
            entries.extend(counted);
            self.kinds.clear();
            self.began = None;
        }
        entries
    }

    /// Takes back what could not be written. What there is no room for is counted as dropped.
    pub fn take_back(&mut self, entries: Vec<NewAuditEntry>) {
        let newer = std::mem::take(&mut self.waiting);
        for entry in entries.into_iter().chain(newer) {
            self.add(entry);
        }
    }
}

#[derive(Clone, Copy)]
enum Level {
    All,
    Package,
    Action,
}

fn take(kinds: &mut usize) -> bool {
    let has_room = *kinds < MAX_COUNTED;
    *kinds += usize::from(has_room);
    has_room
}

impl Counted {
    fn entry(self) -> NewAuditEntry {
        let Self { mut first, last_at, count } = self;
        if count > 1 {
            first.record_mut().request = None;
        }
        let first = first.times(count);
        if count > 1 { first.with("until", Timestamp(last_at).to_string()) } else { first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(at: i64, object: &str) -> NewAuditEntry {
        let refused = AuditResult::Refused { code: "wrong-credentials" };
        let mut cause = Cause::server();
        cause.request = Some(format!("r{at}").parse().unwrap());
        NewAuditEntry::new(Timestamp(at), Action::AccessDenied, &cause, refused).of(object)
    }

    fn said(entries: &[NewAuditEntry]) -> Vec<(Option<&str>, u64)> {
        let said = |entry: &NewAuditEntry| entry.record().object.clone();
        let mut all: Vec<_> = entries.iter().map(|entry| (said(entry), entry.record().count)).collect();
        all.sort();
        let texts = entries.iter().map(|entry| (entry.record().object.as_deref(), entry.record().count));
        let mut texts: Vec<_> = texts.collect();
        texts.sort_unstable();
        assert_eq!(texts.len(), all.len());
        texts
    }

    #[test]
    fn what_differs_only_in_time_is_one_entry_for_each_window() {
        let mut pending = Pending::default();
        for at in 100..110 {
            pending.count(denied(at, "a"));
        }
        pending.count(denied(105, "b"));
        assert!(!pending.is_due(Timestamp(159)) && pending.take(Timestamp(159), false).is_empty());
        assert!(pending.is_due(Timestamp(160)));
        let entries = pending.take(Timestamp(160), false);
        assert_eq!(said(&entries), [(Some("a"), 10), (Some("b"), 1)]);
        let [many, one] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((many.record().at, many.record().request.as_deref()), (100, None));
        assert_eq!(many.record().details, r#"{"until":"1970-01-01T00:01:49Z"}"#);
        // A single one keeps its request.
        assert_eq!(one.record().request.as_deref(), Some("r105"));
        assert!(!pending.is_due(Timestamp(1000)) && pending.take(Timestamp(1000), true).is_empty());
    }

    #[test]
    fn no_more_than_so_many_are_told_apart_and_none_is_lost() {
        let mut pending = Pending::default();
        let package = |number: u64| format!("package{number}").parse().unwrap();
        for number in 0..100_000_u64 {
            pending.count(denied(0, &number.to_string()).of_package(&package(number % 1000)));
        }
        let entries = pending.take(Timestamp(0), true);
        assert_eq!(entries.len(), 2 * MAX_COUNTED + 1);
        assert_eq!(entries.iter().map(|entry| entry.record().count).sum::<u64>(), 100_000);
        let rest = entries.iter().max_by_key(|entry| entry.record().count).unwrap().record();
        assert_eq!((rest.package.as_ref(), rest.actor_kind.as_str()), (None, "various"));
    }

    #[test]
    fn what_waits_is_bounded_and_what_is_dropped_is_counted() {
        let mut pending = Pending::default();
        for at in 0..MAX_WAITING_ENTRIES {
            pending.add(denied(at.try_into().unwrap(), "a"));
        }
        let first = pending.take(Timestamp(0), false);
        assert_eq!(first.len(), MAX_WAITING_ENTRIES);
        pending.add(denied(7, "b"));
        pending.take_back(first);
        let entries = pending.take(Timestamp(0), false);
        assert_eq!(entries.len(), MAX_WAITING_ENTRIES + 1);
        let last = entries.last().unwrap().record();
        assert_eq!((last.action.as_str(), last.count), ("audit.dropped", 1));
        assert_eq!(entries[0].record().at, 0);
    }

    #[test]
    fn a_clock_that_goes_back_ends_a_window() {
        let mut pending = Pending::default();
        pending.count(denied(1000, "a"));
        assert!(!pending.is_due(Timestamp(1000)) && pending.is_due(Timestamp(999)));
    }
}
