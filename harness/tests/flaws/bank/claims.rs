//! Claims compared and read the way real software does.
//!
//! Long, because it is one list: an entry a flaw, and each is read alone.

use gauntlet_vectors::Verdict;
use jwks_gauntlet::builtin::reference::Check;
use serde_json::{Map, Value};

use super::{Flaw, How};
use crate::ask::Ask;

const AUDIENCE: &[Check] =
    &[Check::AudMissing, Check::AudType, Check::AudOther, Check::AudUnexpected];
const TIME: &[Check] = &[Check::ExpPassed, Check::ExpType, Check::NbfAhead, Check::NbfType];

/// An `iss` that these two take for the same: the policy's, and the token's.
fn issuer(ask: Ask, same: fn(&str, &Value) -> bool) -> Verdict {
    let Some(theirs) = ask.claims().get("iss").cloned() else { return ask.verdict() };
    ask.policy(|policy| {
        let found = policy
            .issuers
            .iter()
            .position(|issuer| issuer.issuer.as_deref().is_some_and(|ours| same(ours, &theirs)));
        if let Some(found) = found {
            policy.issuers.swap(0, found);
            policy.issuers.truncate(1);
            policy.issuers[0].issuer = None;
        }
    })
    .verdict()
}

fn issuer_text(ask: Ask, same: fn(&str, &str) -> bool) -> Verdict {
    let Some(Value::String(theirs)) = ask.claims().get("iss").cloned() else {
        return ask.verdict();
    };
    ask.policy(|policy| {
        let found = policy
            .issuers
            .iter()
            .position(|issuer| issuer.issuer.as_deref().is_some_and(|ours| same(ours, &theirs)));
        if let Some(found) = found {
            policy.issuers.swap(0, found);
            policy.issuers.truncate(1);
            policy.issuers[0].issuer = None;
        }
    })
    .verdict()
}

/// The audiences that apply to the token's issuer.
fn audiences(ask: &Ask) -> Vec<String> {
    let claims = ask.claims();
    let iss = claims.get("iss").and_then(Value::as_str);
    let own = ask.policy.issuers.iter().find(|issuer| issuer.issuer.as_deref() == iss);
    match own {
        Some(own) if !own.audiences.is_empty() => own.audiences.clone(),
        _ => ask.policy.audiences.clone(),
    }
}

/// Whoever decides on `aud` by this alone.
fn audience(ask: Ask, mine: fn(&[String], Option<&Value>) -> bool) -> Verdict {
    if !ask.is_jwt() {
        return ask.verdict();
    }
    let (ours, claims) = (audiences(&ask), ask.claims());
    ask.without(AUDIENCE).and(|_| mine(&ours, claims.get("aud")))
}

