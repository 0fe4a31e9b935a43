//! Verifiers that conform and could not be more different.

use gauntlet_vectors::{Verdict, policy::Keys};
use jwks_gauntlet::{
    builtin::reference::{Check, Reference, Rules},
    verifier::Implementation,
};
use serde_json::Value;

use crate::{
    bank::{Bending, FREEDOMS},
    client::{
        Client, freshness,
        habits::{Habits, Validates, is_cool},
        wire::Url,
    },
};

type Make = fn() -> Box<dyn Implementation>;

pub(crate) const ALL: &[(&str, Make)] = &[
    ("whoever uses every freedom to accept", lenient),
    ("whoever uses every freedom to refuse", || Box::new(Reference::strict())),
    ("whoever sets limits to everything", || Box::new(Bending(frugal))),
    ("whoever asks for more than he has to", || Box::new(Bending(particular))),
    ("whoever passes over what means nothing", || Box::new(Bending(casual))),
];

/// Clients of key sets that conform, and do little else alike.
pub(crate) const CLIENTS: &[(&str, Make)] = &[
    ("the reference", || Box::new(Reference::strict())),
    ("the reference with every freedom to accept", lenient),
    ("the client without a flaw", || Box::new(Client::new(Habits::HONEST))),
    ("whoever serves nothing stale, and refuses then", || {
        Box::new(Client::new(Habits {
            serves_stale: |_, _, _, _| false,
            on_outage: "fail_closed",
            without_keys: |_, why| Verdict::reject(why),
            validates: Validates::Never,
            ..Habits::HONEST
        }))
    }),
    ("whoever fetches for the age of a set alone, and by a timer", || {
        Box::new(Client::new(Habits {
            suffices: |memory, want, _| {
                memory.held.as_ref().is_some_and(|held| held.is_fresh(want.now))
            },
            on_timer: true,
            ..Habits::HONEST
        }))
    }),
    ("whoever fetches ahead, and follows redirects within the origin", || {
        Box::new(Client::new(Habits {
            suffices: |memory, want, _| {
                memory.held.as_ref().is_some_and(|held| {
                    let age = held.fresh_until - held.fetched;
                    want.now < held.fetched + age * 4 / 5 && held.has(want.kid)
                })
            },
            follows: |from, to| {
                Url::parse(to).is_some_and(|to| {
                    to.authority == from.authority && to.is_secure == from.is_secure && to != *from
                })
            },
            ..Habits::HONEST
        }))
    }),
    ("whoever tries all keys for a name that none has, and decodes nothing", || {
        Box::new(Client::new(Habits {
            suffices: |memory, want, _| {
                memory.held.as_ref().is_some_and(|held| held.is_fresh(want.now))
            },
            rules: Rules::STRICT.without(Check::KidUnknown),
            on_outage: "",
            ..Habits::HONEST
        }))
    }),
    ("whoever looks once more for a name that a first set does not have", || {
        Box::new(Client::new(Habits {
            may_fetch: |memory, want, bounds| {
                is_cool(memory, want, bounds) || (memory.fetches == 1 && memory.failure.is_none())
            },
            ..Habits::HONEST
        }))
    }),
    ("whoever takes what he cannot read for stale", || {
        Box::new(Client::new(Habits {
            fresh_for: |reply, bounds, now| match freshness::max_age(reply) {
                Some(None) => Ok(bounds.cooldown),
                _ => freshness::honest(reply, bounds, now),
            },
            ..Habits::HONEST
        }))
    }),
];

