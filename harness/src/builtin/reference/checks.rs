//! Every check of the reference verifier, by name.
//!
//! A refusal in the code names its check, so that this table is the whole of what the reference
//! refuses. It also is where a flaw begins: [`Rules`] can switch a check off, and what is left is a
//! verifier with just that flaw. A switched-off check leaves behind what careless software does in
//! its place: the first of two duplicates, the decoded rest of a padded segment, the first issuer
//! for an `iss` that nobody knows. Flaws that are no missing check but another behaviour (a `none`
//! that is welcome, a PEM text as HMAC secret) are wrappers that change the policy, the token or the
//! verdict from outside, so that this code holds none of them.

mod rules;

use std::fmt;

pub use self::rules::Rules;

pub(super) use self::rules::{Refused, quote};

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident = $id:literal, $kind:ident, $clause:literal, $refuses:literal;)+) => {
        /// A named reason to refuse a configuration or a token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check {
            $($(#[$doc])* $variant,)+
        }

        /// Every check, in the order of the table.
        pub const CHECKS: &[Check] = &[$(Check::$variant,)+];

        impl Check {
            /// Its name in refusals: the text before the colon.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// What it refuses, as the end of the sentence "the reference refuses …".
            #[must_use]
            pub const fn refuses(self) -> &'static str {
                match self { $(Self::$variant => $refuses,)+ }
            }

            /// Where the rule stands; `hardening` where no clause asks for it.
            #[must_use]
            pub const fn clause(self) -> &'static str {
                match self { $(Self::$variant => $clause,)+ }
            }

            /// Whether [`Rules::without`] has an effect, or the code cannot go on where this fails.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)+ }
            }
        }
    };
}

