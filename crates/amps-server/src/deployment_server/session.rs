//! The session that a request belongs to.

use std::convert::Infallible;

use amps_core::{
    DeploymentDevice, DeviceView,
    accounts::{SESSION_SECONDS, Session, SessionToken},
};
use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderValue,
        header::{COOKIE, SET_COOKIE},
        request::Parts,
    },
    response::{IntoResponse, Response},
};

use super::{Context, asked_at::AskedAt};
use crate::answer::{Problem, blocking};

/// The name that the Django server gives it, too.
const COOKIE_NAME: &str = "sessionid";

/// What a request's cookie says; nobody has looked whether there is such a session.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) token: Option<SessionToken>,
}

impl Visitor {
    /// What the cookies of a request say.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self { token: token(headers) }
    }

    /// The session, if there is one.
    pub(super) async fn session(self, context: &Context) -> Result<Option<Session>, Problem> {
        let Some(token) = self.token else { return Ok(None) };
        let sessions = context.sessions.clone();
        blocking(move || Ok(sessions.find(&token)?)).await
    }

    /// What the device has said, or what is known of one that has said nothing.
    pub(super) async fn view(self, context: &Context) -> Result<DeviceView, Problem> {
        let session = self.session(context).await?;
        Ok(view(session.as_ref(), context))
    }
}

/// What a session says of its device.
pub(super) fn view(session: Option<&Session>, context: &Context) -> DeviceView {
    let greeting = session.map(|session| session.greeting.clone()).unwrap_or_default();
    // What is in the catalog was printed by these types.
    DeviceView::DeploymentServer(DeploymentDevice {
        rule: context.settings.tag_rule,
        architecture: greeting.architecture.parse().ok(),
        tags: greeting.tags.parse().unwrap_or_default(),
        conflicts: greeting.conflicts.parse().unwrap_or_default(),
    })
}

impl FromRequestParts<Context> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Context) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// The first cookie of that name that holds a token.
fn token(headers: &HeaderMap) -> Option<SessionToken> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.split_once('='))
        .filter(|(name, _)| name.trim() == COOKIE_NAME)
        .find_map(|(_, value)| value.trim().trim_matches('"').parse().ok())
}

/// An answer that gives a session to whoever asked.
pub(super) fn with_session(token: &SessionToken, asked_at: &AskedAt, answer: impl IntoResponse) -> Response {
    let secure = if asked_at.is_secure() { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE_NAME}={}; Path=/; Max-Age={SESSION_SECONDS}; HttpOnly; SameSite=Lax{secure}",
        token.reveal()
    );
    with_cookie(&cookie, answer)
}

/// An answer that takes it away.
pub(super) fn without_session(answer: impl IntoResponse) -> Response {
    with_cookie(&format!("{COOKIE_NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"), answer)
}

fn with_cookie(cookie: &str, answer: impl IntoResponse) -> Response {
    let mut answer = answer.into_response();
    // Made of what may stand in a header.
    if let Ok(mut value) = HeaderValue::from_str(cookie) {
        value.set_sensitive(true);
        answer.headers_mut().append(SET_COOKIE, value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let real = SessionToken::generate().unwrap();
        let text = real.reveal();
        for (cookies, found) in [
            (vec![format!("sessionid={text}")], true),
            (vec![format!("a=b; sessionid={text};c=d")], true),
            (vec![format!("sessionid=\"{text}\"")], true),
            (vec!["a=b".into(), format!("sessionid={text}")], true),
            (vec![format!("sessionid=old; sessionid={text}")], true),
            (vec![format!("xsessionid={text}")], false),
            (vec![format!("SESSIONID={text}")], false),
            (vec![format!("sessionid={text}A")], false),
            (vec!["sessionid".into(), "sessionid=".into(), ";;=".into()], false),
            (vec![], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in &cookies {
                headers.append(COOKIE, value.parse().unwrap());
            }
            assert_eq!(token(&headers) == Some(real.clone()), found, "{cookies:?}");
        }
    }
}
