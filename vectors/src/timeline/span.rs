//! Lengths of time that hang on how a verifier is configured.
//!
//! A scenario says *one second past the end of freshness* and not *301 seconds*: a verifier with a clock of
//! ours is given five minutes, one with the machine's clock four seconds, and a verifier that says it keeps
//! sets for another while is waited for that long.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::policy::FetchOptions;

/// A sum of lengths of time, written `max_age+max_stale+1`; a plain number is seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// How many times the age up to which a set is fresh.
    pub max_age: i8,
    /// How many times the shortest time between two fetches.
    pub cooldown: i8,
    /// How many times the time past freshness in which a set may serve.
    pub max_stale: i8,
    /// How many times the freshness that a response itself gives, where it gives one.
    pub short: i8,
    /// And so many seconds.
    pub seconds: i64,
}

/// What the names in a [`Span`] stand for, in seconds, and how long a fetch may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spans {
    /// Up to this age a set is fresh.
    pub max_age: u64,
    /// No two fetches are closer than that.
    pub cooldown: u64,
    /// So long past freshness a set may serve while its endpoint fails.
    pub max_stale: u64,
    /// The freshness that a response gives itself: longer than the cooldown, shorter than `max_age`.
    pub short: u64,
    /// The deadline of one whole fetch, in milliseconds: that of the network, by whatever clock caches age.
    pub timeout_ms: u64,
}

impl Spans {
    /// For verifiers whose caches age by our clock.
    pub const VIRTUAL: Self =
        Self { max_age: 300, cooldown: 30, max_stale: 600, short: 60, timeout_ms: 800 };

    /// For those whose caches age by the machine's: as short as whole seconds allow, with one second
    /// between any two of them.
    pub const WALL: Self =
        Self { max_age: 4, cooldown: 1, max_stale: 3, short: 2, timeout_ms: 1_000 };

    /// A policy's options with the lengths of `self` in place of those of [`Self::VIRTUAL`].
    #[must_use]
    pub fn scaled(&self, options: &FetchOptions) -> FetchOptions {
        let scale = |given: Option<u64>, standard: u64, ours: u64| {
            given.map(|given| if given == standard { ours } else { given })
        };
        FetchOptions {
            timeout_ms: scale(options.timeout_ms, Self::VIRTUAL.timeout_ms, self.timeout_ms),
            max_age_s: scale(options.max_age_s, Self::VIRTUAL.max_age, self.max_age),
            cooldown_s: scale(options.cooldown_s, Self::VIRTUAL.cooldown, self.cooldown),
            max_stale_s: scale(options.max_stale_s, Self::VIRTUAL.max_stale, self.max_stale),
            ..options.clone()
        }
    }
}

impl Span {
    /// So many seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self { max_age: 0, cooldown: 0, max_stale: 0, short: 0, seconds }
    }

    /// The age up to which a set is fresh.
    pub const MAX_AGE: Self = Self { max_age: 1, ..Self::seconds(0) };
    /// The shortest time between two fetches.
    pub const COOLDOWN: Self = Self { cooldown: 1, ..Self::seconds(0) };
    /// The time past freshness in which a set may serve.
    pub const MAX_STALE: Self = Self { max_stale: 1, ..Self::seconds(0) };
    /// The freshness that a response gives itself.
    pub const SHORT: Self = Self { short: 1, ..Self::seconds(0) };

    /// The two one after the other.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            max_age: self.max_age.saturating_add(other.max_age),
            cooldown: self.cooldown.saturating_add(other.cooldown),
            max_stale: self.max_stale.saturating_add(other.max_stale),
            short: self.short.saturating_add(other.short),
            seconds: self.seconds.saturating_add(other.seconds),
        }
    }

    /// So many seconds longer, or shorter.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        self.and(Self::seconds(seconds))
    }

    /// Whether it is the same for every verifier.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.max_age == 0 && self.cooldown == 0 && self.max_stale == 0 && self.short == 0
    }

    /// Its length in seconds, never below nothing.
    #[must_use]
    pub fn of(&self, spans: &Spans) -> u64 {
        let times = |count: i8, length: u64| {
            i64::try_from(length).unwrap_or(i64::MAX).saturating_mul(i64::from(count))
        };
        let sum = times(self.max_age, spans.max_age)
            .saturating_add(times(self.cooldown, spans.cooldown))
            .saturating_add(times(self.max_stale, spans.max_stale))
            .saturating_add(times(self.short, spans.short))
            .saturating_add(self.seconds);
        u64::try_from(sum).unwrap_or(0)
    }

    const fn names(&self) -> [(&'static str, i8); 4] {
        [
            ("max_age", self.max_age),
            ("cooldown", self.cooldown),
            ("max_stale", self.max_stale),
            ("short", self.short),
        ]
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut is_first = true;
        for (name, count) in self.names() {
            for _ in 0..count.unsigned_abs() {
                let sign = if count < 0 { "-" } else { "+" };
                let sign = if is_first && count > 0 { "" } else { sign };
                write!(f, "{sign}{name}")?;
                is_first = false;
            }
        }
        match (is_first, self.seconds) {
            (true, seconds) => write!(f, "{seconds}"),
            (false, 0) => Ok(()),
            (false, seconds) => write!(f, "{seconds:+}"),
        }
    }
}

