//! Tokens read, and believed, the way real software does.
//!
//! Long, because it is one list: an entry a flaw, and each is read alone.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use gauntlet_vectors::{
    Verdict,
    forge::{base64url, keys::TestKey},
    policy::Keys,
};
use jwks_gauntlet::builtin::reference::Check;
use serde_json::Value;

use super::{Flaw, How};
use crate::ask::{Ask, in_jwk, in_keys, in_octets};

const fn flaw(name: &'static str, family: &'static str, bend: fn(Ask) -> Verdict) -> Flaw {
    Flaw { name, family, how: How::Bent(bend) }
}

/// Whoever takes this `alg` for `none`, with claims that are otherwise right.
fn unsecured(ask: Ask, is_none: fn(&Ask) -> bool) -> Verdict {
    ask.or(|ask| is_none(ask) && ask.claims_hold())
}

fn alg(ask: &Ask) -> String {
    ask.header_text("alg")
}

/// The same token with one segment spelled in another way, where the signature is looked at before.
fn forgiving(ask: Ask, spell: fn(&str) -> String) -> Verdict {
    let respelled = ask.clone().token(spell);
    if respelled.text() == ask.text() {
        return ask.verdict();
    }
    match respelled.verdict() {
        accepted @ Verdict::Accept(_) => accepted,
        _ => ask.verdict(),
    }
}

/// Reads more than JSON; what was signed stays what it was.
fn reads(ask: Ask, mend: fn(&str) -> Option<String>) -> Verdict {
    ask.or(|ask| {
        let mended: Vec<Option<Vec<u8>>> = (0..2)
            .map(|segment| {
                let text = String::from_utf8_lossy(&ask.octets(segment)).into_owned();
                let text = mend(&text).unwrap_or(text);
                serde_json::from_str::<Value>(&text)
                    .ok()
                    .filter(Value::is_object)
                    .map(|_| text.into_bytes())
            })
            .collect();
        let [Some(header), Some(payload)] = mended.as_slice() else { return false };
        let signature = ask.segments().get(2).cloned().unwrap_or_default();
        let read = ask
            .clone()
            .token(|_| format!("{}.{}.{signature}", base64url(header), base64url(payload)));
        let alg = read.header_text("alg");
        read.claims_hold() && ask.allows(&alg) && ask.signed_with(&alg)
    })
}

/// Takes a key that the token brought along.
fn offered(ask: Ask, keys: fn(&Ask) -> Vec<&'static TestKey>) -> Verdict {
    ask.or(|ask| {
        ask.claims_hold() && keys(ask).into_iter().any(|key| ask.signed_by(key, &alg(ask)))
    })
}

fn header_jwk(ask: &Ask) -> Vec<&'static TestKey> {
    ask.header().get("jwk").and_then(in_jwk).into_iter().collect()
}

fn header_x5c(ask: &Ask) -> Vec<&'static TestKey> {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let header = ask.header();
    let first = header.get("x5c").and_then(|chain| chain.get(0)).and_then(Value::as_str);
    let octets = first.and_then(|text| STANDARD.decode(text).ok());
    octets.map(|octets| in_octets(&[octets])).unwrap_or_default()
}

/// What is at a URL on loopback.
fn fetched(url: &str) -> Option<String> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if !host.starts_with("127.") {
        return None;
    }
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
}

fn kid_is_known(ask: &Ask) -> bool {
    let kid = ask.header_text("kid");
    ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
        Keys::Jwks(text) => !kid.is_empty() && text.contains(&format!("\"{kid}\"")),
        _ => false,
    })
}

fn spin(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}

