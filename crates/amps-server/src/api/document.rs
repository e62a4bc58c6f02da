//! The document that describes the API (`OpenAPI` 3.1), made from the operations, and `/openapi.json`.

use axum::{extract::State, response::Response};
use utoipa::openapi::{
    Components, ContactBuilder, Info, OpenApi, OpenApiBuilder, RefOr, Server, Tag,
    path::Paths,
    schema::Schema,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::{
    Context, Failure,
    extract::NoQuery,
    operations::{Operations, PREFIX},
    package_order::Sort,
    packages::SignerFilter,
    problem::ProblemBody,
    session::COOKIE_NAME,
    tus::TusVersion,
};
use crate::{
    access::{Nothing, Permit},
    content::Asked,
};

/// How a request may say who sends it.
pub(super) const SECURITY: [&str; 3] = ["bearer", "basic", "session"];

/// The groups of operations, in the order in which they are shown.
const TAGS: [(&str, &str); 12] = [
    ("packages", "What there is, by id"),
    ("releases", "Each release of a package"),
    ("uploads", "Bringing a package in one request"),
    ("resumable uploads", "Bringing a package in pieces, by tus 1.0"),
    ("categories", "Into what the deployment server puts packages"),
    ("vendors", "In whose name the deployment server offers packages"),
    ("users", "Who signs in, and uses the deployment server"),
    ("tokens", "Who may do what"),
    ("audit", "Who did what"),
    ("retention", "Which releases are kept"),
    ("session", "Signing in with a browser"),
    ("server", "The server itself"),
];

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_openapi, openapi)
}

/// The document that describes the API
#[utoipa::path(
    get, path = "/openapi.json", tag = "server",
    responses((status = 200, description = "The document, OpenAPI 3.1.", body = serde_json::Value)),
)]
async fn openapi(
    _: Permit<Nothing>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let text = context.document.clone().content(&asked).await?;
    Ok(text.answer(&asked.without_ranges(), &context.buffers))
}

/// The document for some operations and the schemas that they refer to.
pub(super) fn document(paths: Paths, mut schemas: Vec<(String, RefOr<Schema>)>) -> OpenApi {
    schemas.push((ProblemBody::name().into(), ProblemBody::schema()));
    // What parameters refer to is not collected.
    schemas.push((TusVersion::name().into(), TusVersion::schema()));
    schemas.push((Sort::name().into(), Sort::schema()));
    schemas.push((SignerFilter::name().into(), SignerFilter::schema()));
    let mut components = Components::new();
    components.schemas.extend(schemas);
    let [bearer, basic, session] = SECURITY;
    let scheme = |scheme, text: &str| {
        SecurityScheme::Http(HttpBuilder::new().scheme(scheme).description(Some(text)).build())
    };
    components.add_security_scheme(bearer, scheme(HttpAuthScheme::Bearer, "A token of `amps token create`."));
    components.add_security_scheme(
        basic,
        scheme(HttpAuthScheme::Basic, "The same as a password, with any user name."),
    );
    let cookie = ApiKeyValue::with_description(COOKIE_NAME, "Of a browser in which a user has signed in.");
    components.add_security_scheme(session, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let mut info = Info::new("amps", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Packages for devices that run the Qt Application Manager. Names are in camelCase, times in RFC 3339, sizes in bytes. \
         Unknown parameters and fields are refused. Errors are `application/problem+json` with a stable `code`."
            .into(),
    );
    info.contact = None::<ContactBuilder>.map(ContactBuilder::build);
    let tags =
        TAGS.map(|(name, text)| -> Tag { TagBuilder::new().name(name).description(Some(text)).build() });
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new(PREFIX)]))
        .paths(paths)
        .components(Some(components))
        .tags(Some(tags))
        .build()
}
