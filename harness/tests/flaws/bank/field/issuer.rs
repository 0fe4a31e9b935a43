//! The issuer.

use serde_json::Value;

use super::careless::{flat, good_iss, host, iss_if, issuers, path, reclaim};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("issuer", "an iss is compared where it is true", |ask| {
        reclaim(ask, |claims, policy| {
            let falsy = match claims.get("iss") {
                None | Some(Value::Null | Value::Bool(false)) => true,
                Some(Value::String(text)) => text.is_empty(),
                Some(Value::Number(n)) => n.as_f64() == Some(0.0),
                _ => false,
            };
            if falsy {
                good_iss(claims, policy);
            }
        })
    }),
    bent("issuer", "an iss that is part of ours", |ask| {
        reclaim(ask, |claims, policy| {
            let iss = claims.get("iss").and_then(Value::as_str).map(str::to_owned);
            if iss.is_some_and(|iss| issuers(policy).iter().any(|ours| ours.contains(&iss))) {
                good_iss(claims, policy);
            }
        })
    }),
    bent("issuer", "an iss of the same host", |ask| {
        iss_if(ask, |iss, ours| host(iss) == host(ours))
    }),
    bent("issuer", "an iss without its scheme", |ask| {
        iss_if(ask, |iss, ours| {
            let bare =
                |text: &str| text.split_once("://").map_or(text, |(_, rest)| rest).to_owned();
            bare(iss) == bare(ours)
        })
    }),
    bent("issuer", "an iss with a host in any case", |ask| {
        iss_if(ask, |iss, ours| {
            host(iss).eq_ignore_ascii_case(&host(ours)) && path(iss) == path(ours)
        })
    }),
    bent("issuer", "an iss after its dot segments are gone", |ask| {
        iss_if(ask, |iss, ours| !iss.is_empty() && flat(iss) == flat(ours))
    }),
    bent("issuer", "an iss without what is invisible", |ask| {
        iss_if(ask, |iss, ours| {
            iss.chars()
                .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}' | '\0'))
                .collect::<String>()
                == ours
        })
    }),
    bent("issuer", "an iss after NFKC", |ask| {
        iss_if(ask, |iss, ours| {
            let wide = |c: char| match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
                '\u{2024}' | '\u{3002}' => '.',
                'ſ' => 's',
                other => other,
            };
            iss.chars().map(wide).collect::<String>() == ours
        })
    }),
    bent("issuer", "an iss by a pattern of one line", |ask| {
        iss_if(ask, |iss, ours| iss.lines().any(|line| line == ours))
    }),
    bent("issuer", "an iss with user-info", |ask| {
        iss_if(ask, |iss, ours| {
            match iss.split_once("://").and_then(|(s, r)| Some((s, r.split_once('@')?))) {
                Some((scheme, (_, rest))) => format!("{scheme}://{rest}") == ours,
                None => false,
            }
        })
    }),
    bent("issuer", "an iss of the same number of characters", |ask| {
        iss_if(ask, |iss, ours| iss.len() == ours.len())
    }),
    bent("issuer", "an iss that is true", |ask| {
        reclaim(ask, |claims, policy| {
            if claims.get("iss") == Some(&Value::Bool(true)) {
                good_iss(claims, policy);
            }
        })
    }),
    bent("issuer", "an iss must be https", |ask| {
        ask.and(|ask| {
            !ask.is_jwt()
                || ask
                    .claims()
                    .get("iss")
                    .and_then(Value::as_str)
                    .is_none_or(|iss| iss.starts_with("https://"))
        })
    }),
    bent("issuer", "an iss has no path", |ask| {
        ask.and(|ask| {
            ask.claims().get("iss").and_then(Value::as_str).is_none_or(|iss| path(iss).is_empty())
        })
    }),
    bent("issuer", "an iss that nobody configured is refused", |ask| {
        ask.and(|ask| {
            !ask.is_jwt() || !issuers(&ask.policy).is_empty() || !ask.claims().contains_key("iss")
        })
    }),
];
