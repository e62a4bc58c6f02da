//! What the project has decided: which licences it accepts and which duplicates it lives with.

/// Licences that let amps be shipped under MIT or Apache-2.0, asking for no more than a notice.
pub(super) const LICENSES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "NCSA", // libFuzzer, which no program that is shipped contains
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "blessing", // SQLite
];

/// Packages that are there in several versions, each with the reason why that is all right for now.
pub(super) const DUPLICATES: &[(&str, &str)] = &[
    ("getrandom", "ring names it, which is in the lock file for a feature of rustls-webpki and never built"),
    (
        "miniz_oxide",
        "png has not moved to the version that flate2 names, and flate2 uses zlib-rs instead of it",
    ),
    (
        "getrandom",
        "ahash, which jsonschema needs, has not moved to the version that rand names; both serve tests only",
    ),
    ("r-efi", "of getrandom, for UEFI only, which nothing here is built for"),
    ("syn", "derive macros move to the next version one by one; it runs at build time only"),
    (
        "windows-sys",
        "ring names it, which is in the lock file for a feature of rustls-webpki and never built",
    ),
];
