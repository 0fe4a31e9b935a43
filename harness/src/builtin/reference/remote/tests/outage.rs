//! What is believed while the endpoint fails, and after it has changed its mind.

use super::*;

#[test]
fn a_set_serves_through_an_outage_and_no_longer_than_it_may() {
    let origin = Origin::serving(set_a());
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    verifier.accepts(&token(1, "a"), 0);
    origin.fail(503);
    // Fresh until 300, stale until 900.
    for at in [1, 299, 300, 600, 899] {
        verifier.accepts(&token(1, "a"), at);
    }
    assert_eq!(verifier.says(&token(2, "b"), 899), "reject kid-unknown");
    for at in [900, 901, 100_000] {
        assert_eq!(verifier.says(&token(1, "a"), at), "unavailable fetch-stale");
    }
    let said = verifier.laments(&token(1, "a"), 100_030);
    assert!(said.contains("99730 s past its freshness; fetch-status: "), "{said}");
    assert!(said.contains("answered 503"), "{said}");
    // And it comes back as soon as the endpoint does.
    origin.publish(set_a());
    assert_eq!(verifier.says(&token(1, "a"), 100_059), "unavailable fetch-stale");
    verifier.accepts(&token(1, "a"), 100_060);
}

#[test]
fn a_stale_set_is_not_used_without_asking_first() {
    let origin = Origin::serving(set_a());
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    verifier.accepts(&token(1, "a"), 0);
    origin.publish(set(&[jwk(2, "b")]));
    verifier.accepts(&token(1, "a"), 299);
    assert_eq!(verifier.says(&token(1, "a"), 300), "reject kid-unknown");
}

#[test]
fn a_response_may_forbid_to_be_used_when_it_is_stale() {
    for control in ["max-age=300, must-revalidate", "no-cache", "no-store"] {
        let origin = Origin::start();
        origin.publish_with(set_a(), &[("cache-control", control)]);
        let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
        verifier.accepts(&token(1, "a"), 0);
        origin.fail(503);
        verifier.accepts(&token(1, "a"), 29);
        assert_eq!(verifier.says(&token(1, "a"), 300), "unavailable fetch-stale", "{control}");
    }
    let origin = Origin::serving(set_a());
    let options = FetchOptions { max_stale_s: Some(0), ..OPTIONS };
    let verifier = Asked::at_uri(origin.jwks(), options);
    verifier.accepts(&token(1, "a"), 0);
    origin.fail(503);
    assert_eq!(verifier.says(&token(1, "a"), 300), "unavailable fetch-stale");
}

#[test]
fn a_new_set_replaces_the_old_one_whole() {
    let origin = Origin::serving(set(&[jwk(1, "a"), jwk(3, "c")]));
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    verifier.accepts(&token(1, "a"), 0);
    verifier.accepts(&token(3, "c"), 0);
    origin.publish(set(&[jwk(2, "a"), jwk(4, "d")]));
    // Something asks for a fetch, and what it brings holds for all.
    verifier.accepts(&token(4, "d"), 30);
    assert_eq!(verifier.says(&token(1, "a"), 30), "reject signature");
    verifier.accepts(&token(2, "a"), 30);
    assert_eq!(verifier.says(&token(3, "c"), 30), "reject kid-unknown");
}

#[test]
fn an_empty_set_takes_every_key_back() {
    let origin = Origin::serving(set_a());
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    verifier.accepts(&token(1, "a"), 0);
    origin.publish(set(&[]));
    assert_eq!(verifier.says(&token(1, "a"), 300), "reject kid-unknown");
    // An outage does not bring them back.
    origin.fail(503);
    assert_eq!(verifier.says(&token(1, "a"), 330), "reject kid-unknown");
}

#[test]
fn what_is_no_key_set_changes_nothing_and_makes_none() {
    let half = set_a().get(..40).unwrap().to_owned();
    let twice = format!(r#"{{"keys":[],"keys":[{}]}}"#, jwk(1, "a"));
    let broken: [(&[u8], &str); 9] = [
        (b"", "jwks-shape"),
        (b"{}", "jwks-shape"),
        (b"[]", "jwks-shape"),
        (b"null", "jwks-shape"),
        (b"<html><body>Sign in</body></html>", "jwks-shape"),
        (b"\xff\xfe{}", "jwks-encoding"),
        (half.as_bytes(), "jwks-shape"),
        (br#"{"keys":{}}"#, "jwks-shape"),
        (twice.as_bytes(), "jwks-duplicate"),
    ];
    for (body, check) in broken {
        let origin = Origin::serving(set_a());
        let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
        let warm = Asked::at_uri(origin.jwks(), OPTIONS);
        warm.accepts(&token(1, "a"), 0);
        let body = body.to_vec();
        origin.on("/jwks", move |_| ResponseTemplate::new(200).set_body_bytes(body.clone()));
        assert_eq!(verifier.says(&token(1, "a"), 0), format!("unavailable {check}"));
        warm.accepts(&token(1, "a"), 300);
        assert_eq!(warm.says(&token(1, "a"), 900), "unavailable fetch-stale");
    }
}

#[test]
fn a_document_under_another_status_is_none() {
    for status in [201, 203, 204, 206, 301, 302, 307, 400, 401, 404, 410, 429, 500, 503] {
        let origin = Origin::start();
        origin.on("/jwks", move |_| ResponseTemplate::new(status).set_body_string(set_a()));
        let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
        let check = if (300..400).contains(&status) { "fetch-redirect" } else { "fetch-status" };
        assert_eq!(verifier.says(&token(1, "a"), 0), format!("unavailable {check}"), "{status}");
    }
}

#[test]
fn one_forged_token_starts_no_outage() {
    let origin = Origin::serving(set_a());
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    assert_eq!(verifier.says(&token(9, "z"), 0), "reject kid-unknown");
    assert_eq!(verifier.says(&token(9, "a"), 0), "reject signature");
    verifier.accepts(&token(1, "a"), 0);
    origin.fail(503);
    assert_eq!(verifier.says(&token(9, "z"), 30), "reject kid-unknown");
    verifier.accepts(&token(1, "a"), 30);
}
