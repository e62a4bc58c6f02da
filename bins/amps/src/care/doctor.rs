//! `amps doctor`.

mod configuration;
mod server;
mod tls;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use amps_catalog::SqliteFiles;
use amps_cli::{Failure, Outcome};
use amps_commands::{CertificateOptions, OldVariables};
use amps_core::{
    Clock as _, DataDir, SystemClock, Timestamp,
    care::{
        CatalogCare, CatalogFiles as _, Finding, Level, damaged,
        doctor::{Secrecy, certificates, clock, data_directory, disk, hard_links, private_file},
    },
    chain,
};
use amps_server::CONFIG_FILE;
use clap::Args;

use super::{
    data_directory::DataDirectory,
    findings::{count, outcome, write_lines},
    named_files::text,
};
use crate::tls::TlsOptions;

/// Look whether a server can do its work with a data directory: configuration, permissions, certificates, TLS, disk, limits,
/// clock, catalog; and if one runs, whether it answers.
///
/// A line for each thing says how it is and what to do. Run it as the server's user, with the server's options for certificates and TLS.
/// Ends with 0 if there is no problem, with 1 if there is one, and with 2 if nobody can tell.
#[derive(Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    data_directory: DataDirectory,

    #[command(flatten)]
    certificates: CertificateOptions,

    #[command(flatten)]
    tls: TlsOptions,

    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let given = self.data_directory.path;
        let path = given.canonicalize().unwrap_or(given);
        let now = SystemClock.now();
        let mut findings = data_directory(&path);
        let (config, config_findings) = configuration::read(&path);
        findings.extend(config_findings);
        let has_password = config.certificates.store_password.is_some();
        let (listeners, limits) = (1 + u64::from(config.deployment.is_some()), config.limits.clone());
        let (address, project) =
            (config.listen_address.unwrap_or_default(), config.project_id.unwrap_or_default());
        let old = if config.deployment.is_some() { OldVariables::Count } else { OldVariables::DoNotCount };
        let tls = self.tls.fields().or(config.tls).settings();
        let files = self.certificates.or(config.certificates, old)?;
        findings.extend(configuration::security(config.deployment.as_ref(), &files));
        let mut secrets: Vec<(PathBuf, Secrecy)> = vec![(DataDir::shared_catalog(&path), Secrecy::Hashes)];
        if has_password {
            secrets.push((path.join(CONFIG_FILE), Secrecy::Keys));
        }
        secrets.extend(files.store.iter().map(|store| (store.clone(), Secrecy::Keys)));
        secrets.extend(tls.iter().flatten().map(|tls| (tls.key.clone(), Secrecy::Keys)));
        findings.extend(secrets.iter().filter_map(|(file, secrecy)| private_file(file, *secrecy)));
        findings.extend(certificates(&files, now));
        findings.extend(tls::findings(&tls, now));
        if path.is_dir() {
            findings.extend(disk(&path));
            findings.push(hard_links(&path));
        }
        findings.push(server::open_files(&limits, listeners));
        let (catalog, last_upload) = catalog(&DataDir::shared_catalog(&path));
        findings.extend(catalog);
        findings.push(clock(now, last_upload));
        findings.extend(server::running(&path, address, &project, tls.is_ok_and(|tls| tls.is_some())));
        let mut out = amps_cli::stdout();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &serde_json::json!({ "findings": findings }))?;
            writeln!(out)?;
        } else {
            write_lines(&mut out, &findings)?;
            let (problems, warnings) = (count(&findings, Level::Problem), count(&findings, Level::Warning));
            writeln!(out, "problems: {problems}, warnings: {warnings}")?;
        }
        Ok(outcome(&findings))
    }
}

/// How the catalog is, as far as a look tells, and when the last upload was.
fn catalog(file: &Path) -> (Vec<Finding>, Option<Timestamp>) {
    let subject = text(file);
    if !file.exists() {
        let message = "there is none yet";
        return (
            vec![Finding::warning(
                "catalog",
                subject,
                message,
                "the server makes it at its first start; if there were packages, restore a backup",
            )],
            None,
        );
    }
    let catalog: Result<Box<dyn CatalogCare>, _> = SqliteFiles.look(file);
    let looked = catalog.and_then(|catalog| {
        let version = catalog.schema_version()?;
        if version.found < version.newest {
            let message = format!("it has schema version {}, and this amps {}", version.found, version.newest);
            let advice = "make a backup; the next start of the server brings it up to date, and older versions of amps cannot use it then";
            return Ok((Finding::warning("catalog", subject.clone(), message, advice), None));
        }
        let releases = catalog.releases()?;
        let last = releases.iter().map(|release| release.facts.uploaded_at).max();
        let message = format!("schema version {}, {} releases", version.found, releases.len());
        Ok((Finding::ok("catalog", subject.clone(), message), last))
    });
    match looked {
        Ok((finding, last)) => (vec![finding], last),
        Err(error) if SqliteFiles.is_damage(&error) => (vec![damaged(chain(&error))], None),
        Err(error) => {
            let advice = "look after permissions, and which version of amps made it";
            (vec![Finding::problem("catalog", subject, chain(&error), advice)], None)
        }
    }
}
