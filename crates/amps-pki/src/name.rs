//! Distinguished names as text (RFC 4514).

use std::fmt::Write;

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc3280, rfc4519};
use der::{Encode, Tag, Tagged, asn1::Any};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::Name;

use crate::hex::UpperHex;

/// The short names of RFC 4514 section 3, and `emailAddress`, which certificates of developers usually have
/// and OpenSSL writes the same way.
const SHORT_NAMES: &[(ObjectIdentifier, &str)] = &[
    (rfc4519::CN, "CN"),
    (rfc4519::L, "L"),
    (rfc4519::ST, "ST"),
    (rfc4519::O, "O"),
    (rfc4519::OU, "OU"),
    (rfc4519::C, "C"),
    (rfc4519::STREET, "STREET"),
    (rfc4519::DC, "DC"),
    (rfc4519::UID, "UID"),
    (rfc3280::EMAIL_ADDRESS, "emailAddress"),
];

/// The name as RFC 4514 writes it, the most specific part first: `CN=Developer 1,O=Example,C=DE`.
///
/// Control characters are escaped as hexadecimal pairs; other characters, bidirectional controls among
/// them, stand as they are.
pub(crate) fn to_rfc4514(name: &Name) -> der::Result<String> {
    let mut out = String::new();
    let mut parts: Vec<_> = name.iter_rdn().collect();
    parts.reverse();
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        for (index, attribute) in part.iter().enumerate() {
            if index > 0 {
                out.push('+');
            }
            push_attribute(&mut out, attribute)?;
        }
    }
    Ok(out)
}

/// The common name; of several the most specific one, which is the last in the certificate and the first in
/// the text.
pub(crate) fn common_name(name: &Name) -> Option<String> {
    let last = name.iter().filter(|attribute| attribute.oid == rfc4519::CN).last()?;
    text(&last.value)
}

/// A name in the form in which names are compared.
///
/// RFC 5280 section 7.1 wants case and runs of spaces passed over. Case is passed over in ASCII only, as in
/// OpenSSL: the rest depends on tables that change from year to year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComparableName(Vec<Vec<(ObjectIdentifier, ComparableValue)>>);

/// The value of one attribute in a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ComparableValue {
    Text(String),
    Other(Vec<u8>),
}

impl ComparableName {
    pub(crate) fn new(name: &Name) -> der::Result<Self> {
        let comparable = |attribute: &AttributeTypeAndValue| {
            let value = match text(&attribute.value) {
                Some(text) => {
                    let words: Vec<&str> = text.split_ascii_whitespace().collect();
                    ComparableValue::Text(words.join(" ").to_ascii_lowercase())
                }
                None => ComparableValue::Other(attribute.value.to_der()?),
            };
            Ok((attribute.oid, value))
        };
        let parts = name.iter_rdn().map(|part| {
            let mut part = part.iter().map(comparable).collect::<der::Result<Vec<_>>>()?;
            part.sort_unstable();
            Ok(part)
        });
        parts.collect::<der::Result<_>>().map(Self)
    }
}

/// Writes one `type=value`. A type without a short name is written in dotted decimals and its value as the
/// hexadecimal digits of its DER (RFC 4514 section 2.4); so is a value that is not text.
fn push_attribute(out: &mut String, attribute: &AttributeTypeAndValue) -> der::Result<()> {
    let short_name = SHORT_NAMES.iter().find(|(oid, _)| *oid == attribute.oid);
    let value = text(&attribute.value);
    match (short_name, value) {
        (Some((_, short_name)), Some(value)) => {
            out.push_str(short_name);
            out.push('=');
            push_escaped(out, &value);
        }
        (short_name, _) => {
            match short_name {
                Some((_, short_name)) => out.push_str(short_name),
                None => out.push_str(&attribute.oid.to_string()),
            }
            out.push_str("=#");
            out.push_str(&UpperHex(&attribute.value.to_der()?).to_string());
        }
    }
    Ok(())
}

/// Writes a value with the escapes of RFC 4514 section 2.4.
fn push_escaped(out: &mut String, value: &str) {
    let last = value.char_indices().next_back().map(|(at, _)| at);
    for (at, c) in value.char_indices() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => out.extend(['\\', c]),
            '#' if at == 0 => out.push_str("\\#"),
            ' ' if at == 0 || Some(at) == last => out.push_str("\\ "),
            c if c.is_control() => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a `String` cannot fail.
                    let _ = write!(out, "\\{byte:02X}");
                }
            }
            c => out.push(c),
        }
    }
}

