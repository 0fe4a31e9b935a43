//! Which test keys there are, and what each is made of.

use std::sync::LazyLock;

use super::{
    Material, TestKey,
    rsa_primes::{self, Primes},
};
use crate::forge::{ForgeError, KeyName, ecdsa::Curve, encode::from_base64url, hash::Hash};

macro_rules! registry {
    ($($name:literal => $make:ident($($argument:expr),*),)*) => {
        /// The names of all test keys: type, size or curve, and a letter or what is special.
        pub const NAMES: &[&str] = &[$($name),*];

        static REGISTRY: [Entry; NAMES.len()] = [$(
            LazyLock::new(|| TestKey::made($name, $make($name, $($argument),*)))
        ),*];
    };
}

type Entry = LazyLock<Result<TestKey, ForgeError>>;

registry! {
    "oct-256-a" => oct(Hash::Sha256),
    "oct-256-b" => oct(Hash::Sha256),
    "oct-384-a" => oct(Hash::Sha384),
    "oct-512-a" => oct(Hash::Sha512),
    "oct-512-b" => oct(Hash::Sha512),
    "rsa-1024-a" => rsa(&rsa_primes::RSA_1024_A),
    "rsa-2048-a" => rsa(&rsa_primes::RSA_2048_A),
    "rsa-2048-b" => rsa(&rsa_primes::RSA_2048_B),
    // Its public exponent is 3.
    "rsa-2048-e3" => rsa(&rsa_primes::RSA_2048_E3),
    "rsa-3072-a" => rsa(&rsa_primes::RSA_3072_A),
    "rsa-4096-a" => rsa(&rsa_primes::RSA_4096_A),
    "p256-a" => ec(Curve::P256),
    "p256-b" => ec(Curve::P256),
    "p256-c" => ec(Curve::P256),
    // Its x coordinate begins with a zero octet; the number was found by counting.
    "p256-leading-zero" => counted_ec(Curve::P256, 10),
    "p384-a" => ec(Curve::P384),
    "p384-b" => ec(Curve::P384),
    "p521-a" => ec(Curve::P521),
    "p521-b" => ec(Curve::P521),
    "secp256k1-a" => ec(Curve::Secp256k1),
    "secp256k1-b" => ec(Curve::Secp256k1),
    "ed25519-a" => ed25519(),
    "ed25519-b" => ed25519(),
    "ed448-a" => ed448(),
    "ed448-b" => ed448(),
    "x25519-a" => x25519(),
}

/// The test key of this name.
///
/// # Errors
/// [`ForgeError::UnknownKey`], with the names there are.
pub fn find(name: &KeyName) -> Result<&'static TestKey, ForgeError> {
    let position = NAMES.iter().position(|known| *known == name.as_str());
    let entry = position.and_then(|position| REGISTRY.get(position)).ok_or_else(|| {
        ForgeError::UnknownKey { name: name.to_string(), known: NAMES.join(", ") }
    })?;
    entry.as_ref().map_err(Clone::clone)
}

/// The secret of the key of this label: as many octets as the hash gives.
fn secret(hash: Hash, label: &str) -> Vec<u8> {
    hash.digest(&[b"jwks-gauntlet test key ", label.as_bytes()])
}

// What the list calls. All of these can fail on paper, so that the one place where a key is made has
// the one error.

fn oct(label: &str, hash: Hash) -> Option<Material> {
    Some(Material::Oct(secret(hash, label)))
}

fn rsa(_label: &str, primes: &Primes) -> Option<Material> {
    let [p, q, e] = [primes.p, primes.q, primes.e].map(from_base64url);
    Material::rsa(&p?, &q?, &e?)
}

fn ec(label: &str, curve: Curve) -> Option<Material> {
    Material::ec(curve, &secret(curve.hash(), label))
}

fn counted_ec(label: &str, curve: Curve, number: u32) -> Option<Material> {
    ec(&format!("{label}/{number}"), curve)
}

fn ed25519(label: &str) -> Option<Material> {
    Material::ed25519(&secret(Hash::Sha256, label))
}

fn ed448(label: &str) -> Option<Material> {
    // A seed is 57 octets long, and the hash 64.
    Material::ed448(secret(Hash::Sha512, label).get(..57)?)
}

