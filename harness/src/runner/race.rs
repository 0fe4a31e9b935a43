//! One verifier's way through the selected cases.
//!
//! Workers have a process each. What one of them was shown may have broken it for good, so that an honest
//! token is shown again after a crash, and whenever a family is over.

mod ask;

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    io,
    sync::{
        Arc, Barrier, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use gauntlet_reports::{
    Event,
    record::{CaseResult, OutcomeName},
};
use gauntlet_vectors::{
    Case, CaseId, Catalogue,
    judge::{Outcome, Twin},
    timeline::Scheme,
};

use super::{
    Introduced, Order, Settings, Sink,
    ahead::{self, Recorded},
    canary::Alive,
    execute::Played,
    journal::Earlier,
    origins::Origins,
    plan,
    prepare::{Prepared, Workshop},
};
use crate::{
    adapter::{Answered, Peer},
    issuer::CaFile,
};

/// After so many processes in a row that gave no answer, a verifier is given up.
const GIVE_UP_AFTER: usize = 25;

/// One verifier's way through the selected cases.
pub(super) struct Race<'a> {
    catalogue: &'a Catalogue,
    selected: &'a [&'a Case],
    verifier: &'a Introduced<'a>,
    settings: &'a Settings,
    earlier: &'a Earlier,
    sink: &'a dyn Sink,
    origins: Option<Origins>,
    /// The file of our authority, for as long as verifiers may read it.
    _authority: Option<CaFile>,
    workshop: Workshop,
    /// What must still be accepted whatever was shown; none where the verifier takes no honest token of
    /// ours, or never accepted one, of which it is warned as it is.
    alive: Option<Alive>,
    /// What became of twins that are no cases of this run, or not yet.
    twins: Mutex<HashMap<CaseId, Became>>,
    /// How it is reached by issuers of ours: with TLS where it takes nothing else.
    scheme: Mutex<Scheme>,
    /// For second tries, whichever worker's: it is shown what was a finding in another process.
    again: Mutex<Held>,
    /// Processes in a row that gave no answer.
    silent: AtomicUsize,
    /// The first error of the sink.
    failed: Mutex<Option<io::Error>>,
    over: AtomicBool,
    /// The cases that the journal holds, since they are part of a finding.
    described: Mutex<HashSet<CaseId>>,
    /// Results so far, for those of a later pass to be compared with.
    results: Mutex<HashMap<CaseId, CaseResult>>,
}

/// A worker's process; none before it is needed and after it died.
type Held = Option<Box<dyn Peer>>;

/// What became of a twin.
#[derive(Debug, Clone)]
struct Became {
    outcome: OutcomeName,
    reason: String,
}

/// What one worker has in hand.
#[derive(Default)]
struct Worker<'c> {
    held: Held,
    /// The cases that this process was shown since an honest token was last accepted.
    since: Vec<&'c Case>,
}

impl<'a> Race<'a> {
    /// After so many cases an honest token is shown, where families do not end one after the other.
    const STRETCH: usize = 32;

