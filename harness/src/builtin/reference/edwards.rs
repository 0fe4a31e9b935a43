//! What a public key on an Edwards curve must be before anybody computes with it (RFC 8032 §5.1.3,
//! §5.2.3).
//!
//! Neither library below demands a canonical Y: both reduce it modulo p, so that some points have a
//! second spelling. And both sides of RFC 8032's equation hold for points of small order with
//! signatures that anybody can write down.

use ed448_goldilocks::PUBLIC_KEY_LENGTH as ED448;

use super::algorithms::Curve;

/// Whether the octets are the canonical spelling of a Y coordinate that no point of small order has.
///
/// Whether there is such a point on the curve is for the library below to say; the one for Ed448 also
/// refuses every point with a part of small order.
pub(super) fn is_sound(curve: Curve, key: &[u8]) -> bool {
    match curve {
        Curve::Ed25519 => <&[u8; 32]>::try_from(key).is_ok_and(is_sound_ed25519),
        Curve::Ed448 => <&[u8; ED448]>::try_from(key).is_ok_and(is_canonical_ed448),
        Curve::P256 | Curve::P384 | Curve::P521 | Curve::Secp256k1 => false,
    }
}

/// Whether the 57 octets are below p = 2^448 − 2^224 − 1, apart from the sign bit.
pub(super) fn is_canonical_ed448(point: &[u8; ED448]) -> bool {
    // Little-endian: 28 octets of ones, then a lower half that begins with all ones but bit 224.
    const P: [u8; 56] = {
        let mut p = [0xff; 56];
        p[28] = 0xfe;
        p
    };
    let [y @ .., sign] = point;
    sign & 0x7f == 0 && y.iter().rev().lt(P.iter().rev())
}

fn is_sound_ed25519(key: &[u8; 32]) -> bool {
    let mut y = *key;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    y.iter().rev().lt(P25519.iter().rev()) && !SMALL_ORDER.contains(&y)
}

/// p = 2^255 − 19, little-endian.
const P25519: [u8; 32] = {
    let mut p = [0xff; 32];
    p[0] = 0xed;
    p[31] = 0x7f;
    p
};

/// The Y coordinates of the eight points whose order divides 8: of order 4, 1, 2, and 8 twice.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = P25519;
        minus_one[0] = 0xec;
        minus_one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_y_from_p_on() {
        assert!(!is_sound(Curve::Ed25519, &P25519));
        let mut two_to_255_minus_1 = [0xff; 32];
        assert!(!is_sound(Curve::Ed25519, &two_to_255_minus_1));
        two_to_255_minus_1[0] = 0xeb;
        assert!(is_sound(Curve::Ed25519, &two_to_255_minus_1), "p - 2, with the sign bit");

        let mut p = [0xff; ED448];
        p[28] = 0xfe;
        p[56] = 0;
        assert!(!is_canonical_ed448(&p));
        p[0] = 0xfe;
        assert!(is_canonical_ed448(&p), "p - 1");
        p[56] = 0x80;
        assert!(is_canonical_ed448(&p), "the sign bit");
        p[56] = 0x01;
        assert!(!is_canonical_ed448(&p), "a bit that belongs to nothing");
    }

    #[test]
    fn refuses_small_order_with_either_sign() {
        for mut y in SMALL_ORDER {
            assert!(!is_sound(Curve::Ed25519, &y));
            y[31] |= 0x80;
            assert!(!is_sound(Curve::Ed25519, &y));
        }
    }
}
