//! What every algorithm has to stand: changes to the text after signing, and changed signatures.

use serde_json::{Value, json};

use super::{NOT_GOOD, altered};
use crate::{
    case::{Case, Permitted, Severity},
    families::{
        class::{Class, Setup},
        honest_claims, honest_header,
    },
    recipe::{Alteration, Covered, Edit, Json, Signing},
    timeline::{Presentation, Step},
};

/// Longer than the algorithm's signature, and otherwise good.
const LONGER: Class = Class {
    severity: Severity::Low,
    rule: "A signature has the length that its algorithm gives; a longer one is not good.",
    consequence: "One token has many spellings: lists of revoked or used tokens are passed by, and \
                  where the end is not looked at, much else is not.",
    remedy: "Compare the length of the signature before its value.",
    ..NOT_GOOD
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = changed_text();
    cases.extend(changed_json());
    cases.push(swapped_after_acceptance());
    cases.extend(covering_something_else());
    cases.extend(TARGETS.iter().flat_map(Target::cases));
    cases
}

/// One bit of the signed text, where the JSON stays JSON and every claim stays acceptable.
fn changed_text() -> Vec<Case> {
    // The letter T of the header's `JWT`, the e of the payload's `alice`, and the last digit of `jti`.
    [
        (0, 24 * 8 + 7, "header-bit", "one bit of the header's `typ`"),
        (1, 40 * 8 + 7, "payload-bit", "one bit of the subject's name, early in the payload"),
        (1, -17, "payload-last-bit", "one bit of the last value of the payload"),
    ]
    .into_iter()
    .map(|(segment, bit, slug, what)| {
        let setup = Setup::es256();
        NOT_GOOD.refuse(
            &setup,
            slug,
            format!("refuses a token after a change of {what}"),
            format!("Somebody changes {what} and keeps the signature."),
            setup.token().edit(Edit::FlipBit { segment, bit }),
        )
    })
    .collect()
}

/// Header or payload exchanged as a whole; all but the first say the same as before.
fn changed_json() -> Vec<Case> {
    let setup = Setup::es256();
    let claims_of = |subject: &str| {
        let mut claims = honest_claims();
        for (name, value) in &mut claims {
            if name == "sub" {
                *value = json!(subject);
            }
        }
        claims
    };
    let reversed = |mut members: Vec<(String, Value)>| {
        members.reverse();
        Json::Members(members)
    };
    let spaced_header = Json::Text(format!(
        r#"{{ "alg": "{}", "typ": "JWT", "kid": "{}" }}"#,
        setup.alg, setup.key
    ));
    let mut extended_header = honest_header(setup.key, setup.alg);
    extended_header.push(("nonce".to_owned(), json!("unsigned")));
    [
        (
            1,
            "payload-exchanged",
            "whose payload was exchanged",
            "The claims are those of another subject, the signature is the old one.",
            Json::Members(claims_of("mallory")),
        ),
        (
            1,
            "payload-reordered",
            "whose claims stand in another order than was signed",
            "The payload is parsed and written again, so that the same claims stand in another order. \
             A verifier that writes them in an order of its own would not see it.",
            reversed(honest_claims()),
        ),
        (
            0,
            "header-reordered",
            "whose header parameters stand in another order than was signed",
            "The header is parsed and written again in another order.",
            reversed(honest_header(setup.key, setup.alg)),
        ),
        (
            0,
            "header-spaced",
            "whose header has white space that was not signed",
            "The header is parsed and written again with white space between its members.",
            spaced_header,
        ),
        (
            0,
            "header-extended",
            "whose header has a parameter more than was signed",
            "A parameter is put behind the others of the header, and the signature kept.",
            Json::Members(extended_header),
        ),
    ]
    .into_iter()
    .map(|(segment, slug, what, attack, json)| {
        let title = format!("refuses a token {what}");
        let token = setup.token().edit(Edit::EncodeSegment { segment, json });
        NOT_GOOD.refuse(&setup, slug, title, attack, token)
    })
    .collect()
}

/// The first token is accepted, so that whoever remembers signatures remembers this one.
fn swapped_after_acceptance() -> Case {
    let setup = Setup::es256();
    let first = setup.token().claim("jti", "0d3f6f1e-4bb5-4f43-8c22-6a1f4e7d9a02");
    let mut claims = honest_claims();
    claims.push(("scope".to_owned(), json!("admin")));
    let exchanged =
        first.clone().edit(Edit::EncodeSegment { segment: 1, json: Json::Members(claims) });
    let mut case = NOT_GOOD.refuse(
        &setup,
        "swapped-after-acceptance",
        "refuses a signature that it accepted under another payload a moment ago",
        "The signature of a token that was just accepted is put behind another payload. A verifier that \
         remembers signatures, and not what they cover, has seen it before.",
        exchanged,
    );
    let honest = Presentation::new(setup.mode, first.into(), Permitted::accept());
    case.timeline.0.insert(0, Step::Verify(honest));
    case
}

