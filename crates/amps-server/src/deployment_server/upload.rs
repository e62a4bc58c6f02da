//! `upload`: staff brings a package, and what the store is to say about it.

use std::sync::Arc;

use amps_core::{
    Error, Provenance, UploadResult,
    accounts::{AccountError, PackageScope, Role},
    audit::{Action, AuditResult, Channel},
};
use axum::{
    Json,
    body::{Body, HttpBody as _},
    extract::{FromRequest as _, Request, State},
    http::{HeaderMap, Method, header::EXPECT},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{
    Context, Parameters,
    asked_at::AskedAt,
    intake::{IntakeError, Texts},
    parameters::boundary,
    session::Visitor,
    status::not_kept,
    upload_form::{UploadForm, provenance},
    upload_parts::too_large,
    uploader::uploader,
};
use crate::{
    access::{Caller, Denied, OwnRule, Permit, out_of_scope},
    answer::{Problem, blocking},
    audit::AskedFrom,
    busy::busy,
    drain::drain,
    foreign_origin,
};

/// The word, and what to know about it.
#[derive(Serialize)]
struct Answer {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl From<&'static str> for Answer {
    fn from(status: &'static str) -> Self {
        Self { status, message: None }
    }
}

pub(super) async fn answer(
    permit: Result<Permit<OwnRule>, Denied>,
    State(context): State<Context>,
    visitor: Visitor,
    asked_at: AskedAt,
    request: Request,
) -> Result<Response, Problem> {
    if asked_at.is_foreign {
        return Ok(refuse(request, foreign_origin::refusal()).await);
    }
    let permit = match permit {
        Ok(permit) => permit,
        Err(denied) => return Ok(refuse(request, denied).await),
    };
    let caller = match permit.caller() {
        // A token may what staff may: a vendor's rule is its certificate, which holds for everybody who uploads.
        Caller::Token(token) if token.roles.allow(Role::Upload) => Caller::Token(Arc::clone(token)),
        Caller::Token(_) => return Ok(refuse(request, Denied::Role { needed: Role::Upload }).await),
        Caller::Anonymous | Caller::User(_) => {
            let asked_from = AskedFrom::of(request.extensions(), request.headers(), &context.access);
            match uploader(&context, visitor, &asked_at, asked_from.clone(), request.headers()).await? {
                Ok(user) => Caller::User(Arc::new(user)),
                Err(refusal) => {
                    if let Some(audit) = context.access.audit() {
                        let refused = AuditResult::Refused { code: refusal.code() };
                        let cause = asked_from.cause(&Caller::Anonymous, Channel::DeploymentServer);
                        audit.count(audit.entry(Action::AccessDenied, &cause, refused).of("/upload"));
                    }
                    return Ok(refuse(request, refusal).await);
                }
            }
        }
    };
    let cause = AskedFrom::of(request.extensions(), request.headers(), &context.access)
        .cause(&caller, Channel::DeploymentServer);
    let from = provenance(&caller, asked_at.client_or_unknown(), cause);
    let boundary = boundary(request.headers()).filter(|_| request.method() == Method::POST);
    let form = if let Some(boundary) = boundary {
        // Waiting here costs nothing but a connection: not a byte is read before there is a thread for the package.
        let Some(upload) = context.uploads.open().await else {
            return Ok(refuse(request, busy("uploads")).await);
        };
        let bytes = request.body().size_hint().exact();
        if let Err(refusal) = context.access.count_upload(&caller, bytes, &from.cause, "/upload").await {
            return Ok(refuse(request, refusal).await);
        }
        UploadForm::receive(&context, upload, &from, request.into_body(), boundary).await?
    } else {
        UploadForm { texts: Parameters::from_request(request, &context).await?, package: None }
    };
    let answer = blocking(move || take(&context, form, &from, caller.scope()));
    Ok(not_kept(Json(answer.await?)))
}

/// Answers a request whose body nobody wants.
async fn refuse(request: Request, answer: impl IntoResponse) -> Response {
    if !expects_continue(request.headers()) {
        let mut body: Body = request.into_body();
        drain(&mut body).await;
    }
    answer.into_response()
}

fn expects_continue(headers: &HeaderMap) -> bool {
    headers.contains_key(EXPECT)
}

/// What stands in a form, checked in the order that the Django server has.
fn take(
    context: &Context,
    form: UploadForm,
    from: &Provenance,
    scope: Option<&PackageScope>,
) -> Result<Answer, Problem> {
    let UploadForm { texts, package } = form;
    let Some(description) = texts.value("description") else { return Ok("no description".into()) };
    let Some(brief) = texts.value("short-description") else { return Ok("no short description".into()) };
    let Some(category) = texts.value("category") else { return Ok("no category".into()) };
    let Some(vendor) = texts.value("vendor") else { return Ok("no vendor".into()) };
    let Some(package) = package else { return Ok("no package to upload".into()) };
    let package = package.and_then(|package| {
        package.check_scope(scope)?;
        Ok(package)
    });
    let intake = context.intake();
    let published = match intake.place(category, vendor) {
        Ok(place) => intake.publish(
            place,
            Texts { brief: brief.into(), description: description.into() },
            package,
            from,
        ),
        Err(error) => Err(error),
    };
    match published {
        Ok(upload) => {
            let message = (upload.result == UploadResult::Unchanged).then(|| "no changes".to_owned());
            Ok(Answer { status: "ok", message })
        }
        Err(IntakeError::NoCategory) => Ok("Non-existing category".into()),
        Err(IntakeError::NoVendor) => Ok("Non-existing vendor".into()),
        Err(IntakeError::Package(error)) => out_of_scope(&error).map_or_else(|| Ok(word(&error)), Err),
        // What was no UTF-8 has become longer.
        Err(IntakeError::Accounts(error @ AccountError::TooLong { .. })) => Err(too_large(error.to_string())),
        Err(IntakeError::Accounts(error)) => Err(error.into()),
    }
}

fn word(error: &Error) -> Answer {
    match error {
        Error::Refused(_) | Error::Source(_) => {
            Answer { status: "Package validation failed", message: Some(error.chain()) }
        }
        error if error.is_disk_full() => "the server has no room for the package: its disk is full".into(),
        // What is wrong with the server is for its console, which has been told.
        _ => "the server could not store the package".into(),
    }
}
