//! `/session`: signing in with a browser.

use amps_core::{
    accounts::{BROWSER_SESSION_SECONDS, BrowserToken, LoginAnswer, PackagePattern, Role, User as KnownUser},
    audit::Channel,
};
use axum::{
    Json,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, COOKIE, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Context, Failure,
    extract::{JsonBody, NoQuery, Secret},
    operations::{Operations, PREFIX},
    problem::work,
    representation::{answer, time},
    responses::{MediaType, TimedOut, TooLarge},
};
use crate::{
    access::{Caller, Nothing, Permit},
    audit::{AskedFrom, note_login, note_logout},
    content::Asked,
    reached::Reached,
};

/// The name of the cookie.
pub(super) const COOKIE_NAME: &str = "amps-session";
/// What a browser asks its user for. A page that asks would not want it to ask for a password of Basic authentication.
pub(super) const QUIET_CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"amps\"");

/// Who asks, and what they may do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Session {
    /// The user who is signed in.
    user: Option<SignedIn>,
    /// The token that the request shows.
    token: Option<Shown>,
    /// What they may do; what a role includes is among them. Somebody who is neither may do what `anonymousAccess` says: with
    /// `all`, everything but what needs `admin`.
    #[schema(value_type = Vec<String>)]
    roles: Vec<&'static str>,
    /// Patterns of the packages that they may do it with; null for all.
    packages: Option<Vec<String>>,
    /// When the user is not signed in any more, if they do nothing meanwhile.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Whether there is a user who can sign in.
    can_sign_in: bool,
}

/// A user who is signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    /// Their name.
    name: String,
    /// Whether they may do everything.
    is_staff: bool,
}

/// A token that a request shows.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Shown {
    /// Its name.
    name: String,
}

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SignIn {
    /// The user's name.
    user_name: String,
    /// Their password.
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

pub(super) fn operations(operations: Operations) -> Operations {
    let login = operations.rates().costs.login;
    operations.add(__path_show, show).add_for(login.into(), __path_begin, begin, |methods| methods).add_for(
        0.into(),
        __path_end,
        end,
        |methods| methods,
    )
}

/// Tell who asks
///
/// And what they may do.
#[utoipa::path(
    get, path = "/session", tag = "session",
    responses((status = 200, description = "Who asks.", body = Session)),
)]
async fn show(
    permit: Permit<Nothing>,
    _: NoQuery,
    State(context): State<Context>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, Failure> {
    let shared = context.clone();
    answer(&context, asked, move || {
        let session = match (permit.caller(), token(&headers)) {
            (Caller::User(_), Some(token)) => shared.sessions.find(&token)?,
            _ => None,
        };
        Session::of(&shared, permit.caller(), session.map(|session| time(session.expires_at)))
    })
    .await
}

/// Sign in
///
/// With the name and the password of a user. The answer's cookie is the session; it is for this API only. What changes something
/// and shows it must come from a page of this server: `Origin` or `Sec-Fetch-Site` says so. It ends after 12 hours, or after one
/// without use. A user who is staff has all roles, every other one the role `read`.
#[utoipa::path(
    post, path = "/session", tag = "session", request_body = SignIn,
    responses(
        (status = 200, description = "Who is signed in.", body = Session, headers(("Set-Cookie" = String, description = "The session."))),
        TooLarge, MediaType, TimedOut,
    ),
)]
async fn begin(
    _: Permit<Nothing>,
    _: NoQuery,
    State(context): State<Context>,
    headers: HeaderMap,
    reached: Reached,
    asked_from: AskedFrom,
    JsonBody(sign_in): JsonBody<SignIn>,
) -> Result<Response, Failure> {
    let shared = context.clone();
    let client = reached.client_or_unknown();
    let cause = asked_from.cause(&Caller::Anonymous, Channel::Api);
    let (token, session) = work(move || {
        let answer = shared.login.check(&sign_in.user_name, &sign_in.password.0, client)?;
        note_login(&shared.access, &*shared.accounts, &cause, &sign_in.user_name, &answer)?;
        let LoginAnswer::LoggedIn(user) = answer else { return Err(refusal(&answer)) };
        let (new, expires_at) = shared.sessions.sign_in(token(&headers).as_ref(), user.id)?;
        let caller = Caller::User(user.into());
        Ok((new, Session::of(&shared, &caller, Some(time(expires_at)))?))
    })
    .await?;
    let secure = if reached.is_secure() { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE_NAME}={}; Path={PREFIX}; Max-Age={BROWSER_SESSION_SECONDS}; HttpOnly; SameSite=Strict{secure}",
        token.reveal()
    );
    Ok(with_cookie(&cookie, Json(session)))
}

