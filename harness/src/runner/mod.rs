//! Plays the selected cases against the verifiers.
//!
//! Each verifier is played by a number of workers with a process of their own each. A finding is tried
//! once more in a fresh process; another order than the catalogue's is followed by a pass in the
//! catalogue's order on the same processes, so that a verdict which hangs on what came before is seen.

mod canary;
pub mod execute;
pub mod exit;
pub mod journal;
pub mod plan;
pub mod prepare;

use std::{
    collections::HashMap,
    io,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use gauntlet_reports::{
    Event,
    record::{CaseResult, ClockName, VerifierEntry},
};
use gauntlet_vectors::{
    Case, CaseId, Catalogue, Env, NumericDate,
    case::Capability,
    judge::{Outcome, Twin},
};

use crate::{
    adapter::{
        Launch, Peer,
        process::{Session, StartError},
    },
    verifier::Description,
};
use execute::{Played, play};
use journal::Earlier;
use prepare::Workshop;

/// After so many processes in a row that gave no answer, a verifier is given up.
const GIVE_UP_AFTER: usize = 25;

/// Starts conversations with one verifier; each is a fresh process, or as good as one.
pub trait Starter: Sync {
    /// Begins a conversation.
    ///
    /// # Errors
    /// [`StartError`].
    fn start(&self, deadline: Duration) -> Result<Box<dyn Peer>, StartError>;
}

impl Starter for Launch {
    fn start(&self, deadline: Duration) -> Result<Box<dyn Peer>, StartError> {
        Ok(Box::new(Session::start(self, deadline)?))
    }
}

/// A verifier to be judged.
pub struct Contender<'a> {
    /// Its id in the record: the spec of the command line.
    pub id: String,
    /// How it is started.
    pub starter: Box<dyn Starter + 'a>,
}

/// How cases are played.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many processes of a verifier work at once.
    pub jobs: NonZeroUsize,
    /// How long one answer may take.
    pub deadline: Duration,
    /// In what order.
    pub order: Order,
    /// Seed of the shuffle and of the forge.
    pub seed: u64,
    /// The machine's time, for verifiers that do not take ours.
    pub wall: NumericDate,
}

/// In what order cases are played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As they stand in the catalogue.
    #[default]
    Catalogue,
    /// From the last to the first.
    Reverse,
    /// Shuffled by the seed.
    Shuffle,
}

impl Order {
    /// The order's word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Reverse => "reverse",
            Self::Shuffle => "shuffle",
        }
    }

    /// The places of `count` cases in this order.
    #[must_use]
    pub fn places(self, count: usize, seed: u64) -> Vec<usize> {
        let mut places: Vec<usize> = (0..count).collect();
        match self {
            Self::Catalogue => {}
            Self::Reverse => places.reverse(),
            Self::Shuffle => {
                // Fisher–Yates over SplitMix64, both spelled out: a seed must give the same order with every
                // release of every crate.
                let mut state = seed;
                for last in (1..count).rev() {
                    let bound = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
                    let other = usize::try_from(split_mix(&mut state) % bound).unwrap_or_default();
                    places.swap(last, other);
                }
            }
        }
        places
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Where events go: the journal, the console.
pub trait Sink: Sync {
    /// Takes an event; it is durable when this returns.
    ///
    /// # Errors
    /// Those of writing, which end the run.
    fn take(&self, event: &Event) -> io::Result<()>;
}

/// A verifier that has introduced itself.
pub struct Introduced<'a> {
    contender: Contender<'a>,
    description: Description,
    warnings: Vec<String>,
}

/// Starts every verifier once, hears its introduction and shows it canaries.
///
/// # Errors
/// The id and the [`StartError`] of the first that cannot be started: before anything is judged.
pub fn introduce<'a>(
    contenders: Vec<Contender<'a>>,
    settings: &Settings,
) -> Result<Vec<Introduced<'a>>, (String, StartError)> {
    let mut introduced = Vec::with_capacity(contenders.len());
    for contender in contenders {
        let mut peer = match contender.starter.start(settings.deadline) {
            Ok(peer) => peer,
            Err(error) => return Err((contender.id, error)),
        };
        let env = settings.env(peer.description());
        let warnings = canary::show(peer.as_mut(), &env, settings.deadline);
        introduced.push(Introduced {
            description: peer.description().clone(),
            contender,
            warnings,
        });
    }
    Ok(introduced)
}

