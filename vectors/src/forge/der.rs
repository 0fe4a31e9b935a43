//! As much of DER (X.690 §10) as public keys need, and PEM around it (RFC 7468).

use base64::{Engine, engine::general_purpose::STANDARD};

/// An object identifier in DER, tag and length included.
pub(super) type Oid = &'static [u8];

/// `rsaEncryption` (RFC 8017 Appendix A.1).
const RSA_ENCRYPTION: Oid = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// `id-ecPublicKey` (RFC 5480 §2.1.1).
const EC_PUBLIC_KEY: Oid = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// `secp256r1` (RFC 5480 §2.1.1.1).
pub(super) const SECP256R1: Oid = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// `secp384r1`.
pub(super) const SECP384R1: Oid = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
/// `secp521r1`.
pub(super) const SECP521R1: Oid = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];
/// `secp256k1` (SEC 2 §A.2).
pub(super) const SECP256K1: Oid = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a];
/// `id-X25519` (RFC 8410 §3).
pub(super) const X25519: Oid = &[0x06, 0x03, 0x2b, 0x65, 0x6e];
/// `id-Ed25519`.
pub(super) const ED25519: Oid = &[0x06, 0x03, 0x2b, 0x65, 0x70];
/// `id-Ed448`.
pub(super) const ED448: Oid = &[0x06, 0x03, 0x2b, 0x65, 0x71];

/// `ecdsa-with-SHA256`, `-SHA384`, `-SHA512` (RFC 5758 §3.2).
pub(super) const ECDSA_WITH_SHA256: Oid =
    &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
pub(super) const ECDSA_WITH_SHA384: Oid =
    &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
pub(super) const ECDSA_WITH_SHA512: Oid =
    &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
/// `sha256WithRSAEncryption` (RFC 4055 §5), with the NULL that belongs behind it.
pub(super) const SHA256_WITH_RSA: Oid =
    &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];
