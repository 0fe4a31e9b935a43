//! What a step's answers are judged to be, and which step decides the case.

use gauntlet_reports::record::{OutcomeName, StepResult};
use gauntlet_vectors::{
    NoAnswer, Verdict,
    case::{Category, Permitted, Severity},
    judge::{Asked, Impact, Judgement, Outcome, judge},
    verdict::Mode,
};

use super::{permitted_words, player::Player};
use crate::runner::prepare::Shown;

/// A judged step that may decide the case.
pub(super) struct Decided {
    pub(super) judgement: Judgement,
    pub(super) severity: Severity,
    pub(super) observed: Option<String>,
    pub(super) permitted: Vec<String>,
    /// Whether it is an exception that the verifier's caller could have caught.
    pub(super) is_exception: bool,
}

/// What a step showed; without a judgement, it asked nothing.
#[derive(Default)]
pub(super) struct StepSeen {
    pub(super) permitted: Vec<String>,
    pub(super) observed: String,
    pub(super) outcome: Option<Outcome>,
    pub(super) reason: String,
}

impl Player<'_> {
    /// Judges one token, and says whether the case can go on.
    pub(super) fn judge(
        &mut self,
        at: usize,
        shown: &Shown,
        answer: &Result<Verdict, NoAnswer>,
    ) -> bool {
        self.judge_all(at, std::slice::from_ref(shown), std::slice::from_ref(answer))
    }

    /// Judges the tokens of one step: the worst of them decides it.
    pub(super) fn judge_all(
        &mut self,
        at: usize,
        all: &[Shown],
        answers: &[Result<Verdict, NoAnswer>],
    ) -> bool {
        let mut worst: Option<Decided> = None;
        let mut words: Vec<(String, usize)> = Vec::new();
        for (shown, answer) in all.iter().zip(answers) {
            if let Err(NoAnswer::Unsupported { what }) = answer {
                return self.cannot(what);
            }
            let decided = self.judge_one(shown, answer);
            let word = decided.observed.clone().unwrap_or_default();
            match words.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => words.push((word, 1)),
            }
            if worst.as_ref().is_none_or(|worst| weight(&decided) > weight(worst)) {
                worst = Some(decided);
            }
        }
        let Some(mut worst) = worst else { return true };
        if answers.len() > 1 {
            let told: Vec<String> =
                words.iter().map(|(word, count)| format!("{count} × {word}")).collect();
            worst.observed = Some(told.join(", "));
        }
        self.tell(
            at,
            StepSeen {
                permitted: worst.permitted.clone(),
                observed: worst.observed.clone().unwrap_or_default(),
                outcome: Some(worst.judgement.outcome),
                reason: worst.judgement.reason.clone(),
            },
        );
        self.decide(worst);
        answers.iter().all(|answer| self.survives(answer))
    }

    /// Whether a case can go on after this answer: one with issuers does after an exception.
    pub(super) fn survives(&self, answer: &Result<Verdict, NoAnswer>) -> bool {
        match answer {
            Ok(_) => true,
            Err(NoAnswer::Exception { .. }) => self.stage.is_some(),
            Err(
                NoAnswer::Died { .. }
                | NoAnswer::Hang { .. }
                | NoAnswer::Garbage { .. }
                | NoAnswer::Trouble { .. }
                | NoAnswer::Unsupported { .. },
            ) => false,
        }
    }

    fn judge_one(&self, shown: &Shown, answer: &Result<Verdict, NoAnswer>) -> Decided {
        let permitted = self.permitted(shown);
        let asked = Asked {
            level: self.case.level,
            permitted,
            mode: shown.forged.presented.mode,
            signed_payload: shown.forged.payload.as_deref(),
            twin: self.twin,
        };
        let mut judgement = judge(&asked, answer);
        // Whoever refuses honest tokens while an endpoint fails has an outage of his own.
        if self.case.category == Category::EndpointOutage
            && judgement.impact == Some(Impact::Denial)
        {
            judgement.impact = Some(Impact::Availability);
        }
        let observed = match answer {
            Ok(verdict) => verdict.word().to_owned(),
            Err(_) => judgement.outcome.word().to_owned(),
        };
        Decided {
            severity: self.severity(&judgement, answer.as_ref().err()),
            judgement,
            observed: Some(observed),
            permitted: permitted_words(permitted),
            is_exception: matches!(answer, Err(NoAnswer::Exception { .. })),
        }
    }

    /// Puts a step into the record.
    fn tell(&mut self, at: usize, seen: StepSeen) {
        let StepSeen { permitted, observed, outcome, reason } = seen;
        let at_s = u64::try_from(self.now.0.saturating_sub(self.began.0)).unwrap_or_default();
        let is_served = self.stage.is_some();
        self.steps.push(StepResult {
            step: at,
            what: self.what.clone(),
            at_s: if is_served { at_s } else { 0 },
            permitted,
            observed,
            outcome: outcome.map(OutcomeName::from),
            reason,
            requests: 0,
        });
    }

    /// Puts a step that asks nothing into the record of a case with issuers, and goes on.
    pub(super) fn note(&mut self, at: usize) -> bool {
        if self.stage.is_some() {
            self.tell(at, StepSeen::default());
        }
        true
    }

    /// Puts a step into the record that was met or not, and decides nothing in the first case.
    pub(super) fn expected(
        &mut self,
        at: usize,
        seen: StepSeen,
        impact: Impact,
        severity: Severity,
    ) -> bool {
        let finding = (seen.outcome == Some(Outcome::Fail)).then(|| Decided {
            judgement: Judgement {
                outcome: Outcome::Fail,
                impact: Some(impact),
                reason: seen.reason.clone(),
            },
            severity,
            observed: Some(seen.observed.clone()),
            permitted: seen.permitted.clone(),
            is_exception: false,
        });
        self.tell(at, seen);
        if let Some(finding) = finding {
            self.decide(finding);
        }
        true
    }

    pub(super) fn silent(&mut self, no_answer: &NoAnswer) -> bool {
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
        let observed = Some(judgement.outcome.word().to_owned());
        let permitted = self.case.permitted().map(permitted_words).unwrap_or_default();
        self.decide(Decided { judgement, severity, observed, permitted, is_exception: false });
        false
    }

    /// The adapter said `unsupported`: a skip, unless it had listed the very thing.
    pub(super) fn cannot(&mut self, what: &str) -> bool {
        let listed = what.parse().is_ok_and(|feature| self.peer.description().has(feature));
        if listed {
            let reason =
                format!("the adapter lists `{what}` and then answers that it is unsupported");
            self.give_up(Outcome::Error, reason)
        } else {
            self.give_up(Outcome::Skip, format!("the adapter cannot express `{what}`"))
        }
    }

    /// The case cannot be played to its end.
    pub(super) fn give_up(&mut self, outcome: Outcome, reason: String) -> bool {
        self.decide(Decided {
            judgement: Judgement { outcome, impact: None, reason },
            severity: self.case.severity,
            observed: None,
            permitted: self.case.permitted().map(permitted_words).unwrap_or_default(),
            is_exception: false,
        });
        false
    }

    fn decide(&mut self, decided: Decided) {
        if self.decided.as_ref().is_none_or(|worst| weight(&decided) > weight(worst)) {
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

/// A demand that was met says more than a choice beside it; of two findings the graver one counts.
fn weight(decided: &Decided) -> (bool, bool, Option<Severity>, Outcome) {
    let outcome = decided.judgement.outcome;
    let is_finding = outcome.is_finding();
    (outcome != Outcome::Info, is_finding, is_finding.then_some(decided.severity), outcome)
}
