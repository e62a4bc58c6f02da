//! `--PACKAGE-FOOTER--…`.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{FormatVersion, MetadataError, documents, header::format, text};
use crate::{
    digest::Digest,
    yaml::{Map, Mapping, Node, Value, YamlLimits, emit},
};

const KIND: &str = "am-package-footer";
const EXPECTED: &str = "type `am-package-footer` version `2` or `1`";

/// What the footer entries of a package say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footer {
    /// The digest that the package states; whether it is right is another question.
    pub digest: Digest,
    /// The developer's signature, DER of a CMS message.
    pub developer_signature: Option<Vec<u8>>,
    /// The store's signature, DER of a CMS message.
    pub store_signature: Option<Vec<u8>>,
}

impl Footer {
    /// Reads the joined footer entries, see [`FooterText`]; `header` is the version that the header has.
    pub(crate) fn parse(
        text: &FooterText,
        header: FormatVersion,
        limits: YamlLimits,
    ) -> Result<Self, MetadataError> {
        let (version, rest) = documents(&text.0, KIND, EXPECTED, limits)?;
        if version != header {
            return Err(MetadataError::VersionsDiffer { header: header.number(), footer: version.number() });
        }
        Ok(Self {
            digest: digest(&rest)?,
            developer_signature: signature(&rest, "developerSignature")?,
            store_signature: signature(&rest, "storeSignature")?,
        })
    }
}

/// One thing that a footer entry says. Each gets an entry of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FooterField {
    /// The package's digest. Comes first.
    Digest(Digest),
    /// The developer's signature, DER.
    DeveloperSignature(Vec<u8>),
    /// The store's signature, DER.
    StoreSignature(Vec<u8>),
}

impl FooterField {
    /// The text of the entry. The one with the digest opens the footer and names its format.
    pub fn to_yaml(&self, version: FormatVersion) -> String {
        let field = |name: &str, value: &str| Map::from([(name.to_owned(), Value::from(value))]);
        match self {
            Self::Digest(digest) => emit(&[format(KIND, version), field("digest", &digest.to_string())]),
            Self::DeveloperSignature(der) => emit(&[field("developerSignature", &STANDARD.encode(der))]),
            Self::StoreSignature(der) => emit(&[field("storeSignature", &STANDARD.encode(der))]),
        }
    }
}

/// The footer entries of a package, joined.
///
/// The reference joins them byte by byte and parses the result, in which `%YAML` then follows a document without a `...`
/// before it: its parser takes that, a strict one does not. So the mark is put in where an entry begins with a directive
/// on a line of its own; everything else stays as it was.
#[derive(Debug, Default)]
pub(crate) struct FooterText(Vec<u8>);

impl FooterText {
    /// Adds an entry.
    pub(crate) fn push(&mut self, entry: &[u8]) {
        if self.0.ends_with(b"\n") && entry.starts_with(b"%") {
            self.0.extend(b"...\n");
        }
        self.0.extend(entry);
    }
}

/// The node of a field that stands in one document at most.
fn only<'a>(documents: &'a [Mapping], field: &'static str) -> Result<Option<&'a Node>, MetadataError> {
    let mut nodes = documents.iter().filter_map(|document| document.find(field));
    let first = nodes.next();
    match nodes.next() {
        Some(second) => Err(MetadataError::Twice { position: second.position, field: field.into() }),
        None => Ok(first),
    }
}

fn digest(documents: &[Mapping]) -> Result<Digest, MetadataError> {
    let node = only(documents, "digest")?.ok_or(MetadataError::Missing { field: "digest" })?;
    text(node, "digest")?.parse().map_err(|source| MetadataError::Digest { position: node.position, source })
}

fn signature(documents: &[Mapping], field: &'static str) -> Result<Option<Vec<u8>>, MetadataError> {
    let Some(node) = only(documents, field)? else { return Ok(None) };
    // Some writers break the base64 text into lines.
    let base64: String = text(node, field)?.split_ascii_whitespace().collect();
    let reason = |reason: String| MetadataError::Base64 { position: node.position, field, reason };
    if base64.is_empty() {
        return Err(reason("it is empty".into()));
    }
    STANDARD.decode(base64).map(Some).map_err(|error| reason(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8";

    fn parsed(entries: &[&str]) -> Result<Footer, MetadataError> {
        let mut text = FooterText::default();
        for entry in entries {
            text.push(entry.as_bytes());
        }
        Footer::parse(&text, FormatVersion::V2, YamlLimits::default())
    }

    fn first(rest: &str) -> String {
        format!("%YAML 1.1\n---\nformatType: 'am-package-footer'\nformatVersion: 2\n---\n{rest}")
    }

    #[test]
    fn reads_back_what_it_writes() {
        let footer = Footer {
            digest: DIGEST.parse().unwrap(),
            developer_signature: Some(vec![1, 2, 3]),
            store_signature: Some(vec![4]),
        };
        let entries = [
            FooterField::Digest(footer.digest),
            FooterField::DeveloperSignature(vec![1, 2, 3]),
            FooterField::StoreSignature(vec![4]),
        ]
        .map(|field| field.to_yaml(FormatVersion::V2));
        assert_eq!(entries[0], first(&format!("digest: '{DIGEST}'\n")));
        assert_eq!(parsed(&entries.each_ref().map(String::as_str)), Ok(footer));
    }

    #[test]
    fn one_entry_with_all_fields_is_the_same() {
        let text = first(&format!("digest: {DIGEST}\ndeveloperSignature: |\n  AQ\n  ID\n"));
        assert_eq!(parsed(&[&text]).unwrap().developer_signature, Some(vec![1, 2, 3]));
    }

    #[test]
    fn entries_join_byte_by_byte() {
        let text = first(&format!("digest: '{DIGEST}'\n"));
        assert_eq!(
            parsed(&[&text, "developerSignature: AQID\n"]).unwrap().developer_signature,
            Some(vec![1, 2, 3])
        );
        assert!(parsed(&[text.trim_end(), "%YAML 1.1\n---\ndeveloperSignature: AQID\n"]).is_err());
    }

    #[test]
    fn refuses_what_is_missing_twice_or_malformed() {
        let digest = format!("digest: '{DIGEST}'\n");
        for (entries, message) in [
            (vec![first("storeSignature: AQID\n")], "the field `digest` is missing"),
            (
                vec![first(&digest), format!("%YAML 1.1\n---\n{digest}")],
                "line 10, column 9: the field `digest` comes twice",
            ),
            (vec![first("digest: 'xyz'\n")], "line 6, column 9: the digest is not valid"),
            (
                vec![first(&format!("{digest}developerSignature: '%%%'\n"))],
                "line 7, column 21: `developerSignature` is not base64 (Invalid symbol 37, offset 0.)",
            ),
            (
                vec![first(&format!("{digest}storeSignature: ''\n"))],
                "line 7, column 17: `storeSignature` is not base64 (it is empty)",
            ),
            (
                vec![first(&digest).replace("sion: 2", "sion: 1")],
                "the footer has format version 1, the header 2",
            ),
        ] {
            let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
            assert_eq!(parsed(&entries).unwrap_err().to_string(), message);
        }
    }
}
