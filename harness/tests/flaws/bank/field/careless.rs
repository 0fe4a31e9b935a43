//! What the flaws of the field have in common: reading as carelessly as they do.
//!
//! Long, because it is one list of small readers, none of which needs another file to be understood.

use std::{
    collections::{HashMap, HashSet},
    sync::{LazyLock, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::{
    Policy, Verdict,
    forge::{
        self, KeyName,
        keys::{self, TestKey},
        sign::{self, Algorithm},
    },
    policy::Keys,
    verdict::{Believed, Mode},
};
use jwks_gauntlet::builtin::reference::Check;
use serde_json::{Map, Value, json};

use crate::ask::{Ask, in_jwk, in_octets};

/// What every object of JavaScript has.
pub(in crate::bank) const PROTOTYPE: &[&str] =
    &["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype"];

/// The checks of claims.
pub(in crate::bank) const CLAIMS: &[Check] = &[
    Check::IssMissing,
    Check::IssType,
    Check::IssOther,
    Check::AudMissing,
    Check::AudType,
    Check::AudOther,
    Check::AudUnexpected,
    Check::ExpType,
    Check::ExpPassed,
    Check::NbfType,
    Check::NbfAhead,
    Check::ClaimRequired,
    Check::SubType,
    Check::JtiType,
    Check::IatType,
];

/// Whether everything but the claims is in order.
pub(in crate::bank) fn signed(ask: &Ask) -> bool {
    ask.clone().without(CLAIMS).accepts()
}

/// Whether a trusted key made the signature, by the algorithm that the header names.
pub(in crate::bank) fn genuine(ask: &Ask) -> bool {
    signer(ask).is_some_and(|(_, alg)| alg == ask.header_text("alg")) && named(ask)
}

/// Whether the token is one but for its signature.
pub(in crate::bank) fn whole(ask: &Ask) -> bool {
    ask.segments().len() == 3
        && !ask.header().is_empty()
        && if ask.is_jwt() { ask.claims_hold() } else { !ask.octets(1).is_empty() }
}

pub(in crate::bank) fn no_list(ask: &Ask) -> bool {
    ask.policy.algorithms.is_empty()
        && ask.policy.issuers.iter().all(|issuer| issuer.algorithms.is_empty())
}

/// Whether the allow-list has the header's `alg`.
pub(in crate::bank) fn named(ask: &Ask) -> bool {
    let alg = ask.header_text("alg");
    let own = |issuer: &gauntlet_vectors::policy::TrustedIssuer| {
        issuer.algorithms.is_empty() || issuer.algorithms.contains(&alg)
    };
    ask.segments().len() == 3 && ask.allows(&alg) && ask.policy.issuers.iter().any(own)
}

pub(in crate::bank) fn lists(policy: &mut Policy) -> Vec<&mut Vec<String>> {
    let mut all = vec![&mut policy.algorithms];
    all.extend(policy.issuers.iter_mut().map(|issuer| &mut issuer.algorithms));
    all
}

pub(in crate::bank) fn unlisted(ask: Ask) -> Ask {
    ask.policy(|policy| lists(policy).into_iter().for_each(Vec::clear))
}

pub(in crate::bank) fn issuers(policy: &Policy) -> Vec<String> {
    policy.issuers.iter().filter_map(|issuer| issuer.issuer.clone()).collect()
}

/// Every JWK of every issuer.
pub(in crate::bank) fn jwks(ask: &Ask) -> Vec<Map<String, Value>> {
    ask.policy
        .issuers
        .iter()
        .filter_map(|issuer| match &issuer.keys {
            Keys::Jwks(text) | Keys::Jwk(text) => serde_json::from_str::<Value>(text).ok(),
            _ => None,
        })
        .flat_map(|set| {
            set.get("keys").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![set])
        })
        .filter_map(|jwk| jwk.as_object().cloned())
        .filter(|jwk| !jwk.is_empty())
        .collect()
}

pub(in crate::bank) fn kids(ask: &Ask) -> Vec<Value> {
    jwks(ask).iter().filter_map(|jwk| jwk.get("kid").cloned()).collect()
}

/// The JWK that the token's `kid` names.
pub(in crate::bank) fn chosen(ask: &Ask) -> Option<Map<String, Value>> {
    let kid = ask.header().get("kid").cloned()?;
    jwks(ask).into_iter().find(|jwk| jwk.get("kid") == Some(&kid))
}

pub(in crate::bank) fn in_keys_text(text: &str) -> Vec<&'static TestKey> {
    crate::ask::in_keys(&Keys::Jwks(text.to_owned()))
}

