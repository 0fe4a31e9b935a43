//! Plays one case against one verifier, and judges it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use gauntlet_reports::record::{Attribution, CaseResult, Evidence, OutcomeName, StepResult};
use gauntlet_vectors::{
    Case, NoAnswer, NumericDate, Policy, Presented, Verdict,
    case::{Behaviour, Part, Permitted, Severity},
    judge::{Asked, Impact, Judgement, Outcome, Twin, judge},
    timeline::MAIN,
    verdict::Mode,
};

use super::{
    origins::{Origins, Seen, Watch},
    prepare::{Prepared, PreparedStep, Shown},
};
use crate::{
    adapter::Peer,
    verifier::{Description, Refusal},
};

/// What came of playing a case once.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// The judgement of the whole case.
    pub judgement: Judgement,
    /// How bad it is.
    pub severity: Severity,
    /// What was observed in the step that decided.
    pub observed: Option<String>,
    /// Every judged step.
    pub steps: Vec<StepResult>,
    /// How long the verifier took.
    pub duration: Duration,
    /// The end of the process's standard error, where it ended in no answer.
    pub stderr: Option<String>,
}

impl Played {
    /// A case that was not, or could not be, played.
    #[must_use]
    pub fn without_answer(case: &Case, outcome: Outcome, reason: String) -> Self {
        Self {
            judgement: Judgement { outcome, impact: None, reason },
            severity: case.severity,
            observed: None,
            steps: Vec::new(),
            duration: Duration::ZERO,
            stderr: None,
        }
    }

    /// A case after which honest tokens are refused.
    #[must_use]
    pub fn denial(case: &Case, reason: String) -> Self {
        let mut played = Self::without_answer(case, Outcome::Fail, reason);
        played.judgement.impact = Some(Impact::Denial);
        played.severity = case.severity.max(Severity::Medium);
        played
    }

    /// The result as it stands in the record.
    #[must_use]
    pub fn result(&self, case: &Case, verifier: &str, description: &Description) -> CaseResult {
        let is_finding = self.judgement.outcome.is_finding();
        CaseResult {
            case: case.id.to_string(),
            verifier: verifier.to_owned(),
            family: case.id.family().to_owned(),
            title: case.title.clone(),
            category: case.category.word().to_owned(),
            clauses: case.clauses.iter().map(ToString::to_string).collect(),
            level: case.level.word().to_owned(),
            basis: case.basis.word().to_owned(),
            severity: self.severity.word().to_owned(),
            outcome: self.judgement.outcome.into(),
            flaky: false,
            order_dependent: false,
            attributed_to: attribution(case, description),
            impact: self.judgement.impact.map(Into::into),
            permitted: case.permitted().map(permitted_words).unwrap_or_default(),
            observed: self.observed.clone(),
            reason: self.judgement.reason.clone(),
            known: false,
            cause: None,
            twin: case.twin.as_ref().map(ToString::to_string),
            duration_us: u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX),
            steps: if self.steps.len() > 1 { self.steps.clone() } else { Vec::new() },
            evidence: is_finding.then(|| evidence(case, self.stderr.clone())),
        }
    }
}

fn evidence(case: &Case, stderr: Option<String>) -> Evidence {
    let plain = |value: serde_json::Result<serde_json::Value>| value.unwrap_or_default();
    Evidence {
        policy: plain(serde_json::to_value(&case.policy)),
        tokens: case
            .timeline
            .presentations()
            .map(|presentation| plain(serde_json::to_value(&presentation.token)))
            .collect(),
        stderr: stderr.filter(|text| !text.is_empty()),
    }
}

/// On what terms a case is played.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// What became of its twin.
    pub twin: Twin,
    /// How long one answer may take.
    pub deadline: Duration,
    /// The origins that its tokens name, where there are any.
    pub origins: Option<&'a Origins>,
}

/// Plays a case on a running verifier.
pub fn play(peer: &mut dyn Peer, case: &Case, prepared: &Prepared, terms: &Terms<'_>) -> Played {
    let began = Instant::now();
    let mut player = Player {
        has_clock: peer.description().has(gauntlet_vectors::case::Capability::Clock),
        peer,
        case,
        twin: terms.twin,
        deadline: deadline_of(&prepared.policy, terms.deadline),
        now: prepared.now,
        refusals: HashMap::new(),
        shown: Vec::new(),
        watch: terms.origins.and_then(|origins| origins.watch(case)),
        steps: Vec::new(),
        decided: None,
    };
    player.run(prepared);
    let Player { mut steps, decided, peer, .. } = player;
    let (mut judgement, severity, observed) = decided.unwrap_or_else(|| {
        let reason = "the case shows no token".to_owned();
        (Judgement { outcome: Outcome::Error, impact: None, reason }, case.severity, None)
    });
    if let Some(origins) = terms.origins {
        let told = steps.iter_mut().map(|step| &mut step.reason);
        for reason in told.chain([&mut judgement.reason]) {
            *reason = origins.masked(reason);
        }
    }
    let silent = matches!(judgement.outcome, Outcome::Crash | Outcome::Hang | Outcome::Error);
    Played {
        stderr: silent.then(|| peer.stderr()),
        judgement,
        severity,
        observed,
        steps,
        duration: began.elapsed(),
    }
}

