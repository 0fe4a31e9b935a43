//! The catalogue is linted under every profile, and a snapshot tells what each profile changes.

#![expect(
    clippy::unwrap_used,
    reason = "a panic in a test is its failure report; helpers of tests are not known as tests to clippy"
)]

mod lint;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use gauntlet_vectors::{
    CaseId, Catalogue, Profile,
    case::Capability,
    profile::{Applied, Change, find, profiles},
};

/// Every profile but the one that changes nothing, applied.
fn each(mut look: impl FnMut(&Profile, &Catalogue, &Applied)) {
    let core = Catalogue::build();
    for profile in profiles().unwrap().iter().filter(|profile| !profile.is_core()) {
        look(profile, &core, &profile.applied(&core));
    }
}

#[test]
fn what_holds_of_the_catalogue_holds_under_every_profile() {
    each(|_, core, applied| {
        let catalogue = &applied.catalogue;
        lint::twins(catalogue);
        lint::levels(catalogue);
        lint::exchanges(catalogue);
        lint::scenarios(catalogue);
        // Whatever is as in the catalogue was made there.
        let is_new = |id: &CaseId| catalogue.find(id) != core.find(id);
        lint::recipes(catalogue.cases().iter().filter(|case| is_new(&case.id)));
    });
}

/// What is told of a case is what happened to it, and what nothing is told of is as it was.
#[test]
fn every_difference_is_told_and_nothing_else() {
    each(|profile, core, applied| {
        let told: BTreeSet<&CaseId> = applied.changed.iter().map(|changed| &changed.id).collect();
        let added: BTreeSet<&CaseId> = applied.added.iter().map(|added| &added.id).collect();
        let gone: BTreeSet<&CaseId> = applied.left_out.iter().map(|left| &left.id).collect();
        for case in applied.catalogue.cases() {
            let was = core.find(&case.id);
            assert_eq!(was.is_none(), added.contains(&case.id), "{}: {}", profile.id, case.id);
            let differs = was.is_some_and(|was| was != case);
            assert_eq!(differs, told.contains(&case.id), "{}: {}", profile.id, case.id);
        }
        for case in core.cases() {
            let is_gone = applied.catalogue.find(&case.id).is_none();
            assert_eq!(is_gone, gone.contains(&case.id), "{}: {}", profile.id, case.id);
        }
        let core_and_added = core.cases().len() + added.len();
        assert_eq!(core_and_added, applied.catalogue.cases().len() + gone.len());
    });
}

/// A profile leaves a case out, with a reason, or asks at least as much of it.
#[test]
fn no_profile_asks_less_of_a_case() {
    each(|profile, core, applied| {
        for case in applied.catalogue.cases() {
            let Some(was) = core.find(&case.id) else { continue };
            let label = format!("{}: {}", profile.id, case.id);
            assert!(case.level <= was.level, "{label}: the level");
            assert!(case.severity >= was.severity, "{label}: the severity");
            for (now, then) in case.timeline.presentations().zip(was.timeline.presentations()) {
                let (now, then) = (&now.permitted, &then.permitted);
                assert!(now.behaviours().len() <= then.behaviours().len(), "{label}");
                assert!(!then.is_refusal_only() || now.is_refusal_only(), "{label}");
                assert!(!then.is_acceptance_only() || now.is_acceptance_only(), "{label}");
            }
            for clause in &was.clauses {
                assert!(case.clauses.contains(clause), "{label}: {clause} is gone");
            }
        }
    });
}

/// A case and its twin are dressed alike: where their policies asked for the same, they still do.
#[test]
fn a_case_and_its_twin_are_asked_under_policies_that_changed_alike() {
    each(|profile, core, applied| {
        for case in applied.catalogue.cases().iter().filter(|case| case.demands_refusal()) {
            let Some(was) = core.find(&case.id) else { continue };
            let (twin, twin_was) = (applied.catalogue.twin(case).unwrap(), core.twin(was));
            let Some(twin_was) = twin_was else { continue };
            let label = format!("{}: {} and {}", profile.id, case.id, twin.id);
            let (now, then) = (&case.policy, &was.policy);
            let (twin_now, twin_then) = (&twin.policy, &twin_was.policy);
            if then.token_type == twin_then.token_type {
                assert_eq!(now.token_type, twin_now.token_type, "{label}");
                assert_eq!(case.needs.spared, twin.needs.spared, "{label}");
            }
            if then.audiences == twin_then.audiences {
                assert_eq!(now.audiences, twin_now.audiences, "{label}");
            }
            if then.algorithms == twin_then.algorithms {
                assert_eq!(now.algorithms, twin_now.algorithms, "{label}");
            }
        }
    });
}

/// Whoever has no option for the type of a token is asked the same without it.
#[test]
fn a_verifier_without_the_option_is_asked_without_it() {
    let catalogue = find("rfc9068").unwrap().apply(&Catalogue::build());
    let honest = "honest/es256".parse().unwrap();
    let told = catalogue.find(&honest).unwrap();
    assert_eq!(told.policy.token_type.as_deref(), Some("at+jwt"));
    assert!(!told.needed_capabilities().contains(&Capability::TokenType));

    let spared = catalogue.for_features(&|feature| feature != Capability::TokenType);
    assert_eq!(spared.find(&honest).unwrap().policy.token_type, None);
    assert_eq!(spared.cases().len(), catalogue.cases().len());
    let other = "token-type/other-jwt".parse().unwrap();
    assert_eq!(spared.find(&other), catalogue.find(&other), "it is about the option");
    assert_eq!(catalogue.for_features(&|_| true).digest(), catalogue.digest());
}

/// What each profile changes, for whoever reviews a change of it.
#[test]
fn profiles_change_what_the_snapshot_says() {
    each(|profile, _, applied| {
        let mut text = String::new();
        // Cases with the same changes stand together.
        let mut alike: BTreeMap<(Vec<&Change>, Vec<&String>), Vec<&CaseId>> = BTreeMap::new();
        for changed in &applied.changed {
            let key = (changed.changes.iter().collect(), changed.because.iter().collect());
            alike.entry(key).or_default().push(&changed.id);
        }
        for ((changes, because), ids) in alike {
            for change in changes {
                let _ = writeln!(text, "{change}");
            }
            for reason in because {
                let _ = writeln!(text, "  because {reason}");
            }
            for id in ids {
                let _ = writeln!(text, "    {id}");
            }
        }
        for added in &applied.added {
            let _ = writeln!(text, "added {}\n  because {}", added.id, added.because);
        }
        for left in &applied.left_out {
            let _ = writeln!(text, "left out {}\n  because {}", left.id, left.because);
        }
        insta::assert_snapshot!(profile.id.as_str(), text);
    });
}
