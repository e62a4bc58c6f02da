//! `management:` in `amps-config.yaml`: where metrics and health are.

use ampkg::yaml::Node;

use crate::{
    config::{ConfigProblem, fields_of, text_of},
    listen_address::ListenAddress,
    management::{DEFAULT_PORT, ManagementSettings},
};

/// Names of settings with their values; an empty map is all defaults.
pub(crate) fn management_of(node: &Node) -> Result<ManagementSettings, ConfigProblem> {
    let mut settings = ManagementSettings::default();
    for (key, node) in fields_of(node, "`management`")? {
        let (position, message) = match key.text.as_str() {
            "listenAddress" => match ListenAddress::parse(&text_of(node, "listenAddress")?, DEFAULT_PORT) {
                Ok(address) => {
                    settings.listen_address = address;
                    continue;
                }
                Err(error) => (node.position, error.to_string()),
            },
            other => {
                (key.position, format!("unknown field {}: expected listenAddress", ampkg::quoted(other)))
            }
        };
        return Err(ConfigProblem::Value { position, message });
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use crate::Config;

    fn parse(text: &str) -> Result<Option<String>, String> {
        let text = format!("formatType: amps-configuration\nformatVersion: 1\n---\n{text}\n");
        match Config::parse(text.as_bytes()) {
            Ok(config) => Ok(config.management.map(|settings| settings.listen_address.to_string())),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn it_is_there_if_it_is_named() {
        for (text, expected) in [
            ("{}", None),
            ("management:", Some("localhost:8021")),
            ("management: {}", Some("localhost:8021")),
            ("management: { listenAddress: any }", Some("any:8021")),
            ("management: { listenAddress: '10.0.0.1:9' }", Some("10.0.0.1:9")),
        ] {
            assert_eq!(parse(text), Ok(expected.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn names_what_is_wrong_and_where() {
        for (text, message) in [
            ("management: { port: 1 }", "line 4, column 15: unknown field `port`: expected listenAddress"),
            (
                "management: { listenAddress: nowhere }",
                "line 4, column 30: `nowhere` is not a listen address: expected `<ip>`, `any` or `localhost`, optionally with `:port`",
            ),
            ("management: 8021", "line 4, column 13: `management` is a scalar: expected a map"),
        ] {
            assert_eq!(parse(text), Err(message.to_owned()), "{text}");
        }
    }
}
