//! **What is asked** of a JWT/JWKS verifier.
//!
//! This room holds the case model, the catalogue, the forge that turns recipes into bytes, and the
//! judge that turns answers into outcomes. It opens no file and no socket and reads no clock: time,
//! origins and randomness come in through [`Env`], so that the same catalogue and the same `Env`
//! give the same bytes on any machine.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub mod canary;
pub mod case;
pub mod catalogue;
pub mod controls;
pub mod env;
pub mod export;
pub mod families;
pub mod file;
pub mod forge;
pub mod judge;
pub mod policy;
pub mod precedents;
pub mod profile;
pub mod published;
pub mod recipe;
pub mod timeline;
pub mod verdict;

pub use case::{Case, CaseId};
pub use catalogue::Catalogue;
pub use env::{Env, NumericDate};
pub use policy::{Policy, PolicyRecipe};
pub use profile::Profile;
pub use recipe::Recipe;
pub use timeline::{Step, Timeline};
pub use verdict::{NoAnswer, Presented, Verdict};

/// Standard base64 with padding (RFC 4648 §4) for byte strings in JSON, as in every `*_b64` member
/// of the adapter protocol: `#[serde(with = "base64_bytes")]`.
///
/// A type and no module, so that the schema of such a member is known as well.
#[expect(non_camel_case_types, reason = "serde knows it as a module, and names it as one")]
#[derive(Debug)]
pub enum base64_bytes {}

impl base64_bytes {
    /// Writes bytes as standard base64 text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    /// Reads standard base64 text.
    ///
    /// # Errors
    /// When the text is not standard, padded base64.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text.as_bytes()).map_err(D::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for base64_bytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Base64".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Octets as standard base64 with padding (RFC 4648 §4).",
            "type": "string",
            "contentEncoding": "base64"
        })
    }
}
