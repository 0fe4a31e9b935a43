//! RSA by hand: the encodings of RFC 8017 §9 over the raw operations of §5.
//!
//! Encodings and raw operations are apart, and public, so that a forgery can put any octets where
//! an encoded message belongs.

use num_bigint::BigUint;

use super::hash::Hash;

/// An RSA private key of two primes, with what the Chinese remainder theorem needs.
///
/// Nothing here runs in constant time: the keys are public knowledge.
#[derive(Debug, Clone)]
pub struct RsaKey {
    n: BigUint,
    e: BigUint,
    p: BigUint,
    q: BigUint,
    dp: BigUint,
    dq: BigUint,
    q_inverse: BigUint,
}

/// Why an RSA operation is impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RsaError {
    /// The exponent has no inverse for these primes.
    #[error("derive a private key: the exponent has no inverse for these primes")]
    Primes,
    /// The modulus is too short for the encoding (RFC 8017 §9.1.1 step 3, §9.2 step 3).
    #[error("encode the message: the encoding needs {needed} octets, the modulus leaves {have}")]
    TooShort {
        /// The shortest encoded message, in octets.
        needed: usize,
        /// The length asked for, in octets.
        have: usize,
    },
    /// The number is not below the modulus (RFC 8017 §5.1.1 step 1, §5.2.1 step 1).
    #[error("exponentiate: the number is not below the modulus")]
    OutOfRange,
}

impl RsaKey {
    /// The key of these primes and this public exponent, as big-endian octets.
    ///
    /// # Errors
    /// [`RsaError::Primes`] when the exponent shares a factor with `p - 1` or `q - 1`, or when the
    /// primes are the same or zero.
    pub fn from_primes(p: &[u8], q: &[u8], e: &[u8]) -> Result<Self, RsaError> {
        let [p, q, e] = [p, q, e].map(BigUint::from_bytes_be);
        let one = BigUint::from(1_u8);
        if p <= one || q <= one {
            return Err(RsaError::Primes);
        }
        let dp = e.modinv(&(&p - &one)).ok_or(RsaError::Primes)?;
        let dq = e.modinv(&(&q - &one)).ok_or(RsaError::Primes)?;
        let q_inverse = q.modinv(&p).ok_or(RsaError::Primes)?;
        Ok(Self { n: &p * &q, e, p, q, dp, dq, q_inverse })
    }

    /// The modulus, big-endian without leading zeros, as a JWK has it (RFC 7518 §6.3.1.1).
    #[must_use]
    pub fn modulus(&self) -> Vec<u8> {
        self.n.to_bytes_be()
    }

    /// The public exponent, big-endian without leading zeros.
    #[must_use]
    pub fn exponent(&self) -> Vec<u8> {
        self.e.to_bytes_be()
    }

    /// The length of the modulus, in bits.
    #[must_use]
    pub fn modulus_bits(&self) -> usize {
        // A length in bits that does not fit cannot belong to a number that fits into memory.
        usize::try_from(self.n.bits()).unwrap_or(usize::MAX)
    }

    /// The length of the modulus and of every signature, in octets.
    #[must_use]
    pub fn modulus_len(&self) -> usize {
        self.modulus_bits().div_ceil(8)
    }

    /// RSASP1 (RFC 8017 §5.2.1): the signature of these octets as a number, as long as the modulus.
    ///
    /// # Errors
    /// [`RsaError::OutOfRange`] when the number is not below the modulus.
    pub fn raw_private(&self, encoded: &[u8]) -> Result<Vec<u8>, RsaError> {
        let message = self.representative(encoded)?;
        let mod_p = message.modpow(&self.dp, &self.p);
        let mod_q = message.modpow(&self.dq, &self.q);
        // `mod_q` may exceed p where q does; the difference must not become negative.
        let difference = &mod_p + &self.p - &mod_q % &self.p;
        let h = &self.q_inverse * difference % &self.p;
        Ok(self.octets(&(mod_q + h * &self.q)))
    }

    /// RSAVP1 (RFC 8017 §5.2.2): what a signature was made of, as long as the modulus.
    ///
    /// # Errors
    /// [`RsaError::OutOfRange`] when the number is not below the modulus.
    pub fn raw_public(&self, signature: &[u8]) -> Result<Vec<u8>, RsaError> {
        Ok(self.octets(&self.representative(signature)?.modpow(&self.e, &self.n)))
    }

    fn representative(&self, octets: &[u8]) -> Result<BigUint, RsaError> {
        let number = BigUint::from_bytes_be(octets);
        if number < self.n { Ok(number) } else { Err(RsaError::OutOfRange) }
    }

