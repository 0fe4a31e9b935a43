//! RSA: the encoded message, the range of the signature, and the parameters of PSS (RFC 8017, RFC 7518
//! §3.3 and §3.5).

use super::{FAMILY, NOT_GOOD, altered, encoded, signed_with};
use crate::{
    case::{Belief, Case, Permitted, Severity},
    families::class::{Class, Setup},
    forge::{KeyName, hash::Hash},
    recipe::{Alteration, Json, JwsRecipe, Pkcs1Flaw, RsaEncoding, Signing},
};

const HASH: Hash = Hash::Sha256;

const PADDING: Class = Class {
    severity: Severity::Medium,
    clauses: &["RFC 8017 §8.2.2", "RFC 8017 §9.2", "RFC 7518 §3.3"],
    rule: "The verifier makes the encoded message anew and compares all of its octets with what the \
           signature holds.",
    consequence: "A verifier that looks for the digest in a lax way lets signatures be forged without \
                  the private key wherever the exponent is small (CVE-2006-4339 and its many heirs).",
    remedy: "Encode and compare, as RFC 8017 §8.2.2 does; do not parse.",
    ..NOT_GOOD
};

/// BER, and NULL left away: a verifier that parses may read them.
const PARSED: Class = Class {
    clauses: &["RFC 8017 §9.2", "RFC 8017 Appendix B.1"],
    rule: "RFC 8017 compares encodings; its notes let a cautious implementor decode BER instead, and its \
           hash identifiers are to be read with and without NULL.",
    consequence: "Two verifiers disagree about one token; no stranger can make one.",
    remedy: "Encode and compare; nothing else is needed for signatures made today.",
    ..PADDING
};

const PSS: Class = Class {
    severity: Severity::Low,
    clauses: &["RFC 7518 §3.5", "RFC 8017 §9.1.2"],
    rule: "PS256 is RSASSA-PSS with SHA-256 for message and mask, a salt of 32 octets and the trailer \
           0xbc; another encoding is inconsistent.",
    consequence: "The algorithm that was allowed is not the one that is used.",
    remedy: "Give the library hash, mask and salt length; do not let it find them out.",
    ..NOT_GOOD
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = exponent_3();
    cases.extend(pkcs1());
    cases.extend(parsed());
    cases.push(plus_modulus());
    cases.extend(zero_first());
    cases.extend(pss());
    cases.extend(other_algorithm());
    cases
}

fn ps256() -> Setup {
    Setup::honest("ps256", "rsa-2048-a", "PS256", None)
}

fn exponent_3() -> Vec<Case> {
    let setup =
        Setup::honest("rs256", "rsa-2048-e3", "RS256", None).twin(FAMILY.name, "rs256-exponent-3");
    let accept = Class {
        severity: Severity::Low,
        clauses: &["RFC 7518 §3.3", "RFC 8017 §3.1"],
        cwe: &[],
        rule: "The public exponent of an RSA key is at least 3; with all of the encoding compared, 3 is \
               as good as any other.",
        consequence: "Honest tokens under such a key are refused.",
        remedy: "Refuse exponents below 3 and even ones, and no others that are usual.",
        ..NOT_GOOD
    };
    let forged = Class { severity: Severity::Critical, ..PADDING };
    vec![
        accept.accept(
            &setup,
            "rs256-exponent-3",
            "accepts an honest RS256 token under a key whose exponent is 3",
            "None: keys made with old tools have this exponent.",
            setup.token(),
        ),
        forged.refuse(
            &setup,
            "rs256-exponent-3-cube-root",
            "refuses a cube root in place of a signature under an exponent of 3",
            "Without the private key, the attacker computes a number whose cube begins with a short \
             padding and the right digest; what comes behind them is whatever it is.",
            encoded(&setup, RsaEncoding::CubeRoot { hash: HASH }),
        ),
    ]
}

fn pkcs1() -> Vec<Case> {
    let setup = Setup::rs256();
    [
        ("rs256-block-type-2", "of block type 2", Pkcs1Flaw::BlockType(2)),
        ("rs256-padding-octets", "padded with 0x55", Pkcs1Flaw::PaddingOctet(0x55)),
        ("rs256-garbage-behind", "with garbage behind the digest", Pkcs1Flaw::GarbageBehind),
        (
            "rs256-garbage-in-parameters",
            "with garbage in the parameters of the hash",
            Pkcs1Flaw::GarbageInParameters,
        ),
        ("rs256-no-digest-info", "of the bare digest", Pkcs1Flaw::NoDigestInfo),
        ("rs256-other-hash-named", "that names SHA-384", Pkcs1Flaw::Named(Hash::Sha384)),
    ]
    .into_iter()
    .map(|(slug, what, flaw)| {
        PADDING.refuse(
            &setup,
            slug,
            format!("refuses an RS256 signature over an encoding {what}"),
            format!(
                "The private key is applied to an encoding {what}. It tells whether the encoding is \
                 compared or parsed; under a small exponent it could be made without that key."
            ),
            encoded(&setup, RsaEncoding::Pkcs1 { hash: HASH, flaw }),
        )
    })
    .collect()
}

