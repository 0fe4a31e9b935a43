//! **What is done**: verifiers are plugged in, asked, and their answers judged and journalled.
//!
//! The binary `gauntlet` is built on this library. A Rust developer implements
//! [`verifier::Implementation`] and hands it to [`runner::run`] behind an [`adapter::InProcess`] peer.

pub mod adapter;
pub mod builtin;
pub mod cli;
pub mod doctor;
pub mod issuer;
pub mod lab;
pub mod runner;
pub mod verifier;
