//! Unsecured tokens, and the allow-list.

use gauntlet_vectors::{forge::sign::Algorithm, policy::Keys};
use serde_json::{Value, json};

use super::careless::{chosen, lists, named, no_list, reheader, signer, unlisted};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("unsecured", "the default branch of the switch verifies nothing", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            no_list(ask)
                && !alg.is_empty()
                && !alg.eq_ignore_ascii_case("none")
                && Algorithm::named(&alg).is_err()
                && ask.claims_hold()
        })
    }),
    bent("unsecured", "a token without alg has that of the key", |ask| {
        if ask.header().contains_key("alg") {
            return ask.verdict();
        }
        reheader(ask, |header, alg| {
            header.insert("alg".to_owned(), alg.into());
        })
    }),
    bent("unsecured", "an alg that is null is the default", |ask| {
        if ask.header().get("alg") != Some(&Value::Null) {
            return ask.verdict();
        }
        reheader(ask, |header, alg| {
            header.insert("alg".to_owned(), alg.into());
        })
    }),
    bent("unsecured", "an array of algorithms is its first", |ask| {
        reheader(ask, |header, alg| {
            if header.get("alg").and_then(|algs| algs.get(0)) == Some(&json!(alg)) {
                header.insert("alg".to_owned(), alg.into());
            }
        })
    }),
    bent("algorithm", "the allow-list is compared with the JWK's alg", |ask| {
        let named = chosen(&ask).and_then(|jwk| Some(jwk.get("alg")?.as_str()?.to_owned()));
        match named {
            Some(alg) if ask.allows(&alg) => {
                let kid = ask.header().get("kid").cloned();
                unlisted(ask)
                    .jwks(move |mut jwk| {
                        if jwk.get("kid").cloned() == kid {
                            jwk.remove("alg");
                        }
                        Some(jwk)
                    })
                    .verdict()
            }
            _ => ask.verdict(),
        }
    }),
    bent("algorithm", "the allow-list is skipped where the JWK names no alg", |ask| {
        match chosen(&ask) {
            Some(jwk) if !jwk.contains_key("alg") => unlisted(ask).verdict(),
            _ => ask.verdict(),
        }
    }),
    bent("static-keys", "the allow-list is for key sets only", |ask| {
        let fixed = ask.policy.issuers.iter().all(|issuer| {
            matches!(
                issuer.keys,
                Keys::Pem(_) | Keys::DerB64(_) | Keys::SecretB64(_) | Keys::Jwk(_)
            )
        });
        if fixed { unlisted(ask).verdict() } else { ask.verdict() }
    }),
    bent("algorithm", "only the first of the allow-list", |ask| {
        ask.policy(|policy| lists(policy).into_iter().for_each(|list| list.truncate(1))).verdict()
    }),
    bent("algorithm", "PSS where PKCS#1 fails and the other way round", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            let other = match alg.get(..2) {
                Some("RS") => alg.replace("RS", "PS"),
                Some("PS") => alg.replace("PS", "RS"),
                _ => return false,
            };
            named(ask) && ask.signed_with(&other) && ask.claims_hold()
        })
    }),
    bent("algorithm", "the key alone says how to verify", |ask| {
        ask.or(|ask| named(ask) && signer(ask).is_some() && ask.claims_hold())
    }),
    bent("algorithm", "any length of hash will do", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            let Some(family) = alg.get(..2).filter(|family| matches!(*family, "RS" | "PS" | "HS"))
            else {
                return false;
            };
            let any =
                ["256", "384", "512"].iter().any(|n| ask.signed_with(&format!("{family}{n}")));
            named(ask) && any && ask.claims_hold()
        })
    }),
];