impl Introduced<'_> {
    /// The verifier as it stands in the record.
    #[must_use]
    pub fn entry(&self, trouble: Option<String>) -> VerifierEntry {
        let description = &self.description;
        VerifierEntry {
            id: self.contender.id.clone(),
            name: description.implementation.name.clone(),
            version: description.implementation.version.clone(),
            language: description.implementation.language.clone(),
            features: description.features.iter().map(ToString::to_string).collect(),
            algorithms: description.algorithms.names(),
            adapter_does: description.adapter_does.clone(),
            defaults: description.defaults.clone(),
            declares: description.declares.clone(),
            clock: if description.has(Capability::Clock) {
                ClockName::Virtual
            } else {
                ClockName::Wall
            },
            trouble,
            warnings: self.warnings.clone(),
        }
    }

    /// What it said of itself.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }
}

impl Settings {
    /// The environment in which a verifier's tokens are made.
    #[must_use]
    pub fn env(&self, description: &Description) -> Env {
        let fixed = Env { seed: self.seed, ..Env::fixed() };
        if description.has(Capability::Clock) { fixed } else { fixed.at(self.wall) }
    }
}

/// Plays `selected` against every verifier.
///
/// # Errors
/// Those of the sink, which end the run.
pub fn run(
    catalogue: &Catalogue,
    selected: &[&Case],
    verifiers: &[Introduced<'_>],
    settings: &Settings,
    earlier: &Earlier,
    sink: &dyn Sink,
) -> io::Result<()> {
    for verifier in verifiers {
        sink.take(&Event::Verifier(Box::new(verifier.entry(None))))?;
        let race = Race {
            catalogue,
            selected,
            verifier,
            settings,
            earlier,
            sink,
            workshop: Workshop::new(settings.env(&verifier.description)),
            twins: Mutex::default(),
            silent: AtomicUsize::new(0),
            failed: Mutex::default(),
            over: AtomicBool::new(false),
            results: Mutex::default(),
        };
        race.run()?;
    }
    Ok(())
}

/// One verifier's way through the selected cases.
struct Race<'a> {
    catalogue: &'a Catalogue,
    selected: &'a [&'a Case],
    verifier: &'a Introduced<'a>,
    settings: &'a Settings,
    earlier: &'a Earlier,
    sink: &'a dyn Sink,
    workshop: Workshop,
    /// Whether a twin was accepted, and by which words it was refused.
    twins: Mutex<HashMap<CaseId, bool>>,
    /// Processes in a row that gave no answer.
    silent: AtomicUsize,
    /// The first error of the sink.
    failed: Mutex<Option<io::Error>>,
    over: AtomicBool,
    /// Results of the first pass, for the second to be compared with.
    results: Mutex<HashMap<CaseId, CaseResult>>,
}

/// A worker's process; none before it is needed and after it died.
type Held = Option<Box<dyn Peer>>;

