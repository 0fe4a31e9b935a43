//! Claims and types that the operator demands.

use serde_json::Value;

use super::careless::{PROTOTYPE, reclaim, reheader, typ_if};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("required-claims", "a required claim may be in the header", |ask| {
        let header = ask.header();
        reclaim(ask, move |claims, policy| {
            for name in &policy.required_claims {
                if let (Some(value), false) = (header.get(name), claims.contains_key(name)) {
                    claims.insert(name.clone(), value.clone());
                }
            }
        })
    }),
    bent("required-claims", "registered claims are not required", |ask| {
        ask.policy(|policy| {
            policy.required_claims.retain(|name| {
                !["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].contains(&name.as_str())
            });
        })
        .verdict()
    }),
    bent("required-claims", "a required claim must be true", |ask| {
        ask.and(|ask| {
            let claims = ask.claims();
            ask.policy.required_claims.iter().all(|name| match claims.get(name) {
                Some(Value::Bool(value)) => *value,
                Some(Value::Number(n)) => n.as_f64() != Some(0.0),
                _ => true,
            })
        })
    }),
    bent("required-claims", "a required claim is a path", |ask| {
        ask.and(|ask| ask.policy.required_claims.iter().all(|name| !name.contains('.')))
    }),
    bent("required-claims", "what every object has is no missing claim", |ask| {
        ask.policy(|policy| {
            policy.required_claims.retain(|name| !PROTOTYPE.contains(&name.as_str()))
        })
        .verdict()
    }),
    bent("required-claims", "required claims in any case", |ask| {
        reclaim(ask, |claims, policy| {
            for name in &policy.required_claims {
                let other = claims
                    .iter()
                    .find(|(own, _)| own.eq_ignore_ascii_case(name))
                    .map(|(_, v)| v.clone());
                if let (Some(value), false) = (other, claims.contains_key(name)) {
                    claims.insert(name.clone(), value);
                }
            }
        })
    }),
    bent("token-type", "a typ may be a claim", |ask| {
        let typ = ask.claims().get("typ").cloned();
        reheader(ask, move |header, _| {
            if let (Some(typ), false) = (typ, header.contains_key("typ")) {
                header.insert("typ".to_owned(), typ);
            }
        })
    }),
    bent("token-type", "a typ may be in cty", |ask| {
        reheader(ask, |header, _| {
            if let (Some(cty), false) = (header.get("cty").cloned(), header.contains_key("typ")) {
                header.insert("typ".to_owned(), cty);
            }
        })
    }),
    bent("token-type", "the typ JWT is any type", |ask| {
        typ_if(ask, |typ, _| typ.eq_ignore_ascii_case("JWT"))
    }),
    bent("token-type", "a typ that ends with ours", |ask| {
        typ_if(ask, |typ, due| typ.ends_with(due))
    }),
    bent("token-type", "a typ that begins with ours", |ask| {
        typ_if(ask, |typ, due| typ.starts_with(due))
    }),
    bent("token-type", "a typ that holds ours", |ask| typ_if(ask, |typ, due| typ.contains(due))),
    bent("token-type", "a typ that ours holds", |ask| typ_if(ask, |typ, due| due.contains(typ))),
    bent("token-type", "a typ after its last slash", |ask| {
        typ_if(ask, |typ, due| typ.rsplit('/').next() == Some(due))
    }),
    bent("token-type", "a typ of the same ending", |ask| {
        typ_if(ask, |typ, due| typ.rsplit('+').next() == due.rsplit('+').next())
    }),
    bent("token-type", "a typ in an array", |ask| {
        let due = ask.policy.token_type.clone();
        reheader(ask, move |header, _| {
            if let (Some(due), Some(Value::Array(all))) = (due, header.get("typ"))
                && all.iter().any(|typ| *typ == due)
            {
                header.insert("typ".to_owned(), due.into());
            }
        })
    }),
    bent("token-type", "a typ that nobody asked for is refused", |ask| {
        ask.and(|ask| {
            ask.policy.token_type.is_some()
                || !ask.is_jwt()
                || ask.header().get("typ").and_then(Value::as_str).is_none_or(|typ| typ == "JWT")
        })
    }),
];
