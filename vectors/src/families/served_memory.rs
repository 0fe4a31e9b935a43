//! No memory where there should be none, with keys that are fetched: what one verifier fetched, was told or
//! was refused is no other one's, and none of its own when it is made anew.

use super::scenario::{
    NAMES, NEW, OLD, OTHERS, Scene, accepted, accepted_within, at, configured, configured_anew,
    fails_at, nobody_asked, published, refused, serving, token, when_stale,
};
use crate::{
    case::{Basis, Capability, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::Class,
    policy::{Keys, KeysRecipe, PolicyRecipe},
    timeline::{Fault, Span},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "served-memory",
    title: "Verifiers that fetch, and share what they should not",
    cases,
};

const SHARED: Class = Class {
    family: FAMILY.name,
    category: Category::SignatureIntegrity,
    part: Part::Cache,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::High,
    clauses: &["Adapter protocol 1, `configure`", "RFC 7519 §7.2"],
    cwe: &[345],
    rule: "Two verifiers in one process judge by their own policies, with the keys of their own issuers, \
           whatever the other one fetched.",
    consequence: "What one service lets in, every service in the process does.",
    remedy: "Keep caches and options in the verifier, or under all that they hang on: the whole URL, and the \
             options with which it was fetched.",
};

/// Made anew.
const ANEW: Class = Class {
    severity: Severity::Medium,
    cwe: &[524],
    rule: "A verifier that is made anew has nothing cached from the one before.",
    consequence: "A service that is given a new configuration, so that it forgets a stolen key, goes on to \
                  trust it.",
    remedy: "Keep nothing of a verifier in the process.",
    ..SHARED
};

/// The name of the second verifier.
const OTHER: &str = "other";

fn cases() -> Vec<Case> {
    let scene = Scene::one().beside(serving(&[OTHERS]));
    let elsewhere = |change: fn(&mut PolicyRecipe)| {
        scene
            .clone()
            .policy(|policy| {
                for issuer in &mut policy.issuers {
                    issuer.keys =
                        KeysRecipe::Literal(Keys::JwksUri("{issuer.1}/jwks.json".to_owned()));
                }
                change(policy);
            })
            .as_policy()
    };
    let same = |change: fn(&mut PolicyRecipe)| scene.clone().policy(change).as_policy();
    let two = "Two services in one process fetch their keys from different places; tokens of both are shown \
               to both.";
    let (issuer, _) = NAMES;
    vec![
        scene.case(
            &SHARED,
            "two-addresses",
            "keeps apart the keys that two verifiers fetched from two places",
            two,
            [
                configured(OTHER, elsewhere(|_| {})),
                accepted(token(OLD)),
                at(OTHER, accepted(token(OTHERS))),
                refused(token(OTHERS)),
                at(OTHER, refused(token(OLD))),
                accepted(token(OLD)),
            ],
        ),
        scene.case(
            &SHARED,
            "one-address-two-audiences",
            "keeps apart the audiences of two verifiers that fetch from one place",
            "Two services in one process fetch their keys from one place, and have different names.",
            [
                configured(
                    OTHER,
                    same(|policy| policy.audiences = vec!["https://other.test".to_owned()]),
                ),
                accepted(token(OLD)),
                at(OTHER, refused(token(OLD))),
                at(OTHER, accepted(token(OLD).claim("aud", "https://other.test"))),
                refused(token(OLD).claim("aud", "https://other.test")),
                accepted(token(OLD)),
            ],
        ),
        scene.case(
            &SHARED,
            "one-down",
            "accepts at one verifier while the endpoint of the other fails",
            "None: two services in one process have issuers of their own, and one of those is down.",
            [
                configured(OTHER, elsewhere(|_| {})),
                fails_at(1, Fault::Status(503)),
                at(OTHER, refused(token(OTHERS))),
                accepted(token(OLD)),
                at(OTHER, refused(token(OLD))),
            ],
        ),
        scene.case(
            &ANEW,
            "made-anew",
            "fetches the keys anew when it is made anew",
            "The operator makes the verifier anew, so that it forgets a stolen key that was taken out of the \
             set.",
            [
                accepted(token(OLD)),
                published(&[NEW]),
                configured_anew(same(|_| {})),
                refused(token(OLD)),
                accepted(token(NEW)),
            ],
        ),
        scene.case(
            &ANEW,
            "moved",
            "asks the new place alone when it is made anew with one",
            "The operator trusts another place for the same issuer's keys, because the first one is no longer \
             its own.",
            [
                accepted(token(OLD)),
                super::scenario::fetches_ever(1, 2),
                configured_anew(elsewhere(|_| {})),
                refused(token(OLD)),
                accepted(token(OTHERS).claim("iss", issuer)),
                when_stale(),
                refused(token(OLD)),
                nobody_asked(0),
            ],
        ),
        scene.needing(Capability::Several).case(
            &ANEW,
            "made-anew-after-a-failure",
            "does not remember the failure of the verifier before it",
            "None: the operator makes the verifier anew when its issuer is back.",
            [
                fails_at(0, Fault::Status(503)),
                refused(token(OLD)),
                super::scenario::mended(),
                configured_anew(Scene::one().as_policy()),
                accepted_within(Span::seconds(1), token(OLD)),
            ],
        ),
    ]
}
