//! Verifiers that conform and could not be more different.

use gauntlet_vectors::{Verdict, policy::Keys};
use jwks_gauntlet::{
    builtin::reference::{Check, Reference, Rules},
    verifier::Implementation,
};
use serde_json::Value;

use crate::bank::{Bending, FREEDOMS};

type Make = fn() -> Box<dyn Implementation>;

pub(crate) const ALL: &[(&str, Make)] = &[
    ("whoever uses every freedom to accept", lenient),
    ("whoever uses every freedom to refuse", || Box::new(Reference::strict())),
    ("whoever sets limits to everything", || Box::new(Bending(frugal))),
    ("whoever asks for more than he has to", || Box::new(Bending(particular))),
    ("whoever passes over what means nothing", || Box::new(Bending(casual))),
];

/// The reference without the checks that nobody has to make, and with the last of two members.
fn lenient() -> Box<dyn Implementation> {
    let rules = FREEDOMS.iter().fold(Rules::STRICT, |rules, check| rules.without(*check));
    Box::new(Reference::with_rules(rules.keeping_the_last()))
}

/// Limits on length, depth and counts are allowed everywhere (RFC 8259 §9).
fn frugal(ask: crate::ask::Ask) -> Verdict {
    let depth = |octets: &[u8]| {
        let mut depth = 0_i64;
        octets.iter().fold(0_i64, |most, octet| {
            depth += match octet {
                b'[' | b'{' => 1,
                b']' | b'}' => -1,
                _ => 0,
            };
            most.max(depth)
        })
    };
    let set_is_long = ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
        Keys::Jwks(text) => serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|set| set.get("keys").and_then(Value::as_array).map(Vec::len))
            .is_some_and(|keys| keys > 500),
        _ => false,
    });
    let too_much = ask.presented.token.len() > 16 * 1024
        || depth(&ask.octets(0)) > 32
        || depth(&ask.octets(1)) > 32
        || ask.header_text("kid").len() > 1024
        || ask.header().len() > 32
        || ask.claims().len() > 128
        || set_is_long;
    if too_much { Verdict::reject("out of bounds") } else { ask.verdict() }
}

/// No specification makes a verifier accept a token without these, old or from tomorrow, nor forbids it to demand them.
fn particular(ask: crate::ask::Ask) -> Verdict {
    let (header, claims, now) = (ask.header(), ask.claims(), ask.now.0);
    let an_issuer_has_no_keys = ask.policy.issuers.iter().any(
        |issuer| matches!(&issuer.keys, Keys::Jwks(text) if text.replace(' ', "").contains("\"keys\":[]")),
    );
    ask.and(|ask| {
        let several = ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
            Keys::Jwks(text) => text.matches("\"kty\"").count() > 1,
            _ => false,
        });
        let is_old = claims
            .get("iat")
            .and_then(Value::as_f64)
            .is_some_and(|iat| iat < (now - 365 * 86_400) as f64 || iat > (now + 300) as f64);
        let has_own = |name: &str| claims.contains_key(name);
        !ask.is_jwt()
            || ((header.contains_key("kid") || !several)
                && has_own("exp")
                && !is_old
                && !an_issuer_has_no_keys)
    })
}

/// A null is no value, and what is no string in an `aud` names nobody.
fn casual(ask: crate::ask::Ask) -> Verdict {
    let claims = ask.claims();
    let null = |name: &str| claims.get(name).is_some_and(Value::is_null);
    let mut checks = Vec::new();
    for (name, check) in [("exp", Check::ExpType), ("nbf", Check::NbfType)] {
        if null(name) {
            checks.push(check);
        }
    }
    let names_us = match claims.get("aud") {
        Some(Value::Array(auds)) => auds.iter().any(|aud| {
            aud.as_str().is_some_and(|aud| ask.policy.audiences.iter().any(|ours| ours == aud))
        }),
        _ => false,
    };
    if names_us {
        checks.push(Check::AudType);
    }
    ask.without(&checks).verdict()
}
