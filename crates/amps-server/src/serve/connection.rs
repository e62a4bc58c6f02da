//! What is known about a connection while it lasts.

use std::{
    net::SocketAddr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    task::Waker,
};

use futures_util::task::AtomicWaker;

use crate::client_device::Secured;

/// What the tasks of a connection note about it, and what they are told to do. Noting costs no lock and no clock: who looks
/// ([`Watch`](super::watch::Watch)) has both.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) number: u64,
    /// What TLS says of the client, from the end of the handshake on.
    pub(super) secured: OnceLock<Secured>,
    read_bytes: AtomicU64,
    written_bytes: AtomicU64,
    /// Whether the system took nothing of what was to be written last.
    is_write_blocked: AtomicBool,
    /// HTTP/2: there are many requests at a time, and bytes that belong to none.
    is_multiplexed: AtomicBool,
    requests: AtomicU32,
    requests_begun: AtomicU64,
    /// How many bytes had been read when there was no request any more.
    read_bytes_at_rest: AtomicU64,
    /// Pieces of answers that were handed over and not asked for the next.
    handed_over: AtomicU32,
    /// How many bytes such pieces had that are not handed over any more.
    taken_bytes: AtomicU64,
    order: AtomicU8,
    waker: AtomicWaker,
}

/// What the task of a connection shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Order {
    /// Go on.
    GoOn,
    /// Answer what was asked, then end.
    Finish,
    /// End at once.
    Close,
}

/// A look at the notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) read_bytes: u64,
    pub(super) written_bytes: u64,
    pub(super) is_write_blocked: bool,
    pub(super) is_multiplexed: bool,
    pub(super) requests: u32,
    pub(super) requests_begun: u64,
    /// Whether something was read since the last request ended.
    pub(super) has_head_begun: bool,
    pub(super) handed_over: u32,
    pub(super) taken_bytes: u64,
}

impl Connection {
    pub(super) fn new(peer: SocketAddr, number: u64) -> Self {
        Self {
            peer,
            number,
            secured: OnceLock::new(),
            read_bytes: AtomicU64::new(0),
            written_bytes: AtomicU64::new(0),
            is_write_blocked: AtomicBool::new(false),
            is_multiplexed: AtomicBool::new(false),
            requests: AtomicU32::new(0),
            requests_begun: AtomicU64::new(0),
            read_bytes_at_rest: AtomicU64::new(0),
            handed_over: AtomicU32::new(0),
            taken_bytes: AtomicU64::new(0),
            order: AtomicU8::new(Order::GoOn as u8),
            waker: AtomicWaker::new(),
        }
    }

    /// Only the task that has the stream calls this, so that a plain store is enough.
    pub(super) fn has_read(&self, bytes: usize) {
        self.read_bytes.store(self.read_bytes.load(Relaxed) + bytes as u64, Relaxed);
    }

    /// Only the task that has the stream calls this. None: the system took nothing.
    pub(super) fn has_written(&self, bytes: Option<usize>) {
        if let Some(bytes) = bytes {
            self.written_bytes.store(self.written_bytes.load(Relaxed) + bytes as u64, Relaxed);
        }
        if self.is_write_blocked.load(Relaxed) != bytes.is_none() {
            self.is_write_blocked.store(bytes.is_none(), Relaxed);
        }
    }

    /// Notes a request, and gives its number on this connection.
    pub(super) fn begin_request(&self, is_multiplexed: bool) -> u64 {
        if is_multiplexed && !self.is_multiplexed.load(Relaxed) {
            self.is_multiplexed.store(true, Relaxed);
        }
        self.requests.fetch_add(1, Relaxed);
        self.requests_begun.fetch_add(1, Relaxed)
    }

    pub(super) fn end_request(&self) {
        self.read_bytes_at_rest.store(self.read_bytes.load(Relaxed), Relaxed);
        self.requests.fetch_sub(1, Relaxed);
    }

    /// Notes that the connection has a piece of an answer.
    pub(super) fn hand_over(&self) {
        self.handed_over.fetch_add(1, Relaxed);
    }

    /// Notes that the connection is done with such a piece.
    pub(super) fn take_back(&self, bytes: u64) {
        self.taken_bytes.fetch_add(bytes, Relaxed);
        self.handed_over.fetch_sub(1, Relaxed);
    }

    pub(super) fn look(&self) -> Seen {
        Seen {
            read_bytes: self.read_bytes.load(Relaxed),
            written_bytes: self.written_bytes.load(Relaxed),
            is_write_blocked: self.is_write_blocked.load(Relaxed),
            is_multiplexed: self.is_multiplexed.load(Relaxed),
            requests: self.requests.load(Relaxed),
            requests_begun: self.requests_begun.load(Relaxed),
            has_head_begun: self.read_bytes.load(Relaxed) > self.read_bytes_at_rest.load(Relaxed),
            handed_over: self.handed_over.load(Relaxed),
            taken_bytes: self.taken_bytes.load(Relaxed),
        }
    }

    /// Tells the task what to do, unless it was told more already.
    pub(super) fn tell(&self, order: Order) {
        self.order.fetch_max(order as u8, Relaxed);
        // Waking is also what makes the order visible to the task.
        self.waker.wake();
    }

    /// What the task shall do; `waker` is woken when that changes.
    pub(super) fn order(&self, waker: &Waker) -> Order {
        self.waker.register(waker);
        match self.order.load(Relaxed) {
            0 => Order::GoOn,
            1 => Order::Finish,
            _ => Order::Close,
        }
    }
}
