//! The algorithm that a token names: allowed, of its key, and the one that signed.
//!
//! Every token here is signed by the trusted key: nothing but the algorithm is wrong.

mod key;
mod list;

use crate::{
    case::{Basis, Case, Category, HonestAlgorithm, Level, Part, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe},
    recipe::{JwsRecipe, Signing},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "algorithm",
    title: "The algorithm is one that the operator allows and that the key is for",
    cases,
};

const ALLOWED: Class = Class {
    family: FAMILY.name,
    category: Category::KeyConfusion,
    part: Part::AllowList,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::High,
    clauses: &["RFC 8725 §3.1", "RFC 8725 §3.2", "RFC 7515 §5.2"],
    cwe: &[347, 757],
    rule: "The operator says which algorithms may be used, and no other is.",
    consequence: "An algorithm that was ruled out, for its weakness or for a key that leaked, still \
                  opens the door.",
    remedy: "Compare `alg` with the allow-list before a key is chosen.",
};

/// The name in the token is not that of the signature.
const NAMED: Class = Class {
    basis: Basis::Rfc,
    severity: Severity::Medium,
    clauses: &["RFC 7515 §5.2", "RFC 7515 §4.1.1", "RFC 8725 §3.1"],
    rule: "`alg` names exactly, in its case too, the algorithm that the signature is verified with; a \
           name that is not supported makes the signature invalid.",
    consequence: "The verifier decides by something else than the name that all others read: two \
                  verifiers do not agree on what was signed, and how.",
    remedy: "Look `alg` up letter by letter, and verify with what was found, or refuse.",
    ..ALLOWED
};

/// What the key says of its algorithm.
///
/// Only the holder of the key makes such a token: what is lost is a line of defence, nothing is forged.
const PINNED: Class = Class {
    part: Part::KeySelection,
    basis: Basis::Bcp,
    severity: Severity::Medium,
    clauses: &["RFC 8725 §3.1", "RFC 7517 §4.4"],
    rule: "Each key is used with exactly one algorithm, and this is checked when it is used: a JWK \
           that has `alg` serves no other.",
    consequence: "A weakness of one algorithm reaches a key that was published for another.",
    remedy: "Where a JWK has `alg`, refuse tokens that name another.",
    ..ALLOWED
};

/// A key on a curve that the algorithm does not have.
const CURVE: Class = Class {
    part: Part::KeySelection,
    basis: Basis::Rfc,
    clauses: &["RFC 7518 §3.4", "RFC 8725 §3.1"],
    rule: "ES256 is ECDSA on P-256 with SHA-256, ES384 on P-384, ES512 on P-521, ES256K on secp256k1; \
           a key on another curve does not serve.",
    consequence: "The strength that the name promises is not that of the key.",
    remedy: "Check the curve of the key against the algorithm before anything is verified.",
    ..ALLOWED
};

fn cases() -> Vec<Case> {
    let mut cases = list::cases();
    cases.extend(key::cases());
    cases
}

/// The honest token, but named and genuinely signed so.
fn signed_as(setup: &Setup, header_alg: &str, alg: &str) -> JwsRecipe {
    let signing = Signing::Key { key: KeyName::from(setup.key), alg: alg.to_owned() };
    setup.token().header("alg", header_alg).signed(signing)
}

/// A published set of these test keys, each under its own name.
fn set(keys: &[&str]) -> KeysRecipe {
    KeysRecipe::Set(keys.iter().map(|key| JwkRecipe::with_kid(KeyName::from(*key), key)).collect())
}

/// The set-up for a service that allows these.
fn allowing(setup: Setup, algorithms: &[&str]) -> Setup {
    setup.policy(|policy| {
        policy.algorithms = algorithms.iter().map(|alg| (*alg).to_owned()).collect();
    })
}

/// The same where honest tokens use this algorithm as well.
fn also_honest(mut setup: Setup, alg: &str, crv: Option<&str>) -> Setup {
    setup
        .needs
        .algorithms
        .push(HonestAlgorithm { alg: alg.to_owned(), crv: crv.map(str::to_owned) });
    setup
}
