//! `gauntlet list`.

mod profile;

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use gauntlet_vectors::{Case, Catalogue, Profile, case::Capability, export::FamilyEntry};
use serde::Serialize;

use self::profile::Differences;
use super::{Failure, console::Palette, options::Select};
use crate::runner::{execute::permitted_words, exit::Exit};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    select: Select,
    /// The families with how many cases each has, in place of the cases
    #[arg(long)]
    families: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Table,
    Json,
}

/// A case as `list --format json` prints it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    family: &'a str,
    category: &'a str,
    level: &'a str,
    basis: &'a str,
    severity: &'a str,
    clauses: Vec<String>,
    needs: Needs,
    permitted: Vec<String>,
    twin: Option<String>,
    since: &'a str,
    source: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Needs {
    capabilities: Vec<Capability>,
    lacks: Vec<Capability>,
    /// What a case makes use of where it is there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spared: Vec<Capability>,
    algorithms: Vec<String>,
}

pub(super) fn run(args: &Args, verbose: bool) -> Result<Exit, Failure> {
    let profile = args.select.profile()?;
    if !profile.is_core() && !args.families {
        return differences(args, profile, verbose);
    }
    let (catalogue, own) = args.select.catalogue()?;
    let book = args.select.book()?;
    let selected = args.select.select(&catalogue, own.as_deref(), &book)?;
    let mut out = anstream::stdout().lock();
    if args.families {
        return families(&selected, args.format, &mut out);
    }
    match args.format {
        Format::Json => {
            let rows: Vec<Row<'_>> = selected.iter().map(|case| row(case)).collect();
            serde_json::to_writer_pretty(&mut out, &rows).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Format::Table => {
            let width =
                selected.iter().map(|case| case.id.as_str().len()).max().unwrap_or_default();
            for case in &selected {
                writeln!(
                    out,
                    "{:width$}  {:6} {:8}  {}",
                    case.id, case.level, case.severity, case.title
                )?;
                if verbose {
                    details(case, width, &mut out)?;
                }
            }
            let families = FamilyEntry::all(selected.iter().copied()).len();
            let of = if families == 1 { "family" } else { "families" };
            writeln!(out, "{} cases of {families} {of}", selected.len())?;
        }
    }
    Ok(Exit::Clean)
}

/// What a profile makes different.
fn differences(args: &Args, profile: &Profile, verbose: bool) -> Result<Exit, Failure> {
    let core = Catalogue::build();
    let applied = profile.applied(&core);
    let book = args.select.book()?;
    let selected = args.select.select(&applied.catalogue, None, &book)?;
    // The options may select nothing but what was left out, or nothing of it.
    let before = args.select.select(&core, None, &book).unwrap_or_default();
    let before: BTreeSet<_> = before.iter().map(|case| &case.id).collect();
    let rows = selected.iter().map(|case| row(case)).collect();
    let differences = Differences::new(profile, &applied, rows, &before);
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Table => differences.tell(verbose, &mut out)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &differences).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    }
    Ok(Exit::Clean)
}

/// A line for each family, and one for all.
fn families(selected: &[&Case], format: Format, out: &mut dyn Write) -> Result<Exit, Failure> {
    let entries = FamilyEntry::all(selected.iter().copied());
    match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &entries).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Format::Table => {
            let all = FamilyEntry::of("all", "", selected);
            let rows = || entries.iter().chain(std::iter::once(&all));
            let width = rows().map(|entry| entry.name.len()).max().unwrap_or_default();
            let head = Palette::HEAD;
            writeln!(out, "{head}{:width$}  cases   MUST SHOULD    MAY{head:#}", "family")?;
            for entry in rows() {
                let FamilyEntry { name, title, cases, must, should, may } = entry;
                let row = format!("{name:width$}  {cases:5} {must:6} {should:6} {may:6}  {title}");
                writeln!(out, "{}", row.trim_end())?;
            }
        }
    }
    Ok(Exit::Clean)
}

/// Clauses, needs and twin, each on a line of its own.
fn details(case: &Case, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let row = row(case);
    let needs: Vec<String> = row
        .needs
        .capabilities
        .iter()
        .map(ToString::to_string)
        .chain(row.needs.lacks.iter().map(|capability| format!("no {capability}")))
        .chain(row.needs.algorithms)
        .collect();
    writeln!(out, "{:width$}  {}", "", row.clauses.join(", "))?;
    writeln!(out, "{:width$}  needs {}", "", needs.join(", "))?;
    if let Some(twin) = row.twin {
        writeln!(out, "{:width$}  twin {twin}", "")?;
    }
    Ok(())
}

fn row(case: &Case) -> Row<'_> {
    Row {
        id: case.id.as_str(),
        title: &case.title,
        family: case.id.family(),
        category: case.category.word(),
        level: case.level.word(),
        basis: case.basis.word(),
        severity: case.severity.word(),
        clauses: case.clauses.iter().map(ToString::to_string).collect(),
        needs: Needs {
            capabilities: case.needed_capabilities(),
            lacks: case.needs.lacks.clone(),
            spared: case.needs.spared.clone(),
            algorithms: case.needs.algorithms.iter().map(ToString::to_string).collect(),
        },
        permitted: case.permitted().map(permitted_words).unwrap_or_default(),
        twin: case.twin.as_ref().map(ToString::to_string),
        since: case.since.word(),
        source: case.source.as_ref().map(|source| source.document.as_str()),
    }
}
