//! The JSON serializations of a JWS: several signatures, and headers that nobody signed.

mod headers;
mod members;
mod signatures;

use crate::{
    case::{Basis, Capability, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::KeyName,
    recipe::{Json, JwsJsonRecipe, JwsMember, JwsRecipe, SignatureRecipe, Signing},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "json-serialization",
    title: "JSON serializations: several signatures, and headers that nobody signed",
    cases,
};

fn cases() -> Vec<Case> {
    let setup = setup();
    [signatures::cases(&setup), headers::cases(&setup), members::cases(&setup)].concat()
}

const SIGNATURES: Class = Class {
    family: FAMILY.name,
    category: Category::SignatureIntegrity,
    part: Part::Signature,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::Critical,
    clauses: &["RFC 7515 §5.2", "RFC 7515 §7.2"],
    cwe: &[347],
    rule: "At least one signature must be good, over the payload that the object holds.",
    consequence: "Anybody can sign.",
    remedy: "Begin with refusal; only a signature that was verified changes it.",
};

const HEADERS: Class = Class {
    category: Category::TokenParsing,
    part: Part::Header,
    severity: Severity::High,
    clauses: &["RFC 7515 §5.2", "RFC 7515 §7.2.1"],
    cwe: &[347, 436],
    rule: "No parameter may stand in both the protected and the unprotected header of a signature; \
           whether one does is verified before the signature is.",
    consequence: "Whoever carries the token writes over what its issuer signed: the algorithm, the key, \
                  or the restrictions.",
    remedy: "Refuse a signature if its two headers have a name in common.",
    ..SIGNATURES
};

const SHAPES: Class = Class {
    category: Category::TokenParsing,
    part: Part::Serialization,
    severity: Severity::Medium,
    clauses: &["RFC 7515 §7.2.1", "RFC 7515 §5.2"],
    cwe: &[20, 248],
    rule: "The object holds `payload`, and `signatures`, an array of objects (or the members of one such \
           object); headers are JSON objects, the other values base64url texts.",
    consequence: "A member of another type ends in an error that nobody expects, or is passed over \
                  together with the check that needed it.",
    remedy: "Read the object into types, and refuse what does not fit.",
    ..SIGNATURES
};

/// A service that takes JWS in their JSON serializations from one key.
fn setup() -> Setup {
    let mut setup = Setup::es256().jws().twin(FAMILY.name, "flattened");
    setup.needs.capabilities = vec![Capability::JwsJson];
    setup
}

/// A good signature of the trusted key.
fn good(setup: &Setup) -> SignatureRecipe {
    let JwsRecipe { protected, signing, .. } = setup.token();
    SignatureRecipe { protected, unprotected: None, signing, more: Vec::new() }
}

/// The same by a key that is not trusted, under the trusted one's name.
fn forged(setup: &Setup) -> SignatureRecipe {
    let key = KeyName::from("p256-b");
    SignatureRecipe { signing: Signing::Key { key, alg: setup.alg.to_owned() }, ..good(setup) }
}

fn with_unprotected(setup: &Setup, header: serde_json::Value) -> SignatureRecipe {
    SignatureRecipe { unprotected: Some(Json::Text(header.to_string())), ..good(setup) }
}

fn of(setup: &Setup, members: Vec<JwsMember>) -> JwsJsonRecipe {
    JwsJsonRecipe { payload: setup.token().payload, members, behind: String::new() }
}

fn flattened(setup: &Setup, signature: SignatureRecipe) -> JwsJsonRecipe {
    of(setup, vec![JwsMember::Payload, JwsMember::Signature(signature)])
}

fn general(setup: &Setup, signatures: Vec<SignatureRecipe>) -> JwsJsonRecipe {
    of(setup, vec![JwsMember::Payload, JwsMember::Signatures(signatures)])
}

fn raw(name: &str, value: impl Into<String>) -> JwsMember {
    JwsMember::Raw(name.to_owned(), value.into())
}

/// The form with several signatures, and the case in which its honest token must be accepted.
fn general_setup(setup: &Setup) -> Setup {
    setup.clone().twin(FAMILY.name, "general")
}
