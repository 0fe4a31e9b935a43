//! What can be read of a token that the forge did not make.
//!
//! Published tokens may be malformed on purpose, so that all of it is a best effort: the judge and
//! `explain` take what there is. No verdict may hang on it where the case can say what it expects.

use serde_json::Value;

use super::encode::from_base64url;

/// Protected header and payload of a token, as far as they could be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// The decoded octets of the protected header, of the first signature where there are several.
    pub(super) protected: Option<Vec<u8>>,
    /// The payload octets: those that travel beside the token where it has none of its own.
    pub(super) payload: Option<Vec<u8>>,
}

impl Survey {
    /// Reads a compact serialization, or else a JSON serialization.
    pub(super) fn of(token: &[u8], detached_payload: Option<&[u8]>) -> Self {
        let segments: Vec<&[u8]> = token.split(|octet| *octet == b'.').collect();
        if let [protected, payload, signature] = segments.as_slice()
            && from_base64url(signature).is_some()
            && let Some(protected) = from_base64url(protected)
        {
            let embedded = (!payload.is_empty()).then_some(*payload);
            return Self::with(Some(protected), embedded, detached_payload);
        }
        match serde_json::from_slice(token) {
            Ok(jws @ Value::Object(_)) => {
                let first = jws.pointer("/signatures/0").unwrap_or(&jws);
                let protected = first.get("protected").and_then(Value::as_str);
                let embedded = jws.get("payload").and_then(Value::as_str).map(str::as_bytes);
                Self::with(protected.and_then(from_base64url), embedded, detached_payload)
            }
            Ok(
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_),
            )
            | Err(_) => Self::default(),
        }
    }

    fn with(
        protected: Option<Vec<u8>>,
        embedded: Option<&[u8]>,
        detached_payload: Option<&[u8]>,
    ) -> Self {
        let payload = match embedded {
            Some(unencoded) if protected.as_deref().is_some_and(leaves_payload_unencoded) => {
                Some(unencoded.to_vec())
            }
            Some(encoded) => from_base64url(encoded),
            // Nothing beside the token and nothing in it: an empty payload.
            None => Some(detached_payload.unwrap_or_default().to_vec()),
        };
        Self { protected, payload }
    }
}

/// Whether a header says `b64` false (RFC 7797 §3).
fn leaves_payload_unencoded(protected: &[u8]) -> bool {
    let header: Option<Value> = serde_json::from_slice(protected).ok();
    header.is_some_and(|header| header.get("b64") == Some(&Value::Bool(false)))
}
