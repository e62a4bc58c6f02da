//! The interface of `appman-package-server` (docs/package-server.md): one file per route.

mod category_list;
mod hello;
mod package_download;
mod package_icon;
mod package_list;
mod package_remove;
mod package_upload;
mod parameters;
mod prepared;
mod small_downloads;

use std::sync::Arc;

use amps_core::{CacheCounter, Store, accounts::User};
use axum::{
    Router,
    http::HeaderMap,
    middleware::{from_fn, from_fn_with_state},
};

use crate::{
    access::{Access, AnonymousAccess, Guarded, Guards, Passwords, get_and_post, post, put},
    answer::{Problem, not_found, wrong_method},
    content::Buffers,
    foreign_origin,
    limits::ServerLimits,
    metrics::Route,
    open_downloads::{self, OpenDownloads},
    settings::Settings,
    site::Site,
    upload_places::UploadPlaces,
};
use parameters::Parameters;
use prepared::PreparedAnswers;
use small_downloads::SmallDownloads;

/// The paths that the router knows.
const PATHS: [&str; 7] = [
    "/hello",
    "/package/list",
    "/package/icon",
    "/package/download",
    "/package/upload",
    "/package/remove",
    "/category/list",
];

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) store: Arc<Store>,
    pub(crate) project_id: Arc<str>,
    pub(crate) uploads: UploadPlaces,
    pub(crate) settings: Arc<Settings>,
    pub(crate) buffers: Arc<Buffers>,
    access: Access,
    /// Lists as they are sent.
    prepared: Arc<PreparedAnswers>,
}

impl Guards for Context {
    const PASSWORDS: Passwords = Passwords::Tokens;

    fn access(&self) -> &Access {
        &self.access
    }

    async fn user(&self, _: &HeaderMap) -> Result<Option<User>, Problem> {
        Ok(None)
    }
}

/// The routes of the package-server interface over a store, for mounting wherever they are wanted. They know no tokens; without
/// `anonymous_access` in the settings they are open to everybody who reaches them.
pub fn router(store: Arc<Store>, settings: Settings) -> Router {
    let access = Access::without_tokens(settings.anonymous_access.unwrap_or(AnonymousAccess::All));
    guarded_router(store, access, settings)
}

/// The same for those whom `access` lets in, whatever the settings say.
pub fn guarded_router(store: Arc<Store>, access: Access, settings: Settings) -> Router {
    site(UploadPlaces::new(&settings.limits), access, store, settings).router
}

/// The same with a shorter way for small packages, and with uploads that count together with those of another interface.
pub(crate) fn site(uploads: UploadPlaces, access: Access, store: Arc<Store>, settings: Settings) -> Site {
    let (lists, small) = (Arc::<CacheCounter>::default(), Arc::<CacheCounter>::default());
    let context = Context {
        store,
        project_id: settings.project_id.as_str().into(),
        uploads,
        settings: Arc::new(settings),
        buffers: Arc::default(),
        access,
        prepared: Arc::new(PreparedAnswers::counted_by(Arc::clone(&lists))),
    };
    let shortcut = SmallDownloads::new(context.clone(), Arc::clone(&small));
    let router = pages(&context.settings.limits)
        .into_router()
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(context);
    Site {
        shortcut: Some(Arc::new(shortcut)),
        routes: Route::all_of("package-server", "", &PATHS),
        caches: vec![("package-lists", lists), ("small-downloads", small)],
        ..Site::from(router)
    }
}

pub(crate) fn pages(limits: &ServerLimits) -> Guarded<Context> {
    let limited = || from_fn_with_state(OpenDownloads::new(limits), open_downloads::limit);
    // An icon has no open file, but up to some megabytes of memory.
    let (icons, downloads) = (limited(), limited());
    let refusing = || from_fn(foreign_origin::refuse);
    Guarded::new()
        .route("/hello", get_and_post(hello::answer))
        .route("/package/list", get_and_post(package_list::answer))
        .route("/package/icon", get_and_post(package_icon::answer).within(|page| page.layer(icons)))
        .route(
            "/package/download",
            get_and_post(package_download::answer).within(|page| page.layer(downloads)),
        )
        .route("/package/upload", put(package_upload::answer).within(|page| page.layer(refusing())))
        .route("/package/remove", post(package_remove::answer).within(|page| page.layer(refusing())))
        .route("/category/list", get_and_post(category_list::answer))
}
