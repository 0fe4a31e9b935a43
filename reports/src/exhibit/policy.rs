//! A policy, a member a line or in a few words.

use std::fmt::Write as _;

use gauntlet_vectors::{
    Policy,
    policy::{FetchOptions, Keys, TrustedIssuer},
};
use serde_json::{Value, value::RawValue};

use super::{Bounds, readable, words};

/// A policy with a member a line; key documents are texts in it, and laid out as what they say.
#[must_use]
pub fn lines(policy: &Policy, bounds: &Bounds) -> Vec<String> {
    let mut text = serde_json::to_string(policy).unwrap_or_default();
    for issuer in &policy.issuers {
        if let Keys::Jwks(document) | Keys::Jwk(document) = &issuer.keys
            && serde_json::from_str::<&RawValue>(document).is_ok()
        {
            text = text.replacen(&Value::from(document.as_str()).to_string(), document, 1);
        }
    }
    readable::lines(text.as_bytes(), bounds)
}

/// A policy in a few words: the name of each option that is set, and what it holds.
#[must_use]
pub fn summary(policy: &Policy) -> Vec<(&'static str, String)> {
    let mut told: Vec<(&'static str, String)> =
        policy.issuers.iter().map(|trusted| ("Trusts", trust(trusted))).collect();
    told.push(("Audiences", policy.audiences.join(", ")));
    told.push(("Algorithms", policy.algorithms.join(", ")));
    told.push(("Claims demanded", policy.required_claims.join(", ")));
    told.push(("Type demanded", policy.token_type.clone().unwrap_or_default()));
    told.push(("Leeway", policy.leeway_s.map(|leeway| format!("{leeway} s")).unwrap_or_default()));
    told.push(("Fetching", policy.fetch.as_ref().map(fetching).unwrap_or_default()));
    told.retain(|(_, value)| !value.is_empty());
    told
}

fn trust(trusted: &TrustedIssuer) -> String {
    let name = trusted.issuer.as_deref().unwrap_or("whoever signs");
    let mut text = format!("{name}, with {}", keys(&trusted.keys));
    for (what, list) in [("algorithms", &trusted.algorithms), ("audiences", &trusted.audiences)] {
        if !list.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(text, "; {what} of its own: {}", list.join(", "));
        }
    }
    text
}

fn keys(keys: &Keys) -> String {
    let octets = |octets: &[u8]| match octets.len() {
        1 => "1 octet".to_owned(),
        more => format!("{more} octets"),
    };
    match keys {
        Keys::Jwks(document) => format!("the key set {}", words::kids(document.as_bytes())),
        Keys::JwksB64(document) => {
            format!("a key set of {} that is not UTF-8", octets(document))
        }
        Keys::JwksUri(uri) => format!("the key set at {uri}"),
        Keys::Discovery(issuer) => format!("the key set that the metadata of {issuer} name"),
        Keys::Jwk(document) => format!("one JWK of {}", octets(document.as_bytes())),
        Keys::Pem(text) => format!("one key in PEM, {}", octets(text.as_bytes())),
        Keys::DerB64(key) => format!("one key in DER, {}", octets(key)),
        Keys::SecretB64(secret) => format!("a secret of {}", octets(secret)),
    }
}

fn fetching(options: &FetchOptions) -> String {
    let number = |name: &str, value: Option<u64>| value.map(|value| format!("{name} {value}"));
    let told = [
        number("timeout_ms", options.timeout_ms),
        number("max_age_s", options.max_age_s),
        number("cooldown_s", options.cooldown_s),
        number("max_stale_s", options.max_stale_s),
        number("max_bytes", options.max_bytes),
        options.ca_file.as_ref().map(|file| format!("ca_file {file}")),
    ];
    told.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_told_by_the_options_that_are_set() {
        let mut policy = Policy::trusting(Keys::SecretB64(vec![0]));
        assert_eq!(
            summary(&policy),
            [("Trusts", "whoever signs, with a secret of 1 octet".to_owned())]
        );
        policy.leeway_s = Some(0);
        policy.fetch = Some(FetchOptions { max_age_s: Some(300), ..FetchOptions::default() });
        let told = summary(&policy);
        assert_eq!(
            told[1..],
            [("Leeway", "0 s".to_owned()), ("Fetching", "max_age_s 300".to_owned())]
        );
    }
}