/// The strings of an `aud`.
fn strings(aud: Option<&Value>) -> Vec<String> {
    match aud {
        Some(Value::String(aud)) => vec![aud.clone()],
        Some(Value::Array(auds)) => {
            auds.iter().filter_map(|aud| aud.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

fn audience_text(ask: Ask, same: fn(&str, &str) -> bool) -> Verdict {
    if !ask.is_jwt() {
        return ask.verdict();
    }
    let (ours, claims) = (audiences(&ask), ask.claims());
    let theirs = strings(claims.get("aud"));
    let hit = theirs.iter().any(|theirs| ours.iter().any(|ours| same(ours, theirs)));
    if hit { ask.without(AUDIENCE).verdict() } else { ask.verdict() }
}

/// Whoever decides on time by this alone: the claims, now and the leeway.
fn time(ask: Ask, holds: fn(&Map<String, Value>, i64, i64) -> bool) -> Verdict {
    if !ask.is_jwt() {
        return ask.verdict();
    }
    let (claims, now) = (ask.claims(), ask.now.0);
    let leeway = i64::try_from(ask.policy.leeway_s.unwrap_or(0)).unwrap();
    ask.without(TIME).and(|_| holds(&claims, now, leeway))
}

/// `exp` and `nbf` as they should be, of values that are made numbers by this; `None` is passed over.
fn times(
    claims: &Map<String, Value>,
    now: i64,
    leeway: i64,
    number: impl Fn(&Value) -> Option<f64>,
) -> bool {
    let late = claims.get("exp").and_then(&number).is_some_and(|exp| exp <= (now - leeway) as f64);
    let early = claims.get("nbf").and_then(&number).is_some_and(|nbf| nbf > (now + leeway) as f64);
    !late && !early
}

/// Text to number as scripting languages do it.
fn coerced(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::Array(items) => items.first().and_then(coerced),
        Value::Null => Some(0.0),
        other => other.as_f64(),
    }
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    rest.split(':').next().unwrap_or_default()
}

fn typ(ask: Ask, mine: fn(&str, &Map<String, Value>) -> bool) -> Verdict {
    let Some(demanded) = ask.policy.token_type.clone() else { return ask.verdict() };
    let header = ask.header();
    ask.policy(|policy| policy.token_type = None).and(|_| mine(&demanded, &header))
}

fn header_typ(header: &Map<String, Value>) -> &str {
    header.get("typ").and_then(Value::as_str).unwrap_or_default()
}

const fn flaw(name: &'static str, family: &'static str, bend: fn(Ask) -> Verdict) -> Flaw {
    Flaw { name, family, how: How::Bent(bend) }
}

pub(super) const FLAWS: &[Flaw] = &[
    // iss
    flaw("iss: the token's begins with ours", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| theirs.starts_with(ours))
    }),
    flaw("iss: ours begins with the token's", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| ours.starts_with(theirs))
    }),
    flaw("iss: the token's ends with ours", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| theirs.ends_with(ours))
    }),
    flaw("iss: ours ends with the token's", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| !theirs.is_empty() && ours.ends_with(theirs))
    }),
    flaw("iss: the token's contains ours", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| theirs.contains(ours))
    }),
    flaw("iss: ours contains the token's", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| ours.contains(theirs))
    }),
    flaw("iss: in any case", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| ours.eq_ignore_ascii_case(theirs))
    }),
    flaw("iss: a final slash does not matter", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| ours.trim_end_matches('/') == theirs.trim_end_matches('/'))
    }),
    flaw("iss: white space around it does not matter", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| ours == theirs.trim())
    }),
    flaw("iss: up to a NUL", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| Some(ours) == theirs.split('\0').next())
    }),
    flaw("iss: the host alone", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| host(ours) == host(theirs))
    }),
    flaw("iss: the host alone, in any case", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| host(ours).eq_ignore_ascii_case(host(theirs)))
    }),
    flaw("iss: without the scheme", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| {
            let bare = |url: &str| url.split_once("://").map(|(_, rest)| rest.to_owned());
            bare(ours).is_some() && bare(ours) == bare(theirs)
        })
    }),
    flaw("iss: the default port does not matter", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| theirs.replacen(":443", "", 1) == ours)
    }),
    flaw("iss: without query and fragment", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| theirs.split(['?', '#']).next() == Some(ours))
    }),
    flaw("iss: percent-decoded", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| {
            let mut decoded = theirs.to_owned();
            for octet in 0x20..0x7f_u8 {
                for spelled in [format!("%{octet:02x}"), format!("%{octet:02X}")] {
                    decoded = decoded.replace(&spelled, &char::from(octet).to_string());
                }
            }
            decoded == ours
        })
    }),
    flaw("iss: a period stands for any character", "issuer", |ask| {
        issuer_text(ask, |ours, theirs| {
            ours.chars().count() == theirs.chars().count()
                && ours
                    .chars()
                    .zip(theirs.chars())
                    .all(|(ours, theirs)| ours == theirs || ours == '.')
        })
    }),
    flaw("iss: an array that holds ours", "issuer", |ask| {
        issuer(ask, |ours, theirs| {
            theirs.as_array().is_some_and(|all| all.iter().any(|one| one == ours))
        })
    }),
    flaw("iss: an array of ours alone", "issuer", |ask| {
        issuer(ask, |ours, theirs| {
            theirs.as_array().is_some_and(|all| all.len() == 1 && all[0] == ours)
        })
    }),
    flaw("iss: an object with our name", "issuer", |ask| {
        issuer(ask, |ours, theirs| theirs.get(ours).is_some() || theirs.to_string().contains(ours))
    }),
    flaw("iss: null is as good as none", "issuer", |ask| issuer(ask, |_, theirs| theirs.is_null())),
    flaw("iss: an empty one is as good as none", "issuer", |ask| {
        issuer(ask, |_, theirs| theirs == "")
    }),
    flaw("iss: what is no string is as good as none", "issuer", |ask| {
        issuer(ask, |_, theirs| !theirs.is_string())
    }),
    flaw("iss: an empty array is as good as none", "issuer", |ask| {
        issuer(ask, |_, theirs| theirs.as_array().is_some_and(Vec::is_empty) || theirs.is_null())
    }),
    // aud
    flaw("aud: begins with ours", "audience", |ask| {
        audience_text(ask, |ours, theirs| theirs.starts_with(ours))
    }),
    flaw("aud: ours begins with it", "audience", |ask| {
        audience_text(ask, |ours, theirs| ours.starts_with(theirs))
    }),
    flaw("aud: contains ours", "audience", |ask| {
        audience_text(ask, |ours, theirs| theirs.contains(ours))
    }),
    flaw("aud: ours contains it", "audience", |ask| {
        audience_text(ask, |ours, theirs| ours.contains(theirs))
    }),
    flaw("aud: ends with ours", "audience", |ask| {
        audience_text(ask, |ours, theirs| theirs.ends_with(ours))
    }),
    flaw("aud: in any case", "audience", |ask| {
        audience_text(ask, |ours, theirs| ours.eq_ignore_ascii_case(theirs))
    }),
    flaw("aud: a final slash does not matter", "audience", |ask| {
        audience_text(ask, |ours, theirs| {
            ours.trim_end_matches('/') == theirs.trim_end_matches('/')
        })
    }),
    flaw("aud: white space around it does not matter", "audience", |ask| {
        audience_text(ask, |ours, theirs| ours == theirs.trim())
    }),
    flaw("aud: a text of several, split", "audience", |ask| {
        audience_text(ask, |ours, theirs| theirs.split([' ', ',']).any(|one| one == ours))
    }),
    flaw("aud: the host alone", "audience", |ask| {
        audience_text(ask, |ours, theirs| host(ours) == host(theirs))
    }),
    flaw("aud: the first of an array alone", "audience", |ask| {
        audience(ask, |ours, aud| match (ours, strings(aud).first()) {
            ([], first) => first.is_none(),
            (ours, Some(first)) => ours.contains(first),
            (_, None) => false,
        })
    }),
    flaw("aud: all of an array", "audience", |ask| {
        audience(ask, |ours, aud| {
            let theirs = strings(aud);
            theirs.iter().all(|one| ours.contains(one)) && theirs.is_empty() == ours.is_empty()
        })
    }),
    flaw("aud: an empty array is for everybody", "audience", |ask| {
        audience(ask, |ours, aud| {
            let theirs = strings(aud);
            matches!(aud, Some(Value::Array(all)) if all.is_empty())
                || theirs.iter().any(|one| ours.contains(one))
                || (aud.is_none() && ours.is_empty())
        })
    }),
    flaw("aud: null is as good as none, and none is for everybody", "audience", |ask| {
        audience(ask, |ours, aud| {
            aud.is_none_or(Value::is_null) || strings(aud).iter().any(|one| ours.contains(one))
        })
    }),
    flaw("aud: null is for everybody", "audience", |ask| {
        let is_null = ask.claims().get("aud").is_some_and(Value::is_null);
        if is_null { ask.without(AUDIENCE).verdict() } else { ask.verdict() }
    }),
    flaw("aud: an empty text is for everybody", "audience", |ask| {
        let is_empty = ask.claims().get("aud").is_some_and(|aud| aud == "");
        if is_empty { ask.without(AUDIENCE).verdict() } else { ask.verdict() }
    }),
    flaw("aud: an object with our name", "audience", |ask| {
        audience(ask, |ours, aud| match aud {
            Some(Value::Object(object)) => ours.iter().any(|ours| object.contains_key(ours)),
            _ => {
                strings(aud).iter().any(|one| ours.contains(one))
                    || (aud.is_none() && ours.is_empty())
            }
        })
    }),
    flaw("aud: an array within an array", "audience", |ask| {
        audience(ask, |ours, aud| {
            let flat = aud.map(ToString::to_string).unwrap_or_default();
            (aud.is_none() && ours.is_empty())
                || ours.iter().any(|ours| flat.contains(&format!("\"{ours}\"")))
        })
    }),
    flaw("aud: no arrays", "audience", |ask| {
        ask.and(|ask| !matches!(ask.claims().get("aud"), Some(Value::Array(_))))
    }),
    flaw("aud: the first of ours alone", "audience", |ask| {
        ask.policy(|policy| policy.audiences.truncate(1)).verdict()
    }),
    // exp and nbf
    flaw("exp: the second itself is still good", "time", |ask| {
        time(ask, |claims, now, leeway| {
            let late = |exp: f64| exp < (now - leeway) as f64;
            !claims.get("exp").is_some_and(|exp| exp.as_f64().is_none_or(late))
                && times(claims, now, leeway, |value| {
                    (Some(value) == claims.get("nbf")).then(|| value.as_f64()).flatten()
                })
                && claims.get("nbf").is_none_or(Value::is_number)
        })
    }),
    flaw("time: a minute of leeway that nobody asked for", "time", |ask| {
        ask.policy(|policy| policy.leeway_s = Some(policy.leeway_s.unwrap_or(0) + 60)).verdict()
    }),
    flaw("time: five minutes of leeway in place of what was asked for", "time", |ask| {
        ask.policy(|policy| policy.leeway_s = Some(300)).verdict()
    }),
    flaw("time: a second of leeway too much", "time", |ask| {
        ask.policy(|policy| policy.leeway_s = Some(policy.leeway_s.unwrap_or(0) + 1)).verdict()
    }),
    flaw("time: no leeway although it was asked for", "time", |ask| {
        ask.policy(|policy| policy.leeway_s = None).verdict()
    }),
    flaw("time: the leeway taken off instead of added", "time", |ask| {
        let leeway = i64::try_from(ask.policy.leeway_s.unwrap_or(0)).unwrap();
        let now = ask.now.0;
        ask.policy(|policy| policy.leeway_s = None).at(now + leeway).verdict()
    }),
    flaw("time: texts are numbers too", "time", |ask| {
        time(ask, |claims, now, leeway| times(claims, now, leeway, coerced))
    }),
    flaw("time: what is no number is passed over", "time", |ask| {
        time(ask, |claims, now, leeway| times(claims, now, leeway, Value::as_f64))
    }),
    flaw("time: milliseconds are seconds", "time", |ask| {
        time(ask, |claims, now, leeway| {
            ["exp", "nbf"].iter().all(|name| claims.get(*name).is_none_or(Value::is_number))
                && times(claims, now, leeway, |value| {
                    value.as_f64().map(|value| if value > 1e11 { value / 1000.0 } else { value })
                })
        })
    }),
    flaw("exp: nought is none", "time", |ask| {
        let is_nought = ask.claims().get("exp").is_some_and(|exp| exp.as_f64() == Some(0.0));
        if is_nought { ask.without(&[Check::ExpPassed]).verdict() } else { ask.verdict() }
    }),
    flaw("exp: below nought is none", "time", |ask| {
        let below = ask.claims().get("exp").is_some_and(|exp| exp.as_f64() < Some(0.0));
        if below { ask.without(&[Check::ExpPassed]).verdict() } else { ask.verdict() }
    }),
    flaw("time: below nought wraps around", "time", |ask| {
        time(ask, |claims, now, leeway| {
            ["exp", "nbf"].iter().all(|name| claims.get(*name).is_none_or(Value::is_number))
                && times(claims, now, leeway, |value| {
                    value.as_f64().map(|value| if value < 0.0 { value + 1.8e19 } else { value })
                })
        })
    }),
    flaw("time: 32 bits", "time", |ask| {
        time(ask, |claims, now, leeway| {
            ["exp", "nbf"].iter().all(|name| claims.get(*name).is_none_or(Value::is_number))
                && times(claims, now, leeway, |value| {
                    value.as_f64().map(|value| f64::from(value as i64 as i32))
                })
        })
    }),
    flaw("time: no fractions", "time", |ask| {
        ask.and(|ask| {
            let claims = ask.claims();
            ["exp", "nbf", "iat"]
                .iter()
                .all(|name| claims.get(*name).is_none_or(|value| !value.is_f64()))
        })
    }),
    flaw("nbf: the second itself is too early", "time", |ask| {
        time(ask, |claims, now, leeway| {
            let early = |nbf: f64| nbf >= (now + leeway) as f64;
            !claims.get("nbf").is_some_and(|nbf| nbf.as_f64().is_none_or(early))
                && claims
                    .get("exp")
                    .is_none_or(|exp| exp.as_f64().is_some_and(|exp| exp > (now - leeway) as f64))
        })
    }),
    flaw("nbf: taken for iat", "time", |ask| {
        time(ask, |claims, now, leeway| {
            claims
                .get("exp")
                .is_none_or(|exp| exp.as_f64().is_some_and(|exp| exp > (now - leeway) as f64))
                && claims
                    .get("iat")
                    .and_then(Value::as_f64)
                    .is_none_or(|iat| iat <= (now + leeway) as f64)
        })
    }),
    flaw("exp: only looked at where iat is there", "time", |ask| {
        let has_iat = ask.claims().contains_key("iat");
        if has_iat { ask.verdict() } else { ask.without(TIME).verdict() }
    }),
    // required claims
    flaw("required: the first name alone", "required-claims", |ask| {
        ask.policy(|policy| policy.required_claims.truncate(1)).verdict()
    }),
    flaw("required: registered names alone", "required-claims", |ask| {
        const KNOWN: &[&str] = &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
        ask.policy(|policy| policy.required_claims.retain(|name| KNOWN.contains(&name.as_str())))
            .verdict()
    }),
    flaw("required: anywhere in the text", "required-claims", |ask| {
        let text = String::from_utf8_lossy(&ask.octets(1)).into_owned();
        ask.policy(|policy| policy.required_claims.retain(|name| !text.contains(name.as_str())))
            .verdict()
    }),
    flaw("required: any of them is enough", "required-claims", |ask| {
        let claims = ask.claims();
        ask.policy(|policy| {
            if policy.required_claims.iter().any(|name| claims.contains_key(name)) {
                policy.required_claims.clear();
            }
        })
        .verdict()
    }),
    // token type
    flaw("typ: begins with ours", "token-type", |ask| {
        typ(ask, |ours, header| header_typ(header).starts_with(ours))
    }),
    flaw("typ: ends with ours", "token-type", |ask| {
        typ(ask, |ours, header| header_typ(header).ends_with(ours))
    }),
    flaw("typ: contains ours", "token-type", |ask| {
        typ(ask, |ours, header| header_typ(header).contains(ours))
    }),
    flaw("typ: any that ends in +jwt", "token-type", |ask| {
        typ(ask, |_, header| header_typ(header).ends_with("+jwt"))
    }),
    flaw("typ: missing is as good as ours", "token-type", |ask| {
        typ(ask, |ours, header| {
            !header.contains_key("typ")
                || header_typ(header).trim_start_matches("application/").eq_ignore_ascii_case(ours)
        })
    }),
    flaw("typ: JWT is as good as ours", "token-type", |ask| {
        typ(ask, |ours, header| {
            let typ = header_typ(header).to_ascii_lowercase();
            typ == "jwt" || typ.trim_start_matches("application/") == ours
        })
    }),
    flaw("typ: in cty is as good", "token-type", |ask| {
        typ(ask, |ours, header| {
            header_typ(header).trim_start_matches("application/").eq_ignore_ascii_case(ours)
                || header.get("cty").is_some_and(|cty| cty == ours)
        })
    }),
    flaw("typ: letter by letter", "token-type", |ask| {
        typ(ask, |ours, header| {
            header_typ(header) == ours || header_typ(header) == format!("application/{ours}")
        })
    }),
    flaw("typ: application/ is not known", "token-type", |ask| {
        typ(ask, |ours, header| header_typ(header).eq_ignore_ascii_case(ours))
    }),
    flaw("typ: in an array", "token-type", |ask| {
        typ(ask, |ours, header| match header.get("typ") {
            Some(Value::Array(all)) => all.iter().any(|one| one == ours),
            Some(Value::String(typ)) => {
                let typ = typ.to_ascii_lowercase();
                typ.trim_start_matches("application/") == ours
            }
            _ => false,
        })
    }),
    flaw("typ: before a parameter", "token-type", |ask| {
        typ(ask, |ours, header| {
            let typ = header_typ(header).split(';').next().unwrap_or_default().to_ascii_lowercase();
            typ.trim_start_matches("application/") == ours
        })
    }),
    flaw("typ: what is no string is none", "token-type", |ask| {
        typ(ask, |ours, header| {
            header.get("typ").is_some_and(|typ| !typ.is_string())
                || header_typ(header)
                    .to_ascii_lowercase()
                    .trim_start_matches("application/")
                    .eq(ours)
        })
    }),
    // Whatever else is refused or believed of claims.
    flaw("claims: unknown ones are refused", "interop", |ask| {
        const KNOWN: &[&str] = &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
        ask.and(|ask| {
            !ask.is_jwt() || ask.claims().keys().all(|name| KNOWN.contains(&name.as_str()))
        })
    }),
    flaw("claims: iat is demanded", "interop", |ask| {
        ask.and(|ask| !ask.is_jwt() || ask.claims().contains_key("iat"))
    }),
    flaw("claims: names in any case", "issuer", |ask| {
        let last = |name: &str| {
            let claims = ask.claims();
            let mut named = claims.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
            named.next_back().map(|(_, value)| value.clone())
        };
        let iss = last("iss");
        ask.policy(|policy| {
            let ours = policy.issuers.iter().position(|issuer| {
                issuer
                    .issuer
                    .as_deref()
                    .is_some_and(|ours| iss.as_ref().is_some_and(|iss| iss == ours))
            });
            if let Some(ours) = ours {
                policy.issuers.swap(0, ours);
                policy.issuers.truncate(1);
                policy.issuers[0].issuer = None;
            }
        })
        .verdict()
    }),
    flaw("claims: those of __proto__ count", "json", |ask| {
        let claims = ask.claims();
        let Some(Value::Object(inherited)) = claims.get("__proto__").cloned() else {
            return ask.verdict();
        };
        ask.or(|ask| {
            let absent = |name: &str| !claims.contains_key(name) && inherited.contains_key(name);
            let mut checks = Vec::new();
            for (name, check) in [("iss", Check::IssMissing), ("aud", Check::AudMissing)] {
                if absent(name) {
                    checks.push(check);
                }
            }
            ask.clone().without(&checks).accepts()
        })
    }),
    flaw("claims: only ASCII", "interop", |ask| {
        ask.and(|ask| !ask.is_jwt() || ask.octets(1).is_ascii())
    }),
    flaw("claims: no white space between members", "interop", |ask| {
        ask.and(|ask| !ask.is_jwt() || !String::from_utf8_lossy(&ask.octets(1)).contains("\n"))
    }),
    flaw("claims: the first kilobyte", "interop", |ask| ask.and(|ask| ask.octets(1).len() < 4096)),
];
