//! The web interface at `/ui` (docs/web-interface.md): files that are in the program. It has no data of its own; what it shows comes
//! from the native API.

use std::sync::Arc;

use amps_core::{accounts::User, audit::Channel};
use amps_ui::{Asset, VERSION, asset, index};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, Request, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, VARY,
            X_CONTENT_TYPE_OPTIONS,
        },
        request::Parts,
    },
    response::{IntoResponse, Response},
};

use crate::{
    access::{Access, Guarded, Guards, Nothing, Passwords, Permit, get},
    answer::{Problem, not_found, wrong_method},
    content::{Asked, Buffers, Content, Encoding},
    metrics::Route,
    site::Site,
};

/// The paths that the router knows.
const PATHS: [&str; 5] = ["/", "/ui", "/ui/", "/ui/{*page}", "/ui/assets/{version}/{*path}"];

/// Nothing but the files of this server; no script in the page, no styles in elements, no frames, and text never becomes markup.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; font-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
);
/// For the files that the page is made of: opened alone, they may have nothing at all.
const POLICY_OF_FILES: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// What the page may have of the machine: nothing.
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), \
     payment=(), usb=()",
);
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// For what has a name that changes with its content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Context {
    access: Access,
    buffers: Arc<Buffers>,
}

impl Guards for Context {
    const CHANNEL: Channel = Channel::Api;
    const PASSWORDS: Passwords = Passwords::Tokens;

    fn access(&self) -> &Access {
        &self.access
    }

    async fn user(&self, _: &Parts) -> Result<Option<User>, Problem> {
        Ok(None)
    }
}

/// The routes of the interface.
pub(crate) fn site(access: Access) -> Site {
    let context = Context { access, buffers: Arc::default() };
    let router: Router = pages().into_router().method_not_allowed_fallback(wrong_method).with_state(context);
    Site { routes: Route::all_of("ui", "", &PATHS), ..Site::from(router) }
}

pub(crate) fn pages() -> Guarded<Context> {
    Guarded::new()
        .route("/", get(start))
        .route("/ui", get(begin))
        .route("/ui/", get(page))
        .route("/ui/{*page}", get(page))
        .route("/ui/assets/{version}/{*path}", get(file))
}

/// Leads a browser to the interface. To anybody else there is nothing, as before.
async fn start(_: Permit<Nothing>, request: Request) -> Response {
    let accepts = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepts.flat_map(|value| value.split(','));
    let is_browser = kinds.any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "text/html"));
    let mut answer = if is_browser { to_interface() } else { not_found(request).await.into_response() };
    answer.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    answer
}

async fn begin(_: Permit<Nothing>) -> Response {
    to_interface()
}

fn to_interface() -> Response {
    (StatusCode::FOUND, [(LOCATION, HeaderValue::from_static("/ui/"))]).into_response()
}

/// Every address is the same page, which looks at the address itself; but whoever asks for a file gets none that it is not.
async fn page(
    _: Permit<Nothing>,
    State(context): State<Context>,
    asked: Asked,
    request: Request,
) -> Response {
    if request.uri().path().starts_with("/ui/assets/") {
        return protected(not_found(request).await.into_response());
    }
    protected_page(answer(&context, index(), &asked))
}

/// A file. One of another version is not there: its content would not fit the page that asks for it.
async fn file(
    _: Permit<Nothing>,
    Path((version, path)): Path<(String, String)>,
    State(context): State<Context>,
    asked: Asked,
    request: Request,
) -> Response {
    let Some(found) = asset(&path).filter(|_| version == VERSION) else {
        return protected(not_found(request).await.into_response());
    };
    let mut sent = answer(&context, found, &asked);
    if sent.status().is_success() || sent.status() == StatusCode::NOT_MODIFIED {
        sent.headers_mut().insert(CACHE_CONTROL, FOR_EVER);
    }
    sent
}

fn answer(context: &Context, file: &'static Asset, asked: &Asked) -> Response {
    let gzip = file.gzip.filter(|_| asked.takes_gzip());
    let (bytes, tag, encoding) = match (gzip, file.gzip) {
        (Some(gzip), _) => (gzip, format!("{}-gzip", file.sha256), Encoding::Gzip),
        (None, Some(_)) => (file.bytes, file.sha256.to_owned(), Encoding::Plain),
        (None, None) => (file.bytes, file.sha256.to_owned(), Encoding::Fixed),
    };
    let whole = Content {
        stored: None,
        end: Bytes::from_static(bytes),
        tag,
        modified: None,
        media_type: file.media_type.into(),
        file_name: None,
        encoding,
        counter: None,
    };
    protected(whole.answer(asked, &context.buffers))
}

/// What a browser is told with everything. It comes with each of some 30 files of the first screen, so it is no longer than it has to be.
fn protected(mut answer: Response) -> Response {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY_OF_FILES),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("cross-origin-resource-policy"), SAME_ORIGIN),
    ] {
        answer.headers_mut().insert(name, value);
    }
    answer
}

/// What it is told with the page besides.
fn protected_page(mut answer: Response) -> Response {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("cross-origin-opener-policy"), SAME_ORIGIN),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    ] {
        answer.headers_mut().insert(name, value);
    }
    answer
}