pub(super) const FLAWS: &[Flaw] = &[
    // none
    flaw("none is an algorithm", "unsecured", |ask| unsecured(ask, |ask| alg(ask) == "none")),
    flaw("none with an empty signature", "unsecured", |ask| {
        unsecured(ask, |ask| alg(ask) == "none" && ask.text().ends_with('.'))
    }),
    flaw("none with any signature but an empty one", "unsecured", |ask| {
        unsecured(ask, |ask| alg(ask) == "none" && !ask.text().ends_with('.'))
    }),
    flaw("none in another case", "unsecured", |ask| {
        unsecured(ask, |ask| alg(ask) != "none" && alg(ask).eq_ignore_ascii_case("none"))
    }),
    flaw("None with a capital", "unsecured", |ask| unsecured(ask, |ask| alg(ask) == "None")),
    flaw("NONE", "unsecured", |ask| unsecured(ask, |ask| alg(ask) == "NONE")),
    flaw("none with white space around it", "unsecured", |ask| {
        unsecured(ask, |ask| alg(ask) != "none" && alg(ask).trim() == "none")
    }),
    flaw("none up to a NUL", "unsecured", |ask| {
        unsecured(ask, |ask| alg(ask).contains('\0') && alg(ask).split('\0').next() == Some("none"))
    }),
    flaw("no alg is none", "unsecured", |ask| {
        unsecured(ask, |ask| !ask.header().is_empty() && !ask.header().contains_key("alg"))
    }),
    flaw("an alg that is no string is none", "unsecured", |ask| {
        unsecured(ask, |ask| ask.header().get("alg").is_some_and(|alg| !alg.is_string()))
    }),
    flaw("a null alg is none", "unsecured", |ask| {
        unsecured(ask, |ask| ask.header().get("alg").is_some_and(Value::is_null))
    }),
    flaw("an empty alg is none", "unsecured", |ask| {
        unsecured(ask, |ask| ask.header().get("alg").is_some_and(|alg| alg == ""))
    }),
    flaw("two segments need no signature", "unsecured", |ask| {
        unsecured(ask, |ask| ask.segments().len() == 2)
    }),
    flaw("an empty signature needs no check", "signature", |ask| {
        unsecured(ask, |ask| ask.segments().len() == 3 && ask.text().ends_with('.'))
    }),
    flaw("an unknown algorithm needs no check", "algorithm", |ask| {
        ask.or(|ask| {
            let alg = alg(ask);
            let known =
                ["HS", "RS", "PS", "ES", "Ed", "none"].iter().any(|known| alg.starts_with(known));
            !alg.is_empty() && !known && !alg.eq_ignore_ascii_case("none") && ask.claims_hold()
        })
    }),
    flaw("none where there is no allow-list", "static-keys", |ask| {
        unsecured(ask, |ask| {
            ask.policy.algorithms.is_empty() && alg(ask).eq_ignore_ascii_case("none")
        })
    }),
    // alg
    flaw("alg in any case", "algorithm", |ask| {
        ask.or(|ask| {
            let (alg, upper) = (alg(ask), alg(ask).to_uppercase());
            alg != upper && ask.allows(&upper) && ask.claims_hold() && ask.signed_with(&upper)
        })
    }),
    flaw("alg without white space around it", "algorithm", |ask| {
        ask.or(|ask| {
            let alg = alg(ask);
            alg != alg.trim() && ask.claims_hold() && ask.signed_with(alg.trim())
        })
    }),
    flaw("the allow-list by family", "algorithm", |ask| {
        let alg = alg(&ask);
        ask.policy(|policy| {
            if policy.algorithms.iter().any(|ours| ours.get(..2) == alg.get(..2)) {
                policy.algorithms.push(alg);
            }
        })
        .verdict()
    }),
    flaw("the allow-list by key type", "algorithm", |ask| {
        let alg = alg(&ask);
        let rsa = |alg: &str| alg.starts_with("RS") || alg.starts_with("PS");
        ask.policy(|policy| {
            if rsa(&alg) && policy.algorithms.iter().any(|ours| rsa(ours)) {
                policy.algorithms.push(alg);
            }
        })
        .verdict()
    }),
    flaw("an issuer's own allow-list is added to everybody's", "issuers", |ask| {
        ask.policy(|policy| {
            let all: Vec<String> =
                policy.issuers.iter().flat_map(|issuer| issuer.algorithms.clone()).collect();
            policy.algorithms.extend(all);
            for issuer in &mut policy.issuers {
                issuer.algorithms.clear();
            }
        })
        .verdict()
    }),
    flaw("an issuer's own allow-list is not known", "issuers", |ask| {
        ask.policy(|policy| {
            for issuer in &mut policy.issuers {
                issuer.algorithms.clear();
            }
        })
        .verdict()
    }),
    flaw("the key's alg in place of the header's", "algorithm", |ask| {
        ask.or(|ask| {
            let pinned = ["RS256", "PS256", "ES256", "EdDSA", "HS256"];
            pinned.iter().any(|alg| {
                *alg != ask.header_text("alg")
                    && !ask.header_text("alg").is_empty()
                    && !ask.header_text("alg").eq_ignore_ascii_case("none")
                    && ask.allows(alg)
                    && ask.claims_hold()
                    && ask.signed_with(alg)
            })
        })
    }),
    // Keys that the token offers.
    flaw("jwk of the header", "offered-keys", |ask| offered(ask, header_jwk)),
    flaw("jwk of the header where the kid is unknown", "offered-keys", |ask| {
        offered(ask, |ask| if kid_is_known(ask) { Vec::new() } else { header_jwk(ask) })
    }),
    flaw("jwk of the header where there is no kid", "offered-keys", |ask| {
        offered(
            ask,
            |ask| if ask.header().contains_key("kid") { Vec::new() } else { header_jwk(ask) },
        )
    }),
    flaw("jwk of the header where the kid is known", "offered-keys", |ask| {
        offered(ask, |ask| if kid_is_known(ask) { header_jwk(ask) } else { Vec::new() })
    }),
    flaw("jwk of the header if it is symmetric", "offered-keys", |ask| {
        offered(ask, |ask| header_jwk(ask).into_iter().filter(|key| key.kty() == "oct").collect())
    }),
    flaw("x5c of the header", "offered-keys", |ask| offered(ask, header_x5c)),
    flaw("x5c of the header where the kid is unknown", "offered-keys", |ask| {
        offered(ask, |ask| if kid_is_known(ask) { Vec::new() } else { header_x5c(ask) })
    }),
    flaw("jku of the header is fetched and believed", "offered-keys", |ask| {
        offered(ask, |ask| {
            let set = fetched(&ask.header_text("jku")).unwrap_or_default();
            in_keys(&Keys::Jwks(set))
        })
    }),
    flaw("jku of the header is fetched and forgotten", "offered-keys", |ask| {
        let _ = fetched(&ask.header_text("jku"));
        ask.verdict()
    }),
    flaw("x5u of the header is fetched and believed", "offered-keys", |ask| {
        offered(ask, |ask| {
            let pem = fetched(&ask.header_text("x5u")).unwrap_or_default();
            in_keys(&Keys::Pem(pem))
        })
    }),
    flaw("x5u of the header is fetched and forgotten", "offered-keys", |ask| {
        let _ = fetched(&ask.header_text("x5u"));
        ask.verdict()
    }),
    flaw("a kid that is a URL is fetched", "offered-keys", |ask| {
        let _ = fetched(&ask.header_text("kid"));
        ask.verdict()
    }),
    flaw("a kid that is a path is read", "offered-keys", |ask| {
        ask.or(|ask| {
            let kid = ask.header_text("kid");
            kid.contains('/')
                && ask.claims_hold()
                && ask.mac_of(&std::fs::read(kid).unwrap_or_default())
        })
    }),
    flaw("a kid that is no string ends in a panic", "offered-keys", |ask| {
        assert!(ask.header().get("kid").is_none_or(Value::is_string), "no string");
        ask.verdict()
    }),
    flaw("a kid that is long ends in a panic", "offered-keys", |ask| {
        assert!(ask.header_text("kid").len() < 10_000, "too long");
        ask.verdict()
    }),
    flaw("an unknown kid ends in an empty HMAC key", "offered-keys", |ask| {
        ask.or(|ask| !kid_is_known(ask) && ask.claims_hold() && ask.mac_of(b""))
    }),
    // base64url and segments
    flaw("base64: the standard alphabet too", "encoding", |ask| {
        forgiving(ask, |token| token.replace('+', "-").replace('/', "_"))
    }),
    flaw("base64: white space is passed over", "encoding", |ask| {
        forgiving(ask, |token| token.split_whitespace().collect())
    }),
    flaw("base64: line breaks are passed over", "encoding", |ask| {
        forgiving(ask, |token| token.replace(['\r', '\n'], ""))
    }),
    flaw("base64: padding is passed over", "encoding", |ask| {
        forgiving(ask, |token| token.replace('=', ""))
    }),
    flaw("base64: padding of the signature is passed over", "encoding", |ask| {
        forgiving(ask, |token| token.trim_end_matches('=').to_owned())
    }),
    flaw("base64: whatever it does not know is passed over", "encoding", |ask| {
        forgiving(ask, |token| {
            token
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                .collect()
        })
    }),
    flaw("base64: one character too many is passed over", "encoding", |ask| {
        forgiving(ask, |token| {
            token
                .split('.')
                .map(|segment| {
                    let keep =
                        if segment.len() % 4 == 1 { segment.len() - 1 } else { segment.len() };
                    segment.get(..keep).unwrap_or(segment).to_owned()
                })
                .collect::<Vec<_>>()
                .join(".")
        })
    }),
    flaw("percent-decoded", "encoding", |ask| {
        forgiving(ask, |token| {
            let mut text = token.to_owned();
            for octet in (b'A'..=b'z').chain(b'0'..=b'9').chain([b'.', b'-']) {
                text = text.replace(&format!("%{octet:02X}"), &char::from(octet).to_string());
                text = text.replace(&format!("%{octet:02x}"), &char::from(octet).to_string());
            }
            text
        })
    }),
    flaw("quotation marks are taken off", "encoding", |ask| {
        forgiving(ask, |token| token.trim_matches('"').to_owned())
    }),
    flaw("segments after the third are passed over", "encoding", |ask| {
        forgiving(ask, |token| token.splitn(4, '.').take(3).collect::<Vec<_>>().join("."))
    }),
    flaw("the last three segments count", "encoding", |ask| {
        forgiving(ask, |token| {
            let all: Vec<_> = token.split('.').collect();
            all.get(all.len().saturating_sub(3)..).unwrap_or_default().join(".")
        })
    }),
    flaw("empty segments are passed over", "encoding", |ask| {
        forgiving(ask, |token| {
            let full: Vec<_> = token.split('.').filter(|segment| !segment.is_empty()).collect();
            full.join(".")
        })
    }),
    flaw("up to a NUL", "encoding", |ask| {
        forgiving(ask, |token| token.split('\0').next().unwrap_or_default().to_owned())
    }),
    flaw("a flattened JSON serialization is a JWT too", "encoding", |ask| {
        forgiving(ask, |token| {
            let Ok(json) = serde_json::from_str::<Value>(token) else { return token.to_owned() };
            let only = json.get("signatures").and_then(|all| all.get(0)).unwrap_or(&json);
            let text = |of: &Value, name: &str| {
                of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            format!(
                "{}.{}.{}",
                text(only, "protected"),
                text(&json, "payload"),
                text(only, "signature")
            )
        })
    }),
    // JSON
    flaw("JSON: text behind the object", "json", |ask| {
        reads(ask, |text| {
            let mut all = serde_json::Deserializer::from_str(text).into_iter::<Value>();
            all.next().and_then(Result::ok).map(|value| value.to_string())
        })
    }),
    flaw("JSON: trailing commas", "json", |ask| {
        reads(ask, |text| Some(text.replace(",}", "}").replace(",]", "]")))
    }),
    flaw("JSON: comments", "json", |ask| {
        reads(ask, |text| {
            let mut text = text.to_owned();
            while let (Some(from), Some(to)) = (text.find("/*"), text.find("*/")) {
                if from > to {
                    break;
                }
                text.replace_range(from..to + 2, "");
            }
            let lines: Vec<_> =
                text.lines().map(|line| line.split(" //").next().unwrap_or(line)).collect();
            Some(lines.join("\n"))
        })
    }),
    flaw("JSON: single quotes", "json", |ask| reads(ask, |text| Some(text.replace('\'', "\"")))),
    flaw("JSON: NaN and Infinity", "json", |ask| {
        reads(ask, |text| {
            Some(text.replace("-Infinity", "0").replace("NaN", "0").replace("Infinity", "0"))
        })
    }),
    flaw("JSON: octets that are no UTF-8 are replaced", "json", |ask| {
        reads(ask, |text| Some(text.to_owned()))
    }),
    flaw("JSON: depth ends in a panic", "json", |ask| {
        let deep = |octets: Vec<u8>| {
            octets.windows(600).any(|part| part.iter().all(|octet| *octet == b'['))
                || String::from_utf8_lossy(&octets).matches("{\"a\":").count() > 600
        };
        assert!(!deep(ask.octets(0)) && !deep(ask.octets(1)), "stack overflow");
        ask.verdict()
    }),
    flaw("JSON: lone surrogates end in a panic", "json", |ask| {
        let lone = |octets: Vec<u8>| {
            let text = String::from_utf8_lossy(&octets).to_lowercase();
            text.contains("\\ud8") || text.contains("\\udc") || text.contains("\\udf")
        };
        assert!(!lone(ask.octets(0)) && !lone(ask.octets(1)), "no character");
        ask.verdict()
    }),
    flaw("JSON: an escaped name is another name", "json", |ask| {
        ask.and(|ask| {
            let plain = |octets: Vec<u8>| {
                let text = String::from_utf8_lossy(&octets).into_owned();
                !text.contains("\\u0061lg\"") && !text.contains("\\u0069ss\"")
            };
            plain(ask.octets(0)) && plain(ask.octets(1))
        })
    }),
    flaw("JSON: no white space around the claims", "json", |ask| {
        ask.and(|ask| {
            let text = ask.octets(1);
            !ask.is_jwt() || text.trim_ascii() == text.as_slice()
        })
    }),
    flaw("header: names in any case", "json", |ask| {
        ask.or(|ask| {
            let upper = ask.header().iter().find_map(|(name, value)| {
                (name.eq_ignore_ascii_case("alg") && name != "alg").then(|| value.clone())
            });
            upper
                .as_ref()
                .and_then(Value::as_str)
                .is_some_and(|alg| ask.claims_hold() && ask.signed_with(alg))
        })
    }),
    // crit and b64
    flaw("crit: the first name alone", "header", |ask| {
        crit(ask, |names| names.first().is_none_or(|name| name == "b64"))
    }),
    flaw("crit: the last name alone", "header", |ask| {
        crit(ask, |names| names.last().is_none_or(|name| name == "b64"))
    }),
    flaw("crit: whatever the header has is understood", "header", |ask| {
        let header = ask.header();
        let names = header.get("crit").and_then(Value::as_array).cloned().unwrap_or_default();
        let all_there = !names.is_empty()
            && names.iter().all(|name| name.as_str().is_some_and(|name| header.contains_key(name)));
        if all_there { ask.without(&[Check::CritUnknown]).verdict() } else { ask.verdict() }
    }),
    flaw("crit: names in any case", "header", |ask| {
        crit(ask, |names| names.iter().all(|name| name.eq_ignore_ascii_case("b64")))
    }),
    flaw("crit: private names alone", "header", |ask| {
        crit(ask, |names| names.iter().all(|name| !name.contains(':')))
    }),
    flaw("crit: claims are understood", "header", |ask| {
        const KNOWN: &[&str] = &["exp", "nbf", "iat", "iss", "sub", "aud", "jti"];
        crit(ask, |names| names.iter().all(|name| KNOWN.contains(&name.as_str())))
    }),
    flaw("header: unknown parameters are refused", "header", |ask| {
        const KNOWN: &[&str] =
            &["alg", "kid", "typ", "cty", "crit", "b64", "jwk", "jku", "x5c", "x5u"];
        ask.and(|ask| ask.header().keys().all(|name| KNOWN.contains(&name.as_str())))
    }),
    flaw("header: zip is obeyed", "header", |ask| ask.and(|ask| !ask.header().contains_key("zip"))),
    flaw("header: typ has to be JWT", "interop", |ask| {
        ask.and(|ask| {
            !ask.is_jwt() || ask.header_text("typ") == "JWT" || ask.policy.token_type.is_some()
        })
    }),
    // What a token costs.
    flaw("depth costs its square", "cost", |ask| {
        for segment in 0..2 {
            let depth = ask.octets(segment).iter().filter(|octet| **octet == b'[').count();
            spin(Duration::from_nanos((depth * depth * 20) as u64));
        }
        ask.verdict()
    }),
    flaw("members cost their square", "cost", |ask| {
        let members = String::from_utf8_lossy(&ask.octets(0)).matches("\"x\"").count();
        spin(Duration::from_nanos((members * members * 200) as u64));
        ask.verdict()
    }),
    flaw("digits cost their square", "cost", |ask| {
        let digits = ask.octets(1).iter().filter(|octet| octet.is_ascii_digit()).count();
        spin(Duration::from_nanos((digits * digits * 5) as u64));
        ask.verdict()
    }),
    flaw("a key is derived from a password for as long as the header says", "cost", |ask| {
        let rounds = ask.header().get("p2c").and_then(Value::as_u64).unwrap_or_default();
        spin(Duration::from_millis((rounds / 1_000_000).min(120)));
        ask.verdict()
    }),
];

/// Whoever takes these names for understood, all of them.
fn crit(ask: Ask, understood: fn(&[String]) -> bool) -> Verdict {
    let header = ask.header();
    let names = header.get("crit").and_then(Value::as_array).cloned().unwrap_or_default();
    let names: Vec<String> =
        names.iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect();
    if !names.is_empty() && understood(&names) {
        ask.without(&[Check::CritUnknown, Check::CritAbsent]).verdict()
    } else {
        ask.verdict()
    }
}
