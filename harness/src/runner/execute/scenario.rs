//! The steps that need an issuer, or time.

use std::{
    thread,
    time::{Duration, Instant},
};

use gauntlet_vectors::{
    case::Permitted,
    forge::Published,
    judge::{Impact, Outcome},
    timeline::Span,
};
use serde_json::Value;

use super::{judging::StepSeen, player::Player};
use crate::{
    adapter::Effective,
    issuer::{Issuer, Rule},
    runner::{
        prepare::{Fetches, Prepared, PreparedStep, Shown},
        words,
    },
};

/// How long a case may wait by the machine's clock, in seconds.
const BUDGET: u64 = 30;

/// Between two tries of a verifier that has some time to do what it may.
const PAUSE: Duration = Duration::from_millis(200);

/// An answer that takes longer than this, beside twice the deadline of a fetch, is late.
const SLACK: Duration = Duration::from_secs(1);

impl Player<'_> {
    /// Takes up what the verifier says holds: lengths of time are scaled to it.
    pub(super) fn holds(&mut self, effective: Effective) {
        let told = |name: &str| {
            let seconds = effective.get(name)?.as_f64()?;
            // A fraction of a second is waited for as a whole one.
            (0.0..1e9).contains(&seconds).then_some(seconds.ceil() as u64)
        };
        let spans = &mut self.spans;
        spans.cooldown = told("cooldown_s").unwrap_or(spans.cooldown);
        spans.max_stale = told("max_stale_s").unwrap_or(spans.max_stale);
        // No freshness is shorter than the cooldown.
        spans.max_age = told("max_age_s").unwrap_or(spans.max_age).max(spans.cooldown);
        spans.short = spans.short.max(spans.cooldown).min(spans.max_age);
        spans.timeout_ms = told("timeout_ms").unwrap_or(spans.timeout_ms);
        // Whoever holds a fetch for so long has twice that for an answer, up to what a case may wait.
        if self.stage.is_some() {
            let patience = Duration::from_millis(spans.timeout_ms.saturating_mul(2));
            self.deadline = self.deadline.max(patience.min(Duration::from_secs(BUDGET)));
        }
        self.effective = effective;
    }

    /// Whether what the case is about holds for this verifier, and whether it is over in time where it has to
    /// be waited for.
    pub(super) fn fits(&mut self, prepared: &Prepared) -> bool {
        let holds = |option: &&String| {
            self.effective.get(*option).and_then(Value::as_f64).is_some_and(|value| value > 0.0)
        };
        if let Some(option) = self.case.needs.effective.iter().find(|option| !holds(option)) {
            let reason = format!("the verifier does not say that `{option}` holds");
            return self.give_up(Outcome::Skip, reason);
        }
        if self.stage.is_none() || self.ages() {
            return true;
        }
        let waits = prepared.steps.iter().map(|step| match step {
            PreparedStep::Advance(span) | PreparedStep::Within(span, _) => span.of(&self.spans),
            PreparedStep::Verify(_)
            | PreparedStep::VerifyAll(_)
            | PreparedStep::VerifyEach(_)
            | PreparedStep::Configure { .. }
            | PreparedStep::Publish { .. }
            | PreparedStep::Fault { .. }
            | PreparedStep::Mend { .. }
            | PreparedStep::ExpectFetches(_)
            | PreparedStep::ExpectPrompt
            | PreparedStep::ExpectQuiet(_)
            | PreparedStep::ExpectCost(_) => 0,
        });
        let needed: u64 = waits.sum();
        if needed <= BUDGET {
            return true;
        }
        let effective = Value::Object(self.effective.clone());
        let reason = format!(
            "it would take {needed} s by the machine's clock, which is more than {BUDGET} s: the verifier says that {effective} holds"
        );
        self.give_up(Outcome::Skip, reason)
    }

    /// Whether the verifier's caches age by our clock; without issuers, nobody waits for them.
    fn ages(&self) -> bool {
        self.stage.as_ref().is_none_or(|stage| stage.service().ages)
    }

    /// What a verifier may do with a token, which may hang on what it declared.
    pub(super) fn permitted<'s>(&self, shown: &'s Shown) -> &'s Permitted {
        let declares = &self.peer.description().declares;
        let said = |member: &str| {
            let value = declares.get(member).and_then(Value::as_str);
            // Whoever serves what is stale for no time at all does not.
            let none = member == "on_outage" && self.spans.max_stale == 0;
            if none && value == Some("serve_stale") { Some("fail_closed") } else { value }
        };
        shown
            .declared
            .iter()
            .find(|declared| said(&declared.member) == Some(declared.value.as_str()))
            .map_or(&shown.permitted, |declared| &declared.permitted)
    }

    pub(super) fn publish(&mut self, at: usize, issuer: usize, serves: &Published) -> bool {
        if let Some(issuer) = self.stage.as_ref().and_then(|stage| stage.issuer(issuer)) {
            issuer.publish(serves);
            self.is_worth_a_try = true;
        }
        self.note(at)
    }

    pub(super) fn fault(&mut self, at: usize, issuer: usize, rule: &Rule) -> bool {
        let broken = self
            .stage
            .as_ref()
            .and_then(|stage| stage.issuer(issuer))
            .map_or(Ok(()), |issuer| issuer.fault(rule.clone()));
        if let Err(error) = broken {
            return self.give_up(Outcome::Error, format!("failed to break an issuer: {error}"));
        }
        self.note(at)
    }

    pub(super) fn mend(&mut self, at: usize, issuer: usize) -> bool {
        let mended =
            self.stage.as_ref().and_then(|stage| stage.issuer(issuer)).map_or(Ok(()), Issuer::mend);
        if let Err(error) = mended {
            return self.give_up(Outcome::Error, format!("failed to mend an issuer: {error}"));
        }
        self.is_worth_a_try = true;
        self.note(at)
    }

    pub(super) fn advance(&mut self, at: usize, span: &Span) -> bool {
        let seconds = span.of(&self.spans);
        self.note(at) && self.pass(seconds)
    }

    /// Lets time pass, in whichever way the verifier takes it, and says whether the case can go on.
    fn pass(&mut self, seconds: u64) -> bool {
        self.now = self.now.plus(i64::try_from(seconds).unwrap_or(i64::MAX));
        self.is_worth_a_try = true;
        if !self.ages() {
            let wait = Duration::from_secs(seconds);
            thread::sleep(wait);
            self.waited += wait;
            return true;
        }
        if let Some(stage) = &self.stage {
            stage.set_now(self.now);
        }
        let takes = self.peer.description().has(gauntlet_vectors::case::Capability::VirtualTime);
        if !takes {
            return true;
        }
        match self.peer.advance(self.now, self.deadline) {
            Ok(()) => true,
            Err(no_answer) => self.silent(&no_answer),
        }
    }

    /// Shows a token until what may be done with it is done; the last answer is judged.
    pub(super) fn within(&mut self, at: usize, span: &Span, shown: &Shown) -> bool {
        let seconds = span.of(&self.spans);
        let began = Instant::now();
        let mut passed = 0;
        loop {
            let answer = self.verify(shown);
            let is_met = answer.as_ref().is_ok_and(|verdict| {
                let permitted = self.permitted(shown);
                match verdict {
                    gauntlet_vectors::Verdict::Accept(_) => !permitted.is_refusal_only(),
                    gauntlet_vectors::Verdict::Reject { .. }
                    | gauntlet_vectors::Verdict::Unavailable { .. } => permitted.permits_refusal(),
                }
            });
            let is_over = if self.ages() {
                passed >= seconds
            } else {
                began.elapsed() >= Duration::from_secs(seconds)
            };
            if is_met || is_over || !self.survives(&answer) {
                return self.judge(at, shown, &answer);
            }
            if self.ages() {
                passed += 1;
                if !self.pass(1) {
                    return false;
                }
            } else {
                thread::sleep(PAUSE);
                self.waited += PAUSE;
                self.is_worth_a_try = true;
            }
        }
    }

    /// Counts the requests since they were counted last. By the machine's clock more may come where what was
    /// asked took longer than a cooldown.
    pub(super) fn expect_fetches(&mut self, at: usize, fetches: &Fetches) -> bool {
        let Fetches { issuer, of, min, max, cooled } = *fetches;
        let Some(stage) = &mut self.stage else { return true };
        let count = u64::try_from(stage.count(issuer, of)).unwrap_or(u64::MAX);
        let beside = self.counted_at.elapsed().saturating_sub(self.waited).as_secs();
        (self.counted_at, self.waited) = (Instant::now(), Duration::ZERO);
        let late = if self.ages() { 0 } else { beside / self.spans.cooldown.max(1) };
        let (min, max) = (u64::from(min), max.map(|max| u64::from(max).saturating_add(late)));
        let permitted = words::fetches(min, max);
        let is_met = count >= min && max.is_none_or(|max| count <= max);
        let has_none = cooled && count > min && self.spans.cooldown == 0;
        let seen = words::fetches(count, Some(count));
        let told = format!("{seen} of the {} of issuer {issuer}", of.words());
        let (outcome, reason) = if is_met {
            (Outcome::Pass, told)
        } else if has_none {
            (Outcome::Skip, format!("{told}; this verifier says that it has no cooldown"))
        } else {
            (Outcome::Fail, format!("{told}, where {permitted} may be"))
        };
        let seen =
            StepSeen { permitted: vec![permitted], observed: seen, outcome: Some(outcome), reason };
        // Too few are no waste: whoever does not look does not learn.
        let impact = if count < min { Impact::Availability } else { Impact::Budget };
        self.expected(at, seen, impact, self.case.severity)
    }

    /// The last answer came in time.
    pub(super) fn expect_prompt(&mut self, at: usize) -> bool {
        let Some((_, took)) = self.shown.last() else { return true };
        let bound = Duration::from_millis(self.spans.timeout_ms.saturating_mul(2)) + SLACK;
        let permitted = format!("an answer within {} s", bound.as_secs_f64());
        let (outcome, observed, reason) = if *took > bound {
            let reason = format!(
                "the answer took {:.1} s, where a fetch may take {} s",
                took.as_secs_f64(),
                Duration::from_millis(self.spans.timeout_ms).as_secs_f64()
            );
            (Outcome::Fail, "late", reason)
        } else {
            (Outcome::Pass, "in time", "the answer came in time".to_owned())
        };
        let seen = StepSeen {
            permitted: vec![permitted],
            observed: observed.to_owned(),
            outcome: Some(outcome),
            reason,
        };
        self.expected(at, seen, Impact::Budget, self.case.severity)
    }
}
