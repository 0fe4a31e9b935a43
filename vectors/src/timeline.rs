//! What happens in a case, step by step.
//!
//! A static case is a timeline of one [`Step::Verify`].

use serde::{Deserialize, Serialize};

use crate::{base64_bytes, case::Permitted, policy::PolicyRecipe, recipe::Recipe, verdict::Mode};

/// The steps of a case, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timeline(pub Vec<Step>);

/// One step.
///
/// Steps that need an issuer of our own on the wire (publish, fault, expect-fetches, …) are not here:
/// they come with that issuer, and the compiler then names every place that has to know them.
/// `ExpectQuiet` needs no more than an origin that listens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// One token is shown to the verifier.
    Verify(Presentation),
    /// Several tokens are shown at once.
    VerifyAll(Vec<Presentation>),
    /// The clock moves on by so many seconds.
    Advance(u64),
    /// Another verifier is made beside the first, with a policy of its own.
    Configure {
        /// Its name; `main` is the one that the case began with.
        verifier: String,
        /// Its policy.
        policy: Box<PolicyRecipe>,
    },
    /// Nobody has connected to the harness's origin of that number since the case began: a URL that
    /// stands in a token is not asked.
    ExpectQuiet {
        /// The `N` of `{origin.N}`.
        origin: usize,
    },
    /// The last token shown costs the verifier at most this many times what the first one did.
    ExpectCost {
        /// The bound, as a multiple.
        times: u32,
    },
}

/// A token, to whom it is shown, and what may be made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Presentation {
    /// Which verifier; `main` unless the case made another.
    #[serde(default = "main", skip_serializing_if = "is_main")]
    pub verifier: String,
    /// Whole JWT or bare JWS.
    pub mode: Mode,
    /// The token.
    pub token: Recipe,
    /// The payload that travels beside the token as published (RFC 7515 Appendix F); a forged
    /// token that says `detached` brings its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detached_payload: Option<DetachedPayload>,
    /// What the verifier may do.
    pub permitted: Permitted,
}

/// Payload octets that travel beside a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct DetachedPayload(#[serde(with = "base64_bytes")] pub Vec<u8>);

/// The name of a case's first verifier.
pub const MAIN: &str = "main";

fn main() -> String {
    MAIN.to_owned()
}

fn is_main(name: &str) -> bool {
    name == MAIN
}

impl Timeline {
    /// A timeline of one token.
    #[must_use]
    pub fn of(presentation: Presentation) -> Self {
        Self(vec![Step::Verify(presentation)])
    }

    /// Every token shown, in order.
    pub fn presentations(&self) -> impl Iterator<Item = &Presentation> {
        self.0.iter().flat_map(|step| match step {
            Step::Verify(presentation) => std::slice::from_ref(presentation),
            Step::VerifyAll(presentations) => presentations.as_slice(),
            Step::Advance(_)
            | Step::Configure { .. }
            | Step::ExpectQuiet { .. }
            | Step::ExpectCost { .. } => &[],
        })
    }
}

impl Presentation {
    /// A token shown to the case's first verifier.
    #[must_use]
    pub fn new(mode: Mode, token: Recipe, permitted: Permitted) -> Self {
        Self { verifier: main(), mode, token, detached_payload: None, permitted }
    }
}
