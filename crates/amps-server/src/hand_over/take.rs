//! From a package and what is said about it to a verdict, beside a server as without one.

use std::io::Read;

use amps_core::{
    Error, Origin, Provenance, StagedUpload,
    accounts::{AccountError, Kind, MAX_BRIEF_BYTES},
    audit::Cause,
    chain,
};

use super::{StoreUpload, Verdict};
use crate::deployment_server::{Intake, IntakeError, Texts, in_english};

/// Takes a package in.
pub(super) fn take(intake: &Intake, upload: &StoreUpload, cause: Cause, source: impl Read) -> Verdict {
    let missing = |kind, name: &str| {
        let error = AccountError::Missing { kind, name: name.to_owned() };
        Verdict::NoPlace { reason: error.to_string() }
    };
    match attempt(intake, upload, cause, source) {
        Ok(verdict) => verdict,
        Err(IntakeError::NoCategory) => missing(Kind::Category, &upload.category),
        Err(IntakeError::NoVendor) => missing(Kind::Vendor, &upload.vendor),
        Err(IntakeError::Accounts(error @ AccountError::TooLong { .. })) => {
            Verdict::NoPlace { reason: chain(&error) }
        }
        Err(IntakeError::Package(error @ Error::Refused(_))) => Verdict::Refused { reason: chain(&error) },
        Err(error) => Verdict::failed(chain(&error)),
    }
}

fn attempt(
    intake: &Intake,
    upload: &StoreUpload,
    cause: Cause,
    source: impl Read,
) -> Result<Verdict, IntakeError> {
    let StoreUpload { name, vendor, category, short_description, description } = upload;
    // Before a byte of the package is read, which may take its time.
    let place = intake.place(category, vendor)?;
    let from =
        Provenance { origin: Origin::Command, name: name.clone(), by: "store-upload-package".into(), cause };
    let staged = intake.stage(source, &from.by);
    let version = staged.as_ref().map_or_else(|_| String::new(), |staged| staged.facts().version.clone());
    let description = description.clone().unwrap_or_else(|| manifest_says(staged.as_ref().ok()));
    let brief = short_description.clone().unwrap_or_else(|| first_line(&description).to_owned());
    let upload = intake.publish(place, Texts { brief, description }, staged, &from)?;
    Ok(Verdict::Taken {
        id: upload.id.to_string(),
        version,
        architecture: upload.architecture.to_string(),
        result: upload.result,
        warnings: upload.warnings,
    })
}

fn manifest_says(staged: Option<&StagedUpload>) -> String {
    staged.and_then(|staged| in_english(&staged.facts().descriptions)).unwrap_or_default().to_owned()
}

/// As much of it as a short description may have.
fn first_line(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.get(..line.floor_char_boundary(MAX_BRIEF_BYTES)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_fits_a_short_description() {
        assert_eq!(first_line(""), "");
        assert_eq!(first_line("one\ntwo"), "one");
        let long = format!("x{}", "ü".repeat(MAX_BRIEF_BYTES));
        assert_eq!(first_line(&long).len(), MAX_BRIEF_BYTES - 1);
        assert_eq!(first_line(&long[1..]).len(), MAX_BRIEF_BYTES);
    }
}
