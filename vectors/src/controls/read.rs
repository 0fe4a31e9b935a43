//! Reading a framework that somebody brings along, and refusing one that could not be reported.

use std::fmt::Write as _;

use serde::Deserialize;
use toml::de::{DeTable, Deserializer, Error};

use super::{Framework, check::check};

/// The most octets of a file, which is some fifty times our largest.
const MOST_OCTETS: usize = 1 << 20;
/// The most characters of a text that an error repeats.
const LONGEST_SHOWN: usize = 80;
/// The most characters of what the reader of TOML says, which lists the words that it would take.
pub(super) const LONGEST_MESSAGE: usize = 700;

/// Why a framework was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameworkError {
    /// The file is larger than any framework.
    #[error("read a framework of {octets} octets: expected at most {MOST_OCTETS}")]
    TooLarge {
        /// How large it is.
        octets: usize,
    },
    /// The file has no framework that could be reported.
    #[error("line {line}, column {column}: {what}")]
    Placed {
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
        /// What is wrong, and what to do.
        what: String,
    },
    /// A framework that stands in no file could not be reported.
    #[error("framework `{framework}`: {what}")]
    Unplaced {
        /// Its id.
        framework: String,
        /// What is wrong, and what to do.
        what: String,
    },
}

impl Framework {
    /// Reads the text of a framework's TOML file; `controls/README.md` describes it.
    ///
    /// # Errors
    /// [`FrameworkError`], with the place and what to do.
    pub fn parse(text: &str) -> Result<Self, FrameworkError> {
        if text.len() > MOST_OCTETS {
            return Err(FrameworkError::TooLarge { octets: text.len() });
        }
        let framework = shape(text).map_err(|error| {
            let what = match error.message() {
                // Its own words name what is missing, and not where such things are explained.
                message if message.starts_with("missing field") => {
                    format!(
                        "{}; vectors/controls/README.md describes the file",
                        bounded(message, LONGEST_MESSAGE)
                    )
                }
                message => bounded(message, LONGEST_MESSAGE),
            };
            placed(text, error.span().map_or(0, |span| span.start), what)
        })?;
        check(&framework).map_err(|wrong| wrong.in_text(text))?;
        Ok(framework)
    }
}

/// Reads a text as a framework without a look at what it says.
///
/// Ours and a user's take the same way, so that the type is read from one form only.
pub(super) fn shape(text: &str) -> Result<Framework, Error> {
    Framework::deserialize(Deserializer::parse(text)?)
}

/// Something that a framework must not say.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) place: Place,
    pub(super) what: String,
}

/// A member of a framework's file, or of an entry of one of its lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    entry: Option<(&'static str, usize)>,
    pub(super) member: &'static str,
}

impl Place {
    pub(super) const fn framework(member: &'static str) -> Self {
        Self { entry: None, member }
    }

    pub(super) const fn control(at: usize, member: &'static str) -> Self {
        Self { entry: Some(("control", at)), member }
    }

    pub(super) const fn mapping(at: usize, member: &'static str) -> Self {
        Self { entry: Some(("mapping", at)), member }
    }

    pub(super) fn wrong(self, what: impl Into<String>) -> Wrong {
        Wrong { place: self, what: what.into() }
    }

    /// Where it stands, in octets; where the member is absent, where its entry begins.
    fn offset(self, document: &DeTable<'_>) -> usize {
        let Some((list, at)) = self.entry else {
            return document.get(self.member).map_or(0, |value| value.span().start);
        };
        let entry = document.get(list).and_then(|list| list.get_ref().get(at));
        entry.map_or(0, |entry| entry.get_ref().get(self.member).unwrap_or(entry).span().start)
    }
}

impl Wrong {
    pub(super) fn in_text(self, text: &str) -> FrameworkError {
        let offset =
            DeTable::parse(text).map_or(0, |document| self.place.offset(document.get_ref()));
        placed(text, offset, self.what)
    }
}

fn placed(text: &str, offset: usize, what: String) -> FrameworkError {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    FrameworkError::Placed {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        what,
    }
}

