//! Reading on although the answer is known already.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Reads the rest of a request and throws it away. Most clients look for the answer only when they have sent everything; were
/// the connection closed before, they would see an error instead.
///
/// Whoever sends for longer than ten seconds may miss the answer: the connection is not worth more than that.
pub(crate) async fn drain(body: &mut Body) {
    let until = Instant::now() + DRAIN_TIME;
    while let Ok(Some(Ok(_))) = timeout_at(until, body.frame()).await {}
}
