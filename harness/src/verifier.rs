//! The trait that a verifier implements to stand in the gauntlet.
//!
//! Programs in other languages speak the adapter protocol instead; a Rust verifier implements these
//! two traits, and the same protocol is spoken for it.

use std::collections::BTreeMap;

use gauntlet_vectors::{
    NoAnswer, NumericDate, Policy, Presented, Verdict,
    case::{Capability, HonestAlgorithm},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// A verifier library or product, before it is configured.
pub trait Implementation: Send + Sync {
    /// Says what it is and what it can do.
    fn describe(&self) -> Description;

    /// Makes a verifier for this policy, with nothing remembered from another one.
    ///
    /// `now` is the time of the configuration for implementations that list
    /// [`Capability::Clock`]; others do not look at it.
    ///
    /// # Errors
    /// [`Refusal`], when the verifier does not take the policy or cannot express it.
    fn configure(&self, policy: &Policy, now: NumericDate) -> Result<Box<dyn Verifier>, Refusal>;
}

/// A configured verifier.
pub trait Verifier: Send + Sync {
    /// Judges one token at `now`, which implementations without a clock of ours do not look at.
    ///
    /// # Errors
    /// [`NoAnswer`], when it comes to no verdict. A refusal is a verdict.
    fn verify(&self, presented: &Presented, now: NumericDate) -> Result<Verdict, NoAnswer>;

    /// What really holds of the policy's options, set or default, as far as the verifier knows: the adapter
    /// protocol's `effective`, such as `{"max_age_s": 300}`.
    fn effective(&self) -> Map<String, Value> {
        Map::new()
    }

    /// Does what is due by now, for implementations that list [`Capability::VirtualTime`] and refresh on
    /// timers.
    fn advance(&self, _now: NumericDate) {}
}

/// Why there is no configured verifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The verifier refuses this configuration, as it should where a key is unfit.
    #[error("take this configuration: {error}")]
    Rejected {
        /// Its own words.
        error: String,
    },
    /// The adapter cannot express this member or feature; the case is skipped.
    #[error("express `{what}`")]
    Unsupported {
        /// A feature or a policy member.
        what: String,
    },
    /// Configuring it ended in no answer at all.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
}

/// What an implementation says of itself: the reply to the protocol's `hello`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Name, version and language.
    pub implementation: ImplementationName,
    /// What it can do; names that this version does not know are passed over.
    #[serde(deserialize_with = "known_features")]
    pub features: Vec<Capability>,
    /// What an honest token may be signed with here.
    pub algorithms: Algorithms,
    /// The curves it knows, where it knows fewer than its algorithms suggest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curves: Option<Vec<String>>,
    /// The parts that the adapter supplies because the library has no such part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adapter_does: Vec<String>,
    /// The library's own defaults, where the adapter does not set them.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub defaults: Map<String, Value>,
    /// What it chooses where a specification leaves a choice.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub declares: Map<String, Value>,
}

fn known_features<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Capability>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// Who an implementation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImplementationName {
    /// The library's or product's own name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its language, with the version of the runtime where that matters.
    #[serde(default)]
    pub language: String,
}

/// `alg` values, for all kinds of keys or for each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Algorithms {
    /// The same for every kind of key.
    All(Vec<String>),
    /// By kind of key: `jwks`, `jwk`, `pem`, `der`, `secret`, `jwks_uri`, `discovery`.
    ByKind(BTreeMap<String, Vec<String>>),
}

impl Algorithms {
    /// Whether an honest token of this algorithm may be expected to pass with this kind of key.
    #[must_use]
    pub fn lists(&self, kind: &str, alg: &str) -> bool {
        match self {
            Self::All(names) => names.iter().any(|name| name == alg),
            Self::ByKind(kinds) => {
                kinds.get(kind).is_some_and(|names| names.iter().any(|name| name == alg))
            }
        }
    }

    /// Every name, each once, in the order given.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let lists: Vec<&Vec<String>> = match self {
            Self::All(names) => vec![names],
            Self::ByKind(kinds) => kinds.values().collect(),
        };
        for name in lists.into_iter().flatten() {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        all
    }
}

impl Description {
    /// What is known of an implementation before it introduced itself: nothing.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            implementation: ImplementationName {
                name: "unknown".to_owned(),
                version: String::new(),
                language: String::new(),
            },
            features: Vec::new(),
            algorithms: Algorithms::All(Vec::new()),
            curves: None,
            adapter_does: Vec::new(),
            defaults: Map::new(),
            declares: Map::new(),
        }
    }

    /// Whether the implementation lists this feature.
    #[must_use]
    pub fn has(&self, capability: Capability) -> bool {
        self.features.contains(&capability)
    }

    /// Whether honest tokens of this algorithm are expected to pass with this kind of key.
    #[must_use]
    pub fn takes(&self, kind: &str, honest: &HonestAlgorithm) -> bool {
        let curve = match (&self.curves, &honest.crv) {
            (Some(curves), Some(crv)) => curves.contains(crv),
            (None, _) | (_, None) => true,
        };
        curve && self.algorithms.lists(kind, &honest.alg)
    }
}
