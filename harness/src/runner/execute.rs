//! Plays one case against one verifier, and judges it.

mod judging;
mod player;
mod scenario;

use std::time::{Duration, Instant};

use gauntlet_reports::record::{Attribution, CaseResult, Evidence, RequestSeen, StepResult};
use gauntlet_vectors::{
    Case, Policy,
    case::{Behaviour, Capability, Part, Permitted, Severity},
    forge::ForgeError,
    judge::{Impact, Judgement, Outcome, Twin},
    timeline::Scheme,
    verdict::Mode,
};
use serde_json::{Map, Value};

use self::player::Player;
use super::{
    origins::Origins,
    prepare::{Prepared, Workshop},
    stage::{Service, Stage, StageError},
};
use crate::{adapter::Peer, verifier::Description};

/// What came of playing a case once.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// The judgement of the whole case.
    pub judgement: Judgement,
    /// How bad it is.
    pub severity: Severity,
    /// What was observed in the step that decided.
    pub observed: Option<String>,
    /// What was permitted in the step that decided.
    pub permitted: Vec<String>,
    /// Every step that was judged, and in a case with issuers every other.
    pub steps: Vec<StepResult>,
    /// What reached the case's issuers.
    pub requests: Vec<RequestSeen>,
    /// What the verifier said holds, where there are issuers.
    pub effective: Map<String, Value>,
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
            permitted: case.permitted().map(permitted_words).unwrap_or_default(),
            steps: Vec::new(),
            requests: Vec::new(),
            effective: Map::new(),
            duration: Duration::ZERO,
            stderr: None,
        }
    }

    /// A case whose recipe cannot be made.
    #[must_use]
    pub(super) fn unmade(case: &Case, error: &ForgeError) -> Self {
        let reason = format!("the recipe cannot be made: failed to {error}");
        Self::without_answer(case, Outcome::Error, reason)
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
            permitted: self.permitted.clone(),
            observed: self.observed.clone(),
            reason: self.judgement.reason.clone(),
            known: false,
            cause: None,
            twin: case.twin.as_ref().map(ToString::to_string),
            duration_us: u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX),
            steps: if self.steps.len() > 1 { self.steps.clone() } else { Vec::new() },
            effective: self.effective.clone(),
            evidence: is_finding.then(|| self.evidence()),
        }
    }

    fn evidence(&self) -> Evidence {
        Evidence {
            requests: self.requests.clone(),
            stderr: self.stderr.clone().filter(|text| !text.is_empty()),
        }
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
    /// How issuers are reached that leave it open.
    pub scheme: Scheme,
}

impl Terms<'_> {
    /// The terms of a case that needs neither twin nor origins.
    #[must_use]
    pub const fn plain(deadline: Duration) -> Self {
        Self { twin: Twin::NotNeeded, deadline, origins: None, scheme: Scheme::Http }
    }
}

/// Plays a case on a running verifier, with issuers of its own where it has any.
pub fn perform(peer: &mut dyn Peer, case: &Case, workshop: &Workshop, terms: &Terms<'_>) -> Played {
    if !case.is_served() {
        return match workshop.prepare(case) {
            Ok(prepared) => play(peer, case, &prepared, terms),
            Err(error) => Played::unmade(case, &error),
        };
    }
    let ages = peer.description().has(Capability::VirtualTime);
    match Stage::open(case, workshop.env(), Service { ages, scheme: terms.scheme }) {
        Ok((mut stage, prepared)) => play_on(peer, case, &prepared, terms, Some(&mut stage)),
        Err(StageError::Forge(error)) => Played::unmade(case, &error),
        Err(error @ StageError::Issuer(_)) => {
            let reason = format!("failed to {error}");
            Played::without_answer(case, Outcome::Error, reason)
        }
    }
}

/// Plays a case without issuers on a running verifier.
pub fn play(peer: &mut dyn Peer, case: &Case, prepared: &Prepared, terms: &Terms<'_>) -> Played {
    play_on(peer, case, prepared, terms, None)
}

fn play_on(
    peer: &mut dyn Peer,
    case: &Case,
    prepared: &Prepared,
    terms: &Terms<'_>,
    stage: Option<&mut Stage>,
) -> Played {
    let began = Instant::now();
    let mut player = Player::new(peer, case, prepared, terms, stage);
    player.run(prepared);
    let mut played = player.end();
    if let Some(origins) = terms.origins {
        let told = played.steps.iter_mut().map(|step| &mut step.reason);
        for reason in told.chain([&mut played.judgement.reason]) {
            *reason = origins.masked(reason);
        }
    }
    played.duration = began.elapsed();
    played
}

/// Never less than twice the fetch timeout in force, so that a slow but honest fetch is no hang.
pub(super) fn deadline_of(policy: &Policy, deadline: Duration) -> Duration {
    let fetch = policy.fetch.as_ref().and_then(|fetch| fetch.timeout_ms).unwrap_or_default();
    deadline.max(Duration::from_millis(fetch.saturating_mul(2)))
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
        | Part::Cache
        | Part::Discovery => supplies(case.part.word()),
    };
    if adapters { Attribution::Adapter } else { Attribution::Library }
}
