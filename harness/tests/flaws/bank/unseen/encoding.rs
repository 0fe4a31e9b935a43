//! Segments, base64url and JSON.

use gauntlet_vectors::forge;
use serde_json::{Map, Value};

use super::careless::{resegment, retext};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("encoding", "a period at the end is passed over", |ask| {
        ask.token(|text| {
            text.strip_suffix('.')
                .filter(|rest| rest.matches('.').count() == 2)
                .unwrap_or(text)
                .to_owned()
        })
        .verdict()
    }),
    bent("encoding", "a period in front is passed over", |ask| {
        ask.token(|text| {
            text.strip_prefix('.')
                .filter(|rest| rest.matches('.').count() == 2)
                .unwrap_or(text)
                .to_owned()
        })
        .verdict()
    }),
    bent("encoding", "the last of four segments is the signature of the others", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            let Some(own) = ask.segments().pop().and_then(forge::from_base64url) else {
                return false;
            };
            let input = ask.signing_input();
            ask.segments().len() == 4
                && ask.allows(&alg)
                && ask.trusted().into_iter().any(|key| {
                    forge::sign::sign(key, &alg, input.as_bytes(), 0).is_ok_and(|due| due == own)
                })
                && ask.claims_hold()
        })
    }),
    bent("encoding", "the first of four segments is passed over", |ask| {
        ask.token(|text| {
            if text.matches('.').count() == 3 {
                text.split_once('.').map_or(text, |(_, rest)| rest).to_owned()
            } else {
                text.to_owned()
            }
        })
        .verdict()
    }),
    bent("encoding", "base64: padding of header and payload is passed over", |ask| {
        let signature = ask.segments().get(2).cloned().unwrap_or_default();
        resegment(ask, |text| {
            if text == signature { text.to_owned() } else { text.trim_end_matches('=').to_owned() }
        })
    }),
    bent("encoding", "base64: the standard alphabet in the signature", |ask| {
        ask.token(|text| match text.rsplit_once('.') {
            Some((input, own)) => format!("{input}.{}", own.replace('+', "-").replace('/', "_")),
            None => text.to_owned(),
        })
        .verdict()
    }),
    bent("encoding", "base64: a space is a plus sign, and both alphabets are good", |ask| {
        resegment(ask, |text| text.replace([' ', '+'], "-").replace('/', "_"))
    }),
    bent("json", "JSON: numbers with noughts in front", |ask| {
        lenient(ask, |text| digits(text, |before| before == '0'))
    }),
    bent("json", "JSON: a plus sign in front of a number", |ask| {
        lenient(ask, |text| digits(text, |before| before == '+'))
    }),
    bent("json", "JSON: control characters in texts", |ask| {
        lenient(ask, |text| {
            text.replace('\n', "\\n")
                .replace('\t', "\\t")
                .replace('\r', "\\r")
                .replace('\u{1}', "\\u0001")
        })
    }),
    bent("json", "JSON: names without quotation marks", |ask| {
        lenient(ask, |text| {
            let mut out = String::new();
            for part in text.split_inclusive(['{', ',']) {
                let bare = part.split(':').next().unwrap_or_default();
                let name = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_alphabetic());
                match part.split_once(':') {
                    Some((own, value)) if name => out.push_str(&format!("\"{own}\":{value}")),
                    _ => out.push_str(part),
                }
            }
            out
        })
    }),
    bent("json", "JSON: what is not UTF-8 is Latin-1", |ask| {
        retext(ask, |header, payload| {
            let read = |octets: Vec<u8>| match String::from_utf8(octets) {
                Ok(text) => text.into_bytes(),
                Err(raw) => raw
                    .into_bytes()
                    .iter()
                    .map(|octet| char::from(*octet))
                    .collect::<String>()
                    .into_bytes(),
            };
            (read(header), read(payload))
        })
    }),
    bent("json", "JSON: UTF-16 is read too", |ask| {
        retext(ask, |header, payload| {
            let read = |octets: Vec<u8>| {
                let units = |to: fn([u8; 2]) -> u16| {
                    octets.chunks_exact(2).map(|two| to([two[0], two[1]])).collect::<Vec<_>>()
                };
                [units(u16::from_be_bytes), units(u16::from_le_bytes)]
                    .iter()
                    .filter_map(|units| String::from_utf16(units).ok())
                    .map(|text| text.trim_start_matches('\u{feff}').to_owned())
                    .find(|text| {
                        octets.len().is_multiple_of(2)
                            && serde_json::from_str::<Map<String, Value>>(text).is_ok()
                    })
                    .map_or(octets.clone(), String::into_bytes)
            };
            (read(header), read(payload))
        })
    }),
    bent("json", "JSON: an object that is not closed", |ask| {
        lenient(ask, |text| format!("{text}}}"))
    }),
    bent("json", "JSON: an apostrophe may be escaped", |ask| {
        lenient(ask, |text| text.replace("\\'", "'"))
    }),
    bent("json", "JSON: True and None are values", |ask| {
        lenient(ask, |text| {
            text.replace(":True", ":true").replace(":None", ":null").replace(":False", ":false")
        })
    }),
    bent("json", "JSON: octets of overlong UTF-8 are read", |ask| {
        retext(ask, |header, payload| {
            let read = |octets: Vec<u8>| {
                let mut out = Vec::new();
                let mut rest = octets.iter().copied().peekable();
                while let Some(octet) = rest.next() {
                    match (octet, rest.peek()) {
                        (0xc0 | 0xc1, Some(next)) => {
                            out.push(((octet & 1) << 6) | (next & 0x3f));
                            rest.next();
                        }
                        _ => out.push(octet),
                    }
                }
                out
            };
            (read(header), read(payload))
        })
    }),
    bent("json-serialization", "an array of no signatures has no bad one", |ask| {
        ask.or(|ask| {
            let jws: Value = serde_json::from_str(&ask.text()).unwrap_or_default();
            jws["signatures"].as_array().is_some_and(Vec::is_empty)
        })
    }),
    bent("json-serialization", "a JWS of no signature member has no bad one", |ask| {
        ask.or(|ask| {
            let jws: Value = serde_json::from_str(&ask.text()).unwrap_or_default();
            jws.get("payload").is_some()
                && jws.get("signatures").is_none()
                && jws.get("signature").is_none()
        })
    }),
];

/// Reads what is no JSON after this.
fn lenient(ask: crate::ask::Ask, tidy: impl Fn(&str) -> String) -> gauntlet_vectors::Verdict {
    retext(ask, |header, payload| {
        let read = |octets: Vec<u8>| {
            let Ok(text) = String::from_utf8(octets.clone()) else { return octets };
            if serde_json::from_str::<Value>(&text).is_ok() {
                return octets;
            }
            let tidied = tidy(&text);
            if serde_json::from_str::<Value>(&tidied).is_ok() {
                tidied.into_bytes()
            } else {
                octets
            }
        };
        (read(header), read(payload))
    })
}

/// Leaves out these characters between a colon and a digit.
fn digits(text: &str, is: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    let mut fresh = false;
    let mut all = text.chars().peekable();
    while let Some(c) = all.next() {
        let digit = all.peek().is_some_and(char::is_ascii_digit);
        if fresh && digit && is(c) {
            continue;
        }
        if !c.is_whitespace() {
            fresh = c == ':' || c == '[' || c == ',';
        }
        out.push(c);
    }
    out
}
