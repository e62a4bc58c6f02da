//! Changing fields of a configuration file and leaving the rest of the text, comments above all, as it is.

use ampkg::yaml::{
    IntegerRange, Map, Mapping, Node, NodeKind, Value, YamlError, YamlLimits, emit, merge, parse,
};

/// What comes before the fields.
const HEAD: &str = "formatType: amps-configuration\nformatVersion: 1\n---\n";

/// The text with these fields set. `text` must be a configuration: two documents, both maps.
///
/// If the text is written in a way that cannot be changed line by line, it is written anew, and its comments are lost.
pub(crate) fn edit(text: &str, fields: &Map) -> Result<String, YamlError> {
    let documents = values(text)?;
    let expected: Vec<Map> = match documents.as_slice() {
        [format, before] => {
            let mut after = before.clone();
            for (name, value) in fields {
                // What was a list may become a text: `merge` would put both together.
                after.remove(name);
                merge(&mut after, Map::from([(name.clone(), value.clone())]));
            }
            vec![format.clone(), after]
        }
        _ => return Ok(text.into()),
    };
    if expected == documents {
        return Ok(text.into());
    }
    let edited =
        edit_lines(text, fields)?.filter(|edited| values(edited).is_ok_and(|found| found == expected));
    Ok(edited.unwrap_or_else(|| expected.get(1).map(anew).unwrap_or_default()))
}

/// A configuration without comments.
pub(crate) fn anew(fields: &Map) -> String {
    format!("{HEAD}{}", body(fields))
}

/// A map as it stands in a document.
fn body(fields: &Map) -> String {
    let text = emit(std::slice::from_ref(fields));
    text.strip_prefix("%YAML 1.1\n---\n").unwrap_or(&text).to_owned()
}

pub(crate) fn values(text: &str) -> Result<Vec<Map>, YamlError> {
    let map = |node: &Node| match node.to_value(IntegerRange::Wrap)? {
        Value::Map(map) => Ok(map),
        _ => Ok(Map::new()),
    };
    parse(text.as_bytes(), YamlLimits::default())?.iter().map(map).collect()
}

/// Some text, if its second document is a block map with each key on a line of its own. What comes out may still be wrong.
fn edit_lines(text: &str, fields: &Map) -> Result<Option<String>, YamlError> {
    let documents = parse(text.as_bytes(), YamlLimits::default())?;
    let Some(Node { kind: NodeKind::Mapping(mapping), position }) = documents.get(1) else { return Ok(None) };
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let end_of_line = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
        last.push_str(end_of_line);
    }
    let mut column = 1;
    if mapping.is_empty() {
        // `{}` makes way for the fields.
        match lines.get_mut(position.line.saturating_sub(1)) {
            Some(line) if line.trim() == "{}" => line.clear(),
            _ => return Ok(None),
        }
    } else if let Some((key, _)) = mapping.iter().next() {
        column = key.position.column;
    }
    let starts: Vec<usize> = mapping.iter().map(|(key, _)| key.position.line.saturating_sub(1)).collect();
    let end = end_of_document(&lines, starts.last().map_or(position.line, |last| last + 1));
    let write = |name: &String, value: &Value| written(name, value, column, end_of_line);
    let mut added = String::new();
    let mut replaced = Vec::new();
    for (name, value) in fields {
        match place(mapping, name) {
            None => added.push_str(&write(name, value)),
            Some(at) => {
                let Some(&from) = starts.get(at) else { return Ok(None) };
                let to = after_value(&lines, from, starts.get(at + 1).copied().unwrap_or(end));
                let comment =
                    (to == from + 1).then(|| lines.get(from).and_then(|line| comment(line))).flatten();
                replaced.push((from, to, with_comment(write(name, value), comment, end_of_line)));
            }
        }
    }
    let append_at = starts.last().map_or(position.line, |last| after_value(&lines, *last, end));
    lines.insert(append_at.min(lines.len()), added);
    // From the end, so that the lines before keep their numbers; the new ones came behind all of them.
    replaced.sort_by_key(|(from, _, _)| std::cmp::Reverse(*from));
    for (from, to, text) in replaced {
        if from >= to || to > lines.len() {
            return Ok(None);
        }
        lines.splice(from..to, [text]);
    }
    Ok(Some(lines.concat()))
}

fn place(mapping: &Mapping, name: &str) -> Option<usize> {
    mapping.iter().position(|(key, _)| key.text == name)
}

/// A field as it stands in a block map.
fn written(name: &str, value: &Value, column: usize, end_of_line: &str) -> String {
    let text = body(&Map::from([(name.to_owned(), value.clone())]));
    let indent = " ".repeat(column.saturating_sub(1));
    text.lines().flat_map(|line| [&indent, line, end_of_line]).collect()
}

