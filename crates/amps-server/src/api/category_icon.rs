//! `/categories/{name}/icon`: the icon of a category.

use std::sync::Arc;

use amps_core::accounts::{Category, CategoryChange, CategoryIcon, CategoryName, Edit, MAX_ICON_BYTES};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use sha2::{Digest as _, Sha256};

use super::{
    Context, Failure,
    extract::{Named, NoQuery, media_type, read},
    operations::Operations,
    problem::work,
    request::Change,
    responses::{BodyBytes, MediaType, NoSuchRange, NotFound, Refused, TimedOut, TooLarge},
};
use crate::{
    access::{Permit, ToAdmin, ToRead},
    content::{Asked, Content, Encoding},
};

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_show, show).add(__path_put, put).add(__path_remove, remove)
}

/// Download the icon of a category
///
/// As it was given; a deployment server shows it scaled.
#[utoipa::path(
    get, path = "/categories/{name}/icon", tag = "categories",
    params(("name" = String, Path, description = "The category's name.")),
    responses(
        (status = 200, description = "The icon.", content((String = "image/png"), (String = "image/jpeg"))),
        (status = 206, description = "The bytes that were asked for.", content((String = "image/png"), (String = "image/jpeg"), (String = "multipart/byteranges"))),
        NotFound, NoSuchRange,
    ),
)]
async fn show(
    _: Permit<ToRead>,
    Named(name): Named<CategoryName>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let (accounts, buffers) = (Arc::clone(&context.accounts), Arc::clone(&context.buffers));
    let icon = work(move || {
        let Some(category) = accounts.category(&name)? else { return Err(Failure::unknown("category")) };
        let icon = accounts.category_icon(category.id)?.ok_or_else(|| Failure::unknown("icon"))?;
        let bytes = icon.file().to_vec();
        let is_png = bytes.starts_with(b"\x89PNG");
        Ok(Content {
            stored: None,
            tag: ampkg::Digest(Sha256::digest(&bytes).into()).to_string(),
            end: bytes.into(),
            modified: None,
            media_type: if is_png { "image/png" } else { "image/jpeg" }.into(),
            file_name: None,
            encoding: Encoding::Fixed,
            counter: None,
        })
    });
    Ok(icon.await?.answer(&asked, &buffers))
}

/// Give a category an icon
///
/// PNG or JPEG, at most 1 MiB.
#[utoipa::path(
    put, path = "/categories/{name}/icon", tag = "categories",
    params(("name" = String, Path, description = "The category's name.")),
    request_body(content((BodyBytes = "image/png"), (BodyBytes = "image/jpeg")), description = "The icon."),
    responses((status = 204, description = "It is there."), NotFound, TooLarge, MediaType, TimedOut, Refused),
)]
async fn put(
    _: Permit<ToAdmin>,
    Named(name): Named<CategoryName>,
    change: Change,
    State(context): State<Context>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Failure> {
    if !matches!(media_type(&headers).as_deref(), Some("image/png" | "image/jpeg")) {
        return Err(Failure::media_type("image/png or image/jpeg"));
    }
    let file = read(body, MAX_ICON_BYTES, context.settings.limits.head_time).await?;
    // One at a time: decoding a large one takes some hundred megabytes.
    change
        .make(move |context| {
            let icon = CategoryIcon::read(file.into()).map_err(|error| {
                Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-icon", amps_core::chain(&error))
            })?;
            put_or_remove(context, &name, Edit::Put(icon), |_| true)
        })
        .await
}

/// Take the icon of a category away
#[utoipa::path(
    delete, path = "/categories/{name}/icon", tag = "categories",
    params(("name" = String, Path, description = "The category's name.")),
    responses((status = 204, description = "It is gone."), NotFound),
)]
async fn remove(
    _: Permit<ToAdmin>,
    Named(name): Named<CategoryName>,
    change: Change,
) -> Result<StatusCode, Failure> {
    change
        .make(move |context| put_or_remove(context, &name, Edit::Remove, |category| category.has_icon))
        .await
}

fn put_or_remove(
    context: &Context,
    name: &CategoryName,
    icon: Edit<CategoryIcon>,
    may: impl Fn(&Category) -> bool,
) -> Result<StatusCode, Failure> {
    let Some(category) = context.accounts.category(name)? else { return Err(Failure::unknown("category")) };
    if !may(&category) {
        return Err(Failure::unknown("icon"));
    }
    let change = CategoryChange { icon, ..CategoryChange::default() };
    let changed = context.accounts.change_category(name, &change);
    context.store.catalog_has_changed();
    changed?;
    Ok(StatusCode::NO_CONTENT)
}