/// The text of a value, if it is one of the string types and well-formed.
pub(crate) fn text(value: &Any) -> Option<String> {
    let bytes = value.value();
    match value.tag() {
        Tag::Utf8String => String::from_utf8(bytes.to_vec()).ok(),
        // Not checked for the letters that each type allows: certificates in the wild have `*`, `@` and `_`
        // in a PrintableString.
        Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString
            if bytes.is_ascii() =>
        {
            String::from_utf8(bytes.to_vec()).ok()
        }
        // T.61 in the standard; Latin-1 in every certificate that was ever made with it.
        Tag::TeletexString => Some(bytes.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let (units, rest) = bytes.as_chunks::<2>();
            let units: Vec<u16> = units.iter().copied().map(u16::from_be_bytes).collect();
            rest.is_empty().then(|| String::from_utf16(&units).ok()).flatten()
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::str::FromStr;

    use proptest::prelude::*;

    use super::*;

    fn attribute(oid: ObjectIdentifier, tag: Tag, value: &[u8]) -> String {
        let value = Any::new(tag, value).unwrap();
        let mut out = String::new();
        push_attribute(&mut out, &AttributeTypeAndValue { oid, value }).unwrap();
        out
    }

    #[test]
    fn values_are_escaped() {
        for (value, expected) in [
            ("", ""),
            ("Developer 1", "Developer 1"),
            ("a,b+c\"d\\e<f>g;h", "a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h"),
            ("#1#", "\\#1#"),
            (" ", "\\ "),
            ("  a  ", "\\  a \\ "),
            ("a=b", "a=b"),
            ("\0\n\u{1b}\u{7f}\u{9b}", "\\00\\0A\\1B\\7F\\C2\\9B"),
            ("Zürich\u{202e}", "Zürich\u{202e}"),
        ] {
            let expected = format!("CN={expected}");
            assert_eq!(attribute(rfc4519::CN, Tag::Utf8String, value.as_bytes()), expected, "{value:?}");
        }
    }

    #[test]
    fn every_string_type_is_read_and_others_are_hexadecimal() {
        for (tag, value, expected) in [
            (Tag::PrintableString, &b"a*@_"[..], "O=a*@_"),
            (Tag::Ia5String, b"a@b", "O=a@b"),
            (Tag::TeletexString, b"Z\xfcrich", "O=Zürich"),
            (Tag::BmpString, b"\0Z\0\xfc\xd8\x3d\xde\x00", "O=Zü😀"),
            (Tag::BmpString, b"\0Z\0", "O=#1E03005A00"),
            (Tag::BmpString, b"\xd8\x3d", "O=#1E02D83D"),
            (Tag::Utf8String, b"\xff", "O=#0C01FF"),
            (Tag::PrintableString, b"\xff", "O=#1301FF"),
            (Tag::Integer, b"\x05", "O=#020105"),
        ] {
            assert_eq!(attribute(rfc4519::O, tag, value), expected, "{tag} {value:x?}");
        }
    }

    #[test]
    fn types_without_a_short_name_are_dotted_and_hexadecimal() {
        let oid = ObjectIdentifier::new_unwrap("2.5.4.97");
        assert_eq!(attribute(oid, Tag::Utf8String, b"N"), "2.5.4.97=#0C014E");
    }

    #[test]
    fn the_most_specific_common_name_counts() {
        let name = Name::from_str("CN=second,O=x,CN=first,C=DE").unwrap();
        assert_eq!(to_rfc4514(&name).unwrap(), "CN=second,O=x,CN=first,C=DE");
        assert_eq!(common_name(&name).as_deref(), Some("second"));
        let name = Name::from_str("O=x,C=DE").unwrap();
        assert_eq!(common_name(&name), None);
        assert_eq!(to_rfc4514(&Name::default()).unwrap(), "");
    }

    #[test]
    fn names_are_compared_without_case_and_runs_of_spaces() {
        let name = |text: &str| ComparableName::new(&Name::from_str(text).unwrap()).unwrap();
        let reference = name("CN=Store CA,O=Example");
        for same in ["CN=store ca,O=EXAMPLE", "CN=Store   CA,O=Example", "CN=\\ Store CA\\ ,O=Example"] {
            assert_eq!(name(same), reference, "{same}");
        }
        for other in ["CN=StoreCA,O=Example", "O=Example,CN=Store CA", "CN=Store CA", "CN=Store CA+O=Example"]
        {
            assert_ne!(name(other), reference, "{other}");
        }
    }

    proptest! {
        // The parser of x509-cert is not ours: what we write, another implementation reads back.
        #[test]
        fn a_foreign_parser_reads_back_what_is_written(value in "[ -~äö日]{0,20}") {
            let written = attribute(rfc4519::OU, Tag::Utf8String, value.as_bytes());
            let parsed = AttributeTypeAndValue::from_str(&written).unwrap();
            prop_assert_eq!(parsed.oid, rfc4519::OU);
            prop_assert_eq!(parsed.value.value(), value.as_bytes());
        }
    }
}
