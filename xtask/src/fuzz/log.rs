//! What libFuzzer's log says.

/// As much of the log as tells what happened: the panic, the stack, the verdict.
const END_LINES: usize = 60;

/// The last lines of the log.
pub(super) fn end_of(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(END_LINES)..).unwrap_or_default().join("\n")
}

/// The path of the input that was written down because it crashed, hung or grew too large.
pub(super) fn crashing_input(log: &str) -> Option<&str> {
    log.lines().rev().find_map(|line| line.split_once("Test unit written to ").map(|(_, path)| path.trim()))
}

/// The figures of the last status line, unless they say that nothing was covered.
///
/// Such a line reads `#2097152 pulse  cov: 12 ft: 14 corp: 5/17b lim: 4096 exec/s: 1048576 rss: 56Mb`.
pub(super) fn coverage(log: &str) -> Option<String> {
    log.lines().rev().find_map(|line| {
        let runs = line.strip_prefix('#')?.split_whitespace().next()?;
        let edges = after(line, "cov: ")?.parse::<u64>().ok().filter(|edges| *edges > 0)?;
        let (inputs, _) = after(line, "corp: ")?.split_once('/')?;
        Some(format!("{runs} runs, {edges} edges covered, {inputs} inputs kept"))
    })
}

fn after<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    line.split_once(label)?.1.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_last_status_line() {
        let log = "INFO: Seed: 1\n#2\tINITED cov: 3 ft: 3 corp: 1/1b exec/s: 0 rss: 27Mb\n\
            #500\tDONE   cov: 12 ft: 14 corp: 5/17b lim: 4096 exec/s: 50 rss: 56Mb\nDone 500 runs in 10 second(s)\n";
        assert_eq!(coverage(log).unwrap(), "500 runs, 12 edges covered, 5 inputs kept");
    }

    #[test]
    fn no_coverage_is_no_answer() {
        assert_eq!(
            coverage("#2\tINITED exec/s: 0 rss: 27Mb\nERROR: no interesting inputs were found.\n"),
            None
        );
        assert_eq!(coverage("#2\tDONE cov: 0 ft: 0 corp: 1/1b\n"), None);
        assert_eq!(coverage(""), None);
    }

    #[test]
    fn finds_the_input_that_crashed() {
        let log = "==1== ERROR: libFuzzer: deadly signal\n\
            artifact_prefix='a/'; Test unit written to a/crash-0123\nBase64: RlVaWg==\n";
        assert_eq!(crashing_input(log), Some("a/crash-0123"));
        assert_eq!(crashing_input("DONE"), None);
    }

    #[test]
    fn the_end_is_the_last_lines() {
        let log = (0..100).map(|line| line.to_string()).collect::<Vec<_>>().join("\n");
        let end = end_of(&log);
        assert_eq!(end.lines().count(), END_LINES);
        assert_eq!(end.lines().last(), Some("99"));
        assert_eq!(end_of("one\n"), "one");
    }
}
