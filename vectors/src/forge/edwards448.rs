//! Ed448 (RFC 8032 §5.2) by hand, over big integers.
//!
//! The reference verifier takes a crate for it; a mistake of that crate must not meet itself here.
//! JOSE uses the pure variant with an empty context (RFC 8037 §3.1), and so does this.

use std::{iter, sync::LazyLock};

use num_bigint::BigUint;
use shake::{
    Shake256,
    digest::{ExtendableOutput, Update, XofReader},
};

/// An Ed448 private key with its public key.
#[derive(Debug, Clone)]
pub(super) struct Ed448Key {
    scalar: BigUint,
    prefix: [u8; ENCODED],
    public: [u8; ENCODED],
}

/// The length of an encoded point or scalar, in octets.
const ENCODED: usize = 57;

/// `dom4(0, "")` (RFC 8032 §2): no prehash, an empty context.
const DOMAIN: &[u8] = b"SigEd448\x00\x00";

impl Ed448Key {
    /// The key of this seed, which is the private key of RFC 8032 and the `d` of RFC 8037.
    pub(super) fn from_seed(seed: &[u8; ENCODED]) -> Self {
        let (mut lower, prefix) = halves(&[seed]);
        // A multiple of the cofactor, and of a fixed length (RFC 8032 §5.2.5 step 2).
        let [first, .., last_but_one, last] = &mut lower;
        *first &= 0xfc;
        *last_but_one |= 0x80;
        *last = 0x00;
        let scalar = BigUint::from_bytes_le(&lower);
        let public = Point::multiple_of_base(&scalar).encode();
        Self { scalar, prefix, public }
    }

    /// The public key, the `x` of RFC 8037.
    pub(super) const fn public(&self) -> &[u8; ENCODED] {
        &self.public
    }

    /// A signature of 114 octets (RFC 8032 §5.2.6).
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let nonce = hashed_scalar(&[DOMAIN, &self.prefix, message]);
        let commitment = Point::multiple_of_base(&nonce).encode();
        let challenge = hashed_scalar(&[DOMAIN, &commitment, &self.public, message]);
        let response = (nonce + challenge * &self.scalar) % &*ORDER;
        [commitment, little_endian(&response)].concat()
    }
}

/// The order of the base point, `L` in RFC 8032 Table 2.
pub(super) static ORDER: LazyLock<BigUint> = LazyLock::new(|| {
    from_words(&[
        0x3fff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_7cca_23e9,
        0xc44e_db49_aed6_3690,
        0x216c_c272_8dc5_8f55,
        0x2378_c292_ab58_44f3,
    ])
});

/// The order of the field, 2^448 - 2^224 - 1.
static FIELD: LazyLock<BigUint> = LazyLock::new(|| {
    let one = BigUint::from(1_u8);
    (&one << 448_u32) - (&one << 224_u32) - one
});

/// The base point doubled 0, 1, 2, … 447 times: a multiple of it is then a sum.
static BASE_DOUBLED: LazyLock<Vec<Point>> = LazyLock::new(|| {
    iter::successors(Some(Point::base()), |p| Some(p.doubled())).take(448).collect()
});

/// A number modulo [`FIELD`], always below it.
#[derive(Debug, Clone)]
struct Element(BigUint);

impl Element {
    fn plus(&self, other: &Self) -> Self {
        let sum = &self.0 + &other.0;
        if sum < *FIELD { Self(sum) } else { Self(sum - &*FIELD) }
    }

    fn minus(&self, other: &Self) -> Self {
        if self.0 >= other.0 {
            Self(&self.0 - &other.0)
        } else {
            Self(&self.0 + &*FIELD - &other.0)
        }
    }

    fn times(&self, other: &Self) -> Self {
        Self(&self.0 * &other.0 % &*FIELD)
    }

    fn inverse(&self) -> Self {
        // Fermat: the field is prime.
        Self(self.0.modpow(&(&*FIELD - 2_u8), &FIELD))
    }
}

/// A point of edwards448 in projective coordinates (RFC 8032 §5.2.4).
#[derive(Debug, Clone)]
struct Point {
    x: Element,
    y: Element,
    z: Element,
}