/// Never less than twice the fetch timeout in force, so that a slow but honest fetch is no hang.
pub(super) fn deadline_of(policy: &Policy, deadline: Duration) -> Duration {
    let fetch = policy.fetch.as_ref().and_then(|fetch| fetch.timeout_ms).unwrap_or_default();
    deadline.max(Duration::from_millis(fetch.saturating_mul(2)))
}

type Decided = (Judgement, Severity, Option<String>);

struct Player<'a> {
    peer: &'a mut dyn Peer,
    case: &'a Case,
    twin: Twin,
    has_clock: bool,
    deadline: Duration,
    now: NumericDate,
    /// Verifiers that refused their configuration, with their words.
    refusals: HashMap<String, String>,
    /// The tokens shown one by one, and how long each answer took.
    shown: Vec<(&'a Shown, Duration)>,
    watch: Option<Watch<'a>>,
    steps: Vec<StepResult>,
    /// The worst judged step so far; of equals, the first.
    decided: Option<Decided>,
}

impl<'a> Player<'a> {
    fn run(&mut self, prepared: &'a Prepared) {
        if !self.configure(MAIN, &prepared.policy) {
            return;
        }
        for (at, step) in prepared.steps.iter().enumerate() {
            let goes_on = match step {
                PreparedStep::Verify(shown) => {
                    let began = Instant::now();
                    let answer = self.verify(shown);
                    self.shown.push((shown, began.elapsed()));
                    self.judge(at, shown, &answer)
                }
                PreparedStep::VerifyAll(all) => self.verify_all(at, all),
                PreparedStep::Advance(seconds) => self.advance(*seconds),
                PreparedStep::Configure { verifier, policy } => self.configure(verifier, policy),
                PreparedStep::ExpectQuiet(origin) => self.expect_quiet(at, *origin),
                PreparedStep::ExpectCost(times) => self.expect_cost(at, *times),
            };
            if !goes_on {
                return;
            }
        }
    }

    fn time(&self) -> Option<NumericDate> {
        self.has_clock.then_some(self.now)
    }

    /// Whether the case can go on: a refused configuration counts as a refusal of its tokens.
    fn configure(&mut self, name: &str, policy: &Policy) -> bool {
        let now = self.time();
        match self.peer.configure(name, policy, now, self.deadline) {
            Ok(_) => true,
            Err(Refusal::Rejected { error }) => {
                self.refusals
                    .insert(name.to_owned(), format!("the configuration was refused: {error}"));
                true
            }
            Err(Refusal::Unsupported { what }) => self.cannot(&what),
            Err(Refusal::NoAnswer(no_answer)) => self.silent(&no_answer),
        }
    }

    fn verify(&mut self, shown: &Shown) -> Result<Verdict, NoAnswer> {
        if let Some(error) = self.refusals.get(&shown.verifier) {
            return Ok(Verdict::Reject { error: error.clone() });
        }
        let now = self.time();
        self.peer.verify(&shown.verifier, &shown.forged.presented, now, self.deadline)
    }

    fn verify_all(&mut self, at: usize, all: &[Shown]) -> bool {
        let Some(first) = all.first() else { return true };
        if self.refusals.contains_key(&first.verifier) {
            return all.iter().all(|shown| {
                let answer = self.verify(shown);
                self.judge(at, shown, &answer)
            });
        }
        let presented: Vec<Presented> =
            all.iter().map(|shown| shown.forged.presented.clone()).collect();
        let now = self.time();
        match self.peer.verify_all(&first.verifier, &presented, now, self.deadline) {
            Ok(answers) => {
                all.iter().zip(&answers).all(|(shown, answer)| self.judge(at, shown, answer))
            }
            Err(no_answer) => self.silent(&no_answer),
        }
    }

    fn advance(&mut self, seconds: u64) -> bool {
        self.now = self.now.plus(i64::try_from(seconds).unwrap_or(i64::MAX));
        let ages = self.peer.description().has(gauntlet_vectors::case::Capability::VirtualTime);
        if !ages {
            return true;
        }
        match self.peer.advance(self.now, self.deadline) {
            Ok(()) => true,
            Err(no_answer) => self.silent(&no_answer),
        }
    }

