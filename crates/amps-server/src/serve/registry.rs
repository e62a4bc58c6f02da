//! The connections that there are: how many, of whom, and which goes when there are too many.

use std::{
    borrow::Cow,
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use super::{
    connection::{Connection, Order, Seen},
    watch::Watch,
};
use crate::{
    client_network::ClientNetwork,
    limits::ServerLimits,
    metrics::{ClosedFor, ListenerMetrics},
};

/// How long a connection without a request may stay when the server ends: time to say so, and for a request that was on its
/// way.
const FAREWELL: Duration = Duration::from_secs(1);

/// The connections of a server.
pub(super) struct Registry {
    connections: Mutex<Connections>,
    limits: ServerLimits,
    seen: Arc<ListenerMetrics>,
    is_finishing: AtomicBool,
    /// One has ended.
    ended: Notify,
    /// There is one.
    begun: Notify,
}

#[derive(Default)]
struct Connections {
    next: u64,
    present: HashMap<u64, Present>,
    /// How many of them stay.
    staying: usize,
    of_network: HashMap<ClientNetwork, usize>,
}

struct Present {
    connection: Arc<Connection>,
    watch: Watch,
    /// It was told to close, and does not count any more.
    is_leaving: bool,
    /// Bytes that were counted already: read, written.
    counted: (u64, u64),
}

/// Why a connection cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// There are too many.
    Server,
    /// There are too many of this client.
    Network,
}

impl Registry {
    pub(super) fn new(seen: Arc<ListenerMetrics>, limits: &ServerLimits) -> Self {
        Self {
            connections: Mutex::default(),
            limits: limits.clone(),
            seen,
            is_finishing: AtomicBool::new(false),
            ended: Notify::new(),
            begun: Notify::new(),
        }
    }

    /// Takes a connection in. If there are too many, the one that is worth least is closed for it.
    pub(super) fn admit(self: &Arc<Self>, peer: SocketAddr) -> Result<Admission, Full> {
        let (network, now) = (ClientNetwork::of(peer.ip()), Instant::now());
        let mut connections = self.lock();
        let of_network = connections.of_network.get(&network).copied().unwrap_or_default();
        if of_network >= self.limits.connections_per_address
            && !self.make_room(&mut connections, now, Some(network))
        {
            return Err(Full::Network);
        }
        if connections.staying >= self.limits.connections && !self.make_room(&mut connections, now, None) {
            return Err(Full::Server);
        }
        let number = connections.next;
        let connection = Arc::new(Connection::new(peer, number));
        let watch = Watch::new(now, &self.limits);
        let connection_too = Arc::clone(&connection);
        let present = Present { connection: connection_too, watch, is_leaving: false, counted: (0, 0) };
        connections.next += 1;
        connections.present.insert(number, present);
        connections.staying += 1;
        *connections.of_network.entry(network).or_default() += 1;
        drop(connections);
        self.seen.connections.opened.one_more();
        self.begun.notify_one();
        Ok(Admission { connection, registry: Arc::clone(self) })
    }

    /// Looks at all connections again and again, and closes those that are not worth keeping.
    pub(super) async fn watch(&self) {
        let limits = &self.limits;
        let shortest = limits.head_time.min(limits.keep_alive).min(limits.download_idle);
        let pause = (shortest / 8).clamp(Duration::from_millis(10), Duration::from_millis(500));
        loop {
            sleep(pause).await;
            if self.look() == 0 {
                self.begun.notified().await;
            }
        }
    }

    /// How many there are.
    fn look(&self) -> usize {
        let now = Instant::now();
        let mut limits = Cow::Borrowed(&self.limits);
        if self.is_finishing.load(Relaxed) {
            let limits = limits.to_mut();
            limits.keep_alive = limits.keep_alive.min(FAREWELL);
            limits.head_time = limits.head_time.min(FAREWELL);
        }
        let mut connections = self.lock();
        let mut leaving = Vec::new();
        for (number, present) in &mut connections.present {
            let seen = present.connection.look();
            present.count(seen, &self.seen);
            if let Some(reason) = present.watch.look(now, seen, &limits) {
                tracing::debug!(peer = %present.connection.peer, %reason, "closing a connection");
                if !present.is_leaving {
                    self.seen.connections.closed(reason);
                }
                leaving.push(*number);
            }
        }
        for number in leaving {
            connections.send_away(number);
        }
        connections.present.len()
    }

    /// Closes one connection, of that network if one is given; false if all are worth keeping.
    fn make_room(&self, connections: &mut Connections, now: Instant, network: Option<ClientNetwork>) -> bool {
        let has_room = connections.make_room(now, network);
        if has_room {
            self.seen.connections.closed(ClosedFor::Room);
        }
        has_room
    }

    /// Completes when a connection has ended.
    pub(super) async fn one_ended(&self) {
        self.ended.notified().await;
    }

    /// Lets all connections answer what they were asked, for so long as the limit says, and then closes those that are left.
    pub(super) async fn finish(&self) {
        self.is_finishing.store(true, Relaxed);
        if tokio::time::timeout(self.limits.shutdown, self.tell_all(Order::Finish)).await.is_err() {
            let left = self.lock().present.len();
            tracing::warn!(
                connections = left,
                "closing connections that have not ended within {} seconds",
                self.limits.shutdown.as_secs()
            );
            self.tell_all(Order::Close).await;
        }
    }

