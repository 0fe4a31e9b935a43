//! The forge against the examples of the standards.

use base64::{Engine, engine::general_purpose::STANDARD};
use curve25519_dalek::MontgomeryPoint;
use num_bigint::BigUint;
use serde_json::Value;

use super::{
    der, forge, from_base64url,
    keys::{self, TestKey},
    sign::sign,
};
use crate::{
    env::Env,
    recipe::{Edit, Json, JwsRecipe, PayloadEncoding, Recipe, Serialization, Signing},
    verdict::Mode,
};

const RFC7515: &str = include_str!("../../rfc/rfc7515.json");
const RFC7517: &str = include_str!("../../rfc/rfc7517.json");
const RFC7520: &str = include_str!("../../rfc/rfc7520.json");
const RFC7638: &str = include_str!("../../rfc/rfc7638.json");
const RFC7797: &str = include_str!("../../rfc/rfc7797.json");
const RFC8032: &str = include_str!("rfc8032.json");
const RFC8037: &str = include_str!("../../rfc/rfc8037.json");
const DERIVED: &str = include_str!("../../rfc/derived.json");

fn vectors(document: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(document).unwrap();
    document["vectors"].as_array().unwrap().clone()
}

fn vector(document: &str, id: &str) -> Value {
    vectors(document).into_iter().find(|vector| vector["id"] == id).expect(id)
}

fn octets(value: &Value) -> Vec<u8> {
    from_base64url(value.as_str().unwrap()).unwrap()
}

/// A recipe whose octets are those of a published vector.
fn recipe_of(vector: &Value) -> JwsRecipe {
    let inputs = &vector["inputs"];
    JwsRecipe {
        protected: inputs.get("protected_b64u").map(|header| Json::Octets(octets(header))),
        unprotected: inputs.get("unprotected").map(|header| Json::Text(header.to_string())),
        payload: Json::Octets(octets(&inputs["payload_b64u"])),
        signing: Signing::Jwk {
            jwk: inputs["jwk"].clone(),
            alg: vector["alg"].as_str().unwrap().to_owned(),
        },
        serialization: Serialization::Compact,
        payload_encoding: PayloadEncoding::Base64url,
        detached: false,
        spelling: Vec::new(),
        edits: Vec::new(),
    }
}

fn token_of(recipe: JwsRecipe) -> Vec<u8> {
    let recipe = Recipe::Jws(Box::new(recipe));
    forge(&recipe, Mode::Jws, None, &Env::fixed()).unwrap().presented.token
}

#[test]
fn makes_the_compact_tokens_of_rfc_7515_7520_and_8037_octet_for_octet() {
    for (document, id) in [
        (RFC7515, "rfc7515-A.1"),
        (RFC7515, "rfc7515-A.2"),
        (RFC7520, "rfc7520-4.1-compact"),
        (RFC7520, "rfc7520-4.4-compact"),
        (RFC8037, "rfc8037-A.4"),
        (DERIVED, "derived-rfc9864-Ed25519"),
    ] {
        let vector = vector(document, id);
        let token = String::from_utf8(token_of(recipe_of(&vector))).unwrap();
        assert_eq!(token, vector["inputs"]["compact"].as_str().unwrap(), "{id}");
    }
}

#[test]
fn makes_the_json_serializations_of_rfc_7520() {
    for (id, serialization, detached) in [
        ("rfc7520-4.1-flattened", Serialization::Flattened, false),
        ("rfc7520-4.1-general", Serialization::General, false),
        ("rfc7520-4.4-flattened", Serialization::Flattened, false),
        ("rfc7520-4.5-flattened", Serialization::Flattened, true),
        ("rfc7520-4.5-general", Serialization::General, true),
        ("rfc7520-4.6-flattened", Serialization::Flattened, false),
        ("rfc7520-4.6-general", Serialization::General, false),
        ("rfc7520-4.7-flattened", Serialization::Flattened, false),
        ("rfc7520-4.7-general", Serialization::General, false),
    ] {
        let vector = vector(RFC7520, id);
        let mut recipe = recipe_of(&vector);
        // The 4.7 vectors write the absent protected header as an empty text.
        recipe.protected = recipe.protected.filter(|header| *header != Json::Octets(Vec::new()));
        recipe = JwsRecipe { serialization, detached, ..recipe };
        let token: Value = serde_json::from_slice(&token_of(recipe)).unwrap();
        assert_eq!(token, vector["inputs"]["jws"], "{id}");
    }
}

