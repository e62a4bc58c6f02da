//! How a value from outside stands in a message: in backticks, short, with nothing a terminal would obey.

use std::fmt::Write as _;

/// Longest value that is shown whole, in characters.
const SHOWN_CHARS: usize = 160;

/// Puts `value` into backticks for a message: control characters and bidirectional overrides are escaped, and a long
/// value is cut with its length named, so that hostile text can neither steer a terminal nor flood a log.
///
/// ```
/// assert_eq!(ampkg::quoted("main.qml"), "`main.qml`");
/// assert_eq!(ampkg::quoted("a\u{1b}[2J"), r"`a\u{1b}[2J`");
/// ```
pub fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len().min(SHOWN_CHARS) + 2);
    text.push('`');
    for character in value.chars().take(SHOWN_CHARS) {
        if is_unsafe(character) {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text.push('`');
    if value.chars().nth(SHOWN_CHARS).is_some() {
        // Writing to a String cannot fail.
        let _ = write!(text, "… ({} bytes)", value.len());
    }
    text
}

/// The whole of `value` with control characters and bidirectional overrides escaped: for a line on a console.
pub fn escaped(value: &str) -> String {
    value.chars().fold(String::with_capacity(value.len()), |mut text, character| {
        if is_unsafe(character) {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
        text
    })
}

/// Whether `character` could change how the text around it is shown: controls, and Unicode's bidirectional controls
/// (UAX #9, section 2).
pub(crate) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_a_terminal_would_obey() {
        assert_eq!(quoted("a\nb"), r"`a\nb`");
        assert_eq!(quoted("\u{202e}x"), r"`\u{202e}x`");
        assert_eq!(quoted("Grüße"), "`Grüße`");
    }

    #[test]
    fn cuts_a_long_value_and_says_how_long_it_was() {
        let shown = quoted(&"x".repeat(1000));
        assert!(shown.ends_with("`… (1000 bytes)"), "{shown}");
        assert!(shown.len() < 200);
        assert_eq!(quoted(&"x".repeat(160)).len(), 162);
    }
}
