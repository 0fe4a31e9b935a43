//! Turns cases into bytes before they are played.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use gauntlet_reports::exhibit::words;
use gauntlet_vectors::{
    Case, CaseId, Env, NumericDate, Policy,
    case::{Clock, Permitted},
    forge::{self, ForgeError, Forged, Published},
    timeline::{Declared, Endpoint, Fault, Presentation, Span, Step},
};

use crate::issuer::Rule;

/// A case turned into bytes for one time.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The time of the case's beginning.
    pub now: NumericDate,
    /// What its issuers serve at first, in their order.
    pub issuers: Vec<Published>,
    /// The policy, as it is sent.
    pub policy: Policy,
    /// The steps.
    pub steps: Vec<PreparedStep>,
}

impl Prepared {
    /// Every policy in it: the first, and those of verifiers that are made later.
    pub(super) fn policies_mut(&mut self) -> impl Iterator<Item = &mut Policy> {
        let later = self.steps.iter_mut().filter_map(|step| match step {
            PreparedStep::Configure { policy, .. } => Some(policy),
            PreparedStep::Verify(_)
            | PreparedStep::VerifyAll(_)
            | PreparedStep::VerifyEach(_)
            | PreparedStep::Advance(_)
            | PreparedStep::Publish { .. }
            | PreparedStep::Fault { .. }
            | PreparedStep::Mend { .. }
            | PreparedStep::Within(..)
            | PreparedStep::ExpectFetches(_)
            | PreparedStep::ExpectPrompt
            | PreparedStep::ExpectQuiet(_)
            | PreparedStep::ExpectCost(_) => None,
        });
        std::iter::once(&mut self.policy).chain(later)
    }
}

/// A step turned into bytes.
#[derive(Debug, Clone)]
pub enum PreparedStep {
    /// One token.
    Verify(Shown),
    /// Several at once.
    VerifyAll(Vec<Shown>),
    /// Many, one after the other.
    VerifyEach(Vec<Shown>),
    /// The clock moves on.
    Advance(Span),
    /// Another verifier.
    Configure {
        /// Its name.
        verifier: String,
        /// Its policy.
        policy: Policy,
    },
    /// An issuer serves something else.
    Publish {
        /// Its number.
        issuer: usize,
        /// What it serves.
        serves: Published,
    },
    /// Something goes wrong with an issuer's answers.
    Fault {
        /// Its number.
        issuer: usize,
        /// With which, and what.
        rule: Rule,
    },
    /// Nothing goes wrong any more.
    Mend {
        /// The issuer's number.
        issuer: usize,
    },
    /// The verifier does what it may, after this time at the latest.
    Within(Span, Shown),
    /// So many requests came.
    ExpectFetches(Fetches),
    /// The last answer came in time.
    ExpectPrompt,
    /// Nobody connected to the origin of that number.
    ExpectQuiet(usize),
    /// The last token cost no more than so many times the first.
    ExpectCost(u32),
}

/// How many requests may have come, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetches {
    /// The issuer's number.
    pub issuer: usize,
    /// Of which endpoint.
    pub of: Endpoint,
    /// At least so many.
    pub min: u32,
    /// At most so many.
    pub max: Option<u32>,
    /// Whether the bound supposes a cooldown.
    pub cooled: bool,
}

/// A token turned into bytes, with what may be made of it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// To whom.
    pub verifier: String,
    /// What it is, in words.
    pub label: String,
    /// The token.
    pub forged: Forged,
    /// What may be done.
    pub permitted: Permitted,
    /// What may be done instead by whoever declared how he chooses.
    pub declared: Vec<Declared>,
}

/// Turns cases into bytes, each once for each time.
#[derive(Debug)]
pub struct Workshop {
    env: Env,
    made: Mutex<HashMap<CaseId, Arc<Prepared>>>,
}

impl Workshop {
    /// A workshop for this environment.
    #[must_use]
    pub fn new(env: Env) -> Self {
        Self { env, made: Mutex::default() }
    }

