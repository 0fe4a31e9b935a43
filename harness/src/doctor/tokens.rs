//! What was announced, shown: honest tokens of every listed kind, and a token for each member of a policy.

use gauntlet_vectors::{
    Case, Env, Verdict,
    case::{Capability, Clock as At},
    judge::Outcome,
    verdict::Mode,
};
use serde_json::{Map, Value};

use super::{Check, Terms};
use crate::{
    adapter::{Clock, Peer, process::StartError},
    runner::{
        canary,
        execute::{self, perform},
        plan,
        prepare::{PreparedStep, Workshop, prepare},
    },
    verifier::Description,
};

pub(super) fn examine(terms: &Terms<'_>, tell: &mut dyn FnMut(Check)) -> Result<(), StartError> {
    let mut session = terms.session()?;
    // Under a clock that we move, it has one.
    let description = &session.description().clone();
    let env = terms.env(description);
    let accepted = honest(terms, description, &env, tell)?;
    let warnings = canary::show(&mut session, &env, terms.deadline);
    for warning in &warnings {
        // Where the adapter says so itself, it is no mistake of its author.
        let is_told = !warning.contains("does not say so");
        let check = if is_told {
            Check::doubtful("policy", warning)
        } else {
            Check::wrong("policy", warning)
        };
        tell(check.instead("hand the member to the library; where the adapter must do it itself, name the part in `adapter_does`; else answer `unsupported`"));
    }
    if warnings.is_empty() {
        tell(Check::sound("policy", "expiry, audience, issuer and required claims are honoured"));
    }
    match (terms.promised, description.has(Capability::Clock)) {
        (Some(Clock::Virtual), false) => tell(
            Check::wrong("clock", "the manifest says that it takes `now`; `clock` is not listed")
                .instead("`clock = \"wall\"` in the manifest, or `clock` in `features`"),
        ),
        (Some(Clock::Wall), true) => tell(
            Check::wrong(
                "clock",
                "`clock` is listed; the manifest says that it judges by the machine's",
            )
            .instead("`clock = \"virtual\"` in the manifest"),
        ),
        (_, true) => clock(terms, &accepted, tell)?,
        (_, false) => tell(Check::sound(
            "clock",
            "it judges by the machine's; a token of this hour is accepted",
        )),
    }
    Ok(())
}

/// Every honest case that fits what is listed is accepted, and none is answered `unsupported`. Returns those that are.
fn honest<'a>(
    terms: &Terms<'a>,
    description: &Description,
    env: &Env,
    tell: &mut dyn FnMut(Check),
) -> Result<Vec<&'a Case>, StartError> {
    const WHAT: &str = "honest tokens";
    let mut session = terms.session()?;
    let mut accepted = Vec::new();
    let workshop = Workshop::new(env.clone());
    let mut told = false;
    for case in terms.honest {
        if plan::missing(description, case, None).is_some() {
            continue;
        }
        let now = match case.clock {
            At::Now => env.now,
            At::At(time) => time,
        };
        if session.is_over() || !session.reaches(now) {
            session = terms.session()?;
        }
        let demands = execute::Terms::plain(terms.deadline);
        let played = perform(&mut session, case, &workshop, &demands);
        if case.is_served() && played.judgement.outcome == Outcome::Pass && !told {
            told = true;
            tell(effective(&played.effective));
        }
        match played.judgement.outcome {
            Outcome::Pass => accepted.push(*case),
            Outcome::Info => {}
            Outcome::Skip => tell(
                Check::doubtful(WHAT, format!("`{}`: {}", case.id, played.judgement.reason))
                    .instead("answer it, or leave the feature or algorithm that it needs out of `hello`"),
            ),
            // It may be the library's own fault, which a run then finds, or that of a few lines around it.
            Outcome::Fail | Outcome::Inconclusive | Outcome::Crash => tell(
                Check::doubtful(WHAT, format!("`{}` ({}): {}", case.id, case.title, played.judgement.reason))
                    .instead("nothing, if the library itself refuses it; see `gauntlet replay` for the lines. What it cannot do at all is left out of `features`, `algorithms` or `curves`"),
            ),
            Outcome::Error | Outcome::Hang => tell(
                Check::wrong(WHAT, format!("`{}` ({}): {}", case.id, case.title, played.judgement.reason))
                    .instead("a `verdict` for each token, and `crash` where the library throws what nobody expects; see `gauntlet replay`"),
            ),
        }
    }
    tell(if accepted.is_empty() {
        Check::wrong(WHAT, "none was accepted")
    } else {
        Check::sound(WHAT, format!("{} accepted", accepted.len()))
    });
    Ok(accepted)
}

