//! What is known of a key set, and what follows from it: no network and no locks in here.

use std::sync::Arc;

use super::{
    super::{
        checks::{Check, Refused, Rules},
        clock::{Moment, Now},
        keyring::KeyRing,
    },
    Options,
    fetch::Tag,
    freshness::Caching,
    url::Url,
};

/// The set, and how fetching it went last.
#[derive(Debug)]
pub(super) struct State {
    options: Options,
    rules: Rules,
    held: Option<Held>,
    last: Option<Last>,
    /// Whether somebody is fetching.
    fetching: bool,
    /// How many fetches have ended.
    round: u64,
}

/// A set that was obtained.
#[derive(Debug)]
struct Held {
    ring: Arc<KeyRing>,
    version: Version,
    caching: Caching,
    fresh_until: Moment,
    stale_until: Moment,
}

/// Which document a set was read from, so that it can be asked whether it changed.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) url: Url,
    pub(super) tag: Option<Tag>,
}

/// How the last fetch ended.
#[derive(Debug)]
struct Last {
    /// Before that no other one begins.
    cool_at: Moment,
    failure: Option<Refused>,
}

/// What a fetch brought.
#[derive(Debug)]
pub(super) enum Fetched {
    /// A set, in place of any other.
    Set { ring: Arc<KeyRing>, version: Version, caching: Caching },
    /// Word that the set has not changed.
    Unmodified { caching: Caching },
}

/// What to do for a token.
#[derive(Debug)]
pub(super) enum Step {
    /// Verify it with this set.
    Serve(Arc<KeyRing>),
    /// Wait until the fetch that is under way has ended, then [`State::settle`].
    Wait { round: u64 },
    /// Fetch, then [`State::settle`].
    Fetch,
    /// There is nothing to verify it with, and why.
    Refuse(String),
}

impl State {
    pub(super) const fn new(options: Options, rules: Rules) -> Self {
        Self { options, rules, held: None, last: None, fetching: false, round: 0 }
    }

    /// What to do for a token that names this key.
    ///
    /// A fresh set serves at once. A stale one serves at once while the endpoint is known to fail and
    /// somebody is already trying again: otherwise everybody would wait, once a cooldown, for the
    /// deadline of a fetch that most likely fails like the one before.
    pub(super) fn step(&self, kid: Option<&str>, at: Moment) -> Step {
        let of_use = self.held.as_ref().filter(|held| held.ring.knows(kid));
        if let Some(held) = of_use
            && (self.is_fresh(held, at) || (self.fetching && self.may_serve_stale(held, at)))
        {
            return Step::Serve(Arc::clone(&held.ring));
        }
        if self.fetching {
            return Step::Wait { round: self.round };
        }
        let is_cool = self.last.as_ref().is_none_or(|last| at >= last.cool_at);
        if is_cool || !self.rules.enforce(Check::FetchCooldown) {
            return Step::Fetch;
        }
        self.settle(at)
    }

    /// What to do when there is no more fetching to be had: the set serves if it is fresh, or as new as it
    /// gets, or not too stale during an outage.
    pub(super) fn settle(&self, at: Moment) -> Step {
        let failure = self.last.as_ref().and_then(|last| last.failure.as_ref());
        let Some(held) = &self.held else {
            return Step::Refuse(self.explain(failure, at));
        };
        if failure.is_none() || self.is_fresh(held, at) || self.may_serve_stale(held, at) {
            return Step::Serve(Arc::clone(&held.ring));
        }
        let late = at.seconds_after(held.fresh_until);
        let detail =
            format!("a set that is {late} s past its freshness; {}", self.explain(failure, at));
        Step::Refuse(Refused::by(Check::FetchStale, detail).to_string())
    }

    fn is_fresh(&self, held: &Held, at: Moment) -> bool {
        at < held.fresh_until || !self.rules.enforce(Check::FetchFreshness)
    }

    /// Stale, and the last fetch failed, and it is not too long ago that it was fresh.
    fn may_serve_stale(&self, held: &Held, at: Moment) -> bool {
        let is_outage = self.last.as_ref().is_some_and(|last| last.failure.is_some());
        is_outage && (at < held.stale_until || !self.rules.enforce(Check::FetchStale))
    }

    fn explain(&self, failure: Option<&Refused>, at: Moment) -> String {
        let why = failure.map_or_else(|| "nothing was fetched yet".to_owned(), ToString::to_string);
        let again = self.last.as_ref().map_or(0, |last| last.cool_at.seconds_after(at));
        if again == 0 { why } else { format!("{why}; asked again in {again} s at the earliest") }
    }

    /// Notes that somebody fetches now, and says what he may ask to be unchanged.
    pub(super) fn begin(&mut self) -> Option<Version> {
        self.fetching = true;
        self.held.as_ref().map(|held| held.version.clone())
    }

    /// Notes how a fetch ended.
    ///
    /// A failure takes nothing away. Freshness counts from the beginning, because the document was no
    /// younger then (RFC 9111 §4.2.3); the cooldown from the end, because a slow endpoint needs it most.
    pub(super) fn end(&mut self, begun: Moment, now: Now, fetched: Result<Fetched, Refused>) {
        self.fetching = false;
        self.round = self.round.wrapping_add(1);
        let cool_at = now.moment().plus(self.options.cooldown_s);
        let failure = match fetched {
            Ok(Fetched::Set { ring, version, caching }) => {
                self.hold(ring, version, caching, begun, now);
                None
            }
            Ok(Fetched::Unmodified { caching }) => {
                if let Some(Held { ring, version, caching: old, .. }) = self.held.take() {
                    self.hold(ring, version, old.renewed_by(caching), begun, now);
                }
                None
            }
            Err(refused) => Some(refused),
        };
        self.last = Some(Last { cool_at, failure });
    }

    /// The response says how long, the operator how long at the most; and a set is used at least until it
    /// could be fetched again.
    fn hold(
        &mut self,
        ring: Arc<KeyRing>,
        version: Version,
        caching: Caching,
        begun: Moment,
        now: Now,
    ) {
        let Options { max_age_s, cooldown_s, max_stale_s, .. } = self.options;
        let freshness = caching.freshness(now.date());
        let seconds = freshness.seconds.unwrap_or(max_age_s).min(max_age_s);
        let fresh_until = begun.plus(seconds).max(now.moment().plus(cooldown_s));
        let stale_until = fresh_until.plus(if freshness.may_be_stale { max_stale_s } else { 0 });
        self.held = Some(Held { ring, version, caching, fresh_until, stale_until });
    }

    /// Whether the fetch that was under way in this round has ended.
    pub(super) const fn has_ended(&self, round: u64) -> bool {
        self.round != round
    }
}
