//! `alg`, its allow-list and its absence.

use gauntlet_vectors::policy::Keys;
use serde_json::Value;

use super::careless::{jwks, lists, named, unlisted, whole};
use super::{Flaw, bent};
use crate::ask::Ask;

pub(super) const FLAWS: &[Flaw] = &[
    bent("algorithm", "an allow-list of one name is a default", |ask| {
        if ask.policy.algorithms.len() == 1 { unlisted(ask).verdict() } else { ask.verdict() }
    }),
    bent("issuers", "an allow-list of several names is not read", |ask| {
        if ask.policy.algorithms.len() > 1 { unlisted(ask).verdict() } else { ask.verdict() }
    }),
    bent("algorithm", "the allow-list is for tokens with a kid", |ask| {
        if ask.header().contains_key("kid") { ask.verdict() } else { unlisted(ask).verdict() }
    }),
    bent("algorithm", "the allow-list is for tokens without a kid", |ask| {
        if ask.header().contains_key("kid") { unlisted(ask).verdict() } else { ask.verdict() }
    }),
    bent("algorithm", "an alg that begins with one of the allow-list", |ask| {
        also_listed(ask, |alg, listed| alg.starts_with(listed))
    }),
    bent("algorithm", "an alg of the same digits as one of the allow-list", |ask| {
        also_listed(ask, |alg, listed| {
            let digits = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
            !digits(alg).is_empty() && digits(alg) == digits(listed)
        })
    }),
    bent("algorithm", "any alg below the one allowed", |ask| {
        also_listed(ask, |alg, listed| {
            alg.len() == listed.len() && alg[..2] == listed[..2] && alg <= listed
        })
    }),
    bent("algorithm", "PSS is allowed where PKCS#1 is", |ask| {
        also_listed(ask, |alg, listed| alg.replacen("PS", "RS", 1) == listed)
    }),
    bent("algorithm", "the allow-list is for asymmetric algorithms", |ask| {
        if ask.header_text("alg").starts_with("HS") {
            unlisted(ask).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("algorithm", "the allow-list is for RSA", |ask| {
        if ask.header_text("alg").contains('S') && !ask.header_text("alg").starts_with("RS") {
            unlisted(ask).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("algorithm", "the alg of a JWK in any of its sizes", |ask| {
        let alg = ask.header_text("alg");
        jwk_alg(ask, move |own| alg.len() > 2 && own.starts_with(&alg[..2]))
    }),
    bent("algorithm", "the alg of a JWK is not read where the token has a kid", |ask| {
        if ask.header().contains_key("kid") { jwk_alg(ask, |_| true) } else { ask.verdict() }
    }),
    bent("algorithm", "the alg of a JWK is not read where the token has no kid", |ask| {
        if ask.header().contains_key("kid") { ask.verdict() } else { jwk_alg(ask, |_| true) }
    }),
    bent("algorithm", "the alg of the only JWK is not read", |ask| {
        if jwks(&ask).len() == 1 { jwk_alg(ask, |_| true) } else { ask.verdict() }
    }),
    bent("algorithm", "the alg of a JWK is read only where there is no allow-list", |ask| {
        if ask.policy.algorithms.is_empty() { ask.verdict() } else { jwk_alg(ask, |_| true) }
    }),
    bent("unsecured", "an alg that begins with none", |ask| {
        ask.or(|ask| {
            ask.header_text("alg").starts_with("none") && ask.octets(2).is_empty() && whole(ask)
        })
    }),
    bent("static-keys", "none where the key is a PEM", |ask| {
        ask.or(|ask| is_none(ask) && keys_are(ask, |keys| matches!(keys, Keys::Pem(_))))
    }),
    bent("static-keys", "none where the key is a secret", |ask| {
        ask.or(|ask| is_none(ask) && keys_are(ask, |keys| matches!(keys, Keys::SecretB64(_))))
    }),
    bent("unsecured", "none where the token has no kid", |ask| {
        ask.or(|ask| is_none(ask) && !ask.header().contains_key("kid"))
    }),
    bent("unsecured", "none in two segments", |ask| {
        ask.or(|ask| {
            ask.header_text("alg") == "none" && ask.segments().len() == 2 && ask.claims_hold()
        })
    }),
    bent("algorithm", "ES256 on secp256k1", |ask| {
        ask.or(|ask| {
            ask.header_text("alg") == "ES256"
                && named(ask)
                && ask.signed_with("ES256K")
                && ask.claims_hold()
        })
    }),
];

fn is_none(ask: &Ask) -> bool {
    ask.header_text("alg") == "none" && ask.octets(2).is_empty() && whole(ask)
}

fn keys_are(ask: &Ask, are: impl Fn(&Keys) -> bool) -> bool {
    ask.policy.issuers.iter().any(|issuer| are(&issuer.keys))
}

/// Names that another comparison finds in the allow-list.
fn also_listed(ask: Ask, same: impl Fn(&str, &str) -> bool) -> gauntlet_vectors::Verdict {
    let alg = ask.header_text("alg");
    if alg.len() < 3 || !alg.is_ascii() {
        return ask.verdict();
    }
    ask.policy(|policy| {
        for list in lists(policy) {
            if list.iter().any(|listed| same(&alg, listed)) {
                list.push(alg.clone());
            }
        }
    })
    .verdict()
}

/// Passes over the `alg` of JWKs of which this holds.
fn jwk_alg(ask: Ask, is: impl Fn(&str) -> bool) -> gauntlet_vectors::Verdict {
    ask.jwks(|mut jwk| {
        if jwk.get("alg").and_then(Value::as_str).is_some_and(&is) {
            jwk.remove("alg");
        }
        Some(jwk)
    })
    .verdict()
}
