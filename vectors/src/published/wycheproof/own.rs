//! A user's own file in Wycheproof's format, played at the labels that it gives.
//!
//! Read more leniently than our own three files: flags, notes and members that we do not know do not
//! matter. A test without a `jws` (the JWE half of a mixed file) is passed over, as it is in ours.

use std::collections::BTreeSet;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::{Effective, Given, Twins, Vector};
use crate::case::{Case, CaseId};

/// Why a file in Wycheproof's format cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OwnFileError {
    /// It is not JSON, or not of this shape.
    #[error("line {line}, column {column}: {what}")]
    Shape { line: usize, column: usize, what: String },
    /// A test cannot be played as it stands.
    #[error("line {line}: the test with tcId {test} {why}")]
    Test { line: usize, test: u64, why: String },
    /// No test is about a JWS.
    #[error(
        "no test has a `jws`; expected a file of JSON Web Signatures, such as Wycheproof's json_web_signature_test.json"
    )]
    NoJws,
}

#[derive(Debug, Deserialize)]
struct OwnFile {
    #[serde(rename = "testGroups")]
    groups: Vec<OwnGroup>,
}

#[derive(Debug, Deserialize)]
struct OwnGroup {
    #[serde(default)]
    comment: String,
    public: Option<Value>,
    private: Option<Value>,
    tests: Vec<OwnTest>,
}

#[derive(Debug, Deserialize)]
struct OwnTest {
    #[serde(rename = "tcId")]
    id: u64,
    #[serde(default)]
    comment: String,
    jws: Option<Value>,
    result: Label,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Label {
    Valid,
    Invalid,
    Acceptable,
}

/// Whether a text is of Wycheproof's shape, as far as it can be told of a text that may be malformed.
pub(crate) fn is_wycheproof(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(rename = "testGroups")]
        groups: Option<IgnoredAny>,
    }
    match serde_json::from_str::<Shape>(text) {
        Ok(shape) => shape.groups.is_some(),
        Err(_) => text.contains("\"testGroups\""),
    }
}

/// The cases of a user's file; `name` is the file's, and becomes part of their ids.
pub(crate) fn own_cases(name: &str, text: &str) -> Result<Vec<Case>, OwnFileError> {
    let file: OwnFile = serde_json::from_str(text).map_err(|error| OwnFileError::Shape {
        line: error.line(),
        column: error.column(),
        what: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    })?;
    let stem = name.strip_suffix(".json").unwrap_or(name);
    let family = format!("wycheproof-{}", kebab(stem));
    let mut seen = BTreeSet::new();
    let mut vectors = Vec::new();
    for (at, group) in file.groups.iter().enumerate() {
        for test in &group.tests {
            let wrong = |why: &str| wrong(text, test.id, why);
            let Some(jws) = &test.jws else { continue };
            if !seen.insert(test.id) {
                return Err(wrong("stands twice in the file; expected each tcId once"));
            }
            let no_keys = "belongs to a group without keys; expected a JWK or a JWK Set as `public`, or as \
                           `private` where the keys are symmetric";
            let keys = group.public.as_ref().or(group.private.as_ref());
            let given = Given {
                id: CaseId::new(&family, &test.id.to_string()),
                file: stem,
                group: at,
                group_comment: &group.comment,
                test: test.id,
                comment: &test.comment,
                jws,
                keys: keys.ok_or_else(|| wrong(no_keys))?,
                label: match test.result {
                    Label::Valid => "valid",
                    Label::Invalid => "invalid",
                    Label::Acceptable => "acceptable",
                },
                effective: match test.result {
                    Label::Valid => Effective::Valid,
                    Label::Invalid => Effective::Invalid,
                    Label::Acceptable => Effective::Policy,
                },
                differs_because: None,
            };
            let vector = given.vector().ok_or_else(|| wrong(no_keys))?;
            vectors.push((test.id, vector));
        }
    }
    if vectors.is_empty() {
        return Err(OwnFileError::NoJws);
    }
    let (ids, vectors): (Vec<u64>, Vec<Vector>) = vectors.into_iter().unzip();
    let twins = Twins::of(&vectors).or(Twins::of(&super::vectors().unwrap_or_default()));
    for (id, vector) in ids.iter().zip(&vectors) {
        if let Some(why) = unplayable(vector, &twins) {
            return Err(wrong(text, *id, why));
        }
    }
    Ok(vectors.iter().map(|vector| vector.case(&twins)).collect())
}

/// What a test lacks to be a case.
fn unplayable(vector: &Vector, twins: &Twins) -> Option<&'static str> {
    match vector.effective {
        Effective::Invalid | Effective::Should => twins.twin(vector).is_none().then_some(
            "is to be refused, and no compact JWS labelled `valid` stands in its group, or anywhere under its \
             algorithm: a verifier that refuses everything would pass; add one",
        ),
        Effective::Valid | Effective::Policy => {
            (vector.own_alg().is_none() && vector.key_alg().is_none()).then_some(
                "may be accepted, but neither its protected header nor its key names an `alg` that could be \
                 allowed; give the key an `alg`, or the test the label `invalid`",
            )
        }
    }
}

