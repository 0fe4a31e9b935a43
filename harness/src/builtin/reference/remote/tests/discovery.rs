//! Key sets by way of an issuer's metadata.

use super::*;

const OPENID: &str = "/t/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server/t";

fn metadata(issuer: &str, jwks_uri: &str) -> ResponseTemplate {
    let text = format!(r#"{{"issuer":"{issuer}","jwks_uri":"{jwks_uri}","x":[]}}"#);
    ResponseTemplate::new(200).set_body_string(text)
}

/// An issuer at `/t` whose metadata are at this path.
fn issuer(path: &str) -> (Origin, String) {
    let origin = Origin::serving(set_a());
    let issuer = origin.url("/t");
    let document = metadata(&issuer, &origin.jwks());
    origin.on(path, move |_| document.clone());
    (origin, issuer)
}

fn by_discovery(issuer: &str) -> Asked {
    Asked::by(&policy(Keys::Discovery(issuer.to_owned()), OPTIONS))
}

#[test]
fn the_key_set_is_where_the_metadata_say() {
    for path in [OPENID, OAUTH] {
        let (origin, issuer) = issuer(path);
        let verifier = by_discovery(&issuer);
        assert_eq!(origin.count_of(OPENID), 0, "nothing is fetched at configuration");
        verifier.accepts(&token(1, "a"), 0);
        verifier.accepts(&token(1, "a"), 299);
        assert_eq!((origin.count_of(path), origin.count()), (1, 1));
    }
}

#[test]
fn the_second_place_is_looked_at_only_where_the_first_is_empty() {
    let (origin, issuer) = issuer(OAUTH);
    for status in [403, 410, 500] {
        origin.on(OPENID, move |_| ResponseTemplate::new(status));
        assert_eq!(by_discovery(&issuer).says(&token(1, "a"), 0), "unavailable fetch-status");
    }
    assert_eq!(origin.count_of(OAUTH), 0);
}

#[test]
fn metadata_of_another_issuer_are_not_used() {
    let (origin, issuer) = issuer(OPENID);
    for other in [format!("{issuer}/"), origin.url(""), issuer.replace("127.0.0.1", "localhost")] {
        let document = metadata(&other, &origin.jwks());
        origin.on(OPENID, move |_| document.clone());
        let verifier = by_discovery(&issuer);
        assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable metadata-issuer", "{other}");
    }
    assert_eq!(origin.count(), 0);
}

#[test]
fn a_set_that_moves_is_followed_and_a_tag_stays_behind() {
    let (origin, issuer) = issuer(OPENID);
    origin.publish_with(set_a(), &[("etag", "\"1\"")]);
    let verifier = by_discovery(&issuer);
    verifier.accepts(&token(1, "a"), 0);
    let document = metadata(&issuer, &origin.url("/moved"));
    origin.on(OPENID, move |_| document.clone());
    origin.on("/moved", |request| {
        assert!(!request.headers.contains_key("if-none-match"));
        ResponseTemplate::new(200).set_body_string(set(&[jwk(2, "b")]))
    });
    verifier.accepts(&token(2, "b"), 30);
    assert_eq!(verifier.says(&token(1, "a"), 30), "reject kid-unknown");
    assert_eq!((origin.count(), origin.count_of("/moved")), (1, 1));
}

#[test]
fn metadata_that_fail_are_a_failed_fetch() {
    let (origin, issuer) = issuer(OPENID);
    let verifier = by_discovery(&issuer);
    verifier.accepts(&token(1, "a"), 0);
    for (at, document, check) in [
        (0, ResponseTemplate::new(503), "fetch-status"),
        (30, ResponseTemplate::new(200).set_body_string("<html>"), "metadata-shape"),
        (60, metadata(&issuer, "file:///etc/jwks.json"), "metadata-shape"),
        (90, metadata(&issuer, "data:,{}"), "metadata-shape"),
        (120, metadata(&issuer, "/jwks"), "metadata-shape"),
    ] {
        origin.on(OPENID, move |_| document.clone());
        assert_eq!(by_discovery(&issuer).says(&token(1, "a"), 0), format!("unavailable {check}"));
        verifier.accepts(&token(1, "a"), 300 + at);
    }
    assert_eq!(verifier.says(&token(1, "a"), 900), "unavailable fetch-stale");
    assert_eq!(origin.count(), 1);
}

#[test]
fn tokens_name_the_issuer_whose_metadata_they_are_judged_by() {
    let (_origin, issuer) = issuer(OPENID);
    let verifier = Asked::by(&Policy::trusting(Keys::Discovery(issuer.clone())));
    verifier.accepts(&token_of(&issuer, 1, "a"), 0);
    assert_eq!(verifier.says(&token(1, "a"), 0), "reject iss-other");
    // Unless the policy knows it under another name.
    let verifier = by_discovery(&issuer);
    verifier.accepts(&token(1, "a"), 0);
    assert_eq!(verifier.says(&token_of(&issuer, 1, "a"), 0), "reject iss-other");
}

#[test]
fn what_nobody_publishes_is_refused_at_configuration() {
    for url in ["file:///etc/jwks.json", "data:application/json,{}", "ftp://a.test/", "a.test", ""]
    {
        for keys in [Keys::JwksUri(url.to_owned()), Keys::Discovery(url.to_owned())] {
            assert!(refusal(&policy(keys, OPTIONS)).starts_with("key-url: "), "{url}");
        }
    }
    let with_query = Keys::Discovery("https://a.test/?tenant=1".to_owned());
    assert!(refusal(&policy(with_query, OPTIONS)).starts_with("key-url: "));
    let with_password = Keys::JwksUri("https://alice:secret@a.test/".to_owned());
    assert!(!refusal(&policy(with_password, OPTIONS)).contains("secret"));
}
