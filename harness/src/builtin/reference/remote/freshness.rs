//! How long a response may be used: what a private cache needs of RFC 9111.
//!
//! The operator's bounds are not known here; they are laid around what comes out.

use std::{
    borrow::Cow,
    time::{SystemTime, UNIX_EPOCH},
};

use gauntlet_vectors::NumericDate;
use ureq::http::{HeaderMap, HeaderName, header};

/// The header fields that say how long a response may be used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Caching {
    control: Vec<String>,
    expires: Vec<String>,
    date: Option<String>,
    age: Option<String>,
}

/// What they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Freshness {
    /// For so many seconds more; `None` where the response leaves it to us.
    pub(super) seconds: Option<u64>,
    /// Whether it may serve after that, while there is none newer (RFC 9111 §4.2.4).
    pub(super) may_be_stale: bool,
}

/// The directives of `Cache-Control` that matter (RFC 9111 §5.2.2).
#[derive(Debug, Default)]
struct Directives {
    /// The arguments of `max-age`, as they came.
    max_age: Vec<Option<u64>>,
    no_cache: bool,
    no_store: bool,
    must_revalidate: bool,
}

impl Caching {
    /// Takes the fields out of a response.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        // What is no text is kept as such: a value that cannot be read must not look like none.
        let all = |name: HeaderName| -> Vec<String> {
            let values = headers.get_all(name).iter();
            values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
        };
        Self {
            control: all(header::CACHE_CONTROL),
            expires: all(header::EXPIRES),
            date: all(header::DATE).into_iter().next(),
            age: all(header::AGE).into_iter().next(),
        }
    }

    /// These fields after a 304, which replaces those that it brings (RFC 9111 §3.2).
    ///
    /// `Date` and `Age` are the 304's alone: they say when the answer was made, and the old answer's would
    /// make the new one old.
    pub(super) fn renewed_by(&self, newer: Self) -> Self {
        let or_old =
            |new: Vec<String>, old: &Vec<String>| if new.is_empty() { old.clone() } else { new };
        Self {
            control: or_old(newer.control, &self.control),
            expires: or_old(newer.expires, &self.expires),
            ..newer
        }
    }

    /// How long the response may be used, received at `now`.
    ///
    /// `s-maxage` is for shared caches. `Date` is not compared with `now`, because nobody knows whether the
    /// two clocks agree (RFC 9111 §4.2.3 leaves that out then); it is what `Expires` is counted from.
    pub(super) fn freshness(&self, now: NumericDate) -> Freshness {
        let directives = Directives::of(&self.control);
        let Directives { no_cache, no_store, must_revalidate, .. } = directives;
        let age = self.age.as_deref().and_then(first_of_list).and_then(delta_seconds).unwrap_or(0);
        let lifetime = if no_cache || no_store { Some(0) } else { self.lifetime(&directives, now) };
        Freshness {
            seconds: lifetime.map(|lifetime| lifetime.saturating_sub(age)),
            may_be_stale: !(no_cache || no_store || must_revalidate),
        }
    }

    /// The freshness lifetime (RFC 9111 §4.2.1).
    ///
    /// Of values that contradict each other or cannot be read none holds: the response is stale at once,
    /// since a key that was taken back and still verifies is worse than a fetch.
    fn lifetime(&self, directives: &Directives, now: NumericDate) -> Option<u64> {
        if let Some((first, others)) = directives.max_age.split_first() {
            let agree = others.iter().all(|other| other == first);
            return Some(first.filter(|_| agree).unwrap_or(0));
        }
        let (first, others) = self.expires.split_first()?;
        let agree = others.iter().all(|other| other == first);
        let Some(expires) = http_date(first).filter(|_| agree) else {
            return Some(0);
        };
        let from = self.date.as_deref().and_then(http_date).unwrap_or(now.0);
        Some(u64::try_from(expires.saturating_sub(from)).unwrap_or(0))
    }
}

