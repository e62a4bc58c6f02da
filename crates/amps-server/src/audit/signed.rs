//! Signed downloads in the audit trail.

use amps_core::{
    HardwareId, SignedPackage,
    audit::{Action, Cause},
};

use crate::access::Access;

/// Enters into the audit trail that a package was signed; nothing if it was not.
pub(crate) fn note_signed(
    access: &Access,
    package: &SignedPackage,
    device: Option<&HardwareId>,
    cause: &Cause,
) {
    if let Some(audit) = access.audit().filter(|_| !package.end.is_empty()) {
        let facts = &package.release.facts;
        audit.count_for(device, Action::PackageSign, cause, |entry| {
            entry.of_package(&facts.id).with("version", &facts.version)
        });
    }
}
