//! What a client does, one habit a field. The honest ones are in [`Habits::HONEST`]; a flaw changes one.

use std::sync::MutexGuard;

use gauntlet_vectors::Verdict;
use jwks_gauntlet::builtin::reference::Rules;
use serde_json::{Value, json};

use super::{
    freshness,
    source::{Bounds, Held, Memory},
    tls::Trust,
    wire::{Patience, Reply, Url, Wire},
};
use crate::ask::Ask;

/// How a client fetches, keeps and uses key sets.
#[derive(Clone, Copy)]
pub(crate) struct Habits {
    // One fetch.
    pub(crate) wire: Wire,
    /// How often it tries before a fetch has failed.
    pub(crate) tries: u32,
    /// Whether it follows a redirect from one place to another.
    pub(crate) follows: fn(&Url, &str) -> bool,
    /// The set that a response holds.
    pub(crate) reads: fn(&Reply) -> Result<Value, String>,
    /// Whether it asks for a set only if it changed.
    pub(crate) validates: Validates,
    /// How long a set is fresh that came now, in seconds, or why it is not taken.
    pub(crate) fresh_for: fn(&Reply, &Bounds, i64) -> Result<i64, String>,
    /// What is kept of the old set and the new one.
    pub(crate) keeps: fn(Value, Value) -> Value,
    /// What a failed fetch does to what it has.
    pub(crate) failed: fn(&mut Memory),

    // When.
    /// Whether what it has will do.
    pub(crate) suffices: fn(&Memory, &Want<'_>, &Bounds) -> bool,
    /// Whether it may fetch.
    pub(crate) may_fetch: fn(&Memory, &Want<'_>, &Bounds) -> bool,
    /// Whether a set that is no longer fresh serves while fetches fail.
    pub(crate) serves_stale: fn(&Held, &Memory, &Bounds, i64) -> bool,
    pub(crate) flight: Flight,
    /// What any question changes in its memory.
    pub(crate) asked: fn(&mut Memory, &Want<'_>, &Bounds),
    /// Whether a bad signature makes it look for newer keys.
    pub(crate) refetches_for_signatures: bool,
    /// Whether a token of an issuer that nobody trusts makes it fetch.
    pub(crate) fetches_for_strangers: bool,
    /// Whether a set that is no longer fresh serves once more, while it is fetched behind.
    pub(crate) fetches_behind: bool,
    /// Whether it fetches when time passes, and not only when it is asked.
    pub(crate) on_timer: bool,

    // Metadata.
    /// Whether these metadata are of the issuer that was asked.
    pub(crate) is_of: fn(&str, &Value) -> bool,
    /// The address of the key set.
    pub(crate) address: fn(&Url, &str) -> Result<String, String>,
    /// Where the key set is if the metadata do not say.
    pub(crate) otherwise_at: Option<&'static str>,
    /// Whether metadata are asked for once and never again.
    pub(crate) keeps_metadata: bool,

    // Whose.
    /// Under which name in the process a set is kept; by default it is the verifier's own.
    pub(crate) shared_as: Option<fn(&str) -> String>,
    /// Where it looks for the keys of a token's issuer.
    pub(crate) whose: Whose,
    /// Whether this name in a token is that of an issuer that it trusts.
    pub(crate) is_issuer: fn(&str, &str) -> bool,
    /// What the memories of a verifier's sources learn from one another.
    pub(crate) share: fn(&mut [MutexGuard<'_, Memory>]),
    /// What it makes of a token when there are no keys.
    pub(crate) without_keys: fn(&Ask, &str) -> Verdict,
    /// Which checks the reference makes with the keys that were found.
    pub(crate) rules: Rules,
    /// For how long a verdict holds that was given, in seconds.
    pub(crate) verdicts_last: i64,
    /// Whether the first policy, or the last, has everybody's options.
    pub(crate) options: Options,
    /// The time by which it goes.
    pub(crate) time: fn(i64) -> i64,
    /// What it declares to do in an outage.
    pub(crate) on_outage: &'static str,
}

/// Which token wants keys.
#[derive(Clone, Copy)]
pub(crate) struct Want<'a> {
    pub(crate) kid: Option<&'a str>,
    pub(crate) now: i64,
    /// Whether the keys that there are did not verify it.
    pub(crate) again: bool,
    /// Whether nobody trusts its issuer.
    pub(crate) stranger: bool,
}

/// Who fetches, of many.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flight {
    /// One; the others wait for it.
    One,
    /// Everybody.
    Each,
    /// One on a cold cache, everybody on a stale one.
    EachWhenStale,
    /// Everybody, one after the other.
    EachInTurn,
    /// One; the others are refused.
    OthersRefused,
}

/// How the tag of a set is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validates {
    Never,
    /// As it should be.
    Tagged,
    /// A 304 is believed, asked for or not.
    Believes304,
    /// The tag is sent wherever it asks.
    Everywhere,
    /// The tag is sent that came first.
    FirstTag,
    /// The tag is sent, and a 304 is read as any other answer.
    Misread,
}

/// Which keys verify a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Its issuer's.
    Own,
    /// Its issuer's, or another's when there are none.
    OwnOrAny,
    /// Its issuer's and, under a `kid` that it does not have, another's.
    OwnOrByKid,
    /// Everybody's.
    All,
    /// Its issuer's, for which all are fetched.
    OwnOfAll,
    /// Its issuer's, where all are fetched for a `kid` that it does not have.
    OwnOrAsksAll,
    /// Those that were found first under its `kid`.
    FirstByKid,
}

/// Whose options hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Options {
    Own,
    First,
    Last,
}