#[test]
fn leaves_payloads_unencoded_as_in_rfc_7797() {
    let compact = vector(RFC7797, "rfc7797-4.2-compact-detached");
    let unencoded =
        JwsRecipe { payload_encoding: PayloadEncoding::Unencoded, ..recipe_of(&compact) };
    let detached = Recipe::Jws(Box::new(JwsRecipe { detached: true, ..unencoded.clone() }));
    let forged = forge(&detached, Mode::Jws, None, &Env::fixed()).unwrap();
    assert_eq!(forged.presented.token, compact["inputs"]["compact"].as_str().unwrap().as_bytes());
    assert_eq!(forged.presented.detached_payload.unwrap(), b"$.02");

    let flattened = JwsRecipe { serialization: Serialization::Flattened, ..unencoded };
    let token: Value = serde_json::from_slice(&token_of(flattened)).unwrap();
    assert_eq!(token, vector(RFC7797, "rfc7797-4.2-flattened")["inputs"]["jws"]);
}

#[test]
fn knows_the_parts_of_every_published_token() {
    for document in [RFC7515, RFC7520, RFC7797, RFC8037, DERIVED] {
        for vector in vectors(document) {
            let inputs = &vector["inputs"];
            let Some(payload) = vector["expected"].get("payload_b64u") else { continue };
            let token = match (inputs.get("compact"), inputs.get("jws")) {
                (Some(compact), _) => compact.as_str().unwrap().to_owned(),
                (None, Some(jws)) => jws.to_string(),
                (None, None) => continue,
            };
            let kind = vector["kind"].as_str().unwrap();
            let detached = kind.ends_with("detached").then(|| octets(payload));
            let recipe = Recipe::Text(token);
            let forged = forge(&recipe, Mode::Jws, detached.as_deref(), &Env::fixed()).unwrap();
            let id = &vector["id"];
            assert_eq!(forged.payload, Some(octets(payload)), "payload of {id}");
            assert_eq!(forged.presented.detached_payload, detached, "{id}");
            if let Some(header) = inputs.get("protected_b64u").filter(|header| *header != "") {
                assert_eq!(forged.protected, Some(octets(header)), "header of {id}");
            }
        }
    }
}

#[test]
fn an_edited_published_token_is_the_published_edit() {
    // RFC 7515 Appendix F: the detached form of A.1 is A.1 with an empty segment.
    let recipe = recipe_of(&vector(RFC7515, "rfc7515-A.1"));
    let edits = vec![Edit::ReplaceSegment { segment: 1, text: String::new() }];
    let token = token_of(JwsRecipe { edits, ..recipe });
    let published = vector(RFC7515, "rfc7515-F-derived");
    assert_eq!(token, published["inputs"]["compact"].as_str().unwrap().as_bytes());
}

#[test]
fn signs_as_rfc_8032_does_on_both_curves() {
    let vectors = vectors(RFC8032);
    assert_eq!(vectors.iter().filter(|vector| vector["alg"] == "Ed25519").count(), 5);
    assert_eq!(vectors.iter().filter(|vector| vector["alg"] == "Ed448").count(), 8);
    for vector in vectors {
        // The public key is compared with the seed's on the way.
        let key = TestKey::from_private_jwk(&vector["inputs"]["jwk"]).unwrap();
        let message = octets(&vector["inputs"]["message_b64u"]);
        let expected = octets(&vector["expected"]["signature_b64u"]);
        for alg in ["EdDSA", vector["alg"].as_str().unwrap()] {
            assert_eq!(sign(&key, alg, &message, 0).unwrap(), expected, "{}", vector["id"]);
        }
    }
}

#[test]
fn computes_the_thumbprints_of_rfc_7638_and_8037() {
    // RFC 7638 prints the public half of a key whose private half is in RFC 7517.
    let private = vector(RFC7517, "rfc7517-A.2")["inputs"]["jwks"]["keys"][1].clone();
    let printed = vector(RFC7638, "rfc7638-3.1");
    let key = TestKey::from_private_jwk(&private).unwrap();
    assert_eq!(key.public_jwk()["n"], printed["inputs"]["jwk"]["n"]);
    assert_eq!(key.thumbprint(), printed["expected"]["thumbprint"]);

    let private = vector(RFC8037, "rfc8037-A.1")["inputs"]["jwk"].clone();
    let printed = vector(RFC8037, "rfc8037-A.3");
    let key = TestKey::from_private_jwk(&private).unwrap();
    assert_eq!(key.public_jwk()["x"], printed["inputs"]["jwk"]["x"]);
    assert_eq!(key.thumbprint(), printed["expected"]["thumbprint"]);
}

#[test]
fn reads_every_private_key_of_the_standards() {
    for (document, id) in [
        (RFC7520, "rfc7520-3.2"),
        (RFC7520, "rfc7520-3.4"),
        (RFC7520, "rfc7520-3.5"),
        (RFC8037, "rfc8037-A.1"),
    ] {
        // Public members that are printed are compared with those computed.
        let jwk = &vector(document, id)["inputs"]["jwk"];
        assert_eq!(TestKey::from_private_jwk(jwk).unwrap().kty(), jwk["kty"], "{id}");
    }
}

