//! `app/icon`: the icon of the package that the session's device gets.

use amps_arch::DeploymentServerToken;
use amps_core::{DeploymentDevice, DeviceView, Icon};
use axum::{body::Bytes, extract::State, response::Response};

use super::{Context, Parameters, hello::normalise, plain::disarmed, session::Visitor};
use crate::{
    access::{Permit, ToRead},
    answer::{Problem, blocking},
    content::{Asked, Content, Encoding},
};

pub(super) async fn answer(
    permit: Permit<ToRead>,
    State(context): State<Context>,
    visitor: Visitor,
    asked: Asked,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let Some(id) = parameters.package_id().filter(|id| permit.has(id)) else {
        return Err(Problem::unknown("icon"));
    };
    let mut view = visitor.view(&context).await?;
    if let Some(architecture) = parameters.value("architecture") {
        view = of_architecture(view, normalise(architecture));
    }
    let store = context.store.clone();
    let icon = blocking(move || {
        let listing = store.listing()?;
        let Some(release) = listing.visible_of(&id, &view) else { return Err(Problem::unknown("icon")) };
        store.icon_of(release)?.ok_or(Problem::unknown("icon"))
    });
    Ok(shown(icon.await?, &asked, &context))
}

/// The view of a device of another architecture that says the same otherwise.
fn of_architecture(view: DeviceView, architecture: Option<DeploymentServerToken>) -> DeviceView {
    match view {
        DeviceView::DeploymentServer(device) => {
            DeviceView::DeploymentServer(DeploymentDevice { architecture, ..device })
        }
        other @ DeviceView::PackageServer { .. } => other,
    }
}

/// An icon as an answer. The upload sees to it that it is called `icon.png`, not to what it is.
pub(super) fn shown(icon: Icon, asked: &Asked, context: &Context) -> Response {
    let size_bytes = icon.blob.size_bytes();
    let png = Content {
        stored: Some((icon.blob, size_bytes)),
        end: Bytes::new(),
        tag: icon.id.to_string(),
        modified: None,
        media_type: icon.media_type.into(),
        file_name: None,
        encoding: Encoding::Fixed,
        counter: None,
    };
    disarmed(png.answer(asked, &context.buffers))
}
