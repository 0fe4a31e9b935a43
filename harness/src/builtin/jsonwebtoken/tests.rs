//! The adapter stays thin, and what it names is what it does.

mod by_hand;
mod causes;

use jsonwebtoken::{EncodingKey, encode, get_current_timestamp};
use serde_json::json;

use super::*;

const A1_KEY: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const A1_TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const SECRET: &[u8] = b"thirty-two octets and some more.";

fn verdict(policy: &Policy, mode: Mode, token: &str) -> Verdict {
    let verifier = Jsonwebtoken.configure(policy, NumericDate::VIRTUAL).unwrap();
    let presented = Presented { mode, token: token.as_bytes().to_vec(), detached_payload: None };
    verifier.verify(&presented, NumericDate::VIRTUAL).unwrap()
}

fn accepts(policy: &Policy, token: &str) -> bool {
    matches!(verdict(policy, Mode::Jwt, token), Verdict::Accept(_))
}

fn secret() -> Policy {
    Policy::trusting(Keys::SecretB64(SECRET.to_vec()))
}

fn named(policy: &mut Policy, name: &str) {
    policy.issuers[0].issuer = Some(name.to_owned());
}

fn mint(header: &Header, claims: Value) -> String {
    encode(header, &claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

fn soon() -> u64 {
    get_current_timestamp() + 600
}

#[test]
fn names_the_release_in_the_lock_file() {
    let beside = |file: &str| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    // Beside the workspace, or beside the packaged crate.
    let lock = std::fs::read_to_string(beside("../Cargo.lock"))
        .or_else(|_| std::fs::read_to_string(beside("Cargo.lock")))
        .unwrap();
    assert!(lock.contains(&format!("name = \"jsonwebtoken\"\nversion = \"{VERSION}\"\n")));
}

#[test]
fn the_vector_of_rfc_7515_passes_as_jws_and_has_expired_as_jwt() {
    let jwk = format!(r#"{{"kty":"oct","k":"{A1_KEY}","kid":"a1"}}"#);
    let set = Policy::trusting(Keys::Jwks(format!(r#"{{"keys":[{jwk}]}}"#)));
    for policy in [Policy::trusting(Keys::Jwk(jwk)), set] {
        let Verdict::Accept(believed) = verdict(&policy, Mode::Jws, A1_TOKEN) else { panic!() };
        assert!(believed.payload.unwrap().starts_with(b"{\"iss\":\"joe\""));
        let tampered = A1_TOKEN.replace("eyJpc3Mi", "eyJpc3Nj");
        assert!(matches!(verdict(&policy, Mode::Jws, &tampered), Verdict::Reject { .. }));
        let Verdict::Reject { error } = verdict(&policy, Mode::Jwt, A1_TOKEN) else { panic!() };
        assert!(error.contains("ExpiredSignature"), "{error}");
    }
}

#[test]
fn the_allow_list_holds_in_both_modes() {
    let token = mint(&Header::new(Algorithm::HS256), json!({ "exp": soon() }));
    let mut policy = secret();
    assert!(accepts(&policy, &token));
    policy.algorithms = vec!["HS384".into(), "RS256".into()];
    assert!(!accepts(&policy, &token));
    assert!(matches!(verdict(&policy, Mode::Jws, &token), Verdict::Reject { .. }));
    policy.algorithms = vec!["RS256".into(), "HS256".into(), "ES512".into()];
    assert!(accepts(&policy, &token));
}

#[test]
fn a_jwk_speaks_for_its_algorithm_where_the_policy_does_not() {
    let jwk = format!(r#"{{"kty":"oct","k":"{}","alg":"HS384"}}"#, URL_SAFE_NO_PAD.encode(SECRET));
    let policy = Policy::trusting(Keys::Jwk(jwk));
    let claims = json!({ "exp": soon() });
    assert!(!accepts(&policy, &mint(&Header::new(Algorithm::HS256), claims.clone())));
    assert!(accepts(&policy, &mint(&Header::new(Algorithm::HS384), claims)));
    let jwk =
        format!(r#"{{"kty":"oct","k":"{}","alg":"RSA-OAEP"}}"#, URL_SAFE_NO_PAD.encode(SECRET));
    let refusal = Jsonwebtoken.configure(&Policy::trusting(Keys::Jwk(jwk)), NumericDate::VIRTUAL);
    assert!(matches!(refusal.err(), Some(Refusal::Rejected { .. })));
}

#[test]
fn issuer_audience_and_required_claims_must_be_there_and_match() {
    let mut policy = secret();
    policy.audiences = vec!["api".into()];
    named(&mut policy, "issuer");
    let header = Header::default();
    let good = json!({ "iss": "issuer", "aud": ["x", "api"], "exp": soon(), "nbf": 1 });
    assert!(accepts(&policy, &mint(&header, good.clone())));
    for name in ["iss", "aud", "exp"] {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(name);
        assert!(!accepts(&policy, &mint(&header, without)), "{name}");
    }
    let mut early = good.clone();
    early["nbf"] = (soon() + 600).into();
    assert!(!accepts(&policy, &mint(&header, early)));
    policy.required_claims = vec!["sub".into()];
    assert!(!accepts(&policy, &mint(&header, good)));
    policy.required_claims = vec!["tenant".into()];
    let refusal = Jsonwebtoken.configure(&policy, NumericDate::VIRTUAL).err();
    assert!(matches!(refusal, Some(Refusal::Unsupported { .. })), "{refusal:?}");
}

#[test]
fn several_issuers_are_told_apart_by_iss() {
    let mut policy = secret();
    named(&mut policy, "one");
    policy.issuers.push(TrustedIssuer {
        issuer: Some("two".into()),
        keys: Keys::SecretB64(b"another secret of thirty-two byte".to_vec()),
        algorithms: Vec::new(),
        audiences: Vec::new(),
    });
    let token = |iss: &str| mint(&Header::default(), json!({ "iss": iss, "exp": soon() }));
    assert!(accepts(&policy, &token("one")));
    assert!(!accepts(&policy, &token("two")));
    assert!(!accepts(&policy, &token("three")));
}

#[test]
fn a_set_wants_a_kid_unless_it_has_one_key() {
    let jwk = |kid: &str| {
        format!(r#"{{"kty":"oct","kid":"{kid}","k":"{}"}}"#, URL_SAFE_NO_PAD.encode(SECRET))
    };
    let set = |keys: &[String]| {
        Policy::trusting(Keys::Jwks(format!(r#"{{"keys":[{}]}}"#, keys.join(","))))
    };
    let with = |kid: Option<&str>| {
        let header = Header { kid: kid.map(str::to_owned), ..Header::default() };
        mint(&header, json!({ "exp": soon() }))
    };
    assert!(accepts(&set(&[jwk("a")]), &with(None)));
    assert!(!accepts(&set(&[jwk("a"), jwk("b")]), &with(None)));
    assert!(accepts(&set(&[jwk("a"), jwk("b")]), &with(Some("b"))));
    assert!(!accepts(&set(&[jwk("a")]), &with(Some("c"))));
}

#[test]
fn a_panic_of_the_library_is_an_exception_and_not_our_end() {
    let caught = catch_unwind(|| panic!("overflow")).unwrap_err();
    assert_eq!(exception(caught.as_ref()), NoAnswer::Exception { text: "panic: overflow".into() });
}
