//! One key set that is fetched when it is wanted, and what is remembered of it.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gauntlet_vectors::policy::{FetchOptions, Keys};
use serde_json::Value;

use super::{
    habits::{Flight, Habits, Validates, Want},
    wire::{Reply, Request, Url},
};

/// The operator's bounds, in seconds where nothing else is said.
#[derive(Clone)]
pub(crate) struct Bounds {
    pub(crate) timeout: Duration,
    pub(crate) max_age: i64,
    pub(crate) cooldown: i64,
    pub(crate) max_stale: i64,
    pub(crate) most: usize,
    pub(crate) ca_file: Option<String>,
}

/// What is known of a set.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) held: Option<Held>,
    /// When it was fetched last, for better or worse.
    pub(crate) fetched: Option<i64>,
    /// Why the last fetch failed.
    pub(crate) failure: Option<String>,
    /// How many fetches ended.
    pub(crate) fetches: u32,
    /// Since when all fetches failed.
    pub(crate) failing_since: Option<i64>,
    /// How many fetches failed since one did not.
    pub(crate) failures: u32,
    /// When it was asked last, and the time before.
    pub(crate) asked: Option<i64>,
    pub(crate) asked_before: Option<i64>,
    /// When which `kid` was asked for last in vain.
    pub(crate) strangers: HashMap<String, i64>,
    /// Where the metadata said that the set is.
    metadata: Option<String>,
    is_busy: bool,
    round: u64,
}

/// A set.
pub(crate) struct Held {
    pub(crate) set: Value,
    pub(crate) fetched: i64,
    pub(crate) fresh_until: i64,
    url: String,
    tag: Option<String>,
}

pub(super) struct Source {
    keys: Keys,
    bounds: Bounds,
    habits: Habits,
    memory: Mutex<Memory>,
    ended: Condvar,
}

impl Bounds {
    pub(super) fn of(given: Option<&FetchOptions>) -> Self {
        let given = given.cloned().unwrap_or_default();
        let seconds = |given: Option<u64>, ours: i64| {
            given.map_or(ours, |given| i64::try_from(given).unwrap_or(i64::MAX / 4))
        };
        Self {
            timeout: Duration::from_millis(given.timeout_ms.unwrap_or(5_000)),
            max_age: seconds(given.max_age_s, 300),
            cooldown: seconds(given.cooldown_s, 30),
            max_stale: seconds(given.max_stale_s, 600),
            most: given.max_bytes.and_then(|most| most.try_into().ok()).unwrap_or(1 << 20),
            ca_file: given.ca_file,
        }
    }
}

impl Held {
    pub(crate) const fn is_fresh(&self, now: i64) -> bool {
        now < self.fresh_until
    }

    /// Whether a key of this name is in the set; any will do for a token that names none.
    pub(crate) fn has(&self, kid: Option<&str>) -> bool {
        kid.is_none_or(|kid| keys_of(&self.set).iter().any(|key| named(key) == Some(kid)))
    }
}

