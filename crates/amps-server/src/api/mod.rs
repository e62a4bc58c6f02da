//! The native API below `/api/v1` (docs/api.md): one file per resource. What it can do is entered in [`Operations`], from which both its
//! routes and the document that describes them are made.

#[allow(unused_qualifications, reason = "the macro of operations writes them")]
mod audit;
mod author;
mod categories;
mod category_icon;
mod category_order;
mod checks;
mod contents;
mod document;
#[allow(unused_qualifications, reason = "the macro of operations writes them")]
mod downloads;
mod extract;
mod facets;
mod location;
mod number;
mod operations;
mod package_index;
mod package_order;
#[allow(unused_qualifications, reason = "the macro of operations writes them")]
mod packages;
mod page;
mod paging;
mod per_generation;
mod problem;
mod release;
#[allow(unused_qualifications, reason = "the macro of operations writes them")]
mod releases;
mod representation;
mod request;
mod responses;
mod retention;
mod server;
mod server_state;
mod session;
mod taken;
mod thing;
mod tokens;
mod tus;
mod uploads;
mod users;
mod vendors;
#[allow(unused_qualifications, reason = "the macro of operations writes them")]
mod visibility;

use std::{convert::Infallible, sync::Arc};

use amps_core::{
    Clock, Store,
    accounts::{Accounts, BrowserSessions, Login, User},
    audit::{AuditLog, Channel},
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderMap, StatusCode,
        header::{COOKIE, WWW_AUTHENTICATE},
        request::Parts,
    },
    middleware::{Next, from_fn_with_state, map_response},
    response::{IntoResponse as _, Response},
    routing::any,
};
use ipnet::IpNet;
use tokio::sync::Mutex;

use crate::{
    access::{Access, Guards, Passwords},
    answer::{Problem, blocking, not_found, wrong_method},
    content::Buffers,
    deployment_server::{Offers, Words},
    foreign_origin,
    limits::ServerLimits,
    metrics::Route,
    partial_uploads::PartialUploads,
    prepared::Prepared,
    rate::Rates,
    reached::Reached,
    settings::Settings,
    site::Site,
    upload_places::UploadPlaces,
};
use contents::KeptContents;
pub(crate) use operations::Operations;
use operations::PREFIX;
use package_index::PackageIndex;
use per_generation::PerGeneration;
pub(crate) use problem::Failure;
use release::AsOf;
pub(crate) use server::ServerFacts;
pub(crate) use server_state::Live;

/// What the API is made of.
pub(crate) struct ApiParts {
    pub(crate) store: Arc<Store>,
    pub(crate) accounts: Arc<dyn Accounts>,
    /// Slows down guessing, here and wherever else passwords are checked.
    pub(crate) login: Arc<Login>,
    pub(crate) access: Access,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) uploads: UploadPlaces,
    pub(crate) settings: Arc<Settings>,
    pub(crate) rates: Rates,
    pub(crate) facts: ServerFacts,
    pub(crate) live: Live,
    pub(crate) partial_uploads: Arc<PartialUploads>,
    pub(crate) trail: Arc<dyn AuditLog>,
}

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Context {
    store: Arc<Store>,
    accounts: Arc<dyn Accounts>,
    login: Arc<Login>,
    sessions: BrowserSessions,
    access: Access,
    clock: Arc<dyn Clock>,
    uploads: UploadPlaces,
    settings: Arc<Settings>,
    facts: Arc<ServerFacts>,
    live: Arc<Live>,
    partial_uploads: Arc<PartialUploads>,
    trail: Arc<dyn AuditLog>,
    buffers: Arc<Buffers>,
    /// What the store says about releases.
    words: Arc<Offers>,
    index: Arc<PerGeneration<PackageIndex>>,
    facets: Arc<PerGeneration<Prepared>>,
    contents: Arc<KeptContents>,
    /// Held by whoever changes something that is not a package, from looking at what it is until it is changed.
    changing: Arc<Mutex<()>>,
    document: Arc<Prepared>,
    page: Arc<Prepared>,
}

impl Guards for Context {
    const PASSWORDS: Passwords = Passwords::Tokens;
    const CHANNEL: Channel = Channel::Api;

    fn access(&self) -> &Access {
        &self.access
    }

    fn names_user(&self, headers: &HeaderMap) -> bool {
        headers.contains_key(COOKIE) && session::token(headers).is_some()
    }

