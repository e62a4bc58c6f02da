//! Reading a package with everything that this workspace knows to look for.

use std::io::Read;

use ampkg::{
    Entry, EntryKind, Header, Limits, Manifest, PackageId, UnverifiedPackage, VerifiedPackage, Visitor,
};
use amps_arch::{Architecture, Architectures, Detector};
use amps_pki::Signature;

use crate::{
    checks::{Check, Watch},
    error::Refusal,
};

/// What one pass over a package tells, before anything of it is believed.
#[derive(Debug)]
pub struct Examination {
    /// The package.
    pub package: UnverifiedPackage,
    /// The architecture of its binaries, or why there is no single one.
    pub architecture: Result<Architecture, amps_arch::Error>,
    /// The developer's signature, if it has one.
    pub developer: Option<Result<Signature, amps_pki::Error>>,
    /// The store's signature, if it has one.
    pub store: Option<Result<Signature, amps_pki::Error>>,
}

/// A package that is what it says, for one architecture, whose signatures are signatures. Who made them, and whether that
/// counts, is not looked at.
#[derive(Debug)]
pub struct Verified {
    /// The package.
    pub package: VerifiedPackage,
    /// The architecture of its binaries.
    pub architecture: Architecture,
    /// The developer's signature, if it has one.
    pub developer: Option<Signature>,
    /// The store's signature, if it has one.
    pub store: Option<Signature>,
}

/// Reads a package to its end.
pub fn examine(source: impl Read, limits: &Limits) -> Result<Examination, ampkg::Error> {
    examine_watched(source, limits, &Watch::nobody())
}

/// The same while somebody watches.
pub(crate) fn examine_watched(
    source: impl Read,
    limits: &Limits,
    watch: &Watch,
) -> Result<Examination, ampkg::Error> {
    let (detector, architectures) = Default::default();
    let mut visitor = Pass { detector, architectures, watch, id: None };
    let package = ampkg::read(source, limits, &mut visitor)?;
    watch.passed(Check::Structure, || {
        let entries = package.as_unverified().entries.len();
        Some(if entries == 1 { "1 file".into() } else { format!("{entries} files and folders") })
    });
    let footer = &package.as_unverified().footer;
    let signature = |der: &Option<Vec<u8>>| der.as_deref().map(Signature::from_ber);
    Ok(Examination {
        architecture: visitor.architectures.finish(),
        developer: signature(&footer.developer_signature),
        store: signature(&footer.store_signature),
        package,
    })
}

impl Examination {
    /// Believes the package what can be checked without keys, or refuses it.
    pub fn verify(self) -> Result<Verified, Refusal> {
        self.verify_watched(&Watch::nobody())
    }

    /// The same while somebody watches.
    pub(crate) fn verify_watched(self, watch: &Watch) -> Result<Verified, Refusal> {
        let package = self.package.verify()?;
        watch.passed(Check::Digest, || Some(package.footer.digest.to_string()));
        let architecture = self.architecture?;
        watch.passed(Check::Architecture, || {
            let token = architecture.package_server_token();
            Some(if token.as_str() == "all" {
                "for every architecture".into()
            } else {
                format!("for {token}")
            })
        });
        let signature = |signature, found: Option<Result<_, _>>| {
            found.transpose().map_err(|source| Refusal::Signature { signature, source })
        };
        Ok(Verified {
            package,
            architecture,
            developer: signature("developer", self.developer)?,
            store: signature("store", self.store)?,
        })
    }
}

/// Shows every file to a detector, and says what is known already.
struct Pass<'w> {
    detector: Detector,
    architectures: Architectures,
    watch: &'w Watch,
    /// What the header says.
    id: Option<PackageId>,
}

impl Visitor for Pass<'_> {
    fn header(&mut self, header: &Header) {
        self.id = Some(header.package_id.clone());
    }

    fn entry(&mut self, entry: &Entry) {
        if entry.kind == EntryKind::File {
            self.detector = Detector::new();
        }
    }

    fn data(&mut self, bytes: &[u8]) {
        self.detector.update(bytes);
    }

    fn end_file(&mut self) {
        self.architectures.add(std::mem::take(&mut self.detector).finish());
    }

    fn manifest(&mut self, manifest: &Manifest) {
        // That of another package than the header's is refused when all was read.
        if self.id.as_ref() == Some(&manifest.id) {
            self.watch.passed(Check::Manifest, || {
                Some(match manifest.version.as_str() {
                    "" => format!("{}, without a version", manifest.id),
                    version => format!("{} in version {}", manifest.id, ampkg::quoted(version)),
                })
            });
        }
    }

    fn end(&mut self) {
        self.watch.passed(Check::Format, || None);
    }
}
