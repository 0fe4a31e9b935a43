//! Clients that miss a new key.

use super::{Flaw, client};
use crate::client::{
    habits::empty,
    source::{keys_of, named},
};

const FAMILY: &str = "rotation";

pub(super) const FLAWS: &[Flaw] = &[
    client(FAMILY, "fetches once, at the start, and never again", |habits| {
        habits.may_fetch = |memory, _, _| memory.fetched.is_none();
    }),
    client(FAMILY, "fetches until it has a set, and never again", |habits| {
        habits.may_fetch = |memory, _, _| memory.held.is_none();
    }),
    client(FAMILY, "keeps the first set, whatever comes", |habits| habits.keeps = |old, _| old),
    client(FAMILY, "takes a set that it has already for an empty one", |habits| {
        habits.keeps = |old, new| if old == new { empty() } else { new };
    }),
    client(
        FAMILY,
        "takes new names out of a new set, and no new material under an old one",
        |habits| {
            habits.keeps = |old, new| {
                let mut keys = keys_of(&new).to_vec();
                for key in &mut keys {
                    let same = keys_of(&old).iter().find(|old| named(old) == named(key));
                    *key = same.unwrap_or(key).clone();
                }
                serde_json::json!({ "keys": keys })
            };
        },
    ),
    client(
        FAMILY,
        "keeps a set that came with an unknown name only once it has seen it twice",
        |habits| {
            habits.keeps = |old, new| {
                let is_known = keys_of(&new)
                    .iter()
                    .any(|key| keys_of(&old).iter().any(|old| named(old) == named(key)));
                if is_known { new } else { old }
            };
        },
    ),
    client(FAMILY, "fetches for every token but those of the first key", |habits| {
        habits.suffices = |memory, want, _| {
            memory.held.as_ref().is_some_and(|held| {
                let first = keys_of(&held.set).first();
                held.is_fresh(want.now) && first.and_then(named) == want.kid
            })
        };
        habits.may_fetch = |_, _, _| true;
    }),
    client(
        FAMILY,
        "counts the freshness of a set from the first fetch and not the last",
        |habits| {
            // The old end is moved on by the whole age, whatever was fetched meanwhile.
            habits.may_fetch = |memory, want, bounds| {
                memory.fetched.is_none_or(|fetched| want.now >= fetched + 4 * bounds.max_age)
            };
        },
    ),
];
