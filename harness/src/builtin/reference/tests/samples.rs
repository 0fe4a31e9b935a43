//! One sample for every check: what it refuses, and what happens without it.

use super::{
    super::checks::{CHECKS, Check, Kind, Rules},
    *,
};

/// A configuration and, unless that is refused already, a token.
struct Sample {
    policy: Policy,
    presented: Presented,
}

/// A sample whose keys are at fault; the token is good under [`SECRET`].
fn keys(keys: Keys) -> Sample {
    Sample { policy: bare(keys), presented: jws(hs256(r#"{"alg":"HS256"}"#, "x")) }
}

fn jwk(text: impl Into<String>) -> Sample {
    keys(Keys::Jwk(text.into()))
}

/// A sample whose token is at fault.
fn token(presented: Presented) -> Sample {
    let keys = set(&[oct(r#","kid":"k""#)]);
    let policy = match presented.mode {
        Mode::Jwt => full(keys),
        Mode::Jws => bare(keys),
    };
    Sample { policy, presented }
}

fn header(text: &str) -> Sample {
    token(jwt(hs256(text, CLAIMS)))
}

/// A sample whose claims are at fault; `member` replaces the one of the same name.
fn claims(drop: &str, more: &str) -> Sample {
    let mut claims: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(CLAIMS).unwrap();
    claims.remove(drop);
    let text = serde_json::to_string(&claims).unwrap();
    let text = format!("{}{more}}}", text.strip_suffix('}').unwrap());
    token(jwt(hs256(r#"{"alg":"HS256"}"#, text)))
}

fn json(text: String) -> Sample {
    token(jws(text))
}

/// A sample of every check that needs no server; the compiler asks for one more when there is one more.
fn sample(check: Check) -> Option<Sample> {
    let good = hs256(r#"{"alg":"HS256"}"#, CLAIMS);
    let (head, body) = (b64(r#"{"alg":"HS256"}"#), b64("x"));
    let one = format!(r#""protected":"{head}","signature":"{}""#, mac(&format!("{head}.{body}")));
    Some(match check {
        Check::PolicyEmpty => {
            let mut sample = jwk(oct(""));
            sample.policy.issuers.clear();
            sample
        }
        Check::AllowListEmpty => {
            let mut sample = jwk(oct(""));
            sample.policy.algorithms = vec!["none".into(), "HS1".into()];
            sample
        }
        Check::JwksEncoding => keys(Keys::JwksB64(b"{\"keys\":[], \"\xff\":1}".to_vec())),
        Check::JwksShape => keys(Keys::Jwks(oct(""))),
        Check::JwksDuplicate => keys(Keys::Jwks(format!(r#"{{"keys":[{}],"keys":[]}}"#, oct("")))),
        Check::JwkShape => jwk(r#"{"kty":"oct","k":7}"#),
        Check::JwkDuplicate => jwk(oct(r#","k":"AA""#)),
        Check::JwkKeyType => jwk(r#"{"kty":"AKP"}"#),
        Check::JwkUse => jwk(oct(r#","use":"enc""#)),
        Check::JwkKeyOps => jwk(oct(r#","key_ops":["sign"]"#)),
        Check::JwkAlg => jwk(oct(r#","alg":"HS512""#)),
        Check::JwkCertificate => jwk(super::keys::with_certificate_of_another()),
        Check::RsaSize => jwk(super::keys::rsa_jwk(1_024, "AQAB")),
        Check::RsaSizeMax => jwk(super::keys::rsa_jwk(8_200, "AQAB")),
        Check::RsaNumbers => jwk(super::keys::rsa_jwk(2_048, "AQ")),
        Check::EcCoordinate => {
            jwk(format!(r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#, b64([1; 31])))
        }
        Check::EcPoint => {
            jwk(format!(r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#, b64([1; 32])))
        }
        Check::Curve => jwk(format!(r#"{{"kty":"OKP","crv":"X25519","x":"{}"}}"#, b64([9; 32]))),
        Check::OkpLength => jwk(format!(r#"{{"kty":"OKP","crv":"Ed448","x":"{}"}}"#, b64([9; 56]))),
        Check::OkpPoint => {
            jwk(format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, b64([0; 32])))
        }
        Check::HmacSize => {
            let short = SECRET.get(..31).unwrap();
            let message = format!("{head}.{body}");
            let mac = aws_lc_rs::hmac::sign(
                &hmac::Key::new(hmac::HMAC_SHA256, short),
                message.as_bytes(),
            );
            Sample {
                policy: bare(Keys::SecretB64(short.to_vec())),
                presented: jws(format!("{message}.{}", b64(mac))),
            }
        }
        Check::PemShape => keys(Keys::Pem("-----BEGIN PRIVATE KEY-----\n".into())),
        Check::DerShape => keys(Keys::DerB64(vec![0x30, 0x80])),
        Check::DerAlgorithm => keys(Keys::DerB64(super::keys::spki(&[0x2b, 0x65, 0x6e], &[9; 32]))),
        Check::TokenLength => token(jws(hs256(r#"{"alg":"HS256"}"#, "x".repeat(1 << 20)))),
        Check::TokenEncoding => token(jws([good.as_bytes(), b"\xff"].concat())),
        Check::Segments => token(jwt(format!("{good}.AA.AA"))),
        Check::JwtCompact => token(jwt(format!(r#"{{"payload":"{body}",{one}}}"#))),
        Check::Base64Alphabet => token(jwt(format!("{good}\n"))),
        Check::Base64Padding => token(jwt(format!("{good}="))),
        Check::Base64TrailingBits => {
            // 32 octets leave two spare bits in the last of 43 characters.
            let (rest, last) = good.split_at(good.len() - 1);
            const ALPHABET: &str =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let next = ALPHABET.find(last).unwrap() + 1;
            token(jwt(format!("{rest}{}", ALPHABET.get(next..=next).unwrap())))
        }
        Check::Base64Length => token(jwt(format!("{good}AA"))),
        Check::JwsShape => json(format!(r#"{{"payload":7,{one}}}"#)),
        Check::JwsDuplicate => json(format!(r#"{{"payload":"{body}","payload":"",{one}}}"#)),
        Check::JwsMixed => {
            json(format!(r#"{{"payload":"{body}",{one},"signatures":[{{{one}}}]}}"#))
        }
        Check::JwsUnsigned => json(format!(r#"{{"payload":"{body}","signatures":[]}}"#)),
        Check::JwsSignatures => {
            let many = vec![format!("{{{one}}}"); 17].join(",");
            json(format!(r#"{{"payload":"{body}","signatures":[{many}]}}"#))
        }
        Check::DetachedTwice => token(beside(b"x", jws(good))),
        Check::HeaderJson => header(r#"{"alg":"HS256"},"#),
        Check::HeaderDuplicate => header(r#"{"alg":"HS256","alg":"none"}"#),
        Check::HeaderOverlap => {
            json(format!(r#"{{"payload":"{body}",{one},"header":{{"alg":"HS256"}}}}"#))
        }
        Check::AlgPresent => header(r#"{"alg":["HS256"]}"#),
        Check::AlgKnown => header(r#"{"alg":"none"}"#),
        Check::AlgAllowed => {
            let mut sample = header(r#"{"alg":"HS256"}"#);
            sample.policy.algorithms = vec!["HS512".into(), "RS256".into()];
            sample
        }
        Check::CritShape => header(r#"{"alg":"HS256","crit":"b64","b64":true}"#),
        Check::CritUnknown => header(r#"{"alg":"HS256","crit":["exp"],"exp":1}"#),
        Check::CritAbsent => header(r#"{"alg":"HS256","crit":["b64"]}"#),
        Check::CritUnprotected => {
            json(format!(r#"{{"payload":"{body}",{one},"header":{{"crit":["b64"]}}}}"#))
        }
        Check::B64Type => header(r#"{"alg":"HS256","crit":["b64"],"b64":"true"}"#),
        Check::B64Jwt => {
            let message =
                format!(r#"{}.{{"iss":1}}"#, b64(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#));
            let mac = mac(&message);
            let mut sample = token(jwt(format!("{message}.{mac}")));
            sample.policy = bare(set(&[oct("")]));
            sample
        }
        Check::B64Mixed => {
            let other = b64(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#);
            let mac = mac(&format!("{other}.{body}"));
            json(format!(
                r#"{{"payload":"{body}","signatures":[{{{one}}},{{"protected":"{other}","signature":"{mac}"}}]}}"#
            ))
        }
        Check::B64Characters => {
            let message = format!("{}.é", b64(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#));
            token(jws(format!("{message}.{}", mac(&message))))
        }
        Check::KidType => header(r#"{"alg":"HS256","kid":7}"#),
        Check::TypMissing => typed(r#"{"alg":"HS256"}"#),
        Check::TypOther => typed(r#"{"alg":"HS256","typ":"JWT"}"#),
        Check::NestedJwt => header(r#"{"alg":"HS256","cty":"jwt"}"#),
        Check::KidUnknown => header(r#"{"alg":"HS256","kid":"K"}"#),
        Check::KeyFits => header(r#"{"alg":"ES256"}"#),
        Check::KeyTries => {
            let mut keys: Vec<String> =
                (0..32_u8).map(|i| format!(r#"{{"kty":"oct","k":"{}"}}"#, b64([i; 64]))).collect();
            keys.push(oct(""));
            Sample { policy: bare(set(&keys)), presented: jws(good) }
        }
        Check::Signature => token(jwt(good.replace(&mac_of(&good), &mac("else")))),
        Check::ClaimsJson => token(jwt(hs256(r#"{"alg":"HS256"}"#, "[]"))),
        Check::ClaimsDuplicate => claims("", r#","sub":"mallory""#),
        Check::IssMissing => claims("iss", ""),
        Check::IssType => claims("iss", r#","iss":["https://issuer.test"]"#),
        Check::IssOther => claims("iss", r#","iss":"https://issuer.test/""#),
        Check::AudMissing => claims("aud", ""),
        Check::AudType => claims("aud", r#","aud":{"https://api.test":1}"#),
        Check::AudOther => claims("aud", r#","aud":["https://api.test.evil.test"]"#),
        Check::AudUnexpected => {
            let mut sample = claims("", "");
            sample.policy.audiences.clear();
            sample
        }
        Check::ExpType => claims("exp", r#","exp":"1767229200""#),
        Check::ExpPassed => claims("exp", r#","exp":1767225600"#),
        Check::NbfType => claims("", r#","nbf":null"#),
        Check::NbfAhead => claims("", r#","nbf":1767225601"#),
        Check::IatType => claims("", r#","iat":"now""#),
        Check::SubType => claims("sub", r#","sub":7"#),
        Check::JtiType => claims("", r#","jti":{}"#),
        Check::ClaimRequired => {
            let mut sample = claims("", r#","scope":null"#);
            sample.policy.required_claims = vec!["sub".into(), "scope".into()];
            sample
        }
        Check::KeyUrl => keys(Keys::JwksUri("file:///etc/jwks.json".into())),
        Check::CaFile => {
            let mut sample = keys(Keys::JwksUri("https://issuer.test/jwks".into()));
            let ca_file = Some("/nowhere/ca.pem".into());
            sample.policy.fetch = Some(FetchOptions { ca_file, ..FetchOptions::default() });
            sample
        }
        // The tests of `remote` have the servers.
        Check::FetchFailed
        | Check::FetchTls
        | Check::FetchRedirect
        | Check::FetchStatus
        | Check::FetchSize
        | Check::FetchDowngrade
        | Check::MetadataShape
        | Check::MetadataDuplicate
        | Check::MetadataIssuer
        | Check::FetchCooldown
        | Check::FetchFreshness
        | Check::FetchStale => return None,
    })
}

/// The checks that pass this filter, each with its sample.
fn samples(of: fn(Check) -> bool) -> impl Iterator<Item = (Check, Sample)> {
    let checks = CHECKS.iter().copied().filter(move |check| of(*check));
    checks.filter_map(|check| sample(check).map(|sample| (check, sample)))
}

fn typed(text: &str) -> Sample {
    let mut sample = header(text);
    sample.policy.token_type = Some("at+jwt".into());
    sample
}

fn mac_of(token: &str) -> String {
    token.rsplit_once('.').unwrap().1.to_owned()
}

#[test]
fn every_check_refuses_its_sample_by_its_name() {
    for (check, Sample { policy, presented }) in samples(|_| true) {
        assert_eq!(refusal(&policy, &presented), check.id());
    }
}

#[test]
fn without_its_check_a_sample_is_accepted() {
    for (check, Sample { policy, presented }) in samples(|check| check.kind() == Kind::Removable) {
        let answer = ask_with(Rules::STRICT.without(check), &policy, &presented);
        // Where the sample is a key that nobody has the private half of, the token stays unverified.
        let only_a_key = matches!(check, Check::RsaSize | Check::JwkCertificate);
        match answer {
            Ok(_) => assert!(!only_a_key, "{check}"),
            Err(error) => assert!(only_a_key && error.starts_with("key-fits"), "{check}: {error}"),
        }
    }
}

#[test]
fn a_structural_check_refuses_whatever_the_rules_say() {
    for (check, Sample { policy, presented }) in samples(|check| check.kind() == Kind::Structural) {
        let error = ask_with(Rules::STRICT.without(check), &policy, &presented).unwrap_err();
        assert!(error.starts_with(check.id()), "{check}: {error}");
    }
}