impl Directives {
    fn of(fields: &[String]) -> Self {
        let mut found = Self::default();
        for directive in fields.iter().flat_map(|field| list(field)) {
            let (name, argument) = match directive.split_once('=') {
                Some((name, argument)) => (name, Some(argument)),
                None => (directive, None),
            };
            match name.trim_ascii().to_ascii_lowercase().as_str() {
                "max-age" => {
                    found.max_age.push(argument.and_then(|text| delta_seconds(&unquoted(text))))
                }
                // With field names for an argument it is about these alone; many caches do not tell the
                // two apart (RFC 9111 §5.2.2.4), and being asked once more is the smaller harm.
                "no-cache" => found.no_cache = true,
                "no-store" => found.no_store = true,
                "must-revalidate" => found.must_revalidate = true,
                _ => {}
            }
        }
        found
    }
}

/// The elements of a list, at commas that are not within quotes.
fn list(field: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let elements = field.split(move |c: char| {
        let is_comma = c == ',' && !quoted;
        if escaped {
            escaped = false;
        } else if c == '"' {
            quoted = !quoted;
        } else if c == '\\' && quoted {
            escaped = true;
        }
        is_comma
    });
    elements.map(str::trim_ascii).filter(|element| !element.is_empty()).collect()
}

/// The first element of a list, for fields that have no business to be one (RFC 9111 §5.1).
fn first_of_list(field: &str) -> Option<&str> {
    list(field).into_iter().next()
}

/// Both forms of an argument are understood (RFC 9111 §5.2).
fn unquoted(argument: &str) -> Cow<'_, str> {
    let argument = argument.trim_ascii();
    match argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => Cow::Owned(inner.replace('\\', "")),
        None => Cow::Borrowed(argument),
    }
}

