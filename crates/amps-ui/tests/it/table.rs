//! Files are found, and are what they are said to be.

use std::io::Read as _;

use amps_ui::{asset, assets, index};

#[test]
fn every_file_is_found_by_its_path() {
    assert!(assets().len() > 30, "only {} files", assets().len());
    for file in assets() {
        assert_eq!(asset(file.path).map(|found| found.sha256), Some(file.sha256), "{}", file.path);
    }
    for path in
        ["", "js", "js/", "/js/main.js", "js/../js/main.js", "README.md", "css/10-tokens.css", "index.html"]
    {
        assert!(asset(path).is_none(), "{path}");
    }
}

#[test]
fn what_is_compressed_is_the_same_file() {
    for file in assets().iter().chain([index()]) {
        let Some(gzip) = file.gzip else { continue };
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(gzip).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, file.bytes, "{}", file.path);
        assert!(gzip.len() < file.bytes.len(), "{}", file.path);
    }
}

#[test]
fn files_of_others_have_their_licences_beside_them() {
    for licence in ["vendor/LICENSE-preact", "vendor/LICENSE-htm", "font/LICENSE-geist"] {
        assert!(asset(licence).is_some_and(|file| file.bytes.len() > 500), "{licence}");
    }
}

#[test]
fn comments_are_not_sent_and_nothing_else_is_left_out() {
    for file in assets().iter().filter(|file| !file.path.starts_with("vendor/")) {
        let is_code = ["text/javascript", "text/css"].iter().any(|kind| file.media_type.starts_with(kind));
        let (Ok(sent), true) = (std::str::from_utf8(file.bytes), is_code) else { continue };
        for line in sent.lines().map(str::trim_start) {
            assert!(!line.starts_with("//") && !line.starts_with("/*"), "{}: {line}", file.path);
        }
        if file.path.starts_with("js/") {
            let written =
                std::fs::read_to_string(format!("{}/assets/{}", env!("CARGO_MANIFEST_DIR"), file.path))
                    .unwrap();
            let is_code = |line: &&str| {
                let line = line.trim_start();
                !(line.is_empty()
                    || line.starts_with("//")
                    || line.starts_with("/*")
                    || line.starts_with("* ")
                    || line.starts_with("*/"))
            };
            assert!(written.lines().filter(is_code).eq(sent.lines()), "{}", file.path);
        }
    }
}