impl Habits {
    /// A client without a flaw.
    pub(crate) const HONEST: Self = Self {
        wire: Wire {
            patience: Patience::Whole,
            trust: Trust::Full,
            plain_where_tls_fails: false,
            takes_parts: false,
            unbounded: false,
            wants_no_query: false,
            decodes: false,
        },
        tries: 1,
        follows: |_, _| false,
        reads: a_set_with_200,
        validates: Validates::Tagged,
        fresh_for: freshness::honest,
        keeps: |_, new| new,
        failed: |_| {},
        suffices: |memory, want, _| {
            let held = memory.held.as_ref().filter(|held| held.is_fresh(want.now));
            !want.again && !want.stranger && held.is_some_and(|held| held.has(want.kid))
        },
        may_fetch: is_cool,
        serves_stale: |held, _, bounds, now| now < held.fresh_until + bounds.max_stale,
        flight: Flight::One,
        asked: |_, _, _| {},
        refetches_for_signatures: false,
        fetches_for_strangers: false,
        fetches_behind: false,
        on_timer: false,
        is_of: |asked, metadata| metadata.get("issuer").and_then(Value::as_str) == Some(asked),
        address: |issuer, address| match Url::parse(address) {
            Some(url) if url.is_secure || !issuer.is_secure => Ok(url.to_string()),
            Some(_) => Err("the key set is in the clear".to_owned()),
            None => Err("this is no address".to_owned()),
        },
        otherwise_at: None,
        keeps_metadata: false,
        shared_as: None,
        whose: Whose::Own,
        is_issuer: |trusted, told| trusted == told,
        share: |_| {},
        without_keys: |_, why| Verdict::Unavailable { error: why.to_owned() },
        rules: Rules::STRICT,
        verdicts_last: 0,
        options: Options::Own,
        time: |now| now,
        on_outage: "serve_stale",
    };
}

/// The cooldown has passed since the last fetch, however it ended.
pub(crate) fn is_cool(memory: &Memory, want: &Want<'_>, bounds: &Bounds) -> bool {
    memory.fetched.is_none_or(|fetched| want.now >= fetched + bounds.cooldown)
}

/// A JWK Set that came with 200.
pub(crate) fn a_set_with_200(reply: &Reply) -> Result<Value, String> {
    if reply.status != 200 {
        return Err(format!("status {}", reply.status));
    }
    a_set(reply)
}

/// A JWK Set, with whatever it came.
pub(crate) fn a_set(reply: &Reply) -> Result<Value, String> {
    let set: Value = serde_json::from_slice(&reply.body).map_err(|error| error.to_string())?;
    if set.get("keys").is_some_and(Value::is_array) {
        Ok(set)
    } else {
        Err("no key set".to_owned())
    }
}

/// A set without keys.
pub(crate) fn empty() -> Value {
    json!({ "keys": [] })
}
