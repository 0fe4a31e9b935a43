//! What was shown before.

use std::collections::{HashMap, HashSet};

use gauntlet_vectors::{Verdict, policy::Keys};
use serde_json::{Map, Value};

use super::super::Remembering;

use super::careless::{by, jwks, reclaim, reheader, signed};
use super::{Flaw, remembers};

pub(super) const FLAWS: &[Flaw] = &[
    remembers("memory", "a verdict by its signature", || {
        Remembering::boxed(|ask, seen: &mut HashSet<String>| {
            by(ask, seen, |ask| ask.segments().get(2).cloned().filter(|text| !text.is_empty()))
        })
    }),
    remembers("memory", "a verdict by what was signed", || {
        Remembering::boxed(|ask, seen: &mut HashSet<String>| {
            by(ask, seen, |ask| Some(ask.signing_input()))
        })
    }),
    remembers("memory", "a verdict by the claims", || {
        Remembering::boxed(|ask, seen: &mut HashSet<String>| {
            by(ask, seen, |ask| ask.segments().get(1).cloned().filter(|_| ask.is_jwt()))
        })
    }),
    remembers("memory", "a verdict by the token", || {
        Remembering::boxed(|ask, seen: &mut HashSet<String>| by(ask, seen, |ask| Some(ask.text())))
    }),
    remembers("memory", "a verdict by the token, for each key set", || {
        Remembering::boxed(|ask, seen: &mut HashSet<String>| {
            let time = ask.now.0.to_string();
            by(ask, seen, |ask| {
                Some(format!(
                    "{}{time}{:?}",
                    ask.text(),
                    ask.policy.issuers.iter().map(|i| &i.keys).collect::<Vec<_>>()
                ))
            })
        })
    }),
    remembers("memory", "a verdict by the end of the token", || {
        Remembering::boxed(|ask, seen: &mut HashSet<String>| {
            by(ask, seen, |ask| {
                let text = ask.text();
                text.get(text.len().checked_sub(20)?..).map(str::to_owned)
            })
        })
    }),
    remembers("memory", "a verdict by the beginning of the token", || {
        Remembering::boxed(|ask, seen: &mut HashSet<String>| {
            by(ask, seen, |ask| ask.text().get(..128).map(str::to_owned))
        })
    }),
    remembers("memory", "a verdict by jti", || {
        Remembering::boxed(|ask, seen: &mut HashSet<String>| {
            by(ask, seen, |ask| ask.claims().get("jti").map(ToString::to_string))
        })
    }),
    remembers("memory", "a token is good once", || {
        Remembering::boxed(|ask, seen: &mut HashSet<String>| {
            let text = ask.text();
            let verdict = ask.verdict();
            if matches!(verdict, Verdict::Accept(_)) && !seen.insert(text) {
                return Verdict::reject("seen before");
            }
            verdict
        })
    }),
    remembers("memory", "three refusals lock the subject out", || {
        Remembering::boxed(|ask, refused: &mut HashMap<String, u32>| {
            let sub = ask.claims().get("sub").map(ToString::to_string).unwrap_or_default();
            let count = refused.entry(sub).or_default();
            if *count >= 3 {
                return Verdict::reject("locked out");
            }
            let verdict = ask.verdict();
            if matches!(verdict, Verdict::Accept(_)) {
                *count = 0
            } else {
                *count += 1
            }
            verdict
        })
    }),
    remembers("memory", "a refused kid stays refused", || {
        Remembering::boxed(|ask, refused: &mut HashSet<String>| {
            let kid = ask.header_text("kid");
            if refused.contains(&kid) {
                return Verdict::reject("known to be bad");
            }
            let verdict = ask.verdict();
            if !matches!(verdict, Verdict::Accept(_)) && !kid.is_empty() {
                refused.insert(kid);
            }
            verdict
        })
    }),
    remembers("memory", "the keys of an issuer are those of his first set", || {
        Remembering::boxed(|ask, sets: &mut HashMap<String, Keys>| {
            ask.policy(|policy| {
                for issuer in &mut policy.issuers {
                    if let Some(name) = &issuer.issuer {
                        issuer.keys =
                            sets.entry(name.clone()).or_insert_with(|| issuer.keys.clone()).clone();
                    }
                }
            })
            .verdict()
        })
    }),
    remembers("memory", "the key of a kid is the first of that name", || {
        Remembering::boxed(|ask, named: &mut HashMap<String, Map<String, Value>>| {
            let mut all = std::mem::take(named);
            for jwk in jwks(&ask) {
                if let Some(kid) = jwk.get("kid").and_then(Value::as_str) {
                    all.entry(kid.to_owned()).or_insert(jwk);
                }
            }
            let known = all.clone();
            *named = all;
            ask.jwks(|jwk| {
                let kid = jwk.get("kid").and_then(Value::as_str).unwrap_or_default();
                Some(known.get(kid).cloned().unwrap_or(jwk))
            })
            .verdict()
        })
    }),
    remembers("memory", "a policy's audiences are those of all before", || {
        Remembering::boxed(|ask, all: &mut HashSet<String>| {
            all.extend(ask.policy.audiences.iter().cloned());
            let all = all.clone();
            ask.policy(|policy| {
                if !policy.audiences.is_empty() {
                    policy.audiences = all.into_iter().collect();
                }
            })
            .verdict()
        })
    }),
    remembers("memory", "a policy's allow-list is the longest before", || {
        Remembering::boxed(|ask, all: &mut HashSet<String>| {
            all.extend(ask.policy.algorithms.iter().cloned());
            let all = all.clone();
            ask.policy(|policy| {
                if !policy.algorithms.is_empty() {
                    policy.algorithms = all.into_iter().collect();
                }
            })
            .verdict()
        })
    }),
    remembers("memory", "the type of the verifier before", || {
        Remembering::boxed(|ask, before: &mut Option<String>| {
            let due = before.take().or_else(|| ask.policy.token_type.clone());
            before.clone_from(&ask.policy.token_type);
            ask.policy(|policy| {
                if policy.token_type.is_some() {
                    policy.token_type = due;
                }
            })
            .verdict()
        })
    }),
    remembers("json", "the claims of the token before fill in", || {
        Remembering::boxed(|ask, before: &mut Map<String, Value>| {
            let own = ask.claims();
            let filled = before.clone();
            if signed(&ask) && ask.is_jwt() {
                before.clone_from(&own);
            }
            reclaim(ask, move |claims, _| {
                for (name, value) in filled {
                    if !claims.contains_key(&name)
                        && (name == "aud" || name == "iss" || name == "sub")
                    {
                        claims.insert(name, value);
                    }
                }
            })
        })
    }),
    remembers("json", "the header of the token before fills in", || {
        Remembering::boxed(|ask, before: &mut Map<String, Value>| {
            let own = ask.header();
            let filled = std::mem::replace(before, own.clone());
            if !own.is_empty() && !own.contains_key("alg") && filled.contains_key("alg") {
                return reheader(ask, move |header, _| {
                    header.insert("alg".to_owned(), filled["alg"].clone());
                });
            }
            ask.verdict()
        })
    }),
    remembers("memory", "after a token that is no token nothing works", || {
        Remembering::boxed(|ask, broken: &mut bool| {
            if *broken {
                *broken = false;
                return Verdict::reject("in a bad state");
            }
            *broken = ask.text().is_empty();
            ask.verdict()
        })
    }),
];