    /// The environment of those without issuers.
    #[must_use]
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The case in bytes; of one with issuers, they are of addresses where nobody is.
    ///
    /// # Errors
    /// [`ForgeError`], where the recipe cannot be made.
    pub fn prepare(&self, case: &Case) -> Result<Arc<Prepared>, ForgeError> {
        if let Some(made) = self.lock().get(&case.id) {
            return Ok(Arc::clone(made));
        }
        let prepared = Arc::new(prepare(case, &self.env)?);
        self.lock().insert(case.id.clone(), Arc::clone(&prepared));
        Ok(prepared)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<CaseId, Arc<Prepared>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The case in bytes, at its own time or that of the environment.
///
/// # Errors
/// [`ForgeError`], where the recipe cannot be made.
pub fn prepare(case: &Case, env: &Env) -> Result<Prepared, ForgeError> {
    let now = match case.clock {
        Clock::Now => env.now,
        Clock::At(time) => time,
    };
    // Tokens are minted at the time of the case's beginning: that they age is what `Advance` is for.
    let env = env.at(now);
    let mut steps = Vec::with_capacity(case.timeline.0.len());
    for step in &case.timeline.0 {
        steps.push(prepare_step(step, &env)?);
    }
    let issuers = case
        .issuers
        .iter()
        .map(|issuer| forge::resolve_publication(&issuer.serves, &env))
        .collect::<Result<_, _>>()?;
    Ok(Prepared { now, issuers, policy: forge::resolve_policy(&case.policy, &env)?, steps })
}

fn prepare_step(step: &Step, env: &Env) -> Result<PreparedStep, ForgeError> {
    Ok(match step {
        Step::Verify(presentation) => PreparedStep::Verify(show(presentation, env)?),
        Step::VerifyAll(presentations) => PreparedStep::VerifyAll(
            presentations.iter().map(|shown| show(shown, env)).collect::<Result<_, _>>()?,
        ),
        Step::VerifyMany { count, at_once, shown } => {
            let all = (0..*count)
                .map(|number| show(shown, &Env { number, ..env.clone() }))
                .collect::<Result<_, _>>()?;
            if *at_once { PreparedStep::VerifyAll(all) } else { PreparedStep::VerifyEach(all) }
        }
        Step::Advance(span) => PreparedStep::Advance(*span),
        Step::Configure { verifier, policy } => PreparedStep::Configure {
            verifier: verifier.clone(),
            policy: forge::resolve_policy(policy, env)?,
        },
        Step::Publish { issuer, serves } => PreparedStep::Publish {
            issuer: *issuer,
            serves: forge::resolve_publication(serves, env)?,
        },
        Step::Fault { issuer, at, fault, after, times } => PreparedStep::Fault {
            issuer: *issuer,
            rule: Rule { at: *at, fault: resolve_fault(fault, env)?, after: *after, times: *times },
        },
        Step::Mend { issuer } => PreparedStep::Mend { issuer: *issuer },
        Step::Within { span, shown } => PreparedStep::Within(*span, show(shown, env)?),
        Step::ExpectFetches { issuer, of, min, max, cooled } => {
            PreparedStep::ExpectFetches(Fetches {
                issuer: *issuer,
                of: *of,
                min: *min,
                max: *max,
                cooled: *cooled,
            })
        }
        Step::ExpectPrompt => PreparedStep::ExpectPrompt,
        Step::ExpectQuiet { origin } => PreparedStep::ExpectQuiet(*origin),
        Step::ExpectCost { times } => PreparedStep::ExpectCost(*times),
    })
}

fn show(presentation: &Presentation, env: &Env) -> Result<Shown, ForgeError> {
    let detached = presentation.detached_payload.as_ref().map(|payload| payload.0.as_slice());
    Ok(Shown {
        verifier: presentation.verifier.clone(),
        label: words::token(&presentation.token),
        forged: forge::forge(&presentation.token, presentation.mode, detached, env)?,
        permitted: presentation.permitted.clone(),
        declared: presentation.declared.clone(),
    })
}

fn resolve_fault(fault: &Fault, env: &Env) -> Result<Fault, ForgeError> {
    if let Fault::Redirect { status, to } = fault {
        return Ok(Fault::Redirect { status: *status, to: forge::resolve_url(to, env)? });
    }
    Ok(fault.clone())
}