/// Clients of which somebody could say that they conform, and the cases that say otherwise.
pub(crate) const DISPUTED: &[(&str, Make, &[&str])] = &[
    (
        "whoever goes by the operator's bounds alone",
        || {
            Box::new(Client::new(Habits {
                fresh_for: |_, bounds, _| Ok(bounds.max_age),
                validates: Validates::Never,
                ..Habits::HONEST
            }))
        },
        &[
            "freshness/age-counts",
            "freshness/expires-shorter",
            "freshness/max-age-before-expires",
            "freshness/max-age-shorter",
        ],
    ),
    (
        "whoever tries once more when a fetch fails",
        || Box::new(Client::new(Habits { tries: 2, ..Habits::HONEST })),
        &["fetching/cooldown-after-cut", "fetching/herd-on-a-dead-endpoint"],
    ),
    (
        "whoever reads metadata once",
        || Box::new(Client::new(Habits { keeps_metadata: true, ..Habits::HONEST })),
        &["discovery/moves"],
    ),
];

/// The reference without the checks that nobody has to make, and with the last of two members.
fn lenient() -> Box<dyn Implementation> {
    let rules = FREEDOMS.iter().fold(Rules::STRICT, |rules, check| rules.without(*check));
    Box::new(Reference::with_rules(rules.keeping_the_last()))
}

/// Limits on length, depth and counts are allowed everywhere (RFC 8259 §9).
fn frugal(ask: crate::ask::Ask) -> Verdict {
    let depth = |octets: &[u8]| {
        let mut depth = 0_i64;
        octets.iter().fold(0_i64, |most, octet| {
            depth += match octet {
                b'[' | b'{' => 1,
                b']' | b'}' => -1,
                _ => 0,
            };
            most.max(depth)
        })
    };
    let set_is_long = ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
        Keys::Jwks(text) => serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|set| set.get("keys").and_then(Value::as_array).map(Vec::len))
            .is_some_and(|keys| keys > 500),
        _ => false,
    });
    let too_much = ask.presented.token.len() > 16 * 1024
        || depth(&ask.octets(0)) > 32
        || depth(&ask.octets(1)) > 32
        || ask.header_text("kid").len() > 1024
        || ask.header().len() > 32
        || ask.claims().len() > 128
        || set_is_long;
    if too_much { Verdict::reject("out of bounds") } else { ask.verdict() }
}

/// No specification makes a verifier accept a token without these, old or from tomorrow, nor forbids it to demand them.
fn particular(ask: crate::ask::Ask) -> Verdict {
    let (header, claims, now) = (ask.header(), ask.claims(), ask.now.0);
    let an_issuer_has_no_keys = ask.policy.issuers.iter().any(
        |issuer| matches!(&issuer.keys, Keys::Jwks(text) if text.replace(' ', "").contains("\"keys\":[]")),
    );
    ask.and(|ask| {
        let several = ask.policy.issuers.iter().any(|issuer| match &issuer.keys {
            Keys::Jwks(text) => text.matches("\"kty\"").count() > 1,
            _ => false,
        });
        let is_old = claims
            .get("iat")
            .and_then(Value::as_f64)
            .is_some_and(|iat| iat < (now - 365 * 86_400) as f64 || iat > (now + 300) as f64);
        let has_own = |name: &str| claims.contains_key(name);
        !ask.is_jwt()
            || ((header.contains_key("kid") || !several)
                && has_own("exp")
                && !is_old
                && !an_issuer_has_no_keys)
    })
}

/// A null is no value, and what is no string in an `aud` names nobody.
fn casual(ask: crate::ask::Ask) -> Verdict {
    let claims = ask.claims();
    let null = |name: &str| claims.get(name).is_some_and(Value::is_null);
    let mut checks = Vec::new();
    for (name, check) in [("exp", Check::ExpType), ("nbf", Check::NbfType)] {
        if null(name) {
            checks.push(check);
        }
    }
    let names_us = match claims.get("aud") {
        Some(Value::Array(auds)) => auds.iter().any(|aud| {
            aud.as_str().is_some_and(|aud| ask.policy.audiences.iter().any(|ours| ours == aud))
        }),
        _ => false,
    };
    if names_us {
        checks.push(Check::AudType);
    }
    ask.without(&checks).verdict()
}
