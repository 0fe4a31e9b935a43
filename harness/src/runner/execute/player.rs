//! The steps of a case, one after the other.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use gauntlet_reports::record::{RequestSeen, StepResult};
use gauntlet_vectors::{
    Case, NoAnswer, NumericDate, Policy, Presented, Verdict,
    case::{Capability, Severity},
    judge::{Impact, Judgement, Outcome, Twin},
    timeline::{MAIN, Spans},
};

use super::{
    Played, Terms, deadline_of,
    judging::{Decided, StepSeen},
};
use crate::{
    adapter::{Effective, Peer},
    runner::{
        origins::{Seen, Watch},
        prepare::{Prepared, PreparedStep, Shown},
        stage::Stage,
        words,
    },
    verifier::Refusal,
};

pub(super) struct Player<'a> {
    pub(super) peer: &'a mut dyn Peer,
    pub(super) case: &'a Case,
    pub(super) twin: Twin,
    has_clock: bool,
    pub(super) deadline: Duration,
    pub(super) began: NumericDate,
    pub(super) now: NumericDate,
    /// Verifiers that refused their configuration, with their words.
    refusals: HashMap<String, String>,
    /// The tokens shown one by one, and how long each answer took.
    pub(super) shown: Vec<(&'a Shown, Duration)>,
    watch: Option<Watch<'a>>,
    /// The case's issuers, where it has any.
    pub(super) stage: Option<&'a mut Stage>,
    /// What the names in lengths of time stand for, as far as the verifier told.
    pub(super) spans: Spans,
    /// What the first verifier said holds.
    pub(super) effective: Effective,
    /// How much of the real time since requests were counted last was meant to pass.
    pub(super) waited: Duration,
    pub(super) counted_at: Instant,
    /// With what each verifier was configured.
    policies: HashMap<String, &'a Policy>,
    /// Whether a verifier whose configuration was refused might be configured now: an issuer changed, or time
    /// passed.
    pub(super) is_worth_a_try: bool,
    /// What happens in the step that is played, in a case with issuers.
    pub(super) what: String,
    pub(super) steps: Vec<StepResult>,
    requests: Vec<RequestSeen>,
    /// The worst judged step so far; of equals, the first.
    pub(super) decided: Option<Decided>,
}

impl<'a> Player<'a> {
    pub(super) fn new(
        peer: &'a mut dyn Peer,
        case: &'a Case,
        prepared: &'a Prepared,
        terms: &Terms<'a>,
        stage: Option<&'a mut Stage>,
    ) -> Self {
        Self {
            has_clock: peer.description().has(Capability::Clock),
            peer,
            case,
            twin: terms.twin,
            deadline: deadline_of(&prepared.policy, terms.deadline),
            began: prepared.now,
            now: prepared.now,
            refusals: HashMap::new(),
            shown: Vec::new(),
            watch: terms.origins.and_then(|origins| origins.watch(case)),
            spans: stage.as_ref().map_or(Spans::VIRTUAL, |stage| stage.service().spans()),
            stage,
            effective: Effective::new(),
            waited: Duration::ZERO,
            counted_at: Instant::now(),
            policies: HashMap::new(),
            is_worth_a_try: false,
            what: String::new(),
            steps: Vec::new(),
            requests: Vec::new(),
            decided: None,
        }
    }

    /// What came of it; the duration is whoever played's to tell.
    pub(super) fn end(self) -> Played {
        let Decided { mut judgement, severity, observed, permitted, is_exception: _ } =
            self.decided.unwrap_or_else(|| {
                let reason = "the case shows no token".to_owned();
                Decided {
                    judgement: Judgement { outcome: Outcome::Error, impact: None, reason },
                    severity: self.case.severity,
                    observed: None,
                    permitted: Vec::new(),
                    is_exception: false,
                }
            });
        let mut steps = self.steps;
        if let Some(stage) = &self.stage {
            let told = steps.iter_mut().map(|step| &mut step.reason);
            for reason in told.chain([&mut judgement.reason]) {
                *reason = stage.masked(reason);
            }
        }
        let silent = matches!(judgement.outcome, Outcome::Crash | Outcome::Hang | Outcome::Error);
        Played {
            stderr: silent.then(|| self.peer.stderr()),
            judgement,
            severity,
            observed,
            permitted,
            steps,
            requests: self.requests,
            effective: if self.stage.is_some() { self.effective } else { Effective::new() },
            duration: Duration::ZERO,
        }
    }

