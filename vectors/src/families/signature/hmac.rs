//! HMAC: which hash and which key (RFC 7518 §3.2). Cut MACs stand among what all algorithms share.

use super::{NOT_GOOD, signed_with};
use crate::{
    case::{Case, Category, Part, Severity},
    families::{
        AUDIENCE, ISSUER, SUBJECT,
        class::{Class, Setup},
    },
    recipe::{Edit, Json, JwsRecipe, Signing},
};

const HASH: Class = Class {
    severity: Severity::Medium,
    clauses: &["RFC 7518 §3.2"],
    rule: "The MAC is as long as the output of the hash that `alg` names, and made with that hash.",
    consequence: "The algorithm that was allowed is not the one that is used; a cut MAC can be guessed.",
    remedy: "Compare the whole MAC of the named hash, length included, in constant time.",
    ..NOT_GOOD
};

/// The `jti` under which the MAC of [`timeless`] begins with a zero octet.
const ZERO_FIRST: u32 = 310;

/// The honest claims for ever, so that what is made over them is always the same.
pub(super) fn claims_for_ever(jti: u32) -> String {
    format!(
        r#"{{"iss":"{ISSUER}","sub":"{SUBJECT}","aud":"{AUDIENCE}","exp":4102444800,"jti":"{jti}"}}"#
    )
}

fn timeless(jti: u32) -> JwsRecipe {
    Setup::hs256().token().payload(Json::Text(claims_for_ever(jti)))
}

/// A comparison that is satisfied too soon.
fn compared(slug: &str, title: &str, attack: &str, token: JwsRecipe) -> Case {
    let class = Class {
        clauses: &["RFC 7518 §3.2", "RFC 7515 §5.2"],
        rule: "A MAC is good if every octet of it is that of the one which the verifier computes.",
        consequence: "A MAC that nobody computed is taken: it is found by a few hundred tries, or made \
                      from another.",
        remedy: "Compare all octets, in constant time, with a function of a library that is made for it.",
        ..NOT_GOOD
    };
    class.refuse(&Setup::hs256(), slug, title, attack, token)
}

pub(super) fn cases() -> Vec<Case> {
    let hs512 = Setup::honest("hs512", "oct-512-a", "HS512", None);
    let hs256 = Setup::hs256();
    vec![
        compared(
            "hs256-as-c-string",
            "refuses a MAC of zero octets where the right one begins with one",
            "The right MAC of the token begins with a zero octet, where texts of C end: compared as such, \
             it equals every other that begins so. One token in 256 is like that.",
            // Counted until it was so; no time stands in the claims.
            timeless(ZERO_FIRST).signed(Signing::Octets(vec![0; 32])),
        ),
        compared(
            "hs256-two-bits",
            "refuses a MAC in which the same bit of two octets is flipped",
            "Two octets differ by the same bit: a comparison that adds the differences up exclusively \
             finds none.",
            hs256
                .token()
                .edit(Edit::FlipBit { segment: 2, bit: 3 })
                .edit(Edit::FlipBit { segment: 2, bit: 83 }),
        ),
        compared(
            "hs256-other-case",
            "refuses a MAC whose text has its letters in the other case",
            "The text of the MAC is right but for the case of its letters: a database or a function that \
             compares texts without regard to case takes MACs that nobody computed.",
            hs256.token().edit(Edit::OtherCase { segment: 2 }),
        ),
        HASH.refuse(
            &hs512,
            "hs256-under-hs512",
            "refuses an HS256 MAC under an HS512 header",
            "The MAC is good, by the right key, but with SHA-256 and half as long.",
            signed_with(&hs512, "HS256"),
        ),
        Class {
            category: Category::JwksSelection,
            part: Part::KeySelection,
            clauses: &["RFC 7515 §5.2", "RFC 7518 §3.2"],
            rule: "A token whose `kid` finds no key is verified by none, and so is not valid.",
            consequence: "Anybody is anybody: the attacker names a key that does not exist.",
            remedy: "Treat a key that was not found as a refusal, never as an empty secret.",
            ..NOT_GOOD
        }
        .refuse(
            &hs256,
            "hmac-empty-key-of-no-kid",
            "refuses a MAC keyed with nothing under a `kid` that nobody has",
            "The attacker names a key that does not exist and computes the MAC with an empty key, which \
             is what a failed look-up may hand to the HMAC.",
            hs256
                .token()
                .header("kid", "no-such-key")
                .signed(Signing::HmacOctets { alg: "HS256".to_owned(), key: Vec::new() }),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Env, forge, verdict::Mode};

    fn begins_with_zero(jti: u32) -> bool {
        let forged = forge::forge(&timeless(jti).into(), Mode::Jwt, None, &Env::fixed()).unwrap();
        let token = String::from_utf8(forged.presented.token).unwrap();
        let mac = forge::from_base64url(token.rsplit('.').next().unwrap()).unwrap();
        mac.first() == Some(&0)
    }

    #[test]
    fn the_right_mac_begins_with_a_zero_octet() {
        let least = (0..2_000).find(|jti| begins_with_zero(*jti));
        assert_eq!(least, Some(ZERO_FIRST));
    }
}
