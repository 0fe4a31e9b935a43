//! Clients that misread how long a response may be used.

use super::{Flaw, client};
use crate::client::{
    freshness::{date, directives, expires, honest, max_age, said},
    habits::{Validates, a_set_with_200, empty, is_cool},
};

const FAMILY: &str = "freshness";

pub(super) const FLAWS: &[Flaw] = &[
    client(FAMILY, "believes the response more than the operator", |habits| {
        habits.fresh_for =
            |reply, bounds, _| Ok(said(reply).unwrap_or(bounds.max_age).max(bounds.cooldown));
    }),
    client(FAMILY, "believes an Expires more than the operator", |habits| {
        habits.fresh_for =
            |reply, bounds, _| Ok(expires(reply).unwrap_or(bounds.max_age).max(bounds.cooldown));
    }),
    client(FAMILY, "serves for as long as the response lets it be revalidated", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            let all = directives(reply);
            let more = all.iter().find(|(name, _)| name == "stale-while-revalidate");
            let more: i64 = more.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
            Ok(honest(reply, bounds, now)? + more)
        };
    }),
    client(FAMILY, "reads max-age into 32 bits, and takes what overflows for no end", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            let all = directives(reply);
            let overflows = all.iter().any(|(name, value)| {
                name == "max-age" && value.len() > 9 && value.bytes().all(|c| c.is_ascii_digit())
            });
            if overflows { Ok(i64::MAX / 4) } else { honest(reply, bounds, now) }
        };
    }),
    client(FAMILY, "dies of a max-age that does not fit", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            for (name, value) in directives(reply) {
                if name == "max-age" && value.len() > 18 {
                    panic!("flawed: it does not fit");
                }
            }
            honest(reply, bounds, now)
        };
    }),
    client(FAMILY, "passes over all that the response says", |habits| {
        habits.fresh_for = |_, bounds, _| Ok(bounds.max_age);
    }),
    client(FAMILY, "passes over Expires", |habits| {
        habits.fresh_for = |reply, bounds, now| match max_age(reply) {
            Some(_) => honest(reply, bounds, now),
            None => Ok(bounds.max_age),
        };
    }),
    client(FAMILY, "passes over Age", |habits| {
        habits.fresh_for = |reply, bounds, now| match max_age(reply) {
            Some(says) => Ok(says.unwrap_or(0).min(bounds.max_age).max(bounds.cooldown)),
            None => honest(reply, bounds, now),
        };
    }),
    client(FAMILY, "prefers Expires to max-age", |habits| {
        habits.fresh_for = |reply, bounds, now| match expires(reply) {
            Some(says) if says > 0 => Ok(says.min(bounds.max_age).max(bounds.cooldown)),
            _ => honest(reply, bounds, now),
        };
    }),
    client(FAMILY, "fetches for each token when the response is stale as it comes", |habits| {
        habits.fresh_for =
            |reply, bounds, _| Ok(said(reply).unwrap_or(bounds.max_age).min(bounds.max_age));
        habits.may_fetch = |memory, want, bounds| {
            is_cool(memory, want, bounds)
                || memory.held.as_ref().is_some_and(|held| !held.is_fresh(want.now))
        };
    }),
    client(FAMILY, "uses what must not be stored once, and then has nothing", |habits| {
        habits.asked = |memory, want, _| {
            if memory.held.as_ref().is_some_and(|held| held.fetched == held.fresh_until)
                && want.kid.is_some()
            {
                memory.held = None;
            }
        };
        habits.fresh_for = |reply, bounds, now| {
            let is_stored = directives(reply).iter().all(|(name, _)| name != "no-store");
            if is_stored { honest(reply, bounds, now) } else { Ok(0) }
        };
    }),
    client(FAMILY, "refuses a set with a Cache-Control that it cannot read", |habits| {
        habits.fresh_for = |reply, bounds, now| match max_age(reply) {
            Some(None) => Err("no number".to_owned()),
            _ => honest(reply, bounds, now),
        };
    }),
    client(FAMILY, "refuses a set with dates that it cannot read", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            for field in ["expires", "date"] {
                if reply.field(field).is_some_and(|value| date(value).is_none()) {
                    return Err("no date".to_owned());
                }
            }
            honest(reply, bounds, now)
        };
    }),
    client(FAMILY, "dies of an Age that is no number", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            if reply.field("age").is_some_and(|age| age.parse::<u64>().is_err()) {
                panic!("flawed: no number");
            }
            honest(reply, bounds, now)
        };
    }),
    client(FAMILY, "takes a max-age that it cannot read for no end", |habits| {
        habits.fresh_for = |reply, bounds, now| match max_age(reply) {
            Some(None) => Ok(i64::MAX / 4),
            _ => honest(reply, bounds, now),
        };
    }),
    client(FAMILY, "takes a negative max-age for a large one", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            let all = directives(reply);
            let is_negative =
                all.iter().any(|(name, value)| name == "max-age" && value.starts_with('-'));
            if is_negative { Ok(i64::MAX / 4) } else { honest(reply, bounds, now) }
        };
    }),
    client(FAMILY, "takes an Expires that it cannot read for no end", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            let word = reply.field("expires").filter(|value| date(value).is_none());
            if word.is_some() { Ok(i64::MAX / 4) } else { honest(reply, bounds, now) }
        };
    }),
    client(FAMILY, "subtracts a negative Age, beyond the operator's bound", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            let age: i64 = reply.field("age").and_then(|age| age.parse().ok()).unwrap_or(0);
            if age < 0 { Ok(bounds.max_age - age) } else { honest(reply, bounds, now) }
        };
    }),
    client(FAMILY, "adds up two values of max-age", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            let all = directives(reply);
            let all: Vec<i64> = all
                .iter()
                .filter(|(name, _)| name == "max-age")
                .filter_map(|(_, value)| value.parse().ok())
                .collect();
            if all.len() > 1 { Ok(all.iter().sum()) } else { honest(reply, bounds, now) }
        };
    }),
    client(FAMILY, "refuses a field that is longer than a kilobyte", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            if reply.fields.iter().any(|(_, value)| value.len() > 1024) {
                return Err("a long field".to_owned());
            }
            honest(reply, bounds, now)
        };
    }),
    client(FAMILY, "dies of an empty directive", |habits| {
        habits.fresh_for = |reply, bounds, now| {
            if directives(reply).iter().any(|(name, _)| name.is_empty()) {
                panic!("flawed: an empty directive");
            }
            honest(reply, bounds, now)
        };
    }),
    client(FAMILY, "takes a 304 for an empty set", |habits| {
        habits.validates = Validates::Misread;
        habits.reads =
            |reply| if reply.status == 304 { Ok(empty()) } else { a_set_with_200(reply) };
        habits.validates = Validates::Misread;
    }),
    client(FAMILY, "drops its set for a 304", |habits| {
        habits.validates = Validates::Misread;
        habits.failed = |memory| memory.held = None;
    }),
    client(FAMILY, "takes a 304 for a failure", |habits| habits.validates = Validates::Misread),
    client(FAMILY, "takes the new tag and keeps the old set", |habits| {
        habits.keeps = |old, _| old;
    }),
];
