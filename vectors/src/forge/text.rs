//! Placeholders in the texts of a recipe.

use std::borrow::Cow;

use super::ForgeError;
use crate::env::{Env, NumericDate};

/// The longest text that placeholders may grow into, in octets.
///
/// A typing error in a recipe must end in a message and not in the memory of the machine.
pub(super) const BOUND: usize = 64 << 20;

/// This text with every placeholder replaced; what only looks like one stays.
///
/// # Errors
/// [`ForgeError::NoOrigin`], [`ForgeError::TooLong`].
pub(super) fn expand<'a>(text: &'a str, env: &Env) -> Result<Cow<'a, str>, ForgeError> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        push(&mut expanded, before, 1)?;
        rest = match Placeholder::at_start_of(after) {
            Some((placeholder, behind)) => {
                placeholder.push_to(&mut expanded, env)?;
                behind
            }
            None => {
                push(&mut expanded, "{", 1)?;
                after
            }
        };
    }
    if rest.len() == text.len() {
        return Ok(Cow::Borrowed(text));
    }
    push(&mut expanded, rest, 1)?;
    Ok(Cow::Owned(expanded))
}

/// The time that a text stands for, where it is wholly a `{now…}`.
pub(super) fn wholly_a_time(text: &str, env: &Env) -> Option<NumericDate> {
    match Placeholder::at_start_of(text.strip_prefix('{')?)? {
        (Placeholder::Now(seconds), "") => Some(env.now.plus(seconds)),
        (
            Placeholder::Now(_)
            | Placeholder::Origin(_)
            | Placeholder::Issuer(_)
            | Placeholder::CaFile
            | Placeholder::Number
            | Placeholder::Repeat { .. },
            _,
        ) => None,
    }
}

/// Puts text behind, so many times, within the bound.
///
/// # Errors
/// [`ForgeError::TooLong`].
pub(super) fn push(to: &mut String, text: &str, times: usize) -> Result<(), ForgeError> {
    let added = text.len().checked_mul(times);
    match added.and_then(|added| added.checked_add(to.len())) {
        Some(0..=BOUND) if times == 1 => to.push_str(text),
        // Not one by one: nothing, a vast number of times, is within the bound.
        Some(0..=BOUND) => to.push_str(&text.repeat(times)),
        Some(_) | None => return Err(ForgeError::TooLong { times, bound: BOUND }),
    }
    Ok(())
}

/// One placeholder; numbers beyond their range stand for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder<'a> {
    Now(i64),
    Origin(usize),
    Issuer(usize),
    CaFile,
    Number,
    Repeat { times: usize, text: &'a str },
}

impl<'a> Placeholder<'a> {
    /// The placeholder whose opening brace stands just before this text, and what follows it.
    fn at_start_of(text: &'a str) -> Option<(Self, &'a str)> {
        // The keyword is looked at before the closing brace is searched for: many opening braces
        // and a far closing one would otherwise take quadratic time.
        let read: fn(&'a str) -> Option<Self> = if text.starts_with("now") {
            Self::now
        } else if text.starts_with("origin.") {
            Self::origin
        } else if text.starts_with("issuer.") {
            Self::issuer
        } else if text.starts_with("ca_file}") {
            |_| Some(Self::CaFile)
        } else if text.starts_with("n}") {
            |_| Some(Self::Number)
        } else if text.starts_with("repeat.") {
            Self::repeat
        } else {
            return None;
        };
        let (inside, behind) = text.split_once('}')?;
        Some((read(inside)?, behind))
    }

    fn now(inside: &'a str) -> Option<Self> {
        let offset = inside.strip_prefix("now")?;
        let seconds = |text| number(text).map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
        match (offset.strip_prefix('+'), offset.strip_prefix('-')) {
            (Some(later), _) => seconds(later).map(Self::Now),
            (None, Some(earlier)) => seconds(earlier).map(|seconds| Self::Now(-seconds)),
            (None, None) => offset.is_empty().then_some(Self::Now(0)),
        }
    }

    fn origin(inside: &'a str) -> Option<Self> {
        number(inside.strip_prefix("origin.")?).map(Self::Origin)
    }

    fn issuer(inside: &'a str) -> Option<Self> {
        number(inside.strip_prefix("issuer.")?).map(Self::Issuer)
    }

    fn repeat(inside: &'a str) -> Option<Self> {
        let (times, text) = inside.strip_prefix("repeat.")?.split_once('.')?;
        Some(Self::Repeat { times: number(times)?, text })
    }

