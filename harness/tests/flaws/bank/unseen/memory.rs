//! What is remembered under too small a name.

use std::collections::{HashMap, HashSet};

use gauntlet_vectors::{Verdict, policy::Keys, verdict::Mode};
use jwks_gauntlet::builtin::reference::Check;
use serde_json::Value;

use super::super::Remembering;
use super::careless::{by, lists};
use super::{Flaw, remembers};
use crate::ask::Ask;

fn policy_text(ask: &Ask) -> String {
    serde_json::to_string(&*ask.policy).unwrap_or_default()
}

pub(super) const FLAWS: &[Flaw] = &[
    remembers("memory", "a verdict by token and key set, whatever the audience", || {
        Remembering::<HashSet<String>>::boxed(|ask, seen| {
            let keys: Vec<_> = ask
                .policy
                .issuers
                .iter()
                .map(|issuer| serde_json::to_string(&issuer.keys).unwrap_or_default())
                .collect();
            let iss: Vec<_> =
                ask.policy.issuers.iter().map(|issuer| issuer.issuer.clone()).collect();
            by(ask, seen, |ask| Some(format!("{} {keys:?} {iss:?} {}", ask.text(), ask.now.0)))
        })
    }),
    remembers("memory", "a verdict by token and policy, whatever the time", || {
        Remembering::<HashSet<String>>::boxed(|ask, seen| {
            by(ask, seen, |ask| Some(format!("{} {}", ask.text(), policy_text(ask))))
        })
    }),
    remembers("signature", "a verdict by the token in small letters", || {
        Remembering::<HashSet<String>>::boxed(|ask, seen| {
            by(ask, seen, |ask| {
                Some(format!("{} {} {}", ask.text().to_lowercase(), policy_text(ask), ask.now.0))
            })
        })
    }),
    remembers("memory", "a verdict by sub", || {
        Remembering::<HashSet<String>>::boxed(|ask, seen| {
            by(ask, seen, |ask| {
                let sub = ask.claims().get("sub").and_then(Value::as_str).map(str::to_owned)?;
                Some(format!("{sub} {}", policy_text(ask)))
            })
        })
    }),
    remembers("memory", "a verdict by kid and claims", || {
        Remembering::<HashSet<String>>::boxed(|ask, seen| {
            by(ask, seen, |ask| {
                Some(format!("{} {:?} {}", ask.header_text("kid"), ask.octets(1), policy_text(ask)))
            })
        })
    }),
    remembers("memory", "a signature is checked once, the claims every time", || {
        Remembering::<HashSet<String>>::boxed(|ask, seen| {
            if ask.presented.mode != Mode::Jwt {
                return ask.verdict();
            }
            let name = ask.text();
            let known = seen.contains(&name);
            let verdict = if known {
                ask.without(&[Check::Signature, Check::AlgAllowed]).verdict()
            } else {
                ask.verdict()
            };
            if matches!(verdict, Verdict::Accept(_)) {
                seen.insert(name);
            }
            verdict
        })
    }),
    remembers("memory", "the first alg is the allow-list", || {
        Remembering::<Option<String>>::boxed(|ask, first| {
            let alg = ask.header_text("alg");
            match first {
                Some(first) if *first != alg => Verdict::reject("another algorithm"),
                Some(_) => ask.verdict(),
                None => {
                    let verdict = ask.verdict();
                    if matches!(verdict, Verdict::Accept(_)) {
                        *first = Some(alg);
                    }
                    verdict
                }
            }
        })
    }),
    remembers("memory", "the allow-lists of all policies are one", || {
        Remembering::<HashSet<String>>::boxed(|ask, seen| {
            ask.policy(|policy| {
                for list in lists(policy) {
                    if !list.is_empty() {
                        seen.extend(list.iter().cloned());
                        *list = seen.iter().cloned().collect();
                        list.sort();
                    }
                }
            })
            .verdict()
        })
    }),
    remembers("memory", "keys of an issuer are added and never taken away", || {
        Remembering::<HashMap<Option<String>, Vec<Value>>>::boxed(|ask, seen| {
            ask.policy(|policy| {
                for issuer in &mut policy.issuers {
                    let Keys::Jwks(text) = &mut issuer.keys else { continue };
                    let Ok(mut set) = serde_json::from_str::<Value>(text) else { continue };
                    let Some(all) = set.get_mut("keys").and_then(Value::as_array_mut) else {
                        continue;
                    };
                    let known = seen.entry(issuer.issuer.clone()).or_default();
                    for jwk in all.iter() {
                        if !known.contains(jwk) {
                            known.push(jwk.clone());
                        }
                    }
                    let more: Vec<_> =
                        known.iter().filter(|jwk| !all.contains(jwk)).cloned().collect();
                    all.extend(more);
                    *text = set.to_string();
                }
            })
            .verdict()
        })
    }),
    remembers("time", "the leeway is the longest before", || {
        Remembering::<u64>::boxed(|ask, longest| {
            *longest = (*longest).max(ask.policy.leeway_s.unwrap_or_default());
            let leeway = *longest;
            ask.policy(|policy| policy.leeway_s = Some(leeway)).verdict()
        })
    }),
    remembers("memory", "the clock stands still", || {
        Remembering::<i64>::boxed(|ask, first| {
            if *first == 0 {
                *first = ask.now.0;
            }
            let now = *first;
            ask.at(now).verdict()
        })
    }),
    remembers("required-claims", "the required claims of the first policy", || {
        Remembering::<Option<Vec<String>>>::boxed(|ask, first| {
            let first = first.get_or_insert_with(|| ask.policy.required_claims.clone()).clone();
            ask.policy(|policy| policy.required_claims = first).verdict()
        })
    }),
];