/// `id-at-commonName` (RFC 5280 Appendix A.1).
const COMMON_NAME: Oid = &[0x06, 0x03, 0x55, 0x04, 0x03];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
pub(super) const NULL: &[u8] = &[0x05, 0x00];
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
pub(super) const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0]`, explicit: the version of a certificate.
const VERSION: u8 = 0xa0;

/// The SubjectPublicKeyInfo of an RSA key (RFC 3279 §2.3.1), from numbers without leading zeros.
pub(super) fn rsa_spki(n: &[u8], e: &[u8]) -> Vec<u8> {
    spki(&[RSA_ENCRYPTION, NULL], &rsa_public_key(n, e))
}

/// The RSAPublicKey of PKCS#1 (RFC 8017 Appendix A.1.1), from numbers without leading zeros.
pub(super) fn rsa_public_key(n: &[u8], e: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[&unsigned(n), &unsigned(e)])
}

/// The SubjectPublicKeyInfo of an EC key (RFC 5480 §2), its point uncompressed.
pub(super) fn ec_spki(curve: Oid, x: &[u8], y: &[u8]) -> Vec<u8> {
    spki(&[EC_PUBLIC_KEY, curve], &[&[0x04], x, y].concat())
}

/// The SubjectPublicKeyInfo of an Edwards or Montgomery curve key (RFC 8410 §4).
pub(super) fn okp_spki(algorithm: Oid, x: &[u8]) -> Vec<u8> {
    spki(&[algorithm], x)
}

/// The ECDSA-Sig-Value (RFC 3279 §2.2.3) of a signature as JOSE has it.
pub(super) fn ecdsa_signature(jose: &[u8]) -> Vec<u8> {
    let (r, s) = jose.split_at(jose.len() / 2);
    let number = |half: &[u8]| {
        let zeros = half.iter().take_while(|octet| **octet == 0).count();
        unsigned(half.get(zeros..).unwrap_or_default())
    };
    element(SEQUENCE, &[&number(r), &number(s)])
}

/// The part of a self-signed certificate (RFC 5280 §4.1) that is signed: version 3, serial number 1,
/// valid from 2020 to the end of 2049, and no extensions.
pub(super) fn tbs_certificate(name: &str, signature_algorithm: Oid, spki: &[u8]) -> Vec<u8> {
    let common_name = [COMMON_NAME, &element(UTF8_STRING, &[name.as_bytes()])];
    let name = element(SEQUENCE, &[&element(SET, &[&element(SEQUENCE, &common_name)])]);
    // A year of two digits from 50 on would be of the last century.
    let validity =
        [element(UTC_TIME, &[b"200101000000Z"]), element(UTC_TIME, &[b"491231235959Z"])].concat();
    element(
        SEQUENCE,
        &[
            &element(VERSION, &[&unsigned(&[2])]),
            &unsigned(&[1]),
            &element(SEQUENCE, &[signature_algorithm]),
            &name,
            &element(SEQUENCE, &[&validity]),
            &name,
            spki,
        ],
    )
}

/// A certificate, from its signed part and the signature over it.
pub(super) fn certificate(tbs: &[u8], signature_algorithm: Oid, signature: &[u8]) -> Vec<u8> {
    let algorithm = element(SEQUENCE, &[signature_algorithm]);
    element(SEQUENCE, &[tbs, &algorithm, &element(BIT_STRING, &[&[0x00], signature])])
}

/// DER in PEM under this label: lines of 64 characters, LF, a final newline.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (index, character) in STANDARD.encode(der).chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push_str(&format!("\n-----END {label}-----\n"));
    pem
}

/// A SEQUENCE of two non-negative INTEGERs, as X.509 writes an ECDSA signature (RFC 3279 §2.2.3).
pub(super) fn two_integers(first: &[u8], second: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[&unsigned(first), &unsigned(second)])
}

fn spki(algorithm: &[&[u8]], key: &[u8]) -> Vec<u8> {
    let key = element(BIT_STRING, &[&[0x00], key]);
    element(SEQUENCE, &[&element(SEQUENCE, algorithm), &key])
}

/// A non-negative INTEGER; a zero octet keeps a set top bit from meaning a negative number.
fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    let sign: &[u8] = match magnitude.first() {
        Some(0x00..=0x7f) => &[],
        Some(0x80..=0xff) | None => &[0x00],
    };
    element(INTEGER, &[sign, magnitude])
}

pub(super) fn element(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let mut out = vec![tag];
    match u8::try_from(contents.len()) {
        Ok(short @ 0x00..=0x7f) => out.push(short),
        Ok(0x80..=0xff) | Err(_) => {
            let length = contents.len().to_be_bytes();
            let significant = length.iter().skip_while(|octet| **octet == 0);
            // At most eight octets of length: the sum cannot leave the octet.
            out.push(significant.clone().fold(0x80_u8, |count, _| count.saturating_add(1)));
            out.extend(significant);
        }
    }
    out.extend(contents);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_public_key_of_rfc_8410() {
        // RFC 8410 §10.1.
        let x = STANDARD.decode("Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=").unwrap();
        assert_eq!(
            pem("PUBLIC KEY", &okp_spki(ED25519, &x)),
            "-----BEGIN PUBLIC KEY-----\n\
             MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
             -----END PUBLIC KEY-----\n"
        );
    }

    #[test]
    fn breaks_pem_after_64_characters_and_never_leaves_an_empty_line() {
        for len in 0..200 {
            let pem = pem("PUBLIC KEY", &vec![0x5a; len]);
            let lines: Vec<_> = pem.lines().collect();
            let [_, body @ .., _] = lines.as_slice() else { panic!("{pem}") };
            assert_eq!(STANDARD.decode(body.concat()).unwrap().len(), len);
            if let [full @ .., last] = body {
                assert!(full.iter().all(|line| line.len() == 64), "{pem}");
                assert!((1..=64).contains(&last.len()) || len == 0, "{pem}");
            }
        }
    }

    #[test]
    fn writes_lengths_in_the_shortest_form() {
        for (len, head) in [
            (0, [0x04, 0x00].as_slice()),
            (127, &[0x04, 0x7f]),
            (128, &[0x04, 0x81, 0x80]),
            (255, &[0x04, 0x81, 0xff]),
            (256, &[0x04, 0x82, 0x01, 0x00]),
            (65_536, &[0x04, 0x83, 0x01, 0x00, 0x00]),
        ] {
            let written = element(0x04, &[&vec![0; len]]);
            assert!(written.starts_with(head), "{len}");
            assert_eq!(written.len(), head.len() + len);
        }
    }

    #[test]
    fn keeps_a_number_with_its_top_bit_set_positive() {
        assert_eq!(unsigned(&[0x7f]), [0x02, 0x01, 0x7f]);
        assert_eq!(unsigned(&[0x80]), [0x02, 0x02, 0x00, 0x80]);
        assert_eq!(unsigned(&[]), [0x02, 0x01, 0x00]);
    }

    #[test]
    fn heads_an_ec_key_by_its_curve() {
        for (curve, len, head) in [
            (
                SECP256R1,
                32,
                [
                    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
                    0x04,
                ]
                .as_slice(),
            ),
            (
                SECP521R1,
                66,
                &[
                    0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                    0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00, 0x04,
                ],
            ),
        ] {
            let spki = ec_spki(curve, &vec![0; len], &vec![0; len]);
            assert!(spki.starts_with(head));
            assert_eq!(spki.len(), head.len() + 2 * len);
        }
    }
}
