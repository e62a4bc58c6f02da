//! Every text that a page asks for is there.

use amps_ui::{Asset, assets};

fn modules() -> impl Iterator<Item = (&'static Asset, &'static str)> {
    let is_ours = |file: &&Asset| file.path.starts_with("js/");
    assets().iter().filter(is_ours).map(|file| (file, std::str::from_utf8(file.bytes).unwrap()))
}

/// What stands in quotes behind a marker that begins a word.
fn quoted<'t>(text: &'t str, marker: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(marker).filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        let is_word = before.is_none_or(|before| !before.is_alphanumeric() && !matches!(before, '_' | '.'));
        is_word.then(|| text[at + marker.len()..].split('\'').next().unwrap())
    })
}

#[test]
fn every_text_that_is_asked_for_is_there() {
    let all: String = modules().map(|(_, text)| text).collect();
    let has = |key: &str| all.contains(&format!("'{key}':"));
    let mut asked = 0;
    for (file, text) in modules() {
        for key in quoted(text, "t('") {
            assert!(has(key), "{}: {key}", file.path);
            asked += 1;
        }
        for key in quoted(text, "counted('") {
            assert!(has(&format!("{key}.other")), "{}: {key}", file.path);
            asked += 1;
        }
    }
    assert!(asked > 150, "only {asked} texts");
}

#[test]
fn no_text_has_two_meanings() {
    for (file, text) in
        modules().filter(|(_, text)| text.contains("'app.name':") || text.contains("addTexts("))
    {
        let mut keys: Vec<&str> = text
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix('\'')?.split_once("':"))
            .map(|(key, _)| key)
            .collect();
        keys.sort_unstable();
        for pair in keys.windows(2) {
            assert_ne!(pair[0], pair[1], "{}", file.path);
        }
    }
}
