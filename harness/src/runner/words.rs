//! What happens in a step, in words: the same in the record, in `explain` and in `replay`.

use gauntlet_vectors::{
    Recipe,
    forge::Published,
    recipe::{Json, Signing},
    timeline::{Fault, Spans},
};
use serde_json::Value;

use super::{
    execute::permitted_words,
    prepare::{Fetches, PreparedStep, Shown},
};

/// How many keys of a set are named.
const NAMED: usize = 4;

/// What happens in a step.
#[must_use]
pub fn step(step: &PreparedStep, spans: &Spans) -> String {
    match step {
        PreparedStep::Verify(shown) => format!("{} is shown{}", shown.label, to(shown)),
        PreparedStep::VerifyAll(all) => {
            format!("{} tokens are shown at once: {}", all.len(), first(all))
        }
        PreparedStep::VerifyEach(all) => {
            format!("{} tokens are shown one after the other: {}", all.len(), first(all))
        }
        PreparedStep::Advance(span) => {
            let seconds = span.of(spans);
            if span.is_plain() {
                format!("{seconds} s pass")
            } else {
                format!("{seconds} s pass ({span})")
            }
        }
        PreparedStep::Configure { verifier, .. } => format!("the verifier `{verifier}` is made"),
        PreparedStep::Publish { issuer, serves } => {
            format!("issuer {issuer} publishes {}", published(serves))
        }
        PreparedStep::Fault { issuer, rule } => {
            let after = match rule.after {
                0 => String::new(),
                good => format!(" after {good} good answers"),
            };
            let times = rule.times.map(|times| format!(", {times} times")).unwrap_or_default();
            let endpoint = rule.at.words();
            let fault = fault(&rule.fault);
            format!("the {endpoint} of issuer {issuer} fails{after}{times}: {fault}")
        }
        PreparedStep::Mend { issuer } => format!("issuer {issuer} is mended"),
        PreparedStep::Within(span, shown) => {
            let seconds = span.of(spans);
            format!("{} is shown again and again, for {seconds} s at most ({span})", shown.label)
        }
        PreparedStep::ExpectFetches(Fetches { issuer, of, .. }) => {
            format!("the fetches of the {} of issuer {issuer} are counted", of.words())
        }
        PreparedStep::ExpectPrompt => "the time of the last answer is looked at".to_owned(),
        PreparedStep::ExpectQuiet(_) => "nobody was asked".to_owned(),
        PreparedStep::ExpectCost(_) => "the cost is looked at".to_owned(),
    }
}

/// What is permitted in a step, as far as it does not hang on what a verifier says of itself.
#[must_use]
pub fn permitted(step: &PreparedStep) -> Vec<String> {
    match step {
        PreparedStep::Verify(shown) | PreparedStep::Within(_, shown) => {
            permitted_words(&shown.permitted)
        }
        PreparedStep::VerifyAll(all) | PreparedStep::VerifyEach(all) => {
            all.first().map(|shown| permitted_words(&shown.permitted)).unwrap_or_default()
        }
        PreparedStep::ExpectFetches(Fetches { min, max, .. }) => {
            vec![fetches(u64::from(*min), max.map(u64::from))]
        }
        PreparedStep::ExpectPrompt => vec!["an answer in time".to_owned()],
        PreparedStep::ExpectQuiet(_) => vec!["no connection".to_owned()],
        PreparedStep::ExpectCost(times) => vec![format!("at most {times} times the cost")],
        PreparedStep::Advance(_)
        | PreparedStep::Configure { .. }
        | PreparedStep::Publish { .. }
        | PreparedStep::Fault { .. }
        | PreparedStep::Mend { .. } => Vec::new(),
    }
}

/// How many fetches there may be.
pub(super) fn fetches(min: u64, max: Option<u64>) -> String {
    let of =
        |count: u64| if count == 1 { "1 fetch".to_owned() } else { format!("{count} fetches") };
    match max {
        Some(max) if max == min => of(max),
        Some(max) if min == 0 => format!("at most {}", of(max)),
        Some(max) => format!("{min} to {}", of(max)),
        None => format!("at least {}", of(min)),
    }
}

