//! The problems that operations document: a type for each status.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

use super::problem::PROBLEM_JSON;

/// A body that is no text.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "for the document")]
pub(super) struct BodyBytes(Vec<u8>);

/// A problem with a description.
pub(super) fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}

macro_rules! problems {
    ($($name:ident $status:literal $text:literal;)*) => {$(
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([($status.to_owned(), problem($text).into())])
            }
        }
    )*};
}

problems! {
    NotFound "404" "There is no such thing, or not for this caller.";
    TimedOut "408" "The body did not arrive in time.";
    Conflict "409" "It does not go together with what is there.";
    NoLength "411" "The caller has a quota of bytes, and the request does not say how large its body is.";
    Changed "412" "It is not what `If-Match` or another condition expects it to be.";
    TooLarge "413" "The body is too large.";
    MediaType "415" "The body is of another kind than expected.";
    NoSuchRange "416" "There is nothing in the range that was asked for.";
    Refused "422" "What was sent cannot be taken; `code` says why.";
    TooMany "429" "The caller has too many of these already, or has brought as much today as its token may.";
    NoRoom "507" "The disk is full.";
}
