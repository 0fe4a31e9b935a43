//! The table of algorithms: name, key, and how a signature is verified.

use std::fmt;

use aws_lc_rs::{
    hmac,
    signature::{self as sig, ED25519_PUBLIC_KEY_LEN, EcdsaVerificationAlgorithm, RsaParameters},
};

macro_rules! algorithms {
    ($($variant:ident = $name:literal => $how:expr,)+) => {
        /// A signature or MAC algorithm (RFC 7518 §3.1, RFC 8037 §3.1, RFC 8812 §3.2, and the fully
        /// specified names `Ed25519` and `Ed448`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Alg {
            $($variant,)+
        }

        impl Alg {
            /// Every algorithm, in the order of the table.
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The algorithm of this name, octet for octet; `none` is not one.
            pub(super) fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Its registered name.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The key it takes and how it verifies.
            pub(super) fn how(self) -> How {
                match self { $(Self::$variant => $how,)+ }
            }
        }
    };
}

algorithms! {
    Hs256 = "HS256" => How::Hmac { hash: hmac::HMAC_SHA256, least: 32 },
    Hs384 = "HS384" => How::Hmac { hash: hmac::HMAC_SHA384, least: 48 },
    Hs512 = "HS512" => How::Hmac { hash: hmac::HMAC_SHA512, least: 64 },
    Rs256 = "RS256" => How::Rsa(&sig::RSA_PKCS1_2048_8192_SHA256),
    Rs384 = "RS384" => How::Rsa(&sig::RSA_PKCS1_2048_8192_SHA384),
    Rs512 = "RS512" => How::Rsa(&sig::RSA_PKCS1_2048_8192_SHA512),
    Ps256 = "PS256" => How::Rsa(&sig::RSA_PSS_2048_8192_SHA256),
    Ps384 = "PS384" => How::Rsa(&sig::RSA_PSS_2048_8192_SHA384),
    Ps512 = "PS512" => How::Rsa(&sig::RSA_PSS_2048_8192_SHA512),
    Es256 = "ES256" => How::Ecdsa(Curve::P256, &sig::ECDSA_P256_SHA256_FIXED),
    Es384 = "ES384" => How::Ecdsa(Curve::P384, &sig::ECDSA_P384_SHA384_FIXED),
    Es512 = "ES512" => How::Ecdsa(Curve::P521, &sig::ECDSA_P521_SHA512_FIXED),
    Es256K = "ES256K" => How::Ecdsa(Curve::Secp256k1, &sig::ECDSA_P256K1_SHA256_FIXED),
    EdDsa = "EdDSA" => How::Eddsa(&[Curve::Ed25519, Curve::Ed448]),
    Ed25519 = "Ed25519" => How::Eddsa(&[Curve::Ed25519]),
    Ed448 = "Ed448" => How::Eddsa(&[Curve::Ed448]),
}

/// The key an algorithm takes and how it verifies.
#[derive(Debug, Clone, Copy)]
pub(super) enum How {
    /// A MAC with a secret of at least so many octets (RFC 7518 §3.2).
    Hmac {
        /// The keyed hash.
        hash: hmac::Algorithm,
        /// The length of the hash, and so of the shortest key.
        least: usize,
    },
    /// A signature with an RSA key: padding and hash.
    Rsa(&'static RsaParameters),
    /// A signature with a key on this curve, as R and S side by side.
    Ecdsa(Curve, &'static EcdsaVerificationAlgorithm),
    /// A signature with a key on one of these Edwards curves.
    Eddsa(&'static [Curve]),
}

/// A curve for signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
    Ed25519,
    Ed448,
}

impl Curve {
    /// The curve of an EC key by its `crv` (RFC 7518 §6.2.1.1, RFC 8812 §3.1).
    pub(super) fn ec(crv: &str) -> Option<Self> {
        match crv {
            "P-256" => Some(Self::P256),
            "P-384" => Some(Self::P384),
            "P-521" => Some(Self::P521),
            "secp256k1" => Some(Self::Secp256k1),
            _ => None,
        }
    }

    /// The curve of an OKP key by its `crv` (RFC 8037 §2); those of key agreement are not here.
    pub(super) fn okp(crv: &str) -> Option<Self> {
        match crv {
            "Ed25519" => Some(Self::Ed25519),
            "Ed448" => Some(Self::Ed448),
            _ => None,
        }
    }

    /// The length of one coordinate, or of the whole public key on an Edwards curve, in octets.
    pub(super) const fn octets(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
            Self::Ed25519 => ED25519_PUBLIC_KEY_LEN,
            Self::Ed448 => ed448_goldilocks::PUBLIC_KEY_LENGTH,
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
        })
    }
}

/// A set of algorithms, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct AlgSet(u32);

impl AlgSet {
    /// All of the table.
    pub(super) const ALL: Self = Self((1 << Alg::ALL.len()) - 1);

    /// Those names that are known; the others are nobody's.
    pub(super) fn of_names(names: &[String]) -> Self {
        Self(
            names
                .iter()
                .filter_map(|name| Alg::named(name))
                .fold(0, |set, alg| set | Self::bit(alg)),
        )
    }

    /// The set without those whose key is a secret.
    pub(super) fn public(self) -> Self {
        let is_public = |alg: &&Alg| !matches!(alg.how(), How::Hmac { .. });
        let public = Alg::ALL.iter().filter(is_public).fold(0, |set, alg| set | Self::bit(*alg));
        Self(self.0 & public)
    }

    /// Whether the algorithm is in the set.
    pub(super) const fn holds(self, alg: Alg) -> bool {
        self.0 & Self::bit(alg) != 0
    }

    /// Whether nothing is.
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    const fn bit(alg: Alg) -> u32 {
        1 << alg as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact_and_none_is_not_one() {
        for alg in Alg::ALL {
            assert_eq!(Alg::named(alg.name()), Some(*alg));
            let other_case = alg.name().to_ascii_lowercase();
            assert_eq!(Alg::named(&other_case), None);
        }
        for name in ["none", "None", "NONE", "", "HS256 ", "ES256K\0", "RS1", "ESP256"] {
            assert_eq!(Alg::named(name), None, "{name}");
        }
    }

    #[test]
    fn a_set_holds_what_was_named() {
        let set = AlgSet::of_names(&["ES256K".into(), "none".into(), "Ed448".into()]);
        assert!(set.holds(Alg::Es256K) && set.holds(Alg::Ed448));
        assert!(!set.holds(Alg::Es256) && !set.holds(Alg::EdDsa));
        assert!(Alg::ALL.iter().all(|alg| AlgSet::ALL.holds(*alg)));
        assert!(AlgSet::of_names(&["none".into()]).is_empty());
        assert!(!AlgSet::ALL.public().holds(Alg::Hs512) && AlgSet::ALL.public().holds(Alg::Ed448));
    }
}
