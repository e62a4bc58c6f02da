//! `/api/v1/`: the document for people, as a page without script.

use std::fmt::Write as _;

use axum::{
    extract::State,
    http::{
        HeaderValue,
        header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    response::Response,
};
use utoipa::openapi::{
    OpenApi, RefOr,
    path::{Operation, PathItem},
};

use super::{
    Context, Failure,
    extract::NoQuery,
    operations::{Operations, PREFIX},
};
use crate::{
    access::{Nothing, Permit},
    content::Asked,
};

/// Nothing is loaded, nothing runs, and nobody frames it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}\
    code,th{font-family:monospace}table{border-collapse:collapse;margin:.5em 0}td,th{border:1px solid #ccc;padding:.2em .6em;text-align:left;vertical-align:top}\
    summary{cursor:pointer}";

pub(super) fn operations(operations: Operations) -> Operations {
    operations.add(__path_show, show)
}

/// Show this page
#[utoipa::path(
    get, path = "/", tag = "server",
    responses((status = 200, description = "A page for people.", content_type = "text/html")),
)]
async fn show(
    _: Permit<Nothing>,
    _: NoQuery,
    State(context): State<Context>,
    asked: Asked,
) -> Result<Response, Failure> {
    let mut html = context.page.clone().content(&asked).await?;
    html.media_type = "text/html; charset=utf-8".into();
    let mut answer = html.answer(&asked.without_ranges(), &context.buffers);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(answer)
}

/// The page for a document.
pub(super) fn page(document: &OpenApi) -> String {
    let mut page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>amps API</title><style>{STYLE}</style></head>\
         <body><h1>amps API</h1><p>{}</p><p>The same for programs: <a href=\"openapi.json\">openapi.json</a></p>",
        escaped(document.info.description.as_deref().unwrap_or_default())
    );
    for tag in document.tags.iter().flatten() {
        let about = tag.description.as_deref().unwrap_or_default();
        // Writing to a string cannot fail, here and below.
        let _ = write!(page, "<h2>{}</h2><p>{}</p>", escaped(&tag.name), escaped(about));
        for (path, item) in &document.paths.paths {
            for (method, operation) in methods(item) {
                let is_here = operation.tags.iter().flatten().any(|name| *name == tag.name);
                if is_here {
                    describe(&mut page, method, path, operation);
                }
            }
        }
    }
    page.push_str("</body></html>");
    page
}

fn methods(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    [
        ("GET", &item.get),
        ("HEAD", &item.head),
        ("OPTIONS", &item.options),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn describe(page: &mut String, method: &str, path: &str, operation: &Operation) {
    let summary = operation.summary.as_deref().unwrap_or_default();
    let _ = write!(
        page,
        "<details><summary><code><b>{method}</b> {PREFIX}{}</code> {}</summary>",
        escaped(path),
        escaped(summary)
    );
    for paragraph in operation.description.iter().flat_map(|text| text.split("\n\n")) {
        let _ = write!(page, "<p>{}</p>", escaped(paragraph));
    }
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => {
            Some((parameter.name.as_str(), parameter.description.as_deref().unwrap_or_default()))
        }
        RefOr::Ref(_) => None,
    });
    table(page, &parameters.collect::<Vec<_>>());
    let answers = operation.responses.responses.iter().filter_map(|(status, answer)| match answer {
        RefOr::T(answer) => Some((status.as_str(), answer.description.as_str())),
        RefOr::Ref(_) => None,
    });
    table(page, &answers.collect::<Vec<_>>());
    page.push_str("</details>");
}

fn table(page: &mut String, rows: &[(&str, &str)]) {
    if rows.is_empty() {
        return;
    }
    page.push_str("<table>");
    for (name, text) in rows {
        let _ = write!(page, "<tr><th>{}</th><td>{}</td></tr>", escaped(name), escaped(text));
    }
    page.push_str("</table>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
