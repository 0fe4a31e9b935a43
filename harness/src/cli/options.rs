//! Options that several commands share.

use std::{borrow::Cow, fs, path::PathBuf, time::Duration};

use anyhow::{Context, anyhow};
use clap::builder::PossibleValuesParser;
use gauntlet_reports::{WRITERS, Writer};
use gauntlet_vectors::{
    Case, Catalogue, Profile,
    case::{Level, Severity},
    controls::Book,
    file::VectorFile,
    profile,
};

use super::Failure;
use crate::adapter::Clock;
use crate::runner::plan::{Selection, SelectionError};

/// As whom a verifier is asked.
#[derive(Debug, clap::Args)]
pub(super) struct ProfileChoice {
    /// Ask as those are asked who follow a specification or policy of their own; `list --profile NAME` shows
    /// what is different then
    #[arg(
        long,
        value_name = "NAME",
        default_value = profile::CORE,
        value_parser = PossibleValuesParser::new(profile::names()),
        conflicts_with = "vectors"
    )]
    profile: String,
}

impl Default for ProfileChoice {
    fn default() -> Self {
        Self { profile: profile::CORE.to_owned() }
    }
}

impl ProfileChoice {
    /// The profile of that name.
    pub(super) fn find(&self) -> Result<&'static Profile, Failure> {
        profile::find(&self.profile).map_err(|error| {
            Failure::usage(anyhow!("cannot use --profile `{}`: failed to {error}", self.profile))
        })
    }
}

/// Which cases.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Select {
    #[command(flatten)]
    profile: ProfileChoice,
    /// Only cases whose id matches, such as 'rfc/*'; may be given again
    #[arg(long, value_name = "GLOB")]
    only: Vec<String>,
    /// No case whose id matches; may be given again
    #[arg(long, value_name = "GLOB")]
    skip: Vec<String>,
    /// Only cases of this family; may be given again
    #[arg(long, value_name = "NAME")]
    family: Vec<String>,
    /// Only cases at least this severe: info, low, medium, high, critical
    #[arg(long, value_name = "SEVERITY", value_parser = parse::<Severity>)]
    severity: Option<Severity>,
    /// Only cases of this level: MUST, SHOULD, MAY; may be given again
    #[arg(long, value_name = "LEVEL", value_parser = parse_upper::<Level>)]
    level: Vec<Level>,
    /// Only cases that map to this control, such as NHI6:2025; may be given again
    #[arg(long, value_name = "ID")]
    control: Vec<String>,
    /// Take in the framework of this file, whose controls are then known as ours are; may be given again
    #[arg(long, value_name = "FILE")]
    controls: Vec<PathBuf>,
    /// Play the cases of this file, ours or in Wycheproof's format, in place of the catalogue; may be
    /// given again
    #[arg(long, value_name = "FILE")]
    vectors: Vec<PathBuf>,
}

/// In which formats a record is written.
#[derive(Debug, clap::Args)]
pub(super) struct Formats {
    /// In which formats the record is written, with commas between them
    #[arg(long = "format", value_name = "LIST", default_value = "json", value_delimiter = ',', value_parser = format_name())]
    names: Vec<String>,
}

/// What stands for every format.
const ALL: &str = "all";

fn format_name() -> clap::builder::PossibleValuesParser {
    let all = clap::builder::PossibleValue::new(ALL).help("every one of them");
    let named = WRITERS
        .iter()
        .map(|writer| clap::builder::PossibleValue::new(writer.name).help(writer.purpose));
    clap::builder::PossibleValuesParser::new(named.chain(std::iter::once(all)))
}

impl Formats {
    /// The formats, each once, in the order in which they are told.
    pub(super) fn writers(&self) -> Vec<&'static Writer> {
        let is_asked =
            |writer: &&Writer| self.names.iter().any(|name| name == ALL || name == writer.name);
        WRITERS.iter().filter(is_asked).collect()
    }
}

/// A book with the frameworks of these files.
pub(super) fn own_frameworks(
    mut book: Cow<'static, Book>,
    files: &[PathBuf],
) -> Result<Cow<'static, Book>, Failure> {
    for path in files {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read --controls `{shown}`"))
            .map_err(Failure::usage)?;
        book.to_mut()
            .add(&text)
            .with_context(|| format!("cannot take in --controls `{shown}`"))
            .map_err(Failure::usage)?;
    }
    Ok(book)
}

