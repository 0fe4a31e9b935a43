//! The real binary, driven as a user drives it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic in a test is its failure report; helpers of tests are not known as tests to clippy"
)]

mod command_line;
mod hostile;
mod issuer;
mod lab;
mod profiles;
mod reports;
mod scenarios;
mod support;
mod vectors;
mod verifiers;
