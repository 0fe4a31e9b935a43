//! JSON.

use gauntlet_vectors::{
    Verdict,
    forge::{self},
};
use serde_json::{Map, Value, json};

use super::careless::{
    after_name, any_case, first_value, genuine, raw_number, reclaim, retext, uncommented,
};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("time", "claims in any case", |ask| {
        reclaim(ask, |claims, _| {
            any_case(claims, &["iss", "aud", "exp", "nbf", "sub", "iat", "jti"])
        })
    }),
    bent("keys", "members of a JWK in any case", |ask| {
        ask.jwks(|mut jwk| {
            any_case(
                &mut jwk,
                &["kty", "kid", "use", "alg", "n", "e", "x", "y", "k", "crv", "key_ops"],
            );
            Some(jwk)
        })
        .verdict()
    }),
    bent("json", "what follows the claims is ignored", |ask| {
        retext(ask, |header, payload| (header, first_value(payload)))
    }),
    bent("json", "what follows the header is ignored", |ask| {
        retext(ask, |header, payload| (first_value(header), payload))
    }),
    bent("json", "JSON ends at NUL", |ask| {
        let cut = |octets: Vec<u8>| octets.split(|o| *o == 0).next().unwrap_or_default().to_vec();
        retext(ask, |header, payload| (cut(header), cut(payload)))
    }),
    bent("json", "NaN and Infinity are numbers", |ask| {
        retext(ask, |header, payload| {
            let Ok(text) = String::from_utf8(payload.clone()) else {
                return (header, payload);
            };
            let text = text
                .replace(":NaN", ":9e99")
                .replace(":Infinity", ":9e99")
                .replace(": NaN", ":9e99");
            (header, if text.len() == payload.len() { payload } else { text.into_bytes() })
        })
    }),
    bent("json", "comments are passed over", |ask| {
        retext(ask, |header, payload| (uncommented(header), uncommented(payload)))
    }),
    bent("json", "a comma too many is passed over", |ask| {
        let mend = |octets: Vec<u8>| match String::from_utf8(octets) {
            Ok(text) => text.replace(",}", "}").replace(",]", "]").into_bytes(),
            Err(error) => error.into_bytes(),
        };
        retext(ask, |header, payload| (mend(header), mend(payload)))
    }),
    bent("json", "what is not UTF-8 is replaced", |ask| {
        let mend = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned().into_bytes();
        retext(ask, |header, payload| (mend(header), mend(payload)))
    }),
    bent("json", "claims in a JSON string", |ask| {
        retext(ask, |header, payload| match serde_json::from_slice::<Value>(&payload) {
            Ok(Value::String(text)) => (header, text.into_bytes()),
            _ => (header, payload),
        })
    }),
    bent("json", "claims in an array", |ask| {
        retext(ask, |header, payload| match serde_json::from_slice::<Value>(&payload) {
            Ok(Value::Array(all)) if all.len() == 1 => (header, all[0].to_string().into_bytes()),
            _ => (header, payload),
        })
    }),
    bent("token-type", "a nested JWT is unpacked and believed", |ask| {
        retext(ask, |header, payload| {
            let text = String::from_utf8_lossy(&payload).trim_matches('"').to_owned();
            let inner = text.split('.').nth(1).and_then(forge::from_base64url);
            match inner {
                Some(inner) if text.matches('.').count() == 2 && text.starts_with("ey") => {
                    let mut header: Map<String, Value> =
                        serde_json::from_slice(&header).unwrap_or_default();
                    header.remove("cty");
                    (Value::from(header).to_string().into_bytes(), inner)
                }
                _ => (header, payload),
            }
        })
    }),
    bent("json", "the first alg in the text of the header", |ask| {
        let text = String::from_utf8_lossy(&ask.octets(0)).into_owned();
        let first =
            after_name(&text, "alg").and_then(|rest| rest.strip_prefix('"')?.split('"').next());
        match first {
            Some(first)
                if first != ask.header_text("alg") && !ask.header_text("alg").is_empty() =>
            {
                Verdict::reject("another algorithm")
            }
            _ => ask.verdict(),
        }
    }),
    bent("json", "the first exp in the text of the claims", |ask| {
        let text = String::from_utf8_lossy(&ask.octets(1)).into_owned();
        let first = raw_number(&text, "exp").and_then(|text| text.parse::<f64>().ok());
        reclaim(ask, move |claims, _| {
            if let (Some(first), Some(own)) = (first, claims.get_mut("exp"))
                && own.as_f64().is_some_and(|own| own.to_bits() != first.to_bits())
            {
                *own = json!(first);
            }
        })
    }),
    bent("json", "the first iss in the text of the claims", |ask| {
        let text = String::from_utf8_lossy(&ask.octets(1)).into_owned();
        let first = after_name(&text, "iss")
            .and_then(|rest| rest.strip_prefix('"')?.split('"').next())
            .map(str::to_owned);
        reclaim(ask, move |claims, _| {
            if let Some(first) = first.filter(|first| !first.contains('\\')) {
                claims.insert("iss".to_owned(), first.into());
            }
        })
    }),
    bent("json", "names are compared before their escapes are read", |ask| {
        let text = String::from_utf8_lossy(&ask.octets(1)).into_owned();
        let header = String::from_utf8_lossy(&ask.octets(0)).into_owned();
        ask.and(|_| !header.contains("\\u00") && !text.contains("\\u00"))
    }),
    bent("json", "a slash must not be escaped", |ask| {
        let text = String::from_utf8_lossy(&ask.octets(1)).into_owned();
        ask.and(|_| !text.contains("\\/"))
    }),
    bent("json", "half a surrogate pair", |ask| {
        let text = String::from_utf8_lossy(&ask.octets(1)).to_ascii_lowercase();
        let header = String::from_utf8_lossy(&ask.octets(0)).to_ascii_lowercase();
        for text in [text, header] {
            if text.contains("\\ud8") && !text.contains("\\udc") && !text.contains("\\ude") {
                panic!("UnicodeEncodeError: surrogates not allowed");
            }
        }
        ask.verdict()
    }),
    bent("json", "a number of too many digits", |ask| {
        for at in [0, 1] {
            let octets = ask.octets(at);
            let long = octets.split(|o| !o.is_ascii_digit()).any(|digits| digits.len() > 4300);
            assert!(!long, "ValueError: Exceeds the limit for integer string conversion");
        }
        ask.verdict()
    }),
    bent("json", "a header that is no object", |ask| {
        if ask.segments().len() == 3
            && serde_json::from_slice::<Value>(&ask.octets(0)).is_ok_and(|value| !value.is_object())
        {
            panic!("AttributeError: no attribute 'get'");
        }
        ask.verdict()
    }),
    bent("json", "claims that are no object", |ask| {
        if ask.is_jwt()
            && genuine(&ask)
            && serde_json::from_slice::<Value>(&ask.octets(1)).is_ok_and(|value| !value.is_object())
        {
            panic!("AttributeError: no attribute 'get'");
        }
        ask.verdict()
    }),
    bent("json", "claims that are null are none", |ask| {
        ask.or(|ask| ask.is_jwt() && genuine(ask) && ask.octets(1) == b"null")
    }),
    bent("unsecured", "an alg that cannot be hashed", |ask| {
        if ask.header().get("alg").is_some_and(|alg| alg.is_array() || alg.is_object()) {
            panic!("TypeError: unhashable type");
        }
        ask.verdict()
    }),
    bent("token-type", "a typ is text", |ask| {
        if ask.header().get("typ").is_some_and(|typ| !typ.is_string()) {
            panic!("AttributeError: no attribute 'lower'");
        }
        ask.verdict()
    }),
    bent("token-type", "a cty is text", |ask| {
        if ask.header().get("cty").is_some_and(|cty| !cty.is_string()) {
            panic!("AttributeError: no attribute 'lower'");
        }
        ask.verdict()
    }),
    bent("interop", "a header of one parameter is no header", |ask| {
        ask.and(|ask| ask.text().starts_with('{') || ask.header().len() > 1)
    }),
];
