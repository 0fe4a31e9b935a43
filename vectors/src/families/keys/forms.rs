//! How keys are written: what must be taken, and what may be.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{HONEST, encoded, jwk, octets, published, text};
use crate::{
    case::{Basis, Belief, Case, Category, Level, Part, Permitted, Severity},
    families::class::{Class, Setup},
    forge::{
        KeyName,
        hash::Hash,
        keys::{self, TestKey},
    },
    policy::KeysRecipe,
    recipe::Signing,
};

/// A key that has to be found before it is used.
const CHOSEN: Class = Class {
    category: Category::JwksSelection,
    part: Part::KeySelection,
    rule: "`kid` picks a key where both sides have it, and nothing has to be picked where there is one \
           key; it may be any string, or not there at all.",
    consequence: "Honest tokens of issuers who name their keys in this way are refused.",
    remedy: "Compare `kid` as a string, and use the only key that fits where there is none.",
    ..HONEST
};

/// A JWK that its producer should not have written, and that can still be read in one way alone.
const SLOPPY: Class = Class {
    clauses: &["RFC 7517 §4", "RFC 7518 §6"],
    rule: "What a JWK must look like binds its producer; a verifier may leave out a key that looks \
           otherwise, or read it.",
    consequence: "Issuers who write their keys in this way are understood by some and not by others.",
    remedy: "None is needed; leaving such a key out is the safer choice.",
    ..HONEST
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = members();
    cases.extend(lengths());
    cases.push(crowd());
    cases.extend(sloppy());
    cases.push(unregistered_alg());
    cases
}

fn members() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        ("alg", "with `alg`", vec![("alg", json!("ES256"))]),
        ("use-sig", "with `use`", vec![("use", json!("sig"))]),
        ("key-ops-verify", "with `key_ops`", vec![("key_ops", json!(["verify"]))]),
        (
            "key-ops-several",
            "that may sign as well as verify",
            vec![("key_ops", json!(["sign", "verify"])), ("use", json!("sig"))],
        ),
        (
            "thumbprints",
            "with thumbprints of a certificate that is not there",
            vec![
                ("x5t", encoded([0x5a; 20])),
                ("x5t#S256", encoded(Hash::Sha256.digest(&[b"a certificate"]))),
            ],
        ),
        ("x5c", "with its certificate", certified()),
        (
            "members-in-other-case",
            "with members that differ from registered ones in case",
            vec![
                ("KID", json!("p256-b")),
                ("Use", json!("enc")),
                ("ALG", json!("ES384")),
                ("Key_ops", json!(["sign"])),
                ("X", json!(text("p256-b", "x"))),
            ],
        ),
        (
            "unknown-members",
            "with members that nobody knows",
            vec![
                ("ext", json!(true)),
                ("https://issuer.test/rotation", json!({"x": [1, null, {"n": "AQAB"}]})),
                ("iat", json!(1_700_000_000)),
            ],
        ),
    ]
    .into_iter()
    .map(|(slug, what, set)| {
        let setup = published(Setup::es256(), &set, &[]);
        HONEST.accept(
            &setup,
            slug,
            format!("takes a key {what}"),
            "None: issuers publish such keys.",
            setup.token(),
        )
    })
    .collect();

    let unnamed = Setup::es256();
    let mut nameless = jwk(unnamed.key, &[], &[]);
    nameless.set.clear();
    let unnamed = unnamed.keys(KeysRecipe::Set(vec![nameless]));
    cases.push(Class { clauses: &["RFC 7517 §4.5", "RFC 7515 §4.1.4"], ..CHOSEN }.accept(
        &unnamed,
        "no-kid",
        "finds the only key of a set, where neither the key nor the token has a `kid`",
        "None: `kid` is optional in both places.",
        unnamed.token().without_header("kid"),
    ));

    let kid = "schlüssel/2026 №1";
    let named = published(Setup::es256(), &[("kid", json!(kid))], &[]);
    cases.push(Class { clauses: &["RFC 7517 §4.5"], ..CHOSEN }.accept(
        &named,
        "kid-not-ascii",
        "finds a key by a `kid` that is not ASCII",
        "None: the structure of a `kid` is not specified.",
        named.token().header("kid", kid),
    ));
    cases
}

/// The certificate of the key, as certificate authorities of identity providers publish it: self-signed.
fn certified() -> Vec<(&'static str, Value)> {
    let der = keys::find(&KeyName::from("p256-a")).and_then(TestKey::certificate_der);
    let der = der.unwrap_or_default();
    vec![("x5c", json!([STANDARD.encode(der)])), ("x5t#S256", encoded(Hash::Sha256.digest(&[der])))]
}

fn lengths() -> Vec<Case> {
    let zero = Setup::honest("es256", "p256-leading-zero", "ES256", Some("P-256"));
    let long: Vec<u8> = (0..150).collect();
    let hmac = published(Setup::hs256(), &[("k", encoded(&long))], &[]);
    let signing = Signing::HmacOctets { alg: "HS256".to_owned(), key: long };
    vec![
        Class {
            clauses: &["RFC 7518 §6.2.1.2"],
            rule: "A coordinate has the full length of its curve, zero octets in front included.",
            remedy: "Decode coordinates as octets of a fixed length.",
            ..HONEST
        }
        .accept(
            &zero,
            "ec-leading-zero",
            "takes an EC key whose x begins with a zero octet",
            "None: one key in 128 has such a coordinate.",
            zero.token(),
        ),
        Class {
            clauses: &["RFC 7518 §3.2"],
            rule: "An HMAC key may be longer than the hash, and longer than its block.",
            remedy: "Hand the octets of `k` to HMAC, however many they are.",
            ..HONEST
        }
        .accept(
            &hmac,
            "hmac-150-octets",
            "takes an HS256 key that is longer than a block of the hash",
            "None: the secret is long.",
            hmac.token().signed(signing),
        ),
    ]
}

