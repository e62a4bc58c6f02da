//! Listeners, and what they serve.

use std::{future::Future, io, net::SocketAddr, sync::Arc};

use tokio::{net::TcpListener, sync::watch::channel as watch_channel};

use super::{ServeError, Tls, accept::accept};
use crate::{
    console::Console, limits::ServerLimits, listen_address::ListenAddress, metrics::ListenerMetrics,
    settings::ServeOptions, site::Site,
};

/// A listener, what it serves, and where that is counted.
pub(super) struct Listening {
    listener: TcpListener,
    pub(super) site: Site,
    pub(super) seen: Arc<ListenerMetrics>,
}

impl Listening {
    pub(super) fn new(listener: TcpListener, mut site: Site, name: &'static str) -> Self {
        let seen = Arc::new(ListenerMetrics::new(name, std::mem::take(&mut site.routes)));
        Self { listener, site, seen }
    }

    async fn accept(self, limits: &ServerLimits, tls: Option<Arc<Tls>>, shutdown: impl Future<Output = ()>) {
        accept(self.listener, self.site, self.seen, limits, tls, shutdown).await;
    }
}

/// Answers what comes to either listener until `shutdown`.
pub(super) async fn accept_both(
    first: Listening,
    second: Option<Listening>,
    limits: &ServerLimits,
    tls: Option<Arc<Tls>>,
    shutdown: impl Future<Output = ()>,
) {
    let (tell, mut told) = watch_channel(());
    let accept_first = first.accept(limits, tls.clone(), async move {
        shutdown.await;
        drop(tell);
    });
    match second {
        None => accept_first.await,
        Some(second) => {
            // Nothing is ever sent: it ends when the sender is dropped.
            let accept_second = second.accept(limits, tls, async move { drop(told.changed().await) });
            tokio::join!(accept_first, accept_second);
        }
    }
}

/// What a server listens on.
pub(super) struct Sockets {
    pub(super) packages: Socket,
    pub(super) deployment: Option<Socket>,
    pub(super) management: Option<Socket>,
}

/// A listener, and the address that it got.
type Socket = (TcpListener, SocketAddr);

impl Sockets {
    pub(super) async fn open(options: &ServeOptions) -> Result<Self, ServeError> {
        let packages = listen(&options.listen_address).await?;
        let deployment = match &options.settings.deployment {
            Some(settings) => Some(listen(&settings.listen_address).await?),
            None => None,
        };
        let management = match &options.settings.management {
            Some(settings) => Some(listen(&settings.listen_address).await?),
            None => None,
        };
        Ok(Self { packages, deployment, management })
    }

    pub(super) fn count(&self) -> u64 {
        1 + u64::from(self.deployment.is_some()) + u64::from(self.management.is_some())
    }

    /// Says where they are; last, for programs that wait for it, where the packages are.
    pub(super) fn announce<W: io::Write + Send>(&self, options: &ServeOptions, console: &Console<W>) {
        if let Some((_, address)) = &self.management {
            console.extra_heading(&format!("Management listening on: {address}"));
        }
        if let (Some((_, address)), Some(settings)) = (&self.deployment, &options.settings.deployment) {
            console
                .extra_heading(&format!("Deployment server listening on: {address}{}", settings.url_prefix));
        }
        console.listening(self.packages.1);
    }
}

/// Listens on the first of the addresses that can be had, and says which it is.
async fn listen(wanted: &ListenAddress) -> Result<Socket, ServeError> {
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in wanted.candidates() {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                let address = listener.local_addr().map_err(|source| listening(wanted, source))?;
                return Ok((listener, address));
            }
            Err(error) => {
                let is_taken = error.kind() == io::ErrorKind::AddrInUse;
                failure = error;
                if is_taken {
                    // Clients would find whoever has this address, and not us at the next one.
                    break;
                }
            }
        }
    }
    Err(listening(wanted, failure))
}

pub(super) fn listening(wanted: &ListenAddress, source: io::Error) -> ServeError {
    ServeError::Listen { address: wanted.to_string(), source }
}
