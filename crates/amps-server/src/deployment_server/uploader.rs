//! Who uploads: a user who is staff, logged in by session or by Basic authentication (RFC 7617).

use amps_core::{
    Password,
    accounts::{LoginAnswer, User},
    audit::Channel,
};
use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{Context, asked_at::AskedAt, session::Visitor};
use crate::{
    access::{CHALLENGE, Caller},
    answer::{Problem, blocking},
    audit::{AskedFrom, note_login},
};

/// Why somebody may not upload.
pub(super) enum Refusal {
    /// Nobody knows who it is.
    NobodyLoggedIn,
    /// The password was not looked at; after so many seconds it will be.
    Slowed { seconds: u64 },
    /// It is somebody who may not.
    NotStaff,
}

impl Refusal {
    /// The stable word.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NobodyLoggedIn => "no-login",
            Self::Slowed { .. } => "slowed",
            Self::NotStaff => "not-staff",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = |status, code, message: &str| Problem { status, code, message: message.into() };
        match self {
            Self::NobodyLoggedIn => {
                let problem = problem(StatusCode::UNAUTHORIZED, "no-login", "uploading needs a login");
                ([(WWW_AUTHENTICATE, CHALLENGE)], problem).into_response()
            }
            Self::Slowed { seconds } => {
                let message = "too many logins have failed, or run at the moment: try again later";
                let problem = problem(StatusCode::TOO_MANY_REQUESTS, "slowed", message);
                ([(RETRY_AFTER, HeaderValue::from(seconds))], problem).into_response()
            }
            Self::NotStaff => {
                problem(StatusCode::FORBIDDEN, "not-staff", "only staff may upload").into_response()
            }
        }
    }
}

/// The user who uploads.
pub(super) async fn uploader(
    context: &Context,
    visitor: Visitor,
    asked_at: &AskedAt,
    asked_from: AskedFrom,
    headers: &HeaderMap,
) -> Result<Result<User, Refusal>, Problem> {
    let session = visitor.session(context).await?;
    let user = match session.and_then(|session| session.user) {
        Some(user) => user,
        None => match basic(headers) {
            None => return Ok(Err(Refusal::NobodyLoggedIn)),
            Some((name, password)) => {
                let (login, client) = (context.login.clone(), asked_at.client_or_unknown());
                let (noting, cause) =
                    (context.clone(), asked_from.cause(&Caller::Anonymous, Channel::DeploymentServer));
                let answer = blocking(move || {
                    let answer = login.check(&name, &password, client)?;
                    note_login(&noting.access, &*noting.accounts, &cause, &name, &answer)?;
                    Ok(answer)
                });
                match answer.await? {
                    LoginAnswer::LoggedIn(user) => user,
                    LoginAnswer::Slowed { wait } => {
                        return Ok(Err(Refusal::Slowed { seconds: wait.as_secs().saturating_add(1) }));
                    }
                    _ => return Ok(Err(Refusal::NobodyLoggedIn)),
                }
            }
        },
    };
    Ok(if user.is_staff { Ok(user) } else { Err(Refusal::NotStaff) })
}

/// Name and password of the header `Authorization`.
fn basic(headers: &HeaderMap) -> Option<(String, Password)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let mut text = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let colon = text.find(':')?;
    let password = Password::new(text.split_off(colon + 1));
    text.pop();
    Some((text, password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_the_first_colon() {
        let read = |value: &str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
            basic(&headers).map(|(name, _)| name)
        };
        let encoded = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        assert_eq!(read(&encoded("ada:open:sesame")).as_deref(), Some("ada"));
        assert_eq!(read(&encoded("grüß:ß")).as_deref(), Some("grüß"));
        assert_eq!(read(&encoded(":")).as_deref(), Some(""));
        assert_eq!(read(&format!("bASIC  {}", BASE64_STANDARD.encode("a:b"))).as_deref(), Some("a"));
        for wrong in ["", "Basic", "Basic ", "Basic !", "Bearer YTpi", &encoded("no colon"), "Basic //79Og=="]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
