//! The proof that the catalogue bites: flawed verifiers, each of which some case must catch, and
//! conforming ones, which no case may.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "the whole file is a test, whose panic is its report; a flaw bends what it knows and leaves the rest"
)]

mod ask;
mod bank;
mod client;
mod conforming;

mod kept;
mod profiles;
mod scenarios;

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    sync::{
        Mutex, Once,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use gauntlet_vectors::{
    Case, CaseId, Catalogue, Env, Verdict,
    case::Level,
    judge::{Outcome, Twin},
    verdict::Believed,
};
use jwks_gauntlet::{
    adapter::{InProcess, Peer},
    builtin::reference::{Reference, Rules},
    runner::{
        Order,
        execute::{Played, Terms, perform},
        origins::Origins,
        plan,
        prepare::{PreparedStep, Workshop},
    },
    verifier::Implementation,
};

use bank::{Bending, FREEDOMS, field::open::OPEN, flaws};

/// The catalogue, its tokens made once for all verifiers.
struct Gauntlet {
    catalogue: Catalogue,
    workshop: Workshop,
    origins: Origins,
}

impl Gauntlet {
    fn new() -> Self {
        Self::of(Catalogue::build())
    }

    fn of(catalogue: Catalogue) -> Self {
        let origins = Origins::open().unwrap();
        let env = Env { origins: origins.urls(), ..Env::fixed() };
        Self { catalogue, workshop: Workshop::new(env), origins }
    }

    /// Puts one verifier through what is wanted of it, in catalogue order.
    fn run(
        &self,
        implementation: Box<dyn Implementation>,
        which: impl Fn(&Case) -> bool,
    ) -> Vec<(&Case, Played)> {
        let cases = self.catalogue.cases().iter().filter(|case| which(case));
        self.run_on(&mut InProcess::new(implementation), cases)
    }

    /// The same in the order given, on a verifier that may have seen others.
    fn run_on<'c>(
        &self,
        peer: &mut InProcess,
        cases: impl Iterator<Item = &'c Case>,
    ) -> Vec<(&'c Case, Played)> {
        let mut twins: HashMap<CaseId, Twin> = HashMap::new();
        let mut all = Vec::new();
        for case in cases {
            let twin = self.catalogue.twin(case);
            if plan::missing(peer.description(), case, twin).is_some() {
                continue;
            }
            let twin = match twin.filter(|_| case.demands_refusal() || case.is_served()) {
                None => Twin::NotNeeded,
                Some(twin) => *twins.entry(twin.id.clone()).or_insert_with(|| {
                    let played = self.play(peer, twin, Twin::NotNeeded);
                    if played.judgement.outcome == Outcome::Pass {
                        Twin::Accepted
                    } else {
                        Twin::NotAccepted
                    }
                }),
            };
            if case.is_served() && twin == Twin::NotAccepted {
                let reason = "the honest twin was not accepted".to_owned();
                all.push((case, Played::without_answer(case, Outcome::Inconclusive, reason)));
                continue;
            }
            all.push((case, self.play(peer, case, twin)));
        }
        all
    }

    /// Whether a case takes its time.
    fn is_long(&self, case: &Case) -> bool {
        case.id.family() == "cost" || self.octets(case) > 32 << 10
    }

    /// How much a case shows: its first policy and its tokens.
    fn octets(&self, case: &Case) -> usize {
        let prepared = self.workshop.prepare(case).unwrap();
        let tokens: usize = prepared
            .steps
            .iter()
            .map(|step| match step {
                PreparedStep::Verify(shown) => shown.forged.presented.token.len(),
                _ => 0,
            })
            .sum();
        tokens + serde_json::to_string(&prepared.policy).unwrap().len()
    }

    fn play(&self, peer: &mut InProcess, case: &Case, twin: Twin) -> Played {
        let plain = Terms::plain(Duration::from_secs(5));
        let terms = Terms { twin, origins: Some(&self.origins), ..plain };
        perform(peer, case, &self.workshop, &terms)
    }

    /// The cases that a verifier fails.
    fn findings(
        &self,
        implementation: Box<dyn Implementation>,
        which: impl Fn(&Case) -> bool,
    ) -> Vec<&Case> {
        let all = self.run(implementation, which);
        all.into_iter()
            .filter(|(_, played)| played.judgement.outcome.is_finding())
            .map(|(case, _)| case)
            .collect()
    }
}

