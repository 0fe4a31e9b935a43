//! What a run costs beside the library that it plays, as one table:
//!
//!     cargo bench -p gauntlet-benches --bench lab -- pyjwt jose
//!
//! Bare is the adapter with every request in a file for its standard input and its replies thrown away: start-up,
//! the library, and nothing of ours. Run is `gauntlet run --jobs 1` over the same cases in all it does: forging,
//! canaries, second tries of findings, judging. They take turns, and each figure is a median over the turns.

use std::{
    fs::File,
    io::Write,
    num::NonZeroUsize,
    process::{Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant, SystemTime},
};

use gauntlet_reports::Event;
use gauntlet_vectors::{Case, Catalogue, Env, NumericDate, case::Capability};
use jwks_gauntlet::{
    adapter::{
        Launch, Peer,
        process::Session,
        protocol::{self, Request, TokenText},
    },
    lab::{Installed, Lab, Spec},
    runner::{
        self, Contender, Order, Settings, Sink,
        journal::Earlier,
        plan,
        prepare::{PreparedStep, prepare},
    },
    verifier::Description,
};

const TURNS: usize = 5;
const DEADLINE: Duration = Duration::from_secs(30);

type Failure = Box<dyn std::error::Error>;

#[expect(clippy::print_stdout, reason = "the table is what this bench is for")]
fn main() -> Result<(), Failure> {
    let specs: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if specs.is_empty() {
        println!("name libraries of the lab, such as `pyjwt jose`; GAUNTLET_LAB is its folder");
        return Ok(());
    }
    let root =
        std::env::var_os("GAUNTLET_LAB").ok_or("GAUNTLET_LAB does not name the lab's folder")?;
    let lab = Lab::new(std::path::absolute(root)?, None);
    let catalogue = Catalogue::build();
    println!("| library | cases | bare ms | run ms | run / bare | cases a second |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for spec in &specs {
        let (wanted, library) = Spec::read(spec)?;
        let found =
            lab.find(&wanted, library).ok_or_else(|| format!("`{spec}` is not installed"))?;
        match row(&found, &catalogue) {
            Ok(row) => println!("{row}"),
            // A case may kill it, and then it has no time of its own for all of them.
            Err(why) => println!("| {} | | | | | {why} |", found.id()),
        }
    }
    Ok(())
}

fn row(found: &Installed, catalogue: &Catalogue) -> Result<String, Failure> {
    let launch = found.launch();
    let description = Session::start(&launch, DEADLINE)?.description().clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "tokens for real libraries are minted around the machine's time"
    )]
    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let wall = NumericDate(i64::try_from(wall)?);
    let fixed = Env::fixed();
    let env = if description.has(Capability::Clock) { fixed } else { fixed.at(wall) };
    let cases = plain(catalogue, &description);
    let requests = requests(&cases, &description, &env)?;

    let (mut bare, mut run) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        bare.push(took(|| alone(&launch, &requests))?);
        run.push(took(|| played(found, catalogue, &cases, wall))?);
    }
    let (bare, run) = (median(bare), median(run));
    Ok(format!(
        "| {} | {} | {:.0} | {:.0} | {:.2} | {:.0} |",
        found.id(),
        cases.len(),
        bare * 1e3,
        run * 1e3,
        run / bare,
        f64::from(u32::try_from(cases.len())?) / run
    ))
}

/// The cases of one token each that this verifier is asked.
fn plain<'a>(catalogue: &'a Catalogue, description: &Description) -> Vec<&'a Case> {
    let is_plain = |case: &&Case| {
        let is_one = case.timeline.presentations().count() == 1 && case.timeline.0.len() == 1;
        is_one
            && !case.is_served()
            && plan::missing(description, case, catalogue.twin(case)).is_none()
    };
    catalogue.cases().iter().filter(is_plain).collect()
}

/// What a run sends for them, as the lines of a file.
fn requests(cases: &[&Case], description: &Description, env: &Env) -> Result<File, Failure> {
    let mut file = tempfile::tempfile()?;
    let mut lines = protocol::line(1, &Request::Hello { protocol: protocol::VERSION })?;
    for (id, case) in (2..).step_by(2).zip(cases) {
        let prepared = prepare(case, env)?;
        let Some(PreparedStep::Verify(shown)) = prepared.steps.first() else { continue };
        let now = description.has(Capability::Clock).then_some(prepared.now);
        let verifier = "main".to_owned();
        let configure =
            Request::Configure { verifier: verifier.clone(), now, policy: prepared.policy.clone() };
        lines.extend(protocol::line(id, &configure)?);
        let presented = &shown.forged.presented;
        let token = TokenText::of(presented);
        let verify = Request::Verify { verifier, mode: presented.mode, token, now };
        lines.extend(protocol::line(id + 1, &verify)?);
    }
    file.write_all(&lines)?;
    Ok(file)
}

fn alone(launch: &Launch, requests: &File) -> Result<(), Failure> {
    use std::io::Seek;

    let mut input = requests.try_clone()?;
    input.rewind()?;
    let mut command = Command::new(&launch.program);
    if let Some(directory) = &launch.directory {
        command.current_dir(directory);
    }
    let status = command
        .args(&launch.arguments)
        .envs(&launch.environment)
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("the adapter ended with {status}").into()) }
}

fn played(
    found: &Installed,
    catalogue: &Catalogue,
    cases: &[&Case],
    wall: NumericDate,
) -> Result<(), Failure> {
    let settings = Settings {
        jobs: NonZeroUsize::MIN,
        scenarios: NonZeroUsize::MIN,
        deadline: DEADLINE,
        order: Order::Catalogue,
        seed: 0,
        wall,
        folder: None,
    };
    let contender = Contender::new(found.id(), found.launch());
    let verifiers = runner::introduce(vec![contender], &settings).map_err(|(_, error)| error)?;
    let kept = Kept::default();
    runner::run(catalogue, cases, &verifiers, &settings, &Earlier::default(), &kept)?;
    let outcomes = kept.0.into_inner().unwrap_or_default();
    if outcomes < cases.len() { Err("the run is not whole".into()) } else { Ok(()) }
}

/// Counts outcomes.
#[derive(Default)]
struct Kept(Mutex<usize>);

impl Sink for Kept {
    fn take(&self, event: &Event) -> std::io::Result<()> {
        if let (Event::Outcome { .. }, Ok(mut count)) = (event, self.0.lock()) {
            *count += 1;
        }
        Ok(())
    }
}

fn took(what: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let began = Instant::now();
    what()?;
    Ok(began.elapsed().as_secs_f64())
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
