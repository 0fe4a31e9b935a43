//! `gauntlet adapter NAME`.

use std::io::{self, BufReader};

use super::{Failure, spec};
use crate::{adapter::serve, builtin, runner::exit::Exit};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A built-in verifier
    #[arg(value_parser = spec::builtin_names())]
    name: String,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let Some(found) = builtin::find(&args.name) else {
        return Err(Failure::usage(anyhow::anyhow!("`{}` is not built in", args.name)));
    };
    let implementation = (found.make)();
    let mut input = BufReader::with_capacity(64 * 1024, io::stdin().lock());
    serve::serve(implementation.as_ref(), &mut input, &mut io::stdout().lock())?;
    Ok(Exit::Clean)
}
