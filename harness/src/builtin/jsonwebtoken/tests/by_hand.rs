//! What the catalogue finds in the crate, done by hand: the crate, a token and a key in text, and nothing
//! of ours. Which cases each of them stands behind is told in [`super::causes`].
//!
//! A test that fails after an update says that the crate has changed: the cause goes.

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, crypto, decode, decode_header,
    errors::Error,
    jwk::{Jwk, JwkSet},
};
use serde_json::{Value, json};

/// Thirty-two octets, and sixty-four.
const K32: &str = "YSBzZWNyZXQgb2YgdGhpcnR5LXR3byBvY3RldHMuLi4";
const K64: &str =
    "YSBzZWNyZXQgb2Ygc2l4dHktZm91ciBvY3RldHMsIHdoaWNoIGlzIGVub3VnaCBmb3IgSFM1MTIgdG9vLi4uLg";

/// `{"alg":"HS256"}`, `{"sub":"alice","exp":4102444800}` (the year 2100) under [`K32`].
const PLAIN_UNDER_K32: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.EA1gdERF3jBeikHlMts_KYH30qEmOvtQM_6JTmupH2o";
/// The same under [`K64`].
const PLAIN_UNDER_K64: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.kVITbE9GlfUpaP4u-Xan-2zo1P9MbVzQDefJybDpsBM";

/// `"crit":["urn:example:unknown"]`, `"crit":["exp"]` beside a header `exp`, `"crit":["b64"]` with `b64`
/// false, and with `b64` as the text "false"; under [`K32`].
const CRITICAL: [&str; 4] = [
    "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsidXJuOmV4YW1wbGU6dW5rbm93biJdLCJ1cm46ZXhhbXBsZTp1bmtub3duIjp0cnVlfQ.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.zsYJuS-hWpLZf6bM-8Lrh0uaXCN5Z1aqrtkc5zHH3EM",
    "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiZXhwIl0sImV4cCI6MX0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.F6aEBBhIdkQm93IR_8IMIIZxn_NAfneCdrDPkswMt7E",
    "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il0sImI2NCI6ZmFsc2V9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.ut36Zvvd2Y1VVtRwTxmOK-ufze7jc9Wm0TBrdBqbAGo",
    "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il0sImI2NCI6ImZhbHNlIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.g72dQg3qQCRizd1Rw6ywwn8uOHBzKeidy55Br-73zN8",
];

fn oct(k: &str, more: &Value) -> DecodingKey {
    let mut jwk = json!({ "kty": "oct", "k": k });
    jwk.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    DecodingKey::from_jwk(&serde_json::from_value::<Jwk>(jwk).unwrap()).unwrap()
}

fn claims(token: &str, key: &DecodingKey, validation: &Validation) -> Result<Value, Error> {
    decode::<Value>(token, key, validation).map(|data| data.claims)
}

#[test]
pub(super) fn critical_extensions_are_not_looked_at() {
    let key = oct(K32, &json!({}));
    for token in CRITICAL {
        assert!(claims(token, &key, &Validation::new(Algorithm::HS256)).is_ok(), "{token}");
    }
}

#[test]
pub(super) fn critical_extensions_are_left_to_the_user_of_a_bare_jws() {
    let key = oct(K32, &json!({}));
    for token in CRITICAL {
        assert!(decode_header(token).unwrap().crit.is_some());
        let (message, signature) = token.rsplit_once('.').unwrap();
        assert!(crypto::verify(signature, message.as_bytes(), &key, Algorithm::HS256).unwrap());
    }
}

#[test]
pub(super) fn one_of_several_issuers_in_an_array_is_enough() {
    // `"iss":["https://issuer.test","https://other.test"]` under `K32`.
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOlsiaHR0cHM6Ly9pc3N1ZXIudGVzdCIsImh0dHBzOi8vb3RoZXIudGVzdCJdLCJleHAiOjQxMDI0NDQ4MDB9.OV2zAPAr5-0x1aqczS98R4WNjv0wuHzsLrY5Fx5e7E4";
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&["https://issuer.test"]);
    validation.set_required_spec_claims(&["exp", "iss"]);
    let believed = claims(token, &oct(K32, &json!({})), &validation).unwrap();
    assert_eq!(believed["iss"], json!(["https://issuer.test", "https://other.test"]));
}

