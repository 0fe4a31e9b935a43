//! A small key-set client that shares no line with the reference's own: it fetches, keeps and chooses sets by
//! [`Habits`], and leaves the token to the reference, with nothing but the keys that it found.

pub(crate) mod freshness;
pub(crate) mod habits;
pub(crate) mod source;
pub(crate) mod tls;
pub(crate) mod wire;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use gauntlet_vectors::{NoAnswer, NumericDate, Policy, Presented, Verdict, policy::Keys};
use jwks_gauntlet::{
    builtin::reference::Reference,
    verifier::{Description, Implementation, Refusal, Verifier},
};
use serde_json::{Map, Value, json};

use self::{
    habits::{Habits, Options, Want, Whose, empty},
    source::{Bounds, Source, keys_of, named},
};
use crate::ask::Ask;

/// A client of these habits.
pub(crate) struct Client {
    habits: Habits,
    process: Arc<Process>,
}

/// What all its verifiers could share.
#[derive(Default)]
struct Process {
    sources: Mutex<HashMap<String, Arc<Source>>>,
    policy: Mutex<Option<Arc<Policy>>>,
    verdicts: Mutex<HashMap<Vec<u8>, (i64, Verdict)>>,
}

struct Configured {
    habits: Habits,
    process: Arc<Process>,
    policy: Arc<Policy>,
    bounds: Bounds,
    /// One an issuer.
    sources: Vec<Arc<Source>>,
    /// The keys that were found under a `kid`.
    by_kid: Mutex<HashMap<String, Value>>,
}

impl Client {
    pub(crate) fn new(habits: Habits) -> Self {
        Self { habits, process: Arc::default() }
    }
}

impl Implementation for Client {
    fn describe(&self) -> Description {
        let mut description = Reference::strict().describe();
        description.implementation.name = "client".to_owned();
        description.declares.insert("on_outage".to_owned(), json!(self.habits.on_outage));
        description
    }

    fn configure(&self, policy: &Policy, _: NumericDate) -> Result<Box<dyn Verifier>, Refusal> {
        let (habits, process) = (self.habits, &self.process);
        let own = Arc::new(policy.clone());
        let bounds = {
            let mut shared = process.policy.lock().unwrap();
            let shared = match habits.options {
                Options::Own | Options::Last => shared.insert(Arc::clone(&own)),
                Options::First => shared.get_or_insert_with(|| Arc::clone(&own)),
            };
            Bounds::of(shared.fetch.as_ref())
        };
        let source = |keys: &Keys| {
            let new = || Arc::new(Source::new(keys, &bounds, habits));
            match (habits.shared_as, keys) {
                (Some(name), Keys::JwksUri(text) | Keys::Discovery(text)) => {
                    let mut sources = process.sources.lock().unwrap();
                    Arc::clone(sources.entry(name(text)).or_insert_with(new))
                }
                _ => new(),
            }
        };
        Ok(Box::new(Configured {
            sources: policy.issuers.iter().map(|issuer| source(&issuer.keys)).collect(),
            policy: own,
            habits,
            process: Arc::clone(process),
            bounds,
            by_kid: Mutex::default(),
        }))
    }
}

impl Verifier for Configured {
    fn verify(&self, presented: &Presented, now: NumericDate) -> Result<Verdict, NoAnswer> {
        let ask = Ask::new(&self.policy, presented, now);
        let now = (self.habits.time)(now.0);
        let known = self.process.verdicts.lock().unwrap().get(&presented.token).cloned();
        if let Some((at, verdict)) = known
            && now < at.saturating_add(self.habits.verdicts_last)
        {
            return Ok(verdict);
        }
        let verdict = self.judge(&ask, now);
        if matches!(verdict, Verdict::Accept(_)) && self.habits.verdicts_last > 0 {
            let mut verdicts = self.process.verdicts.lock().unwrap();
            verdicts.insert(presented.token.clone(), (now, verdict.clone()));
        }
        Ok(verdict)
    }

    fn effective(&self) -> Map<String, Value> {
        let Bounds { timeout, max_age, cooldown, max_stale, most, .. } = &self.bounds;
        let told = json!({
            "timeout_ms": timeout.as_millis() as u64,
            "max_age_s": max_age,
            "cooldown_s": cooldown,
            "max_stale_s": max_stale,
            "max_bytes": most,
        });
        told.as_object().cloned().unwrap_or_default()
    }

