//! Keys that no verifier may use, each with a signature that is good for whoever does.

use serde_json::json;

use super::{UNFIT, encoded, published};
use crate::{
    case::{Basis, Belief, Case, Level, Permitted, Severity},
    families::class::{Class, Setup},
    forge::{KeyName, hash::Hash},
    recipe::{Alteration, RsaEncoding, Signing},
};

/// The clauses say which key the parties are to use. None asks a recipient to measure what its issuer
/// published, and most mature verifiers do not.
const TOO_SHORT: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Low,
    clauses: &["RFC 7518 §3.3", "RFC 7518 §3.5"],
    cwe: &[326],
    rule: "RSA keys of 2,048 bits or more must be used.",
    consequence: "Whoever has the computing time factors the modulus and signs.",
    remedy: "Refuse RSA keys below 2,048 bits.",
    ..UNFIT
};

/// As for RSA: a rule for the choice of the secret, which both parties share.
const SECRET: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Low,
    clauses: &["RFC 7518 §3.2", "RFC 8725 §3.5"],
    cwe: &[326],
    rule: "The key of an HMAC algorithm is at least as long as the output of its hash.",
    consequence: "The secret is guessed offline from one token, and whoever has it signs.",
    remedy: "Refuse HMAC keys that are shorter than the hash, empty ones above all.",
    ..UNFIT
};

/// A MAC under no key shows that nobody had one: there is nothing left that could be validated.
const NO_SECRET: Class = Class {
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::High,
    clauses: &["RFC 7518 §3.2", "RFC 7515 §5.2"],
    rule: "A MAC shows that its maker had the key. Where the key is empty everybody has it, and no MAC \
           under it is good.",
    consequence: "Anybody signs.",
    remedy: "Refuse an empty HMAC key when it is loaded.",
    ..SECRET
};

const CURVE: Class = Class {
    severity: Severity::Low,
    clauses: &["RFC 7518 §6.2.1.1", "RFC 7518 §3.4"],
    rule: "`crv` says which curve the coordinates belong to, and so which algorithm the key serves.",
    consequence: "A key is used on a curve that it was not made for.",
    remedy: "Take the curve from `crv` and demand that it is the one of the algorithm.",
    ..UNFIT
};

/// The base point of edwards25519 as `R` and 1 as `S`: good under the neutral point for every text.
fn under_neutral() -> Vec<u8> {
    [[0x58].as_slice(), &[0x66; 31], &[0x01], &[0x00; 31]].concat()
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = short_rsa();
    cases.push(exponent_one());
    cases.extend(short_secrets());
    cases.push(infinity());
    cases.extend(curves());
    cases.extend(neutral());
    cases
}

fn short_rsa() -> Vec<Case> {
    [("rsa-1024-rs256", "rs256", "RS256"), ("rsa-1024-ps256", "ps256", "PS256")]
        .into_iter()
        .map(|(slug, twin, alg)| {
            let setup = Setup::honest(twin, "rsa-1024-a", alg, None);
            TOO_SHORT.refuse(
                &setup,
                slug,
                format!("refuses a good {alg} signature under an RSA key of 1,024 bits"),
                "The issuer's key has 1,024 bits; the signature under it is good.",
                setup.token(),
            )
        })
        .collect()
}

fn exponent_one() -> Case {
    let setup = published(Setup::rs256(), &[("e", json!("AQ"))], &[]);
    let class = Class {
        level: Level::Should,
        basis: Basis::Should,
        clauses: &["RFC 8017 §3.1", "RFC 7517 §5"],
        rule: "The exponent of an RSA key is at least 3; a key whose values are out of range is ignored.",
        consequence: "Every text is its own signature: anybody signs.",
        remedy: "Refuse RSA keys with an exponent of 1 or an even one.",
        ..UNFIT
    };
    let signing = Signing::RsaEncoded {
        key: KeyName::from(setup.key),
        encoding: RsaEncoding::NotApplied { hash: Hash::Sha256 },
    };
    class.refuse(
        &setup,
        "rsa-exponent-1",
        "refuses an RSA key whose exponent is 1",
        "The exponent in the issuer's key set is 1, by mistake or by somebody's doing. The attacker sends \
         the padded digest as the signature.",
        setup.token().signed(signing),
    )
}

fn short_secrets() -> Vec<Case> {
    let hmac = |slug: &str, class: Class, title: &str, attack: &str, key: Vec<u8>| {
        let setup = published(Setup::hs256(), &[("k", encoded(&key))], &[]);
        let signing = Signing::HmacOctets { alg: "HS256".to_owned(), key };
        class.refuse(&setup, slug, title, attack, setup.token().signed(signing))
    };
    let hs512 = Setup::honest("hs512", "oct-256-a", "HS512", None);
    vec![
        hmac(
            "hmac-31-octets",
            SECRET,
            "refuses an HS256 key of 31 octets",
            "The shared secret is one octet shorter than the hash; the MAC is good.",
            b"thirty-one octets of a password".to_vec(),
        ),
        hmac(
            "hmac-one-octet",
            Class { severity: Severity::Medium, ..SECRET },
            "refuses an HS256 key of one octet",
            "The shared secret is a single octet, which anybody finds; the MAC is good.",
            b"a".to_vec(),
        ),
        hmac(
            "hmac-empty",
            NO_SECRET,
            "refuses an HS256 key of no octets",
            "The shared secret was never set and is empty; the attacker computes the MAC with nothing.",
            Vec::new(),
        ),
        SECRET.refuse(
            &hs512,
            "hmac-32-octets-for-hs512",
            "refuses an HS512 key of 32 octets",
            "The shared secret is long enough for HS256 and too short for HS512; the MAC is good.",
            hs512.token(),
        ),
    ]
}

