//! The device that a request comes from, as its client certificate tells.

use std::{convert::Infallible, sync::Arc};

use amps_core::HardwareId;
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};

use crate::answer::Problem;

/// That a request came over TLS, and from whom: an extension of the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secured {
    /// None if nothing says which device it is: there is no certificate, or what is in it does not count.
    pub(crate) device: Option<CertifiedDevice>,
}

/// What a certificate says of its device, if it says one thing.
pub(crate) type CertifiedDevice = Result<Arc<HardwareId>, NoDevice>;

/// Why a certificate that was verified tells of no device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoDevice {
    #[error("the client certificate has no {expected}, which is the device's hardware id")]
    Missing { expected: &'static str },
    #[error(
        "the client certificate has {found} of {expected}: expected one, which is the device's hardware id"
    )]
    Several { found: usize, expected: &'static str },
    #[error("the client certificate has no {expected} that can be a hardware id")]
    Invalid { expected: &'static str },
}

/// The device of a request.
#[derive(Debug)]
pub(crate) struct ClientDevice(Option<CertifiedDevice>);

impl ClientDevice {
    /// That of a client without a certificate.
    pub(crate) fn uncertified() -> Self {
        Self(None)
    }

    /// The device that the answer is for: that of the certificate, else the one that the request states. A request that
    /// states another device than its certificate is refused.
    pub(crate) fn or(self, stated: Option<&str>) -> Result<Option<Arc<HardwareId>>, Problem> {
        match (self.0, stated) {
            (None, None) => Ok(None),
            (None, Some(id)) => {
                HardwareId::new(id.to_owned()).map(|id| Some(Arc::new(id))).map_err(|error| Problem {
                    status: StatusCode::BAD_REQUEST,
                    code: "bad-hardware-id",
                    message: error.to_string(),
                })
            }
            (Some(Err(reason)), _) => Err(forbidden("no-device", reason.to_string())),
            (Some(Ok(device)), Some(id)) if device.as_str() != id => Err(other_device()),
            (Some(Ok(device)), _) => Ok(Some(device)),
        }
    }

    /// The device of the certificate, if there is one; the request may state the same one.
    pub(crate) fn certified(self, stated: Option<&str>) -> Result<Option<Arc<HardwareId>>, Problem> {
        if self.0.is_none() { Ok(None) } else { self.or(stated) }
    }
}

/// What a device is told that asks for what is for another one.
pub(crate) fn other_device() -> Problem {
    forbidden("other-device", "the client certificate is that of another device".into())
}

fn forbidden(code: &'static str, message: String) -> Problem {
    Problem { status: StatusCode::FORBIDDEN, code, message }
}

impl<S: Sync> FromRequestParts<S> for ClientDevice {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<Secured>().and_then(|secured| secured.device.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn or(certified: Option<CertifiedDevice>, stated: Option<&str>) -> Result<Option<String>, &'static str> {
        let device = ClientDevice(certified).or(stated).map_err(|problem| problem.code)?;
        Ok(device.map(|device| device.as_str().to_owned()))
    }

    #[test]
    fn a_certificate_counts_more_than_what_is_stated() {
        let device = || Some(Ok(Arc::new(HardwareId::new("a".into()).unwrap())));
        assert_eq!(or(None, None), Ok(None));
        assert_eq!(or(None, Some("b")), Ok(Some("b".into())));
        assert_eq!(or(None, Some("b\0")), Err("bad-hardware-id"));
        assert_eq!(or(device(), None), Ok(Some("a".into())));
        assert_eq!(or(device(), Some("a")), Ok(Some("a".into())));
        for other in ["b", "A", "a ", "a\0"] {
            assert_eq!(or(device(), Some(other)), Err("other-device"));
        }
    }

    #[test]
    fn a_certificate_that_names_no_device_gets_nothing_for_one() {
        let unknown = || Some(Err(NoDevice::Missing { expected: "URI" }));
        assert_eq!(or(unknown(), None), Err("no-device"));
        assert_eq!(or(unknown(), Some("a")), Err("no-device"));
    }
}
