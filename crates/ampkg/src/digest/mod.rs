//! The digest of a package: what its signatures are made over (docs/format.md, "Digest").

mod variant;

use std::{fmt, str::FromStr};

use sha2::{Digest as _, Sha256};

pub(crate) use variant::encode;

use crate::{entry::EntryPath, quote::quoted, yaml::Map};

/// A SHA-256 value, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every answer of a server has a digest in it; this takes a twentieth of the time of `{byte:02x}` for each.
        let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
        let text: String = self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        formatter.write_str(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let invalid = || InvalidDigest { found: text.into() };
        let mut digits = text.chars();
        let mut nibble = || {
            digits.next().and_then(|digit| digit.to_digit(16)).and_then(|nibble| u8::try_from(nibble).ok())
        };
        let mut bytes = [0; 32];
        for byte in &mut bytes {
            *byte = nibble().zip(nibble()).map(|(high, low)| high << 4 | low).ok_or_else(invalid)?;
        }
        if digits.next().is_some() { Err(invalid()) } else { Ok(Self(bytes)) }
    }
}

/// A text that is not a digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a digest: expected 64 hexadecimal digits", quoted(.found))]
pub struct InvalidDigest {
    /// The text.
    pub found: String,
}

/// The order in which signed metadata enters the digest. Each generation of devices knows one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DigestForm {
    /// Ascending keys: Qt 6.
    #[default]
    Qt6,
    /// Descending keys: Qt 5.
    Qt5,
}

/// Which forms a package's digest fits. Most packages have no signed metadata with two keys, and fit both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestFit {
    /// Every device.
    Both,
    /// Devices with Qt 6 only.
    Qt6,
    /// Devices with Qt 5 only.
    Qt5,
}

impl fmt::Display for DigestFit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Both => "Qt 6 and Qt 5",
            Self::Qt6 => "Qt 6",
            Self::Qt5 => "Qt 5",
        })
    }
}

/// The digest of one package in both forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    /// As a Qt 6 device computes it.
    pub qt6: Digest,
    /// As a Qt 5 device computes it.
    pub qt5: Digest,
}

impl Digests {
    /// Which forms `stated` fits, if any.
    pub fn fit(&self, stated: &Digest) -> Option<DigestFit> {
        match (*stated == self.qt6, *stated == self.qt5) {
            (true, true) => Some(DigestFit::Both),
            (true, false) => Some(DigestFit::Qt6),
            (false, true) => Some(DigestFit::Qt5),
            (false, false) => None,
        }
    }

    /// The digest in one form.
    pub fn of(&self, form: DigestForm) -> Digest {
        match form {
            DigestForm::Qt6 => self.qt6,
            DigestForm::Qt5 => self.qt5,
        }
    }
}

/// Computes the digest while the entries of a package go by, in both forms at once.
///
/// The entries are hashed a second time only if the two forms differ, which takes signed metadata with two keys or a null.
#[derive(Clone, Debug)]
pub struct Digester {
    qt6: Sha256,
    qt5: Option<Sha256>,
}

impl Digester {
    /// Begins with the header's signed metadata.
    pub fn new(extra_signed: Option<&Map>) -> Self {
        let [qt6, qt5] = [DigestForm::Qt6, DigestForm::Qt5]
            .map(|form| extra_signed.map_or_else(Vec::new, |map| encode(map, form)));
        let hash = |bytes: &[u8]| Sha256::new().chain_update(bytes);
        Self { qt6: hash(&qt6), qt5: (qt5 != qt6).then(|| hash(&qt5)) }
    }

    /// Adds bytes of the current file.
    pub fn update(&mut self, bytes: &[u8]) {
        self.qt6.update(bytes);
        if let Some(qt5) = &mut self.qt5 {
            qt5.update(bytes);
        }
    }

    /// Ends the current file.
    pub fn end_file(&mut self, size_bytes: u64, path: &EntryPath) {
        self.update(format!("F/{size_bytes}/{}", path.as_written()).as_bytes());
    }

    /// Adds a directory.
    pub fn directory(&mut self, path: &EntryPath) {
        self.update(format!("D/0/{}", path.as_written()).as_bytes());
    }

    /// Ends the package.
    pub fn finish(self) -> Digests {
        let qt6 = Digest(self.qt6.finalize().into());
        let qt5 = self.qt5.map_or(qt6, |qt5| Digest(qt5.finalize().into()));
        Digests { qt6, qt5 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Value;

    #[test]
    fn text_and_digest_are_the_same() {
        let text = "e1493ab918aa5c3de4fc5ba8aa86dce40835879ad700e8811b51733a634018f8";
        let digest: Digest = text.parse().unwrap();
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.to_uppercase().parse(), Ok(digest));
        for wrong in
            ["", "e1", &text[1..], &format!("{text}00"), &text.replace('e', "g"), &text.replace('e', "é")]
        {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_forms_differ_only_where_order_or_null_show() {
        let two = Map::from([("a".into(), Value::Int32(1)), ("b".into(), Value::Int32(2))]);
        let one = Map::from([("a".into(), Value::Int32(1))]);
        let null = Map::from([("a".into(), Value::Null)]);
        for (map, differ) in [
            (None, false),
            (Some(one), false),
            (Some(two), true),
            (Some(null), true),
            (Some(Map::new()), false),
        ] {
            let digests = Digester::new(map.as_ref()).finish();
            assert_eq!(digests.qt6 != digests.qt5, differ, "{map:?}");
        }
    }

    #[test]
    fn covers_content_size_name_and_kind() {
        let path = |text| EntryPath::new(text).unwrap();
        let digest = |run: &dyn Fn(&mut Digester)| {
            let mut digester = Digester::new(None);
            run(&mut digester);
            digester.finish().qt6
        };
        let all = [
            digest(&|d| d.end_file(0, &path("a"))),
            digest(&|d| d.end_file(0, &path("b"))),
            digest(&|d| d.end_file(1, &path("a"))),
            digest(&|d| d.directory(&path("a"))),
            digest(&|d| {
                d.update(b"x");
                d.end_file(1, &path("a"));
            }),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
