//! The binary `gauntlet`.

use std::{process::ExitCode, time::SystemTime};

use jwks_gauntlet::cli;

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    let clock = SystemTime::now;
    cli::main(std::env::args_os(), &clock)
}
