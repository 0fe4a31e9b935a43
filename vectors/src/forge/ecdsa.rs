//! ECDSA (FIPS 186-5 §6.4) with the nonces of RFC 6979, over the point arithmetic of RustCrypto.
//!
//! The crates give `k·G`; the rest is here, for two reasons. The bytes of a token must not move when
//! a crate is released, and `k256` moves `s` into the lower half of its range by itself: no
//! standard of JOSE asks for that (RFC 8812 §3.2), and RFC 6979 does not do it.

use num_bigint::BigUint;

use super::{der, der::Oid, hash::Hash, rsa::left_padded};

/// A curve of RFC 7518 §6.2.1.1 or RFC 8812 §3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// P-256, of `ES256`.
    P256,
    /// P-384, of `ES384`.
    P384,
    /// P-521, of `ES512`.
    P521,
    /// secp256k1, of `ES256K`.
    Secp256k1,
}

impl Curve {
    /// Every curve.
    pub const ALL: &'static [Self] = &[Self::P256, Self::P384, Self::P521, Self::Secp256k1];

    /// The `crv` of the curve.
    #[must_use]
    pub const fn crv(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    /// The curve of this `crv`.
    #[must_use]
    pub fn from_crv(crv: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|curve| curve.crv() == crv)
    }

    /// The hash that JOSE ties to the curve.
    #[must_use]
    pub const fn hash(self) -> Hash {
        match self {
            Self::P256 | Self::Secp256k1 => Hash::Sha256,
            Self::P384 => Hash::Sha384,
            Self::P521 => Hash::Sha512,
        }
    }

    /// The length of a coordinate, and of each half of a signature, in octets.
    #[must_use]
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The order of the base point, big-endian; `s` and `n - s` are equally good in a signature.
    #[must_use]
    pub fn order(self) -> Vec<u8> {
        self.n().to_bytes_be()
    }

    pub(super) const fn oid(self) -> Oid {
        match self {
            Self::P256 => der::SECP256R1,
            Self::P384 => der::SECP384R1,
            Self::P521 => der::SECP521R1,
            Self::Secp256k1 => der::SECP256K1,
        }
    }

    fn n(self) -> BigUint {
        use p256::elliptic_curve::Curve as _;

        match self {
            Self::P256 => BigUint::from_bytes_be(&p256::NistP256::ORDER.to_be_bytes()),
            Self::P384 => BigUint::from_bytes_be(&p384::NistP384::ORDER.to_be_bytes()),
            Self::P521 => BigUint::from_bytes_be(p521::NistP521::ORDER.to_be_bytes().as_ref()),
            Self::Secp256k1 => BigUint::from_bytes_be(&k256::Secp256k1::ORDER.to_be_bytes()),
        }
    }

    /// The coordinates of this multiple of the base point, unless it is zero or not below the order.
    fn multiple_of_base(self, scalar: &BigUint) -> Option<(Vec<u8>, Vec<u8>)> {
        use p256::elliptic_curve::sec1::ToSec1Point as _;

        let scalar = left_padded(&scalar.to_bytes_be(), self.coordinate_len());
        let point = match self {
            Self::P256 => {
                let key = p256::SecretKey::from_slice(&scalar).ok()?;
                key.public_key().to_sec1_point(false).as_bytes().to_vec()
            }
            Self::P384 => {
                let key = p384::SecretKey::from_slice(&scalar).ok()?;
                key.public_key().to_sec1_point(false).as_bytes().to_vec()
            }
            Self::P521 => {
                let key = p521::SecretKey::from_slice(&scalar).ok()?;
                key.public_key().to_sec1_point(false).as_bytes().to_vec()
            }
            Self::Secp256k1 => {
                let key = k256::SecretKey::from_slice(&scalar).ok()?;
                key.public_key().to_sec1_point(false).as_bytes().to_vec()
            }
        };
        // SEC 1 §2.3.3: 04, then x, then y.
        let (_, coordinates) = point.split_first()?;
        let (x, y) = coordinates.split_at_checked(self.coordinate_len())?;
        Some((x.to_vec(), y.to_vec()))
    }
}

/// An EC private key with its public point.
#[derive(Debug, Clone)]
pub struct EcKey {
    curve: Curve,
    d: BigUint,
    n: BigUint,
    x: Vec<u8>,
    y: Vec<u8>,
}

