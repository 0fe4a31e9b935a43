//! Critical parameters and unencoded payloads.

use std::collections::HashSet;

use gauntlet_vectors::{
    Verdict,
    forge::{self},
    verdict::Believed,
};
use serde_json::{Value, json};

use super::careless::reheader;
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("header", "a critical name is understood where it is there", |ask| {
        reheader(ask, |header, _| {
            let there: HashSet<String> = header.keys().cloned().collect();
            if let Some(Value::Array(names)) = header.get_mut("crit") {
                names.retain(|name| {
                    name.as_str().is_none_or(|name| name == "b64" || !there.contains(name))
                });
                if names.is_empty() {
                    header.remove("crit");
                }
            }
        })
    }),
    bent("header", "critical names are for JWS, not for JWT", |ask| {
        if !ask.is_jwt() {
            return ask.verdict();
        }
        reheader(ask, |header, _| {
            header.remove("crit");
        })
    }),
    bent("header", "critical names are for JWT, not for JWS", |ask| {
        if ask.is_jwt() {
            return ask.verdict();
        }
        reheader(ask, |header, _| {
            if header.get("crit") != Some(&json!(["b64"])) {
                header.remove("crit");
            }
        })
    }),
    bent("header", "critical names are those that begin in a known way", |ask| {
        reheader(ask, |header, _| {
            if let Some(Value::Array(names)) = header.get_mut("crit") {
                names.retain(|name| name.as_str().is_none_or(|name| !name.starts_with("http")));
                if names.is_empty() {
                    header.remove("crit");
                }
            }
        })
    }),
    bent("header", "crit is an array", |ask| {
        if ask.header().get("crit").is_some_and(|crit| !crit.is_array() && !crit.is_string()) {
            panic!("TypeError: not iterable");
        }
        ask.verdict()
    }),
    bent("header", "an unencoded payload is decoded all the same", |ask| {
        if ask.header().get("b64") != Some(&Value::Bool(false))
            || !ask.header().contains_key("crit")
        {
            return ask.verdict();
        }
        match ask.verdict() {
            Verdict::Accept(believed) => {
                let payload = believed
                    .payload
                    .clone()
                    .map(|octets| forge::from_base64url(&octets).unwrap_or(octets));
                Verdict::Accept(Believed { payload, ..believed })
            }
            other => other,
        }
    }),
    bent(
        "header",
        "the payload beside the token is believed, the one in it verified",
        |mut ask| {
            let beside = ask.presented.detached_payload.clone();
            match beside {
                Some(beside) if ask.segments().get(1).is_some_and(|text| !text.is_empty()) => {
                    ask.presented.detached_payload = None;
                    match ask.verdict() {
                        Verdict::Accept(believed) => {
                            Verdict::Accept(Believed { payload: Some(beside), ..believed })
                        }
                        other => other,
                    }
                }
                _ => ask.verdict(),
            }
        },
    ),
    bent("header", "the payload in the token is believed, the one beside it verified", |ask| {
        let segments = ask.segments();
        match (&ask.presented.detached_payload, segments.get(1)) {
            (Some(_), Some(inside)) if !inside.is_empty() && segments.len() == 3 => {
                let inside = forge::from_base64url(inside);
                let detached = format!("{}..{}", segments[0], segments[2]);
                match ask.token(|_| detached).verdict() {
                    Verdict::Accept(believed) => {
                        Verdict::Accept(Believed { payload: inside, ..believed })
                    }
                    other => other,
                }
            }
            _ => ask.verdict(),
        }
    }),
    bent("encoding", "a JWT may be in JSON", |ask| {
        if !ask.is_jwt() {
            return ask.verdict();
        }
        ask.token(|token| {
            let json: Value = serde_json::from_str(token).unwrap_or_default();
            let own = json.get("signatures").and_then(|all| all.get(0)).unwrap_or(&json);
            let part = |value: Option<&Value>| {
                value.and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            if !json.is_object() {
                return token.to_owned();
            }
            format!(
                "{}.{}.{}",
                part(own.get("protected")),
                part(json.get("payload")),
                part(own.get("signature"))
            )
        })
        .verdict()
    }),
    bent("json-serialization", "no signature is bad where there is none", |ask| {
        match serde_json::from_str::<Value>(&ask.text()) {
            Ok(json)
                if json.get("signatures").and_then(Value::as_array).is_some_and(Vec::is_empty) =>
            {
                let payload =
                    json.get("payload").and_then(Value::as_str).and_then(forge::from_base64url);
                Verdict::Accept(Believed { claims: None, payload, key: None })
            }
            _ => ask.verdict(),
        }
    }),
];
