//! A good key beside one that nobody can use: the second must not take the first down.

use serde_json::{Value, json};

use super::{HONEST, encoded, jwk, octets, text};
use crate::{
    case::{Basis, Case, Category, Level, Severity},
    families::class::{Class, Setup},
    policy::{JwkRecipe, KeysRecipe},
};

const IGNORED: Class = Class {
    category: Category::JwksParsing,
    level: Level::Should,
    basis: Basis::Should,
    clauses: &["RFC 7517 §5"],
    rule: "Keys of an unknown `kty`, keys that lack a member, and keys with values out of range are \
           ignored; the others of the set are used.",
    consequence: "One key that somebody adds for others locks out every honest token of the issuer.",
    remedy: "Read the keys of a set one by one, and leave out those that cannot be used.",
    ..HONEST
};

/// A member of the wrong JSON type: the clause means it no less, though it does not say so.
const MISTYPED: Class = Class { severity: Severity::Low, ..IGNORED };

/// A slug, what is wrong, and the JWK.
type Malformed = (&'static str, &'static str, JwkRecipe);

pub(super) fn cases() -> Vec<Case> {
    let unusable = unusable().into_iter().map(|key| (IGNORED, key));
    unusable
        .chain(mistyped().into_iter().map(|key| (MISTYPED, key)))
        .map(|(class, (slug, what, bad))| {
            let setup = Setup::es256();
            // In front, so that whoever stops at the first key that he cannot read stops here.
            let keys = KeysRecipe::Set(vec![bad, jwk(setup.key, &[], &[])]);
            let setup = setup.keys(keys);
            class.accept(
                &setup,
                &format!("beside-{slug}"),
                format!("uses a good key beside one {what}"),
                format!("None: the issuer's key set also holds a key {what}."),
                setup.token(),
            )
        })
        .collect()
}

fn unusable() -> Vec<Malformed> {
    let ec = |set: &[(&str, Value)], drop: &[&str]| named("p256-b", set, drop);
    let rsa = |set: &[(&str, Value)]| named("rsa-2048-b", set, &[]);
    let without_last = |key: &str, member: &str| {
        let octets = octets(key, member);
        encoded(octets.split_last().map(|(_, rest)| rest).unwrap_or_default())
    };
    let y_of_a = text("p256-a", "y").unwrap_or_default();
    let short_okp = [("x", without_last("ed25519-b", "x"))];
    let as_long = encoded(octets("rsa-2048-a", "n"));
    vec![
        (
            "unknown-kty",
            "of a type that nobody knows",
            ec(&[("kty", json!("XYZ")), ("pub", json!("AAAA"))], &["crv", "x", "y"]),
        ),
        ("no-kty", "without a type", ec(&[], &["kty"])),
        ("unknown-crv", "on a curve that nobody knows", ec(&[("crv", json!("P-999"))], &[])),
        ("x25519", "for key agreement", named("x25519-a", &[("use", json!("enc"))], &[])),
        ("no-y", "without a y coordinate", ec(&[], &["y"])),
        ("off-curve", "whose point is off its curve", ec(&[("y", json!(y_of_a))], &[])),
        ("short-x", "whose x is too short", ec(&[("x", without_last("p256-b", "x"))], &[])),
        ("x-not-base64", "whose x is not base64url", ec(&[("x", json!("%%%%"))], &[])),
        ("short-okp", "whose octets are too few", named("ed25519-b", &short_okp, &[])),
        ("n-zero", "whose modulus is zero", rsa(&[("n", json!("AA"))])),
        ("n-empty", "whose modulus is empty", rsa(&[("n", json!(""))])),
        ("e-even", "whose exponent is even", rsa(&[("e", json!("BA"))])),
        ("e-zero", "whose exponent is zero", rsa(&[("e", json!("AA"))])),
        ("e-as-long-as-n", "whose exponent is as long as a modulus", rsa(&[("e", as_long)])),
        // 2,732 letters are 2,049 octets: a modulus of 16,392 bits.
        ("n-of-16k-bits", "whose modulus has 16,392 bits", rsa(&[("n", json!("{repeat.2732.q}"))])),
        ("rsa-1024", "that is too short", named("rsa-1024-a", &[], &[])),
        ("unknown-alg", "for an algorithm that nobody knows", ec(&[("alg", json!("XS256"))], &[])),
        (
            "rsa-oaep",
            "for an algorithm of encryption",
            rsa(&[("alg", json!("RSA-OAEP-256")), ("use", json!("enc"))]),
        ),
        ("nothing", "that has no members", ec(&[], &["kty", "crv", "x", "y"])),
    ]
}

fn mistyped() -> Vec<Malformed> {
    let ec = |member: &str, value: Value| named("p256-b", &[(member, value)], &[]);
    vec![
        ("kty-number", "whose `kty` is a number", ec("kty", json!(1))),
        ("x-number", "whose x is a number", ec("x", json!(7))),
        ("kid-number", "whose `kid` is a number", ec("kid", json!(7))),
        ("kid-object", "whose `kid` is an object", ec("kid", json!({"$ne": 1}))),
        ("use-array", "whose `use` is an array", ec("use", json!(["sig"]))),
        ("key-ops-number", "whose `key_ops` is a number", ec("key_ops", json!(1))),
        ("alg-null", "whose `alg` is null", ec("alg", json!(null))),
        ("x5c-text", "whose `x5c` is a text", ec("x5c", json!("%"))),
    ]
}

/// The JWK of a test key under another `kid` than the good one's, unless one is set.
fn named(key: &str, set: &[(&str, Value)], drop: &[&str]) -> JwkRecipe {
    let set: Vec<_> = [("kid", json!("other"))].into_iter().chain(set.iter().cloned()).collect();
    jwk(key, &set, drop)
}
