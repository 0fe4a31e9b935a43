//! As much DER as it takes to find a public key: SubjectPublicKeyInfo, PKCS#1 and certificates.
//!
//! A certificate is nothing but a wrapping here: neither its signature nor its dates nor its purpose
//! are looked at, because trust comes from the configuration that names it.

use super::{
    algorithms::Curve,
    checks::{Check, Refused},
    key::Material,
};

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// `[0]`, the version of a certificate.
const VERSION: u8 = 0xa0;

const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const ED448: &[u8] = &[0x2b, 0x65, 0x71];
const NAMED_CURVES: &[(&[u8], Curve)] = &[
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], Curve::P256),
    (&[0x2b, 0x81, 0x04, 0x00, 0x22], Curve::P384),
    (&[0x2b, 0x81, 0x04, 0x00, 0x23], Curve::P521),
    (&[0x2b, 0x81, 0x04, 0x00, 0x0a], Curve::Secp256k1),
];

/// The key in a SubjectPublicKeyInfo (RFC 5280 §4.1).
///
/// # Errors
/// [`Refused`], when the octets are no such thing, or its algorithm is unknown.
pub(super) fn public_key_info(der: &[u8]) -> Result<Material, Refused> {
    let mut whole = Reader(der);
    let material = subject_public_key(whole.expect(SEQUENCE)?)?;
    whole.end()?;
    Ok(material)
}

/// The key in a PKCS#1 RSAPublicKey (RFC 8017 Appendix A.1.1).
///
/// # Errors
/// [`Refused`], when the octets are no such thing.
pub(super) fn rsa_public_key(der: &[u8]) -> Result<Material, Refused> {
    let mut whole = Reader(der);
    let mut numbers = Reader(whole.expect(SEQUENCE)?);
    let n = numbers.positive()?;
    let e = numbers.positive()?;
    numbers.end()?;
    whole.end()?;
    Ok(Material::Rsa { n, e })
}

/// The key in an X.509 certificate (RFC 5280 §4.1).
///
/// # Errors
/// [`Refused`], when the octets are no such thing, or its key's algorithm is unknown.
pub(super) fn certificate(der: &[u8]) -> Result<Material, Refused> {
    let mut whole = Reader(der);
    let mut signed = Reader(whole.expect(SEQUENCE)?);
    whole.end()?;
    let mut certificate = Reader(signed.expect(SEQUENCE)?);
    if certificate.is_next(VERSION) {
        certificate.expect(VERSION)?;
    }
    certificate.expect(INTEGER)?;
    // The signature's algorithm, the issuer, the validity and the subject.
    for _ in 0..4 {
        certificate.expect(SEQUENCE)?;
    }
    subject_public_key(certificate.expect(SEQUENCE)?)
}

fn subject_public_key(info: &[u8]) -> Result<Material, Refused> {
    let mut info = Reader(info);
    let mut algorithm = Reader(info.expect(SEQUENCE)?);
    let bits = info.expect(BIT_STRING)?;
    info.end()?;
    let Some((0, key)) = bits.split_first() else {
        return Err(shape("a key that is no whole number of octets"));
    };
    match algorithm.expect(OBJECT_IDENTIFIER)? {
        RSA_ENCRYPTION => {
            algorithm.expect(NULL)?;
            algorithm.end()?;
            rsa_public_key(key)
        }
        EC_PUBLIC_KEY => {
            let name = algorithm.expect(OBJECT_IDENTIFIER)?;
            algorithm.end()?;
            let curve = NAMED_CURVES
                .iter()
                .find(|(oid, _)| *oid == name)
                .map(|(_, curve)| *curve)
                .ok_or_else(|| Refused::by(Check::DerAlgorithm, "an unknown curve"))?;
            ec_point(curve, key)
        }
        ED25519 => algorithm.end().map(|()| okp(Curve::Ed25519, key)),
        ED448 => algorithm.end().map(|()| okp(Curve::Ed448, key)),
        _ => Err(Refused::by(Check::DerAlgorithm, "an algorithm that does not verify here")),
    }
}