    pub(super) fn new(
        catalogue: &'a Catalogue,
        selected: &'a [&'a Case],
        verifier: &'a Introduced<'a>,
        settings: &'a Settings,
        earlier: &'a Earlier,
        sink: &'a dyn Sink,
    ) -> io::Result<Self> {
        let origins = Origins::open_for(selected.iter().copied())?;
        let authority = match &settings.folder {
            Some(folder) if selected.iter().any(|case| case.is_served()) => {
                Some(CaFile::open_in(folder)?)
            }
            Some(_) | None => None,
        };
        let mut env = settings.env(&verifier.description);
        if let Some(origins) = &origins {
            env.origins = origins.urls();
        }
        let sound = verifier.warnings.is_empty();
        let alive = sound.then(|| Alive::of(&verifier.description, &env)).flatten();
        Ok(Self {
            catalogue,
            selected,
            verifier,
            settings,
            earlier,
            sink,
            origins,
            _authority: authority,
            workshop: Workshop::new(env),
            alive,
            twins: Mutex::default(),
            scheme: Mutex::new(Scheme::Http),
            again: Mutex::default(),
            silent: AtomicUsize::new(0),
            failed: Mutex::default(),
            over: AtomicBool::new(false),
            described: Mutex::default(),
            results: Mutex::default(),
        })
    }

    pub(super) fn run(&self) -> io::Result<()> {
        let passes: &[(u8, Order)] = match self.settings.order {
            Order::Catalogue => &[(1, Order::Catalogue)],
            Order::Reverse => &[(1, Order::Reverse), (2, Order::Catalogue)],
            Order::Shuffle => &[(1, Order::Shuffle), (2, Order::Catalogue)],
        };
        let (mut served, plain): (Vec<usize>, Vec<usize>) = (0..self.selected.len())
            .partition(|at| self.selected.get(*at).is_some_and(|case| case.is_served()));
        self.run_passes(passes, &plain, self.settings.jobs.get())?;
        if served.is_empty() {
            return Ok(());
        }
        self.choose_scheme(&served);
        // The longest first, so that none is waited for alone in the end.
        served
            .sort_by_key(|at| Reverse(self.selected.get(*at).map_or(0, |case| plan::waits(case))));
        // They wait for the network, or for time to pass, and hardly ever for the processor.
        self.run_passes(passes, &served, self.settings.scenarios.get())
    }

    /// Plays the cases at these places in every order, by so many workers.
    fn run_passes(&self, passes: &[(u8, Order)], cases: &[usize], jobs: usize) -> io::Result<()> {
        let jobs = jobs.min(cases.len()).max(1);
        // The second pass runs on the processes of the first: what they remember is what it looks for.
        let barrier = Barrier::new(jobs);
        let places: Vec<(u8, Vec<usize>)> = passes
            .iter()
            .map(|(pass, order)| {
                let places = order.places(cases.len(), self.settings.seed);
                (*pass, places.iter().filter_map(|place| cases.get(*place).copied()).collect())
            })
            .collect();
        let next: Vec<AtomicUsize> = passes.iter().map(|_| AtomicUsize::new(0)).collect();
        thread::scope(|scope| {
            if let Some((_, places)) = places.first() {
                scope.spawn(|| self.forge_ahead(places));
            }
            // Nearly every verifier has a finding; whoever has none has lost a process that nobody waited for.
            scope.spawn(|| {
                let mut again = lock(&self.again);
                if again.is_none() {
                    *again = self.start().ok();
                }
            });
            for _ in 0..jobs {
                scope.spawn(|| {
                    let held = lock(&self.verifier.begun).take();
                    let mut worker = Worker { held, ..Worker::default() };
                    for ((pass, places), next) in places.iter().zip(&next) {
                        if let Err(error) = self.pass(*pass, places, next, jobs, &mut worker) {
                            self.over.store(true, Ordering::Relaxed);
                            lock(&self.failed).get_or_insert(error);
                        }
                        barrier.wait();
                    }
                });
            }
        });
        match lock(&self.failed).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Some verifiers fetch over TLS alone. Whether this is one shows in the first case that must be accepted:
    /// refused in the clear and accepted with TLS.
    fn choose_scheme(&self, served: &[usize]) {
        let cases = served.iter().filter_map(|place| self.selected.get(*place).copied());
        let honest = cases.map(|case| self.catalogue.twin(case).unwrap_or(case)).find(|case| {
            let is_open = case.issuers.iter().all(|issuer| issuer.scheme.is_none());
            is_open && plan::missing(&self.verifier.description, case, None).is_none()
        });
        let Some(honest) = honest else { return };
        let mut held: Held = None;
        for scheme in [Scheme::Http, Scheme::Https] {
            *lock(&self.scheme) = scheme;
            if self.play(honest, Twin::NotNeeded, &mut held).judgement.outcome == Outcome::Pass {
                return;
            }
        }
        *lock(&self.scheme) = Scheme::Http;
    }

    /// Makes tokens while the first processes start and whenever they are busy: signing takes longer than
    /// all else that is ours.
    fn forge_ahead(&self, places: &[usize]) {
        for case in places.iter().filter_map(|place| self.selected.get(*place).copied()) {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let twin = self.catalogue.twin(case);
            if case.is_served() || plan::missing(&self.verifier.description, case, twin).is_some() {
                continue;
            }
            for case in std::iter::once(case).chain(twin) {
                // Whoever asks the case tells why it cannot be made.
                let _ = self.workshop.prepare(case);
            }
        }
    }

    /// One worker's share of a pass.
    fn pass(
        &self,
        pass: u8,
        places: &[usize],
        next: &AtomicUsize,
        jobs: usize,
        worker: &mut Worker<'a>,
    ) -> io::Result<()> {
        let in_order = pass > 1 || self.settings.order == Order::Catalogue;
        // Enough for a stretch at a time, and few enough that no worker is left with all that is slow.
        let is_served = places
            .first()
            .and_then(|place| self.selected.get(*place))
            .is_some_and(|case| case.is_served());
        let share = if is_served { 1 } else { (places.len() / (4 * jobs)).clamp(1, ahead::MOST) };
        loop {
            let from = next.fetch_add(share, Ordering::Relaxed);
            let Some(places) = places.get(from..) else { break };
            let cases: Vec<&'a Case> = places
                .iter()
                .take(share)
                .filter_map(|place| self.selected.get(*place).copied())
                .collect();
            if cases.is_empty() {
                break;
            }
            let mut rest = cases.as_slice();
            while let Some(case) = rest.first() {
                if self.over.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let family_is_over =
                    worker.since.last().is_some_and(|last| last.id.family() != case.id.family());
                if (family_is_over && in_order) || worker.since.len() >= Self::STRETCH {
                    self.look_back(pass, worker)?;
                }
                let room = Self::STRETCH - worker.since.len();
                let stretch = rest
                    .iter()
                    .take(room)
                    .take_while(|other| !in_order || other.id.family() == case.id.family());
                let lead = self.lead(pass, stretch.copied());
                let mut recorded = self.ask_ahead(pass, &lead, worker)?;
                let count = lead.len().max(1);
                for case in rest.iter().take(count) {
                    let answered = recorded.answers.remove(&case.id);
                    let stderr = recorded.stderr.as_deref().unwrap_or_default();
                    self.case(pass, case, answered.map(|answered| (answered, stderr)), worker)?;
                    worker.since.push(case);
                }
                rest = rest.get(count..).unwrap_or_default();
            }
        }
        self.look_back(pass, worker)
    }

    /// As many of these from the front as are plain, of one time, are to be asked, and did not end a run
    /// before.
    fn lead(
        &self,
        pass: u8,
        cases: impl Iterator<Item = &'a Case>,
    ) -> Vec<(&'a Case, Arc<Prepared>)> {
        let mut time = None;
        cases
            .map_while(|case| {
                let key = (case.id.to_string(), self.verifier.contender.id.clone(), pass);
                let is_new = !self.earlier.done.contains_key(&key)
                    && !self.earlier.unanswered.contains_key(&key);
                let twin = self.catalogue.twin(case);
                let is_asked = plan::missing(&self.verifier.description, case, twin).is_none();
                let is_plain = is_new && is_asked && !case.is_served();
                let prepared = is_plain.then(|| self.workshop.prepare(case).ok())??;
                let at = *time.get_or_insert(prepared.now);
                (at == prepared.now && ahead::plain(&prepared).is_some())
                    .then_some((case, prepared))
            })
            .collect()
    }

    /// Asks plain cases without waiting between them.
    fn ask_ahead(
        &self,
        pass: u8,
        cases: &[(&'a Case, Arc<Prepared>)],
        worker: &mut Worker<'a>,
    ) -> io::Result<Recorded> {
        if cases.len() < 2 || self.silent.load(Ordering::Relaxed) >= GIVE_UP_AFTER {
            return Ok(Recorded::default());
        }
        let Some((_, first)) = cases.first() else { return Ok(Recorded::default()) };
        if worker.held.as_deref().is_some_and(|peer| !peer.reaches(first.now)) {
            worker.held = None;
        }
        if worker.held.is_none() {
            // Where it does not start, each case says so.
            worker.held = self.start().ok();
        }
        let Some(peer) = worker.held.as_deref_mut() else { return Ok(Recorded::default()) };
        for (case, _) in cases {
            self.asked(pass, case)?;
        }
        let recorded = ahead::ask(peer, cases, self.settings.deadline);
        if recorded.answers.values().any(|answered| matches!(answered.verdict, Some(Ok(_)))) {
            self.silent.store(0, Ordering::Relaxed);
        }
        if peer.is_over() {
            worker.held = None;
            self.silent.fetch_add(1, Ordering::Relaxed);
        }
        Ok(recorded)
    }

    fn asked(&self, pass: u8, case: &Case) -> io::Result<()> {
        self.sink.take(&Event::Asked {
            pass,
            case: case.id.to_string(),
            verifier: self.verifier.contender.id.clone(),
        })
    }

    /// Shows an honest token to a process that has seen many others. Where it is refused, one of those
    /// broke the verifier, and every refusal since says nothing: they are asked again, in a fresh process
    /// each, and an honest token after each of them tells which it was.
    fn look_back(&self, pass: u8, worker: &mut Worker<'a>) -> io::Result<()> {
        let since = std::mem::take(&mut worker.since);
        let Some(peer) = worker.held.as_deref_mut() else { return Ok(()) };
        if self.is_alive(peer) {
            return Ok(());
        }
        worker.held = None;
        let mut culprit = false;
        let mut again = Vec::with_capacity(since.len());
        for case in since {
            let Some(earlier) = lock(&self.results).get(&case.id).cloned() else { continue };
            if earlier.outcome == OutcomeName::Skip {
                continue;
            }
            let mut fresh: Held = None;
            let twin = self.catalogue.twin(case);
            let mut result = self.ask(case, twin, None, &mut fresh);
            if !fresh.as_deref_mut().is_none_or(|peer| self.is_alive(peer)) {
                culprit = true;
                let reason = "after it, an honest token is no longer accepted".to_owned();
                let broken = Played::denial(case, reason);
                result =
                    broken.result(case, &self.verifier.contender.id, &self.verifier.description);
            }
            again.push((case, result));
        }
        for (case, mut result) in again {
            let is_refusal = result.outcome == OutcomeName::Pass && case.demands_refusal();
            if is_refusal && !culprit {
                // It takes more than one case to break it, and nobody knows which.
                result.outcome = OutcomeName::Inconclusive;
                result.order_dependent = true;
                result.reason = format!(
                    "{}; but soon after an honest token was no longer accepted either",
                    result.reason
                );
            }
            self.tell(pass, case, result)?;
        }
        Ok(())
    }

    /// Asks a case and tells what came of it; `recorded` is what was answered ahead, and the process's last
    /// words.
    fn case(
        &self,
        pass: u8,
        case: &Case,
        recorded: Option<(Answered, &str)>,
        worker: &mut Worker<'a>,
    ) -> io::Result<()> {
        let verifier = &self.verifier.contender.id;
        let key = (case.id.to_string(), verifier.clone(), pass);
        if let Some(result) = self.earlier.done.get(&key) {
            lock(&self.results).insert(case.id.clone(), result.clone());
            return Ok(());
        }
        let twin = self.catalogue.twin(case);
        let description = &self.verifier.description;
        let result = if let Some(lacking) = plan::missing(description, case, twin) {
            Played::without_answer(case, Outcome::Skip, lacking).result(case, verifier, description)
        } else if self.earlier.unanswered.get(&key).is_some_and(|times| *times > 1) {
            // Once may be a bystander of whatever killed the run; twice is the cause.
            let reason = "the harness was killed twice while asking this case; it was stepped over";
            Played::without_answer(case, Outcome::Error, reason.to_owned()).result(
                case,
                verifier,
                description,
            )
        } else {
            if recorded.is_none() {
                self.asked(pass, case)?;
            }
            self.ask(case, twin, recorded, &mut worker.held)
        };
        let result = match lock(&self.results).get(&case.id) {
            Some(first) => of_two_orders(first, result),
            None => result,
        };
        self.tell(pass, case, result)
    }

    /// Tells a result, with its cause where one is known.
    fn tell(&self, pass: u8, case: &Case, mut result: CaseResult) -> io::Result<()> {
        if let (true, Some(causes)) = (result.outcome.is_finding(), &self.verifier.contender.causes)
        {
            result.cause = Some(causes(&result.case));
        }
        if result.outcome.is_finding() {
            // A finding stands beside its twin in the reports, which know no catalogue but the record's.
            for case in std::iter::once(case).chain(self.catalogue.twin(case)) {
                if lock(&self.described).insert(case.id.clone()) {
                    self.sink.take(&Event::Case(Box::new(case.clone())))?;
                }
            }
        }
        self.sink.take(&Event::Outcome { pass, result: Box::new(result.clone()) })?;
        lock(&self.results).insert(case.id.clone(), result);
        Ok(())
    }
}

/// One case in two orders: the worse is told, and that they differ.
fn of_two_orders(first: &CaseResult, second: CaseResult) -> CaseResult {
    let differs = first.outcome != second.outcome;
    let worse = if second.outcome > first.outcome { second.clone() } else { first.clone() };
    CaseResult {
        order_dependent: differs || first.order_dependent,
        flaky: first.flaky || second.flaky,
        ..worse
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
