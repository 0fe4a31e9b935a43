//! What the verifier is configured with: trusted issuers, their keys, and the claims to demand.
//!
//! The same shape serves twice. A case holds a [`PolicyRecipe`], whose keys are named or given as
//! published; the forge resolves it into a [`Policy`], which is word for word the `policy` member of
//! the adapter protocol's `configure`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    base64_bytes,
    case::Capability,
    forge::KeyName,
    recipe::{Json, KeyText, PublicForm},
};

/// A verifier's configuration, as the adapter protocol sends it.
///
/// An absent member means "leave that option of the library alone"; members are never `null` or empty
/// arrays on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Policy<K = Keys> {
    /// Whom to trust, each with its keys.
    pub issuers: Vec<TrustedIssuer<K>>,
    /// Where given, the token's `aud` must hold one of these (RFC 7519 §4.1.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// The allow-list of `alg` values (RFC 8725 §3.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<String>,
    /// Claims that must be present beside those which `issuer` and `audiences` already ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_claims: Vec<String>,
    /// The `typ` to demand (RFC 8725 §3.11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Clock skew allowed on `exp` and `nbf`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leeway_s: Option<u64>,
    /// How key sets are fetched, for verifiers that do it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetch: Option<FetchOptions>,
}

/// A policy as a case writes it: keys by name or as published.
pub type PolicyRecipe = Policy<KeysRecipe>;

/// One trusted issuer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrustedIssuer<K = Keys> {
    /// Where given, the token's `iss` must equal it, octet for octet (RFC 7519 §4.1.1, §2 StringOrURI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The keys that may sign for this issuer.
    pub keys: K,
    /// This issuer's own allow-list, in place of the policy's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<String>,
    /// This issuer's own audiences, in place of the policy's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
}

/// Keys as they stand in a configuration or come from an endpoint; texts may be malformed on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Keys {
    /// The text of a JWK Set document (RFC 7517 §5).
    Jwks(String),
    /// The octets of a JWK Set document that is not UTF-8.
    JwksB64(#[serde(with = "base64_bytes")] Vec<u8>),
    /// Where the JWK Set is fetched from.
    JwksUri(String),
    /// The issuer whose OpenID or OAuth metadata (RFC 8414) names the JWK Set.
    Discovery(String),
    /// The text of one JWK.
    Jwk(String),
    /// The text of one PEM or OpenSSH public key, or of a certificate.
    Pem(String),
    /// One key in DER (SubjectPublicKeyInfo).
    DerB64(#[serde(with = "base64_bytes")] Vec<u8>),
    /// One HMAC secret.
    SecretB64(#[serde(with = "base64_bytes")] Vec<u8>),
}

/// Keys as a case writes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeysRecipe {
    /// Exactly these bytes, as published or as malformed as the case wants them.
    Literal(Keys),
    /// A JWK Set of test keys.
    Set(Vec<JwkRecipe>),
    /// One test key as a JWK.
    One(JwkRecipe),
    /// One test key as SubjectPublicKeyInfo in PEM, LF line ends, with a final newline.
    SpkiPem(KeyName),
    /// One test key as SubjectPublicKeyInfo in DER.
    SpkiDer(KeyName),
    /// The octets of a symmetric test key.
    Secret(KeyName),
    /// One test key as a text, where one PEM or OpenSSH public key is due; not every such text is one.
    Text {
        /// Which test key.
        key: KeyName,
        /// How it is written.
        text: KeyText,
    },
    /// What everybody knows of one test key, as an HMAC secret.
    PublicSecret {
        /// Which test key.
        key: KeyName,
        /// In which form its octets are the secret.
        form: PublicForm,
    },
    /// A JWK Set of one key among many others, which differ in nothing but their `kid`.
    Crowd {
        /// The one.
        key: JwkRecipe,
        /// How many of the others stand before it.
        before: usize,
        /// How many stand behind it.
        behind: usize,
        /// What the others are; the name of each is a number and this key's name.
        other: KeyName,
    },
    /// The text of a JWK Set document with its placeholders replaced, which need be neither JSON nor
    /// UTF-8.
    Document(Json),
}

/// The public JWK of a test key, with members set or dropped.
///
/// An `oct` key has no public half and is written with its `k`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JwkRecipe {
    /// Which test key.
    pub key: KeyName,
    /// Members added to it or put in place of its own, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, Value)>,
    /// Members taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<String>,
}

