//! RSA over encodings that no algorithm has, and without the private key at all.

use num_bigint::BigUint;

use crate::{
    forge::{
        ForgeError, der,
        hash::Hash,
        keys::TestKey,
        rsa::{
            RsaError, RsaKey, digest_info_prefix, emsa_pkcs1_v1_5_encode, emsa_pss_encode_with,
            left_padded,
        },
    },
    recipe::{Pkcs1Flaw, RsaEncoding},
};

const OCTET_STRING: u8 = 0x04;
/// The shortest padding that RFC 8017 §9.2 allows.
const SHORTEST: usize = 8;

/// A signature made of this encoding of the message.
///
/// # Errors
/// [`ForgeError::WrongKey`] when the key is not RSA, [`ForgeError::Rsa`] when it is too short.
pub(in crate::forge) fn encoded(
    key: &TestKey,
    encoding: &RsaEncoding,
    message: &[u8],
    seed: u64,
) -> Result<Vec<u8>, ForgeError> {
    let rsa = key.rsa()?;
    made(rsa, encoding, message, seed).map_err(|source| ForgeError::Rsa {
        key: key.name().to_owned(),
        alg: "an encoding of the recipe".to_owned(),
        source,
    })
}

/// The signature and the modulus, as long as the modulus or one octet longer.
pub(super) fn plus_modulus(key: &RsaKey, genuine: &[u8]) -> Vec<u8> {
    let sum = BigUint::from_bytes_be(genuine) + BigUint::from_bytes_be(&key.modulus());
    left_padded(&sum.to_bytes_be(), key.modulus_len())
}

fn made(
    key: &RsaKey,
    encoding: &RsaEncoding,
    message: &[u8],
    seed: u64,
) -> Result<Vec<u8>, RsaError> {
    let len = key.modulus_len();
    match encoding {
        RsaEncoding::Pkcs1 { hash, flaw } => key.raw_private(&pkcs1(*hash, *flaw, message, len)?),
        RsaEncoding::Pss { hash, mgf_hash, salt, trailer } => {
            let mut octets =
                hash.digest(&[b"jwks-gauntlet PSS salt", &seed.to_be_bytes(), message]);
            octets.resize(*salt, 0x5a);
            let bits = key.modulus_bits() - 1;
            let (hash, mgf_hash) = (*hash, *mgf_hash);
            key.raw_private(&emsa_pss_encode_with(
                hash, mgf_hash, message, bits, &octets, *trailer,
            )?)
        }
        RsaEncoding::NotApplied { hash } => emsa_pkcs1_v1_5_encode(*hash, message, len),
        RsaEncoding::CubeRoot { hash } => {
            let proper = [digest_info_prefix(*hash), &hash.digest(&[message])].concat();
            let mut wanted = with_padding(0x01, 0xff, SHORTEST, &proper);
            wanted.resize(len, 0x00);
            // The cube of the root rounded up: what it exceeds the wanted number by is far to the right.
            let root = BigUint::from_bytes_be(&wanted).cbrt() + 1_u8;
            Ok(left_padded(&root.to_bytes_be(), len))
        }
    }
}

/// An EMSA-PKCS1-v1_5 encoding with this flaw.
fn pkcs1(hash: Hash, flaw: Pkcs1Flaw, message: &[u8], len: usize) -> Result<Vec<u8>, RsaError> {
    let digest = hash.digest(&[message]);
    let proper = [digest_info_prefix(hash), &digest].concat();
    let full = |block_type: u8, octet: u8, content: &[u8]| {
        let padding = len.saturating_sub(content.len() + 3);
        with_padding(block_type, octet, padding, content)
    };
    let encoded = match flaw {
        Pkcs1Flaw::BlockType(block_type) => full(block_type, 0xff, &proper),
        Pkcs1Flaw::PaddingOctet(octet) => full(0x01, octet, &proper),
        Pkcs1Flaw::GarbageBehind => {
            let mut encoded = with_padding(0x01, 0xff, SHORTEST, &proper);
            encoded.resize(len, 0xa5);
            encoded
        }
        Pkcs1Flaw::GarbageInParameters => {
            // Under 2,048 bits, each of the two sequences and the string has one octet of length more
            // than what stands there in the proper encoding.
            let taken = with_padding(0x01, 0xff, SHORTEST, &proper).len();
            let room = len.saturating_sub(taken + 3);
            let garbage = der::element(OCTET_STRING, &[&vec![0xa5; room]]);
            full(0x01, 0xff, &digest_info(hash, &garbage, &digest))
        }
        Pkcs1Flaw::NoDigestInfo => full(0x01, 0xff, &digest),
        Pkcs1Flaw::NoParameters => full(0x01, 0xff, &digest_info(hash, &[], &digest)),
        Pkcs1Flaw::LongLength => {
            let (tag, rest) = proper.split_at_checked(1).unwrap_or_default();
            full(0x01, 0xff, &[tag, &[0x81], rest].concat())
        }
        Pkcs1Flaw::Named(other) => {
            let named = digest_info(other, der::NULL, &digest);
            full(0x01, 0xff, &named)
        }
    };
    match encoded.len() == len {
        true => Ok(encoded),
        false => Err(RsaError::TooShort { needed: encoded.len(), have: len }),
    }
}

fn with_padding(block_type: u8, octet: u8, padding: usize, content: &[u8]) -> Vec<u8> {
    [&[0x00, block_type], vec![octet; padding].as_slice(), &[0x00], content].concat()
}

