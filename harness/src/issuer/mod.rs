//! What listens: addresses of our own that a verifier may, or must not, ask.
//!
//! [`Origin`] sees who comes and serves an attacker's documents. [`Issuer`] serves a trusted issuer's key
//! set and metadata, and goes wrong in every way that [`Fault`] has.

mod connection;
mod door;
mod fault;
mod gzip;
mod headers;
mod log;
mod origin;
mod request;
mod respond;
mod runtime;
mod server;
mod tls;
mod wire;

use gauntlet_vectors::timeline::{Endpoint, Fault};

pub use log::{MOST_KEPT, Request, TlsSeen};
pub use origin::{Document, Origin, Visit};
pub use server::{Issuer, Settings};
pub use tls::{CaFile, ca_pem};

/// What goes wrong with which of an issuer's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Of which endpoint.
    pub at: Endpoint,
    /// What goes wrong.
    pub fault: Fault,
    /// So many answers are good before.
    pub after: u32,
    /// And so many are not; all that follow where absent.
    pub times: Option<u32>,
}

#[cfg(test)]
mod tests;
