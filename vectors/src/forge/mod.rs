//! Makes tokens and key documents out of recipes.
//!
//! The forge is one of two oracles that share nothing: it signs with RustCrypto primitives, and with
//! RSA, ECDSA and Ed448 of its own above them, because forgeries need control of every byte and
//! because the bytes must not move when a crate is released. The reference verifier uses other
//! cryptography and no line of this code.

mod alter;
mod der;
pub mod ecdsa;
mod edit;
mod edwards448;
mod encode;
pub mod hash;
pub mod keys;
mod members;
mod render;
mod resolve;
pub mod rsa;
pub mod sign;
mod survey;
mod text;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use encode::{base64url, from_base64url};
pub use render::forge;
pub use resolve::{Published, resolve_policy, resolve_publication, resolve_url};

use crate::verdict::Presented;

/// The name of a fixed test key, such as `rsa-2048-a`; [`keys::NAMES`] lists them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct KeyName(String);

impl KeyName {
    /// A name; whether such a key exists is told when it is used.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for KeyName {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A token with everything that is known of its making, for the judge and for `explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forged {
    /// The bytes to show.
    pub presented: Presented,
    /// The octets of the protected header before encoding, where the forge made or could read one.
    pub protected: Option<Vec<u8>>,
    /// The payload octets that were signed, where the forge made or could read them.
    pub payload: Option<Vec<u8>>,
    /// The signing input (RFC 7515 §5.1 step 8), where the forge signed.
    pub signing_input: Option<Vec<u8>>,
}

/// Why a recipe cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForgeError {
    /// No test key has this name.
    #[error("find a test key named `{name}`; there are: {known}")]
    UnknownKey {
        /// The name in the recipe.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The key cannot sign, or stand, that way.
    #[error("use test key `{key}` for `{purpose}`: its type does not serve")]
    WrongKey {
        /// The key's name.
        key: String,
        /// An `alg` value or a key document.
        purpose: String,
    },
    /// The RSA key cannot hold the encoded message.
    #[error("sign with `{alg}` under test key `{key}`")]
    Rsa {
        /// The key's name.
        key: String,
        /// The `alg` value in the recipe.
        alg: String,
        /// What does not fit.
        #[source]
        source: rsa::RsaError,
    },
    /// A private JWK is none.
    #[error("read a private key: {why}")]
    MalformedKey {
        /// What is wrong with it.
        why: String,
    },
    /// No such algorithm.
    #[error("sign with `{alg}`: the forge has no such algorithm")]
    UnknownAlgorithm {
        /// The `alg` value in the recipe.
        alg: String,
    },
    /// A placeholder names an origin that the environment lacks.
    #[error("replace `{{origin.{index}}}`: the environment has {have} origins")]
    NoOrigin {
        /// The number in the recipe.
        index: usize,
        /// How many there are.
        have: usize,
    },
    /// A placeholder names an issuer that the case has not.
    #[error("replace `{{issuer.{index}}}`: the case has {have} issuers")]
    NoIssuer {
        /// The number in the recipe.
        index: usize,
        /// How many there are.
        have: usize,
    },
    /// An edit does not fit the text.
    #[error("edit the token: {why}")]
    Edit {
        /// What does not fit.
        why: String,
    },
    /// The recipe asks for what no serialization can hold.
    #[error("serialize the token: {why}")]
    Serialization {
        /// What does not fit.
        why: String,
    },
    /// A placeholder would make a text longer than the bound.
    #[error("repeat a text {times} times: the result would exceed {bound} octets")]
    TooLong {
        /// The number in the recipe.
        times: usize,
        /// The bound.
        bound: usize,
    },
}