/// By which clock a verifier judges.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct ClockChoice {
    /// By which clock verifiers judge that take no time of ours: as their manifests say, by the machine's,
    /// or by libfaketime
    #[arg(long = "clock", value_name = "CLOCK", value_enum, default_value_t = ClockName::Auto)]
    name: ClockName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ClockName {
    Auto,
    Wall,
    Faketime,
}

impl ClockChoice {
    /// Whether manifests decide.
    pub(super) fn is_auto(self) -> bool {
        self.name == ClockName::Auto
    }

    /// The clock of a verifier whose manifest says this.
    pub(super) fn of(self, announced: Clock) -> Clock {
        match self.name {
            ClockName::Auto => announced,
            ClockName::Wall => Clock::Wall,
            ClockName::Faketime => Clock::Faketime,
        }
    }
}

impl Select {
    /// The profile that cases are asked under.
    pub(super) fn profile(&self) -> Result<&'static Profile, Failure> {
        self.profile.find()
    }

    /// The frameworks: ours, and those of the files.
    pub(super) fn book(&self) -> Result<Cow<'static, Book>, Failure> {
        let book = Book::standard().map_err(Failure::usage)?;
        own_frameworks(Cow::Borrowed(book), &self.controls)
    }

    /// The catalogue: the built-in one under its profile, or that of the files; a file's twins may be built in.
    ///
    /// A profile says what the catalogue's cases ask. Cases of a file ask what stands in the file, and so the
    /// two do not go together.
    pub(super) fn catalogue(&self) -> Result<(Catalogue, Option<Vec<Case>>), Failure> {
        catalogue(self.profile()?, &self.vectors)
    }

    /// The selected cases of that catalogue, by the controls of that book.
    pub(super) fn select<'a>(
        &self,
        catalogue: &'a Catalogue,
        own: Option<&[Case]>,
        book: &Book,
    ) -> Result<Vec<&'a Case>, Failure> {
        let selection = Selection {
            only: self.only.clone(),
            skip: self.skip.clone(),
            families: self.family.clone(),
            severity: self.severity,
            levels: self.level.clone(),
            controls: self.control.clone(),
        };
        let mut selected = selection.select(catalogue, book).map_err(|error| match error {
            SelectionError::Nothing { .. } => Failure::nothing(error),
            SelectionError::Glob { .. }
            | SelectionError::UnknownFamily { .. }
            | SelectionError::UnknownControl { .. } => Failure::usage(error),
        })?;
        if let Some(own) = own {
            selected.retain(|case| own.iter().any(|other| other.id == case.id));
            if selected.is_empty() {
                let why = "the options leave none of the cases of the --vectors files".to_owned();
                return Err(Failure::nothing(SelectionError::Nothing { why }));
            }
        }
        Ok(selected)
    }
}

/// The catalogue under this profile, or that of these files where there are any, and then their cases alone.
pub(super) fn catalogue(
    profile: &Profile,
    vectors: &[PathBuf],
) -> Result<(Catalogue, Option<Vec<Case>>), Failure> {
    let built_in = profile.apply(&Catalogue::build());
    if vectors.is_empty() {
        return Ok((built_in, None));
    }
    let mut own: Vec<Case> = Vec::new();
    for path in vectors {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read --vectors `{shown}`"))
            .map_err(Failure::usage)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = VectorFile::read_any(&name, &text, &built_in)
            .with_context(|| format!("cannot play --vectors `{shown}`"))
            .map_err(Failure::usage)?;
        if let Some(twice) =
            file.cases.iter().find(|case| own.iter().any(|other| other.id == case.id))
        {
            return Err(Failure::usage(anyhow!(
                "cannot play --vectors `{shown}`: case `{}` stands in an earlier file as well; expected each \
                 id once (ids of Wycheproof's tests are made of the file's name)",
                twice.id
            )));
        }
        own.extend(file.cases);
    }
    // The files' cases come first, so that they stand where an id is given twice.
    let all = own.iter().cloned().chain(built_in.cases().iter().cloned()).collect();
    Ok((Catalogue::of(all), Some(own)))
}

/// A value by its word.
pub(super) fn parse<T>(text: &str) -> Result<T, String>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| format!("failed to {error}"))
}

/// A deadline; none at all would make every answer late.
pub(super) fn deadline(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration.is_zero() => {
            Err("expected more than nothing, such as 5s".to_owned())
        }
        Ok(duration) => Ok(duration),
        Err(error) => Err(format!("{error}; expected a time such as 5s or 800ms")),
    }
}

fn parse_upper<T>(text: &str) -> Result<T, String>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    parse(&text.to_ascii_uppercase())
}
