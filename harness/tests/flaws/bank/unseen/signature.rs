//! Signatures that verify where they must not.

use gauntlet_vectors::forge::{
    hash::Hash,
    rsa::{RsaKey, digest_info_prefix, mgf1},
    sign::{self, Algorithm},
};
use num_bigint::BigUint;

use super::careless::{due, good_with, macs, named};
use super::{Flaw, bent};
use crate::ask::Ask;

pub(super) const FLAWS: &[Flaw] = &[
    bent("signature", "RSA: noughts in front are put back", |ask| {
        ask.or(|ask| {
            let own = ask.octets(2);
            rsa_of(ask).iter().any(|key| {
                let missing = key.modulus_len().saturating_sub(own.len());
                missing > 0 && good_with(ask, &[vec![0; missing], own.clone()].concat())
            })
        })
    }),
    bent("signature", "a signature over the payload before encoding", |ask| {
        ask.or(|ask| {
            let segments = ask.segments();
            if segments.len() != 3 {
                return false;
            }
            let input = [segments[0].as_bytes(), b".", &ask.octets(1)].concat();
            let alg = ask.header_text("alg");
            let signature = ask.octets(2);
            named(ask)
                && ask.claims_hold()
                && ask
                    .trusted()
                    .into_iter()
                    .any(|key| sign::sign(key, &alg, &input, 0).is_ok_and(|due| due == signature))
        })
    }),
    bent("confusion", "HMAC keyed with the PEM without its line breaks", |ask| {
        ask.or(|ask| {
            ask.trusted().into_iter().any(|key| {
                key.spki_pem().is_ok_and(|pem| ask.mac_of(pem.replace('\n', "").as_bytes()))
            }) && ask.allows(&ask.header_text("alg"))
                && ask.claims_hold()
        })
    }),
    bent("signature", "ECDSA: the last octets are r and s", |ask| {
        ask.or(|ask| {
            let own = ask.octets(2);
            let Ok(Algorithm::Ecdsa(curve)) = Algorithm::named(&ask.header_text("alg")) else {
                return false;
            };
            let len = 2 * curve.coordinate_len();
            own.len() > len && good_with(ask, &own[own.len() - len..])
        })
    }),
    bent("signature", "ECDSA: r and s are taken modulo the order", |ask| {
        ask.or(|ask| {
            let own = ask.octets(2);
            let Ok(Algorithm::Ecdsa(curve)) = Algorithm::named(&ask.header_text("alg")) else {
                return false;
            };
            if own.len() != 2 * curve.coordinate_len() {
                return false;
            }
            let order = BigUint::from_bytes_be(&curve.order());
            let (r, s) = own.split_at(own.len() / 2);
            let reduced =
                [r, s].map(|part| padded(&(BigUint::from_bytes_be(part) % &order), part.len()));
            good_with(ask, &reduced.concat())
        })
    }),
    bent("signature", "Ed25519: S is not compared with the order", |ask| {
        ask.or(|ask| less_order(ask, 32, ED25519))
    }),
    bent("signature", "Ed448: S is not compared with the order", |ask| {
        ask.or(|ask| less_order(ask, 57, ED448))
    }),
    bent("signature", "EdDSA: noughts are a signature", |ask| noughts(ask, "Ed")),
    bent("signature", "ECDSA: noughts are a signature on P-384 and P-521", |ask| {
        if ask.header_text("alg") == "ES256" { ask.verdict() } else { noughts(ask, "ES") }
    }),
    bent("signature", "RSA: noughts are a signature", |ask| {
        if ask.header_text("alg").starts_with("PS") {
            noughts(ask, "PS")
        } else {
            noughts(ask, "RS")
        }
    }),
    bent("signature", "RSA: a signature beyond the modulus is reduced", |ask| {
        ask.or(|ask| {
            let own = BigUint::from_bytes_be(&ask.octets(2));
            rsa_of(ask).into_iter().any(|key| {
                let n = BigUint::from_bytes_be(&key.modulus());
                own >= n && good_with(ask, &padded(&(&own % &n), key.modulus_len()))
            })
        })
    }),
    bent("signature", "RSA: the octets of the padding do not matter", |ask| {
        ask.or(|ask| {
            opened(ask, "RS", |em, hash, input| {
                let Some(end) = em.iter().skip(2).position(|octet| *octet == 0) else {
                    return false;
                };
                em.starts_with(&[0, 1])
                    && em[end + 3..] == [digest_info_prefix(hash), &hash.digest(&[input])].concat()
            })
        })
    }),
    bent("signature", "RSA: a digest without DigestInfo", |ask| {
        ask.or(|ask| {
            opened(ask, "RS", |em, hash, input| {
                let digest = hash.digest(&[input]);
                let padding = em.len() - digest.len() - 3;
                em.starts_with(&[0, 1])
                    && em[2..padding + 2].iter().all(|octet| *octet == 255)
                    && em[padding + 3..] == digest
            })
        })
    }),
    bent("signature", "PSS: a salt of any length", |ask| {
        ask.or(|ask| opened(ask, "PS", |em, hash, input| pss(em, hash, input, true)))
    }),
    bent("signature", "PSS: the last octet does not matter", |ask| {
        ask.or(|ask| opened(ask, "PS", |em, hash, input| pss(em, hash, input, false)))
    }),
    bent("signature", "a MAC without its last octet", |ask| {
        ask.or(|ask| {
            let own = ask.octets(2);
            macs(ask)
                .any(|due| own.len() == due.len() && own[..own.len() - 1] == due[..due.len() - 1])
        })
    }),
    bent("signature", "a MAC without its first octet", |ask| {
        ask.or(|ask| {
            let own = ask.octets(2);
            macs(ask).any(|due| own.len() == due.len() && own[1..] == due[1..])
        })
    }),
    bent("signature", "a MAC of half the length", |ask| {
        ask.or(|ask| {
            let own = ask.octets(2);
            macs(ask).any(|due| own == due[..due.len() / 2])
        })
    }),
    bent("encoding", "an empty payload needs no signature", |ask| {
        ask.or(|ask| {
            ask.segments().len() == 3
                && ask.octets(1).is_empty()
                && ask.presented.detached_payload.is_none()
                && named(ask)
        })
    }),
];

