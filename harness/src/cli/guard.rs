//! `gauntlet guard`: see [`crate::adapter::guard`].

use std::ffi::OsString;

use anyhow::Context;

use super::Failure;
use crate::adapter::guard::stand;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Process id of the harness.
    parent: i32,
    /// The adapter.
    program: OsString,
    /// Its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// The exit code of the adapter.
pub(super) fn run(args: &Args) -> Result<u8, Failure> {
    stand(args.parent, &args.program, &args.arguments)
        .with_context(|| format!("cannot start `{}`", args.program.to_string_lossy()))
        .map_err(Failure::not_driven)
}
