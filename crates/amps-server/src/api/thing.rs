//! What users, vendors, categories and tokens have in common: they have names, by which they are shown, made, changed and removed.

use std::{fmt::Display, str::FromStr};

use axum::{
    Json,
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde::Serialize;
use utoipa::{
    IntoParams, PartialSchema as _,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{Object, SchemaType, Type},
    },
};

use super::{
    Context, Failure,
    extract::{Named, NoQuery},
    location::location,
    representation::Expected,
    request::{Change, Look, made},
};

/// A thing that has a name.
pub(super) trait Thing: Serialize + Send + Sized + 'static {
    type Name: FromStr + Display + Send + 'static;

    /// What it is called in messages.
    const KIND: &'static str;
    /// The part of the path in which all of them are.
    const LIST: &'static str;

    /// The one of a name, if it is there.
    fn find(context: &Context, name: &Self::Name) -> Result<Option<Self>, Failure>;

    /// Tells whoever keeps what is known of such things that it may be different.
    fn may_have_changed(_: &Context) {}

    /// The one of a name, which must be there.
    fn known(context: &Context, name: &Self::Name) -> Result<Self, Failure> {
        Self::find(context, name)?.ok_or_else(|| Failure::unknown(Self::KIND))
    }

    /// Makes one, and answers with it.
    async fn create(
        change: Change,
        name: Self::Name,
        create: impl FnOnce(&Context, &Self::Name) -> Result<(), Failure> + Send + 'static,
    ) -> Result<Response, Failure> {
        let place = location(Self::LIST, &name.to_string());
        let thing = change.make(move |context| {
            let created = create(context, &name);
            Self::may_have_changed(context);
            created.and_then(|()| Self::known(context, &name))
        });
        Ok(made(place, thing.await?))
    }
}

/// A request that shows a thing.
pub(super) struct LookAt<T: Thing> {
    name: T::Name,
    look: Look,
}

impl<T: Thing> FromRequestParts<Context> for LookAt<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Failure> {
        let Named(name) = Named::from_request_parts(parts, context).await?;
        NoQuery::from_request_parts(parts, context).await?;
        Ok(Self { name, look: Look::from_request_parts(parts, context).await? })
    }
}

impl<T: Thing> LookAt<T> {
    /// Answers with the thing.
    pub(super) async fn answer(self) -> Result<Response, Failure> {
        self.look.answer(move |context| T::known(context, &self.name)).await
    }
}

/// A request that changes a thing, if it is what the request expects it to be.
pub(super) struct ChangeOf<T: Thing> {
    name: T::Name,
    change: Change,
    expected: Expected,
}

impl<T: Thing> FromRequestParts<Context> for ChangeOf<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Failure> {
        let Named(name) = Named::from_request_parts(parts, context).await?;
        let change = Change::from_request_parts(parts, context).await?;
        Ok(Self { name, change, expected: Expected::from_request_parts(parts, context).await? })
    }
}

impl<T: Thing> ChangeOf<T> {
    /// Changes the thing, and answers with what it is then. The change tells what it is called afterwards.
    pub(super) async fn make(
        self,
        change: impl FnOnce(&Context, T::Name) -> Result<T::Name, Failure> + Send + 'static,
    ) -> Result<Json<T>, Failure> {
        let Self { name, expected, .. } = self;
        let thing = self.change.make(move |context| {
            expected.check(&T::known(context, &name)?)?;
            let changed = change(context, name);
            T::may_have_changed(context);
            T::known(context, &changed?)
        });
        thing.await.map(Json)
    }

    /// Removes the thing.
    pub(super) async fn remove(
        self,
        remove: impl FnOnce(&Context, &T::Name) -> Result<(), Failure> + Send + 'static,
    ) -> Result<StatusCode, Failure> {
        let Self { name, expected, .. } = self;
        let removed = self.change.make(move |context| {
            expected.check(&T::known(context, &name)?)?;
            let removed = remove(context, &name);
            T::may_have_changed(context);
            removed
        });
        removed.await.map(|()| StatusCode::NO_CONTENT)
    }
}

impl<T: Thing> IntoParams for LookAt<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![name_of::<T>()]
    }
}

impl<T: Thing> IntoParams for ChangeOf<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let condition = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(format!("The `ETag` that the {} must have.", T::KIND)))
            .schema(Some(Object::with_type(SchemaType::from_iter([Type::String, Type::Null]))));
        vec![name_of::<T>(), condition.build()]
    }
}

fn name_of<T: Thing>() -> Parameter {
    let name = ParameterBuilder::new()
        .name("name")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(format!("The {}'s name.", T::KIND)))
        .schema(Some(String::schema()));
    name.build()
}
