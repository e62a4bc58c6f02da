//! What `amps-config.yaml` says, and whether it can be so.

use std::path::Path;

use amps_core::{CertificateFiles, care::Finding, chain};
use amps_server::{CONFIG_FILE, Config, DeploymentSettings};

use super::super::named_files::{named_files, text};

/// The configuration, or the defaults if it cannot be used; and what is to be said of it.
pub(super) fn read(data_directory: &Path) -> (Config, Vec<Finding>) {
    let subject = text(&data_directory.join(CONFIG_FILE));
    let config = match Config::read(data_directory) {
        Ok(config) => config,
        Err(error) => {
            let advice = "correct it: the server does not start with it";
            return (
                Config::default(),
                vec![Finding::problem("configuration", subject, chain(&error), advice)],
            );
        }
    };
    let mut findings = Vec::new();
    if data_directory.join(CONFIG_FILE).exists() {
        findings.push(Finding::ok("configuration", subject.clone(), "it can be used"));
    } else {
        findings.push(Finding::ok("configuration", subject.clone(), "not there: the defaults count"));
    }
    for file in named_files(&config) {
        if !file.path.is_file() {
            findings.push(Finding::problem(
                "configuration",
                subject.clone(),
                format!("`{}` names {}, and there is no such file", file.field, quoted(file.path)),
                "put the file there, or name another one",
            ));
        }
    }
    (config, findings)
}

/// Whether the deployment server has what it does not start without.
pub(super) fn security(settings: Option<&DeploymentSettings>, files: &CertificateFiles) -> Vec<Finding> {
    if settings.is_none_or(|settings| settings.no_security) {
        return Vec::new();
    }
    let needed = [
        ("storeSignCertificate", files.store.is_none()),
        ("developerVerificationCaCertificates", files.developer_cas.is_empty()),
    ];
    let missing = needed.into_iter().filter(|(_, is_missing)| *is_missing);
    missing
        .map(|(field, _)| {
            Finding::problem(
                "configuration",
                "deploymentServer",
                format!("it needs `{field}`, which is not set"),
                "set it, or `noSecurity: true` in `deploymentServer` to take unsigned packages and not to sign them",
            )
        })
        .collect()
}

fn quoted(path: &Path) -> String {
    format!("`{}`", text(path))
}
