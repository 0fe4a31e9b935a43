//! Keys read, chosen and used the way real software does.
//!
//! Long, because it is one list: an entry a flaw, and each is read alone.

use gauntlet_vectors::{
    Verdict,
    forge::{base64url, from_base64url, hash::Hash, keys::TestKey, rsa::digest_info_prefix},
    policy::Keys,
};
use jwks_gauntlet::builtin::reference::Check;
use serde_json::{Map, Value};

use super::{Flaw, How};
use crate::ask::{Ask, number};

const fn flaw(name: &'static str, family: &'static str, bend: fn(Ask) -> Verdict) -> Flaw {
    Flaw { name, family, how: How::Bent(bend) }
}

/// An HMAC keyed with a form of a public key passes.
fn confused(ask: Ask, forms: fn(&TestKey) -> Vec<Vec<u8>>) -> Verdict {
    ask.or(|ask| {
        ask.header_text("alg").starts_with("HS")
            && ask.claims_hold()
            && ask
                .trusted()
                .into_iter()
                .filter(|key| key.kty() != "oct")
                .any(|key| forms(key).iter().any(|form| ask.mac_of(form)))
    })
}

/// The same where the allow-list has the algorithm.
fn confused_where_allowed(ask: Ask, forms: fn(&TestKey) -> Vec<Vec<u8>>) -> Verdict {
    if ask.allows(&ask.header_text("alg")) { confused(ask, forms) } else { ask.verdict() }
}

fn pem(key: &TestKey) -> Vec<Vec<u8>> {
    key.spki_pem().map(String::into_bytes).into_iter().collect()
}

