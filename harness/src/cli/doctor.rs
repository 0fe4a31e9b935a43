//! `gauntlet doctor`.

use std::{
    io::Write,
    time::{Duration, SystemTime},
};

use gauntlet_vectors::{Case, Catalogue, verdict::Mode};

use super::{Failure, Globals, console::Palette, options::ClockChoice, run::numeric_date, spec};
use crate::{
    doctor::{Check, Health, Terms, examine},
    runner::exit::Exit,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The verifier: a library of the lab, or cmd:PROGRAM ARGUMENTS
    #[arg(long, value_name = "SPEC")]
    verifier: String,
    /// How long one answer may take, such as 5s or 800ms
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = super::options::deadline)]
    deadline: Duration,
    #[command(flatten)]
    clock: ClockChoice,
}

pub(super) fn run(
    args: &Args,
    globals: &Globals,
    clock: &dyn Fn() -> SystemTime,
) -> Result<Exit, Failure> {
    let named = spec::named(&args.verifier, args.clock, globals).map_err(Failure::usage)?;
    let catalogue = Catalogue::build();
    let honest = honest(&catalogue);
    let terms = Terms {
        launch: &named.launch,
        promised: named
            .installed
            .as_ref()
            .filter(|_| args.clock.is_auto())
            .map(|_| named.launch.clock),
        deadline: args.deadline,
        wall: numeric_date(clock()),
        honest: &honest,
    };
    let mut out = anstream::stdout().lock();
    let mut failed = Ok(());
    let mut doubts = 0_usize;
    let mut say = |check: &Check| {
        doubts += usize::from(check.health == Health::Doubtful);
        if failed.is_ok() && !(globals.quiet && check.health == Health::Sound) {
            failed = tell(check, &mut out);
        }
    };
    let sound = examine(&terms, &mut say).map_err(|error| {
        let error = anyhow::Error::new(error);
        Failure::not_driven(error.context(format!("cannot drive the verifier `{}`", named.id)))
    })?;
    failed?;
    match (sound, doubts) {
        (false, _) => writeln!(out, "this adapter is not sound")?,
        (true, 0) => writeln!(out, "this adapter is sound")?,
        (true, 1) => writeln!(out, "this adapter is sound, with one doubt")?,
        (true, _) => writeln!(out, "this adapter is sound, with {doubts} doubts")?,
    }
    Ok(if sound { Exit::Clean } else { Exit::NotDriven })
}

/// What every honest issuer may send, under every form of a key; what the RFCs sign, for those that know no
/// claims; a key with its `alg`, for those that take no other; and what one fetch of each kind brings.
pub(super) fn honest(catalogue: &Catalogue) -> Vec<&Case> {
    let is_honest = |case: &&Case| match case.id.family() {
        "honest" => true,
        "keys" => case.id.as_str() == "keys/alg",
        "rotation" | "endpoint" | "discovery" | "served-issuers" => case.timeline.0.len() == 1,
        "static-keys" => !case.demands_refusal() && !case.id.as_str().contains("pinned"),
        "rfc" => case
            .timeline
            .presentations()
            .all(|shown| shown.mode == Mode::Jws && shown.permitted.is_acceptance_only()),
        _ => false,
    };
    catalogue.cases().iter().filter(is_honest).collect()
}

/// Tells what was looked at, for a person.
pub(super) fn tell(check: &Check, out: &mut dyn Write) -> std::io::Result<()> {
    let (style, word) = match check.health {
        Health::Sound => (Palette::GOOD, "ok"),
        Health::Doubtful => (Palette::ODD, "doubt"),
        Health::Wrong => (Palette::BAD, "WRONG"),
    };
    writeln!(out, "{style}{word:5}{style:#}  {}: {}", check.what, check.said)?;
    if let Some(line) = &check.line {
        writeln!(out, "       line:  {line}")?;
    }
    if let Some(write) = &check.write {
        writeln!(out, "       write: {write}")?;
    }
    Ok(())
}
