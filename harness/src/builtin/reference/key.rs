//! From the numbers of a key to something that verifies: the key is judged and prepared once, at
//! configuration, so that nothing is left to parse when a token comes.

use aws_lc_rs::{
    hmac,
    signature::{
        ED25519, ParsedPublicKey, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RsaParameters, RsaPublicKeyComponents,
    },
};
use ed448_goldilocks::{PUBLIC_KEY_LENGTH, Signature, VerifyingKey};

use super::{
    algorithms::{Alg, AlgSet, Curve, How},
    checks::{Check, Refused, Rules},
    edwards,
};

/// The numbers of a key, from whatever document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Material {
    /// Modulus and exponent, big-endian.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// An uncompressed point: 4, X, Y (SEC 1 §2.3.3).
    Ec { curve: Curve, point: Vec<u8> },
    /// A public key on an Edwards curve.
    Okp { curve: Curve, key: Vec<u8> },
    /// A shared secret.
    Oct(Vec<u8>),
}

/// A key that is ready to verify.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name, where it has one.
    pub(super) kid: Option<String>,
    engines: Vec<(Alg, Engine)>,
    /// Algorithms of its key type that it does not serve, and why.
    unfit: Vec<(Alg, Refused)>,
}

/// What the document says about a key beside its numbers.
#[derive(Debug, Default)]
pub(super) struct Label {
    pub(super) kid: Option<String>,
    /// The `alg` of a JWK.
    pub(super) alg: Option<String>,
}

/// A prepared public key or secret.
#[derive(Debug)]
pub(super) enum Engine {
    Hmac(Box<hmac::Key>),
    Public(ParsedPublicKey),
    Ed448(Box<VerifyingKey>),
}

impl Key {
    /// Judges a key and prepares it for those of the allowed algorithms that it serves.
    ///
    /// # Errors
    /// [`Refused`], when the key serves no algorithm at all, allowed or not.
    pub(super) fn prepare(
        material: &Material,
        label: Label,
        allowed: AlgSet,
        rules: Rules,
    ) -> Result<Self, Refused> {
        material.judge(rules)?;
        let mut key = Self { kid: label.kid, engines: Vec::new(), unfit: Vec::new() };
        let mut serves_any = false;
        for alg in Alg::ALL.iter().copied() {
            match material.engine(alg, label.alg.as_deref(), rules) {
                Ok(Some(engine)) => {
                    serves_any = true;
                    if allowed.holds(alg) || !rules.enforce(Check::AlgAllowed) {
                        key.engines.push((alg, engine));
                    }
                }
                Ok(None) => {}
                Err(refused) => key.unfit.push((alg, refused)),
            }
        }
        // What is wrong with the key itself says more than that it is on another algorithm's curve.
        let telling = key.unfit.iter().find(|(_, refused)| refused.check != Check::KeyFits);
        match telling.or(key.unfit.first()) {
            Some((_, refused)) if !serves_any => Err(refused.clone()),
            Some(_) | None => Ok(key),
        }
    }

    /// What verifies this algorithm with this key.
    pub(super) fn engine(&self, alg: Alg) -> Option<&Engine> {
        self.engines.iter().find(|(served, _)| *served == alg).map(|(_, engine)| engine)
    }

    /// Why it does not serve this algorithm, where it is at least of the right type.
    pub(super) fn why_unfit(&self, alg: Alg) -> Option<&Refused> {
        self.unfit.iter().find(|(unfit, _)| *unfit == alg).map(|(_, refused)| refused)
    }
}

impl Engine {
    /// Whether this is a signature or MAC of the message.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
            Self::Public(key) => key.verify_sig(message, signature).is_ok(),
            Self::Ed448(key) => ed448(key, message, signature),
        }
    }
}

/// The crate below reads R modulo p and disregards seven bits of its last octet; RFC 8032 §5.2.7
/// with §5.2.3 does not.
fn ed448(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    let canonical =
        signature.first_chunk::<PUBLIC_KEY_LENGTH>().is_some_and(edwards::is_canonical_ed448);
    canonical
        && Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify_raw(&signature, message).is_ok())
}

impl Material {
    /// The checks that do not depend on the algorithm.
    fn judge(&self, rules: Rules) -> Result<(), Refused> {
        match self {
            Self::Rsa { n, e } => judge_rsa(n, e, rules),
            Self::Okp { curve, key } if key.len() != curve.octets() => {
                let detail = format!("an {curve} key of {} octets", key.len());
                Err(Refused::by(Check::OkpLength, detail))
            }
            Self::Okp { curve, key } if !edwards::is_sound(*curve, key) => {
                Err(Refused::by(Check::OkpPoint, format!("no sound point of {curve}")))
            }
            Self::Ec { .. } | Self::Okp { .. } | Self::Oct(_) => Ok(()),
        }
    }

