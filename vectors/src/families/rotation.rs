//! New keys: picked up without a restart, and at once for as long as both are served.

use super::scenario::{
    NEW, OLD, OTHERS, Scene, accepted, accepted_at_once, accepted_times, accepted_within, fails,
    fetches, fetches_ever, mended, named_set, published, published_by, refused, token, under,
    when_cool, when_stale,
};
use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::Class,
    timeline::{Fault, Span},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "rotation", title: "New keys, picked up without a restart", cases };

/// Where rotation is asked for.
pub(super) const CLAUSES: &[&str] =
    &["Adapter protocol 1, `fetch.max_age_s`", "OpenID Connect Core 1.0 §10.1.1"];

/// A key that came is used.
const NEW_KEYS: Class = Class {
    family: FAMILY.name,
    category: Category::RotationRevocation,
    part: Part::Cache,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::Medium,
    clauses: CLAUSES,
    cwe: &[],
    rule: "A key that the issuer publishes is used without a restart, at the latest when the set that was \
           fetched before it is no longer fresh.",
    consequence: "Honest tokens are refused from the rotation until somebody restarts the service.",
    remedy: "Fetch the set again when its freshness ends, and once, within the cooldown, when a token \
             names a `kid` that the set does not have.",
};

/// Material that went is not used.
const REPLACED: Class = Class {
    severity: Severity::High,
    cwe: &[324],
    rule: "The set that was fetched last is the whole truth: what is published under a name replaces what \
           was published under it before.",
    consequence: "A stolen key that the issuer replaced under its name goes on to open the door.",
    remedy: "Replace the whole set when a new one is fetched, and keep no key by its name beyond that.",
    ..NEW_KEYS
};

const NO_ATTACK: &str = "None: the issuer rotates its keys.";

fn cases() -> Vec<Case> {
    let scene = Scene::one();
    let case = |slug, title: &str, steps| scene.case(&NEW_KEYS, slug, title, NO_ATTACK, steps);
    vec![
        case("first-fetch", "accepts a token of a key that it fetched", vec![accepted(token(OLD))]),
        case(
            "next-fetch",
            "still accepts a token of a key that stays when it has to fetch again",
            vec![
                accepted(token(OLD)),
                when_stale(),
                accepted(token(OLD)),
                when_stale(),
                accepted(token(OLD)),
            ],
        ),
        case(
            "new-key",
            "accepts a token of a key that was added to the set",
            vec![
                accepted(token(OLD)),
                when_cool(),
                published(&[OLD, NEW]),
                accepted_within(Span::MAX_AGE.plus(1), token(NEW)),
            ],
        ),
        case(
            "new-key-once",
            "fetches a set once for a key that was added to it",
            vec![
                accepted(token(OLD)),
                when_cool(),
                published(&[OLD, NEW]),
                accepted_within(Span::MAX_AGE.plus(1), token(NEW)),
                fetches_ever(1, 40),
                accepted_times(20, token(NEW)),
                accepted_times(20, token(OLD)),
                fetches_ever(0, 1),
            ],
        ),
        case(
            "overlap",
            "accepts tokens of both keys while the issuer serves both",
            vec![
                accepted(token(OLD)),
                published(&[NEW, OLD]),
                when_stale(),
                accepted(token(OLD)),
                accepted(token(NEW)),
                accepted(token(OLD)),
            ],
        ),
        case(
            "new-key-only",
            "accepts a token of the one key that replaced the other",
            vec![accepted(token(OLD)), published(&[NEW]), when_stale(), accepted(token(NEW))],
        ),
        case(
            "three-in-a-row",
            "follows an issuer that rotates three times",
            vec![
                accepted(token(OLD)),
                published(&[NEW]),
                when_stale(),
                accepted(token(NEW)),
                published(&[OTHERS]),
                when_stale(),
                accepted(token(OTHERS)),
                published(&[OLD]),
                when_stale(),
                accepted(token(OLD)),
            ],
        ),
        case(
            "during-an-outage",
            "accepts a token of the new key when an issuer that rotated during an outage is back",
            vec![
                accepted(token(OLD)),
                published(&[OLD, NEW]),
                fails(Fault::Status(503)),
                when_cool(),
                refused(token(NEW)),
                accepted(token(OLD)),
                mended(),
                accepted_within(Span::MAX_AGE.and(Span::COOLDOWN).plus(1), token(NEW)),
            ],
        ),
        scene.clone().needing(crate::case::Capability::Concurrent).case(
            &NEW_KEYS,
            "under-load",
            "fetches a set once for 64 tokens that are shown at once when it is no longer fresh",
            "None: the issuer rotates its keys while the service is busy.",
            [
                accepted(token(OLD)),
                fetches_ever(1, 4),
                published(&[OLD, NEW]),
                when_stale(),
                accepted_at_once(64, token(OLD)),
                fetches(1, 1),
                accepted(token(NEW)),
            ],
        ),
        scene.case(
            &REPLACED,
            "new-material-under-the-old-kid",
            "takes the new key that the issuer publishes under the name of the old one",
            "The attacker has the old key. The issuer replaces it and keeps its name.",
            [
                accepted(token(OLD)),
                published_by(0, named_set(&[(NEW, OLD)])),
                when_stale(),
                accepted(under(NEW, OLD)),
                refused(token(OLD)),
            ],
        ),
    ]
}
