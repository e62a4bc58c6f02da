//! A layer around pages that lets their clients pay.

use std::{
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::header::EXPECT,
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::MethodRouter,
};
use hyper::body::{Frame, SizeHint};

use super::{Rates, too_much};
use crate::{client_network::ClientNetwork, drain::drain};

const MEBIBYTE: u64 = 1 << 20;

/// What a page costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Charge {
    /// For each request, before it is looked at.
    pub(crate) request: u32,
    /// For each mebibyte of the answer.
    pub(crate) mebibyte: u32,
}

impl From<u32> for Charge {
    fn from(request: u32) -> Self {
        Self { request, mebibyte: 0 }
    }
}

impl Charge {
    /// Whether it costs nothing.
    pub(crate) fn is_free(self) -> bool {
        self == Self::default()
    }
}

/// The pages of a path, for which clients pay.
pub(crate) fn charged<S: Clone + Send + Sync + 'static>(
    page: MethodRouter<S>,
    rates: &Rates,
    charge: Charge,
) -> MethodRouter<S> {
    if charge.is_free() { page } else { page.layer(from_fn_with_state((rates.clone(), charge), pay)) }
}

async fn pay(State((rates, charge)): State<(Rates, Charge)>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<SocketAddr>().map(SocketAddr::ip);
    let Some(payer) = rates.payer(request.headers(), peer) else { return next.run(request).await };
    // Also what costs nothing itself waits until debts are paid.
    if let Err(wait) = rates.accounts.pay(payer, charge.request, rates.now()) {
        tracing::debug!(seconds = wait.as_secs(), "a client has spent its credit");
        // Most clients look for the answer only when they have sent everything.
        if !request.headers().contains_key(EXPECT) {
            drain(request.body_mut()).await;
        }
        return too_much(wait);
    }
    let answer = next.run(request).await;
    if charge.mebibyte == 0 || answer.body().is_end_stream() {
        return answer;
    }
    let mebibyte = charge.mebibyte;
    answer.map(|body| Body::new(Charged { body, rates, payer, mebibyte, unpaid_bytes: 0 }))
}

/// The body of an answer that is paid for while it is sent.
struct Charged {
    body: Body,
    rates: Rates,
    payer: ClientNetwork,
    mebibyte: u32,
    unpaid_bytes: u64,
}

impl Charged {
    fn pay(&mut self) {
        let thousandths =
            u128::from(self.unpaid_bytes) * u128::from(self.mebibyte) * 1000 / u128::from(MEBIBYTE);
        self.unpaid_bytes = 0;
        let thousandths = u64::try_from(thousandths).unwrap_or(u64::MAX);
        self.rates.accounts.owe(self.payer, thousandths, self.rates.now());
    }
}

impl HttpBody for Charged {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.unpaid_bytes += data.len() as u64;
            if self.unpaid_bytes >= MEBIBYTE {
                self.pay();
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Charged {
    fn drop(&mut self) {
        self.pay();
    }
}
