//! `gauntlet run`.

use std::{
    io::{self, Write},
    num::NonZeroUsize,
    path::PathBuf,
    thread,
    time::{Duration, SystemTime},
};

use anyhow::anyhow;
use gauntlet_reports::{
    Event,
    journal::RunHeader,
    record::{CatalogueName, Cause, FORMAT_VERSION},
};
use gauntlet_vectors::{NumericDate, case::Severity};

use super::{
    Failure, Globals,
    console::{self, Progress},
    options::{ClockChoice, Formats, Select, parse},
    spec::{self, Named},
};
use crate::runner::{
    self, Contender, Order, Settings, Sink,
    exit::Exit,
    journal::{Earlier, Output},
};

/// How many cases with issuers are played at once where nothing else is asked for.
const SCENARIOS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(31);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A verifier: a built-in name, a library of the lab such as pyjwt or pyjwt@2.12.1, or
    /// cmd:PROGRAM ARGUMENTS; may be given again
    #[arg(long, value_name = "SPEC")]
    verifier: Vec<String>,
    #[command(flatten)]
    select: Select,
    /// How many processes of a verifier work at once; as many as there are processors
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// How long one answer may take, such as 5s or 800ms
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = super::options::deadline)]
    deadline: Duration,
    #[command(flatten)]
    clock: ClockChoice,
    /// Seed of every choice that is not spelled out
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// In what order cases are played; another than the catalogue's is followed by a pass in the
    /// catalogue's order, and a verdict that changes is reported
    #[arg(long, value_enum, default_value_t = OrderName::Catalogue)]
    order: OrderName,
    /// The least severity that ends in exit code 1: critical, high, medium, low, never
    #[arg(long, value_name = "SEVERITY", default_value = "medium", value_parser = fail_on)]
    fail_on: FailOn,
    #[command(flatten)]
    formats: Formats,
    /// The folder for journal.jsonl and what --format names
    #[arg(long, value_name = "DIR", default_value = "gauntlet-out")]
    out: PathBuf,
    /// Go on with the run in the output folder where it was stopped
    #[arg(long)]
    resume: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OrderName {
    Catalogue,
    Reverse,
    Shuffle,
}

#[derive(Debug, Clone, Copy)]
struct FailOn(Option<Severity>);

fn fail_on(text: &str) -> Result<FailOn, String> {
    if text == "never" { Ok(FailOn(None)) } else { parse(text).map(|least| FailOn(Some(least))) }
}

pub(super) fn run(
    args: &Args,
    globals: &Globals,
    command: Vec<String>,
    clock: &dyn Fn() -> SystemTime,
) -> Result<Exit, Failure> {
    let profile = args.select.profile()?;
    let (catalogue, own) = args.select.catalogue()?;
    let book = args.select.book()?;
    let selected = args.select.select(&catalogue, own.as_deref(), &book)?;
    let verifiers = verifiers(&args.verifier, args.clock, globals).map_err(Failure::usage)?;
    let specs: Vec<String> = verifiers.iter().map(|named| named.id.clone()).collect();
    let mut contenders = Vec::with_capacity(verifiers.len());
    for named in &verifiers {
        let mut contender = Contender::new(named.id.clone(), named.launch.clone());
        if let Some(installed) = &named.installed {
            let causes = installed.library.causes().map_err(Failure::usage)?;
            let version = installed.version.clone();
            contender.causes = Some(Box::new(move |case| {
                let found = causes.iter().find(|cause| cause.explains(case, &version));
                found.map_or(Cause::Unconfirmed, |cause| Cause::Confirmed(cause.id.clone()))
            }));
        }
        contenders.push(contender);
    }
    let settings = Settings {
        jobs: args
            .jobs
            .unwrap_or_else(|| thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)),
        scenarios: args.jobs.unwrap_or(SCENARIOS),
        deadline: args.deadline,
        order: match args.order {
            OrderName::Catalogue => Order::Catalogue,
            OrderName::Reverse => Order::Reverse,
            OrderName::Shuffle => Order::Shuffle,
        },
        seed: args.seed,
        wall: numeric_date(clock()),
        folder: Some(std::path::absolute(&args.out).map_err(Failure::usage)?),
    };

    // The folder is taken before anything is run, and left as it was if nothing can be.
    let output = Output::open(&args.out).map_err(Failure::usage)?;
    let verifiers = match runner::introduce(contenders, &settings) {
        Ok(verifiers) => verifiers,
        Err((id, error)) => {
            output.abandon();
            let error = anyhow::Error::new(error);
            return Err(Failure::not_driven(
                error.context(format!("cannot drive the verifier `{id}`")),
            ));
        }
    };
    let header = RunHeader {
        format_version: FORMAT_VERSION,
        catalogue: CatalogueName::of(&catalogue),
        profile: profile.id.clone(),
        seed: settings.seed,
        order: settings.order.word().to_owned(),
        verifiers: specs,
        cases: selected.iter().map(|case| case.id.to_string()).collect(),
        started: timestamp(clock()),
        now: settings.wall.0,
        command,
        runs: Vec::new(),
        frameworks: book.own().to_vec(),
    };
    let earlier = if args.resume {
        match output.resume(&header, timestamp(clock())) {
            Ok(earlier) => earlier,
            Err(error) => {
                output.abandon();
                return Err(Failure::usage(error));
            }
        }
    } else {
        output.begin(&header).map_err(Failure::usage)?;
        Earlier::default()
    };

    let progress = Progress::new(selected.len() * verifiers.len(), globals.quiet);
    let sinks = Sinks { output: &output, progress: &progress };
    let played = runner::run(&catalogue, &selected, &verifiers, &settings, &earlier, &sinks);
    progress.finish();
    played.map_err(|error| {
        let path = output.journal_path();
        Failure::usage(
            anyhow!(error).context(format!("cannot write the journal `{}`", path.display())),
        )
    })?;
    sinks.take(&Event::Finished { at: timestamp(clock()), complete: true })?;
    let (record, written) = output.write_record(&args.formats.writers()).map_err(Failure::usage)?;

    if !globals.quiet {
        let mut err = anstream::stderr().lock();
        console::tell(&record, globals.verbose, &mut err)?;
        progress.tell(&mut err)?;
        if !profile.is_core() {
            writeln!(err, "profile: {} ({})", profile.id, profile.title)?;
        }
        for path in &written {
            writeln!(err, "written: {}", path.display())?;
        }
    }
    Ok(Exit::of(&record, args.fail_on.0))
}

/// The verifiers of these specs, each once.
fn verifiers(
    given: &[String],
    clock: ClockChoice,
    globals: &Globals,
) -> anyhow::Result<Vec<Named>> {
    let default = ["reference".to_owned(), "jsonwebtoken".to_owned()];
    let mut all: Vec<Named> = Vec::new();
    for spec in if given.is_empty() { &default } else { given } {
        let named = spec::named(spec, clock, globals)?;
        if all.iter().any(|other| other.id == named.id) {
            return Err(anyhow!(
                "--verifier `{}` is given twice; a record has one column for each",
                named.id
            ));
        }
        all.push(named);
    }
    Ok(all)
}

/// The journal, and what a person sees.
struct Sinks<'a> {
    output: &'a Output,
    progress: &'a Progress,
}

impl Sink for Sinks<'_> {
    fn take(&self, event: &Event) -> io::Result<()> {
        self.output.append(event)?;
        self.progress.take(event)
    }
}

/// Seconds since the epoch; a clock before it reads as the epoch.
pub(super) fn numeric_date(time: SystemTime) -> NumericDate {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    NumericDate(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn timestamp(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
