//! Putting DER together from parts that are DER already.

use der::{Encode, Header, Tag, TagNumber};

/// One element: the tag, the length of all parts together, the parts.
pub(crate) fn element(tag: Tag, parts: &[&[u8]]) -> der::Result<Vec<u8>> {
    let value = parts.concat();
    let mut element = Header::new(tag, value.len().try_into()?).to_der()?;
    element.extend(value);
    Ok(element)
}

/// A sequence of these parts.
pub(crate) fn sequence(parts: &[&[u8]]) -> der::Result<Vec<u8>> {
    element(Tag::Sequence, parts)
}

/// A set of these elements, in the order that DER wants (X.690 section 11.6).
pub(crate) fn set(elements: Vec<Vec<u8>>) -> der::Result<Vec<u8>> {
    element(Tag::Set, &[&sorted(elements)])
}

/// The value of a set: its elements in the order that DER wants.
pub(crate) fn sorted(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort_unstable();
    elements.concat()
}

/// A constructed, context-specific element: `[number]`.
pub(crate) fn context(number: u32, parts: &[&[u8]]) -> der::Result<Vec<u8>> {
    element(Tag::ContextSpecific { constructed: true, number: TagNumber(number) }, parts)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_the_shortest_length_and_sets_are_sorted() {
        assert_eq!(sequence(&[b"\x02\x01\x05", b""]).unwrap(), b"\x30\x03\x02\x01\x05");
        assert_eq!(context(1, &[]).unwrap(), b"\xa1\x00");
        let long = element(Tag::OctetString, &[&[0; 200]]).unwrap();
        assert_eq!(long.first_chunk(), Some(b"\x04\x81\xc8"));
        let set = set(vec![b"\x04\x01\x02".to_vec(), b"\x02\x01\x05".to_vec(), b"\x04\x00".to_vec()]);
        assert_eq!(set.unwrap(), b"\x31\x08\x02\x01\x05\x04\x00\x04\x01\x02");
    }
}
