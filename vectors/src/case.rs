//! One case: what is asked, why, and how bad it is if it is not met.

mod words;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    base64_bytes,
    env::NumericDate,
    policy::PolicyRecipe,
    timeline::{IssuerRecipe, Presentation, Step, Timeline},
};

pub use words::{
    Basis, Capability, CatalogueVersion, Category, Level, Part, Severity, UnknownWord,
};

/// `family/kebab-slug`, for ever: an id is never given to another case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct CaseId(String);

impl CaseId {
    /// An id from its two halves.
    #[must_use]
    pub fn new(family: &str, slug: &str) -> Self {
        Self(format!("{family}/{slug}"))
    }

    /// The family's name: what stands before the slash.
    #[must_use]
    pub fn family(&self) -> &str {
        self.0.split_once('/').map_or(self.0.as_str(), |(family, _)| family)
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text that is no case id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "read `{0}` as a case id: expected `family/kebab-slug`, in lower case letters, digits and hyphens"
)]
pub struct InvalidCaseId(String);

impl FromStr for CaseId {
    type Err = InvalidCaseId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kebab = |part: &str| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        match text.split_once('/') {
            Some((family, slug)) if kebab(family) && kebab(slug) => Ok(Self(text.to_owned())),
            Some(_) | None => Err(InvalidCaseId(text.to_owned())),
        }
    }
}

/// Everything the harness knows of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Case {
    /// Its name for ever.
    pub id: CaseId,
    /// What a conforming verifier does, in the present tense.
    pub title: String,
    /// Rule, attack, consequence and remedy; the text that `explain` and every report show.
    pub story: Story,
    /// Where the rule stands.
    pub clauses: Vec<Clause>,
    /// The precise CWE numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwe: Vec<u16>,
    /// What kind of failure it looks for; controls are mapped from it.
    pub category: Category,
    /// How strongly it is asked.
    pub level: Level,
    /// On what ground it is asked.
    pub basis: Basis,
    /// How bad it is if it is not met.
    pub severity: Severity,
    /// The part of a verifier that decides it.
    pub part: Part,
    /// The case that must be accepted and differs in just the one thing attacked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<CaseId>,
    /// What a verifier must be able to do for the case to be asked.
    #[serde(default, skip_serializing_if = "Needs::is_nothing")]
    pub needs: Needs,
    /// The catalogue version that brought it.
    pub since: CatalogueVersion,
    /// Where it was published, for cases that are not our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// At what time it is played.
    #[serde(default, skip_serializing_if = "Clock::is_now")]
    pub clock: Clock,
    /// Issuers that listen from its beginning to its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<IssuerRecipe>,
    /// What the verifier is configured with.
    pub policy: PolicyRecipe,
    /// What happens then.
    pub timeline: Timeline,
}

impl Case {
    /// What is permitted in the step that the case is about: its last presentation.
    #[must_use]
    pub fn permitted(&self) -> Option<&Permitted> {
        self.timeline.presentations().last().map(|presentation| &presentation.permitted)
    }

    /// Whether a refusal is the only thing permitted somewhere in the case.
    #[must_use]
    pub fn demands_refusal(&self) -> bool {
        self.timeline.presentations().any(|presentation| presentation.permitted.is_refusal_only())
    }

