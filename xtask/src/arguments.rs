//! The command line, read word by word.

use crate::error::Error;
use std::collections::VecDeque;
use std::str::FromStr;

/// The words that have not been read yet.
#[derive(Debug)]
pub(crate) struct Arguments(VecDeque<String>);

impl Arguments {
    /// The words after the program's name.
    pub(crate) fn from_process() -> Self {
        Self::from_words(std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()))
    }

    pub(crate) fn from_words(words: impl IntoIterator<Item = String>) -> Self {
        Self(words.into_iter().collect())
    }

    pub(crate) fn asks_for_help(&self) -> bool {
        self.0.iter().any(|word| word == "--help" || word == "-h")
    }

    /// The next word, taken.
    pub(crate) fn next(&mut self) -> Option<String> {
        self.0.pop_front()
    }

    /// The value that must follow `option`.
    pub(crate) fn value<T: FromStr>(&mut self, option: &str, expected: &str) -> Result<T, Error> {
        let word =
            self.next().ok_or_else(|| Error::unable(format!("`{option}` needs {expected} after it")))?;
        word.parse().map_err(|_| Error::unable(format!("`{option}` needs {expected}, found `{word}`")))
    }

    /// Refuses words that nobody asked for.
    pub(crate) fn end(mut self) -> Result<(), Error> {
        match self.next() {
            None => Ok(()),
            Some(word) => {
                Err(Error::unable(format!("unexpected argument `{word}`, this command takes none")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Arguments {
        Arguments::from_words(words.iter().map(ToString::to_string))
    }

    #[test]
    fn reads_a_number() {
        assert_eq!(arguments(&["10"]).value::<u64>("--seconds", "a number").unwrap(), 10);
    }

    #[test]
    fn names_what_it_expected() {
        let error = arguments(&["ten"]).value::<u64>("--seconds", "a number").unwrap_err();
        assert_eq!(error.to_string(), "`--seconds` needs a number, found `ten`");
        let error = arguments(&[]).value::<u64>("--seconds", "a number").unwrap_err();
        assert_eq!(error.to_string(), "`--seconds` needs a number after it");
    }

    #[test]
    fn refuses_words_left_over() {
        assert!(arguments(&[]).end().is_ok());
        assert!(arguments(&["extra"]).end().is_err());
    }
}
