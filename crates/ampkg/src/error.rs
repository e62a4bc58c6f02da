//! Why a package cannot be read or written.

use std::{fmt, io};

use crate::{
    digest::{Digest, Digests},
    entry::PathDefect,
    id::PackageId,
    manifest::ManifestError,
    metadata::MetadataError,
    quote::quoted,
};

/// Why a package cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The source of the bytes failed.
    #[error("cannot read the package")]
    Read(#[source] io::Error),
    /// The destination of the bytes failed.
    #[error("cannot write the package")]
    Write(#[source] io::Error),
    /// Not a single byte.
    #[error("the file is empty: expected a gzip-compressed tar archive")]
    EmptyFile,
    /// Another format than gzip.
    #[error("not a gzip-compressed file: it begins with {found}")]
    NotGzip {
        /// The first bytes, and what format they belong to if that is known.
        found: String,
    },
    /// The compressed data is damaged.
    #[error("the gzip data is damaged after {unpacked_bytes} unpacked bytes ({reason})")]
    Gzip {
        /// How much came out before.
        unpacked_bytes: u64,
        /// What the decoder says.
        reason: String,
    },
    /// The compressed data ends early.
    #[error("the gzip data ends early, after {package_bytes} bytes")]
    TruncatedGzip {
        /// How many bytes there are.
        package_bytes: u64,
    },
    /// Something other than zeros follows the gzip data.
    #[error("other data follows the gzip data at byte {offset}: expected nothing or zeros")]
    TrailingData {
        /// Where it begins.
        offset: u64,
    },
    /// The archive is damaged.
    #[error("the tar archive is damaged at byte {offset} ({reason})")]
    Tar {
        /// Offset in the unpacked data.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The archive ends within an entry.
    #[error("the tar archive ends early, after {unpacked_bytes} bytes")]
    TruncatedTar {
        /// How many bytes there are.
        unpacked_bytes: u64,
    },
    /// Neither a file nor a directory.
    #[error("the entry {} is a {kind}: expected a regular file or a directory", quoted(.path))]
    EntryType {
        /// The entry's name.
        path: String,
        /// What it is.
        kind: &'static str,
    },
    /// The name of an entry cannot stand in a package.
    #[error("the entry {} is refused: {defect}", quoted(.path))]
    Path {
        /// The name.
        path: String,
        /// What is wrong with it.
        defect: PathDefect,
    },
    /// Something stands where it must not.
    #[error("the entry {} stands in the wrong place: expected {expected}", quoted(.path))]
    Order {
        /// The entry's name.
        path: String,
        /// What must stand there.
        expected: &'static str,
    },
    /// Something that every package has is not there.
    #[error("the package has no {what}")]
    Missing {
        /// What it is.
        what: &'static str,
    },
    /// There is no `info.yaml`.
    #[error("the package has no manifest: expected a file info.yaml")]
    MissingManifest,
    /// The header cannot be read.
    #[error("the header of the package is not valid")]
    Header(#[source] MetadataError),
    /// The footer cannot be read.
    #[error("the footer of the package is not valid")]
    Footer(#[source] MetadataError),
    /// The manifest cannot be read.
    #[error("the manifest info.yaml is not valid")]
    Manifest(#[source] ManifestError),
    /// Header and manifest name different packages.
    #[error("the header names the package {}, the manifest {}", quoted(.header.as_str()), quoted(.manifest.as_str()))]
    IdsDiffer {
        /// The header's id.
        header: PackageId,
        /// The manifest's id.
        manifest: PackageId,
    },
    /// The content is not what the footer says.
    #[error("package digest mismatch: it is {found}, but should be {stated}", found = .computed.qt6)]
    Digest {
        /// What the footer says.
        stated: Digest,
        /// What the content gives.
        computed: Digests,
    },
    /// More of something than a limit allows.
    #[error("more than {limit} {kind}")]
    Limit {
        /// Of what.
        kind: LimitKind,
        /// The limit.
        limit: u64,
    },
    /// A file changed while it was packed.
    #[error("the file {} changed while it was packed: it had {expected} bytes, now {found}", quoted(.path))]
    Changed {
        /// Its name.
        path: String,
        /// Its size when the packing began.
        expected: u64,
        /// Its size now, or what was read of it.
        found: u64,
    },
    /// The name of an entry does not fit into a tar header.
    #[error("the name {} is too long for a ustar archive: expected at most 100 bytes after and 155 before some `/`", quoted(.path))]
    NameTooLong {
        /// The name.
        path: String,
    },
}

/// What a [`Error::Limit`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// Bytes of the file.
    PackageBytes,
    /// Bytes after decompression.
    UnpackedBytes,
    /// Bytes after decompression for each byte of the file.
    UnpackedRatio,
    /// Members of the gzip file.
    GzipMembers,
    /// Entries of the package.
    Entries,
    /// Bytes of one name.
    NameBytes,
    /// Bytes of all names.
    NamesBytes,
    /// Bytes of a pax or GNU record.
    ExtensionBytes,
    /// Bytes of the header.
    HeaderBytes,
    /// Bytes of the footers.
    FooterBytes,
    /// Bytes of the manifest.
    ManifestBytes,
    /// Bytes of the icon.
    IconBytes,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::PackageBytes => "bytes in the package",
            Self::UnpackedBytes => "bytes in the unpacked package",
            Self::UnpackedRatio => "unpacked bytes for each byte of the package",
            Self::GzipMembers => "gzip members",
            Self::Entries => "entries in the package",
            Self::NameBytes => "bytes in the name of an entry",
            Self::NamesBytes => "bytes in the names of all entries",
            Self::ExtensionBytes => "bytes in a tar extension record",
            Self::HeaderBytes => "bytes in the header",
            Self::FooterBytes => "bytes in the footers",
            Self::ManifestBytes => "bytes in the manifest",
            Self::IconBytes => "bytes in the icon",
        })
    }
}

/// The kinds of [`Error`], for whoever counts them or maps them to answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// Reading or writing failed: says nothing about the package.
    Io,
    /// Not a gzip-compressed tar, or a damaged one.
    Format,
    /// An entry that is neither file nor directory.
    EntryType,
    /// A name that a package must not have.
    Path,
    /// Header, files and footers are missing or out of order.
    Structure,
    /// Header or footer say something that they must not.
    Metadata,
    /// So does the manifest, or it is missing.
    Manifest,
    /// The content is not what the footer says.
    Digest,
    /// A signature is not one.
    Signature,
    /// Too much of something.
    Limit,
}