pub(in crate::bank) fn pem(ask: &Ask) -> String {
    ask.policy
        .issuers
        .iter()
        .find_map(|issuer| match &issuer.keys {
            Keys::Pem(text) => Some(text.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// Only the first key that this holds of, whatever the token calls it.
pub(in crate::bank) fn only_first(ask: Ask, is: impl Fn(&Map<String, Value>) -> bool) -> Verdict {
    if ask.policy.issuers.len() > 1 {
        return ask.verdict();
    }
    match jwks(&ask).into_iter().find(is) {
        Some(first) if ask.header().contains_key("kid") => {
            ask.jwks(|jwk| (jwk == first).then_some(jwk)).without(&[Check::KidUnknown]).verdict()
        }
        _ => ask.verdict(),
    }
}

pub(in crate::bank) fn embedded(ask: &Ask, also: impl Fn(&Ask, &Value, &TestKey) -> bool) -> bool {
    let Some(jwk) = ask.header().get("jwk").cloned() else { return false };
    let Some(key) = in_jwk(&jwk) else { return false };
    named(ask)
        && also(ask, &jwk, key)
        && ask.signed_by(key, &ask.header_text("alg"))
        && ask.claims_hold()
}

pub(in crate::bank) fn certificates(ask: &Ask) -> Vec<Vec<u8>> {
    let chain = ask.header().get("x5c").and_then(Value::as_array).cloned().unwrap_or_default();
    chain.iter().filter_map(|text| STANDARD.decode(text.as_str()?).ok()).collect()
}

/// Whether the key of this certificate of the token made the signature.
pub(in crate::bank) fn certified(ask: &Ask, at: usize) -> bool {
    let alg = ask.header_text("alg");
    let Some(leaf) = certificates(ask).into_iter().nth(at) else { return false };
    named(ask)
        && in_octets(&[leaf]).into_iter().any(|key| ask.signed_by(key, &alg))
        && ask.claims_hold()
}

pub(in crate::bank) fn due(ask: &Ask, key: &TestKey, alg: &str) -> Option<Vec<u8>> {
    sign::sign(key, alg, ask.signing_input().as_bytes(), 0).ok()
}

/// What the MAC should be, by each trusted secret.
pub(in crate::bank) fn macs(ask: &Ask) -> impl Iterator<Item = Vec<u8>> {
    let alg = ask.header_text("alg");
    let is_mac = alg.starts_with("HS") && named(ask);
    let keys = ask.trusted();
    let all: Vec<_> = keys
        .into_iter()
        .filter(|key| is_mac && key.kty() == "oct")
        .filter_map(|key| due(ask, key, &alg))
        .collect();
    let good = |due: &Vec<u8>| good_with(ask, due);
    all.into_iter().filter(good).collect::<Vec<_>>().into_iter()
}

/// Whether nothing but the signature would be wrong with the token.
pub(in crate::bank) fn good_with(ask: &Ask, signature: &[u8]) -> bool {
    let token = format!("{}.{}", ask.signing_input(), forge::base64url(signature));
    ask.clone().token(|_| token).accepts()
}

type Signers = HashMap<(Vec<u8>, String), Option<(&'static str, &'static str)>>;
static SIGNERS: LazyLock<Mutex<Signers>> = LazyLock::new(Mutex::default);

/// The trusted key that signed a compact token, and by which algorithm.
pub(in crate::bank) fn signer(ask: &Ask) -> Option<(&'static TestKey, &'static str)> {
    if ask.segments().len() != 3 {
        return None;
    }
    let trusted = ask.trusted();
    let names: Vec<_> = trusted.iter().map(|key| key.name()).collect();
    let key = (ask.presented.token.clone(), names.join(" "));
    let known = SIGNERS.lock().unwrap().get(&key).copied();
    let found = known.unwrap_or_else(|| {
        let own = ask.octets(2);
        let found = trusted.iter().find_map(|key| {
            let alg = Algorithm::ALL.iter().map(|(alg, _)| *alg).find(|alg| {
                // Names of one algorithm: the first is the one that the header has.
                let header = ask.header_text("alg");
                let twin = Algorithm::named(&header)
                    .is_ok_and(|_| header != *alg && header.starts_with("Ed"));
                !twin && due(ask, key, alg).is_some_and(|due| due == own)
            })?;
            let name = keys::NAMES.iter().find(|name| **name == key.name())?;
            Some((*name, alg))
        });
        SIGNERS.lock().unwrap().insert(key, found);
        found
    });
    let (name, alg) = found?;
    Some((keys::find(&KeyName::from(name)).ok()?, alg))
}

/// The same token with other segments, as if it had been signed like that; what is believed stays.
pub(in crate::bank) fn resigned(
    ask: Ask,
    header: &str,
    payload: &str,
    signature: Option<&str>,
) -> Verdict {
    let segments = ask.segments();
    if segments.len() != 3 {
        return ask.verdict();
    }
    let same = segments[0] == header && segments[1] == payload;
    if same && signature.is_none_or(|own| segments[2] == own) {
        return ask.verdict();
    }
    let tidy = match signature {
        Some(own) => ask.clone().token(|_| format!("{}.{}.{own}", segments[0], segments[1])),
        None => ask.clone(),
    };
    let Some((key, alg)) = signer(&tidy) else {
        return ask.verdict();
    };
    let input = format!("{header}.{payload}");
    let Ok(own) = sign::sign(key, alg, input.as_bytes(), 0) else {
        return ask.verdict();
    };
    let believed = forge::from_base64url(payload);
    match ask.token(|_| format!("{input}.{}", forge::base64url(&own))).verdict() {
        Verdict::Accept(key) => {
            Verdict::Accept(Believed { claims: None, payload: believed, key: key.key })
        }
        other => other,
    }
}

pub(in crate::bank) fn resegment(ask: Ask, change: impl Fn(&str) -> String) -> Verdict {
    let segments = ask.segments();
    if segments.len() != 3 || ask.presented.detached_payload.is_some() {
        return ask.verdict();
    }
    let changed: Vec<String> = segments.iter().map(|text| change(text)).collect();
    resigned(ask, &changed[0], &changed[1], Some(&changed[2]))
}

/// The same token read with other octets in header and payload; what is believed is what was read.
pub(in crate::bank) fn retext(
    ask: Ask,
    change: impl FnOnce(Vec<u8>, Vec<u8>) -> (Vec<u8>, Vec<u8>),
) -> Verdict {
    if ask.segments().len() != 3 || ask.presented.detached_payload.is_some() {
        return ask.verdict();
    }
    let (before, after) = ((ask.octets(0), ask.octets(1)), change(ask.octets(0), ask.octets(1)));
    if before == after {
        return ask.verdict();
    }
    resigned(ask, &forge::base64url(&after.0), &forge::base64url(&after.1), None)
}

/// The same token read with other claims; what is believed is what was signed.
pub(in crate::bank) fn reclaim(
    ask: Ask,
    change: impl FnOnce(&mut Map<String, Value>, &Policy),
) -> Verdict {
    if !ask.is_jwt() {
        return ask.verdict();
    }
    let before = ask.claims();
    if serde_json::from_slice::<Map<String, Value>>(&ask.octets(1)).is_err() {
        return ask.verdict();
    }
    let mut after = before.clone();
    let policy = ask.policy.clone();
    change(&mut after, &policy);
    if before == after {
        return ask.verdict();
    }
    let own = ask.octets(1);
    let text = Value::from(after).to_string();
    match retext(ask, |header, _| (header, text.into_bytes())) {
        Verdict::Accept(believed) => Verdict::Accept(Believed { payload: Some(own), ..believed }),
        other => other,
    }
}

pub(in crate::bank) fn reclaim_now(
    ask: Ask,
    change: impl FnOnce(&mut Map<String, Value>, i64),
) -> Verdict {
    let now = ask.now.0;
    reclaim(ask, |claims, _| change(claims, now))
}

/// The same token read with another header; the change is told the algorithm of the signature.
pub(in crate::bank) fn reheader(
    ask: Ask,
    change: impl FnOnce(&mut Map<String, Value>, &str),
) -> Verdict {
    let before = ask.header();
    if ask.segments().len() != 3 || before.is_empty() {
        return ask.verdict();
    }
    let Some((_, alg)) = signer(&ask) else {
        return ask.verdict();
    };
    let mut after = before.clone();
    change(&mut after, alg);
    if before == after {
        return ask.verdict();
    }
    let text = Value::from(after).to_string();
    retext(ask, |_, payload| (text.into_bytes(), payload))
}

pub(in crate::bank) fn good_iss(claims: &mut Map<String, Value>, policy: &Policy) {
    if let Some(iss) = issuers(policy).into_iter().next() {
        claims.insert("iss".to_owned(), iss.into());
    }
}

pub(in crate::bank) fn good_aud(claims: &mut Map<String, Value>, policy: &Policy) {
    if let Some(aud) = policy.audiences.first() {
        claims.insert("aud".to_owned(), aud.clone().into());
    }
}

/// Another comparison of issuers.
pub(in crate::bank) fn iss_if(ask: Ask, same: impl Fn(&str, &str) -> bool) -> Verdict {
    reclaim(ask, |claims, policy| {
        let iss = claims.get("iss").and_then(Value::as_str).map(str::to_owned);
        let ours = issuers(policy)
            .into_iter()
            .find(|ours| iss.as_ref().is_some_and(|iss| same(iss, ours)));
        if let Some(ours) = ours {
            claims.insert("iss".to_owned(), ours.into());
        }
    })
}

/// Another comparison of audiences.
pub(in crate::bank) fn aud_if(ask: Ask, same: impl Fn(&str, &str) -> bool) -> Verdict {
    reclaim(ask, |claims, policy| {
        let all: Vec<String> = match claims.get("aud") {
            Some(Value::String(aud)) => vec![aud.clone()],
            Some(Value::Array(all)) => {
                all.iter().filter_map(|aud| Some(aud.as_str()?.to_owned())).collect()
            }
            _ => return,
        };
        let ours = policy.audiences.iter().find(|ours| all.iter().any(|aud| same(aud, ours)));
        if let Some(ours) = ours {
            claims.insert("aud".to_owned(), ours.clone().into());
        }
    })
}

pub(in crate::bank) fn stands_for_aud(ask: Ask, name: &str) -> Verdict {
    reclaim(ask, |claims, _| {
        if let (Some(value), false) = (claims.get(name).cloned(), claims.contains_key("aud")) {
            claims.insert("aud".to_owned(), value);
        }
    })
}

/// Another comparison of types.
pub(in crate::bank) fn typ_if(ask: Ask, same: impl Fn(&str, &str) -> bool) -> Verdict {
    let Some(due) = ask.policy.token_type.clone() else {
        return ask.verdict();
    };
    reheader(ask, move |header, _| {
        if header.get("typ").and_then(Value::as_str).is_some_and(|typ| same(typ, &due)) {
            header.insert("typ".to_owned(), due.into());
        }
    })
}

/// Reads the claims without `exp` where this holds.
pub(in crate::bank) fn unset(ask: Ask, is: impl Fn(&Map<String, Value>) -> bool) -> Verdict {
    reclaim_now(ask, |claims, now| {
        if claims.contains_key("exp") && is(claims) {
            claims.insert("exp".to_owned(), json!(now + 60));
        }
    })
}

pub(in crate::bank) fn any_case(members: &mut Map<String, Value>, names: &[&str]) {
    for (name, value) in members.clone() {
        let lower = name.to_ascii_lowercase();
        if lower != name && names.contains(&lower.as_str()) {
            members.insert(lower, value);
        }
    }
}

pub(in crate::bank) fn first_value(octets: Vec<u8>) -> Vec<u8> {
    let mut values = serde_json::Deserializer::from_slice(&octets).into_iter::<Value>();
    match values.next() {
        Some(Ok(_)) if !octets[values.byte_offset()..].trim_ascii().is_empty() => {
            octets[..values.byte_offset()].to_vec()
        }
        _ => octets,
    }
}

pub(in crate::bank) fn uncommented(octets: Vec<u8>) -> Vec<u8> {
    let Ok(text) = String::from_utf8(octets.clone()) else { return octets };
    if let Some((before, rest)) = text.split_once("/*")
        && let Some((_, behind)) = rest.split_once("*/")
    {
        return format!("{before}{behind}").into_bytes();
    }
    if serde_json::from_str::<Value>(&text).is_err()
        && let Some(at) = text.rfind("//")
    {
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        return format!("{}{}", &text[..at], &text[end..]).into_bytes();
    }
    octets
}

pub(in crate::bank) fn after_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("\"{name}\""))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

pub(in crate::bank) fn raw_number<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = after_name(text, name)?;
    let end =
        rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|text| !text.is_empty())
}

pub(in crate::bank) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default().to_owned()
}

