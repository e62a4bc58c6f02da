//! Releases to publish.

use ampkg::{Digest, DigestFit};
use amps_core::{
    BlobId, BlobRef, Documents, FileStamp, IconRef, Recipe, ReleaseDraft, ReleaseFacts, Signer, TagList,
    Timestamp,
};

pub(crate) fn blob(number: u8) -> BlobId {
    BlobId(Digest([number; 32]))
}

pub(crate) fn stamp(number: u64) -> FileStamp {
    FileStamp { device: 1, inode: number, size_bytes: number, modified_ns: -5 }
}

/// A release with nothing in it that need not be.
pub(crate) fn draft(id: &str, architecture: &str, package: u8) -> ReleaseDraft {
    ReleaseDraft {
        facts: ReleaseFacts {
            id: id.parse().unwrap(),
            version: String::new(),
            architecture: architecture.parse().unwrap(),
            deployment_architecture: None,
            tags: TagList::default(),
            conflicts: TagList::default(),
            malformed_tags: None,
            names: [].into(),
            descriptions: [].into(),
            categories: vec![],
            format_version: 1,
            digest: Digest([0; 32]),
            digest_fit: DigestFit::Both,
            developer: None,
            has_store_signature: false,
            package: BlobRef { id: blob(package), size_bytes: 0 },
            icon: None,
            uploaded_at: Timestamp(0),
            uploaded_by: String::new(),
        },
        documents: Documents { manifest: String::new(), extra: String::new(), extra_signed: None },
        recipe: None,
        entry: None,
    }
}

/// The same with an icon.
pub(crate) fn with_icon(mut draft: ReleaseDraft, icon: u8) -> ReleaseDraft {
    let blob = BlobRef { id: blob(icon), size_bytes: 7 };
    draft.facts.icon = Some(IconRef { blob, media_type: "image/png".into() });
    draft
}

/// A release with everything in it, no two values alike, and texts that SQL and JSON have to quote.
pub(crate) fn full() -> ReleaseDraft {
    ReleaseDraft {
        facts: ReleaseFacts {
            id: "org.example.it's \u{7e}full".parse().unwrap(),
            version: "1.0\0'; DROP TABLE releases; --".into(),
            architecture: "linux_arm_64".parse().unwrap(),
            deployment_architecture: Some("arm64-little_endian-64-elf".parse().unwrap()),
            tags: "a_:1.0,b,qt:5.12,qt:6".parse().unwrap(),
            conflicts: "a,legacy".parse().unwrap(),
            malformed_tags: None,
            names: [("en", "Full \"of\" it"), ("de", "Völlig\nvoll\0"), ("", "\u{10ffff}")]
                .map(|(language, name)| (language.to_owned(), name.to_owned()))
                .into(),
            descriptions: [("en".to_owned(), "d".repeat(10_000))].into(),
            categories: ["z", "", "a", "a"].map(str::to_owned).into(),
            format_version: 2,
            digest: Digest([1; 32]),
            digest_fit: DigestFit::Qt5,
            developer: Some(Signer {
                subject: "CN=Wörk\\, Ltd.".into(),
                serial: "00ff".into(),
                not_before: Timestamp(-1),
                not_after: Timestamp(i64::MAX),
                fingerprint: Digest([2; 32]),
            }),
            has_store_signature: true,
            package: BlobRef { id: blob(3), size_bytes: i64::MAX.cast_unsigned() },
            icon: Some(IconRef {
                blob: BlobRef { id: blob(4), size_bytes: 5 },
                media_type: "image/svg+xml".into(),
            }),
            uploaded_at: Timestamp(i64::MIN),
            uploaded_by: "somebody \u{202e} else".into(),
        },
        documents: Documents {
            manifest: format!("{{\"m\":\"{}\"}}", "m".repeat(100_000)),
            extra: "{\"e\":0}".into(),
            extra_signed: Some("{}".into()),
        },
        recipe: Some(Recipe { keep_bytes: 7, glue: vec![0, 255], rem: vec![1; 300] }),
        entry: None,
    }
}
