//! Every vector is a case, at a label that a conforming verifier can meet.

use super::*;
use crate::case::{Level, Part};

#[test]
fn every_overlay_entry_names_a_vector_and_its_upstream_label() {
    let overlay: Vec<Overlay> = serde_json::from_str(OVERLAY).unwrap();
    let cases = cases();
    for file in overlay {
        for entry in file.entries {
            let id = CaseId::new(FAMILY.name, &format!("{}-{}", file.file, entry.id));
            let case = cases.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("{id}"));
            let source = case.source.as_ref().unwrap();
            assert_eq!(source.label, entry.upstream, "{id}");
            assert_eq!(source.differs_because.as_deref(), Some(entry.why.as_str()), "{id}");
        }
    }
}

#[test]
fn every_jws_of_the_three_files_is_a_case() {
    let cases = cases();
    let of = |file: &str| {
        let prefix = format!("wycheproof/{file}-");
        cases.iter().filter(|case| case.id.as_str().starts_with(&prefix)).count()
    };
    assert_eq!((of("jws"), of("jwk"), of("crypto")), (401, 26, 49));
}

#[test]
fn every_demand_to_refuse_stands_beside_a_good_vector_of_the_same_algorithm() {
    let cases = cases();
    for case in cases.iter().filter(|case| case.demands_refusal()) {
        let twin = case.twin.as_ref().unwrap_or_else(|| panic!("{} has no twin", case.id));
        let twin = cases.iter().find(|other| other.id == *twin).unwrap();
        assert!(twin.permitted().unwrap().is_acceptance_only(), "{}", case.id);
        assert_eq!(twin.policy.algorithms, case.policy.algorithms, "{}", case.id);
        assert_ne!(case.level, Level::May, "{}", case.id);
    }
}

#[test]
fn vectors_are_told_apart_by_what_is_wrong_with_them() {
    let cases = cases();
    let what = |slug: &str| {
        let case = cases.iter().find(|case| case.id.as_str() == slug).unwrap();
        (case.category, case.level, case.part)
    };
    let must = Level::Must;
    for (slug, told) in [
        ("wycheproof/jws-16", (Category::AlgNone, must, Part::AllowList)),
        ("wycheproof/jws-31", (Category::KeyConfusion, must, Part::AllowList)),
        ("wycheproof/jws-32", (Category::HeaderInjection, must, Part::KeySelection)),
        ("wycheproof/jws-3", (Category::TokenParsing, must, Part::Serialization)),
        ("wycheproof/jws-48", (Category::SignatureIntegrity, must, Part::Signature)),
        // An RS256 signature under a PS512 header is a bad signature; an RS256 header is another alg.
        ("wycheproof/jws-331", (Category::SignatureIntegrity, must, Part::Signature)),
        ("wycheproof/jws-332", (Category::KeyConfusion, must, Part::KeySelection)),
        // `use` alone is advice; another `alg` binds.
        ("wycheproof/jws-353", (Category::JwkValidation, Level::Should, Part::KeySelection)),
        ("wycheproof/jwk-6", (Category::KeyConfusion, must, Part::KeySelection)),
        ("wycheproof/jwk-22", (Category::JwkValidation, must, Part::Keys)),
    ] {
        assert_eq!(what(slug), told, "{slug}");
    }
}

#[test]
fn vectors_that_no_conforming_verifier_can_meet_carry_a_corrected_label() {
    let cases = cases();
    let permitted = |slug: &str| {
        cases.iter().find(|case| case.id.as_str() == slug).and_then(Case::permitted).unwrap()
    };
    // Byte-identical to a valid vector, though labelled invalid.
    assert!(permitted("wycheproof/jws-367").is_acceptance_only());
    assert!(permitted("wycheproof/jws-370").is_acceptance_only());
    // Labelled as a good JSON serialization that has to be refused all the same; but the text is cut
    // short and is no JSON, so that refusing it is right for another reason.
    assert!(permitted("wycheproof/jws-17").is_refusal_only());
    assert!(permitted("wycheproof/crypto-17").permits_refusal());
    // `?` is not in the alphabet, though labelled valid.
    assert!(permitted("wycheproof/jws-372").is_refusal_only());
    assert!(permitted("wycheproof/jws-373").is_refusal_only());
}
