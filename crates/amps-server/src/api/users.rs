//! `/users`: who uses the deployment server.

use amps_core::accounts::{NewUser, PasswordHash, User as Known, UserChange, UserName};
use axum::{Json, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Context, Failure,
    extract::{JsonBody, Query, Secret, Text},
    operations::Operations,
    paging::{Page, Paging},
    representation::time,
    request::{Change, Look},
    responses::{Changed, Conflict, MediaType, NotFound, Refused, TimedOut, TooLarge},
    thing::{ChangeOf, LookAt, Thing},
};
use crate::access::{Permit, ToAdmin};

/// A user of the deployment server.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct User {
    /// The name that they log in with.
    name: String,
    /// Whether they may log in.
    is_active: bool,
    /// Whether they may upload.
    is_staff: bool,
    /// Since when they are known.
    #[schema(format = DateTime)]
    created_at: String,
    /// When they last logged in.
    #[schema(format = DateTime)]
    last_login_at: Option<String>,
}

/// A user who is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct UserCreation {
    /// Letters, digits and `@`, `.`, `+`, `-`, `_`.
    #[schema(value_type = String, min_length = 1, max_length = 150)]
    name: Text<UserName>,
    /// What they log in with; at least 8 characters, and not only digits.
    #[schema(value_type = String, format = Password, min_length = 8)]
    password: Secret,
    /// Whether they may log in; without it, yes.
    is_active: Option<bool>,
    /// Whether they may upload; without it, no.
    is_staff: Option<bool>,
}

/// What is to be different about a user; what is missing stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct UserUpdate {
    /// Another password; ends all their sessions.
    #[schema(value_type = Option<String>, format = Password, min_length = 8)]
    password: Option<Secret>,
    /// Whether they may log in.
    is_active: Option<bool>,
    /// Whether they may upload.
    is_staff: Option<bool>,
}

pub(super) fn operations(operations: Operations) -> Operations {
    operations
        .add(__path_list, list)
        .add(__path_create, create)
        .add(__path_show, show)
        .add(__path_change, change)
        .add(__path_remove, remove)
}

/// List users
#[utoipa::path(
    get, path = "/users", tag = "users", params(Paging),
    responses((status = 200, description = "A page of users.", body = Page<User>)),
)]
async fn list(_: Permit<ToAdmin>, Query(paging): Query<Paging>, look: Look) -> Result<Response, Failure> {
    look.answer(move |context| {
        Ok(paging.by_name(context.accounts.users()?.iter(), |user| user.name.as_str(), User::new))
    })
    .await
}

/// Create a user
#[utoipa::path(
    post, path = "/users", tag = "users", request_body = UserCreation,
    responses(
        (status = 201, description = "The user.", body = User, headers(("Location" = String, description = "Where they are."))),
        Conflict, TooLarge, MediaType, TimedOut, Refused,
    ),
)]
async fn create(
    _: Permit<ToAdmin>,
    change: Change,
    JsonBody(new): JsonBody<UserCreation>,
) -> Result<Response, Failure> {
    User::create(change, new.name.0, move |context, name| {
        let user = NewUser {
            name: name.clone(),
            password: PasswordHash::create(&new.password.0)?,
            is_active: new.is_active.unwrap_or(true),
            is_staff: new.is_staff.unwrap_or(false),
        };
        context.accounts.create_user(&user, context.clock.now())?;
        Ok(())
    })
    .await
}

/// Show a user
#[utoipa::path(
    get, path = "/users/{name}", tag = "users",
    params(LookAt<User>),
    responses((status = 200, description = "The user.", body = User), NotFound),
)]
async fn show(_: Permit<ToAdmin>, user: LookAt<User>) -> Result<Response, Failure> {
    user.answer().await
}

/// Change a user
#[utoipa::path(
    patch, path = "/users/{name}", tag = "users", request_body = UserUpdate,
    params(ChangeOf<User>),
    responses((status = 200, description = "The user as they are now.", body = User), NotFound, Changed, TooLarge, MediaType, TimedOut, Refused),
)]
async fn change(
    _: Permit<ToAdmin>,
    user: ChangeOf<User>,
    JsonBody(update): JsonBody<UserUpdate>,
) -> Result<Json<User>, Failure> {
    user.make(move |context, name| {
        let password = update.password.map(|password| PasswordHash::create(&password.0)).transpose()?;
        if let Some(password) = password {
            context.accounts.set_password(&name, &password)?;
        }
        let change = UserChange { is_active: update.is_active, is_staff: update.is_staff };
        if change != UserChange::default() {
            context.accounts.change_user(&name, &change)?;
        }
        Ok(name)
    })
    .await
}

/// Remove a user
///
/// With their sessions and purchases.
#[utoipa::path(
    delete, path = "/users/{name}", tag = "users",
    params(ChangeOf<User>),
    responses((status = 204, description = "They are gone."), NotFound, Conflict, Changed),
)]
async fn remove(_: Permit<ToAdmin>, user: ChangeOf<User>) -> Result<StatusCode, Failure> {
    user.remove(|context, name| Ok(context.accounts.remove_user(name)?)).await
}

impl Thing for User {
    type Name = UserName;

    const KIND: &'static str = "user";
    const LIST: &'static str = "users";

    fn find(context: &Context, name: &UserName) -> Result<Option<Self>, Failure> {
        Ok(context.accounts.credentials(name)?.map(|(user, _)| Self::new(&user)))
    }
}

impl User {
    fn new(user: &Known) -> Self {
        Self {
            name: user.name.to_string(),
            is_active: user.is_active,
            is_staff: user.is_staff,
            created_at: time(user.created_at),
            last_login_at: user.last_login_at.map(time),
        }
    }
}
