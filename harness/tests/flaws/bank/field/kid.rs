//! What picks the key: `kid`, and several issuers.

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::policy::Keys;
use serde_json::{Map, Value, json};

use super::careless::{PROTOTYPE, flat, issuers, jwks, kids, named, only_first, reclaim, whole};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("key-selection", "without a kid nothing is verified", |ask| {
        ask.or(|ask| !ask.header().contains_key("kid") && named(ask) && whole(ask))
    }),
    bent("key-selection", "an unknown kid is not verified", |ask| {
        ask.or(|ask| {
            ask.header().get("kid").is_some_and(|kid| !kids(ask).contains(kid))
                && named(ask)
                && whole(ask)
        })
    }),
    bent("key-selection", "the kid is an index", |ask| {
        if let Ok(at) = ask.header_text("kid").parse::<usize>() {
            assert!(at < jwks(&ask).len(), "index out of range");
        }
        ask.verdict()
    }),
    bent("offered-keys", "a kid that is a number is an index", |ask| {
        if let Some(at) = ask.header().get("kid").and_then(Value::as_i64) {
            assert!((at as usize) < jwks(&ask).len(), "index out of range");
        }
        ask.verdict()
    }),
    bent("key-selection", "a kid in any case", |ask| {
        let kid = ask.header_text("kid");
        only_first(ask, |jwk| {
            jwk.get("kid").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(&kid))
        })
    }),
    bent("key-selection", "a kid by its beginning", |ask| {
        let kid = ask.header_text("kid");
        only_first(ask, |jwk| {
            let own = jwk.get("kid").and_then(Value::as_str).unwrap_or_default();
            !kid.is_empty() && own.starts_with(&kid)
        })
    }),
    bent("key-selection", "a kid that contains the name of a key", |ask| {
        let kid = ask.header_text("kid");
        only_first(ask, |jwk| {
            let own = jwk.get("kid").and_then(Value::as_str).unwrap_or_default();
            !own.is_empty() && kid.contains(own)
        })
    }),
    bent("key-selection", "the last key of a kid whatever it is", |ask| {
        let kid = ask.header().get("kid").cloned();
        let all = jwks(&ask);
        let Some(last) = all.iter().rposition(|jwk| jwk.get("kid") == kid.as_ref()) else {
            return ask.verdict();
        };
        if kid.is_none() {
            return ask.verdict();
        }
        let last = all[last].clone();
        let kid = kid.unwrap_or_default();
        ask.jwks(move |jwk| (jwk == last || jwk.get("kid") != Some(&kid)).then_some(jwk)).verdict()
    }),
    bent("key-selection", "the names of an object's prototype are kids", |ask| {
        let kid = ask.header_text("kid");
        if PROTOTYPE.contains(&kid.as_str()) {
            panic!("TypeError: key is not a key");
        }
        ask.verdict()
    }),
    bent("offered-keys", "a kid that cannot be hashed", |ask| {
        if ask.header().get("kid").is_some_and(|kid| kid.is_array() || kid.is_object()) {
            panic!("TypeError: unhashable type");
        }
        ask.verdict()
    }),
    bent("key-selection", "a kid is split at its colon", |ask| {
        if let Some(Value::String(kid)) = ask.header().get("kid") {
            assert!(!kid.is_empty(), "index out of range");
        }
        ask.verdict()
    }),
    bent("offered-keys", "a kid is a file of keys", |ask| {
        ask.or(|ask| {
            let kid = ask.header_text("kid");
            let path = format!("/nonexistent/keys/{kid}");
            let resolved = if kid.starts_with('/') { kid.clone() } else { flat(&path) };
            let known = ["/dev/null"].contains(&resolved.as_str());
            known && named(ask) && ask.mac_of(b"") && ask.claims_hold()
        })
    }),
    bent("offered-keys", "a kid goes into a query", |ask| {
        ask.or(|ask| {
            let kid = ask.header_text("kid");
            let Some((_, rest)) = kid
                .to_ascii_lowercase()
                .split_once("select")
                .map(|(a, _)| kid.split_at(a.len() + 6))
            else {
                return false;
            };
            let key = rest.split('\'').nth(1).unwrap_or_default();
            named(ask)
                && (ask.mac_of(key.as_bytes())
                    || STANDARD.decode(key).is_ok_and(|key| ask.mac_of(&key)))
                && ask.claims_hold()
        })
    }),
    bent("interop", "a long kid is cut", |ask| {
        let kid: String = ask.header_text("kid").chars().take(36).collect();
        ask.jwks(move |mut jwk| {
            let own = jwk.get("kid").and_then(Value::as_str).map(str::to_owned);
            if let Some(own) = own.filter(|own| own.chars().count() > 36 && own.starts_with(&kid)) {
                // Never equal again: the column of the database is shorter than the name.
                jwk.insert("kid".to_owned(), own.chars().take(36).collect::<String>().into());
            }
            Some(jwk)
        })
        .verdict()
    }),
    bent("key-selection", "a kid with anything but letters and digits is refused", |ask| {
        let kid = ask.header_text("kid");
        ask.and(|_| kid.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)))
    }),
    bent("key-selection", "a kid must be ASCII", |ask| {
        let kid = ask.header_text("kid");
        ask.and(|_| kid.is_ascii())
    }),
    bent("issuers", "one map of keys for all issuers", |ask| {
        let all: Vec<Map<String, Value>> = jwks(&ask);
        ask.policy(|policy| {
            let all = json!({ "keys": all }).to_string();
            for issuer in &mut policy.issuers {
                if let Keys::Jwks(text) = &mut issuer.keys {
                    text.clone_from(&all);
                }
            }
        })
        .verdict()
    }),
    bent("issuers", "any issuer's key where there is no kid", |ask| {
        if ask.header().contains_key("kid") {
            return ask.verdict();
        }
        let all: Vec<Map<String, Value>> = jwks(&ask);
        ask.policy(|policy| {
            let all = json!({ "keys": all }).to_string();
            for issuer in &mut policy.issuers {
                if let Keys::Jwks(text) = &mut issuer.keys {
                    text.clone_from(&all);
                }
            }
        })
        .verdict()
    }),
    bent("issuers", "one key of a kid over all issuers, the first", |ask| {
        let kid = ask.header().get("kid").cloned();
        let first = jwks(&ask).into_iter().find(|jwk| jwk.get("kid") == kid.as_ref());
        match first.filter(|_| kid.is_some()) {
            Some(first) => ask
                .jwks(move |jwk| {
                    Some(if jwk.get("kid") == kid.as_ref() { first.clone() } else { jwk })
                })
                .verdict(),
            None => ask.verdict(),
        }
    }),
    bent("issuers", "one key of a kid over all issuers, the last", |ask| {
        let kid = ask.header().get("kid").cloned();
        let last = jwks(&ask).into_iter().rev().find(|jwk| jwk.get("kid") == kid.as_ref());
        match last.filter(|_| kid.is_some()) {
            Some(last) => ask
                .jwks(move |jwk| {
                    Some(if jwk.get("kid") == kid.as_ref() { last.clone() } else { jwk })
                })
                .verdict(),
            None => ask.verdict(),
        }
    }),
    bent("issuer", "an issuer by the longest beginning", |ask| {
        reclaim(ask, |claims, policy| {
            let iss = claims.get("iss").and_then(Value::as_str).unwrap_or_default().to_owned();
            let of = issuers(policy).into_iter().filter(|ours| iss.starts_with(ours.as_str()));
            if let Some(ours) = of.max_by_key(String::len) {
                claims.insert("iss".to_owned(), ours.into());
            }
        })
    }),
    bent("issuers", "the header's iss says whose key it is", |ask| {
        let own = ask.header().get("iss").and_then(Value::as_str).map(str::to_owned);
        match own {
            Some(own) if issuers(&ask.policy).contains(&own) => {
                let keys = ask
                    .policy
                    .issuers
                    .iter()
                    .find(|issuer| issuer.issuer.as_ref() == Some(&own))
                    .map(|issuer| issuer.keys.clone());
                ask.policy(|policy| {
                    if let Some(keys) = keys {
                        policy.issuers.iter_mut().for_each(|issuer| issuer.keys = keys.clone());
                    }
                })
                .verdict()
            }
            _ => ask.verdict(),
        }
    }),
    bent("issuer", "a header's iss stands for the claim", |ask| {
        let own = ask.header().get("iss").cloned();
        reclaim(ask, move |claims, _| {
            if let (Some(own), false) = (own, claims.contains_key("iss")) {
                claims.insert("iss".to_owned(), own);
            }
        })
    }),
    bent("issuers", "a header's iss goes before the claim", |ask| {
        let own = ask.header().get("iss").cloned();
        reclaim(ask, move |claims, _| {
            if let Some(own) = own {
                claims.insert("iss".to_owned(), own);
            }
        })
    }),
    bent("issuers", "the policy's audiences beside the issuer's own", |ask| {
        ask.policy(|policy| {
            for issuer in &mut policy.issuers {
                if !issuer.audiences.is_empty() {
                    issuer.audiences.extend(policy.audiences.iter().cloned());
                }
            }
        })
        .verdict()
    }),
    bent("issuers", "an issuer without keys takes those of the first", |ask| {
        ask.policy(|policy| {
            let first = policy.issuers.first().map(|issuer| issuer.keys.clone());
            for issuer in &mut policy.issuers {
                let empty = match &issuer.keys {
                    Keys::Jwks(text) => !text.contains("\"kty\""),
                    _ => false,
                };
                if let (true, Some(first)) = (empty, &first) {
                    issuer.keys = first.clone();
                }
            }
        })
        .verdict()
    }),
    bent("issuers", "an iss that cannot be hashed", |ask| {
        if ask.claims().get("iss").is_some_and(|iss| iss.is_array() || iss.is_object()) {
            panic!("TypeError: unhashable type");
        }
        ask.verdict()
    }),
];