/// A text that is no [`Span`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "read `{0}` as a length of time: expected a sum such as `max_age+max_stale+1` of max_age, cooldown, max_stale, short and seconds"
)]
pub struct InvalidSpan(String);

impl FromStr for Span {
    type Err = InvalidSpan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidSpan(text.to_owned());
        let mut span = Self::default();
        let mut rest = text;
        let mut is_first = true;
        while !rest.is_empty() {
            let sign = match rest.chars().next() {
                Some('+') => 1,
                Some('-') => -1,
                Some(_) if is_first => 1,
                Some(_) | None => return Err(invalid()),
            };
            let term = rest.trim_start_matches(['+', '-']);
            if rest.len() - term.len() > 1 {
                return Err(invalid());
            }
            let end = term.find(['+', '-']).unwrap_or(term.len());
            let (term, behind) = term.split_at(end);
            let count = match term {
                "max_age" => &mut span.max_age,
                "cooldown" => &mut span.cooldown,
                "max_stale" => &mut span.max_stale,
                "short" => &mut span.short,
                digits => {
                    let Ok(number) = digits.parse::<u32>() else { return Err(invalid()) };
                    span.seconds = span.seconds.saturating_add(i64::from(number) * i64::from(sign));
                    (rest, is_first) = (behind, false);
                    continue;
                }
            };
            *count = count.saturating_add(sign);
            (rest, is_first) = (behind, false);
        }
        if is_first { Err(invalid()) } else { Ok(span) }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.is_plain() { to.serialize_i64(self.seconds) } else { to.collect_str(self) }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Seconds(u32),
            Sum(String),
        }
        match Written::deserialize(from)? {
            Written::Seconds(seconds) => Ok(Self::seconds(i64::from(seconds))),
            Written::Sum(text) => text.parse().map_err(de::Error::custom),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A length of time: seconds, or a sum such as `max_age+max_stale+1`.",
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn is_written_as_a_sum() {
        let spans = [
            (Span::seconds(5400), "5400"),
            (Span::MAX_AGE.plus(1), "max_age+1"),
            (Span::MAX_AGE.and(Span::MAX_STALE).plus(-1), "max_age+max_stale-1"),
            (Span::COOLDOWN, "cooldown"),
        ];
        for (span, text) in spans {
            assert_eq!(span.to_string(), text);
            assert_eq!(text.parse(), Ok(span));
        }
        for text in ["", "+", "max_age+", "maxage", "1.5", "--1", "max_age 1", "max_age++1"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        assert_eq!(Span::MAX_AGE.plus(1).of(&Spans::VIRTUAL), 301);
        assert_eq!(Span::seconds(-1).of(&Spans::WALL), 0);
    }

    proptest! {
        #[test]
        fn survives_being_written_and_read(
            max_age in -2_i8..3, cooldown in -2_i8..3, max_stale in -2_i8..3, short in -2_i8..3,
            seconds in -9_i64..10_000,
        ) {
            let span = Span { max_age, cooldown, max_stale, short, seconds };
            prop_assert_eq!(span.to_string().parse(), Ok(span));
            let is_written = seconds >= 0 || !span.is_plain();
            if is_written {
                let text = serde_json::to_string(&span).unwrap();
                prop_assert_eq!(serde_json::from_str::<Span>(&text).unwrap(), span);
            }
        }
    }
}
