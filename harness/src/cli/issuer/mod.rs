//! `gauntlet issuer`: the harness's own issuer, operated by hand.

mod commands;
mod faults;
mod forgeries;
mod keys;
mod mint;
mod paste;
mod session;
mod watch;
mod words;

use std::{
    future::poll_fn,
    io::{self, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    task::Poll,
    thread,
    time::{Duration, SystemTime},
};

use anyhow::anyhow;
use gauntlet_vectors::timeline::{Scheme, Spans};
use tokio::signal::unix::{SignalKind, signal};

use self::{
    commands::Reply,
    session::Session,
    words::{Line, read_line},
};
use super::{
    Failure, Globals,
    console::{self, Palette},
};
use crate::{
    adapter::text::printable,
    issuer::{CaFile, Issuer, Settings},
    runner::exit::Exit,
};

/// How long an answer takes that comes octet by octet: longer than clients wait.
const DRIP: Duration = Duration::from_secs(30);
/// So many lines may wait for their turn.
const WAITING: usize = 16;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The port, on 127.0.0.1; 0 lets the system choose
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// The path of its URL, such as `tenant/a`; the root if not said
    #[arg(long, value_name = "PATH", default_value = "")]
    path: String,
    /// Speak TLS, with a certificate of an authority made for this run, whose file is told
    #[arg(long)]
    tls: bool,
    /// What tokens are signed with: one key is served for each; may be given again
    #[arg(long, value_name = "ALG", default_value = "ES256", value_delimiter = ',', value_parser = keys::public_algorithm)]
    alg: Vec<&'static str>,
    /// What tokens and metadata name as the issuer; its own URL if not said
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// What tokens name as the audience
    #[arg(long, value_name = "AUD", default_value = "https://api.test")]
    audience: String,
    /// How long clients may keep the key set, in seconds, as its Cache-Control says
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    max_age: u32,
    /// How each request is told on standard error
    #[arg(long, value_name = "FORM", value_enum, default_value_t = watch::Log::Text)]
    log: watch::Log,
    /// Go on at the end of the input, until a signal
    #[arg(long)]
    serve: bool,
}

/// What the session waits for.
enum Event {
    Line(Line),
    End,
    Signal,
}

pub(super) fn run(
    args: &Args,
    globals: &Globals,
    clock: &dyn Fn() -> SystemTime,
) -> Result<Exit, Failure> {
    let mut session = open(args, clock)?;
    let (events, coming) = sync_channel(WAITING);
    // Before anything is printed: who reads where we are may end us at once.
    let is_over = Arc::new(AtomicBool::new(false));
    heed_signals(events.clone(), Arc::clone(&is_over))?;
    let telling = if globals.quiet {
        None
    } else {
        Some(watch::tell(session.issuer.on_request(), session.opened, args.log)?)
    };
    // The file of our authority goes whichever way this ends.
    let ca_file = args.tls.then(CaFile::open).transpose().map_err(|error| {
        Failure::usage(
            anyhow::Error::new(error).context("cannot write the CA file into the temporary folder"),
        )
    })?;
    session.ca_file = ca_file.as_ref().map(|file| file.path().display().to_string());
    session.publish().map_err(Failure::usage)?;

    let mut out = anstream::stdout();
    write!(out, "{}{}", paste::summary(&session), paste::warning())?;
    if !globals.quiet {
        write!(out, "{}", paste::snippets(&session, "").map_err(Failure::usage)?)?;
        writeln!(out, "type `help` for what can be done now, `quit` to end")?;
    }
    out.flush()?;
    thread::Builder::new().name("input".to_owned()).spawn(move || read(&events))?;
    let exit = converse(&mut session, &coming, &is_over, args.serve, globals.quiet);
    // Closes the port and every connection, and with them ends the telling.
    drop(session);
    if let Some(telling) = telling {
        // It panics no more than any other thread of ours.
        let _ = telling.join();
    }
    exit
}

