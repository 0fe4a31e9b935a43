//! What happens in a case, step by step.
//!
//! A static case is a timeline of one [`Step::Verify`].

mod issuer;
mod span;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use issuer::{Encoding, Endpoint, Fault, IssuerRecipe, Publication, Scheme, TlsFault};
pub use span::{InvalidSpan, Span, Spans};

use crate::{base64_bytes, case::Permitted, policy::PolicyRecipe, recipe::Recipe, verdict::Mode};

/// The steps of a case, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timeline(pub Vec<Step>);

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// One token is shown to the verifier.
    Verify(Presentation),
    /// Several tokens are shown at once.
    VerifyAll(Vec<Presentation>),
    /// A token is shown many times; `{n}` in it stands for the number of the time, from 0.
    VerifyMany {
        /// How many times.
        count: u32,
        /// All at once, or one after the other.
        at_once: bool,
        /// The token, and what may be made of each.
        shown: Box<Presentation>,
    },
    /// The clock moves on.
    Advance(Span),
    /// Another verifier is made beside the first, with a policy of its own.
    Configure {
        /// Its name; `main` is the one that the case began with.
        verifier: String,
        /// Its policy.
        policy: Box<PolicyRecipe>,
    },
    /// An issuer serves something else from now on.
    Publish {
        /// The `N` of `{issuer.N}`.
        issuer: usize,
        /// What it serves.
        serves: Box<Publication>,
    },
    /// Something goes wrong with an issuer's answers from now on, in place of what went wrong before.
    Fault {
        /// The `N` of `{issuer.N}`.
        issuer: usize,
        /// With which of its answers.
        #[serde(default)]
        at: Endpoint,
        /// What goes wrong.
        fault: Fault,
        /// So many answers are good before.
        #[serde(default, skip_serializing_if = "is_zero")]
        after: u32,
        /// And so many are not; all that follow where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<u32>,
    },
    /// Nothing goes wrong with an issuer's answers any more.
    Mend {
        /// The `N` of `{issuer.N}`.
        issuer: usize,
    },
    /// A token is shown again and again until the verifier does what it may, at the latest after this time.
    Within {
        /// How long it may take.
        span: Span,
        /// The token, and what has to become of it.
        shown: Box<Presentation>,
    },
    /// So many requests reached an endpoint since the last look at it, or since the case began.
    ExpectFetches {
        /// The `N` of `{issuer.N}`.
        issuer: usize,
        /// Of which endpoint.
        #[serde(default)]
        of: Endpoint,
        /// At least so many.
        #[serde(default, skip_serializing_if = "is_zero")]
        min: u32,
        /// At most so many; without a bound where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u32>,
        /// Whether the bound supposes the policy's cooldown: a verifier that says it has none is then not
        /// held to it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        cooled: bool,
    },
    /// The last answer did not take much longer than the policy's `timeout_ms`.
    ExpectPrompt,
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

fn is_zero(number: &u32) -> bool {
    *number == 0
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
    /// What it may do instead where it declared how it chooses; the first that fits holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<Declared>,
}

/// What a verifier may do that said how it chooses where a specification leaves a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Declared {
    /// The member of the adapter protocol's `declares`, such as `on_outage`.
    pub member: String,
    /// Its value, such as `fail_closed`.
    pub value: String,
    /// What it may do then.
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
            Step::Verify(shown) => std::slice::from_ref(shown),
            Step::VerifyMany { shown, .. } | Step::Within { shown, .. } => {
                std::slice::from_ref(shown.as_ref())
            }
            Step::VerifyAll(presentations) => presentations.as_slice(),
            Step::Advance(_)
            | Step::Configure { .. }
            | Step::Publish { .. }
            | Step::Fault { .. }
            | Step::Mend { .. }
            | Step::ExpectFetches { .. }
            | Step::ExpectPrompt
            | Step::ExpectQuiet { .. }
            | Step::ExpectCost { .. } => &[],
        })
    }
}

impl Timeline {
    /// The last token shown, which is the one that a case is about.
    pub fn last_mut(&mut self) -> Option<&mut Presentation> {
        self.0.iter_mut().rev().find_map(|step| match step {
            Step::Verify(shown) => Some(shown),
            Step::VerifyMany { shown, .. } | Step::Within { shown, .. } => Some(shown.as_mut()),
            Step::VerifyAll(presentations) => presentations.last_mut(),
            Step::Advance(_)
            | Step::Configure { .. }
            | Step::Publish { .. }
            | Step::Fault { .. }
            | Step::Mend { .. }
            | Step::ExpectFetches { .. }
            | Step::ExpectPrompt
            | Step::ExpectQuiet { .. }
            | Step::ExpectCost { .. } => None,
        })
    }
}

impl Presentation {
    /// A token shown to the case's first verifier.
    #[must_use]
    pub fn new(mode: Mode, token: Recipe, permitted: Permitted) -> Self {
        Self {
            verifier: main(),
            mode,
            token,
            detached_payload: None,
            permitted,
            declared: Vec::new(),
        }
    }

    /// The same, where a verifier that declared this may do that.
    #[must_use]
    pub fn where_declared(mut self, member: &str, value: &str, permitted: Permitted) -> Self {
        self.declared.push(Declared {
            member: member.to_owned(),
            value: value.to_owned(),
            permitted,
        });
        self
    }

    /// What a verifier of these declarations may do.
    #[must_use]
    pub fn permitted_for(&self, declares: &Map<String, Value>) -> &Permitted {
        let said = |declared: &&Declared| {
            declares.get(&declared.member).and_then(Value::as_str) == Some(&declared.value)
        };
        self.declared.iter().find(said).map_or(&self.permitted, |declared| &declared.permitted)
    }
}
