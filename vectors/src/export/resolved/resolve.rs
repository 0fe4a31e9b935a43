//! From cases to their bytes.

use super::{
    Believing, ResolvedBehaviour, ResolvedCase, ResolvedDeclared, ResolvedDocument, ResolvedIssuer,
    ResolvedKeys, ResolvedPublication, ResolvedStep, ResolvedToken,
};
use crate::{
    case::{Behaviour, Belief, Case, Clock, Needs, Permitted},
    env::{Env, NumericDate},
    export::Text,
    forge::{self, ForgeError},
    policy::{Keys, Policy, PolicyRecipe},
    timeline::{IssuerRecipe, MAIN, Presentation, Publication, Span, Spans, Step},
};

impl ResolvedCase {
    /// A case in the bytes of this environment, at its own time where it has one.
    ///
    /// # Errors
    /// [`ForgeError`], where the recipe cannot be made.
    pub fn of(case: &Case, env: &Env) -> Result<Self, ForgeError> {
        let env = match case.clock {
            Clock::Now => env.clone(),
            Clock::At(time) => env.at(time),
        };
        let mut now = env.now;
        let mut steps = Vec::with_capacity(case.timeline.0.len());
        for step in &case.timeline.0 {
            steps.push(resolved_step(step, &env, &mut now)?);
        }
        Ok(Self {
            id: case.id.clone(),
            title: case.title.clone(),
            level: case.level,
            basis: case.basis,
            severity: case.severity,
            category: case.category,
            part: case.part,
            clauses: case.clauses.clone(),
            cwe: case.cwe.clone(),
            twin: case.twin.clone(),
            since: case.since,
            source: case.source.clone(),
            story: case.story.clone(),
            needs: Needs { capabilities: case.needed_capabilities(), ..case.needs.clone() },
            now: env.now,
            issuers: case
                .issuers
                .iter()
                .enumerate()
                .map(|(number, issuer)| resolved_issuer(number, issuer, &env))
                .collect::<Result<_, _>>()?,
            policy: resolved_policy(&case.policy, &env)?,
            steps,
        })
    }
}

/// `now` is the clock as the steps before have left it.
fn resolved_step(
    step: &Step,
    env: &Env,
    now: &mut NumericDate,
) -> Result<ResolvedStep, ForgeError> {
    Ok(match step {
        Step::Verify(presentation) => ResolvedStep::Verify(resolved_token(presentation, env)?),
        Step::VerifyAll(presentations) => ResolvedStep::VerifyAll {
            tokens: presentations
                .iter()
                .map(|presentation| resolved_token(presentation, env))
                .collect::<Result<_, _>>()?,
        },
        Step::VerifyMany { count, at_once, shown } => ResolvedStep::VerifyMany {
            tokens: (0..*count)
                .map(|number| resolved_token(shown, &Env { number, ..env.clone() }))
                .collect::<Result<_, _>>()?,
            at_once: *at_once,
        },
        Step::Advance(span) => {
            let (seconds, now) = advanced(span, now);
            ResolvedStep::Advance { seconds, now }
        }
        Step::Publish { issuer, serves } => {
            ResolvedStep::Publish { issuer: *issuer, serves: resolved_publication(serves, env)? }
        }
        Step::Fault { issuer, at, fault, after, times } => ResolvedStep::Fault {
            issuer: *issuer,
            at: *at,
            fault: fault.clone(),
            after: *after,
            times: *times,
        },
        Step::Mend { issuer } => ResolvedStep::Mend { issuer: *issuer },
        Step::Within { span, shown } => {
            let (seconds, now) = advanced(span, now);
            ResolvedStep::Within { seconds, now, shown: resolved_token(shown, env)? }
        }
        Step::ExpectFetches { issuer, of, min, max, cooled } => ResolvedStep::ExpectFetches {
            issuer: *issuer,
            of: *of,
            min: *min,
            max: *max,
            cooled: *cooled,
        },
        Step::ExpectPrompt => ResolvedStep::ExpectPrompt,
        Step::Configure { verifier, policy } => ResolvedStep::Configure {
            verifier: verifier.clone(),
            policy: resolved_policy(policy, env)?,
        },
        Step::ExpectQuiet { origin } => ResolvedStep::ExpectQuiet {
            origin: env
                .origins
                .get(*origin)
                .cloned()
                .ok_or(ForgeError::NoOrigin { index: *origin, have: env.origins.len() })?,
        },
        Step::ExpectCost { times } => ResolvedStep::ExpectCost { times: *times },
    })
}