impl Point {
    /// RFC 8032 Table 2.
    fn base() -> Self {
        let x = from_words(&[
            0x4f19_70c6_6bed_0ded,
            0x221d_15a6_22bf_36da,
            0x9e14_6570_470f_1767,
            0xea6d_e324_a3d3_a464,
            0x12ae_1af7_2ab6_6511,
            0x433b_80e1_8b00_938e,
            0x2626_a82b_c70c_c05e,
        ]);
        let y = from_words(&[
            0x693f_4671_6eb6_bc24,
            0x8876_2037_56c9_c762,
            0x4bea_7373_6ca3_9840,
            0x8778_9c1e_05a0_c2d7,
            0x3ad3_ff1c_e67c_39c4,
            0xfdbd_132c_4ed7_c8ad,
            0x9808_795b_f230_fa14,
        ]);
        Self { x: Element(x), y: Element(y), z: Element(BigUint::from(1_u8)) }
    }

    fn neutral() -> Self {
        let one = Element(BigUint::from(1_u8));
        Self { x: Element(BigUint::ZERO), y: one.clone(), z: one }
    }

    /// For scalars below 2^448.
    fn multiple_of_base(scalar: &BigUint) -> Self {
        let doubled = (0..).zip(BASE_DOUBLED.iter());
        doubled
            .filter(|(bit, _)| scalar.bit(*bit))
            .fold(Self::neutral(), |sum, (_, point)| sum.plus(point))
    }

    /// The addition of RFC 8032 §5.2.4, which holds for any two points; its names are kept.
    fn plus(&self, other: &Self) -> Self {
        let a = self.z.times(&other.z);
        let b = a.times(&a);
        let c = self.x.times(&other.x);
        let d = self.y.times(&other.y);
        // The curve's d is -39081, and E its multiple: the signs of E turn round in F and G.
        let minus_e = Element(&c.times(&d).0 * 39_081_u32 % &*FIELD);
        let f = b.plus(&minus_e);
        let g = b.minus(&minus_e);
        let h = self.x.plus(&self.y).times(&other.x.plus(&other.y));
        Self {
            x: a.times(&f).times(&h.minus(&c).minus(&d)),
            y: a.times(&g).times(&d.minus(&c)),
            z: f.times(&g),
        }
    }

    fn doubled(&self) -> Self {
        let sum = self.x.plus(&self.y);
        let b = sum.times(&sum);
        let c = self.x.times(&self.x);
        let d = self.y.times(&self.y);
        let e = c.plus(&d);
        let h = self.z.times(&self.z);
        let j = e.minus(&h).minus(&h);
        Self { x: b.minus(&e).times(&j), y: e.times(&c.minus(&d)), z: e.times(&j) }
    }

    /// RFC 8032 §5.2.2: y, and the lowest bit of x as the highest of all.
    fn encode(&self) -> [u8; ENCODED] {
        let inverse = self.z.inverse();
        let x = self.x.times(&inverse);
        let mut encoded = little_endian(&self.y.times(&inverse).0);
        let [.., last] = &mut encoded;
        *last |= u8::from(x.0.bit(0)) << 7;
        encoded
    }
}

fn hashed_scalar(parts: &[&[u8]]) -> BigUint {
    let (lower, upper) = halves(parts);
    BigUint::from_bytes_le(&[lower, upper].concat()) % &*ORDER
}

/// The 114 octets of SHAKE256 over these parts.
fn halves(parts: &[&[u8]]) -> ([u8; ENCODED], [u8; ENCODED]) {
    let mut hasher = Shake256::default();
    for part in parts {
        hasher.update(part);
    }
    let mut reader = hasher.finalize_xof();
    let mut halves = ([0; ENCODED], [0; ENCODED]);
    reader.read(&mut halves.0);
    reader.read(&mut halves.1);
    halves
}

/// The number of these words, the most significant first.
fn from_words(words: &[u64; 7]) -> BigUint {
    words.iter().fold(BigUint::ZERO, |number, word| (number << 64_u32) | BigUint::from(*word))
}

fn little_endian(number: &BigUint) -> [u8; ENCODED] {
    let mut octets = [0; ENCODED];
    for (octet, value) in octets.iter_mut().zip(number.to_bytes_le()) {
        *octet = value;
    }
    octets
}
