//! Commands that are run to their end: what installs a library, and what reproduces a finding.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

use super::conversation::how;
use crate::adapter::text;

/// How much of the end of a command's output is told, in octets.
const TOLD: u64 = 8 * 1024;

/// A command that is run to its end.
#[derive(Debug, Clone)]
pub struct Task<'a> {
    /// Program and arguments.
    pub command: &'a [String],
    /// In which folder.
    pub directory: &'a Path,
    /// What its environment has beside ours.
    pub environment: &'a BTreeMap<String, String>,
    /// How long it may take.
    pub deadline: Duration,
    /// As [`Launch::guard`](crate::adapter::Launch::guard).
    pub guard: Option<&'a PathBuf>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Its exit code, unless a signal ended it, or we did.
    pub code: Option<i32>,
    /// The same in words.
    pub how: String,
    /// The last lines of what it wrote, printable.
    pub last_lines: Vec<String>,
}

impl Task<'_> {
    /// Runs it; what it writes is appended to `log`.
    ///
    /// # Errors
    /// The program cannot be started, or the log cannot be read.
    pub fn run(&self, log: &mut File) -> io::Result<Finished> {
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "an empty command"))?;
        let mut command = match self.guard {
            Some(guard) => {
                let mut command = Command::new(guard);
                command.arg("guard").arg(std::process::id().to_string()).arg(program);
                command
            }
            None => Command::new(program),
        };
        let from = log.seek(SeekFrom::End(0))?;
        let mut child = command
            .args(arguments)
            .current_dir(self.directory)
            .envs(self.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            .process_group(0)
            .spawn()?;
        let since = Instant::now();
        let mut pause = Duration::from_millis(1);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if since.elapsed() >= self.deadline {
                break None;
            }
            // There is no portable wait with a deadline.
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        };
        // What it started and left behind goes with it.
        if kill_process_group(Pid::from_child(&child), Signal::KILL).is_err() && status.is_none() {
            child.kill()?;
        }
        child.wait()?;
        Ok(Finished {
            code: status.and_then(|status| status.code()),
            how: status.map_or_else(
                || format!("it was not done after {}", humantime::format_duration(self.deadline)),
                how,
            ),
            last_lines: last_lines(log, from)?,
        })
    }
}

fn last_lines(log: &mut File, from: u64) -> io::Result<Vec<String>> {
    let end = log.seek(SeekFrom::End(0))?;
    log.seek(SeekFrom::Start(from.max(end.saturating_sub(TOLD))))?;
    let mut octets = Vec::new();
    log.by_ref().take(TOLD).read_to_end(&mut octets)?;
    let text = String::from_utf8_lossy(&octets);
    let mut lines: Vec<String> =
        text.lines().map(text::printable).filter(|line| !line.trim().is_empty()).collect();
    Ok(lines.split_off(lines.len().saturating_sub(12)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(script: &str, deadline: Duration) -> Finished {
        let folder = tempfile::tempdir().unwrap();
        let mut log = tempfile::tempfile().unwrap();
        let command = ["sh", "-c", script].map(str::to_owned);
        let environment = BTreeMap::from([("WORD".to_owned(), "said".to_owned())]);
        let task = Task {
            command: &command,
            directory: folder.path(),
            environment: &environment,
            deadline,
            guard: None,
        };
        task.run(&mut log).unwrap()
    }

    #[test]
    fn tells_the_end_of_what_a_command_wrote() {
        let finished = ran("seq 100; echo $WORD >&2; exit 3", Duration::from_secs(10));
        assert_eq!((finished.code, finished.how.as_str()), (Some(3), "exit code 3"));
        assert_eq!(finished.last_lines.len(), 12);
        assert_eq!(finished.last_lines.last().unwrap(), "said");
    }

    #[test]
    fn ends_a_command_that_takes_too_long() {
        let finished = ran("sleep 60 & sleep 60", Duration::from_millis(100));
        assert_eq!(finished.code, None);
        assert!(finished.how.contains("not done"), "{}", finished.how);
    }
}
