//! A gate before a server: it keeps its address when the server goes and comes back, and closes, or holds answers back, when a test says so.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
};

use crate::browser::PATIENCE;

/// Listens until it is dropped.
pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Where the server is; none while the gate is closed.
    server: Option<SocketAddr>,
    /// Answers wait until it is false.
    holds: bool,
    /// How many bytes go to the server before the gate closes by itself.
    closes_after: Option<u64>,
    /// How many bytes go to the server before nothing more does.
    holds_after: Option<u64>,
    /// Ends of the connections that go through it.
    streams: Vec<TcpStream>,
    is_over: bool,
}

impl Gate {
    /// A closed gate.
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if accepting.lock().is_over {
                    break;
                }
                accepting.let_in(client);
            }
        });
        Self { address, shared }
    }

    /// Lets everybody through to a server.
    pub(crate) fn open(&self, server: SocketAddr) {
        self.shared.lock().server = Some(server);
    }

    /// Breaks every connection off, and those that come.
    pub(crate) fn close(&self) {
        self.shared.lock().close();
    }

    /// Closes as soon as so many bytes have gone to the server from now on.
    pub(crate) fn close_after(&self, bytes: u64) {
        self.shared.lock().closes_after = Some(bytes);
    }

    /// Waits until it has closed by itself.
    pub(crate) fn wait_until_closed(&self) {
        let (_state, waited) = self
            .shared
            .changed
            .wait_timeout_while(self.shared.lock(), PATIENCE, |state| state.server.is_some())
            .unwrap();
        assert!(!waited.timed_out(), "after {PATIENCE:?} not enough has gone to the server");
    }

    /// Lets so many bytes go to the server from now on, and nothing more until [`Self::go_on`].
    pub(crate) fn hold_after(&self, bytes: u64) {
        self.shared.lock().holds_after = Some(bytes);
    }

    /// Lets everything go to the server again.
    pub(crate) fn go_on(&self) {
        self.shared.lock().holds_after = None;
        self.shared.changed.notify_all();
    }

    /// Holds answers back, or lets them go.
    pub(crate) fn hold(&self, holds: bool) {
        self.shared.lock().holds = holds;
        self.shared.changed.notify_all();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_over = true;
        state.close();
        drop(state);
        self.shared.changed.notify_all();
        // Whoever accepts looks.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn close(&mut self) {
        self.server = None;
        self.closes_after = None;
        for stream in self.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Connects a client with the server, in two threads; they end with the connection.
    fn let_in(self: &Arc<Self>, client: TcpStream) {
        let mut state = self.lock();
        let Some(server) = state.server.and_then(|address| TcpStream::connect(address).ok()) else {
            return;
        };
        let clone = |stream: &TcpStream| stream.try_clone().unwrap();
        state.streams.extend([clone(&client), clone(&server)]);
        drop(state);
        let (up, down) = (Arc::clone(self), Arc::clone(self));
        let (from_client, to_server) = (clone(&client), clone(&server));
        thread::spawn(move || carry(from_client, to_server, |bytes| up.count(bytes)));
        thread::spawn(move || carry(server, client, |_| down.wait_while_held()));
    }

    fn count(&self, bytes: usize) {
        let mut state = self.lock();
        if let Some(left) = state.holds_after {
            state.holds_after = Some(left.saturating_sub(bytes as u64));
            state = self
                .changed
                .wait_while(state, |state| state.holds_after == Some(0) && !state.is_over)
                .unwrap();
        }
        let Some(left) = state.closes_after else { return };
        let left = left.saturating_sub(bytes as u64);
        state.closes_after = Some(left);
        if left == 0 {
            state.close();
            self.changed.notify_all();
        }
    }

    fn wait_while_held(&self) {
        drop(self.changed.wait_while(self.lock(), |state| state.holds && !state.is_over).unwrap());
    }
}

/// Copies until either side ends. `before` is called with the size of each piece before it goes on.
fn carry(mut from: TcpStream, mut to: TcpStream, before: impl Fn(usize)) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(size) = from.read(&mut piece)
        && size > 0
    {
        before(size);
        if to.write_all(&piece[..size]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
