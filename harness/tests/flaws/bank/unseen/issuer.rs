//! `iss`, of one issuer and of several.

use gauntlet_vectors::policy::Keys;
use jwks_gauntlet::builtin::reference::Check;
use serde_json::Value;

use super::careless::{good_iss, iss_if, issuers, jwks, kids, reclaim};
use super::{Flaw, bent};

const ISS: &[Check] = &[Check::IssMissing, Check::IssType, Check::IssOther];

pub(super) const FLAWS: &[Flaw] = &[
    bent("issuer", "iss: http is as good as https", |ask| {
        iss_if(ask, |iss, ours| iss.replacen("http://", "https://", 1) == ours)
    }),
    bent("issuer", "iss: doubled slashes are one", |ask| {
        iss_if(ask, |iss, ours| {
            let flat = |url: &str| {
                url.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
            };
            flat(iss) == flat(ours)
        })
    }),
    bent("issuer", "iss: the period behind the host does not matter", |ask| {
        iss_if(ask, |iss, ours| {
            iss.replacen("./", "/", 1) == ours || iss.strip_suffix('.') == Some(ours)
        })
    }),
    bent("issuer", "iss: a backslash is a slash", |ask| {
        iss_if(ask, |iss, ours| iss.replace('\\', "/") == ours)
    }),
    bent("issuer", "iss: www is part of no host", |ask| {
        iss_if(ask, |iss, ours| iss.replacen("://www.", "://", 1) == ours)
    }),
    bent("issuer", "iss: a sub-domain of ours", |ask| {
        iss_if(ask, |iss, ours| {
            let host = |url: &str| url.strip_prefix("https://").unwrap_or_default().to_owned();
            !host(ours).is_empty() && host(iss).ends_with(&host(ours))
        })
    }),
    bent("issuer", "iss: not compared where the token has a kid", |ask| {
        if !ask.header().contains_key("kid") || ask.policy.issuers.len() > 1 {
            return ask.verdict();
        }
        ask.without(ISS).verdict()
    }),
    bent("issuer", "iss: not compared where the token has no kid", |ask| {
        if ask.header().contains_key("kid") || ask.policy.issuers.len() > 1 {
            return ask.verdict();
        }
        ask.without(ISS).verdict()
    }),
    bent("issuer", "iss: compared where there is an aud", |ask| {
        if ask.claims().contains_key("aud") || ask.policy.issuers.len() > 1 {
            return ask.verdict();
        }
        ask.without(ISS).verdict()
    }),
    bent("issuer", "iss: compared where an audience is configured", |ask| {
        if !ask.policy.audiences.is_empty() || ask.policy.issuers.len() > 1 {
            return ask.verdict();
        }
        ask.without(ISS).verdict()
    }),
    bent("issuer", "iss: an audience of ours will do", |ask| {
        reclaim(ask, |claims, policy| {
            if claims
                .get("iss")
                .and_then(Value::as_str)
                .is_some_and(|iss| policy.audiences.iter().any(|aud| aud == iss))
            {
                good_iss(claims, policy);
            }
        })
    }),
    bent("issuer", "iss: sub will do where there is none", |ask| {
        reclaim(ask, |claims, policy| {
            let sub = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
            if !claims.contains_key("iss") && issuers(policy).iter().any(|iss| iss == sub) {
                good_iss(claims, policy);
            }
        })
    }),
    bent("issuer", "iss: any of an array's", |ask| {
        reclaim(ask, |claims, policy| {
            let ours = issuers(policy);
            if claims
                .get("iss")
                .and_then(Value::as_array)
                .is_some_and(|all| all.iter().any(|iss| ours.iter().any(|own| iss == own)))
            {
                good_iss(claims, policy);
            }
        })
    }),
    bent("issuers", "issuers: one that nobody knows is the first", |ask| {
        if ask.policy.issuers.len() < 2 {
            return ask.verdict();
        }
        reclaim(ask, |claims, policy| {
            let own = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
            if !issuers(policy).iter().any(|iss| iss == own) {
                good_iss(claims, policy);
            }
        })
    }),
    bent("issuers", "issuers: one that nobody knows is not judged", |ask| {
        if ask.policy.issuers.len() < 2 {
            return ask.verdict();
        }
        let own = ask.claims().get("iss").and_then(Value::as_str).unwrap_or_default().to_owned();
        if issuers(&ask.policy).contains(&own) {
            return ask.verdict();
        }
        let audiences: Vec<String> = ask.policy.audiences.clone();
        ask.policy(|policy| {
            for issuer in &mut policy.issuers {
                issuer.issuer = None;
                issuer.audiences.clone_from(&audiences);
            }
        })
        .verdict()
    }),
    bent("issuers", "issuers: the keys of another where the kid is not one's own", |ask| {
        let kid = ask.header().get("kid").cloned();
        if ask.policy.issuers.len() < 2 || kid.as_ref().is_none_or(|kid| !kids(&ask).contains(kid))
        {
            return ask.verdict();
        }
        let all = jwks(&ask);
        ask.policy(|policy| {
            for issuer in &mut policy.issuers {
                if let Keys::Jwks(text) = &mut issuer.keys {
                    let set: Value = serde_json::from_str(text).unwrap_or_default();
                    let has = set["keys"]
                        .as_array()
                        .is_some_and(|all| all.iter().any(|jwk| jwk.get("kid") == kid.as_ref()));
                    if !has {
                        *text = serde_json::json!({ "keys": all }).to_string();
                    }
                }
            }
        })
        .verdict()
    }),
    bent("issuers", "issuers: the first one's own algorithms are everybody's", |ask| {
        ask.policy(|policy| {
            let first = policy.issuers[0].algorithms.clone();
            if !first.is_empty() {
                policy.issuers.iter_mut().for_each(|issuer| issuer.algorithms.clone_from(&first));
            }
        })
        .verdict()
    }),
    bent("issuers", "issuers: the first one's own audiences are everybody's", |ask| {
        ask.policy(|policy| {
            let first = policy.issuers[0].audiences.clone();
            if !first.is_empty() {
                policy.issuers.iter_mut().for_each(|issuer| issuer.audiences.clone_from(&first));
            }
        })
        .verdict()
    }),
    bent("issuers", "issuers: the neighbour's keys too", |ask| {
        let before = ask.policy.clone();
        ask.policy(|policy| {
            for (issuer, next) in policy.issuers.iter_mut().zip(before.issuers.iter().skip(1)) {
                if let (Keys::Jwks(own), Keys::Jwks(next)) = (&mut issuer.keys, &next.keys)
                    && let (Ok(mut set), Ok(more)) =
                        (serde_json::from_str::<Value>(own), serde_json::from_str::<Value>(next))
                    && let (Some(all), Some(more)) =
                        (set.get_mut("keys").and_then(Value::as_array_mut), more["keys"].as_array())
                {
                    all.extend(more.iter().cloned());
                    *own = set.to_string();
                }
            }
        })
        .verdict()
    }),
    bent("issuers", "issuers: iss is not compared where there are several", |ask| {
        if ask.policy.issuers.len() < 2 {
            return ask.verdict();
        }
        ask.policy(|policy| policy.issuers.iter_mut().for_each(|issuer| issuer.issuer = None))
            .verdict()
    }),
    bent("issuers", "issuers: the signer decides, whatever the iss says", |ask| {
        if ask.policy.issuers.len() < 2 {
            return ask.verdict();
        }
        ask.or(|ask| {
            issuers(&ask.policy).into_iter().any(|ours| {
                let known = ask.claims().get("iss").and_then(Value::as_str).map(str::to_owned);
                known.is_some_and(|known| issuers(&ask.policy).contains(&known))
                    && matches!(
                        reclaim(ask.clone(), |claims, _| _ =
                            claims.insert("iss".to_owned(), ours.into())),
                        gauntlet_vectors::Verdict::Accept(_)
                    )
            })
        })
    }),
];