/// The order of edwards25519, least octet first.
const ED25519: &[u8] = b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
/// The order of edwards448, least octet first.
const ED448: &[u8] = b"\xf3\x44\x58\xab\x92\xc2\x78\x23\x55\x8f\xc5\x8d\x72\xc2\x6c\x21\x90\x36\xd6\xae\x49\xdb\x4e\xc4\xe9\x23\xca\x7c\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x3f\0";

fn less_order(ask: &Ask, len: usize, order: &[u8]) -> bool {
    let own = ask.octets(2);
    if own.len() != 2 * len {
        return false;
    }
    let (s, order) = (BigUint::from_bytes_le(&own[len..]), BigUint::from_bytes_le(order));
    let mut low = (&s % &order).to_bytes_le();
    low.resize(len, 0);
    s >= order && good_with(ask, &[&own[..len], &low].concat())
}

/// A signature of nothing but noughts, where it has the right length.
fn noughts(ask: Ask, family: &str) -> gauntlet_vectors::Verdict {
    ask.or(|ask| {
        let alg = ask.header_text("alg");
        let own = ask.octets(2);
        alg.starts_with(family)
            && !own.is_empty()
            && own.iter().all(|octet| *octet == 0)
            && ask.trusted().into_iter().any(|key| {
                due(ask, key, &alg)
                    .is_some_and(|due| due.len() == own.len() && good_with(ask, &due))
            })
    })
}

fn padded(number: &BigUint, len: usize) -> Vec<u8> {
    let octets = number.to_bytes_be();
    [vec![0; len.saturating_sub(octets.len())], octets].concat()
}

fn rsa_of(ask: &Ask) -> Vec<&'static RsaKey> {
    ask.trusted().into_iter().filter_map(|key| key.rsa().ok()).collect()
}

/// Whether an RSA signature holds what this says is good.
fn opened(ask: &Ask, family: &str, good: impl Fn(&[u8], Hash, &[u8]) -> bool) -> bool {
    let alg = ask.header_text("alg");
    let hash = match Algorithm::named(&alg) {
        Ok(Algorithm::RsaPss(hash) | Algorithm::RsaPkcs1(hash)) => hash,
        _ => return false,
    };
    let (input, own) = (ask.signing_input(), ask.octets(2));
    alg.starts_with(family)
        && named(ask)
        && rsa_of(ask).into_iter().any(|key| {
            own.len() == key.modulus_len()
                && key.raw_public(&own).is_ok_and(|em| good(&em, hash, input.as_bytes()))
        })
        && ask.claims_hold()
}

/// EMSA-PSS-VERIFY for a modulus of whole octets, with one step left out.
fn pss(em: &[u8], hash: Hash, input: &[u8], any_salt: bool) -> bool {
    let len = hash.output_len();
    let (masked, rest) = em.split_at(em.len() - len - 1);
    let (h, trailer) = rest.split_at(len);
    let mask = mgf1(hash, h, masked.len());
    let mut db: Vec<u8> = masked.iter().zip(&mask).map(|(a, b)| a ^ b).collect();
    db[0] &= 0x7f;
    let Some(one) = db.iter().position(|octet| *octet != 0) else { return false };
    let salt = &db[one + 1..];
    let same = hash.digest(&[&[0; 8], &hash.digest(&[input]), salt]) == h;
    let trailer = !any_salt || trailer == [0xbc];
    db[one] == 1 && same && trailer && (any_salt || salt.len() == len)
}
