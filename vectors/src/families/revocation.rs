//! Keys that went: they stop verifying when the set that held them is no longer fresh.

use super::scenario::{
    NEW, OLD, OTHERS, Scene, accepted, accepted_within, either, fails, mended, published, refused,
    refused_within, token, when_cool, when_stale, when_useless,
};
use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::Class,
    timeline::{Fault, Span},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "revocation", title: "Keys that were taken out of a set", cases };

/// A key that went is not used.
const REVOKED: Class = Class {
    family: FAMILY.name,
    category: Category::RotationRevocation,
    part: Part::Cache,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::High,
    clauses: &["Adapter protocol 1, `fetch.max_age_s`", "Adapter protocol 1, `fetch.max_stale_s`"],
    cwe: &[324, 672],
    rule: "A key that is no longer in the issuer's set verifies nothing once the set that held it is no \
           longer fresh.",
    consequence: "A stolen key opens the door for as long as the service runs; taking it out of the set, \
                  which is all that an issuer can do, changes nothing.",
    remedy: "Give the fetched set an end, fetch it again then, and put the new one in place of the old one \
             as a whole.",
};

/// A key that is back is used.
const BACK: Class = Class {
    severity: Severity::Medium,
    cwe: &[],
    rule: "What the set holds now counts, whatever it held before.",
    consequence: "Honest tokens are refused after a mistake of the issuer that was mended long ago.",
    remedy: "Remember nothing of keys that are gone.",
    ..REVOKED
};

const STOLEN: &str =
    "The attacker has a key of the issuer, which takes it out of its set; he goes on signing.";

fn cases() -> Vec<Case> {
    let scene = Scene::one();
    let both = scene.clone().first(|serves| serves.keys = Some(super::scenario::set(&[OLD, NEW])));
    let fresh = || token(OLD).claim("jti", "made-after-the-theft");
    vec![
        both.case(
            &REVOKED,
            "removed-key",
            "refuses tokens of a key that was taken out of the set, and accepts those of the others",
            STOLEN,
            [
                accepted(token(OLD)),
                accepted(token(NEW)),
                published(&[NEW]),
                when_stale(),
                refused(token(OLD)),
                refused(fresh()),
                accepted(token(NEW)),
            ],
        ),
        scene.case(
            &REVOKED,
            "replaced-set",
            "refuses tokens of the old key when another one is served in its place",
            STOLEN,
            [
                accepted(token(OLD)),
                published(&[NEW]),
                when_stale(),
                refused(token(OLD)),
                refused(fresh()),
                accepted(token(NEW)),
            ],
        ),
        scene.case(
            &REVOKED,
            "empty-set",
            "refuses tokens of a key when the set is empty",
            "The issuer's keys are stolen, and it takes all of them out of its set.",
            [accepted(token(OLD)), published(&[]), when_stale(), refused(token(OLD)), refused(fresh())],
        ),
        scene.case(
            &REVOKED,
            "no-union",
            "keeps no key of the old set when it fetched a new one for another key",
            STOLEN,
            [
                accepted(token(OLD)),
                when_cool(),
                published(&[NEW]),
                accepted_within(Span::MAX_AGE.plus(1), token(NEW)),
                refused(token(OLD)),
                refused(fresh()),
            ],
        ),
        scene.case(
            &REVOKED,
            "under-traffic",
            "refuses tokens of a key that is gone, however often it was used meanwhile",
            "The attacker uses the stolen key again and again, so that it never looks unused.",
            [
                accepted(token(OLD)),
                published(&[NEW]),
                after_part(),
                either(token(OLD)),
                after_rest(),
                refused(token(OLD)),
            ],
        ),
        scene.case(
            &REVOKED,
            "twice",
            "refuses tokens of both keys that were taken out one after the other",
            STOLEN,
            [
                accepted(token(OLD)),
                published(&[NEW]),
                when_stale(),
                accepted(token(NEW)),
                published(&[OTHERS]),
                when_stale(),
                refused(token(OLD)),
                refused(token(NEW)),
                accepted(token(OTHERS)),
            ],
        ),
        scene.case(
            &REVOKED,
            "during-an-outage",
            "refuses tokens of a key that was taken out during an outage once the issuer is back",
            "The issuer takes a stolen key out of its set while nobody can fetch it.",
            [
                accepted(token(OLD)),
                published(&[NEW]),
                fails(Fault::Status(503)),
                when_stale(),
                either(token(OLD)),
                mended(),
                refused_within(Span::COOLDOWN.plus(1), token(OLD)),
                accepted_within(Span::COOLDOWN.plus(1), token(NEW)),
            ],
        ),
        scene.case(
            &REVOKED,
            "outage-without-end",
            "refuses tokens of a key when its set is past all use, though no other can be fetched",
            "The attacker has a stolen key, and keeps the service from reaching the issuer, who took it out.",
            [
                accepted(token(OLD)),
                published(&[NEW]),
                fails(Fault::Refused),
                when_useless(),
                refused(token(OLD)),
            ],
        ),
        scene.case(
            &BACK,
            "taken-back",
            "accepts tokens of a key that was taken out and put back",
            "None: the issuer published a wrong set for a while.",
            [
                accepted(token(OLD)),
                published(&[]),
                when_stale(),
                refused(token(OLD)),
                published(&[OLD]),
                accepted_within(Span::MAX_AGE.and(Span::COOLDOWN).plus(1), token(OLD)),
            ],
        ),
        scene.case(
            &BACK,
            "empty-at-first",
            "accepts tokens of a key when the set that held none at first has it",
            "None: the issuer starts later than the service.",
            [
                published(&[]),
                refused(token(OLD)),
                published(&[OLD]),
                accepted_within(Span::MAX_AGE.and(Span::COOLDOWN).plus(1), token(OLD)),
            ],
        ),
    ]
}

/// Most of the time in which a set is fresh.
fn after_part() -> crate::timeline::Step {
    super::scenario::after(Span::MAX_AGE.plus(-2))
}

/// And the rest of it.
fn after_rest() -> crate::timeline::Step {
    super::scenario::after(Span::seconds(3))
}
