//! Turns cases into bytes before they are played.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use gauntlet_vectors::{
    Case, CaseId, Env, NumericDate, Policy,
    case::{Clock, Permitted},
    forge::{self, ForgeError, Forged},
    timeline::{Presentation, Step},
};

/// A case turned into bytes for one time.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The time of the case's beginning.
    pub now: NumericDate,
    /// The policy, as it is sent.
    pub policy: Policy,
    /// The steps.
    pub steps: Vec<PreparedStep>,
}

/// A step turned into bytes.
#[derive(Debug, Clone)]
pub enum PreparedStep {
    /// One token.
    Verify(Shown),
    /// Several at once.
    VerifyAll(Vec<Shown>),
    /// The clock moves on, in seconds.
    Advance(u64),
    /// Another verifier.
    Configure {
        /// Its name.
        verifier: String,
        /// Its policy.
        policy: Policy,
    },
    /// Nobody connected to the origin of that number.
    ExpectQuiet(usize),
    /// The last token cost no more than so many times the first.
    ExpectCost(u32),
}

/// A token turned into bytes, with what may be made of it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// To whom.
    pub verifier: String,
    /// The token.
    pub forged: Forged,
    /// What may be done.
    pub permitted: Permitted,
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

    /// The case in bytes.
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
    let show = |presentation: &Presentation| -> Result<Shown, ForgeError> {
        let detached = presentation.detached_payload.as_ref().map(|payload| payload.0.as_slice());
        Ok(Shown {
            verifier: presentation.verifier.clone(),
            forged: forge::forge(&presentation.token, presentation.mode, detached, &env)?,
            permitted: presentation.permitted.clone(),
        })
    };
    let mut steps = Vec::with_capacity(case.timeline.0.len());
    for step in &case.timeline.0 {
        steps.push(match step {
            Step::Verify(presentation) => PreparedStep::Verify(show(presentation)?),
            Step::VerifyAll(presentations) => {
                PreparedStep::VerifyAll(presentations.iter().map(show).collect::<Result<_, _>>()?)
            }
            Step::Advance(seconds) => PreparedStep::Advance(*seconds),
            Step::Configure { verifier, policy } => PreparedStep::Configure {
                verifier: verifier.clone(),
                policy: forge::resolve_policy(policy, &env)?,
            },
            Step::ExpectQuiet { origin } => PreparedStep::ExpectQuiet(*origin),
            Step::ExpectCost { times } => PreparedStep::ExpectCost(*times),
        });
    }
    Ok(Prepared { now, policy: forge::resolve_policy(&case.policy, &env)?, steps })
}