    /// Tells all connections, and waits until there are none.
    async fn tell_all(&self, order: Order) {
        loop {
            let ended = self.ended.notified();
            {
                let connections = self.lock();
                if connections.present.is_empty() {
                    return;
                }
                connections.present.values().for_each(|present| present.connection.tell(order));
            }
            ended.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present {
    /// Counts the bytes that have come and gone since the last time.
    fn count(&mut self, seen: Seen, metrics: &ListenerMetrics) {
        let (read, written) = self.counted;
        metrics.connections.received_bytes.add(seen.read_bytes - read);
        metrics.connections.sent_bytes.add(seen.written_bytes - written);
        self.counted = (seen.read_bytes, seen.written_bytes);
    }
}

impl Connections {
    /// Closes one connection, of that network if one is given; false if all are worth keeping.
    fn make_room(&mut self, now: Instant, network: Option<ClientNetwork>) -> bool {
        let present = self.present.iter().filter(|(_, present)| {
            let is_of = |network| ClientNetwork::of(present.connection.peer.ip()) == network;
            !present.is_leaving && network.is_none_or(is_of)
        });
        let worth = |present: &Present| present.watch.worth(now, present.connection.look());
        let least = present.filter_map(|(number, present)| Some((worth(present)?, *number))).min();
        if let Some((_, number)) = least {
            self.send_away(number);
        }
        least.is_some()
    }

    fn send_away(&mut self, number: u64) {
        let Some(present) = self.present.get_mut(&number) else { return };
        present.connection.tell(Order::Close);
        if !present.is_leaving {
            present.is_leaving = true;
            let network = ClientNetwork::of(present.connection.peer.ip());
            self.discount(network);
        }
    }

    fn remove(&mut self, number: u64, metrics: &ListenerMetrics) {
        let Some(mut present) = self.present.remove(&number) else { return };
        present.count(present.connection.look(), metrics);
        metrics.connections.ended.one_more();
        if !present.is_leaving {
            self.discount(ClientNetwork::of(present.connection.peer.ip()));
        }
    }

    fn discount(&mut self, network: ClientNetwork) {
        self.staying -= 1;
        if let Some(count) = self.of_network.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                self.of_network.remove(&network);
            }
        }
    }
}

/// A connection that was taken in, until this is dropped.
pub(super) struct Admission {
    pub(super) connection: Arc<Connection>,
    registry: Arc<Registry>,
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.registry.lock().remove(self.connection.number, &self.registry.seen);
        // Whoever waits for the last one and whoever waits for any.
        self.registry.ended.notify_waiters();
        self.registry.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(connections: usize, connections_per_address: usize) -> Arc<Registry> {
        let limits = ServerLimits { connections, connections_per_address, ..ServerLimits::default() };
        Arc::new(Registry::new(Arc::new(ListenerMetrics::new("test", Vec::new())), &limits))
    }

    fn peer(ip: &str) -> SocketAddr {
        SocketAddr::new(ip.parse().unwrap(), 1)
    }

    #[test]
    fn both_limits_are_inclusive() {
        let registry = registry(3, 2);
        let first = registry.admit(peer("10.0.0.1")).unwrap();
        let _second = registry.admit(peer("10.0.0.1")).unwrap();
        assert_eq!(registry.admit(peer("::ffff:10.0.0.1")).err(), Some(Full::Network));
        let _third = registry.admit(peer("10.0.0.2")).unwrap();
        assert_eq!(registry.admit(peer("10.0.0.3")).err(), Some(Full::Server));
        drop(first);
        registry.admit(peer("10.0.0.1")).unwrap();
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let registry = registry(10, 1);
        let _first = registry.admit(peer("2001:db8::1")).unwrap();
        assert_eq!(registry.admit(peer("2001:db8::ffff:0:0:2")).err(), Some(Full::Network));
        registry.admit(peer("2001:db8:0:1::1")).unwrap();
    }

    #[test]
    fn an_idle_connection_goes_for_a_new_one_and_a_busy_one_stays() {
        let registry = registry(2, 2);
        let (busy, idle) =
            (registry.admit(peer("10.0.0.1")).unwrap(), registry.admit(peer("10.0.0.1")).unwrap());
        for admission in [&busy, &idle] {
            admission.connection.begin_request(false);
        }
        idle.connection.end_request();
        let _next = registry.admit(peer("10.0.0.1")).unwrap();
        let order = |admission: &Admission| admission.connection.order(std::task::Waker::noop());
        assert_eq!((order(&busy), order(&idle)), (Order::GoOn, Order::Close));
        assert_eq!(registry.admit(peer("10.0.0.1")).err(), Some(Full::Network));
        // It does not count twice.
        drop(idle);
        assert_eq!(registry.admit(peer("10.0.0.1")).err(), Some(Full::Network));
        drop(busy);
        registry.admit(peer("10.0.0.1")).unwrap();
    }
}
