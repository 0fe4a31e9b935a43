//! Versions of libraries, and which of them something is said of.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Deserializer};

/// A version as package registries write it: numbers between dots, and what may follow them.
///
/// Compared number by number, missing ones as zero; a version with letters behind its numbers (`2.0.0-rc1`)
/// comes before the one without. Registries differ in the rest, and no adapter needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    numbers: Vec<u64>,
    rest: String,
    text: String,
}

impl Version {
    /// The version as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// What is wrong with the text of a version or of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// It is none.
    #[error("read `{text}` as a version: expected numbers between dots, such as `2.15.1`")]
    Version {
        /// The text.
        text: String,
    },
    /// It requires nothing that is known.
    #[error(
        "read `{text}` as a requirement: expected `*`, `2.15.1`, or `<`, `<=`, `>`, `>=` and a version"
    )]
    Requirement {
        /// The text.
        text: String,
    },
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let wrong = || VersionError::Version { text: text.to_owned() };
        // A version becomes part of a path and of a package manager's argument.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '~');
        if !text.starts_with(|c: char| c.is_ascii_digit()) || !text.chars().all(plain) {
            return Err(wrong());
        }
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (front, rest) = text.split_at_checked(end).ok_or_else(wrong)?;
        let numbers = front
            .split('.')
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<Vec<u64>, _>>()
            .map_err(|_error| wrong())?;
        Ok(Self { numbers, rest: rest.to_owned(), text: text.to_owned() })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let most = self.numbers.len().max(other.numbers.len());
        let number = |version: &Self, at: usize| version.numbers.get(at).copied().unwrap_or(0);
        (0..most)
            .map(|at| number(self, at).cmp(&number(other, at)))
            .find(|ordering| ordering.is_ne())
            .unwrap_or_else(|| match (self.rest.is_empty(), other.rest.is_empty()) {
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (true, true) | (false, false) => self.rest.cmp(&other.rest),
            })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(told::<D>)
    }
}

/// Some versions: `*`, one by itself, or a bound; all of several between commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement(Vec<Bound>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Bound {
    Any,
    Is(Version),
    Below(Version),
    AtMost(Version),
    Above(Version),
    AtLeast(Version),
}

impl Requirement {
    /// Whether the version is one of them.
    #[must_use]
    pub fn holds(&self, version: &Version) -> bool {
        self.0.iter().all(|bound| match bound {
            Bound::Any => true,
            Bound::Is(one) => version.cmp(one).is_eq(),
            Bound::Below(bound) => version < bound,
            Bound::AtMost(bound) => version <= bound,
            Bound::Above(bound) => version > bound,
            Bound::AtLeast(bound) => version >= bound,
        })
    }
}

impl FromStr for Requirement {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        type Make = fn(Version) -> Bound;
        const BOUNDS: &[(&str, Make)] = &[
            ("==", Bound::Is),
            ("<=", Bound::AtMost),
            (">=", Bound::AtLeast),
            ("<", Bound::Below),
            (">", Bound::Above),
            ("=", Bound::Is),
            ("", Bound::Is),
        ];
        let wrong = || VersionError::Requirement { text: text.to_owned() };
        let bound = |part: &str| {
            if part == "*" {
                return Ok(Bound::Any);
            }
            let (make, version) = BOUNDS
                .iter()
                .find_map(|(sign, make)| Some((make, part.strip_prefix(sign)?)))
                .ok_or_else(wrong)?;
            Ok(make(version.trim().parse().map_err(|_error| wrong())?))
        };
        text.split(',').map(|part| bound(part.trim())).collect::<Result<_, _>>().map(Self)
    }
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(told::<D>)
    }
}

fn told<'de, D: Deserializer<'de>>(error: VersionError) -> D::Error {
    serde::de::Error::custom(format!("failed to {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_compared_by_number() {
        for (low, high) in [
            ("2.4.0", "2.15.1"),
            ("2.4", "2.4.1"),
            ("2.0.0-rc1", "2.0.0"),
            ("17.0.2.1", "17.0.3"),
            ("9.0.0", "10"),
        ] {
            assert!(version(low) < version(high), "{low} {high}");
        }
        assert!(version("2.4").cmp(&version("2.4.0")).is_eq());
    }

    #[test]
    fn a_version_is_no_path_and_no_option() {
        for text in ["", "../1", "1/..", "-1", "1 2", "latest", "1;reboot"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }

    #[test]
    fn requirements_hold_of_some() {
        let holds = |text: &str, of: &str| text.parse::<Requirement>().unwrap().holds(&version(of));
        assert!(holds("*", "0.1"));
        assert!(holds("2.3.0", "2.3.0") && !holds("2.3.0", "2.3.1"));
        assert!(holds("<2.4", "2.3.9") && !holds("<2.4", "2.4.0"));
        assert!(holds(">=1.0, <2", "1.5") && !holds(">=1.0, <2", "2.0"));
        for text in ["", "<", "~1", ">=x"] {
            assert!(text.parse::<Requirement>().is_err(), "{text}");
        }
    }
}
