#![doc = include_str!("../README.md")]

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A file of the interface.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its path, like `js/main.js`.
    pub path: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its SHA-256 in hexadecimal.
    pub sha256: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
    /// The same compressed by gzip, if that is shorter.
    pub gzip: Option<&'static [u8]>,
}

/// The page that every address below `/ui` begins with.
pub fn index() -> &'static Asset {
    &INDEX
}

/// The file of a path, if there is one.
pub fn asset(path: &str) -> Option<&'static Asset> {
    let found = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(found)
}

/// All files but the page, by their paths.
pub fn assets() -> &'static [Asset] {
    ASSETS
}
