//! Clients of several issuers that mix them up.

use super::{
    Flaw, client,
    fetching::{few_strangers, notes_strangers},
};
use crate::client::{habits::Whose, wire::Url};

const FAMILY: &str = "served-issuers";

pub(super) const FLAWS: &[Flaw] = &[
    client(FAMILY, "looks for keys in the sets of all issuers", |habits| habits.whose = Whose::All),
    client(FAMILY, "looks for a key at the other issuer when it has no set of its own", |habits| {
        habits.whose = Whose::OwnOrAny;
    }),
    client(
        FAMILY,
        "looks for a key at the other issuer when its own has none of that name",
        |habits| {
            habits.whose = Whose::OwnOrByKid;
        },
    ),
    client(FAMILY, "keeps keys of all issuers under their names", |habits| {
        habits.whose = Whose::FirstByKid;
    }),
    client(FAMILY, "fetches the sets of all issuers for a token of one", |habits| {
        habits.whose = Whose::OwnOfAll;
    }),
    client(FAMILY, "keeps one set for each host", |habits| {
        habits.shared_as = Some(|address| {
            Url::parse(address).map_or_else(String::new, |url| url.host().to_owned())
        });
    }),
    client(FAMILY, "fetches the sets of all issuers for a name that one does not have", |habits| {
        habits.whose = Whose::OwnOrAsksAll;
    }),
    client(FAMILY, "has one cooldown and one failure for all issuers", |habits| {
        habits.share = |memories| {
            let fetched = memories.iter().filter_map(|memory| memory.fetched).max();
            let failure = memories.iter().find_map(|memory| memory.failure.clone());
            for memory in memories {
                memory.fetched = memory.fetched.max(fetched);
                memory.failure = memory.failure.take().or_else(|| failure.clone());
            }
        };
    }),
    client(FAMILY, "fetches ten times for unknown names of all issuers, and no more", |habits| {
        habits.asked = notes_strangers;
        habits.may_fetch = few_strangers;
        habits.share = |memories| {
            let all: Vec<_> = memories.iter().flat_map(|memory| memory.strangers.clone()).collect();
            for memory in memories {
                memory.strangers.extend(all.iter().cloned());
            }
        };
    }),
    client(FAMILY, "fetches from no address with a query", |habits| {
        habits.wire.wants_no_query = true
    }),
    client(FAMILY, "accepts what it cannot verify, of an issuer that it trusts", |habits| {
        habits.without_keys = |ask, why| {
            if ask.claims_hold() { ask.believe() } else { gauntlet_vectors::Verdict::reject(why) }
        };
    }),
];