/// A number of seconds; one that is too large is the largest (RFC 9111 §1.2.2).
fn delta_seconds(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

/// A date in any of the three forms that a recipient understands (RFC 9110 §5.6.7), as seconds since the
/// epoch.
fn http_date(text: &str) -> Option<i64> {
    let time: SystemTime = httpdate::parse_http_date(text.trim_ascii()).ok()?;
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use ureq::http::HeaderValue;

    use super::*;

    /// Thursday, 1 January 2026, 00:00:00.
    const NOW: NumericDate = NumericDate(1_767_225_600);

    fn caching(fields: &[(&'static str, &str)]) -> Caching {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        Caching::of(&headers)
    }

    #[test]
    fn header_fields_say_how_long_a_response_is_fresh() {
        const CC: &str = "cache-control";
        const AT_0: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
        const AT_60: &str = "Thu, 01 Jan 2026 00:01:00 GMT";
        const AT_90: &str = "Thu, 01 Jan 2026 00:01:30 GMT";
        type Row<'a> = (&'a [(&'static str, &'a str)], Option<u64>);
        let table: &[Row<'_>] = &[
            (&[], None),
            (&[(CC, "public")], None),
            (&[(CC, "banana, =, ,;")], None),
            (&[(CC, "max-age=60")], Some(60)),
            (&[(CC, "Public , MAX-AGE = 60")], Some(60)),
            (&[(CC, "max-age=\"60\"")], Some(60)),
            (&[(CC, "x=\"a, max-age=5\", max-age=60")], Some(60)),
            (&[(CC, "x=\"\\\", max-age=5\", max-age=60")], Some(60)),
            (&[(CC, "s-maxage=5, max-age=60")], Some(60)),
            (&[(CC, "s-maxage=5")], None),
            (&[(CC, "max-age=0")], Some(0)),
            // Garbage is stale, not absent.
            (&[(CC, "max-age")], Some(0)),
            (&[(CC, "max-age=")], Some(0)),
            (&[(CC, "max-age=-1")], Some(0)),
            (&[(CC, "max-age=+60")], Some(0)),
            (&[(CC, "max-age=6e1")], Some(0)),
            (&[(CC, "max-age=60s")], Some(0)),
            (&[(CC, "max-age=sixty"), ("expires", AT_60)], Some(0)),
            (&[(CC, "max-age=6\u{fc}")], Some(0)),
            // Twice the same is once; two that differ are none.
            (&[(CC, "max-age=60, max-age=60")], Some(60)),
            (&[(CC, "max-age=60"), (CC, "max-age=90")], Some(0)),
            (&[(CC, "max-age=60, max-age=x")], Some(0)),
            // Huge values are large, not negative.
            (&[(CC, "max-age=2147483648")], Some(2_147_483_648)),
            (&[(CC, "max-age=99999999999999999999999")], Some(u64::MAX)),
            (
                &[(CC, "max-age=99999999999999999999999"), ("age", "9999999999999999999999")],
                Some(0),
            ),
            (&[(CC, "no-store")], Some(0)),
            (&[(CC, "no-cache, max-age=60")], Some(0)),
            (&[(CC, "max-age=60"), (CC, "no-cache=\"etag\"")], Some(0)),
            (&[(CC, "must-revalidate")], None),
            (&[("pragma", "no-cache"), (CC, "max-age=60")], Some(60)),
            // What the response has spent on its way.
            (&[(CC, "max-age=60"), ("age", "20")], Some(40)),
            (&[(CC, "max-age=60"), ("age", "80")], Some(0)),
            (&[(CC, "max-age=60"), ("age", "20, 50")], Some(40)),
            (&[(CC, "max-age=60"), ("age", "20"), ("age", "50")], Some(40)),
            (&[(CC, "max-age=60"), ("age", "-20")], Some(60)),
            (&[(CC, "max-age=60"), ("age", "x")], Some(60)),
            (&[("age", "20")], None),
            // `Expires` counts from `Date`, whatever our clock says.
            (&[("expires", AT_90), ("date", AT_60)], Some(30)),
            (&[("expires", AT_90)], Some(90)),
            (&[("expires", AT_90), ("date", "yesterday")], Some(90)),
            (&[("expires", AT_60), ("date", AT_90)], Some(0)),
            (&[("expires", AT_90), ("date", AT_60), ("age", "10")], Some(20)),
            (&[("expires", "Thursday, 01-Jan-26 00:01:30 GMT"), ("date", AT_60)], Some(30)),
            (&[("expires", "Thu Jan  1 00:01:30 2026"), ("date", AT_60)], Some(30)),
            (&[("expires", "0")], Some(0)),
            (&[("expires", "-1")], Some(0)),
            (&[("expires", "")], Some(0)),
            (&[("expires", AT_90), ("expires", AT_90)], Some(90)),
            (&[("expires", AT_90), ("expires", AT_60)], Some(0)),
            (&[(CC, "max-age=5"), ("expires", AT_90)], Some(5)),
            (&[("date", AT_0)], None),
        ];
        for (fields, seconds) in table {
            assert_eq!(caching(fields).freshness(NOW).seconds, *seconds, "{fields:?}");
        }
    }

    #[test]
    fn some_responses_must_not_be_used_when_they_are_stale() {
        for (control, allowed) in [
            ("max-age=60", true),
            ("public", true),
            ("max-age=60, must-revalidate", false),
            ("No-Cache", false),
            ("no-store", false),
            ("proxy-revalidate", true),
        ] {
            let freshness = caching(&[("cache-control", control)]).freshness(NOW);
            assert_eq!(freshness.may_be_stale, allowed, "{control}");
        }
    }

    #[test]
    fn a_304_replaces_what_it_brings() {
        let old = caching(&[("cache-control", "max-age=60"), ("age", "50"), ("expires", "0")]);
        assert_eq!(old.renewed_by(caching(&[])).freshness(NOW).seconds, Some(60));
        let newer = caching(&[("cache-control", "max-age=90"), ("age", "10")]);
        assert_eq!(old.renewed_by(newer).freshness(NOW).seconds, Some(80));
    }
}
