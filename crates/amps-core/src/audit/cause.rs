//! Who does something, and from where.

use std::{fmt, net::IpAddr, str::FromStr};

use crate::{
    accounts::{TokenName, UserName},
    event::Origin,
};

/// Characters in the id of a request, inclusive.
const MAX_REQUEST_ID_CHARS: usize = 64;

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Actor {
    /// Nobody in particular.
    Anonymous,
    /// Whoever has the token of this name.
    Token(TokenName),
    /// A user who is logged in.
    User(UserName),
    /// A user of the operating system.
    System {
        /// The number.
        uid: u32,
        /// The name, if the system knows one.
        name: Option<String>,
    },
    /// The server itself, by its rules.
    Server,
    /// The server itself, by the rule about what is kept.
    Retention,
}

impl Actor {
    /// What kind of one, as a stable word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Token(_) => "token",
            Self::User(_) => "user",
            Self::System { .. } => "system",
            Self::Server | Self::Retention => "server",
        }
    }

    /// Which one of that kind.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Anonymous | Self::Server => None,
            Self::Retention => Some("retention".into()),
            Self::Token(name) => Some(name.to_string()),
            Self::User(name) => Some(name.to_string()),
            Self::System { uid, name: None } => Some(uid.to_string()),
            Self::System { uid, name: Some(name) } => Some(format!("{name} ({uid})")),
        }
    }
}

/// By which way something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// The interface of the package server.
    PackageServer,
    /// The interface of the deployment server.
    DeploymentServer,
    /// The native interface.
    Api,
    /// A command.
    Command,
    /// A file in the folder for uploads.
    UploadFolder,
    /// A file in the folder for removals.
    RemoveFolder,
    /// What lay in `.packages` when the store was opened.
    Start,
    /// Taking over what another server had.
    Import,
    /// The server's own work.
    Server,
}

impl Channel {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PackageServer => "package-server",
            Self::DeploymentServer => "deployment-server",
            Self::Api => "api",
            Self::Command => "command",
            Self::UploadFolder => "upload-folder",
            Self::RemoveFolder => "remove-folder",
            Self::Start => "start",
            Self::Import => "import",
            Self::Server => "server",
        }
    }
}

/// The name of a request, as its answer and its log lines have it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(String);

/// What cannot be the id of a request. Not shown: it may be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a request id has 1 to {MAX_REQUEST_ID_CHARS} of letters, digits, `-`, `_` and `.`: expected one like `0a1b2c3d-1-1`"
)]
pub struct InvalidRequestId;

impl FromStr for RequestId {
    type Err = InvalidRequestId;

    fn from_str(text: &str) -> Result<Self, InvalidRequestId> {
        let is_harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_id = (1..=MAX_REQUEST_ID_CHARS).contains(&text.len()) && text.bytes().all(is_harmless);
        if is_id { Ok(Self(text.into())) } else { Err(InvalidRequestId) }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Who does something, by which way, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cause {
    /// Who.
    pub actor: Actor,
    /// By which way.
    pub channel: Channel,
    /// From which address, where there is one: that of the client, not of a proxy between.
    pub address: Option<IpAddr>,
    /// In which request, where there is one.
    pub request: Option<RequestId>,
}

impl Cause {
    /// Somebody by some way, from no address.
    pub fn new(actor: Actor, channel: Channel) -> Self {
        Self { actor, channel, address: None, request: None }
    }

    /// What the server does by itself.
    pub fn server() -> Self {
        Self::new(Actor::Server, Channel::Server)
    }
}

/// As much as an origin says: nobody in particular.
impl From<Origin> for Cause {
    fn from(origin: Origin) -> Self {
        let channel = match origin {
            Origin::Start => Channel::Start,
            Origin::Http => Channel::PackageServer,
            Origin::UploadFolder => Channel::UploadFolder,
            Origin::RemoveFolder => Channel::RemoveFolder,
            Origin::Import => Channel::Import,
            Origin::Command => Channel::Command,
            Origin::Retention => return Self::new(Actor::Retention, Channel::Server),
        };
        Self::new(Actor::Anonymous, channel)
    }
}
