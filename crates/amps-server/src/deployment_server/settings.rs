//! What can be set of the deployment-server interface: fields of `deploymentServer` in `amps-config.yaml`, and variables.

use std::time::Duration;

use amps_core::Security;
use amps_tags::TagRule;
use ipnet::IpNet;

use super::url_prefix::UrlPrefix;
use crate::listen_address::ListenAddress;

/// The port that the guide of the Django server lets it listen on.
const DEFAULT_PORT: u16 = 8080;
/// What the names of the Django server's variables begin with.
const VARIABLE_PREFIX: &str = "APPSTORE_";

/// How the deployment-server interface behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // they are the fields of the configuration, each by its own name
pub struct DeploymentSettings {
    /// Where it listens. Default `localhost:8080`.
    pub listen_address: ListenAddress,
    /// What stands in front of all its paths. Default nothing.
    pub url_prefix: UrlPrefix,
    /// Whether `hello` tells devices to come again later.
    pub maintenance: bool,
    /// The platform that devices must name. Default `NEPTUNE3`.
    pub platform_id: String,
    /// The highest version of it that devices may name. Default 2.
    pub platform_version: u32,
    /// How long a download is there after it was purchased, in minutes. Default 10.
    pub download_expiry_minutes: u32,
    /// Whether a purchase is for one device. Default true.
    pub bind_to_device_id: bool,
    /// Whether developer signatures are passed over and downloads not signed. Default false.
    pub no_security: bool,
    /// How the tags of devices and packages must fit.
    pub tag_rule: TagRule,
    /// The widest that a category's icon is, in pixels. Default 50.
    pub icon_size_x: u32,
    /// The highest that a category's icon is, in pixels. Default 50.
    pub icon_size_y: u32,
    /// Whether categories' icons are turned into one colour and transparency.
    pub icon_decolor: bool,
    /// Whom `X-Forwarded-*` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for DeploymentSettings {
    fn default() -> Self {
        Self {
            listen_address: ListenAddress::localhost(DEFAULT_PORT),
            url_prefix: UrlPrefix::default(),
            maintenance: false,
            platform_id: "NEPTUNE3".into(),
            platform_version: 2,
            download_expiry_minutes: 10,
            bind_to_device_id: true,
            no_security: false,
            tag_rule: TagRule::default(),
            icon_size_x: 50,
            icon_size_y: 50,
            icon_decolor: false,
            trusted_proxies: Vec::new(),
        }
    }
}

impl DeploymentSettings {
    /// How long a download is there after it was purchased.
    pub fn download_expiry(&self) -> Duration {
        Duration::from_mins(u64::from(self.download_expiry_minutes))
    }

    /// Whether signatures count.
    pub(crate) fn security(&self) -> Security {
        if self.no_security { Security::Off } else { Security::On }
    }

    /// Sets a field to a text, by the name that it has in the configuration.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), InvalidDeploymentSetting> {
        let Some(field) = FIELDS.iter().find(|field| field.name == name) else {
            return Err(InvalidDeploymentSetting::Unknown { name: name.into() });
        };
        (field.set)(self, text).ok_or_else(|| InvalidDeploymentSetting::Value {
            name: field.name.into(),
            found: text.into(),
            expected: field.expected,
        })
    }

    /// Sets fields by the variables that `value_of` knows: `platformId` is `APPSTORE_PLATFORM_ID`.
    pub fn set_by_variables<E: From<InvalidDeploymentSetting>>(
        &mut self,
        value_of: impl Fn(&str) -> Result<Option<String>, E>,
    ) -> Result<(), E> {
        for field in FIELDS {
            let name = field.variable();
            if let Some(text) = value_of(&name)?
                && (field.set)(self, &text).is_none()
            {
                let expected = field.expected;
                return Err(InvalidDeploymentSetting::Value { name, found: text, expected }.into());
            }
        }
        Ok(())
    }
}

/// A setting that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDeploymentSetting {
    /// There is none of that name.
    #[error("unknown field {}: expected one of {}", ampkg::quoted(.name), names())]
    Unknown {
        /// The name.
        name: String,
    },
    /// It cannot have that value.
    #[error("`{name}` is {}: expected {expected}", ampkg::quoted(.found))]
    Value {
        /// The setting.
        name: String,
        /// The value.
        found: String,
        /// What it can be.
        expected: &'static str,
    },
}

struct Field {
    name: &'static str,
    expected: &'static str,
    set: fn(&mut DeploymentSettings, &str) -> Option<()>,
}

impl Field {
    /// `platformId` is `APPSTORE_PLATFORM_ID`.
    fn variable(&self) -> String {
        let mut variable = VARIABLE_PREFIX.to_owned();
        for character in self.name.chars() {
            if character.is_ascii_uppercase() {
                variable.push('_');
            }
            variable.push(character.to_ascii_uppercase());
        }
        variable
    }
}

fn names() -> String {
    FIELDS.iter().map(|field| field.name).chain(["trustedProxies"]).collect::<Vec<_>>().join(", ")
}

const BOOLEAN: &str = "true or false";
const SIDE: &str = "a number of pixels from 1 to 1024";

/// Also as the Django server's variables have it.
fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn number(text: &str, most: u32) -> Option<u32> {
    text.parse().ok().filter(|number| (1..=most).contains(number))
}

