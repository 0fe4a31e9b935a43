//! The closed vocabularies of a case: each value has one word, in commands, records and exports alike.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in declared order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value's word in commands, records and exports.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.word() == text).ok_or_else(|| UnknownWord {
                    given: text.to_owned(),
                    known: Self::ALL.iter().map(|value| value.word()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

/// A word that names no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read `{given}`: expected one of {known}")]
pub struct UnknownWord {
    given: String,
    known: String,
}

words! {
    /// How strongly a case is asked (RFC 2119).
    Level {
        /// Not met is a finding.
        Must = "MUST",
        /// Not met is a finding that never reaches `high`.
        Should = "SHOULD",
        /// Told as information.
        May = "MAY",
    }
}

words! {
    /// On what ground a case is asked.
    Basis {
        /// A MUST that binds the recipient.
        Rfc = "rfc",
        /// A best current practice: RFC 8725 and such.
        Bcp = "bcp",
        /// A SHOULD, or a rule that binds the producer alone.
        Should = "should",
        /// What the policy that we sent asks for.
        Operator = "operator",
        /// No clause; widely held.
        Hardening = "hardening",
    }
}

words! {
    /// How bad it is if a case is not met, least bad first.
    Severity {
        /// Worth knowing.
        Info = "info",
        /// A deviation without an attack of its own.
        Low = "low",
        /// Denial, crash, resource.
        Medium = "medium",
        /// Substitution, expired, revoked, SSRF, fail open.
        High = "high",
        /// A forged token is accepted from anyone.
        Critical = "critical",
    }
}

words! {
    /// What a verifier can do: the features of the adapter protocol.
    Capability {
        /// Checks a compact JWT against a whole policy.
        Jwt = "jwt",
        /// Checks a compact JWS alone and hands its payload back.
        Jws = "jws",
        /// The same for the flattened and general JSON serializations.
        JwsJson = "jws_json",
        /// RFC 7797 unencoded and detached payloads, in `jws` mode.
        B64False = "b64_false",
        /// Takes a JWK Set document.
        Jwks = "jwks",
        /// Takes one JWK text.
        Jwk = "jwk",
        /// Takes one PEM or OpenSSH text.
        Pem = "pem",
        /// Takes one DER key.
        Der = "der",
        /// Takes one HMAC secret.
        Secret = "secret",
        /// Fetches the JWK Set itself.
        JwksUri = "jwks_uri",
        /// Starts from an issuer's metadata.
        Discovery = "discovery",
        /// Holds several issuers in one policy.
        MultiIssuer = "multi_issuer",
        /// Demands a `typ`.
        TokenType = "token_type",
        /// Holds several verifiers at once in one process.
        Several = "several",
        /// Judges claims at the `now` of the request.
        Clock = "clock",
        /// Lets `now` also age its caches.
        VirtualTime = "virtual_time",
        /// Runs `verify_all` with its work truly overlapping.
        Concurrent = "concurrent",
    }
}

words! {
    /// What kind of failure a case looks for; each category maps to controls.
    Category {
        /// Unsecured JWTs.
        AlgNone = "alg-none",
        /// Algorithm and key-type confusion.
        KeyConfusion = "key-confusion",
        /// Keys or key locations offered by the token.
        HeaderInjection = "header-injection",
        /// Signature and MAC verification.
        SignatureIntegrity = "signature-integrity",
        /// Issuer binding.
        ClaimsIssuer = "claims-issuer",
        /// Audience restriction.
        ClaimsAudience = "claims-audience",
        /// Time claims.
        ClaimsTime = "claims-time",
        /// Token type confusion.
        TypConfusion = "typ-confusion",
        /// Validation of a JWK.
        JwkValidation = "jwk-validation",
        /// Robustness in reading a JWK Set.
        JwksParsing = "jwks-parsing",
        /// Which key is taken.
        JwksSelection = "jwks-selection",
        /// Cache staleness, rotation, key removal.
        RotationRevocation = "rotation-revocation",
        /// Outages of the key-set endpoint.
        EndpointOutage = "endpoint-outage",
        /// Hardening of fetches.
        FetchHardening = "fetch-hardening",
        /// Resource exhaustion.
        Dos = "dos",
        /// Issuer metadata.
        Discovery = "discovery",
        /// Serialization, duplicate members, `crit`, `b64`, base64url.
        TokenParsing = "token-parsing",
        /// JWE and nested tokens where a JWS is due.
        JweNested = "jwe-nested",
    }
}

words! {
    /// The part of a verifier that decides a case; a verdict that hangs on a part which the adapter
    /// supplies is the adapter's.
    Part {
        /// The cryptographic check itself, with the key already chosen.
        Signature = "signature",
        /// Reading of the token's serialization and base64url.
        Serialization = "serialization",
        /// Header parameters such as `crit`.
        Header = "header",
        /// Reading of keys and key sets.
        Keys = "keys",
        /// Choice of the key, and what a key says about its use.
        KeySelection = "key_selection",
        /// The allow-list of algorithms.
        AllowList = "allow_list",
        /// Choice of the issuer's configuration.
        IssuerRouting = "issuer_routing",
        /// Comparison of `iss`.
        Issuer = "issuer",
        /// Comparison of `aud`.
        Audience = "audience",
        /// `exp` and `nbf`.
        Time = "time",
        /// The demanded `typ`.
        TokenType = "token_type",
        /// Claims that the operator demands.
        RequiredClaims = "required_claims",
        /// Claims beside those.
        Claims = "claims",
        /// Caches of key sets or verdicts, and the client that fills them.
        Cache = "cache",
        /// What is made of an issuer's metadata.
        Discovery = "discovery",
    }
}

words! {
    /// Versions of the catalogue; new or stricter cases come with a new one.
    CatalogueVersion {
        /// The first.
        V2026_1 = "2026.1",
    }
}
