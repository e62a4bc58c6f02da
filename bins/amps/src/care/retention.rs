//! `amps retention`.

use std::{io::Write, num::NonZero, path::Path, sync::Arc, time::Duration};

use amps_cli::{Failure, Outcome, Printable};
use amps_commands::{CertificateOptions, OldVariables};
use amps_core::{
    Clock as _, DataDir, Error, EventSink, Release, RetentionPlan, RetentionPolicy, Survivor, SystemClock,
    audit::{Cause, Channel},
};
use amps_server::{Config, Settings, plan_for_store, retain_in_store};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::data_directory::DataDirectory;
use crate::{audit::operator, serve::deployment, store_upload_package::Changes};

/// Remove the releases that the settings in `retention:` of amps-config.yaml do not keep, or show which they are.
///
/// A server does this by itself, after uploads and every hour; while one runs, this command only shows what would go. Never removed:
/// what is being downloaded, or was purchased and may still be fetched.
#[derive(Args)]
pub(crate) struct Retention {
    #[command(flatten)]
    data_directory: DataDirectory,

    /// Remove nothing
    #[arg(long)]
    dry_run: bool,

    /// Print what goes as JSON
    #[arg(long)]
    json: bool,

    /// Keep so many versions of each package [default: as configured]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    versions: Option<u32>,

    /// Keep what was uploaded so many days ago or later [default: as configured]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=36_500))]
    age_days: Option<u64>,

    /// Keep so many bytes of packages and icons, the newest ones [default: as configured]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..=1 << 50))]
    total_bytes: Option<u64>,

    /// Whether age and size may also end packages: remove the newest version of one [default: as configured, else keep]
    #[arg(long, value_name = "WHAT")]
    newest: Option<Newest>,

    #[command(flatten)]
    certificates: CertificateOptions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Newest {
    Keep,
    Remove,
}

impl Retention {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let path = self.data_directory.absolute()?;
        let config = Config::read(&path)?;
        let policy = RetentionPolicy {
            versions: self.versions.and_then(NonZero::new).or(config.retention.versions),
            age: self.age_days.map(|days| Duration::from_hours(24 * days)).or(config.retention.age),
            total_bytes: self.total_bytes.or(config.retention.total_bytes),
            survivor: match self.newest {
                Some(Newest::Keep) => Survivor::Newest,
                Some(Newest::Remove) => Survivor::None,
                None => config.retention.survivor,
            },
        };
        if policy.is_everything() {
            return Err(Failure::message("everything is kept: there is no rule")
                .with_hint("set `retention:` in amps-config.yaml, or give a rule, like --versions 3")
                .with_outcome(Outcome::No));
        }
        let plan = if self.dry_run {
            plan_for_store(&path, &policy)?
        } else {
            let (deployment, _) = deployment(config.deployment)?;
            let files = self.certificates.or(config.certificates, OldVariables::Count)?;
            let developers = files.load_developers(SystemClock.now())?.developers;
            let settings =
                Settings { limits: config.limits, deployment, retention: policy, ..Settings::default() };
            let events: Arc<dyn EventSink> = if self.json { Arc::new(()) } else { Arc::new(Changes) };
            let cause = Cause::new(operator(), Channel::Command);
            retain_in_store(claim(&path)?, &settings, developers, events, &cause)?
        };
        let mut out = amps_cli::stdout();
        if self.json {
            writeln!(out, "{}", as_json(&plan, self.dry_run))?;
        } else {
            write_lines(&mut out, &plan, self.dry_run)?;
        }
        Ok(Outcome::Done)
    }
}

fn claim(path: &Path) -> Result<DataDir, Failure> {
    DataDir::open(path).map_err(|error| match error {
        error @ Error::Locked { .. } => Failure::from(error).with_hint(
            "a server removes by itself what its settings do not keep, after uploads and every hour; --dry-run shows what that is",
        ),
        error => error.into(),
    })
}

fn write_lines(out: &mut impl Write, plan: &RetentionPlan, is_dry: bool) -> std::io::Result<()> {
    let verb = if is_dry { "would remove" } else { "removed" };
    for removal in &plan.removals {
        writeln!(out, "{verb}: {} ({})", named(&removal.release), removal.because)?;
    }
    for spared in &plan.spared {
        writeln!(out, "kept for now: {} ({})", named(&spared.release), spared.hold.as_str())?;
    }
    let (removals, before, after) = (plan.removals.len(), plan.bytes_before, plan.bytes_after);
    writeln!(out, "releases: {removals}, bytes before: {before}, bytes after: {after}")
}

fn named(release: &Release) -> String {
    let facts = &release.facts;
    let (id, version, architecture) = (&facts.id, Printable(&facts.version), &facts.architecture);
    format!("{id} {version} [{architecture}] of {}", facts.uploaded_at)
}

fn as_json(plan: &RetentionPlan, is_dry: bool) -> Value {
    let with = |release: &Release, key: &str, value: &str, because: &str| {
        let facts = &release.facts;
        let mut object = json!({
            "sequence": release.sequence.0,
            "id": facts.id.as_str(),
            "version": facts.version,
            "architecture": facts.architecture.as_str(),
            "tags": facts.tags.as_str(),
            "sizeBytes": facts.package.size_bytes,
            "uploadedAt": facts.uploaded_at.to_string(),
            "because": because,
        });
        if !key.is_empty() {
            object[key] = value.into();
        }
        object
    };
    let removals = plan.removals.iter().map(|it| with(&it.release, "", "", it.because.as_str()));
    let spared =
        plan.spared.iter().map(|it| with(&it.release, "hold", it.hold.as_str(), it.because.as_str()));
    json!({
        "dryRun": is_dry,
        "removals": removals.collect::<Vec<_>>(),
        "spared": spared.collect::<Vec<_>>(),
        "bytesBefore": plan.bytes_before,
        "bytesAfter": plan.bytes_after,
    })
}
