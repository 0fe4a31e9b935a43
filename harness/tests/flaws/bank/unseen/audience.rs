//! `aud`, and what is taken for it.

use jwks_gauntlet::builtin::reference::Check;
use serde_json::Value;

use super::careless::{aud_if, good_aud, issuers, reclaim};
use super::{Flaw, bent};
use crate::ask::Ask;

const AUD: &[Check] = &[Check::AudMissing, Check::AudType, Check::AudOther, Check::AudUnexpected];

pub(super) const FLAWS: &[Flaw] = &[
    bent("audience", "aud: the issuer is always meant", |ask| {
        let ours = issuers(&ask.policy);
        aud_if(ask, move |aud, _| ours.iter().any(|iss| iss == aud))
    }),
    bent("audience", "aud: sub will do", |ask| instead(ask, "sub", true)),
    bent("audience", "aud: client_id will do", |ask| instead(ask, "client_id", true)),
    bent("audience", "aud: azp goes before it", |ask| instead(ask, "azp", false)),
    bent("audience", "aud: client_id goes before it", |ask| instead(ask, "client_id", false)),
    bent("audience", "aud: the text of an array holds ours", |ask| {
        reclaim(ask, |claims, policy| {
            let text = claims
                .get("aud")
                .filter(|aud| aud.is_array())
                .map(Value::to_string)
                .unwrap_or_default();
            if policy.audiences.iter().any(|ours| text.contains(ours.as_str())) {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "aud: one of an array begins with ours", |ask| {
        of_array(ask, |aud, ours| aud.starts_with(ours))
    }),
    bent("audience", "aud: one of an array in any case", |ask| {
        of_array(ask, str::eq_ignore_ascii_case)
    }),
    bent("audience", "aud: one of an array without white space around it", |ask| {
        of_array(ask, |aud, ours| aud.trim() == ours)
    }),
    bent("audience", "aud: one of an array is empty", |ask| of_array(ask, |aud, _| aud.is_empty())),
    bent("audience", "aud: the array joined together", |ask| {
        reclaim(ask, |claims, policy| {
            let all = claims.get("aud").and_then(Value::as_array).cloned().unwrap_or_default();
            let joined = all.iter().filter_map(Value::as_str).collect::<String>();
            if policy.audiences.contains(&joined) {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "aud: arrays are not judged", |ask| {
        if ask.claims().get("aud").is_some_and(Value::is_array) {
            ask.without(AUD).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("audience", "aud: texts are not judged", |ask| {
        if ask.claims().get("aud").is_some_and(Value::is_string) {
            ask.without(AUD).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("audience", "aud: missing is as good as ours", |ask| {
        if ask.claims().contains_key("aud") {
            ask.verdict()
        } else {
            ask.without(&[Check::AudMissing]).verdict()
        }
    }),
    bent("audience", "aud: the last of ours alone", |ask| {
        ask.policy(|policy| {
            if let Some(last) = policy.audiences.pop() {
                policy.audiences = vec![last];
            }
        })
        .verdict()
    }),
    bent("audience", "aud: an array of more than one is for somebody else", |ask| {
        ask.and(|ask| {
            ask.claims().get("aud").and_then(Value::as_array).is_none_or(|all| all.len() < 2)
        })
    }),
    bent("audience", "aud: percent-decoded", |ask| {
        aud_if(ask, |aud, ours| {
            aud.replace("%2F", "/").replace("%2f", "/").replace("%3A", ":").replace("%61", "a")
                == ours
        })
    }),
    bent("audience", "aud: an asterisk in it stands for anything", |ask| {
        aud_if(ask, |aud, ours| {
            aud.split_once('*').is_some_and(|(a, b)| ours.starts_with(a) && ours.ends_with(b))
        })
    }),
    bent("audience", "aud: a period of ours stands for any character", |ask| {
        aud_if(ask, |aud, ours| {
            aud.len() == ours.len()
                && aud.bytes().zip(ours.bytes()).all(|(a, b)| a == b || b == b'.')
        })
    }),
    bent("audience", "aud: the same number of characters", |ask| {
        aud_if(ask, |aud, ours| aud.len() == ours.len())
    }),
    bent("audience", "aud: the names of an object", |ask| {
        reclaim(ask, |claims, policy| {
            let own = claims.get("aud").and_then(Value::as_object);
            if own.is_some_and(|own| policy.audiences.iter().any(|ours| own.contains_key(ours))) {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "aud: the several of ours as one", |ask| {
        reclaim(ask, |claims, policy| {
            if let Some(aud) = claims.get("aud").and_then(Value::as_str)
                && policy.audiences.len() > 1
                && policy.audiences.join(",").contains(aud)
            {
                good_aud(claims, policy);
            }
        })
    }),
    bent("audience", "aud: judged where there is an iss", |ask| {
        if ask.claims().contains_key("iss") { ask.verdict() } else { ask.without(AUD).verdict() }
    }),
];

fn instead(ask: Ask, name: &str, only_missing: bool) -> gauntlet_vectors::Verdict {
    reclaim(ask, |claims, policy| {
        let own = claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let ours = policy.audiences.iter().any(|ours| ours == own);
        if ours && !(only_missing && claims.contains_key("aud")) {
            good_aud(claims, policy);
        }
    })
}

fn of_array(ask: Ask, same: impl Fn(&str, &str) -> bool) -> gauntlet_vectors::Verdict {
    if ask.claims().get("aud").is_some_and(Value::is_array) {
        aud_if(ask, same)
    } else {
        ask.verdict()
    }
}
