//! Text from outside, made safe to show on a terminal.

use std::fmt::{self, Display, Write};

/// Shows text from outside (file names, package names, names in certificates) with everything escaped that
/// could do more than show text.
///
/// Escaped as `\n`, `\r`, `\t` or `\u{…}`:
/// - control characters, C0, DEL and C1: they start escape sequences, move the cursor, or begin a new line
///   that looks like one of ours;
/// - bidirectional controls (Unicode annex 9): they show text in another order than it has;
/// - the line and paragraph separators U+2028 and U+2029.
///
/// A backslash stays as it is, so that paths read as usual; the result is for eyes, not for parsing.
/// Escaping twice gives the same as escaping once.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if is_active(c) => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Whether a terminal or a text renderer acts on the character instead of showing it.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' // marks
            | '\u{202a}'..='\u{202e}' // embeddings and overrides
            | '\u{2066}'..='\u{2069}' // isolates
            | '\u{206a}'..='\u{206f}' // deprecated shaping and swapping controls
            | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_what_a_terminal_acts_on_and_nothing_else() {
        for (input, expected) in [
            ("", ""),
            ("hello-world.red", "hello-world.red"),
            ("Gerät 7 – 日本語 👩‍💻", "Gerät 7 – 日本語 👩‍💻"),
            (r"C:\new\table", r"C:\new\table"),
            ("a\nERROR: b", r"a\nERROR: b"),
            ("a\r\tb", r"a\r\tb"),
            ("\u{1b}[2J\u{7}", r"\u{1b}[2J\u{7}"),
            ("\u{1b}]0;title\u{9c}", r"\u{1b}]0;title\u{9c}"),
            ("\u{9b}31m\u{7f}\0", r"\u{9b}31m\u{7f}\u{0}"),
            ("gpm\u{202e}kpma.x", r"gpm\u{202e}kpma.x"),
            ("\u{2066}x\u{2069}\u{61c}\u{200f}", r"\u{2066}x\u{2069}\u{61c}\u{200f}"),
            ("\u{206e}a\u{2028}b\u{2029}", r"\u{206e}a\u{2028}b\u{2029}"),
        ] {
            assert_eq!(Printable(input).to_string(), expected, "{input:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_active_remains_and_escaping_twice_changes_nothing(text in any::<String>()) {
            let once = Printable(&text).to_string();
            prop_assert!(!once.chars().any(is_active));
            prop_assert_eq!(Printable(&once).to_string(), once.clone());
        }

        #[test]
        fn harmless_text_stays(text in "[a-zA-Z0-9äöü日本 ./\\\\:_-]{0,60}") {
            prop_assert_eq!(Printable(&text).to_string(), text);
        }
    }
}
