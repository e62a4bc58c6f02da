//! `--PACKAGE-HEADER--`.

use super::{FormatVersion, MetadataError, documents, text};
use crate::{
    id::PackageId,
    yaml::{IntegerRange, Map, Mapping, Node, Value, YamlLimits, emit},
};

const KIND: &str = "am-package-header";
const EXPECTED: &str = "type `am-package-header` version `2` or `1`";

/// The header of a package.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The generation of the format.
    pub version: FormatVersion,
    /// The package's id; equals the manifest's.
    pub package_id: PackageId,
    /// What the package takes on a device when installed, in bytes.
    pub disk_space_used_bytes: u64,
    /// Metadata that the digest does not cover: a store may change it.
    pub extra: Map,
    /// Metadata that the digest covers. An empty map is something else than none: it changes the digest.
    pub extra_signed: Option<Map>,
}

impl Header {
    /// Reads a header.
    pub fn parse(bytes: &[u8], limits: YamlLimits) -> Result<Self, MetadataError> {
        let (version, rest) = documents(bytes, KIND, EXPECTED, limits)?;
        let [fields] = rest.as_slice() else {
            return Err(MetadataError::Documents { found: rest.len() + 1, expected: "2" });
        };
        Ok(Self {
            version,
            package_id: package_id(fields, version)?,
            disk_space_used_bytes: disk_space(fields)?,
            extra: map(fields, "extra")?.unwrap_or_default(),
            extra_signed: map(fields, "extraSigned")?,
        })
    }

    /// The text of the header as a packager writes it. An empty `extra` is left out, an empty `extra_signed` is not: it counts for
    /// the digest.
    pub fn to_yaml(&self) -> String {
        emit(&[format(KIND, self.version), self.fields()])
    }

    /// The header's fields as a map.
    pub fn fields(&self) -> Map {
        let id_field = match self.version {
            FormatVersion::V1 => "applicationId",
            FormatVersion::V2 => "packageId",
        };
        let mut fields = Map::from([
            (id_field.into(), Value::from(self.package_id.as_str())),
            ("diskSpaceUsed".into(), integer(self.disk_space_used_bytes)),
        ]);
        if !self.extra.is_empty() {
            fields.insert("extra".into(), Value::Map(self.extra.clone()));
        }
        if let Some(extra_signed) = &self.extra_signed {
            fields.insert("extraSigned".into(), Value::Map(extra_signed.clone()));
        }
        fields
    }
}

/// The first document of header and footer.
pub(super) fn format(kind: &str, version: FormatVersion) -> Map {
    Map::from([
        ("formatType".into(), Value::from(kind)),
        ("formatVersion".into(), Value::Int32(version.number())),
    ])
}

fn integer(value: u64) -> Value {
    if let Ok(value) = i32::try_from(value) {
        Value::Int32(value)
    } else {
        i64::try_from(value).map_or(Value::UInt64(value), Value::Int64)
    }
}

fn package_id(fields: &Mapping, version: FormatVersion) -> Result<PackageId, MetadataError> {
    let field = match version {
        FormatVersion::V1 => "applicationId",
        FormatVersion::V2 => "packageId",
    };
    let node = fields.find(field).ok_or(MetadataError::Missing { field })?;
    text(node, field)?.parse().map_err(|source| MetadataError::Id { position: node.position, source })
}

fn disk_space(fields: &Mapping) -> Result<u64, MetadataError> {
    let field = "diskSpaceUsed";
    let node = fields.find(field).ok_or(MetadataError::Missing { field })?;
    let size = match node.to_value(IntegerRange::Wrap)? {
        Value::Int32(size) => u64::try_from(size).ok(),
        Value::Int64(size) => u64::try_from(size).ok(),
        Value::UInt64(size) => Some(size),
        _ => None,
    };
    match size {
        Some(size) if size > 0 => Ok(size),
        _ => {
            let found = text(node, field).map(ToOwned::to_owned)?;
            Err(MetadataError::DiskSpace { position: node.position, found })
        }
    }
}

fn map(fields: &Mapping, field: &str) -> Result<Option<Map>, MetadataError> {
    let Some(node) = fields.find(field) else { return Ok(None) };
    match node.to_value(IntegerRange::Wrap)? {
        Value::Map(map) => Ok(Some(map)),
        _ => Err(kind(node, field)),
    }
}

