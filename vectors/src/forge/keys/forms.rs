//! The public forms of a test key: what somebody puts into a configuration, or finds published and
//! takes for an HMAC secret.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::{Material, TestKey};
use crate::{
    forge::{
        ForgeError, der,
        der::Oid,
        ecdsa::{Curve, EcKey},
        sign::sign,
    },
    recipe::{KeyText, PublicForm},
};

impl TestKey {
    /// The RSAPublicKey of PKCS#1 in DER (RFC 8017 Appendix A.1.1).
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for a key of another type.
    pub fn pkcs1_der(&self) -> Result<Vec<u8>, ForgeError> {
        let key = self.rsa()?;
        Ok(der::rsa_public_key(&key.modulus(), &key.exponent()))
    }

    /// The same in PEM, LF line ends, with a final newline.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for a key of another type.
    pub fn pkcs1_pem(&self) -> Result<String, ForgeError> {
        Ok(der::pem("RSA PUBLIC KEY", &self.pkcs1_der()?))
    }

    /// A self-signed certificate of the key in DER (RFC 5280 §4.1): its name is the common name,
    /// valid from 2020 to the end of 2049, always the same octets.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for a key that does not sign, or has no public half.
    pub fn certificate_der(&self) -> Result<&[u8], ForgeError> {
        let made = self.certificate.get_or_init(|| self.make_certificate());
        made.as_deref().map_err(Clone::clone)
    }

    /// The same in PEM, LF line ends, with a final newline.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for a key that does not sign, or has no public half.
    pub fn certificate_pem(&self) -> Result<String, ForgeError> {
        Ok(der::pem("CERTIFICATE", self.certificate_der()?))
    }

    /// The key as OpenSSH writes it to a `.pub` file (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4), its
    /// name as the comment.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for a key of a type or curve that OpenSSH does not have.
    pub fn openssh(&self) -> Result<String, ForgeError> {
        let (kind, fields) = match &self.material {
            Material::Rsa(key) => ("ssh-rsa", vec![mpint(&key.exponent()), mpint(&key.modulus())]),
            Material::Ec(key) => {
                let (kind, curve) = match key.curve() {
                    Curve::P256 => ("ecdsa-sha2-nistp256", "nistp256"),
                    Curve::P384 => ("ecdsa-sha2-nistp384", "nistp384"),
                    Curve::P521 => ("ecdsa-sha2-nistp521", "nistp521"),
                    Curve::Secp256k1 => return Err(self.does_not_serve("OpenSSH")),
                };
                (kind, vec![curve.as_bytes().to_vec(), point(key)])
            }
            Material::Ed25519(key) => {
                ("ssh-ed25519", vec![key.verifying_key().as_bytes().to_vec()])
            }
            Material::Ed448(key) => ("ssh-ed448", vec![key.public().to_vec()]),
            Material::Oct(_) | Material::X25519(_) => return Err(self.does_not_serve("OpenSSH")),
        };
        let mut blob = field(kind.as_bytes());
        blob.extend(fields.iter().flat_map(|octets| field(octets)));
        Ok(format!("{kind} {} {}\n", STANDARD.encode(blob), self.name))
    }

    /// The JWK that RFC 7638 §3 hashes: required members alone, sorted, without white space.
    #[must_use]
    pub fn canonical_jwk(&self) -> String {
        let mut members: Vec<_> = self.public_jwk().into_iter().collect();
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        Value::from(members.into_iter().collect::<Map<_, _>>()).to_string()
    }

    /// The key in one of the texts in which public keys stand in configurations.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for a text that the key's type does not have.
    pub fn text(&self, text: KeyText) -> Result<String, ForgeError> {
        match text {
            KeyText::SpkiPem => self.spki_pem(),
            KeyText::SpkiPemCrlf => Ok(self.spki_pem()?.replace('\n', "\r\n")),
            KeyText::SpkiPemNoFinalNewline => Ok(self.spki_pem()?.trim_end().to_owned()),
            KeyText::SpkiPemBehindBlankLine => Ok(format!("\n{}", self.spki_pem()?)),
            KeyText::SpkiPemBehindComment => {
                Ok(format!("# the key of the login service\n{}", self.spki_pem()?))
            }
            KeyText::SpkiPemBlanksAfterBegin => {
                Ok(self.spki_pem()?.replacen("KEY-----\n", "KEY-----  \n", 1))
            }
            KeyText::SpkiPemBeforeText => {
                Ok(format!("{}# the key of the login service\n", self.spki_pem()?))
            }
            KeyText::Pkcs1Pem => self.pkcs1_pem(),
            KeyText::CertificatePem => self.certificate_pem(),
            KeyText::OpenSsh => self.openssh(),
            KeyText::Jwk => Ok(self.served_jwk()),
            KeyText::JwkSet => Ok(format!("{{\"keys\":[{}]}}", self.served_jwk())),
        }
    }

