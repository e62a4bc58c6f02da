//! What is counted of a listener: its requests and its connections.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use amps_core::Counter;
use axum::http::{Method, StatusCode};

use super::{
    histogram::Histogram,
    routes::{METHODS, Route, Routes, method_position},
};

/// Classes of status codes, from the first.
pub(super) const CODES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The counters of a listener. All that is counted for a request is found before it is answered, so that counting takes neither a
/// lock nor memory.
pub(crate) struct ListenerMetrics {
    /// Which one it is.
    pub(super) name: &'static str,
    pub(crate) connections: ConnectionCounters,
    routes: Routes,
    of_route: Vec<RouteCounters>,
    /// Requests that are in progress.
    running: AtomicUsize,
}

/// The answers of one route.
#[derive(Default)]
pub(super) struct RouteCounters {
    /// By method and class of status.
    answers: [[Counter; CODES.len()]; METHODS.len()],
    /// From the head of the request to the last byte of the answer.
    pub(super) durations: Histogram,
    pub(super) body_bytes: Counter,
}

/// What a request is counted as.
#[derive(Clone, Copy)]
pub(crate) struct RequestKind {
    route: usize,
    method: usize,
}

impl ListenerMetrics {
    pub(crate) fn new(name: &'static str, routes: Vec<Route>) -> Self {
        let routes = Routes::new(name, routes);
        Self {
            name,
            connections: ConnectionCounters::default(),
            of_route: routes.all().iter().map(|_| RouteCounters::default()).collect(),
            routes,
            running: AtomicUsize::new(0),
        }
    }

    pub(crate) fn kind(&self, method: &Method, path: &str) -> RequestKind {
        RequestKind { route: self.routes.position(path), method: method_position(method) }
    }

    /// A request begins; gives how many there are now.
    pub(crate) fn begin_request(&self) -> usize {
        self.running.fetch_add(1, Relaxed) + 1
    }

    /// A request has ended, whatever was counted of it.
    pub(crate) fn end_request(&self) {
        self.running.fetch_sub(1, Relaxed);
    }

    /// An answer was sent, or as much of it as the client took.
    pub(crate) fn answered(
        &self,
        kind: RequestKind,
        status: StatusCode,
        body_bytes: u64,
        duration: Duration,
    ) {
        let Some(route) = self.of_route.get(kind.route) else { return };
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(answers) = route.answers.get(kind.method).and_then(|codes| codes.get(class)) {
            answers.one_more();
        }
        route.durations.note(duration);
        if body_bytes > 0 {
            route.body_bytes.add(body_bytes);
        }
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Relaxed)
    }

    pub(super) fn routes(&self) -> impl Iterator<Item = (&Route, &RouteCounters)> {
        self.routes.all().iter().zip(&self.of_route)
    }
}

impl ListenerMetrics {
    /// Connections that have not ended.
    pub(crate) fn open_connections(&self) -> u64 {
        // Ended first: one that ends meanwhile still counts.
        let ended = self.connections.ended.value();
        self.connections.opened.value().saturating_sub(ended)
    }
}

impl RouteCounters {
    /// Those of its counters that are not zero: method, class of status, number.
    pub(super) fn answers(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        METHODS.iter().zip(&self.answers).flat_map(|(method, codes)| {
            let some = CODES.iter().zip(codes).map(|(code, count)| (*method, *code, count.value()));
            some.filter(|(_, _, count)| *count > 0)
        })
    }
}

/// Why a connection was closed by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosedFor {
    NoHead,
    NoRequest,
    TakesTooLittle,
    /// Another one needed its place.
    Room,
}

impl ClosedFor {
    pub(super) const ALL: [Self; 4] = [Self::NoHead, Self::NoRequest, Self::TakesTooLittle, Self::Room];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NoHead => "no-head",
            Self::NoRequest => "no-request",
            Self::TakesTooLittle => "takes-too-little",
            Self::Room => "room",
        }
    }
}

impl fmt::Display for ClosedFor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoHead => "no head in time",
            Self::NoRequest => "no request in time",
            Self::TakesTooLittle => "the client takes too little",
            Self::Room => "another one needs its place",
        })
    }
}

/// Connections so far, and what went over them. The bytes are those that the watch has seen, half a second ago at most.
#[derive(Default)]
pub(crate) struct ConnectionCounters {
    pub(crate) opened: Counter,
    pub(crate) ended: Counter,
    pub(crate) turned_away: Counter,
    pub(crate) received_bytes: Counter,
    pub(crate) sent_bytes: Counter,
    closed: [Counter; ClosedFor::ALL.len()],
}

impl ConnectionCounters {
    pub(crate) fn closed(&self, reason: ClosedFor) {
        if let Some(counter) = self.closed.get(reason as usize) {
            counter.one_more();
        }
    }

    pub(super) fn closed_for(&self) -> impl Iterator<Item = (&'static str, u64)> {
        ClosedFor::ALL.iter().zip(&self.closed).map(|(reason, counter)| (reason.word(), counter.value()))
    }
}
