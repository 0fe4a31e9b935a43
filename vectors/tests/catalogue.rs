//! The catalogue is linted: what a case may not be.

use std::collections::{BTreeMap, BTreeSet};

use gauntlet_vectors::{
    Case, CaseId, Catalogue, Env,
    case::{Basis, Level, Severity},
    catalogue::FAMILIES,
    file::{FileError, VectorFile},
    forge,
    timeline::Step,
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
    let catalogue = Catalogue::build();
    for case in catalogue.cases().iter().filter(|case| case.demands_refusal()) {
        let twin = catalogue.twin(case).unwrap_or_else(|| panic!("{} has no twin", case.id));
        assert!(twin.permitted().unwrap().is_acceptance_only(), "{}: {}", case.id, twin.id);
        assert!(!twin.demands_refusal(), "{}: {}", case.id, twin.id);
        assert_eq!(twin.level, Level::Must, "{}: {}", case.id, twin.id);
    }
}

#[test]
fn levels_follow_from_what_is_permitted_and_on_what_ground() {
    for case in cases() {
        let is_choice = case.is_choice();
        if is_choice {
            assert_eq!(case.level, Level::May, "{}: a choice demands nothing", case.id);
            assert_eq!(case.severity, Severity::Info, "{}", case.id);
        }
        match case.basis {
            Basis::Rfc | Basis::Bcp | Basis::Operator => {}
            Basis::Should | Basis::Hardening => {
                assert_ne!(case.level, Level::Must, "{}: no clause binds the recipient", case.id);
            }
        }
        if case.level == Level::Should {
            assert!(case.severity < Severity::High, "{}: a SHOULD never reaches high", case.id);
        }
        assert!(!case.clauses.is_empty(), "{} cites nothing", case.id);
        for text in [
            &case.title,
            &case.story.rule,
            &case.story.attack,
            &case.story.consequence,
            &case.story.remedy,
        ] {
            assert!(!text.trim().is_empty(), "{} leaves a text empty", case.id);
        }
    }
}

#[test]
fn no_two_identical_exchanges_permit_different_things() {
    let mut seen: BTreeMap<String, (CaseId, String)> = BTreeMap::new();
    for case in cases() {
        let tokens: Vec<_> = case
            .timeline
            .presentations()
            .map(|shown| (&shown.verifier, shown.mode, &shown.token, &shown.detached_payload))
            .collect();
        // What happens between the tokens is part of the exchange: the same token after a while is
        // another question.
        let between: Vec<_> = case
            .timeline
            .0
            .iter()
            .enumerate()
            .filter(|(_, step)| !matches!(step, Step::Verify(_) | Step::VerifyAll(_)))
            .collect();
        let exchange =
            serde_json::to_string(&(&case.policy, &case.issuers, &case.clock, &tokens, between))
                .unwrap();
        let permitted: Vec<_> =
            case.timeline.presentations().map(|shown| &shown.permitted).collect();
        let permitted = format!("{permitted:?} {:?}", case.level);
        let (other, theirs) =
            seen.entry(exchange).or_insert_with(|| (case.id.clone(), permitted.clone()));
        assert_eq!(*theirs, permitted, "{other} and {}", case.id);
    }
}

#[test]
fn every_recipe_can_be_made_and_twice_alike() {
    let env = Env::fixed();
    for case in cases() {
        forge::resolve_policy(&case.policy, &env)
            .unwrap_or_else(|error| panic!("{}: {error}", case.id));
        for shown in case.timeline.presentations() {
            let detached = shown.detached_payload.as_ref().map(|payload| payload.0.as_slice());
            let make = || forge::forge(&shown.token, shown.mode, detached, &env);
            let made = make().unwrap_or_else(|error| panic!("{}: {error}", case.id));
            assert_eq!(Ok(made), make(), "{}", case.id);
        }
    }
}

/// A scenario that names an issuer which it has not, or looks at nothing, would tell nothing.
#[test]
fn scenarios_name_their_own_issuers_and_ask_something() {
    for case in cases().iter().filter(|case| case.is_served()) {
        let numbers = case.timeline.0.iter().filter_map(|step| match step {
            Step::Publish { issuer, .. }
            | Step::Fault { issuer, .. }
            | Step::Mend { issuer }
            | Step::ExpectFetches { issuer, .. } => Some(*issuer),
            Step::Verify(_)
            | Step::VerifyAll(_)
            | Step::VerifyMany { .. }
            | Step::Advance(_)
            | Step::Configure { .. }
            | Step::Within { .. }
            | Step::ExpectPrompt
            | Step::ExpectQuiet { .. }
            | Step::ExpectCost { .. } => None,
        });
        for number in numbers {
            assert!(number < case.issuers.len(), "{}: issuer {number}", case.id);
        }
        let env = Env::fixed();
        for issuer in &case.issuers {
            forge::resolve_publication(&issuer.serves, &env)
                .unwrap_or_else(|error| panic!("{}: {error}", case.id));
        }
        assert!(case.policy.fetch.is_some(), "{}: how are keys fetched?", case.id);
        let is_honest = case
            .timeline
            .presentations()
            .any(|shown| shown.permitted.is_acceptance_only() || case.twin.is_some());
        assert!(is_honest, "{}: nothing keeps it honest", case.id);
    }
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
