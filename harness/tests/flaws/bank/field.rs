//! Flaws as they stand in the field: single mistakes of libraries, gateways and home-made verifiers, written
//! without a look at the cases.

mod algorithm;
mod audience;
pub(super) mod careless;
mod demanded;
mod encoding;
mod header;
mod issuer;
mod json;
mod keys;
mod kid;
mod memory;
mod offered;
pub(crate) mod open;
mod signature;
mod time;

use gauntlet_vectors::Verdict;
use jwks_gauntlet::verifier::Implementation;

use super::{Flaw, How};
use crate::ask::Ask;

pub(super) const fn bent(
    family: &'static str,
    name: &'static str,
    bend: fn(Ask) -> Verdict,
) -> Flaw {
    Flaw { name, family, how: How::Bent(bend) }
}

pub(super) const fn remembers(
    family: &'static str,
    name: &'static str,
    make: fn() -> Box<dyn Implementation>,
) -> Flaw {
    Flaw { name, family, how: How::Remembers(make) }
}

/// All of them.
pub(super) const FLAWS: &[&[Flaw]] = &[
    algorithm::FLAWS,
    offered::FLAWS,
    kid::FLAWS,
    signature::FLAWS,
    encoding::FLAWS,
    json::FLAWS,
    header::FLAWS,
    issuer::FLAWS,
    audience::FLAWS,
    time::FLAWS,
    demanded::FLAWS,
    keys::FLAWS,
    memory::FLAWS,
];
