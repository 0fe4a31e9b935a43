//! Plays the selected cases against the verifiers.
//!
//! Each verifier is played by a number of workers with a process of their own each. A finding is tried
//! once more in a fresh process; another order than the catalogue's is followed by a pass in the
//! catalogue's order on the same processes, so that a verdict which hangs on what came before is seen.

mod ahead;
pub(crate) mod canary;
pub mod execute;
pub mod exit;
pub mod formats;
pub mod journal;
pub mod origins;
pub mod plan;
pub mod prepare;
mod race;
pub mod stage;
pub mod words;

use std::{io, num::NonZeroUsize, path::PathBuf, sync::Mutex, time::Duration};

use gauntlet_reports::{
    Event,
    record::{Cause, ClockName, VerifierEntry},
};
use gauntlet_vectors::{Case, Catalogue, Env, NumericDate, case::Capability};

use crate::{
    adapter::{
        Launch, Peer,
        process::{Session, StartError},
    },
    verifier::Description,
};
use journal::Earlier;
use race::Race;

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
    /// Why it would have a finding in a case, where causes are known of it.
    pub causes: Option<Causes<'a>>,
}

/// The cause of a verifier's finding in the case of this id.
pub type Causes<'a> = Box<dyn Fn(&str) -> Cause + Sync + 'a>;

impl<'a> Contender<'a> {
    /// A verifier of which no causes are known.
    pub fn new(id: impl Into<String>, starter: impl Starter + 'a) -> Self {
        Self { id: id.into(), starter: Box::new(starter), causes: None }
    }
}

/// How cases are played.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many processes of a verifier work at once.
    pub jobs: NonZeroUsize,
    /// How many cases with issuers of their own are played at once, on a process each: they wait most of the
    /// time.
    pub scenarios: NonZeroUsize,
    /// How long one answer may take.
    pub deadline: Duration,
    /// In what order.
    pub order: Order,
    /// Seed of the shuffle and of the forge.
    pub seed: u64,
    /// The machine's time, for verifiers that do not take ours.
    pub wall: NumericDate,
    /// Where files are put that verifiers read, so that nothing of a run that is killed lies elsewhere; the
    /// temporary folder where there is none.
    pub folder: Option<PathBuf>,
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
    is_faked: bool,
    /// The process that did, for the first worker: starting one can take as long as a hundred cases.
    begun: Mutex<Option<Box<dyn Peer>>>,
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
            is_faked: peer.is_faked(),
            contender,
            warnings,
            begun: Mutex::new((!peer.is_over()).then_some(peer)),
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
            clock: match (self.is_faked, description.has(Capability::Clock)) {
                (true, _) => ClockName::Faketime,
                (false, true) => ClockName::Virtual,
                (false, false) => ClockName::Wall,
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
        // What a case can spare of a verifier is not asked of one that has not got it.
        let catalogue = catalogue.for_features(&|feature| verifier.description.has(feature));
        let selected: Vec<&Case> =
            selected.iter().filter_map(|case| catalogue.find(&case.id)).collect();
        let race = Race::new(&catalogue, &selected, verifier, settings, earlier, sink)?;
        race.run()?;
    }
    Ok(())
}
