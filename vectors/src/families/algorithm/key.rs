//! What a key is for: its `alg`, and its curve.

use serde_json::json;

use super::{CURVE, PINNED, allowing, set, signed_as};
use crate::{
    case::{Case, Severity},
    families::class::{Class, Setup},
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe},
    recipe::Signing,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = pinned();
    cases.extend(curves());
    cases
}

/// A JWK that has `alg`.
fn pinned() -> Vec<Case> {
    let accepts = Class {
        severity: Severity::Medium,
        consequence: "Tokens under keys that say what they are for are refused.",
        remedy: "Take a key whose `alg` is the token's.",
        ..PINNED
    };
    let rsa = pinned_to(Setup::rs256(), "RS256").twin(super::FAMILY.name, "pinned-rs256");
    let mut cases = vec![accepts.accept(
        &rsa,
        "pinned-rs256",
        "accepts RS256 under a JWK whose `alg` is RS256",
        "None: many issuers publish `alg` with each key.",
        rsa.token(),
    )];
    // Both are allowed, so that nothing but the key's own `alg` can refuse.
    for (pin, alg) in [("RS256", "PS256"), ("PS256", "RS256"), ("RS512", "RS256")] {
        let setup = pinned_to(allowing(Setup::rs256(), &[alg, pin]), pin);
        cases.push(PINNED.refuse(
            &setup.twin(super::FAMILY.name, "pinned-rs256"),
            &format!("pinned-{}-{}", pin.to_lowercase(), alg.to_lowercase()),
            format!("refuses {alg} under a JWK whose `alg` is {pin}; both are allowed"),
            format!(
                "The key was published for {pin}. It signs with {alg}, which its type would allow."
            ),
            signed_as(&Setup::rs256(), alg, alg),
        ));
    }
    let rs512 = pinned_to(Setup::rs256(), "RS512").twin(super::FAMILY.name, "pinned-rs256");
    cases.push(PINNED.refuse(
        &rs512,
        "pinned-rs512-signed-named-rs256",
        "refuses a token that names RS256, the only allowed, but is signed with the RS512 of its key",
        "The name passes the allow-list; the verifier then verifies with the key's own algorithm.",
        signed_as(&rs512, "RS256", "RS512"),
    ));
    let unnamed = pinned_to(Setup::rs256(), "RS512").twin(super::FAMILY.name, "pinned-rs256");
    cases.push(PINNED.refuse(
        &unnamed,
        "pinned-rs512-without-kid",
        "refuses an RS256 token without `kid` under a key that is published for RS512",
        "The key was published for RS512. It signs with RS256, and the token does not name it.",
        signed_as(&unnamed, "RS256", "RS256").without_header("kid"),
    ));
    let encryption = pinned_to(Setup::rs256(), "RSA-OAEP").twin(super::FAMILY.name, "pinned-rs256");
    cases.push(PINNED.refuse(
        &encryption,
        "pinned-rsa-oaep-rs256",
        "refuses RS256 under a JWK whose `alg` is RSA-OAEP",
        "The key was published for encryption; its private half lies where things are decrypted.",
        encryption.token(),
    ));
    let hmac = |pin: &str| {
        let long = Setup { key: "oct-512-a", ..Setup::hs256() };
        pinned_to(long, pin).twin(super::FAMILY.name, "pinned-hs256")
    };
    cases.push(accepts.accept(
        &hmac("HS256"),
        "pinned-hs256",
        "accepts HS256 under a symmetric JWK whose `alg` is HS256",
        "None: the key says what it is for.",
        hmac("HS256").token(),
    ));
    cases.push(PINNED.refuse(
        &allowing(hmac("HS512"), &["HS256", "HS512"]),
        "pinned-hs512-hs256",
        "refuses HS256 under a symmetric JWK whose `alg` is HS512; both are allowed",
        "The key was shared for HS512. It signs with HS256, which its length would allow.",
        hmac("HS512").token(),
    ));
    cases
}

/// The same service with one key whose JWK has this `alg`.
fn pinned_to(setup: Setup, alg: &str) -> Setup {
    let mut jwk = JwkRecipe::with_kid(KeyName::from(setup.key), setup.key);
    jwk.set.push(("alg".to_owned(), json!(alg)));
    setup.keys(KeysRecipe::Set(vec![jwk]))
}

/// Keys on another curve than the algorithm's, with signatures that are good but for that.
fn curves() -> Vec<Case> {
    let p256 = allowing(Setup::es256(), &["ES256", "ES512"]);
    let over_sha512 =
        Signing::EcdsaOver { key: KeyName::from("p256-a"), hash_of: "ES512".to_owned() };
    let p384 =
        allowing(Setup::honest("es384", "p384-a", "ES384", Some("P-384")), &["ES384", "ES256"]);
    let over_sha256 =
        Signing::EcdsaOver { key: KeyName::from("p384-a"), hash_of: "ES256".to_owned() };
    let es256_and_k = &["ES256", "ES256K"];
    let k1 =
        allowing(Setup::honest("es256k", "secp256k1-a", "ES256K", Some("secp256k1")), es256_and_k)
            .keys(set(&["secp256k1-a"]));
    let r1 = allowing(Setup::es256(), es256_and_k);
    vec![
        CURVE.refuse(
            &p256,
            "es512-on-p256",
            "refuses ES512 under a key on P-256, signed over SHA-512",
            "The key on P-256 signs over the hash of ES512: with a library that looks at the hash \
             alone the signature is good.",
            p256.token().header("alg", "ES512").signed(over_sha512),
        ),
        CURVE.refuse(
            &p384,
            "es256-on-p384",
            "refuses ES256 under a key on P-384, signed over SHA-256",
            "The key on P-384 signs over the hash of ES256.",
            p384.token().header("alg", "ES256").signed(over_sha256),
        ),
        CURVE.refuse(
            &k1,
            "es256-on-secp256k1",
            "refuses ES256 under a key on secp256k1",
            "Hash and lengths are the same as on P-256; only the curve is another.",
            signed_as(&k1, "ES256", "ES256K"),
        ),
        CURVE.refuse(
            &r1,
            "es256k-on-p256",
            "refuses ES256K under a key on P-256",
            "Hash and lengths are the same as on secp256k1; only the curve is another.",
            signed_as(&r1, "ES256K", "ES256"),
        ),
    ]
}