/// Good signatures of the right key over the wrong text.
fn covering_something_else() -> Vec<Case> {
    [
        (
            "over-the-payload-alone",
            "over the payload alone",
            "The issuer's key signed the payload segment and not the header, so that the header is free.",
            Covered::PayloadSegment,
        ),
        (
            "over-the-raw-payload",
            "over the payload before base64url",
            "The issuer's key signed the header segment and the payload as it is before base64url, which \
             nothing in the header says: as a signature of RFC 7797, it is another message's.",
            Covered::RawPayload,
        ),
        (
            "over-the-decoded-text",
            "over the texts before base64url",
            "The issuer's key signed header and payload as they are before base64url.",
            Covered::Decoded,
        ),
    ]
    .into_iter()
    .map(|(slug, what, attack, covered)| {
        let setup = Setup::es256();
        let token = altered(&setup, Alteration::Over(covered));
        let class = Class { severity: Severity::Medium, ..NOT_GOOD };
        class.refuse(&setup, slug, format!("refuses a signature {what}"), attack, token)
    })
    .collect()
}

/// An algorithm, and the changes to its signature that tell something.
struct Target {
    setup: fn() -> Setup,
    /// Bits flipped, with where they stand.
    bits: &'static [(i64, &'static str)],
    /// Octets kept, with what the rest is.
    kept: &'static [(usize, &'static str)],
}

const TARGETS: &[Target] = &[
    Target {
        setup: Setup::es256,
        bits: &[(0, "first"), (255, "middle"), (-1, "last")],
        kept: &[(63, "cut-by-one"), (32, "cut-to-half")],
    },
    Target { setup: Setup::rs256, bits: &[(1024, "middle")], kept: &[(255, "cut-by-one")] },
    Target {
        setup: Setup::hs256,
        bits: &[(0, "first"), (128, "middle"), (-1, "last")],
        kept: &[(31, "cut-by-one"), (16, "cut-to-half"), (1, "cut-to-one")],
    },
    Target {
        setup: Setup::ed25519,
        bits: &[(0, "first"), (-1, "last")],
        kept: &[(63, "cut-by-one"), (32, "cut-to-half")],
    },
];

impl Target {
    fn cases(&self) -> Vec<Case> {
        let setup = (self.setup)();
        let alg = setup.alg;
        let slug = |what: &str| format!("{}-{what}", alg.to_ascii_lowercase());
        let mut cases = vec![NOT_GOOD.refuse(
            &setup,
            &slug("stripped"),
            format!("refuses an {alg} token whose signature is empty"),
            "The signature is left away; the header still names the algorithm, and both periods are there.",
            setup.token().signed(Signing::Octets(Vec::new())),
        )];
        // For ECDSA, where they mean something, they have cases of their own.
        let zeros = match alg {
            "RS256" => Some(256),
            "HS256" => Some(32),
            "EdDSA" => Some(64),
            _ => None,
        };
        cases.extend(zeros.map(|len| {
            NOT_GOOD.refuse(
                &setup,
                &slug("zeros"),
                format!("refuses an {alg} signature of zeros"),
                "The attacker, who has no key, sends a signature of the right length and nothing in it.",
                setup.token().signed(Signing::Octets(vec![0; len])),
            )
        }));
        for (bit, place) in self.bits {
            cases.push(NOT_GOOD.refuse(
                &setup,
                &slug(&format!("{place}-bit")),
                format!("refuses an {alg} signature with a {place} bit that is flipped"),
                format!("One bit of the signature is flipped, the {place} of its classes."),
                setup.token().edit(Edit::FlipBit { segment: 2, bit: *bit }),
            ));
        }
        for (keep, what) in self.kept {
            cases.push(NOT_GOOD.refuse(
                &setup,
                &slug(what),
                format!("refuses an {alg} signature of which {keep} octets are left"),
                format!("All but the first {keep} octets of a good signature are left away."),
                altered(&setup, Alteration::Cut { keep: *keep }),
            ));
        }
        for (slug_end, place, front, behind) in [
            ("zero-in-front", "in front of it", vec![0], vec![]),
            ("zero-behind", "behind it", vec![], vec![0]),
        ] {
            cases.push(LONGER.refuse(
                &setup,
                &slug(slug_end),
                format!("refuses an {alg} signature with a zero octet {place}"),
                format!("A good signature is shown with a zero octet {place}."),
                altered(&setup, Alteration::Framed { front, behind }),
            ));
        }
        cases
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Env, forge, verdict::Mode};

    /// Otherwise JSON or claims would refuse it, and the signature would not be asked.
    #[test]
    fn flipped_texts_are_still_json_with_acceptable_claims() {
        for case in changed_text() {
            let shown = case.timeline.presentations().next().unwrap();
            let forged = forge::forge(&shown.token, Mode::Jwt, None, &Env::fixed()).unwrap();
            let token = String::from_utf8(forged.presented.token).unwrap();
            let mut segments =
                token.split('.').map(|segment| forge::from_base64url(segment).unwrap());
            let header: Value = serde_json::from_slice(&segments.next().unwrap()).unwrap();
            let payload: Value = serde_json::from_slice(&segments.next().unwrap()).unwrap();
            assert_eq!((&header["alg"], &header["kid"]), (&json!("ES256"), &json!("p256-a")));
            assert_eq!(payload["iss"], "https://issuer.test");
            assert_eq!(payload["aud"], "https://api.test");
            let changed = [&header["typ"], &payload["sub"], &payload["jti"]];
            let honest = ["JWT", "alice", "b5f1a1c2-7c1e-4f0e-9d0a-3f2b6c8d9e01"];
            let differing = changed.iter().zip(honest).filter(|(one, other)| *one != other).count();
            assert_eq!(differing, 1, "{}: {header} {payload}", case.id);
        }
    }
}