fn x25519(label: &str) -> Option<Material> {
    let seed: [u8; 32] = secret(Hash::Sha256, label).try_into().ok()?;
    let edwards = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
    // The same scalar on the Montgomery form of the curve.
    Some(Material::X25519(edwards.to_montgomery().to_bytes()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> impl Iterator<Item = &'static TestKey> {
        NAMES.iter().map(|name| find(&KeyName::new(*name)).unwrap())
    }

    #[test]
    fn finds_every_key_by_its_name() {
        for (name, key) in NAMES.iter().zip(all()) {
            assert_eq!(key.name(), *name);
        }
        assert_eq!(NAMES.iter().collect::<BTreeSet<_>>().len(), NAMES.len());
    }

    #[test]
    fn tells_the_names_there_are() {
        let error = find(&"rsa-2048-z".into()).unwrap_err();
        assert!(matches!(&error, ForgeError::UnknownKey { name, .. } if name == "rsa-2048-z"));
        assert!(error.to_string().ends_with("x25519-a"), "{error}");
    }

    #[test]
    fn keys_never_change() {
        let thumbprints: Vec<_> =
            all().map(|key| format!("{} {}", key.name(), key.thumbprint())).collect();
        insta::assert_snapshot!(thumbprints.join("\n"), @r"
        oct-256-a oD059yQIlBMUG7SjsreLhdV-zVParYEpO97FKlts2iE
        oct-256-b f5lqQ78EOxtdAT4nNJ894_B8ZnhKbSO6d3_u9N6IhTw
        oct-384-a -tnwh1kdaJ--3OFP3S6rwTbZgx4oQqEhHYoaINUaCYw
        oct-512-a pC1hHD40jLq4UgkLb2NoeDAoAQwRZVWHI3qllBddFDE
        oct-512-b SK3n_y3MC9CVbW2hbTxjoDQkjZKCEbRC-chNdxKlxnU
        rsa-1024-a WALmOAZqE_yZJubdGinveFT4LsV6oQ4DL4A_LK2j6tA
        rsa-2048-a KtsBqtijWb7j5lsflU5ZwGcCHJ6Y_luw0RdBwje6yv4
        rsa-2048-b BAzrAZZGm4JbSX1CUp2Sa0yRfopOJEQjw8vy9JOouUQ
        rsa-2048-e3 HZzKgPJY4JHjxlxziZ_2j3mNf0cD_2zGam7oNj9VRcU
        rsa-3072-a sZvrFSAxRstENecpSBP3mRxRwdxoRmv0gIoOSGS9NhM
        rsa-4096-a -frVh2QqXvjvXFQBhLuTQld1UV00MgSwvBe8_0UbomI
        p256-a X9mGzjt5261ByErpLxqZwH_m2WKXvFd_h6QPgCEQnCc
        p256-b J3_0tOellJ7AunHcAJ0v9S9iA0PKmsEvyA_wZPAG8rE
        p256-c _DJ-UMf2jZLTAp5lM8Jms7ItEGnXfdpDtbrmxqZlIfE
        p256-leading-zero aXqBknj3fYJTAqdrpjBpzZpXwVmtdChBvK7o8-OQxPo
        p384-a xJHNgCMxkeh0iAknDlEXiDsvo9JhspwDl6ydEPenGas
        p384-b wE7i_f86nJvaAsm1KRWRixX5sn7BQ98K2ah0Cqbwf5I
        p521-a cLApdfs8eex6h5C98dYPglrYAzRhNmPkfpC3PvGkks0
        p521-b lAp29hMQ_d8qsCM3fCCFF3dt5PUHOpP5qqJQ4daqpxE
        secp256k1-a K8U6y0MxHl4vo0memrsplvuA7X-TvX9jPnlVld88rDY
        secp256k1-b x8bUrxp1sVU94f8lSD0hqsVWsJYAQALUN0x1ZVSLS1w
        ed25519-a KCub4Sl74KLGwZcGNkxY-uRE45DV21PRyzkIiPL-Xy8
        ed25519-b fLtXyE6hyBv2Ch9Iu1rlT-c3xqh1RF4f4KQ0iVKk_lQ
        ed448-a IQ46KzZNcjVwK2yPgLDV9MXzRaW6vynccRyHH9hjsgI
        ed448-b ceHuz5e7jcGjXEWPqjjQNyVlvofX0O3fBQM6CFDZh_4
        x25519-a _WSkqfb9bdxHVgY-8-8nLJgDLsUkL6ZfbxL4Bm-BPds
        ");
    }

    #[test]
    fn keys_are_as_long_as_their_names_say() {
        for key in all() {
            let jwk = key.public_jwk();
            let len = |member: &str| from_base64url(jwk[member].as_str().unwrap()).unwrap().len();
            let parts: Vec<_> = key.name().split('-').collect();
            match parts[0] {
                "oct" => assert_eq!(len("k") * 8, parts[1].parse::<usize>().unwrap()),
                "rsa" => {
                    assert_eq!(
                        key.rsa().unwrap().modulus_bits(),
                        parts[1].parse::<usize>().unwrap()
                    );
                    assert_eq!(len("n"), key.rsa().unwrap().modulus_len(), "no leading zero");
                    assert_eq!(jwk["e"], if parts[2] == "e3" { "Aw" } else { "AQAB" });
                }
                "p256" | "secp256k1" => assert_eq!((len("x"), len("y")), (32, 32)),
                "p384" => assert_eq!((len("x"), len("y")), (48, 48)),
                "p521" => assert_eq!((len("x"), len("y")), (66, 66)),
                "ed25519" | "x25519" => assert_eq!(len("x"), 32),
                "ed448" => assert_eq!(len("x"), 57),
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn keeps_the_leading_zero_of_a_coordinate() {
        let Material::Ec(key) = find(&"p256-leading-zero".into()).unwrap().material() else {
            panic!("an EC key");
        };
        assert_eq!(key.x()[0], 0);
        assert_ne!(key.x()[1], 0);
        assert_eq!(key.x().len(), 32);
    }
}
