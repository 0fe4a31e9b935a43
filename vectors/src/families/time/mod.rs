//! When a token is good: `exp` and `nbf`, in every shape that a number can take.

mod boundary;
mod values;

use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::{
        AUDIENCE, ISSUER, SUBJECT,
        class::{Class, Setup},
    },
    recipe::{Json, JwsRecipe},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "time", title: "Tokens that have expired, or are not valid yet", cases };

/// A token that has expired.
const EXPIRED: Class = Class {
    family: FAMILY.name,
    category: Category::ClaimsTime,
    part: Part::Time,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::High,
    clauses: &["RFC 7519 §4.1.4", "RFC 7519 §2"],
    cwe: &[613],
    rule: "On or after the time in `exp` a JWT is not accepted; leeway is a few minutes at most.",
    consequence: "A stolen token is good for ever.",
    remedy: "Refuse the token unless `exp` is a number and lies in the future.",
};

/// A token whose `exp` tells no time at all.
const TIMELESS: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Medium,
    clauses: &["RFC 7519 §4.1.4"],
    rule: "The value of `exp` is a number; processing it requires that the current time is before it.",
    consequence: "An issuer's mistake makes tokens that never expire, and nobody notices.",
    ..EXPIRED
};

/// A token that is not valid yet.
const EARLY: Class = Class {
    severity: Severity::Medium,
    clauses: &["RFC 7519 §4.1.5", "RFC 7519 §2"],
    cwe: &[],
    rule: "Before the time in `nbf` a JWT is not accepted; leeway is a few minutes at most.",
    consequence: "A token that was issued for later is good now.",
    remedy: "Refuse the token unless `nbf`, where it is present, is a number and does not lie in the \
             future.",
    ..EXPIRED
};

/// The same where `nbf` tells no time at all.
const EARLY_TIMELESS: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    clauses: &["RFC 7519 §4.1.5"],
    rule: "The value of `nbf` is a number; processing it requires that the current time is not before \
           it.",
    ..EARLY
};

/// A token that is good now.
const VALID: Class = Class {
    severity: Severity::Medium,
    cwe: &[],
    clauses: &["RFC 7519 §2", "RFC 7519 §4.1.4", "RFC 7519 §4.1.5"],
    rule: "Times are JSON numbers of seconds since 1970, whole or not; a token that has not expired \
           and is valid already is not refused for its times.",
    consequence: "Honest tokens are refused, all of some issuer's or all from some day on.",
    remedy: "Read times as 64-bit floating point or wider, and compare them as such.",
    ..EXPIRED
};

fn cases() -> Vec<Case> {
    let mut cases = values::cases();
    cases.extend(boundary::cases());
    cases
}

/// The honest token of a set-up with these members for its times, letter by letter.
fn timed(setup: &Setup, times: &str) -> JwsRecipe {
    let times = if times.is_empty() { String::new() } else { format!(",{times}") };
    let claims =
        format!(r#"{{"iss":"{ISSUER}","sub":"{SUBJECT}","aud":"{AUDIENCE}","jti":"t1"{times}}}"#);
    setup.token().payload(Json::Text(claims))
}
