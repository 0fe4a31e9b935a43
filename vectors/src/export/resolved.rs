//! Cases in bytes, for an implementer in any language.

mod resolve;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Text;
use crate::{
    case::{
        Basis, CaseId, CatalogueVersion, Category, Clause, Level, Needs, Part, Severity, Source,
        Story,
    },
    env::NumericDate,
    policy::Policy,
    timeline::{Endpoint, Fault, Scheme},
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
    /// The issuers that listen while it is played.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<ResolvedIssuer>,
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
    /// Many tokens are shown, which differ in what is the number of the time.
    VerifyMany {
        /// The tokens.
        tokens: Vec<ResolvedToken>,
        /// All at once, or one after the other.
        at_once: bool,
    },
    /// An issuer serves something else from now on; what is absent stays as it is.
    Publish {
        /// Its number.
        issuer: usize,
        /// What it serves.
        #[serde(flatten)]
        serves: ResolvedPublication,
    },
    /// Something goes wrong with an issuer's answers from now on.
    Fault {
        /// Its number.
        issuer: usize,
        /// With which of its answers.
        at: Endpoint,
        /// What goes wrong.
        fault: Fault,
        /// So many answers are good before.
        after: u32,
        /// And so many are not; all that follow where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<u32>,
    },
    /// Nothing goes wrong with an issuer's answers any more.
    Mend {
        /// Its number.
        issuer: usize,
    },
    /// A token is shown again and again until the verifier does what it may.
    Within {
        /// At the latest after so many seconds.
        seconds: u64,
        /// To this time.
        now: NumericDate,
        /// The token.
        shown: ResolvedToken,
    },
    /// So many requests reached an endpoint since the last look at it.
    ExpectFetches {
        /// The issuer's number.
        issuer: usize,
        /// Of which endpoint.
        of: Endpoint,
        /// At least so many.
        min: u32,
        /// At most so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u32>,
        /// Whether the bound supposes the policy's cooldown.
        cooled: bool,
    },
    /// The last answer did not take much longer than the policy's `timeout_ms`.
    ExpectPrompt,
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

/// An issuer that listens from the beginning of a case to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResolvedIssuer {
    /// Its URL; no server is there (RFC 5737).
    pub url: String,
    /// How it is reached; where absent, as the verifier likes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// What it serves at first.
    #[serde(flatten)]
    pub serves: ResolvedPublication,
}

/// What an issuer serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResolvedPublication {
    /// The key set's document, as standard base64 where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<ResolvedDocument>,
    /// Header fields of its response, with placeholders for lengths of time and dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<(String, String)>>,
    /// The metadata document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ResolvedDocument>,
}

/// A document that is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResolvedDocument {
    /// Its text.
    Text(Text),
    /// Its octets as standard base64, where they are not UTF-8.
    OctetsB64(Text),
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
    /// What it may do instead where it declared how it chooses; the first that fits holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<ResolvedDeclared>,
}

/// What a verifier may do that said how it chooses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResolvedDeclared {
    /// The member of the adapter protocol's `declares`.
    pub member: String,
    /// Its value.
    pub value: String,
    /// What it may do then.
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
