//! The hash functions of the JWS algorithms, chosen at run time.

use hmac::{
    Hmac, KeyInit, Mac,
    digest::{Digest, block_api::BlockSizeUser},
};
use serde::{Deserialize, Serialize};
use sha2::{Sha256, Sha384, Sha512};

/// A hash function of SHA-2.
///
/// Which one is a value and not a type parameter, because algorithms are named in recipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(octets: &[u8]) -> String {
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    #[test]
    fn authenticates_as_rfc_4231_does() {
        let short_key = [0x0b; 20];
        let long_key = [0xaa; 131];
        let long_text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        for (hash, key, message, expected) in [
            (
                Hash::Sha256,
                short_key.as_slice(),
                b"Hi There".as_slice(),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                Hash::Sha384,
                &short_key,
                b"Hi There",
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c\
                 faea9ea9076ede7f4af152e8b2fa9cb6",
            ),
            (
                Hash::Sha512,
                &short_key,
                b"Hi There",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
                 daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            ),
            (
                Hash::Sha256,
                &long_key,
                long_text,
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(&hash.hmac(key, &[message])), expected, "{hash:?}");
        }
    }

    #[test]
    fn authenticates_under_an_empty_key() {
        assert_eq!(
            hex(&Hash::Sha256.hmac(b"", &[b""])),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        );
    }

    #[test]
    fn takes_a_message_in_parts_as_one() {
        for hash in Hash::ALL {
            assert_eq!(hash.digest(&[b"ab", b"", b"c"]), hash.digest(&[b"abc"]));
            assert_eq!(hash.hmac(b"k", &[b"ab", b"", b"c"]), hash.hmac(b"k", &[b"abc"]));
            assert_eq!(hash.digest(&[]).len(), hash.output_len());
        }
    }
}