fn with_comment(text: String, comment: Option<String>, end_of_line: &str) -> String {
    match comment {
        Some(comment) if text.lines().count() == 1 => format!("{} {comment}{end_of_line}", text.trim_end()),
        _ => text,
    }
}

/// The comment behind a value: the first `#` without which the line means the same.
fn comment(line: &str) -> Option<String> {
    let whole = values(line).ok()?;
    line.match_indices('#')
        .filter(|(at, _)| line.get(..*at).is_some_and(|before| before.ends_with([' ', '\t'])))
        .find(|(at, _)| {
            line.get(..*at).is_some_and(|before| values(before).is_ok_and(|found| found == whole))
        })
        .and_then(|(at, _)| line.get(at..))
        .map(|comment| comment.trim_end().to_owned())
}

/// The line behind the last one of the document that goes on at `from`.
fn end_of_document(lines: &[String], from: usize) -> usize {
    let is_marker = |line: &String| {
        let line = line.trim_end();
        line == "..." || line.starts_with("... ") || line == "---"
    };
    lines.iter().skip(from).position(is_marker).map_or(lines.len(), |at| from + at)
}

/// The line behind the last one of the value that begins at `from`: blank lines and comments before `to` belong to what follows.
fn after_value(lines: &[String], from: usize, to: usize) -> usize {
    let is_content = |line: &String| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    };
    let value = lines.get(from..to).unwrap_or_default();
    value.iter().rposition(is_content).map_or(to, |last| from + last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, fields: &[(&str, Value)], after: &str) {
        let fields: Map = fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let edited = edit(&format!("{HEAD}{before}"), &fields).unwrap();
        assert_eq!(edited, format!("{HEAD}{after}"), "{before}");
        assert_eq!(edit(&edited, &fields).unwrap(), edited, "the second time nothing changes");
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| Value::from(*item)).collect())
    }

    #[test]
    fn comments_and_order_stay() {
        check(
            "# ours\nprojectId: 'A#B' # the car\n\n# where\nlistenAddress: any\n# end\n",
            &[("projectId", Value::from("B")), ("storeSignCertificate", Value::from("s.p12"))],
            "# ours\nprojectId: 'B' # the car\n\n# where\nlistenAddress: any\nstoreSignCertificate: 's.p12'\n# end\n",
        );
    }

    #[test]
    fn values_of_several_lines_are_replaced() {
        let cas = "developerVerificationCaCertificates";
        check(
            &format!("{cas}:\n  - a.crt # one\n  - b.crt\n# next\nprojectId: >\n  A\n  B\n"),
            &[(cas, Value::from("c.crt")), ("projectId", Value::from("C"))],
            &format!("{cas}: 'c.crt'\n# next\nprojectId: 'C'\n"),
        );
        check(
            &format!("  {cas}: a.crt # one\n  projectId: A"),
            &[(cas, list(&["b.crt", "c.crt"]))],
            &format!("  {cas}:\n  - 'b.crt'\n  - 'c.crt'\n  projectId: A\n"),
        );
    }

    #[test]
    fn an_empty_map_is_filled() {
        check("{}\n", &[("projectId", Value::from("A"))], "projectId: 'A'\n");
        check(
            "# nothing yet\n{}\n# end\n",
            &[("projectId", Value::from("A"))],
            "# nothing yet\nprojectId: 'A'\n# end\n",
        );
    }

    #[test]
    fn what_ends_a_document_and_a_line_stays() {
        check("projectId: A\n...\n", &[("x", Value::from("y"))], "projectId: A\nx: 'y'\n...\n");
        let crlf = format!("{HEAD}projectId: A\n").replace('\n', "\r\n");
        let edited = edit(&crlf, &Map::from([("projectId".into(), Value::from("B"))])).unwrap();
        assert_eq!(edited, format!("{HEAD}projectId: 'B'\n").replace('\n', "\r\n"));
    }

    #[test]
    fn what_is_not_written_in_lines_is_written_anew() {
        check(
            "{ projectId: A, listenAddress: any } # all\n",
            &[("projectId", Value::from("B"))],
            "listenAddress: 'any'\nprojectId: 'B'\n",
        );
        check("? projectId\n: A\n", &[("projectId", Value::from("B"))], "  projectId: 'B'\n");
    }

    #[test]
    fn hostile_values_stay_values() {
        for value in ["a # b", "x\nprojectId: y", "'", "\u{1b}[2J", "", "{}", "---"] {
            let fields = Map::from([("projectId".into(), Value::from(value))]);
            for before in ["projectId: A # c\n", "listenAddress: any\n", "{}\n"] {
                let edited = edit(&format!("{HEAD}{before}"), &fields).unwrap();
                let found = values(&edited).unwrap().remove(1).remove("projectId");
                assert_eq!(found, Some(Value::from(value)), "{edited}");
            }
        }
    }
}
