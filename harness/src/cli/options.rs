//! Options that several commands share.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, anyhow};
use gauntlet_vectors::{
    Case, Catalogue,
    case::{Level, Severity},
    file::VectorFile,
};

use super::Failure;
use crate::adapter::Clock;
use crate::runner::plan::{Selection, SelectionError};

/// Which cases.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Select {
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
    /// Play the cases of this file, ours or in Wycheproof's format, in place of the catalogue; may be
    /// given again
    #[arg(long, value_name = "FILE")]
    vectors: Vec<PathBuf>,
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
    /// Everything in these files, or in the catalogue where there are none.
    pub(super) fn of_files(files: &[PathBuf]) -> Self {
        Self { vectors: files.to_vec(), ..Self::default() }
    }

    /// The catalogue: the built-in one, or that of the files; a file's twins may be built in.
    pub(super) fn catalogue(&self) -> Result<(Catalogue, Option<Vec<Case>>), Failure> {
        let built_in = Catalogue::build();
        if self.vectors.is_empty() {
            return Ok((built_in, None));
        }
        let mut own: Vec<Case> = Vec::new();
        for path in &self.vectors {
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

    /// The selected cases of that catalogue.
    pub(super) fn select<'a>(
        &self,
        catalogue: &'a Catalogue,
        own: Option<&[Case]>,
    ) -> Result<Vec<&'a Case>, Failure> {
        let selection = Selection {
            only: self.only.clone(),
            skip: self.skip.clone(),
            families: self.family.clone(),
            severity: self.severity,
            levels: self.level.clone(),
            controls: self.control.clone(),
        };
        let mut selected = selection.select(catalogue).map_err(|error| match error {
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
