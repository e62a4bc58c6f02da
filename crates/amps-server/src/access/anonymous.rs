//! What somebody may do who does not say who they are.

use std::{fmt, str::FromStr};

use amps_core::accounts::Role;

use super::Needs;
use crate::listen_address::ListenAddress;

/// What somebody may do who does not say who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnonymousAccess {
    /// Nothing.
    None,
    /// See and download packages.
    Read,
    /// Upload and remove packages, too. Never what needs the role `admin`: somebody who once reaches a port of this machine must
    /// not be able to make a token that lasts.
    All,
}

/// A word that is not what somebody may do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not what everybody may do: expected `none`, `read` or `all`", ampkg::quoted(.found))]
pub struct InvalidAnonymousAccess {
    /// The word.
    pub found: String,
}

impl AnonymousAccess {
    /// What holds where nobody has decided: whoever is on this machine may do everything, as with the reference; whoever comes
    /// from elsewhere may read.
    pub fn default_at(address: &ListenAddress) -> Self {
        if address.is_loopback() { Self::All } else { Self::Read }
    }

    pub(crate) fn allows(self, needs: Needs) -> bool {
        match needs {
            Needs::Nothing | Needs::OwnRule => true,
            Needs::Role(Role::Read) => self != Self::None,
            Needs::Role(Role::Upload | Role::Remove) => self == Self::All,
            Needs::Role(Role::Admin) => false,
        }
    }
}

impl FromStr for AnonymousAccess {
    type Err = InvalidAnonymousAccess;

    fn from_str(text: &str) -> Result<Self, InvalidAnonymousAccess> {
        match text {
            "none" => Ok(Self::None),
            "read" => Ok(Self::Read),
            "all" => Ok(Self::All),
            _ => Err(InvalidAnonymousAccess { found: text.into() }),
        }
    }
}

impl fmt::Display for AnonymousAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Read => "read",
            Self::All => "all",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_an_administrator_without_saying_who_they_are() {
        let allowed = |anonymous: AnonymousAccess| {
            Role::ALL.into_iter().filter(|role| anonymous.allows(Needs::Role(*role))).collect::<Vec<_>>()
        };
        assert_eq!(allowed(AnonymousAccess::None), []);
        assert_eq!(allowed(AnonymousAccess::Read), [Role::Read]);
        assert_eq!(allowed(AnonymousAccess::All), [Role::Read, Role::Upload, Role::Remove]);
    }

    #[test]
    fn the_default_depends_on_who_can_come() {
        for (address, default) in [
            ("localhost", AnonymousAccess::All),
            ("127.0.0.2:80", AnonymousAccess::All),
            ("[::1]:80", AnonymousAccess::All),
            ("any", AnonymousAccess::Read),
            ("192.0.2.1", AnonymousAccess::Read),
            ("::", AnonymousAccess::Read),
        ] {
            assert_eq!(AnonymousAccess::default_at(&address.parse().unwrap()), default, "{address}");
        }
    }

    #[test]
    fn it_is_one_of_three_words() {
        for word in ["none", "read", "all"] {
            assert_eq!(word.parse::<AnonymousAccess>().unwrap().to_string(), word);
        }
        for wrong in ["", "All", "write", "true"] {
            assert!(wrong.parse::<AnonymousAccess>().is_err(), "{wrong}");
        }
    }
}