/// An uncompressed point of this curve; whether it is on the curve is told when it is prepared.
pub(super) fn ec_point(curve: Curve, point: &[u8]) -> Result<Material, Refused> {
    if point.first() == Some(&4) && point.len() == 1 + 2 * curve.octets() {
        Ok(Material::Ec { curve, point: point.to_vec() })
    } else {
        Err(Refused::by(Check::EcPoint, format!("no uncompressed point of {curve}")))
    }
}

fn okp(curve: Curve, key: &[u8]) -> Material {
    Material::Okp { curve, key: key.to_vec() }
}

fn shape(detail: &'static str) -> Refused {
    Refused::by(Check::DerShape, detail)
}

/// Reads elements one behind the other.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn is_next(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// The contents of the next element, which has to have this tag.
    fn expect(&mut self, tag: u8) -> Result<&'a [u8], Refused> {
        let Some((found, rest)) = self.0.split_first() else {
            return Err(shape("an element is missing"));
        };
        if *found != tag {
            return Err(shape("an element of another type"));
        }
        let (length, rest) = length(rest).ok_or_else(|| shape("a length that is not DER"))?;
        let (contents, rest) =
            rest.split_at_checked(length).ok_or_else(|| shape("an element that is cut short"))?;
        self.0 = rest;
        Ok(contents)
    }

    /// A positive INTEGER, big-endian, without the zero octet of its sign.
    fn positive(&mut self) -> Result<Vec<u8>, Refused> {
        match self.expect(INTEGER)? {
            [0, next, rest @ ..] if *next >= 0x80 => {
                Ok(std::iter::once(*next).chain(rest.iter().copied()).collect())
            }
            number @ [1..=0x7f, ..] => Ok(number.to_vec()),
            _ => Err(shape("a number that is not positive or not DER")),
        }
    }

    fn end(&self) -> Result<(), Refused> {
        if self.0.is_empty() { Ok(()) } else { Err(shape("something stands behind the end")) }
    }
}

/// A definite length in its only DER spelling, of up to three octets more.
fn length(octets: &[u8]) -> Option<(usize, &[u8])> {
    match octets {
        [short @ 0..=0x7f, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, one @ 0x80..=0xff, rest @ ..] => Some((usize::from(*one), rest)),
        [0x82, high @ 1..=0xff, low, rest @ ..] => {
            Some((usize::from(u16::from_be_bytes([*high, *low])), rest))
        }
        [0x83, high @ 1..=0xff, middle, low, rest @ ..] => {
            let length = u32::from_be_bytes([0, *high, *middle, *low]);
            Some((usize::try_from(length).ok()?, rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_one_spelling() {
        assert_eq!(length(&[0x05]), Some((5, &[][..])));
        assert_eq!(length(&[0x81, 0x80]), Some((128, &[][..])));
        assert_eq!(length(&[0x82, 0x01, 0x00]), Some((256, &[][..])));
        assert_eq!(length(&[0x83, 0x01, 0x00, 0x00]), Some((65_536, &[][..])));
        for wrong in [
            &[0x80][..],
            &[0x81, 0x7f],
            &[0x82, 0x00, 0x80],
            &[0x83, 0x00, 0x01, 0x00],
            &[0x84],
            &[],
        ] {
            assert_eq!(length(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn refuses_negative_and_padded_numbers() {
        for wrong in [&[0x30, 6, 2, 1, 0x80, 2, 1, 3][..], &[0x30, 7, 2, 2, 0, 0x7f, 2, 1, 3]] {
            assert_eq!(rsa_public_key(wrong).unwrap_err().check, Check::DerShape);
        }
        assert_eq!(
            rsa_public_key(&[0x30, 7, 2, 2, 0, 0x81, 2, 1, 3]).unwrap(),
            Material::Rsa { n: vec![0x81], e: vec![3] }
        );
    }
}
