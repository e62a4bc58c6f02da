//! Rules for every file: what packages say is text, and everything comes from this server.

use amps_ui::{Asset, assets, index};

/// What turns text into markup or code, and where it stands anyway: Preact can be told to, which nothing here does.
const DANGEROUS: [&str; 15] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "dangerouslySetInnerHTML",
    "document.write",
    "createContextualFragment",
    "DOMParser",
    "srcdoc",
    "eval(",
    "Function(",
    "javascript:",
    "setAttribute('on",
    "setAttribute('style",
    "style=",
    "parseFromString",
];

/// Names, not addresses.
const NAMESPACES: [&str; 3] =
    ["http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML", "http://www.w3.org/1999/x"];

fn text(file: &Asset) -> &str {
    std::str::from_utf8(file.bytes).unwrap()
}

/// Files that a browser reads as text, without those that were written elsewhere.
fn own() -> impl Iterator<Item = &'static Asset> {
    let is_own = |file: &&Asset| !file.path.starts_with("vendor/") && !file.path.starts_with("font/");
    assets().iter().filter(is_own).chain([index()])
}

#[test]
fn nothing_of_ours_makes_markup_or_code_of_text() {
    let mut seen = 0;
    for file in own() {
        for word in DANGEROUS {
            assert!(!text(file).contains(word), "{}: {word}", file.path);
        }
        seen += 1;
    }
    assert!(seen > 30, "only {seen} files");
}

#[test]
fn what_others_wrote_is_used_only_through_one_module() {
    for file in own().filter(|file| file.path != "js/html.js") {
        assert!(!text(file).contains("vendor/") || file.path == "index.html", "{}", file.path);
    }
}

#[test]
fn no_script_stands_in_the_page_and_no_handler_in_its_elements() {
    let page = text(index());
    for script in page.split("<script").skip(1) {
        let (opening, rest) = script.split_once('>').unwrap();
        assert!(opening.contains("src=\"/ui/assets/"), "{opening}");
        assert!(rest.starts_with("</script>"), "{rest}");
    }
    assert!(!page.contains("<style"));
    for words in page.split([' ', '\n', '<']).filter(|word| word.starts_with("on")) {
        assert!(!words.contains('='), "{words}");
    }
}

#[test]
fn everything_comes_from_this_server() {
    for file in assets().iter().chain([index()]).filter(|file| !file.path.contains("LICENSE")) {
        let Ok(text) = std::str::from_utf8(file.bytes) else { continue };
        for scheme in [
            "http://",
            "https://",
            "ws://",
            "wss://",
            "\"//",
            "'//",
            "url(//",
            "data:text",
            "data:image",
            "data:font",
        ] {
            for (at, _) in text.match_indices(scheme) {
                let found: String = text[at..].chars().take(80).collect();
                let is_name = NAMESPACES.iter().any(|name| found.starts_with(name));
                assert!(is_name, "{}: {found}", file.path);
            }
        }
    }
}

#[test]
fn styles_know_no_left_and_right() {
    let sheets = ["app.css", "later.css"].map(|path| amps_ui::asset(path).unwrap());
    for word in [
        "margin-left",
        "margin-right",
        "padding-left",
        "padding-right",
        "border-left",
        "border-right",
        "text-align: left",
        "text-align: right",
        "\n  left:",
        "\n  right:",
        "float: left",
        "float: right",
    ] {
        for sheet in sheets {
            assert!(!text(sheet).contains(word), "{}: {word}", sheet.path);
        }
    }
}

#[test]
fn every_module_that_is_imported_is_there() {
    let mut seen = 0;
    for file in assets().iter().filter(|file| file.media_type.starts_with("text/javascript")) {
        for marker in ["from '", "from \"", "from\"", "import('"] {
            for (at, _) in text(file).match_indices(marker) {
                let rest = &text(file)[at + marker.len()..];
                let path = rest.split(['\'', '"']).next().unwrap();
                if !path.starts_with('.') {
                    // Words of a sentence.
                    assert!(!path.contains('/'), "{}: {path}", file.path);
                    continue;
                }
                let folder = file.path.rsplit_once('/').unwrap().0;
                let mut parts: Vec<&str> = folder.split('/').collect();
                for part in path.split('/') {
                    match part {
                        "." => {}
                        ".." => drop(parts.pop()),
                        part => parts.push(part),
                    }
                }
                assert!(amps_ui::asset(&parts.join("/")).is_some(), "{}: {path}", file.path);
                seen += 1;
            }
        }
    }
    assert!(seen > 60, "only {seen} imports");
}
