//! Ties an adapter's life to ours, so that nothing is left behind when the harness is killed.
//!
//! `gauntlet guard PARENT PROGRAM ARGUMENTS…` starts the adapter in its own process group, and waits for whichever
//! ends first: after the adapter it ends the same way, after the harness it kills the group, and so the adapter with
//! all that the adapter started. It sees the harness's end through a file descriptor of that process, which a
//! `kill -9` signals like any other end. A hook between fork and exec would need `unsafe`, and would leave an
//! adapter's own children.

use std::{
    ffi::OsString,
    io,
    os::unix::process::ExitStatusExt,
    process::{Child, Command, ExitStatus},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    fd::OwnedFd,
    process::{
        Pid, PidfdFlags, Resource, Rlimit, Signal, getpgrp, getpid, getppid, kill_process,
        kill_process_group, pidfd_open, setrlimit,
    },
};

/// Plays the adapter until it ends; the exit code to end with.
///
/// `parent` is the process id of the harness that started the guard. Where the adapter was killed by a signal, the
/// guard is killed by the same, and this does not return.
///
/// # Errors
/// The harness is gone already, the program cannot be started, or the system cannot tell who ended.
pub fn stand(parent: i32, program: &OsString, arguments: &[OsString]) -> io::Result<u8> {
    let harness = parent_of_this(parent)?;
    // Whoever aborts a hundred times shall not leave a hundred core files.
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none)?;
    let mut adapter = Command::new(program).args(arguments).spawn()?;
    let adapter_ends = pidfd_open(Pid::from_child(&adapter), PidfdFlags::empty())?;
    match first_to_end(&harness, &adapter_ends)? {
        Ended::Harness => {
            kill_process_group(getpgrp(), Signal::KILL)?;
            Err(io::Error::other("the harness is gone"))
        }
        Ended::Adapter => leave_like(&mut adapter),
    }
}

/// A descriptor of the parent, which is made sure not to have ended before.
fn parent_of_this(parent: i32) -> io::Result<OwnedFd> {
    let gone = || io::Error::other("the harness that started this adapter is gone");
    let parent = Pid::from_raw(parent).ok_or_else(gone)?;
    let harness = pidfd_open(parent, PidfdFlags::empty())?;
    // Looked at after the descriptor is there: it cannot belong to a later process of that number.
    if getppid() == Some(parent) { Ok(harness) } else { Err(gone()) }
}

#[derive(Debug, Clone, Copy)]
enum Ended {
    Harness,
    Adapter,
}

fn first_to_end(harness: &OwnedFd, adapter: &OwnedFd) -> io::Result<Ended> {
    let mut both = [harness, adapter].map(|process| PollFd::new(process, PollFlags::IN));
    loop {
        match poll(&mut both, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let [harness, adapter] = &both;
        if !harness.revents().is_empty() {
            return Ok(Ended::Harness);
        }
        if !adapter.revents().is_empty() {
            return Ok(Ended::Adapter);
        }
    }
}

/// Ends as the adapter did, for the harness to see.
fn leave_like(adapter: &mut Child) -> io::Result<u8> {
    let status: ExitStatus = adapter.wait()?;
    if let Some(signal) = status.signal().and_then(Signal::from_named_raw) {
        // Twice: for faults the run-time has a handler, which only gives way to the system's.
        kill_process(getpid(), signal)?;
        kill_process(getpid(), signal)?;
    }
    // A signal that did not end this process, as a shell would tell it.
    let code = status.code().or_else(|| status.signal().map(|signal| signal + 128));
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}
