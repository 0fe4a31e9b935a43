//! What a person sees of a run: a progress bar, a block for each finding, a table.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use clap::builder::styling::{AnsiColor, Style};
use gauntlet_reports::{
    Event, Record,
    finding::{Finding, findings, impact_word},
    record::{OutcomeName, VerifierEntry},
    table::{Table, cell_text},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{adapter::text::printable, runner::Sink};

/// The styles of the terminal; nothing is told by colour alone.
pub(super) struct Palette;

impl Palette {
    pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
    pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
    pub(super) const ODD: Style = AnsiColor::Yellow.on_default();
    pub(super) const GOOD: Style = AnsiColor::Green.on_default();
    pub(super) const DIM: Style = Style::new().dimmed();
    pub(super) const HEAD: Style = Style::new().bold();

    pub(super) fn of(outcome: OutcomeName) -> Style {
        match outcome {
            OutcomeName::Pass => Self::GOOD,
            OutcomeName::Info | OutcomeName::Skip => Self::DIM,
            OutcomeName::Inconclusive | OutcomeName::Error => Self::ODD,
            OutcomeName::Fail | OutcomeName::Hang | OutcomeName::Crash => Self::BAD,
        }
    }
}

/// Tells an error with its causes, on standard error.
pub(super) fn error(error: &anyhow::Error, style: Style) {
    let mut out = anstream::stderr().lock();
    // Whoever closed standard error does not want to hear it.
    let _ = writeln!(out, "{style}error:{style:#} {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(out, "  because: {cause}");
    }
}

/// The progress bar, on a terminal only; and how fast it went.
pub(super) struct Progress {
    bar: ProgressBar,
    paces: Mutex<Vec<Pace>>,
}

/// How fast a verifier answered.
struct Pace {
    verifier: String,
    cases: u32,
    began: Instant,
    last: Instant,
}

impl Progress {
    pub(super) fn new(cases: usize, quiet: bool) -> Self {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(15)
        };
        let bar = ProgressBar::with_draw_target(u64::try_from(cases).ok(), target);
        let template = "{msg:20} [{bar:40}] {pos}/{len} {per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, paces: Mutex::default() }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Cases per second, for each verifier that was asked any.
    pub(super) fn tell(&self, out: &mut dyn Write) -> io::Result<()> {
        let dim = Palette::DIM;
        for pace in lock(&self.paces).iter().filter(|pace| pace.cases > 0) {
            let took = pace.last.duration_since(pace.began).as_secs_f64();
            let each_second = f64::from(pace.cases) / took.max(0.001);
            let (verifier, cases) = (printable(&pace.verifier), pace.cases);
            writeln!(
                out,
                "{dim}{verifier}: {cases} cases in {took:.2} s, {each_second:.0} a second{dim:#}"
            )?;
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sink for Progress {
    fn take(&self, event: &Event) -> io::Result<()> {
        match event {
            Event::Verifier(entry) => {
                self.bar.set_message(entry.id.clone());
                let now = Instant::now();
                let verifier = entry.id.clone();
                lock(&self.paces).push(Pace { verifier, cases: 0, began: now, last: now });
            }
            Event::Outcome { pass: 1, result } => {
                self.bar.inc(1);
                let is_skipped = result.outcome == OutcomeName::Skip;
                let mut paces = lock(&self.paces);
                let pace = paces.iter_mut().find(|pace| pace.verifier == result.verifier);
                if let Some(pace) = pace.filter(|_| !is_skipped) {
                    pace.cases += 1;
                    pace.last = Instant::now();
                }
            }
            Event::Outcome { .. }
            | Event::Run(_)
            | Event::Resumed { .. }
            | Event::Asked { .. }
            | Event::Case(_)
            | Event::Finished { .. } => {}
        }
        Ok(())
    }
}

/// The whole run, for a person.
pub(super) fn tell(record: &Record, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for entry in &record.verifiers {
        introduction(entry, out)?;
    }
    for finding in &findings(record) {
        block(finding, out)?;
    }
    for result in &record.results {
        let odd = matches!(result.outcome, OutcomeName::Inconclusive | OutcomeName::Error);
        if odd || (verbose && !result.outcome.is_finding()) {
            let style = Palette::of(result.outcome);
            writeln!(
                out,
                "{style}{:12}{style:#} {} {}: {}",
                result.outcome.word(),
                result.verifier,
                result.case,
                result.reason
            )?;
        }
    }
    table(record, out)?;
    skips(record, out)
}

fn introduction(entry: &VerifierEntry, out: &mut dyn Write) -> io::Result<()> {
    let (head, dim, odd) = (Palette::HEAD, Palette::DIM, Palette::ODD);
    writeln!(
        out,
        "{head}{}{head:#}  {} {} {dim}({}){dim:#}",
        printable(&entry.id),
        printable(&entry.name),
        printable(&entry.version),
        printable(&entry.language)
    )?;
    for warning in &entry.warnings {
        writeln!(out, "  {odd}warning:{odd:#} {}", printable(warning))?;
    }
    Ok(())
}

fn block(finding: &Finding<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (bad, dim, odd) = (Palette::BAD, Palette::DIM, Palette::ODD);
    let result = finding.result;
    let impact = result.impact.map_or(result.outcome.word(), impact_word);
    writeln!(
        out,
        "\n{bad}{}{bad:#} {} {}  {}",
        impact.to_uppercase(),
        result.severity,
        result.level,
        result.case
    )?;
    writeln!(out, "  {} {}", printable(&result.verifier), finding.seen())?;
    writeln!(out, "  rule      {} ({})", result.title, result.clauses.join(", "))?;
    let observed = result.observed.as_deref().unwrap_or("nothing");
    // A bare acceptance says all there is; a refusal, a crash or a wrong belief has words of its own.
    let words = match result.reason.as_str() {
        "accepted what has to be refused" => String::new(),
        reason => format!(": {reason}"),
    };
    writeln!(out, "  permitted {}; observed {observed}{words}", result.permitted.join(" or "))?;
    if let Some(twin) = &result.twin {
        writeln!(out, "  twin      {twin}")?;
    }
    if let Some(cause) = finding.confirmed_cause() {
        writeln!(out, "  cause     {cause}")?;
    }
    for caveat in finding.caveats() {
        writeln!(out, "  {odd}{caveat}{odd:#}")?;
    }
    writeln!(out, "  {dim}{}{dim:#}", printable(&finding.replay()))
}

fn table(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let table = Table::of(record);
    let head = Palette::HEAD;
    let name = table.rows.iter().map(|(family, _)| family.len()).max().unwrap_or_default().max(6);
    let rows: Vec<(&str, Vec<String>)> = table
        .rows
        .iter()
        .map(|(family, cells)| (family.as_str(), cells.iter().map(cell_text).collect()))
        .chain(std::iter::once(("all", table.totals.iter().map(cell_text).collect())))
        .collect();
    let widths: Vec<usize> = table
        .verifiers
        .iter()
        .enumerate()
        .map(|(at, id)| {
            rows.iter()
                .filter_map(|(_, cells)| cells.get(at))
                .map(String::len)
                .chain(std::iter::once(id.len()))
                .max()
                .unwrap_or_default()
        })
        .collect();
    write!(out, "\n{head}{:name$}{head:#}", "family")?;
    for (id, width) in table.verifiers.iter().zip(&widths) {
        write!(out, "  {head}{id:width$}{head:#}")?;
    }
    writeln!(out)?;
    for (family, cells) in &rows {
        write!(out, "{family:name$}")?;
        for (cell, width) in cells.iter().zip(&widths) {
            write!(out, "  {cell:width$}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// How many cases were skipped for which reason: a skip must not grow unseen.
fn skips(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for result in record.results.iter().filter(|result| result.outcome == OutcomeName::Skip) {
        *reasons.entry((&result.verifier, &result.reason)).or_default() += 1;
    }
    let dim = Palette::DIM;
    for ((verifier, reason), count) in reasons {
        writeln!(out, "{dim}skipped {count} for {verifier}: {reason}{dim:#}")?;
    }
    Ok(())
}
