//! How a verifier is plugged in: the adapter protocol, spoken to child processes and by ourselves.

pub mod guard;
pub mod process;
pub mod protocol;
pub mod serve;
pub mod text;

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    time::{Duration, Instant},
};

use gauntlet_vectors::{NoAnswer, NumericDate, Policy, Presented, Verdict};
use serde_json::{Map, Value};

use crate::verifier::{Description, Implementation, Refusal, Verifier};

/// How a verifier is started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launch {
    /// The program; looked up in `PATH` where it has no slash.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The program that ties the adapter's life to ours: `gauntlet` itself, called as
    /// `gauntlet guard PARENT PROGRAM ARGUMENTS…`. Without one, an adapter may outlive a harness that is
    /// killed.
    pub guard: Option<PathBuf>,
    /// The folder in which it runs; ours where there is none.
    pub directory: Option<PathBuf>,
    /// What its environment has beside ours.
    pub environment: BTreeMap<String, String>,
    /// By which clock it judges, as far as is known before it says so itself.
    pub clock: Clock,
}

/// By which clock a verifier judges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// It takes `now`.
    Virtual,
    /// By the machine's.
    #[default]
    Wall,
    /// By the machine's, which libfaketime moves for it.
    Faketime,
}

/// A verifier at the other end of a conversation.
pub trait Peer: Send {
    /// What it said of itself when the conversation began.
    fn description(&self) -> &Description;

    /// Makes a new verifier in place of the one of that name.
    ///
    /// `deadline` is how long to wait for the answer.
    ///
    /// # Errors
    /// [`Refusal`]: rejected, unsupported, or no answer.
    fn configure(
        &mut self,
        name: &str,
        policy: &Policy,
        now: Option<NumericDate>,
        deadline: Duration,
    ) -> Result<Effective, Refusal>;

    /// Shows a token to the verifier of that name.
    ///
    /// # Errors
    /// Every way of not answering.
    fn verify(
        &mut self,
        name: &str,
        presented: &Presented,
        now: Option<NumericDate>,
        deadline: Duration,
    ) -> Result<Verdict, NoAnswer>;

    /// Shows several tokens at once; one answer a token, in their order.
    ///
    /// # Errors
    /// Every way of not answering.
    fn verify_all(
        &mut self,
        name: &str,
        presented: &[Presented],
        now: Option<NumericDate>,
        deadline: Duration,
    ) -> Result<Vec<Result<Verdict, NoAnswer>>, NoAnswer>;

    /// Configures the verifier of that name and shows it a token, over and over. It ends with the
    /// conversation: then there are fewer answers than exchanges, and the last one tells why.
    ///
    /// A peer may have more than one of them on their way at a time.
    fn exchange(&mut self, name: &str, all: &[Exchange<'_>]) -> Vec<Answered> {
        let mut answers = Vec::with_capacity(all.len());
        for Exchange { policy, presented, now, deadline } in all {
            let began = Instant::now();
            let configured = self.configure(name, policy, *now, *deadline);
            let verdict = configured.is_ok().then(|| self.verify(name, presented, *now, *deadline));
            answers.push(Answered { configured, verdict, took: began.elapsed() });
            if self.is_over() {
                break;
            }
        }
        answers
    }

    /// Lets a verifier with `virtual_time` do what became due.
    ///
    /// # Errors
    /// Every way of not answering.
    fn advance(&mut self, now: NumericDate, deadline: Duration) -> Result<(), NoAnswer>;

    /// What it wrote to its standard error so far, as far as it is kept.
    fn stderr(&self) -> String;

    /// Whether its clock is one that we move, and not one that it is told.
    fn is_faked(&self) -> bool {
        false
    }

    /// Whether it can still be asked at that time: a clock that we move goes forward only.
    fn reaches(&self, _now: NumericDate) -> bool {
        true
    }

    /// Whether the conversation is over: the process died, hung, or said what cannot be understood.
    fn is_over(&self) -> bool {
        false
    }
}

/// A policy, and a token that is shown to the verifier with it.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The token.
    pub presented: &'a Presented,
    /// The time, for verifiers that take ours.
    pub now: Option<NumericDate>,
    /// How long each of the two answers may take.
    pub deadline: Duration,
}

/// What came of an exchange.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Whether there was a verifier.
    pub configured: Result<Effective, Refusal>,
    /// What it said; nothing where there was none.
    pub verdict: Option<Result<Verdict, NoAnswer>>,
    /// From the answer before to this one.
    pub took: Duration,
}

/// What really holds after a `configure`, as far as the adapter knows: the protocol's `effective`.
pub type Effective = Map<String, Value>;

/// A verifier in our own process: for Rust tests, benches and the hunt.
///
/// There is no deadline and no protection from aborts: what must survive those runs as a child.
pub struct InProcess {
    implementation: Box<dyn Implementation>,
    description: Description,
    verifiers: HashMap<String, Box<dyn Verifier>>,
}

impl InProcess {
    /// A conversation with this implementation.
    #[must_use]
    pub fn new(implementation: Box<dyn Implementation>) -> Self {
        let description = implementation.describe();
        Self { implementation, description, verifiers: HashMap::new() }
    }

    fn find(&self, name: &str) -> Result<&dyn Verifier, NoAnswer> {
        self.verifiers.get(name).map(Box::as_ref).ok_or_else(|| NoAnswer::Trouble {
            text: format!("no verifier `{name}` was configured"),
        })
    }
}

impl Peer for InProcess {
    fn description(&self) -> &Description {
        &self.description
    }

    fn configure(
        &mut self,
        name: &str,
        policy: &Policy,
        now: Option<NumericDate>,
        _deadline: Duration,
    ) -> Result<Effective, Refusal> {
        self.verifiers.remove(name);
        let now = now.unwrap_or(NumericDate(0));
        let verifier = serve::catching(|| self.implementation.configure(policy, now))
            .map_err(Refusal::NoAnswer)??;
        let effective = verifier.effective();
        self.verifiers.insert(name.to_owned(), verifier);
        Ok(effective)
    }

    fn verify(
        &mut self,
        name: &str,
        presented: &Presented,
        now: Option<NumericDate>,
        _deadline: Duration,
    ) -> Result<Verdict, NoAnswer> {
        let verifier = self.find(name)?;
        serve::catching(|| verifier.verify(presented, now.unwrap_or(NumericDate(0))))?
    }

    fn verify_all(
        &mut self,
        name: &str,
        presented: &[Presented],
        now: Option<NumericDate>,
        _deadline: Duration,
    ) -> Result<Vec<Result<Verdict, NoAnswer>>, NoAnswer> {
        Ok(serve::verify_at_once(self.find(name)?, presented, now.unwrap_or(NumericDate(0))))
    }

    fn advance(&mut self, now: NumericDate, _deadline: Duration) -> Result<(), NoAnswer> {
        serve::catching(|| self.verifiers.values().for_each(|verifier| verifier.advance(now)))
    }

    fn stderr(&self) -> String {
        String::new()
    }
}