/// A text of a framework's, as an error may repeat it.
pub(super) fn shown(text: &str) -> String {
    bounded(text, LONGEST_SHOWN)
}

/// The beginning of a text, on one line and without anything that a terminal would obey.
pub(super) fn bounded(text: &str, most: usize) -> String {
    let mut bounded = String::new();
    for (at, c) in text.trim_end().chars().enumerate() {
        if at == most {
            bounded.push('…');
            break;
        }
        match c {
            '"' | '\'' | '\\' => bounded.push(c),
            // Writing to a String cannot fail.
            _ => drop(write!(bounded, "{}", c.escape_debug())),
        }
    }
    bounded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::Category,
        controls::{
            Book, Strength,
            check::{LONGEST_ID, LONGEST_TEXT, LONGEST_TITLE, MOST_ENTRIES},
        },
    };

    /// The example of the file's description.
    fn example() -> &'static str {
        let description = include_str!("../../controls/README.md");
        description.split("```toml\n").nth(1).unwrap().split("```").next().unwrap()
    }

    /// What is said of the example with one thing changed, and where.
    fn told(from: &str, to: &str) -> (usize, usize, String) {
        assert!(example().contains(from), "{from}");
        let mut book = Book::standard().unwrap().clone();
        match book.add(&example().replacen(from, to, 1)).unwrap_err() {
            FrameworkError::Placed { line, column, what } => (line, column, what),
            other @ (FrameworkError::TooLarge { .. } | FrameworkError::Unplaced { .. }) => {
                panic!("no place: {other}")
            }
        }
    }

    #[test]
    fn the_example_of_the_description_is_read_and_its_items_are_found() {
        let mut book = Book::standard().unwrap().clone();
        book.add(example()).unwrap();
        assert_eq!(book.own().len(), 1);
        assert_eq!(book.categories_for("acme-7").unwrap(), [Category::ClaimsAudience]);
        assert_eq!(
            book.categories_for("acme-2026/ACME-9").unwrap(),
            [Category::RotationRevocation]
        );
        let acme = book.own().first().unwrap();
        let nine = acme.control("ACME-9").unwrap();
        assert_eq!(book.strength(acme, nine), Strength::Supporting);
        assert_eq!(book.claims(acme, nine).cannot_show.first(), Some(&"that operators are told"));
        let mapped = book.controls_for(Category::ClaimsAudience);
        assert!(mapped.into_iter().any(|mapped| mapped.control.id == "ACME-7"));
    }

    #[test]
    fn frameworks_come_back_from_json_as_they_were() {
        let own = Framework::parse(example()).unwrap();
        for framework in Book::standard().unwrap().frameworks().iter().chain([&own]) {
            let json = serde_json::to_string(framework).unwrap();
            assert!(!json.contains(":null"), "{}: what is absent is left out", framework.id);
            assert_eq!(&serde_json::from_str::<Framework>(&json).unwrap(), framework);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_what_to_do() {
        let cases = [
            (
                "claims-audience",
                "claims-audiance",
                (20, 12),
                "unknown variant `claims-audiance`, expected one of `alg-none`, `key-confusion`",
            ),
            (
                "strength = \"direct\"",
                "strength = \"strong\"",
                (22, 12),
                "expected one of `not-evidenced`, `supporting`, `direct`",
            ),
            ("title = \"Tokens are for us\"\n", "", (5, 1), "missing field `title`"),
            ("title = \"T", "titel = \"T", (7, 1), "unknown field `titel`, expected one of"),
            (
                "control = \"ACME-7\"",
                "control = \"ACME-8\"",
                (21, 11),
                "no item `ACME-8`; did you mean one of: ACME-7, ACME-9",
            ),
            ("control = \"ACME-7\"", "control = \"acme-7\"", (21, 11), "expected `ACME-7`"),
            (
                "id = \"ACME-9\"",
                "id = \"acme-7\"",
                (12, 6),
                "the item `acme-7` is there twice; expected each id once",
            ),
            (
                "id = \"acme-2026\"",
                "id = \"CWE\"",
                (1, 6),
                "the id `CWE` is taken by “Common Weakness Enumeration",
            ),
            (
                "id = \"acme-2026\"",
                "id = \"acme/2026\"",
                (1, 6),
                "has `/`; expected letters, digits",
            ),
            ("id = \"acme-2026\"", "id = \"\"", (1, 6), "an id is empty"),
            ("id = \"ACME-7\"", "id = \" \"", (6, 6), "begins or ends with white space"),
            ("id = \"ACME-7\"", "id = \"A\\u001b[2J\"", (6, 6), "the id `A\\u{1b}[2J`"),
            ("version = \"3\"", "version = \" \"", (3, 11), "`version` is empty"),
            (
                "strength = \"supporting\"\n",
                "strength = \"direct\"\n",
                (27, 12),
                "above the `evidence_ceiling` of `ACME-9`, which is `supporting`",
            ),
            (
                "strength = \"direct\"",
                "strength = \"not-evidenced\"",
                (22, 12),
                "has no mapping; leave it out",
            ),
            ("id = \"acme-2026\"", "id = ", (1, 6), "string values must be quoted"),
        ];
        for (from, to, place, words) in cases {
            let (line, column, what) = told(from, to);
            assert!(what.contains(words), "{to}: {what}");
            assert_eq!((line, column), place, "{to}: {what}");
        }
    }

    #[test]
    fn a_mapping_that_stands_twice_is_refused() {
        let twice = "[[mapping]]\ncategory = \"claims-audience\"\ncontrol = \"ACME-7\"\nstrength = \"direct\"\n";
        let (_, _, what) = told(twice, &twice.repeat(2));
        assert_eq!(what, "category `claims-audience` is mapped to `ACME-7` twice; leave one out");
    }

    #[test]
    fn a_framework_without_items_is_refused() {
        let what =
            Framework::parse("id = 'a'\nname = 'b'\nversion = 'c'\n").unwrap_err().to_string();
        assert!(what.starts_with("line 1, column 6: framework `a` has no item"), "{what}");
    }

    #[test]
    fn sizes_are_bounded_and_no_error_repeats_more_than_a_line() {
        let huge = " ".repeat(MOST_OCTETS + 1);
        assert_eq!(Framework::parse(&huge), Err(FrameworkError::TooLarge { octets: huge.len() }));
        let long = |most: usize| "x".repeat(most + 1);
        for (member, most) in [("ACME-7", LONGEST_ID), ("Tokens are for us", LONGEST_TITLE)] {
            let (_, _, what) = told(member, &long(most));
            assert!(what.ends_with(&format!("expected at most {most}")), "{what}");
        }
        let (_, _, what) = told("A service takes", &long(LONGEST_TEXT));
        assert!(what.contains("`summary` has"), "{what}");
        let (_, _, what) =
            told("category = \"claims-audience\"", &format!("category = \"{}\"", long(100_000)));
        assert!(what.chars().count() <= LONGEST_MESSAGE + 1, "{}", what.len());
        let many = "[[control]]\nid = \"ID\"\ntitle = \"a\"\n";
        let many: String =
            (0..=MOST_ENTRIES).map(|at| many.replace("ID", &at.to_string())).collect();
        let (_, _, what) = told("[[mapping]]", &format!("{many}[[mapping]]"));
        assert!(what.contains("entries `[[control]]`; expected at most 5000"), "{what}");
    }

    #[test]
    fn a_record_is_held_to_the_same() {
        let standard = Book::standard().unwrap();
        let own = Framework::parse(example()).unwrap();
        let book = standard.with([own.clone()]).unwrap();
        assert_eq!(book.own(), std::slice::from_ref(&own));
        assert_eq!(standard.own(), []);
        let what = standard.with([own.clone(), own.clone()]).unwrap_err().to_string();
        assert!(
            what.starts_with("framework `acme-2026`: the id `acme-2026` is taken by “Acme"),
            "{what}"
        );
        let mut bold = own;
        bold.mappings[1].strength = Strength::Direct;
        assert!(standard.with([bold]).is_err());
    }
}
