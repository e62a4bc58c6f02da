//! What a token may bring in a day, where an upload begins.

use std::sync::Arc;

use amps_core::{
    accounts::{AccessToken, QuotaUsedUp},
    audit::{Action, AuditResult, Cause},
};
use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};

use super::{Access, Caller};
use crate::answer::{Problem, blocking};

/// Why an upload does not begin.
#[derive(Debug)]
pub(crate) enum NoQuota {
    /// There is no room for it until so many seconds are over.
    UsedUp {
        /// What leaves no room.
        quota: QuotaUsedUp,
        /// Until midnight.
        seconds: u64,
    },
    /// Nobody knows how large it will be: it could bring as much as it likes.
    NoLength,
    /// The catalog gave no answer.
    Failed(Problem),
}

impl Access {
    /// Counts an upload that begins, of so many bytes if that is known; or says why it may not. Costs nothing where the caller has no
    /// quotas. `route` is what the audit trail calls the place where it is refused.
    pub(crate) async fn count_upload(
        &self,
        caller: &Caller,
        bytes: Option<u64>,
        cause: &Cause,
        route: &'static str,
    ) -> Result<(), NoQuota> {
        let Caller::Token(token) = caller else { return Ok(()) };
        if token.quotas.are_none() {
            return Ok(());
        }
        let counted = match bytes {
            None if token.quotas.bytes_per_day.is_some() => Err(NoQuota::NoLength),
            bytes => self.ask_for_quota(token, bytes.unwrap_or(0)).await,
        };
        if let (Err(refusal), Some(audit)) = (&counted, &self.audit)
            && let Some(code) = refusal.code()
        {
            let entry = audit.entry(Action::AccessDenied, cause, AuditResult::Refused { code });
            audit.count(entry.of(route));
        }
        counted
    }

    async fn ask_for_quota(&self, token: &Arc<AccessToken>, bytes: u64) -> Result<(), NoQuota> {
        // Whoever has a token has a catalog.
        let Some(tokens) = self.tokens.clone() else { return Ok(()) };
        let token = Arc::clone(token);
        let counted = blocking(move || Ok(tokens.tables.count_upload(&token, bytes)?)).await;
        let counted = counted.map_err(NoQuota::Failed)?;
        counted.map_err(|(quota, seconds)| NoQuota::UsedUp { quota, seconds })
    }
}

impl NoQuota {
    /// The stable word; none for what is wrong with the server.
    fn code(&self) -> Option<&'static str> {
        match self {
            Self::UsedUp { .. } => Some("quota-used-up"),
            Self::NoLength => Some("length-required"),
            Self::Failed(_) => None,
        }
    }
}

impl IntoResponse for NoQuota {
    fn into_response(self) -> Response {
        match self {
            Self::UsedUp { quota, seconds } => {
                let problem = Problem {
                    status: StatusCode::TOO_MANY_REQUESTS,
                    code: "quota-used-up",
                    message: format!("{quota}; the next day begins in {seconds} seconds"),
                };
                ([(RETRY_AFTER, HeaderValue::from(seconds))], problem).into_response()
            }
            Self::NoLength => {
                let message = "the request does not say how large its body is: expected the header `Content-Length`, because \
                    the token has a quota of bytes";
                let (status, code) = (StatusCode::LENGTH_REQUIRED, "length-required");
                Problem { status, code, message: message.into() }.into_response()
            }
            Self::Failed(problem) => problem.into_response(),
        }
    }
}
