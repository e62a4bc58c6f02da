//! Adds up the closing lines of the test programs that one `cargo test` runs.

use std::fmt;

/// Tests over all programs so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TestCounts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl TestCounts {
    /// Takes one line of output; any but a closing line is passed over.
    pub(crate) fn read(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for count in counts.split(';') {
            let mut words = count.split_whitespace();
            let number = words.next().and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                Some("ignored") => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Whether nothing was run at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.passed + self.failed == 0
    }
}

impl fmt::Display for TestCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "tests: {} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_closing_lines_only() {
        let mut counts = TestCounts::default();
        for line in [
            "running 3 tests",
            "test reads_a_number ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n",
            "   Doc-tests ampkg",
            "test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ] {
            counts.read(line);
        }
        assert_eq!(counts, TestCounts { passed: 5, failed: 4, skipped: 1 });
        assert_eq!(counts.to_string(), "tests: 5 passed, 4 failed, 1 skipped");
    }

    #[test]
    fn a_run_of_skipped_tests_is_empty() {
        let mut counts = TestCounts::default();
        counts.read("test result: ok. 0 passed; 0 failed; 7 ignored; 0 measured; 0 filtered out");
        assert!(counts.is_empty());
    }
}
