//! What the store demands of a package besides being one: that whoever brings it may, and that its developer is known.

use ampkg::PackageId;
use amps_pki::VerifiedSignature;

use super::{Security, Store, draft::signer};
use crate::{
    accounts::PackageScope,
    checks::{Check, Watch},
    clock::Timestamp,
    error::{Error, Refusal},
    examine::Verified,
    sign_file::verify_developer,
};

/// Refuses a package that is none of some, if it must be one of some.
pub(super) fn check_scope(
    scope: Option<&PackageScope>,
    id: &PackageId,
    watch: &Watch,
) -> Result<(), Refusal> {
    match scope.filter(|scope| !scope.is_all()) {
        Some(scope) if scope.has(id) => watch.passed(Check::Scope, || None),
        Some(_) => return Err(Refusal::OutOfScope { id: id.clone() }),
        None => watch.skipped(Check::Scope, || "whoever brings it may bring every package".into()),
    }
    Ok(())
}

impl Store {
    /// Refuses a package that no developer has signed whom the store knows, if it knows any and signatures count.
    pub(super) fn check_developer(
        &self,
        verified: &Verified,
        now: Timestamp,
        security: Security,
        watch: &Watch,
    ) -> Result<Option<VerifiedSignature>, Error> {
        let (Some(developers), Security::On) = (&self.parts.developers, security) else {
            watch.skipped(Check::DeveloperSignature, || self.unverified(verified));
            return Ok(None);
        };
        let signature = verify_developer(verified, developers, now)?;
        watch.passed(Check::DeveloperSignature, || {
            Some(format!("signed by {}", ampkg::quoted(signature.signer().subject())))
        });
        Ok(Some(signature))
    }

    /// Why nobody looks whose the developer's signature is.
    fn unverified(&self, verified: &Verified) -> String {
        let why = match &self.parts.developers {
            Some(_) => "signatures do not count here",
            None => "this store has no certificates to verify developers with",
        };
        match &verified.developer {
            None => format!("the package has none, and needs none: {why}"),
            Some(signature) => match signer(signature) {
                Some(signer) => {
                    let subject = ampkg::quoted(&signer.subject);
                    format!("it says that {subject} has signed it, which nobody has verified: {why}")
                }
                None => format!("the package has one that nobody has verified: {why}"),
            },
        }
    }

    /// Says what stands of a store's signature in a package; it was looked at already.
    pub(super) fn tell_store_signature(&self, verified: &Verified, watch: &Watch) {
        watch.skipped(Check::StoreSignature, || {
            let words = match (&verified.store, &self.parts.signing) {
                (None, _) => "the package has none, and needs none",
                (Some(_), Some(_)) => {
                    "the package has one that nobody has verified: devices get one of this store instead"
                }
                (Some(_), None) => "the package has one that nobody has verified: devices get it as it is",
            };
            words.into()
        });
    }
}
