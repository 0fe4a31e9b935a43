//! How long a set is used.

use super::*;

/// When the next fetch is made after one at 0, to the second.
#[track_caller]
fn lasts(options: FetchOptions, fields: &[(&'static str, &str)], seconds: i64) {
    let origin = Origin::start();
    origin.publish_with(set_a(), fields);
    let verifier = Asked::at_uri(origin.jwks(), options);
    verifier.accepts(&token(1, "a"), 0);
    verifier.accepts(&token(1, "a"), seconds - 1);
    assert_eq!(origin.count(), 1, "{fields:?}");
    verifier.accepts(&token(1, "a"), seconds);
    assert_eq!(origin.count(), 2, "{fields:?}");
}

#[test]
fn a_set_is_fresh_as_the_response_says_within_the_operator_s_bounds() {
    const CC: &str = "cache-control";
    for (fields, seconds) in [
        (&[][..], 300),
        (&[(CC, "max-age=60")], 60),
        (&[(CC, "max-age=60"), ("age", "10")], 50),
        (&[(CC, "max-age=86400")], 300),
        (&[(CC, "max-age=99999999999999999999")], 300),
        // Never shorter than the cooldown.
        (&[(CC, "max-age=0")], 30),
        (&[(CC, "max-age=29")], 30),
        (&[(CC, "no-store")], 30),
        (&[(CC, "no-cache")], 30),
        (&[(CC, "max-age=soon")], 30),
        (
            &[
                ("expires", "Thu, 01 Jan 2026 00:01:40 GMT"),
                ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ],
            100,
        ),
    ] {
        lasts(OPTIONS, fields, seconds);
    }
    lasts(FetchOptions { max_age_s: Some(10), ..OPTIONS }, &[], 30);
    lasts(FetchOptions { max_age_s: Some(u64::MAX), ..OPTIONS }, &[(CC, "max-age=60")], 60);
}

#[test]
fn what_nobody_bounds_is_bounded_by_us() {
    let origin = Origin::start();
    origin.publish_with(set_a(), &[("cache-control", "max-age=86400")]);
    let mut policy = policy(Keys::JwksUri(origin.jwks()), OPTIONS);
    policy.fetch = None;
    let verifier = Asked::by(&policy);
    verifier.accepts(&token(1, "a"), 0);
    verifier.accepts(&token(1, "a"), 299);
    assert_eq!(origin.count(), 1);
    verifier.accepts(&token(1, "a"), 300);
    assert_eq!(origin.count(), 2);
}

/// Serves the set under a tag, and 304 to whoever has it.
fn tagged(origin: &Origin, tag: &'static str, fields: &'static [(&'static str, &'static str)]) {
    origin.on("/jwks", move |request| {
        let known = request.headers.get("if-none-match").is_some_and(|known| *known == tag);
        let mut response = if known {
            ResponseTemplate::new(304)
        } else {
            ResponseTemplate::new(200).set_body_string(set_a())
        };
        for (name, value) in fields {
            response = response.append_header(*name, *value);
        }
        response.append_header("etag", tag)
    });
}

#[test]
fn a_set_that_has_not_changed_is_fresh_again() {
    let origin = Origin::start();
    tagged(&origin, "W/\"1\"", &[("cache-control", "max-age=60")]);
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    for (at, count) in [(0, 1), (59, 1), (60, 2), (119, 2), (120, 3)] {
        verifier.accepts(&token(1, "a"), at);
        assert_eq!(origin.count(), count, "at {at}");
    }
    // A 304 that says nothing of freshness leaves what was said before.
    origin.on("/jwks", |request| {
        assert_eq!(request.headers["if-none-match"], "W/\"1\"");
        ResponseTemplate::new(304)
    });
    for (at, count) in [(180, 4), (239, 4), (240, 5)] {
        verifier.accepts(&token(1, "a"), at);
        assert_eq!(origin.count(), count, "at {at}");
    }
}

#[test]
fn a_304_that_answers_another_question_is_a_failure() {
    let origin = Origin::start();
    origin.fail(304);
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable fetch-status");
    tagged(&origin, "\"1\"", &[]);
    verifier.accepts(&token(1, "a"), 30);
    origin.on("/jwks", |_| ResponseTemplate::new(304).append_header("etag", "\"2\""));
    verifier.accepts(&token(1, "a"), 330);
    assert_eq!(verifier.says(&token(1, "a"), 930), "unavailable fetch-stale");
}

#[test]
fn the_bounds_in_force_are_told() {
    let told = |fetch: Option<FetchOptions>| {
        let mut policy = policy(Keys::JwksUri("http://127.0.0.1:1/".to_owned()), OPTIONS);
        policy.fetch = fetch;
        serde_json::Value::Object(Asked::by(&policy).0.effective())
    };
    let ours = serde_json::json!({
        "timeout_ms": 5_000, "max_age_s": 300, "cooldown_s": 30, "max_stale_s": 600, "max_bytes": 1_048_576,
    });
    assert_eq!(told(None), ours);
    assert_eq!(told(Some(FetchOptions::default())), ours);
    let short = FetchOptions { max_age_s: Some(5), timeout_ms: Some(u64::MAX), ..OPTIONS };
    assert_eq!(
        told(Some(short)),
        serde_json::json!({
            "timeout_ms": 3_600_000, "max_age_s": 30, "cooldown_s": 30, "max_stale_s": 600, "max_bytes": 65_536,
        })
    );
    let policy = policy(Keys::Jwks(set_a()), OPTIONS);
    assert!(Asked::by(&policy).0.effective().is_empty(), "nothing is fetched here");
    let defaults = Reference::strict().describe().defaults;
    for (name, value) in ours.as_object().unwrap() {
        assert_eq!(&defaults[name], value, "{name}");
    }
}

/// The other tests go by the question's time; this one by the machine's.
#[test]
fn on_the_wall_the_machine_s_clocks_decide() {
    let origin = Origin::start();
    origin.publish_with(set_a(), &[("cache-control", "max-age=0")]);
    let reference = Reference::on_the_wall();
    assert!(!reference.describe().has(gauntlet_vectors::case::Capability::Clock));
    assert!(!reference.describe().has(gauntlet_vectors::case::Capability::VirtualTime));
    let options = FetchOptions { cooldown_s: Some(0), ..OPTIONS };
    for (options, count) in [(OPTIONS, 1), (options, 3)] {
        let policy = policy(Keys::JwksUri(origin.jwks()), options);
        let verifier = Asked(reference.configure(&policy, NumericDate(0)).unwrap());
        let before = origin.count();
        // Nobody looks at these.
        for at in [i64::MIN / 2, 0, i64::MAX / 2] {
            verifier.accepts(&token(1, "a"), at);
        }
        assert_eq!(origin.count() - before, count);
    }
}