    /// A browser sends a cookie along with whatever any page asks for: what changes something must come from a page of ours.
    async fn user(&self, parts: &Parts) -> Result<Option<User>, Problem> {
        let Some(token) = session::token(&parts.headers) else { return Ok(None) };
        let sessions = self.sessions.clone();
        let session = blocking(move || Ok(sessions.find(&token)?)).await?;
        let reached = Reached::of_parts(parts, &self.settings.trusted_proxies);
        if session.is_some() && !parts.method.is_safe() && !reached.is_own {
            return Err(foreign_origin::refusal());
        }
        Ok(session.map(|session| session.user))
    }
}

impl FromRequestParts<Context> for Reached {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Infallible> {
        Ok(Self::of_parts(parts, &context.settings.trusted_proxies))
    }
}

impl Context {
    /// For describing releases at this moment.
    fn as_of<'w>(&self, words: &'w Words) -> AsOf<'w> {
        AsOf { words, now: self.clock.now(), verifies: self.facts.verifies_developers }
    }
}

/// The routes of the API, with their whole paths. Uploads that had come to their end when the server ended are finished meanwhile.
pub(crate) fn site(parts: ApiParts) -> Site {
    let (pages, document) =
        operations(&parts.settings.limits, &parts.rates, parts.store.is_signing()).finish();
    let templates: Vec<&str> = document.paths.paths.keys().map(String::as_str).collect();
    let known = Route::all_of("api", PREFIX, &templates);
    let trusted: Arc<[IpNet]> = parts.settings.trusted_proxies.as_slice().into();
    let context = Context {
        store: parts.store,
        sessions: BrowserSessions::new(Arc::clone(&parts.accounts), Arc::clone(&parts.clock)),
        accounts: parts.accounts,
        login: Arc::clone(&parts.login),
        access: parts.access.behind(&parts.settings.trusted_proxies),
        clock: parts.clock,
        uploads: parts.uploads,
        settings: parts.settings,
        facts: Arc::new(parts.facts),
        live: Arc::new(parts.live),
        partial_uploads: parts.partial_uploads,
        trail: parts.trail,
        buffers: Arc::default(),
        words: Arc::default(),
        index: Arc::default(),
        facets: Arc::default(),
        contents: Arc::default(),
        changing: Arc::default(),
        page: Arc::new(Prepared::new(page::page(&document).into_bytes())),
        // Text that is known beforehand always has a JSON form.
        document: Arc::new(Prepared::new(document.to_json().unwrap_or_default().into_bytes())),
    };
    tokio::spawn(tus::finish_complete(context.clone()));
    let router = pages
        .into_router()
        .route("/api/v1", any(not_found))
        .route("/api/v1/{*rest}", any(not_found))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(trusted, refuse_foreign))
        .layer(map_response(problem::say))
        .with_state(context);
    Site { routes: known, logins: Some(parts.login), ..Site::from(router) }
}

/// Everything that the API can do.
pub(crate) fn operations(limits: &ServerLimits, rates: &Rates, is_signing: bool) -> Operations {
    let operations = packages::operations(Operations::new(rates));
    let operations = facets::operations(operations);
    let operations = downloads::operations(operations);
    let operations = visibility::operations(operations);
    let operations = releases::operations(operations, limits, is_signing);
    let operations = contents::operations(operations);
    let operations = uploads::operations(operations);
    let operations = tus::operations(operations);
    let operations = categories::operations(operations);
    let operations = category_icon::operations(operations);
    let operations = category_order::operations(operations);
    let operations = vendors::operations(operations);
    let operations = users::operations(operations);
    let operations = tokens::operations(operations);
    let operations = audit::operations(operations);
    let operations = retention::operations(operations);
    let operations = session::operations(operations);
    let operations = server::operations(operations);
    page::operations(document::operations(operations))
}

/// A page of another origin changes nothing, whatever route it finds. The browser of a page that is not let in is not to ask its
/// user for a password.
async fn refuse_foreign(State(trusted): State<Arc<[IpNet]>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if !parts.method.is_safe() && Reached::of_parts(&parts, &trusted).is_foreign {
        return foreign_origin::refusal().into_response();
    }
    let is_script = parts.headers.get("sec-fetch-dest").is_some_and(|kind| kind == "empty");
    let mut answer = next.run(Request::from_parts(parts, body)).await;
    if is_script && answer.status() == StatusCode::UNAUTHORIZED {
        answer.headers_mut().insert(WWW_AUTHENTICATE, session::QUIET_CHALLENGE);
    }
    answer
}
