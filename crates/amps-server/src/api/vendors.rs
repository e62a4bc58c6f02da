//! `/vendors`: in whose name the deployment server offers packages.

use amps_core::accounts::{
    Edit, NewVendor, UserName, Vendor as Known, VendorCertificate, VendorChange, VendorName,
};
use axum::{Json, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Context, Failure,
    extract::{JsonBody, Query, Text, present},
    operations::Operations,
    paging::{Page, Paging},
    request::{Change, Look},
    responses::{Changed, Conflict, MediaType, NotFound, Refused, TimedOut, TooLarge},
    thing::{ChangeOf, LookAt, Thing},
};
use crate::access::{Permit, ToAdmin};

/// A vendor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Vendor {
    /// Its name.
    name: String,
    /// The name of the user who stands for it.
    user: String,
    /// By what its packages must be signed, if by anything in particular.
    certificate: Option<VendorCertificateFacts>,
}

/// The certificate of a vendor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct VendorCertificateFacts {
    /// Whom it was issued to (RFC 4514).
    subject: String,
    /// The SHA-256 of the certificate.
    sha256: String,
}

/// A vendor that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct VendorCreation {
    /// Its name, on one line.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    name: Text<VendorName>,
    /// The name of the user who stands for it.
    #[schema(value_type = String, min_length = 1, max_length = 150)]
    user: Text<UserName>,
    /// A certificate in PEM by which its packages must be signed.
    certificate: Option<String>,
}

/// What is to be different about a vendor; what is missing stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct VendorUpdate {
    /// Another name.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    name: Option<Text<VendorName>>,
    /// Another user who stands for it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 150)]
    user: Option<Text<UserName>>,
    /// Another certificate in PEM; null for none.
    #[allow(clippy::option_option, reason = "three cases: missing, null and there")]
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    certificate: Option<Option<String>>,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations
        .add(__path_list, list)
        .add(__path_create, create)
        .add(__path_show, show)
        .add(__path_change, change)
        .add(__path_remove, remove)
}

/// List vendors
#[utoipa::path(
    get, path = "/vendors", tag = "vendors", params(Paging),
    responses((status = 200, description = "A page of vendors.", body = Page<Vendor>)),
)]
async fn list(_: Permit<ToAdmin>, Query(paging): Query<Paging>, look: Look) -> Result<Response, Failure> {
    look.answer(move |context| {
        Ok(paging.by_name(context.accounts.vendors()?.iter(), |vendor| vendor.name.as_str(), Vendor::new))
    })
    .await
}

/// Create a vendor
#[utoipa::path(
    post, path = "/vendors", tag = "vendors", request_body = VendorCreation,
    responses(
        (status = 201, description = "The vendor.", body = Vendor, headers(("Location" = String, description = "Where it is."))),
        Conflict, TooLarge, MediaType, TimedOut, Refused,
    ),
)]
async fn create(
    _: Permit<ToAdmin>,
    change: Change,
    JsonBody(new): JsonBody<VendorCreation>,
) -> Result<Response, Failure> {
    Vendor::create(change, new.name.0, move |context, name| {
        let certificate = new.certificate.as_deref().map(certificate).transpose()?;
        context.accounts.create_vendor(&NewVendor { name: name.clone(), user: new.user.0, certificate })?;
        Ok(())
    })
    .await
}

/// Show a vendor
#[utoipa::path(
    get, path = "/vendors/{name}", tag = "vendors",
    params(LookAt<Vendor>),
    responses((status = 200, description = "The vendor.", body = Vendor), NotFound),
)]
async fn show(_: Permit<ToAdmin>, vendor: LookAt<Vendor>) -> Result<Response, Failure> {
    vendor.answer().await
}

/// Change a vendor
///
/// Its releases go with it.
#[utoipa::path(
    patch, path = "/vendors/{name}", tag = "vendors", request_body = VendorUpdate,
    params(ChangeOf<Vendor>),
    responses((status = 200, description = "The vendor as it is now.", body = Vendor), NotFound, Conflict, Changed, TooLarge, MediaType, TimedOut, Refused),
)]
async fn change(
    _: Permit<ToAdmin>,
    vendor: ChangeOf<Vendor>,
    JsonBody(update): JsonBody<VendorUpdate>,
) -> Result<Json<Vendor>, Failure> {
    vendor
        .make(move |context, name| {
            let change = VendorChange {
                name: update.name.map(|name| name.0),
                user: update.user.map(|user| user.0),
                certificate: match update.certificate {
                    None => Edit::Keep,
                    Some(None) => Edit::Remove,
                    Some(Some(text)) => Edit::Put(certificate(&text)?),
                },
            };
            context.accounts.change_vendor(&name, &change)?;
            Ok(change.name.unwrap_or(name))
        })
        .await
}

/// Remove a vendor
#[utoipa::path(
    delete, path = "/vendors/{name}", tag = "vendors",
    params(ChangeOf<Vendor>),
    responses((status = 204, description = "It is gone."), NotFound, Conflict, Changed),
)]
async fn remove(_: Permit<ToAdmin>, vendor: ChangeOf<Vendor>) -> Result<StatusCode, Failure> {
    vendor.remove(|context, name| Ok(context.accounts.remove_vendor(name)?)).await
}

impl Thing for Vendor {
    type Name = VendorName;

    const KIND: &'static str = "vendor";
    const LIST: &'static str = "vendors";

    fn find(context: &Context, name: &VendorName) -> Result<Option<Self>, Failure> {
        Ok(context.accounts.vendor(name)?.as_ref().map(Self::new))
    }

    fn may_have_changed(context: &Context) {
        context.store.catalog_has_changed();
    }
}

impl Vendor {
    fn new(vendor: &Known) -> Self {
        Self {
            name: vendor.name.to_string(),
            user: vendor.user.to_string(),
            certificate: vendor.certificate.as_ref().map(|certificate| VendorCertificateFacts {
                subject: certificate.subject().to_owned(),
                sha256: certificate.fingerprint().to_string(),
            }),
        }
    }
}

fn certificate(pem: &str) -> Result<VendorCertificate, Failure> {
    VendorCertificate::read(pem.as_bytes())
        .map_err(|error| Failure::refused("invalid-certificate", "certificate", amps_core::chain(&error)))
}
