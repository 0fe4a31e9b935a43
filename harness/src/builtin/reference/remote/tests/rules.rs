//! What is left of the client where one of its rules is switched off: one server for each.

use super::{wire::Authority, *};
use crate::builtin::reference::Check;

/// Strict, and without the check.
fn both(check: Check) -> [(Rules, bool); 2] {
    [(Rules::STRICT, true), (Rules::STRICT.without(check), false)]
}

/// The check leaves the token without a decision; without it, the token is accepted.
#[track_caller]
fn decides(check: Check, policy: &Policy) {
    for (rules, is_strict) in both(check) {
        let said = Asked::under(rules, policy).says(&token(1, "a"), 0);
        let due = if is_strict { format!("unavailable {check}") } else { "accept".to_owned() };
        assert_eq!(said, due);
    }
}

#[test]
fn a_redirect_is_followed_by_who_does_not_mind() {
    let origin = Origin::start();
    origin.on("/jwks", |_| ResponseTemplate::new(302).append_header("location", "/there"));
    origin.on("/there", |_| ResponseTemplate::new(200).set_body_string(set_a()));
    decides(Check::FetchRedirect, &policy(Keys::JwksUri(origin.jwks()), OPTIONS));
}

#[test]
fn a_status_does_not_matter_to_who_does_not_look() {
    let origin = Origin::start();
    origin.on("/jwks", |_| ResponseTemplate::new(503).set_body_string(set_a()));
    decides(Check::FetchStatus, &policy(Keys::JwksUri(origin.jwks()), OPTIONS));
}

#[test]
fn a_length_does_not_matter_to_who_has_no_bound() {
    let origin = Origin::serving(set_a());
    let options = FetchOptions { max_bytes: Some(10), ..OPTIONS };
    decides(Check::FetchSize, &policy(Keys::JwksUri(origin.jwks()), options));
}

#[test]
fn a_certificate_does_not_matter_to_who_does_not_look() {
    let (ours, other) = (Authority::new(), Authority::new());
    let options = FetchOptions { ca_file: Some(ours.file()), ..OPTIONS };
    let uri = format!("https://127.0.0.1:{}/jwks", other.serve("localhost"));
    decides(Check::FetchTls, &policy(Keys::JwksUri(uri), options));
}

#[test]
fn metadata_are_believed_by_who_does_not_compare() {
    let origin = Origin::serving(set_a());
    let (issuer, jwks) = (origin.url(""), origin.jwks());
    for (check, text) in [
        (Check::MetadataIssuer, format!(r#"{{"issuer":"{issuer}/","jwks_uri":"{jwks}"}}"#)),
        (
            Check::MetadataDuplicate,
            format!(r#"{{"issuer":"{issuer}","jwks_uri":"{jwks}","jwks_uri":"{issuer}"}}"#),
        ),
    ] {
        origin.on("/.well-known/openid-configuration", move |_| {
            ResponseTemplate::new(200).set_body_string(text.clone())
        });
        decides(check, &policy(Keys::Discovery(issuer.clone()), OPTIONS));
    }
}

#[test]
fn without_a_cooldown_every_strange_name_makes_a_request() {
    for (rules, is_strict) in both(Check::FetchCooldown) {
        let origin = Origin::serving(set_a());
        let policy = policy(Keys::JwksUri(origin.jwks()), OPTIONS);
        let verifier = Asked::under(rules, &policy);
        for n in 0..10 {
            verifier.says(&token(1, &format!("kid-{n}")), 0);
        }
        assert_eq!(origin.count(), if is_strict { 1 } else { 10 });
    }
}

#[test]
fn without_freshness_a_key_that_was_taken_back_verifies_for_ever() {
    for (rules, is_strict) in both(Check::FetchFreshness) {
        let origin = Origin::serving(set_a());
        let policy = policy(Keys::JwksUri(origin.jwks()), OPTIONS);
        let verifier = Asked::under(rules, &policy);
        verifier.accepts(&token(1, "a"), 0);
        origin.publish(set(&[]));
        let due = if is_strict { "reject kid-unknown" } else { "accept" };
        assert_eq!(verifier.says(&token(1, "a"), 1_000_000), due);
    }
}

#[test]
fn without_its_bound_a_stale_set_serves_for_ever() {
    for (rules, is_strict) in both(Check::FetchStale) {
        let origin = Origin::serving(set_a());
        let policy = policy(Keys::JwksUri(origin.jwks()), OPTIONS);
        let verifier = Asked::under(rules, &policy);
        verifier.accepts(&token(1, "a"), 0);
        origin.fail(503);
        let due = if is_strict { "unavailable fetch-stale" } else { "accept" };
        assert_eq!(verifier.says(&token(1, "a"), 1_000_000), due);
    }
}