/// A DigestInfo with these parameters of the hash.
fn digest_info(hash: Hash, parameters: &[u8], digest: &[u8]) -> Vec<u8> {
    // SEQUENCE, length, SEQUENCE, length, then the OBJECT IDENTIFIER of eleven octets.
    let oid = digest_info_prefix(hash).get(4..15).unwrap_or_default();
    let algorithm = der::element(der::SEQUENCE, &[oid, parameters]);
    der::element(der::SEQUENCE, &[&algorithm, &der::element(OCTET_STRING, &[digest])])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::keys;

    const MESSAGE: &[u8] = b"a.b";
    const HASH: Hash = Hash::Sha256;

    fn key(name: &str) -> &'static RsaKey {
        keys::find(&name.into()).unwrap().rsa().unwrap()
    }

    fn good(len: usize) -> Vec<u8> {
        emsa_pkcs1_v1_5_encode(HASH, MESSAGE, len).unwrap()
    }

    fn proper() -> Vec<u8> {
        [digest_info_prefix(HASH), &HASH.digest(&[MESSAGE])].concat()
    }

    /// What a sloppy verifier does: it skips the padding, reads the digest where it finds it, and
    /// does not look behind it.
    #[test]
    fn the_cube_of_the_forgery_begins_like_a_good_encoding() {
        let key = key("rsa-2048-e3");
        let forged = made(key, &RsaEncoding::CubeRoot { hash: HASH }, MESSAGE, 0).unwrap();
        assert_eq!(forged.len(), 256);
        let cubed = key.raw_public(&forged).unwrap();
        let start = with_padding(0x01, 0xff, SHORTEST, &proper());
        assert_eq!(cubed[..start.len()], start);
        assert_ne!(cubed, good(256));
    }

    #[test]
    fn an_exponent_of_one_verifies_what_is_not_signed() {
        let not_applied = RsaEncoding::NotApplied { hash: HASH };
        let key = key("rsa-2048-a");
        assert_eq!(made(key, &not_applied, MESSAGE, 0).unwrap(), good(256));
    }

    #[test]
    fn each_flaw_is_the_only_one() {
        let good = good(256);
        assert_eq!(digest_info(HASH, der::NULL, &HASH.digest(&[MESSAGE])), proper());
        for (flaw, differs) in
            [(Pkcs1Flaw::BlockType(2), 1..2), (Pkcs1Flaw::PaddingOctet(0x55), 2..204)]
        {
            let encoded = pkcs1(HASH, flaw, MESSAGE, 256).unwrap();
            for (at, (ours, theirs)) in encoded.iter().zip(&good).enumerate() {
                assert_eq!(ours != theirs, differs.contains(&at), "{flaw:?} at {at}");
            }
        }
        for flaw in [
            Pkcs1Flaw::GarbageBehind,
            Pkcs1Flaw::GarbageInParameters,
            Pkcs1Flaw::NoDigestInfo,
            Pkcs1Flaw::NoParameters,
            Pkcs1Flaw::LongLength,
            Pkcs1Flaw::Named(Hash::Sha384),
        ] {
            let encoded = pkcs1(HASH, flaw, MESSAGE, 256).unwrap();
            assert_eq!((encoded.len(), &encoded[..10]), (256, &good[..10]), "{flaw:?}");
            assert_ne!(encoded, good);
            let digest = HASH.digest(&[MESSAGE]);
            assert!(encoded.windows(32).any(|window| window == digest), "{flaw:?}");
        }
    }

    #[test]
    fn garbage_in_the_parameters_leaves_the_shortest_padding() {
        let encoded = pkcs1(HASH, Pkcs1Flaw::GarbageInParameters, MESSAGE, 256).unwrap();
        let zero = encoded.iter().skip(1).position(|octet| *octet == 0).unwrap() + 1;
        assert_eq!(zero, 2 + SHORTEST);
        assert!(encoded.ends_with(&HASH.digest(&[MESSAGE])));
    }

    #[test]
    fn the_modulus_added_is_congruent() {
        let key = key("rsa-2048-a");
        let genuine = key.raw_private(&good(256)).unwrap();
        let sum = plus_modulus(key, &genuine);
        let modulus = BigUint::from_bytes_be(&key.modulus());
        assert!(BigUint::from_bytes_be(&sum) >= modulus);
        assert_eq!(BigUint::from_bytes_be(&sum) % modulus, BigUint::from_bytes_be(&genuine));
    }

    #[test]
    fn pss_has_the_salt_and_the_trailer_that_are_asked_for() {
        let key = key("rsa-2048-a");
        let pss = |mgf_hash, salt, trailer| {
            let encoding = RsaEncoding::Pss { hash: HASH, mgf_hash, salt, trailer };
            key.raw_public(&made(key, &encoding, MESSAGE, 0).unwrap()).unwrap()
        };
        let salt = |encoded: &[u8]| {
            crate::forge::rsa::tests::pss_salt(HASH, MESSAGE, 2047, encoded).map(|salt| salt.len())
        };
        for length in [0, 20, 32, 33] {
            assert_eq!(salt(&pss(HASH, length, 0xbc)), Some(length));
        }
        assert_eq!(salt(&pss(Hash::Sha384, 32, 0xbc)), None);
        let other = pss(HASH, 32, 0xcc);
        let (last, rest) = other.split_last().unwrap();
        assert_eq!(*last, 0xcc);
        assert_eq!(salt(&[rest, &[0xbc]].concat()), Some(32));
    }
}
