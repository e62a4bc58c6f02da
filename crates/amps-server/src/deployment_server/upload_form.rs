//! What an upload brings: texts, and a package that is verified while it arrives.

use std::net::IpAddr;

use amps_core::{
    Error, Origin, Provenance, StagedUpload,
    accounts::{MAX_BRIEF_BYTES, MAX_DESCRIPTION_BYTES},
    audit::Cause,
};
use axum::body::Body;

use super::{
    Context, Parameters,
    upload_parts::{Part, Parts},
};
use crate::{
    access::Caller,
    answer::Problem,
    upload_body::{Pump, pump},
    upload_places::OpenUpload,
};

/// The part that is the package.
const PACKAGE: &str = "package";
/// Bytes in a text that is neither description nor package.
const TEXT_BYTES: usize = 4096;

/// A form that has arrived.
pub(super) struct UploadForm {
    pub(super) texts: Parameters,
    /// The package, if there was one; it lies in the staging area, if it is one.
    pub(super) package: Option<Result<StagedUpload, Error>>,
}

impl UploadForm {
    /// Reads a form. The package may be any of its parts: it is not held while the others are waited for, but lies on the disk.
    pub(super) async fn receive(
        context: &Context,
        upload: OpenUpload,
        from: &Provenance,
        body: Body,
        boundary: String,
    ) -> Result<Self, Problem> {
        let mut parts = Parts::new(body, boundary, context.limits.head_time);
        let mut form = Self { texts: Parameters::default(), package: None };
        let mut upload = Some(upload);
        match form.receive_parts(&mut parts, context, &mut upload, from).await {
            Ok(()) => Ok(form),
            // The rest of a package that is none was not read: nobody knows what stands behind it.
            Err(_) if matches!(form.package, Some(Err(_))) => {
                parts.drain().await;
                Ok(form)
            }
            Err(problem) => {
                parts.drain().await;
                Err(problem)
            }
        }
    }

    async fn receive_parts(
        &mut self,
        parts: &mut Parts,
        context: &Context,
        upload: &mut Option<OpenUpload>,
        from: &Provenance,
    ) -> Result<(), Problem> {
        while let Some(part) = parts.next().await? {
            let name = part.name().to_owned();
            match (name.as_str(), upload.take()) {
                (PACKAGE, Some(open)) => self.package = Some(stage(context, open, from, part).await?),
                (_, open) => {
                    *upload = open;
                    let most_bytes = match name.as_str() {
                        "description" => MAX_DESCRIPTION_BYTES,
                        "short-description" => MAX_BRIEF_BYTES,
                        _ => TEXT_BYTES,
                    };
                    let text = part.text(most_bytes).await?;
                    self.texts.add(name, text);
                }
            }
        }
        Ok(())
    }
}

/// Where an upload comes from, in words.
pub(super) fn provenance(caller: &Caller, client: IpAddr, cause: Cause) -> Provenance {
    Provenance {
        origin: Origin::Http,
        name: format!("upload from {client}"),
        by: caller.bringing(&client.to_string()),
        cause,
    }
}

async fn stage(
    context: &Context,
    upload: OpenUpload,
    from: &Provenance,
    part: Part,
) -> Result<Result<StagedUpload, Error>, Problem> {
    let OpenUpload { open, place, silent } = upload;
    let (reader, mut pump) = pump(Body::from_stream(part), place, silent, &context.limits);
    let span = tracing::Span::current();
    let (store, security, by) = (context.store.clone(), context.security(), from.by.clone());
    let verifying = tokio::task::spawn_blocking(move || {
        let staged = span.in_scope(|| store.stage_for_deployment(reader, &by, security));
        drop(open);
        staged
    });
    let pumped = pump.run().await;
    let staged = verifying.await.map_err(|error| Problem::internal(&error))?;
    if matches!(pumped, Pump::Refused) {
        pump.drain().await;
    }
    Ok(staged)
}
