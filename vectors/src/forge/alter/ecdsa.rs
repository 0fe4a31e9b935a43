//! ECDSA signatures whose numbers, or whose encoding, are not what they should be.

use num_bigint::BigUint;

use crate::{
    forge::{der, ecdsa::EcKey, rsa::left_padded},
    recipe::Number,
};

/// The nonce, counted from 1, whose multiple of the base point of P-256 is the first with an x that
/// begins with a zero octet.
const LEADING_ZERO: u16 = 379;

/// The signature with these numbers in place of its own; `None` where one of them has no room.
pub(super) fn renumbered(key: &EcKey, genuine: &[u8], r: Number, s: Number) -> Option<Vec<u8>> {
    let order = BigUint::from_bytes_be(&key.curve().order());
    let (own_r, own_s) = halves(key, genuine);
    let len = key.curve().coordinate_len();
    let half = |number: Number, own: &[u8]| {
        let own = BigUint::from_bytes_be(own);
        let number = match number {
            Number::Genuine => own,
            Number::Zero => BigUint::ZERO,
            Number::Order => order.clone(),
            Number::PlusOrder => own + &order,
            Number::Lower => std::cmp::min(&order - &own, own),
            Number::Higher => std::cmp::max(&order - &own, own),
        };
        let octets = left_padded(&number.to_bytes_be(), len);
        (octets.len() == len).then_some(octets)
    };
    Some([half(r, own_r)?, half(s, own_s)?].concat())
}

pub(super) fn swapped(key: &EcKey, genuine: &[u8]) -> Vec<u8> {
    let (r, s) = halves(key, genuine);
    [s, r].concat()
}

pub(super) fn der(key: &EcKey, genuine: &[u8]) -> Vec<u8> {
    let (r, s) = halves(key, genuine);
    let [r, s] = [r, s].map(|half| BigUint::from_bytes_be(half).to_bytes_be());
    der::two_integers(&r, &s)
}

pub(super) fn widened(key: &EcKey, genuine: &[u8]) -> Vec<u8> {
    let (r, s) = halves(key, genuine);
    [&[0x00], r, &[0x00], s].concat()
}

/// A good signature whose `r` begins with a zero octet; `None` on other curves than P-256.
pub(super) fn leading_zero(key: &EcKey, message: &[u8]) -> Option<Vec<u8>> {
    let curve = key.curve();
    let digest = curve.hash().digest(&[message]);
    let (r, s) = key.sign_with(&BigUint::from(LEADING_ZERO), &digest)?;
    let [r, s] = [r, s].map(|half| left_padded(&half.to_bytes_be(), curve.coordinate_len()));
    (r.first() == Some(&0)).then(|| [r, s].concat())
}

/// `r` and `s`; a signature of the forge is always long enough.
fn halves<'s>(key: &EcKey, genuine: &'s [u8]) -> (&'s [u8], &'s [u8]) {
    genuine.split_at_checked(key.curve().coordinate_len()).unwrap_or((genuine, &[]))
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::Verifier as _;

    use super::*;
    use crate::forge::{ecdsa::Curve, keys, keys::Material};

    const MESSAGE: &[u8] = b"a.b";

    fn key(name: &str) -> &'static EcKey {
        let Material::Ec(key) = keys::find(&name.into()).unwrap().material() else {
            panic!("an EC key");
        };
        key
    }

    fn verifies(key: &EcKey, signature: &[u8]) -> bool {
        let point = [&[0x04], key.x(), key.y()].concat();
        let public = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
        p256::ecdsa::Signature::from_slice(signature)
            .is_ok_and(|signature| public.verify(MESSAGE, &signature).is_ok())
    }

    #[test]
    fn both_halves_of_the_range_of_s_are_good_and_differ() {
        let key = key("p256-a");
        let genuine = key.sign(MESSAGE);
        let low = renumbered(key, &genuine, Number::Genuine, Number::Lower).unwrap();
        let high = renumbered(key, &genuine, Number::Genuine, Number::Higher).unwrap();
        assert!(verifies(key, &low) && verifies(key, &high));
        assert!(low < high);
        assert!(genuine == low || genuine == high);
    }

    #[test]
    fn the_order_is_added_where_there_is_room() {
        let genuine = key("p256-a").sign(MESSAGE);
        let plus =
            |key, genuine: &[u8]| renumbered(key, genuine, Number::PlusOrder, Number::Genuine);
        assert_eq!(plus(key("p256-a"), &genuine), None);
        let key = key("p521-a");
        let genuine = key.sign(MESSAGE);
        let plus = plus(key, &genuine).unwrap();
        let order = BigUint::from_bytes_be(&Curve::P521.order());
        let r = |signature: &[u8]| BigUint::from_bytes_be(&signature[..66]);
        assert_eq!(r(&plus) % &order, r(&genuine));
        assert_ne!(r(&plus), r(&genuine));
        assert_eq!(plus[66..], genuine[66..]);
    }

    #[test]
    fn zeros_and_orders_are_as_long_as_numbers_should_be() {
        let key = key("p256-a");
        let genuine = key.sign(MESSAGE);
        let zeros = renumbered(key, &genuine, Number::Zero, Number::Zero).unwrap();
        assert_eq!(zeros, [0; 64]);
        let orders = renumbered(key, &genuine, Number::Order, Number::Order).unwrap();
        assert_eq!(orders, [Curve::P256.order(), Curve::P256.order()].concat());
    }

    #[test]
    fn other_encodings_hold_the_same_numbers() {
        let key = key("p256-a");
        let genuine = key.sign(MESSAGE);
        let read = p256::ecdsa::Signature::from_slice(&genuine).unwrap();
        assert_eq!(der(key, &genuine), read.to_der().as_bytes());
        assert_eq!(swapped(key, &swapped(key, &genuine)), genuine);
        let widened = widened(key, &genuine);
        assert_eq!((widened.len(), widened[0], widened[33]), (66, 0, 0));
    }

    #[test]
    fn the_counted_nonce_gives_a_good_signature_with_a_leading_zero() {
        let key = key("p256-a");
        let signature = leading_zero(key, MESSAGE).unwrap();
        assert_eq!((signature.len(), signature[0]), (64, 0));
        assert!(verifies(key, &signature));
    }

    /// With zero as the private number, `s` is the digest over the nonce: under the point at infinity
    /// the verifier's sum is the nonce times the base point and nothing else.
    #[test]
    fn a_signature_of_zero_is_good_under_infinity() {
        let key = key("p256-a");
        let signature = key.zero().sign(MESSAGE);
        let order = BigUint::from_bytes_be(&Curve::P256.order());
        let (r, s) = halves(key, &signature);
        let digest = BigUint::from_bytes_be(&Curve::P256.hash().digest(&[MESSAGE]));
        let nonce = digest * BigUint::from_bytes_be(s).modinv(&order).unwrap() % &order;
        let commitment = EcKey::from_scalar(Curve::P256, &nonce.to_bytes_be()).unwrap();
        assert_eq!(commitment.x(), r);
    }
}
