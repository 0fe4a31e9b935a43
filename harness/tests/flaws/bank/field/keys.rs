//! JWKs, sets of them, and static keys.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::{
    forge::{self, sign::Algorithm},
    policy::Keys,
};
use jwks_gauntlet::builtin::reference::Check;
use serde_json::{Map, Value, json};

use super::careless::{jwks, named, secrets, spoiled, whole};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("keys", "a set with an unknown kty is broken", |ask| {
        spoiled(ask, |jwk| {
            !matches!(jwk.get("kty").and_then(Value::as_str), Some("RSA" | "EC" | "OKP" | "oct"))
        })
    }),
    bent("keys", "a set with an unknown curve is broken", |ask| {
        spoiled(ask, |jwk| {
            jwk.get("crv").and_then(Value::as_str).is_some_and(|crv| {
                !["P-256", "P-384", "P-521", "secp256k1", "Ed25519", "Ed448", "X25519", "X448"]
                    .contains(&crv)
            })
        })
    }),
    bent("keys", "a set with an X25519 key is broken", |ask| {
        spoiled(ask, |jwk| jwk.get("crv") == Some(&json!("X25519")))
    }),
    bent("keys", "a set with an unknown alg is broken", |ask| {
        spoiled(ask, |jwk| {
            jwk.get("alg").and_then(Value::as_str).is_some_and(|alg| Algorithm::named(alg).is_err())
        })
    }),
    bent("keys", "a set with a key without kid is broken", |ask| {
        spoiled(ask, |jwk| !jwk.contains_key("kid"))
    }),
    bent("keys", "a set with a key of use enc is broken", |ask| {
        spoiled(ask, |jwk| jwk.get("use") == Some(&json!("enc")))
    }),
    bent("key-selection", "a set with two keys of a kid is broken", |ask| {
        let mut seen = HashSet::new();
        let twice = jwks(&ask)
            .iter()
            .filter_map(|jwk| Some(jwk.get("kid")?.to_string()))
            .any(|kid| !seen.insert(kid));
        let several = ask.policy.issuers.len() > 1;
        ask.and(|_| several || !twice)
    }),
    bent("issuers", "a set with a symmetric key is broken", |ask| {
        let mixed = jwks(&ask).iter().any(|jwk| jwk.get("kty") != Some(&json!("oct")));
        if mixed {
            spoiled(ask, |jwk| jwk.get("kty") == Some(&json!("oct")))
        } else {
            ask.verdict()
        }
    }),
    bent("keys", "a set with a malformed key is broken", |ask| {
        spoiled(ask, |jwk| {
            let member =
                |name: &str| jwk.get(name).and_then(Value::as_str).and_then(forge::from_base64url);
            match jwk.get("kty").and_then(Value::as_str) {
                Some("RSA") => member("n").is_none() || member("e").is_none(),
                Some("EC") => member("x").is_none() || member("y").is_none(),
                Some("OKP") => member("x").is_none(),
                _ => false,
            }
        })
    }),
    bent("keys", "a set with a small RSA key is broken", |ask| {
        spoiled(ask, |jwk| jwk.get("n").and_then(Value::as_str).is_some_and(|n| n.len() < 300))
    }),
    bent("keyset", "an element of keys that is no object", |ask| {
        for issuer in &ask.policy.issuers {
            if let Keys::Jwks(text) = &issuer.keys
                && let Ok(set) = serde_json::from_str::<Value>(text)
                && let Some(all) = set.get("keys").and_then(Value::as_array)
            {
                assert!(all.iter().all(Value::is_object), "TypeError");
            }
        }
        ask.verdict()
    }),
    bent("keyset", "a document without keys", |ask| {
        for issuer in &ask.policy.issuers {
            if let Keys::Jwks(text) = &issuer.keys
                && let Ok(set) = serde_json::from_str::<Value>(text)
            {
                assert!(set.get("keys").is_some_and(Value::is_array), "KeyError: 'keys'");
            }
        }
        ask.verdict()
    }),
    bent("keys", "a JWK's kty that is no string", |ask| {
        assert!(
            jwks(&ask).iter().all(|jwk| jwk.get("kty").is_some_and(Value::is_string)),
            "KeyError"
        );
        ask.verdict()
    }),
    bent("keys", "a JWK's kid that is no string", |ask| {
        assert!(
            jwks(&ask).iter().all(|jwk| jwk.get("kid").is_none_or(Value::is_string)),
            "TypeError"
        );
        ask.verdict()
    }),
    bent("keys", "a JWK's x5c of none", |ask| {
        let empty = |jwk: &Map<String, Value>| {
            jwk.get("x5c").and_then(Value::as_array).is_some_and(Vec::is_empty)
        };
        assert!(!jwks(&ask).iter().any(empty), "IndexError");
        ask.verdict()
    }),
    bent("keys", "a JWK's n or x of nothing", |ask| {
        let empty = |jwk: &Map<String, Value>| {
            ["n", "e", "x", "y"].iter().any(|name| jwk.get(*name) == Some(&json!("")))
        };
        assert!(!jwks(&ask).iter().any(empty), "IndexError");
        ask.verdict()
    }),
    bent("keys", "a JWK's key_ops that are no array", |ask| {
        assert!(
            jwks(&ask).iter().all(|jwk| jwk.get("key_ops").is_none_or(Value::is_array)),
            "TypeError"
        );
        ask.verdict()
    }),
    bent("keys", "key_ops of verify alone", |ask| {
        ask.jwks(|jwk| {
            jwk.get("key_ops").is_none_or(|ops| *ops == json!(["verify"])).then_some(jwk)
        })
        .verdict()
    }),
    bent("keys", "keys with a certificate are not in the set", |ask| {
        ask.jwks(|jwk| (!jwk.contains_key("x5c")).then_some(jwk)).verdict()
    }),
    bent("keys", "coordinates without their zeros", |ask| {
        ask.jwks(|jwk| {
            let zero = ["x", "y"].iter().any(|name| {
                jwk.get(*name)
                    .and_then(Value::as_str)
                    .and_then(forge::from_base64url)
                    .is_some_and(|octets| octets.first() == Some(&0))
            });
            (!zero || jwk.get("kty") != Some(&json!("EC"))).then_some(jwk)
        })
        .verdict()
    }),
    bent("signature", "an exponent is 65537", |ask| {
        ask.jwks(|jwk| (jwk.get("e").is_none_or(|e| *e == json!("AQAB"))).then_some(jwk)).verdict()
    }),
    bent("honest", "RSA keys have 2048 bits", |ask| {
        ask.jwks(|jwk| {
            jwk.get("n").and_then(Value::as_str).is_none_or(|n| n.len() == 342).then_some(jwk)
        })
        .verdict()
    }),
    bent("keys", "the text of k is the secret", |ask| {
        ask.jwks(|mut jwk| {
            if let Some(k) = jwk.get("k").and_then(Value::as_str) {
                let text = forge::base64url(k.as_bytes());
                jwk.insert("k".to_owned(), text.into());
            }
            Some(jwk)
        })
        .verdict()
    }),
    bent("keyset", "an empty key set lets everybody in", |ask| {
        ask.or(|ask| {
            jwks(ask).is_empty()
                && ask.policy.issuers.iter().all(|issuer| matches!(issuer.keys, Keys::Jwks(_)))
                && named(ask)
                && whole(ask)
        })
    }),
    bent("static-keys", "one bare JWK is a set", |ask| {
        ask.key_texts(|text| match serde_json::from_str::<Value>(text) {
            Ok(jwk)
                if jwk.get("kty").is_some() && jwk.get("keys").is_none() && text.len() < 4096 =>
            {
                json!({ "keys": [jwk] }).to_string()
            }
            _ => text.to_owned(),
        })
        .verdict()
    }),
    bent("static-keys", "a secret is cut at the block of the hash", |ask| {
        ask.policy(|policy| {
            for issuer in &mut policy.issuers {
                if let Keys::SecretB64(secret) = &mut issuer.keys {
                    secret.truncate(64);
                }
            }
        })
        .verdict()
    }),
    bent("keys", "a k is cut at the block of the hash", |ask| {
        ask.jwks(|mut jwk| {
            if let Some(k) = jwk.get("k").and_then(Value::as_str).and_then(forge::from_base64url)
                && k.len() > 64
            {
                jwk.insert("k".to_owned(), forge::base64url(&k[..64]).into());
            }
            Some(jwk)
        })
        .verdict()
    }),
    bent("static-keys", "a secret is text", |ask| {
        secrets(ask, |secret| String::from_utf8_lossy(&secret).into_owned().into_bytes())
    }),
    bent("static-keys", "a secret ends at NUL", |ask| {
        secrets(ask, |secret| secret.split(|octet| *octet == 0).next().unwrap_or_default().to_vec())
    }),
    bent("static-keys", "a secret is base64 where it can be", |ask| {
        secrets(ask, |secret| {
            STANDARD
                .decode(&secret)
                .ok()
                .or_else(|| forge::from_base64url(&secret))
                .unwrap_or(secret)
        })
    }),
    bent("static-keys", "a kid must not stand in a token for one key", |ask| {
        let single = ask.policy.issuers.iter().all(|issuer| {
            matches!(issuer.keys, Keys::Pem(_) | Keys::DerB64(_) | Keys::SecretB64(_))
        });
        ask.and(|ask| !single || !ask.header().contains_key("kid"))
    }),
    bent("static-keys", "use and alg of one JWK are not read", |ask| {
        let fixed = ask.policy.issuers.iter().all(|issuer| matches!(issuer.keys, Keys::Jwk(_)));
        if fixed {
            ask.without(&[Check::JwkUse, Check::JwkKeyOps, Check::JwkAlg]).verdict()
        } else {
            ask.verdict()
        }
    }),
];