checks! {
    // Configuration.

    /// A policy that trusts nobody would refuse everything, which nobody configures on purpose.
    PolicyEmpty = "policy-empty", Structural, "hardening", "a policy without an issuer";
    /// An allow-list of nothing but unknown names is a misspelling.
    AllowListEmpty = "allow-list-empty", Structural, "RFC 8725 §3.1",
        "an allow-list that names no algorithm it knows (`none` is not one)";

    // Keys.

    /// Text that is not UTF-8 is read in two ways by two parsers.
    JwksEncoding = "jwks-encoding", Structural, "RFC 8259 §8.1", "a JWK Set that is not UTF-8";
    /// Anything else at the address of a key set is an error page or worse.
    JwksShape = "jwks-shape", Structural, "RFC 7517 §5",
        "a JWK Set that is no JSON object with an array `keys`";
    /// Two `keys` members: two readers see two sets.
    JwksDuplicate = "jwks-duplicate", Removable, "RFC 7517 §5",
        "a JWK Set that names a member twice";
    /// Without these members there is no key.
    JwkShape = "jwk-shape", Structural, "RFC 7517 §4",
        "a JWK that is no JSON object, or lacks a member of its key type, or has one of another type";
    /// Two values of `n` or `alg`: two readers see two keys.
    JwkDuplicate = "jwk-duplicate", Removable, "RFC 7517 §4", "a JWK that names a member twice";
    /// The key type says what the other members mean.
    JwkKeyType = "jwk-kty", Structural, "RFC 7517 §4.1", "a JWK of a key type it does not know";
    /// A key meant for encryption is handed around among other people.
    JwkUse = "jwk-use", Removable, "RFC 7517 §4.2", "a JWK whose `use` is not `sig`";
    /// The same, in the other member that says so.
    JwkKeyOps = "jwk-key-ops", Removable, "RFC 7517 §4.3, RFC 8812 §3.2",
        "a JWK whose `key_ops` lack `verify`";
    /// One key, one algorithm: what breaks one of them must not break the other.
    JwkAlg = "jwk-alg", Removable, "RFC 8725 §3.1",
        "an algorithm other than the one that the JWK names";
    /// A certificate over another key says that somebody mixed two keys.
    JwkCertificate = "jwk-x5c", Removable, "RFC 7517 §4.7",
        "a JWK whose first certificate holds another key";
    /// Keys below that are factored.
    RsaSize = "rsa-size", Removable, "RFC 7518 §3.3, §3.5", "an RSA modulus below 2,048 bits";
    /// The cryptography below stops there, and one verification would take milliseconds.
    RsaSizeMax = "rsa-size-max", Structural, "hardening", "an RSA modulus above 8,192 bits";
    /// With e=1 every message is its own signature; even exponents have no inverse.
    RsaNumbers = "rsa-numbers", Structural, "RFC 8017 §3.1",
        "an RSA key with an even modulus, or an exponent that is even, below 3 or above 33 bits";
    /// Somebody who reads a shorter coordinate pads it on the side of his choice.
    EcCoordinate = "ec-coordinate", Structural, "RFC 7518 §6.2.1.2, §6.2.1.3",
        "an EC coordinate that has not the full length of its curve";
    /// A point off the curve gives away the private key in other protocols and means nothing here.
    EcPoint = "ec-point", Structural, "RFC 7518 §6.2.1", "an EC point that is not on its curve";
    /// X25519 keys are for agreement; others are unknown.
    Curve = "curve", Structural, "RFC 7518 §6.2.1.1, RFC 8037 §2",
        "a curve that is not for signatures or that it does not know";
    /// A public key of another length is no point.
    OkpLength = "okp-length", Structural, "RFC 8032 §5.1.5, §5.2.5",
        "an Ed25519 or Ed448 key of the wrong length";
    /// Two spellings of one point, and points whose signatures anybody can make.
    OkpPoint = "okp-point", Structural, "RFC 8032 §5.1.3, §5.2.3",
        "an Ed25519 or Ed448 key that is no canonical point of large order";
    /// A MAC is as strong as its key.
    HmacSize = "hmac-size", Removable, "RFC 7518 §3.2", "an HMAC key shorter than the hash";
    /// What is neither a public key nor a certificate may be a private key or an accident.
    PemShape = "pem-shape", Structural, "hardening",
        "a text that holds no PEM or OpenSSH public key or certificate";
    /// DER has one spelling for each value.
    DerShape = "der-shape", Structural, "hardening",
        "octets that are no SubjectPublicKeyInfo in DER";
    /// DSA, X25519, explicit curve parameters and their like.
    DerAlgorithm = "der-algorithm", Structural, "hardening",
        "a SubjectPublicKeyInfo of an algorithm that it does not know";

    // Fetching. What fails here leaves a token without a decision instead of refusing it, except at
    // configuration.

    /// A `file:` or `data:` URL is a key that nobody published, and a name before an `@` is what a
    /// reader takes for the host, or a password that would stand in every log.
    KeyUrl = "key-url", Structural, "RFC 8414 §2",
        "a URL of keys that is neither http nor https, or says who asks, or is no issuer's";
    /// Who names an authority does not want any other.
    CaFile = "ca-file", Structural, "hardening",
        "a file of authorities that cannot be read or holds no certificate";
    /// Refused, reset, silent, cut, too late, or no HTTP.
    FetchFailed = "fetch-failed", Structural, "hardening",
        "an exchange that comes to no whole response before the deadline";
    /// Whoever sits between us and the issuer could publish his own key.
    FetchTls = "fetch-tls", Removable, "RFC 8414 §6.1",
        "a server whose certificate is not its own, has ended, or is vouched for by nobody trusted";
    /// The operator named an origin; another one speaks for somebody else.
    FetchRedirect = "fetch-redirect", Removable, "hardening", "a redirect, wherever it leads";
    /// An error page may hold anything, and 304 answers a question that we may not have asked.
    FetchStatus = "fetch-status", Removable, "RFC 8414 §3.2",
        "a status that is neither 200 nor a 304 that it asked for";
    /// Memory is bounded before it is filled.
    FetchSize = "fetch-size", Removable, "hardening", "a response that is longer than allowed";
    /// An issuer that is asked in secret must not send us where anybody can answer.
    FetchDowngrade = "fetch-downgrade", Removable, "RFC 8414 §2",
        "a `jwks_uri` without TLS in metadata that came with it";
    /// Without these members nobody knows where the keys are.
    MetadataShape = "metadata-shape", Structural, "RFC 8414 §2, §3.2",
        "metadata that are no JSON object, or whose `jwks_uri` is missing or no URL of http or https";
    /// Two values of `jwks_uri`: two readers see two issuers.
    MetadataDuplicate = "metadata-duplicate", Removable, "RFC 8414 §3.2, RFC 8259 §4",
        "metadata that name a member twice";
    /// A tenant who can place a document must not speak for another one.
    MetadataIssuer = "metadata-issuer", Removable, "RFC 8414 §3.3",
        "metadata whose `issuer` is not the one that was asked, octet for octet";
    /// What a stranger can make us do, he makes us do a thousand times.
    FetchCooldown = "fetch-cooldown", Removable, "hardening",
        "to fetch again before the cooldown has passed, whatever asks for it";
    /// A key that its owner took back must stop to verify some day.
    FetchFreshness = "fetch-freshness", Removable, "RFC 9111 §4.2",
        "to use a set past its freshness without asking for a new one";
    /// An outage must not keep a key alive that was taken back.
    FetchStale = "fetch-stale", Removable, "RFC 9111 §4.2.4",
        "a set that is staler than allowed, however long the endpoint fails";

    // The token's serialization.

    /// Work is bounded before it begins.
    TokenLength = "token-length", Removable, "hardening", "a token longer than 1 MiB";
    /// Every serialization is text.
    TokenEncoding = "token-encoding", Structural, "RFC 7515 §5.2 step 1",
        "a token that is not UTF-8";
    /// Exactly two delimiting periods; what splits more loosely signs one thing and reads another.
    Segments = "segments", Structural, "RFC 7515 §5.2 step 1",
        "a compact token that has not three segments";
    /// A JWT is compact. A JSON form could carry `alg` unprotected.
    JwtCompact = "jwt-compact", Structural, "RFC 7519 §1", "a JSON serialization where a JWT is due";
    /// A token that is decoded although it differs from what was signed has two spellings.
    Base64Alphabet = "base64-alphabet", Removable, "RFC 7515 §2",
        "characters outside the base64url alphabet, white space and line breaks among them";
    /// The same.
    Base64Padding = "base64-padding", Removable, "RFC 7515 §2", "base64url with padding";
    /// The same, in bits that no octet holds.
    Base64TrailingBits = "base64-trailing-bits", Removable, "RFC 4648 §3.5",
        "base64url whose last character has bits set that belong to no octet";
    /// Six bits are no octet.
    Base64Length = "base64-length", Structural, "RFC 7515 Appendix C",
        "base64url of a length that no octets give";
    /// Members that are not what the syntax says.
    JwsShape = "jws-shape", Structural, "RFC 7515 §7.2",
        "a JSON serialization whose members are missing or of another type";
    /// Two payloads: one is verified, the other believed.
    JwsDuplicate = "jws-duplicate", Removable, "RFC 7515 §5.2 step 4, §7.2",
        "a JSON serialization that names a member twice";
    /// One reader takes `signature`, the other `signatures`.
    JwsMixed = "jws-mixed", Removable, "RFC 7515 §7.2.2",
        "members of the flattened beside those of the general serialization";
    /// None bad is not one good.
    JwsUnsigned = "jws-unsigned", Structural, "RFC 7515 §5.2", "an empty array of signatures";
    /// Signatures are work that a stranger gives us.
    JwsSignatures = "jws-signatures", Removable, "hardening", "more than 16 signatures";
    /// If the token brings a payload, the one beside it was not signed.
    DetachedTwice = "detached-twice", Structural, "RFC 7515 Appendix F",
        "a payload in the token where it travels beside it, or in a JWT";

    // The header.

    /// The rules below are about a JSON object.
    HeaderJson = "header-json", Structural, "RFC 7515 §5.2 step 3",
        "a header that is no JSON object in UTF-8";
    /// Two values of `alg`: the first is allowed, the last is used.
    HeaderDuplicate = "header-duplicate", Removable, "RFC 7515 §4",
        "a header that names a parameter twice";
    /// The unprotected half must not say again what the protected half says.
    HeaderOverlap = "header-overlap", Removable, "RFC 7515 §5.2 step 4",
        "a parameter in both the protected and the unprotected header";
    /// Without it nobody knows how to verify.
    AlgPresent = "alg-present", Structural, "RFC 7515 §4.1.1",
        "a header whose `alg` is missing or no string";
    /// `none` is unknown here, in every spelling, and so are names in another case.
    AlgKnown = "alg-known", Structural, "RFC 7518 §3.1, §3.6",
        "an algorithm that it does not know, `none` among them";
    /// The operator decides, not the token.
    AlgAllowed = "alg-allowed", Removable, "RFC 8725 §3.1",
        "an algorithm that the policy does not allow";
    /// A list that is no list cannot be understood.
    CritShape = "crit-shape", Removable, "RFC 7515 §4.1.11",
        "a `crit` that is no array of names, empty, or names one twice";
    /// The point of `crit`.
    CritUnknown = "crit-unknown", Removable, "RFC 7515 §4.1.11",
        "a critical parameter that is no extension it implements";
    /// Critical, and then absent or unprotected.
    CritAbsent = "crit-absent", Removable, "RFC 7515 §4.1.11",
        "a critical parameter that the protected header does not hold";
    /// Anybody could remove or add it there.
    CritUnprotected = "crit-unprotected", Removable, "RFC 7515 §4.1.11",
        "a `crit` in the unprotected header";
    /// It is a switch with two positions.
    B64Type = "b64-type", Removable, "RFC 7797 §3", "a critical `b64` that is no boolean";
    /// JWTs are always base64url-encoded.
    B64Jwt = "b64-jwt", Removable, "RFC 7797 §7", "a JWT with a critical `b64` of false";
    /// One payload cannot be read in two ways.
    B64Mixed = "b64-mixed", Removable, "RFC 7797 §3",
        "signatures of one payload that differ in `b64`";
    /// Other characters change on their way.
    B64Characters = "b64-characters", Removable, "RFC 7797 §5.2",
        "an unencoded payload of other than printable ASCII in a compact token";
    /// A `kid` that is no string selects by accident.
    KidType = "kid-type", Removable, "RFC 7515 §4.1.4", "a `kid` that is no string";
    /// Tokens of one kind must not pass for another.
    TypMissing = "typ-missing", Removable, "RFC 8725 §3.11",
        "a token without `typ` where a type is demanded";
    /// The same.
    TypOther = "typ-other", Removable, "RFC 8725 §3.11",
        "a token of another type than the one demanded";
    /// What is inside was judged by nobody.
    NestedJwt = "nested-jwt", Removable, "RFC 7519 §7.2 step 8",
        "a JWT that says by `cty` that it holds another";

    // The key.

    /// A hint that leads nowhere leads to no key at all.
    KidUnknown = "kid-unknown", Removable, "RFC 7515 §4.1.4",
        "a `kid` that no key of the set has";
    /// The heart of key confusion.
    KeyFits = "key-fits", Structural, "RFC 8725 §3.1, RFC 7515 §5.2 step 8",
        "an algorithm for which there is no key of its type and curve";
    /// Without a `kid` every key might be the one, and each try is work.
    KeyTries = "key-tries", Removable, "hardening",
        "a token for which 32 keys were tried in vain";
    /// What it is all about.
    Signature = "signature", Removable, "RFC 7515 §5.2 step 8", "a signature that is not valid";

    // The claims.

    /// A nested JWT, a text or an array is no claims set.
    ClaimsJson = "claims-json", Structural, "RFC 7519 §7.2 step 10",
        "claims that are no JSON object in UTF-8";
    /// Two values of `aud`: one is checked, the other believed.
    ClaimsDuplicate = "claims-duplicate", Removable, "RFC 7519 §4",
        "claims that name one twice";
    /// Issuers are told apart by it.
    IssMissing = "iss-missing", Removable, "RFC 8725 §3.8",
        "a token without `iss` where the policy names issuers";
    /// One string; an array would hold whatever is wanted.
    IssType = "iss-type", Removable, "RFC 7519 §4.1.1",
        "an `iss` that is no string where the policy names issuers";
    /// Octet for octet: no prefix, no other case, no slash more.
    IssOther = "iss-other", Removable, "RFC 8725 §3.8",
        "an `iss` that is none of the policy's issuers";
    /// A token for nobody in particular is for everybody.
    AudMissing = "aud-missing", Removable, "RFC 8725 §3.9",
        "a token without `aud` where the policy names audiences";
    /// A string or an array of strings.
    AudType = "aud-type", Removable, "RFC 7519 §4.1.3",
        "an `aud` that is neither a string nor an array of strings";
    /// A token for somebody else.
    AudOther = "aud-other", Removable, "RFC 7519 §4.1.3",
        "an `aud` that holds none of the policy's audiences";
    /// Who does not know his own name is not meant.
    AudUnexpected = "aud-unexpected", Removable, "RFC 7519 §4.1.3",
        "an `aud` where the policy names no audience";
    /// A text compares in surprising ways.
    ExpType = "exp-type", Removable, "RFC 7519 §4.1.4", "an `exp` that is no number";
    /// On or after.
    ExpPassed = "exp-passed", Removable, "RFC 7519 §4.1.4", "a token on or after its `exp`";
    /// As for `exp`.
    NbfType = "nbf-type", Removable, "RFC 7519 §4.1.5", "an `nbf` that is no number";
    /// Not yet.
    NbfAhead = "nbf-ahead", Removable, "RFC 7519 §4.1.5", "a token before its `nbf`";
    /// No rule on its value, but it is a number.
    IatType = "iat-type", Removable, "RFC 7519 §4.1.6", "an `iat` that is no number";
    /// Whoever is told two types of subject may take one for the other.
    SubType = "sub-type", Removable, "RFC 7519 §4.1.2", "a `sub` that is no string";
    /// The same for replay caches.
    JtiType = "jti-type", Removable, "RFC 7519 §4.1.7", "a `jti` that is no string";
    /// What the operator asked for.
    ClaimRequired = "claim-required", Removable, "RFC 7519 §4",
        "a token without a claim that the policy requires";
}

/// What is left where a check is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The verifier goes on as if the check had passed.
    Removable,
    /// There is nothing to go on with; the check stays whatever the rules say.
    Structural,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_kebab_case() {
        for (i, check) in CHECKS.iter().enumerate() {
            assert!(
                check
                    .id()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{check}"
            );
            assert!(!check.refuses().is_empty() && !check.clause().is_empty());
            assert!(CHECKS.iter().skip(i + 1).all(|other| other.id() != check.id()), "{check}");
        }
    }
}