impl Race<'_> {
    fn run(&self) -> io::Result<()> {
        let passes: &[(u8, Order)] = match self.settings.order {
            Order::Catalogue => &[(1, Order::Catalogue)],
            Order::Reverse => &[(1, Order::Reverse), (2, Order::Catalogue)],
            Order::Shuffle => &[(1, Order::Shuffle), (2, Order::Catalogue)],
        };
        let jobs = self.settings.jobs.get().min(self.selected.len()).max(1);
        // The second pass runs on the processes of the first: what they remember is what it looks for.
        let barrier = std::sync::Barrier::new(jobs);
        let places: Vec<(u8, Vec<usize>)> = passes
            .iter()
            .map(|(pass, order)| (*pass, order.places(self.selected.len(), self.settings.seed)))
            .collect();
        let next: Vec<AtomicUsize> = passes.iter().map(|_| AtomicUsize::new(0)).collect();
        thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    let mut held: Held = None;
                    for ((pass, places), next) in places.iter().zip(&next) {
                        while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                            if self.over.load(Ordering::Relaxed) {
                                break;
                            }
                            if let Some(case) = self.selected.get(*place)
                                && let Err(error) = self.case(*pass, case, &mut held)
                            {
                                self.over.store(true, Ordering::Relaxed);
                                lock(&self.failed).get_or_insert(error);
                            }
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

    fn case(&self, pass: u8, case: &Case, held: &mut Held) -> io::Result<()> {
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
            self.sink.take(&Event::Asked {
                pass,
                case: case.id.to_string(),
                verifier: verifier.clone(),
            })?;
            self.ask(case, twin, held)
        };
        let result = match lock(&self.results).get(&case.id) {
            Some(first) => of_two_orders(first, result),
            None => result,
        };
        self.sink.take(&Event::Outcome { pass, result: Box::new(result.clone()) })?;
        lock(&self.results).insert(case.id.clone(), result);
        Ok(())
    }

    /// Plays a case, and a finding once more in a fresh process.
    fn ask(&self, case: &Case, twin: Option<&Case>, held: &mut Held) -> CaseResult {
        let (id, description) = (&self.verifier.contender.id, &self.verifier.description);
        let twin = match twin.filter(|_| case.demands_refusal()) {
            Some(twin) => self.twin(twin, held),
            None => Twin::NotNeeded,
        };
        let first = self.play(case, twin, held);
        if !first.judgement.outcome.is_finding() {
            return first.result(case, id, description);
        }
        let mut fresh: Held = None;
        let second = self.play(case, twin, &mut fresh);
        if let (None, Some(_)) = (&held, &fresh) {
            *held = fresh;
        }
        let differs = second.judgement.outcome != first.judgement.outcome;
        let worse = if second.judgement.outcome > first.judgement.outcome { second } else { first };
        CaseResult { flaky: differs, ..worse.result(case, id, description) }
    }

    /// What becomes of a twin; it is played once, whatever the selection.
    fn twin(&self, twin: &Case, held: &mut Held) -> Twin {
        let known = lock(&self.twins).get(&twin.id).copied();
        let accepted = known.unwrap_or_else(|| {
            let played = self.play(twin, Twin::NotNeeded, held);
            let accepted = played.judgement.outcome == Outcome::Pass;
            lock(&self.twins).insert(twin.id.clone(), accepted);
            accepted
        });
        if accepted { Twin::Accepted } else { Twin::NotAccepted }
    }

    fn play(&self, case: &Case, twin: Twin, held: &mut Held) -> Played {
        let prepared = match self.workshop.prepare(case) {
            Ok(prepared) => prepared,
            Err(error) => {
                let reason = format!("the recipe cannot be made: failed to {error}");
                return Played::without_answer(case, Outcome::Error, reason);
            }
        };
        if self.silent.load(Ordering::Relaxed) >= GIVE_UP_AFTER {
            let reason = format!("not asked: {GIVE_UP_AFTER} processes in a row gave no answer");
            return Played::without_answer(case, Outcome::Error, reason);
        }
        if held.is_none() {
            *held = match self.start() {
                Ok(peer) => Some(peer),
                Err(reason) => {
                    self.silent.fetch_add(1, Ordering::Relaxed);
                    return Played::without_answer(case, Outcome::Error, reason);
                }
            };
        }
        let Some(peer) = held.as_deref_mut() else {
            return Played::without_answer(case, Outcome::Error, "no process".to_owned());
        };
        let played = play(peer, case, &prepared, twin, self.settings.deadline);
        if peer.is_over() {
            *held = None;
            self.silent.fetch_add(1, Ordering::Relaxed);
        } else {
            self.silent.store(0, Ordering::Relaxed);
        }
        played
    }

    /// A fresh process, which still accepts an honest token if the first one did.
    fn start(&self) -> Result<Box<dyn Peer>, String> {
        let deadline = self.settings.deadline;
        let mut peer = self
            .verifier
            .contender
            .starter
            .start(deadline)
            .map_err(|error| format!("it could not be started again: failed to {error}"))?;
        let env = self.settings.env(&self.verifier.description);
        if self.verifier.warnings.is_empty() && !canary::is_alive(peer.as_mut(), &env, deadline) {
            return Err("started again, it no longer accepts an honest token".to_owned());
        }
        Ok(peer)
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
