//! The fixed test keys.
//!
//! Every private key here is public knowledge, on purpose: RSA primes are written out in the source,
//! all other secrets are hashes of the key's name. No system may ever trust one of them. They never
//! change, because the bytes of the catalogue's tokens hang on them.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::{
    ForgeError, KeyName, der,
    ecdsa::{Curve, EcKey},
    edwards448::Ed448Key,
    encode::{base64url, from_base64url},
    hash::Hash,
    rsa::RsaKey,
    rsa_primes::{self, Primes},
};

/// A key with a name, its private half, and every public form of it.
#[derive(Debug)]
pub struct TestKey {
    name: String,
    material: Material,
}

/// The private half of a key, by the type that JOSE knows.
#[derive(Debug)]
pub(super) enum Material {
    Oct(Vec<u8>),
    Rsa(Box<RsaKey>),
    Ec(Box<EcKey>),
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Ed448(Box<Ed448Key>),
    /// The public half alone: X25519 does not sign.
    X25519([u8; 32]),
}

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

impl TestKey {
    /// A key outside the registry, from a private JWK, as standards publish them.
    ///
    /// Its name is its `kid`, or `jwk`. Public members are computed; where the JWK has them too, they
    /// must agree, so that a misprint does not pass for a key.
    ///
    /// # Errors
    /// [`ForgeError::MalformedKey`] when a private member is missing or malformed, when the type is
    /// unknown or cannot sign, or when a public member disagrees.
    pub fn from_private_jwk(jwk: &Value) -> Result<Self, ForgeError> {
        let reader = JwkReader(jwk);
        let material = match (reader.text("kty")?, jwk.get("crv").and_then(Value::as_str)) {
            ("oct", _) => Some(Material::Oct(reader.octets("k")?)),
            ("RSA", _) => {
                let [p, q, e] = [reader.octets("p")?, reader.octets("q")?, reader.octets("e")?];
                RsaKey::from_primes(&p, &q, &e).ok().map(Box::new).map(Material::Rsa)
            }
            ("EC", Some(crv)) => {
                let d = reader.octets("d")?;
                let key = Curve::from_crv(crv).and_then(|curve| EcKey::from_scalar(curve, &d));
                key.map(Box::new).map(Material::Ec)
            }
            ("OKP", Some("Ed25519")) => ed25519_of(&reader.octets("d")?),
            ("OKP", Some("Ed448")) => ed448_of(&reader.octets("d")?),
            (_, Some(_) | None) => None,
        };
        let name = jwk.get("kid").and_then(Value::as_str).unwrap_or("jwk");
        let key = Self::made(name, material)?;
        for (member, computed) in key.public_jwk() {
            if jwk.get(&member).is_some_and(|published| *published != computed) {
                return Err(malformed(format!(
                    "`{member}` does not belong to the private members"
                )));
            }
        }
        Ok(key)
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The `kty` of the key.
    #[must_use]
    pub const fn kty(&self) -> &'static str {
        match &self.material {
            Material::Oct(_) => "oct",
            Material::Rsa(_) => "RSA",
            Material::Ec(_) => "EC",
            Material::Ed25519(_) | Material::Ed448(_) | Material::X25519(_) => "OKP",
        }
    }