fn wrong(text: &str, test: u64, why: &str) -> OwnFileError {
    OwnFileError::Test { line: line_of(text, test), test, why: why.to_owned() }
}

/// Where a test's `tcId` stands, from 1; of two, the last.
fn line_of(text: &str, test: u64) -> usize {
    let names = |line: &str| {
        line.split("\"tcId\"").skip(1).any(|behind| {
            let number = behind.trim_start().strip_prefix(':').unwrap_or_default().trim_start();
            let digits =
                number.len() - number.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            number.get(..digits).and_then(|digits| digits.parse().ok()) == Some(test)
        })
    };
    text.lines().enumerate().filter(|(_, line)| names(line)).last().map_or(1, |(at, _)| at + 1)
}

/// A file's name as part of an id.
fn kebab(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    if words.is_empty() { "file".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{case::Level, published::wycheproof::FAMILY};

    /// Two tests of Wycheproof's first group, and one that we made acceptable.
    const OWN: &str = r#"{
  "algorithm": "JWS",
  "testGroups": [
    {
      "type": "JsonWebSignature",
      "comment": "hs256",
      "private": {"alg": "HS256", "k": "-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE", "kid": "k", "kty": "oct"},
      "tests": [
        {"tcId": 1, "comment": "acceptsValid", "result": "valid", "flags": ["OfTomorrow"],
         "jws": "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.TD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg"},
        {"tcId": 2, "comment": "rejectsModifiedSignature", "result": "invalid",
         "jws": "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.XD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg"},
        {"tcId": 30, "comment": "doubtful", "result": "acceptable",
         "jws": "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.YD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg"},
        {"tcId": 31, "comment": "no JWS", "result": "valid", "jwe": "eyJ"}
      ]
    }
  ]
}"#;

    #[test]
    fn tests_are_cases_at_the_labels_of_the_file() {
        assert!(is_wycheproof(OWN));
        let cases = own_cases("My file_v1.json", OWN).unwrap();
        let told: Vec<_> = cases
            .iter()
            .map(|case| {
                let permitted = case.permitted().unwrap();
                let words = (permitted.is_refusal_only(), permitted.is_acceptance_only());
                (case.id.as_str(), case.level, words, case.twin.as_ref().map(CaseId::as_str))
            })
            .collect();
        let first = "wycheproof-my-file-v1/1";
        assert_eq!(
            told,
            [
                (first, Level::Must, (false, true), None),
                ("wycheproof-my-file-v1/2", Level::Must, (true, false), Some(first)),
                ("wycheproof-my-file-v1/30", Level::May, (false, false), None),
            ]
        );
        for case in &cases {
            assert!(case.id.as_str().parse::<CaseId>().is_ok());
            assert_eq!(case.policy.algorithms, ["HS256"], "{}", case.id);
        }
    }

    #[test]
    fn what_cannot_be_played_is_told_with_its_line_and_a_remedy() {
        let no_alg = ("\"alg\": \"HS256\", ", "");
        let unread = ("eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.TD", "eyJ.Zm9v.TD");
        let invalid = ("\"result\": \"valid\", \"flags\"", "\"result\": \"invalid\", \"flags\"");
        let edits: [(&[(&str, &str)], &str); 7] = [
            (&[("\"tcId\": 30", "\"tcId\": 2")], "line 13: the test with tcId 2 stands twice"),
            (
                &[("\"private\"", "\"neither\"")],
                "line 9: the test with tcId 1 belongs to a group without keys",
            ),
            (&[no_alg, unread, invalid], "line 9: the test with tcId 1 is to be refused"),
            (&[no_alg, unread], "line 9: the test with tcId 1 may be accepted"),
            (&[("\"jws\"", "\"sig\"")], "no test has a `jws`"),
            (&[("\"acceptable\"", "\"maybe\"")], "line 13, column"),
            (&[("\"testGroups\": [", "\"testGroups\": 7, \"x\": [")], "line 3, column"),
        ];
        for (edits, told) in edits {
            let text = edits.iter().fold(OWN.to_owned(), |text, (from, to)| text.replace(from, to));
            assert!(is_wycheproof(&text), "{told}");
            let error = own_cases("own", &text).unwrap_err().to_string();
            assert!(error.starts_with(told), "{told}: {error}");
        }
        // A good token of ours under the same algorithm stands in for one of the group.
        let borrowed = OWN.replace(invalid.0, invalid.1);
        let twin = own_cases("own", &borrowed).unwrap().swap_remove(0).twin.unwrap();
        assert_eq!(twin.family(), FAMILY.name);
    }

    #[test]
    fn every_file_name_makes_an_id() {
        for (name, word) in
            [("a", "a"), ("JWS_v1.2", "jws-v1-2"), ("--", "file"), ("", "file"), ("ü x", "x")]
        {
            assert_eq!(kebab(name), word);
        }
    }
}
