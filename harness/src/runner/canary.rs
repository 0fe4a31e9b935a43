//! Shows canaries: an honest token, and tokens that one member of the policy must refuse.

use std::time::Duration;

use gauntlet_vectors::{
    Env, NoAnswer, NumericDate, Policy, PolicyRecipe, Presented, Recipe, Verdict,
    canary::{Canary, Probe, canaries},
    case::{Capability, Case},
    forge,
    timeline::{MAIN, Step},
    verdict::Mode,
};

use super::plan;
use crate::{
    adapter::Peer,
    verifier::{Description, Refusal},
};

/// Shows the honest token and every probe; returns a warning for each that went wrong.
///
/// A verifier that can be shown no canary at all (it takes no key sets, or checks no claims) is not
/// warned of.
pub(crate) fn show(peer: &mut dyn Peer, env: &Env, deadline: Duration) -> Vec<String> {
    let Some(canary) = choose(peer) else { return Vec::new() };
    let mut warnings = Vec::new();
    match honest(peer, &canary.honest, env, deadline) {
        Some(Ok(Verdict::Accept(_))) => {}
        Some(answer) => {
            warnings.push(format!(
                "does not accept the honest token of `{}`: {}",
                canary.honest.id,
                told(&answer)
            ));
            return warnings;
        }
        None => return warnings,
    }
    for probe in &canary.probes {
        let answer = ask(peer, &probe.policy, &probe.token, env, deadline);
        if let Some(Ok(Verdict::Accept(_))) = answer {
            warnings.push(warning(peer, probe));
        }
    }
    warnings
}

/// An honest token in bytes, to be shown again and again.
pub(super) struct Alive {
    policy: Policy,
    presented: Presented,
    now: Option<NumericDate>,
}

impl Alive {
    /// The first honest token that such a verifier can be shown, made once; `None` where there is none.
    pub(super) fn of(description: &Description, env: &Env) -> Option<Self> {
        let honest = canaries()
            .into_iter()
            .map(|canary| canary.honest)
            .find(|honest| plan::missing(description, honest, None).is_none())?;
        let Some(Step::Verify(presentation)) = honest.timeline.0.first() else { return None };
        Some(Self {
            policy: forge::resolve_policy(&honest.policy, env).ok()?,
            presented: forge::forge(&presentation.token, Mode::Jwt, None, env).ok()?.presented,
            now: description.has(Capability::Clock).then_some(env.now),
        })
    }

    /// Whether it is accepted.
    pub(super) fn is_accepted(&self, peer: &mut dyn Peer, deadline: Duration) -> bool {
        // What cannot be asked says nothing.
        if self.now.is_some_and(|now| !peer.reaches(now)) {
            return true;
        }
        peer.configure(MAIN, &self.policy, self.now, deadline).is_ok()
            && matches!(
                peer.verify(MAIN, &self.presented, self.now, deadline),
                Ok(Verdict::Accept(_))
            )
    }
}

fn choose(peer: &dyn Peer) -> Option<Canary> {
    let description = peer.description();
    canaries().into_iter().find(|canary| plan::missing(description, &canary.honest, None).is_none())
}

type Answer = Result<Verdict, NoAnswer>;

fn honest(peer: &mut dyn Peer, case: &Case, env: &Env, deadline: Duration) -> Option<Answer> {
    let Some(Step::Verify(presentation)) = case.timeline.0.first() else { return None };
    ask(peer, &case.policy, &presentation.token, env, deadline)
}

/// The answer, or nothing where the adapter cannot express the policy.
fn ask(
    peer: &mut dyn Peer,
    policy: &PolicyRecipe,
    token: &Recipe,
    env: &Env,
    deadline: Duration,
) -> Option<Answer> {
    let policy: Policy = forge::resolve_policy(policy, env).ok()?;
    let forged = forge::forge(token, Mode::Jwt, None, env).ok()?;
    let now: Option<NumericDate> = peer.description().has(Capability::Clock).then_some(env.now);
    match peer.configure(MAIN, &policy, now, deadline) {
        Ok(_) => {}
        Err(Refusal::Unsupported { .. }) => return None,
        Err(Refusal::Rejected { error }) => return Some(Ok(Verdict::Reject { error })),
        Err(Refusal::NoAnswer(no_answer)) => return Some(Err(no_answer)),
    }
    match peer.verify(MAIN, &forged.presented, now, deadline) {
        Err(NoAnswer::Unsupported { .. }) => None,
        answer => Some(answer),
    }
}

fn told(answer: &Answer) -> String {
    match answer {
        Ok(Verdict::Accept(_)) => "accepted".to_owned(),
        Ok(Verdict::Reject { error }) => format!("refused: {error}"),
        Ok(Verdict::Unavailable { error }) => format!("unavailable: {error}"),
        Err(no_answer) => no_answer.to_string(),
    }
}

fn warning(peer: &dyn Peer, probe: &Probe) -> String {
    let word = probe.part.word();
    let whose = if peer.description().adapter_does.iter().any(|part| part == word) {
        "the adapter says that it supplies this part"
    } else {
        "the adapter does not say so"
    };
    format!("does not honour `{}`: it accepted {}; {whose}", probe.member, probe.what)
}
