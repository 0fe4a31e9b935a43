//! Keys that the token brings, or says where to find: `jwk`, `x5c`, `jku`, `x5u`, and a `kid` that is
//! more than a name.
//!
//! The operator configured the keys. A key in the token proves only that its author has a key.

mod carried;
mod kid;
mod located;

use serde_json::{Map, Value};

use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::{KeyName, keys},
    recipe::{JwsRecipe, Signing},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "offered-keys",
    title: "A key that the token offers is not trusted, and no place that it names is asked",
    cases,
};

const CARRIED: Class = Class {
    family: FAMILY.name,
    category: Category::HeaderInjection,
    part: Part::KeySelection,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::Critical,
    clauses: &["RFC 7515 §4.1.1", "RFC 7515 §6", "RFC 7515 §10.3"],
    cwe: &[347, 345],
    rule: "A signature is valid only under a key that belongs to the issuer. Which keys do, the \
           operator says; a key in the token is a hint at most.",
    consequence: "Anybody makes a key, signs with it, and puts it into the token.",
    remedy: "Take keys from the configuration alone, and ignore `jwk`, `x5c`, `jku` and `x5u`.",
};

fn cases() -> Vec<Case> {
    let mut cases = carried::cases();
    cases.extend(located::cases());
    cases.extend(kid::cases());
    cases
}

/// The key of an attacker who has nothing else.
const ATTACKER: &str = "p256-b";

/// The honest header and claims, signed by the attacker.
fn forged(setup: &Setup) -> JwsRecipe {
    let signing = Signing::Key { key: KeyName::from(ATTACKER), alg: "ES256".to_owned() };
    setup.token().signed(signing)
}

/// What a forged token says of its key: the trusted key's name, the attacker's, or nothing.
const KIDS: &[(&str, &str, Option<&str>)] = &[
    ("known-kid", "the `kid` of the trusted key", Some("p256-a")),
    ("unknown-kid", "a `kid` that no trusted key has", Some(ATTACKER)),
    ("no-kid", "no `kid`", None),
];

fn with_kid(token: JwsRecipe, kid: Option<&str>) -> JwsRecipe {
    match kid {
        Some(kid) => token.header("kid", kid),
        None => token.without_header("kid"),
    }
}

/// The public JWK of a test key; an empty one, were there no such key, would fail the lint's forging.
fn public_jwk(key: &str) -> Map<String, Value> {
    keys::find(&KeyName::from(key)).map(keys::TestKey::public_jwk).unwrap_or_default()
}
