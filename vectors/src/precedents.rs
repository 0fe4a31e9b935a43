//! Published vulnerabilities, and the cases that look for what went wrong.
//!
//! The facts are data, `precedents.toml`. A report names them beside a finding: it tells a reader that
//! others were attacked this way, and not that the verifier has the same flaw.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::case::CaseId;

const PRECEDENTS: &str = include_str!("../precedents.toml");

/// A published vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precedent {
    /// Its id: that of an advisory which names the releases, or a name of ours where there is none.
    pub id: String,
    /// Other ids of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// What had it.
    pub product: String,
    /// Where that is published, such as `PyPI`.
    pub ecosystem: String,
    /// What went wrong, in our own words: a sentence without a capital and a period.
    pub what: String,
    /// The address of what its publisher says.
    pub source: String,
    /// The ids of the cases that look for it.
    pub cases: Vec<String>,
}

impl Precedent {
    /// Whether this is one of its ids, in any case.
    #[must_use]
    pub fn is(&self, id: &str) -> bool {
        std::iter::once(&self.id).chain(&self.also).any(|known| known.eq_ignore_ascii_case(id))
    }
}

/// The embedded file is not what its type says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the embedded precedents")]
pub struct PrecedentsError(#[source] toml::de::Error);

/// All of them: by year and number, then those that have no CVE id.
///
/// # Errors
/// [`PrecedentsError`], which a test keeps from happening.
pub fn precedents() -> Result<&'static [Precedent], PrecedentsError> {
    static ALL: LazyLock<Result<Precedents, PrecedentsError>> = LazyLock::new(|| {
        let table = toml::from_str(PRECEDENTS).and_then(toml::Table::try_into);
        table.map_err(PrecedentsError)
    });
    ALL.as_ref().map(|all| all.precedents.as_slice()).map_err(Clone::clone)
}

/// The published vulnerabilities that a case looks for, oldest first; none for most cases, and none where
/// the file could not be read.
#[must_use]
pub fn precedents_for(case: &CaseId) -> Vec<&'static Precedent> {
    let all = precedents().unwrap_or_default().iter();
    all.filter(|precedent| precedent.cases.iter().any(|id| id == case.as_str())).collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Precedents {
    #[serde(rename = "precedent")]
    precedents: Vec<Precedent>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Catalogue;

    /// Whether an id that begins like a registry's has the form of its ids.
    fn is_well_formed(id: &str) -> bool {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = id.split('-').collect();
        match parts.as_slice() {
            ["CVE", year, number] => {
                year.len() == 4 && digits(year) && number.len() >= 4 && digits(number)
            }
            ["PYSEC", year, number] => year.len() == 4 && digits(year) && digits(number),
            ["GHSA", groups @ ..] => {
                let alphabet = |b: u8| b"23456789cfghjmpqrvwx".contains(&b);
                groups.len() == 3 && groups.iter().all(|g| g.len() == 4 && g.bytes().all(alphabet))
            }
            words => words.iter().all(|word| {
                !word.is_empty()
                    && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            }),
        }
    }

    #[test]
    fn ids_have_the_form_of_their_registry_and_none_is_there_twice() {
        let mut seen = BTreeSet::new();
        for precedent in precedents().unwrap() {
            for id in std::iter::once(&precedent.id).chain(&precedent.also) {
                assert!(is_well_formed(id), "{id}");
                assert!(seen.insert(id), "{id} is there twice");
            }
            assert!(
                precedent.also.iter().all(|id| id.chars().any(char::is_uppercase)),
                "{}: another name of ours tells nobody anything",
                precedent.id
            );
        }
        for wrong in ["CVE-15-9235", "CVE-2015-923", "GHSA-c7hr-j4mj", "GHSA-aaaa-j4mj-j2w6", "Cve"]
        {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }

    #[test]
    fn each_names_cases_that_are_there_once_and_in_order() {
        let catalogue = Catalogue::build();
        let ids: BTreeSet<&str> = catalogue.cases().iter().map(|case| case.id.as_str()).collect();
        for Precedent { id, cases, .. } in precedents().unwrap() {
            assert!(!cases.is_empty(), "{id}");
            assert!(cases.is_sorted_by(|one, next| one < next), "{id}");
            for case in cases {
                assert!(ids.contains(case.as_str()), "{id}: no {case}");
                assert!(!case.starts_with("honest/"), "{id}: {case} looks for nothing");
            }
        }
    }

    #[test]
    fn each_says_what_of_what_and_where_that_stands() {
        for Precedent { id, product, ecosystem, what, source, .. } in precedents().unwrap() {
            for text in [product, ecosystem, what] {
                assert!(!text.is_empty() && text.trim() == text, "{id}: `{text}`");
            }
            let opening = what.split(' ').next().unwrap();
            let is_name = opening.chars().all(char::is_uppercase);
            assert!(
                opening.starts_with(char::is_lowercase)
                    || opening.starts_with('`')
                    || is_name
                    || opening == "A",
                "{id}: {what}"
            );
            assert!(!what.ends_with('.'), "{id}: {what}");
            let host = source.strip_prefix("https://").and_then(|rest| rest.split('/').next());
            assert!(host.is_some_and(|host| host.contains('.')), "{id}: {source}");
        }
    }

    #[test]
    fn a_case_has_its_precedents_oldest_first() {
        let of = |case: &str| {
            let found = precedents_for(&case.parse().unwrap());
            found.into_iter().map(|precedent| precedent.id.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of("signature/es256-zeros"), ["CVE-2022-21449"]);
        assert_eq!(of("offered-keys/jwk-known-kid"), ["CVE-2018-0114", "CVE-2026-34240"]);
        assert_eq!(
            of("static-keys/rsa-pkcs1-hmac-any"),
            ["CVE-2015-9235", "CVE-2017-11424", "CVE-2023-48223"]
        );
        assert!(of("honest/es256").is_empty());
        let sorted = |precedent: &Precedent| {
            let mut numbers = precedent.id.strip_prefix("CVE-")?.split('-').map(str::parse::<u32>);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        };
        let cves: Vec<_> = precedents().unwrap().iter().map_while(sorted).collect();
        assert!(cves.is_sorted() && cves.len() > 20, "{cves:?}");
    }

    #[test]
    fn is_found_by_each_of_its_ids() {
        let mut all = precedents().unwrap().iter();
        let substring = all.find(|precedent| precedent.is("ghsa-75c5-xw7c-p5pm")).unwrap();
        assert_eq!(substring.id, "CVE-2024-53861");
    }
}
