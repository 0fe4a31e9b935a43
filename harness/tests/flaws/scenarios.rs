//! The same proof for clients of key sets, which are played the cases with issuers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use gauntlet_vectors::{
    Case, CaseId, NumericDate, Policy,
    case::{Capability, Level},
    judge::{Outcome, Twin},
    timeline::Step,
};
use jwks_gauntlet::{
    adapter::{InProcess, Peer},
    builtin::reference::Reference,
    runner::{execute::Played, plan},
    verifier::{Description, Implementation, Refusal, Verifier},
};

use crate::{Gauntlet, bank, conforming, kept, quietly};

/// Who waits needs no core, and most of these clients wait.
const THREADS: usize = 12;

type Make<'a> = &'a (dyn Fn() -> Box<dyn Implementation> + Sync);

/// What became of each case that was played to each client.
fn play_all<'g>(
    gauntlet: &'g Gauntlet,
    makers: &[Make<'_>],
    which: &(dyn Fn(usize, &Case) -> bool + Sync),
) -> Vec<BTreeMap<&'g CaseId, (&'g Case, Played)>> {
    let served: Vec<&Case> =
        gauntlet.catalogue.cases().iter().filter(|case| case.is_served()).collect();
    // The slowest cases first, so that none is waited for in the end.
    let mut pairs: Vec<(usize, &Case)> = makers
        .iter()
        .enumerate()
        .flat_map(|(at, _)| served.iter().map(move |case| (at, *case)))
        .filter(|(at, case)| which(*at, case))
        .collect();
    pairs.sort_by_key(|(at, case)| (!waits(case), *at));
    let twins: Vec<BTreeMap<&CaseId, OnceLock<bool>>> = makers
        .iter()
        .map(|_| served.iter().map(|case| (&case.id, OnceLock::new())).collect())
        .collect();
    let results: Vec<Mutex<BTreeMap<_, _>>> = makers.iter().map(|_| Mutex::default()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((at, case)) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
            // A process of its own for each case, so that what one leaves behind is not another's.
            let play = |case: &Case, twin| {
                let mut peer = InProcess::new(makers[*at]());
                plan::missing(peer.description(), case, None)
                    .is_none()
                    .then(|| gauntlet.play(&mut peer, case, twin))
            };
            let twin = gauntlet.catalogue.twin(case);
            let is_accepted = twin.is_none_or(|twin| {
                *twins[*at][&twin.id].get_or_init(|| {
                    let played = play(twin, Twin::NotNeeded);
                    played.is_some_and(|played| played.judgement.outcome == Outcome::Pass)
                })
            });
            if !is_accepted {
                continue;
            }
            let twin = if twin.is_some() { Twin::Accepted } else { Twin::NotNeeded };
            if let Some(played) = play(case, twin) {
                results[*at].lock().unwrap().insert(&case.id, (*case, played));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| quietly(work));
        }
    });
    results.into_iter().map(|played| played.into_inner().unwrap()).collect()
}

/// Whether a case takes real time: an endpoint of it says nothing, or not enough.
fn waits(case: &Case) -> bool {
    let is_one = |step: &Step| matches!(step, Step::Fault { fault, .. } if fault.keeps_waiting());
    case.timeline.0.iter().any(is_one)
}

/// Whether what a client does here is the same in each run.
fn is_steady(case: &Case) -> bool {
    !waits(case) && !case.needs.capabilities.contains(&Capability::Concurrent)
}

fn findings<'c>(played: &BTreeMap<&'c CaseId, (&'c Case, Played)>) -> Vec<(&'c Case, String)> {
    played
        .values()
        .filter(|(_, played)| played.judgement.outcome.is_finding())
        .map(|(case, played)| (*case, played.judgement.reason.clone()))
        .collect()
}

