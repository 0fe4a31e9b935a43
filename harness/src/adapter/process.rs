//! Plays a verifier as a child process, so that an abort, a stack overflow or a hang is an outcome of the
//! case and not the end of the run.
//!
//! Three threads serve a process: one writes, so that a child which does not read cannot block us; one
//! reads lines of bounded length; one keeps the end of its standard error. The child leads a process
//! group of its own, and dropping a [`Session`] kills the group.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use gauntlet_vectors::{NoAnswer, NumericDate, Policy, Presented, Verdict};
use rustix::process::{Pid, Signal, kill_process_group};

use super::{
    Effective, Launch, Peer,
    protocol::{self, LONGEST_REPLY, Reply, Request, TokenText},
    text,
};
use crate::verifier::{Description, Refusal};

/// How much of the end of a process's standard error is kept, in octets.
const STDERR_KEPT: usize = 64 * 1024;

/// How long a program may take to introduce itself, where the deadline for answers is shorter: run-times
/// have to be loaded first.
const TIME_TO_START: Duration = Duration::from_secs(10);

/// How long a process that closed its output may take to end before it is killed.
const TIME_TO_END: Duration = Duration::from_secs(2);

/// Why a verifier could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program is not there, or may not be run.
    #[error("start `{program}`")]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// It was started but did not introduce itself.
    #[error("get an introduction from `{program}`: {no_answer}{}", last_words(.stderr))]
    NoHello {
        /// The program.
        program: String,
        /// What came in its place.
        no_answer: NoAnswer,
        /// The end of its standard error.
        stderr: String,
    },
}

fn last_words(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!("; its last words: {stderr}") }
}

/// A running adapter that has introduced itself.
pub struct Session {
    child: Child,
    requests: Option<Sender<Vec<u8>>>,
    lines: Receiver<Line>,
    stderr: Arc<Mutex<VecDeque<u8>>>,
    stderr_reader: Option<thread::JoinHandle<()>>,
    description: Description,
    next_id: u64,
    transcript: Option<Vec<Exchanged>>,
    /// Set once the process is dead or its answers can no longer be told apart.
    over: Option<NoAnswer>,
}

/// A line of the conversation, without its LF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchanged {
    /// Ours.
    Sent(Vec<u8>),
    /// The adapter's.
    Received(Vec<u8>),
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
    End,
}

