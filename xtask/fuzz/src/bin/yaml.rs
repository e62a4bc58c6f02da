//! Any bytes as YAML: what is read and written again is read as the same values.
#![no_main]

use ampkg::yaml::{IntegerRange, Map, Value, YamlLimits, emit, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(maps) = maps(bytes) {
        let text = emit(&maps);
        let again = self::maps(text.as_bytes());
        // As text, because NaN is not equal to itself.
        assert_eq!(format!("{again:?}"), format!("{:?}", Some(maps)), "{text}");
    }
});

/// The documents, if all of them are maps, which is what metadata consists of.
fn maps(bytes: &[u8]) -> Option<Vec<Map>> {
    let documents = parse(bytes, YamlLimits::default()).ok()?;
    let typed = documents.iter().map(|document| match document.to_value(IntegerRange::Wrap) {
        Ok(Value::Map(map)) => Some(map),
        _ => None,
    });
    // A text without any document has nothing to write.
    typed.collect::<Option<Vec<Map>>>().filter(|maps| !maps.is_empty())
}
