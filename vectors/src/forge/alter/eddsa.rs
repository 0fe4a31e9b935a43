//! EdDSA signatures that are congruent to good ones, or good by one of two equations.

use num_bigint::BigUint;

use crate::{
    forge::{
        edwards448,
        hash::Hash,
        keys::{Material, TestKey},
    },
    recipe::Commitment,
};

/// The order of the base point of edwards25519, big-endian (RFC 8032 Table 1, `L`).
const ORDER_25519: [u8; 32] = [
    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c,
    0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
];

/// One of the four points of order eight.
const OF_ORDER_EIGHT: [u8; 32] = [
    0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
    0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
];

/// The signature with the order added to its second half; `None` for keys that are not Edwards.
pub(super) fn plus_order(key: &TestKey, genuine: &[u8]) -> Option<Vec<u8>> {
    let order = match key.material() {
        Material::Ed25519(_) => BigUint::from_bytes_be(&ORDER_25519),
        Material::Ed448(_) => edwards448::ORDER.clone(),
        Material::Oct(_) | Material::Rsa(_) | Material::Ec(_) | Material::X25519(_) => return None,
    };
    let (r, s) = genuine.split_at_checked(genuine.len() / 2)?;
    let sum = BigUint::from_bytes_le(s) + order;
    Some([r, &little_endian(&sum, s.len())].concat())
}

/// The signature with the top bit of its second half set.
pub(super) fn top_bit(key: &TestKey, mut genuine: Vec<u8>) -> Option<Vec<u8>> {
    match key.material() {
        Material::Ed25519(_) => {
            *genuine.last_mut()? |= 0x80;
            Some(genuine)
        }
        Material::Oct(_)
        | Material::Rsa(_)
        | Material::Ec(_)
        | Material::Ed448(_)
        | Material::X25519(_) => None,
    }
}

/// The signature with this commitment: its nonce is zero, or zero but for a part of small order.
pub(super) fn committed(key: &TestKey, commitment: Commitment, message: &[u8]) -> Option<Vec<u8>> {
    let key = match key.material() {
        Material::Ed25519(key) => key,
        Material::Oct(_)
        | Material::Rsa(_)
        | Material::Ec(_)
        | Material::Ed448(_)
        | Material::X25519(_) => return None,
    };
    let r = commitment.octets();
    let order = BigUint::from_bytes_be(&ORDER_25519);
    let challenge = Hash::Sha512.digest(&[&r, key.verifying_key().as_bytes(), message]);
    let challenge = BigUint::from_bytes_le(&challenge) % &order;
    let s = challenge * scalar(&key.to_bytes())? % &order;
    Some([r.as_slice(), &little_endian(&s, 32)].concat())
}

impl Commitment {
    const fn octets(self) -> [u8; 32] {
        match self {
            Self::Neutral => {
                let mut one = [0; 32];
                one[0] = 1;
                one
            }
            // p + 1 = 2^255 - 18.
            Self::NeutralNonCanonical => {
                let mut y = [0xff; 32];
                y[0] = 0xee;
                y[31] = 0x7f;
                y
            }
            Self::OrderEight => OF_ORDER_EIGHT,
        }
    }
}

/// The secret scalar of a seed (RFC 8032 §5.1.5).
fn scalar(seed: &[u8]) -> Option<BigUint> {
    let digest = Hash::Sha512.digest(&[seed]);
    let mut lower = digest.get(..32)?.to_vec();
    *lower.first_mut()? &= 0xf8;
    let last = lower.last_mut()?;
    *last = *last & 0x7f | 0x40;
    Some(BigUint::from_bytes_le(&lower))
}

fn little_endian(number: &BigUint, len: usize) -> Vec<u8> {
    let mut octets = number.to_bytes_le();
    octets.resize(len, 0);
    octets
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::{
        edwards::{CompressedEdwardsY, EdwardsPoint},
        scalar::Scalar,
    };

    use super::*;
    use crate::forge::{keys, sign::sign};

    const MESSAGE: &[u8] = b"a.b";

    fn key(name: &str) -> &'static TestKey {
        keys::find(&name.into()).unwrap()
    }

    #[test]
    fn s_plus_the_order_is_congruent_and_another_number() {
        for (name, order) in [
            ("ed25519-a", BigUint::from_bytes_be(&ORDER_25519)),
            ("ed448-a", edwards448::ORDER.clone()),
        ] {
            let genuine = sign(key(name), "EdDSA", MESSAGE, 0).unwrap();
            let altered = plus_order(key(name), &genuine).unwrap();
            let half = genuine.len() / 2;
            assert_eq!((altered.len(), &altered[..half]), (genuine.len(), &genuine[..half]));
            let s = |signature: &[u8]| BigUint::from_bytes_le(&signature[half..]);
            assert!(s(&altered) >= order && s(&genuine) < order);
            assert_eq!(s(&altered) % &order, s(&genuine));
        }
    }

    /// `[S]B - [k]A - R` with R decoded as leniently as its octets allow.
    fn difference(signature: &[u8]) -> EdwardsPoint {
        let public = key("ed25519-a").public_jwk()["x"].as_str().unwrap().to_owned();
        let public: [u8; 32] = crate::forge::from_base64url(public).unwrap().try_into().unwrap();
        let r: [u8; 32] = signature[..32].try_into().unwrap();
        let s: [u8; 32] = signature[32..].try_into().unwrap();
        let challenge = Hash::Sha512.digest(&[&r, &public, MESSAGE]);
        let challenge = Scalar::from_bytes_mod_order_wide(&challenge.try_into().unwrap());
        let point = |octets| CompressedEdwardsY(octets).decompress().unwrap();
        EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(s))
            - challenge * point(public)
            - point(r)
    }

    #[test]
    fn commitments_are_good_by_the_equations_that_they_should_be() {
        use curve25519_dalek::traits::{Identity as _, IsIdentity as _};

        let made = |commitment| committed(key("ed25519-a"), commitment, MESSAGE).unwrap();
        assert!(difference(&made(Commitment::Neutral)).is_identity());
        let non_canonical = made(Commitment::NeutralNonCanonical);
        assert!(difference(&non_canonical).is_identity(), "for whoever decodes it");
        let decoded = CompressedEdwardsY(non_canonical[..32].try_into().unwrap()).decompress();
        assert_eq!(decoded.unwrap(), EdwardsPoint::identity());
        let eight = difference(&made(Commitment::OrderEight));
        assert!(!eight.is_identity() && eight.mul_by_cofactor().is_identity());
    }
}
