//! An inspection as text.

use std::fmt::{self, Write as _};

use ampkg::yaml::{Map, Value, emit};
use amps_cli::Printable;
use amps_core::Inspection;

use crate::inspect_signature_text;

/// What `inspect` prints: what matters first, what is long last. Nothing of the package can steer a terminal.
pub(crate) fn render(inspection: &Inspection) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut text, inspection);
    text
}

fn write(text: &mut String, package: &Inspection) -> fmt::Result {
    let manifest = &package.manifest;
    writeln!(text, "package:       {}", manifest.id)?;
    if !manifest.version.is_empty() {
        writeln!(text, "version:       {}", Printable(&manifest.version))?;
    }
    for (language, name) in &manifest.name {
        writeln!(text, "name:          {} ({})", Printable(name), Printable(language))?;
    }
    let architecture = &package.architecture;
    writeln!(
        text,
        "architecture:  {} (deployment server: {})",
        architecture.package_server.as_deref().unwrap_or("none"),
        architecture.deployment_server.as_deref().unwrap_or("none")
    )?;
    let fits = match package.digest.fits {
        Some("both") => "right on every device",
        Some("qt6") => "right on Qt 6 devices only",
        Some("qt5") => "right on Qt 5 devices only",
        _ => "WRONG",
    };
    writeln!(text, "digest:        {} ({fits})", package.digest.stated)?;
    for kind in ["developer", "store"] {
        match package.signatures.iter().find(|signature| signature.kind == kind) {
            Some(signature) => inspect_signature_text::write(text, signature)?,
            None => writeln!(text, "signature:     no {kind} signature")?,
        }
    }
    let file = &package.package;
    writeln!(text, "size:          {} bytes, unpacked {}", file.size_bytes, file.unpacked_bytes)?;
    writeln!(text, "sha256:        {}", file.sha256)?;
    for application in &manifest.applications {
        let (id, code, runtime) = (&application.id, &application.code, &application.runtime);
        writeln!(text, "application:   {id} ({}, runtime {})", Printable(code), Printable(runtime))?;
    }
    for intent in &manifest.intents {
        writeln!(text, "intent:        {}", intent.id)?;
    }
    for category in &manifest.categories {
        writeln!(text, "category:      {}", Printable(category))?;
    }
    writeln!(text, "disk space:    {} bytes", package.header.disk_space_used)?;
    metadata(text, "extra", Some(&package.header.extra))?;
    metadata(text, "extraSigned", package.header.extra_signed.as_ref())?;
    writeln!(text, "entries:       {}", package.entries.len())?;
    for entry in &package.entries {
        let mark = match (entry.kind, entry.executable) {
            ("directory", _) => 'd',
            (_, true) => 'x',
            _ => '-',
        };
        writeln!(text, "  {mark} {:>12}  {}", entry.size_bytes, Printable(&entry.path))?;
    }
    for warning in &package.warnings {
        writeln!(text, "warning:       {}", Printable(warning))?;
    }
    for problem in &package.problems {
        writeln!(text, "PROBLEM:       {}", Printable(problem))?;
    }
    Ok(())
}

fn metadata(text: &mut String, name: &str, map: Option<&Map>) -> fmt::Result {
    let Some(map) = map.filter(|map| !map.is_empty()) else { return Ok(()) };
    // The emitter escapes whatever is not plain ASCII; the lines before the map are the document's head.
    let yaml = emit(&[Map::from([(name.to_owned(), Value::Map(map.clone()))])]);
    yaml.lines().skip(2).try_for_each(|line| writeln!(text, "{line}"))
}
