//! What is done to a signature, or to what it is made of, that no algorithm does.

use serde::{Deserialize, Serialize};

use crate::{base64_bytes, forge::hash::Hash};

/// A change to a genuine signature, or to the way in which a genuine key makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Alteration {
    /// Only so many of its first octets.
    Cut {
        /// How many.
        keep: usize,
    },
    /// Without so many of its first octets, all of which must be zero.
    WithoutZeros {
        /// How many.
        octets: usize,
    },
    /// These octets in front of it and behind it.
    Framed {
        /// In front.
        #[serde(with = "base64_bytes")]
        front: Vec<u8>,
        /// Behind.
        #[serde(with = "base64_bytes")]
        behind: Vec<u8>,
    },
    /// The signature of something other than the signing input.
    Over(Covered),
    /// ECDSA: these numbers in place of `r` and `s`.
    Ecdsa {
        /// The first half.
        r: Number,
        /// The second half.
        s: Number,
    },
    /// ECDSA: `s` before `r`.
    Swapped,
    /// ECDSA: a DER `SEQUENCE` of two `INTEGER`s, as X.509 has it, in place of the two halves.
    Der,
    /// ECDSA: one zero octet more in front of each half.
    Widened,
    /// ECDSA on P-256: genuine, with a nonce that was counted until `r` began with a zero octet.
    LeadingZero,
    /// The same without that octet.
    LeadingZeroDropped,
    /// ECDSA: another hash than the one of the algorithm.
    Hashed(Hash),
    /// ECDSA: made with the private number zero, which anybody knows. It is good under the point at
    /// infinity, for whoever computes with that.
    ZeroScalar,
    /// EdDSA: the order of the base point added to `S`, which changes nothing modulo that order.
    PlusOrder,
    /// EdDSA on edwards25519: the most significant bit of `S` set, which no reduced `S` has.
    TopBit,
    /// EdDSA on edwards25519: this point as `R`, and the `S` that goes with it.
    Commitment(Commitment),
    /// RSA: the modulus added to the signature, which changes nothing modulo it; one octet longer
    /// where it does not fit.
    PlusModulus,
}

/// What a signature covers in place of the signing input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Covered {
    /// The payload segment alone, so that the header is free.
    PayloadSegment,
    /// The payload as it is before base64url, behind the header segment and its period.
    RawPayload,
    /// Header and payload as they are before base64url, with the period between them.
    Decoded,
    /// The digest of the signing input: it is hashed once more than it should be.
    Digest(Hash),
}

/// A number in place of one of the two of an ECDSA signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// The genuine one.
    Genuine,
    /// Zero.
    Zero,
    /// The order of the base point, which is zero modulo itself.
    Order,
    /// The genuine one and the order, where the octets have room for it: on P-521.
    PlusOrder,
    /// Of the genuine one and the order less it, the lower; as `s`, both are equally good.
    Lower,
    /// The higher of the two.
    Higher,
}

/// A commitment `R` for which the nonce is zero, so that `S` is the challenge times the private scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Commitment {
    /// The neutral point in its own spelling: good by RFC 8032 §5.1.7, though nobody signs like that.
    Neutral,
    /// The neutral point with p + 1 as its y, which decoding must refuse (RFC 8032 §5.1.3).
    NeutralNonCanonical,
    /// A point of order eight: only the equation with the cofactor holds, either of which RFC 8032
    /// §5.1.7 allows.
    OrderEight,
}

/// What an RSA private key is applied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RsaEncoding {
    /// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) with one thing changed.
    Pkcs1 {
        /// Over this hash.
        hash: Hash,
        /// What is changed.
        flaw: Pkcs1Flaw,
    },
    /// EMSA-PSS (RFC 8017 §9.1.1) with parameters of its own.
    Pss {
        /// The hash of the message and of what the salt is mixed with.
        hash: Hash,
        /// The hash of the mask.
        mgf_hash: Hash,
        /// The length of the salt, in octets.
        salt: usize,
        /// The last octet.
        trailer: u8,
    },
    /// Not applied at all: the proper EMSA-PKCS1-v1_5 encoding stands as the signature, which it is
    /// under an exponent of 1.
    NotApplied {
        /// Over this hash.
        hash: Hash,
    },
    /// Not applied at all: the cube root of an encoding with eight octets of padding and whatever
    /// comes behind the digest. Under an exponent of 3 its cube begins like a good encoding.
    CubeRoot {
        /// Over this hash.
        hash: Hash,
    },
}

/// The one thing that is wrong in an EMSA-PKCS1-v1_5 encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pkcs1Flaw {
    /// This block type in place of 1.
    BlockType(u8),
    /// This octet in place of every 0xff.
    PaddingOctet(u8),
    /// Eight octets of padding, and the rest of the room behind the digest.
    GarbageBehind,
    /// Eight octets of padding, and the rest of the room in the parameters of the hash.
    GarbageInParameters,
    /// The digest alone.
    NoDigestInfo,
    /// No parameters where NULL belongs.
    NoParameters,
    /// The length of the outer sequence in two octets, as BER allows and DER does not.
    LongLength,
    /// The name of this hash before the digest of the other.
    Named(Hash),
}
