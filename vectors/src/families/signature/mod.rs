//! Signatures that are changed, cut, stretched, or made in a way that only looks right.
//!
//! Project Wycheproof's vectors, shown in `jws` mode, have more of the same for RSA and P-256; what
//! stands here is what they lack, and the most telling of them as whole JWTs.

mod common;
mod ecdsa;
mod eddsa;
mod hmac;
mod rsa;

use crate::{
    case::{Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::KeyName,
    recipe::{Alteration, JwsRecipe, RsaEncoding, Signing},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "signature",
    title: "Only the signature of the key over the text as received is good",
    cases,
};

fn cases() -> Vec<Case> {
    let parts = [common::cases, ecdsa::cases, rsa::cases, eddsa::cases, hmac::cases];
    parts.into_iter().flat_map(|cases| cases()).collect()
}

/// What all classes of the family share: a signature that is not good, and a MUST that says so.
const NOT_GOOD: Class = Class {
    family: FAMILY.name,
    category: Category::SignatureIntegrity,
    part: Part::Signature,
    level: Level::Must,
    basis: crate::case::Basis::Rfc,
    severity: Severity::Critical,
    clauses: &["RFC 7515 §5.2"],
    cwe: &[347],
    rule: "A JWS is valid only if its signature is the one that the algorithm defines, by the trusted \
           key, over the header and payload segments as they were received.",
    consequence: "Whoever can make such a signature can change what others signed, or sign for them.",
    remedy: "Check the signature with a maintained cryptography library, over the octets as received, \
             before anything is believed.",
};

/// The honest token with its signature altered.
fn altered(setup: &Setup, alteration: Alteration) -> JwsRecipe {
    let (key, alg) = (KeyName::from(setup.key), setup.alg.to_owned());
    setup.token().signed(Signing::Altered { key, alg, alteration })
}

/// The honest token signed by RSA over another encoding.
fn encoded(setup: &Setup, encoding: RsaEncoding) -> JwsRecipe {
    setup.token().signed(Signing::RsaEncoded { key: KeyName::from(setup.key), encoding })
}

/// The honest token signed by its own key with another algorithm than the header says.
fn signed_with(setup: &Setup, alg: &str) -> JwsRecipe {
    let key = KeyName::from(setup.key);
    setup.token().signed(Signing::Key { key, alg: alg.to_owned() })
}
