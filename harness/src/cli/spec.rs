//! Verifiers, as named on the command line.

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::builder::PossibleValuesParser;
use etcetera::{BaseStrategy, choose_base_strategy};

use super::{Globals, options::ClockChoice};
use crate::{
    adapter::Launch,
    builtin::BUILTINS,
    lab::{Installed, Lab, Spec},
};

/// The names of the built-in verifiers, for clap.
pub(super) fn builtin_names() -> PossibleValuesParser {
    PossibleValuesParser::new(BUILTINS.iter().map(|builtin| builtin.name))
}

/// A verifier that can be started.
pub(super) struct Named {
    /// Its id in the record: the spec, with the version of a library.
    pub(super) id: String,
    pub(super) launch: Launch,
    /// Where it is a library of the lab.
    pub(super) installed: Option<Installed>,
}

/// The verifier of this spec, with this clock.
pub(super) fn named(spec: &str, clock: ClockChoice, globals: &Globals) -> anyhow::Result<Named> {
    let named = found(spec, globals)?;
    let launch = Launch { clock: clock.of(named.launch.clock), ..named.launch };
    Ok(Named { launch, ..named })
}

fn found(spec: &str, globals: &Globals) -> anyhow::Result<Named> {
    let gauntlet = program()?;
    let guard = Some(gauntlet.clone());
    if let Some(command) = spec.strip_prefix("cmd:") {
        let words = shlex::split(command)
            .with_context(|| format!("`{spec}`: a quote is left open in the command"))?;
        let Some((program, arguments)) = words.split_first() else {
            bail!("`{spec}`: name the program behind `cmd:`, as in `cmd:python3 adapter.py`");
        };
        let launch = Launch {
            program: PathBuf::from(program),
            arguments: arguments.to_vec(),
            guard,
            ..Launch::default()
        };
        return Ok(Named { id: spec.to_owned(), launch, installed: None });
    }
    if let Some(builtin) = BUILTINS.iter().find(|builtin| builtin.name == spec) {
        let arguments = vec!["adapter".to_owned(), builtin.name.to_owned()];
        let launch = Launch { program: gauntlet, arguments, guard, ..Launch::default() };
        return Ok(Named { id: spec.to_owned(), launch, installed: None });
    }
    let (wanted, library) = Spec::read(spec).map_err(|error| {
        let builtin: Vec<&str> = BUILTINS.iter().map(|builtin| builtin.name).collect();
        anyhow!(error).context(format!(
            "unknown verifier `{spec}`: built in are {}; `gauntlet lab list` shows the libraries that \
             have an adapter of ours; any other is played as `cmd:PROGRAM ARGUMENTS`, a program that \
             speaks the adapter protocol",
            builtin.join(" and ")
        ))
    })?;
    let Some(installed) = lab(globals)?.find(&wanted, library) else {
        bail!("`{spec}` is not installed; `gauntlet lab install {spec}` does that");
    };
    Ok(Named { id: installed.id(), launch: installed.launch(), installed: Some(installed) })
}

/// The lab: the folder that is named, or one among the user's caches.
pub(super) fn lab(globals: &Globals) -> anyhow::Result<Lab> {
    let root = match &globals.lab {
        Some(root) => root.clone(),
        None => choose_base_strategy()
            .context("this user has no folder for caches; name one with --lab DIR")?
            .cache_dir()
            .join("jwks-gauntlet")
            .join("lab"),
    };
    let root = std::path::absolute(root)?;
    Ok(Lab::new(root, Some(program()?)))
}

fn program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("cannot find the program that is running")
}
