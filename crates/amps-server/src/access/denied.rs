//! The answers to those who may not.

use amps_core::{Error, PackageId, Refusal, accounts::Role};
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};

use crate::answer::Problem;

/// What a client is asked for (RFC 7617, RFC 6750).
pub(crate) const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"amps\", charset=\"UTF-8\", Bearer");

/// Why somebody may not do what they ask for.
#[derive(Debug)]
pub(crate) enum Denied {
    /// They do not say who they are.
    NoCredentials,
    /// What they show is no token that opens something. Which of the reasons it is, is nobody's business.
    WrongCredentials,
    /// They have not the role for it.
    Role {
        /// What it needs.
        needed: Role,
    },
    /// What they ask for is about everything, and their token is for some packages.
    SomePackages,
    /// A browser on this machine asks under a name that may be anybody's.
    Misled,
    /// Nobody could find out.
    Failed(Problem),
}

impl Denied {
    /// The stable word, if it is about them and not about the server.
    pub(super) fn code(&self) -> Option<&'static str> {
        match self {
            Self::NoCredentials => Some("no-credentials"),
            Self::WrongCredentials => Some("wrong-credentials"),
            Self::Role { .. } => Some("missing-role"),
            Self::SomePackages => Some("out-of-scope"),
            Self::Misled => Some("foreign-host"),
            Self::Failed(_) => None,
        }
    }
}

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let (code, message) = match self {
            Self::NoCredentials => ("no-credentials", "this needs a token"),
            Self::WrongCredentials => ("wrong-credentials", "this is not a token that opens anything here"),
            Self::Role { needed } => {
                let message = format!("this needs the role `{needed}`");
                return forbidden("missing-role", message).into_response();
            }
            Self::SomePackages => {
                return forbidden("out-of-scope", "this needs a token for all packages".into())
                    .into_response();
            }
            Self::Misled => {
                let message = "a page on this machine may not change anything here under a name that may be anybody's: expected \
                    localhost or an address in the browser, a token, a user who is signed in, or a proxy that `trustedProxies` names";
                return forbidden("foreign-host", message.into()).into_response();
            }
            Self::Failed(problem) => return problem.into_response(),
        };
        let problem = Problem { status: StatusCode::UNAUTHORIZED, code, message: message.into() };
        let headers = [(WWW_AUTHENTICATE, CHALLENGE), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        (headers, problem).into_response()
    }
}

/// The answer about a package that a token is not for.
pub(super) fn not_for(id: &PackageId) -> Problem {
    forbidden("out-of-scope", Refusal::OutOfScope { id: id.clone() }.to_string())
}

/// The answer to an upload that was refused because of the token's scope; none for another reason.
pub(crate) fn out_of_scope(error: &Error) -> Option<Problem> {
    match error {
        Error::Refused(Refusal::OutOfScope { id }) => Some(not_for(id)),
        _ => None,
    }
}

fn forbidden(code: &'static str, message: String) -> Problem {
    Problem { status: StatusCode::FORBIDDEN, code, message }
}
