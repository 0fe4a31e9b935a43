//! How a line is read: bounded, and split into names and values.

use std::io::{self, BufRead};

use anyhow::{anyhow, bail};
use serde_json::Value;

use crate::adapter::text::printable_to;

/// The longest line, in octets; what is longer is passed over.
pub(super) const LONGEST: usize = 64 << 10;
/// How much of somebody's words an error repeats, in octets.
const REPEATED: usize = 80;

/// A line of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Text(String),
    /// Why it was not read; what stands behind its end is.
    Unreadable(String),
}

/// The next line, without its end; nothing at the end of the input.
pub(super) fn read_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut octets: Vec<u8> = Vec::new();
    let mut length = 0_usize;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() && length == 0 {
            return Ok(None);
        }
        let end = available.iter().position(|octet| *octet == b'\n');
        let taken = end.map_or(available.len(), |end| end + 1);
        let is_over = end.is_some() || available.is_empty();
        let room = (LONGEST + 1).saturating_sub(octets.len());
        octets.extend(available.iter().take(taken.min(room)));
        length = length.saturating_add(taken);
        input.consume(taken);
        if is_over {
            break;
        }
    }
    if octets.last() == Some(&b'\n') {
        octets.pop();
    }
    if octets.last() == Some(&b'\r') {
        octets.pop();
    }
    if octets.len() > LONGEST {
        let why = format!("a line of {length} octets is not read; expected at most {LONGEST}");
        return Ok(Some(Line::Unreadable(why)));
    }
    Ok(Some(match String::from_utf8(octets) {
        Err(_) => Line::Unreadable("the line is no UTF-8, and is not read".to_owned()),
        Ok(text) if text.chars().any(|c| c.is_control() && c != '\t') => {
            let why =
                "the line holds a control character, and is not read; in JSON write it as \\u0000";
            Line::Unreadable(why.to_owned())
        }
        Ok(text) => Line::Text(text),
    }))
}

/// Somebody's words in an error of ours.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", printable_to(text, REPEATED))
}

/// A value as it was given.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given {
    /// In single quotes: a text, whatever it looks like.
    Text(String),
    /// An object, an array, or a text in double quotes.
    Json(Value),
    /// Up to the next blank.
    Word(String),
}

impl Given {
    /// Its text, for what takes no other JSON.
    pub(super) fn text(&self) -> anyhow::Result<&str> {
        match self {
            Self::Text(text) | Self::Word(text) | Self::Json(Value::String(text)) => Ok(text),
            Self::Json(other) => bail!("expected a text, found {}", quoted(&other.to_string())),
        }
    }

    /// The JSON that it is: a time such as `now+60`, JSON if a word parses as such, or else a text.
    pub(super) fn value(&self, now: i64) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Json(value) => value.clone(),
            Self::Word(word) => match word.strip_prefix("now").and_then(seconds) {
                Some(seconds) => Value::from(now.saturating_add(seconds)),
                None => serde_json::from_str(word).unwrap_or_else(|_| Value::from(word.as_str())),
            },
        }
    }
}

/// `+60`, `-60`, or nothing for nothing.
pub(super) fn seconds(text: &str) -> Option<i64> {
    match text.strip_prefix(['+', '-']) {
        None => text.is_empty().then_some(0),
        Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => text.parse().ok(),
        Some(_) => None,
    }
}

/// `NAME=VALUE…`; a value is a word, JSON, or a text in single quotes.
pub(super) fn assignments(mut rest: &str) -> anyhow::Result<Vec<(String, Given)>> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(found);
        }
        let word = first_word(rest).0;
        let Some((name, _)) = word.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            bail!("expected NAME=VALUE, found {}", quoted(word));
        };
        let behind = rest.get(name.len() + 1..).unwrap_or_default();
        let (given, left) = value(behind).map_err(|error| anyhow!("in `{name}`: {error}"))?;
        if !left.is_empty() && !left.starts_with(char::is_whitespace) {
            bail!("expected a blank behind the value of `{name}`, found {}", quoted(left));
        }
        found.push((name.to_owned(), given));
        rest = left;
    }
}

/// The value in front of a text, and what stands behind it.
fn value(text: &str) -> anyhow::Result<(Given, &str)> {
    if let Some(behind) = text.strip_prefix('\'') {
        let Some((inside, left)) = behind.split_once('\'') else {
            bail!("expected a closing single quote");
        };
        return Ok((Given::Text(inside.to_owned()), left));
    }
    if text.starts_with(['{', '[', '"']) {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        return match values.next() {
            Some(Ok(value)) => {
                let left = text.get(values.byte_offset()..).unwrap_or_default();
                Ok((Given::Json(value), left))
            }
            Some(Err(error)) => {
                bail!("{error}; expected JSON, or any text in single quotes")
            }
            None => bail!("expected JSON"),
        };
    }
    let (word, left) = first_word(text);
    Ok((Given::Word(word.to_owned()), left))
}

/// The first word of a text, and what stands behind it.
pub(super) fn first_word(text: &str) -> (&str, &str) {
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn lines(mut input: &[u8]) -> Vec<Line> {
        std::iter::from_fn(|| read_line(&mut input).unwrap()).collect()
    }

    #[test]
    fn reads_lines_however_they_end() {
        let text = |text: &str| Line::Text(text.to_owned());
        assert_eq!(lines(b"a\nb\r\n\nc"), [text("a"), text("b"), text(""), text("c")]);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn passes_over_what_no_command_can_be() {
        let long = [&vec![b'a'; 1 << 20][..], b"\nshow\n"].concat();
        let read = lines(&long);
        assert!(matches!(&read[0], Line::Unreadable(why) if why.contains("1048577")), "{read:?}");
        assert_eq!(read[1], Line::Text("show".to_owned()));
        for input in [&b"a\0b\n"[..], b"\x1b[31m\n", b"\xff\n"] {
            assert!(matches!(&lines(input)[..], [Line::Unreadable(_)]), "{input:?}");
        }
        let fits = vec![b'a'; LONGEST];
        assert!(matches!(&lines(&fits)[..], [Line::Text(_)]));
    }

    #[test]
    fn a_value_is_a_time_json_or_a_text() {
        let line = "a=1 b=x c={\"d\": [1, 2]} d='1 2' e=\"x y\" f=true g=now+60 h=now-60 i=now j= k=nowhere l=1e999";
        let values: Vec<_> =
            assignments(line).unwrap().iter().map(|(_, given)| given.value(100)).collect();
        let expected = json!([
            1,
            "x",
            {"d": [1, 2]},
            "1 2",
            "x y",
            true,
            160,
            40,
            100,
            "",
            "nowhere",
            "1e999"
        ]);
        assert_eq!(Value::from(values), expected);
    }

    #[test]
    fn a_name_may_be_a_url() {
        let found = assignments("https://a.test/roles=[\"x\"]").unwrap();
        assert_eq!(found[0].0, "https://a.test/roles");
    }

    #[test]
    fn malformed_values_say_what_was_expected() {
        for (line, said) in [
            ("sub", "NAME=VALUE"),
            ("=x", "NAME=VALUE"),
            ("a={", "single quotes"),
            ("a='x", "closing single quote"),
            ("a=\"x\"y", "blank"),
        ] {
            let error = assignments(line).unwrap_err().to_string();
            assert!(error.contains(said), "{line}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_line_breaks_it(line in ".{0,60}", json in "[a=\\[\\]{}\"' :,0-9]{0,40}") {
            let _ = assignments(&line);
            let _ = assignments(&json);
        }
    }
}
