//! Time.

use serde_json::{Value, json};

use super::careless::{raw_number, reclaim, unset};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("time", "an exp that is false or empty is none", |ask| {
        unset(
            ask,
            |claims| matches!(claims.get("exp"), Some(exp) if *exp == json!(false) || *exp == json!("")),
        )
    }),
    bent("time", "exp is judged where there is nbf", |ask| {
        unset(ask, |claims| !claims.contains_key("nbf"))
    }),
    bent("time", "exp is judged where there is iat", |ask| {
        unset(ask, |claims| !claims.contains_key("iat"))
    }),
    bent("time", "exp is judged where there is no nbf", |ask| {
        unset(ask, |claims| claims.contains_key("nbf"))
    }),
    bent("time", "nbf is judged where there is exp", |ask| {
        reclaim(ask, |claims, _| {
            if !claims.contains_key("exp") {
                claims.remove("nbf");
            }
        })
    }),
    bent("time", "nbf is judged where there is iat", |ask| {
        reclaim(ask, |claims, _| {
            if !claims.contains_key("iat") {
                claims.remove("nbf");
            }
        })
    }),
    bent("time", "exp in 32 bits", |ask| {
        reclaim(ask, |claims, _| {
            if let Some(exp) = claims.get("exp").and_then(Value::as_i64) {
                claims.insert("exp".to_owned(), json!(exp as i32));
            }
        })
    }),
    bent("time", "exp in 32 bits without a sign", |ask| {
        reclaim(ask, |claims, _| {
            if let Some(exp) = claims.get("exp").and_then(Value::as_i64) {
                claims.insert("exp".to_owned(), json!(exp as u32));
            }
        })
    }),
    bent("time", "nbf in 32 bits without a sign", |ask| {
        reclaim(ask, |claims, _| {
            if let Some(nbf) = claims.get("nbf").and_then(Value::as_i64) {
                claims.insert("nbf".to_owned(), json!(nbf as u32));
            }
        })
    }),
    bent("time", "nbf in 64 bits that wrap", |ask| {
        reclaim(ask, |claims, _| {
            if claims.get("nbf").and_then(Value::as_f64).is_some_and(|nbf| nbf >= 9.22e18) {
                claims.insert("nbf".to_owned(), json!(0));
            }
        })
    }),
    bent("time", "exp in single precision", |ask| {
        reclaim(ask, |claims, _| {
            if let Some(exp) = claims.get("exp").and_then(Value::as_f64) {
                claims.insert("exp".to_owned(), json!(f64::from(exp as f32)));
            }
        })
    }),
    bent("time", "exp is a whole number", |ask| {
        ask.and(|ask| {
            !ask.is_jwt() || ask.claims().get("exp").is_none_or(|exp| exp.is_i64() || exp.is_u64())
        })
    }),
    bent("time", "nbf is a whole number", |ask| {
        ask.and(|ask| {
            !ask.is_jwt() || ask.claims().get("nbf").is_none_or(|nbf| nbf.is_i64() || nbf.is_u64())
        })
    }),
    bent("time", "exp is a whole number of digits", |ask| {
        let text = String::from_utf8_lossy(&ask.octets(1)).into_owned();
        ask.and(|ask| {
            !ask.is_jwt() || raw_number(&text, "exp").is_none_or(|exp| !exp.contains(['e', 'E']))
        })
    }),
    bent("time", "an exp that is a string is compared as one", |ask| {
        unset(ask, |claims| claims.get("exp").is_some_and(Value::is_string))
    }),
    bent("time", "an exp that is an object or an array is more than any number", |ask| {
        unset(ask, |claims| claims.get("exp").is_some_and(|exp| exp.is_array() || exp.is_object()))
    }),
    bent("time", "an exp that is true is one", |ask| {
        unset(ask, |claims| claims.get("exp") == Some(&json!(true)))
    }),
    bent("time", "an exp beyond the year 9999", |ask| {
        assert!(
            !ask.is_jwt()
                || ask
                    .claims()
                    .get("exp")
                    .and_then(Value::as_f64)
                    .is_none_or(|exp| exp.abs() < 2.6e11),
            "OverflowError: date value out of range"
        );
        ask.verdict()
    }),
    bent("time", "an iat beyond the year 9999", |ask| {
        assert!(
            !ask.is_jwt()
                || ask
                    .claims()
                    .get("iat")
                    .and_then(Value::as_f64)
                    .is_none_or(|iat| iat.abs() < 2.6e11),
            "OverflowError: date value out of range"
        );
        ask.verdict()
    }),
    bent("time", "an iat that is no number", |ask| {
        if ask.is_jwt() && ask.claims().get("iat").is_some_and(|iat| !iat.is_number()) {
            panic!("ValueError: invalid literal for int()");
        }
        ask.verdict()
    }),
    bent("time", "an exp that is infinite", |ask| {
        let text = String::from_utf8_lossy(&ask.octets(1)).into_owned();
        let infinite = raw_number(&text, "exp")
            .and_then(|exp| exp.parse::<f64>().ok())
            .is_some_and(f64::is_infinite);
        assert!(!infinite, "OverflowError: cannot convert float infinity to integer");
        ask.verdict()
    }),
    bent("time", "the leeway twice", |ask| {
        ask.policy(|policy| policy.leeway_s = policy.leeway_s.map(|leeway| 2 * leeway)).verdict()
    }),
    bent("time", "no leeway for nbf", |ask| {
        ask.and(|ask| {
            ask.claims()
                .get("nbf")
                .and_then(Value::as_f64)
                .is_none_or(|nbf| nbf <= ask.now.0 as f64)
        })
    }),
    bent("memory", "expired tokens are good as long as they lived", |ask| {
        reclaim(ask, |claims, _| {
            let (exp, iat) = (
                claims.get("exp").and_then(Value::as_i64),
                claims.get("iat").and_then(Value::as_i64),
            );
            if let (Some(exp), Some(iat)) = (exp, iat) {
                claims.insert("exp".to_owned(), json!(exp + (exp - iat).max(0)));
            }
        })
    }),
    bent("memory", "the time is that of the token", |ask| {
        let iat = ask.claims().get("iat").and_then(Value::as_i64);
        match iat {
            Some(iat) if iat < ask.now.0 => ask.at(iat).verdict(),
            _ => ask.verdict(),
        }
    }),
];