/// Sign out
///
/// Ends the session and removes the cookie, if there is one.
#[utoipa::path(
    delete, path = "/session", tag = "session",
    responses((status = 204, description = "Nobody is signed in.", headers(("Set-Cookie" = String, description = "Removes the session.")))),
)]
async fn end(
    _: Permit<Nothing>,
    _: NoQuery,
    State(context): State<Context>,
    headers: HeaderMap,
    asked_from: AskedFrom,
) -> Result<Response, Failure> {
    if let Some(token) = token(&headers) {
        let access = context.access.clone();
        let user = work(move || Ok(context.sessions.sign_out(&token)?)).await?;
        if let Some(user) = user {
            note_logout(&access, &asked_from.cause(&Caller::Anonymous, Channel::Api), &user);
        }
    }
    let cookie = format!("{COOKIE_NAME}=; Path={PREFIX}; Max-Age=0; HttpOnly; SameSite=Strict");
    Ok(with_cookie(&cookie, StatusCode::NO_CONTENT))
}

impl Session {
    fn of(context: &Context, caller: &Caller, expires_at: Option<String>) -> Result<Self, Failure> {
        let patterns = |scope: &amps_core::accounts::PackageScope| {
            scope.patterns().iter().map(PackagePattern::as_str).map(str::to_owned).collect()
        };
        let roles = Role::ALL.into_iter().filter(|role| context.access.gives(caller, *role));
        Ok(Self {
            user: match caller {
                Caller::User(user) => Some(SignedIn::new(user)),
                _ => None,
            },
            token: match caller {
                Caller::Token(token) => Some(Shown { name: token.name.to_string() }),
                _ => None,
            },
            roles: roles.map(Role::as_str).collect(),
            packages: caller.scope().map(patterns),
            expires_at,
            can_sign_in: context.accounts.can_log_in()?,
        })
    }
}

impl SignedIn {
    fn new(user: &KnownUser) -> Self {
        Self { name: user.name.to_string(), is_staff: user.is_staff }
    }
}

fn refusal(answer: &LoginAnswer) -> Failure {
    match answer {
        LoginAnswer::Disabled => {
            Failure::new(StatusCode::FORBIDDEN, "account-disabled", "this user may not log in any more")
        }
        LoginAnswer::Slowed { wait } => {
            let detail = "too many logins have failed, or run at the moment: try again later";
            let seconds = HeaderValue::from(wait.as_secs().saturating_add(1));
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "slowed", detail).with_header(RETRY_AFTER, seconds)
        }
        _ => {
            let detail = "there is no such user, or the password is wrong";
            Failure::new(StatusCode::UNAUTHORIZED, "wrong-credentials", detail)
                .with_header(WWW_AUTHENTICATE, QUIET_CHALLENGE)
        }
    }
}

/// The first cookie of the name that holds a token.
pub(super) fn token(headers: &HeaderMap) -> Option<BrowserToken> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.split_once('='))
        .filter(|(name, _)| name.trim() == COOKIE_NAME)
        .find_map(|(_, value)| value.trim().parse().ok())
}

fn with_cookie(cookie: &str, answer: impl IntoResponse) -> Response {
    let mut answer = answer.into_response();
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Made of what may stand in a header.
    if let Ok(mut value) = HeaderValue::from_str(cookie) {
        value.set_sensitive(true);
        headers.append(SET_COOKIE, value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let real = BrowserToken::generate().unwrap();
        let text = real.reveal();
        for (cookies, found) in [
            (format!("amps-session={text}"), true),
            (format!("sessionid={text}; amps-session={text};c=d"), true),
            (format!("amps-session=old; amps-session={text}"), true),
            (format!("sessionid={text}"), false),
            (format!("xamps-session={text}"), false),
            (format!("amps-session={text}A"), false),
            ("amps-session; amps-session=;;=".into(), false),
        ] {
            let headers = HeaderMap::from_iter([(COOKIE, cookies.parse().unwrap())]);
            assert_eq!(token(&headers) == Some(real.clone()), found, "{cookies}");
        }
    }
}