fn parsed() -> Vec<Case> {
    let setup = Setup::rs256();
    [
        ("rs256-no-parameters", "without NULL after the hash's name", Pkcs1Flaw::NoParameters),
        ("rs256-long-length", "with a length in BER", Pkcs1Flaw::LongLength),
    ]
    .into_iter()
    .map(|(slug, what, flaw)| {
        PARSED.choice(
            &setup,
            slug,
            format!("may refuse an RS256 signature over a DigestInfo {what}"),
            format!("The issuer's key signed a DigestInfo {what}, as very old software writes it."),
            encoded(&setup, RsaEncoding::Pkcs1 { hash: HASH, flaw }),
            Permitted::choice(Belief::Signed),
        )
    })
    .collect()
}

fn plus_modulus() -> Case {
    let setup = Setup::rs256();
    let class = Class {
        severity: Severity::Low,
        clauses: &["RFC 8017 §8.2.2", "RFC 8017 §5.2.2"],
        rule: "A signature is as long as the modulus and, as a number, below it.",
        consequence: "One token has several spellings: lists of revoked or used tokens are passed by.",
        remedy: "Refuse signatures of another length, and numbers that are not below the modulus.",
        ..NOT_GOOD
    };
    class.refuse(
        &setup,
        "rs256-plus-modulus",
        "refuses an RS256 signature that is not below the modulus",
        "The modulus is added to a good signature, which changes nothing modulo it.",
        altered(&setup, Alteration::PlusModulus),
    )
}

/// The `jti` under which the RS256 signature of [`timeless`] begins with a zero octet.
const ZERO_FIRST: u32 = 118;

/// The honest claims for ever, so that their signature is always the same.
fn timeless(jti: u32) -> JwsRecipe {
    Setup::rs256().token().payload(Json::Text(super::hmac::claims_for_ever(jti)))
}

/// A signature is as long as the modulus (RFC 8017 §4.1), though one in 256 would fit into less.
fn zero_first() -> [Case; 2] {
    let setup = Setup::rs256().twin(FAMILY.name, "rs256-zero-first");
    let class = Class {
        severity: Severity::Low,
        clauses: &["RFC 8017 §8.2.2", "RFC 7518 §3.3"],
        rule: "A signature has exactly as many octets as the modulus.",
        consequence: "One token has several spellings; where the length is not looked at, little else may be.",
        remedy: "Compare the length of the signature with that of the modulus first.",
        ..NOT_GOOD
    };
    let without = Signing::Altered {
        key: KeyName::from(setup.key),
        alg: setup.alg.to_owned(),
        alteration: Alteration::WithoutZeros { octets: 1 },
    };
    [
        Class { severity: Severity::Medium, cwe: &[], ..class }.accept(
            &setup,
            "rs256-zero-first",
            "accepts an RS256 signature that begins with a zero octet",
            "None: one signature in 256 begins so.",
            timeless(ZERO_FIRST),
        ),
        class.refuse(
            &setup,
            "rs256-zero-dropped",
            "refuses an RS256 signature without the zero octet that it begins with",
            "The first octet of a good signature is zero and is left away, as software does that handles \
             signatures as numbers.",
            timeless(ZERO_FIRST).signed(without),
        ),
    ]
}

fn pss() -> Vec<Case> {
    let setup = ps256();
    [
        ("ps256-no-salt", "without a salt", HASH, 0, 0xbc),
        ("ps256-longer-salt", "with a salt of 33 octets", HASH, 33, 0xbc),
        ("ps256-other-mask", "with SHA-384 in its mask", Hash::Sha384, 32, 0xbc),
        ("ps256-other-trailer", "with the trailer 0xcc", HASH, 32, 0xcc),
    ]
    .into_iter()
    .map(|(slug, what, mgf_hash, salt, trailer)| {
        PSS.refuse(
            &setup,
            slug,
            format!("refuses a PS256 signature {what}"),
            format!("The issuer's key made a PSS signature {what}."),
            encoded(&setup, RsaEncoding::Pss { hash: HASH, mgf_hash, salt, trailer }),
        )
    })
    .collect()
}

/// Good signatures, but not by the algorithm that the header names.
fn other_algorithm() -> Vec<Case> {
    let class = Class {
        severity: Severity::Medium,
        clauses: &["RFC 7518 §3.3", "RFC 7518 §3.5", "RFC 8725 §3.1"],
        rule: "A signature is checked with the algorithm that the header names, and with no other.",
        ..PSS
    };
    [
        (ps256(), "rs256-under-ps256", "RS256"),
        (Setup::rs256(), "ps256-under-rs256", "PS256"),
        (Setup::rs256(), "rs512-under-rs256", "RS512"),
        (ps256(), "ps384-under-ps256", "PS384"),
    ]
    .into_iter()
    .map(|(setup, slug, signed)| {
        class.refuse(
            &setup,
            slug,
            format!("refuses a signature by {signed} under a header that says {}", setup.alg),
            format!(
                "The issuer's key signed with {signed}; the header says {}. A verifier that takes \
                 padding or hash from what the signature holds lets it pass.",
                setup.alg
            ),
            signed_with(&setup, signed),
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Env, forge, verdict::Mode};

    #[test]
    fn the_signature_begins_with_a_zero_octet() {
        let begins_with_zero = |jti: &u32| {
            let forged =
                forge::forge(&timeless(*jti).into(), Mode::Jwt, None, &Env::fixed()).unwrap();
            let token = String::from_utf8(forged.presented.token).unwrap();
            let signature = forge::from_base64url(token.rsplit('.').next().unwrap()).unwrap();
            signature.first() == Some(&0)
        };
        assert_eq!((0..2_000).find(begins_with_zero), Some(ZERO_FIRST));
    }
}
