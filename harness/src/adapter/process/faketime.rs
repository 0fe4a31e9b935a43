//! A clock for verifiers that only know the machine's: libfaketime, loaded into their process.
//!
//! It stands still at the second that is asked for, and is moved between two requests. Only forward: caches and
//! timers of the process remember what they saw, so that an earlier second takes a fresh process.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use gauntlet_vectors::NumericDate;

/// Where distributions put it; the one for programs with threads first.
const PLACES: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
    "/usr/local/lib/faketime/libfaketimeMT.so.1",
];

/// A clock that a process is started with.
#[derive(Debug)]
pub(super) struct FakeClock {
    library: PathBuf,
    file: tempfile::NamedTempFile,
    at: NumericDate,
}

impl FakeClock {
    /// A clock at this time.
    ///
    /// # Errors
    /// The library is not installed, or the file of the time cannot be written.
    pub(super) fn at(now: NumericDate) -> io::Result<Self> {
        let library =
            PLACES.iter().map(Path::new).find(|place| place.exists()).ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::NotFound,
                    "libfaketime is not installed; on Debian it is in the package `faketime`",
                )
            })?;
        let clock =
            Self { library: library.to_owned(), file: tempfile::NamedTempFile::new()?, at: now };
        clock.write()?;
        Ok(clock)
    }

    /// What the process has to have in its environment.
    pub(super) fn environment(&self) -> BTreeMap<&'static str, PathBuf> {
        BTreeMap::from([
            ("LD_PRELOAD", self.library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.path().to_owned()),
            // Each look at the clock is a look at the file.
            ("FAKETIME_NO_CACHE", PathBuf::from("1")),
            // Event loops wait by the monotonic clock, and would for ever.
            ("FAKETIME_DONT_FAKE_MONOTONIC", PathBuf::from("1")),
            ("TZ", PathBuf::from("UTC")),
        ])
    }

    /// What the process believes to be the time.
    pub(super) fn now(&self) -> NumericDate {
        self.at
    }

    /// Moves it forward.
    ///
    /// # Errors
    /// The time is earlier than before, or the file cannot be written.
    pub(super) fn set(&mut self, now: NumericDate) -> io::Result<()> {
        if now == self.at {
            return Ok(());
        }
        if now < self.at {
            return Err(io::Error::other("a clock that was moved forward does not go back"));
        }
        self.at = now;
        self.write()
    }

    fn write(&self) -> io::Result<()> {
        let seconds = u64::try_from(self.at.0).map_err(|error| {
            io::Error::other(format!("a time before 1970 cannot be shown: {error}"))
        })?;
        let time = SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(seconds))
            .ok_or_else(|| io::Error::other("a time beyond the clock's range"))?;
        // RFC 3339 with a space in place of the T, and without a zone: that is what it reads.
        let text = humantime::format_rfc3339_seconds(time).to_string().replace('T', " ");
        fs::write(self.file.path(), text.trim_end_matches('Z'))
    }
}
