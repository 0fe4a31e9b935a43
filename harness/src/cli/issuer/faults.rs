//! What can go wrong, in the words that people type.

use std::fmt::Write;

use anyhow::{Context, anyhow, bail};
use gauntlet_vectors::timeline::{Endpoint, Fault};
use serde_json::{Value, json};

use super::words::quoted;
use crate::issuer::Rule;

/// A fault as it is typed: its words, what stands behind them, and what happens.
struct Words {
    word: &'static str,
    behind: &'static str,
    what: &'static str,
}

const fn words(word: &'static str, behind: &'static str, what: &'static str) -> Words {
    Words { word, behind, what }
}

const REFUSED: &str = "refused";
/// Every fault; a test compares it with those that there are.
const FAULTS: &[Words] = &[
    words(REFUSED, "", "the port is closed: the connection is refused"),
    words("silent", "", "the connection is accepted, and nothing is ever said"),
    words("closed", "", "the connection is accepted and closed at once"),
    words("tls", "HOW", "the handshake goes wrong; HOW is one of those below"),
    words("reset", "", "the request is read, and the connection reset"),
    words("silent_body", "", "the head of the response comes, and then nothing"),
    words("drip", "", "the response comes octet by octet, for half a minute"),
    words("late", "MS", "the honest answer, so many milliseconds late"),
    words("cut", "", "the connection is closed half-way through the body"),
    words("cut_tail", "", "the whole body comes, but less than Content-Length announced"),
    words("short_length", "", "Content-Length is less than the body"),
    words("bad_chunk", "", "the size of a chunk is no number"),
    words("cut_chunks", "", "the connection is closed before the last chunk"),
    words("not_http", "", "what comes is no HTTP"),
    words("endless_head", "", "header fields without end"),
    words("status", "N", "this status and a few words; 429 and 503 with Retry-After: 1"),
    words("status_with_document", "N", "this status, and the document for a body all the same"),
    words("not_modified", "", "304 to whoever did not ask, 503 to whoever did"),
    words("html", "", "200, with a page for people"),
    words("empty", "", "200, with no body"),
    words("empty_object", "", "200, with {}"),
    words("garbage", "", "200, with octets that are no text"),
    words("half_document", "", "200, with the first half of the document"),
    words("encoded", "HOW", "200, with a Content-Encoding; HOW is one of those below"),
    words("padded", "OCTETS", "200, with so many octets of document and white space"),
    words("endless", "", "200, and white space without end"),
    words("redirect_loop", "", "302 to itself"),
    words("redirect", "STATUS URL", "301, 302, 303, 307 or 308 to this address"),
];
const TLS: &[Words] = &[
    words("wrong_name", "", "the certificate is another server's"),
    words("expired", "", "the certificate has ended"),
    words("not_yet_valid", "", "the certificate has not begun"),
    words("self_signed", "", "the certificate is signed by its own key"),
    words("unknown_authority", "", "the certificate is of an authority that nobody trusts"),
    words("no_authority", "", "the certificate is signed by a server's, which is no authority"),
    words("plain", "", "plain HTTP is spoken where TLS is due"),
];
const ENCODINGS: &[Words] = &[
    words("gzip_bomb", "", "gzip, of the document with 16 MiB of white space in it"),
    words("not_gzip", "", "it says gzip, and is none"),
];

/// All faults with what happens, for `break list`.
pub(super) fn list() -> String {
    let mut list = String::new();
    let rows = [("", FAULTS), ("tls ", TLS), ("encoded ", ENCODINGS)];
    for (before, fault) in
        rows.iter().flat_map(|(before, all)| all.iter().map(move |f| (before, f)))
    {
        let typed = format!("{before}{} {}", fault.word, fault.behind);
        // A text takes what is written to it.
        let _ = writeln!(list, "  {:<26} {}", typed.trim_end(), fault.what);
    }
    list.push_str(
        "  behind each: at jwks|metadata (jwks if not said), after N good answers, times N; \
         faults of connections\n  (refused, silent, closed, tls) happen to all that come\n",
    );
    list
}