    fn octets(&self, number: &BigUint) -> Vec<u8> {
        left_padded(&number.to_bytes_be(), self.modulus_len())
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2): `00 01 ff … ff 00 DigestInfo`.
///
/// # Errors
/// [`RsaError::TooShort`] when fewer than eight octets of padding would fit.
pub fn emsa_pkcs1_v1_5_encode(
    hash: Hash,
    message: &[u8],
    em_len: usize,
) -> Result<Vec<u8>, RsaError> {
    let digest_info = [digest_info_prefix(hash), &hash.digest(&[message])].concat();
    let needed = digest_info.len() + 11;
    if em_len < needed {
        return Err(RsaError::TooShort { needed, have: em_len });
    }
    let padding = vec![0xff; em_len - digest_info.len() - 3];
    Ok([&[0x00, 0x01], padding.as_slice(), &[0x00], &digest_info].concat())
}

/// EMSA-PSS (RFC 8017 §9.1.1) with MGF1 over the same hash, and this salt.
///
/// `em_bits` is one less than the length of the modulus.
///
/// # Errors
/// [`RsaError::TooShort`] when hash, salt and two octets do not fit.
pub fn emsa_pss_encode(
    hash: Hash,
    message: &[u8],
    em_bits: usize,
    salt: &[u8],
) -> Result<Vec<u8>, RsaError> {
    emsa_pss_encode_with(hash, hash, message, em_bits, salt, 0xbc)
}

/// The same with another hash for the mask and another last octet.
///
/// # Errors
/// As above.
pub(super) fn emsa_pss_encode_with(
    hash: Hash,
    mgf_hash: Hash,
    message: &[u8],
    em_bits: usize,
    salt: &[u8],
    trailer: u8,
) -> Result<Vec<u8>, RsaError> {
    let em_len = em_bits.div_ceil(8);
    let needed = hash.output_len() + salt.len() + 2;
    if em_len < needed {
        return Err(RsaError::TooShort { needed, have: em_len });
    }
    let digest = hash.digest(&[&[0; 8], &hash.digest(&[message]), salt]);
    let padding = vec![0; em_len - needed];
    let data_block = [padding.as_slice(), &[0x01], salt].concat();
    let mut encoded: Vec<u8> = mgf1(mgf_hash, &digest, data_block.len())
        .iter()
        .zip(&data_block)
        .map(|(mask, octet)| mask ^ octet)
        .collect();
    // The number must stay below the modulus: bits beyond `em_bits` are zero (step 11).
    if let Some(first) = encoded.first_mut() {
        *first &= 0xff >> (8 * em_len - em_bits);
    }
    encoded.extend(digest);
    encoded.push(trailer);
    Ok(encoded)
}

/// MGF1 (RFC 8017 Appendix B.2.1): a mask of `len` octets.
#[must_use]
pub fn mgf1(hash: Hash, seed: &[u8], len: usize) -> Vec<u8> {
    (0_u32..).flat_map(|counter| hash.digest(&[seed, &counter.to_be_bytes()])).take(len).collect()
}

/// A DigestInfo in DER up to the digest itself (RFC 8017 §9.2 note 1).
#[must_use]
pub const fn digest_info_prefix(hash: Hash) -> &'static [u8] {
    match hash {
        Hash::Sha256 => &[
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x01, 0x05, 0x00, 0x04, 0x20,
        ],
        Hash::Sha384 => &[
            0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x02, 0x05, 0x00, 0x04, 0x30,
        ],
        Hash::Sha512 => &[
            0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x03, 0x05, 0x00, 0x04, 0x40,
        ],
    }
}

