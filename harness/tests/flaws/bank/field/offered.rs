//! Keys taken for others, and keys that the token brings.

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::{
    forge::{self, hash::Hash, rsa::emsa_pkcs1_v1_5_encode},
    policy::Keys,
};
use serde_json::Value;

use crate::ask::{in_jwk, in_octets};

use super::careless::{certificates, certified, chosen, embedded, in_keys_text, kids, named, pem};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("confusion", "HMAC keyed with the kid", |ask| {
        ask.or(|ask| {
            named(ask) && ask.mac_of(ask.header_text("kid").as_bytes()) && ask.claims_hold()
        })
    }),
    bent("static-keys", "a PEM is told by BEGIN at its start", |ask| {
        ask.or(|ask| {
            let text = pem(ask);
            named(ask)
                && !text.starts_with("-----BEGIN ")
                && !text.starts_with("ssh-")
                && !text.is_empty()
                && ask.mac_of(text.as_bytes())
                && ask.claims_hold()
        })
    }),
    bent("static-keys", "HMAC keyed with the trimmed PEM", |ask| {
        ask.or(|ask| {
            let text = pem(ask);
            named(ask)
                && !text.is_empty()
                && ask.mac_of(text.trim().as_bytes())
                && ask.claims_hold()
        })
    }),
    bent("confusion", "HMAC keyed with the set as served", |ask| {
        ask.or(|ask| {
            named(ask)
                && ask.claims_hold()
                && ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
                    Keys::Jwks(text) | Keys::Jwk(text) => ask.mac_of(text.as_bytes()),
                    _ => false,
                })
        })
    }),
    bent("offered-keys", "an embedded key of a known kid", |ask| {
        ask.or(|ask| embedded(ask, |ask, jwk, _| kids(ask).contains(&jwk["kid"])))
    }),
    bent("offered-keys", "an embedded key whose thumbprint is the kid", |ask| {
        ask.or(|ask| embedded(ask, |ask, _, key| key.thumbprint() == ask.header_text("kid")))
    }),
    bent("offered-keys", "an embedded key of the same modulus and any exponent", |ask| {
        ask.or(|ask| {
            let jwk = ask.header().get("jwk").cloned().unwrap_or_default();
            let Some(key) = in_jwk(&jwk) else { return false };
            let Ok(rsa) = key.rsa() else { return false };
            let exponent = jwk.get("e").and_then(Value::as_str).and_then(forge::from_base64url);
            exponent.as_deref() == Some(&[1])
                && ask.trusted().iter().any(|ours| ours.name() == key.name())
                && emsa_pkcs1_v1_5_encode(
                    Hash::Sha256,
                    ask.signing_input().as_bytes(),
                    rsa.modulus_len(),
                )
                .is_ok_and(|due| due == ask.octets(2))
                && ask.claims_hold()
        })
    }),
    bent("offered-keys", "a certificate of its own where x5t agrees", |ask| {
        ask.or(|ask| {
            let header = ask.header();
            certified(ask, 0) && (header.contains_key("x5t") || header.contains_key("x5t#S256"))
        })
    }),
    bent("offered-keys", "a certificate of its own where the chain names ours", |ask| {
        ask.or(|ask| {
            let chain = certificates(ask);
            let trusted = ask.trusted();
            let ours = chain.iter().skip(1).any(|octets| {
                in_octets(std::slice::from_ref(octets))
                    .iter()
                    .any(|key| trusted.iter().any(|ours| ours.name() == key.name()))
            });
            ours && certified(ask, 0)
        })
    }),
    bent("offered-keys", "a certificate of its own where there is no kid", |ask| {
        ask.or(|ask| !ask.header().contains_key("kid") && certified(ask, 0))
    }),
    bent("offered-keys", "a certificate of its own where the kid is known", |ask| {
        ask.or(|ask| chosen(ask).is_some() && certified(ask, 0))
    }),
    bent("offered-keys", "a key set in a data: URL", |ask| {
        ask.or(|ask| {
            let url = ask.header_text("jku");
            let Some((_, data)) = url.strip_prefix("data:").and_then(|rest| rest.split_once(','))
            else {
                return false;
            };
            let text = STANDARD
                .decode(data)
                .map_or_else(|_| data.to_owned(), |octets| String::from_utf8_lossy(&octets).into());
            let alg = ask.header_text("alg");
            in_keys_text(&text).into_iter().any(|key| ask.signed_by(key, &alg)) && ask.claims_hold()
        })
    }),
];
