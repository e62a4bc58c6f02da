//! `/server`: the server itself.

use std::collections::BTreeMap;

use amps_core::{Certificates, PackageId};
use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Context, Failure, extract::NoQuery, operations::Operations, representation::answer};
use crate::{
    access::{Permit, ToRead},
    content::Asked,
    limits::ServerLimits,
};

/// What the API says about the server that it cannot ask the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerFacts {
    pub(super) signs_downloads: bool,
    pub(super) verifies_developers: bool,
    certificates: Vec<Certificate>,
}

/// The server.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Server {
    /// The version of amps.
    version: String,
    /// Grows with every change of packages, categories and vendors.
    generation: u64,
    /// What there is, for whoever asks.
    counts: Counts,
    /// How the server behaves.
    settings: ServerSettings,
    /// The certificates that it works with.
    certificates: Vec<Certificate>,
}

/// What there is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Counts {
    /// Packages, by id.
    packages: u64,
    /// Releases.
    releases: u64,
    /// Bytes of the packages of all releases.
    size_bytes: u64,
}

/// How a server behaves.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ServerSettings {
    /// What clients of the package server must name.
    project_id: String,
    /// What somebody may do who shows no token.
    #[schema(pattern = "^(none|read|all)$")]
    anonymous_access: String,
    /// Whether developers must have signed what is uploaded.
    verifies_developers: bool,
    /// Whether the store signs what is downloaded.
    signs_downloads: bool,
    /// Whether there is a deployment server.
    has_deployment_server: bool,
    /// The limits, under the names that they have in the configuration.
    limits: BTreeMap<String, u64>,
}

/// A certificate that the server works with.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    /// What for.
    purpose: Purpose,
    /// Whom it was issued to (RFC 4514).
    subject: String,
    /// From when on it is valid.
    #[schema(format = DateTime)]
    not_before: String,
    /// Until when.
    #[schema(format = DateTime)]
    not_after: String,
    /// Its SHA-256.
    sha256: String,
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Purpose {
    /// The store signs with its key.
    StoreSigning,
    /// Developers' certificates lead to it.
    DeveloperVerification,
}

impl ServerFacts {
    pub(crate) fn of(certificates: &Certificates) -> Self {
        let store =
            certificates.store.iter().map(|store| (Purpose::StoreSigning, store.certificates().own()));
        let developers = certificates.developers.iter().flat_map(amps_pki::TrustAnchors::certificates);
        let developers = developers.map(|certificate| (Purpose::DeveloperVerification, certificate));
        let fact = |(purpose, certificate): (Purpose, &amps_pki::Certificate)| Certificate {
            purpose,
            subject: certificate.subject().into(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
            sha256: ampkg::Digest(*certificate.fingerprint().as_bytes()).to_string(),
        };
        Self {
            signs_downloads: certificates.store.is_some(),
            verifies_developers: certificates.developers.is_some(),
            certificates: store.chain(developers).map(fact).collect(),
        }
    }
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_show, show)
}

/// Show the server
#[utoipa::path(
    get, path = "/server", tag = "server",
    responses((status = 200, description = "What there is to know about it.", body = Server)),
)]
async fn show(
    permit: Permit<ToRead>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let shared = context.clone();
    answer(&context, asked, move || {
        let listing = shared.store.listing()?;
        let mut counts = Counts { packages: 0, releases: 0, size_bytes: 0 };
        let mut last: Option<&PackageId> = None;
        for release in listing.releases().iter().filter(|release| permit.has(&release.facts.id)) {
            counts.packages += u64::from(last != Some(&release.facts.id));
            last = Some(&release.facts.id);
            counts.releases += 1;
            counts.size_bytes += release.facts.package.size_bytes;
        }
        let (settings, facts) = (&shared.settings, &shared.facts);
        Ok(Server {
            version: env!("CARGO_PKG_VERSION").into(),
            generation: listing.generation(),
            counts,
            settings: ServerSettings {
                project_id: settings.project_id.to_string(),
                anonymous_access: shared.access.anonymous().to_string(),
                verifies_developers: facts.verifies_developers,
                signs_downloads: facts.signs_downloads,
                has_deployment_server: settings.deployment.is_some(),
                limits: limits(&settings.limits),
            },
            certificates: facts.certificates.clone(),
        })
    })
    .await
}

fn limits(limits: &ServerLimits) -> BTreeMap<String, u64> {
    limits.all().map(|(name, value)| (name.to_owned(), value)).collect()
}
