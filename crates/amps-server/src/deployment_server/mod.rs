//! The interface of the Qt Automotive Suite Deployment Server (docs/deployment-server.md): one file per route.

mod app_description;
mod app_download;
mod app_icon;
mod app_icons;
mod app_list;
mod app_purchase;
mod asked_at;
mod category_icon;
mod category_list;
mod hello;
mod intake;
mod lists;
mod login;
mod logout;
mod offer;
mod parameters;
mod plain;
mod session;
mod settings;
mod status;
mod upload;
mod upload_form;
mod upload_parts;
mod upload_parts_alone;
mod uploader;
mod url_prefix;

use std::sync::Arc;

use amps_core::{
    CacheCounter, Clock, Security, Store,
    accounts::{AccountError, Accounts, Login, Sessions, User},
    audit::Channel,
};
use axum::{Router, http::request::Parts, middleware::from_fn_with_state, routing::MethodRouter};

use crate::{
    access::{Access, Guarded, Guards, Passwords, get, get_and_post},
    answer::{Problem, not_found, wrong_method},
    content::Buffers,
    limits::ServerLimits,
    metrics::Route,
    open_downloads::{self, OpenDownloads},
    rate::{Rates, charged},
    site::Site,
    upload_places::UploadPlaces,
};
pub(crate) use intake::{Intake, IntakeError, Texts};
use lists::Lists;
pub(crate) use offer::{Offers, Words, in_english};
use parameters::Parameters;
use session::Visitor;
pub use settings::{DeploymentSettings, InvalidDeploymentSetting};
pub use upload_parts_alone::{ReadParts, read_upload_parts};
pub use url_prefix::{InvalidUrlPrefix, UrlPrefix};

/// The paths that the router knows, without the prefix.
const PATHS: [&str; 12] = [
    "/hello",
    "/login",
    "/logout",
    "/app/list",
    "/app/description",
    "/app/purchase",
    "/app/download/{token}",
    "/app/icon",
    "/app/icons/{name}",
    "/category/list",
    "/category/icon",
    "/upload",
];

/// What the interface is made of.
#[derive(Clone)]
pub struct DeploymentParts {
    /// The packages.
    pub store: Arc<Store>,
    /// Who uses it.
    pub accounts: Arc<dyn Accounts>,
    /// Who is let in besides them.
    pub access: Access,
    /// Says when something expires.
    pub clock: Arc<dyn Clock>,
}

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Context {
    store: Arc<Store>,
    accounts: Arc<dyn Accounts>,
    access: Access,
    clock: Arc<dyn Clock>,
    login: Arc<Login>,
    sessions: Sessions,
    offers: Arc<Offers>,
    lists: Arc<Lists>,
    settings: Arc<DeploymentSettings>,
    limits: Arc<ServerLimits>,
    uploads: UploadPlaces,
    buffers: Arc<Buffers>,
}

impl Context {
    fn security(&self) -> Security {
        self.settings.security()
    }

    fn intake(&self) -> Intake {
        let (store, accounts) = (Arc::clone(&self.store), Arc::clone(&self.accounts));
        Intake { store, accounts, security: self.security(), clock: Arc::clone(&self.clock) }
    }
}

impl Guards for Context {
    const PASSWORDS: Passwords = Passwords::TokensAndUsers;
    const CHANNEL: Channel = Channel::DeploymentServer;

    fn access(&self) -> &Access {
        &self.access
    }

    async fn user(&self, parts: &Parts) -> Result<Option<User>, Problem> {
        let session = Visitor::of(&parts.headers).session(self).await?;
        Ok(session.and_then(|session| session.user))
    }
}

/// The routes of the deployment-server interface, behind the prefix that the settings have.
pub fn router(
    parts: DeploymentParts,
    settings: DeploymentSettings,
    limits: ServerLimits,
) -> Result<Router, AccountError> {
    let (uploads, rates) =
        (UploadPlaces::new(&limits), Rates::new(&limits.credit, &settings.trusted_proxies));
    Ok(site(uploads, &rates, parts, settings, limits)?.router)
}

/// The same, with uploads and credits that count together with those of another interface.
pub(crate) fn site(
    uploads: UploadPlaces,
    rates: &Rates,
    parts: DeploymentParts,
    settings: DeploymentSettings,
    limits: ServerLimits,
) -> Result<Site, AccountError> {
    let list_counts = Arc::<CacheCounter>::default();
    let DeploymentParts { store, accounts, access, clock } = parts;
    let access = access.behind(&settings.trusted_proxies);
    let trusted_proxies = settings.trusted_proxies.as_slice().into();
    let context = Context {
        login: Arc::new(Login::new(Arc::clone(&accounts), Arc::clone(&clock))?),
        sessions: Sessions::new(Arc::clone(&accounts), Arc::clone(&clock)),
        offers: Arc::default(),
        lists: Arc::new(Lists::counted_by(Arc::clone(&list_counts))),
        settings: Arc::new(settings),
        limits: Arc::new(limits),
        buffers: Arc::default(),
        store,
        accounts,
        access,
        clock,
        uploads,
    };
    let is_signing = context.store.is_signing() && context.security() == Security::On;
    let routes = pages(&context.limits, rates, is_signing).into_router();
    let prefix = context.settings.url_prefix.clone();
    let prefixed =
        if prefix.as_str().is_empty() { routes } else { Router::new().nest(prefix.as_str(), routes) };
    let known = Route::all_of("deployment-server", prefix.as_str(), &PATHS);
    let logins = Some(Arc::clone(&context.login));
    let whole = prefixed.fallback(not_found).method_not_allowed_fallback(wrong_method).with_state(context);
    let caches = vec![("deployment-lists", list_counts)];
    Ok(Site { routes: known, caches, logins, trusted_proxies, ..Site::from(whole) })
}

/// Devices introduce themselves and log in before anybody can know who they are. The URL of a download is itself the right to it:
/// the Application Manager fetches it, which knows of no session.
pub(crate) fn pages(limits: &ServerLimits, rates: &Rates, is_signing: bool) -> Guarded<Context> {
    let limited = || from_fn_with_state(OpenDownloads::new(limits), open_downloads::limit);
    let (icons, downloads) = (limited(), limited());
    let costs = rates.costs;
    let download = rates.for_download(is_signing);
    let paid = |credit: u32| move |page| charged(page, rates, credit.into());
    let listing = paid(costs.list);
    let icon = |page: MethodRouter<Context>| listing(page.route_layer(icons.clone()));
    Guarded::new()
        .route("/hello", get_and_post(hello::answer).within(listing))
        .route("/login", get_and_post(login::answer).within(paid(costs.login)))
        .route("/logout", get_and_post(logout::answer).within(listing))
        .route("/app/list", get_and_post(app_list::answer).within(listing))
        .route("/app/description", get_and_post(app_description::answer).within(listing))
        .route("/app/purchase", get_and_post(app_purchase::answer).within(paid(costs.download)))
        .route(
            "/app/download/{token}",
            get(app_download::answer).within(|page| charged(page.layer(downloads), rates, download)),
        )
        .route("/category/list", get_and_post(category_list::answer).within(listing))
        .route("/upload", get_and_post(upload::answer).within(paid(costs.upload)))
        .route("/app/icon", get_and_post(app_icon::answer).within(icon))
        .route("/app/icons/{name}", get(app_icons::answer).within(icon))
        .route("/category/icon", get_and_post(category_icon::answer).within(icon))
}
