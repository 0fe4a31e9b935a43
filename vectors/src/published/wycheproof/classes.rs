//! Kinds of vectors, by what is wrong with them.

use crate::{
    case::{Basis, Category, Part, Severity, Story},
    published::Effective,
};

/// What vectors with like comments have in common.
pub(super) struct Class {
    /// Parts of upstream comments that tell the class; the first class that matches is taken.
    pub(super) comments: &'static [&'static str],
    pub(super) what: &'static str,
    pub(super) clauses: &'static [&'static str],
    pub(super) cwe: &'static [u16],
    pub(super) category: Category,
    pub(super) basis: Basis,
    pub(super) severity: Severity,
    pub(super) part: Part,
    pub(super) attack: &'static str,
    pub(super) consequence: &'static str,
    pub(super) remedy: &'static str,
}

impl Class {
    pub(super) fn story(&self, effective: Effective) -> Story {
        let rule = match effective {
            Effective::Valid => {
                "A good JWS under the configured key is accepted, and its payload believed."
            }
            Effective::Invalid => "A JWS is valid only if every step of its validation succeeds.",
            Effective::Should => "Recipients are advised to refuse this; no clause demands it.",
            Effective::Policy => "The specification leaves it to the recipient whether to refuse.",
        };
        Story {
            rule: rule.to_owned(),
            attack: self.attack.to_owned(),
            consequence: self.consequence.to_owned(),
            remedy: self.remedy.to_owned(),
        }
    }
}

pub(super) const GOOD: Class = Class {
    comments: &[],
    what: "a good signature",
    clauses: &["RFC 7515 §5.2"],
    cwe: &[],
    category: Category::SignatureIntegrity,
    basis: Basis::Rfc,
    severity: Severity::Medium,
    part: Part::Signature,
    attack: "None: this is what an honest signer makes, edge cases of the arithmetic included.",
    consequence: "Honest tokens are refused, some of them only now and then.",
    remedy: "Follow the algorithm's definition for every length and every value.",
};

pub(super) const SIGNATURE: Class = Class {
    comments: &[],
    what: "a signature that is not good",
    clauses: &["RFC 7515 §5.2", "RFC 7518 §3"],
    cwe: &[347],
    category: Category::SignatureIntegrity,
    basis: Basis::Rfc,
    severity: Severity::Critical,
    part: Part::Signature,
    attack: "The signature, or what it covers, is changed in a way that sloppy arithmetic or sloppy \
             decoding lets pass.",
    consequence: "Whoever finds such a gap can sign, or change what others signed.",
    remedy: "Check the signature with a maintained cryptography library, over the octets as received.",
};

pub(super) const OTHER_ALG: Class = Class {
    comments: &[],
    what: "an algorithm that is not the key's",
    clauses: &["RFC 8725 §3.1", "RFC 7517 §4.4"],
    cwe: &[347],
    category: Category::KeyConfusion,
    basis: Basis::Bcp,
    // Only the holder of the key makes such a token: nothing is forged.
    severity: Severity::Medium,
    part: Part::KeySelection,
    attack: "A key is used with another algorithm than the one that it was published for.",
    consequence: "Weaknesses of one algorithm reach the keys of another.",
    remedy: "Where a JWK has `alg`, refuse tokens that name another.",
};

pub(super) const OTHER_USE: Class = Class {
    comments: &[],
    what: "a key that is for another purpose",
    clauses: &["RFC 7517 §4.2", "RFC 7517 §4.3"],
    cwe: &[347],
    category: Category::JwkValidation,
    basis: Basis::Rfc,
    severity: Severity::Medium,
    part: Part::KeySelection,
    attack: "A key that says it is for another purpose than signatures is used to check one.",
    consequence: "Keys of one purpose vouch for another.",
    remedy: "Leave keys aside whose `use` is there and not `sig`, or whose `key_ops` lack `verify`.",
};

