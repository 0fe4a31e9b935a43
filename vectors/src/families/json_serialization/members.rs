//! Members that stand twice, are missing, or are of another type.

use serde_json::json;

use super::{
    Class, SHAPES, Setup, flattened, forged, general_setup, good, of, raw, with_unprotected,
};
use crate::{
    case::{Belief, Case, Permitted, Severity},
    recipe::{JwsJsonRecipe, JwsMember},
};

pub(super) fn cases(setup: &Setup) -> Vec<Case> {
    [twice(setup), shapes(setup)].concat()
}

/// Members that stand twice, or in a form where they mean nothing: whatever a verifier makes of them,
/// it must believe what was signed.
fn twice(setup: &Setup) -> Vec<Case> {
    const FORGED: &str = "\"eyJzdWIiOiJtYWxsb3J5In0\"";
    let class = Class {
        clauses: &["RFC 7515 §7.2.1", "RFC 7515 §7.2.2", "RFC 8259 §4"],
        rule: "Names in an object should be unique, and the two forms are not mixed. A verifier that \
               takes such an object all the same must believe the payload that it verified.",
        consequence: "One half of the software verifies one value, and the other believes the second.",
        remedy: "Refuse names that stand twice, and members of both forms side by side; hand on the \
                 payload that was verified, and never the text.",
        ..SHAPES
    };
    let choice = |slug: &str, title: &str, attack: &str, members| {
        class.choice(
            setup,
            slug,
            title,
            attack,
            of(setup, members),
            Permitted::choice(Belief::Signed),
        )
    };
    let (payload, signed) = (JwsMember::Payload, JwsMember::Signature(good(setup)));
    vec![
        choice(
            "payload-twice-good-first",
            "may refuse two payloads of which the first was signed, and believes that one",
            "The attacker adds a second payload behind the signed one.",
            vec![payload.clone(), raw("payload", FORGED), signed.clone()],
        ),
        choice(
            "payload-twice-good-last",
            "may refuse two payloads of which the last was signed, and believes that one",
            "The attacker adds another payload in front of the signed one.",
            vec![raw("payload", FORGED), payload.clone(), signed.clone()],
        ),
        choice(
            "forged-beside-good-signatures",
            "may refuse a forged `signature` beside good `signatures`",
            "The attacker adds the members of the flattened form to a good general one.",
            vec![
                payload.clone(),
                JwsMember::Signatures(vec![good(setup)]),
                JwsMember::Signature(forged(setup)),
            ],
        ),
        choice(
            "good-beside-forged-signatures",
            "may refuse a good `signature` beside forged `signatures`",
            "The attacker adds `signatures` to a good flattened form.",
            vec![payload, signed, JwsMember::Signatures(vec![forged(setup)])],
        ),
    ]
}

fn shapes(setup: &Setup) -> Vec<Case> {
    let several = general_setup(setup);
    let refuse = |setup: &Setup, slug: &str, what: &str, members| {
        SHAPES.refuse(
            setup,
            slug,
            format!("refuses {what}"),
            format!("The attacker sends {what}."),
            of(setup, members),
        )
    };
    let own = |name: &str, value: &str| {
        let mut members = vec![JwsMember::Payload];
        for (member, usual) in [
            ("protected", "\"eyJhbGciOiJFUzI1NiIsImtpZCI6InAyNTYtYSJ9\""),
            ("signature", "\"QUFB\""),
        ] {
            if value.is_empty() && member == name {
                continue;
            }
            members.push(raw(member, if member == name { value } else { usual }));
        }
        members
    };
    vec![
        refuse(setup, "nothing", "an empty object", Vec::new()),
        refuse(
            setup,
            "payload-missing",
            "a signature without its payload",
            vec![JwsMember::Signature(good(setup))],
        ),
        refuse(
            setup,
            "payload-number",
            "a payload that is a number",
            vec![raw("payload", "1"), JwsMember::Signature(good(setup))],
        ),
        Class { severity: Severity::Critical, cwe: &[347], ..SHAPES }.refuse(
            setup,
            "signature-missing",
            "refuses a protected header without a signature",
            "The attacker leaves the signature away.",
            of(setup, own("signature", "")),
        ),
        refuse(setup, "signature-null", "a signature that is null", own("signature", "null")),
        refuse(
            setup,
            "protected-object",
            "a protected header that is an object and not its text",
            own("protected", "{\"alg\":\"none\"}"),
        ),
        refuse(
            setup,
            "unprotected-text",
            "an unprotected header that is a text",
            vec![
                JwsMember::Payload,
                JwsMember::Signature(with_unprotected(setup, json!("{\"note\":1}"))),
            ],
        ),
        refuse(
            &several,
            "signatures-object",
            "`signatures` that are an object",
            vec![JwsMember::Payload, raw("signatures", "{}")],
        ),
        refuse(
            &several,
            "signatures-of-null",
            "`signatures` of which one is null",
            vec![JwsMember::Payload, raw("signatures", "[null]")],
        ),
        Class { clauses: &["RFC 7515 §10.12", "RFC 7515 §7.2"], ..SHAPES }.refuse(
            setup,
            "text-behind",
            "refuses text behind the object",
            "The attacker adds text behind a good flattened serialization.",
            JwsJsonRecipe { behind: "ABCD".to_owned(), ..flattened(setup, good(setup)) },
        ),
    ]
}
