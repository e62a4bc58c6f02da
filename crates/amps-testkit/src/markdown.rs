//! The fenced blocks and the comments of a page, in their order: what documentation shows as commands, tests run.

/// Something in a page that a test may want to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A fenced block.
    Block {
        /// The line of its fence, from 1.
        line: usize,
        /// What stands behind the fence: a language, and what follows it.
        info: String,
        /// Its lines.
        text: String,
    },
    /// A comment, which readers do not see.
    Comment {
        /// The line where it begins.
        line: usize,
        /// What stands between its marks.
        text: String,
    },
}

/// The blocks and comments of a page.
///
/// # Panics
/// If one of them has no end.
pub fn parts(page: &str) -> Vec<Part> {
    let mut found = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((index, first)) = lines.next() {
        let line = index + 1;
        let collect = |lines: &mut dyn Iterator<Item = (usize, &str)>, end: &str| {
            let mut text = String::new();
            loop {
                let next =
                    lines.next().unwrap_or_else(|| panic!("line {line}: nothing ends what begins here"));
                match next.1.split_once(end) {
                    Some((rest, _)) => return text + rest,
                    None => text = text + next.1 + "\n",
                }
            }
        };
        if let Some(info) = first.strip_prefix("```") {
            found.push(Part::Block { line, info: info.trim().into(), text: collect(&mut lines, "```") });
        } else if let Some(rest) = first.strip_prefix("<!--") {
            let text = match rest.split_once("-->") {
                Some((text, _)) => text.into(),
                None => format!("{rest}\n{}", collect(&mut lines, "-->")),
            };
            found.push(Part::Comment { line, text: text.trim().into() });
        }
    }
    found
}

/// The texts of the blocks in this language that have nothing else behind their fence.
///
/// # Panics
/// As [`parts`].
pub fn blocks_in(page: &str, language: &str) -> Vec<String> {
    let text = |part| match part {
        Part::Block { info, text, .. } if info == language => Some(text),
        _ => None,
    };
    parts(page).into_iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_comments_are_found_in_their_order() {
        let page = "# A\n\n<!-- scene: x -->\n```sh not-run: y\nls\n\npwd\n```\ntext\n<!--\na\nb\n-->\n```sh\nid\n```\n";
        let block = |line, info: &str, text: &str| Part::Block { line, info: info.into(), text: text.into() };
        assert_eq!(
            parts(page),
            [
                Part::Comment { line: 3, text: "scene: x".into() },
                block(4, "sh not-run: y", "ls\n\npwd\n"),
                Part::Comment { line: 10, text: "a\nb".into() },
                block(14, "sh", "id\n"),
            ]
        );
        assert_eq!(blocks_in(page, "sh"), ["id\n"]);
    }

    #[test]
    #[should_panic(expected = "line 2: nothing ends what begins here")]
    fn a_block_without_an_end_is_no_block() {
        parts("a\n```sh\nb\n");
    }
}
