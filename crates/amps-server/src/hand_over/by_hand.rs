//! Taking a package in without a server, in a data directory that belongs to this process meanwhile.

use std::{fs::File, sync::Arc};

use amps_catalog::SqliteCatalog;
use amps_core::{
    CatalogError, DataDir, Error, EventSink, FolderBlobStore, PackagesFolder, Parts, ReleasesKept, Security,
    Store, SystemClock, TrustAnchors,
    accounts::Accounts,
    audit::{Actor, AtOnce, Cause, Channel},
};

use super::{StoreUpload, Verdict, take::take};
use crate::{deployment_server::Intake, settings::Settings};

/// Why the store cannot be used to take a package in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreUploadError {
    /// There is nothing to take it in for.
    #[error("there is no deployment server: amps-config.yaml has no `deploymentServer`")]
    NoDeploymentServer,
    /// Signatures count, and nobody says whose.
    #[error("the deployment server needs `developerVerificationCaCertificates`")]
    Insecure,
    /// The catalog cannot be opened.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Takes a package in, as a server with these settings would. The store is opened as at the start of a server, which says to `events` what has
/// changed in `.packages` meanwhile. `actor` is who gives the command, for the audit trail.
pub fn store_upload(
    data: DataDir,
    settings: &Settings,
    developers: Option<TrustAnchors>,
    events: Arc<dyn EventSink>,
    actor: Actor,
    upload: &StoreUpload,
    package: File,
) -> Result<Verdict, StoreUploadError> {
    let security = settings.deployment.as_ref().ok_or(StoreUploadError::NoDeploymentServer)?.security();
    if security == Security::On && developers.is_none() {
        return Err(StoreUploadError::Insecure);
    }
    // A damaged one is for the server to set aside: it says so on its console.
    let catalog = Arc::new(SqliteCatalog::open(&data.catalog())?);
    let store = Store::open(Parts {
        catalog: Arc::clone(&catalog) as _,
        blobs: Arc::new(FolderBlobStore::open(&data.amps()).map_err(Error::from)?),
        packages: PackagesFolder::open(data.packages()).map_err(Error::from)?,
        clock: Arc::new(SystemClock),
        events: Arc::new(AtOnce::new(Arc::clone(&catalog) as _, events)),
        limits: settings.limits.package.clone(),
        developers,
        // How it will be signed is worked out at the first download: the key may stay where it is.
        signing: None,
        keep: ReleasesKept::All,
    })?;
    let intake = Intake {
        store: Arc::new(store),
        accounts: catalog as Arc<dyn Accounts>,
        security,
        clock: Arc::new(SystemClock),
    };
    let verdict = take(&intake, upload, Cause::new(actor, Channel::Command), package);
    drop(intake);
    drop(data);
    Ok(verdict)
}
