//! The signature.

use gauntlet_vectors::forge::{self, sign::Algorithm};
use serde_json::Value;

use super::careless::{due, good_with, macs, named, whole};
use super::{Flaw, bent};

pub(super) const FLAWS: &[Flaw] = &[
    bent("signature", "a MAC as far as it goes", |ask| {
        ask.or(|ask| {
            let own = ask.octets(2);
            macs(ask).any(|due| !own.is_empty() && due.starts_with(&own)) && ask.claims_hold()
        })
    }),
    bent("signature", "half a MAC", |ask| {
        ask.or(|ask| {
            let own = ask.octets(2);
            macs(ask).any(|due| own.get(..due.len() / 2) == due.get(..due.len() / 2))
                && ask.claims_hold()
        })
    }),
    bent("signature", "a MAC and whatever follows", |ask| {
        ask.or(|ask| {
            let own = ask.octets(2);
            macs(ask).any(|due| own.starts_with(&due)) && ask.claims_hold()
        })
    }),
    bent("signature", "MACs are compared as C strings", |ask| {
        ask.or(|ask| {
            let cut = |octets: &[u8]| {
                octets.split(|octet| *octet == 0).next().unwrap_or_default().to_vec()
            };
            let own = ask.octets(2);
            macs(ask).any(|due| due.len() == own.len() && cut(&due) == cut(&own))
                && ask.claims_hold()
        })
    }),
    bent("signature", "MACs are compared in any case", |ask| {
        ask.or(|ask| {
            let own = ask.segments().get(2).cloned().unwrap_or_default();
            macs(ask).any(|due| forge::base64url(&due).eq_ignore_ascii_case(&own))
                && ask.claims_hold()
        })
    }),
    bent("signature", "the sum of a MAC's octets", |ask| {
        ask.or(|ask| {
            let sum = |octets: &[u8]| octets.iter().fold(0_u8, |sum, octet| sum ^ octet);
            let own = ask.octets(2);
            macs(ask).any(|due| due.len() == own.len() && sum(&due) == sum(&own))
                && ask.claims_hold()
        })
    }),
    bent("signature", "the first octets of r and s, whatever follows", |ask| {
        ask.or(|ask| {
            let (own, alg) = (ask.octets(2), ask.header_text("alg"));
            alg.starts_with("ES")
                && ask
                    .trusted()
                    .into_iter()
                    .filter_map(|key| due(ask, key, &alg))
                    .any(|due| own.starts_with(&due) && good_with(ask, &due))
        })
    }),
    bent("signature", "an error of the library is no refusal: the wrong length", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            let own = ask.octets(2);
            named(ask)
                && !own.is_empty()
                && ask
                    .trusted()
                    .into_iter()
                    .any(|key| due(ask, key, &alg).is_some_and(|due| due.len() != own.len()))
                && whole(ask)
        })
    }),
    bent("encoding", "an error of the library is no refusal: no base64", |ask| {
        ask.or(|ask| {
            let own = ask.segments().get(2).cloned().unwrap_or_default();
            named(ask) && forge::from_base64url(&own).is_none() && whole(ask)
        })
    }),
    bent("static-keys", "an error of the library is no refusal: a key that does not fit", |ask| {
        ask.or(|ask| {
            let alg = ask.header_text("alg");
            named(ask)
                && Algorithm::named(&alg).is_ok()
                && ask.trusted().into_iter().all(|key| due(ask, key, &alg).is_none())
                && whole(ask)
        })
    }),
    bent("interop", "what was signed is made anew from what was read", |ask| {
        ask.and(|ask| {
            [0, 1].into_iter().all(|at| {
                let octets = ask.octets(at);
                serde_json::from_slice::<Value>(&octets)
                    .is_ok_and(|value| value.to_string().as_bytes() == octets)
            })
        })
    }),
    bent("signature", "the header is made anew in the order of the alphabet", |ask| {
        ask.and(|ask| {
            let header = ask.header();
            let names: Vec<_> = header.keys().collect();
            names.is_sorted()
        })
    }),
];
