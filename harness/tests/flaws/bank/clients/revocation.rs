//! Clients that go on with keys that are gone.

use std::time::Instant;

use super::{Flaw, client};
use crate::client::{
    habits::Whose,
    source::{keys_of, named},
};

const FAMILY: &str = "revocation";

pub(super) const FLAWS: &[Flaw] = &[
    client(FAMILY, "looks for a new set when a name is unknown, and never for its age", |habits| {
        habits.suffices =
            |memory, want, _| memory.held.as_ref().is_some_and(|held| held.has(want.kid));
    }),
    client(FAMILY, "ends a set when it was not used for so long", |habits| {
        habits.asked = |memory, want, bounds| {
            if let Some(held) = memory.held.as_mut().filter(|held| held.is_fresh(want.now)) {
                held.fresh_until = want.now + bounds.max_age;
            }
        };
    }),
    client(FAMILY, "adds the new keys to the old ones", |habits| {
        habits.keeps = |old, new| {
            let mut all = keys_of(&new).to_vec();
            all.extend(keys_of(&old).iter().cloned());
            serde_json::json!({ "keys": all })
        };
    }),
    client(FAMILY, "adds the new keys to the old ones where the names differ", |habits| {
        habits.keeps = |old, new| {
            let mut all = keys_of(&new).to_vec();
            for key in keys_of(&old) {
                if all.iter().all(|known| named(known) != named(key)) {
                    all.push(key.clone());
                }
            }
            serde_json::json!({ "keys": all })
        };
    }),
    client(FAMILY, "keeps what it found under a name for ever", |habits| {
        habits.whose = Whose::FirstByKid;
    }),
    client(FAMILY, "takes an empty set for a mistake", |habits| {
        habits.keeps = |old, new| if keys_of(&new).is_empty() { old } else { new };
    }),
    client(FAMILY, "takes a smaller set for a mistake", |habits| {
        habits.keeps = |old, new| if keys_of(&new).len() < keys_of(&old).len() { old } else { new };
    }),
    client(FAMILY, "refuses an empty set as none", |habits| {
        habits.reads = |reply| {
            let set = crate::client::habits::a_set_with_200(reply)?;
            if keys_of(&set).is_empty() { Err("no keys".to_owned()) } else { Ok(set) }
        };
    }),
    client(FAMILY, "serves a set once more while it fetches the next one behind", |habits| {
        habits.fetches_behind = true;
    }),
    client(FAMILY, "remembers every verdict for ever", |habits| habits.verdicts_last = i64::MAX),
    client(FAMILY, "remembers verdicts for an hour", |habits| habits.verdicts_last = 3_600),
    client(FAMILY, "ages its sets by the machine's clock though it is told the time", |habits| {
        habits.time = |_| {
            static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
            i64::try_from(START.get_or_init(Instant::now).elapsed().as_secs()).unwrap()
        };
    }),
    client(FAMILY, "keeps a set for twice as long as it may", |habits| {
        habits.fresh_for = |_, bounds, _| Ok(2 * bounds.max_age);
    }),
    client(FAMILY, "keeps a set for the longer one of freshness and an hour", |habits| {
        habits.fresh_for = |_, bounds, _| Ok(bounds.max_age.max(3_600));
    }),
    client(FAMILY, "serves a stale set for as long as fetches fail", |habits| {
        habits.serves_stale = |_, _, _, _| true;
    }),
];
