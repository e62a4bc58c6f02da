//! When a connection is not worth keeping: the rules, without the connection.

use std::time::Duration;

use tokio::time::Instant;

use super::connection::Seen;
use crate::{limits::ServerLimits, metrics::ClosedFor, pace::Pace};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It sends a head, or has not begun to.
    Head,
    /// It has no request.
    Idle,
    /// The server works on a request, or the client sends its body: whoever reads the body watches over that.
    Busy,
    /// The client has to take what the server sends.
    Sending,
}

/// How willingly a connection is closed for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// It has no request: HTTP lets a server close such a connection whenever it wants.
    Idle,
    /// It takes its time for a head.
    NoHead,
    /// It takes nothing of its answer.
    Stalled,
}

/// A head that is longer on its way may go for another connection; on a bad line a segment that was lost comes again within a
/// second.
const SLOW_HEAD: Duration = Duration::from_secs(2);
/// So may a client that took nothing for so long.
const STALLED: Duration = Duration::from_secs(10);

/// What was seen of a connection at the last look.
pub(super) struct Watch {
    phase: Phase,
    since: Instant,
    /// When the client was last seen to take something.
    took: Instant,
    last_look: Instant,
    last: Seen,
    pace: Pace,
}

impl Watch {
    pub(super) fn new(now: Instant, limits: &ServerLimits) -> Self {
        Self {
            phase: Phase::Head,
            since: now,
            took: now,
            last_look: now,
            last: Seen::default(),
            pace: Pace::new(limits.download_idle, limits.download_rate),
        }
    }

    /// Looks again. The answer says why the connection must be closed; none if it may stay.
    pub(super) fn look(&mut self, now: Instant, seen: Seen, limits: &ServerLimits) -> Option<ClosedFor> {
        let (time, bytes) = (now - self.last_look, taken(self.last, seen));
        self.last_look = now;
        self.last = seen;
        let phase = phase(seen);
        if phase != self.phase {
            (self.phase, self.since) = (phase, now);
        }
        if phase != Phase::Sending || bytes > 0 {
            self.took = now;
        }
        match phase {
            Phase::Busy => None,
            Phase::Head => (now - self.since >= limits.head_time).then_some(ClosedFor::NoHead),
            Phase::Idle => {
                // What is still in the buffers of HTTP/2 belongs to no request any more.
                if bytes > 0 {
                    self.since = now;
                }
                (now - self.since >= limits.keep_alive).then_some(ClosedFor::NoRequest)
            }
            Phase::Sending => {
                // On HTTP/2 each answer that waits must be worth waiting for: one that moves does not hide others that do not.
                self.pace.waited(time, bytes / u64::from(seen.handed_over.max(1)));
                self.pace.left().is_zero().then_some(ClosedFor::TakesTooLittle)
            }
        }
    }

    /// Whether it may be closed for another connection, and since when it has been worth so little. It is looked at again because
    /// something may have happened since the last look.
    pub(super) fn worth(&self, now: Instant, seen: Seen) -> Option<(Worth, Instant)> {
        let since = if phase(seen) == self.phase { self.since } else { now };
        match phase(seen) {
            Phase::Idle => Some((Worth::Idle, since)),
            Phase::Head if now - since >= SLOW_HEAD => Some((Worth::NoHead, since)),
            Phase::Sending if now - self.took >= STALLED && taken(self.last, seen) == 0 => {
                Some((Worth::Stalled, self.took))
            }
            _ => None,
        }
    }
}

/// How many bytes the client took between two looks. With HTTP/2 that is not what was written: a client that takes nothing of its
/// answers can still have its pings answered, byte by byte. (Nor is it what was read less: it may send a body at the same time.)
fn taken(last: Seen, seen: Seen) -> u64 {
    let written = seen.written_bytes - last.written_bytes;
    if !seen.is_multiplexed {
        return written;
    }
    let echoed = seen.read_bytes - last.read_bytes;
    written.saturating_sub(echoed).max(seen.taken_bytes - last.taken_bytes)
}

