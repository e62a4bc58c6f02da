//! Whether commands print what a book says: `…` stands for anything in a line, a line `...` for any lines.

/// Whether what was found is not what is expected.
pub(crate) fn differs(expected: &str, found: &str) -> bool {
    let lines = |text| str::trim_end(text).lines().collect::<Vec<&str>>();
    !fits(&lines(expected), &lines(found), |line| *line == "...", |a, b| line_fits(a, b))
}

fn line_fits(expected: &str, found: &str) -> bool {
    let characters = |text: &str| text.trim_end().chars().collect::<Vec<_>>();
    fits(&characters(expected), &characters(found), |character| *character == '…', |a, b| a == b)
}

/// Whether `found` is `expected`, in which some items stand for any number of others. The last such item is the only one that is
/// ever given more, so this ends soon.
fn fits<T>(expected: &[T], found: &[T], is_any: impl Fn(&T) -> bool, is: impl Fn(&T, &T) -> bool) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut retry = None;
    while seen < found.len() {
        if at < expected.len() && is_any(&expected[at]) {
            at += 1;
            retry = Some((at, seen));
        } else if at < expected.len() && is(&expected[at], &found[seen]) {
            (at, seen) = (at + 1, seen + 1);
        } else if let Some((after, from)) = retry {
            (at, seen) = (after, from + 1);
            retry = Some((after, from + 1));
        } else {
            return false;
        }
    }
    expected[at..].iter().all(is_any)
}

#[test]
fn wildcards_stand_for_what_changes_and_nothing_else() {
    for (expected, found) in [
        ("a\nb\n", "a\nb"),
        ("a …d\n", "a bcd\n"),
        ("…", "anything"),
        ("a\n...\nz", "a\nz"),
        ("a\n...\nz", "a\nz\ny\nz\n"),
        ("...", ""),
        ("id: …, size: … bytes", "id: x, y, size: 3 bytes"),
    ] {
        assert!(!differs(expected, found), "{expected} {found}");
    }
    for (expected, found) in [
        ("a", "b"),
        ("a", ""),
        ("", "a"),
        ("a", "a\nb"),
        ("…", "a\nb"),
        ("a\n...\nz", "a\nz\ny"),
        ("a …d", "a bce"),
    ] {
        assert!(differs(expected, found), "{expected} {found}");
    }
}
