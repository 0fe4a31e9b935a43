//! Signatures that are altered, and signatures that no algorithm makes.
//!
//! Each is as close to a good one as it can be, so that only the check in question refuses it.

mod ecdsa;
mod eddsa;
mod rsa;

pub(super) use rsa::encoded as rsa_encoded;

use super::{
    ForgeError,
    encode::from_base64url,
    keys::{Material, TestKey},
    sign::sign,
};
use crate::recipe::{Alteration, Covered};

/// The altered signature of a message.
///
/// # Errors
/// Those of [`sign`]; [`ForgeError::WrongKey`] when the alteration belongs to keys of another type.
pub(super) fn altered(
    key: &TestKey,
    alg: &str,
    alteration: &Alteration,
    message: &[u8],
    seed: u64,
) -> Result<Vec<u8>, ForgeError> {
    let genuine = || sign(key, alg, message, seed);
    let curve = || match key.material() {
        Material::Ec(curve) => Ok(curve),
        Material::Oct(_)
        | Material::Rsa(_)
        | Material::Ed25519(_)
        | Material::Ed448(_)
        | Material::X25519(_) => Err(key.does_not_serve("an alteration of ECDSA")),
    };
    let misfit = || key.does_not_serve("this alteration");
    match alteration {
        Alteration::Cut { keep } => {
            let mut signature = genuine()?;
            signature.truncate(*keep);
            Ok(signature)
        }
        Alteration::WithoutZeros { octets } => {
            let signature = genuine()?;
            let (front, rest) = signature.split_at_checked(*octets).ok_or_else(misfit)?;
            if front.iter().any(|octet| *octet != 0) {
                return Err(misfit());
            }
            Ok(rest.to_vec())
        }
        Alteration::Framed { front, behind } => {
            Ok([front.as_slice(), &genuine()?, behind].concat())
        }
        Alteration::Over(covered) => sign(key, alg, &covered.of(message), seed),
        Alteration::Ecdsa { r, s } => {
            ecdsa::renumbered(curve()?, &genuine()?, *r, *s).ok_or_else(misfit)
        }
        Alteration::Swapped => Ok(ecdsa::swapped(curve()?, &genuine()?)),
        Alteration::Der => Ok(ecdsa::der(curve()?, &genuine()?)),
        Alteration::Widened => Ok(ecdsa::widened(curve()?, &genuine()?)),
        Alteration::LeadingZero => ecdsa::leading_zero(curve()?, message).ok_or_else(misfit),
        Alteration::LeadingZeroDropped => {
            let signature = ecdsa::leading_zero(curve()?, message).ok_or_else(misfit)?;
            Ok(signature.get(1..).unwrap_or_default().to_vec())
        }
        Alteration::Hashed(hash) => Ok(curve()?.sign_digest(&hash.digest(&[message]))),
        Alteration::ZeroScalar => Ok(curve()?.zero().sign(message)),
        Alteration::PlusOrder => eddsa::plus_order(key, &genuine()?).ok_or_else(misfit),
        Alteration::TopBit => eddsa::top_bit(key, genuine()?).ok_or_else(misfit),
        Alteration::Commitment(commitment) => {
            eddsa::committed(key, *commitment, message).ok_or_else(misfit)
        }
        Alteration::PlusModulus => Ok(rsa::plus_modulus(key.rsa()?, &genuine()?)),
    }
}

impl Covered {
    /// What is covered, of this signing input.
    fn of(self, signing_input: &[u8]) -> Vec<u8> {
        let mut parts = signing_input.splitn(2, |octet| *octet == b'.');
        let [header, payload] = [parts.next(), parts.next()].map(Option::unwrap_or_default);
        let decoded = |segment: &[u8]| from_base64url(segment).unwrap_or_else(|| segment.to_vec());
        match self {
            Self::PayloadSegment => payload.to_vec(),
            Self::RawPayload => [header, decoded(payload).as_slice()].join(&b'.'),
            Self::Decoded => [decoded(header), decoded(payload)].join(&b'.'),
            Self::Digest(hash) => hash.digest(&[signing_input]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::{hash::Hash, keys};

    #[test]
    fn cuts_and_frames_octets() {
        let key = keys::find(&"oct-256-a".into()).unwrap();
        let genuine = sign(key, "HS256", b"a.b", 0).unwrap();
        let altered =
            |alteration: Alteration| altered(key, "HS256", &alteration, b"a.b", 0).unwrap();
        assert_eq!(altered(Alteration::Cut { keep: 31 }), genuine[..31]);
        let framed = altered(Alteration::Framed { front: vec![0], behind: vec![1, 2] });
        assert_eq!(framed, [&[0], genuine.as_slice(), &[1, 2]].concat());
    }

    #[test]
    fn covers_what_it_says() {
        let input = b"e30.eyJhIjoxfQ";
        assert_eq!(Covered::PayloadSegment.of(input), b"eyJhIjoxfQ");
        assert_eq!(Covered::RawPayload.of(input), br#"e30.{"a":1}"#);
        assert_eq!(Covered::Decoded.of(input), br#"{}.{"a":1}"#);
        assert_eq!(Covered::Digest(Hash::Sha256).of(input), Hash::Sha256.digest(&[input]));
    }

    #[test]
    fn refuses_keys_of_another_type() {
        let altered = |key: &str, alg: &str, alteration: Alteration| {
            altered(keys::find(&key.into()).unwrap(), alg, &alteration, b"a.b", 0)
        };
        for (key, alg, alteration) in [
            ("oct-256-a", "HS256", Alteration::Der),
            ("oct-256-a", "HS256", Alteration::PlusModulus),
            ("p256-a", "ES256", Alteration::PlusOrder),
            ("ed448-a", "EdDSA", Alteration::TopBit),
            ("p384-a", "ES384", Alteration::LeadingZero),
        ] {
            let error = altered(key, alg, alteration).unwrap_err();
            assert!(matches!(error, ForgeError::WrongKey { .. }), "{error}");
        }
    }
}
