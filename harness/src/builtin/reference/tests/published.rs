//! The vectors of the RFCs, at their own labels.

use serde_json::Value;

use super::*;

const FILES: &[&str] = &[
    include_str!("../../../../../vectors/rfc/derived.json"),
    include_str!("../../../../../vectors/rfc/rfc7515.json"),
    include_str!("../../../../../vectors/rfc/rfc7519.json"),
    include_str!("../../../../../vectors/rfc/rfc7520.json"),
    include_str!("../../../../../vectors/rfc/rfc7797.json"),
    include_str!("../../../../../vectors/rfc/rfc8037.json"),
];

/// A published JWS, with everything it takes to verify it.
struct Vector {
    id: String,
    policy: Policy,
    presented: Presented,
    /// The payload to believe, or `None` where it is to be refused.
    payload: Option<Vec<u8>>,
}

fn vectors() -> Vec<Vector> {
    let documents = FILES.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
    documents
        .flat_map(|document| document["vectors"].as_array().unwrap().clone())
        .filter(|vector| {
            let kind = vector["kind"].as_str().unwrap();
            kind.starts_with("jws-") || (kind == "jwt" && vector["inputs"]["compact"].is_string())
        })
        .filter_map(|vector| {
            let inputs = &vector["inputs"];
            let keys = match (&inputs["jwk_verify"], &inputs["jwks_verify"]) {
                (Value::Null, Value::Null) => Keys::Jwk(oct("")),
                (Value::Null, set) => Keys::Jwks(set.to_string()),
                (jwk, _) => Keys::Jwk(jwk.to_string()),
            };
            let token = match (&inputs["compact"], &inputs["jws"]) {
                (Value::String(compact), _) => compact.clone(),
                (_, json) => json.to_string(),
            };
            let octets = |value: &Value| URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap();
            let expected = &vector["expected"];
            let payload = match expected["result"].as_str().unwrap() {
                "valid" => Some(octets(&expected["payload_b64u"])),
                // The reference is strict where the specification leaves the choice.
                "invalid" | "unsecured" | "policy" => None,
                other => panic!("{other}"),
            };
            let id = vector["id"].as_str().unwrap().to_owned();
            // These come without a key of their own; theirs stands in RFC 7515 A.1.
            if payload.is_some() && matches!(&keys, Keys::Jwk(text) if *text == oct("")) {
                return None;
            }
            let detached = vector["kind"].as_str().unwrap().ends_with("-detached")
                || vector["id"].as_str().unwrap().ends_with("detached");
            let presented = Presented {
                mode: Mode::Jws,
                token: token.into_bytes(),
                detached_payload: payload.clone().filter(|_| detached),
            };
            Some(Vector { id, policy: bare(keys), presented, payload })
        })
        .collect()
}

#[test]
fn vectors_of_the_rfcs_get_the_verdict_on_their_label() {
    let vectors = vectors();
    assert!(vectors.len() > 40, "{}", vectors.len());
    for Vector { id, policy, presented, payload } in vectors {
        let answer = ask(&policy, &presented);
        match payload {
            Some(payload) => {
                assert_eq!(answer.map(|believed| believed.payload), Ok(Some(payload)), "{id}")
            }
            None => assert!(answer.is_err(), "{id}"),
        }
    }
}

#[test]
fn the_named_vectors_are_among_them() {
    let vectors = vectors();
    let accepted = |id: &str| vectors.iter().any(|v| v.id == id && v.payload.is_some());
    for id in [
        "rfc7515-A.1",
        "rfc7515-A.2",
        "rfc7515-A.3",
        "rfc7515-A.4",
        "rfc7515-A.6",
        "rfc7515-A.7",
        "rfc7515-F-derived",
        "rfc7520-4.7-general",
        "rfc7520-4.8",
        "rfc7797-4.2-compact-detached",
        "rfc7797-4.2-flattened",
        "rfc8037-A.4",
        "derived-rfc9864-Ed25519",
    ] {
        assert!(accepted(id), "{id}");
    }
}

#[test]
fn no_vector_survives_a_changed_signature() {
    for Vector { id, policy, mut presented, payload } in vectors() {
        if payload.is_none() {
            continue;
        }
        let text = String::from_utf8(presented.token).unwrap();
        let tampered = match serde_json::from_str::<Value>(&text) {
            Err(_) => flip(&text),
            Ok(mut json) => {
                let change = |own: &mut Value| {
                    own["signature"] = flip(own["signature"].as_str().unwrap()).into();
                };
                match json["signatures"].as_array_mut() {
                    Some(signatures) => signatures.iter_mut().for_each(change),
                    None => {
                        json.as_object_mut().unwrap().remove("signatures");
                        change(&mut json);
                    }
                }
                json.to_string()
            }
        };
        presented.token = tampered.into_bytes();
        assert_eq!(refusal(&policy, &presented), "signature", "{id}");
    }
}

/// The text with its tenth character from the end replaced by another of the alphabet.
fn flip(text: &str) -> String {
    let at = text.len() - 10;
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}
