//! Plain cases, several on their way at a time.
//!
//! Most cases are one policy and one token. Asked one after the other, the verifier waits for the harness
//! between any two of them; so that what they answer is collected first, and each case is then played to
//! what was recorded for it, by the same code as any other.

use std::{collections::HashMap, sync::Arc, time::Duration};

use gauntlet_vectors::{
    Case, CaseId, NoAnswer, NumericDate, Policy, Presented, Verdict, case::Capability,
    timeline::MAIN,
};

use super::{
    execute::deadline_of,
    prepare::{Prepared, PreparedStep},
};
use crate::{
    adapter::{Answered, Effective, Exchange, Peer},
    verifier::{Description, Refusal},
};

/// How many cases are on their way at most.
pub(super) const MOST: usize = 32;

/// How many octets of tokens are on their way at most: a long one goes alone.
const OCTETS: usize = 256 * 1024;

/// What was answered.
#[derive(Default)]
pub(super) struct Recorded {
    /// By case.
    pub(super) answers: HashMap<CaseId, Answered>,
    /// The end of the process's standard error, where the conversation is over.
    pub(super) stderr: Option<String>,
}

/// The policy and the token of a case that is no more than that.
pub(super) fn plain(prepared: &Prepared) -> Option<(&Policy, &Presented)> {
    let [PreparedStep::Verify(shown)] = prepared.steps.as_slice() else { return None };
    let presented = &shown.forged.presented;
    let is_short = presented.token.len() <= OCTETS / MOST;
    (shown.verifier == MAIN && is_short && prepared.issuers.is_empty())
        .then_some((&prepared.policy, presented))
}

/// Asks all of these; they are [`plain`]. Where the conversation ends, so do the answers.
pub(super) fn ask(
    peer: &mut dyn Peer,
    cases: &[(&Case, Arc<Prepared>)],
    deadline: Duration,
) -> Recorded {
    let has_clock = peer.description().has(Capability::Clock);
    let exchanges: Vec<Exchange<'_>> = cases
        .iter()
        .filter_map(|(_, prepared)| {
            let (policy, presented) = plain(prepared)?;
            let now = has_clock.then_some(prepared.now);
            Some(Exchange { policy, presented, now, deadline: deadline_of(policy, deadline) })
        })
        .collect();
    let answers = peer.exchange(MAIN, &exchanges);
    Recorded {
        answers: cases.iter().map(|(case, _)| case.id.clone()).zip(answers).collect(),
        stderr: peer.is_over().then(|| peer.stderr()),
    }
}

/// A peer that says what was recorded of a plain case.
pub(super) struct Replayed<'a> {
    description: &'a Description,
    configured: Option<Result<Effective, Refusal>>,
    verdict: Option<Result<Verdict, NoAnswer>>,
    stderr: &'a str,
}

impl<'a> Replayed<'a> {
    pub(super) fn new(description: &'a Description, answered: Answered, stderr: &'a str) -> Self {
        let Answered { configured, verdict, took: _ } = answered;
        Self { description, configured: Some(configured), verdict, stderr }
    }

    fn nothing() -> NoAnswer {
        NoAnswer::Trouble { text: "nothing was recorded for this".to_owned() }
    }
}

impl Peer for Replayed<'_> {
    fn description(&self) -> &Description {
        self.description
    }

    fn configure(
        &mut self,
        _: &str,
        _: &Policy,
        _: Option<NumericDate>,
        _: Duration,
    ) -> Result<Effective, Refusal> {
        self.configured.take().unwrap_or_else(|| Err(Refusal::NoAnswer(Self::nothing())))
    }

    fn verify(
        &mut self,
        _: &str,
        _: &Presented,
        _: Option<NumericDate>,
        _: Duration,
    ) -> Result<Verdict, NoAnswer> {
        self.verdict.take().unwrap_or_else(|| Err(Self::nothing()))
    }

    fn verify_all(
        &mut self,
        _: &str,
        _: &[Presented],
        _: Option<NumericDate>,
        _: Duration,
    ) -> Result<Vec<Result<Verdict, NoAnswer>>, NoAnswer> {
        Err(Self::nothing())
    }

    fn advance(&mut self, _: NumericDate, _: Duration) -> Result<(), NoAnswer> {
        Err(Self::nothing())
    }

    fn stderr(&self) -> String {
        self.stderr.to_owned()
    }
}
