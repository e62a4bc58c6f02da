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

use amps_core::Store;
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post, put},
};

use crate::{
    answer::{not_found, wrong_method},
    content::Buffers,
    foreign_origin,
    open_downloads::{self, OpenDownloads},
    settings::Settings,
    site::Site,
    upload_places::UploadPlaces,
};
use parameters::Parameters;
use prepared::PreparedAnswers;
use small_downloads::SmallDownloads;

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) store: Arc<Store>,
    pub(crate) project_id: Arc<str>,
    pub(crate) uploads: UploadPlaces,
    pub(crate) settings: Arc<Settings>,
    pub(crate) buffers: Arc<Buffers>,
    /// Lists as they are sent.
    prepared: Arc<PreparedAnswers>,
}

/// The routes of the package-server interface over a store, for mounting wherever they are wanted.
pub fn router(store: Arc<Store>, settings: Settings) -> Router {
    site(UploadPlaces::new(&settings.limits), store, settings).router
}

/// The same with a shorter way for small packages, and with uploads that count together with those of another interface.
pub(crate) fn site(uploads: UploadPlaces, store: Arc<Store>, settings: Settings) -> Site {
    let context = Context {
        store,
        project_id: settings.project_id.as_str().into(),
        uploads,
        settings: Arc::new(settings),
        buffers: Arc::default(),
        prepared: Arc::default(),
    };
    let limited = || from_fn_with_state(OpenDownloads::new(&context.settings.limits), open_downloads::limit);
    // An icon has no open file, but up to some megabytes of memory.
    let (icons, downloads) = (limited(), limited());
    let shortcut = SmallDownloads::new(context.clone());
    let router = Router::new()
        .route("/hello", get(hello::answer).post(hello::answer))
        .route("/package/list", get(package_list::answer).post(package_list::answer))
        .route("/package/icon", get(package_icon::answer).post(package_icon::answer).layer(icons))
        .route(
            "/package/download",
            get(package_download::answer).post(package_download::answer).layer(downloads),
        )
        .route("/package/upload", put(package_upload::answer).layer(from_fn(foreign_origin::refuse)))
        .route("/package/remove", post(package_remove::answer).layer(from_fn(foreign_origin::refuse)))
        .route("/category/list", get(category_list::answer).post(category_list::answer))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(context);
    Site { router, shortcut: Some(Arc::new(shortcut)) }
}
