//! `gauntlet report RECORD…`.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use gauntlet_reports::Record;

use super::{
    Failure, Globals,
    options::{Formats, own_frameworks},
};
use crate::runner::{exit::Exit, formats, journal};

/// A record of thirty verifiers and three thousand cases is a tenth of it.
const LARGEST: u64 = 1 << 30;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A record.json, the journal.jsonl of a run that may not have ended, or the folder of either; several stand in
    /// one matrix
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<PathBuf>,
    #[command(flatten)]
    formats: Formats,
    /// The folder for the files; a single format goes to standard output where none is named
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Take in the framework of this file, beside those that the record holds; may be given again
    #[arg(long, value_name = "FILE")]
    controls: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, globals: &Globals) -> Result<Exit, Failure> {
    let mut records = Vec::with_capacity(args.records.len());
    for path in &args.records {
        records.push(read(path).map_err(Failure::usage)?);
    }
    let mut record = Record::join(records)
        .map_err(|error| {
            let given: Vec<String> =
                args.records.iter().map(|path| path.display().to_string()).collect();
            anyhow!(error).context(format!("cannot join {}", given.join(", ")))
        })
        .map_err(Failure::usage)?;
    let book = record.book().map_err(Failure::usage)?;
    let book = own_frameworks(book, &args.controls)?;
    record.frameworks = book.own().to_vec();

    let formats = args.formats.writers();
    match (&args.out, formats.as_slice()) {
        (None, [only]) => {
            let mut out = io::stdout().lock();
            (only.write)(&record, &mut out)?;
            out.flush()?;
        }
        (None, _) => {
            return Err(Failure::usage(anyhow!(
                "cannot write {} formats to standard output; name a folder with --out, or one format",
                formats.len()
            )));
        }
        (Some(folder), _) => {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create the folder `{}`", folder.display()))
                .map_err(Failure::usage)?;
            let written = formats::write_all(&record, &formats, folder).map_err(Failure::usage)?;
            if !globals.quiet {
                let mut err = anstream::stderr().lock();
                for path in written {
                    writeln!(err, "{}", path.display())?;
                }
            }
        }
    }
    Ok(Exit::Clean)
}

/// The record at this path.
fn read(path: &Path) -> anyhow::Result<Record> {
    let path = if path.is_dir() { in_folder(path)? } else { path.to_owned() };
    let shown = path.display();
    let file = File::open(&path).with_context(|| format!("cannot read the record `{shown}`"))?;
    let mut text = String::new();
    file.take(LARGEST + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("cannot read the record `{shown}`"))?;
    if u64::try_from(text.len()).is_ok_and(|length| length > LARGEST) {
        return Err(anyhow!(
            "cannot read the record `{shown}`: it is larger than {LARGEST} octets"
        ));
    }
    Record::read(&text).with_context(|| format!("cannot use the record `{shown}`"))
}

/// A folder's record, or the journal of a run that has not come to one.
fn in_folder(folder: &Path) -> anyhow::Result<PathBuf> {
    let candidates = ["record.json", journal::FILE_NAME].map(|name| folder.join(name));
    candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| {
        anyhow!(
            "cannot find a record in `{}`: expected a record.json or a {} of `gauntlet run --out`",
            folder.display(),
            journal::FILE_NAME
        )
    })
}
