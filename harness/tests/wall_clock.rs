//! Scenarios by the machine's clock: the reference without a clock of ours, as a real library is played. Options
//! are seconds long, and lengths of time are really waited for.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use gauntlet_vectors::{Case, Catalogue, Env, NumericDate, judge::Outcome};
use jwks_gauntlet::{
    adapter::{InProcess, Peer},
    builtin::reference::Reference,
    runner::{
        execute::{Terms, perform},
        plan,
        prepare::Workshop,
    },
};

/// Cases at once: nearly all that they do is wait.
const AT_ONCE: usize = 32;

/// One of each kind, and all where time is the subject.
fn is_played(case: &Case) -> bool {
    matches!(case.id.family(), "rotation" | "revocation" | "served-memory")
        || case.id.as_str().ends_with("-stale")
        || [
            "freshness/max-age-shorter",
            "freshness/no-store",
            "freshness/not-modified",
            "fetching/unknown-kids-in-turn",
            "fetching/cooldown-after-unknown-kid",
            "fetching/herd-on-a-stale-cache",
            "fetching/new-key-under-flood",
            "outage/error-fresh",
            "outage/reset-cold",
            "endpoint/silent",
            "endpoint/tls-expired",
            "discovery/moves",
            "served-issuers/revoked-at-one",
        ]
        .contains(&case.id.as_str())
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what is tested is the machine's clock")]
fn the_reference_meets_every_demand_by_the_machine_s_clock() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let env = Env::fixed().at(NumericDate(i64::try_from(now).unwrap()));
    let workshop = Workshop::new(env);
    let catalogue = Catalogue::build();
    let cases: Vec<&Case> = catalogue.cases().iter().filter(|case| is_played(case)).collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let played = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut peer = InProcess::new(Box::new(Reference::on_the_wall()));
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if plan::missing(peer.description(), case, None).is_some() {
                        continue;
                    }
                    played.fetch_add(1, Ordering::Relaxed);
                    // Other tries, where the machine stood still for longer than a scenario has to spare.
                    let tries: Vec<String> =
                        (0..3).map_while(|_| failure(&mut peer, case, &workshop)).collect();
                    if tries.len() == 3 {
                        wrong.lock().unwrap().extend(tries);
                    }
                }
            });
        }
    });
    assert!(played.into_inner() > 40);
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Why a case is not met, if it is not.
fn failure(peer: &mut InProcess, case: &Case, workshop: &Workshop) -> Option<String> {
    let terms = Terms::plain(Duration::from_secs(5));
    let judgement = perform(peer, case, workshop, &terms).judgement;
    let is_met = matches!(judgement.outcome, Outcome::Pass | Outcome::Info);
    (!is_met).then(|| format!("{}: {}", case.id, judgement.reason))
}

/// Whoever says that he keeps sets for an hour is not waited for.
#[test]
fn a_scenario_that_takes_too_long_is_skipped_with_that_reason() {
    let catalogue = Catalogue::build();
    let case = catalogue.find(&"revocation/empty-set".parse().unwrap()).unwrap();
    let mut peer = InProcess::new(Box::new(Slow));
    let workshop = Workshop::new(Env::fixed());
    let played = perform(&mut peer, case, &workshop, &Terms::plain(Duration::from_secs(5)));
    assert_eq!(played.judgement.outcome, Outcome::Skip, "{:?}", played.judgement);
    assert!(played.judgement.reason.contains("it would take 3601 s"), "{:?}", played.judgement);
    assert!(played.judgement.reason.contains("\"max_age_s\":3600"), "{:?}", played.judgement);
}

/// The reference by the machine's clock, which says that it keeps sets for an hour.
struct Slow;

impl jwks_gauntlet::verifier::Implementation for Slow {
    fn describe(&self) -> jwks_gauntlet::verifier::Description {
        Reference::on_the_wall().describe()
    }

    fn configure(
        &self,
        policy: &gauntlet_vectors::Policy,
        now: NumericDate,
    ) -> Result<Box<dyn jwks_gauntlet::verifier::Verifier>, jwks_gauntlet::verifier::Refusal> {
        let mut policy = policy.clone();
        if let Some(fetch) = &mut policy.fetch {
            fetch.max_age_s = Some(3_600);
        }
        Reference::on_the_wall().configure(&policy, now)
    }
}
