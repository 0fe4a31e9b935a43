//! Segments and base64url.

use gauntlet_vectors::{Verdict, verdict::Believed};
use serde_json::Value;

use super::careless::resegment;
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("encoding", "two segments are enough to look for the third", |ask| {
        assert!(
            ask.text().matches('.').count() >= 2 || ask.text().starts_with('{'),
            "out of range"
        );
        ask.verdict()
    }),
    bent("token-type", "a token ends at its tilde", |ask| {
        ask.token(|token| {
            if token.starts_with('{') {
                token.to_owned()
            } else {
                token.split('~').next().unwrap_or_default().to_owned()
            }
        })
        .verdict()
    }),
    bent("encoding", "base64 ends at the first equals sign", |ask| {
        resegment(ask, |text| text.split('=').next().unwrap_or_default().to_owned())
    }),
    bent("encoding", "what is no base64 is passed over", |ask| {
        resegment(ask, |text| {
            text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
        })
    }),
    bent("encoding", "what is no base64 is passed over in the signature", |ask| {
        ask.token(|token| match token.rsplit_once('.') {
            Some((input, own)) if !token.starts_with('{') => {
                let own: String = own
                    .chars()
                    .filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
                    .collect();
                format!("{input}.{own}")
            }
            _ => token.to_owned(),
        })
        .verdict()
    }),
    bent("encoding", "both alphabets", |ask| {
        resegment(ask, |text| text.replace('+', "-").replace('/', "_"))
    }),
    bent("encoding", "white space in base64 is passed over", |ask| {
        resegment(ask, |text| text.split_whitespace().collect())
    }),
    bent("encoding", "the standard alphabet alone for what is read", |ask| {
        ask.and(|ask| {
            ask.text().starts_with('{')
                || ask.segments().iter().take(2).all(|text| !text.contains(['-', '_']))
        })
    }),
    bent("honest", "as many equals signs as there are characters too many", |ask| {
        ask.and(|ask| {
            ask.text().starts_with('{') || ask.segments().iter().all(|text| text.len() % 4 != 3)
        })
    }),
    bent("encoding", "four characters or none at the end", |ask| {
        ask.and(|ask| {
            ask.text().starts_with('{')
                || ask.segments().iter().take(2).all(|text| text.len() % 4 != 2)
        })
    }),
    bent("json", "a header begins with eyJ", |ask| {
        ask.and(|ask| ask.text().starts_with("eyJ") || ask.text().starts_with('{'))
    }),
    bent("interop", "a payload is text, whatever it was", |ask| {
        if ask.is_jwt() {
            return ask.verdict();
        }
        match ask.verdict() {
            Verdict::Accept(believed) => {
                let payload = believed
                    .payload
                    .clone()
                    .map(|octets| String::from_utf8_lossy(&octets).into_owned().into_bytes());
                Verdict::Accept(Believed { payload, ..believed })
            }
            other => other,
        }
    }),
    bent("interop", "a payload in a JWS is JSON", |ask| {
        ask.and(|ask| {
            ask.text().starts_with('{')
                || ask.presented.detached_payload.is_some()
                || serde_json::from_slice::<Value>(&ask.octets(1)).is_ok()
        })
    }),
];
