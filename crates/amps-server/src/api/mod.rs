//! The native API below `/api/v1` (docs/api.md): one file per resource. What it can do is entered in [`Operations`], from which both its
//! routes and the document that describes them are made.

#[allow(unused_qualifications, reason = "the macro of operations writes them")]
mod audit;
mod author;
mod categories;
mod category_icon;
mod document;
mod extract;
mod location;
mod number;
mod operations;
#[allow(unused_qualifications, reason = "the macro of operations writes them")]
mod packages;
mod page;
mod paging;
mod problem;
mod release;
#[allow(unused_qualifications, reason = "the macro of operations writes them")]
mod releases;
mod representation;
mod responses;
mod server;
mod tokens;
mod tus;
mod uploads;
mod users;
mod vendors;
#[allow(unused_qualifications, reason = "the macro of operations writes them")]
mod visibility;

use std::sync::Arc;

use amps_core::{
    Clock, Store,
    accounts::{Accounts, User},
    audit::{AuditLog, Channel},
};
use axum::{
    extract::Request,
    http::{HeaderMap, Method},
    middleware::{Next, from_fn, map_response},
    response::Response,
    routing::any,
};
use tokio::sync::Mutex;

use crate::{
    access::{Access, Guards, Passwords},
    answer::{Problem, not_found, wrong_method},
    content::Buffers,
    deployment_server::Offers,
    foreign_origin,
    limits::ServerLimits,
    metrics::Route,
    partial_uploads::PartialUploads,
    prepared::Prepared,
    rate::Rates,
    settings::Settings,
    site::Site,
    upload_places::UploadPlaces,
};
pub(crate) use operations::Operations;
use operations::PREFIX;
pub(crate) use problem::Failure;
pub(crate) use server::ServerFacts;

/// What the API is made of.
pub(crate) struct ApiParts {
    pub(crate) store: Arc<Store>,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) access: Access,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) uploads: UploadPlaces,
    pub(crate) settings: Arc<Settings>,
    pub(crate) rates: Rates,
    pub(crate) facts: ServerFacts,
    pub(crate) partial_uploads: Arc<PartialUploads>,
    pub(crate) trail: Arc<dyn AuditLog>,
}

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Context {
    store: Arc<Store>,
    accounts: Arc<dyn Accounts>,
    access: Access,
    clock: Arc<dyn Clock>,
    uploads: UploadPlaces,
    settings: Arc<Settings>,
    facts: Arc<ServerFacts>,
    partial_uploads: Arc<PartialUploads>,
    trail: Arc<dyn AuditLog>,
    buffers: Arc<Buffers>,
    /// What the store says about releases.
    words: Arc<Offers>,
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

    async fn user(&self, _: &HeaderMap) -> Result<Option<User>, Problem> {
        Ok(None)
    }
}

/// The routes of the API, with their whole paths. Uploads that had come to their end when the server ended are finished meanwhile.
pub(crate) fn site(parts: ApiParts) -> Site {
    let (pages, document) =
        operations(&parts.settings.limits, &parts.rates, parts.store.is_signing()).finish();
    let templates: Vec<&str> = document.paths.paths.keys().map(String::as_str).collect();
    let known = Route::all_of("api", PREFIX, &templates);
    let context = Context {
        store: parts.store,
        accounts: parts.accounts,
        access: parts.access.behind(&parts.settings.trusted_proxies),
        clock: parts.clock,
        uploads: parts.uploads,
        settings: parts.settings,
        facts: Arc::new(parts.facts),
        partial_uploads: parts.partial_uploads,
        trail: parts.trail,
        buffers: Arc::default(),
        words: Arc::default(),
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
        .layer(from_fn(refuse_foreign))
        .layer(map_response(problem::say))
        .with_state(context);
    Site { routes: known, ..Site::from(router) }
}

/// Everything that the API can do.
pub(crate) fn operations(limits: &ServerLimits, rates: &Rates, is_signing: bool) -> Operations {
    let operations = packages::operations(Operations::new(rates));
    let operations = visibility::operations(operations);
    let operations = releases::operations(operations, limits, is_signing);
    let operations = uploads::operations(operations);
    let operations = tus::operations(operations);
    let operations = categories::operations(operations);
    let operations = category_icon::operations(operations);
    let operations = vendors::operations(operations);
    let operations = users::operations(operations);
    let operations = tokens::operations(operations);
    let operations = audit::operations(operations);
    let operations = server::operations(operations);
    page::operations(document::operations(operations))
}

/// A page of another origin changes nothing, whatever route it finds.
async fn refuse_foreign(request: Request, next: Next) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD | Method::OPTIONS => next.run(request).await,
        _ => foreign_origin::refuse(request, next).await,
    }
}
