//! `category/icon`: the icon of a category, as large as the settings allow; a placeholder where there is none.

use ampkg::Digest;
use amps_core::accounts::{CategoryId, IconColor, IconStyle};
use axum::{body::Bytes, extract::State, response::Response};
use sha2::{Digest as _, Sha256};

use super::{Context, Parameters, plain::disarmed, settings::DeploymentSettings};
use crate::{
    access::{Permit, ToRead},
    answer::{Problem, blocking},
    content::{Asked, Content, Encoding},
};

pub(super) async fn answer(
    _: Permit<ToRead>,
    State(context): State<Context>,
    asked: Asked,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let category = parameters.value("id").and_then(|id| id.parse().ok()).map(CategoryId);
    let offer = context.offers.now(&context.store, &context.accounts).await?;
    let buffers = context.buffers.clone();
    let png = blocking(move || {
        let style = style(&context.settings);
        let icon = match category {
            Some(category) => offer.words.icon(category, || {
                let Some(icon) = context.accounts.category_icon(category)? else { return Ok(None) };
                icon.png(&style).map(|png| Some(png.into())).map_err(|error| Problem::internal(&error))
            })?,
            None => None,
        };
        match icon {
            Some(icon) => Ok(icon),
            None => style.placeholder().map(Bytes::from).map_err(|error| Problem::internal(&error)),
        }
    })
    .await?;
    let shown = Content {
        stored: None,
        tag: Digest(Sha256::digest(&png).into()).to_string(),
        end: png,
        modified: None,
        media_type: "image/png".into(),
        file_name: None,
        encoding: Encoding::Fixed,
        counter: None,
    };
    Ok(disarmed(shown.answer(&asked, &buffers)))
}

fn style(settings: &DeploymentSettings) -> IconStyle {
    IconStyle {
        max_width_px: settings.icon_size_x,
        max_height_px: settings.icon_size_y,
        color: if settings.icon_decolor { IconColor::Monochrome } else { IconColor::Original },
    }
}
