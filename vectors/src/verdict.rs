//! What a verifier is shown, and every way in which it can answer or fail to.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the verifier is asked to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A JWT against the whole policy: signature and claims (RFC 7519 §7.2).
    Jwt,
    /// A JWS alone: the signature, and the payload handed back (RFC 7515 §5.2).
    Jws,
}

/// The bytes that a verifier is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Whole JWT or bare JWS.
    pub mode: Mode,
    /// The token, which need not be UTF-8.
    pub token: Vec<u8>,
    /// The payload, where it travels beside the token.
    pub detached_payload: Option<Vec<u8>>,
}

/// An answer to a token. A refusal is an answer, not an error.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The bearer would now be treated as authenticated.
    Accept(Believed),
    /// The token is refused.
    Reject {
        /// Free text, kept as evidence and never matched.
        error: String,
    },
    /// No decision: no usable key set could be obtained.
    Unavailable {
        /// Free text, kept as evidence and never matched.
        error: String,
    },
}

impl Verdict {
    /// A refusal with this text.
    #[must_use]
    pub fn reject(error: impl Into<String>) -> Self {
        Self::Reject { error: error.into() }
    }

    /// The word of the adapter protocol for this answer.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Accept(_) => "accept",
            Self::Reject { .. } => "reject",
            Self::Unavailable { .. } => "unavailable",
        }
    }
}

/// What an accepting verifier took the token to say; all of it is optional evidence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Believed {
    /// The claims it read.
    pub claims: Option<Map<String, Value>>,
    /// The payload octets it read.
    pub payload: Option<Vec<u8>>,
    /// The `kid` of the key it used.
    pub key: Option<String>,
}

/// Every way of not answering.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The process died.
    #[error("the process died ({how}): {last_words}")]
    Died {
        /// Exit code or signal.
        how: String,
        /// The end of its standard error, bounded.
        last_words: String,
    },
    /// An exception or panic that its caller could still have caught.
    #[error("an undocumented exception: {text}")]
    Exception {
        /// Type and text, as the adapter gave them.
        text: String,
    },
    /// No reply within the deadline.
    #[error("no reply within {}", seconds(.after))]
    Hang {
        /// The deadline.
        after: Duration,
    },
    /// A reply that is not what the protocol says.
    #[error("a reply that the protocol does not know: {why}")]
    Garbage {
        /// What was wrong, with the reply quoted and bounded.
        why: String,
    },
    /// The adapter's own trouble.
    #[error("the adapter reported trouble of its own: {text}")]
    Trouble {
        /// Its text.
        text: String,
    },
    /// The adapter cannot express what it was asked.
    #[error("the adapter cannot express `{what}`")]
    Unsupported {
        /// A feature or policy member.
        what: String,
    },
}

fn seconds(duration: &Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
