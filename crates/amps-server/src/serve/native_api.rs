//! The native API of a server, with its folder of uploads that come in pieces.

use std::{path::Path, sync::Arc, time::Duration};

use amps_core::{
    Clock as _, Store, SystemClock,
    accounts::{Accounts, Login},
    audit::AuditLog,
};

use super::{ServeError, chores::Chores};
use crate::{
    access::Access,
    api::{self, ApiParts, Live, ServerFacts},
    limits::ServerLimits,
    partial_uploads::PartialUploads,
    rate::Rates,
    settings::{NativeApi, ServeOptions},
    site::Site,
    upload_places::UploadPlaces,
};

/// How often uploads whose time is over are removed.
const EXPIRY_INTERVAL: Duration = Duration::from_mins(5);

/// The routes of the API, if the settings want it. `shared` is what it shares with the package server, `store` with everybody,
/// `login` with the deployment server, if there is one.
pub(super) async fn open(
    options: &ServeOptions,
    (uploads, rates, access): (&UploadPlaces, &Rates, &Access),
    (store, accounts, trail): (&Arc<Store>, Arc<dyn Accounts>, Arc<dyn AuditLog>),
    login: Option<Arc<Login>>,
    (facts, live): (ServerFacts, Live),
    chores: &mut Chores,
) -> Result<Option<Site>, ServeError> {
    if options.settings.native_api == NativeApi::Off {
        return Ok(None);
    }
    let partial_uploads = partial_uploads(&options.data_directory, &options.settings.limits).await?;
    chores.go_on(forget(Arc::clone(&partial_uploads)));
    let login = match login {
        Some(login) => login,
        None => new_login(&accounts).await?,
    };
    Ok(Some(api::site(ApiParts {
        store: Arc::clone(store),
        accounts,
        login,
        access: access.clone(),
        clock: Arc::new(SystemClock),
        uploads: uploads.clone(),
        rates: rates.clone(),
        settings: Arc::new(options.settings.clone()),
        facts,
        live,
        partial_uploads,
        trail,
    })))
}

/// Where no deployment server checks passwords, the API begins to. It makes a hash, which takes its time.
async fn new_login(accounts: &Arc<dyn Accounts>) -> Result<Arc<Login>, ServeError> {
    let accounts = Arc::clone(accounts);
    let making = tokio::task::spawn_blocking(move || Login::new(accounts, Arc::new(SystemClock)));
    Ok(Arc::new(making.await.map_err(|error| ServeError::Panicked(error.to_string()))??))
}

/// Opens the folder, where it may block.
async fn partial_uploads(data: &Path, limits: &ServerLimits) -> Result<Arc<PartialUploads>, ServeError> {
    let (folder, limits) = (data.join(".amps").join("uploads"), limits.clone());
    let opening = tokio::task::spawn_blocking(move || PartialUploads::open(folder, limits));
    let opened = opening.await.map_err(|error| ServeError::Panicked(error.to_string()))?;
    opened.map(Arc::new).map_err(ServeError::PartialUploads)
}

/// Removes uploads whose time is over.
async fn forget(uploads: Arc<PartialUploads>) {
    loop {
        tokio::time::sleep(EXPIRY_INTERVAL).await;
        let uploads = Arc::clone(&uploads);
        let _ = tokio::task::spawn_blocking(move || uploads.expire(SystemClock.now())).await;
    }
}
