//! Verifiers that remember what they should not.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use gauntlet_vectors::{Policy, Verdict};

use super::{Flaw, How, Remembering};

type Verdicts = HashMap<String, Verdict>;

/// Verdicts kept under a key of the token's, and given again.
fn cached(verdicts: &mut Verdicts, key: String, verdict: impl FnOnce() -> Verdict) -> Verdict {
    if let Some(known @ Verdict::Accept(_)) = verdicts.get(&key) {
        return known.clone();
    }
    let verdict = verdict();
    verdicts.insert(key, verdict.clone());
    verdict
}

pub(super) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "verdict cache by token, for ever and for everybody",
        family: "memory",
        how: How::Remembers(|| {
            Remembering::<Verdicts>::boxed(|ask, all| cached(all, ask.text(), || ask.verdict()))
        }),
    },
    Flaw {
        name: "verdict cache by signature",
        family: "memory",
        how: How::Remembers(|| {
            Remembering::<Verdicts>::boxed(|ask, all| {
                let signature = ask.segments().get(2).cloned().unwrap_or_default();
                if signature.is_empty() {
                    return ask.verdict();
                }
                let known = matches!(all.get(&signature), Some(Verdict::Accept(_)));
                if known && ask.presented.detached_payload.is_none() {
                    return ask.believe();
                }
                cached(all, signature, || ask.verdict())
            })
        }),
    },
    Flaw {
        name: "verdict cache by token within one policy, past exp",
        family: "memory",
        how: How::Remembers(|| {
            Remembering::<Verdicts>::boxed(|ask, all| {
                let policy = serde_json::to_string(&*ask.policy).unwrap();
                cached(all, format!("{policy}{}", ask.text()), || ask.verdict())
            })
        }),
    },
    Flaw {
        name: "verdict cache by header and signature",
        family: "memory",
        how: How::Remembers(|| {
            Remembering::<Verdicts>::boxed(|ask, all| {
                let policy = serde_json::to_string(&*ask.policy).unwrap();
                let segments = ask.segments();
                let (Some(header), Some(signature)) = (segments.first(), segments.get(2)) else {
                    return ask.verdict();
                };
                if ask.presented.detached_payload.is_some() {
                    return ask.verdict();
                }
                let key = format!("{policy}{header}.{signature}.{}", ask.now);
                if matches!(all.get(&key), Some(Verdict::Accept(_))) {
                    return ask.believe();
                }
                cached(all, key, || ask.verdict())
            })
        }),
    },
    Flaw {
        name: "a refused token is refused for ever, whoever asks",
        family: "memory",
        how: How::Remembers(|| {
            Remembering::<HashSet<String>>::boxed(|ask, refused| {
                let text = ask.text();
                if refused.contains(&text) {
                    return Verdict::reject("known to be bad");
                }
                let verdict = ask.verdict();
                if matches!(verdict, Verdict::Reject { .. }) {
                    refused.insert(text);
                }
                verdict
            })
        }),
    },
    Flaw {
        name: "a jti is taken once",
        family: "memory",
        how: How::Remembers(|| {
            Remembering::<HashSet<String>>::boxed(|ask, seen| {
                let verdict = ask.verdict();
                let jti = ask.claims().get("jti").map(ToString::to_string).unwrap_or_default();
                if jti.is_empty() || !matches!(verdict, Verdict::Accept(_)) || seen.insert(jti) {
                    return verdict;
                }
                Verdict::reject("replayed")
            })
        }),
    },
    Flaw {
        name: "the policy configured first is everybody's",
        family: "memory",
        how: How::Remembers(|| {
            Remembering::<Option<Arc<Policy>>>::boxed(|ask, first| {
                let first = first.get_or_insert_with(|| ask.policy.clone()).clone();
                ask.policy(|policy| policy.clone_from(&first)).verdict()
            })
        }),
    },
    Flaw {
        name: "keys are kept by kid, for everybody and for ever",
        family: "memory",
        how: How::Remembers(|| {
            Remembering::<HashMap<String, Arc<Policy>>>::boxed(|ask, by_kid| {
                let kid = ask.header_text("kid");
                if kid.is_empty() {
                    return ask.verdict();
                }
                let kept = by_kid.entry(kid).or_insert_with(|| ask.policy.clone()).clone();
                ask.policy(|policy| {
                    for (issuer, kept) in policy.issuers.iter_mut().zip(&kept.issuers) {
                        issuer.keys = kept.keys.clone();
                    }
                })
                .verdict()
            })
        }),
    },
    Flaw {
        name: "after a thousand octets of header nothing is accepted any more",
        family: "memory",
        how: How::Remembers(|| {
            Remembering::<bool>::boxed(|ask, broken| {
                *broken |= ask.octets(0).len() > 1000;
                if *broken { Verdict::reject("broken") } else { ask.verdict() }
            })
        }),
    },
];
