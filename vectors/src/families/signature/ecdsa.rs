//! ECDSA: the numbers, their range, and how they are written (RFC 7518 §3.4).

use super::{FAMILY, NOT_GOOD, altered};
use crate::{
    case::{Case, Severity},
    families::class::{Class, Setup},
    forge::hash::Hash,
    recipe::{Alteration, Number},
};

/// Zeros, and what is zero modulo the order: good under every key and every text for whoever divides by
/// them without looking.
const ZERO: Class = Class {
    clauses: &["RFC 7518 §3.4", "RFC 7515 §5.2"],
    rule: "Both numbers of an ECDSA signature are at least one and below the order of the curve's base \
           point; others are refused before anything is computed.",
    consequence: "One signature is good for every text under every key: anybody is anybody \
                  (CVE-2022-21449).",
    remedy: "Check 0 < r < n and 0 < s < n first, or use a library that does.",
    ..NOT_GOOD
};

/// Numbers that are congruent to the good ones.
const RANGE: Class = Class { severity: Severity::Low, consequence: SPELLINGS, ..ZERO };

/// Other spellings of the two numbers.
const SPELLING: Class = Class {
    severity: Severity::Low,
    clauses: &["RFC 7518 §3.4"],
    rule: "An ECDSA signature in a JWS is `r` and `s` one behind the other, each of the full length of \
           the order and never shorter or longer; any other length has failed.",
    consequence: SPELLINGS,
    remedy: "Compare the length with that of the algorithm first, then split in the middle.",
    ..NOT_GOOD
};

const SPELLINGS: &str = "One token has several spellings: lists of revoked or used tokens are passed \
                         by, and two verifiers disagree on what is signed.";

/// What honest signers make now and then.
const GOOD: Class = Class {
    severity: Severity::Medium,
    clauses: &["RFC 7518 §3.4"],
    cwe: &[],
    rule: "Every signature that ECDSA gives is good, whichever half of its range `s` is in and whatever \
           octet a number begins with.",
    consequence: "Honest tokens are refused now and then, and nobody knows why.",
    remedy: "Ask for nothing that RFC 7518 §3.4 does not ask for: a rule that `s` is low belongs to other \
             systems.",
    ..NOT_GOOD
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = zeros();
    cases.extend(good());
    cases.extend(spellings());
    cases.extend(congruent());
    cases.push(other_hash());
    cases
}

fn es512() -> Setup {
    Setup::honest("es512", "p521-a", "ES512", Some("P-521"))
}

fn es256k() -> Setup {
    Setup::honest("es256k", "secp256k1-a", "ES256K", Some("secp256k1"))
}

fn zeros() -> Vec<Case> {
    use Number::{Genuine, Order, Zero};

    let es384 = Setup::honest("es384", "p384-a", "ES384", Some("P-384"));
    let es256 = Setup::es256();
    [
        (&es256, "es256-zeros", "r = 0 and s = 0", Zero, Zero),
        (&es384, "es384-zeros", "r = 0 and s = 0", Zero, Zero),
        (&es512(), "es512-zeros", "r = 0 and s = 0", Zero, Zero),
        (&es256k(), "es256k-zeros", "r = 0 and s = 0", Zero, Zero),
        (&es256, "es256-r-zero", "r = 0 beside a genuine s", Zero, Genuine),
        (&es256, "es256-s-zero", "s = 0 beside a genuine r", Genuine, Zero),
        (&es256, "es256-orders", "the order of the base point for both numbers", Order, Order),
        (&es512(), "es512-orders", "the order of the base point for both numbers", Order, Order),
        (&es256, "es256-r-order", "r = n beside a genuine s", Order, Genuine),
        (&es256, "es256-s-order", "s = n beside a genuine r", Genuine, Order),
    ]
    .into_iter()
    .map(|(setup, slug, what, r, s)| {
        ZERO.refuse(
            setup,
            slug,
            format!("refuses an {} signature with {what}", setup.alg),
            format!("The attacker, who has no key, sends {what} as the signature."),
            altered(setup, Alteration::Ecdsa { r, s }),
        )
    })
    .collect()
}

fn good() -> Vec<Case> {
    let ecdsa = |s| Alteration::Ecdsa { r: Number::Genuine, s };
    [
        (Setup::es256(), "es256-high-s", "whose s is in the upper half", ecdsa(Number::Higher)),
        (Setup::es256(), "es256-low-s", "whose s is in the lower half", ecdsa(Number::Lower)),
        (es256k(), "es256k-high-s", "whose s is in the upper half", ecdsa(Number::Higher)),
        (
            Setup::es256(),
            "es256-leading-zero",
            "whose r begins with a zero octet",
            Alteration::LeadingZero,
        ),
    ]
    .into_iter()
    .map(|(setup, slug, what, alteration)| {
        GOOD.accept(
            &setup,
            slug,
            format!("accepts an {} signature {what}", setup.alg),
            "None: honest signers make such signatures now and then.",
            altered(&setup, alteration),
        )
    })
    .collect()
}

fn spellings() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        (Setup::es256(), "es256-der", "in DER", "as X.509 writes it", Alteration::Der),
        (es512(), "es512-der", "in DER", "as X.509 writes it", Alteration::Der),
        (
            Setup::es256(),
            "es256-widened",
            "of 33 and 33 octets",
            "with a zero octet in front of each number",
            Alteration::Widened,
        ),
        (
            Setup::es256(),
            "es256-swapped",
            "with s before r",
            "with its halves exchanged",
            Alteration::Swapped,
        ),
    ]
    .into_iter()
    .map(|(setup, slug, what, how, alteration)| {
        SPELLING.refuse(
            &setup,
            slug,
            format!("refuses an {} signature {what}", setup.alg),
            format!("A good signature is written {how}."),
            altered(&setup, alteration),
        )
    })
    .collect();
    let setup = Setup::es256().twin(FAMILY.name, "es256-leading-zero");
    cases.push(SPELLING.refuse(
        &setup,
        "es256-leading-zero-dropped",
        "refuses an ES256 signature whose r lacks its leading zero octet",
        "A good signature whose r begins with a zero octet is written without it, in 63 octets.",
        altered(&setup, Alteration::LeadingZeroDropped),
    ));
    cases
}

/// On P-521 alone the octets have room for more than the order.
fn congruent() -> Vec<Case> {
    use Number::{Genuine, PlusOrder};

    [
        ("es512-r-plus-order", "r", PlusOrder, Genuine),
        ("es512-s-plus-order", "s", Genuine, PlusOrder),
    ]
    .into_iter()
    .map(|(slug, name, r, s)| {
        let setup = es512();
        RANGE.refuse(
            &setup,
            slug,
            format!("refuses an ES512 signature whose {name} is not below the order"),
            format!("The order of the base point is added to the {name} of a good signature."),
            altered(&setup, Alteration::Ecdsa { r, s }),
        )
    })
    .collect()
}

fn other_hash() -> Case {
    let setup = Setup::es256();
    let class = Class {
        severity: Severity::Low,
        clauses: &["RFC 7518 §3.4"],
        rule: "ES256 is ECDSA on P-256 with SHA-256; a signature over another hash is none.",
        consequence: "The algorithm that was allowed is not the one that is used.",
        ..NOT_GOOD
    };
    class.refuse(
        &setup,
        "es256-other-hash",
        "refuses an ES256 signature that was made with SHA-512",
        "The issuer's key signed the token with another hash than the header names.",
        altered(&setup, Alteration::Hashed(Hash::Sha512)),
    )
}
