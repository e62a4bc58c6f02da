//! TLS: what connections are secured with, and how that stays up to date.

mod device;
mod error;
mod files;
mod handshake;
mod identity;
mod load;
mod reload;

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use amps_core::{Clock as _, SystemClock};
use rustls::ServerConfig;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    metered_stream::MeteredStream,
    opened_stream::Protocol,
    turn_away::{PLAIN_HTTP, say},
};
use crate::{client_device::Secured, metrics::Expiry, tls_settings::TlsSettings};
pub use error::TlsError;
use files::{Files, Fingerprint};
use handshake::Handshakes;
use load::load;

/// What a handshake record begins with (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// What connections are secured with.
pub(crate) struct Tls {
    settings: TlsSettings,
    current: Mutex<Current>,
    handshakes: Handshakes,
}

struct Current {
    config: Arc<ServerConfig>,
    fingerprint: Fingerprint,
    expiries: Vec<Expiry>,
}

/// A connection after its handshake.
pub(super) struct SecuredStream {
    pub(super) stream: TlsStream<MeteredStream>,
    pub(super) secured: Secured,
    /// None if the client has not said what it speaks.
    pub(super) protocol: Option<Protocol>,
}

impl Tls {
    /// Reads the files. Also gives what will make trouble, in words for people.
    pub(crate) fn open(settings: TlsSettings) -> Result<(Self, Vec<String>), TlsError> {
        let files = Files::read(&settings)?;
        let loaded = load(&settings, &files, SystemClock.now())?;
        let current =
            Current { config: loaded.config, fingerprint: files.fingerprint(), expiries: loaded.expiries };
        let tls = Self { settings, current: Mutex::new(current), handshakes: Handshakes::new() };
        Ok((tls, loaded.warnings))
    }

    /// Until when the certificates hold that are used now.
    pub(crate) fn expiries(&self) -> Vec<Expiry> {
        self.current().expiries.clone()
    }

    /// In a few words, for the console.
    pub(super) fn describe(&self) -> String {
        format!("yes, client certificates: {}", self.settings.client_certificates)
    }

    /// Takes files in whenever they change, until the task is ended.
    pub(super) async fn keep_fresh(self: Arc<Self>) {
        reload::keep_fresh(self).await;
    }

    /// Secures a connection; none if that did not work out, which its client knows then.
    pub(super) async fn secure(&self, stream: MeteredStream) -> Option<SecuredStream> {
        let peer = stream.peer();
        match self.handshake(stream).await {
            Ok(secured) => secured,
            Err(error) => {
                let error = ampkg::quoted(&error.to_string());
                tracing::debug!(%peer, error, "a TLS handshake has failed");
                None
            }
        }
    }

    async fn handshake(&self, stream: MeteredStream) -> io::Result<Option<SecuredStream>> {
        match stream.first_byte().await? {
            None => return Ok(None),
            // The method of a request.
            Some(b'A'..=b'Z') => {
                say(stream, PLAIN_HTTP).await;
                return Ok(None);
            }
            Some(HANDSHAKE) => {}
            Some(_) => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the client does not speak TLS"));
            }
        }
        let config = Arc::clone(&self.current().config);
        let stream = self.handshakes.complete(TlsAcceptor::from(config).accept(stream)).await?;
        let (_, connection) = stream.get_ref();
        let Some(secured) = device::secured(connection, self.settings.hardware_id_from) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the client certificate has expired"));
        };
        let protocol = match connection.alpn_protocol() {
            Some(b"h2") => Some(Protocol::Http2),
            Some(_) => Some(Protocol::Http1),
            None => None,
        };
        Ok(Some(SecuredStream { stream, secured, protocol }))
    }

    /// Looks at the files, and takes them if they have changed: then there may be warnings. Where they cannot be used, what was
    /// there before stays.
    fn refresh(&self) -> (Option<Fingerprint>, Result<Option<Vec<String>>, TlsError>) {
        let files = match Files::read(&self.settings) {
            Ok(files) => files,
            Err(error) => return (None, Err(error)),
        };
        let fingerprint = files.fingerprint();
        if fingerprint == self.current().fingerprint {
            return (Some(fingerprint), Ok(None));
        }
        let loaded = load(&self.settings, &files, SystemClock.now());
        let warnings = loaded.map(|loaded| {
            *self.current() = Current { config: loaded.config, fingerprint, expiries: loaded.expiries };
            Some(loaded.warnings)
        });
        (Some(fingerprint), warnings)
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
