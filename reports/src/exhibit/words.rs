//! What is shown, served and broken in a case, in a few words each.

use gauntlet_vectors::{
    Recipe,
    forge::Published,
    recipe::{Json, Signing},
    timeline::Fault,
};
use serde_json::Value;

/// How many keys of a set are named.
const NAMED: usize = 4;

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
#[must_use]
pub fn token(recipe: &Recipe) -> String {
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

/// The `kid`s of a set as it is served.
pub(super) fn kids(document: &[u8]) -> String {
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
}
