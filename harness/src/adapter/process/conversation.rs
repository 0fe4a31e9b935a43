//! A child process and the lines that go to and fro, whatever they say.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

use super::StartError;
use crate::adapter::{Launch, protocol::LONGEST_REPLY, text};

/// After so long without a line it is looked whether the child is still there.
const PATIENCE: Duration = Duration::from_millis(100);

/// How much of the end of a process's standard error is kept, in octets.
const STDERR_KEPT: usize = 64 * 1024;

/// A child process that is written to and read from line by line.
///
/// Dropping it kills the child's process group.
pub struct Conversation {
    child: Child,
    requests: Option<Sender<Vec<u8>>>,
    lines: Receiver<Line>,
    stderr: Arc<Mutex<VecDeque<u8>>>,
    stderr_reader: Option<thread::JoinHandle<()>>,
}

/// Why there is no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It did not come in time.
    Late,
    /// The output has ended.
    End,
    /// It is longer than [`LONGEST_REPLY`].
    TooLong,
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
    End,
}

impl Conversation {
    /// Starts the program, with this in its environment beside what the launch says.
    ///
    /// # Errors
    /// [`StartError::Spawn`].
    pub fn start(
        launch: &Launch,
        environment: &BTreeMap<&str, PathBuf>,
    ) -> Result<Self, StartError> {
        let mut command = match &launch.guard {
            Some(guard) => {
                let mut command = Command::new(guard);
                command.arg("guard").arg(std::process::id().to_string()).arg(&launch.program);
                command
            }
            None => Command::new(&launch.program),
        };
        if let Some(directory) = &launch.directory {
            command.current_dir(directory);
        }
        let spawned = command
            .args(&launch.arguments)
            .envs(&launch.environment)
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn();
        let mut child = spawned.map_err(|cause| StartError::Spawn {
            program: launch.program.display().to_string(),
            cause,
        })?;
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
        Ok(Self { child, requests: Some(requests), lines, stderr, stderr_reader })
    }

    /// Puts a line, with its LF, on its way; `false` where nobody takes it any more. It does not wait for
    /// the child to read.
    pub fn send(&self, line: Vec<u8>) -> bool {
        self.requests.as_ref().is_some_and(|requests| requests.send(line).is_ok())
    }

    /// The next line, without its LF.
    ///
    /// # Errors
    /// [`Silence`].
    pub fn receive(&mut self, deadline: Duration) -> Result<Vec<u8>, Silence> {
        let since = Instant::now();
        let mut is_dead = false;
        loop {
            let rest = deadline.saturating_sub(since.elapsed());
            return match self.lines.recv_timeout(rest.min(PATIENCE)) {
                Ok(Line::Whole(line)) => Ok(line),
                Ok(Line::TooLong) => Err(Silence::TooLong),
                Ok(Line::End) | Err(RecvTimeoutError::Disconnected) => Err(Silence::End),
                // What it left behind may hold its output open, so that no end of it is ever seen; what it
                // wrote before it died had time to come.
                Err(RecvTimeoutError::Timeout) if is_dead => Err(Silence::End),
                Err(RecvTimeoutError::Timeout) if rest <= PATIENCE => Err(Silence::Late),
                Err(RecvTimeoutError::Timeout) => {
                    is_dead = matches!(self.child.try_wait(), Ok(Some(_)));
                    continue;
                }
            };
        }
    }

    /// Ends the child's input once all that was sent is written.
    pub fn end_input(&mut self) {
        self.requests = None;
    }

    /// How it ended in words, if it does so in time.
    pub fn wait(&mut self, at_most: Duration) -> Option<String> {
        let since = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(how(status));
            }
            if since.elapsed() >= at_most {
                return None;
            }
            // There is no portable wait with a deadline; the process is expected to be gone already.
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Kills the child and what it started.
    pub fn kill(&mut self) {
        self.requests = None;
        let group = Pid::from_child(&self.child);
        // The group may be gone already; then there is nothing to kill.
        if kill_process_group(group, Signal::KILL).is_err() {
            let _ = self.child.kill();
        }
        // Reaped, so that no zombie stays.
        let _ = self.child.wait();
    }

    /// The end of what it wrote to its standard error, once it has ended.
    pub fn last_words(&mut self) -> String {
        if let Some(reader) = self.stderr_reader.take() {
            // A grandchild outside the group may hold the pipe open; its words are not waited for.
            let since = Instant::now();
            while !reader.is_finished() && since.elapsed() < Duration::from_millis(200) {
                thread::sleep(Duration::from_millis(1));
            }
        }
        self.stderr()
    }

    /// The end of what it wrote to its standard error so far, printable.
    #[must_use]
    pub fn stderr(&self) -> String {
        let kept = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let octets: Vec<u8> = kept.iter().copied().collect();
        let whole = String::from_utf8_lossy(&octets);
        text::printable(text::tail(whole.trim(), text::BOUND))
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.kill();
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

pub(super) fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit code".to_owned(),
    }
}