#[test]
fn agrees_on_the_x25519_secret_of_rfc_8037() {
    let vector = vector(RFC8037, "rfc8037-A.6");
    let inputs = &vector["inputs"];
    let key = |jwk: &Value| -> [u8; 32] { octets(jwk).try_into().unwrap() };
    let secret = key(&inputs["ephemeral_secret_b64u"]);
    let ephemeral = MontgomeryPoint::mul_base_clamped(secret);
    assert_eq!(ephemeral.to_bytes(), key(&inputs["ephemeral_public"]["x"]));
    let shared = MontgomeryPoint(key(&inputs["recipient_public"]["x"])).mul_clamped(secret);
    assert_eq!(shared.to_bytes(), key(&vector["expected"]["z_b64u"]));
}

#[test]
fn agrees_on_the_x448_secret_of_rfc_8037() {
    let vector = vector(RFC8037, "rfc8037-A.7");
    let inputs = &vector["inputs"];
    let secret = octets(&inputs["ephemeral_secret_b64u"]);
    let base = BigUint::from(5_u8).to_bytes_le();
    assert_eq!(x448(&secret, &base), octets(&inputs["ephemeral_public"]["x"]));
    let shared = x448(&secret, &octets(&inputs["recipient_public"]["x"]));
    assert_eq!(shared, octets(&vector["expected"]["z_b64u"]));
}

/// The Montgomery ladder of RFC 7748 §5 with the numbers of curve448; its names are kept.
fn x448(secret: &[u8], u: &[u8]) -> Vec<u8> {
    let one = BigUint::from(1_u8);
    let p = (&one << 448) - (&one << 224) - &one;
    let mut k = BigUint::from_bytes_le(secret);
    k.set_bit(0, false);
    k.set_bit(1, false);
    k.set_bit(447, true);
    let times = |a: &BigUint, b: &BigUint| a * b % &p;
    let minus = |a: &BigUint, b: &BigUint| (a + &p - b) % &p;
    let x1 = BigUint::from_bytes_le(u);
    let (mut x2, mut z2) = (one.clone(), BigUint::ZERO);
    let (mut x3, mut z3) = (x1.clone(), one);
    for bit in (0..448).rev() {
        if k.bit(bit) {
            (x2, z2, x3, z3) = (x3, z3, x2, z2);
        }
        let (a, b) = (&x2 + &z2, minus(&x2, &z2));
        let (aa, bb) = (times(&a, &a), times(&b, &b));
        let e = minus(&aa, &bb);
        let da = times(&minus(&x3, &z3), &a);
        let cb = times(&(&x3 + &z3), &b);
        let (sum, difference) = (&da + &cb, minus(&da, &cb));
        x3 = times(&sum, &sum);
        z3 = times(&x1, &times(&difference, &difference));
        x2 = times(&aa, &bb);
        z2 = times(&e, &(aa + BigUint::from(39_081_u32) * &e));
        if k.bit(bit) {
            (x2, z2, x3, z3) = (x3, z3, x2, z2);
        }
    }
    let mut shared = times(&x2, &z2.modpow(&(&p - 2_u8), &p)).to_bytes_le();
    shared.resize(56, 0);
    shared
}

#[test]
fn the_certificates_of_rfc_7515_are_der_in_standard_base64() {
    let chain = vector(RFC7515, "rfc7515-B")["inputs"]["x5c"].as_array().unwrap().clone();
    assert_eq!(chain.len(), 3);
    for certificate in chain {
        let certificate = certificate.as_str().unwrap();
        let der = STANDARD.decode(certificate).unwrap();
        let [0x30, 0x82, high, low, contents @ ..] = der.as_slice() else { panic!("a SEQUENCE") };
        assert_eq!(usize::from(u16::from_be_bytes([*high, *low])), contents.len());
        assert_eq!(from_base64url(certificate), None, "it is not base64url");
    }
}

#[test]
fn the_certificate_of_rfc_7517_holds_the_key_it_stands_in() {
    let jwk = vector(RFC7517, "rfc7517-B")["inputs"]["jwk"].clone();
    let leaf = STANDARD.decode(jwk["x5c"][0].as_str().unwrap()).unwrap();
    let spki = der::rsa_spki(&octets(&jwk["n"]), &octets(&jwk["e"]));
    assert!(leaf.windows(spki.len()).any(|window| window == spki));
}

#[test]
fn no_test_key_is_a_published_key() {
    for document in [RFC7515, RFC7517, RFC7520, RFC8032, RFC8037] {
        for name in keys::NAMES {
            let jwk = keys::find(&(*name).into()).unwrap().public_jwk();
            let (_, value) = jwk.iter().next_back().unwrap();
            if value != "AQAB" && value != "Aw" {
                assert!(!document.contains(value.as_str().unwrap()), "{name}");
            }
        }
    }
}
