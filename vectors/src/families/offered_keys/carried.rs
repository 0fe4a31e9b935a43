//! Keys inside the token: `jwk` and `x5c`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{ATTACKER, CARRIED, KIDS, forged, public_jwk, with_kid};
use crate::{
    case::{Belief, Case, Permitted},
    families::class::{Class, Setup},
    forge::{
        KeyName, base64url,
        hash::Hash,
        keys::{self, TestKey},
    },
    recipe::{RsaEncoding, Signing},
};

const JWK: Class =
    Class { clauses: &["RFC 7515 §4.1.3", "RFC 7515 §4.1.1", "RFC 7515 §6"], ..CARRIED };

const X5C: Class = Class {
    clauses: &["RFC 7515 §4.1.6", "RFC 7515 §4.1.1", "RFC 7515 §6"],
    cwe: &[347, 295],
    ..CARRIED
};

pub(super) fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    let mut cases = Vec::new();
    for (slug, shown, kid) in KIDS {
        cases.push(JWK.refuse(
            &setup,
            &format!("jwk-{slug}"),
            format!("refuses a token that brings its own `jwk`, with {shown}"),
            format!(
                "The attacker signs with a key of his own, puts it into `jwk`, and sends {shown}."
            ),
            with_kid(forged(&setup), *kid).header("jwk", public_jwk(ATTACKER)),
        ));
        cases.push(X5C.refuse(
            &setup,
            &format!("x5c-{slug}"),
            format!("refuses a token that brings its own self-signed `x5c`, with {shown}"),
            format!(
                "The attacker signs with a key of his own, puts a certificate for it that he made \
                 himself into `x5c`, and sends {shown}."
            ),
            with_kid(forged(&setup), *kid).header("x5c", json!([certificate(ATTACKER)])),
        ));
    }
    let rs256 = Setup::rs256();
    let stranger = Signing::Key { key: KeyName::from("rsa-2048-b"), alg: "RS256".to_owned() };
    cases.push(JWK.refuse(
        &rs256,
        "jwk-rsa",
        "refuses a token that brings its own RSA key as `jwk`",
        "The attacker signs with an RSA key of his own and puts it into `jwk`.",
        rs256.token().signed(stranger).header("jwk", public_jwk("rsa-2048-b")),
    ));
    cases.push(JWK.refuse(
        &setup,
        "cnf-jwk",
        "refuses a token that is signed by the key in its own `cnf` claim",
        "The attacker signs with a key of his own and puts it into `cnf`, where a token says who may \
         show it.",
        forged(&setup).claim("cnf", json!({ "jwk": public_jwk(ATTACKER) })),
    ));
    cases.extend(disguised(&setup));
    cases.extend(decorated(&setup));
    cases
}

/// A key that looks more trusted, or needs no private half.
fn disguised(setup: &Setup) -> Vec<Case> {
    let mut named = public_jwk(ATTACKER);
    named.insert("kid".to_owned(), json!("p256-a"));
    let hs256 = Setup::hs256();
    let secret = Signing::Key { key: KeyName::from("oct-256-b"), alg: "HS256".to_owned() };
    let mut unsecured = public_jwk(ATTACKER);
    unsecured.insert("alg".to_owned(), json!("none"));
    let der = keys::find(&KeyName::from(ATTACKER)).and_then(TestKey::certificate_der);
    let thumbprint = base64url(&Hash::Sha256.digest(&[der.unwrap_or_default()]));
    let own_name =
        keys::find(&KeyName::from(ATTACKER)).map(TestKey::thumbprint).unwrap_or_default();
    let rs256 = Setup::rs256();
    let mut exponent_1 = public_jwk(rs256.key);
    exponent_1.insert("e".to_owned(), json!("AQ"));
    vec![
        JWK.refuse(
            setup,
            "jwk-whose-thumbprint-is-the-kid",
            "refuses a `jwk` whose thumbprint is the token's `kid`",
            "The attacker names his key by its thumbprint, so that name and key vouch for each other; \
             nobody else does.",
            forged(setup).header("kid", own_name).header("jwk", public_jwk(ATTACKER)),
        ),
        JWK.refuse(
            &rs256,
            "jwk-of-the-trusted-modulus",
            "refuses a `jwk` that has the trusted key's modulus and an exponent of 1",
            "The attacker takes the trusted key and changes its exponent to 1, under which every text is \
             its own signature: a verifier that finds the modulus among its own, and verifies with the \
             key from the header, lets him in.",
            rs256.token().header("jwk", exponent_1).signed(Signing::RsaEncoded {
                key: KeyName::from(rs256.key),
                encoding: RsaEncoding::NotApplied { hash: Hash::Sha256 },
            }),
        ),
        X5C.refuse(
            setup,
            "x5c-with-its-thumbprint",
            "refuses an `x5c` whose thumbprint stands beside it",
            "The attacker puts the thumbprint of his own certificate into `x5t#S256`, so that the two \
             agree; nobody trusts either.",
            forged(setup)
                .without_header("kid")
                .header("x5c", json!([certificate(ATTACKER)]))
                .header("x5t#S256", thumbprint),
        ),
        JWK.refuse(
            setup,
            "jwk-under-the-trusted-name",
            "refuses a `jwk` that has the trusted key's `kid` and other numbers",
            "The attacker gives his key the name of the trusted one, inside `jwk` and beside it: a \
             verifier that looks whether the name is known finds that it is.",
            forged(setup).header("jwk", named),
        ),
        X5C.refuse(
            setup,
            "x5c-before-the-trusted-certificate",
            "refuses an `x5c` whose first certificate is the attacker's and whose second is the \
             trusted key's",
            "The attacker puts a certificate of the trusted key behind his own. A verifier that finds \
             one that it knows, and verifies with the first, lets him in.",
            forged(setup)
                .header("x5c", json!([certificate(ATTACKER), certificate(setup.key)])),
        ),
        JWK.refuse(
            &hs256,
            "jwk-oct",
            "refuses a symmetric key in `jwk`",
            "The service uses HS256. The attacker puts a secret of his own into `jwk` and computes \
             the MAC with it.",
            hs256.token().header("jwk", public_jwk("oct-256-b")).signed(secret),
        ),
        JWK.refuse(
            setup,
            "jwk-alg-none",
            "refuses `none` beside a `jwk` whose `alg` is `none`",
            "The attacker's key says that it is for `none`; token and key agree.",
            setup
                .token()
                .header("alg", "none")
                .header("jwk", unsecured)
                .signed(Signing::Octets(Vec::new())),
        ),
    ]
}

/// Honest tokens that carry their own key: allowed, of no use, and some verifiers refuse them.
fn decorated(setup: &Setup) -> Vec<Case> {
    let choice = |class: &Class, name: &str, value: Value| {
        class.choice(
            setup,
            &format!("{name}-of-the-trusted-key"),
            format!("accepts or refuses an honest token that carries its own key in `{name}`"),
            format!("None: the issuer puts its public key into `{name}`, as it may."),
            setup.token().header(name, value),
            Permitted::choice(Belief::Signed),
        )
    };
    vec![
        choice(&JWK, "jwk", public_jwk(setup.key).into()),
        choice(&X5C, "x5c", json!([certificate(setup.key)])),
    ]
}

/// The self-signed certificate of a test key, as `x5c` has it: base64, not base64url.
fn certificate(key: &str) -> String {
    keys::find(&KeyName::from(key))
        .and_then(keys::TestKey::certificate_der)
        .map(|der| STANDARD.encode(der))
        .unwrap_or_default()
}