/// Moves the clock of a verifier that takes ours.
fn advanced(span: &Span, now: &mut NumericDate) -> (u64, NumericDate) {
    let seconds = span.of(&Spans::VIRTUAL);
    *now = now.plus(i64::try_from(seconds).unwrap_or(i64::MAX));
    (seconds, *now)
}

fn resolved_issuer(
    number: usize,
    issuer: &IssuerRecipe,
    env: &Env,
) -> Result<ResolvedIssuer, ForgeError> {
    Ok(ResolvedIssuer {
        url: forge::resolve_url(&format!("{{issuer.{number}}}"), env)?,
        scheme: issuer.scheme,
        serves: resolved_publication(&issuer.serves, env)?,
    })
}

fn resolved_publication(
    recipe: &Publication,
    env: &Env,
) -> Result<ResolvedPublication, ForgeError> {
    let document = |octets: Vec<u8>| match String::from_utf8(octets) {
        Ok(text) => ResolvedDocument::Text(Text::of(&text)),
        Err(error) => ResolvedDocument::OctetsB64(Text::base64(error.as_bytes())),
    };
    let published = forge::resolve_publication(recipe, env)?;
    Ok(ResolvedPublication {
        keys: published.keys.map(document),
        headers: published.headers,
        metadata: published.metadata.map(document),
    })
}

fn resolved_token(presentation: &Presentation, env: &Env) -> Result<ResolvedToken, ForgeError> {
    let detached = presentation.detached_payload.as_ref().map(|payload| payload.0.as_slice());
    let forged = forge::forge(&presentation.token, presentation.mode, detached, env)?;
    let text = std::str::from_utf8(&forged.presented.token).ok();
    let verifier = Some(&presentation.verifier).filter(|verifier| *verifier != MAIN);
    Ok(ResolvedToken {
        verifier: verifier.cloned(),
        mode: presentation.mode,
        token: text.map(Text::of),
        token_b64: text.is_none().then(|| Text::base64(&forged.presented.token)),
        detached_payload_b64: forged.presented.detached_payload.as_deref().map(Text::base64),
        signed_payload_b64: forged
            .payload
            .as_deref()
            .filter(|_| believes_what_was_signed(&presentation.permitted))
            .map(Text::base64),
        permitted: resolved_permitted(&presentation.permitted),
        declared: presentation
            .declared
            .iter()
            .map(|declared| ResolvedDeclared {
                member: declared.member.clone(),
                value: declared.value.clone(),
                permitted: resolved_permitted(&declared.permitted),
            })
            .collect(),
    })
}

fn believes_what_was_signed(permitted: &Permitted) -> bool {
    permitted.behaviours().contains(&Behaviour::Accept(Belief::Signed))
}

fn resolved_permitted(permitted: &Permitted) -> Vec<ResolvedBehaviour> {
    let believing = |belief: &Belief| match belief {
        Belief::Signed => Believing::SignedPayload,
        Belief::Payload(payload) => Believing::PayloadB64(Text::base64(payload)),
        Belief::Claim { name, value } => {
            Believing::Claim { name: name.clone(), value: value.clone() }
        }
    };
    permitted
        .behaviours()
        .iter()
        .map(|behaviour| match behaviour {
            Behaviour::Refuse => ResolvedBehaviour::Reject,
            Behaviour::Accept(belief) => ResolvedBehaviour::Accept { believing: believing(belief) },
        })
        .collect()
}

fn resolved_policy(policy: &PolicyRecipe, env: &Env) -> Result<Policy<ResolvedKeys>, ForgeError> {
    forge::resolve_policy(policy, env)?.try_map_keys(|keys| Ok(resolved_keys(keys)))
}

fn resolved_keys(keys: &Keys) -> ResolvedKeys {
    match keys {
        Keys::Jwks(text) => ResolvedKeys::Jwks(Text::of(text)),
        Keys::JwksB64(octets) => ResolvedKeys::JwksB64(Text::base64(octets)),
        Keys::JwksUri(uri) => ResolvedKeys::JwksUri(Text::of(uri)),
        Keys::Discovery(issuer) => ResolvedKeys::Discovery(Text::of(issuer)),
        Keys::Jwk(text) => ResolvedKeys::Jwk(Text::of(text)),
        Keys::Pem(text) => ResolvedKeys::Pem(Text::of(text)),
        Keys::DerB64(octets) => ResolvedKeys::DerB64(Text::base64(octets)),
        Keys::SecretB64(octets) => ResolvedKeys::SecretB64(Text::base64(octets)),
    }
}
