//! How many requests are made, and for which tokens.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::mpsc,
    thread,
};

use super::*;

#[test]
fn a_herd_on_a_cold_cache_makes_one_fetch() {
    let origin = Origin::serving(set_a());
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    let token = token(1, "a");
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| verifier.accepts(&token, 0));
        }
    });
    assert_eq!(origin.count(), 1);
}

/// With a cooldown of nothing, those who waited could fetch for themselves, and must not.
#[test]
fn a_herd_takes_what_came_of_the_one_fetch_good_or_bad() {
    let options = FetchOptions { cooldown_s: Some(0), ..OPTIONS };
    let (started, starts) = mpsc::channel();
    let (release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let origin = Origin::start();
    origin.on("/jwks", move |_| {
        started.send(()).unwrap();
        gate.lock().unwrap().recv().unwrap();
        ResponseTemplate::new(503)
    });
    let verifier = Asked::at_uri(origin.jwks(), options);
    let token = token(1, "a");
    thread::scope(|scope| {
        let first = scope.spawn(|| verifier.says(&token, 0));
        starts.recv().unwrap();
        let others: Vec<_> = (0..16).map(|_| scope.spawn(|| verifier.says(&token, 0))).collect();
        // However late the others come, there is an answer for each of them.
        for _ in 0..17 {
            release.send(()).unwrap();
        }
        assert_eq!(first.join().unwrap(), "unavailable fetch-status");
        for other in others {
            assert_eq!(other.join().unwrap(), "unavailable fetch-status");
        }
    });
    assert!(origin.count() < 17, "{} requests", origin.count());
}

#[test]
fn whoever_can_be_served_does_not_wait_for_a_fetch() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/jwks", listener.local_addr().unwrap());
    let (begun, begins) = mpsc::channel();
    let (release, gate) = mpsc::channel::<()>();
    let server = thread::spawn(move || {
        for count in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
            if count == 1 {
                begun.send(()).unwrap();
                gate.recv().unwrap();
            }
            let body = set_a();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
                .unwrap();
        }
    });
    let verifier = Asked::at_uri(uri, OPTIONS);
    verifier.accepts(&token(1, "a"), 0);
    let strange = token(1, "z");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| verifier.says(&strange, 60));
        begins.recv().unwrap();
        // The endpoint is stuck until we let it go, and we are served all the same.
        verifier.accepts(&token(1, "a"), 60);
        release.send(()).unwrap();
        assert_eq!(waiting.join().unwrap(), "reject kid-unknown");
    });
    server.join().unwrap();
}

