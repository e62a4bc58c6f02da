//! `/server`: the server itself.

use std::collections::BTreeMap;

use amps_core::{Certificates, PackageId, Timestamp, accounts::Role};
use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Context, Failure,
    extract::NoQuery,
    operations::Operations,
    representation::{answer, time},
    server_state::ServerState,
};
use crate::{
    access::{Permit, ToRead},
    content::Asked,
    limits::ServerLimits,
    metrics::{self, Expiry},
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
    /// When it was started.
    #[schema(format = DateTime)]
    started_at: String,
    /// How long ago that is.
    uptime_seconds: u64,
    /// How it is; only for administrators.
    state: Option<ServerState>,
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
    /// From when on it is valid, if that is known.
    #[schema(format = DateTime)]
    not_before: Option<String>,
    /// Until when.
    #[schema(format = DateTime)]
    not_after: String,
    /// Its SHA-256, or how that begins; empty for a revocation list.
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
    /// A revocation list of the developers' CA, and until when it holds.
    DeveloperRevocationList,
    /// The server shows it to those who speak TLS with it.
    Tls,
    /// The certificates of clients lead to it.
    TlsClientVerification,
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
            not_before: Some(certificate.not_before().to_string()),
            not_after: certificate.not_after().to_string(),
            sha256: ampkg::Digest(*certificate.fingerprint().as_bytes()).to_string(),
        };
        let lists = metrics::of_certificates(certificates).into_iter();
        let lists = lists.filter(|expiry| expiry.role == "developer-crl").map(Certificate::of);
        Self {
            signs_downloads: certificates.store.is_some(),
            verifies_developers: certificates.developers.is_some(),
            certificates: store.chain(developers).map(fact).chain(lists).collect(),
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
    let is_operator = context.access.gives(permit.caller(), Role::Admin) && permit.scope().is_none();
    let checks = if is_operator { Some(context.live.health.checks().await) } else { None };
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
        let (settings, facts, now) = (&shared.settings, &shared.facts, shared.clock.now());
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
            certificates: facts.certificates.iter().cloned().chain(of_tls(&shared)).collect(),
            started_at: time(shared.live.started),
            uptime_seconds: u64::try_from(now.0.saturating_sub(shared.live.started.0)).unwrap_or(0),
            state: checks.map(|checks| shared.live.state(&checks, shared.uploads.count())),
        })
    })
    .await
}

/// The certificates with which TLS is spoken now.
fn of_tls(context: &Context) -> impl Iterator<Item = Certificate> {
    let expiries = context.live.tls.as_ref().map(|tls| tls()).unwrap_or_default();
    expiries.into_iter().map(Certificate::of)
}

impl Certificate {
    /// What is known of something that expires.
    fn of(expiry: Expiry) -> Self {
        Self {
            purpose: match expiry.role {
                "store" => Purpose::StoreSigning,
                "developer-ca" => Purpose::DeveloperVerification,
                "developer-crl" => Purpose::DeveloperRevocationList,
                "tls" => Purpose::Tls,
                _ => Purpose::TlsClientVerification,
            },
            subject: expiry.subject,
            not_before: None,
            not_after: time(Timestamp(i64::try_from(expiry.ends).unwrap_or(i64::MAX))),
            sha256: expiry.fingerprint,
        }
    }
}

fn limits(limits: &ServerLimits) -> BTreeMap<String, u64> {
    limits.all().map(|(name, value)| (name.to_owned(), value)).collect()
}