fn open<'a>(args: &Args, clock: &'a dyn Fn() -> SystemTime) -> Result<Session<'a>, Failure> {
    let settings = Settings {
        scheme: if args.tls { Scheme::Https } else { Scheme::Http },
        spans: Spans { max_age: args.max_age.into(), ..Spans::VIRTUAL },
        drip: DRIP,
    };
    for (option, text) in
        [("--issuer", args.issuer.as_deref()), ("--audience", Some(&*args.audience))]
    {
        if text.is_some_and(|text| text.is_empty() || text.chars().any(char::is_control)) {
            return Err(Failure::usage(anyhow!(
                "{option} expects a text without control characters"
            )));
        }
    }
    let issuer = Issuer::open_at(settings, args.port, &args.path).map_err(|error| {
        let port = args.port;
        let why = if error.kind() == io::ErrorKind::AddrInUse {
            format!("somebody listens on port {port} already; expected a free one, or --port 0")
        } else {
            format!("cannot listen on port {port} of 127.0.0.1 under `{}`", printable(&args.path))
        };
        Failure::usage(anyhow::Error::new(error).context(why))
    })?;
    let mut session = Session::new(issuer, clock);
    if let Some(name) = &args.issuer {
        session.name.clone_from(name);
    }
    session.audience.clone_from(&args.audience);
    for alg in &args.alg {
        if !session.algorithms.contains(alg) {
            session.algorithms.push(alg);
        }
    }
    session.is_tls = args.tls;
    session.keys = keys::for_each(&session.algorithms).map_err(Failure::usage)?;
    session.headers = vec![
        ("Cache-Control".to_owned(), format!("public, max-age={}", args.max_age)),
        ("ETag".to_owned(), "{etag}".to_owned()),
    ];
    Ok(session)
}

/// Does what the lines say, until it is over.
fn converse(
    session: &mut Session<'_>,
    coming: &Receiver<Event>,
    is_over: &AtomicBool,
    serve: bool,
    quiet: bool,
) -> Result<Exit, Failure> {
    let tell = |text: &str| {
        if !quiet {
            let _ = writeln!(anstream::stderr().lock(), "{text}");
        }
    };
    while let Ok(event) = coming.recv() {
        if is_over.load(Ordering::Relaxed) {
            return Ok(Exit::Interrupted);
        }
        let outcome = match event {
            Event::Line(Line::Text(line)) => commands::run(session, &line),
            Event::Line(Line::Unreadable(why)) => Err(anyhow!(why)),
            Event::Signal => return Ok(Exit::Interrupted),
            Event::End if serve => {
                tell("the input is over; the issuer goes on until a signal ends it");
                continue;
            }
            Event::End => {
                tell("the input is over, and so is the issuer; with --serve it goes on");
                return Ok(Exit::Clean);
            }
        };
        match outcome {
            Ok(Reply::Quit) => return Ok(Exit::Clean),
            Ok(Reply::Say(text)) => {
                let mut out = anstream::stdout();
                write!(out, "{text}")?;
                out.flush()?;
            }
            Err(error) => {
                let error = anyhow!("{}", printable(&format!("{error:#}")));
                console::error(&error, Palette::ERROR);
            }
        }
    }
    Ok(Exit::Clean)
}

/// Hands over the lines of the input.
fn read(events: &SyncSender<Event>) {
    let mut input = io::stdin().lock();
    loop {
        let event = match read_line(&mut input) {
            Ok(Some(line)) => Event::Line(line),
            // An input that cannot be read has no more to say.
            Ok(None) | Err(_) => Event::End,
        };
        let is_end = matches!(event, Event::End);
        if events.send(event).is_err() || is_end {
            return;
        }
    }
}

/// Ends the session in order when the process is told to end, by a mark that is set: without this the CA
/// file would stay. Who says it twice is heard at once.
///
/// # Errors
/// Those of the system.
fn heed_signals(events: SyncSender<Event>, is_over: Arc<AtomicBool>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let entered = runtime.enter();
    let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
    // Without a terminal it may have been told to stay when that is gone (nohup).
    if io::stdin().is_terminal() {
        kinds.push(SignalKind::hangup());
    }
    let mut signals = kinds.into_iter().map(signal).collect::<io::Result<Vec<_>>>()?;
    drop(entered);
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut wait = || {
            runtime.block_on(poll_fn(|context| {
                let came = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
                if came { Poll::Ready(()) } else { Poll::Pending }
            }));
        };
        wait();
        is_over.store(true, Ordering::Relaxed);
        // Where lines wait, the session looks at the mark before it takes the next one.
        let _ = events.try_send(Event::Signal);
        wait();
        #[expect(clippy::exit, reason = "the session is stuck, in a write that nobody reads")]
        std::process::exit(Exit::Interrupted.code().into());
    })?;
    Ok(())
}

/// ` (did you mean …?)` where a name is near.
fn nearest<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> String {
    let near = names
        .map(|name| (strsim::damerau_levenshtein(name, typed.get(..32).unwrap_or(typed)), name))
        .min();
    match near {
        Some((0..=2, name)) => format!(" (did you mean `{name}`?)"),
        Some(_) | None => String::new(),
    }
}
