//! `gauntlet lab`.

use std::{
    io::Write,
    num::NonZeroUsize,
    time::{Duration, SystemTime},
};

use anyhow::anyhow;
use gauntlet_vectors::{Case, Catalogue};

use super::{
    Failure, Globals, columns::Columns, console::Palette, doctor, run::numeric_date, spec,
};
use crate::{
    doctor::{Health, Terms, examine},
    lab::{
        Installed, Lab, Library, Spec,
        causes::Confirmed,
        known::{self, Pair, Told},
        libraries,
    },
    runner::{self, Contender, Order, Settings, exit::Exit},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Every library that has an adapter of ours, and the versions that are installed
    List,
    /// Install libraries, each at one version in a folder of its own
    Install {
        /// A library, such as pyjwt or pyjwt@2.12.1
        #[arg(required_unless_present = "all")]
        spec: Vec<String>,
        /// Every library, at the version of its manifest
        #[arg(long)]
        all: bool,
    },
    /// Published vulnerabilities: does the catalogue tell the vulnerable release from the fixed one?
    Check {
        /// Only these, by their ids or the names of libraries
        name: Vec<String>,
        /// Play the whole catalogue and print every case that tells a pair apart
        #[arg(long)]
        discover: bool,
    },
    /// Reproduce the causes of findings without our adapters
    Confirm {
        /// Only these libraries; all that are installed where none is named
        spec: Vec<String>,
    },
}

pub(super) fn run(
    args: &Args,
    globals: &Globals,
    clock: &dyn Fn() -> SystemTime,
) -> Result<Exit, Failure> {
    let lab = spec::lab(globals).map_err(Failure::usage)?;
    let settings = Settings {
        jobs: NonZeroUsize::MIN,
        scenarios: NonZeroUsize::MIN,
        folder: None,
        deadline: Duration::from_secs(10),
        order: Order::Catalogue,
        seed: 0,
        wall: numeric_date(clock()),
    };
    match &args.command {
        Command::List => list(&lab),
        Command::Install { spec, all } => install(&lab, spec, *all, &settings, globals),
        Command::Check { name, discover } => check(&lab, name, *discover, &settings, globals),
        Command::Confirm { spec } => confirm(&lab, spec),
    }
}

fn all() -> Result<&'static [Library], Failure> {
    libraries().map_err(Failure::usage)
}

fn list(lab: &Lab) -> Result<Exit, Failure> {
    let mut table = Columns::new(["name", "library", "language", "version", "clock", "installed"]);
    for library in all()? {
        let manifest = &library.manifest;
        let installed: Vec<String> =
            lab.all_of(library).iter().map(|there| there.version.to_string()).collect();
        table.row([
            manifest.name.clone(),
            manifest.library.clone(),
            manifest.language.clone(),
            manifest.version.to_string(),
            format!("{:?}", manifest.clock).to_lowercase(),
            installed.join(" "),
        ]);
    }
    let mut out = anstream::stdout().lock();
    write!(out, "{table}")?;
    writeln!(out, "installed in {}", lab.root().display())?;
    Ok(Exit::Clean)
}

/// The specs and their libraries.
fn read(specs: &[String]) -> Result<Vec<(Spec, &'static Library)>, Failure> {
    specs.iter().map(|spec| Spec::read(spec).map_err(Failure::usage)).collect()
}

fn install(
    lab: &Lab,
    specs: &[String],
    everything: bool,
    settings: &Settings,
    globals: &Globals,
) -> Result<Exit, Failure> {
    let mut wanted = read(specs)?;
    if everything {
        for library in all()? {
            wanted.push((Spec { name: library.manifest.name.clone(), version: None }, library));
        }
    }
    let catalogue = Catalogue::build();
    let honest = doctor::honest(&catalogue);
    let mut failed = Vec::new();
    for (spec, library) in wanted {
        let there = installed(lab, &spec, library, settings, globals)
            .and_then(|there| examined(&there, &honest, settings, globals).map(|()| there));
        match there {
            Ok(there) => {
                let mut out = anstream::stdout().lock();
                writeln!(out, "{} {}", there.id(), there.dir.display())?;
            }
            Err(error) => {
                failed.push(spec.name);
                super::console::error(&error, Palette::ERROR);
            }
        }
    }
    if failed.is_empty() {
        return Ok(Exit::Clean);
    }
    Err(Failure::not_driven(anyhow!("not installed: {}", failed.join(", "))))
}

/// Installs a library and sees that its adapter speaks and takes an honest token.
fn installed(
    lab: &Lab,
    spec: &Spec,
    library: &'static Library,
    settings: &Settings,
    globals: &Globals,
) -> anyhow::Result<Installed> {
    let say = |line: &str| {
        if !globals.quiet {
            // Whoever closed standard error does not want to hear it.
            let _ = writeln!(anstream::stderr(), "{}: {line}", library.manifest.name);
        }
    };
    let there = lab.install(spec, library, &say)?;
    let id = there.id();
    let contender = Contender::new(id.clone(), there.launch());
    let introduced = runner::introduce(vec![contender], settings).map_err(|(_, error)| {
        anyhow!(error).context(format!("`{id}` is installed but does not run"))
    })?;
    for warning in introduced.iter().flat_map(|one| one.entry(None).warnings) {
        say(&format!("warning: {warning}"));
    }
    Ok(there)
}

