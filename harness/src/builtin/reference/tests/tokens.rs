//! Tokens that are good, and choices among keys and issuers.

use proptest::prelude::*;

use super::*;

fn accepted(policy: &Policy, token: impl Into<Vec<u8>>) -> Believed {
    ask(policy, &jwt(token)).unwrap()
}

#[test]
fn believes_the_payload_that_was_signed_and_names_the_key() {
    let policy = full(set(&[oct(r#","kid":"k""#)]));
    let believed = accepted(&policy, hs256(r#"{"alg":"HS256"}"#, CLAIMS));
    assert_eq!(believed.payload.as_deref(), Some(CLAIMS.as_bytes()));
    assert_eq!(believed.key.as_deref(), Some("k"));
    assert_eq!(believed.claims, None);
}

#[test]
fn unknown_parameters_and_keys_that_the_token_brings_are_ignored() {
    let policy = full(Keys::SecretB64(SECRET.to_vec()));
    for header in [
        r#"{"alg":"HS256","zip":"DEF","x":{"y":[1e400,null]}}"#,
        r#"{"alg":"HS256","jwk":{"kty":"oct","k":"AA"},"jku":"http://192.0.2.1/","x5u":7,"x5c":["AA"]}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","b64":true,"crit":["b64"]}"#,
        r#"{ "\u0061lg" : "HS\u003256", "typ":7, "cty":"json" }"#,
    ] {
        accepted(&policy, hs256(header, CLAIMS));
    }
}

#[test]
fn claims_may_be_written_in_any_way_that_json_has() {
    let policy = full(Keys::SecretB64(SECRET.to_vec()));
    for claims in [
        r#" { "iss" : "https:\/\/issuer.test" , "aud" : [ "x", "https://api.test" ] } "#,
        r#"{"\u0069ss":"https://issuer.test","aud":"https://api.test","exp":1767225600.5,"nbf":1.7672256e9,"iat":-1}"#,
        r#"{"iss":"https://issuer.test","aud":["https://api.test","https://api.test"],"exp":1e308,"nbf":-1e308,"sub":"älice"}"#,
        r#"{"iss":"https://issuer.test","aud":"https://api.test","exp":18446744073709551616,"n":1e9999}"#,
    ] {
        accepted(&policy, hs256(r#"{"alg":"HS256"}"#, claims));
    }
}

#[test]
fn time_is_judged_to_the_second_with_and_without_leeway() {
    let mut policy = bare(Keys::SecretB64(SECRET.to_vec()));
    let at = |claim: &str, offset: i64| {
        jwt(hs256(r#"{"alg":"HS256"}"#, format!(r#"{{"{claim}":{}}}"#, NOW.0 + offset)))
    };
    for leeway in [None, Some(0), Some(60)] {
        policy.leeway_s = leeway;
        let skew = i64::try_from(leeway.unwrap_or(0)).unwrap();
        assert!(ask(&policy, &at("exp", 1 - skew)).is_ok());
        assert_eq!(refusal(&policy, &at("exp", -skew)), "exp-passed");
        assert!(ask(&policy, &at("nbf", skew)).is_ok());
        assert_eq!(refusal(&policy, &at("nbf", skew + 1)), "nbf-ahead");
        assert!(ask(&policy, &at("iat", 1_000_000)).is_ok());
    }
    policy.leeway_s = Some(u64::MAX);
    assert!(ask(&policy, &at("exp", -1_000_000)).is_ok());
}

#[test]
fn a_number_that_cannot_be_held_is_refused() {
    let policy = bare(Keys::SecretB64(SECRET.to_vec()));
    for claims in [r#"{"exp":1e400}"#.to_owned(), format!(r#"{{"nbf":{}}}"#, "9".repeat(10_000))] {
        assert_eq!(refusal(&policy, &jwt(hs256(r#"{"alg":"HS256"}"#, claims))), "claims-json");
    }
}

#[test]
fn a_kid_picks_among_keys_of_a_set_and_is_a_hint_for_a_single_key() {
    let other = format!(r#"{{"kty":"oct","k":"{}","kid":"other"}}"#, b64([1; 64]));
    let same = format!(r#"{{"kty":"oct","k":"{}","kid":"k"}}"#, b64([2; 64]));
    let ours = oct(r#","kid":"k""#);
    let policy = full(set(&[other.clone(), same, ours.clone()]));
    let with_kid = |kid: &str| hs256(format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), CLAIMS);
    accepted(&policy, with_kid("k"));
    accepted(&policy, hs256(r#"{"alg":"HS256"}"#, CLAIMS));
    assert_eq!(refusal(&policy, &jwt(with_kid("other"))), "signature");
    for kid in ["K", "", "k ", "../k", "__proto__"] {
        assert_eq!(refusal(&policy, &jwt(with_kid(kid))), "kid-unknown", "{kid}");
    }
    for keys in [Keys::Jwk(ours), Keys::SecretB64(SECRET.to_vec())] {
        accepted(&full(keys), with_kid("anything"));
    }
}

#[test]
fn an_issuer_vouches_for_his_own_tokens_alone() {
    let theirs = format!(r#"{{"kty":"oct","k":"{}","kid":"k"}}"#, b64([1; 64]));
    let ours = oct(r#","kid":"k""#);
    let mut policy = full(set(std::slice::from_ref(&ours)));
    policy.issuers.push(named("https://other.test", set(&[theirs])));
    accepted(&policy, hs256(r#"{"alg":"HS256","kid":"k"}"#, CLAIMS));
    let under_another_name = CLAIMS.replace("issuer.test", "other.test");
    for header in [r#"{"alg":"HS256","kid":"k"}"#, r#"{"alg":"HS256"}"#] {
        assert_eq!(refusal(&policy, &jwt(hs256(header, &under_another_name))), "signature");
    }
    let nobody = CLAIMS.replace("issuer.test", "nobody.test");
    assert_eq!(refusal(&policy, &jwt(hs256(r#"{"alg":"HS256"}"#, nobody))), "iss-other");

    // Algorithms and audiences of one issuer are not those of another.
    if let Some(first) = policy.issuers.first_mut() {
        first.audiences = vec!["https://own.test".to_owned()];
    }
    assert_eq!(refusal(&policy, &jwt(hs256(r#"{"alg":"HS256"}"#, CLAIMS))), "aud-other");
    accepted(&policy, hs256(r#"{"alg":"HS256"}"#, CLAIMS.replace("api.test", "own.test")));
    if let Some(first) = policy.issuers.first_mut() {
        first.algorithms = vec!["HS384".to_owned()];
    }
    assert_eq!(refusal(&policy, &jwt(hs256(r#"{"alg":"HS256"}"#, CLAIMS))), "alg-allowed");
}

#[test]
fn an_issuer_without_a_name_takes_what_no_name_claims() {
    let theirs = format!(r#"{{"kty":"oct","k":"{}"}}"#, b64([1; 64]));
    let mut policy = bare(set(&[oct("")]));
    policy.audiences = vec![AUDIENCE.to_owned()];
    policy.issuers.push(named("https://other.test", set(&[theirs])));
    accepted(&policy, hs256(r#"{"alg":"HS256"}"#, CLAIMS));
    let under_another_name = CLAIMS.replace("issuer.test", "other.test");
    assert_eq!(
        refusal(&policy, &jwt(hs256(r#"{"alg":"HS256"}"#, under_another_name))),
        "signature"
    );
}

#[test]
fn a_required_claim_is_there_and_not_null() {
    let mut policy = full(Keys::SecretB64(SECRET.to_vec()));
    policy.required_claims = ["exp", "sub", "tenant"].map(str::to_owned).to_vec();
    let with = |more: &str| hs256(r#"{"alg":"HS256"}"#, CLAIMS.replace('}', more));
    for value in ["0", "false", "\"\"", "{}", "[]"] {
        accepted(&policy, with(&format!(r#","tenant":{value}}}"#)));
    }
    assert_eq!(refusal(&policy, &jwt(with("}"))), "claim-required");
    assert_eq!(refusal(&policy, &jwt(with(r#","tenant":null}"#))), "claim-required");
}

#[test]
fn a_demanded_type_is_met_in_every_spelling() {
    let mut policy = full(Keys::SecretB64(SECRET.to_vec()));
    policy.token_type = Some("at+jwt".to_owned());
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        accepted(&policy, hs256(format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), CLAIMS));
    }
    for header in [r#"{"alg":"HS256","typ":"jwt"}"#, r#"{"alg":"HS256","typ":["at+jwt"]}"#] {
        assert_eq!(refusal(&policy, &jwt(hs256(header, CLAIMS))), "typ-other");
    }
    let header = r#"{"alg":"HS256","cty":"at+jwt"}"#;
    assert_eq!(refusal(&policy, &jwt(hs256(header, CLAIMS))), "typ-missing");
}

#[test]
fn one_good_signature_of_several_is_enough() {
    let (head, body) = (b64(r#"{"alg":"HS256"}"#), b64("x"));
    let good =
        format!(r#"{{"protected":"{head}","signature":"{}"}}"#, mac(&format!("{head}.{body}")));
    let wrong = format!(r#"{{"protected":"{head}","signature":"{}"}}"#, mac("else"));
    let strange = r#"{"protected":"e30","header":{"alg":"none"},"signature":""}"#;
    let policy = bare(Keys::SecretB64(SECRET.to_vec()));
    let general = |signatures: &[&str]| {
        jws(format!(r#"{{"payload":"{body}","signatures":[{}]}}"#, signatures.join(",")))
    };
    for signatures in [&[good.as_str()][..], &[&wrong, &good], &[strange, &good, &wrong]] {
        let believed = ask(&policy, &general(signatures)).unwrap();
        assert_eq!(believed.payload.as_deref(), Some(&b"x"[..]));
    }
    assert_eq!(refusal(&policy, &general(&[&wrong, strange])), "signature");
    assert_eq!(refusal(&policy, &general(&[strange])), "alg-known");
    assert_eq!(refusal(&policy, &general(&[&good, "7"])), "jws-shape");
    // White space around and unknown members are no matter.
    let text = format!("\n{{\"payload\":\"{body}\",\"more\":[],\"signatures\":[{good}]}} ");
    assert!(ask(&policy, &jws(text)).is_ok());
}

#[test]
fn payloads_travel_inside_or_beside_and_never_both() {
    let policy = bare(Keys::SecretB64(SECRET.to_vec()));
    let encoded = b64(r#"{"alg":"HS256"}"#);
    let unencoded = b64(r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#);
    let octets: &[u8] = b"$.02 \xff";
    let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let raw = b64(hmac::sign(&key, &[unencoded.as_bytes(), b".", octets].concat()));
    let token = format!("{unencoded}..{raw}");
    let believed = ask(&policy, &beside(octets, jws(token.clone()))).unwrap();
    assert_eq!(believed.payload.as_deref(), Some(octets));
    assert_eq!(refusal(&policy, &jws(token)), "signature");

    let mac = mac(&format!("{encoded}.{}", b64(octets)));
    assert!(ask(&policy, &beside(octets, jws(format!("{encoded}..{mac}")))).is_ok());
    let flattened = format!(r#"{{"protected":"{encoded}","signature":"{mac}"}}"#);
    assert!(ask(&policy, &beside(octets, jws(flattened.clone()))).is_ok());
    assert_eq!(refusal(&policy, &jws(flattened)), "jws-shape");
    assert_eq!(
        refusal(&policy, &beside(b"", jws(hs256(r#"{"alg":"HS256"}"#, "x")))),
        "detached-twice"
    );
    assert_eq!(
        refusal(&policy, &beside(b"", jwt(hs256(r#"{"alg":"HS256"}"#, CLAIMS)))),
        "detached-twice"
    );
    // An empty payload is a payload.
    assert_eq!(
        ask(&policy, &jws(hs256(r#"{"alg":"HS256"}"#, ""))).unwrap().payload,
        Some(Vec::new())
    );
    // Unencoded and not detached.
    let message = format!("{unencoded}.a $02~");
    let token = format!("{message}.{}", super::mac(&message));
    assert_eq!(ask(&policy, &jws(token)).unwrap().payload.as_deref(), Some(&b"a $02~"[..]));
}

#[test]
fn segments_are_three() {
    let policy = bare(Keys::SecretB64(SECRET.to_vec()));
    let good = hs256(r#"{"alg":"HS256"}"#, "{}");
    for token in [
        String::new(),
        ".".into(),
        "..".into(),
        good.replace('.', ""),
        format!(".{good}"),
        format!("{good}."),
        format!("{good}.{good}"),
        ".".repeat(1_025),
        ".".repeat(1_000_000),
    ] {
        for presented in [jwt(token.clone()), jws(token)] {
            let id = refusal(&policy, &presented);
            assert!(id == "segments" || id == "header-json", "{id}");
        }
    }
    let five = ask(&policy, &jwt("e30.AA.AA.AA.AA")).unwrap_err();
    assert!(five.contains("a JWE where a JWS is due"), "{five}");
}

#[test]
fn refusals_quote_little_and_never_a_key() {
    let policy = full(set(&[oct(r#","kid":"k""#)]));
    let long = "\u{1b}[31m".repeat(10_000);
    let header = serde_json::json!({ "alg": "HS256", "kid": long }).to_string();
    let error = ask(&policy, &jwt(hs256(header, CLAIMS))).unwrap_err();
    assert!(error.len() < 400 && !error.contains('\u{1b}'), "{error}");
    let error = ask(&full(Keys::Jwk(oct(r#","use":"enc""#))), &jwt("")).unwrap_err();
    assert!(!error.contains(&b64(SECRET)), "{error}");
}

proptest! {
    #[test]
    fn never_panics_and_never_accepts_what_nobody_signed(token in ".{0,200}") {
        let policy = bare(Keys::SecretB64(SECRET.to_vec()));
        prop_assert!(ask(&policy, &jwt(token.clone())).is_err());
        prop_assert!(ask(&policy, &jws(token)).is_err());
    }

    #[test]
    fn never_panics_on_octets(token in proptest::collection::vec(any::<u8>(), 0..300)) {
        let policy = bare(Keys::SecretB64(SECRET.to_vec()));
        prop_assert!(ask(&policy, &jws(token)).is_err());
    }

    #[test]
    fn refuses_every_change_of_one_character(at in 0_usize..250, by in 1_u8..127) {
        let policy = full(Keys::SecretB64(SECRET.to_vec()));
        let mut token = hs256(r#"{"alg":"HS256"}"#, CLAIMS).into_bytes();
        let at = at % token.len();
        token[at] = token[at].wrapping_add(by) & 0x7f;
        prop_assume!(token != hs256(r#"{"alg":"HS256"}"#, CLAIMS).into_bytes());
        prop_assert!(ask(&policy, &jwt(token)).is_err());
    }

    #[test]
    fn key_documents_never_panic(text in r#"[\[\]{}:,"0-9a-zA-Z \\-]{0,80}"#, octets: Vec<u8>) {
        for keys in [
            Keys::Jwks(text.clone()), Keys::Jwk(text.clone()), Keys::Pem(text.clone()),
            Keys::Pem(format!("-----BEGIN {text}")), Keys::DerB64(octets.clone()), Keys::JwksB64(octets.clone()),
        ] {
            let _ = Reference::strict().configure(&bare(keys), NOW);
        }
    }
}
