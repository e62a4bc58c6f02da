//! What requests have in common that look at something, and those that change something.

use axum::{
    Json,
    extract::FromRequestParts,
    http::{StatusCode, header::LOCATION, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{Context, Failure, author::Author, extract::NoQuery, problem::work, representation::answer};
use crate::content::Asked;

/// A request that changes nothing.
pub(super) struct Look {
    context: Context,
    asked: Asked,
}

impl FromRequestParts<Context> for Look {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Failure> {
        let Ok(asked) = Asked::from_request_parts(parts, context).await;
        Ok(Self { context: context.clone(), asked })
    }
}

impl Look {
    /// Answers with what is made of what is there.
    pub(super) async fn answer<A: Serialize>(
        self,
        make: impl FnOnce(&Context) -> Result<A, Failure> + Send + 'static,
    ) -> Result<Response, Failure> {
        let shared = self.context.clone();
        answer(&self.context, self.asked, move || make(&shared)).await
    }
}

/// A request without parameters that changes something. Comes after the permit, which knows who asks.
pub(super) struct Change {
    context: Context,
    author: Author,
}

impl FromRequestParts<Context> for Change {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Failure> {
        let Ok(author) = Author::from_request_parts(parts, context).await;
        NoQuery::from_request_parts(parts, context).await?;
        Ok(Self { context: context.clone(), author })
    }
}

impl Change {
    /// Makes the change in the name of whoever asks, while nobody else makes one.
    pub(super) async fn make<A: Send + 'static>(
        self,
        change: impl FnOnce(&Context) -> Result<A, Failure> + Send + 'static,
    ) -> Result<A, Failure> {
        let _changing = self.context.changing.lock().await;
        let shared = self.context.by(self.author);
        work(move || change(&shared)).await
    }
}

/// Answers with something that is there now.
pub(super) fn made(location: String, thing: impl Serialize) -> Response {
    (StatusCode::CREATED, [(LOCATION, location)], Json(thing)).into_response()
}
