//! What handlers take of the body of a request: the document says the same.

use std::net::SocketAddr;

use axum::{Extension, body::Body, extract::State, http::HeaderMap};
use utoipa::openapi::Required;

use super::{
    Context,
    extract::{JsonBody, NoQuery},
    representation::Expected,
    request::{Change, Look},
    thing::{ChangeOf, LookAt, Thing},
};
use crate::{audit::AskedFrom, client_device::ClientDevice, content::Asked};

/// The arguments of a handler, of which only the last one may take the body.
pub(super) trait Taken {
    /// Whether there must be a body, if the handler takes one.
    const BODY: Option<Required>;
}

/// The last argument of a handler.
pub(super) trait Last {
    /// Whether there must be a body, if it takes one.
    const BODY: Option<Required>;
}

impl<T> Last for JsonBody<T> {
    const BODY: Option<Required> = Some(Required::True);
}

impl<T> Last for Option<JsonBody<T>> {
    const BODY: Option<Required> = Some(Required::False);
}

impl Last for Body {
    const BODY: Option<Required> = Some(Required::True);
}

macro_rules! without_body {
    ($($argument:ty)*) => {$(
        impl Last for $argument {
            const BODY: Option<Required> = None;
        }
    )*};
}

without_body!(Option<Extension<SocketAddr>> State<Context> Asked AskedFrom Change ClientDevice Expected HeaderMap Look NoQuery);

impl<T: Thing> Last for LookAt<T> {
    const BODY: Option<Required> = None;
}

impl<T: Thing> Last for ChangeOf<T> {
    const BODY: Option<Required> = None;
}

/// A handler's arguments are a tuple whose first element is axum's own.
macro_rules! taken {
    ($($argument:ident)*) => {
        impl<M, L: Last, $($argument),*> Taken for (M, $($argument,)* L) {
            const BODY: Option<Required> = L::BODY;
        }
    };
}

taken!(A);
taken!(A B);
taken!(A B C);
taken!(A B C D);
taken!(A B C D E);
taken!(A B C D E F);