/// The keys of a set.
pub(crate) fn keys_of(set: &Value) -> &[Value] {
    set.get("keys").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The name of a key.
pub(crate) fn named(key: &Value) -> Option<&str> {
    key.get("kid").and_then(Value::as_str)
}

impl Source {
    pub(super) fn new(keys: &Keys, bounds: &Bounds, habits: Habits) -> Self {
        Self {
            keys: keys.clone(),
            bounds: bounds.clone(),
            habits,
            memory: Mutex::default(),
            ended: Condvar::new(),
        }
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The set for a token, or why there is none.
    pub(super) fn set(&self, want: &Want<'_>) -> Result<Value, String> {
        let (habits, bounds) = (&self.habits, &self.bounds);
        let mut memory = self.memory();
        memory.asked_before = memory.asked.replace(want.now);
        (habits.asked)(&mut memory, want, bounds);
        if (habits.suffices)(&memory, want, bounds) {
            return self.served(&memory, want);
        }
        if memory.is_busy {
            let is_cold = memory.held.is_none();
            match habits.flight {
                Flight::OthersRefused => return Err("somebody else is fetching".to_owned()),
                Flight::EachInTurn => memory = self.wait(memory, |memory| memory.is_busy),
                Flight::Each => {}
                Flight::EachWhenStale if !is_cold => {}
                Flight::One | Flight::EachWhenStale => {
                    let round = memory.round;
                    memory = self.wait(memory, |memory| memory.round == round);
                    return self.served(&memory, want);
                }
            }
        } else if !(habits.may_fetch)(&memory, want, bounds) {
            return self.served(&memory, want);
        }
        memory.is_busy = true;
        let behind =
            memory.held.as_ref().filter(|held| habits.fetches_behind && held.has(want.kid));
        let behind = behind.map(|held| held.set.clone());
        let (tag, metadata) = (
            memory.held.as_ref().and_then(|held| Some((held.url.clone(), held.tag.clone()?))),
            memory.metadata.clone(),
        );
        drop(memory);
        // Whoever dies of a response lets the others go on.
        let done = catch_unwind(AssertUnwindSafe(|| {
            let fetched = self.fetch(tag, metadata);
            self.note(&mut self.memory(), fetched, want.now);
        }));
        let mut memory = self.memory();
        memory.is_busy = false;
        memory.round += 1;
        self.ended.notify_all();
        if let Err(panic) = done {
            drop(memory);
            resume_unwind(panic);
        }
        behind.map_or_else(|| self.served(&memory, want), Ok)
    }

    fn wait<'m>(
        &self,
        memory: MutexGuard<'m, Memory>,
        goes_on: impl Fn(&Memory) -> bool,
    ) -> MutexGuard<'m, Memory> {
        let waited = self.ended.wait_while(memory, |memory| goes_on(memory));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is, if it may be used.
    fn served(&self, memory: &Memory, want: &Want<'_>) -> Result<Value, String> {
        let why = || memory.failure.clone().unwrap_or_else(|| "there is no set".to_owned());
        let held = memory.held.as_ref().ok_or_else(why)?;
        let is_good = memory.failure.is_none()
            || held.is_fresh(want.now)
            || (self.habits.serves_stale)(held, memory, &self.bounds, want.now);
        if is_good { Ok(held.set.clone()) } else { Err(why()) }
    }

    /// Notes what came of a fetch.
    fn note(&self, memory: &mut Memory, fetched: Result<(Url, Reply), String>, now: i64) {
        memory.fetched = Some(now);
        memory.fetches += 1;
        match fetched.and_then(|(url, reply)| self.take(memory, &url, &reply, now)) {
            Ok(()) => {
                memory.failure = None;
                memory.failing_since = None;
                memory.failures = 0;
            }
            Err(why) => {
                memory.failure = Some(why);
                memory.failing_since.get_or_insert(now);
                memory.failures += 1;
                (self.habits.failed)(memory);
            }
        }
    }

    fn take(&self, memory: &mut Memory, url: &Url, reply: &Reply, now: i64) -> Result<(), String> {
        let habits = &self.habits;
        let fresh_until = now.saturating_add((habits.fresh_for)(reply, &self.bounds, now)?);
        let tag = reply.field("etag").map(str::to_owned);
        let knows_304 = !matches!(habits.validates, Validates::Never | Validates::Misread);
        if reply.status == 304 && knows_304 {
            let believes = habits.validates == Validates::Believes304;
            let held = memory.held.as_mut().filter(|held| believes || held.tag.is_some());
            let held = held.ok_or("a 304 that nobody asked for")?;
            if !believes && tag.is_some_and(|tag| held.tag.as_ref() != Some(&tag)) {
                return Err("a 304 of another set".to_owned());
            }
            held.fresh_until = fresh_until;
            return Ok(());
        }
        let set = (habits.reads)(reply)?;
        let (set, tag) = match memory.held.take() {
            Some(old) if habits.validates == Validates::FirstTag && old.tag.is_some() => {
                ((habits.keeps)(old.set, set), old.tag)
            }
            Some(old) => ((habits.keeps)(old.set, set), tag),
            None => (set, tag),
        };
        memory.held = Some(Held { set, fetched: now, fresh_until, url: url.to_string(), tag });
        Ok(())
    }

    /// Fetches, with the tag of what there is.
    fn fetch(
        &self,
        known: Option<(String, String)>,
        metadata: Option<String>,
    ) -> Result<(Url, Reply), String> {
        let mut last = Err(String::new());
        for _ in 0..self.habits.tries {
            last = self.attempt(known.as_ref(), metadata.as_deref());
            if last.is_ok() {
                break;
            }
        }
        last
    }

    fn attempt(
        &self,
        known: Option<&(String, String)>,
        metadata: Option<&str>,
    ) -> Result<(Url, Reply), String> {
        let until = Instant::now() + self.bounds.timeout;
        let address = match &self.keys {
            Keys::JwksUri(address) => address.clone(),
            Keys::Discovery(issuer) => match metadata.filter(|_| self.habits.keeps_metadata) {
                Some(address) => address.to_owned(),
                None => self.discover(issuer, until)?,
            },
            _ => return Err("this is not fetched".to_owned()),
        };
        let url = if address.starts_with("data:") {
            return Ok((self.origin(), data(&address)?));
        } else {
            Url::parse(&address).ok_or("this is no address")?
        };
        let validates = self.habits.validates;
        let known = known.filter(|(at, _)| validates == Validates::Everywhere || *at == address);
        let tag = known.map(|(_, tag)| tag.as_str()).filter(|_| validates != Validates::Never);
        let reply = self.get(&url, tag, until)?;
        if matches!(self.keys, Keys::Discovery(_)) && self.habits.keeps_metadata {
            self.memory().metadata = Some(address);
        }
        Ok((url, reply))
    }

    fn origin(&self) -> Url {
        let (Keys::JwksUri(text) | Keys::Discovery(text)) = &self.keys else { unreachable!() };
        Url::parse(text).unwrap()
    }

    /// Asks the issuer where its keys are.
    fn discover(&self, issuer: &str, until: Instant) -> Result<String, String> {
        let habits = &self.habits;
        let base = Url::parse(issuer).ok_or("this is no issuer")?;
        let path = base.path.trim_end_matches('/').to_owned();
        let paths = [
            format!("{path}/.well-known/openid-configuration"),
            format!("/.well-known/oauth-authorization-server{path}"),
        ];
        let mut found = Err(String::new());
        for path in paths {
            let url = Url { path, ..base.clone() };
            found = self.get(&url, None, until);
            if !matches!(&found, Ok(reply) if reply.status == 404) {
                break;
            }
        }
        let address = found.and_then(|reply| self.key_set_in(&reply, issuer, &base));
        match habits.otherwise_at {
            Some(place) if address.is_err() => Ok(format!("{issuer}{place}")),
            _ => address,
        }
    }

    fn key_set_in(&self, reply: &Reply, issuer: &str, base: &Url) -> Result<String, String> {
        if reply.status != 200 {
            return Err(format!("metadata with the status {}", reply.status));
        }
        let metadata: Value =
            serde_json::from_slice(&reply.body).map_err(|error| error.to_string())?;
        if !(self.habits.is_of)(issuer, &metadata) {
            return Err("metadata of another issuer".to_owned());
        }
        let address = metadata.get("jwks_uri").and_then(Value::as_str);
        (self.habits.address)(base, address.ok_or("no `jwks_uri`")?)
    }

    /// Asks, and goes where it is sent.
    fn get(&self, url: &Url, tag: Option<&str>, until: Instant) -> Result<Reply, String> {
        let mut url = url.clone();
        // Beyond any bound that a case has, and not for ever.
        for _ in 0..100 {
            let reply = self.habits.wire.get(&Request {
                url: &url,
                tag,
                ca_file: self.bounds.ca_file.as_deref(),
                timeout: self.bounds.timeout,
                until,
                most: self.bounds.most,
            })?;
            let to = match reply.field("location") {
                Some(to) if matches!(reply.status, 301..=303 | 307 | 308) => to.to_owned(),
                _ => return Ok(reply),
            };
            if !(self.habits.follows)(&url, &to) {
                return Err("a redirect".to_owned());
            }
            if to.starts_with("data:") {
                return data(&to);
            }
            url = match Url::parse(&to) {
                Some(to) => to,
                None => Url { path: to, ..url },
            };
        }
        Err("redirects without end".to_owned())
    }
}

/// What stands in a URL itself.
fn data(url: &str) -> Result<Reply, String> {
    let (_, text) = url.split_once(',').ok_or("this holds nothing")?;
    Ok(Reply { status: 200, fields: Vec::new(), body: text.replace("%22", "\"").into_bytes() })
}
