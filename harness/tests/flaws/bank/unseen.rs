//! Flaws of a second pass, nearly all written without a look at the cases, as those of the field were.

mod algorithm;
mod audience;
mod claims;
mod encoding;
mod header;
mod issuer;
mod keys;
mod memory;
mod offered;
mod signature;
mod time;

use super::{
    Flaw,
    field::{bent, careless, remembers},
};

/// All of them.
pub(super) const FLAWS: &[&[Flaw]] = &[
    algorithm::FLAWS,
    offered::FLAWS,
    signature::FLAWS,
    keys::FLAWS,
    encoding::FLAWS,
    header::FLAWS,
    issuer::FLAWS,
    audience::FLAWS,
    time::FLAWS,
    claims::FLAWS,
    memory::FLAWS,
];