    pub(super) fn run(&mut self, prepared: &'a Prepared) {
        // What is published and broken before anything is shown is so before the service starts.
        let starts = |step: &PreparedStep| {
            !matches!(step, PreparedStep::Publish { .. } | PreparedStep::Fault { .. })
        };
        let start = prepared.steps.iter().position(starts).unwrap_or_default();
        for (at, step) in prepared.steps.iter().enumerate() {
            if at == start && (!self.configure(MAIN, &prepared.policy) || !self.fits(prepared)) {
                return;
            }
            if let Some(stage) = &self.stage {
                self.what = stage.masked(&words::step(step, &self.spans));
            }
            let steps = self.steps.len();
            let goes_on = match step {
                PreparedStep::Verify(shown) => {
                    let began = Instant::now();
                    let answer = self.verify(shown);
                    self.shown.push((shown, began.elapsed()));
                    self.judge(at, shown, &answer)
                }
                PreparedStep::VerifyAll(all) => self.verify_all(at, all),
                PreparedStep::VerifyEach(all) => self.verify_each(at, all),
                PreparedStep::Advance(span) => self.advance(at, span),
                PreparedStep::Configure { verifier, policy } => {
                    self.note(at) && self.configure(verifier, policy)
                }
                PreparedStep::Publish { issuer, serves } => self.publish(at, *issuer, serves),
                PreparedStep::Fault { issuer, rule } => self.fault(at, *issuer, rule),
                PreparedStep::Mend { issuer } => self.mend(at, *issuer),
                PreparedStep::Within(span, shown) => self.within(at, span, shown),
                PreparedStep::ExpectFetches(fetches) => self.expect_fetches(at, fetches),
                PreparedStep::ExpectPrompt => self.expect_prompt(at),
                PreparedStep::ExpectQuiet(origin) => self.expect_quiet(at, *origin),
                PreparedStep::ExpectCost(times) => self.expect_cost(at, *times),
            };
            if let Some(stage) = &mut self.stage {
                let (count, requests) = stage.came(at);
                self.requests.extend(requests);
                if let Some(step) = self.steps.get_mut(steps..).and_then(<[_]>::last_mut) {
                    step.requests = count;
                }
            }
            // Of a case with issuers, the first step that is not met names the failure; what comes after it
            // may only follow from it.
            let is_finding = self.decided.as_ref().is_some_and(|decided| {
                // An exception lets nobody in, and the process lives: what comes after it may be worse.
                decided.judgement.outcome.is_finding() && !decided.is_exception
            });
            if !goes_on || (is_finding && self.stage.is_some()) {
                return;
            }
        }
    }

    fn time(&self) -> Option<NumericDate> {
        self.has_clock.then_some(self.now)
    }

    /// Whether the case can go on: a refused configuration counts as a refusal of its tokens.
    fn configure(&mut self, name: &str, policy: &'a Policy) -> bool {
        self.policies.insert(name.to_owned(), policy);
        match self.start(name, policy) {
            Ok(()) => true,
            Err(NoAnswer::Unsupported { what }) => self.cannot(&what),
            Err(no_answer) => self.silent(&no_answer),
        }
    }

    /// Configures a verifier, and notes whether it refused.
    fn start(&mut self, name: &str, policy: &Policy) -> Result<(), NoAnswer> {
        self.is_worth_a_try = false;
        let now = self.time();
        match self.peer.configure(name, policy, now, self.deadline) {
            Ok(effective) => {
                self.refusals.remove(name);
                if name == MAIN {
                    self.holds(effective);
                }
                Ok(())
            }
            Err(Refusal::Rejected { error }) => {
                let told = format!("the configuration was refused: {error}");
                self.refusals.insert(name.to_owned(), told);
                Ok(())
            }
            Err(Refusal::Unsupported { what }) => Err(NoAnswer::Unsupported { what }),
            Err(Refusal::NoAnswer(no_answer)) => Err(no_answer),
        }
    }

