//! What reading a package gives.

use std::{fmt, ops::Deref};

use crate::{
    digest::{Digest, DigestFit, Digests},
    entry::{Entry, EntryPath},
    error::Error,
    layout::DEVICE_ICON_BYTES,
    manifest::Manifest,
    metadata::{Footer, FooterField, FooterLayout, FooterPlace, Header},
    quote::quoted,
    read::GzipLandmark,
};

/// Everything that one pass over a package tells.
#[derive(Clone, Debug)]
pub struct Package {
    /// The header.
    pub header: Header,
    /// The manifest.
    pub manifest: Manifest,
    /// The footers, joined.
    pub footer: Footer,
    /// Where they stand.
    pub(crate) footer_layout: FooterLayout,
    /// Where they lie in the gzip file.
    pub(crate) landmarks: Vec<GzipLandmark>,
    /// The icon, if the package has one.
    pub icon: Option<Icon>,
    /// The digest of the content in both forms.
    pub digests: Digests,
    /// The entries between header and footer, in the order of the archive.
    pub entries: Vec<Entry>,
    /// SHA-256 of the file as it came in.
    pub sha256: Digest,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// What it unpacks to in bytes, tar headers and padding included.
    pub unpacked_bytes: u64,
    /// What is legal, but not as it should be.
    pub warnings: Vec<Warning>,
}

impl Package {
    /// Where a store signature goes, in place of the one that the package may have.
    pub fn store_signature_place(&self) -> FooterPlace {
        let kept = || {
            let developer = self.footer.developer_signature.clone().map(FooterField::DeveloperSignature);
            [FooterField::Digest(self.footer.digest)].into_iter().chain(developer).collect()
        };
        self.footer_layout.append(self.footer.store_signature.is_some(), kept)
    }

    /// Where a developer signature goes, in place of the one that the package may have. A store signature is dropped: it
    /// comes after the developer's, and is made anew for each device.
    pub fn developer_signature_place(&self) -> FooterPlace {
        self.footer_layout.rewrite(vec![FooterField::Digest(self.footer.digest)])
    }

    /// Where a place for a signature lies in the gzip file, if that was noted: it is for nearly every package.
    pub fn gzip_landmark(&self, place: &FooterPlace) -> Option<&GzipLandmark> {
        self.landmarks.iter().find(|landmark| landmark.offset_bytes == place.offset_bytes)
    }
}

/// The icon of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    /// Its name in the package.
    pub path: EntryPath,
    /// Its bytes; nothing has looked at them.
    pub bytes: Vec<u8>,
}

/// A package that is well-formed, but of which nobody knows whether its content is what it says.
#[derive(Clone, Debug)]
pub struct UnverifiedPackage(pub(crate) Package);

/// A package whose content is what its digest says, and whose header and manifest speak of the same package.
#[derive(Clone, Debug)]
pub struct VerifiedPackage {
    package: Package,
    fit: DigestFit,
}

impl UnverifiedPackage {
    /// Looks at it in spite of that: for showing, never for trusting.
    pub fn as_unverified(&self) -> &Package {
        &self.0
    }

    /// Compares the ids of header and manifest, and the digest of the content with the one in the footer.
    pub fn verify(self) -> Result<VerifiedPackage, Error> {
        let Self(package) = self;
        if package.header.package_id != package.manifest.id {
            return Err(Error::IdsDiffer {
                header: package.header.package_id,
                manifest: package.manifest.id,
            });
        }
        match package.digests.fit(&package.footer.digest) {
            Some(fit) => Ok(VerifiedPackage { package, fit }),
            None => Err(Error::Digest { stated: package.footer.digest, computed: package.digests }),
        }
    }
}

impl VerifiedPackage {
    /// Which generations of devices compute the digest that the package states.
    pub fn digest_fit(&self) -> DigestFit {
        self.fit
    }

    /// The package, for taking it apart.
    pub fn into_inner(self) -> Package {
        self.package
    }
}

impl Deref for VerifiedPackage {
    type Target = Package;

    fn deref(&self) -> &Package {
        &self.package
    }
}

/// What is legal in a package, but makes devices refuse it or users wonder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The first two files are not `info.yaml` and the icon: a device refuses the package.
    FirstFiles {
        /// The icon's name.
        icon: String,
    },
    /// The icon is larger than the 256 KiB that a device takes.
    LargeIcon {
        /// Its size.
        bytes: u64,
    },
    /// There is no icon under the name that the manifest gives.
    NoIcon {
        /// The name.
        icon: String,
    },
    /// The icon came before the manifest that names it, behind so much else that it was not kept.
    IconNotKept {
        /// The name.
        icon: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstFiles { icon } => write!(
                formatter,
                "devices will refuse this package: its first two files are not info.yaml and the icon {}",
                quoted(icon)
            ),
            Self::LargeIcon { bytes } => {
                write!(
                    formatter,
                    "devices will refuse this package: its icon has {bytes} bytes, more than {DEVICE_ICON_BYTES}"
                )
            }
            Self::NoIcon { icon } => write!(formatter, "there is no icon {}", quoted(icon)),
            Self::IconNotKept { icon } => {
                write!(formatter, "the icon {} stands too far before the manifest to be shown", quoted(icon))
            }
        }
    }
}
