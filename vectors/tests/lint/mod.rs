//! What a case may not be, in the catalogue and under every profile.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic in a test is its failure report; helpers of tests are not known as tests to clippy"
)]

use std::collections::BTreeMap;

use gauntlet_vectors::{
    Case, CaseId, Catalogue, Env,
    case::{Basis, Level, Severity},
    forge,
    timeline::Step,
};

/// Each demand to refuse has a twin that must be accepted.
pub(crate) fn twins(catalogue: &Catalogue) {
    for case in catalogue.cases().iter().filter(|case| case.demands_refusal()) {
        let twin = catalogue.twin(case).unwrap_or_else(|| panic!("{} has no twin", case.id));
        assert!(twin.permitted().unwrap().is_acceptance_only(), "{}: {}", case.id, twin.id);
        assert!(!twin.demands_refusal(), "{}: {}", case.id, twin.id);
        assert_eq!(twin.level, Level::Must, "{}: {}", case.id, twin.id);
    }
}

/// Levels follow from what is permitted, and on what ground.
pub(crate) fn levels(catalogue: &Catalogue) {
    for case in catalogue.cases() {
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

/// No two identical exchanges permit different things.
pub(crate) fn exchanges(catalogue: &Catalogue) {
    let mut seen: BTreeMap<String, (CaseId, String)> = BTreeMap::new();
    for case in catalogue.cases() {
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

/// Every recipe of these cases can be made, and twice alike.
pub(crate) fn recipes<'c>(cases: impl IntoIterator<Item = &'c Case>) {
    let env = Env::fixed();
    for case in cases {
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
pub(crate) fn scenarios(catalogue: &Catalogue) {
    for case in catalogue.cases().iter().filter(|case| case.is_served()) {
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
