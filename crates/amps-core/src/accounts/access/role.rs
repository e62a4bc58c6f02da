//! What somebody may do, in a few words.

use std::{fmt, str::FromStr};

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// See and download packages.
    Read,
    /// Bring packages; includes reading.
    Upload,
    /// Remove packages; includes reading.
    Remove,
    /// Everything.
    Admin,
}

/// One or more roles.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Roles(u8);

/// A word that is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a role: expected `read`, `upload`, `remove` or `admin`", ampkg::quoted(.found))]
pub struct InvalidRole {
    /// The word.
    pub found: String,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Upload, Self::Remove, Self::Admin];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Upload => "upload",
            Self::Remove => "remove",
            Self::Admin => "admin",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Upload => 2,
            Self::Remove => 4,
            Self::Admin => 8,
        }
    }

    /// The roles whose owner may do what this one may.
    const fn held_by(self) -> u8 {
        match self {
            Self::Read => Self::Read.bit() | Self::Upload.bit() | Self::Remove.bit() | Self::Admin.bit(),
            Self::Upload | Self::Remove => self.bit() | Self::Admin.bit(),
            Self::Admin => Self::Admin.bit(),
        }
    }
}

impl Roles {
    /// These and one more.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }

    /// Whether they include what a role may do.
    pub const fn allow(self, role: Role) -> bool {
        self.0 & role.held_by() != 0
    }

    /// Those that were given, without what they include.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.0 & role.bit() != 0)
    }
}

impl From<Role> for Roles {
    fn from(role: Role) -> Self {
        Self(role.bit())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| InvalidRole { found: text.into() })
    }
}

/// With commas in between, as it is parsed.
impl fmt::Display for Roles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, role) in self.iter().enumerate() {
            formatter.write_str(if place == 0 { "" } else { "," })?;
            formatter.write_str(role.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Roles({self})")
    }
}

impl FromStr for Roles {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        let (first, rest) = text.split_once(',').map_or((text, None), |(first, rest)| (first, Some(rest)));
        let first = Self::from(first.parse::<Role>()?);
        rest.into_iter()
            .flat_map(|rest| rest.split(','))
            .try_fold(first, |roles, word| Ok(roles.with(word.parse()?)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn upload_and_remove_include_read_and_admin_everything() {
        for (roles, allowed) in [
            ("read", "read"),
            ("upload", "read,upload"),
            ("remove", "read,remove"),
            ("upload,remove", "read,upload,remove"),
            ("admin", "read,upload,remove,admin"),
        ] {
            let roles: Roles = roles.parse().unwrap();
            let allowed: Roles = allowed.parse().unwrap();
            for role in Role::ALL {
                assert_eq!(roles.allow(role), allowed.iter().any(|other| other == role), "{roles} {role}");
            }
        }
    }

    #[test]
    fn roles_come_back_from_their_text() {
        for bits in 1..16_u8 {
            let roles = Roles(bits);
            assert_eq!(roles.to_string().parse(), Ok(roles));
        }
        assert_eq!("admin,read,read".parse::<Roles>().unwrap().to_string(), "read,admin");
        for wrong in ["", ",", "read,", ",read", "Read", "read upload", "read, upload", "root"] {
            assert!(wrong.parse::<Roles>().is_err(), "{wrong:?}");
        }
        assert_eq!(
            "root".parse::<Role>().unwrap_err().to_string(),
            "`root` is not a role: expected `read`, `upload`, `remove` or `admin`"
        );
    }
}
