//! The fixed test keys.
//!
//! Every private key here is public knowledge, on purpose: RSA primes are written out in the source,
//! all other secrets are hashes of the key's name. No system may ever trust one of them. They never
//! change, because the bytes of the catalogue's tokens hang on them.

mod forms;
mod registry;
mod rsa_primes;
mod signed;

use std::sync::OnceLock;

use serde_json::{Map, Value};

pub use registry::{NAMES, find};
use signed::Signed;

use super::{
    ForgeError, der,
    ecdsa::{Curve, EcKey},
    edwards448::Ed448Key,
    encode::{base64url, from_base64url},
    hash::Hash,
    rsa::RsaKey,
};

/// A key with a name, its private half, and every public form of it.
#[derive(Debug)]
pub struct TestKey {
    name: String,
    material: Material,
    /// Made when it is first asked for: it costs a signature, and few cases want it.
    certificate: OnceLock<Result<Vec<u8>, ForgeError>>,
    /// What it signed before.
    signed: Signed,
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
                Material::rsa(&reader.octets("p")?, &reader.octets("q")?, &reader.octets("e")?)
            }
            ("EC", Some(crv)) => {
                let d = reader.octets("d")?;
                Curve::from_crv(crv).and_then(|curve| Material::ec(curve, &d))
            }
            ("OKP", Some("Ed25519")) => Material::ed25519(&reader.octets("d")?),
            ("OKP", Some("Ed448")) => Material::ed448(&reader.octets("d")?),
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
        base64url(&Hash::Sha256.digest(&[self.canonical_jwk().as_bytes()]))
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
        Ok(der::pem("PUBLIC KEY", &self.spki_der()?))
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

    pub(super) const fn signed(&self) -> &Signed {
        &self.signed
    }

    pub(super) fn does_not_serve(&self, purpose: &str) -> ForgeError {
        ForgeError::WrongKey { key: self.name.clone(), purpose: purpose.to_owned() }
    }

    fn made(name: &str, material: Option<Material>) -> Result<Self, ForgeError> {
        let material =
            material.ok_or_else(|| malformed(format!("`{name}` is no key that signs")))?;
        Ok(Self {
            name: name.to_owned(),
            material,
            certificate: OnceLock::new(),
            signed: Signed::default(),
        })
    }
}

impl Material {
    fn rsa(p: &[u8], q: &[u8], e: &[u8]) -> Option<Self> {
        RsaKey::from_primes(p, q, e).ok().map(Box::new).map(Self::Rsa)
    }

    fn ec(curve: Curve, d: &[u8]) -> Option<Self> {
        EcKey::from_scalar(curve, d).map(Box::new).map(Self::Ec)
    }

    fn ed25519(seed: &[u8]) -> Option<Self> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed.try_into().ok()?);
        Some(Self::Ed25519(Box::new(key)))
    }

    fn ed448(seed: &[u8]) -> Option<Self> {
        let key = Ed448Key::from_seed(seed.try_into().ok()?);
        Some(Self::Ed448(Box::new(key)))
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::forge::KeyName;

    fn all() -> impl Iterator<Item = &'static TestKey> {
        NAMES.iter().map(|name| find(&KeyName::new(*name)).unwrap())
    }

    #[test]
    fn writes_the_required_members_in_their_order() {
        for key in all() {
            let jwk = key.public_jwk();
            let names: Vec<_> = jwk.keys().map(String::as_str).collect();
            let expected: &[&str] = match key.kty() {
                "oct" => &["kty", "k"],
                "RSA" => &["kty", "n", "e"],
                "EC" => &["kty", "crv", "x", "y"],
                _ => &["kty", "crv", "x"],
            };
            assert_eq!(names, expected, "{}", key.name());
            assert_eq!(jwk["kty"], key.kty());
            assert_eq!(jwk.get("crv").and_then(Value::as_str), key.crv());
        }
    }

    #[test]
    fn gives_every_asymmetric_key_its_documents_and_every_symmetric_key_its_secret() {
        for key in all() {
            let wrong = |purpose: &str| key.does_not_serve(purpose);
            if key.kty() == "oct" {
                assert_eq!(base64url(key.secret().unwrap()), key.public_jwk()["k"]);
                assert_eq!(key.spki_pem().unwrap_err(), wrong("SubjectPublicKeyInfo"));
            } else {
                let der = key.spki_der().unwrap();
                let (_, value) = key
                    .public_jwk()
                    .into_iter()
                    .nth(if key.kty() == "RSA" { 1 } else { 2 })
                    .unwrap();
                let value = from_base64url(value.as_str().unwrap()).unwrap();
                assert!(der.windows(value.len()).any(|window| window == value), "{}", key.name());
                assert!(key.spki_pem().unwrap().ends_with("-----END PUBLIC KEY-----\n"));
                assert_eq!(key.secret().unwrap_err(), wrong("a shared secret"));
            }
            assert_eq!(key.rsa().is_ok(), key.kty() == "RSA");
        }
    }

    #[test]
    fn refuses_private_keys_that_are_none() {
        let d = base64url(&[1; 32]);
        for jwk in [
            json!({}),
            json!({"kty": "oct"}),
            json!({"kty": "oct", "k": 7}),
            json!({"kty": "oct", "k": "A"}),
            json!({"kty": "RSA", "p": "Bw", "q": "Bw", "e": "BQ"}),
            json!({"kty": "EC", "d": d}),
            json!({"kty": "EC", "crv": "P-256", "d": "AA"}),
            json!({"kty": "EC", "crv": "P-224", "d": d}),
            json!({"kty": "EC", "crv": "P-256", "d": d, "x": d}),
            json!({"kty": "OKP", "crv": "Ed448", "d": d}),
            json!({"kty": "OKP", "crv": "X25519", "d": d}),
            json!({"kty": "AKP", "d": d}),
        ] {
            let error = TestKey::from_private_jwk(&jwk).unwrap_err();
            assert!(matches!(error, ForgeError::MalformedKey { .. }), "{jwk}: {error}");
        }
    }
}