    fn push_to(self, expanded: &mut String, env: &Env) -> Result<(), ForgeError> {
        match self {
            Self::Now(seconds) => push(expanded, &env.now.plus(seconds).to_string(), 1),
            Self::Origin(index) => match env.origins.get(index) {
                Some(origin) => push(expanded, origin, 1),
                None => Err(ForgeError::NoOrigin { index, have: env.origins.len() }),
            },
            Self::Issuer(index) => match env.issuers.get(index) {
                Some(issuer) => push(expanded, issuer, 1),
                None => Err(ForgeError::NoIssuer { index, have: env.issuers.len() }),
            },
            Self::CaFile => push(expanded, &env.ca_file, 1),
            Self::Number => push(expanded, &env.number.to_string(), 1),
            Self::Repeat { times, text } => push(expanded, text, times),
        }
    }
}

/// A number of ASCII digits; `usize::MAX` stands for all that is larger.
fn number(digits: &str) -> Option<usize> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    all_digits.then(|| digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expanded(text: &str) -> String {
        let env = Env { now: NumericDate(100), ..Env::fixed() };
        expand(text, &env).unwrap().into_owned()
    }

    #[test]
    fn replaces_times_origins_and_repeats() {
        assert_eq!(expanded("{now}|{now+60}|{now-160}"), "100|160|-60");
        assert_eq!(
            expanded("{origin.0}/jwks {origin.1}"),
            "http://192.0.2.1/jwks http://192.0.2.2"
        );
        assert_eq!(
            expanded("{issuer.1}/jwks.json {ca_file} {n}"),
            "http://192.0.2.12/issuer/jwks.json /ca.pem 0"
        );
        assert_eq!(expanded("<{repeat.3.ab}>{repeat.0.x}{repeat.2.}"), "<ababab>");
        assert_eq!(expanded("{repeat.3.{}{repeat.2.a.b}"), "{{{a.ba.b");
    }

    #[test]
    fn leaves_what_only_looks_like_a_placeholder() {
        for text in [
            "",
            "no brace",
            "{",
            "{}",
            "{now",
            "{now }",
            "{Now}",
            "{now+}",
            "{now+-1}",
            "{now+6x}",
            "{nowhere}",
            "{origin}",
            "{origin.}",
            "{origin.x}",
            "{issuer}",
            "{ca_file",
            "{n ",
            "{repeat.3}",
            "{repeat..a}",
            "{repeat.-1.a}",
            "{repeat.3.a",
            r#"{"now":{"a":1}}"#,
        ] {
            assert_eq!(expanded(text), text);
        }
        assert_eq!(expanded("{{now}}"), "{100}");
    }

    #[test]
    fn replaces_once_only() {
        let env = Env { origins: vec!["{now}".to_owned()], ..Env::fixed() };
        assert_eq!(expand("{origin.0}", &env).unwrap(), "{now}");
    }

    #[test]
    fn numbers_beyond_their_range_stand_for_its_end() {
        let digits = "9".repeat(30);
        assert_eq!(expanded(&format!("{{now+{digits}}}")), i64::MAX.to_string());
        assert_eq!(expanded(&format!("{{repeat.{digits}.}}")), "");
    }

    #[test]
    fn knows_a_text_that_is_wholly_a_time() {
        let env = Env { now: NumericDate(100), ..Env::fixed() };
        assert_eq!(wholly_a_time("{now-1}", &env), Some(NumericDate(99)));
        for text in ["", "{", "now", "{now} ", " {now}", "{now}{now}", "{origin.0}", "100"] {
            assert_eq!(wholly_a_time(text, &env), None, "{text}");
        }
    }

    #[test]
    fn names_the_origin_that_is_missing() {
        let error = expand("{origin.2}", &Env::fixed()).unwrap_err();
        assert_eq!(error, ForgeError::NoOrigin { index: 2, have: 2 });
    }

    #[test]
    fn stops_at_the_bound() {
        let at_bound = format!("{{repeat.{BOUND}.a}}");
        assert_eq!(expand(&at_bound, &Env::fixed()).unwrap().len(), BOUND);
        for text in [
            format!("{at_bound}b"),
            format!("b{at_bound}"),
            format!("{{repeat.{}.aaa}}", BOUND / 2),
            format!("{{repeat.{}.aaa}}", usize::MAX),
        ] {
            let error = expand(&text, &Env::fixed()).unwrap_err();
            assert!(matches!(error, ForgeError::TooLong { bound: BOUND, .. }), "{error}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in r"(\{|\}|now|origin|repeat|[.+-]|[0-9]{1,3}|.){0,24}") {
            let first = expand(&text, &Env::fixed());
            prop_assert_eq!(&first, &expand(&text, &Env::fixed()));
            if !text.contains('{') {
                prop_assert_eq!(first.unwrap(), text.as_str());
            }
        }
    }
}
