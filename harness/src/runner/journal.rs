//! The journal on disk: written as things happen, and read again to go on or to make the record.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use gauntlet_reports::{
    Event, Record, Writer,
    journal::{JournalError, RunHeader},
    record::CaseResult,
    writer::WRITERS,
};

use super::formats::{self, WriteError};
use crate::issuer::CaFile;

/// The journal's file in the output folder.
pub const FILE_NAME: &str = "journal.jsonl";

/// An output folder that this run has for itself.
pub struct Output {
    folder: PathBuf,
    journal: Mutex<File>,
    made_folder: bool,
    made_journal: bool,
}

/// Why there is no usable output folder or journal.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The system refuses it.
    #[error("{doing} `{path}`: choose another folder with --out")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Another run writes there.
    #[error("use the output folder `{path}`: another run is writing to it")]
    Busy {
        /// The folder.
        path: String,
    },
    /// There is nothing to go on with.
    #[error("go on from `{path}`: {why}")]
    Resume {
        /// The journal.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The journal makes no record.
    #[error("make a record of `{path}`")]
    Journal {
        /// The journal.
        path: String,
        /// What is wrong.
        #[source]
        cause: JournalError,
    },
}

/// What an earlier run had already done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Earlier {
    /// The last outcome of each case, verifier and pass.
    pub done: HashMap<(String, String, u8), CaseResult>,
    /// How often a case was asked without an outcome.
    pub unanswered: HashMap<(String, String, u8), u32>,
}