fn infinity() -> Case {
    let zero = encoded([0; 32]);
    let setup = published(Setup::es256(), &[("x", zero.clone()), ("y", zero)], &[]);
    let class = Class {
        clauses: &["RFC 7518 §6.2.1", "RFC 8725 §3.4"],
        rule: "The coordinates of an EC key are those of a point on its curve; the point at infinity has \
               none.",
        consequence: "The private number of that point is zero, which anybody knows: anybody signs.",
        remedy: "Refuse points that are not on the curve, (0, 0) among them, when a key is loaded.",
        ..UNFIT
    };
    let signing = Signing::Altered {
        key: KeyName::from(setup.key),
        alg: setup.alg.to_owned(),
        alteration: Alteration::ZeroScalar,
    };
    class.refuse(
        &setup,
        "ec-zero-coordinates",
        "refuses an EC key whose coordinates are both zero",
        "The key set holds zeros, as software writes it that failed to make a key. The attacker signs \
         with the private number zero, which is good where (0, 0) is taken as the point at infinity.",
        setup.token().signed(signing),
    )
}

fn curves() -> Vec<Case> {
    let es256 = |crv: &str| published(Setup::es256(), &[("crv", json!(crv))], &[]);
    let ed25519 = published(Setup::ed25519(), &[("crv", json!("X25519"))], &[]);
    let es384 = es256("P-384");
    let secp256k1 = es256("secp256k1");
    vec![
        CURVE.refuse(
            &es384,
            "ec-crv-p384",
            "refuses coordinates of P-256 under a `crv` of P-384",
            "The JWK of a P-256 key says P-384; the ES256 signature of that key is good.",
            es384.token(),
        ),
        Class { clauses: &["RFC 7518 §6.2.1.1", "RFC 8812 §3.3"], ..CURVE }.refuse(
            &secp256k1,
            "ec-crv-secp256k1",
            "refuses coordinates of P-256 under a `crv` of secp256k1",
            "The JWK of a P-256 key says secp256k1, whose coordinates are as long; the ES256 signature of \
             that key is good.",
            secp256k1.token(),
        ),
        Class {
            clauses: &["RFC 8037 §3.2", "RFC 8037 §3.1"],
            rule: "X25519 keys are for key agreement and must not be used for signing.",
            ..CURVE
        }
        .refuse(
            &ed25519,
            "okp-x25519-for-signatures",
            "refuses an EdDSA signature under a key that says X25519",
            "The JWK says that its key is for X25519; its octets are those of an Ed25519 key, whose \
             signature is good.",
            ed25519.token(),
        ),
    ]
}

/// Under the neutral point every text has the same signatures, and anybody knows them.
fn neutral() -> Vec<Case> {
    let mut canonical = [0; 32];
    canonical[0] = 1;
    // p + 1 = 2^255 - 18.
    let mut non_canonical = [0xff; 32];
    non_canonical[0] = 0xee;
    non_canonical[31] = 0x7f;
    // Low: nobody but the issuer can put such a key where it is trusted.
    let class = Class {
        severity: Severity::Low,
        clauses: &["RFC 8032 §5.1.7", "RFC 8032 §5.1.3", "RFC 8037 §3.1.2"],
        rule: "A public key whose y is not below p cannot be decoded, and no signature under it is valid.",
        consequence: "One point has two spellings; this one is the neutral point, under which anybody \
                      signs.",
        remedy: "Refuse a y that is not below p.",
        ..UNFIT
    };
    let signed = |setup: &Setup| setup.token().signed(Signing::Octets(under_neutral()));
    let lenient = published(Setup::ed25519(), &[("x", encoded(non_canonical))], &[]);
    let small = published(Setup::ed25519(), &[("x", encoded(canonical))], &[]);
    vec![
        class.refuse(
            &lenient,
            "ed25519-y-non-canonical",
            "refuses an Ed25519 key whose y is not below p",
            "The key is the neutral point with p + 1 as its y. The signature is the base point and the \
             number 1, which is good for every text where such a key is decoded.",
            signed(&lenient),
        ),
        Class {
            rule: "RFC 8032 asks for no check of a public key's order; many verifiers have one.",
            consequence: "Anybody signs under such a key; but whoever publishes it gives his own away.",
            remedy: "Refuse public keys of small order.",
            ..class
        }
        .choice(
            &small,
            "ed25519-small-order",
            "may refuse an Ed25519 key of small order",
            "The key is the neutral point. The signature is the base point and the number 1, which is good \
             for every text.",
            signed(&small),
            Permitted::choice(Belief::Signed),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::ED25519_BASEPOINT_COMPRESSED;

    use super::*;

    #[test]
    fn the_signature_under_the_neutral_point_is_the_base_point_and_one() {
        let signature = under_neutral();
        assert_eq!(signature[..32], ED25519_BASEPOINT_COMPRESSED.to_bytes());
        assert_eq!((signature[32], &signature[33..]), (1, [0; 31].as_slice()));
    }
}