    /// Whether whatever happens in it is permitted: every token may be accepted or refused, and nothing else
    /// is looked at.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        let expects = |step: &Step| match step {
            Step::ExpectFetches { .. }
            | Step::ExpectPrompt
            | Step::ExpectQuiet { .. }
            | Step::ExpectCost { .. } => true,
            Step::Verify(_)
            | Step::VerifyAll(_)
            | Step::VerifyMany { .. }
            | Step::Within { .. }
            | Step::Advance(_)
            | Step::Configure { .. }
            | Step::Publish { .. }
            | Step::Fault { .. }
            | Step::Mend { .. } => false,
        };
        let left_open = |shown: &Presentation| {
            shown.permitted.permits_refusal() && !shown.permitted.is_refusal_only()
        };
        !self.timeline.0.iter().any(expects) && self.timeline.presentations().all(left_open)
    }

    /// Every feature that the case needs: those it lists, and those that its policy and its timeline
    /// cannot do without.
    #[must_use]
    pub fn needed_capabilities(&self) -> Vec<Capability> {
        let mut needed = self.needs.capabilities.clone();
        let mut policies = vec![&self.policy];
        for step in &self.timeline.0 {
            match step {
                Step::Configure { policy, .. } => {
                    needed.push(Capability::Several);
                    policies.push(policy);
                }
                Step::VerifyMany { at_once: true, .. } => needed.push(Capability::Concurrent),
                Step::Verify(_)
                | Step::VerifyAll(_)
                | Step::VerifyMany { .. }
                | Step::Advance(_)
                | Step::Publish { .. }
                | Step::Fault { .. }
                | Step::Mend { .. }
                | Step::Within { .. }
                | Step::ExpectFetches { .. }
                | Step::ExpectPrompt
                | Step::ExpectQuiet { .. }
                | Step::ExpectCost { .. } => {}
            }
        }
        for policy in policies {
            needed.extend(policy.issuers.iter().map(|issuer| issuer.keys.capability()));
            if policy.issuers.len() > 1 {
                needed.push(Capability::MultiIssuer);
            }
            if policy.token_type.is_some() && !self.needs.spared.contains(&Capability::TokenType) {
                needed.push(Capability::TokenType);
            }
        }
        if self.sets_the_clock() {
            needed.push(Capability::Clock);
        }
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// The case as it is asked of a verifier that lacks a feature which the case can spare; `None` where that is
    /// the case as it stands.
    #[must_use]
    pub fn without_spared(&self, has: &dyn Fn(Capability) -> bool) -> Option<Self> {
        let spares = self.needs.spared.contains(&Capability::TokenType);
        if !spares || has(Capability::TokenType) {
            return None;
        }
        let mut case = self.clone();
        case.needs.spared.retain(|capability| *capability != Capability::TokenType);
        let later = case.timeline.0.iter_mut().filter_map(|step| match step {
            Step::Configure { policy, .. } => Some(policy.as_mut()),
            Step::Verify(_)
            | Step::VerifyAll(_)
            | Step::VerifyMany { .. }
            | Step::Advance(_)
            | Step::Publish { .. }
            | Step::Fault { .. }
            | Step::Mend { .. }
            | Step::Within { .. }
            | Step::ExpectFetches { .. }
            | Step::ExpectPrompt
            | Step::ExpectQuiet { .. }
            | Step::ExpectCost { .. } => None,
        });
        for policy in later.chain([&mut case.policy]) {
            policy.token_type = None;
        }
        Some(case)
    }

    /// Whether the case sets the clock, or moves it with nothing to wait for but the token's own time, so
    /// that a verifier must take `now` from us.
    #[must_use]
    pub fn sets_the_clock(&self) -> bool {
        let moves = |step: &Step| matches!(step, Step::Advance(span) if span.is_plain());
        self.clock != Clock::Now || (!self.is_served() && self.timeline.0.iter().any(moves))
    }

    /// Whether issuers of ours have to listen while it is played.
    #[must_use]
    pub fn is_served(&self) -> bool {
        !self.issuers.is_empty()
    }
}

/// The text of a case, written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Story {
    /// What a verifier has to do.
    pub rule: String,
    /// What somebody does to it.
    pub attack: String,
    /// What follows if it gives way.
    pub consequence: String,
    /// What its author changes.
    pub remedy: String,
}

/// A clause of a specification, such as `RFC 7515 §4.1.11`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Clause(pub String);

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where a published vector comes from, and what its publisher says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Source {
    /// The document and place, such as `RFC 7515 Appendix A.1`.
    pub document: String,
    /// The publisher's own label, in the publisher's words.
    pub label: String,
    /// Why our label differs, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differs_because: Option<String>,
    /// What the publisher, or whoever carried the vector over, noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a verifier must be able to do, or must not claim, for a case to be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Needs {
    /// Features that must be listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// Features that must not be listed: the case is about verifiers that lack them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Capability>,
    /// Algorithms that the honest tokens of the exchange use; never those that an attack names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<HonestAlgorithm>,
    /// Options that must hold, as the verifier tells in `effective` once it is configured: the case is about
    /// verifiers that have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effective: Vec<String>,
    /// Features that the policy makes use of where they are listed, and does without where they are not: so far
    /// `token_type` alone. A profile demands the type of its tokens in every case, and whoever cannot be told
    /// is to be asked about all else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spared: Vec<Capability>,
}