impl Keys {
    /// The feature that a verifier needs to take such keys.
    #[must_use]
    pub const fn capability(&self) -> Capability {
        match self {
            Self::Jwks(_) | Self::JwksB64(_) => Capability::Jwks,
            Self::JwksUri(_) => Capability::JwksUri,
            Self::Discovery(_) => Capability::Discovery,
            Self::Jwk(_) => Capability::Jwk,
            Self::Pem(_) => Capability::Pem,
            Self::DerB64(_) => Capability::Der,
            Self::SecretB64(_) => Capability::Secret,
        }
    }
}

impl KeysRecipe {
    /// The feature that a verifier needs to take such keys.
    #[must_use]
    pub const fn capability(&self) -> Capability {
        match self {
            Self::Literal(keys) => keys.capability(),
            Self::Set(_) | Self::Crowd { .. } | Self::Document(_) => Capability::Jwks,
            Self::One(_) => Capability::Jwk,
            Self::SpkiPem(_) | Self::Text { .. } => Capability::Pem,
            Self::SpkiDer(_) => Capability::Der,
            Self::Secret(_) | Self::PublicSecret { .. } => Capability::Secret,
        }
    }
}

impl JwkRecipe {
    /// The key's own JWK with this `kid`.
    #[must_use]
    pub fn with_kid(key: KeyName, kid: &str) -> Self {
        Self { key, set: vec![("kid".to_owned(), Value::from(kid))], drop: Vec::new() }
    }
}

/// Options of a verifier's own key-set client; units are in the names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FetchOptions {
    /// Deadline of one whole fetch, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// How long a set is fresh after its fetch, in seconds, less if the response says less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_s: Option<u64>,
    /// The shortest time between two fetches, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown_s: Option<u64>,
    /// How long past freshness a set may serve while the endpoint fails, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_stale_s: Option<u64>,
    /// The largest response, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// PEM file of the CA to trust for https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
}

impl<K> Policy<K> {
    /// A policy that trusts one set of keys and asks for nothing else.
    #[must_use]
    pub fn trusting(keys: K) -> Self {
        Self {
            issuers: vec![TrustedIssuer {
                issuer: None,
                keys,
                algorithms: Vec::new(),
                audiences: Vec::new(),
            }],
            audiences: Vec::new(),
            algorithms: Vec::new(),
            required_claims: Vec::new(),
            token_type: None,
            leeway_s: None,
            fetch: None,
        }
    }

    /// The same policy with every issuer's keys turned into another form.
    ///
    /// # Errors
    /// The first error of `convert`.
    pub fn try_map_keys<T, E>(
        &self,
        mut convert: impl FnMut(&K) -> Result<T, E>,
    ) -> Result<Policy<T>, E> {
        let mut issuers = Vec::with_capacity(self.issuers.len());
        for issuer in &self.issuers {
            issuers.push(TrustedIssuer {
                issuer: issuer.issuer.clone(),
                keys: convert(&issuer.keys)?,
                algorithms: issuer.algorithms.clone(),
                audiences: issuer.audiences.clone(),
            });
        }
        Ok(Policy {
            issuers,
            audiences: self.audiences.clone(),
            algorithms: self.algorithms.clone(),
            required_claims: self.required_claims.clone(),
            token_type: self.token_type.clone(),
            leeway_s: self.leeway_s,
            fetch: self.fetch.clone(),
        })
    }
}