fn phase(seen: Seen) -> Phase {
    if seen.is_write_blocked || (seen.requests > 0 && seen.handed_over > 0) {
        Phase::Sending
    } else if seen.requests > 0 {
        Phase::Busy
    } else if seen.requests_begun == 0 || (seen.has_head_begun && !seen.is_multiplexed) {
        Phase::Head
    } else {
        Phase::Idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: Seen = Seen {
        read_bytes: 0,
        taken_bytes: 0,
        written_bytes: 0,
        is_write_blocked: false,
        is_multiplexed: false,
        requests: 0,
        requests_begun: 0,
        has_head_begun: false,
        handed_over: 0,
    };
    const IDLE: Seen = Seen { requests_begun: 1, ..FRESH };
    const BUSY: Seen = Seen { requests: 1, ..IDLE };
    const SENDING: Seen = Seen { is_write_blocked: true, ..BUSY };

    /// After how many seconds a connection is closed that is always seen like this, with so many bytes written each second.
    fn closed_after(seen: Seen, bytes_per_second: u64) -> Option<u64> {
        let (limits, start) = (ServerLimits::default(), Instant::now());
        let mut watch = Watch::new(start, &limits);
        watch.look(start, seen, &limits);
        (1..10_000).find(|&second| {
            let seen = Seen { written_bytes: second * bytes_per_second, ..seen };
            watch.look(start + Duration::from_secs(second), seen, &limits).is_some()
        })
    }

    #[test]
    fn each_phase_has_its_time() {
        assert_eq!(closed_after(FRESH, 0), Some(30));
        assert_eq!(closed_after(Seen { has_head_begun: true, ..IDLE }, 0), Some(30));
        assert_eq!(closed_after(IDLE, 0), Some(75));
        assert_eq!(closed_after(Seen { has_head_begun: true, is_multiplexed: true, ..IDLE }, 0), Some(75));
        assert_eq!(closed_after(BUSY, 0), None);
        assert_eq!(closed_after(SENDING, 0), Some(120));
    }

    #[test]
    fn who_takes_something_is_not_idle() {
        assert_eq!(closed_after(IDLE, 1), None);
        assert_eq!(closed_after(SENDING, 1024), None);
        assert_eq!(closed_after(SENDING, 512), Some(240));
    }

    #[test]
    fn an_answer_that_moves_does_not_hide_those_that_do_not() {
        let waiting = Seen { requests: 4, handed_over: 4, is_multiplexed: true, ..IDLE };
        assert_eq!(closed_after(waiting, 4 * 1024), None);
        assert_eq!(closed_after(waiting, 2 * 1024), Some(240));
    }

    #[test]
    fn pings_are_no_progress() {
        let (limits, start) = (ServerLimits::default(), Instant::now());
        let mut watch = Watch::new(start, &limits);
        let closed = (0..1000).find(|&second| {
            let bytes = second * 100_000;
            let waiting = Seen { handed_over: 1, is_multiplexed: true, requests: 1, ..IDLE };
            let seen = Seen { read_bytes: bytes, written_bytes: bytes, ..waiting };
            watch.look(start + Duration::from_secs(second), seen, &limits).is_some()
        });
        assert_eq!(closed, Some(120));
    }

    #[test]
    fn who_is_closed_first() {
        let (limits, start) = (ServerLimits::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        for (seen, seconds, worth) in [
            (IDLE, 0, Some(Worth::Idle)),
            (FRESH, 1, None),
            (FRESH, 2, Some(Worth::NoHead)),
            (BUSY, 1000, None),
            (SENDING, 9, None),
            (SENDING, 10, Some(Worth::Stalled)),
        ] {
            let mut watch = Watch::new(start, &limits);
            watch.look(start, seen, &limits);
            let found = watch.worth(after(seconds), seen).map(|(worth, _)| worth);
            assert_eq!(found, worth, "{seen:?} after {seconds} seconds");
        }
        assert!(Worth::Idle < Worth::NoHead && Worth::NoHead < Worth::Stalled);
    }

    #[test]
    fn what_has_just_begun_is_not_what_it_was() {
        let (limits, start) = (ServerLimits::default(), Instant::now());
        let mut watch = Watch::new(start, &limits);
        watch.look(start, IDLE, &limits);
        let later = start + Duration::from_secs(50);
        assert_eq!(watch.worth(later, BUSY), None);
        assert_eq!(watch.worth(later, Seen { has_head_begun: true, ..IDLE }), None);
    }
}
