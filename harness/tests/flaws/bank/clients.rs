//! Flawed clients of key sets: the client of [`crate::client`] with one habit changed, and the reference
//! without one of its checks.

mod discovery;
mod endpoint;
mod fetching;
mod freshness;
mod issuers;
mod memory;
mod outage;
mod revocation;
mod rotation;

use jwks_gauntlet::builtin::reference::Check;

use super::{Flaw, How};
use crate::client::habits::Habits;

const fn client(family: &'static str, name: &'static str, change: fn(&mut Habits)) -> Flaw {
    Flaw { name, family, how: How::Fetches(change) }
}

/// All of them.
pub(crate) fn clients() -> Vec<Flaw> {
    let removed = REMOVED.iter().map(|(check, family)| Flaw {
        name: check.id(),
        family,
        how: How::Without(*check),
    });
    let all = [
        rotation::FLAWS,
        revocation::FLAWS,
        freshness::FLAWS,
        fetching::FLAWS,
        outage::FLAWS,
        endpoint::FLAWS,
        discovery::FLAWS,
        issuers::FLAWS,
        memory::FLAWS,
    ];
    removed.chain(all.into_iter().flatten().copied()).collect()
}

/// Checks of the reference whose absence is a flaw, and the family that has to notice.
const REMOVED: &[(Check, &str)] = &[
    (Check::FetchTls, "endpoint"),
    (Check::FetchRedirect, "endpoint"),
    (Check::FetchStatus, "outage"),
    (Check::FetchSize, "endpoint"),
    (Check::FetchDowngrade, "discovery"),
    (Check::MetadataIssuer, "discovery"),
    (Check::FetchCooldown, "fetching"),
    (Check::FetchFreshness, "revocation"),
    (Check::FetchStale, "outage"),
];
