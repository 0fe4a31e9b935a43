//! `gauntlet vectors export|check DIR`.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use gauntlet_vectors::{
    Catalogue, Env,
    export::{self, ExportedFile, FOLDERS, INDEX, Index},
};

use super::Failure;
use crate::runner::exit::Exit;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write every case as a recipe that --vectors plays, and in bytes for any language
    Export(Folder),
    /// Compare an export with the catalogue of this build: exit code 0 if they agree, 1 if not
    Check(Folder),
}

#[derive(Debug, clap::Args)]
struct Folder {
    /// The export's folder: index.json, recipes/ and resolved/
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: &Args, quiet: bool) -> Result<Exit, Failure> {
    let catalogue = Catalogue::build();
    let files = export::render(&catalogue, &Env::fixed()).map_err(Failure::usage)?;
    match &args.command {
        Command::Export(folder) => {
            write(&folder.folder, &files).map_err(Failure::usage)?;
            if !quiet {
                let octets: usize = files.iter().map(|file| file.contents.len()).sum();
                writeln!(
                    anstream::stderr().lock(),
                    "wrote {} cases in {} files ({} KiB) to {}",
                    catalogue.cases().len(),
                    files.len(),
                    octets.div_ceil(1024),
                    folder.folder.display()
                )?;
            }
            Ok(Exit::Clean)
        }
        Command::Check(folder) => check(&folder.folder, &files, quiet),
    }
}

fn check(folder: &Path, files: &[ExportedFile], quiet: bool) -> Result<Exit, Failure> {
    let shown = folder.display();
    if !folder.join(INDEX).is_file() {
        return Err(Failure::usage(anyhow!(
            "`{shown}` holds no export: there is no `{INDEX}`; `gauntlet vectors export DIR` writes one"
        )));
    }
    let found = read(folder).map_err(Failure::usage)?;
    let differences = export::differences(files, &found);
    let mut out = anstream::stdout().lock();
    for difference in &differences {
        writeln!(out, "{difference}")?;
    }
    if differences.is_empty() {
        return Ok(Exit::Clean);
    }
    if !quiet {
        writeln!(
            anstream::stderr().lock(),
            "{} of the {} files are not those of this build's catalogue; `gauntlet vectors export {}` \
             writes them anew",
            differences.len(),
            files.len(),
            shlex::try_quote(&folder.to_string_lossy()).unwrap_or_default()
        )?;
    }
    Ok(Exit::Findings)
}

fn write(folder: &Path, files: &[ExportedFile]) -> anyhow::Result<()> {
    let earlier = earlier(folder)?;
    for name in FOLDERS {
        let path = folder.join(name);
        fs::create_dir_all(&path)
            .with_context(|| format!("cannot make the folder `{}`", path.display()))?;
    }
    for file in files {
        let path = folder.join(&file.path);
        fs::write(&path, &file.contents)
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    // A family that is gone must not stay behind as if it were still asked.
    for path in earlier.iter().filter(|path| !files.iter().any(|file| file.path == **path)) {
        let path = folder.join(path);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot take away `{}`", path.display()));
            }
        }
    }
    Ok(())
}

/// What an earlier export left in the folder, by its index; only paths that an export could have.
fn earlier(folder: &Path) -> anyhow::Result<Vec<String>> {
    let path = folder.join(INDEX);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
        }
    };
    let index: Index = serde_json::from_slice(&text).with_context(|| {
        format!(
            "`{}` is no index of an export; take it away or choose another folder",
            path.display()
        )
    })?;
    let is_ours = |path: &String| {
        path.split_once('/').is_some_and(|(folder, name)| {
            FOLDERS.contains(&folder) && !name.contains(['/', '\\']) && name.ends_with(".json")
        })
    };
    Ok(index.files.into_iter().map(|file| file.path).filter(is_ours).collect())
}

/// Every file in the places of an export.
fn read(folder: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut take = |path: String| -> anyhow::Result<()> {
        let contents = fs::read(folder.join(&path))
            .with_context(|| format!("cannot read `{}`", folder.join(&path).display()))?;
        found.insert(path, contents);
        Ok(())
    };
    take(INDEX.to_owned())?;
    for name in FOLDERS {
        let path = folder.join(name);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            // Its files are told as missing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
            }
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read `{}`", path.display()))?;
            if entry.path().is_file() {
                take(format!("{name}/{}", entry.file_name().to_string_lossy()))?;
            }
        }
    }
    Ok(found)
}
