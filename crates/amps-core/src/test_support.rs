//! Releases made up for unit tests.

use std::sync::Arc;

use ampkg::{Digest, DigestFit};
use amps_tags::TagList;

use crate::{
    clock::Timestamp,
    model::{BlobId, BlobRef, Release, ReleaseFacts, Sequence},
};

/// A release with this number, id and architecture, and nothing else to say.
pub(crate) fn release(sequence: u64, id: &str, architecture: &str) -> Release {
    let digest = Digest([u8::try_from(sequence).unwrap(); 32]);
    Release {
        sequence: Sequence(sequence),
        facts: Arc::new(ReleaseFacts {
            id: id.parse().unwrap(),
            version: "1.0".into(),
            architecture: architecture.parse().unwrap(),
            deployment_architecture: None,
            tags: TagList::default(),
            conflicts: TagList::default(),
            malformed_tags: None,
            names: [("en".to_owned(), id.to_uppercase())].into(),
            descriptions: [].into(),
            categories: vec!["tools".into()],
            format_version: 2,
            digest,
            digest_fit: DigestFit::Both,
            developer: None,
            has_store_signature: false,
            package: BlobRef { id: BlobId(digest), size_bytes: 1 },
            icon: None,
            uploaded_at: Timestamp(0),
            uploaded_by: String::new(),
        }),
    }
}
