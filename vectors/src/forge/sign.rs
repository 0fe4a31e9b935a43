//! Genuine signatures, the same bytes every time.
//!
//! ECDSA takes its nonce from RFC 6979 and PSS its salt from the seed and the message, so that a
//! token is a function of its recipe and its environment.

use ed25519_dalek::Signer;

use super::{
    ForgeError,
    ecdsa::Curve,
    hash::Hash,
    keys::{Material, TestKey},
    rsa::{RsaError, RsaKey, emsa_pkcs1_v1_5_encode, emsa_pss_encode},
};

/// An algorithm that the forge signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC (RFC 7518 §3.2).
    Hmac(Hash),
    /// RSASSA-PKCS1-v1_5 (RFC 7518 §3.3).
    RsaPkcs1(Hash),
    /// RSASSA-PSS with a salt as long as the hash (RFC 7518 §3.5).
    RsaPss(Hash),
    /// ECDSA on this curve (RFC 7518 §3.4, RFC 8812 §3.2).
    Ecdsa(Curve),
    /// EdDSA on the curve of the key (RFC 8037 §3.1).
    EdDsa,
    /// EdDSA on edwards25519 by its own name (RFC 9864 §2.2).
    Ed25519,
    /// EdDSA on edwards448 by its own name.
    Ed448,
}

impl Algorithm {
    /// Every algorithm under its `alg` value.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("HS256", Self::Hmac(Hash::Sha256)),
        ("HS384", Self::Hmac(Hash::Sha384)),
        ("HS512", Self::Hmac(Hash::Sha512)),
        ("RS256", Self::RsaPkcs1(Hash::Sha256)),
        ("RS384", Self::RsaPkcs1(Hash::Sha384)),
        ("RS512", Self::RsaPkcs1(Hash::Sha512)),
        ("PS256", Self::RsaPss(Hash::Sha256)),
        ("PS384", Self::RsaPss(Hash::Sha384)),
        ("PS512", Self::RsaPss(Hash::Sha512)),
        ("ES256", Self::Ecdsa(Curve::P256)),
        ("ES384", Self::Ecdsa(Curve::P384)),
        ("ES512", Self::Ecdsa(Curve::P521)),
        ("ES256K", Self::Ecdsa(Curve::Secp256k1)),
        ("EdDSA", Self::EdDsa),
        ("Ed25519", Self::Ed25519),
        ("Ed448", Self::Ed448),
    ];

    /// The algorithm of this `alg` value, in its exact letters (RFC 7515 §4.1.1).
    ///
    /// # Errors
    /// [`ForgeError::UnknownAlgorithm`].
    pub fn named(alg: &str) -> Result<Self, ForgeError> {
        let found = Self::ALL.iter().find(|(name, _)| *name == alg);
        let (_, algorithm) =
            found.ok_or_else(|| ForgeError::UnknownAlgorithm { alg: alg.to_owned() })?;
        Ok(*algorithm)
    }
}

/// The signature of a message as a JWS has it, before base64url.
///
/// `seed` is [`Env::seed`](crate::Env::seed); only PSS depends on it.
///
/// # Errors
/// [`ForgeError::UnknownAlgorithm`]; [`ForgeError::WrongKey`] when type or curve of the key do not
/// serve; [`ForgeError::Rsa`] when the key is too short for the encoding.
pub fn sign(key: &TestKey, alg: &str, message: &[u8], seed: u64) -> Result<Vec<u8>, ForgeError> {
    let rsa_error =
        |source| ForgeError::Rsa { key: key.name().to_owned(), alg: alg.to_owned(), source };
    match (Algorithm::named(alg)?, key.material()) {
        (Algorithm::Hmac(hash), Material::Oct(secret)) => Ok(hash.hmac(secret, &[message])),
        (Algorithm::RsaPkcs1(hash), Material::Rsa(key)) => {
            rsa_pkcs1(key, hash, message).map_err(rsa_error)
        }
        (Algorithm::RsaPss(hash), Material::Rsa(key)) => {
            rsa_pss(key, hash, message, seed).map_err(rsa_error)
        }
        (Algorithm::Ecdsa(curve), Material::Ec(key)) if key.curve() == curve => {
            Ok(key.sign(message))
        }
        (Algorithm::EdDsa | Algorithm::Ed25519, Material::Ed25519(key)) => {
            Ok(key.sign(message).to_vec())
        }
        (Algorithm::EdDsa | Algorithm::Ed448, Material::Ed448(key)) => Ok(key.sign(message)),
        (
            Algorithm::Hmac(_)
            | Algorithm::RsaPkcs1(_)
            | Algorithm::RsaPss(_)
            | Algorithm::Ecdsa(_)
            | Algorithm::EdDsa
            | Algorithm::Ed25519
            | Algorithm::Ed448,
            Material::Oct(_)
            | Material::Rsa(_)
            | Material::Ec(_)
            | Material::Ed25519(_)
            | Material::Ed448(_)
            | Material::X25519(_),
        ) => Err(key.does_not_serve(alg)),
    }
}

/// The HMAC of a message under any octets, even none: what key confusion needs.
///
/// # Errors
/// [`ForgeError::UnknownAlgorithm`] when `alg` is not one of `HS256`, `HS384` and `HS512`.
pub fn hmac(alg: &str, key: &[u8], message: &[u8]) -> Result<Vec<u8>, ForgeError> {
    match Algorithm::named(alg)? {
        Algorithm::Hmac(hash) => Ok(hash.hmac(key, &[message])),
        Algorithm::RsaPkcs1(_)
        | Algorithm::RsaPss(_)
        | Algorithm::Ecdsa(_)
        | Algorithm::EdDsa
        | Algorithm::Ed25519
        | Algorithm::Ed448 => Err(ForgeError::UnknownAlgorithm { alg: alg.to_owned() }),
    }
}

fn rsa_pkcs1(key: &RsaKey, hash: Hash, message: &[u8]) -> Result<Vec<u8>, RsaError> {
    key.raw_private(&emsa_pkcs1_v1_5_encode(hash, message, key.modulus_len())?)
}

fn rsa_pss(key: &RsaKey, hash: Hash, message: &[u8], seed: u64) -> Result<Vec<u8>, RsaError> {
    let salt = hash.digest(&[b"jwks-gauntlet PSS salt", &seed.to_be_bytes(), message]);
    key.raw_private(&emsa_pss_encode(hash, message, key.modulus_bits() - 1, &salt)?)
}
