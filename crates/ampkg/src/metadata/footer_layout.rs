//! Where the footers stand in a package, for whoever puts another one behind them without packing the package again.

use super::FooterField;
use crate::yaml::{NodeKind, YamlLimits, parse};

/// A place in the unpacked archive from which on it is written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FooterPlace {
    /// Everything before this offset stays as it is; it is a multiple of 512.
    pub offset_bytes: u64,
    /// The footers that are to be written there again, before the new one: what stood behind the offset and stays.
    pub fields: Vec<FooterField>,
}

/// Where the footer entries of a package stand in the unpacked archive.
#[derive(Clone, Debug, Default)]
pub(crate) struct FooterLayout {
    /// Offset of the first one.
    start_bytes: Option<u64>,
    /// Offset behind the padding of the last one.
    end_bytes: u64,
    /// Whether the last one ends its line: only then another one can follow, because they are joined byte by byte.
    ends_line: bool,
    /// The offset of the last one, if it is a store signature and nothing else.
    store_signature_bytes: Option<u64>,
}

impl FooterLayout {
    /// Adds the next entry.
    pub(crate) fn push(&mut self, start_bytes: u64, end_bytes: u64, text: &[u8], limits: YamlLimits) {
        let stands_alone = self.start_bytes.is_some() && self.ends_line && is_store_signature(text, limits);
        self.store_signature_bytes = stands_alone.then_some(start_bytes);
        self.start_bytes.get_or_insert(start_bytes);
        self.end_bytes = end_bytes;
        self.ends_line = text.ends_with(b"\n");
    }

    /// Where a store signature can be appended; `kept` is everything that the footers say besides the one that is there.
    pub(crate) fn append(
        &self,
        has_store_signature: bool,
        kept: impl Fn() -> Vec<FooterField>,
    ) -> FooterPlace {
        let offset_bytes = match (has_store_signature, self.store_signature_bytes) {
            (true, Some(offset)) => offset,
            (false, _) if self.ends_line => self.end_bytes,
            _ => return self.rewrite(kept()),
        };
        FooterPlace { offset_bytes, fields: Vec::new() }
    }

    /// Writes all footers anew.
    pub(crate) fn rewrite(&self, fields: Vec<FooterField>) -> FooterPlace {
        FooterPlace { offset_bytes: self.start_bytes.unwrap_or(self.end_bytes), fields }
    }
}

/// Whether a footer entry, read by itself, is a store signature and nothing else. It must also begin a document of its own,
/// or it would have been read as part of the one before.
fn is_store_signature(text: &[u8], limits: YamlLimits) -> bool {
    let begins_document = text.starts_with(b"%YAML") || text.starts_with(b"---");
    let documents = if begins_document { parse(text, limits).unwrap_or_default() } else { Vec::new() };
    match documents.as_slice() {
        [document] => match &document.kind {
            NodeKind::Mapping(mapping) => mapping.len() == 1 && mapping.find("storeSignature").is_some(),
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "%YAML 1.1\n---\nformatType: am-package-footer\nformatVersion: 2\n---\ndigest: x\n";
    const STORE: &str = "%YAML 1.1\n---\nstoreSignature: 'AQID'\n";

    fn check(entries: &[&str], has_store_signature: bool, offset_bytes: u64, rewritten: bool) {
        let mut layout = FooterLayout::default();
        for (at, entry) in (1..).zip(entries) {
            layout.push(at * 1024, (at + 1) * 1024, entry.as_bytes(), YamlLimits::default());
        }
        let kept = || vec![FooterField::StoreSignature(vec![])];
        let place = layout.append(has_store_signature, kept);
        assert_eq!((place.offset_bytes, !place.fields.is_empty()), (offset_bytes, rewritten), "{entries:?}");
    }

    #[test]
    fn a_signature_is_appended_or_takes_the_place_of_the_last_entry() {
        check(&[DIGEST], false, 2048, false);
        check(&[DIGEST, "%YAML 1.1\n---\ndeveloperSignature: AQID\n"], false, 3072, false);
        check(&[DIGEST, STORE], true, 2048, false);
        check(&[DIGEST, &STORE[10..]], true, 2048, false);
    }

    #[test]
    fn the_footers_are_written_anew_where_that_would_join_what_is_apart() {
        check(&[DIGEST.trim_end()], false, 1024, true);
        check(&[&format!("{DIGEST}storeSignature: AQID\n")], true, 1024, true);
        check(&[DIGEST, "storeSignature: AQID\n"], true, 1024, true);
        check(&[DIGEST, STORE, "%YAML 1.1\n---\ndeveloperSignature: AQID\n"], true, 1024, true);
        check(&[DIGEST, "%YAML 1.1\n---\nstoreSignature: AQID\nother: 1\n"], true, 1024, true);
    }
}
