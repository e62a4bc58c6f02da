//! JSON for eyes and programs.

use std::fmt::Write as _;

use amps_cli::Printable;

/// The same JSON, ended by a line end, in a form in which nothing of it can steer a terminal: what JSON leaves as it is and a
/// terminal does not, like U+009B or an override of the direction, is written as `\u…`.
pub(crate) fn printable(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 1);
    let mut buffer = [0; 4];
    for character in json.chars() {
        // Outside of strings there is nothing but printable ASCII and line ends.
        if matches!(character, ' '..='~' | '\n') || is_harmless(character.encode_utf8(&mut buffer)) {
            text.push(character);
        } else {
            // Writing to a String cannot fail.
            let _ =
                character.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(text, "\\u{unit:04x}"));
        }
    }
    text.push('\n');
    text
}

fn is_harmless(text: &str) -> bool {
    Printable(text).to_string() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_means_the_same() {
        for (text, expected) in [
            ("plain \\ \"text\"", r#""plain \\ \"text\"""#),
            ("Grüße 日本 👩", "\"Grüße 日本 👩\""),
            ("\u{1b}[2J\n", r#""\u001b[2J\n""#),
            ("\u{9b}31m\u{7f}\u{202e}\u{2028}", r#""\u009b31m\u007f\u202e\u2028""#),
        ] {
            let json = printable(&serde_json::to_string(text).unwrap());
            assert_eq!(json, format!("{expected}\n"));
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
