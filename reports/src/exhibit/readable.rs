//! Octets made readable: JSON a member a line, anything else escaped, and never more than fits.

use std::fmt::Write as _;

use serde::{Deserialize, Deserializer, de::MapAccess};
use serde_json::value::RawValue;

use super::Bounds;
use crate::text::visible;

/// Beyond how many octets JSON is not laid out any more.
const LAID_OUT: usize = 1 << 22;

/// How deep JSON is laid out; what is deeper stands in one line.
const DEEPEST: usize = 32;

/// JSON with a member a line, so that a difference is a line; anything else as text, or as octets.
///
/// Members stand as they came: in their order, twice where they stand twice, numbers and texts letter
/// by letter.
#[must_use]
pub fn lines(octets: &[u8], bounds: &Bounds) -> Vec<String> {
    let text = std::str::from_utf8(octets).ok().filter(|text| text.len() <= LAID_OUT);
    let Some(value) = text.and_then(|text| serde_json::from_str::<&RawValue>(text).ok()) else {
        return vec![escaped(octets, bounds.text)];
    };
    let is_structure = value.get().starts_with(['{', '[']);
    if !is_structure {
        return vec![escaped(octets, bounds.text)];
    }
    let mut layout = Layout::default();
    layout.value(value, 0, "", "");
    if layout.compact.as_bytes() != octets {
        // White space or escapes are part of the case and do not survive laying out.
        layout.lines.push(format!("letter by letter: {}", escaped(octets, bounds.text)));
    }
    layout.lines
}

#[derive(Default)]
struct Layout {
    lines: Vec<String>,
    /// The same without white space, to tell whether there was any.
    compact: String,
}

impl Layout {
    fn value(&mut self, value: &RawValue, depth: usize, before: &str, behind: &str) {
        let text = value.get();
        let indent = "  ".repeat(depth);
        let parts = if depth < DEEPEST { parts(text) } else { None };
        let Some((open, close, parts)) = parts.filter(|(_, _, parts)| !parts.is_empty()) else {
            self.compact.push_str(text);
            self.lines.push(format!("{indent}{before}{}{behind}", visible(text)));
            return;
        };
        self.lines.push(format!("{indent}{before}{open}"));
        self.compact.push(open);
        let last = parts.len() - 1;
        for (at, (name, part)) in parts.iter().enumerate() {
            let comma = if at < last { "," } else { "" };
            let name = name.as_ref().map(|name| serde_json::to_string(name).unwrap_or_default());
            if let Some(name) = &name {
                self.compact.push_str(name);
                self.compact.push(':');
            }
            let before = name.map_or_else(String::new, |name| format!("{}: ", visible(&name)));
            self.value(part, depth + 1, &before, comma);
            self.compact.push_str(comma);
        }
        self.compact.push(close);
        self.lines.push(format!("{indent}{close}{behind}"));
    }
}

type Parts<'a> = (char, char, Vec<(Option<String>, &'a RawValue)>);

/// The members of an object or the entries of an array; none of anything else.
fn parts(text: &str) -> Option<Parts<'_>> {
    if text.starts_with('{') {
        let members: Members<'_> = serde_json::from_str(text).ok()?;
        let parts = members.0.into_iter().map(|(name, value)| (Some(name), value)).collect();
        return Some(('{', '}', parts));
    }
    if text.starts_with('[') {
        let entries: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        return Some(('[', ']', entries.into_iter().map(|value| (None, value)).collect()));
    }
    None
}

/// An object's members, duplicates and all.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        from.deserialize_map(Visitor).map(Members)
    }
}

/// Octets as a text in which everything can be seen, without its middle where it is long.
#[must_use]
pub fn escaped(octets: &[u8], bound: usize) -> String {
    if let Ok(text) = std::str::from_utf8(octets) {
        return abridged(text, bound);
    }
    let letters = octets.iter().filter(|octet| octet.is_ascii_graphic()).count();
    let text = |octets: &[u8]| {
        // A text with a stray octet is read best as a text, a key or a signature as digits.
        if letters > octets.len() / 2 { octets.escape_ascii().to_string() } else { hex(octets) }
    };
    if octets.len() <= bound / 2 {
        return format!("not UTF-8: {}", text(octets));
    }
    let (begin, end) = (octets.get(..bound / 4), octets.get(octets.len() - bound / 8..));
    let (begin, end) = (text(begin.unwrap_or_default()), text(end.unwrap_or_default()));
    format!("not UTF-8: {begin} … {end} ({} octets in all)", octets.len())
}

/// A text in which everything can be seen, without its middle where it is longer than `bound`.
#[must_use]
pub fn abridged(text: &str, bound: usize) -> String {
    if text.len() <= bound {
        return visible(text);
    }
    // On the boundaries of characters.
    let begin = (0..=bound * 3 / 4).rev().find_map(|at| text.get(..at)).unwrap_or_default();
    let end =
        (text.len() - bound / 8..=text.len()).find_map(|at| text.get(at..)).unwrap_or_default();
    format!("{} … {} ({} octets in all)", visible(begin), visible(end), text.len())
}

/// Octets as hexadecimal digits.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: usize = Bounds::TERMINAL.text;

    fn lines(octets: &[u8]) -> Vec<String> {
        super::lines(octets, &Bounds::TERMINAL)
    }

    fn escaped(octets: &[u8]) -> String {
        super::escaped(octets, SHOWN)
    }

    #[test]
    fn json_is_laid_out_as_it_came() {
        assert_eq!(
            lines(br#"{"a":1.0,"a":1e0,"b":["x",{"c":"\u0061"}],"d":{}}"#),
            [
                "{",
                r#"  "a": 1.0,"#,
                r#"  "a": 1e0,"#,
                r#"  "b": ["#,
                r#"    "x","#,
                "    {",
                r#"      "c": "\u0061""#,
                "    }",
                "  ],",
                r#"  "d": {}"#,
                "}",
            ]
        );
        assert_eq!(lines(b"{ \"a\":1}\n").last().unwrap(), r#"letter by letter: { "a":1}\n"#);
        assert_eq!(lines(br#"{"\u0061":1}"#).len(), 4, "the name's escape is told");
        assert_eq!(lines(b"\"text\""), ["\"text\""]);
        assert_eq!(lines(b"foo\0"), ["foo\\u{0}"]);
    }

    #[test]
    fn hostile_json_ends() {
        for text in ["[".repeat(1 << 20), format!("{}1{}", "[".repeat(100), "]".repeat(100))] {
            let shown: usize = lines(text.as_bytes()).iter().map(String::len).sum();
            assert!(shown < 1 << 16, "{shown}");
        }
    }

    #[test]
    fn nothing_acts_on_the_terminal_and_nothing_is_too_long() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}b\u{a0}ü"), "a\\u{1b}[31m\\u{202e}b\\u{a0}ü");
        assert_eq!(escaped(b"\xff\x00a"), "not UTF-8: ff0061");
        assert_eq!(escaped(b"eyJ.\xff"), "not UTF-8: eyJ.\\xff");
        for octets in ["ü".repeat(1 << 20).into_bytes(), vec![0xff; 1 << 20]] {
            assert!(escaped(&octets).len() < 2 * SHOWN);
            assert!(escaped(&octets).ends_with(" octets in all)"));
        }
    }
}