fn all(_: &Case) -> bool {
    true
}

/// Verifiers that are given their keys are shown no case with issuers, where they would fetch by the
/// reference's client and show its flaws or none.
fn is_static(case: &Case) -> bool {
    !case.is_served()
}

/// Published vectors stand for themselves: our own cases have to catch the flaws without them.
fn is_our_own(case: &Case) -> bool {
    case.source.is_none()
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Without the text of this thread's panics, which some flaws are.
fn quietly<T>(run: impl FnOnce() -> T) -> T {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let (payload, flawed) = (panic.payload(), |text: &str| text.contains("flawed"));
            let is_meant = payload.downcast_ref::<&str>().is_some_and(|text| flawed(text))
                || payload.downcast_ref::<String>().is_some_and(|text| flawed(text));
            if !QUIET.get() && !is_meant {
                loud(panic);
            }
        }));
    });
    QUIET.set(true);
    let done = run();
    QUIET.set(false);
    done
}

#[test]
fn every_flaw_is_caught_by_its_own_family() {
    let gauntlet = Gauntlet::new();
    let flaws = flaws();
    assert!(flaws.len() >= 100, "{}", flaws.len());
    let names: BTreeSet<_> = flaws.iter().map(|flaw| flaw.name).collect();
    assert_eq!(names.len(), flaws.len(), "two flaws of one name");

    // A case of many kilobytes is played to the flaws of its own family: for all others it would take most
    // of the time and tell nothing new.
    let long: BTreeSet<CaseId> = gauntlet
        .catalogue
        .cases()
        .iter()
        .filter(|case| is_static(case) && gauntlet.is_long(case))
        .map(|case| case.id.clone())
        .collect();
    let next = AtomicUsize::new(0);
    let caught: Mutex<BTreeMap<usize, Vec<&Case>>> = Mutex::default();
    let next_flaw = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        flaws.get(at).map(|flaw| (at, flaw))
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((at, flaw)) = next_flaw() {
                    let which = |case: &Case| {
                        let own = case.id.family() == flaw.family;
                        is_static(case) && is_our_own(case) && (own || !long.contains(&case.id))
                    };
                    let found = quietly(|| gauntlet.findings(flaw.make(), which));
                    caught.lock().unwrap().insert(at, found);
                }
            });
        }
    });
    let caught = caught.into_inner().unwrap();

    let mut table = String::new();
    let mut missed = Vec::new();
    let mut used: BTreeSet<&CaseId> = BTreeSet::new();
    for (flaw, found) in flaws.iter().zip(caught.values()) {
        used.extend(found.iter().map(|case| &case.id));
        let own: Vec<&str> = found
            .iter()
            .filter(|case| case.id.family() == flaw.family)
            .map(|case| case.id.as_str())
            .collect();
        if own.is_empty() {
            let others: Vec<_> = found.iter().take(5).map(|case| case.id.as_str()).collect();
            missed.push(format!("{} ({}): {others:?}", flaw.name, flaw.family));
        }
        // Enough to see which cases bite, and few enough to be read.
        let shown = own.iter().take(8).copied().collect::<Vec<_>>().join(" ");
        let _ = writeln!(table, "{}\n    {} of {}: {shown}", flaw.name, own.len(), found.len());
    }
    insta::assert_snapshot!("flaws", table);

    let unneeded: Vec<&Case> = gauntlet
        .catalogue
        .cases()
        .iter()
        .filter(|case| is_static(case) && is_our_own(case) && !used.contains(&case.id))
        .collect();
    let list: Vec<_> = unneeded.iter().map(|case| case.id.as_str()).collect();
    insta::assert_snapshot!("unneeded", list.join("\n"));
    let twins: BTreeSet<_> =
        gauntlet.catalogue.cases().iter().filter_map(|case| case.twin.as_ref()).collect();
    let needs_reason = |case: &&Case| case.level != Level::May && !twins.contains(&case.id);
    kept::explain(kept::KEPT, unneeded.into_iter().filter(needs_reason));
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

#[test]
fn a_verifier_that_conforms_has_no_finding() {
    let gauntlet = Gauntlet::new();
    for (name, make) in conforming::ALL {
        let findings: Vec<String> = gauntlet
            .run(make(), is_static)
            .iter()
            .filter(|(_, played)| played.judgement.outcome.is_finding())
            .map(|(case, played)| {
                format!("{} {}: {}", case.level, case.id, played.judgement.reason)
            })
            .collect();
        assert!(findings.is_empty(), "{name}:\n{}", findings.join("\n"));
    }
}

