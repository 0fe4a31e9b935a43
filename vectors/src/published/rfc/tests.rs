//! The traps of the sources, and what becomes of every example.

use super::*;

fn find<'a>(cases: &'a [Case], id: &str) -> &'a Case {
    cases.iter().find(|case| case.id.as_str() == id).unwrap_or_else(|| panic!("no case {id}"))
}

fn token(case: &Case) -> &Recipe {
    &case.timeline.presentations().next().unwrap().token
}

fn compact(case: &Case) -> &str {
    match token(case) {
        Recipe::Text(text) => text,
        other @ (Recipe::Octets(_) | Recipe::Jws(_) | Recipe::JwsJson(_)) => {
            panic!("{} is {other:?}", case.id)
        }
    }
}

fn header(token: &str) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

#[test]
fn every_example_that_a_verifier_can_be_shown_is_a_case() {
    let examples = Examples::load().unwrap();
    let shown: Vec<&str> = examples
        .vectors
        .iter()
        .filter(|vector| !examples.cases_of(vector).is_empty())
        .map(|vector| vector.id.as_str())
        .collect();
    let rest: Vec<&str> = examples
        .vectors
        .iter()
        .map(|vector| vector.id.as_str())
        .filter(|id| !shown.contains(id))
        .collect();
    // Certificate chains, base64url, thumbprints and key agreement are tests of the forge; keys that sign
    // nothing by themselves are shown with the examples that they sign.
    assert_eq!(
        rest,
        [
            "rfc7515-B",
            "rfc7515-C",
            "rfc7517-A.2",
            "rfc7517-B",
            "rfc7520-3.1",
            "rfc7520-3.2",
            "rfc7520-3.3",
            "rfc7520-3.4",
            "rfc7520-3.5",
            "rfc7520-3.6",
            "rfc8037-A.1",
            "rfc8037-A.2",
            "rfc8037-A.3",
            "rfc8037-A.6",
            "rfc8037-A.7"
        ]
    );
    assert_eq!(cases().len(), shown.len() + 2, "two JWTs are shown after their expiry as well");
}

#[test]
fn labels_differ_from_the_publishers_only_where_the_overlay_says_why() {
    let examples = Examples::load().unwrap();
    for entry in &examples.overlay {
        let vector = examples.find(&entry.id).unwrap_or_else(|| panic!("{}", entry.id));
        assert_eq!(vector.result(), entry.upstream, "{}", entry.id);
    }
    for vector in &examples.vectors {
        for case in examples.cases_of(vector) {
            let differs = examples.overlay.iter().any(|entry| entry.id == vector.id);
            let source = case.source.as_ref().unwrap();
            assert_eq!(source.differs_because.is_some(), differs, "{}", case.id);
            if vector.result() == "valid"
                && !differs
                && case.part != Part::Time
                && case.category != Category::JweNested
            {
                assert!(case.permitted().unwrap().is_acceptance_only(), "{}", case.id);
            }
        }
    }
}

#[test]
fn appendix_e_is_unsecured_as_encoded_and_derived_vectors_say_the_same_under_a_good_mac() {
    let cases = cases();
    let printed = header(compact(find(&cases, "rfc/7515-e")));
    assert!(
        printed.contains("\"alg\":\"none\"") && printed.contains("http://example.com/UNDEFINED")
    );
    for id in ["rfc/derived-crit-unknown-com", "rfc/derived-crit-unknown-invalid"] {
        let case = find(&cases, id);
        assert!(header(compact(case)).contains("HS256"), "{id}");
        assert!(case.permitted().unwrap().is_refusal_only(), "{id}");
    }
}

#[test]
fn the_header_and_payload_of_appendix_a_1_keep_their_line_breaks() {
    let cases = cases();
    let token = compact(find(&cases, "rfc/7515-a-1"));
    assert!(header(token).contains("\r\n"));
    assert!(String::from_utf8(compact_payload(token).unwrap()).unwrap().contains("\r\n"));
}

#[test]
fn rfc_8037_signs_signing_in_lower_case() {
    let cases = cases();
    for id in ["rfc/8037-a-4", "rfc/8037-a-5"] {
        let payload = compact_payload(compact(find(&cases, id))).unwrap();
        assert_eq!(payload, b"Example of Ed25519 signing", "{id}");
    }
}

#[test]
fn rfc_7520_section_4_7_and_4_8_carry_alg_unprotected_and_4_8_shares_a_kid() {
    let cases = cases();
    for id in ["rfc/7520-4-7-general", "rfc/7520-4-7-flattened", "rfc/7520-4-8"] {
        assert!(find(&cases, id).permitted().unwrap().permits_refusal(), "{id}");
    }
    let KeysRecipe::Literal(Keys::Jwks(set)) = &find(&cases, "rfc/7520-4-8").policy.issuers[0].keys
    else {
        panic!("no literal set");
    };
    let set: Value = serde_json::from_str(set).unwrap();
    let kids: Vec<&Value> = set["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert!(kids.iter().enumerate().any(|(at, kid)| kids[at + 1..].contains(kid)), "{kids:?}");
}

#[test]
fn unsecured_examples_are_played_at_their_label_and_jwts_at_a_fixed_clock() {
    let cases = cases();
    for id in ["rfc/7515-a-5", "rfc/7519-6-1"] {
        let case = find(&cases, id);
        assert!(case.permitted().unwrap().is_refusal_only(), "{id}");
        assert_eq!(case.severity, Severity::Critical, "{id}");
    }
    assert_eq!(find(&cases, "rfc/7519-3-1").clock, Clock::At(EXPIRY.plus(-60)));
    assert!(find(&cases, "rfc/7519-3-1-expired").permitted().unwrap().is_refusal_only());
}

#[test]
fn a_jwe_where_a_jws_is_due_is_refused() {
    let cases = cases();
    let jwes: Vec<&Case> =
        cases.iter().filter(|case| case.category == Category::JweNested).collect();
    assert_eq!(jwes.len(), 11);
    for case in jwes {
        assert!(case.permitted().unwrap().is_refusal_only(), "{}", case.id);
    }
}

#[test]
fn every_demand_to_refuse_has_a_twin_that_must_be_accepted_under_the_same_keys() {
    let cases = cases();
    for case in cases.iter().filter(|case| case.demands_refusal()) {
        let twin =
            find(&cases, case.twin.as_ref().unwrap_or_else(|| panic!("{}", case.id)).as_str());
        assert!(twin.permitted().unwrap().is_acceptance_only(), "{}", case.id);
        assert_eq!(twin.policy.issuers[0].keys, case.policy.issuers[0].keys, "{}", case.id);
    }
}