/// What is to go wrong, from `FAULT [at ENDPOINT] [after N] [times N]`.
pub(super) fn rule(text: &str) -> anyhow::Result<Rule> {
    let mut rest = text.split_whitespace();
    let word = rest.next().ok_or_else(|| anyhow!("expected a fault; `break list` names them"))?;
    let word = typed(word);
    let Some(named) = FAULTS.iter().find(|fault| fault.word == word) else {
        let near = super::nearest(&word, FAULTS.iter().map(|fault| fault.word));
        bail!("there is no fault {}{near}; `break list` names them", quoted(&word));
    };
    let mut argument = |what: &str| {
        rest.next().ok_or_else(|| anyhow!("expected `{} {}`: {what}", word, named.behind))
    };
    let fault = match named.behind {
        "" => Value::from(named.word),
        "HOW" => {
            let kinds = if named.word == "tls" { TLS } else { ENCODINGS };
            let all: Vec<_> = kinds.iter().map(|kind| kind.word).collect();
            let how = typed(argument(&all.join(", "))?);
            if !all.contains(&how.as_str()) {
                bail!("there is no `{word}` {}; expected one of {}", quoted(&how), all.join(", "));
            }
            json!({ named.word: how })
        }
        "N" => json!({ named.word: status(argument("a status from 200 to 599")?, 200..=599)? }),
        "MS" => json!({ named.word: number::<u16>(argument("a number of milliseconds")?)? }),
        "OCTETS" => json!({ named.word: number::<u64>(argument("a number of octets")?)? }),
        _ => {
            let status = status(argument("a status")?, 300..=399)?;
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                bail!(
                    "{status} is no redirect that is followed; expected 301, 302, 303, 307 or 308"
                );
            }
            json!({ named.word: { "status": status, "to": argument("an address")? } })
        }
    };
    let fault: Fault = serde_json::from_value(fault)?;
    let mut rule = Rule { at: Endpoint::Jwks, fault, after: 0, times: None };
    while let Some(word) = rest.next() {
        let value = rest.next().ok_or_else(|| anyhow!("expected a value behind `{word}`"));
        match word {
            "at" if rule.fault.is_of_the_connection() => bail!(
                "`{}` happens to connections, before anything is asked: leave `at` away",
                named.word
            ),
            "at" => {
                rule.at = match value? {
                    "jwks" => Endpoint::Jwks,
                    "metadata" => Endpoint::Metadata,
                    other => bail!("expected `at jwks` or `at metadata`, found {}", quoted(other)),
                }
            }
            "after" => rule.after = number(value?)?,
            "times" if rule.fault == Fault::Refused => {
                bail!("who is refused is not seen, and not counted: `mend` ends it")
            }
            "times" => rule.times = Some(number(value?)?),
            other => {
                bail!("expected `at`, `after` or `times` behind the fault, found {}", quoted(other))
            }
        }
    }
    Ok(rule)
}

/// A fault as it is typed.
pub(super) fn spelled(fault: &Fault) -> String {
    let value = serde_json::to_value(fault).unwrap_or_default();
    let mut words = Vec::new();
    flatten(&value, &mut words);
    words.join(" ")
}

/// A rule in a sentence.
pub(super) fn told(rule: &Rule) -> String {
    let mut told = spelled(&rule.fault);
    if !rule.fault.is_of_the_connection() {
        let _ = write!(told, ", of the {}", rule.at.words());
    }
    let (one, many) = if rule.fault.is_of_the_connection() {
        ("connection", "connections")
    } else {
        ("answer", "answers")
    };
    let count = |n: u32| format!("{n} {}", if n == 1 { one } else { many });
    match rule.after {
        0 => {}
        after => {
            let _ = write!(
                told,
                ", after {} that {} good",
                count(after),
                if after == 1 { "is" } else { "are" }
            );
        }
    }
    match rule.times {
        None => told.push_str(", until `mend`"),
        Some(times) => {
            let _ = write!(told, ", for {}", count(times));
        }
    }
    told
}

/// Whether it can happen only where TLS is spoken.
pub(super) fn needs_tls(fault: &Fault) -> bool {
    matches!(fault, Fault::Tls(_))
}

