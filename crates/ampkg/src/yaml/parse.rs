//! From bytes to nodes, bounded.

use std::{borrow::Cow, collections::HashSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput};

use super::{Key, Mapping, Node, NodeKind, Position, Scalar, Style, Value, YamlError, scalar::IntegerRange};

/// How much a YAML text may hold; both limits are inclusive. The bytes are bounded by whoever read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YamlLimits {
    /// Levels of lists and maps in each other. Default 64.
    pub depth: usize,
    /// Scalars, lists and maps in all documents together, keys included. Default 100,000.
    pub nodes: usize,
}

impl Default for YamlLimits {
    fn default() -> Self {
        Self { depth: 64, nodes: 100_000 }
    }
}

/// Parses all documents of a text.
///
/// Refused: what is not UTF-8, anchors, aliases, tags, keys that are not strings, keys that come twice, and anything above
/// `limits`. An empty document is a null scalar.
/// ```
/// use ampkg::yaml::{Value, IntegerRange, YamlLimits, parse};
///
/// let documents = parse(b"id: hello\nversion: 1.0\n", YamlLimits::default())?;
/// let Value::Map(map) = documents[0].to_value(IntegerRange::Wrap)? else { panic!() };
/// assert_eq!(map["version"], Value::Double(1.0));
/// # Ok::<(), ampkg::yaml::YamlError>(())
/// ```
pub fn parse(bytes: &[u8], limits: YamlLimits) -> Result<Vec<Node>, YamlError> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut composer = Composer { parser: Parser::new_from_str(text), limits, nodes: 0 };
    composer.stream()
}

fn not_utf8(bytes: &[u8], offset: usize) -> YamlError {
    let good = String::from_utf8_lossy(bytes.get(..offset).unwrap_or_default());
    let line = good.matches('\n').count() + 1;
    let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    YamlError::NotUtf8 { position: Position { line, column } }
}

struct Composer<'text> {
    parser: Parser<'text, StrInput<'text>>,
    limits: YamlLimits,
    nodes: usize,
}

impl<'text> Composer<'text> {
    fn stream(&mut self) -> Result<Vec<Node>, YamlError> {
        let mut documents = Vec::new();
        loop {
            // The iterator repeats an error for ever: the `?` in `next` leaves at the first.
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(documents),
                (Event::StreamStart | Event::Nothing | Event::DocumentStart(_) | Event::DocumentEnd, _) => {}
                (event, position) => documents.push(self.node(event, position, 0)?),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'text>, Position), YamlError> {
        match self.parser.next() {
            Some(Ok((event, span))) => Ok((event, position(span.start))),
            Some(Err(error)) => Err(syntax(&error)),
            None => Ok((Event::StreamEnd, Position { line: 1, column: 1 })),
        }
    }

    fn node(&mut self, event: Event<'text>, position: Position, depth: usize) -> Result<Node, YamlError> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(YamlError::TooManyNodes { position, limit: self.limits.nodes });
        }
        let kind = match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse(anchor, tag.is_some(), position)?;
                NodeKind::Scalar(scalar(text, style))
            }
            Event::SequenceStart(anchor, tag) => {
                refuse(anchor, tag.is_some(), position)?;
                NodeKind::Sequence(self.sequence(self.deeper(depth, position)?)?)
            }
            Event::MappingStart(anchor, tag) => {
                refuse(anchor, tag.is_some(), position)?;
                NodeKind::Mapping(self.mapping(self.deeper(depth, position)?)?)
            }
            Event::Alias(_) => return Err(YamlError::AnchorOrAlias { position }),
            _ => return Err(YamlError::Syntax { position, message: "expected a value".into() }),
        };
        Ok(Node { position, kind })
    }

    fn deeper(&self, depth: usize, position: Position) -> Result<usize, YamlError> {
        if depth >= self.limits.depth {
            return Err(YamlError::TooDeep { position, limit: self.limits.depth });
        }
        Ok(depth + 1)
    }

    fn sequence(&mut self, depth: usize) -> Result<Vec<Node>, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, position) => items.push(self.node(event, position, depth)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Mapping, YamlError> {
        let mut mapping = Mapping::default();
        let mut seen = HashSet::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(mapping),
                (event, position) => key(&self.node(event, position, depth)?)?,
            };
            if !seen.insert(key.text.clone()) {
                return Err(YamlError::DuplicateKey { position: key.position, key: key.text });
            }
            let (event, position) = self.next()?;
            mapping.entries.push((key, self.node(event, position, depth)?));
        }
    }
}

