//! `hello`: what a device is, and whether it may use this server.

use amps_arch::{DeploymentServerToken, normalise_abi};
use amps_core::accounts::Greeting;
use amps_tags::{MAX_TAGS, Tag, TagList};
use axum::{extract::State, response::Response};

use super::{
    Context, Parameters,
    asked_at::AskedAt,
    session::{Visitor, with_session},
    settings::DeploymentSettings,
    status::Status,
};
use crate::{
    access::{Nothing, Permit},
    answer::{Problem, blocking},
};

pub(super) async fn answer(
    _: Permit<Nothing>,
    State(context): State<Context>,
    visitor: Visitor,
    asked_at: AskedAt,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let (status, greeting) = greet(&parameters, &context.settings);
    let sessions = context.sessions.clone();
    // A device that is told to stay away is known too: what it says is kept whatever the answer.
    let token = blocking(move || Ok(sessions.greet(visitor.token, &greeting)?)).await?;
    Ok(with_session(&token, &asked_at, Status(status)))
}

/// The answer to a device, and what is to be remembered of it.
fn greet(parameters: &Parameters, settings: &DeploymentSettings) -> (&'static str, Greeting) {
    let version = parameters.value("version").and_then(|version| version.parse::<u32>().ok());
    let tags = list(parameters, &["require_tag", "tag"]);
    let conflicts = list(parameters, &["conflicts_tag"]);
    let architecture = parameters.value("architecture").map(normalise);
    let status = if settings.maintenance {
        "maintenance"
    } else if parameters.value("platform") != Some(&settings.platform_id) {
        "incompatible-platform"
    } else if !version.is_some_and(|version| (1..=settings.platform_version).contains(&version)) {
        "incompatible-version"
    } else if tags.is_err() || conflicts.is_err() {
        "malformed-tag"
    } else if matches!(architecture, Some(None)) {
        "incompatible-architecture"
    } else {
        "ok"
    };
    let text = |list: Result<TagList, amps_tags::Error>| list.unwrap_or_default().to_string();
    let greeting = Greeting {
        platform_version: version,
        tags: text(tags),
        conflicts: text(conflicts),
        architecture: architecture.flatten().map(|token| token.to_string()).unwrap_or_default(),
    };
    (status, greeting)
}

/// The tags in some parameters, together.
fn list(parameters: &Parameters, names: &[&str]) -> Result<TagList, amps_tags::Error> {
    let texts = names.iter().filter_map(|name| parameters.filled(name));
    let tags = texts.flat_map(|text| text.split(',')).take(MAX_TAGS + 1).map(str::parse::<Tag>);
    TagList::of(tags.collect::<Result<Vec<_>, _>>()?)
}

/// What a device calls its architecture, in the server's words.
pub(super) fn normalise(abi: &str) -> Option<DeploymentServerToken> {
    normalise_abi(abi).or_else(|_| abi.parse()).ok() // `All` is no ABI
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(query: &str, set: impl Fn(&mut DeploymentSettings)) -> (&'static str, Greeting) {
        let mut settings = DeploymentSettings::default();
        set(&mut settings);
        greet(&Parameters::of_encoded(query.as_bytes()), &settings)
    }

    #[test]
    fn the_first_thing_that_is_wrong_is_said() {
        let everything_wrong = "platform=X&version=0&tag=a:b:c&architecture=x";
        for (query, expected) in [
            (everything_wrong, "incompatible-platform"),
            ("platform=NEPTUNE3&version=0&tag=a:b:c&architecture=x", "incompatible-version"),
            ("platform=NEPTUNE3&version=1&tag=a:b:c&architecture=x", "malformed-tag"),
            ("platform=NEPTUNE3&version=1&require_tag=a:b:c", "malformed-tag"),
            ("platform=NEPTUNE3&version=1&conflicts_tag=a,,b", "malformed-tag"),
            ("platform=NEPTUNE3&version=1&architecture=x", "incompatible-architecture"),
            ("platform=NEPTUNE3&version=1&architecture=", "incompatible-architecture"),
            ("platform=NEPTUNE3&version=1", "ok"),
            ("platform=NEPTUNE3&version=2&require_tag=&tag=&conflicts_tag=", "ok"),
            ("platform=NEPTUNE3&version=3", "incompatible-version"),
            ("platform=NEPTUNE3&version=-1", "incompatible-version"),
            ("platform=NEPTUNE3&version=1.0", "incompatible-version"),
            ("platform=NEPTUNE3&version=", "incompatible-version"),
            ("platform=NEPTUNE3", "incompatible-version"),
            ("platform=neptune3&version=1", "incompatible-platform"),
            ("", "incompatible-platform"),
        ] {
            assert_eq!(status(query, |_| {}).0, expected, "{query}");
        }
        assert_eq!(status(everything_wrong, |settings| settings.maintenance = true).0, "maintenance");
    }

    #[test]
    fn what_a_device_says_is_kept_whatever_the_answer() {
        let query = "platform=X&version=7&require_tag=qt:5.15.2,Qt:5.15&tag=wifi&conflicts_tag=b,a\
            &architecture=x86_64-little_endian-lp64-linux";
        let greeting = Greeting {
            platform_version: Some(7),
            tags: "qt:5.15,wifi".into(),
            conflicts: "a,b".into(),
            architecture: "x86_64-little_endian-64-elf".into(),
        };
        assert_eq!(status(query, |_| {}), ("incompatible-platform", greeting.clone()));
        assert_eq!(status(query, |settings| settings.maintenance = true), ("maintenance", greeting));
        // One list that is malformed does not take the other with it.
        let (_, greeting) = status("tag=a:&conflicts_tag=b&architecture=x", |_| {});
        assert_eq!(
            (greeting.tags.as_str(), greeting.conflicts.as_str(), greeting.architecture.as_str()),
            ("", "b", "")
        );
    }
}