impl EcKey {
    /// The key of this scalar, big-endian; `None` when it is zero or not below the order.
    #[must_use]
    pub fn from_scalar(curve: Curve, scalar: &[u8]) -> Option<Self> {
        let d = BigUint::from_bytes_be(scalar);
        let (x, y) = curve.multiple_of_base(&d)?;
        Some(Self { curve, d, n: curve.n(), x, y })
    }

    /// The curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// The affine x coordinate, of the full length (RFC 7518 §6.2.1.2).
    #[must_use]
    pub fn x(&self) -> &[u8] {
        &self.x
    }

    /// The affine y coordinate, of the full length.
    #[must_use]
    pub fn y(&self) -> &[u8] {
        &self.y
    }

    /// A signature as JOSE has it, `r` then `s`, each of the full length (RFC 7518 §3.4).
    ///
    /// `s` is what RFC 6979 gives, in either half of its range; but on secp256k1 it is always the lower
    /// one. JOSE has no such rule (RFC 7518 §3.4, RFC 8812 §3.2), yet libraries from the world of that
    /// curve do, and would refuse every other honest token: whoever wants to know that asks with a case
    /// of its own, and not with every case at once.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.sign_over(self.curve.hash(), message)
    }

    /// The same over another hash than the one that belongs to the curve.
    pub(super) fn sign_over(&self, hash: Hash, message: &[u8]) -> Vec<u8> {
        self.sign_digest(&hash.digest(&[message]))
    }

    /// The signature of this digest, of whichever hash.
    pub(super) fn sign_digest(&self, digest: &[u8]) -> Vec<u8> {
        let mut nonces = Nonces::new(self, digest);
        loop {
            if let Some((r, s)) = self.sign_with(&nonces.next_candidate(), digest) {
                let s = match self.curve {
                    Curve::Secp256k1 => std::cmp::min(&self.n - &s, s),
                    Curve::P256 | Curve::P384 | Curve::P521 => s,
                };
                let len = self.curve.coordinate_len();
                return [r, s].map(|half| left_padded(&half.to_bytes_be(), len)).concat();
            }
        }
    }

    /// What signs for the point at infinity: the private number zero, as if it were one.
    pub(super) fn zero(&self) -> Self {
        let nothing = vec![0; self.curve.coordinate_len()];
        Self { d: BigUint::ZERO, x: nothing.clone(), y: nothing, ..self.clone() }
    }

    /// `None` for a nonce that the standard says to throw away.
    pub(super) fn sign_with(&self, k: &BigUint, digest: &[u8]) -> Option<(BigUint, BigUint)> {
        let (x, _) = self.curve.multiple_of_base(k)?;
        let r = BigUint::from_bytes_be(&x) % &self.n;
        let z = leftmost_bits(digest, &self.n);
        let s = k.modinv(&self.n)? * (z + &r * &self.d) % &self.n;
        let zero = BigUint::ZERO;
        (r != zero && s != zero).then_some((r, s))
    }
}

