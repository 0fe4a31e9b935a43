//! The hash functions of the JWS algorithms, chosen at run time.

use hmac::{
    Hmac, KeyInit, Mac,
    digest::{Digest, block_api::BlockSizeUser},
};
use sha2::{Sha256, Sha384, Sha512};

/// A hash function of SHA-2.
///
/// Which one is a value and not a type parameter, because algorithms are named in recipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// Every hash function.
    pub const ALL: &'static [Self] = &[Self::Sha256, Self::Sha384, Self::Sha512];

    /// The length of a digest, in octets.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of these parts, one behind the other.
    #[must_use]
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }

    /// The HMAC (RFC 2104) of these parts, one behind the other, under a key of any length.
    ///
    /// RFC 7518 §3.2 wants a key as long as the digest; a forgery keyed with a public key or with
    /// nothing must be possible all the same.
    #[must_use]
    pub fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha256 => hmac::<Sha256, Hmac<Sha256>>(key, parts),
            Self::Sha384 => hmac::<Sha384, Hmac<Sha384>>(key, parts),
            Self::Sha512 => hmac::<Sha512, Hmac<Sha512>>(key, parts),
        }
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = D::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_vec()
}

fn hmac<D: Digest + BlockSizeUser, M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // The crate takes a slice of any length but says that it may fail. A whole block cannot, and the
    // standard makes the same block out of any key: hash what is too long, then fill up with zeros.
    let mut block = hmac::digest::Key::<M>::default();
    let hashed = (key.len() > D::block_size()).then(|| D::digest(key));
    let key = hashed.as_ref().map_or(key, |hashed| hashed.as_slice());
    for (octet, key_octet) in block.iter_mut().zip(key) {
        *octet = *key_octet;
    }
    let mut mac = <M as KeyInit>::new(&block);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}
