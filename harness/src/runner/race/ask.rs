//! How one case is put to the verifier: its twin first, a finding once more, and always in a process that lives.

use std::sync::atomic::Ordering;

use gauntlet_reports::record::{CaseResult, OutcomeName};
use gauntlet_vectors::{
    Case,
    case::Clock,
    judge::{Judgement, Outcome, Twin},
};

use super::{Became, GIVE_UP_AFTER, Held, Race, lock};
use crate::{
    adapter::{Answered, Peer},
    runner::{
        ahead::Replayed,
        execute::{Played, Terms, perform, play},
    },
};

impl Race<'_> {
    /// Plays a case, and a finding once more in a process that was shown findings only.
    pub(super) fn ask(
        &self,
        case: &Case,
        twin: Option<&Case>,
        recorded: Option<(Answered, &str)>,
        held: &mut Held,
    ) -> CaseResult {
        let (id, description) = (&self.verifier.contender.id, &self.verifier.description);
        let became = twin
            .filter(|_| case.demands_refusal() || case.is_served())
            .map(|twin| self.twin(twin, held));
        if let Some(became) = became.as_ref().filter(|_| case.is_served())
            && became.outcome != OutcomeName::Pass
        {
            // Whoever takes no honest token with keys from an endpoint has that one finding, and not hundreds.
            let (outcome, reason) = if became.outcome == OutcomeName::Skip {
                (Outcome::Skip, format!("{} (for its twin)", became.reason))
            } else {
                let reason = "not asked: the honest twin was not accepted";
                (Outcome::Inconclusive, reason.to_owned())
            };
            return Played::without_answer(case, outcome, reason).result(case, id, description);
        }
        let twin = match became.map(|became| became.outcome) {
            None => Twin::NotNeeded,
            Some(OutcomeName::Pass) => Twin::Accepted,
            Some(_) => Twin::NotAccepted,
        };
        let first = match recorded {
            Some((answered, stderr)) => self.replay(case, twin, answered, stderr),
            None => self.play(case, twin, held),
        };
        if !first.judgement.outcome.is_finding() {
            return first.result(case, id, description);
        }
        // Whoever hangs, or waits, has a process of his own to do so in, and keeps no other worker waiting.
        let mut alone: Held = None;
        let mut shared;
        let again = if first.judgement.outcome == Outcome::Hang || case.is_served() {
            &mut alone
        } else {
            shared = lock(&self.again);
            &mut *shared
        };
        let mut second = self.play(case, twin, again);
        if second.judgement.outcome != first.judgement.outcome {
            // What the other process was shown before may be why: one that was shown nothing decides.
            *again = None;
            second = self.play(case, twin, again);
        }
        let differs = second.judgement.outcome != first.judgement.outcome;
        let worse = if second.judgement.outcome > first.judgement.outcome { second } else { first };
        CaseResult { flaky: differs, ..worse.result(case, id, description) }
    }

    /// What becomes of a twin: what became of it as a case, or else it is played, once, whatever the selection.
    fn twin(&self, twin: &Case, held: &mut Held) -> Became {
        let as_case = lock(&self.results)
            .get(&twin.id)
            .map(|result| Became { outcome: result.outcome, reason: result.reason.clone() });
        let known = as_case.or_else(|| lock(&self.twins).get(&twin.id).cloned());
        known.unwrap_or_else(|| {
            let Judgement { outcome, reason, .. } =
                self.play(twin, Twin::NotNeeded, held).judgement;
            let became = Became { outcome: outcome.into(), reason };
            lock(&self.twins).insert(twin.id.clone(), became.clone());
            became
        })
    }

    /// Plays a case to what was recorded for it.
    fn replay(&self, case: &Case, twin: Twin, answered: Answered, stderr: &str) -> Played {
        let prepared = match self.workshop.prepare(case) {
            Ok(prepared) => prepared,
            Err(error) => return Played::unmade(case, &error),
        };
        let took = answered.took;
        let mut peer = Replayed::new(&self.verifier.description, answered, stderr);
        let terms = self.terms(twin);
        Played { duration: took, ..play(&mut peer, case, &prepared, &terms) }
    }

    pub(super) fn play(&self, case: &Case, twin: Twin, held: &mut Held) -> Played {
        let now = match case.clock {
            Clock::Now => self.workshop.env().now,
            Clock::At(time) => time,
        };
        if self.silent.load(Ordering::Relaxed) >= GIVE_UP_AFTER {
            let reason = format!("not asked: {GIVE_UP_AFTER} processes in a row gave no answer");
            return Played::without_answer(case, Outcome::Error, reason);
        }
        // A clock that went forward does not go back: an earlier case takes a fresh process.
        if held.as_deref().is_some_and(|peer| !peer.reaches(now)) {
            *held = None;
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
        let played = perform(peer, case, &self.workshop, &self.terms(twin));
        if peer.is_over() {
            *held = None;
            self.silent.fetch_add(1, Ordering::Relaxed);
        } else {
            self.silent.store(0, Ordering::Relaxed);
        }
        played
    }

    fn terms(&self, twin: Twin) -> Terms<'_> {
        Terms {
            twin,
            deadline: self.settings.deadline,
            origins: self.origins.as_ref(),
            scheme: *lock(&self.scheme),
        }
    }

    pub(super) fn is_alive(&self, peer: &mut dyn Peer) -> bool {
        let deadline = self.settings.deadline;
        self.alive.as_ref().is_none_or(|alive| alive.is_accepted(peer, deadline))
    }

    /// A fresh process, which still accepts an honest token if the first one did.
    pub(super) fn start(&self) -> Result<Box<dyn Peer>, String> {
        let deadline = self.settings.deadline;
        let mut peer = self
            .verifier
            .contender
            .starter
            .start(deadline)
            .map_err(|error| format!("it could not be started again: failed to {error}"))?;
        // Whoever has a clock that goes forward only would be moved past the case by it.
        if !peer.is_faked() && !self.is_alive(peer.as_mut()) {
            return Err("started again, it no longer accepts an honest token".to_owned());
        }
        Ok(peer)
    }
}