    /// What verifies this algorithm with this key; `None` where the key is of another type.
    fn engine(
        &self,
        alg: Alg,
        pinned: Option<&str>,
        rules: Rules,
    ) -> Result<Option<Engine>, Refused> {
        // The pinned algorithm is looked at only where the type fits, so that the refusal of an ES256
        // token with an RSA key speaks of the key's type and not of its `alg`.
        let unpinned = || match pinned {
            Some(pinned) if pinned != alg.name() => rules.refuse(
                Check::JwkAlg,
                format!("the key is for {} alone", super::checks::quote(pinned)),
            ),
            Some(_) | None => Ok(()),
        };
        match (self, alg.how()) {
            (Self::Oct(secret), How::Hmac { hash, least }) => {
                unpinned()?;
                if secret.len() < least {
                    let detail = format!(
                        "{} needs {least} octets, the key has {}",
                        alg.name(),
                        secret.len()
                    );
                    rules.refuse(Check::HmacSize, detail)?;
                }
                Ok(Some(Engine::Hmac(Box::new(hmac::Key::new(hash, secret)))))
            }
            (Self::Rsa { n, e }, How::Rsa(parameters)) => {
                unpinned()?;
                RsaPublicKeyComponents { n, e }
                    .to_parsed_public_key(parameters_for(alg, n, parameters))
                    .map(|key| Some(Engine::Public(key)))
                    .map_err(|error| Refused::by(Check::RsaNumbers, error.to_string()))
            }
            (Self::Ec { curve, point }, How::Ecdsa(wanted, parameters)) => {
                if *curve != wanted {
                    return Err(Refused::by(
                        Check::KeyFits,
                        format!("{} needs a key on {wanted}, this one is on {curve}", alg.name()),
                    ));
                }
                unpinned()?;
                ParsedPublicKey::new(parameters, point)
                    .map(|key| Some(Engine::Public(key)))
                    .map_err(|error| {
                        Refused::by(Check::EcPoint, format!("no point of {curve}: {error}"))
                    })
            }
            (Self::Okp { curve, key }, How::Eddsa(curves)) => {
                if !curves.contains(curve) {
                    return Err(Refused::by(
                        Check::KeyFits,
                        format!("{} does not go with a key on {curve}", alg.name()),
                    ));
                }
                unpinned()?;
                edwards_engine(*curve, key).map(Some)
            }
            (Self::Oct(_) | Self::Rsa { .. } | Self::Ec { .. } | Self::Okp { .. }, _) => Ok(None),
        }
    }
}

fn judge_rsa(n: &[u8], e: &[u8], rules: Rules) -> Result<(), Refused> {
    const LEAST_BITS: usize = 2_048;
    const MOST_BITS: usize = 8_192;

    let bits = bits(n);
    if bits > MOST_BITS {
        return Err(Refused::by(Check::RsaSizeMax, format!("a modulus of {bits} bits")));
    }
    if bits < LEAST_BITS {
        rules.refuse(Check::RsaSize, format!("a modulus of {bits} bits"))?;
    }
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    // The cryptography below takes exponents of up to 33 bits: larger ones only cost time.
    if !odd(n) || !odd(e) || e == [1] || self::bits(e) > 33 {
        let detail = format!("a modulus of {bits} bits with an exponent of {} bits", self::bits(e));
        return Err(Refused::by(Check::RsaNumbers, detail));
    }
    Ok(())
}

/// The bit length of a big-endian number without leading zeros.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// The parameters of the table, or the weaker twins that a verifier without [`Check::RsaSize`] uses.
fn parameters_for(alg: Alg, n: &[u8], strict: &'static RsaParameters) -> &'static RsaParameters {
    match alg {
        Alg::Rs256 if bits(n) < 2_048 => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        Alg::Rs512 if bits(n) < 2_048 => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        Alg::Hs256
        | Alg::Hs384
        | Alg::Hs512
        | Alg::Rs256
        | Alg::Rs384
        | Alg::Rs512
        | Alg::Ps256
        | Alg::Ps384
        | Alg::Ps512
        | Alg::Es256
        | Alg::Es384
        | Alg::Es512
        | Alg::Es256K
        | Alg::EdDsa
        | Alg::Ed25519
        | Alg::Ed448 => strict,
    }
}

fn edwards_engine(curve: Curve, key: &[u8]) -> Result<Engine, Refused> {
    let engine = if curve == Curve::Ed448 {
        <&[u8; PUBLIC_KEY_LENGTH]>::try_from(key)
            .ok()
            .and_then(|key| VerifyingKey::from_bytes(key).ok())
            .map(|key| Engine::Ed448(Box::new(key)))
    } else {
        ParsedPublicKey::new(&ED25519, key).ok().map(Engine::Public)
    };
    engine.ok_or_else(|| Refused::by(Check::OkpPoint, format!("no point of {curve}")))
}
