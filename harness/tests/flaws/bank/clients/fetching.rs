//! Clients that ask too often, or stop asking.

use super::{Flaw, client};
use crate::client::{
    habits::{Flight, Want, is_cool},
    source::{Bounds, Memory},
};

const FAMILY: &str = "fetching";

/// Notes who was asked for in vain.
pub(super) fn notes_strangers(memory: &mut Memory, want: &Want<'_>, _: &Bounds) {
    let is_known = memory.held.as_ref().is_some_and(|held| held.has(want.kid));
    if let Some(kid) = want.kid.filter(|_| !is_known) {
        memory.strangers.entry(kid.to_owned()).or_insert(want.now);
    }
}

/// No more than ten unknown names were asked for.
pub(super) fn few_strangers(memory: &Memory, want: &Want<'_>, bounds: &Bounds) -> bool {
    memory.strangers.len() <= 10 && is_cool(memory, want, bounds)
}

pub(super) const FLAWS: &[Flaw] = &[
    client(FAMILY, "fetches for every token", |habits| {
        habits.suffices = |_, _, _| false;
        habits.may_fetch = |_, _, _| true;
    }),
    client(FAMILY, "fetches for every unknown name", |habits| {
        habits.may_fetch = |memory, want, bounds| {
            let is_unknown = memory.held.as_ref().is_some_and(|held| !held.has(want.kid));
            is_unknown || is_cool(memory, want, bounds)
        };
    }),
    client(FAMILY, "counts the cooldown for each name", |habits| {
        habits.asked = notes_strangers;
        habits.may_fetch = |memory, want, bounds| {
            let asked = want.kid.and_then(|kid| memory.strangers.get(kid));
            is_cool(memory, want, bounds) || asked == Some(&want.now)
        };
    }),
    client(FAMILY, "fetches for every token when the last fetch failed", |habits| {
        habits.may_fetch =
            |memory, want, bounds| memory.failure.is_some() || is_cool(memory, want, bounds);
    }),
    client(FAMILY, "fetches for every token when it has no set", |habits| {
        habits.may_fetch =
            |memory, want, bounds| memory.held.is_none() || is_cool(memory, want, bounds);
    }),
    client(
        FAMILY,
        "fetches for every token when its set is stale and cannot be fetched",
        |habits| {
            habits.may_fetch = |memory, want, bounds| {
                memory.held.as_ref().is_some_and(|held| !held.is_fresh(want.now))
                    || is_cool(memory, want, bounds)
            };
        },
    ),
    client(FAMILY, "fetches for every bad signature", |habits| {
        habits.refetches_for_signatures = true;
        habits.may_fetch = |memory, want, bounds| want.again || is_cool(memory, want, bounds);
    }),
    client(FAMILY, "fetches for every bad signature under no name of a key", |habits| {
        habits.refetches_for_signatures = true;
        habits.may_fetch = |memory, want, bounds| {
            (want.again && want.kid.is_none()) || (!want.again && is_cool(memory, want, bounds))
        };
    }),
    client(FAMILY, "fetches for every token of an issuer that nobody trusts", |habits| {
        habits.fetches_for_strangers = true;
        habits.may_fetch = |memory, want, bounds| want.stranger || is_cool(memory, want, bounds);
    }),
    client(FAMILY, "has a cooldown of one second, whatever the operator says", |habits| {
        habits.may_fetch =
            |memory, want, _| memory.fetched.is_none_or(|fetched| want.now > fetched);
    }),
    client(FAMILY, "begins the cooldown anew with every question", |habits| {
        habits.may_fetch = |memory, want, bounds| {
            memory.asked_before.is_none_or(|asked| want.now >= asked + bounds.cooldown)
        };
    }),
    client(FAMILY, "fetches ten times for unknown names, and no more", |habits| {
        habits.asked = notes_strangers;
        habits.may_fetch = few_strangers;
    }),
    client(FAMILY, "fetches no more for a name that was unknown once", |habits| {
        habits.asked = notes_strangers;
        habits.may_fetch = |memory, want, bounds| {
            let first = want.kid.and_then(|kid| memory.strangers.get(kid));
            is_cool(memory, want, bounds) && first.is_none_or(|first| *first == want.now)
        };
    }),
    client(FAMILY, "throws its set away when a hundred names were asked for", |habits| {
        habits.asked = |memory, want, bounds| {
            notes_strangers(memory, want, bounds);
            if memory.strangers.len() > 100 {
                memory.strangers.clear();
                memory.held = None;
            }
        };
    }),
    client(FAMILY, "throws its set away for a name that is not in it", |habits| {
        habits.asked = |memory, want, _| {
            if memory.held.as_ref().is_some_and(|held| !held.has(want.kid)) {
                memory.held = None;
            }
        };
    }),
    client(FAMILY, "lets everybody fetch who finds no set that will do", |habits| {
        habits.flight = Flight::Each;
    }),
    client(FAMILY, "lets everybody fetch when its set is stale", |habits| {
        habits.flight = Flight::EachWhenStale;
    }),
    client(FAMILY, "lets everybody fetch, one after the other", |habits| {
        habits.flight = Flight::EachInTurn;
    }),
    client(FAMILY, "refuses whoever comes while it fetches", |habits| {
        habits.flight = Flight::OthersRefused;
    }),
    client(FAMILY, "tries three times at once for each fetch", |habits| habits.tries = 3),
    client(FAMILY, "fetches again when an unknown name is still unknown", |habits| {
        habits.refetches_for_signatures = true;
        habits.may_fetch = |memory, want, bounds| {
            let is_unknown = memory.held.as_ref().is_some_and(|held| !held.has(want.kid));
            (want.again && is_unknown) || is_cool(memory, want, bounds)
        };
    }),
];