impl ErrorClass {
    /// The class as a stable word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::Format => "format",
            Self::EntryType => "entry-type",
            Self::Path => "path",
            Self::Structure => "structure",
            Self::Metadata => "metadata",
            Self::Manifest => "manifest",
            Self::Digest => "digest",
            Self::Signature => "signature",
            Self::Limit => "limit",
        }
    }
}

impl Error {
    /// Which kind of error this is.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Read(_) | Self::Write(_) | Self::Changed { .. } => ErrorClass::Io,
            Self::EmptyFile
            | Self::NotGzip { .. }
            | Self::Gzip { .. }
            | Self::TruncatedGzip { .. }
            | Self::TrailingData { .. }
            | Self::Tar { .. }
            | Self::TruncatedTar { .. } => ErrorClass::Format,
            Self::EntryType { .. } => ErrorClass::EntryType,
            Self::Path { .. } | Self::NameTooLong { .. } => ErrorClass::Path,
            Self::MissingManifest | Self::Manifest(_) => ErrorClass::Manifest,
            Self::Order { .. } | Self::Missing { .. } => ErrorClass::Structure,
            Self::Footer(error) if error.is_signature() => ErrorClass::Signature,
            Self::Header(_) | Self::Footer(_) | Self::IdsDiffer { .. } => ErrorClass::Metadata,
            Self::Digest { .. } => ErrorClass::Digest,
            Self::Limit { .. } => ErrorClass::Limit,
        }
    }
}