    /// Octets that anybody has who has the public key.
    ///
    /// # Errors
    /// [`ForgeError::WrongKey`] for a form that the key's type does not have.
    pub fn public_octets(&self, form: PublicForm) -> Result<Vec<u8>, ForgeError> {
        match form {
            PublicForm::Text(text) => Ok(self.text(text)?.into_bytes()),
            PublicForm::SpkiPemOneLine => Ok(self.spki_pem()?.replace('\n', "").into_bytes()),
            PublicForm::SpkiPemUtf16 => Ok(utf16(&self.spki_pem()?)),
            PublicForm::JwkUtf16 => Ok(utf16(&self.served_jwk())),
            PublicForm::SpkiDer => self.spki_der(),
            PublicForm::Pkcs1Der => self.pkcs1_der(),
            PublicForm::CertificateDer => Ok(self.certificate_der()?.to_vec()),
            PublicForm::CanonicalJwk => Ok(self.canonical_jwk().into_bytes()),
            PublicForm::Number => self.number(),
            PublicForm::NumberText => Ok(crate::forge::base64url(&self.number()?).into_bytes()),
            PublicForm::Point => match &self.material {
                Material::Ec(key) => Ok(point(key)),
                Material::Oct(_)
                | Material::Rsa(_)
                | Material::Ed25519(_)
                | Material::Ed448(_)
                | Material::X25519(_) => Err(self.does_not_serve("a point")),
            },
        }
    }

    /// The JWK with the key's name as its `kid` behind the other members, as families serve it.
    fn served_jwk(&self) -> String {
        let mut jwk = self.public_jwk();
        jwk.insert("kid".to_owned(), self.name.clone().into());
        Value::from(jwk).to_string()
    }

    fn number(&self) -> Result<Vec<u8>, ForgeError> {
        match &self.material {
            Material::Oct(_) => Err(self.does_not_serve("a public number")),
            Material::Rsa(key) => Ok(key.modulus()),
            Material::Ec(key) => Ok(key.x().to_vec()),
            Material::Ed25519(key) => Ok(key.verifying_key().as_bytes().to_vec()),
            Material::Ed448(key) => Ok(key.public().to_vec()),
            Material::X25519(public) => Ok(public.to_vec()),
        }
    }

    fn make_certificate(&self) -> Result<Vec<u8>, ForgeError> {
        let (oid, alg): (Oid, &str) = match &self.material {
            Material::Rsa(_) => (der::SHA256_WITH_RSA, "RS256"),
            Material::Ec(key) => match key.curve() {
                Curve::P256 => (der::ECDSA_WITH_SHA256, "ES256"),
                Curve::P384 => (der::ECDSA_WITH_SHA384, "ES384"),
                Curve::P521 => (der::ECDSA_WITH_SHA512, "ES512"),
                Curve::Secp256k1 => (der::ECDSA_WITH_SHA256, "ES256K"),
            },
            Material::Ed25519(_) => (der::ED25519, "EdDSA"),
            Material::Ed448(_) => (der::ED448, "EdDSA"),
            Material::Oct(_) | Material::X25519(_) => {
                return Err(self.does_not_serve("a certificate"));
            }
        };
        let tbs = der::tbs_certificate(&self.name, oid, &self.spki_der()?);
        // None of these algorithms looks at the seed.
        let signature = sign(self, alg, &tbs, 0)?;
        let signature = match &self.material {
            Material::Ec(_) => der::ecdsa_signature(&signature),
            Material::Oct(_)
            | Material::Rsa(_)
            | Material::Ed25519(_)
            | Material::Ed448(_)
            | Material::X25519(_) => signature,
        };
        Ok(der::certificate(&tbs, oid, &signature))
    }
}

/// The uncompressed point: 04, `x`, `y`.
fn point(key: &EcKey) -> Vec<u8> {
    [&[0x04], key.x(), key.y()].concat()
}

/// UTF-16, little endian, behind a byte order mark, as some systems save texts.
fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// A string of SSH (RFC 4251 §5): its length in four octets, then itself.
fn field(octets: &[u8]) -> Vec<u8> {
    // No key is anywhere near four gigabytes.
    let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), octets].concat()
}

