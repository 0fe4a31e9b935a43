//! Claims that the policy demands, and those that it does not.

use serde_json::Value;

use super::{Flaw, bent};
use crate::ask::Ask;

pub(super) const FLAWS: &[Flaw] = &[
    bent("required-claims", "required: the last name alone", |ask| {
        ask.policy(|policy| {
            if let Some(last) = policy.required_claims.pop() {
                policy.required_claims = vec![last];
            }
        })
        .verdict()
    }),
    bent("required-claims", "required: as many claims as there are names", |ask| {
        let enough = ask.claims().len() >= ask.policy.required_claims.len();
        if enough {
            ask.policy(|policy| policy.required_claims.clear()).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("required-claims", "required: within any other claim", |ask| {
        meets(ask, |ask, name| ask.claims().values().any(|value| value.get(name).is_some()))
    }),
    bent("required-claims", "required: a claim whose name begins with it", |ask| {
        meets(ask, |ask, name| ask.claims().keys().any(|own| own.starts_with(name)))
    }),
    bent("required-claims", "required: a claim whose name it begins with", |ask| {
        meets(ask, |ask, name| {
            ask.claims().keys().any(|own| !own.is_empty() && name.starts_with(own.as_str()))
        })
    }),
    bent("required-claims", "required: the value of any claim", |ask| {
        meets(ask, |ask, name| ask.claims().values().any(|own| own == name))
    }),
    bent("required-claims", "required: one name of several may be missing", |ask| {
        let missing = ask
            .policy
            .required_claims
            .iter()
            .filter(|name| !ask.claims().contains_key(*name))
            .count();
        if missing == 1 && ask.policy.required_claims.len() > 1 {
            ask.policy(|policy| policy.required_claims.clear()).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("required-claims", "required: not where the token has a kid", |ask| {
        if ask.header().contains_key("kid") {
            ask.policy(|policy| policy.required_claims.clear()).verdict()
        } else {
            ask.verdict()
        }
    }),
    bent("required-claims", "required: exp is not among them", |ask| unneeded(ask, "exp")),
    bent("required-claims", "required: sub is not among them", |ask| unneeded(ask, "sub")),
    bent("required-claims", "required: jti is not among them", |ask| unneeded(ask, "jti")),
    bent("required-claims", "required: a claim must be a text", |ask| {
        ask.and(|ask| {
            ask.policy
                .required_claims
                .iter()
                .all(|name| ask.claims().get(name).is_some_and(Value::is_string))
        })
    }),
];

fn meets(ask: Ask, good: impl Fn(&Ask, &str) -> bool) -> gauntlet_vectors::Verdict {
    let met: Vec<String> =
        ask.policy.required_claims.iter().filter(|name| good(&ask, name)).cloned().collect();
    ask.policy(|policy| policy.required_claims.retain(|name| !met.contains(name))).verdict()
}

fn unneeded(ask: Ask, own: &str) -> gauntlet_vectors::Verdict {
    ask.policy(|policy| policy.required_claims.retain(|name| name != own)).verdict()
}