#[test]
fn every_flawed_client_is_caught_by_its_own_family() {
    let gauntlet = Gauntlet::new();
    let flaws = bank::clients();
    let names: BTreeSet<_> = flaws.iter().map(|flaw| flaw.name).collect();
    assert!(flaws.len() >= 100, "{}", flaws.len());
    assert_eq!(names.len(), flaws.len(), "two flaws of one name");
    let makers: Vec<_> = flaws.iter().map(|flaw| || flaw.make()).collect();
    let makers: Vec<Make<'_>> = makers.iter().map(|make| make as Make<'_>).collect();
    let all = std::env::var_os("GAUNTLET_ALL_FAMILIES").is_some();
    let own = |at: usize, case: &Case| all || case.id.family() == flaws[at].family;
    let caught = play_all(&gauntlet, &makers, &own);

    let mut table = String::new();
    let mut missed = Vec::new();
    let mut used: BTreeSet<&CaseId> = BTreeSet::new();
    for (flaw, played) in flaws.iter().zip(&caught) {
        let found = findings(played);
        used.extend(found.iter().map(|(case, _)| &case.id));
        let own: Vec<&Case> = found
            .iter()
            .map(|(case, _)| *case)
            .filter(|case| case.id.family() == flaw.family)
            .collect();
        if own.is_empty() {
            let others: Vec<_> = found.iter().take(5).map(|(case, _)| case.id.as_str()).collect();
            missed.push(format!("{} ({}): {others:?}", flaw.name, flaw.family));
        }
        // How many threads meet, or how far a slow answer gets, is another in each run: the snapshot has the
        // cases where it does not matter, or says that there is no such case.
        let steady: Vec<&str> =
            own.iter().filter(|case| is_steady(case)).map(|case| case.id.as_str()).collect();
        let shown = match &steady[..] {
            [] if own.is_empty() => "0".to_owned(),
            [] => "by cases that hang on threads or time".to_owned(),
            some => {
                format!("{}: {}", some.len(), some[..some.len().min(8)].join(" "))
            }
        };
        let _ = writeln!(table, "{}\n    {shown}", flaw.name);
    }
    insta::assert_snapshot!("clients", table);

    let served = || gauntlet.catalogue.cases().iter().filter(|case| case.is_served());
    let unneeded: Vec<&Case> =
        served().filter(|case| is_steady(case) && !used.contains(&case.id)).collect();
    let list: Vec<_> = unneeded.iter().map(|case| case.id.as_str()).collect();
    insta::assert_snapshot!("unneeded_served", list.join("\n"));
    let twins: BTreeSet<_> = served().filter_map(|case| case.twin.as_ref()).collect();
    kept::explain(
        &[],
        unneeded.into_iter().filter(|case| case.level != Level::May && !twins.contains(&case.id)),
    );
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

#[test]
fn a_client_that_conforms_has_no_finding() {
    let gauntlet = Gauntlet::new();
    let makers: Vec<Make<'_>> =
        conforming::CLIENTS.iter().map(|(_, make)| make as Make<'_>).collect();
    let mut wrong = String::new();
    for ((name, _), played) in
        conforming::CLIENTS.iter().zip(play_all(&gauntlet, &makers, &|_, _| true))
    {
        assert!(played.len() > 200, "{name}: {}", played.len());
        for (case, reason) in findings(&played) {
            let _ = writeln!(wrong, "{name}: {} {}: {reason}", case.level, case.id);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Clients that are not without a finding, and whose findings are meant.
#[test]
fn what_a_client_may_be_told_is_what_is_meant() {
    let gauntlet = Gauntlet::new();
    let makers: Vec<Make<'_>> =
        conforming::DISPUTED.iter().map(|(_, make, _)| make as Make<'_>).collect();
    let mut wrong = String::new();
    for ((name, _, meant), played) in
        conforming::DISPUTED.iter().zip(play_all(&gauntlet, &makers, &|_, _| true))
    {
        let found = findings(&played);
        for (case, reason) in found.iter().filter(|(case, _)| !meant.contains(&case.id.as_str())) {
            let _ = writeln!(wrong, "{name}: {} {}: {reason}", case.level, case.id);
        }
        for id in meant.iter().filter(|id| found.iter().all(|(case, _)| case.id.as_str() != **id)) {
            let _ = writeln!(wrong, "{name}: no finding any more: {id}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// In the order given, on one verifier that has seen all that came before.
#[test]
fn the_reference_meets_every_demand_of_the_scenarios() {
    let gauntlet = Gauntlet::new();
    let mut peer = InProcess::new(Box::new(Reference::strict()));
    let served = gauntlet.catalogue.cases().iter().filter(|case| case.is_served());
    for (case, played) in gauntlet.run_on(&mut peer, served) {
        let outcome = played.judgement.outcome;
        assert!(
            matches!(outcome, Outcome::Pass | Outcome::Info),
            "{}: {outcome}: {}",
            case.id,
            played.judgement.reason
        );
    }
}

/// Fetches when it is configured, and refuses then if nobody answers.
struct Eager {
    times: AtomicUsize,
    dies: bool,
}

impl Implementation for Eager {
    fn describe(&self) -> Description {
        Reference::strict().describe()
    }

    fn configure(&self, policy: &Policy, now: NumericDate) -> Result<Box<dyn Verifier>, Refusal> {
        if self.times.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(Refusal::Rejected { error: "nobody answers".to_owned() });
        }
        assert!(!self.dies, "flawed: it was configured before");
        Reference::strict().configure(policy, now)
    }
}

/// It is configured again when its issuer is well, and what it does then counts.
#[test]
fn who_does_not_start_is_started_again() {
    let gauntlet = Gauntlet::new();
    let case = gauntlet.catalogue.find(&"outage/refused-cold".parse().unwrap()).unwrap();
    for (dies, outcome) in [(false, Outcome::Pass), (true, Outcome::Crash)] {
        let mut peer = InProcess::new(Box::new(Eager { times: AtomicUsize::new(0), dies }));
        let played = quietly(|| gauntlet.play(&mut peer, case, Twin::Accepted));
        assert_eq!(played.judgement.outcome, outcome, "{}", played.judgement.reason);
    }
}
