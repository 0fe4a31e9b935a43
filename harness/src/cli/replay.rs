//! `gauntlet replay CASE --verifier SPEC`.

use std::{
    io::Write,
    time::{Duration, SystemTime},
};

use gauntlet_vectors::{
    Case, Env,
    case::Capability,
    judge::{Outcome, Twin},
};

use super::{
    Failure, Globals,
    console::Palette,
    explain,
    options::{self, ClockChoice, ProfileChoice},
    run::numeric_date,
    spec, timeline,
};
use crate::{
    adapter::{
        Peer,
        process::{Exchanged, Session},
        text::printable_to,
    },
    runner::{
        execute::{Played, Terms, perform},
        exit::Exit,
        origins::Origins,
        plan,
        prepare::Workshop,
    },
};

/// How much of a line is shown, in octets.
const SHOWN: usize = 64 * 1024;
/// The same of a scenario, whose lines may hold 200 tokens of one kind.
const SHOWN_OF_MANY: usize = 1_500;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The case's id
    case: String,
    /// The verifier: a built-in name, a library of the lab, or cmd:PROGRAM ARGUMENTS
    #[arg(long, value_name = "SPEC")]
    verifier: String,
    /// How long one answer may take, such as 5s or 800ms
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = super::options::deadline)]
    deadline: Duration,
    #[command(flatten)]
    clock: ClockChoice,
    /// Seed of every choice that is not spelled out
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    profile: ProfileChoice,
    /// Look the case up in this file in place of the catalogue
    #[arg(long, value_name = "FILE")]
    vectors: Vec<std::path::PathBuf>,
}

pub(super) fn run(
    args: &Args,
    globals: &Globals,
    clock: &dyn Fn() -> SystemTime,
) -> Result<Exit, Failure> {
    let (catalogue, _) = options::catalogue(args.profile.find()?, &args.vectors)?;
    let case = explain::find(&catalogue, &args.case)?;
    let launch = spec::named(&args.verifier, args.clock, globals).map_err(Failure::usage)?.launch;
    let cannot_drive = || format!("cannot drive the verifier `{}`", args.verifier);
    let start = || {
        let mut session = Session::start(&launch, args.deadline).map_err(|error| {
            Failure::not_driven(anyhow::Error::new(error).context(cannot_drive()))
        })?;
        session.keep_transcript();
        Ok::<Session, Failure>(session)
    };

    let mut out = anstream::stdout().lock();
    let mut session = start()?;
    let catalogue = catalogue.for_features(&|feature| session.description().has(feature));
    let case = catalogue.find(&case.id).unwrap_or(case);
    let twin = catalogue.twin(case).filter(|_| case.demands_refusal() || case.is_served());
    if let Some(lacking) = plan::missing(session.description(), case, twin) {
        writeln!(out, "skip: `{}` is not asked of {}: it {lacking}", case.id, args.verifier)?;
        return Ok(Exit::Nothing);
    }
    let fixed = Env { seed: args.seed, ..Env::fixed() };
    let mut env = if session.description().has(Capability::Clock) {
        fixed
    } else {
        fixed.at(numeric_date(clock()))
    };
    let origins = Origins::open_for([case]).map_err(Failure::usage)?;
    if let Some(origins) = &origins {
        env.origins = origins.urls();
    }
    let mut terms = Terms { origins: origins.as_ref(), ..Terms::plain(args.deadline) };

    if let Some(twin) = twin {
        let played = shown(&mut session, twin, &terms, &env, "twin", &mut out)?;
        let accepted = played.judgement.outcome == Outcome::Pass;
        terms.twin = if accepted { Twin::Accepted } else { Twin::NotAccepted };
        // The case gets a process of its own, as a finding does in a run.
        session = start()?;
    }
    let played = shown(&mut session, case, &terms, &env, "case", &mut out)?;
    Ok(match played.judgement.outcome {
        Outcome::Pass | Outcome::Info => Exit::Clean,
        Outcome::Fail | Outcome::Hang | Outcome::Crash => Exit::Findings,
        Outcome::Inconclusive | Outcome::Error => Exit::NotDriven,
        Outcome::Skip => Exit::Nothing,
    })
}

fn shown(
    session: &mut Session,
    case: &Case,
    terms: &Terms<'_>,
    env: &Env,
    what: &str,
    out: &mut dyn Write,
) -> Result<Played, Failure> {
    let (head, dim) = (Palette::HEAD, Palette::DIM);
    let workshop = Workshop::new(env.clone());
    let before = session.transcript().len();
    let played = perform(session, case, &workshop, terms);
    writeln!(out, "{head}{what}{head:#} {}: {}", case.id, case.title)?;
    let most = if case.is_served() { SHOWN_OF_MANY } else { SHOWN };
    for line in session.transcript().get(before..).unwrap_or_default() {
        let (arrow, octets) = match line {
            Exchanged::Sent(octets) => ("→", octets),
            Exchanged::Received(octets) => ("←", octets),
        };
        writeln!(
            out,
            "{dim}{arrow}{dim:#} {}",
            printable_to(&String::from_utf8_lossy(octets), most)
        )?;
    }
    if case.is_served() {
        let prepared = workshop.prepare(case).map_err(Failure::usage)?;
        write!(out, "{}", timeline::of_played(case, &prepared, &played))?;
    }
    let stderr = session.stderr();
    if !stderr.is_empty() {
        writeln!(out, "{dim}standard error:{dim:#} {stderr}")?;
    }
    writeln!(
        out,
        "{head}{}{head:#} {}{}\n",
        played.judgement.outcome,
        played.judgement.impact.map(|impact| format!("({impact}) ")).unwrap_or_default(),
        played.judgement.reason
    )?;
    Ok(played)
}
