//! Things as they are sent, and the tags by which clients tell whether they have changed (RFC 9110, sections 8.8.3 and 13.1.1).

use std::sync::Arc;

use amps_core::Timestamp;
use axum::{
    extract::FromRequestParts,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, IF_MATCH},
        request::Parts,
    },
    response::Response,
};
use serde::Serialize;

use super::{Context, Failure, problem::work};
use crate::{answer::Problem, content::Asked, prepared::Prepared};

/// The last moment that has a form in RFC 3339: the end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// A thing in JSON.
pub(super) fn prepared(thing: &impl Serialize) -> Result<Prepared, Failure> {
    let text = serde_json::to_vec(thing).map_err(|error| Problem::internal(&error))?;
    Ok(Prepared::new(text))
}

/// Makes a thing where it may take time, and answers with it.
pub(super) async fn answer<T: Serialize>(
    context: &Context,
    asked: Asked,
    make: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<Response, Failure> {
    let text = work(move || prepared(&make()?)).await?;
    private(text.into(), asked, context).await
}

/// Answers with a thing that is made.
pub(super) async fn private(
    text: Arc<Prepared>,
    asked: Asked,
    context: &Context,
) -> Result<Response, Failure> {
    let mut answer = text.content(&asked).await?.answer(&asked.without_ranges(), &context.buffers);
    // What one caller may see is not for another's cache.
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(answer)
}

/// What a request expects something to be that it is about to change.
pub(super) struct Expected(Option<String>);

impl<S: Sync> FromRequestParts<S> for Expected {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let mut lists = Vec::new();
        for value in parts.headers.get_all(IF_MATCH) {
            let list = value.to_str().unwrap_or_default();
            let is_tag = |item: &str| {
                let item = item.trim();
                let tag = item.strip_prefix("W/").unwrap_or(item);
                tag.len() > 1 && tag.starts_with('"') && tag.ends_with('"')
            };
            if list.trim() != "*" && !list.split(',').all(is_tag) {
                let detail = "this is not a list of entity tags";
                return Err(Failure::field("invalid-header", "If-Match", detail));
            }
            lists.push(list);
        }
        Ok(Self((!lists.is_empty()).then(|| lists.join(","))))
    }
}

impl Expected {
    /// Refuses to change something that is not what the request expects; none if there is no such thing.
    pub(super) fn check(&self, now: &impl Serialize) -> Result<(), Failure> {
        let Some(list) = &self.0 else { return Ok(()) };
        if list.trim() == "*" {
            return Ok(());
        }
        let tag = prepared(now)?;
        let fits = |item: &str| {
            let item = item.trim().strip_prefix('"').and_then(|item| item.strip_suffix('"'));
            item.is_some_and(|item| item.strip_suffix("-gzip").unwrap_or(item) == tag.tag())
        };
        if list.split(',').any(fits) { Ok(()) } else { Err(Failure::changed()) }
    }
}

/// A time as RFC 3339 has it.
pub(super) fn time(at: Timestamp) -> String {
    Timestamp(at.0.clamp(0, LAST_SECOND)).to_string()
}