pub(in crate::bank) fn path(url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.find(['/', '?', '#']).map_or(String::new(), |at| rest[at..].to_owned())
}

/// Without dot segments.
pub(in crate::bank) fn flat(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                if parts.len() > 1 {
                    parts.pop();
                }
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

/// One such key in a set spoils the set.
pub(in crate::bank) fn spoiled(ask: Ask, is: impl Fn(&Map<String, Value>) -> bool) -> Verdict {
    let spoiled = jwks(&ask).iter().any(is);
    ask.and(|_| !spoiled)
}

pub(in crate::bank) fn secrets(ask: Ask, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Verdict {
    ask.policy(|policy| {
        for issuer in &mut policy.issuers {
            if let Keys::SecretB64(secret) = &mut issuer.keys {
                *secret = change(std::mem::take(secret));
            }
        }
    })
    .verdict()
}

/// Accepts again what it accepted once by this name.
pub(in crate::bank) fn by(
    ask: Ask,
    seen: &mut HashSet<String>,
    name: impl FnOnce(&Ask) -> Option<String>,
) -> Verdict {
    let name = name(&ask);
    if let Some(name) = &name
        && seen.contains(name)
        && ask.presented.mode == Mode::Jwt
    {
        return ask.believe();
    }
    let verdict = ask.verdict();
    if let (Verdict::Accept(_), Some(name)) = (&verdict, name) {
        seen.insert(name);
    }
    verdict
}
