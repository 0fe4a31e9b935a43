//! EdDSA: the range of `S`, the spelling of `R`, and which of two equations is checked (RFC 8032).

use super::{NOT_GOOD, altered};
use crate::{
    case::{Belief, Case, Permitted, Severity},
    families::class::{Class, Setup},
    forge::hash::Hash,
    recipe::{Alteration, Commitment, Covered},
};

const DECODING: Class = Class {
    severity: Severity::Low,
    clauses: &["RFC 8032 §5.1.7", "RFC 8037 §3.1"],
    rule: "`S` is below the order of the base point and `R` is the one spelling of a point; where either \
           cannot be decoded, the signature is invalid.",
    consequence: "Whoever has a token can write it in other ways, so that lists of revoked or used \
                  tokens are passed by.",
    remedy: "Refuse an `S` that is not reduced and an `R` whose y is not below p.",
    ..NOT_GOOD
};

pub(super) fn cases() -> Vec<Case> {
    let ed25519 = Setup::ed25519();
    let ed448 = Setup::honest("ed448", "ed448-a", "EdDSA", Some("Ed448"));
    vec![
        DECODING.refuse(
            &ed25519,
            "ed25519-s-plus-order",
            "refuses an Ed25519 signature whose S is not below the order",
            "The order of the base point is added to the S of a good signature.",
            altered(&ed25519, Alteration::PlusOrder),
        ),
        DECODING.refuse(
            &ed25519,
            "ed25519-s-top-bit",
            "refuses an Ed25519 signature whose S has its top bit set",
            "The most significant bit of S, which no reduced number has, is set; some software masks it.",
            altered(&ed25519, Alteration::TopBit),
        ),
        Class { clauses: &["RFC 8032 §5.2.7", "RFC 8037 §3.1"], ..DECODING }.refuse(
            &ed448,
            "ed448-s-plus-order",
            "refuses an Ed448 signature whose S is not below the order",
            "The order of the base point is added to the S of a good signature.",
            altered(&ed448, Alteration::PlusOrder),
        ),
        Class { clauses: &["RFC 8032 §5.1.7", "RFC 8032 §5.1.3"], ..DECODING }.refuse(
            &ed25519,
            "ed25519-r-non-canonical",
            "refuses an Ed25519 signature whose R has a y that is not below p",
            "The owner of the key signs with a nonce of zero and writes the neutral point, his R, with \
             p + 1 as its y.",
            altered(&ed25519, Alteration::Commitment(Commitment::NeutralNonCanonical)),
        ),
        signed_digest(&ed25519),
        choice(
            &ed25519,
            "ed25519-r-neutral",
            "may refuse an Ed25519 signature whose R is the neutral point",
            "The owner of the key signs with a nonce of zero, so that R is the neutral point. Both \
             equations hold, and some software refuses points of small order.",
            Commitment::Neutral,
        ),
        choice(
            &ed25519,
            "ed25519-cofactored",
            "may check an Ed25519 signature with or without the cofactor",
            "The owner of the key makes a signature for which the equation with the cofactor holds and \
             the one without it does not. Two verifiers that differ here differ on whether a token is valid.",
            Commitment::OrderEight,
        ),
    ]
}

fn choice(setup: &Setup, slug: &str, title: &str, attack: &str, commitment: Commitment) -> Case {
    let class = Class {
        clauses: &["RFC 8032 §5.1.7"],
        rule: "A verifier checks the equation with the cofactor, or, which is sufficient but not required, \
               the one without it.",
        consequence: "Two verifiers disagree about one token; no stranger can make one.",
        remedy: "None is needed; let all verifiers of one system check the same equation.",
        ..DECODING
    };
    let token = altered(setup, Alteration::Commitment(commitment));
    class.choice(setup, slug, title, attack, token, Permitted::choice(Belief::Signed))
}

fn signed_digest(setup: &Setup) -> Case {
    let class = Class {
        clauses: &["RFC 8037 §3.1"],
        rule: "JOSE uses EdDSA over the signing input itself, and not over a digest of it.",
        consequence: "The algorithm that was allowed is not the one that is used.",
        remedy: "Hand the signing input to EdDSA as it is.",
        ..DECODING
    };
    class.refuse(
        setup,
        "ed25519-prehashed",
        "refuses an Ed25519 signature over the digest of the signing input",
        "The issuer's key signed the SHA-512 digest of the signing input, as software does that hashes \
         before every algorithm.",
        altered(setup, Alteration::Over(Covered::Digest(Hash::Sha512))),
    )
}