fn text(jwk: &Map<String, Value>, name: &str) -> String {
    jwk.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A signature of another shape, brought into the right one before it is verified.
fn reshaped(ask: Ask, shape: fn(&str, Vec<u8>) -> Vec<u8>) -> Verdict {
    let alg = ask.header_text("alg");
    let signature = shape(&alg, ask.octets(2));
    let again = ask.clone().token(|token| match token.rsplit_once('.') {
        Some((input, _)) => format!("{input}.{}", base64url(&signature)),
        None => token.to_owned(),
    });
    match again.verdict() {
        accepted @ Verdict::Accept(_) => accepted,
        _ => ask.verdict(),
    }
}

/// Half the length of an ECDSA signature.
fn half(alg: &str) -> Option<usize> {
    match alg {
        "ES256" | "ES256K" => Some(32),
        "ES384" => Some(48),
        "ES512" => Some(66),
        _ => None,
    }
}

/// What an RS256 signature was made of, for a careless look at it.
fn encoded(ask: &Ask) -> Vec<Vec<u8>> {
    let signature = ask.octets(2);
    let trusted = ask.trusted();
    trusted.iter().filter_map(|key| key.rsa().ok()?.raw_public(&signature).ok()).collect()
}

fn digest(ask: &Ask) -> Vec<u8> {
    Hash::Sha256.digest(&[ask.signing_input().as_bytes()])
}

/// An RS256 signature whose encoding this holds for.
fn rs256(ask: Ask, holds: fn(&[u8], &[u8]) -> bool) -> Verdict {
    ask.or(|ask| {
        let digest = digest(ask);
        ask.header_text("alg") == "RS256"
            && ask.claims_hold()
            && encoded(ask).iter().any(|encoded| holds(encoded, &digest))
    })
}

pub(super) const FLAWS: &[Flaw] = &[
    // HMAC keyed with a public key.
    flaw("HMAC with a PEM", "confusion", |ask| confused(ask, pem)),
    flaw("HMAC with an RSA PEM where both are allowed", "confusion", |ask| {
        confused_where_allowed(ask, |key| if key.kty() == "RSA" { pem(key) } else { Vec::new() })
    }),
    flaw("HMAC with an EC PEM", "confusion", |ask| {
        confused(ask, |key| if key.kty() == "EC" { pem(key) } else { Vec::new() })
    }),
    flaw("HMAC with an OKP PEM", "confusion", |ask| {
        confused(ask, |key| if key.kty() == "OKP" { pem(key) } else { Vec::new() })
    }),
    flaw("HMAC with a PEM without its final newline", "confusion", |ask| {
        confused(ask, |key| pem(key).into_iter().map(|pem| pem.trim_ascii_end().to_vec()).collect())
    }),
    flaw("HMAC with a PEM in CRLF", "confusion", |ask| {
        confused(ask, |key| {
            let pem = key.spki_pem().unwrap_or_default();
            vec![pem.replace('\n', "\r\n").into_bytes()]
        })
    }),
    flaw("HMAC with DER", "confusion", |ask| {
        confused(ask, |key| key.spki_der().into_iter().collect())
    }),
    flaw("HMAC with the modulus or coordinate", "confusion", |ask| {
        confused(ask, |key| vec![number(key)])
    }),
    flaw("HMAC with the base64url text of the number", "confusion", |ask| {
        confused(ask, |key| vec![base64url(&number(key)).into_bytes()])
    }),
    flaw("HMAC with an Ed25519 key", "confusion", |ask| {
        confused(ask, |key| if key.kty() == "OKP" { vec![number(key)] } else { Vec::new() })
    }),
    flaw("HMAC with the JWK", "confusion", |ask| {
        ask.or(|ask| {
            let texts: Vec<String> = ask
                .policy
                .issuers
                .iter()
                .flat_map(|issuer| match &issuer.keys {
                    Keys::Jwks(text) | Keys::Jwk(text) => {
                        let document: Value = serde_json::from_str(text).unwrap_or_default();
                        let keys = document.get("keys").and_then(Value::as_array).cloned();
                        let mut all: Vec<String> =
                            keys.unwrap_or_default().iter().map(ToString::to_string).collect();
                        all.push(text.clone());
                        all
                    }
                    _ => Vec::new(),
                })
                .collect();
            ask.claims_hold() && texts.iter().any(|text| ask.mac_of(text.as_bytes()))
        })
    }),
    flaw("HMAC with nothing", "confusion", |ask| {
        ask.or(|ask| ask.claims_hold() && ask.mac_of(b""))
    }),
    // Keys as people configure them.
    flaw("a PEM is a secret too", "static-keys", |ask| {
        ask.or(|ask| {
            ask.claims_hold()
                && ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
                    Keys::Pem(text) => ask.mac_of(text.as_bytes()),
                    _ => false,
                })
        })
    }),
    flaw("a PEM is a secret unless it begins with -----BEGIN PUBLIC KEY", "static-keys", |ask| {
        ask.or(|ask| {
            ask.claims_hold()
                && ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
                    Keys::Pem(text) => {
                        !text.starts_with("-----BEGIN PUBLIC KEY-----")
                            && ask.mac_of(text.as_bytes())
                    }
                    _ => false,
                })
        })
    }),
    flaw("a PEM is a secret unless it begins with -----BEGIN", "static-keys", |ask| {
        ask.or(|ask| {
            ask.claims_hold()
                && ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
                    Keys::Pem(text) => {
                        !text.starts_with("-----BEGIN") && ask.mac_of(text.as_bytes())
                    }
                    _ => false,
                })
        })
    }),
    flaw("an OpenSSH ECDSA key is a secret", "static-keys", |ask| {
        ask.or(|ask| {
            ask.claims_hold()
                && ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
                    Keys::Pem(text) => text.starts_with("ecdsa-") && ask.mac_of(text.as_bytes()),
                    _ => false,
                })
        })
    }),
    flaw("DER is a secret", "static-keys", |ask| {
        ask.or(|ask| {
            ask.claims_hold()
                && ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
                    Keys::DerB64(octets) => ask.mac_of(octets),
                    _ => false,
                })
        })
    }),
    flaw("a JWK's text is a secret", "static-keys", |ask| {
        ask.or(|ask| {
            ask.claims_hold()
                && ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
                    Keys::Jwk(text) => ask.mac_of(text.as_bytes()),
                    _ => false,
                })
        })
    }),
    flaw("an empty secret", "static-keys", |ask| {
        let is_empty = ask
            .policy
            .issuers
            .iter()
            .any(|issuer| matches!(&issuer.keys, Keys::SecretB64(octets) if octets.is_empty()));
        if is_empty { ask.without(&[Check::HmacSize]).verdict() } else { ask.verdict() }
    }),
    flaw("a short secret", "static-keys", |ask| {
        let is_static =
            ask.policy.issuers.iter().any(
                |issuer| matches!(&issuer.keys, Keys::SecretB64(octets) if !octets.is_empty()),
            );
        if is_static { ask.without(&[Check::HmacSize]).verdict() } else { ask.verdict() }
    }),
    flaw("HMAC under a configured PEM where there is no allow-list", "static-keys", |ask| {
        ask.or(|ask| {
            ask.policy.algorithms.is_empty()
                && ask.claims_hold()
                && ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
                    Keys::Pem(text) => ask.mac_of(text.as_bytes()),
                    Keys::DerB64(octets) => ask.mac_of(octets),
                    Keys::Jwk(text) => ask.mac_of(text.as_bytes()),
                    _ => false,
                })
        })
    }),
    // Signatures
    flaw("a MAC: its beginning is enough", "signature", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            let given = ask.octets(2);
            alg.starts_with("HS")
                && ask.claims_hold()
                && !given.is_empty()
                && ask.trusted().into_iter().filter_map(|key| key.secret().ok()).any(|secret| {
                    let due = gauntlet_vectors::forge::sign::hmac(
                        &alg,
                        secret,
                        ask.signing_input().as_bytes(),
                    );
                    due.is_ok_and(|due| due.starts_with(&given))
                })
        })
    }),
    flaw("a MAC: its first half is all that is compared", "signature", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            let given = ask.octets(2);
            alg.starts_with("HS")
                && ask.claims_hold()
                && ask.trusted().into_iter().filter_map(|key| key.secret().ok()).any(|secret| {
                    let due = gauntlet_vectors::forge::sign::hmac(
                        &alg,
                        secret,
                        ask.signing_input().as_bytes(),
                    );
                    due.is_ok_and(|due| due.get(..16) == given.get(..16) && given.len() >= 16)
                })
        })
    }),
    flaw("ECDSA: nought for r and s", "signature", |ask| {
        ask.or(|ask| {
            let signature = ask.octets(2);
            ask.header_text("alg").starts_with("ES")
                && signature.len() >= 64
                && ask.claims_hold()
                && signature.iter().all(|octet| *octet == 0)
        })
    }),
    flaw("ECDSA: nought or the order for r or s", "signature", |ask| {
        ask.or(|ask| {
            let Some(half) = half(&ask.header_text("alg")) else { return false };
            let signature = ask.octets(2);
            signature.len() == 2 * half
                && ask.claims_hold()
                && signature.chunks(half).any(|number| {
                    number.iter().all(|octet| *octet == 0) || number.starts_with(&[0xff; 4])
                })
                && !ask.accepts()
        })
    }),
    flaw("ECDSA: DER", "signature", |ask| {
        reshaped(ask, |alg, signature| {
            let (Some(half), [0x30, rest @ ..]) = (half(alg), signature.as_slice()) else {
                return signature;
            };
            let rest = if rest.first() == Some(&0x81) { &rest[2..] } else { &rest[1..] };
            let mut out = Vec::new();
            let mut rest = rest;
            while let [0x02, length, more @ ..] = rest {
                let length = usize::from(*length);
                let Some((number, more)) = more.split_at_checked(length) else { return signature };
                let number =
                    number.iter().position(|octet| *octet != 0).map_or(&[][..], |at| &number[at..]);
                out.extend(vec![0; half.saturating_sub(number.len())]);
                out.extend(number);
                rest = more;
            }
            out
        })
    }),
    flaw("ECDSA: halves of any length", "signature", |ask| {
        reshaped(ask, |alg, signature| {
            let Some(half) = half(alg) else { return signature };
            if signature.len() % 2 == 1 {
                return signature;
            }
            let mut out = Vec::new();
            for number in signature.chunks((signature.len() / 2).max(1)) {
                let number =
                    number.iter().position(|octet| *octet != 0).map_or(&[][..], |at| &number[at..]);
                out.extend(vec![0; half.saturating_sub(number.len())]);
                out.extend(number);
            }
            out
        })
    }),
    flaw("ECDSA: r and s in either order", "signature", |ask| {
        reshaped(ask, |alg, signature| match half(alg) {
            Some(half) if signature.len() == 2 * half => {
                [&signature[half..], &signature[..half]].concat()
            }
            _ => signature,
        })
    }),
    flaw("ECDSA: no high s", "signature", |ask| {
        ask.and(|ask| match half(&ask.header_text("alg")) {
            Some(32) => ask.octets(2).get(32).is_some_and(|octet| *octet < 0x80),
            _ => true,
        })
    }),
    flaw("octets behind the signature are passed over", "signature", |ask| {
        reshaped(ask, |alg, mut signature| {
            let length = match alg {
                "HS256" => 32,
                "HS384" => 48,
                "HS512" | "ES256" | "ES256K" | "EdDSA" => 64,
                "ES384" => 96,
                "RS256" | "PS256" => 256,
                _ => signature.len(),
            };
            signature.truncate(length);
            signature
        })
    }),
    flaw("RSA: noughts in front are taken off", "signature", |ask| {
        reshaped(ask, |alg, signature| {
            if (alg.starts_with("RS") || alg.starts_with("PS")) && signature.len() > 256 {
                return signature[signature.len() - 256..].to_vec();
            }
            signature
        })
    }),
    flaw("RSA: the digest at the end is enough", "signature", |ask| {
        rs256(ask, |encoded, digest| encoded.ends_with(digest))
    }),
    flaw("RSA: the digest anywhere is enough", "signature", |ask| {
        rs256(ask, |encoded, digest| encoded.windows(digest.len()).any(|part| part == digest))
    }),
    flaw("RSA: what follows the digest does not matter", "signature", |ask| {
        rs256(ask, |encoded, digest| {
            let rest = encoded.strip_prefix(&[0, 1]).unwrap_or_default();
            let rest =
                rest.iter().position(|octet| *octet != 0xff).map_or(&[][..], |at| &rest[at..]);
            let info = [&[0], digest_info_prefix(Hash::Sha256), digest].concat();
            rest.starts_with(&info)
        })
    }),
    flaw("RSA: the block type does not matter", "signature", |ask| {
        rs256(ask, |encoded, digest| {
            let info = [&[0], digest_info_prefix(Hash::Sha256), digest].concat();
            encoded.first() == Some(&0) && encoded.ends_with(&info)
        })
    }),
    flaw("RSA: PS256 is RS256", "algorithm", |ask| {
        ask.or(|ask| {
            ask.claims_hold()
                && ["RS256", "PS256"].contains(&ask.header_text("alg").as_str())
                && (ask.signed_with("RS256") || ask.signed_with("PS256"))
        })
    }),
    flaw("signed over the JSON as it would write it", "signature", |ask| {
        let again = |octets: &[u8]| {
            serde_json::from_slice::<Value>(octets)
                .map_or_else(|_| octets.to_vec(), |value| value.to_string().into_bytes())
        };
        ask.or(|ask| {
            if ask.segments().len() != 3 {
                return false;
            }
            let sorted = |octets: &[u8]| {
                let map: std::collections::BTreeMap<String, Value> =
                    serde_json::from_slice(octets).unwrap_or_default();
                serde_json::to_vec(&map).unwrap()
            };
            let signature = ask.segments()[2].clone();
            let (header, payload) = (ask.octets(0), ask.octets(1));
            let mut spellings = Vec::new();
            for header in [header.clone(), again(&header), sorted(&header)] {
                for payload in [payload.clone(), again(&payload), sorted(&payload)] {
                    spellings.push((header.clone(), payload));
                }
            }
            // Honest tokens have their issuer first and their type second.
            let tidy = |octets: &[u8], order: &[&str]| {
                let map: Map<String, Value> = serde_json::from_slice(octets).unwrap_or_default();
                let mut members: Vec<_> = map.into_iter().collect();
                members.sort_by_key(|(name, _)| order.iter().position(|other| other == name));
                serde_json::to_vec(&members.into_iter().collect::<Map<_, _>>()).unwrap()
            };
            spellings.push((
                tidy(&header, &["alg", "typ", "kid"]),
                tidy(&payload, &["iss", "sub", "aud", "iat", "exp", "jti"]),
            ));
            spellings.iter().any(|(header, payload)| {
                ask.clone()
                    .token(|_| format!("{}.{}.{signature}", base64url(header), base64url(payload)))
                    .accepts()
            })
        })
    }),
    flaw("signed over the payload alone", "signature", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            let payload = ask.segments().get(1).cloned().unwrap_or_default();
            let octets = ask.octets(1);
            ask.claims_hold()
                && ask.trusted().into_iter().any(|key| {
                    [payload.as_bytes(), &octets].iter().any(|input| {
                        gauntlet_vectors::forge::sign::sign(key, &alg, input, 0)
                            .is_ok_and(|due| due == ask.octets(2))
                    })
                })
        })
    }),
    flaw("the payload is not signed", "signature", |ask| {
        // Whoever verifies what it once saw: any genuine signature of the trusted key over other claims.
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            let claims = r#"{"iss":"https://issuer.test","sub":"alice","aud":"https://api.test","iat":1767225540,"exp":1767229140,"jti":"b5f1a1c2-7c1e-4f0e-9d0a-3f2b6c8d9e01"}"#;
            let header = ask.segments().first().cloned().unwrap_or_default();
            let input = format!("{header}.{}", base64url(claims.as_bytes()));
            ask.claims_hold()
                && ask.trusted().into_iter().any(|key| {
                    gauntlet_vectors::forge::sign::sign(key, &alg, input.as_bytes(), 0)
                        .is_ok_and(|due| due == ask.octets(2))
                })
        })
    }),
    // JWKs
    flaw("JWK: the curve is told by the length", "keys", |ask| {
        ask.jwks(|mut jwk| {
            if text(&jwk, "kty") == "EC" {
                let crv = match from_base64url(text(&jwk, "x")).map(|x| x.len()) {
                    Some(32) if text(&jwk, "crv") != "secp256k1" => "P-256",
                    Some(48) => "P-384",
                    Some(66) => "P-521",
                    _ => return Some(jwk),
                };
                jwk.insert("crv".to_owned(), crv.into());
            }
            Some(jwk)
        })
        .verdict()
    }),
    flaw("JWK: one that cannot be read spoils the set", "keys", |ask| {
        let mut bad = false;
        for issuer in &ask.policy.issuers {
            if let Keys::Jwks(text) = &issuer.keys {
                let document: Value = serde_json::from_str(text).unwrap_or_default();
                for jwk in document.get("keys").and_then(Value::as_array).into_iter().flatten() {
                    let known = ["RSA", "EC", "OKP", "oct"];
                    let kty = jwk.get("kty").and_then(Value::as_str).unwrap_or_default();
                    let member = match kty {
                        "RSA" => "n",
                        "oct" => "k",
                        _ => "x",
                    };
                    let whole = jwk
                        .get(member)
                        .and_then(Value::as_str)
                        .is_some_and(|text| from_base64url(text).is_some());
                    bad |= !known.contains(&kty) || !whole;
                }
            }
        }
        if bad { Verdict::reject("a key cannot be read") } else { ask.verdict() }
    }),
    flaw("JWK: an unknown kty spoils the set", "keys", |ask| {
        let strange = ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
            Keys::Jwks(text) => {
                let document: Value = serde_json::from_str(text).unwrap_or_default();
                let keys = document.get("keys").and_then(Value::as_array).cloned();
                keys.unwrap_or_default().iter().any(|jwk| {
                    let kty = jwk.get("kty").and_then(Value::as_str).unwrap_or_default();
                    !["RSA", "EC", "OKP", "oct", ""].contains(&kty)
                })
            }
            _ => false,
        });
        if strange { Verdict::reject("an unknown kty") } else { ask.verdict() }
    }),
    flaw("JWK: unknown members are refused", "keys", |ask| {
        const KNOWN: &[&str] = &[
            "kty", "crv", "x", "y", "n", "e", "k", "kid", "alg", "use", "key_ops", "x5c", "x5t",
            "x5u", "x5t#S256", "d", "p", "q", "dp", "dq", "qi",
        ];
        ask.jwks(|jwk| jwk.keys().all(|name| KNOWN.contains(&name.as_str())).then_some(jwk))
            .verdict()
    }),
    flaw("JWK: alg is demanded", "keys", |ask| {
        ask.jwks(|jwk| jwk.contains_key("alg").then_some(jwk)).verdict()
    }),
    flaw("JWK: use is demanded", "keys", |ask| {
        ask.jwks(|jwk| jwk.contains_key("use").then_some(jwk)).verdict()
    }),
    flaw("JWK: only use of enc is noticed, key_ops are not", "keys", |ask| {
        ask.without(&[Check::JwkKeyOps]).verdict()
    }),
    flaw("JWK: a short RSA key where it is the only one", "keys", |ask| {
        ask.without(&[Check::RsaSize]).verdict()
    }),
    // Sets
    flaw("set: the first key alone", "key-selection", |ask| {
        ask.key_texts(|text| {
            let Ok(mut set) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
            if let Some(keys) = set.get_mut("keys").and_then(Value::as_array_mut) {
                keys.truncate(1);
            }
            set.to_string()
        })
        .verdict()
    }),
    flaw("set: the first ten keys", "keys", |ask| {
        ask.key_texts(|text| {
            let Ok(mut set) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
            if let Some(keys) = set.get_mut("keys").and_then(Value::as_array_mut) {
                keys.truncate(10);
            }
            set.to_string()
        })
        .verdict()
    }),
    flaw("set: unknown members are refused", "keyset", |ask| {
        let strange = ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
            Keys::Jwks(text) => serde_json::from_str::<Value>(text)
                .ok()
                .and_then(|set| set.as_object().map(Map::len))
                .is_some_and(|members| members > 1),
            _ => false,
        });
        if strange { Verdict::reject("an unknown member") } else { ask.verdict() }
    }),
    flaw("set: an unreadable set needs no signature", "keyset", |ask| {
        ask.or(|ask| {
            ask.claims_hold()
                && ask.policy.issuers.iter().all(|issuer| match &issuer.keys {
                    Keys::Jwks(text) => serde_json::from_str::<Value>(text)
                        .ok()
                        .is_none_or(|set| set.get("keys").and_then(Value::as_array).is_none()),
                    Keys::JwksB64(_) => true,
                    _ => false,
                })
        })
    }),
    flaw("set: an empty set needs no signature", "keyset", |ask| {
        ask.or(|ask| {
            ask.claims_hold()
                && ask.policy.issuers.iter().all(|issuer| match &issuer.keys {
                    Keys::Jwks(text) => {
                        serde_json::from_str::<Value>(text).ok().is_some_and(|set| {
                            set.get("keys").and_then(Value::as_array).is_some_and(Vec::is_empty)
                        })
                    }
                    _ => false,
                })
        })
    }),
    flaw("set: what cannot be read ends in a panic", "keyset", |ask| {
        for issuer in &ask.policy.issuers {
            if let Keys::Jwks(text) = &issuer.keys {
                let set: Value = serde_json::from_str(text).unwrap_or_default();
                assert!(set.get("keys").is_some_and(Value::is_array), "no array");
            }
        }
        ask.verdict()
    }),
    // Choice of the key
    flaw("kid: in any case, and the first that fits", "key-selection", |ask| {
        let kid = ask.header_text("kid");
        let found = std::cell::Cell::new(false);
        ask.jwks(|mut jwk| {
            let same = !kid.is_empty() && text(&jwk, "kid").eq_ignore_ascii_case(&kid);
            if same && found.replace(true) {
                return None;
            }
            if same {
                jwk.insert("kid".to_owned(), kid.clone().into());
            }
            Some(jwk)
        })
        .verdict()
    }),
    flaw("kid: the first that begins with it", "key-selection", |ask| {
        let kid = ask.header_text("kid");
        let found = std::cell::Cell::new(false);
        ask.jwks(|mut jwk| {
            let same = !kid.is_empty() && text(&jwk, "kid").starts_with(&kid);
            if same && found.replace(true) {
                return None;
            }
            if same {
                jwk.insert("kid".to_owned(), kid.clone().into());
            }
            Some(jwk)
        })
        .verdict()
    }),
    flaw("kid: unknown, and no signature is needed", "key-selection", |ask| {
        ask.or(|ask| {
            let kid = ask.header_text("kid");
            let text = serde_json::to_string(&*ask.policy).unwrap();
            let known = text.contains(&format!("\\\"{kid}\\\""));
            ask.header().contains_key("kid")
                && !known
                && ask.claims_hold()
                && ask.header_text("alg").starts_with("ES")
                && ask.octets(2).len() == 64
        })
    }),
    flaw("kid: of two keys with one name the first alone", "key-selection", |ask| {
        let seen = std::cell::RefCell::new(std::collections::HashSet::new());
        ask.jwks(|jwk| {
            let kid = text(&jwk, "kid");
            (kid.is_empty() || seen.borrow_mut().insert(kid)).then_some(jwk)
        })
        .verdict()
    }),
    flaw("kid: of two keys with one name the last alone", "key-selection", |ask| {
        let all = std::cell::RefCell::new(Vec::new());
        let _ = ask.clone().jwks(|jwk| {
            all.borrow_mut().push(text(&jwk, "kid"));
            Some(jwk)
        });
        let all = all.into_inner();
        let at = std::cell::Cell::new(0);
        ask.jwks(|jwk| {
            let here = at.replace(at.get() + 1);
            let kid = text(&jwk, "kid");
            let later = all.iter().skip(here + 1).any(|other| *other == kid && !kid.is_empty());
            (!later).then_some(jwk)
        })
        .verdict()
    }),
    // Several issuers
    flaw("issuers: the keys of all are everybody's", "issuers", |ask| {
        let iss = ask.claims().get("iss").and_then(Value::as_str).map(str::to_owned);
        ask.or(|ask| {
            ask.policy.issuers.len() > 1
                && ask.policy.issuers.iter().any(|issuer| issuer.issuer == iss)
                && ask.claims_hold()
                && (0..ask.policy.issuers.len()).any(|at| {
                    ask.clone()
                        .policy(|policy| {
                            policy.issuers.swap(0, at);
                            policy.issuers.truncate(1);
                            policy.issuers[0].issuer = None;
                        })
                        .without(&[Check::AudOther, Check::AudMissing])
                        .accepts()
                })
        })
    }),
    flaw("issuers: told by the kid", "issuers", |ask| {
        let kid = ask.header_text("kid");
        ask.policy(|policy| {
            let found = policy.issuers.iter().position(|issuer| match &issuer.keys {
                Keys::Jwks(text) => !kid.is_empty() && text.contains(&format!("\"{kid}\"")),
                _ => false,
            });
            if policy.issuers.len() > 1
                && let Some(found) = found
            {
                policy.issuers.swap(0, found);
                policy.issuers.truncate(1);
                policy.issuers[0].issuer = None;
            }
        })
        .verdict()
    }),
    flaw("issuers: the first alone", "issuers", |ask| {
        ask.policy(|policy| policy.issuers.truncate(1)).verdict()
    }),
    flaw("issuers: the last alone", "issuers", |ask| {
        ask.policy(|policy| {
            let last = policy.issuers.len() - 1;
            policy.issuers.swap(0, last);
            policy.issuers.truncate(1);
        })
        .verdict()
    }),
    flaw("issuers: told by the beginning of iss", "issuers", |ask| {
        let iss = ask.claims().get("iss").and_then(Value::as_str).unwrap_or_default().to_owned();
        if ask.policy.issuers.len() < 2 {
            return ask.verdict();
        }
        ask.policy(|policy| {
            let found = policy.issuers.iter().position(|issuer| {
                issuer.issuer.as_ref().is_some_and(|ours| iss.starts_with(ours))
            });
            if let Some(found) = found {
                policy.issuers.swap(0, found);
                policy.issuers.truncate(1);
                policy.issuers[0].issuer = None;
            }
        })
        .verdict()
    }),
    flaw("issuers: audiences of all are everybody's", "issuers", |ask| {
        ask.policy(|policy| {
            let all: Vec<String> =
                policy.issuers.iter().flat_map(|issuer| issuer.audiences.clone()).collect();
            policy.audiences.extend(all);
            for issuer in &mut policy.issuers {
                issuer.audiences.clear();
            }
        })
        .verdict()
    }),
    flaw("issuers: without iss the first is meant", "issuers", |ask| {
        if ask.policy.issuers.len() > 1 {
            ask.without(&[Check::IssMissing]).verdict()
        } else {
            ask.verdict()
        }
    }),
];