/// These octets with zeros in front, `len` in all; longer ones stay as they are.
pub(super) fn left_padded(octets: &[u8], len: usize) -> Vec<u8> {
    let mut padded = vec![0; len.saturating_sub(octets.len())];
    padded.extend(octets);
    padded
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::forge::{from_base64url, keys};

    fn key(name: &str) -> &'static RsaKey {
        keys::find(&name.into()).unwrap().rsa().unwrap()
    }

    #[test]
    fn undoes_its_own_exponentiation() {
        for name in ["rsa-1024-a", "rsa-2048-e3", "rsa-3072-a"] {
            let key = key(name);
            for octet in [0x00, 0x01, 0x5a] {
                let message = vec![octet; key.modulus_len()];
                let signature = key.raw_private(&message).unwrap();
                assert_eq!(signature.len(), key.modulus_len());
                assert_eq!(key.raw_public(&signature).unwrap(), message, "{name}");
            }
        }
    }

    #[test]
    fn agrees_with_an_exponentiation_without_primes() {
        let key = key("rsa-1024-a");
        let one = BigUint::from(1_u8);
        let d = key.e.modinv(&((&key.p - &one) * (&key.q - &one))).unwrap();
        let message = BigUint::from_bytes_be(&[0xa5; 128]);
        let expected = message.modpow(&d, &key.n);
        assert_eq!(key.raw_private(&[0xa5; 128]).unwrap(), key.octets(&expected));
    }

    #[test]
    fn refuses_numbers_that_are_not_below_the_modulus() {
        let key = key("rsa-1024-a");
        assert_eq!(key.raw_private(&key.modulus()), Err(RsaError::OutOfRange));
        assert_eq!(key.raw_public(&[0xff; 200]), Err(RsaError::OutOfRange));
    }

    #[test]
    fn refuses_primes_that_make_no_key() {
        let seven = [7];
        assert_eq!(RsaKey::from_primes(&seven, &seven, &[5]).unwrap_err(), RsaError::Primes);
        assert_eq!(RsaKey::from_primes(&[], &seven, &[5]).unwrap_err(), RsaError::Primes);
        // 3 divides 7 - 1.
        assert_eq!(RsaKey::from_primes(&seven, &[11], &[3]).unwrap_err(), RsaError::Primes);
    }

    #[test]
    fn pads_pkcs1_with_ff_and_no_less_than_eight() {
        let digest_info =
            [digest_info_prefix(Hash::Sha256), &Hash::Sha256.digest(&[b"m"])].concat();
        let shortest = emsa_pkcs1_v1_5_encode(Hash::Sha256, b"m", 62).unwrap();
        assert_eq!(shortest, [&[0, 1], [0xff; 8].as_slice(), &[0], &digest_info].concat());
        assert_eq!(
            emsa_pkcs1_v1_5_encode(Hash::Sha256, b"m", 61),
            Err(RsaError::TooShort { needed: 62, have: 61 })
        );
    }

    #[test]
    fn unpads_the_published_pss_signature_and_pads_it_again() {
        let document: serde_json::Value =
            serde_json::from_str(include_str!("../../rfc/rfc7520.json")).unwrap();
        let vectors = document["vectors"].as_array().unwrap();
        let ps384 = vectors.iter().find(|vector| vector["id"] == "rfc7520-4.2-compact").unwrap();
        let inputs = &ps384["inputs"];
        let octets = |member: &str| from_base64url(inputs[member].as_str().unwrap()).unwrap();
        let key = keys::TestKey::from_private_jwk(&inputs["jwk"]).unwrap();
        let key = key.rsa().unwrap();

        let encoded = key.raw_public(&octets("signature_b64u")).unwrap();
        let message = inputs["signing_input"].as_str().unwrap().as_bytes();
        let bits = key.modulus_bits() - 1;
        let salt = pss_salt(Hash::Sha384, message, bits, &encoded).unwrap();
        assert_eq!(salt.len(), 48);
        assert_eq!(emsa_pss_encode(Hash::Sha384, message, bits, &salt).unwrap(), encoded);
    }

    #[test]
    fn recovers_what_pss_was_given() {
        for hash in Hash::ALL.iter().copied() {
            for em_bits in [2047, 2040, 2041] {
                let salt = vec![0x17; 20];
                let encoded = emsa_pss_encode(hash, b"message", em_bits, &salt).unwrap();
                assert_eq!(encoded.len(), em_bits.div_ceil(8));
                assert_eq!(pss_salt(hash, b"message", em_bits, &encoded), Some(salt));
                assert_eq!(pss_salt(hash, b"another", em_bits, &encoded), None);
            }
        }
        assert_eq!(
            emsa_pss_encode(Hash::Sha512, b"", 1023, &[0; 64]),
            Err(RsaError::TooShort { needed: 130, have: 128 })
        );
    }

    /// EMSA-PSS-VERIFY (RFC 8017 §9.1.2) with a salt of any length, which it hands back.
    pub(in crate::forge) fn pss_salt(
        hash: Hash,
        message: &[u8],
        em_bits: usize,
        encoded: &[u8],
    ) -> Option<Vec<u8>> {
        let (masked, rest) = encoded.split_at_checked(encoded.len() - hash.output_len() - 1)?;
        let (digest, trailer) = rest.split_at(hash.output_len());
        let unused = 8 * encoded.len() - em_bits;
        let unused_mask = !(0xff_u8 >> unused);
        if trailer != [0xbc] || masked[0] & unused_mask != 0 {
            return None;
        }
        let mask = mgf1(hash, digest, masked.len());
        let mut block: Vec<u8> = masked.iter().zip(mask).map(|(a, b)| a ^ b).collect();
        block[0] &= !unused_mask;
        let one = block.iter().position(|octet| *octet != 0)?;
        let salt = &block[one + 1..];
        let again = hash.digest(&[&[0; 8], &hash.digest(&[message]), salt]);
        (block[one] == 1 && again == digest).then(|| salt.to_vec())
    }
}