/// A positive number of SSH: a zero octet in front where the top bit would mean a negative one.
fn mpint(magnitude: &[u8]) -> Vec<u8> {
    let sign: &[u8] =
        if magnitude.first().is_some_and(|octet| *octet >= 0x80) { &[0] } else { &[] };
    [sign, magnitude].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::{hash::Hash, keys::find};

    fn key(name: &str) -> &'static TestKey {
        find(&name.into()).unwrap()
    }

    #[test]
    fn a_certificate_holds_the_key_and_is_the_same_every_time() {
        for name in ["rsa-2048-a", "p256-b", "p521-a", "secp256k1-a", "ed25519-a", "ed448-a"] {
            let key = key(name);
            let der = key.certificate_der().unwrap();
            let spki = key.spki_der().unwrap();
            assert!(der.windows(spki.len()).any(|window| window == spki), "{name}");
            assert_eq!(key.make_certificate().unwrap(), der);
            let pem = key.certificate_pem().unwrap();
            assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\nMI"), "{pem}");
        }
        assert!(key("oct-256-a").certificate_der().is_err());
        assert!(key("x25519-a").certificate_pem().is_err());
    }

    /// Another implementation of X.509 has read the certificate of every key and verified its
    /// signature; these digests keep them as they were then.
    #[test]
    fn certificates_never_change() {
        let digests: Vec<_> = ["rsa-2048-a", "p256-a", "p256-b", "ed25519-a"]
            .map(|name| {
                let digest = Hash::Sha256.digest(&[key(name).certificate_der().unwrap()]);
                format!("{name} {}", crate::forge::base64url(&digest))
            })
            .to_vec();
        insta::assert_snapshot!(digests.join("\n"), @r"
        rsa-2048-a baO2sUxZqaHTx078Nz6R0UGSt0xnhMNx7EMMH1H7XFQ
        p256-a JP2lpqaYT7TITOsp1Of_cVBo6Cy28OJA2QJvCnCJNE8
        p256-b jprE9NbnbZpPTqoyBASMjQUG4FCQs_QS033nvAXoobY
        ed25519-a e4nSAd4auu-t_sDKYNwBn8KiK-tJf_-jNFhC_wuf1gg
        ");
    }

    #[test]
    fn writes_the_forms_that_a_type_has_and_no_others() {
        let rsa = key("rsa-2048-a");
        assert!(rsa.pkcs1_pem().unwrap().starts_with("-----BEGIN RSA PUBLIC KEY-----\nMII"));
        assert_eq!(rsa.public_octets(PublicForm::Number).unwrap().len(), 256);
        assert!(rsa.openssh().unwrap().starts_with("ssh-rsa AAAAB3NzaC1yc2E"));
        assert!(rsa.public_octets(PublicForm::Point).is_err());
        let ec = key("p256-a");
        assert!(ec.pkcs1_der().is_err());
        assert_eq!(ec.public_octets(PublicForm::Point).unwrap().len(), 65);
        let ssh = ec.openssh().unwrap();
        assert!(ssh.starts_with("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY"), "{ssh}");
        assert!(key("secp256k1-a").openssh().is_err());
        let okp = key("ed25519-a");
        assert!(okp.openssh().unwrap().starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"));
        assert_eq!(okp.public_octets(PublicForm::NumberText).unwrap().len(), 43);
        assert!(key("oct-256-a").public_octets(PublicForm::Number).is_err());
    }

    #[test]
    fn dresses_a_text_as_its_name_says() {
        let key = key("p256-a");
        let plain = key.spki_pem().unwrap();
        let text = |text| key.text(text).unwrap();
        assert_eq!(text(KeyText::SpkiPemCrlf).replace('\r', ""), plain);
        assert_eq!(format!("{}\n", text(KeyText::SpkiPemNoFinalNewline)), plain);
        assert!(
            text(KeyText::SpkiPemBlanksAfterBegin).starts_with("-----BEGIN PUBLIC KEY-----  \n")
        );
        assert!(text(KeyText::JwkSet).contains(&text(KeyText::Jwk)));
        assert_eq!(
            key.public_octets(PublicForm::SpkiPemUtf16).unwrap()[..4],
            [0xff, 0xfe, 0x2d, 0]
        );
        assert!(key.canonical_jwk().starts_with("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":"));
    }
}
