//! Ties an adapter's life to ours, so that no adapter is left behind when the harness is killed.
//!
//! `gauntlet guard PARENT PROGRAM ARGUMENTS…` asks the kernel to be killed when its parent dies, makes
//! sure that the parent has not died already, and then becomes the adapter. The request survives the
//! exec; doing it in a program of its own needs no `unsafe`, which a hook between fork and exec would.

use std::{ffi::OsString, io, os::unix::process::CommandExt, process::Command};

use rustix::process::{Signal, getppid, set_parent_process_death_signal};

/// Becomes the adapter; returns only if that fails.
///
/// `parent` is the process id of the harness that started the guard.
#[must_use]
pub fn become_adapter(parent: i32, program: &OsString, arguments: &[OsString]) -> io::Error {
    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        return error.into();
    }
    // The parent may have died before the request: then nobody would ever send the signal.
    if getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return io::Error::other("the harness that started this adapter is gone");
    }
    Command::new(program).args(arguments).exec()
}