#[test]
pub(super) fn an_hmac_key_may_be_shorter_than_its_hash() {
    // Under the six octets of the README's `secret`, and an HS512 under the thirty-two of `K32`.
    let hs256 = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.P5ScZaGBjbJFJvIyAyATt-Eav0BkBHBCV_VAucsGu4s";
    let hs512 = "eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.2OoCHiRu7xInxE-Izs2igDQaa52Khds6wygmYRqyPBSSDbGMmS6HMxwo0v6t0JZMSI_ep1i5OZrdT8_sn8Gz5Q";
    for key in [DecodingKey::from_secret(b"secret"), oct("c2VjcmV0", &json!({}))] {
        assert!(claims(hs256, &key, &Validation::new(Algorithm::HS256)).is_ok());
    }
    assert!(claims(hs512, &oct(K32, &json!({})), &Validation::new(Algorithm::HS512)).is_ok());
}

#[test]
pub(super) fn a_key_does_not_keep_the_alg_of_its_jwk() {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.algorithms = vec![Algorithm::HS256, Algorithm::HS512];
    for alg in ["HS512", "A256KW", "RSA-OAEP", "HS256-custom"] {
        let key = oct(K64, &json!({ "alg": alg }));
        assert!(claims(PLAIN_UNDER_K64, &key, &validation).is_ok(), "{alg}");
    }
}

#[test]
pub(super) fn a_key_does_not_keep_the_purpose_of_its_jwk() {
    for purpose in [json!({ "use": "enc" }), json!({ "key_ops": ["deriveBits"] })] {
        let key = oct(K32, &purpose);
        let accepted = claims(PLAIN_UNDER_K32, &key, &Validation::new(Algorithm::HS256));
        assert!(accepted.is_ok(), "{purpose}");
    }
}

#[test]
pub(super) fn a_member_of_another_type_loses_the_whole_set() {
    let set = |more: Value| {
        let mut beside = json!({ "kty": "oct", "k": K64 });
        beside.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "keys": [{ "kty": "oct", "k": K32, "kid": "good" }, beside] }).to_string()
    };
    assert!(serde_json::from_str::<JwkSet>(&set(json!({ "kid": "beside" }))).is_ok());
    for more in [
        json!({ "kid": 7 }),
        json!({ "kid": {} }),
        json!({ "use": ["sig"] }),
        json!({ "key_ops": 1 }),
        json!({ "x5c": "%" }),
    ] {
        assert!(serde_json::from_str::<JwkSet>(&set(more.clone())).is_err(), "{more}");
    }
}

#[test]
pub(super) fn of_two_keys_of_one_name_the_first_is_found() {
    let set: JwkSet = serde_json::from_str(
        r#"{"keys":[
            {"kty":"EC","crv":"P-256","kid":"2026","x":"7AwvTqCJl2WdnOuHXTzpTNrwmrIEX6zsS_pCEOrziXk","y":"4APOpnBdRNc9maHABAo060Ebcr3OoHQtw8bHo0uUFe0"},
            {"kty":"OKP","crv":"Ed25519","kid":"2026","x":"WJQhDtSj4_Mln9KlLc_Nj_pEfak2UBhim7Xq9Dq8Zvg"}
        ]}"#,
    )
    .unwrap();
    // `{"alg":"EdDSA","kid":"2026"}`, good under the second.
    let token = "eyJhbGciOiJFZERTQSIsImtpZCI6IjIwMjYifQ.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.ta19Kzx7xCrUrz5q0zFqW90cz45EJQXbLUUU7Kz5wG94uV_Rjq3FpHrEA4B28FBhBOHm5as0iHPZ_K4V4KHfAg";
    let accepted = |jwk: &Jwk| {
        let key = DecodingKey::from_jwk(jwk).unwrap();
        claims(token, &key, &Validation::new(Algorithm::EdDSA)).is_ok()
    };
    assert!(!accepted(set.find("2026").unwrap()));
    assert!(accepted(&set.keys[1]));
}