fn kind(node: &Node, field: &str) -> MetadataError {
    MetadataError::Kind {
        position: node.position,
        field: field.into(),
        found: node.kind.name(),
        expected: "a map",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(fields: &str) -> Result<Header, MetadataError> {
        let text =
            format!("%YAML 1.1\n---\nformatType: 'am-package-header'\nformatVersion: 2\n---\n{fields}");
        Header::parse(text.as_bytes(), YamlLimits::default())
    }

    #[test]
    fn reads_back_what_it_writes() {
        let header = Header {
            version: FormatVersion::V2,
            package_id: "org.example.hello".parse().unwrap(),
            disk_space_used_bytes: 5_000_000_000,
            extra: Map::from([("tags".into(), Value::List(vec![Value::from("qt:5.12")]))]),
            extra_signed: Some(Map::from([("a".into(), Value::Double(2.0))])),
        };
        assert_eq!(Header::parse(header.to_yaml().as_bytes(), YamlLimits::default()), Ok(header));
    }

    #[test]
    fn version_1_calls_the_id_otherwise() {
        let text = |id| {
            format!("formatType: am-package-header\nformatVersion: 1\n---\ndiskSpaceUsed: 1\n{id}: a.b\n")
        };
        let header = Header::parse(text("applicationId").as_bytes(), YamlLimits::default()).unwrap();
        assert_eq!((header.version, header.package_id.as_str()), (FormatVersion::V1, "a.b"));
        assert_eq!(
            Header::parse(text("packageId").as_bytes(), YamlLimits::default()),
            Err(MetadataError::Missing { field: "applicationId" })
        );
    }

    #[test]
    fn other_fields_are_ignored() {
        assert!(parsed("packageId: a\ndiskSpaceUsed: 1\nsomething: else\n").is_ok());
    }

    #[test]
    fn refuses_what_is_missing_or_of_another_kind() {
        for (fields, message) in [
            ("packageId: a\n", "the field `diskSpaceUsed` is missing"),
            ("diskSpaceUsed: 1\n", "the field `packageId` is missing"),
            (
                "packageId: a\ndiskSpaceUsed: 0\n",
                "line 7, column 16: `diskSpaceUsed` is `0`: expected an integer above 0",
            ),
            (
                "packageId: a\ndiskSpaceUsed: -1\n",
                "line 7, column 16: `diskSpaceUsed` is `-1`: expected an integer above 0",
            ),
            (
                "packageId: a\ndiskSpaceUsed: 1.5\n",
                "line 7, column 16: `diskSpaceUsed` is `1.5`: expected an integer above 0",
            ),
            (
                "packageId: a\ndiskSpaceUsed: []\n",
                "line 7, column 16: `diskSpaceUsed` is a list: expected a scalar",
            ),
            (
                "packageId: [a]\ndiskSpaceUsed: 1\n",
                "line 6, column 12: `packageId` is a list: expected a scalar",
            ),
            (
                "packageId: a\ndiskSpaceUsed: 1\nextra: 1\n",
                "line 8, column 8: `extra` is a scalar: expected a map",
            ),
            (
                "packageId: a\ndiskSpaceUsed: 1\nextraSigned: ~\n",
                "line 8, column 14: `extraSigned` is a scalar: expected a map",
            ),
            ("packageId: a\ndiskSpaceUsed: 1\n---\nx: 1\n", "found 3 YAML documents: expected 2"),
            ("- 1\n", "line 6, column 1: `am-package-header` is a list: expected a map"),
        ] {
            assert_eq!(parsed(fields).unwrap_err().to_string(), message, "{fields}");
        }
    }

    #[test]
    fn the_first_document_is_exactly_the_format() {
        for text in [
            "",
            "formatType: am-package-header\nformatVersion: 3\n---\n{}",
            "formatType: am-package-header\nformatVersion: X\n---\n{}",
            "formatType: am-package-footer\nformatVersion: 2\n---\n{}",
            "formatVersion: 2\n---\n{}",
            "formatType: am-package-header\nformatVersion: 2\nmore: 1\n---\npackageId: a\ndiskSpaceUsed: 1\n",
            "packageId: a\ndiskSpaceUsed: 1\n",
        ] {
            assert!(Header::parse(text.as_bytes(), YamlLimits::default()).is_err(), "{text}");
        }
    }
}