pub(super) const CLASSES: &[Class] = &[
    Class {
        comments: &["NoneAlgorithm", "algIsNone"],
        what: "an unsecured JWS",
        clauses: &["RFC 7518 §3.6", "RFC 8725 §3.2"],
        cwe: &[347],
        category: Category::AlgNone,
        basis: Basis::Rfc,
        severity: Severity::Critical,
        part: Part::AllowList,
        attack: "The attacker names `none`, in some spelling, and leaves the signature away.",
        consequence: "Anybody is anybody.",
        remedy: "Refuse `none`, and every name that is not on the allow-list letter by letter.",
    },
    Class {
        comments: &["SymmetryConfusion"],
        what: "an HMAC keyed with the public key",
        clauses: &["RFC 8725 §2.1", "RFC 8725 §3.1"],
        cwe: &[347],
        category: Category::KeyConfusion,
        basis: Basis::Bcp,
        severity: Severity::Critical,
        part: Part::AllowList,
        attack: "The attacker uses the published key's octets as an HMAC secret.",
        consequence: "Everybody who can read the public key can sign.",
        remedy: "Bind each key to its type and algorithm; never take the algorithm from the token alone.",
    },
    Class {
        comments: &["EmbeddedJwk"],
        what: "a key that the token brings itself",
        clauses: &["RFC 7515 §4.1.3", "RFC 7515 §6", "RFC 8725 §3.10"],
        cwe: &[347],
        category: Category::HeaderInjection,
        basis: Basis::Rfc,
        severity: Severity::Critical,
        part: Part::KeySelection,
        attack: "The attacker signs with a key of his own and puts its public half into the header.",
        consequence: "Anybody is anybody.",
        remedy: "Take keys from the configuration only; ignore `jwk`, `jku`, `x5u` and `x5c`.",
    },
    Class {
        comments: &["WrongUse", "WrongKeyOps", "rejectsModifiedKey"],
        what: "a key that is unfit for checking signatures",
        clauses: &["RFC 7518 §6"],
        cwe: &[347],
        category: Category::JwkValidation,
        basis: Basis::Rfc,
        severity: Severity::Medium,
        part: Part::Keys,
        attack: "A key whose numbers do not fit its type is used.",
        consequence: "Arithmetic leaves the group that it is safe in.",
        remedy: "Check a key's type, curve and point before it is used.",
    },
    Class {
        comments: &["1024bit", "key_too_short"],
        what: "a key that is too short",
        clauses: &["RFC 7518 §3.2", "RFC 7518 §3.3"],
        cwe: &[326],
        category: Category::JwkValidation,
        basis: Basis::Rfc,
        severity: Severity::Medium,
        part: Part::Keys,
        attack: "The key is guessed, or its modulus factored, offline.",
        consequence: "Whoever has the computing time can sign.",
        remedy: "Refuse HMAC keys shorter than the hash and RSA keys below 2,048 bits.",
    },
    Class {
        comments: &["empty_key"],
        what: "an empty HMAC key",
        clauses: &["RFC 7518 §3.2"],
        cwe: &[326],
        category: Category::JwkValidation,
        basis: Basis::Rfc,
        severity: Severity::High,
        part: Part::Keys,
        attack: "A secret that was never set is empty; the attacker signs with nothing.",
        consequence: "Anybody can sign.",
        remedy: "Refuse HMAC keys shorter than the hash.",
    },
    Class {
        comments: &["SignatureTooLong", "TrailingZeros", "BufferOverflow"],
        what: "a signature of another length",
        clauses: &["RFC 7518 §3.4", "RFC 7515 §5.2"],
        cwe: &[347],
        category: Category::SignatureIntegrity,
        basis: Basis::Rfc,
        severity: Severity::Medium,
        part: Part::Signature,
        attack: "Octets are added to a good ECDSA signature, or to its two numbers.",
        consequence: "One token has several spellings: lists of revoked or used tokens are passed by.",
        remedy: "Demand the exact length before the numbers are read.",
    },
    // The signature covers the odd letters, or they stand in the signature itself: nobody but the signer
    // chooses what is believed.
    Class {
        comments: &[
            "paces",
            "sInHeader",
            "sInPayload",
            "InsertedInMac",
            "0Replacedby",
            "InvalidCharacters",
            "CharacterInPayload",
        ],
        what: "a text that is not base64url",
        clauses: &["RFC 7515 §2", "RFC 7515 §5.2"],
        cwe: &[347],
        category: Category::TokenParsing,
        basis: Basis::Rfc,
        severity: Severity::Low,
        part: Part::Serialization,
        attack: "Characters outside the base64url alphabet stand in a segment, where a forgiving decoder \
                 passes over them.",
        consequence: "One token has several spellings, and two verifiers do not agree about it.",
        remedy: "Decode unpadded base64url and nothing else.",
    },
    Class {
        comments: &[
            "Missing",
            "EmptyString",
            "ExtraEmpty",
            "ExtraComponent",
            "nvalidCharacter",
            "Base64Padding",
            "UnusedBits",
            "IncorrectlyEncoded",
            "JsonSerialization",
        ],
        what: "a text that is not the compact serialization",
        clauses: &["RFC 7515 §7.1", "RFC 7515 §2", "RFC 7515 §5.2"],
        cwe: &[347],
        category: Category::TokenParsing,
        basis: Basis::Rfc,
        severity: Severity::High,
        part: Part::Serialization,
        attack: "Segments are left away or added, or characters outside the base64url alphabet slipped in.",
        consequence: "Parts of the token escape the signature, or two verifiers read two tokens in one text.",
        remedy: "Demand three segments of unpadded base64url and nothing else.",
    },
    Class {
        comments: &["PublicExponent1", "Roca", "MixedSymmetry", "DuplicateKid", "rejectsValid"],
        what: "a key set that is unwise",
        clauses: &["RFC 7517 §4.5", "RFC 8017 §3.1"],
        cwe: &[],
        category: Category::JwkValidation,
        basis: Basis::Hardening,
        severity: Severity::Medium,
        part: Part::Keys,
        attack: "The operator's own key set holds weak, ambiguous or mixed keys.",
        consequence: "Signatures can be forged under the weak key, or the wrong key is taken.",
        remedy: "Refuse such key sets when they are loaded.",
    },
];