/// What an issuer serves.
#[must_use]
pub fn published(serves: &Published) -> String {
    let keys = serves.keys.as_ref().map(|keys| format!("the key set {}", kids(keys)));
    let headers = serves.headers.as_ref().map(|headers| {
        let fields: Vec<String> =
            headers.iter().map(|(name, value)| format!("`{name}: {value}`")).collect();
        if fields.is_empty() { "no header fields".to_owned() } else { fields.join(", ") }
    });
    let metadata = serves.metadata.as_ref().map(|_| "metadata".to_owned());
    let all: Vec<String> = [keys, headers, metadata].into_iter().flatten().collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(" with ") }
}

/// The word of a fault in recipes, with what belongs to it.
#[must_use]
pub fn fault(fault: &Fault) -> String {
    match serde_json::to_value(fault) {
        Ok(Value::String(word)) => word,
        Ok(Value::Object(members)) => {
            let told = members.iter().map(|(word, of)| {
                let of = of.as_object().map_or_else(
                    || plain(of),
                    |of| of.values().map(plain).collect::<Vec<_>>().join(" "),
                );
                format!("{word} {of}")
            });
            told.collect::<Vec<_>>().join(", ")
        }
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Who signed a token, in whose name, under which name of a key.
pub(super) fn token(recipe: &Recipe) -> String {
    let Recipe::Jws(jws) = recipe else { return "a token".to_owned() };
    let member = |json: &Json, name: &str| match json {
        Json::Members(members) => {
            members.iter().find(|(known, _)| known == name).map(|(_, value)| plain(value))
        }
        Json::Text(_) | Json::Octets(_) | Json::Token(_) => None,
    };
    let kid = jws.protected.as_ref().and_then(|header| member(header, "kid"));
    let by = if let Signing::Key { key, .. } = &jws.signing {
        format!("a token by {key}")
    } else {
        "a token without a genuine signature".to_owned()
    };
    let signer = if let Signing::Key { key, .. } = &jws.signing { key.as_str() } else { "" };
    let under = match kid {
        Some(kid) if kid != signer => format!(" under `{kid}`"),
        Some(_) => String::new(),
        None => " without `kid`".to_owned(),
    };
    let iss = member(&jws.payload, "iss").filter(|iss| iss != "https://issuer.test");
    let name = iss.map(|iss| format!(" in the name of {iss}")).unwrap_or_default();
    format!("{by}{under}{name}")
}

fn first(all: &[Shown]) -> &str {
    all.first().map_or("none", |shown| shown.label.as_str())
}

fn to(shown: &Shown) -> String {
    if shown.verifier == gauntlet_vectors::timeline::MAIN {
        String::new()
    } else {
        format!(" to `{}`", shown.verifier)
    }
}

/// The `kid`s of a set as it is served.
fn kids(document: &[u8]) -> String {
    let read: Option<Value> = serde_json::from_slice(document).ok();
    let keys = read.as_ref().and_then(|set| set.get("keys")).and_then(Value::as_array);
    match keys {
        Some(keys) if keys.is_empty() => "without a key".to_owned(),
        Some(keys) => {
            let names = keys.iter().take(NAMED).map(|key| {
                key.get("kid").and_then(Value::as_str).unwrap_or("a key without `kid`").to_owned()
            });
            let more = if keys.len() > NAMED { ", …" } else { "" };
            format!("[{}{more}]", names.collect::<Vec<_>>().join(", "))
        }
        None => format!("that is none, of {} octets", document.len()),
    }
}

#[cfg(test)]
mod tests {
    use gauntlet_vectors::timeline::TlsFault;

    use super::*;

    #[test]
    fn faults_are_told_by_their_words() {
        for (of, words) in [
            (Fault::Silent, "silent"),
            (Fault::Status(503), "status 503"),
            (Fault::Tls(TlsFault::WrongName), "tls wrong_name"),
            (
                Fault::Redirect { status: 302, to: "{issuer.1}".to_owned() },
                "redirect 302 {issuer.1}",
            ),
        ] {
            assert_eq!(fault(&of), words);
        }
    }

    #[test]
    fn counts_are_told_as_a_person_would() {
        for (min, max, words) in [
            (1, Some(1), "1 fetch"),
            (0, Some(0), "0 fetches"),
            (0, Some(20), "at most 20 fetches"),
            (1, Some(4), "1 to 4 fetches"),
            (2, None, "at least 2 fetches"),
        ] {
            assert_eq!(fetches(min, max), words);
        }
    }
}
