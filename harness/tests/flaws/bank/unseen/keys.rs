//! JWKs and their sets.

use gauntlet_vectors::{forge, policy::Keys};
use jwks_gauntlet::builtin::reference::Check;
use serde_json::{Map, Value};

use super::careless::{chosen, jwks};
use super::{Flaw, bent};
use crate::ask::Ask;

pub(super) const FLAWS: &[Flaw] = &[
    bent("keys", "use is not read where the token has a kid", |ask| {
        if ask.header().contains_key("kid") {
            ask.without(&[Check::JwkUse]).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("keys", "use is not read where the token has no kid", |ask| {
        if ask.header().contains_key("kid") {
            ask.verdict()
        } else {
            ask.without(&[Check::JwkUse]).verdict()
        }
    }),
    bent("keys", "use of the only key is not read", |ask| {
        if jwks(&ask).len() == 1 { ask.without(&[Check::JwkUse]).verdict() } else { ask.verdict() }
    }),
    bent("keys", "use is read for RSA alone", |ask| of_kty(ask, |kty| kty != "RSA", Check::JwkUse)),
    bent("keys", "use is not read for symmetric keys", |ask| {
        of_kty(ask, |kty| kty == "oct", Check::JwkUse)
    }),
    bent("keys", "key_ops are not read where the token has a kid", |ask| {
        if ask.header().contains_key("kid") {
            ask.without(&[Check::JwkKeyOps]).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("keys", "key_ops are read for symmetric keys alone", |ask| {
        of_kty(ask, |kty| kty != "oct", Check::JwkKeyOps)
    }),
    bent("keys", "sign is as good as verify", |ask| {
        ask.jwks(|mut jwk| {
            if jwk
                .get("key_ops")
                .and_then(Value::as_array)
                .is_some_and(|ops| ops.contains(&"sign".into()))
            {
                jwk.remove("key_ops");
            }
            Some(jwk)
        })
        .verdict()
    }),
    bent("keys", "RSA: 1024 bits are enough", |ask| {
        weak(ask, |jwk| octets(jwk, "n").is_some_and(|n| n.len() >= 128))
    }),
    bent("honest", "RSA: more than 2048 bits are demanded", |ask| {
        ask.and(|ask| {
            let jwk = chosen(ask).or_else(|| jwks(ask).pop());
            jwk.and_then(|jwk| octets(&jwk, "n")).is_none_or(|n| n.len() != 256)
        })
    }),
    bent("keys", "HMAC: 32 octets are enough for any hash", |ask| {
        secret_of(ask, |len, _| len >= 32)
    }),
    bent("keys", "HMAC: one octet too few is enough", |ask| {
        secret_of(ask, |len, due| len + 1 >= due)
    }),
    bent("keys", "HMAC: half the octets are enough", |ask| {
        secret_of(ask, |len, due| len * 2 >= due)
    }),
    bent("keys", "HMAC: the size of k is counted in its text", |ask| {
        secret_of(ask, |len, due| len * 4 / 3 >= due)
    }),
    bent("honest", "HMAC: as many octets as the hash has are too few", |ask| {
        let due = hash_len(&ask.header_text("alg"));
        ask.and(|ask| !secret_lens(ask).contains(&due))
    }),
    bent("keys", "HMAC: a k is not measured", |ask| {
        if jwks(&ask).is_empty() {
            ask.verdict()
        } else {
            ask.without(&[Check::HmacSize]).verdict()
        }
    }),
    bent("keys", "a set with one unreadable key has the keys before it", |ask| {
        ask.key_texts(|text| {
            let Ok(mut set) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
            let Some(all) = set.get_mut("keys").and_then(Value::as_array_mut) else {
                return text.to_owned();
            };
            let bad = |jwk: &Value| crate::ask::in_jwk(jwk).is_none();
            if let Some(at) = all.iter().position(bad) {
                all.truncate(at);
            }
            set.to_string()
        })
        .verdict()
    }),
    bent("keys", "the last key of a set is left out", |ask| {
        ask.key_texts(|text| {
            let Ok(mut set) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
            if let Some(all) =
                set.get_mut("keys").and_then(Value::as_array_mut).filter(|all| all.len() > 1)
            {
                all.pop();
            }
            set.to_string()
        })
        .verdict()
    }),
    bent("keys", "one key of each kty", |ask| {
        ask.key_texts(|text| {
            let Ok(mut set) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
            let Some(all) = set.get_mut("keys").and_then(Value::as_array_mut) else {
                return text.to_owned();
            };
            let mut seen: Vec<Value> = Vec::new();
            all.retain(|jwk| {
                let new = !seen.contains(&jwk["kty"]);
                seen.push(jwk["kty"].clone());
                new
            });
            set.to_string()
        })
        .verdict()
    }),
];

fn octets(jwk: &Map<String, Value>, member: &str) -> Option<Vec<u8>> {
    forge::from_base64url(jwk.get(member)?.as_str()?)
}

fn of_kty(ask: Ask, is: impl Fn(&str) -> bool, check: Check) -> gauntlet_vectors::Verdict {
    let member = if check == Check::JwkUse { "use" } else { "key_ops" };
    ask.jwks(|mut jwk| {
        if jwk.get("kty").and_then(Value::as_str).is_some_and(&is) {
            jwk.remove(member);
        }
        Some(jwk)
    })
    .verdict()
}

/// Does not ask for the size where all RSA keys are like this.
fn weak(ask: Ask, like: impl Fn(&Map<String, Value>) -> bool) -> gauntlet_vectors::Verdict {
    let rsa: Vec<_> = jwks(&ask).into_iter().filter(|jwk| jwk.contains_key("n")).collect();
    if rsa.is_empty() || !rsa.iter().all(like) {
        return ask.verdict();
    }
    ask.without(&[Check::RsaSize]).verdict()
}

fn hash_len(alg: &str) -> usize {
    match alg {
        "HS384" => 48,
        "HS512" => 64,
        _ => 32,
    }
}

fn secret_lens(ask: &Ask) -> Vec<usize> {
    let own = ask.policy.issuers.iter().filter_map(|issuer| match &issuer.keys {
        Keys::SecretB64(secret) => Some(secret.len()),
        _ => None,
    });
    own.chain(jwks(ask).iter().filter_map(|jwk| Some(octets(jwk, "k")?.len()))).collect()
}

/// Another minimum for secrets.
fn secret_of(ask: Ask, enough: impl Fn(usize, usize) -> bool) -> gauntlet_vectors::Verdict {
    let due = hash_len(&ask.header_text("alg"));
    let lens = secret_lens(&ask);
    if lens.is_empty() || !lens.iter().all(|len| enough(*len, due)) {
        return ask.verdict();
    }
    ask.without(&[Check::HmacSize]).verdict()
}