    /// A service that did not start because its issuer was not well is started again when that may be over.
    fn start_again(&mut self, name: &str) -> Result<(), NoAnswer> {
        match self.policies.get(name).copied() {
            Some(policy) if self.is_worth_a_try && self.refusals.contains_key(name) => {
                self.start(name, policy)
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn verify(&mut self, shown: &Shown) -> Result<Verdict, NoAnswer> {
        self.start_again(&shown.verifier)?;
        if let Some(error) = self.refusals.get(&shown.verifier) {
            return Ok(Verdict::Reject { error: error.clone() });
        }
        let now = self.time();
        self.peer.verify(&shown.verifier, &shown.forged.presented, now, self.deadline)
    }

    fn verify_all(&mut self, at: usize, all: &'a [Shown]) -> bool {
        let Some(first) = all.first() else { return true };
        if let Err(no_answer) = self.start_again(&first.verifier) {
            return self.silent(&no_answer);
        }
        if self.refusals.contains_key(&first.verifier) {
            return self.verify_each(at, all);
        }
        let presented: Vec<Presented> =
            all.iter().map(|shown| shown.forged.presented.clone()).collect();
        let now = self.time();
        // Whoever does them one after the other needs longer, and no fetch of his is the longer for it.
        let deadline = if all.len() > 1 { self.deadline * 2 } else { self.deadline };
        let began = Instant::now();
        let answers = self.peer.verify_all(&first.verifier, &presented, now, deadline);
        self.shown.push((first, began.elapsed()));
        match answers {
            Ok(answers) => self.judge_all(at, all, &answers),
            Err(no_answer) => self.silent(&no_answer),
        }
    }

    fn verify_each(&mut self, at: usize, all: &[Shown]) -> bool {
        let mut answers = Vec::with_capacity(all.len());
        for shown in all {
            let answer = self.verify(shown);
            let is_over = !self.survives(&answer);
            answers.push(answer);
            if is_over {
                break;
            }
        }
        self.judge_all(at, all, &answers)
    }

    /// A URL that stands in a token is not asked. Where nobody was seen to come and it is not known whether
    /// this verifier could, the step says so and decides nothing.
    fn expect_quiet(&mut self, at: usize, origin: usize) -> bool {
        const PERMITTED: &str = "no connection";
        let seen = self.watch.as_ref().map_or(Seen::NotObservable, |watch| watch.seen(origin));
        let (outcome, observed, reason) = match seen {
            Seen::Visits(visits) => {
                let asked: Vec<&str> = visits.iter().map(|visit| visit.request.as_str()).collect();
                let reason = format!("asked an address that the token named: {}", asked.join(", "));
                (Outcome::Fail, "connection", reason)
            }
            Seen::Nobody => (Outcome::Pass, PERMITTED, "nobody came to the address".to_owned()),
            Seen::NotObservable => {
                let reason =
                    "not observable: this verifier was never seen to reach an origin of ours";
                (Outcome::Skip, "not observable", reason.to_owned())
            }
        };
        let seen = StepSeen {
            permitted: vec![PERMITTED.to_owned()],
            observed: observed.to_owned(),
            outcome: Some(outcome),
            reason,
        };
        // Whatever the case is about: a request to an address of the attacker's choice is at least this.
        self.expected(at, seen, Impact::Leak, self.case.severity.max(Severity::High))
    }

    /// The last token costs no more than so many times the first. The fastest of several turns counts: a
    /// busy machine makes single ones slow, and never fast.
    fn expect_cost(&mut self, at: usize, times: u32) -> bool {
        const TURNS: usize = 4;
        /// Below that, what is measured is the conversation.
        const FLOOR: Duration = Duration::from_millis(1);
        let (Some((first, first_took)), Some((last, last_took))) =
            (self.shown.first().copied(), self.shown.last().copied())
        else {
            return true;
        };
        let (mut honest, mut attack) = (first_took, last_took);
        for _ in 0..TURNS {
            for (shown, fastest) in [(first, &mut honest), (last, &mut attack)] {
                let began = Instant::now();
                let answer = self.verify(shown);
                *fastest = began.elapsed().min(*fastest);
                if let Err(no_answer) = answer {
                    return self.silent(&no_answer);
                }
            }
        }
        let bound = honest.max(FLOOR) * times;
        let ratio = attack.as_secs_f64() / honest.max(FLOOR).as_secs_f64();
        let (outcome, observed) = if attack > bound {
            (Outcome::Fail, "costs more")
        } else {
            (Outcome::Pass, "within the bound")
        };
        let reason = if outcome == Outcome::Fail {
            format!(
                "the token costs {ratio:.0} times what an honest one of its size does ({:.1} ms), the bound is {times}",
                attack.as_secs_f64() * 1e3
            )
        } else {
            format!("the token costs less than {times} times what an honest one of its size does")
        };
        let seen = StepSeen {
            permitted: vec![format!("at most {times} times the cost")],
            observed: observed.to_owned(),
            outcome: Some(outcome),
            reason,
        };
        self.expected(at, seen, Impact::Budget, self.case.severity)
    }
}