/// During an outage that is known, one token a cooldown pays for trying again, and not every one.
#[test]
fn who_may_be_served_a_stale_set_does_not_wait_for_the_next_attempt() {
    let (begun, begins) = mpsc::channel();
    let (release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let origin = Origin::serving(set_a());
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    verifier.accepts(&token(1, "a"), 0);
    origin.fail(503);
    verifier.accepts(&token(1, "a"), 300);
    origin.on("/jwks", move |_| {
        begun.send(()).unwrap();
        gate.lock().unwrap().recv().unwrap();
        ResponseTemplate::new(200).set_body_string(set(&[jwk(2, "b")]))
    });
    thread::scope(|scope| {
        let trying = scope.spawn(|| verifier.says(&token(1, "a"), 330));
        begins.recv().unwrap();
        verifier.accepts(&token(1, "a"), 330);
        release.send(()).unwrap();
        assert_eq!(trying.join().unwrap(), "reject kid-unknown");
    });
    verifier.accepts(&token(2, "b"), 330);
}

#[test]
fn strange_names_of_keys_stay_within_the_cooldown() {
    let origin = Origin::serving(set_a());
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    for n in 0..200 {
        assert_eq!(verifier.says(&token(1, &format!("kid-{n}")), 0), "reject kid-unknown");
    }
    assert_eq!(origin.count(), 1);
    assert_eq!(verifier.says(&token(1, "z"), 29), "reject kid-unknown");
    assert_eq!(origin.count(), 1);
    let verifier = &verifier;
    thread::scope(|scope| {
        for n in 0..64 {
            scope.spawn(move || verifier.says(&token(1, &format!("more-{n}")), 30));
        }
    });
    assert_eq!(origin.count(), 2);
    verifier.accepts(&token(1, "a"), 30);
}

#[test]
fn a_new_key_is_found_as_soon_as_the_cooldown_allows() {
    let origin = Origin::serving(set_a());
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    verifier.accepts(&token(1, "a"), 0);
    origin.publish(set(&[jwk(1, "a"), jwk(2, "b")]));
    assert_eq!(verifier.says(&token(2, "b"), 10), "reject kid-unknown");
    verifier.accepts(&token(2, "b"), 30);
    verifier.accepts(&token(1, "a"), 30);
    assert_eq!(origin.count(), 2);
}

#[test]
fn a_failed_fetch_is_not_tried_again_before_the_cooldown_whatever_asks() {
    let origin = Origin::start();
    origin.fail(500);
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    // Cold.
    for at in [0, 1, 29] {
        assert_eq!(verifier.says(&token(1, "a"), at), "unavailable fetch-status");
    }
    assert_eq!(origin.count(), 1);
    assert!(
        verifier.laments(&token(1, "a"), 20).ends_with("; asked again in 10 s at the earliest")
    );
    assert_eq!(verifier.says(&token(1, "a"), 30), "unavailable fetch-status");
    assert_eq!(origin.count(), 2);
    // Good again, and found within the cooldown.
    origin.publish(set_a());
    verifier.accepts(&token(1, "a"), 60);
    assert_eq!(origin.count(), 3);
    // A name that is unknown.
    origin.fail(500);
    for at in [90, 91, 119] {
        assert_eq!(verifier.says(&token(1, "z"), at), "reject kid-unknown");
        verifier.accepts(&token(1, "a"), at);
    }
    assert_eq!(origin.count(), 4);
    // The end of freshness, at 360.
    for at in [360, 361, 389] {
        verifier.accepts(&token(1, "a"), at);
    }
    assert_eq!(origin.count(), 5);
    verifier.accepts(&token(1, "a"), 390);
    assert_eq!(origin.count(), 6);
}

#[test]
fn nothing_is_fetched_before_a_key_is_wanted() {
    let origin = Origin::serving(set_a());
    let mut policy = policy(Keys::JwksUri(origin.jwks()), OPTIONS);
    policy.algorithms = vec!["EdDSA".to_owned()];
    let verifier = Asked::by(&policy);
    let header = |alg: &str| b64(format!(r#"{{"alg":"{alg}","kid":"a"}}"#));
    let claims = b64(format!(r#"{{"iss":"{ISSUER}"}}"#));
    for (token, said) in [
        (shown("x".to_owned()), "reject segments"),
        (shown(format!("{}.{claims}.AA", header("none"))), "reject alg-known"),
        (shown(format!("{}.{claims}.AA", header("HS256"))), "reject alg-allowed"),
        (shown(format!("{}.{claims}.AA", header("RS256"))), "reject alg-allowed"),
        (shown(format!("{}.{claims}.A=", header("EdDSA"))), "reject base64-padding"),
        (shown(format!("{}.AA.AA", header("EdDSA"))), "reject claims-json"),
        (token_of("https://other.test", 1, "a"), "reject iss-other"),
    ] {
        assert_eq!(verifier.says(&token, 0), said);
    }
    assert_eq!(origin.count(), 0);
}

#[test]
fn a_token_makes_requests_at_its_own_issuer_alone() {
    let (ours, theirs) = (Origin::serving(set_a()), Origin::serving(set(&[jwk(2, "a")])));
    let mut policy = policy(Keys::JwksUri(ours.jwks()), OPTIONS);
    policy.issuers.push(trusted("https://other.test", Keys::JwksUri(theirs.jwks())));
    let verifier = Asked::by(&policy);
    verifier.accepts(&token(1, "a"), 0);
    assert_eq!((ours.count(), theirs.count()), (1, 0));
    assert_eq!(verifier.says(&token_of("https://other.test", 1, "a"), 0), "reject signature");
    verifier.accepts(&token_of("https://other.test", 2, "a"), 0);
    assert_eq!((ours.count(), theirs.count()), (1, 1));
    // One that is down is no other one's trouble.
    theirs.fail(500);
    assert_eq!(
        verifier.says(&token_of("https://other.test", 2, "a"), 2_000),
        "unavailable fetch-stale"
    );
    verifier.accepts(&token(1, "a"), 2_000);
}

#[test]
fn where_no_issuer_is_named_one_that_is_down_leaves_it_open() {
    let (down, up) = (Origin::start(), Origin::serving(set_a()));
    let mut policy = policy(Keys::JwksUri(down.jwks()), OPTIONS);
    policy.issuers.push(trusted(ISSUER, Keys::JwksUri(up.jwks())));
    let verifier = Asked::by(&policy);
    verifier.accepts(&token(1, "a"), 0);
    assert_eq!(verifier.says(&token(2, "a"), 0), "unavailable fetch-status");
}

#[test]
fn a_secret_that_is_published_verifies_nothing() {
    let secret = b64([7; 64]);
    let origin =
        Origin::serving(format!(r#"{{"keys":[{{"kty":"oct","k":"{secret}","kid":"a"}}]}}"#));
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    let header = b64(r#"{"alg":"HS256","kid":"a"}"#);
    assert_eq!(
        verifier
            .says(&shown(format!("{header}.{}.AA", b64(format!(r#"{{"iss":"{ISSUER}"}}"#)))), 0),
        "reject alg-allowed"
    );
    let mut policy = policy(Keys::JwksUri(origin.jwks()), OPTIONS);
    policy.algorithms = vec!["HS256".to_owned()];
    assert!(refusal(&policy).starts_with("allow-list-empty: "));
}