    fn advance(&self, now: NumericDate) {
        if self.habits.on_timer {
            let want = Want { kid: None, now: now.0, again: false, stranger: false };
            for source in &self.sources {
                let _ = source.set(&want);
            }
        }
    }
}

impl Configured {
    fn judge(&self, ask: &Ask, now: i64) -> Verdict {
        let kid = ask.header().get("kid").and_then(Value::as_str).map(str::to_owned);
        let claims = ask.claims();
        let iss = claims.get("iss").and_then(Value::as_str);
        let is_meant = |name: &Option<String>| match (name, iss) {
            (Some(name), Some(iss)) => (self.habits.is_issuer)(name, iss),
            (name, _) => name.is_none(),
        };
        let meant = self.policy.issuers.iter().position(|issuer| is_meant(&issuer.issuer));
        let Some(meant) = meant else {
            let want = Want { kid: kid.as_deref(), now, again: false, stranger: true };
            for source in self.sources.iter().filter(|_| self.habits.fetches_for_strangers) {
                let _ = source.set(&want);
            }
            return Verdict::reject("an issuer that nobody trusts");
        };
        let want = Want { kid: kid.as_deref(), now, again: false, stranger: false };
        let set = match self.set(meant, &want) {
            Ok(set) => set,
            Err(why) => return (self.habits.without_keys)(ask, &why),
        };
        let verdict = self.judge_by(ask, meant, &set);
        let is_refused = matches!(verdict, Verdict::Reject { .. });
        if self.habits.refetches_for_signatures && is_refused {
            let newer = self.set(meant, &Want { again: true, ..want });
            return newer.map_or(verdict, |newer| self.judge_by(ask, meant, &newer));
        }
        verdict
    }

    /// The keys for a token of this issuer.
    fn set(&self, meant: usize, want: &Want<'_>) -> Result<Value, String> {
        if self.sources.len() > 1 {
            // Two issuers may have one source, whose memory is locked once.
            let is_first = |at: usize| {
                !self.sources[..at].iter().any(|source| Arc::ptr_eq(source, &self.sources[at]))
            };
            let mut memories: Vec<_> = (0..self.sources.len())
                .filter(|at| is_first(*at))
                .map(|at| self.sources[at].memory())
                .collect();
            (self.habits.share)(&mut memories);
        }
        let own = || self.sources[meant].set(want);
        let others = || self.sources.iter().filter_map(|source| source.set(want).ok());
        let has = |set: &Value| keys_of(set).iter().any(|key| named(key) == want.kid);
        match self.habits.whose {
            Whose::Own => own(),
            Whose::OwnOrAny => own().or_else(|why| others().next().ok_or(why)),
            Whose::OwnOrByKid => {
                let own = own()?;
                Ok(if has(&own) { own } else { others().find(has).unwrap_or(own) })
            }
            Whose::All => {
                let all: Vec<Value> = others().flat_map(|set| keys_of(&set).to_vec()).collect();
                Ok(json!({ "keys": all }))
            }
            Whose::OwnOrAsksAll => {
                let own = own()?;
                if !has(&own) {
                    let _ = others().count();
                }
                Ok(own)
            }
            Whose::OwnOfAll => {
                for source in &self.sources {
                    let _ = source.set(want);
                }
                own()
            }
            Whose::FirstByKid => {
                let name = want.kid.unwrap_or_default().to_owned();
                if let Some(known) = self.by_kid.lock().unwrap().get(&name) {
                    return Ok(known.clone());
                }
                let own = own()?;
                if has(&own) {
                    self.by_kid.lock().unwrap().insert(name, own.clone());
                }
                Ok(own)
            }
        }
    }

    /// What the reference says with these keys, and no others.
    fn judge_by(&self, ask: &Ask, meant: usize, set: &Value) -> Verdict {
        let mut policy = Policy::clone(&self.policy);
        policy.fetch = None;
        if self.habits.options != Options::Own
            && let Some(shared) = &*self.process.policy.lock().unwrap()
        {
            policy.audiences.clone_from(&shared.audiences);
        }
        for (at, issuer) in policy.issuers.iter_mut().enumerate() {
            let set = if at == meant { set } else { &empty() };
            issuer.keys = Keys::Jwks(set.to_string());
        }
        let verifier = Reference::with_rules(self.habits.rules).configure(&policy, ask.now);
        match verifier.map(|verifier| verifier.verify(&ask.presented, ask.now)) {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(silence)) => Verdict::reject(silence.to_string()),
            Err(refusal) => Verdict::reject(refusal.to_string()),
        }
    }
}
