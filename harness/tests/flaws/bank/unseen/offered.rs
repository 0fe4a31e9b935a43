//! Keys that nobody trusts: of the token, and of another kind.

use gauntlet_vectors::forge::keys::TestKey;
use serde_json::Value;

use super::careless::{embedded, issuers, named};
use super::{Flaw, bent};
use crate::ask::{Ask, in_jwk};

pub(super) const FLAWS: &[Flaw] = &[
    bent("offered-keys", "jwk of the header for elliptic curves", |ask| {
        ask.or(|ask| embedded(ask, |_, jwk, _| jwk["kty"] == "EC"))
    }),
    bent("offered-keys", "jwk of the header for RSA", |ask| {
        ask.or(|ask| embedded(ask, |_, jwk, _| jwk["kty"] == "RSA"))
    }),
    bent("offered-keys", "jwk of the header where it has a kid", |ask| {
        ask.or(|ask| embedded(ask, |_, jwk, _| jwk.get("kid").is_some()))
    }),
    bent("offered-keys", "the confirmation key is the key", |ask| {
        ask.or(|ask| {
            let claims = ask.claims();
            let Some(key) = claims.get("cnf").and_then(|cnf| in_jwk(cnf.get("jwk")?)) else {
                return false;
            };
            named(ask) && ask.signed_by(key, &ask.header_text("alg")) && ask.claims_hold()
        })
    }),
    bent("json-serialization", "jwk of the unprotected header", |ask| {
        ask.or(|ask| {
            let Ok(jws) = serde_json::from_str::<Value>(&ask.text()) else { return false };
            let Some(key) = in_jwk(&jws["header"]["jwk"]) else { return false };
            let part = |name: &str| jws[name].as_str().unwrap_or_default().to_owned();
            let compact =
                format!("{}.{}.{}", part("protected"), part("payload"), part("signature"));
            let ask = ask.clone().token(|_| compact);
            ask.signed_by(key, &ask.header_text("alg"))
        })
    }),
    bent("confusion", "HMAC with the point", |ask| {
        mac(ask, |key| {
            let jwk = key.public_jwk();
            let part = |name: &str| {
                jwk.get(name)
                    .and_then(Value::as_str)
                    .and_then(gauntlet_vectors::forge::from_base64url)
                    .unwrap_or_default()
            };
            let both = [part("x"), part("y")].concat();
            vec![[vec![4], both.clone()].concat(), both]
        })
    }),
    bent("confusion", "HMAC with the JWK in canonical form", |ask| {
        mac(ask, |key| {
            let mut members: Vec<_> = key
                .public_jwk()
                .into_iter()
                .filter(|(name, _)| ["crv", "e", "kty", "n", "x", "y"].contains(&name.as_str()))
                .collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            let text: Vec<String> =
                members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            vec![format!("{{{}}}", text.join(",")).into_bytes()]
        })
    }),
    bent("confusion", "HMAC with noughts", |ask| {
        ask.or(|ask| {
            named(ask)
                && [32, 48, 64].iter().any(|len| ask.mac_of(&vec![0; *len]))
                && ask.claims_hold()
        })
    }),
    bent("confusion", "HMAC with the issuer", |ask| {
        ask.or(|ask| {
            named(ask)
                && issuers(&ask.policy).iter().any(|iss| ask.mac_of(iss.as_bytes()))
                && ask.claims_hold()
        })
    }),
    bent("confusion", "HMAC where the header says HS and the key's kid", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            let pem = |key: &TestKey| key.spki_pem().unwrap_or_default().into_bytes();
            alg.starts_with("HS")
                && ask.header().contains_key("kid")
                && ask.trusted().into_iter().any(|key| key.kty() != "oct" && ask.mac_of(&pem(key)))
                && ask.claims_hold()
        })
    }),
];

/// Whether what is public of a trusted key is taken for a secret.
fn mac(ask: Ask, text: impl Fn(&TestKey) -> Vec<Vec<u8>>) -> gauntlet_vectors::Verdict {
    ask.or(|ask| {
        let public = |key: &&TestKey| key.kty() != "oct";
        named(ask)
            && ask.header_text("alg").starts_with("HS")
            && ask
                .trusted()
                .into_iter()
                .filter(public)
                .any(|key| text(key).iter().any(|text| ask.mac_of(text)))
            && ask.claims_hold()
    })
}
