//! Verifiers, as named on the command line.

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::builder::PossibleValuesParser;

use crate::{adapter::Launch, builtin::BUILTINS};

/// The names of the built-in verifiers, for clap.
pub(super) fn builtin_names() -> PossibleValuesParser {
    PossibleValuesParser::new(BUILTINS.iter().map(|builtin| builtin.name))
}

/// How the verifier of this spec is started.
pub(super) fn launch(spec: &str) -> anyhow::Result<Launch> {
    let gauntlet = std::env::current_exe().context("cannot find the program that is running")?;
    let guard = Some(gauntlet.clone());
    if let Some(command) = spec.strip_prefix("cmd:") {
        let words = shlex::split(command)
            .with_context(|| format!("`{spec}`: a quote is left open in the command"))?;
        let Some((program, arguments)) = words.split_first() else {
            bail!("`{spec}`: name the program behind `cmd:`, as in `cmd:python3 adapter.py`");
        };
        return Ok(Launch {
            program: PathBuf::from(program),
            arguments: arguments.to_vec(),
            guard,
        });
    }
    if let Some(builtin) = BUILTINS.iter().find(|builtin| builtin.name == spec) {
        let arguments = vec!["adapter".to_owned(), builtin.name.to_owned()];
        return Ok(Launch { program: gauntlet, arguments, guard });
    }
    let names: Vec<&str> = BUILTINS.iter().map(|builtin| builtin.name).collect();
    Err(anyhow!(
        "unknown verifier `{spec}`: built in are {}; any other is played as `cmd:PROGRAM ARGUMENTS`, a \
         program that speaks the adapter protocol",
        names.join(" and ")
    ))
}