    /// The `crv` of the key, where its type has one.
    #[must_use]
    pub const fn crv(&self) -> Option<&'static str> {
        match &self.material {
            Material::Oct(_) | Material::Rsa(_) => None,
            Material::Ec(key) => Some(key.curve().crv()),
            Material::Ed25519(_) => Some("Ed25519"),
            Material::Ed448(_) => Some("Ed448"),
            Material::X25519(_) => Some("X25519"),
        }
    }

    /// The JWK without its private members: `kty`, then `crv` where there is one, then the key.
    ///
    /// An `oct` key has no public half and is written with its `k`. Just the members that RFC 7518
    /// §6 and RFC 8037 §2 require are there, in an order that never changes.
    #[must_use]
    pub fn public_jwk(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("kty".to_owned(), self.kty().into());
        if let Some(crv) = self.crv() {
            members.insert("crv".to_owned(), crv.into());
        }
        let mut octets = |name: &str, value: &[u8]| {
            members.insert(name.to_owned(), base64url(value).into());
        };
        match &self.material {
            Material::Oct(secret) => octets("k", secret),
            Material::Rsa(key) => {
                octets("n", &key.modulus());
                octets("e", &key.exponent());
            }
            Material::Ec(key) => {
                octets("x", key.x());
                octets("y", key.y());
            }
            Material::Ed25519(key) => octets("x", key.verifying_key().as_bytes()),
            Material::Ed448(key) => octets("x", key.public()),
            Material::X25519(public) => octets("x", public),
        }
        members
    }

    /// The JWK thumbprint with SHA-256 (RFC 7638), in base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let jwk = self.public_jwk();
        let mut members: Vec<_> = jwk.iter().collect();
        members.sort_by_key(|(name, _)| *name);
        let canonical: Map<_, _> =
            members.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        base64url(&Hash::Sha256.digest(&[Value::from(canonical).to_string().as_bytes()]))
    }

    /// The SubjectPublicKeyInfo in DER: RFC 3279 §2.3.1, RFC 5480 §2 or RFC 8410 §4 by type.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for an `oct` key.
    pub fn spki_der(&self) -> Result<Vec<u8>, ForgeError> {
        match &self.material {
            Material::Oct(_) => Err(self.does_not_serve("SubjectPublicKeyInfo")),
            Material::Rsa(key) => Ok(der::rsa_spki(&key.modulus(), &key.exponent())),
            Material::Ec(key) => Ok(der::ec_spki(key.curve().oid(), key.x(), key.y())),
            Material::Ed25519(key) => {
                Ok(der::okp_spki(der::ED25519, key.verifying_key().as_bytes()))
            }
            Material::Ed448(key) => Ok(der::okp_spki(der::ED448, key.public())),
            Material::X25519(public) => Ok(der::okp_spki(der::X25519, public)),
        }
    }

    /// The SubjectPublicKeyInfo in PEM, LF line ends, with a final newline.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for an `oct` key.
    pub fn spki_pem(&self) -> Result<String, ForgeError> {
        Ok(der::public_key_pem(&self.spki_der()?))
    }

    /// The octets of a symmetric key.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for every other type.
    pub fn secret(&self) -> Result<&[u8], ForgeError> {
        match &self.material {
            Material::Oct(secret) => Ok(secret),
            Material::Rsa(_)
            | Material::Ec(_)
            | Material::Ed25519(_)
            | Material::Ed448(_)
            | Material::X25519(_) => Err(self.does_not_serve("a shared secret")),
        }
    }

    /// The numbers of an RSA key, for encodings that no algorithm has.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for every other type.
    pub fn rsa(&self) -> Result<&RsaKey, ForgeError> {
        match &self.material {
            Material::Rsa(key) => Ok(key),
            Material::Oct(_)
            | Material::Ec(_)
            | Material::Ed25519(_)
            | Material::Ed448(_)
            | Material::X25519(_) => Err(self.does_not_serve("RSA")),
        }
    }

    pub(super) const fn material(&self) -> &Material {
        &self.material
    }

    pub(super) fn does_not_serve(&self, purpose: &str) -> ForgeError {
        ForgeError::WrongKey { key: self.name.clone(), purpose: purpose.to_owned() }
    }

    fn made(name: &str, material: Option<Material>) -> Result<Self, ForgeError> {
        let material =
            material.ok_or_else(|| malformed(format!("`{name}` is no key that signs")))?;
        Ok(Self { name: name.to_owned(), material })
    }
}

/// The secret of the key of this label: as many octets as the hash gives.
fn secret(hash: Hash, label: &str) -> Vec<u8> {
    hash.digest(&[b"jwks-gauntlet test key ", label.as_bytes()])
}

// What the registry calls. All of them can fail on paper, so that the one place where a key is made
// has the one error.

fn oct(label: &str, hash: Hash) -> Option<Material> {
    Some(Material::Oct(secret(hash, label)))
}

fn rsa(_label: &str, primes: &Primes) -> Option<Material> {
    let [p, q, e] = [primes.p, primes.q, primes.e].map(from_base64url);
    let key = RsaKey::from_primes(&p?, &q?, &e?).ok()?;
    Some(Material::Rsa(Box::new(key)))
}

fn ec(label: &str, curve: Curve) -> Option<Material> {
    let key = EcKey::from_scalar(curve, &secret(curve.hash(), label))?;
    Some(Material::Ec(Box::new(key)))
}

fn counted_ec(label: &str, curve: Curve, number: u32) -> Option<Material> {
    ec(&format!("{label}/{number}"), curve)
}

fn ed25519(label: &str) -> Option<Material> {
    ed25519_of(&secret(Hash::Sha256, label))
}

fn ed448(label: &str) -> Option<Material> {
    ed448_of(secret(Hash::Sha512, label).get(..57)?)
}

fn x25519(label: &str) -> Option<Material> {
    let seed: [u8; 32] = secret(Hash::Sha256, label).try_into().ok()?;
    let edwards = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
    // The same scalar on the Montgomery form of the curve.
    Some(Material::X25519(edwards.to_montgomery().to_bytes()))
}

fn ed25519_of(seed: &[u8]) -> Option<Material> {
    let key = ed25519_dalek::SigningKey::from_bytes(seed.try_into().ok()?);
    Some(Material::Ed25519(Box::new(key)))
}

fn ed448_of(seed: &[u8]) -> Option<Material> {
    let key = Ed448Key::from_seed(seed.try_into().ok()?);
    Some(Material::Ed448(Box::new(key)))
}

struct JwkReader<'a>(&'a Value);

impl<'a> JwkReader<'a> {
    fn text(&self, member: &str) -> Result<&'a str, ForgeError> {
        let text = self.0.get(member).and_then(Value::as_str);
        text.ok_or_else(|| malformed(format!("`{member}` is missing or no string")))
    }

    fn octets(&self, member: &str) -> Result<Vec<u8>, ForgeError> {
        let octets = from_base64url(self.text(member)?);
        octets.ok_or_else(|| malformed(format!("`{member}` is not base64url")))
    }
}

fn malformed(why: String) -> ForgeError {
    ForgeError::MalformedKey { why }
}
