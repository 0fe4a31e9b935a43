//! `exp`, `nbf` and leeway.

use jwks_gauntlet::builtin::reference::Check;
use serde_json::{Map, Value, json};

use super::careless::reclaim_now;
use super::{Flaw, bent};
use crate::ask::Ask;

pub(super) const FLAWS: &[Flaw] = &[
    bent("time", "exp: that of the header", |ask| {
        let own = ask.header().get("exp").cloned();
        reclaim_now(ask, move |claims, _| {
            if let Some(own) = own {
                claims.insert("exp".to_owned(), own);
            }
        })
    }),
    bent("time", "exp: a text is none", |ask| none(ask, "exp", Value::is_string)),
    bent("time", "nbf: a text is none", |ask| none(ask, "nbf", Value::is_string)),
    bent("time", "nbf: false or an empty text is none", |ask| {
        none(ask, "nbf", |nbf| *nbf == json!(false) || *nbf == json!(""))
    }),
    bent("time", "nbf: cut to its second", |ask| whole(ask, "nbf")),
    bent("time", "exp: cut to its second", |ask| whole(ask, "exp")),
    bent("time", "exp: milliseconds where it is large", |ask| {
        reclaim_now(ask, |claims, _| {
            if let Some(exp) = claims.get("exp").and_then(Value::as_f64).filter(|exp| *exp > 1e11) {
                claims.insert("exp".to_owned(), json!(exp / 1000.0));
            }
        })
    }),
    bent("time", "nbf: milliseconds where it is large", |ask| {
        reclaim_now(ask, |claims, _| {
            if let Some(nbf) = claims.get("nbf").and_then(Value::as_f64).filter(|nbf| *nbf > 1e11) {
                claims.insert("nbf".to_owned(), json!(nbf / 1000.0));
            }
        })
    }),
    bent("time", "exp: no leeway", |ask| {
        let leeway = ask.policy.leeway_s.unwrap_or_default() as i64;
        ask.and(|ask| {
            ask.claims()
                .get("exp")
                .and_then(Value::as_f64)
                .is_none_or(|exp| leeway == 0 || exp > ask.now.0 as f64)
        })
    }),
    bent("time", "leeway: minutes", |ask| leeway(ask, |own| own.map(|own| own * 60))),
    bent("time", "leeway: milliseconds", |ask| leeway(ask, |own| own.map(|own| own / 1000))),
    bent("time", "leeway: nought is the default of a minute", |ask| {
        leeway(ask, |own| Some(own.filter(|own| *own > 0).unwrap_or(60)))
    }),
    bent("time", "leeway: none turns exp off", |ask| {
        if ask.policy.leeway_s.is_none() {
            ask.without(&[Check::ExpPassed]).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("time", "leeway: one turns nbf off", |ask| {
        if ask.policy.leeway_s.is_some() {
            ask.without(&[Check::NbfAhead]).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("time", "leeway: for exp alone, and for nbf the other way", |ask| {
        let leeway = ask.policy.leeway_s.unwrap_or_default() as f64;
        ask.and(|ask| {
            ask.claims()
                .get("nbf")
                .and_then(Value::as_f64)
                .is_none_or(|nbf| ask.now.0 as f64 >= nbf + leeway)
        })
    }),
    bent("time", "exp or nbf: one of them is enough", |ask| {
        let holds = |claims: &Map<String, Value>, now: f64| {
            let (exp, nbf) = (
                claims.get("exp").and_then(Value::as_f64),
                claims.get("nbf").and_then(Value::as_f64),
            );
            exp.is_some_and(|exp| exp > now) || nbf.is_some_and(|nbf| nbf <= now)
        };
        let both = ask.claims().contains_key("exp") && ask.claims().contains_key("nbf");
        if both && holds(&ask.claims(), ask.now.0 as f64) {
            ask.without(&[Check::ExpPassed, Check::NbfAhead]).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("time", "exp: good where iat is in the future", |ask| {
        let now = ask.now.0 as f64;
        if ask.claims().get("iat").and_then(Value::as_f64).is_some_and(|iat| iat > now) {
            ask.without(&[Check::ExpPassed]).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("time", "exp: not read where the token has a jti", |ask| {
        if ask.claims().contains_key("jti") {
            ask.without(&[Check::ExpPassed]).verdict()
        } else {
            ask.verdict()
        }
    }),
];

/// Passes over a time that is like this.
fn none(ask: Ask, name: &str, is: impl Fn(&Value) -> bool) -> gauntlet_vectors::Verdict {
    reclaim_now(ask, |claims, _| {
        if claims.get(name).is_some_and(is) {
            claims.remove(name);
        }
    })
}

fn whole(ask: Ask, name: &str) -> gauntlet_vectors::Verdict {
    reclaim_now(ask, |claims, _| {
        if let Some(own) = claims
            .get(name)
            .and_then(Value::as_f64)
            .filter(|own| own.fract() != 0.0 && own.abs() < 1e12)
        {
            claims.insert(name.to_owned(), json!(own.trunc() as i64));
        }
    })
}

fn leeway(ask: Ask, other: impl FnOnce(Option<u64>) -> Option<u64>) -> gauntlet_vectors::Verdict {
    ask.policy(|policy| policy.leeway_s = other(policy.leeway_s)).verdict()
}