fn crowd() -> Case {
    let setup = Setup::es256();
    let crowd = KeysRecipe::Crowd {
        key: jwk(setup.key, &[], &[]),
        before: 60,
        behind: 40,
        other: KeyName::from("p256-b"),
    };
    let setup = setup.keys(crowd);
    Class { clauses: &["RFC 7517 §5", "RFC 7515 §4.1.4"], ..CHOSEN }.accept(
        &setup,
        "among-a-hundred",
        "finds a key by its `kid` among a hundred others",
        "None: an issuer with many tenants publishes many keys.",
        setup.token(),
    )
}

fn sloppy() -> Vec<Case> {
    let es256 = |set: &[(&str, Value)], drop: &[&str]| published(Setup::es256(), set, drop);
    let rs256 = |set: &[(&str, Value)]| published(Setup::rs256(), set, &[]);
    let in_front =
        |key: &str, member: &str| encoded([&[0], octets(key, member).as_slice()].concat());
    let zero = Setup::honest("es256", "p256-leading-zero", "ES256", Some("P-256"));
    let shorter = encoded(octets(zero.key, "x").get(1..).unwrap_or_default());
    let d = Hash::Sha256.digest(&[b"jwks-gauntlet test key ", b"p256-a"]);
    let padded = format!("{}=", text("p256-a", "x").unwrap_or_default());
    let standard = text("rsa-2048-a", "n").unwrap_or_default().replace('-', "+").replace('_', "/");
    let mut cases: Vec<Case> = [
        (
            "ec-x-shortened",
            "whose x lacks its leading zero octet",
            published(zero, &[("x", shorter)], &[]),
        ),
        (
            "ec-x-lengthened",
            "whose x has a zero octet too many",
            es256(&[("x", in_front("p256-a", "x"))], &[]),
        ),
        (
            "rsa-n-leading-zero",
            "whose n begins with a zero octet",
            rs256(&[("n", in_front("rsa-2048-a", "n"))]),
        ),
        ("base64-padded", "whose x is padded base64url", es256(&[("x", json!(padded))], &[])),
        (
            "base64-standard",
            "whose n is in the standard alphabet of base64",
            rs256(&[("n", json!(standard))]),
        ),
        ("kty-lower-case", "whose `kty` is in lower case", es256(&[("kty", json!("ec"))], &[])),
        ("kty-missing", "without `kty`", es256(&[], &["kty"])),
        ("crv-missing", "without `crv`", es256(&[], &["crv"])),
        ("private", "with its private member", es256(&[("d", encoded(d))], &[])),
        ("alg-number", "whose `alg` is a number", es256(&[("alg", json!(256))], &[])),
        (
            "x5c-garbage",
            "whose `x5c` holds no certificate",
            es256(&[("x5c", json!(["AAAA"]))], &[]),
        ),
        ("x5c-empty", "whose `x5c` is empty", es256(&[("x5c", json!([]))], &[])),
        ("key-ops-text", "whose `key_ops` is a text", es256(&[("key_ops", json!("verify"))], &[])),
    ]
    .into_iter()
    .map(|(slug, what, setup)| choice(&setup, slug, what, setup.token()))
    .collect();
    for (slug, what, kid) in [
        ("kid-number", "whose `kid` is a number", json!(7)),
        ("kid-null", "whose `kid` is null", json!(null)),
        ("kid-array", "whose `kid` is an array", json!(["p256-a"])),
    ] {
        let setup = es256(&[("kid", kid)], &[]);
        cases.push(choice(&setup, slug, what, setup.token().without_header("kid")));
    }
    cases
}

fn choice(setup: &Setup, slug: &str, what: &str, token: impl Into<crate::Recipe>) -> Case {
    SLOPPY.choice(
        setup,
        slug,
        format!("may leave a key out {what}"),
        format!("None: the issuer publishes a key {what}. The signature under it is good."),
        token,
        Permitted::choice(Belief::Signed),
    )
}

fn unregistered_alg() -> Case {
    let setup = published(Setup::es256(), &[("alg", json!("ES256-custom"))], &[]);
    let class = Class {
        part: Part::KeySelection,
        level: Level::Should,
        basis: Basis::Should,
        severity: Severity::Low,
        cwe: &[347],
        clauses: &["RFC 7517 §4.4", "RFC 8725 §3.1", "RFC 7517 §5"],
        rule: "`alg` tells the algorithm that a key is intended for, and each key is used with one \
               algorithm; a key for one that nobody knows is left aside.",
        consequence: "A key that was published for something else vouches for tokens.",
        remedy: "Where a JWK has `alg`, use the key for that algorithm alone.",
        ..HONEST
    };
    class.refuse(
        &setup,
        "alg-unregistered",
        "refuses a key whose `alg` is not the token's, and nobody's",
        "The issuer publishes a key whose `alg` is a name of his own; the ES256 signature under it is good.",
        setup.token(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_private_member_is_the_keys_own() {
        let d = encoded(Hash::Sha256.digest(&[b"jwks-gauntlet test key ", b"p256-a"]));
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "d": d, "x": text("p256-a", "x"), "y": text("p256-a", "y")
        });
        assert!(TestKey::from_private_jwk(&jwk).is_ok());
    }

    #[test]
    fn the_standard_alphabet_is_seen_in_the_modulus() {
        assert!(text("rsa-2048-a", "n").unwrap().contains(['-', '_']));
    }
}