/// Doctor's judgement: what is odd is told, what is wrong is an error.
fn examined(
    there: &Installed,
    honest: &[&Case],
    settings: &Settings,
    globals: &Globals,
) -> anyhow::Result<()> {
    let launch = there.launch();
    let terms = Terms {
        launch: &launch,
        promised: Some(launch.clock),
        deadline: settings.deadline,
        wall: settings.wall,
        honest,
    };
    let mut err = anstream::stderr().lock();
    let sound = examine(&terms, &mut |check| {
        let is_told = match check.health {
            Health::Sound => false,
            Health::Doubtful => !globals.quiet,
            Health::Wrong => true,
        };
        if is_told {
            // Whoever closed standard error does not want to hear it.
            let _ = write!(err, "{}: ", there.id()).and_then(|()| doctor::tell(check, &mut err));
        }
    })?;
    if sound {
        Ok(())
    } else {
        Err(anyhow!("`{}` is installed, but its adapter is not sound", there.id()))
    }
}

fn check(
    lab: &Lab,
    names: &[String],
    discover: bool,
    settings: &Settings,
    globals: &Globals,
) -> Result<Exit, Failure> {
    let pairs: Vec<Pair> = known::pairs()
        .map_err(Failure::usage)?
        .into_iter()
        .filter(|pair| names.is_empty() || names.iter().any(|name| pair.is_named(name)))
        .collect();
    if pairs.is_empty() {
        return Err(Failure::nothing(anyhow!("no known vulnerability is named so")));
    }
    let catalogue = Catalogue::build();
    let mut table =
        Columns::new(["vulnerability", "library", "vulnerable", "fixed", "told apart by"]);
    let (mut apart, mut outside, mut missed) = (0, 0, 0);
    for pair in &pairs {
        let by = match &pair.outside {
            Some(why) if !discover || Spec::read(&pair.library).is_err() => {
                outside += 1;
                format!("outside the protocol: {why}")
            }
            Some(_) | None => match told(lab, pair, &catalogue, discover, settings, globals) {
                Err(error) => {
                    missed += 1;
                    super::console::error(&error, Palette::ERROR);
                    "NOT PLAYED".to_owned()
                }
                Ok(told) if told.apart.is_empty() || (!discover && !told.alike.is_empty()) => {
                    missed += 1;
                    let alike = told
                        .alike
                        .iter()
                        .take(3)
                        .map(|(case, bad, good)| format!("{case} ({bad}, {good})"));
                    format!("NOT TOLD APART {}", alike.collect::<Vec<_>>().join(" "))
                }
                Ok(told) => {
                    apart += 1;
                    told.apart.join(" ")
                }
            },
        };
        table.row([
            pair.precedent.id.clone(),
            pair.library.clone(),
            pair.vulnerable.to_string(),
            pair.fixed.to_string(),
            by,
        ]);
    }
    let mut out = anstream::stdout().lock();
    write!(out, "{table}")?;
    writeln!(
        out,
        "{} pairs: {apart} told apart, {outside} outside the protocol, {missed} missed",
        pairs.len()
    )?;
    Ok(if missed == 0 { Exit::Clean } else { Exit::Findings })
}

fn told(
    lab: &Lab,
    pair: &Pair,
    catalogue: &Catalogue,
    discover: bool,
    settings: &Settings,
    globals: &Globals,
) -> anyhow::Result<Told> {
    let release = |version| {
        let spec = format!("{}@{version}", pair.library);
        let (spec, library) = Spec::read(&spec)?;
        installed(lab, &spec, library, settings, globals)
    };
    let [vulnerable, fixed] = [release(&pair.vulnerable)?, release(&pair.fixed)?];
    let is_wanted = |case: &&Case| {
        let is_named = pair.cases.iter().any(|name| name == case.id.as_str());
        if discover { case.source.is_none() } else { is_named }
    };
    let cases: Vec<&Case> = catalogue.cases().iter().filter(is_wanted).collect();
    Ok(known::compare(catalogue, &cases, &vulnerable, &fixed, settings)?)
}

fn confirm(lab: &Lab, specs: &[String]) -> Result<Exit, Failure> {
    let mut there = Vec::new();
    for (spec, library) in read(specs)? {
        let found = lab.find(&spec, library).ok_or_else(|| {
            Failure::usage(anyhow!(
                "`{}` is not installed; `gauntlet lab install {}` does that",
                spec.name,
                spec.name
            ))
        })?;
        there.push(found);
    }
    if specs.is_empty() {
        for library in all()? {
            let spec = Spec { name: library.manifest.name.clone(), version: None };
            there.extend(lab.find(&spec, library));
        }
    }
    let mut table = Columns::new(["library", "cause", "", "saw"]);
    let (mut yes, mut other, mut libraries) = (0, 0, 0);
    for installed in &there {
        let causes = installed.library.causes().map_err(Failure::usage)?;
        let causes: Vec<_> = causes
            .iter()
            .filter(|cause| cause.is_of(&installed.version) && !cause.confirm.is_empty())
            .collect();
        libraries += usize::from(!causes.is_empty());
        for cause in causes {
            let confirmed = installed.confirm(cause)?;
            let (word, saw) = match confirmed {
                Confirmed::Yes { saw } => ("confirmed", saw),
                Confirmed::No { saw } => ("NOT CONFIRMED", saw),
                Confirmed::Trouble { why } => ("TROUBLE", why),
            };
            if word == "confirmed" {
                yes += 1
            } else {
                other += 1
            }
            table.row([installed.id(), cause.id.clone(), word.to_owned(), saw]);
        }
    }
    let mut out = anstream::stdout().lock();
    write!(out, "{table}")?;
    writeln!(out, "{yes} causes confirmed over {libraries} libraries, {other} not")?;
    Ok(if yes + other == 0 {
        Exit::Nothing
    } else if other == 0 {
        Exit::Clean
    } else {
        Exit::Findings
    })
}