/// The candidates for `k` of RFC 6979 §3.2, in order.
struct Nonces {
    hash: Hash,
    n: BigUint,
    len: usize,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl Nonces {
    fn new(of: &EcKey, digest: &[u8]) -> Self {
        let hash = of.curve.hash();
        let len = of.curve.coordinate_len();
        let secret = left_padded(&of.d.to_bytes_be(), len);
        let reduced = leftmost_bits(digest, &of.n) % &of.n;
        let reduced = left_padded(&reduced.to_bytes_be(), len);
        let mut nonces = Self {
            hash,
            n: of.n.clone(),
            len,
            key: vec![0x00; hash.output_len()],
            value: vec![0x01; hash.output_len()],
        };
        nonces.stir(0x00, &[&secret, &reduced]);
        nonces.stir(0x01, &[&secret, &reduced]);
        nonces
    }

    fn next_candidate(&mut self) -> BigUint {
        let mut octets = Vec::with_capacity(self.len);
        while octets.len() < self.len {
            self.value = self.hash.hmac(&self.key, &[&self.value]);
            octets.extend(&self.value);
        }
        octets.truncate(self.len);
        // Ready for the next call, should this candidate be thrown away (step h.3).
        self.stir(0x00, &[]);
        leftmost_bits(&octets, &self.n)
    }

    fn stir(&mut self, separator: u8, material: &[&[u8]]) {
        let separator = [separator];
        let mut parts: Vec<&[u8]> = vec![&self.value, &separator];
        parts.extend(material);
        self.key = self.hash.hmac(&self.key, &parts);
        self.value = self.hash.hmac(&self.key, &[&self.value]);
    }
}

/// `bits2int` (RFC 6979 §2.3.2): as many leading bits as the order has.
fn leftmost_bits(octets: &[u8], n: &BigUint) -> BigUint {
    let surplus = (8 * octets.len() as u64).saturating_sub(n.bits());
    BigUint::from_bytes_be(octets) >> surplus
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(hex: &str) -> Vec<u8> {
        let digits: Vec<_> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
        digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
    }

    #[test]
    fn signs_as_rfc_6979_does() {
        // RFC 6979 A.2.5, A.2.6 and A.2.7, with the hash that JOSE ties to the curve.
        for (curve, d, message, r, s) in [
            (
                Curve::P256,
                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                "sample",
                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
                "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
            ),
            (
                Curve::P256,
                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                "test",
                "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
                "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
            ),
            (
                Curve::P384,
                "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8\
                 96d5724e4c70a825f872c9ea60d2edf5",
                "sample",
                "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c\
                 81a648152e44acf96e36dd1e80fabe46",
                "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f\
                 a329c145786e679e7b82c71a38628ac8",
            ),
            (
                Curve::P521,
                "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75\
                 caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
                "sample",
                "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f\
                 174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa",
                "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af\
                 282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
            ),
            // Not of the standard, which has no secp256k1: the vector that software for it shares. Of `s`
            // and `n - s` it prints the lower, as is done here.
            (
                Curve::Secp256k1,
                "01",
                "Satoshi Nakamoto",
                "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8",
                "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
            ),
        ] {
            let key = EcKey::from_scalar(curve, &octets(d)).unwrap();
            assert_eq!(key.sign(message.as_bytes()), octets(&format!("{r}{s}")), "{curve:?}");
        }
    }

    #[test]
    fn agrees_with_the_crates_and_takes_the_lower_s_on_secp256k1_alone() {
        use p256::ecdsa::signature::Signer as _;

        let mut high = 0;
        for number in 0..16_u8 {
            let scalar = |curve: Curve| vec![number + 1; curve.coordinate_len() - 1];
            let message = [number; 5];
            let ours = |curve| EcKey::from_scalar(curve, &scalar(curve)).unwrap().sign(&message);
            let padded = |curve: Curve| left_padded(&scalar(curve), curve.coordinate_len());

            let key = p256::ecdsa::SigningKey::from_slice(&padded(Curve::P256)).unwrap();
            let theirs: p256::ecdsa::Signature = key.sign(&message);
            assert_eq!(ours(Curve::P256), theirs.to_bytes().as_slice());
            high += usize::from(theirs.normalize_s() != theirs);
            let key = p384::ecdsa::SigningKey::from_slice(&padded(Curve::P384)).unwrap();
            let theirs: p384::ecdsa::Signature = key.sign(&message);
            assert_eq!(ours(Curve::P384), theirs.to_bytes().as_slice());
            let key = p521::ecdsa::SigningKey::from_slice(&padded(Curve::P521)).unwrap();
            let theirs: p521::ecdsa::Signature = key.sign(&message);
            assert_eq!(ours(Curve::P521), theirs.to_bytes().as_slice());

            let key = k256::ecdsa::SigningKey::from_slice(&padded(Curve::Secp256k1)).unwrap();
            let theirs: k256::ecdsa::Signature = key.sign(&message);
            assert_eq!(ours(Curve::Secp256k1), theirs.to_bytes().as_slice());
        }
        assert!(high > 0, "some `s` on P-256 is high by RFC 6979, and stays so here");
    }

    #[test]
    fn refuses_scalars_out_of_range() {
        for curve in Curve::ALL.iter().copied() {
            assert!(EcKey::from_scalar(curve, &[]).is_none());
            assert!(EcKey::from_scalar(curve, &curve.order()).is_none());
            assert!(EcKey::from_scalar(curve, &[0xff; 100]).is_none());
            assert_eq!(Curve::from_crv(curve.crv()), Some(curve));
        }
    }
}
