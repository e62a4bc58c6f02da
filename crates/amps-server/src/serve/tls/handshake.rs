//! From a connection to a stream that is secured.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use tokio::{
    sync::{Notify, Semaphore},
    task::spawn_blocking,
};
use tokio_rustls::{Accept, server::TlsStream};

use crate::serve::metered_stream::MeteredStream;

/// How many steps of handshakes are worked at at the same time.
pub(super) struct Handshakes {
    places: Arc<Semaphore>,
}

impl Handshakes {
    /// As many as there are cores. The system shares these fairly between handshakes and the network's threads, however many
    /// clients come at once.
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { places: Arc::new(Semaphore::new(cores)) }
    }

    /// Goes through with a handshake. Each step (what can be done until the client has to say something) takes up to a
    /// millisecond, and so happens where that keeps nobody from the network; a client that takes its time has no place.
    pub(super) async fn complete(
        &self,
        mut accept: Accept<MeteredStream>,
    ) -> io::Result<TlsStream<MeteredStream>> {
        let bell = Arc::new(Bell(Notify::new()));
        loop {
            let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
            let waker = Waker::from(Arc::clone(&bell));
            let step = spawn_blocking(move || {
                let poll = Pin::new(&mut accept).poll(&mut Context::from_waker(&waker));
                drop(place);
                (accept, poll)
            });
            let (same, poll) = step.await.map_err(io::Error::other)?;
            match poll {
                Poll::Ready(result) => return result,
                Poll::Pending => accept = same,
            }
            bell.0.notified().await;
        }
    }
}

/// Rings when the client has said something, also if nobody listens at that moment.
struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}