impl Needs {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// An algorithm that an honest token uses, with the curve where the name alone does not tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HonestAlgorithm {
    /// The registered `alg` value.
    pub alg: String,
    /// The `crv` of the key, for EC and OKP keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
}

impl fmt::Display for HonestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.crv {
            Some(crv) => write!(f, "{} with {crv}", self.alg),
            None => f.write_str(&self.alg),
        }
    }
}

/// At what time a case is played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// At the run's time; tokens are minted around it.
    #[default]
    Now,
    /// At this time: published tokens expired long ago.
    At(NumericDate),
}

impl Clock {
    fn is_now(&self) -> bool {
        *self == Self::Now
    }
}

/// The behaviours that are allowed; one is a demand, several are a choice.
///
/// Never empty: a case that permits nothing could not be passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Vec<Behaviour>", into = "Vec<Behaviour>")]
pub struct Permitted(Vec<Behaviour>);

/// One thing that a verifier may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Refuse the token, or the configuration.
    Refuse,
    /// Accept it and believe this.
    Accept(Belief),
}

/// What an accepting verifier must have believed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Belief {
    /// The payload that was signed, as the recipe makes it.
    Signed,
    /// These payload octets.
    Payload(#[serde(with = "base64_bytes")] Vec<u8>),
    /// This value of this claim (which of two duplicates).
    Claim {
        /// The claim's name.
        name: String,
        /// Its value.
        value: Value,
    },
}

/// A set of permitted behaviours that is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("permit something: the list of permitted behaviours is empty")]
pub struct NothingPermitted;

impl Permitted {
    /// A demand to refuse.
    #[must_use]
    pub fn refuse() -> Self {
        Self(vec![Behaviour::Refuse])
    }

    /// A demand to accept what was signed.
    #[must_use]
    pub fn accept() -> Self {
        Self(vec![Behaviour::Accept(Belief::Signed)])
    }

    /// A demand to accept and to believe this.
    #[must_use]
    pub fn accept_believing(belief: Belief) -> Self {
        Self(vec![Behaviour::Accept(belief)])
    }

    /// A choice between refusing and accepting with this belief.
    #[must_use]
    pub fn choice(belief: Belief) -> Self {
        Self(vec![Behaviour::Refuse, Behaviour::Accept(belief)])
    }

    /// A choice between refusing and accepting with any of these beliefs, where readers rightly
    /// differ in what they make of a value.
    #[must_use]
    pub fn choice_among(beliefs: impl IntoIterator<Item = Belief>) -> Self {
        let refuse = std::iter::once(Behaviour::Refuse);
        Self(refuse.chain(beliefs.into_iter().map(Behaviour::Accept)).collect())
    }

    /// The behaviours, at least one.
    #[must_use]
    pub fn behaviours(&self) -> &[Behaviour] {
        &self.0
    }

    /// Whether a refusal is among them.
    #[must_use]
    pub fn permits_refusal(&self) -> bool {
        self.0.contains(&Behaviour::Refuse)
    }

    /// Whether a refusal is all there is.
    #[must_use]
    pub fn is_refusal_only(&self) -> bool {
        self.0.iter().all(|behaviour| *behaviour == Behaviour::Refuse)
    }

    /// Whether an acceptance is all there is.
    #[must_use]
    pub fn is_acceptance_only(&self) -> bool {
        !self.permits_refusal()
    }
}

impl TryFrom<Vec<Behaviour>> for Permitted {
    type Error = NothingPermitted;

    fn try_from(behaviours: Vec<Behaviour>) -> Result<Self, Self::Error> {
        if behaviours.is_empty() { Err(NothingPermitted) } else { Ok(Self(behaviours)) }
    }
}

impl From<Permitted> for Vec<Behaviour> {
    fn from(permitted: Permitted) -> Self {
        permitted.0
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse => f.write_str("reject"),
            Self::Accept(Belief::Signed | Belief::Payload(_)) => f.write_str("accept"),
            Self::Accept(Belief::Claim { name, value }) => {
                write!(f, "accept and believe {name}={value}")
            }
        }
    }
}
