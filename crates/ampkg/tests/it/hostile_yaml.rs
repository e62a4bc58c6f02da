//! Headers, manifests and footers that try to be expensive or to mean two things.

use std::error::Error as _;

use ampkg::ErrorClass;
use amps_testkit::PackageBuilder;

use crate::fixtures::verify;

const MANIFEST: &str = "formatVersion: 1\nformatType: am-package\n---\nid: org.example.hello\n";

fn in_header(text: &str) -> Vec<u8> {
    PackageBuilder::hello().header_line(&format!("extra: {text}")).build()
}

fn in_manifest(text: &str) -> Vec<u8> {
    PackageBuilder::hello().manifest(&format!("{MANIFEST}name: {text}")).build()
}

fn in_footer(text: &str) -> Vec<u8> {
    let head = "formatType: am-package-footer\nformatVersion: 2\n---\n";
    PackageBuilder::hello().footer(&format!("{head}digest: {text}\n")).build()
}

fn chain(error: &ampkg::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[track_caller]
fn check(text: &str, message: &str) {
    for (package, class) in [
        (in_header(text), ErrorClass::Metadata),
        (in_manifest(text), ErrorClass::Manifest),
        (in_footer(text), ErrorClass::Metadata),
    ] {
        let error = verify(&package).unwrap_err();
        let chain = chain(&error);
        assert!(chain.contains(message), "{chain}");
        assert!(chain.len() < 500, "a message of {} bytes", chain.len());
        assert_eq!(error.class(), class, "{chain}");
    }
}

#[test]
fn ten_thousand_levels_are_refused() {
    for open in ["- ", "? ", "[", "{a: "] {
        for package in [
            in_header(&format!("\n{}", open.repeat(10_000))),
            in_manifest(&format!("\n{}", open.repeat(10_000))),
        ] {
            let chain = chain(&verify(&package).unwrap_err());
            assert!(
                chain.contains("deeper than 64 levels") || chain.contains("recursion limit exceeded"),
                "{chain}"
            );
        }
    }
}

#[test]
fn anchors_aliases_and_tags_are_refused() {
    check("&x 1", "anchors and aliases are not supported");
    check("&x [1]", "anchors and aliases are not supported");
    check("!!str 1", "tags are not supported");
    check("*x", "unknown anchor");
    check("{ a: &x [x, x], b: &y [*x, *x], c: [*y, *y] }", "anchors and aliases are not supported");
}

#[test]
fn keys_are_strings_and_come_once() {
    check("{ a: 1, a: 2 }", "the key `a` comes twice in the mapping");
    check("{ a: 1, 'a': 2 }", "the key `a` comes twice in the mapping");
    check("{ yes: 1 }", "the mapping key `yes` is not a string: quote it");
    check("{ [a]: 1 }", "the mapping key `a list` is not a string: quote it");
}

#[test]
fn a_megabyte_of_anything_is_refused_or_read_in_no_time() {
    for text in [
        "[",
        "{",
        "[{",
        "- ",
        "? ",
        ": ",
        "'",
        "\"",
        "|",
        ">",
        "#",
        "&a ",
        "*a ",
        "!a ",
        "---\n",
        "...\n",
        "a\n",
        "a: \n",
        " a:\n",
        "\t",
        "\n",
        " ",
        "%YAML 1.1\n---\n",
        "a,",
        "[],",
        "{},",
        "\"\\x",
        "\u{feff}",
        "\u{1f600}",
    ] {
        let text = text.repeat((1 << 20) / text.len() - 200);
        // Whatever the verdict is: it comes, and its message is short.
        for package in [in_header(&text), in_manifest(&text), in_footer(&text)] {
            if let Err(error) = verify(&package) {
                assert!(chain(&error).len() < 1200, "{}", chain(&error).len());
            }
        }
    }
}
