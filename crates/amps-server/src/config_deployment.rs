//! `deploymentServer:` in `amps-config.yaml`: whether, where and how the deployment-server interface is there.

use std::net::IpAddr;

use ampkg::yaml::{IntegerRange, Node, NodeKind, Value};
use ipnet::IpNet;

use crate::{
    config::{ConfigProblem, mapping},
    deployment_server::DeploymentSettings,
};

/// Names of settings with their values; an empty map is all defaults.
pub(crate) fn deployment_of(node: &Node) -> Result<DeploymentSettings, ConfigProblem> {
    let mut settings = DeploymentSettings::default();
    for (key, node) in mapping(node, "`deploymentServer`")?.iter() {
        if key.text == "trustedProxies" {
            settings.trusted_proxies = networks_of(node)?;
            continue;
        }
        let text = scalar_of(node, &key.text)?;
        settings.set(&key.text, &text).map_err(|error| {
            let position = match error {
                crate::InvalidDeploymentSetting::Unknown { .. } => key.position,
                crate::InvalidDeploymentSetting::Value { .. } => node.position,
            };
            ConfigProblem::Value { position, message: error.to_string() }
        })?;
    }
    Ok(settings)
}

/// A text, a number or a boolean, as text.
fn scalar_of(node: &Node, field: &str) -> Result<String, ConfigProblem> {
    let wrong = |found: String| ConfigProblem::Value {
        position: node.position,
        message: format!("{} is {found}: expected a text, a number or a boolean", ampkg::quoted(field)),
    };
    match (&node.kind, node.to_value(IntegerRange::Wrap)?) {
        (_, Value::String(text)) => Ok(text),
        (_, Value::Bool(value)) => Ok(value.to_string()),
        (_, Value::Int32(number)) => Ok(number.to_string()),
        (NodeKind::Scalar(scalar), _) => Err(wrong(ampkg::quoted(&scalar.text))),
        (other, _) => Err(wrong(format!("a {}", other.name()))),
    }
}

/// An address or network, or a list of them.
pub(crate) fn networks_of(node: &Node) -> Result<Vec<IpNet>, ConfigProblem> {
    let network = |node: &Node| {
        let text = scalar_of(node, "trustedProxies")?;
        let address = text.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()));
        address.or_else(|| text.parse().ok()).ok_or_else(|| ConfigProblem::Value {
            position: node.position,
            message: format!(
                "`trustedProxies` has {}: expected IP addresses or networks like `10.0.0.0/8`",
                ampkg::quoted(&text)
            ),
        })
    };
    match &node.kind {
        NodeKind::Sequence(items) => items.iter().map(network).collect(),
        _ => Ok(vec![network(node)?]),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Config, DeploymentSettings};

    const HEAD: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";

    fn parse(text: &str) -> Result<Option<DeploymentSettings>, String> {
        let config = Config::parse(format!("{HEAD}{text}").as_bytes()).map_err(|error| error.to_string())?;
        Ok(config.deployment)
    }

    #[test]
    fn it_is_there_only_if_it_is_named() {
        assert_eq!(parse("{}"), Ok(None));
        assert_eq!(parse("deploymentServer: {}"), Ok(Some(DeploymentSettings::default())));
    }

    #[test]
    fn reads_its_fields() {
        let text = "deploymentServer:\n  listenAddress: any:9000\n  urlPrefix: store\n  maintenance: yes\n  platformId: CAR\n  \
            platformVersion: 3\n  noSecurity: true\n  tagRule: deviceHas\n  trustedProxies: [10.0.0.0/8, '::1', 192.0.2.1]\n";
        let settings = parse(text).unwrap().unwrap();
        let expected = DeploymentSettings {
            listen_address: "any:9000".parse().unwrap(),
            url_prefix: "store".parse().unwrap(),
            maintenance: true,
            platform_id: "CAR".into(),
            platform_version: 3,
            no_security: true,
            tag_rule: amps_tags::TagRule::DeviceHas,
            trusted_proxies: ["10.0.0.0/8", "::1/128", "192.0.2.1/32"]
                .map(|text| text.parse().unwrap())
                .into(),
            ..DeploymentSettings::default()
        };
        assert_eq!(settings, expected);
        // A single one needs no list.
        let settings = parse("deploymentServer: { trustedProxies: 127.0.0.1 }").unwrap().unwrap();
        assert_eq!(settings.trusted_proxies, ["127.0.0.1/32".parse().unwrap()]);
    }

    #[test]
    fn names_what_is_wrong_and_where() {
        for (text, message) in [
            ("deploymentServer: yes", "line 4, column 19: `deploymentServer` is a scalar: expected a map"),
            (
                "deploymentServer: { maintenance: maybe }",
                "line 4, column 34: `maintenance` is `maybe`: expected true or false",
            ),
            (
                "deploymentServer: { platformVersion: [2] }",
                "line 4, column 38: `platformVersion` is a list: expected a text, a number or a boolean",
            ),
            (
                "deploymentServer: { platformId: ~ }",
                "line 4, column 33: `platformId` is `~`: expected a text, a number or a boolean",
            ),
            (
                "deploymentServer: { trustedProxies: [10.0.0.0/33] }",
                "line 4, column 38: `trustedProxies` has `10.0.0.0/33`: expected IP addresses or networks like `10.0.0.0/8`",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), message);
        }
        let error = parse("deploymentServer: { platformid: CAR }").unwrap_err();
        assert!(
            error.starts_with("line 4, column 21: unknown field `platformid`: expected one of listenAddress"),
            "{error}"
        );
    }
}