/// What an adapter says of a policy's options for fetching: scenarios are scaled to it.
fn effective(told: &Map<String, Value>) -> Check {
    const WHAT: &str = "effective";
    const OPTIONS: [&str; 5] =
        ["timeout_ms", "max_age_s", "cooldown_s", "max_stale_s", "max_bytes"];
    let of_fetching = |name: &&String| OPTIONS.contains(&name.as_str());
    if let Some((name, value)) = told.iter().find(|(name, value)| {
        of_fetching(name) && !value.as_f64().is_some_and(|value| value >= 0.0)
    }) {
        return Check::wrong(WHAT, format!("`{name}` is {value}"))
            .instead("a number that is not negative, or leave it out");
    }
    let names: Vec<&str> = told.keys().filter(of_fetching).map(String::as_str).collect();
    if names.is_empty() {
        return Check::doubtful(WHAT, "the reply to `configure` does not tell what holds of `fetch`")
            .instead("\"effective\":{\"timeout_ms\":1000,\"max_age_s\":300,\"cooldown_s\":30,\"max_stale_s\":0}, as far as it is known; scenarios are scaled to it");
    }
    Check::sound(WHAT, names.join(", "))
}

/// Where `clock` is listed, or the clock is ours to move: the same token is good at its time, over a day later, and good again.
fn clock(
    terms: &Terms<'_>,
    accepted: &[&Case],
    tell: &mut dyn FnMut(Check),
) -> Result<(), StartError> {
    const WHAT: &str = "clock";
    let env = Env::fixed();
    let shown = accepted.iter().find_map(|case| {
        let prepared = prepare(case, &env).ok()?;
        let PreparedStep::Verify(shown) = prepared.steps.first()? else { return None };
        let presented = &shown.forged.presented;
        // A JWT with an end: only that hangs on the time.
        let ends = presented.mode == Mode::Jwt && ["honest", "keys"].contains(&case.id.family());
        ends.then(|| (prepared.policy.clone(), presented.clone()))
    });
    let Some((policy, presented)) = shown else { return Ok(()) };
    let mut session = terms.session()?;
    let mut verdicts = [false; 3];
    let times = [env.now, env.now.plus(86_400), env.now];
    for (now, is_accepted) in times.into_iter().zip(&mut verdicts) {
        // A clock that we move goes forward only: back in time is another process.
        if session.is_over() || !session.reaches(now) {
            session = terms.session()?;
        }
        *is_accepted = session.configure("main", &policy, Some(now), terms.deadline).is_ok()
            && matches!(
                session.verify("main", &presented, Some(now), terms.deadline),
                Ok(Verdict::Accept(_))
            );
    }
    let (moved, mend) = if session.is_faked() {
        (
            "the machine's clock as we move it",
            "this program does not see libfaketime's clock (Go programs never do): play it with `--clock wall`",
        )
    } else {
        (
            "that of the request",
            "hand the request's `now` to the library; where it takes none, leave `clock` out of `features`",
        )
    };
    tell(if verdicts == [true, false, true] {
        Check::sound(WHAT, format!("time is {moved}"))
    } else {
        Check::wrong(WHAT, format!("a token is accepted at its time, a day later and at its time again: {verdicts:?}; expected [true, false, true]"))
            .instead(mend)
    });
    Ok(())
}
