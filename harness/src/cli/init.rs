//! `gauntlet init`.

use std::{io::Write, path::PathBuf};

use clap::builder::PossibleValuesParser;

use super::Failure;
use crate::{lab::template::TEMPLATES, runner::exit::Exit};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// A template of an adapter that passes `doctor` once its library is there
    Adapter {
        /// The language
        #[arg(long, value_name = "LANG", value_parser = languages())]
        lang: String,
        /// A new folder
        #[arg(default_value = "adapter")]
        dir: PathBuf,
    },
}

fn languages() -> PossibleValuesParser {
    PossibleValuesParser::new(TEMPLATES.iter().map(|template| template.language))
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let Command::Adapter { lang, dir } = &args.command;
    let template = TEMPLATES
        .iter()
        .find(|template| template.language == lang)
        .ok_or_else(|| Failure::usage(anyhow::anyhow!("there is no template for `{lang}`")))?;
    let written = template.write(dir).map_err(Failure::usage)?;
    let mut out = anstream::stdout().lock();
    for path in written {
        writeln!(out, "{}", path.display())?;
    }
    Ok(Exit::Clean)
}
