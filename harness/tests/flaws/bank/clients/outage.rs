//! Clients that make too much, or too little, of an endpoint that fails.

use gauntlet_vectors::Verdict;
use serde_json::Value;

use super::{Flaw, client};
use crate::client::{
    habits::{Validates, a_set, a_set_with_200, empty, is_cool},
    source::Held,
};

const FAMILY: &str = "outage";

pub(super) const FLAWS: &[Flaw] = &[
    // What is let in without keys.
    client(FAMILY, "accepts what it cannot verify, if the claims are right", |habits| {
        habits.without_keys = |ask, why| {
            if ask.claims_hold() { ask.believe() } else { Verdict::reject(why) }
        };
    }),
    client(FAMILY, "accepts what it cannot verify, if it names a key", |habits| {
        habits.without_keys = |ask, why| {
            let names = !ask.header_text("kid").is_empty() && ask.claims_hold();
            if names { ask.believe() } else { Verdict::reject(why) }
        };
    }),
    // What comes with a status.
    client(FAMILY, "takes a set with any status", |habits| habits.reads = a_set),
    client(FAMILY, "takes a set with any status but those of a server's error", |habits| {
        habits.reads = |reply| if reply.status < 500 { a_set(reply) } else { Err(String::new()) };
    }),
    client(FAMILY, "takes a 404 for an empty set", |habits| {
        habits.reads =
            |reply| if reply.status == 404 { Ok(empty()) } else { a_set_with_200(reply) };
    }),
    client(FAMILY, "takes any failure of a client or server for an empty set", |habits| {
        habits.reads =
            |reply| if reply.status >= 400 { Ok(empty()) } else { a_set_with_200(reply) };
    }),
    client(FAMILY, "believes a 304 that it did not ask for", |habits| {
        habits.validates = Validates::Believes304;
        habits.reads =
            |reply| if reply.status == 304 { Ok(empty()) } else { a_set_with_200(reply) };
    }),
    client(FAMILY, "takes a 304 that it did not ask for for an empty set", |habits| {
        habits.validates = Validates::Never;
        habits.reads =
            |reply| if reply.status == 304 { Ok(empty()) } else { a_set_with_200(reply) };
    }),
    client(FAMILY, "dies of a 304 that it did not ask for", |habits| {
        habits.validates = Validates::Never;
        habits.reads = |reply| {
            assert_ne!(reply.status, 304, "flawed: there is nothing to keep");
            a_set_with_200(reply)
        };
    }),
    // What is no set.
    client(FAMILY, "takes nothing for an empty set", |habits| {
        habits.reads =
            |reply| if reply.body.is_empty() { Ok(empty()) } else { a_set_with_200(reply) };
    }),
    client(FAMILY, "takes an object without keys for an empty set", |habits| {
        habits.reads = |reply| match serde_json::from_slice(&reply.body) {
            Ok(Value::Object(object)) if !object.contains_key("keys") => Ok(empty()),
            _ => a_set_with_200(reply),
        };
    }),
    client(FAMILY, "takes null keys for none", |habits| {
        habits.reads = |reply| match serde_json::from_slice(&reply.body) {
            Ok(Value::Object(object)) if object.get("keys") == Some(&Value::Null) => Ok(empty()),
            _ => a_set_with_200(reply),
        };
    }),
    client(FAMILY, "takes an object of keys for a list", |habits| {
        habits.reads = |reply| match serde_json::from_slice(&reply.body) {
            Ok(Value::Object(object)) if object.get("keys").is_some_and(Value::is_object) => {
                Ok(empty())
            }
            _ => a_set_with_200(reply),
        };
    }),
    client(FAMILY, "takes a list for a set", |habits| {
        habits.reads = |reply| match serde_json::from_slice(&reply.body) {
            Ok(Value::Array(keys)) => Ok(serde_json::json!({ "keys": keys })),
            _ => a_set_with_200(reply),
        };
    }),
    client(FAMILY, "takes null for an empty set", |habits| {
        habits.reads = |reply| {
            if reply.body == b"null" { Ok(empty()) } else { a_set_with_200(reply) }
        };
    }),
    client(FAMILY, "takes whatever cannot be read for an empty set", |habits| {
        habits.reads = |reply| Ok(a_set_with_200(reply).unwrap_or_else(|_| empty()));
    }),
    client(FAMILY, "dies of what is no JSON", |habits| {
        habits.reads = |reply| {
            let is_json = serde_json::from_slice::<Value>(&reply.body).is_ok();
            assert!(is_json || reply.status != 200, "flawed: this is no JSON");
            a_set_with_200(reply)
        };
    }),
    client(FAMILY, "dies of what is no text", |habits| {
        habits.reads = |reply| {
            assert!(std::str::from_utf8(&reply.body).is_ok(), "flawed: this is no text");
            a_set_with_200(reply)
        };
    }),
    client(FAMILY, "reads a body as far as it came", |habits| habits.wire.takes_parts = true),
    // What becomes of the set that it has.
    client(FAMILY, "throws its set away when a fetch fails", |habits| {
        habits.failed = |memory| memory.held = None;
    }),
    client(FAMILY, "throws its set away before it fetches", |habits| {
        habits.asked = |memory, want, bounds| {
            let will_do = memory.held.as_ref().is_some_and(|held| held.has(want.kid));
            if !will_do && is_cool(memory, want, bounds) {
                memory.held = None;
            }
        };
    }),
    client(FAMILY, "puts an end to its set when a fetch fails", |habits| {
        habits.failed = |memory| {
            let fetched = memory.fetched.unwrap_or_default();
            if let Some(held) = &mut memory.held {
                held.fresh_until = held.fresh_until.min(fetched - 600);
            }
        };
    }),
    client(FAMILY, "serves a stale set for ever once it has failed ten times", |habits| {
        habits.serves_stale = |held, memory, bounds, now| {
            now < held.fresh_until + bounds.max_stale || memory.failures > 2
        };
    }),
    client(FAMILY, "counts staleness from the failure that it saw first", |habits| {
        habits.serves_stale = |held, memory, bounds, now| {
            memory.failing_since.unwrap_or(held.fresh_until).max(held.fresh_until)
                + bounds.max_stale
                > now
        };
    }),
    client(FAMILY, "counts staleness from the failure that it saw last", |habits| {
        habits.serves_stale =
            |_, memory, bounds, now| memory.fetched.unwrap_or_default() + bounds.max_stale > now;
    }),
    client(FAMILY, "counts staleness from the last use", |habits| {
        habits.serves_stale = |_: &Held, memory, bounds, now| {
            memory.asked_before.is_some_and(|asked| now < asked + bounds.max_stale)
        };
    }),
    client(FAMILY, "says that it serves a stale set, and does not", |habits| {
        habits.serves_stale = |_, _, _, _| false;
    }),
    client(FAMILY, "says that it serves no stale set, and does", |habits| {
        habits.on_outage = "fail_closed";
    }),
    // And after it.
    client(FAMILY, "gives up for ever when the first fetch fails", |habits| {
        habits.may_fetch = |memory, want, bounds| {
            (memory.held.is_some() || memory.failure.is_none()) && is_cool(memory, want, bounds)
        };
    }),
    client(FAMILY, "gives up for ever when a fetch fails", |habits| {
        habits.may_fetch =
            |memory, want, bounds| memory.failure.is_none() && is_cool(memory, want, bounds);
    }),
    client(FAMILY, "waits for the age of a set after a failure", |habits| {
        habits.may_fetch = |memory, want, bounds| {
            let pause = if memory.failure.is_some() { bounds.max_age } else { bounds.cooldown };
            memory.fetched.is_none_or(|fetched| want.now >= fetched + pause)
        };
    }),
    client(FAMILY, "waits twice as long after each failure", |habits| {
        habits.may_fetch = |memory, want, bounds| {
            let pause = bounds.cooldown << memory.failures.min(10);
            memory.fetched.is_none_or(|fetched| want.now >= fetched + pause)
        };
    }),
    client(
        FAMILY,
        "remembers a set that could not be read for as long as one that could",
        |habits| {
            habits.suffices = |memory, want, bounds| {
                let held = memory.held.as_ref().filter(|held| held.is_fresh(want.now));
                let failed = memory.failure.as_deref().is_some_and(|why| why.contains("at line"));
                let is_recent = memory.fetched.is_some_and(|at| want.now < at + bounds.max_age);
                held.is_some_and(|held| held.has(want.kid)) || (failed && is_recent)
            };
        },
    ),
];