/// Once, again on the warm verifier, backwards, and shuffled: nothing that was shown before may matter.
#[test]
fn the_reference_meets_every_demand_in_any_order() {
    let gauntlet = Gauntlet::new();
    let mut peer = InProcess::new(Box::new(Reference::strict()));
    let cases = gauntlet.catalogue.cases();
    for order in [Order::Catalogue, Order::Catalogue, Order::Reverse, Order::Shuffle] {
        let places = order.places(cases.len(), 7);
        let shown = places.iter().map(|at| &cases[*at]).filter(|case| is_static(case));
        for (case, played) in gauntlet.run_on(&mut peer, shown) {
            let outcome = played.judgement.outcome;
            assert!(
                matches!(outcome, Outcome::Pass | Outcome::Info),
                "{} ({}): {outcome}: {}",
                case.id,
                order.word(),
                played.judgement.reason
            );
        }
    }
}

/// What looks like a flaw, and binds nobody.
#[test]
fn what_is_left_open_is_no_finding() {
    let gauntlet = Gauntlet::new();
    let mut wrong = String::new();
    for (name, bend) in OPEN {
        for case in gauntlet
            .findings(Box::new(Bending(*bend)), |case| is_static(case) && !gauntlet.is_long(case))
        {
            let _ = writeln!(wrong, "{name}: {} {}", case.level, case.id);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Each freedom alone, so that one does not hide what another one breaks.
#[test]
fn a_check_that_is_left_to_the_verifier_may_be_missing() {
    let gauntlet = Gauntlet::new();
    let mut wrong = String::new();
    for check in FREEDOMS {
        let rules = Rules::STRICT.without(*check).keeping_the_last();
        for case in gauntlet.findings(Box::new(Reference::with_rules(rules)), is_static) {
            let _ = writeln!(wrong, "without {check}: {} {}", case.level, case.id);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Every demand to refuse is a finding for whoever accepts everything; nothing passes for whoever refuses
/// everything, dies of everything, or says it of another token. Silence is the runner's affair, which has a
/// deadline: `tests/cli` has those liars.
#[test]
fn liars_do_not_pass() {
    let gauntlet = Gauntlet::new();
    let outcomes_of = |liar: Box<dyn Implementation>, which: fn(&Case) -> bool| {
        let all = quietly(|| gauntlet.run(liar, which));
        all.into_iter().map(|(case, played)| (case, played.judgement)).collect::<Vec<_>>()
    };
    let outcomes = |liar| outcomes_of(liar, all);
    // A case about an option is not asked of a liar, who says nothing of his options.
    let demands_refusal = |case: &Case| {
        case.demands_refusal() && case.level != Level::May && case.needs.effective.is_empty()
    };

    let yes = outcomes(Box::new(Bending(|ask| ask.believe())));
    for (case, judgement) in yes.iter().filter(|(case, _)| demands_refusal(case)) {
        assert!(judgement.outcome.is_finding(), "{}: {}", case.id, judgement.reason);
    }

    for liar in [
        Box::new(Bending(|_| Verdict::reject("no"))) as Box<dyn Implementation>,
        Box::new(Bending(|_| panic!("no"))),
    ] {
        for (case, judgement) in outcomes(liar) {
            assert!(judgement.outcome != Outcome::Pass, "{}: {}", case.id, judgement.reason);
        }
    }

    // Whoever is asked to accept accepts, but believes what nobody signed.
    let another = outcomes(Box::new(Bending(|ask| match ask.verdict() {
        Verdict::Accept(_) => Verdict::Accept(Believed {
            claims: serde_json::json!({"sub": "mallory"}).as_object().cloned(),
            payload: Some(br#"{"sub":"mallory"}"#.to_vec()),
            key: None,
        }),
        refused => refused,
    })));
    for (case, judgement) in another {
        assert!(judgement.outcome != Outcome::Pass, "{}: {}", case.id, judgement.reason);
    }

    let late = outcomes_of(bank::late(), is_static);
    let wrong = late.iter().filter(|(_, judgement)| judgement.outcome.is_finding()).count();
    assert!(wrong > 100, "{wrong} of {}", late.len());
}
