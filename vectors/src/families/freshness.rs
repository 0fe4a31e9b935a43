//! What a response says about its own freshness (RFC 9111): it shortens what the operator allows, never
//! lengthens it, and never makes a verifier hammer its issuer.

use super::scenario::{
    NEW, OLD, Scene, accepted, accepted_times, after, either, fetches, fetches_ever, published,
    refused, token, when_cool, when_stale, when_useless,
};
use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::Class,
    timeline::Span,
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "freshness", title: "What a response says of its own freshness", cases };

/// The operator's bound holds.
const BOUNDED: Class = Class {
    family: FAMILY.name,
    category: Category::RotationRevocation,
    part: Part::Cache,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::High,
    clauses: &["Adapter protocol 1, `fetch.max_age_s`", "RFC 9111 §4.2.1"],
    cwe: &[324, 672],
    rule: "A set is fresh for as long as the operator allows at most, whatever its response says.",
    consequence: "Whoever once answers in the issuer's name, or a mistake in its configuration, keeps a \
                  key in use for a year.",
    remedy: "Take the shorter one of the operator's bound and the response's.",
};

/// The response says less.
const SHORTER: Class = Class {
    level: Level::Should,
    severity: Severity::Low,
    rule: "A set is fresh no longer than its response says.",
    consequence: "An issuer that announced a short life for its keys, and took one out, is not heard \
                  before the operator's longer bound ends.",
    remedy: "Read `Cache-Control: max-age`, else `Expires` less `Date`, and subtract `Age`; the result is \
             an upper bound beside the operator's.",
    ..BOUNDED
};

/// The response says nothing at all, in many words.
const CALM: Class = Class {
    category: Category::FetchHardening,
    severity: Severity::Medium,
    cwe: &[400],
    clauses: &["Adapter protocol 1, `fetch.cooldown_s`", "RFC 9111 §4.2.1"],
    rule: "No freshness is shorter than the cooldown: a response that says it is stale already is used \
           until then.",
    consequence: "Every token is a request to the issuer; the service makes its issuer's outage, and its \
                  own.",
    remedy: "Let freshness end after the cooldown at the earliest.",
    ..BOUNDED
};

/// The response says what cannot be read.
const READ: Class = Class {
    severity: Severity::Medium,
    cwe: &[755],
    rule: "Header fields that cannot be read change nothing in what the set says.",
    consequence: "Honest tokens are refused for a comma in a header field.",
    remedy: "Treat what is no freshness as stale, or as absent, within the operator's bounds.",
    ..BOUNDED
};

fn cases() -> Vec<Case> {
    let mut cases = longer();
    cases.extend(shorter());
    cases.extend(stale_at_once());
    cases.extend(unreadable());
    cases.push(validated());
    cases.push(validated_and_changed());
    cases
}

const STOLEN: &str =
    "The attacker has a key of the issuer, which takes it out of its set; he goes on signing.";

/// Revoked, under a response that wants to live longer than the operator allows.
fn longer() -> Vec<Case> {
    [
        (
            "max-age-of-a-year",
            "of a year",
            ("Cache-Control", "public, max-age=31536000, immutable"),
        ),
        (
            "max-age-beyond-64-bits",
            "beyond 64 bits",
            ("Cache-Control", "max-age=99999999999999999999"),
        ),
        ("expires-in-a-year", "that ends in a year", ("Expires", "{date+31536000}")),
        (
            "stale-while-revalidate",
            "with a year for revalidation",
            (
                "Cache-Control",
                "max-age={max_age}, stale-while-revalidate=31536000, stale-if-error=31536000",
            ),
        ),
    ]
    .map(|(slug, how, field)| {
        Scene::one().headers(&[field]).case(
            &BOUNDED,
            slug,
            &format!("ends a freshness {how} when the operator's bound does"),
            STOLEN,
            [
                accepted(token(OLD)),
                published(&[NEW]),
                when_stale(),
                refused(token(OLD)),
                accepted(token(NEW)),
            ],
        )
    })
    .to_vec()
}

/// Revoked, under a response that lives shorter.
fn shorter() -> Vec<Case> {
    [
        ("max-age-shorter", "`max-age`", vec![("Cache-Control", "max-age={short}")]),
        ("expires-shorter", "`Expires`", vec![("Date", "{date}"), ("Expires", "{date+short}")]),
        (
            "age-counts",
            "`Age`",
            vec![
                ("Cache-Control", "max-age={max_age+max_age}"),
                ("Age", "{max_age+max_age-short}"),
            ],
        ),
        (
            "max-age-before-expires",
            "`max-age` and not `Expires`",
            vec![("Expires", "{date+31536000}"), ("Cache-Control", "max-age={short}")],
        ),
    ]
    .into_iter()
    .map(|(slug, name, headers)| {
        Scene::one().headers(&headers).case(
            &SHORTER,
            slug,
            &format!("ends a freshness that {name} makes shorter than the operator's bound"),
            STOLEN,
            [
                accepted(token(OLD)),
                published(&[NEW]),
                after(Span::SHORT.plus(1)),
                refused(token(OLD)),
                accepted(token(NEW)),
            ],
        )
    })
    .collect()
}

