//! What a browser loads before it shows the first screen.

use amps_ui::{VERSION, asset, index};

/// Bytes as they are sent. With headers, the list and the icons in it, the first screen is to stay below 100 kB.
const MOST_BYTES: usize = 62_000;

#[test]
fn the_first_screen_is_small() {
    let page = std::str::from_utf8(index().bytes).unwrap();
    let sent = |file: &amps_ui::Asset| file.gzip.unwrap_or(file.bytes).len();
    let start = format!("/ui/assets/{VERSION}/");
    let mut files: Vec<&str> =
        page.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    files.sort_unstable();
    files.dedup();
    for needed in
        ["app.css", "js/main.js", "js/pages/browse.js", "vendor/preact.js", "font/geist-latin.woff2"]
    {
        assert!(files.contains(&needed), "{needed} is not among {files:?}");
    }
    // What other pages need is loaded with them.
    for later in ["js/pages/package.js", "js/package/texts.js", "later.css"] {
        assert!(!files.contains(&later) && asset(later).is_some(), "{later}: {files:?}");
    }
    let sum: usize = sent(index()) + files.iter().map(|path| sent(asset(path).unwrap())).sum::<usize>();
    assert!(sum <= MOST_BYTES, "{sum} bytes in {} files", files.len());
    assert!(sum > 20_000, "{sum} bytes are too few to be everything");
}
