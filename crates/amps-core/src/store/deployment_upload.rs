//! Taking a package in for the deployment server, in two steps: what else is to be checked may arrive behind the package.

use std::io::Read;

use amps_pki::VerifiedSignature;

use super::{
    Store,
    demands::check_scope,
    upload::{Linking, Provenance, Staged, Upload},
};
use crate::{
    accounts::{AccountError, PackageScope, StoreEntry, VendorCertificate},
    checks::{Check, Watch},
    deployment_rules::check_deployment_rules,
    error::{Error, Refusal},
    event::Event,
    model::ReleaseFacts,
};

/// Whether signatures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Developers must have signed what is uploaded, and the store signs what is downloaded, as far as it has certificates and
    /// a key.
    On,
    /// Developer signatures are passed over, and downloads are not signed.
    Off,
}

/// A package that was verified and may be published. If it is dropped, nothing remains of it.
pub struct StagedUpload {
    staged: Staged,
    /// The developer's signature, if it was verified.
    developer: Option<VerifiedSignature>,
}

impl StagedUpload {
    /// What the catalog will say of it.
    pub fn facts(&self) -> &ReleaseFacts {
        self.staged.facts()
    }

    /// Lets the store say something about the release, from the moment on that there is one. Refuses texts that are too long.
    pub fn with_entry(mut self, entry: StoreEntry) -> Result<Self, AccountError> {
        entry.check()?;
        self.staged.set_entry(entry);
        Ok(self)
    }

    /// Refuses a package that is none of some: [`Refusal::OutOfScope`].
    pub fn check_scope(&self, scope: Option<&PackageScope>) -> Result<(), Error> {
        self.told(check_scope(scope, &self.facts().id, self.staged.watch()))
    }

    /// Refuses a package that was not signed with a vendor's certificate, if the vendor has one and signatures count.
    pub fn check_vendor(&self, certificate: Option<&VendorCertificate>) -> Result<(), Error> {
        let watch = self.staged.watch();
        let checked = match (certificate, &self.developer) {
            (None, _) => {
                watch.skipped(Check::Vendor, || "the vendor may sign with every certificate".into());
                Ok(())
            }
            (_, None) => {
                watch.skipped(Check::Vendor, || "nobody has verified who signed".into());
                Ok(())
            }
            (Some(certificate), Some(signature))
                if certificate.fingerprint().0 == *signature.signer().fingerprint().as_bytes() =>
            {
                watch.passed(Check::Vendor, || None);
                Ok(())
            }
            (Some(certificate), Some(signature)) => Err(Refusal::OtherVendor {
                found: signature.signer().subject().into(),
                expected: certificate.subject().into(),
            }),
        };
        self.told(checked)
    }

    fn told(&self, checked: Result<(), Refusal>) -> Result<(), Error> {
        checked.map_err(Error::from).inspect_err(|error| self.staged.watch().refused(error))
    }
}

impl Store {
    /// Reads a package to its end and verifies it by the rules of the deployment server. Nobody sees it yet.
    pub fn stage_for_deployment(
        &self,
        source: impl Read,
        by: &str,
        security: Security,
    ) -> Result<StagedUpload, Error> {
        self.stage_for_deployment_watched(source, by, security, &Watch::nobody())
    }

    /// The same while somebody watches: they are told of [`Check::OF_DEPLOYMENT_UPLOAD`], as far as it comes to them, also by what is
    /// done with the staged upload later.
    pub fn stage_for_deployment_watched(
        &self,
        source: impl Read,
        by: &str,
        security: Security,
        watch: &Watch,
    ) -> Result<StagedUpload, Error> {
        let mut developer = None;
        let staged = self.stage_if(source, by, watch, |verified, now| {
            check_deployment_rules(verified).map_err(Refusal::Deployment)?;
            watch.passed(Check::DeploymentRules, || None);
            developer = self.check_developer(verified, now, security, watch)?;
            Ok(())
        })?;
        Ok(StagedUpload { staged, developer })
    }

    /// Makes a staged package a release, with what the store is to say about it. [`CatalogError::Gone`](crate::CatalogError::Gone) if
    /// its category or vendor is not there any more.
    ///
    /// If the release was there already ([`UploadResult::Unchanged`](super::UploadResult::Unchanged)), nothing else is said about it
    /// than before.
    pub fn publish_staged(&self, upload: StagedUpload, from: &Provenance) -> Result<Upload, Error> {
        self.publish(upload.staged, from, Linking::Now).inspect_err(|error| self.refused(from, error))
    }

    /// Lets the next look-up ask the catalog, of which the caller has changed something itself.
    pub fn catalog_has_changed(&self) {
        self.listings.distrust();
    }

    /// Tells whoever is told of the store's events that something was not taken in.
    pub fn refused(&self, from: &Provenance, error: &Error) {
        self.parts.events.audit(self.not_uploaded(from, error));
        let (name, reason) = (from.name.clone(), error.chain());
        self.parts.events.verdict(from.origin, error.verdict());
        self.event(from.origin, &Event::Refused { name, reason });
    }
}
