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

use amps_core::{CacheCounter, Store, accounts::User, audit::Channel};
use axum::{
    Router,
    http::request::Parts,
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
    rate::{Rates, charged},
    settings::Settings,
    site::{Shortcut, Site},
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
    const CHANNEL: Channel = Channel::PackageServer;

    fn access(&self) -> &Access {
        &self.access
    }

    async fn user(&self, _: &Parts) -> Result<Option<User>, Problem> {
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
    let rates = Rates::new(&settings.limits.credit, &settings.trusted_proxies);
    site(UploadPlaces::new(&settings.limits), &rates, access, store, settings).router
}

/// The same with a shorter way for small packages, and with uploads that count together with those of another interface.
pub(crate) fn site(
    uploads: UploadPlaces,
    rates: &Rates,
    access: Access,
    store: Arc<Store>,
    settings: Settings,
) -> Site {
    let is_signing = store.is_signing();
    let (lists, small) = (Arc::<CacheCounter>::default(), Arc::<CacheCounter>::default());
    let access = access.behind(&settings.trusted_proxies);
    let trusted_proxies = settings.trusted_proxies.as_slice().into();
    let context = Context {
        store,
        project_id: settings.project_id.as_str().into(),
        uploads,
        settings: Arc::new(settings),
        buffers: Arc::default(),
        access,
        prepared: Arc::new(PreparedAnswers::counted_by(Arc::clone(&lists))),
    };
    // What is answered there costs nobody anything.
    let has_shortcut = rates.for_download(is_signing).is_free();
    let shortcut = has_shortcut
        .then(|| Arc::new(SmallDownloads::new(context.clone(), Arc::clone(&small))) as Arc<dyn Shortcut>);
    let router = pages(&context.settings.limits, rates, is_signing)
        .into_router()
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(context);
    Site {
        shortcut,
        routes: Route::all_of("package-server", "", &PATHS),
        caches: vec![("package-lists", lists), ("small-downloads", small)],
        trusted_proxies,
        ..Site::from(router)
    }
}

pub(crate) fn pages(limits: &ServerLimits, rates: &Rates, is_signing: bool) -> Guarded<Context> {
    let limited = || from_fn_with_state(OpenDownloads::new(limits), open_downloads::limit);
    // An icon has no open file, but up to some megabytes of memory.
    let (icons, downloads) = (limited(), limited());
    let refusing = || from_fn(foreign_origin::refuse);
    let costs = rates.costs;
    let listing = |page| charged(page, rates, costs.list.into());
    let download = rates.for_download(is_signing);
    Guarded::new()
        .route("/hello", get_and_post(hello::answer).within(listing))
        .route("/package/list", get_and_post(package_list::answer).within(listing))
        .route("/package/icon", get_and_post(package_icon::answer).within(|page| listing(page.layer(icons))))
        .route(
            "/package/download",
            get_and_post(package_download::answer)
                .within(|page| charged(page.layer(downloads), rates, download)),
        )
        .route(
            "/package/upload",
            put(package_upload::answer)
                .within(|page| charged(page.layer(refusing()), rates, costs.upload.into())),
        )
        .route(
            "/package/remove",
            post(package_remove::answer)
                .within(|page| charged(page.layer(refusing()), rates, costs.removal.into())),
        )
        .route("/category/list", get_and_post(category_list::answer).within(listing))
}
