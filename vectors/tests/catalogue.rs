//! The catalogue is linted: what a case may not be.

mod lint;

use std::collections::BTreeSet;

use gauntlet_vectors::{
    Case, CaseId, Catalogue,
    catalogue::FAMILIES,
    file::{FileError, VectorFile},
};

fn cases() -> Vec<Case> {
    FAMILIES.iter().flat_map(|family| (family.cases)()).collect()
}

#[test]
fn ids_are_unique_well_formed_and_of_their_family() {
    let mut seen = BTreeSet::new();
    for family in FAMILIES {
        for case in (family.cases)() {
            assert!(seen.insert(case.id.clone()), "{} stands twice", case.id);
            assert_eq!(case.id.as_str().parse::<CaseId>().as_ref(), Ok(&case.id));
            assert_eq!(case.id.family(), family.name);
        }
    }
}

/// An id is for ever: this snapshot only grows, unless a case is taken out on purpose.
#[test]
fn ids_are_those_of_the_snapshot() {
    let ids: Vec<String> = cases().iter().map(|case| case.id.to_string()).collect();
    insta::assert_snapshot!(ids.join("\n"));
}

#[test]
fn each_demand_to_refuse_has_a_twin_that_must_be_accepted() {
    lint::twins(&Catalogue::build());
}

#[test]
fn levels_follow_from_what_is_permitted_and_on_what_ground() {
    lint::levels(&Catalogue::build());
}

#[test]
fn no_two_identical_exchanges_permit_different_things() {
    lint::exchanges(&Catalogue::build());
}

#[test]
fn every_recipe_can_be_made_and_twice_alike() {
    lint::recipes(Catalogue::build().cases());
}

#[test]
fn scenarios_name_their_own_issuers_and_ask_something() {
    lint::scenarios(&Catalogue::build());
}

#[test]
fn the_digest_hangs_on_recipes_and_not_on_the_environment() {
    let catalogue = Catalogue::build();
    assert_eq!(catalogue.digest(), Catalogue::build().digest());
    let mut fewer = catalogue.cases().to_vec();
    fewer.pop();
    assert_ne!(Catalogue::of(fewer).digest(), catalogue.digest());
}

#[test]
fn a_case_survives_being_written_and_read() {
    let cases = cases();
    let text = serde_json::to_string_pretty(&VectorFile::of(cases.clone())).unwrap();
    assert_eq!(VectorFile::read(&text, &Catalogue::of(Vec::new())).unwrap().cases, cases);
}

#[test]
fn a_malformed_file_is_told_with_its_line_and_what_was_expected() {
    let catalogue = Catalogue::build();
    let read = |text: &str| VectorFile::read(text, &catalogue).unwrap_err();

    let error = read("{\n  \"format\": \"gauntlet-vectors/1\",\n  \"cases\": [{]\n}");
    assert!(matches!(error, FileError::Shape { line: 3, .. }), "{error}");
    assert!(error.to_string().contains("expected an object"), "{error}");

    let error = read("{\"format\": \"gauntlet-vectors/9\", \"cases\": []}");
    assert!(matches!(error, FileError::Format { .. }), "{error}");

    let mut case = catalogue.find(&"rfc/7515-a-5".parse().unwrap()).unwrap().clone();
    case.twin = Some("rfc/nowhere".parse().unwrap());
    let text = serde_json::to_string_pretty(&VectorFile::of(vec![case.clone()])).unwrap();
    let error = read(&text);
    assert!(matches!(error, FileError::Case { line: 5, .. }), "{error}\n{text}");

    case.twin = None;
    let text = serde_json::to_string_pretty(&VectorFile::of(vec![case])).unwrap();
    assert!(read(&text).to_string().contains("without a `twin`"));
}
