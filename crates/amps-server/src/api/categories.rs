//! `/categories`: into what the deployment server puts packages.

use amps_core::accounts::{Category as Known, CategoryChange, CategoryName, NewCategory};
use axum::{Json, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Context, Failure,
    extract::{JsonBody, Query, Text},
    operations::Operations,
    paging::{Page, Paging},
    request::{Change, Look},
    responses::{Changed, Conflict, MediaType, NotFound, TimedOut, TooLarge},
    thing::{ChangeOf, LookAt, Thing},
};
use crate::access::{Permit, ToAdmin, ToRead};

/// A category.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Category {
    /// Its name.
    name: String,
    /// Where it stands: the smaller, the earlier.
    #[schema(format = Int64, minimum = 0, maximum = 4_294_967_295_i64)]
    position: u32,
    /// Whether it has an icon.
    has_icon: bool,
}

/// A category that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CategoryCreation {
    /// Its name, on one line.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    name: Text<CategoryName>,
    /// Where it stands; without it, after all others.
    #[schema(format = Int64, minimum = 0, maximum = 4_294_967_295_i64)]
    position: Option<u32>,
}

/// What is to be different about a category; what is missing stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CategoryUpdate {
    /// Another name.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    name: Option<Text<CategoryName>>,
    /// Another place.
    #[schema(format = Int64, minimum = 0, maximum = 4_294_967_295_i64)]
    position: Option<u32>,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations
        .add(__path_list, list)
        .add(__path_create, create)
        .add(__path_show, show)
        .add(__path_change, change)
        .add(__path_remove, remove)
}

/// List categories
///
/// In their order.
#[utoipa::path(
    get, path = "/categories", tag = "categories", params(Paging),
    responses((status = 200, description = "A page of categories.", body = Page<Category>)),
)]
async fn list(_: Permit<ToRead>, Query(paging): Query<Paging>, look: Look) -> Result<Response, Failure> {
    look.answer(move |context| {
        Ok(paging.page(
            context.accounts.categories()?.iter(),
            |category, after| is_behind(category, after),
            |category| key(category),
            Category::new,
        ))
    })
    .await
}

/// Create a category
#[utoipa::path(
    post, path = "/categories", tag = "categories", request_body = CategoryCreation,
    responses(
        (status = 201, description = "The category.", body = Category, headers(("Location" = String, description = "Where it is."))),
        Conflict, TooLarge, MediaType, TimedOut,
    ),
)]
async fn create(
    _: Permit<ToAdmin>,
    change: Change,
    JsonBody(new): JsonBody<CategoryCreation>,
) -> Result<Response, Failure> {
    Category::create(change, new.name.0, move |context, name| {
        let category = NewCategory { name: name.clone(), position: new.position, icon: None };
        context.accounts.create_category(&category)?;
        Ok(())
    })
    .await
}

/// Show a category
#[utoipa::path(
    get, path = "/categories/{name}", tag = "categories",
    params(LookAt<Category>),
    responses((status = 200, description = "The category.", body = Category), NotFound),
)]
async fn show(_: Permit<ToRead>, category: LookAt<Category>) -> Result<Response, Failure> {
    category.answer().await
}

/// Change a category
///
/// Its releases go with it.
#[utoipa::path(
    patch, path = "/categories/{name}", tag = "categories", request_body = CategoryUpdate,
    params(ChangeOf<Category>),
    responses((status = 200, description = "The category as it is now.", body = Category), NotFound, Conflict, Changed, TooLarge, MediaType, TimedOut),
)]
async fn change(
    _: Permit<ToAdmin>,
    category: ChangeOf<Category>,
    JsonBody(update): JsonBody<CategoryUpdate>,
) -> Result<Json<Category>, Failure> {
    category
        .make(move |context, name| {
            let change = CategoryChange {
                name: update.name.map(|name| name.0),
                position: update.position,
                ..CategoryChange::default()
            };
            context.accounts.change_category(&name, &change)?;
            Ok(change.name.unwrap_or(name))
        })
        .await
}

/// Remove a category
#[utoipa::path(
    delete, path = "/categories/{name}", tag = "categories",
    params(ChangeOf<Category>),
    responses((status = 204, description = "It is gone."), NotFound, Conflict, Changed),
)]
async fn remove(_: Permit<ToAdmin>, category: ChangeOf<Category>) -> Result<StatusCode, Failure> {
    category.remove(|context, name| Ok(context.accounts.remove_category(name)?)).await
}

impl Thing for Category {
    type Name = CategoryName;

    const KIND: &'static str = "category";
    const LIST: &'static str = "categories";

    fn find(context: &Context, name: &CategoryName) -> Result<Option<Self>, Failure> {
        Ok(context.accounts.category(name)?.as_ref().map(Self::new))
    }

    fn may_have_changed(context: &Context) {
        context.store.catalog_has_changed();
    }
}

impl Category {
    fn new(category: &Known) -> Self {
        Self { name: category.name.to_string(), position: category.position, has_icon: category.has_icon }
    }
}

/// By what categories are ordered: position and number.
fn key(category: &Known) -> String {
    format!("{} {}", category.position, category.id.0)
}

fn is_behind(category: &Known, after: &str) -> bool {
    let place = after
        .split_once(' ')
        .and_then(|(position, id)| Some((position.parse::<u32>().ok()?, id.parse::<u64>().ok()?)));
    place.is_some_and(|place| (category.position, category.id.0) > place)
}