fn typed(word: &str) -> String {
    word.to_ascii_lowercase().replace('-', "_")
}

fn status(text: &str, range: std::ops::RangeInclusive<u16>) -> anyhow::Result<u16> {
    let status = text.parse().ok().filter(|status| range.contains(status));
    status.ok_or_else(|| {
        anyhow!(
            "expected a status from {} to {}, found {}",
            range.start(),
            range.end(),
            quoted(text)
        )
    })
}

fn number<T: std::str::FromStr>(text: &str) -> anyhow::Result<T> {
    text.parse().ok().with_context(|| format!("expected a whole number, found {}", quoted(text)))
}

/// The names and values of what serde writes, one behind the other; the names of a redirect's members are
/// not typed.
fn flatten(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(word) => words.push(word.clone()),
        Value::Object(members) => {
            for (name, value) in members {
                if members.len() == 1 {
                    words.push(name.clone());
                }
                flatten(value, words);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            words.push(value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use gauntlet_vectors::timeline::{Encoding, TlsFault};
    use serde::de::DeserializeOwned;

    use super::*;

    /// The names that serde knows, as its own error lists them.
    fn names<T: DeserializeOwned>() -> BTreeSet<String> {
        let Err(error) = serde_json::from_value::<T>(json!("nothing of the kind")) else {
            panic!("there is no such name");
        };
        let error = error.to_string();
        let (_, listed) = error.split_once("expected ").unwrap();
        listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    fn typed_words(table: &[Words]) -> BTreeSet<String> {
        table.iter().map(|words| words.word.to_owned()).collect()
    }

    #[test]
    fn every_fault_can_be_typed() {
        assert_eq!(names::<Fault>(), typed_words(FAULTS));
        assert_eq!(names::<TlsFault>(), typed_words(TLS));
        assert_eq!(names::<Encoding>(), typed_words(ENCODINGS));
    }

    #[test]
    fn what_is_typed_is_what_is_told() {
        for fault in FAULTS {
            let behinds: Vec<&str> = match (fault.word, fault.behind) {
                ("tls", _) => TLS.iter().map(|how| how.word).collect(),
                ("encoded", _) => ENCODINGS.iter().map(|how| how.word).collect(),
                (_, "N") => vec!["503"],
                (_, "OCTETS") => vec!["1000000"],
                (_, "MS") => vec!["50"],
                (_, "STATUS URL") => vec!["307 http://127.0.0.1:1/x"],
                _ => vec![""],
            };
            for behind in behinds {
                let words = format!("{} {behind}", fault.word);
                let rule = rule(&words).unwrap();
                assert_eq!(spelled(&rule.fault), words.trim());
                assert!(list().contains(fault.what));
            }
        }
    }

    #[test]
    fn counts_and_endpoints_are_read() {
        let rule = rule("Status-With-Document 500 at metadata after 2 times 3").unwrap();
        assert_eq!(rule.fault, Fault::StatusWithDocument(500));
        assert_eq!((rule.at, rule.after, rule.times), (Endpoint::Metadata, 2, Some(3)));
        assert_eq!(
            told(&rule),
            "status_with_document 500, of the metadata, after 2 answers that are good, for 3 answers"
        );
    }

    #[test]
    fn what_is_no_fault_says_what_was_expected() {
        for (text, said) in [
            ("", "break list"),
            ("silnt", "did you mean `silent`"),
            ("status", "200 to 599"),
            ("status 99999", "200 to 599"),
            ("status 1x", "200 to 599"),
            ("tls", "wrong_name"),
            ("tls broken", "wrong_name"),
            ("encoded br", "gzip_bomb"),
            ("padded many", "whole number"),
            ("redirect 200 http://x", "300 to 399"),
            ("redirect 304 http://x", "308"),
            ("redirect 302", "an address"),
            ("silent at metadata", "leave `at` away"),
            ("empty at home", "at jwks"),
            ("empty after", "a value behind"),
            ("empty after -1", "whole number"),
            ("empty often", "`times`"),
            ("refused times 2", "mend"),
        ] {
            let error = rule(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