impl Session {
    /// Starts the program and exchanges `hello`.
    ///
    /// The calling thread must outlive the session: the guard's signal is bound to it.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(launch: &Launch, deadline: Duration) -> Result<Self, StartError> {
        let program = launch.program.display().to_string();
        let mut command = match &launch.guard {
            Some(guard) => {
                let mut command = Command::new(guard);
                command.arg("guard").arg(std::process::id().to_string()).arg(&launch.program);
                command
            }
            None => Command::new(&launch.program),
        };
        let spawned = command
            .args(&launch.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn();
        let mut child =
            spawned.map_err(|cause| StartError::Spawn { program: program.clone(), cause })?;

        let (requests, to_write) = channel();
        if let Some(stdin) = child.stdin.take() {
            thread::spawn(move || write_requests(stdin, &to_write));
        }
        // A small bound: a chatty adapter blocks on its pipe and not our memory.
        let (sender, lines) = sync_channel(64);
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || read_lines(BufReader::with_capacity(64 * 1024, stdout), &sender));
        }
        let stderr = Arc::new(Mutex::new(VecDeque::new()));
        let stderr_reader = child.stderr.take().map(|pipe| {
            let kept = Arc::clone(&stderr);
            thread::spawn(move || keep_tail(pipe, &kept))
        });

        let mut session = Self {
            child,
            requests: Some(requests),
            lines,
            stderr,
            stderr_reader,
            description: Description::unknown(),
            next_id: 1,
            transcript: None,
            over: None,
        };
        match session
            .ask(&Request::Hello { protocol: protocol::VERSION }, deadline.max(TIME_TO_START))
            .and_then(Reply::description)
        {
            Ok(description) => {
                session.description = description;
                Ok(session)
            }
            Err(no_answer) => {
                session.kill();
                let stderr = match &no_answer {
                    // Its text has them already.
                    NoAnswer::Died { .. } => String::new(),
                    NoAnswer::Exception { .. }
                    | NoAnswer::Hang { .. }
                    | NoAnswer::Garbage { .. }
                    | NoAnswer::Trouble { .. }
                    | NoAnswer::Unsupported { .. } => session.last_words(),
                };
                Err(StartError::NoHello { program, no_answer, stderr })
            }
        }
    }

    /// Keeps every line from here on, for whoever shows the conversation.
    pub fn keep_transcript(&mut self) {
        self.transcript.get_or_insert_default();
    }

    /// The lines kept so far.
    #[must_use]
    pub fn transcript(&self) -> &[Exchanged] {
        self.transcript.as_deref().unwrap_or_default()
    }

    fn ask(&mut self, request: &Request, deadline: Duration) -> Result<Reply, NoAnswer> {
        if let Some(over) = &self.over {
            return Err(over.clone());
        }
        let id = self.next_id;
        self.next_id += 1;
        let line = protocol::line(id, request).map_err(|error| NoAnswer::Trouble {
            text: format!("the request cannot be written: {error}"),
        })?;
        if let Some(transcript) = &mut self.transcript {
            transcript.push(Exchanged::Sent(line.trim_ascii_end().to_vec()));
        }
        let sent = self.requests.as_ref().is_some_and(|requests| requests.send(line).is_ok());
        if !sent {
            return Err(self.ended());
        }
        let asked = Instant::now();
        let answer = match self.lines.recv_timeout(deadline) {
            Ok(Line::Whole(line)) => {
                let reply = Reply::read(&line, id);
                if let Some(transcript) = &mut self.transcript {
                    transcript.push(Exchanged::Received(line));
                }
                reply
            }
            Ok(Line::TooLong) => Err(NoAnswer::Garbage {
                why: format!("a reply is longer than {LONGEST_REPLY} octets"),
            }),
            Ok(Line::End) | Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
            Err(RecvTimeoutError::Timeout) => {
                Err(NoAnswer::Hang { after: asked.elapsed().min(deadline) })
            }
        };
        if let Err(no_answer) = &answer {
            // After a missing or unreadable reply the next line might answer the request before: the
            // conversation cannot be trusted any more.
            self.over = Some(no_answer.clone());
            self.kill();
        }
        answer
    }

    /// The process has ended, or closed its pipes and is made to end.
    fn ended(&mut self) -> NoAnswer {
        self.requests = None;
        let how = match self.wait(TIME_TO_END) {
            Some(status) => how(status),
            None => "it closed its standard output and did not end".to_owned(),
        };
        self.kill();
        let no_answer = NoAnswer::Died { how, last_words: self.last_words() };
        self.over = Some(no_answer.clone());
        no_answer
    }

    fn wait(&mut self, at_most: Duration) -> Option<ExitStatus> {
        let since = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            if since.elapsed() >= at_most {
                return None;
            }
            // There is no portable wait with a deadline; the process is expected to be gone already.
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn kill(&mut self) {
        self.requests = None;
        let group = Pid::from_child(&self.child);
        // The group may be gone already; then there is nothing to kill.
        if kill_process_group(group, Signal::KILL).is_err() {
            let _ = self.child.kill();
        }
        // Reaped, so that no zombie stays.
        let _ = self.child.wait();
    }

    fn last_words(&mut self) -> String {
        if let Some(reader) = self.stderr_reader.take() {
            // A grandchild outside the group may hold the pipe open; its words are not waited for.
            let since = Instant::now();
            while !reader.is_finished() && since.elapsed() < Duration::from_millis(200) {
                thread::sleep(Duration::from_millis(1));
            }
        }
        self.stderr()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Peer for Session {
    fn is_over(&self) -> bool {
        self.over.is_some()
    }

    fn description(&self) -> &Description {
        &self.description
    }

    fn configure(
        &mut self,
        name: &str,
        policy: &Policy,
        now: Option<NumericDate>,
        deadline: Duration,
    ) -> Result<Effective, Refusal> {
        let request = Request::Configure { verifier: name.to_owned(), now, policy: policy.clone() };
        self.ask(&request, deadline).map_err(Refusal::NoAnswer)?.configured()
    }

    fn verify(
        &mut self,
        name: &str,
        presented: &Presented,
        now: Option<NumericDate>,
        deadline: Duration,
    ) -> Result<Verdict, NoAnswer> {
        let request = Request::Verify {
            verifier: name.to_owned(),
            mode: presented.mode,
            token: TokenText::of(presented),
            now,
        };
        self.ask(&request, deadline)?.verdict()
    }

    fn verify_all(
        &mut self,
        name: &str,
        presented: &[Presented],
        now: Option<NumericDate>,
        deadline: Duration,
    ) -> Result<Vec<Result<Verdict, NoAnswer>>, NoAnswer> {
        let Some(first) = presented.first() else { return Ok(Vec::new()) };
        let mut tokens = Vec::with_capacity(presented.len());
        for token in presented {
            match std::str::from_utf8(&token.token) {
                Ok(text) => tokens.push(text.to_owned()),
                Err(error) => {
                    return Err(NoAnswer::Trouble {
                        text: format!("`verify_all` carries text only: {error}"),
                    });
                }
            }
        }
        let request =
            Request::VerifyAll { verifier: name.to_owned(), mode: first.mode, tokens, now };
        self.ask(&request, deadline)?.verdicts(presented.len())
    }

    fn advance(&mut self, now: NumericDate, deadline: Duration) -> Result<(), NoAnswer> {
        self.ask(&Request::Advance { now }, deadline)?.advanced()
    }

    fn stderr(&self) -> String {
        let kept = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let octets: Vec<u8> = kept.iter().copied().collect();
        let whole = String::from_utf8_lossy(&octets);
        text::printable(text::tail(whole.trim(), text::BOUND))
    }
}

fn write_requests(mut stdin: impl Write, requests: &Receiver<Vec<u8>>) {
    // A process that no longer reads is seen by the missing reply; here the thread only ends.
    while let Ok(line) = requests.recv() {
        if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

fn read_lines(mut stdout: impl BufRead, lines: &SyncSender<Line>) {
    loop {
        let mut line = Vec::new();
        // One octet more than the bound, so that a line of just the bound is told from a longer one.
        let bound = u64::try_from(LONGEST_REPLY).unwrap_or(u64::MAX).saturating_add(1);
        let message = match stdout.by_ref().take(bound).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => Line::End,
            Ok(_) if line.last() == Some(&b'\n') => {
                line.pop();
                Line::Whole(line)
            }
            Ok(read) if read > LONGEST_REPLY => Line::TooLong,
            // The output ended within a line: half a reply is none.
            Ok(_) => Line::End,
        };
        let last = !matches!(message, Line::Whole(_));
        if lines.send(message).is_err() || last {
            return;
        }
    }
}

fn keep_tail(mut pipe: impl Read, kept: &Mutex<VecDeque<u8>>) {
    let mut buffer = [0_u8; 4096];
    loop {
        let read = match pipe.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(buffer.iter().take(read));
        let too_many = kept.len().saturating_sub(STDERR_KEPT);
        kept.drain(..too_many);
    }
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit code".to_owned(),
    }
}