/// Each says whether it could be set.
static FIELDS: &[Field] = &[
    Field {
        name: "listenAddress",
        expected: "`<ip>`, `any` or `localhost`, optionally with `:port`",
        set: |settings, text| {
            settings.listen_address = ListenAddress::parse(text, DEFAULT_PORT).ok()?;
            Some(())
        },
    },
    Field {
        name: "urlPrefix",
        expected: "path segments of letters, digits, `.`, `_`, `~` and `-` with `/` between them",
        set: |settings, text| {
            settings.url_prefix = text.parse().ok()?;
            Some(())
        },
    },
    Field {
        name: "maintenance",
        expected: BOOLEAN,
        set: |settings, text| {
            settings.maintenance = boolean(text)?;
            Some(())
        },
    },
    Field {
        name: "platformId",
        expected: "1 to 128 characters",
        set: |settings, text| {
            settings.platform_id = Some(text).filter(|text| (1..=128).contains(&text.len()))?.into();
            Some(())
        },
    },
    Field {
        name: "platformVersion",
        expected: "a number from 1 to 1000000",
        set: |settings, text| {
            settings.platform_version = number(text, 1_000_000)?;
            Some(())
        },
    },
    Field {
        name: "downloadExpiry",
        expected: "a number of minutes from 1 to 525600",
        set: |settings, text| {
            settings.download_expiry_minutes = number(text, 365 * 24 * 60)?;
            Some(())
        },
    },
    Field {
        name: "bindToDeviceId",
        expected: BOOLEAN,
        set: |settings, text| {
            settings.bind_to_device_id = boolean(text)?;
            Some(())
        },
    },
    Field {
        name: "noSecurity",
        expected: BOOLEAN,
        set: |settings, text| {
            settings.no_security = boolean(text)?;
            Some(())
        },
    },
    Field {
        name: "tagRule",
        expected: "`packageHas` or `deviceHas`",
        set: |settings, text| {
            settings.tag_rule = match text {
                "packageHas" => TagRule::PackageHas,
                "deviceHas" => TagRule::DeviceHas,
                _ => return None,
            };
            Some(())
        },
    },
    Field {
        name: "iconSizeX",
        expected: SIDE,
        set: |settings, text| {
            settings.icon_size_x = number(text, 1024)?;
            Some(())
        },
    },
    Field {
        name: "iconSizeY",
        expected: SIDE,
        set: |settings, text| {
            settings.icon_size_y = number(text, 1024)?;
            Some(())
        },
    },
    Field {
        name: "iconDecolor",
        expected: BOOLEAN,
        set: |settings, text| {
            settings.icon_decolor = boolean(text)?;
            Some(())
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_takes_what_it_says() {
        let mut settings = DeploymentSettings::default();
        for (name, text) in [
            ("listenAddress", "any"),
            ("urlPrefix", "store/v1"),
            ("maintenance", "true"),
            ("platformId", "CAR"),
            ("platformVersion", "7"),
            ("downloadExpiry", "1"),
            ("bindToDeviceId", "no"),
            ("noSecurity", "1"),
            ("tagRule", "deviceHas"),
            ("iconSizeX", "64"),
            ("iconSizeY", "1024"),
            ("iconDecolor", "ON"),
        ] {
            settings.set(name, text).unwrap();
        }
        let expected = DeploymentSettings {
            listen_address: "any:8080".parse().unwrap(),
            url_prefix: "/store/v1/".parse().unwrap(),
            maintenance: true,
            platform_id: "CAR".into(),
            platform_version: 7,
            download_expiry_minutes: 1,
            bind_to_device_id: false,
            no_security: true,
            tag_rule: TagRule::DeviceHas,
            icon_size_x: 64,
            icon_size_y: 1024,
            icon_decolor: true,
            trusted_proxies: Vec::new(),
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn what_cannot_be_is_named() {
        let mut settings = DeploymentSettings::default();
        for (name, text, message) in [
            ("maintenance", "maybe", "`maintenance` is `maybe`: expected true or false"),
            ("platformId", "", "`platformId` is ``: expected 1 to 128 characters"),
            ("platformVersion", "0", "`platformVersion` is `0`: expected a number from 1 to 1000000"),
            (
                "downloadExpiry",
                "-1",
                "`downloadExpiry` is `-1`: expected a number of minutes from 1 to 525600",
            ),
            ("tagRule", "both", "`tagRule` is `both`: expected `packageHas` or `deviceHas`"),
            ("iconSizeX", "1025", "`iconSizeX` is `1025`: expected a number of pixels from 1 to 1024"),
        ] {
            assert_eq!(settings.set(name, text).unwrap_err().to_string(), message);
        }
        let error = settings.set("platformid", "x").unwrap_err().to_string();
        assert!(error.starts_with("unknown field `platformid`: expected one of listenAddress, "), "{error}");
        assert_eq!(settings, DeploymentSettings::default());
    }

    #[test]
    fn variables_have_the_names_of_the_django_server() {
        let mut settings = DeploymentSettings::default();
        settings
            .set_by_variables::<InvalidDeploymentSetting>(|name| {
                Ok(match name {
                    "APPSTORE_PLATFORM_ID" => Some("CAR".into()),
                    "APPSTORE_BIND_TO_DEVICE_ID" => Some("False".into()),
                    "APPSTORE_DOWNLOAD_EXPIRY" => Some("5".into()),
                    _ => None,
                })
            })
            .unwrap();
        assert_eq!(settings.platform_id, "CAR");
        assert!(!settings.bind_to_device_id);
        assert_eq!(settings.download_expiry(), Duration::from_mins(5));
        let error = settings
            .set_by_variables::<InvalidDeploymentSetting>(|name| {
                Ok((name == "APPSTORE_NO_SECURITY").then(|| "perhaps".into()))
            })
            .unwrap_err();
        assert_eq!(error.to_string(), "`APPSTORE_NO_SECURITY` is `perhaps`: expected true or false");
    }
}
