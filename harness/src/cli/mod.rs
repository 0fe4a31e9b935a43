//! The command line: the only room that prints.

mod adapter;
mod columns;
mod console;
mod doctor;
mod explain;
mod guard;
mod init;
mod issuer;
mod lab;
mod list;
mod options;
mod replay;
mod report;
mod run;
mod spec;
mod timeline;
mod vectors;

use std::{ffi::OsString, io, path::PathBuf, process::ExitCode, time::SystemTime};

use clap::{Parser, Subcommand};
use console::Palette;

use crate::runner::exit::Exit;

/// Puts a JWT or JWKS verifier through every attack class known to the field and says what it found.
#[derive(Debug, Parser)]
#[command(name = "gauntlet", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 no finding at or above --fail-on; 1 findings; 2 wrong usage or configuration; \
3 a verifier could not be driven, or cases stayed inconclusive; 5 nothing was judged.";

/// Options of every command.
#[derive(Debug, clap::Args)]
struct Globals {
    /// When to colour: on a terminal, always, or never; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    color: Colour,
    /// Say nothing but errors; files and the exit code tell the rest
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Say more: in a run every case, in a list what each case rests on
    #[arg(long, short, global = true)]
    verbose: bool,
    /// The folder of installed libraries; one among the user's caches where none is named
    #[arg(long, global = true, value_name = "DIR", env = "GAUNTLET_LAB", hide_env_values = true)]
    lab: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge verifiers; without --verifier, the built-in `reference` and `jsonwebtoken`
    Run(run::Args),
    /// Every case: id, title, level, severity, clauses, needs, twin
    List(list::Args),
    /// What a case is about, and its token beside its twin's
    Explain(explain::Args),
    /// Play one case and show every line of the conversation
    Replay(replay::Args),
    /// Write a record in other formats, or several as one matrix
    Report(report::Args),
    /// The catalogue as language-neutral JSON
    Vectors(vectors::Args),
    /// Is this adapter right? Says what is wrong in which message, and what to write instead
    Doctor(doctor::Args),
    /// A template to start from
    Init(init::Args),
    /// Real libraries at real versions: install them, and check what is known of them
    Lab(lab::Args),
    /// Serve the test issuer by hand: mint tokens, rotate keys, break the endpoint, watch who fetches
    Issuer(issuer::Args),
    /// Speak the adapter protocol for a built-in verifier, on standard input and output
    Adapter(adapter::Args),
    /// Play an adapter that dies with the harness
    #[command(hide = true)]
    Guard(guard::Args),
}

/// A command's error, with the exit code that it ends in.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    error: anyhow::Error,
}

impl Failure {
    fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    fn nothing(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Nothing, error: error.into() }
    }

    fn not_driven(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::NotDriven, error: error.into() }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::usage(error)
    }
}

/// Runs the command line; `clock` is the machine's.
pub fn main(
    arguments: impl IntoIterator<Item = OsString>,
    clock: &dyn Fn() -> SystemTime,
) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are printed and are no error; clap's own code for misuse is ours too.
            let code = if error.use_stderr() { Exit::Usage.code() } else { 0 };
            return if error.print().is_ok() { ExitCode::from(code) } else { ExitCode::from(1) };
        }
    };
    match cli.globals.color {
        Colour::Auto => {}
        Colour::Always => anstream::ColorChoice::Always.write_global(),
        Colour::Never => anstream::ColorChoice::Never.write_global(),
    }
    // The command as it stands in the record: without the program's path, which differs by machine.
    let told: Vec<String> = std::iter::once("gauntlet".to_owned())
        .chain(arguments.iter().skip(1).map(|argument| argument.to_string_lossy().into_owned()))
        .collect();
    let outcome = match cli.command {
        Command::Run(args) => run::run(&args, &cli.globals, told, clock),
        Command::List(args) => list::run(&args, cli.globals.verbose),
        Command::Explain(args) => explain::run(&args),
        Command::Replay(args) => replay::run(&args, &cli.globals, clock),
        Command::Report(args) => report::run(&args, &cli.globals),
        Command::Vectors(args) => vectors::run(&args, cli.globals.quiet),
        Command::Doctor(args) => doctor::run(&args, &cli.globals, clock),
        Command::Init(args) => init::run(&args),
        Command::Lab(args) => lab::run(&args, &cli.globals, clock),
        Command::Issuer(args) => issuer::run(&args, &cli.globals, clock),
        Command::Adapter(args) => adapter::run(&args),
        Command::Guard(args) => match guard::run(&args) {
            Ok(code) => return ExitCode::from(code),
            Err(failure) => Err(failure),
        },
    };
    match outcome {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) if is_broken_pipe(&failure.error) => ExitCode::SUCCESS,
        Err(failure) => {
            console::error(&failure.error, Palette::ERROR);
            ExitCode::from(failure.exit.code())
        }
    }
}

/// Whoever reads our output may have seen enough (`gauntlet list | head`): that is no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