impl Output {
    /// Takes the folder: makes it if need be, and locks its journal. Nothing is overwritten yet.
    ///
    /// # Errors
    /// [`OutputError`]: before anything was run.
    pub fn open(folder: &Path) -> Result<Self, OutputError> {
        let io = |doing, path: &Path| {
            let path = path.display().to_string();
            move |cause| OutputError::Io { doing, path, cause }
        };
        let made_folder = !folder.exists();
        fs::create_dir_all(folder).map_err(io("create the output folder", folder))?;
        let path = folder.join(FILE_NAME);
        let made_journal = !path.exists();
        let journal = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io("write to", &path))?;
        match journal.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OutputError::Busy { path: folder.display().to_string() });
            }
            Err(TryLockError::Error(cause)) => return Err(io("lock", &path)(cause)),
        }
        remove_leftovers(folder);
        Ok(Self {
            folder: folder.to_owned(),
            journal: Mutex::new(journal),
            made_folder,
            made_journal,
        })
    }

    /// The journal's path.
    #[must_use]
    pub fn journal_path(&self) -> PathBuf {
        self.folder.join(FILE_NAME)
    }

    /// Leaves the folder as it was found, for a run that could not begin.
    pub fn abandon(self) {
        // Nothing depends on it: at worst an empty file stays.
        if self.made_journal {
            let _ = fs::remove_file(self.journal_path());
        }
        if self.made_folder {
            let _ = fs::remove_dir(&self.folder);
        }
    }

    /// Empties the folder's journal and its earlier records, and begins a run.
    ///
    /// # Errors
    /// [`OutputError::Io`].
    pub fn begin(&self, header: &RunHeader) -> Result<(), OutputError> {
        {
            let mut journal = self.lock();
            journal.set_len(0).map_err(self.failed("empty"))?;
            journal.seek(SeekFrom::Start(0)).map_err(self.failed("empty"))?;
        }
        // A report of the run before would be taken for this one's if this one is killed. Where there was no run
        // before, a `summary.md` is somebody else's.
        let earlier = if self.made_journal { &[] } else { WRITERS };
        for writer in earlier {
            match fs::remove_file(self.folder.join(writer.file_name)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(self.failed("remove the old record beside")(error)),
            }
        }
        self.append(&Event::Run(Box::new(header.clone()))).map_err(self.failed("write to"))
    }

    /// Reads what an earlier run has done, and goes on behind it.
    ///
    /// # Errors
    /// [`OutputError::Resume`], where there is no run, or one that asked something else.
    pub fn resume(&self, header: &RunHeader, at: String) -> Result<Earlier, OutputError> {
        let (events, whole) = self.read()?;
        let why = |why: &str| OutputError::Resume {
            path: self.journal_path().display().to_string(),
            why: why.to_owned(),
        };
        let Some(Event::Run(earlier)) = events.first() else {
            return Err(why("it holds no run; leave --resume away to begin one"));
        };
        let same = earlier.format_version == header.format_version
            && earlier.catalogue == header.catalogue
            && earlier.profile == header.profile
            && earlier.frameworks == header.frameworks
            && earlier.seed == header.seed
            && earlier.order == header.order
            && earlier.verifiers == header.verifiers
            && earlier.cases == header.cases;
        if !same {
            return Err(why(
                "that run had another catalogue, profile, selection, seed, order or other verifiers; give the same \
                 options, or leave --resume away",
            ));
        }

        let mut state = Earlier::default();
        for event in &events {
            match event {
                Event::Asked { pass, case, verifier } => {
                    *state
                        .unanswered
                        .entry((case.clone(), verifier.clone(), *pass))
                        .or_default() += 1;
                }
                Event::Outcome { pass, result } => {
                    let key = (result.case.clone(), result.verifier.clone(), *pass);
                    state.unanswered.remove(&key);
                    state.done.insert(key, (**result).clone());
                }
                Event::Run(_)
                | Event::Resumed { .. }
                | Event::Verifier(_)
                | Event::Case(_)
                | Event::Finished { .. } => {}
            }
        }
        {
            // A line that was being written when the run was killed is cut off.
            let mut journal = self.lock();
            journal.set_len(whole).map_err(self.failed("cut"))?;
            journal.seek(SeekFrom::End(0)).map_err(self.failed("cut"))?;
        }
        self.append(&Event::Resumed { at }).map_err(self.failed("write to"))?;
        Ok(state)
    }

    /// Appends an event; it is with the system before this returns, so that a killed run has it.
    ///
    /// # Errors
    /// Those of writing.
    pub fn append(&self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        // One write a line: no buffer of ours could be lost.
        self.lock().write_all(&line)
    }

    /// Makes the record of the journal, writes it in these formats, and says where.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn write_record(
        &self,
        formats: &[&'static Writer],
    ) -> Result<(Record, Vec<PathBuf>), OutputError> {
        let (events, _) = self.read()?;
        let record = Record::from_events(events).map_err(|cause| OutputError::Journal {
            path: self.journal_path().display().to_string(),
            cause,
        })?;
        let written = formats::write_all(&record, formats, &self.folder).map_err(
            |WriteError { path, cause }| OutputError::Io { doing: "write", path, cause },
        )?;
        Ok((record, written))
    }

    /// The events that were written whole, and how many octets they take.
    fn read(&self) -> Result<(Vec<Event>, u64), OutputError> {
        let file = File::open(self.journal_path()).map_err(self.failed("read"))?;
        let mut reader = BufReader::new(file);
        let (mut events, mut whole, mut line, mut number) =
            (Vec::new(), 0_u64, Vec::new(), 0_usize);
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(self.failed("read"))?;
            if read == 0 || line.last() != Some(&b'\n') {
                return Ok((events, whole));
            }
            number += 1;
            let event = serde_json::from_slice(&line).map_err(|error| OutputError::Resume {
                path: self.journal_path().display().to_string(),
                why: format!("line {number} is no event of a journal ({error})"),
            })?;
            events.push(event);
            whole += u64::try_from(read).unwrap_or(u64::MAX);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, File> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, doing: &'static str) -> impl Fn(io::Error) -> OutputError + use<> {
        let path = self.journal_path().display().to_string();
        move |cause| OutputError::Io { doing, path: path.clone(), cause }
    }
}

/// Takes away what a run that was killed left for its verifiers to read; the folder is ours by now.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(CaFile::is_named) {
            // At worst it stays for the next run.
            let _ = fs::remove_file(entry.path());
        }
    }
}
