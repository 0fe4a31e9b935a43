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
        if let [protected, payload, _] = segments.as_slice()
            && let Some(protected) = from_base64url(protected)
        {
            // An empty segment without a payload beside the token is an empty payload.
            let beside = detached_payload.filter(|_| payload.is_empty());
            return match beside {
                Some(beside) => Self { protected: Some(protected), payload: Some(beside.to_vec()) },
                None => Self::with(Some(protected), payload),
            };
        }
        match serde_json::from_slice(token) {
            Ok(jws @ Value::Object(_)) => {
                let first = jws.pointer("/signatures/0").unwrap_or(&jws);
                let protected = first.get("protected").and_then(Value::as_str);
                let protected = protected.and_then(from_base64url);
                match jws.get("payload").and_then(Value::as_str) {
                    Some(payload) => Self::with(protected, payload.as_bytes()),
                    None => Self { protected, payload: detached_payload.map(<[u8]>::to_vec) },
                }
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

    fn with(protected: Option<Vec<u8>>, payload: &[u8]) -> Self {
        let unencoded = protected.as_deref().is_some_and(leaves_payload_unencoded);
        let payload = if unencoded { Some(payload.to_vec()) } else { from_base64url(payload) };
        Self { protected, payload }
    }
}

/// Whether a header says `b64` false (RFC 7797 §3).
fn leaves_payload_unencoded(protected: &[u8]) -> bool {
    let header: Option<Value> = serde_json::from_slice(protected).ok();
    header.is_some_and(|header| header.get("b64") == Some(&Value::Bool(false)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::base64url;

    fn token(header: &str, payload: &str) -> Vec<u8> {
        format!("{}.{payload}.AA", base64url(header.as_bytes())).into_bytes()
    }

    #[test]
    fn reads_a_compact_token() {
        let survey = Survey::of(&token("{}", "Zm9v"), None);
        assert_eq!(survey.protected.unwrap(), b"{}");
        assert_eq!(survey.payload.unwrap(), b"foo");
    }

    #[test]
    fn takes_the_payload_beside_a_token_only_where_the_token_has_none() {
        let beside = Some(b"beside".as_slice());
        assert_eq!(Survey::of(&token("{}", ""), beside).payload.unwrap(), b"beside");
        assert_eq!(Survey::of(&token("{}", "Zm9v"), beside).payload.unwrap(), b"foo");
        assert_eq!(Survey::of(&token("{}", ""), None).payload.unwrap(), b"");
        assert_eq!(Survey::of(b"{\"signature\":\"\"}", beside).payload.unwrap(), b"beside");
    }

    #[test]
    fn reads_a_payload_as_it_stands_where_b64_is_false() {
        let survey = Survey::of(&token(r#"{"b64":false}"#, "$"), None);
        assert_eq!(survey.payload.unwrap(), b"$");
        let header = base64url(br#"{"b64":false}"#);
        let json = format!(r#"{{"payload":"$.02","signatures":[{{"protected":"{header}"}}]}}"#);
        let survey = Survey::of(json.as_bytes(), None);
        assert_eq!(survey.payload.unwrap(), b"$.02");
        assert_eq!(survey.protected.unwrap(), br#"{"b64":false}"#);
    }

    #[test]
    fn makes_nothing_of_what_is_no_token() {
        for text in ["", "a", "a.b", "*.b.c", "e30.e30.e30.e30", "[]", "7", "{"] {
            assert_eq!(Survey::of(text.as_bytes(), Some(b"beside")), Survey::default(), "{text}");
        }
        assert_eq!(Survey::of(b"\xff.\xff.\xff", None), Survey::default());
        assert_eq!(Survey::of(b"{}", None), Survey::default());
    }

    #[test]
    fn keeps_what_stands_beside_a_malformed_part() {
        let survey = Survey::of(b"e30.Zm9v.*", None);
        assert_eq!(
            (survey.protected, survey.payload),
            (Some(b"{}".to_vec()), Some(b"foo".to_vec()))
        );
        let survey = Survey::of(&token("{}", "*"), None);
        assert_eq!((survey.protected, survey.payload), (Some(b"{}".to_vec()), None));
    }
}
