//! Placeholders in the values of header fields.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gauntlet_vectors::{
    env::NumericDate,
    timeline::{Span, Spans},
};

/// The last second of which RFC 9110 §5.6.7 can speak: the end of the year 9999.
const LAST_DATE: u64 = 253_402_300_799;

/// What the placeholders stand for.
#[derive(Debug)]
pub(super) struct Filling<'a> {
    pub(super) spans: &'a Spans,
    pub(super) now: NumericDate,
    /// With its quotes.
    pub(super) etag: &'a str,
}

impl Filling<'_> {
    /// The text with its placeholders replaced; what is no placeholder of ours stays.
    ///
    /// An end of line does not: a value must not become a field.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            filled.push_str(before);
            let value =
                behind.split_once('}').and_then(|(name, behind)| Some((self.value(name)?, behind)));
            match value {
                Some((value, behind)) => {
                    filled.push_str(&value);
                    rest = behind;
                }
                None => {
                    filled.push('{');
                    rest = behind;
                }
            }
        }
        filled.push_str(rest);
        filled.retain(|c| !c.is_control() || c == '\t');
        filled
    }

    fn value(&self, name: &str) -> Option<String> {
        if name == "etag" {
            return Some(self.etag.to_owned());
        }
        match name.strip_prefix("date") {
            Some("") => Some(date(self.now)),
            Some(sum) => Some(date(self.now.plus(self.signed(&sum.parse().ok()?)))),
            None => name.parse().ok().map(|span: Span| span.of(self.spans).to_string()),
        }
    }

    /// The seconds of a span that may be negative: a date may lie in the past, a length of time cannot.
    fn signed(&self, span: &Span) -> i64 {
        let negated = Span {
            max_age: span.max_age.saturating_neg(),
            cooldown: span.cooldown.saturating_neg(),
            max_stale: span.max_stale.saturating_neg(),
            short: span.short.saturating_neg(),
            seconds: span.seconds.saturating_neg(),
        };
        let seconds = |span: &Span| i64::try_from(span.of(self.spans)).unwrap_or(i64::MAX);
        seconds(span).saturating_sub(seconds(&negated))
    }
}

/// A date as header fields have it (RFC 9110 §5.6.7); what lies outside of its years is moved to their ends.
pub(super) fn date(at: NumericDate) -> String {
    let seconds = u64::try_from(at.0).unwrap_or(0).min(LAST_DATE);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// The machine's time.
pub(super) fn machine_time() -> SystemTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "an issuer that was given no time has the machine's, as the verifiers that ask it"
    )]
    SystemTime::now()
}

/// The machine's time in whole seconds.
pub(super) fn machine_date() -> NumericDate {
    let since = machine_time().duration_since(UNIX_EPOCH).unwrap_or_default();
    NumericDate(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_lengths_dates_and_tags() {
        let filling =
            Filling { spans: &Spans::VIRTUAL, now: NumericDate::VIRTUAL, etag: "\"tag\"" };
        for (text, filled) in [
            ("max-age={max_age}", "max-age=300"),
            ("max-age={short}, s-maxage={max_age+max_stale+1}", "max-age=60, s-maxage=901"),
            ("{cooldown-31}", "0"),
            ("{date}", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("{date+short}", "Thu, 01 Jan 2026 00:01:00 GMT"),
            ("{date-max_age}", "Wed, 31 Dec 2025 23:55:00 GMT"),
            ("{date+9999999999}", "{date+9999999999}"),
            ("W/{etag}", "W/\"tag\""),
            ("{other} {", "{other} {"),
            ("{{short}}", "{60}"),
            ("a\r\nX-Other: b", "aX-Other: b"),
            ("", ""),
        ] {
            assert_eq!(filling.fill(text), filled);
        }
    }

    #[test]
    fn a_date_beyond_what_can_be_written_is_moved() {
        assert_eq!(date(NumericDate(i64::MIN)), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(date(NumericDate(i64::MAX)), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
