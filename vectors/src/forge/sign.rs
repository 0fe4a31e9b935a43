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
    let algorithm = Algorithm::named(alg)?;
    let once = |make: &dyn Fn() -> Result<Vec<u8>, ForgeError>| {
        key.signed().get_or_make(algorithm, message, seed, make)
    };
    match (algorithm, key.material()) {
        (Algorithm::Hmac(hash), Material::Oct(secret)) => Ok(hash.hmac(secret, &[message])),
        (Algorithm::RsaPkcs1(hash), Material::Rsa(key)) => {
            once(&|| rsa_pkcs1(key, hash, message).map_err(rsa_error))
        }
        (Algorithm::RsaPss(hash), Material::Rsa(key)) => {
            once(&|| rsa_pss(key, hash, message, seed).map_err(rsa_error))
        }
        (Algorithm::Ecdsa(curve), Material::Ec(key)) if key.curve() == curve => {
            once(&|| Ok(key.sign(message)))
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

/// An ECDSA signature over the hash that another algorithm has.
///
/// # Errors
/// [`ForgeError::UnknownAlgorithm`] when `hash_of` is no algorithm with a hash of SHA-2;
/// [`ForgeError::WrongKey`] when the key is not on a curve of ECDSA.
pub(super) fn ecdsa_over(
    key: &TestKey,
    hash_of: &str,
    message: &[u8],
) -> Result<Vec<u8>, ForgeError> {
    let hash = match Algorithm::named(hash_of)? {
        Algorithm::Hmac(hash) | Algorithm::RsaPkcs1(hash) | Algorithm::RsaPss(hash) => hash,
        Algorithm::Ecdsa(curve) => curve.hash(),
        Algorithm::EdDsa | Algorithm::Ed25519 | Algorithm::Ed448 => {
            return Err(ForgeError::UnknownAlgorithm { alg: hash_of.to_owned() });
        }
    };
    match key.material() {
        Material::Ec(key) => Ok(key.sign_over(hash, message)),
        Material::Oct(_)
        | Material::Rsa(_)
        | Material::Ed25519(_)
        | Material::Ed448(_)
        | Material::X25519(_) => Err(key.does_not_serve("ECDSA")),
    }
}

fn rsa_pkcs1(key: &RsaKey, hash: Hash, message: &[u8]) -> Result<Vec<u8>, RsaError> {
    key.raw_private(&emsa_pkcs1_v1_5_encode(hash, message, key.modulus_len())?)
}

fn rsa_pss(key: &RsaKey, hash: Hash, message: &[u8], seed: u64) -> Result<Vec<u8>, RsaError> {
    let salt = hash.digest(&[b"jwks-gauntlet PSS salt", &seed.to_be_bytes(), message]);
    key.raw_private(&emsa_pss_encode(hash, message, key.modulus_bits() - 1, &salt)?)
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::Verifier as _;

    use super::*;
    use crate::forge::{keys, rsa::tests::pss_salt};

    /// Every algorithm with every key that serves it.
    const PAIRS: &[(&str, &[&str])] = &[
        ("HS256", &["oct-256-a", "oct-512-b"]),
        ("HS384", &["oct-384-a", "oct-256-b"]),
        ("HS512", &["oct-512-a"]),
        ("RS256", &["rsa-1024-a", "rsa-2048-a", "rsa-2048-b", "rsa-2048-e3", "rsa-3072-a"]),
        ("RS384", &["rsa-2048-a"]),
        ("RS512", &["rsa-4096-a"]),
        ("PS256", &["rsa-1024-a", "rsa-2048-a", "rsa-2048-e3"]),
        ("PS384", &["rsa-2048-b"]),
        ("PS512", &["rsa-3072-a", "rsa-4096-a"]),
        ("ES256", &["p256-a", "p256-b", "p256-leading-zero"]),
        ("ES384", &["p384-a", "p384-b"]),
        ("ES512", &["p521-a", "p521-b"]),
        ("ES256K", &["secp256k1-a", "secp256k1-b"]),
        ("EdDSA", &["ed25519-a", "ed25519-b", "ed448-a", "ed448-b"]),
        ("Ed25519", &["ed25519-a"]),
        ("Ed448", &["ed448-a"]),
    ];

    fn key(name: &str) -> &'static TestKey {
        keys::find(&name.into()).unwrap()
    }

    /// Verification by code that had no part in signing; for RSA, by undoing the raw operation.
    fn verifies(key: &TestKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (algorithm, key.material()) {
            (Algorithm::Hmac(hash), Material::Oct(secret)) => {
                hash.hmac(secret, &[message]) == signature
            }
            (Algorithm::RsaPkcs1(hash), Material::Rsa(key)) => {
                let encoded = emsa_pkcs1_v1_5_encode(hash, message, key.modulus_len()).unwrap();
                key.raw_public(signature).unwrap() == encoded
            }
            (Algorithm::RsaPss(hash), Material::Rsa(key)) => {
                let encoded = key.raw_public(signature).unwrap();
                pss_salt(hash, message, key.modulus_bits() - 1, &encoded)
                    .is_some_and(|salt| salt.len() == hash.output_len())
            }
            (Algorithm::Ecdsa(curve), Material::Ec(key)) => {
                let point = [&[0x04], key.x(), key.y()].concat();
                match curve {
                    Curve::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(&point)
                        .unwrap()
                        .verify(message, &p256::ecdsa::Signature::from_slice(signature).unwrap())
                        .is_ok(),
                    Curve::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(&point)
                        .unwrap()
                        .verify(message, &p384::ecdsa::Signature::from_slice(signature).unwrap())
                        .is_ok(),
                    Curve::P521 => p521::ecdsa::VerifyingKey::from_sec1_bytes(&point)
                        .unwrap()
                        .verify(message, &p521::ecdsa::Signature::from_slice(signature).unwrap())
                        .is_ok(),
                    Curve::Secp256k1 => {
                        // The crate verifies no `s` in the upper half.
                        let signature = k256::ecdsa::Signature::from_slice(signature).unwrap();
                        k256::ecdsa::VerifyingKey::from_sec1_bytes(&point)
                            .unwrap()
                            .verify(message, &signature.normalize_s())
                            .is_ok()
                    }
                }
            }
            (Algorithm::EdDsa | Algorithm::Ed25519, Material::Ed25519(key)) => {
                let signature = ed25519_dalek::Signature::from_slice(signature).unwrap();
                key.verifying_key().verify_strict(message, &signature).is_ok()
            }
            (Algorithm::EdDsa | Algorithm::Ed448, Material::Ed448(key)) => {
                let public = ed448_goldilocks::VerifyingKey::from_bytes(key.public());
                let signature = ed448_goldilocks::Signature::try_from(signature).unwrap();
                public.unwrap().verify_raw(&signature, message).is_ok()
            }
            (algorithm, _) => panic!("{algorithm:?}"),
        }
    }

    #[test]
    fn every_signature_is_verified_by_others() {
        assert_eq!(PAIRS.len(), Algorithm::ALL.len());
        for ((alg, names), (name, algorithm)) in PAIRS.iter().zip(Algorithm::ALL) {
            assert_eq!(alg, name);
            for key in names.iter().copied().map(key) {
                let signature = sign(key, alg, b"a.b", 0).unwrap();
                assert!(verifies(key, *algorithm, b"a.b", &signature), "{alg} {}", key.name());
                assert!(!verifies(key, *algorithm, b"a.c", &signature), "{alg} {}", key.name());
                assert_eq!(sign(key, alg, b"a.b", 0).unwrap(), signature, "the same every time");
            }
        }
    }

    #[test]
    fn only_pss_depends_on_the_seed() {
        for (alg, names) in PAIRS {
            let key = key(names[0]);
            let same = sign(key, alg, b"a.b", 0) == sign(key, alg, b"a.b", 1);
            assert_eq!(same, !alg.starts_with("PS"), "{alg}");
        }
    }

    #[test]
    fn refuses_keys_that_do_not_serve() {
        for (alg, name) in [
            ("ES256", "p384-a"),
            ("ES256", "secp256k1-a"),
            ("ES256K", "p256-a"),
            ("RS256", "p256-a"),
            ("PS256", "oct-256-a"),
            ("HS256", "rsa-2048-a"),
            ("Ed25519", "ed448-a"),
            ("Ed448", "ed25519-a"),
            ("EdDSA", "x25519-a"),
            ("EdDSA", "p256-a"),
        ] {
            let expected = ForgeError::WrongKey { key: name.to_owned(), purpose: alg.to_owned() };
            assert_eq!(sign(key(name), alg, b"", 0), Err(expected));
        }
    }

    #[test]
    fn refuses_keys_that_are_too_short_for_the_encoding() {
        let error = sign(key("rsa-1024-a"), "PS512", b"", 0).unwrap_err();
        assert_eq!(error.to_string(), "sign with `PS512` under test key `rsa-1024-a`");
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.to_string().contains("130 octets"), "{source}");
    }

    #[test]
    fn refuses_algorithms_it_does_not_know_in_any_case_but_their_own() {
        for alg in ["none", "hs256", "HS256 ", "ES256k", "RS1", ""] {
            let expected = ForgeError::UnknownAlgorithm { alg: alg.to_owned() };
            assert_eq!(sign(key("oct-256-a"), alg, b"", 0), Err(expected.clone()));
            assert_eq!(hmac(alg, b"", b""), Err(expected));
        }
        assert!(matches!(hmac("ES256", b"", b""), Err(ForgeError::UnknownAlgorithm { .. })));
    }

    #[test]
    fn signs_over_the_hash_of_another_algorithm() {
        use p256::ecdsa::signature::hazmat::PrehashVerifier as _;

        let p256 = key("p256-a");
        assert_eq!(ecdsa_over(p256, "ES256", b"a.b"), sign(p256, "ES256", b"a.b", 0));
        let Material::Ec(numbers) = p256.material() else { panic!("an EC key") };
        let point = [&[0x04], numbers.x(), numbers.y()].concat();
        let public = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
        let signature = ecdsa_over(p256, "ES512", b"a.b").unwrap();
        let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
        assert!(public.verify_prehash(&Hash::Sha512.digest(&[b"a.b"]), &signature).is_ok());
        assert!(ecdsa_over(key("rsa-2048-a"), "ES512", b"").is_err());
        assert!(ecdsa_over(p256, "EdDSA", b"").is_err());
    }

    #[test]
    fn authenticates_under_the_octets_of_a_public_key() {
        let pem = key("rsa-2048-a").spki_pem().unwrap();
        let mac = hmac("HS384", pem.as_bytes(), b"a.b").unwrap();
        assert_eq!(mac, Hash::Sha384.hmac(pem.as_bytes(), &[b"a.b"]));
        assert_eq!(hmac("HS512", b"", b"a.b").unwrap().len(), 64);
    }
}