/// Twenty tokens in a moment, under a response that is stale when it comes.
fn stale_at_once() -> Vec<Case> {
    [
        ("no-store", "`no-store`", vec![("Cache-Control", "no-store")]),
        ("no-cache", "`no-cache`", vec![("Cache-Control", "no-cache, must-revalidate")]),
        ("max-age-0", "`max-age=0`", vec![("Cache-Control", "max-age=0, must-revalidate")]),
        ("expires-in-the-past", "an `Expires` in the past", vec![("Expires", "{date-3600}")]),
        ("expires-0", "`Expires: 0`", vec![("Expires", "0")]),
        (
            "age-beyond-max-age",
            "an `Age` beyond `max-age`",
            vec![("Cache-Control", "max-age=60"), ("Age", "86400")],
        ),
    ]
    .into_iter()
    .map(|(slug, name, headers)| {
        Scene::one().headers(&headers).case(
            &CALM,
            slug,
            &format!("uses a set under {name} until the cooldown is over"),
            "None: a front end adds header fields of its own to the issuer's answers.",
            [
                accepted_times(20, token(OLD)),
                fetches(1, 1),
                when_cool(),
                accepted_times(20, token(OLD)),
                fetches(0, 1),
            ],
        )
    })
    .collect()
}

/// What is no freshness: used, and at an end when the operator says.
fn unreadable() -> Vec<Case> {
    let long = "x".repeat(4_000);
    [
        ("max-age-is-a-word", vec![("Cache-Control", "max-age=soon")]),
        ("max-age-negative", vec![("Cache-Control", "max-age=-1")]),
        ("max-age-empty", vec![("Cache-Control", "max-age=")]),
        ("max-age-quoted", vec![("Cache-Control", "max-age=\"31536000\"")]),
        ("max-age-twice", vec![("Cache-Control", "max-age=31536000, max-age=60")]),
        ("max-age-in-two-fields", vec![("Cache-Control", "max-age=60"), ("Cache-Control", "max-age=31536000")]),
        ("commas", vec![("Cache-Control", ",, , =,=, ;;\"")]),
        ("long-value", vec![("Cache-Control", long.as_str())]),
        ("expires-is-a-word", vec![("Expires", "tomorrow")]),
        ("date-is-a-word", vec![("Date", "today"), ("Expires", "{date+short}")]),
        ("age-is-a-word", vec![("Age", "old"), ("Cache-Control", "max-age={max_age}")]),
        ("age-negative", vec![("Age", "-86400"), ("Cache-Control", "max-age={max_age}")]),
    ]
    .into_iter()
    .map(|(slug, headers)| {
        let fields: Vec<String> = headers
            .iter()
            .map(|(name, value)| {
                let shown: String = value.chars().take(40).collect();
                format!("`{name}: {shown}`")
            })
            .collect();
        Scene::one().headers(&headers).case(
            &READ,
            slug,
            &format!("uses a set under {}, and not for longer than the operator allows", fields.join(" and ")),
            "Somebody in the way of the response, or the issuer's own front end, writes nonsense into it.",
            [
                accepted(token(OLD)),
                published(&[NEW]),
                either(token(OLD)),
                when_stale(),
                refused(token(OLD)),
                accepted(token(NEW)),
            ],
        )
    })
    .collect()
}

/// The set did not change, and the issuer says so in one line.
fn validated() -> Case {
    Scene::one().headers(&[("ETag", "{etag}")]).case(
        &Class { cwe: &[], clauses: &["RFC 9111 §4.3.3", "RFC 9110 §13.1.2"], ..READ },
        "not-modified",
        "keeps using a set that was validated and did not change",
        "None: the issuer answers 304 to whoever brings the tag of the set that he has.",
        [
            accepted(token(OLD)),
            when_stale(),
            accepted(token(OLD)),
            // So late that what did not count as a success would have ended the set.
            when_useless(),
            accepted(token(OLD)),
            fetches_ever(1, 6),
        ],
    )
}

/// The set changed, and the tag with it.
fn validated_and_changed() -> Case {
    Scene::one().headers(&[("ETag", "{etag}")]).case(
        &Class { clauses: &["RFC 9111 §4.3.3", "RFC 9110 §13.1.2"], ..BOUNDED },
        "modified",
        "takes the new set where the tag of the old one no longer fits",
        STOLEN,
        [
            accepted(token(OLD)),
            when_stale(),
            accepted(token(OLD)),
            published(&[NEW]),
            when_stale(),
            refused(token(OLD)),
            accepted(token(NEW)),
        ],
    )
}
