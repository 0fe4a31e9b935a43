//! What looks like a flaw, and is left to the verifier: no case may call it one.

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::{
    Verdict,
    forge::{self},
    policy::Keys,
};
use serde_json::{Value, json};

use crate::ask::{Ask, in_octets};

use super::careless::{jwks, pem, reclaim, typ_if};

type Bend = fn(Ask) -> Verdict;

/// Name and verifier.
pub(crate) const OPEN: &[(&str, Bend)] = &[
    ("one broken key set takes all issuers down", |ask| {
        let broken = ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
            Keys::Jwks(text) => serde_json::from_str::<Value>(text).is_err(),
            _ => false,
        });
        ask.and(|_| !broken)
    }),
    ("tokens are trimmed", |ask| ask.token(|token| token.trim().to_owned()).verdict()),
    ("Bearer is cut off", |ask| {
        ask.token(|token| token.strip_prefix("Bearer ").unwrap_or(token).to_owned()).verdict()
    }),
    ("a token ends at the first line break", |ask| {
        ask.token(|token| {
            if token.starts_with('{') {
                token.to_owned()
            } else {
                token.lines().next().unwrap_or_default().to_owned()
            }
        })
        .verdict()
    }),
    ("a token ends at the first comma", |ask| {
        ask.token(|token| {
            if token.starts_with('{') {
                token.to_owned()
            } else {
                token.split(',').next().unwrap_or_default().to_owned()
            }
        })
        .verdict()
    }),
    ("any crit is refused", |ask| {
        ask.and(|ask| !ask.header().contains_key("crit") || ask.header()["crit"] == json!(["b64"]))
    }),
    ("b64 without crit", |ask| {
        ask.and(|ask| {
            let header = ask.header();
            header.get("b64") != Some(&Value::Bool(false)) || header.contains_key("crit")
        })
    }),
    ("an azp must be ours", |ask| {
        ask.and(|ask| {
            ask.claims()
                .get("azp")
                .is_none_or(|azp| ask.policy.audiences.iter().any(|ours| azp == ours))
        })
    }),
    ("exp and the leeway in 64 bits that wrap", |ask| {
        ask.and(|ask| {
            !ask.is_jwt()
                || ask.claims().get("exp").and_then(Value::as_f64).is_none_or(|exp| exp < 9.22e18)
        })
    }),
    ("an exp in digits in a string", |ask| {
        reclaim(ask, |claims, _| {
            if let Some(exp) =
                claims.get("exp").and_then(Value::as_str).and_then(|exp| exp.parse::<i64>().ok())
            {
                claims.insert("exp".to_owned(), json!(exp));
            }
        })
    }),
    ("an exp that is an array is its first", |ask| {
        reclaim(ask, |claims, _| {
            if let Some(exp) = claims.get("exp").and_then(|exp| exp.get(0)).cloned() {
                claims.insert("exp".to_owned(), exp);
            }
        })
    }),
    ("iat must be before now", |ask| {
        ask.and(|ask| {
            ask.claims()
                .get("iat")
                .and_then(Value::as_f64)
                .is_none_or(|iat| iat <= ask.now.0 as f64)
        })
    }),
    ("a token without exp has ended", |ask| {
        ask.and(|ask| {
            !ask.is_jwt() || ask.claims().contains_key("exp") || ask.claims().contains_key("iat")
        })
    }),
    ("a typ before its semicolon", |ask| {
        typ_if(ask, |typ, due| typ.split(';').next().map(str::trim) == Some(due))
    }),
    ("a typ after trimming", |ask| typ_if(ask, |typ, due| typ.trim() == due)),
    ("coordinates are padded", |ask| {
        ask.jwks(|mut jwk| {
            let size = match jwk.get("crv").and_then(Value::as_str) {
                Some("P-256" | "secp256k1") => 32,
                Some("P-384") => 48,
                Some("P-521") => 66,
                _ => return Some(jwk),
            };
            for name in ["x", "y"] {
                let octets = jwk.get(name).and_then(Value::as_str).and_then(forge::from_base64url);
                if let Some(octets) = octets
                    && octets.len() != size
                {
                    let bare: Vec<u8> =
                        octets.into_iter().skip_while(|octet| *octet == 0).collect();
                    let mut full = vec![0; size.saturating_sub(bare.len())];
                    full.extend(bare);
                    jwk.insert(name.to_owned(), forge::base64url(&full).into());
                }
            }
            Some(jwk)
        })
        .verdict()
    }),
    ("the certificate goes before the numbers", |ask| {
        ask.jwks(|mut jwk| {
            let leaf = jwk
                .get("x5c")
                .and_then(|all| all.get(0))
                .and_then(Value::as_str)
                .and_then(|text| STANDARD.decode(text).ok());
            if let Some(leaf) = leaf
                && let Some(key) = in_octets(&[leaf]).first()
            {
                for (name, value) in key.public_jwk() {
                    if ["n", "e", "x", "y", "kty", "crv"].contains(&name.as_str()) {
                        jwk.insert(name, value);
                    }
                }
            }
            Some(jwk)
        })
        .verdict()
    }),
    ("a key of use enc goes first under its kid", |ask| {
        let kid = ask.header().get("kid").cloned();
        let taken = jwks(&ask).iter().any(|jwk| {
            kid.is_some() && jwk.get("kid") == kid.as_ref() && jwk.get("use") == Some(&json!("enc"))
        });
        ask.and(|_| !taken)
    }),
    ("private members make a key unfit", |ask| {
        ask.jwks(|jwk| (!jwk.contains_key("d")).then_some(jwk)).verdict()
    }),
    ("kty in any case", |ask| {
        ask.jwks(|mut jwk| {
            if let Some(kty) = jwk.get("kty").and_then(Value::as_str)
                && let Some(known) =
                    ["RSA", "EC", "OKP", "oct"].iter().find(|known| known.eq_ignore_ascii_case(kty))
            {
                jwk.insert("kty".to_owned(), json!(known));
            }
            Some(jwk)
        })
        .verdict()
    }),
    ("a modulus of text with padding is refused", |ask| {
        ask.jwks(|jwk| {
            ["n", "x", "y", "e"]
                .iter()
                .all(|name| {
                    jwk.get(*name).and_then(Value::as_str).is_none_or(|text| !text.contains('='))
                })
                .then_some(jwk)
        })
        .verdict()
    }),
    ("a PEM has no comment", |ask| {
        let text = pem(&ask);
        ask.and(|_| {
            text.is_empty()
                || text.starts_with("-----BEGIN")
                || text.starts_with("ssh")
                || text.starts_with("ecdsa")
        })
    }),
    ("a PEM has no carriage return", |ask| {
        let text = pem(&ask);
        ask.and(|_| !text.contains('\r'))
    }),
    ("a PEM ends with a line break", |ask| {
        let text = pem(&ask);
        ask.and(|_| text.is_empty() || text.ends_with('\n'))
    }),
    ("the kid of one JWK must be that of the token", |ask| {
        let single = ask.policy.issuers.iter().find_map(|issuer| match &issuer.keys {
            Keys::Jwk(text) => serde_json::from_str::<Value>(text).ok(),
            _ => None,
        });
        ask.and(|ask| single.is_none_or(|jwk| jwk.get("kid") == ask.header().get("kid")))
    }),
];
