//! Reading a package with everything that this workspace knows to look for.

use std::io::Read;

use ampkg::{Entry, EntryKind, Limits, UnverifiedPackage, VerifiedPackage, Visitor};
use amps_arch::{Architecture, Architectures, Detector};
use amps_pki::Signature;

use crate::error::Refusal;

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
    let mut visitor = ArchitectureVisitor::default();
    let package = ampkg::read(source, limits, &mut visitor)?;
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
        let package = self.package.verify()?;
        let signature = |signature, found: Option<Result<_, _>>| {
            found.transpose().map_err(|source| Refusal::Signature { signature, source })
        };
        Ok(Verified {
            package,
            architecture: self.architecture?,
            developer: signature("developer", self.developer)?,
            store: signature("store", self.store)?,
        })
    }
}

/// Shows every file to a detector.
#[derive(Default)]
struct ArchitectureVisitor {
    detector: Detector,
    architectures: Architectures,
}

impl Visitor for ArchitectureVisitor {
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
}
