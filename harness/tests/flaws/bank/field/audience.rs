//! The audience.

use serde_json::{Value, json};

use super::careless::{aud_if, good_aud, reclaim, stands_for_aud};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("audience", "an aud without its scheme", |ask| {
        aud_if(ask, |aud, ours| {
            let bare =
                |text: &str| text.split_once("://").map_or(text, |(_, rest)| rest).to_owned();
            bare(aud) == bare(ours)
        })
    }),
    bent("audience", "an aud that is a star", |ask| aud_if(ask, |aud, _| aud == "*")),
    bent("audience", "an aud of none", |ask| {
        reclaim(ask, |claims, policy| {
            if claims.get("aud").and_then(Value::as_array).is_some_and(Vec::is_empty) {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "an aud of none where none is configured", |ask| {
        reclaim(ask, |claims, policy| {
            if claims.get("aud").and_then(Value::as_array).is_some_and(Vec::is_empty)
                && policy.audiences.is_empty()
            {
                claims.remove("aud");
            }
        })
    }),
    bent("audience", "the first aud alone", |ask| {
        reclaim(ask, |claims, _| {
            if let Some(Value::Array(all)) = claims.get_mut("aud") {
                all.truncate(1);
            }
        })
    }),
    bent("audience", "the last aud alone", |ask| {
        reclaim(ask, |claims, _| {
            if let Some(Value::Array(all)) = claims.get_mut("aud") {
                *all = all.pop().into_iter().collect();
            }
        })
    }),
    bent("audience", "one aud alone", |ask| {
        ask.and(|ask| {
            ask.claims().get("aud").and_then(Value::as_array).is_none_or(|all| all.len() == 1)
        })
    }),
    bent("audience", "an aud is an array", |ask| {
        ask.and(|ask| !ask.is_jwt() || !ask.claims().get("aud").is_some_and(Value::is_string))
    }),
    bent("audience", "every audience of ours must be there", |ask| {
        ask.and(|ask| {
            let claims = ask.claims();
            let Some(aud) = claims.get("aud") else { return true };
            ask.policy.audiences.iter().all(|ours| match aud {
                Value::Array(all) => all.iter().any(|aud| aud == ours),
                other => other == ours,
            })
        })
    }),
    bent("audience", "an aud in an array in the array", |ask| {
        reclaim(ask, |claims, policy| {
            let flat: Vec<Value> = match claims.get("aud") {
                Some(Value::Array(all)) => all
                    .iter()
                    .flat_map(|aud| aud.as_array().cloned().unwrap_or_else(|| vec![aud.clone()]))
                    .collect(),
                _ => return,
            };
            if flat.iter().any(|aud| policy.audiences.iter().any(|ours| aud == ours)) {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "an aud among the values of an object", |ask| {
        reclaim(ask, |claims, policy| {
            let held = claims.get("aud").and_then(Value::as_object).is_some_and(|all| {
                policy.audiences.iter().any(|ours| all.values().any(|aud| aud == ours))
            });
            if held {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "an aud that is true", |ask| {
        reclaim(ask, |claims, policy| {
            if claims.get("aud") == Some(&Value::Bool(true)) {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "an aud of true or zero in the array", |ask| {
        reclaim(ask, |claims, policy| {
            let loose = claims
                .get("aud")
                .and_then(Value::as_array)
                .is_some_and(|all| all.iter().any(|aud| *aud == json!(true) || *aud == json!(0)));
            if loose {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "an aud is compared where it is true", |ask| {
        reclaim(ask, |claims, policy| {
            let falsy = match claims.get("aud") {
                None | Some(Value::Null | Value::Bool(false)) => true,
                Some(Value::String(text)) => text.is_empty(),
                Some(Value::Number(n)) => n.as_f64() == Some(0.0),
                _ => false,
            };
            if falsy && !policy.audiences.is_empty() {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "azp where there is no aud", |ask| stands_for_aud(ask, "azp")),
    bent("audience", "a header's aud stands for the claim", |ask| {
        let own = ask.header().get("aud").cloned();
        reclaim(ask, move |claims, _| {
            if let (Some(own), false) = (own, claims.contains_key("aud")) {
                claims.insert("aud".to_owned(), own);
            }
        })
    }),
    bent("audience", "an aud that is a number", |ask| {
        if ask.claims().get("aud").is_some_and(|aud| aud.is_number() || aud.is_boolean()) {
            panic!("TypeError: not iterable");
        }
        ask.verdict()
    }),
    bent("issuers", "an issuer's own audiences are not read", |ask| {
        ask.policy(|policy| policy.issuers.iter_mut().for_each(|issuer| issuer.audiences.clear()))
            .verdict()
    }),
];
