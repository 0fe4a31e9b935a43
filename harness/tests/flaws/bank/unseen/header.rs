//! `crit`, `b64` and `typ`.

use jwks_gauntlet::builtin::reference::Check;
use serde_json::{Value, json};

use super::careless::{named, reheader, typ_if};
use super::{Flaw, bent};

const CRIT: &[Check] = &[Check::CritUnknown, Check::CritShape, Check::CritAbsent];

pub(super) const FLAWS: &[Flaw] = &[
    bent("header", "crit: all names but the first", |ask| {
        reheader(ask, |header, _| {
            if let Some(all) =
                header.get_mut("crit").and_then(Value::as_array_mut).filter(|all| !all.is_empty())
            {
                all.remove(0);
                if all.is_empty() {
                    header.remove("crit");
                }
            }
        })
    }),
    bent("header", "crit: all names but the last", |ask| {
        reheader(ask, |header, _| {
            if let Some(all) = header.get_mut("crit").and_then(Value::as_array_mut) {
                all.pop();
                if all.is_empty() {
                    header.remove("crit");
                }
            }
        })
    }),
    bent("header", "crit: one known name is enough", |ask| {
        reheader(ask, |header, _| {
            if let Some(all) = header
                .get_mut("crit")
                .and_then(Value::as_array_mut)
                .filter(|all| all.contains(&"b64".into()))
            {
                all.retain(|name| name == "b64");
            }
        })
    }),
    bent("header", "crit: not read where the token has a kid", |ask| {
        if ask.header().contains_key("kid") { ask.without(CRIT).verdict() } else { ask.verdict() }
    }),
    bent("header", "crit: not read where the token has no kid", |ask| {
        if ask.header().contains_key("kid") { ask.verdict() } else { ask.without(CRIT).verdict() }
    }),
    bent("header", "crit: not read for HMAC", |ask| {
        if ask.header_text("alg").starts_with("HS") {
            ask.without(CRIT).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("header", "crit: read for HMAC alone", |ask| {
        if ask.header_text("alg").starts_with("HS") {
            ask.verdict()
        } else {
            ask.without(CRIT).verdict()
        }
    }),
    bent("header", "crit: a name whose value is null is none", |ask| {
        reheader(ask, |header, _| {
            let nulls: Vec<String> = header
                .iter()
                .filter(|(_, value)| value.is_null())
                .map(|(name, _)| name.clone())
                .collect();
            if let Some(all) = header.get_mut("crit").and_then(Value::as_array_mut) {
                let before = all.len();
                all.retain(|name| !nulls.iter().any(|null| name == null));
                if all.is_empty() && before > 0 {
                    header.remove("crit");
                }
            }
        })
    }),
    bent("header", "an unencoded payload needs no signature", |ask| {
        ask.or(|ask| {
            !ask.is_jwt()
                && ask.header().get("b64") == Some(&json!(false))
                && ask.header().get("crit") == Some(&json!(["b64"]))
                && ask.octets(2).len() >= 32
                && named(ask)
        })
    }),
    bent("token-type", "an empty typ is as good as ours", |ask| {
        typ_if(ask, |typ, _| typ.is_empty())
    }),
    bent("token-type", "a typ that is null is as good as ours", |ask| {
        let due = ask.policy.token_type.clone();
        reheader(ask, move |header, _| {
            if let (Some(due), Some(Value::Null)) = (due, header.get("typ")) {
                header.insert("typ".to_owned(), due.into());
            }
        })
    }),
    bent("token-type", "a typ without its +jwt", |ask| {
        typ_if(ask, |typ, due| due.strip_suffix("+jwt") == Some(typ))
    }),
    bent("token-type", "typ is read where the token has a kid", |ask| {
        if ask.header().contains_key("kid") {
            return ask.verdict();
        }
        ask.policy(|policy| policy.token_type = None).verdict()
    }),
    bent("token-type", "typ is read where there is no cty", |ask| {
        if !ask.header().contains_key("cty") {
            return ask.verdict();
        }
        ask.policy(|policy| policy.token_type = None).verdict()
    }),
];
