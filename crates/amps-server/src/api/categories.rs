//! `/categories`: into what the deployment server puts packages.

use amps_core::accounts::{Category as Known, CategoryChange, CategoryName, NewCategory};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Context, Failure,
    author::Author,
    extract::{JsonBody, Named, NoQuery, Query, Text},
    location::location,
    operations::Operations,
    paging::{Page, Paging},
    problem::work,
    representation::{Expected, answer},
    responses::{Changed, Conflict, MediaType, NotFound, TimedOut, TooLarge},
};
use crate::{
    access::{Permit, ToAdmin, ToRead},
    content::Asked,
};

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
async fn list(
    _: Permit<ToRead>,
    Query(paging): Query<Paging>,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let accounts = context.accounts.clone();
    answer(&context, asked, move || {
        let categories = accounts.categories()?;
        Ok(paging.page(
            categories.iter(),
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
    author: Author,
    _: NoQuery,
    State(context): State<Context>,
    JsonBody(new): JsonBody<CategoryCreation>,
) -> Result<Response, Failure> {
    let _changing = context.changing.lock().await;
    let shared = context.by(author);
    let category = work(move || {
        let name = new.name.0;
        let category = NewCategory { name: name.clone(), position: new.position, icon: None };
        let created = shared.accounts.create_category(&category);
        shared.store.catalog_has_changed();
        created?;
        find(&shared, &name)
    })
    .await?;
    let location = [(LOCATION, location("categories", &category.name))];
    Ok((StatusCode::CREATED, location, Json(category)).into_response())
}

/// Show a category
#[utoipa::path(
    get, path = "/categories/{name}", tag = "categories",
    params(("name" = String, Path, description = "The category's name.")),
    responses((status = 200, description = "The category.", body = Category), NotFound),
)]
async fn show(
    _: Permit<ToRead>,
    Named(name): Named<CategoryName>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let shared = context.clone();
    answer(&context, asked, move || find(&shared, &name)).await
}

/// Change a category
///
/// Its releases go with it.
#[utoipa::path(
    patch, path = "/categories/{name}", tag = "categories", request_body = CategoryUpdate,
    params(
        ("name" = String, Path, description = "The category's name."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the category must have."),
    ),
    responses((status = 200, description = "The category as it is now.", body = Category), NotFound, Conflict, Changed, TooLarge, MediaType, TimedOut),
)]
async fn change(
    _: Permit<ToAdmin>,
    author: Author,
    Named(name): Named<CategoryName>,
    _: NoQuery,
    expected: Expected,
    State(context): State<Context>,
    JsonBody(update): JsonBody<CategoryUpdate>,
) -> Result<Json<Category>, Failure> {
    let change = CategoryChange {
        name: update.name.map(|name| name.0),
        position: update.position,
        ..CategoryChange::default()
    };
    apply(context.by(author), name, expected, change).await.map(Json)
}

/// Remove a category
#[utoipa::path(
    delete, path = "/categories/{name}", tag = "categories",
    params(
        ("name" = String, Path, description = "The category's name."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the category must have."),
    ),
    responses((status = 204, description = "It is gone."), NotFound, Conflict, Changed),
)]
async fn remove(
    _: Permit<ToAdmin>,
    author: Author,
    Named(name): Named<CategoryName>,
    _: NoQuery,
    expected: Expected,
    State(context): State<Context>,
) -> Result<StatusCode, Failure> {
    let _changing = context.changing.lock().await;
    let shared = context.by(author);
    work(move || {
        expected.check(&find(&shared, &name)?)?;
        let removed = shared.accounts.remove_category(&name);
        shared.store.catalog_has_changed();
        removed?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Changes a category if it is what the request expects it to be.
async fn apply(
    context: Context,
    name: CategoryName,
    expected: Expected,
    change: CategoryChange,
) -> Result<Category, Failure> {
    let _changing = context.changing.lock().await;
    let shared = context.clone();
    work(move || {
        expected.check(&find(&shared, &name)?)?;
        let changed = shared.accounts.change_category(&name, &change);
        shared.store.catalog_has_changed();
        changed?;
        find(&shared, change.name.as_ref().unwrap_or(&name))
    })
    .await
}

impl Category {
    fn new(category: &Known) -> Self {
        Self { name: category.name.to_string(), position: category.position, has_icon: category.has_icon }
    }
}

fn find(context: &Context, name: &CategoryName) -> Result<Category, Failure> {
    let found = context.accounts.category(name)?;
    found.map(|category| Category::new(&category)).ok_or_else(|| Failure::unknown("category"))
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