fn key(node: &Node) -> Result<Key, YamlError> {
    let position = node.position;
    match &node.kind {
        NodeKind::Scalar(scalar) => match node.to_value(IntegerRange::Wrap) {
            Ok(Value::String(text)) => Ok(Key { text, position }),
            _ => Err(YamlError::KeyNotString { position, key: scalar.text.clone() }),
        },
        kind => Err(YamlError::KeyNotString { position, key: format!("a {}", kind.name()) }),
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Scalar {
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted
        | ScalarStyle::DoubleQuoted
        | ScalarStyle::Literal
        | ScalarStyle::Folded => Style::Quoted,
    };
    Scalar { text: text.into_owned(), style }
}

fn refuse(anchor: usize, tagged: bool, position: Position) -> Result<(), YamlError> {
    if anchor != 0 {
        return Err(YamlError::AnchorOrAlias { position });
    }
    if tagged {
        return Err(YamlError::Tag { position });
    }
    Ok(())
}

fn position(marker: Marker) -> Position {
    Position { line: marker.line(), column: marker.col() + 1 }
}

fn syntax(error: &ScanError) -> YamlError {
    YamlError::Syntax { position: position(*error.marker()), message: error.info().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Node>, YamlError> {
        parse(text.as_bytes(), YamlLimits::default())
    }

    fn at(line: usize, column: usize) -> Position {
        Position { line, column }
    }

    #[test]
    fn keeps_text_style_and_position() {
        let documents = parsed("%YAML 1.1\n---\na: 1\n---\nb:\n - '1'\n").unwrap();
        assert_eq!(documents.len(), 2);
        let NodeKind::Mapping(mapping) = &documents[1].kind else { panic!() };
        let NodeKind::Sequence(items) = &mapping.find("b").unwrap().kind else { panic!() };
        assert_eq!(items[0].position, at(6, 4));
        assert_eq!(items[0].kind, NodeKind::Scalar(Scalar { text: "1".into(), style: Style::Quoted }));
    }

    #[test]
    fn names_where_a_defect_stands() {
        for (text, error) in [
            ("a: &x 1", YamlError::AnchorOrAlias { position: at(1, 4) }),
            (
                "a: *x",
                YamlError::Syntax {
                    position: at(1, 4),
                    message: "while parsing node, found unknown anchor".into(),
                },
            ),
            ("a: !!str 1", YamlError::Tag { position: at(1, 4) }),
            ("a: 1\nb: 2\na: 3", YamlError::DuplicateKey { position: at(3, 1), key: "a".into() }),
            ("'a': 1\na: 3", YamlError::DuplicateKey { position: at(2, 1), key: "a".into() }),
            ("yes: 1", YamlError::KeyNotString { position: at(1, 1), key: "yes".into() }),
            ("~: 1", YamlError::KeyNotString { position: at(1, 1), key: "~".into() }),
            ("12: 1", YamlError::KeyNotString { position: at(1, 1), key: "12".into() }),
            ("? [a]\n: 1", YamlError::KeyNotString { position: at(1, 3), key: "a list".into() }),
        ] {
            assert_eq!(parsed(text), Err(error), "{text:?}");
        }
        assert_eq!(
            parse(b"a: 1\nb: \xff", YamlLimits::default()),
            Err(YamlError::NotUtf8 { position: at(2, 4) })
        );
    }

    #[test]
    fn quoted_keys_are_strings() {
        assert!(parsed("'yes': 1\n\"12\": 2\n").is_ok());
    }

    #[test]
    fn limits_are_inclusive() {
        let limits = YamlLimits { depth: 3, nodes: 7 };
        for (text, good) in [
            ("[[[]]]", true),
            ("[[[[]]]]", false),
            ("a: {b: {}}", true),
            ("a: {b: {c: {}}}", false),
            ("[1, 2, 3, 4, 5, 6]", true),
            ("[1, 2, 3, 4, 5, 6, 7]", false),
            ("{a: 1, b: 2, c: 3}", true),
            ("{a: 1, b: 2, c: 3, d: 4}", false),
        ] {
            assert_eq!(parse(text.as_bytes(), limits).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn ten_thousand_levels_are_refused_at_once() {
        for text in ["[".repeat(10_000), "{a: ".repeat(10_000), "- ".repeat(10_000), "? ".repeat(10_000)] {
            // The scanner has a limit of its own for brackets that it must look into.
            let refused = parsed(&text).map(|_| ()).unwrap_err();
            match refused {
                YamlError::TooDeep { limit: 64, .. } => {}
                YamlError::Syntax { message, .. } if message == "recursion limit exceeded" => {}
                other => panic!("{other}"),
            }
        }
    }
}
