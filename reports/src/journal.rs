//! The journal: the record line by line, as it happened.
//!
//! A case is journalled before it is asked and after it was judged, so that a run that was killed can
//! go on where it was, and can step over a case that kills it.

use std::collections::{HashMap, HashSet};

use gauntlet_vectors::{Case, controls::Framework};
use serde::{Deserialize, Serialize};

use crate::record::{
    CaseResult, CatalogueName, FORMAT_VERSION, Record, RunEntry, Totals, VerifierEntry,
};

/// One line of `journal.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// The first line: what is going to be run.
    Run(Box<RunHeader>),
    /// The run was taken up again.
    Resumed {
        /// When, RFC 3339 in UTC.
        at: String,
    },
    /// A verifier has introduced itself, or could not.
    Verifier(Box<VerifierEntry>),
    /// A case is about to be asked.
    Asked {
        /// Which pass over the cases it is, from 1.
        pass: u8,
        /// The case's id.
        case: String,
        /// The verifier's id.
        verifier: String,
    },
    /// What a finding is about: its case, or the twin of that; told before the finding is, once or more.
    Case(Box<Case>),
    /// A case was judged.
    Outcome {
        /// Which pass over the cases it is, from 1; what a later pass says stands.
        pass: u8,
        /// The outcome.
        result: Box<CaseResult>,
    },
    /// The last line.
    Finished {
        /// When, RFC 3339 in UTC.
        at: String,
        /// Whether every selected case was played for every verifier.
        complete: bool,
    },
}

/// What is going to be run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunHeader {
    /// The format of the journal and of the record.
    pub format_version: u32,
    /// Which cases there are.
    pub catalogue: CatalogueName,
    /// The profile that is laid over them.
    pub profile: String,
    /// The seed.
    pub seed: u64,
    /// In what order the cases are played.
    pub order: String,
    /// The verifiers' specs.
    pub verifiers: Vec<String>,
    /// The ids of the selected cases, in catalogue order.
    pub cases: Vec<String>,
    /// When the run began, RFC 3339 in UTC.
    pub started: String,
    /// What `{now}` stands for where a verifier uses the wall clock: seconds since the epoch.
    pub now: i64,
    /// The command line, without the program's path.
    pub command: Vec<String>,
    /// The frameworks that the user brought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frameworks: Vec<Framework>,
    /// The runs that were joined, where this is no journal of one run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunEntry>,
}

/// Why events make no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The first line is not a run's header.
    #[error("read the journal: its first line is not the header of a run")]
    NoHeader,
    /// The format is another one.
    #[error("read the journal: it has format version {found}, this build writes {FORMAT_VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
}

impl Record {
    /// Folds a run's events into its record; of two outcomes of one case, the last stands.
    ///
    /// # Errors
    /// When the events do not begin with a header that this build knows.
    pub fn from_events(events: impl IntoIterator<Item = Event>) -> Result<Self, JournalError> {
        let mut events = events.into_iter();
        let header = match events.next() {
            Some(Event::Run(header)) => *header,
            Some(
                Event::Resumed { .. }
                | Event::Verifier(_)
                | Event::Asked { .. }
                | Event::Case(_)
                | Event::Outcome { .. }
                | Event::Finished { .. },
            )
            | None => return Err(JournalError::NoHeader),
        };
        if header.format_version != FORMAT_VERSION {
            return Err(JournalError::Version { found: header.format_version });
        }

        let mut verifiers: Vec<VerifierEntry> = Vec::new();
        let mut outcomes = HashMap::new();
        let (mut cases, mut seen) = (Vec::<Case>::new(), HashSet::new());
        let (mut finished, mut complete) = (None, false);
        for event in events {
            match event {
                Event::Run(_) | Event::Resumed { .. } | Event::Asked { .. } => {}
                Event::Verifier(entry) => {
                    verifiers.retain(|other| other.id != entry.id);
                    verifiers.push(*entry);
                }
                Event::Case(case) => {
                    if seen.insert(case.id.clone()) {
                        cases.push(*case);
                    }
                }
                Event::Outcome { result, .. } => {
                    outcomes.insert((result.case.clone(), result.verifier.clone()), *result);
                }
                Event::Finished { at, complete: all } => (finished, complete) = (Some(at), all),
            }
        }

        let place = |id: &str| header.verifiers.iter().position(|other| other == id);
        verifiers.sort_by_key(|entry| place(&entry.id));
        let place: HashMap<&str, usize> =
            header.cases.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        // A twin that was not selected has no place; those stand last, by their names.
        cases.sort_by(|one, other| {
            let key = |case: &Case| place.get(case.id.as_str()).copied().unwrap_or(usize::MAX);
            key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id))
        });
        let mut results = Vec::with_capacity(outcomes.len());
        for case in &header.cases {
            for verifier in &header.verifiers {
                results.extend(outcomes.remove(&(case.clone(), verifier.clone())));
            }
        }
        Ok(Self {
            format_version: FORMAT_VERSION,
            catalogue: header.catalogue,
            profile: header.profile,
            seed: header.seed,
            order: header.order,
            started: header.started,
            finished,
            now: header.now,
            complete,
            command: header.command,
            runs: header.runs,
            frameworks: header.frameworks,
            verifiers,
            cases,
            totals: Totals::of(&results),
            results,
        })
    }
}
