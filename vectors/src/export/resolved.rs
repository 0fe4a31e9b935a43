//! Cases in bytes, for an implementer in any language.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Text;
use crate::{
    case::{
        Basis, Behaviour, Belief, Case, CaseId, CatalogueVersion, Category, Clause, Clock, Level,
        Needs, Part, Permitted, Severity, Source, Story,
    },
    env::{Env, NumericDate},
    forge::{self, ForgeError},
    policy::{Keys, Policy, PolicyRecipe},
    timeline::{MAIN, Presentation, Step},
    verdict::Mode,
};

/// The value of `format`.
pub const RESOLVED_FORMAT: &str = "gauntlet-resolved/1";

/// The cases of a family in bytes.
///
/// To play a case: configure a verifier with its `policy` at the time `now`, take its `steps` in
/// order, and compare what the verifier does with what is `permitted`. A case that demands a refusal
/// tells something only where its `twin` is accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResolvedFile {
    /// Always `gauntlet-resolved/1`.
    pub format: String,
    /// The family's name: the first half of its cases' ids.
    pub family: String,
    /// What it tells apart.
    pub title: String,
    /// Stand-ins for servers of the harness; no server is there (RFC 5737).
    pub origins: Vec<String>,
    /// The cases, in catalogue order.
    pub cases: Vec<ResolvedCase>,
}

/// A case in bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResolvedCase {
    /// Its name for ever: `family/kebab-slug`.
    pub id: CaseId,
    /// What a conforming verifier does, in the present tense.
    pub title: String,
    /// How strongly it is asked.
    pub level: Level,
    /// On what ground it is asked.
    pub basis: Basis,
    /// How bad it is if it is not met.
    pub severity: Severity,
    /// What kind of failure it looks for.
    pub category: Category,
    /// The part of a verifier that decides it.
    pub part: Part,
    /// Where the rule stands.
    pub clauses: Vec<Clause>,
    /// The precise CWE numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwe: Vec<u16>,
    /// The case that must be accepted and differs in just the one thing attacked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<CaseId>,
    /// The catalogue version that brought it.
    pub since: CatalogueVersion,
    /// Where it was published, for cases that are not the catalogue's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Rule, attack, consequence and remedy.
    pub story: Story,
    /// What a verifier must be able to do for the case to be asked; everything is listed here.
    pub needs: Needs,
    /// The time of its beginning, in seconds since 1970: what the verifier's clock has to say.
    pub now: NumericDate,
    /// The `policy` of the adapter protocol's `configure`; a long key text may be in pieces.
    pub policy: Policy<ResolvedKeys>,
    /// What happens then, in order.
    pub steps: Vec<ResolvedStep>,
}

/// Keys as the adapter protocol sends them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResolvedKeys {
    /// The text of a JWK Set document.
    Jwks(Text),
    /// The octets of a JWK Set document that is not UTF-8, as standard base64.
    JwksB64(Text),
    /// Where the JWK Set is fetched from.
    JwksUri(Text),
    /// The issuer whose metadata names the JWK Set.
    Discovery(Text),
    /// The text of one JWK.
    Jwk(Text),
    /// The text of one PEM or OpenSSH public key, or of a certificate.
    Pem(Text),
    /// One key in DER, as standard base64.
    DerB64(Text),
    /// One HMAC secret, as standard base64.
    SecretB64(Text),
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ResolvedStep {
    /// One token is shown to the verifier.
    Verify(ResolvedToken),
    /// Several tokens are shown at once.
    VerifyAll {
        /// The tokens.
        tokens: Vec<ResolvedToken>,
    },
    /// The clock moves on.
    Advance {
        /// By so many seconds.
        seconds: u64,
        /// To this time.
        now: NumericDate,
    },
    /// Another verifier is made beside the first, with a policy of its own.
    Configure {
        /// Its name; `main` is the one that the case began with.
        verifier: String,
        /// Its policy.
        policy: Policy<ResolvedKeys>,
    },
    /// Nobody has connected to this origin since the case began.
    ExpectQuiet {
        /// The origin: `scheme://host:port`.
        origin: String,
    },
    /// The last token shown costs the verifier at most so many times what the first one did.
    ExpectCost {
        /// The bound, as a multiple.
        times: u32,
    },
}

/// A token, to whom it is shown, and what may be made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResolvedToken {
    /// Which verifier; the case's first where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifier: Option<String>,
    /// Whole JWT against the whole policy, or bare JWS.
    pub mode: Mode,
    /// The token's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Text>,
    /// The token's octets as standard base64, where they are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_b64: Option<Text>,
    /// The payload that travels beside the token, as standard base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detached_payload_b64: Option<Text>,
    /// The octets that were signed as payload, as standard base64, where an acceptance is permitted
    /// that has to believe them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_payload_b64: Option<Text>,
    /// What the verifier may do; one thing is a demand, several are a choice.
    pub permitted: Vec<ResolvedBehaviour>,
}

/// One thing that a verifier may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum ResolvedBehaviour {
    /// Refuse the token, or the configuration.
    Reject,
    /// Accept the token.
    Accept {
        /// What it must then have believed.
        believing: Believing,
    },
}

/// What an accepting verifier must have believed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Believing {
    /// The payload that was signed.
    SignedPayload,
    /// These payload octets, as standard base64.
    PayloadB64(Text),
    /// This value of this claim (which of two duplicates).
    Claim {
        /// The claim's name.
        name: String,
        /// Its value.
        value: Value,
    },
}

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
        Step::Advance(seconds) => {
            *now = now.plus(i64::try_from(*seconds).unwrap_or(i64::MAX));
            ResolvedStep::Advance { seconds: *seconds, now: *now }
        }
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