    /// Judges one token, and says whether the case can go on.
    fn judge(&mut self, at: usize, shown: &Shown, answer: &Result<Verdict, NoAnswer>) -> bool {
        if let Err(NoAnswer::Unsupported { what }) = answer {
            return self.cannot(what);
        }
        let asked = Asked {
            level: self.case.level,
            permitted: &shown.permitted,
            mode: shown.forged.presented.mode,
            signed_payload: shown.forged.payload.as_deref(),
            twin: self.twin,
        };
        let judgement = judge(&asked, answer);
        let observed = match answer {
            Ok(verdict) => verdict.word().to_owned(),
            Err(_) => judgement.outcome.word().to_owned(),
        };
        self.steps.push(StepResult {
            step: at,
            permitted: permitted_words(&shown.permitted),
            observed: observed.clone(),
            outcome: OutcomeName::from(judgement.outcome),
            reason: judgement.reason.clone(),
        });
        let goes_on = answer.is_ok();
        let severity = self.severity(&judgement, answer.as_ref().err());
        self.decide((judgement, severity, Some(observed)));
        goes_on
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
        self.steps.push(StepResult {
            step: at,
            permitted: vec![PERMITTED.to_owned()],
            observed: observed.to_owned(),
            outcome: OutcomeName::from(outcome),
            reason: reason.clone(),
        });
        if outcome == Outcome::Fail {
            let judgement = Judgement { outcome, impact: Some(Impact::Leak), reason };
            // Whatever the case is about: a request to an address of the attacker's choice is at least this.
            let severity = self.case.severity.max(Severity::High);
            self.decide((judgement, severity, Some(observed.to_owned())));
        }
        true
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
        self.steps.push(StepResult {
            step: at,
            permitted: vec![format!("at most {times} times the cost")],
            observed: observed.to_owned(),
            outcome: OutcomeName::from(outcome),
            reason: reason.clone(),
        });
        if outcome == Outcome::Fail {
            let judgement = Judgement { outcome, impact: Some(Impact::Budget), reason };
            self.decide((judgement, self.case.severity, Some(observed.to_owned())));
        }
        true
    }

    fn silent(&mut self, no_answer: &NoAnswer) -> bool {
        let nothing = Permitted::refuse();
        let asked = Asked {
            level: self.case.level,
            permitted: &nothing,
            mode: Mode::Jws,
            signed_payload: None,
            twin: self.twin,
        };
        let judgement = judge(&asked, &Err(no_answer.clone()));
        let severity = self.severity(&judgement, Some(no_answer));
        let observed = judgement.outcome.word().to_owned();
        self.decide((judgement, severity, Some(observed)));
        false
    }

    /// The adapter said `unsupported`: a skip, unless it had listed the very thing.
    fn cannot(&mut self, what: &str) -> bool {
        let listed = what.parse().is_ok_and(|feature| self.peer.description().has(feature));
        let judgement = if listed {
            Judgement {
                outcome: Outcome::Error,
                impact: None,
                reason: format!(
                    "the adapter lists `{what}` and then answers that it is unsupported"
                ),
            }
        } else {
            let reason = format!("the adapter cannot express `{what}`");
            Judgement { outcome: Outcome::Skip, impact: None, reason }
        };
        self.decide((judgement, self.case.severity, None));
        false
    }

    fn decide(&mut self, decided: Decided) {
        // A demand that was met says more than a choice beside it.
        let weight = |outcome: Outcome| (outcome != Outcome::Info, outcome);
        let worse = self
            .decided
            .as_ref()
            .is_none_or(|(judgement, ..)| weight(decided.0.outcome) > weight(judgement.outcome));
        if worse {
            self.decided = Some(decided);
        }
    }

    /// A crash or hang is as bad as the protocol says, whatever the case looked for.
    fn severity(&self, judgement: &Judgement, no_answer: Option<&NoAnswer>) -> Severity {
        match (judgement.outcome, no_answer) {
            (Outcome::Crash, Some(NoAnswer::Exception { .. })) => Severity::Low,
            (Outcome::Crash | Outcome::Hang, _) => Severity::Medium,
            (
                Outcome::Pass
                | Outcome::Info
                | Outcome::Skip
                | Outcome::Inconclusive
                | Outcome::Error
                | Outcome::Fail,
                _,
            ) => self.case.severity,
        }
    }
}

/// The permitted behaviours in words.
#[must_use]
pub fn permitted_words(permitted: &Permitted) -> Vec<String> {
    permitted.behaviours().iter().map(Behaviour::to_string).collect()
}

/// Whose verdict it is: the adapter's, where the case hangs on a part that the adapter says it supplies.
#[must_use]
pub fn attribution(case: &Case, description: &Description) -> Attribution {
    let supplies = |part: &str| description.adapter_does.iter().any(|word| word == part);
    let bare = case.timeline.presentations().any(|shown| shown.mode == Mode::Jws);
    let adapters = match case.part {
        Part::Signature | Part::Claims => false,
        Part::Serialization | Part::Header => bare && supplies("jws"),
        Part::AllowList => supplies("allow_list") || (bare && supplies("jws")),
        Part::Keys => supplies("json"),
        Part::KeySelection
        | Part::IssuerRouting
        | Part::Issuer
        | Part::Audience
        | Part::Time
        | Part::TokenType
        | Part::RequiredClaims
        | Part::Cache => supplies(case.part.word()),
    };
    if adapters { Attribution::Adapter } else { Attribution::Library }
}
