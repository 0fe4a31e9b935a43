//! The grammar of RFC 8259, and nothing beside it.
//!
//! A reader of our own, because half of what a token costs beside its cryptography is JSON, and
//! because an oracle should refuse for reasons that are its own. `serde_json` reads the same texts
//! in the tests.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::{Number, Value};

/// Reads a text from left to right.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    /// The octet that is read next; always at a character's beginning.
    at: usize,
}

/// A text that is not JSON, or deeper than anybody nests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at octet {at}: expected {expected}")]
pub(in super::super) struct Malformed {
    at: usize,
    expected: &'static str,
}

impl<'a> Reader<'a> {
    /// How deep arrays and objects may nest: each level is a call.
    const DEEPEST: usize = 128;

    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Nothing but white space up to the end.
    pub(super) fn end(&mut self) -> Result<(), Malformed> {
        self.white_space();
        if self.at == self.text.len() { Ok(()) } else { Err(self.expected("the end")) }
    }

    /// An object, each of whose values is read by `member`.
    pub(super) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.white_space();
        self.expect(b'{', "`{`")?;
        self.white_space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.white_space();
            let name = self.string()?;
            self.white_space();
            self.expect(b':', "`:`")?;
            member(self, name)?;
            self.white_space();
            if !self.take(b',') {
                return self.expect(b'}', "`,` or `}`");
            }
        }
    }

    /// An array, each of whose elements is read by `element`.
    pub(super) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.white_space();
        self.expect(b'[', "`[`")?;
        self.white_space();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            element(self)?;
            self.white_space();
            if !self.take(b',') {
                return self.expect(b']', "`,` or `]`");
            }
        }
    }

    /// Any value.
    pub(super) fn value(&mut self) -> Result<Value<'a>, Malformed> {
        self.white_space();
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b'[') => self.raw().map(Value::Array),
            Some(b'{') => self.raw().map(Value::Object),
            Some(b't') => self.word("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Value::Bool(false)),
            _ => self.word("null").map(|()| Value::Null),
        }
    }

    /// The text of any value.
    pub(super) fn raw(&mut self) -> Result<&'a str, Malformed> {
        self.white_space();
        let start = self.at;
        self.skip()?;
        Ok(self.since(start))
    }

    /// Any value, read and forgotten.
    pub(super) fn skip(&mut self) -> Result<(), Malformed> {
        self.skip_to(Self::DEEPEST)
    }

    fn skip_to(&mut self, depth: usize) -> Result<(), Malformed> {
        self.white_space();
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.digits().map(drop),
            Some(b'[' | b'{') if depth == 0 => Err(self.expected("less depth")),
            Some(b'[') => self.array(|reader| reader.skip_to(depth - 1)),
            Some(b'{') => self.object(|reader, _| reader.skip_to(depth - 1)),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            _ => self.word("null"),
        }
    }

    /// A string, borrowed where it has no escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        self.expect(b'"', "a string")?;
        let start = self.at;
        match self.plain() {
            Some(b'"') => {
                let text = self.since(start);
                self.at += 1;
                Ok(Cow::Borrowed(text))
            }
            Some(b'\\') => self.unescaped(start).map(Cow::Owned),
            Some(_) | None => Err(self.expected("the end of the string")),
        }
    }

    /// Goes on to the next octet that means something in a string, and tells which.
    fn plain(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let mut ahead = rest;
        let mut length = 0;
        while let Some((eight, others)) = ahead.split_first_chunk::<8>() {
            let meaning = meaning(u64::from_le_bytes(*eight));
            if meaning != 0 {
                length += meaning.trailing_zeros() as usize / 8;
                self.at += length;
                return rest.get(length).copied();
            }
            length += 8;
            ahead = others;
        }
        length += ahead.iter().position(|octet| matches!(octet, b'"' | b'\\' | 0..=0x1f))?;
        self.at += length;
        rest.get(length).copied()
    }

    #[cold]
    fn unescaped(&mut self, start: usize) -> Result<String, Malformed> {
        let mut text = self.since(start).to_owned();
        loop {
            self.at += 1;
            text.push(self.escape()?);
            let start = self.at;
            let next = self.plain();
            text.push_str(self.since(start));
            match next {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {}
                Some(_) | None => return Err(self.expected("the end of the string")),
            }
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, Malformed> {
        let character = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.code_point();
            }
            Some(_) | None => return Err(self.expected("an escape")),
        };
        self.at += 1;
        Ok(character)
    }

    /// One `\u` escape, or two that are a pair of surrogates; half a pair is no character.
    fn code_point(&mut self) -> Result<char, Malformed> {
        let first = self.code_unit()?;
        let code_point = if (0xd800..0xdc00).contains(&first) && self.takes("\\u") {
            match self.code_unit()? {
                second @ 0xdc00..0xe000 => 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00),
                _ => first,
            }
        } else {
            first
        };
        char::from_u32(code_point).ok_or_else(|| self.expected("both halves of a surrogate pair"))
    }

    fn code_unit(&mut self) -> Result<u32, Malformed> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        match u32::from_str_radix(digits, 16) {
            Ok(unit) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                self.at += 4;
                Ok(unit)
            }
            Ok(_) | Err(_) => Err(self.expected("four hexadecimal digits")),
        }
    }

    fn number(&mut self) -> Result<Number, Malformed> {
        let text = self.digits()?;
        if let Ok(number) = text.parse() {
            return Ok(Number::Natural(number));
        }
        if let Ok(number) = text.parse() {
            return Ok(Number::Negative(number));
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Number::Float(number)),
            Ok(_) | Err(_) => Err(self.expected("a number that can be held")),
        }
    }

    /// The text of a number.
    fn digits(&mut self) -> Result<&'a str, Malformed> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.some_digits()?;
        }
        if self.take(b'.') {
            self.some_digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.some_digits()?;
        }
        Ok(self.since(start))
    }

    fn some_digits(&mut self) -> Result<(), Malformed> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        match rest.iter().position(|octet| !octet.is_ascii_digit()).unwrap_or(rest.len()) {
            0 => Err(self.expected("a digit")),
            length => {
                self.at += length;
                Ok(())
            }
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Malformed> {
        if self.takes(word) { Ok(()) } else { Err(self.expected("a value")) }
    }

    fn white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, octet: u8, expected: &'static str) -> Result<(), Malformed> {
        if self.take(octet) { Ok(()) } else { Err(self.expected(expected)) }
    }

    fn take(&mut self, octet: u8) -> bool {
        let taken = self.peek() == Some(octet);
        self.at += usize::from(taken);
        taken
    }

    fn takes(&mut self, text: &str) -> bool {
        let taken = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(text));
        if taken {
            self.at += text.len();
        }
        taken
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What was read since then.
    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    #[cold]
    const fn expected(&self, expected: &'static str) -> Malformed {
        Malformed { at: self.at, expected }
    }
}

/// Marks quotation marks, backslashes and controls among eight octets, by their highest bits.
///
/// The lowest mark is exact. One above it may be a borrow, which nobody looks at.
const fn meaning(octets: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGHEST: u64 = ONES << 7;
    const fn below(octets: u64, bound: u8) -> u64 {
        octets.wrapping_sub(ONES * bound as u64) & !octets & HIGHEST
    }
    below(octets, 0x20)
        | below(octets ^ (ONES * b'"' as u64), 1)
        | below(octets ^ (ONES * b'\\' as u64), 1)
}
