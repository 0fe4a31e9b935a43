//! Records read back: to be written in another format, or joined into one matrix.
//!
//! A record may have been made elsewhere, cut short or edited: whatever does not hold together is refused, with
//! the place and what to do.

use std::collections::{HashMap, HashSet};

use gauntlet_vectors::case::{Category, Level, Severity};

use crate::{
    journal::{Event, JournalError, RunHeader},
    record::{FORMAT_VERSION, Record, RunEntry, Totals},
};

/// Why a text is no record.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON of the record's shape.
    #[error(
        "read it at line {}, column {}: expected a record.json or a journal.jsonl of `gauntlet run` in format version \
         {FORMAT_VERSION}", .0.line(), .0.column()
    )]
    Shape(#[source] serde_json::Error),
    /// A line of a journal is no event.
    #[error("read line {line} of it, which is no event of a journal")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        cause: serde_json::Error,
    },
    /// The events make no record.
    #[error("make a record of its events")]
    Journal(#[from] JournalError),
    /// It is of another version.
    #[error(
        "read it: it has format version {0} and this build reads {FORMAT_VERSION}; use the release that made it, or run \
         again"
    )]
    Version(u64),
    /// Its parts do not fit each other.
    #[error("make sense of it: {0}; make the record again with `gauntlet run`")]
    Content(String),
}

/// Why records cannot stand in one matrix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// There is none.
    #[error("join records: none is given")]
    Nothing,
    /// They were asked different things.
    #[error(
        "join record {place} with the first: its {what} is {own} and the first one's {first}, so that their rows do not \
         mean the same; render it apart"
    )]
    Differs {
        /// Its place, from 1.
        place: usize,
        /// What differs.
        what: &'static str,
        /// What it is in this one.
        own: String,
        /// What it is in the first.
        first: String,
    },
    /// Two have a verifier of one name.
    #[error(
        "join record {place} with those before it: verifier `{verifier}` stands in two of them, and a matrix has one \
         column for each"
    )]
    Twice {
        /// Its place, from 1.
        place: usize,
        /// The verifier's id.
        verifier: String,
    },
}

impl Record {
    /// Reads a record, or the journal of a run that may not have ended.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(text: &str) -> Result<Self, ReadError> {
        /// What tells a record from a journal's first line, and one version from another.
        #[derive(serde::Deserialize)]
        struct Head {
            format_version: Option<u64>,
            event: Option<String>,
        }
        let head = serde_json::Deserializer::from_str(text).into_iter::<Head>().next();
        let head = match head {
            Some(head) => head.map_err(ReadError::Shape)?,
            None => return Err(ReadError::Content("it is empty".to_owned())),
        };
        if let Some(version) = head.format_version.filter(|v| *v != u64::from(FORMAT_VERSION)) {
            return Err(ReadError::Version(version));
        }
        let record = if head.event.is_some() {
            Self::from_events(events(text)?)?
        } else {
            serde_json::from_str(text).map_err(ReadError::Shape)?
        };
        record.check().map_err(ReadError::Content)?;
        Ok(record)
    }

    /// Whether its parts fit each other: every writer may rely on this.
    fn check(&self) -> Result<(), String> {
        let mut verifiers = HashSet::new();
        for verifier in &self.verifiers {
            if !verifiers.insert(verifier.id.as_str()) {
                return Err(format!("verifier `{}` stands in it twice", verifier.id));
            }
        }
        let mut asked = HashSet::new();
        for result in &self.results {
            let (case, verifier) = (result.case.as_str(), result.verifier.as_str());
            if !verifiers.contains(verifier) {
                return Err(format!(
                    "case `{case}` has a result of `{verifier}`, which is no verifier of it"
                ));
            }
            if !asked.insert((case, verifier)) {
                return Err(format!("case `{case}` has two results of `{verifier}`"));
            }
            let words = [
                ("category", result.category.parse::<Category>().err()),
                ("level", result.level.parse::<Level>().err()),
                ("severity", result.severity.parse::<Severity>().err()),
            ];
            if let Some((what, error)) =
                words.into_iter().find_map(|(what, error)| Some((what, error?)))
            {
                return Err(format!("the {what} of case `{case}` cannot be told: {error}"));
            }
        }
        self.book()
            .map_err(|error| format!("a framework of its own cannot be taken in: {error}"))?;
        if self.totals != Totals::of(&self.results) {
            return Err("its totals are not those of its results".to_owned());
        }
        Ok(())
    }

    /// The record as the journal of a run that was played in the record's order.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let header = Event::Run(Box::new(RunHeader {
            format_version: self.format_version,
            catalogue: self.catalogue.clone(),
            profile: self.profile.clone(),
            seed: self.seed,
            order: self.order.clone(),
            verifiers: self.verifiers.iter().map(|entry| entry.id.clone()).collect(),
            cases: self.selected().into_iter().map(str::to_owned).collect(),
            started: self.started.clone(),
            now: self.now,
            command: self.command.clone(),
            runs: self.runs.clone(),
            frameworks: self.frameworks.clone(),
        }));
        let verifiers = self.verifiers.iter().cloned();
        let finished = self.finished.clone();
        let end = finished.map(|at| Event::Finished { at, complete: self.complete });
        std::iter::once(header)
            .chain(verifiers.map(|entry| Event::Verifier(Box::new(entry))))
            .chain(self.cases.iter().cloned().map(|case| Event::Case(Box::new(case))))
            .chain(
                self.results
                    .iter()
                    .cloned()
                    .map(|result| Event::Outcome { pass: 1, result: Box::new(result) }),
            )
            .chain(end)
    }

    /// The ids of the cases that have a result, in the record's order.
    #[must_use]
    pub fn selected(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let ids = self.results.iter().map(|result| result.case.as_str());
        ids.filter(|id| seen.insert(*id)).collect()
    }

    /// Several runs of the same catalogue as one matrix, the verifiers in the order of the records.
    ///
    /// # Errors
    /// [`JoinError`], where their rows would not mean the same or a column would stand twice.
    pub fn join(records: Vec<Self>) -> Result<Self, JoinError> {
        let mut records = records.into_iter();
        let Some(mut joined) = records.next() else { return Err(JoinError::Nothing) };
        let mut rest = records.zip(2..).peekable();
        if rest.peek().is_some() && joined.runs.is_empty() {
            joined.runs = vec![joined.run_entry()];
        }
        for (record, place) in rest {
            joined.compare(&record, place)?;
            joined.take_in(record);
        }
        Ok(joined)
    }

    fn compare(&self, other: &Self, place: usize) -> Result<(), JoinError> {
        let both = [
            ("catalogue", &other.catalogue.digest, &self.catalogue.digest),
            ("profile", &other.profile, &self.profile),
            ("seed", &other.seed.to_string(), &self.seed.to_string()),
        ];
        if let Some((what, own, first)) = both.into_iter().find(|(_, own, first)| own != first) {
            return Err(JoinError::Differs { place, what, own: own.clone(), first: first.clone() });
        }
        let twice = other
            .verifiers
            .iter()
            .find(|entry| self.verifiers.iter().any(|known| known.id == entry.id));
        match twice {
            Some(entry) => Err(JoinError::Twice { place, verifier: entry.id.clone() }),
            None => Ok(()),
        }
    }

    fn take_in(&mut self, mut other: Self) {
        let order = merged(&self.selected(), &other.selected());
        let runs = if other.runs.is_empty() { vec![other.run_entry()] } else { other.runs };
        self.runs.extend(runs);
        self.complete &= other.complete;
        self.verifiers.append(&mut other.verifiers);
        self.results.append(&mut other.results);
        // Stable, so that within a case the verifiers stay in the order of the records.
        let place: HashMap<&str, usize> =
            order.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        self.results.sort_by_key(|result| place.get(result.case.as_str()).copied());
        // One that both brought is the same one, or the whole does not hold together and `book` says so.
        let own = other.frameworks.into_iter();
        self.frameworks
            .extend(own.filter(|own| !self.frameworks.contains(own)).collect::<Vec<_>>());
        let known: HashSet<_> = self.cases.iter().map(|case| case.id.clone()).collect();
        self.cases.extend(other.cases.into_iter().filter(|case| !known.contains(&case.id)));
        let last = usize::MAX;
        self.cases.sort_by(|one, other| {
            let key = |id: &str| place.get(id).copied().unwrap_or(last);
            let keys = key(one.id.as_str()).cmp(&key(other.id.as_str()));
            keys.then_with(|| one.id.cmp(&other.id))
        });
        self.totals = Totals::of(&self.results);
    }

    fn run_entry(&self) -> RunEntry {
        RunEntry {
            started: self.started.clone(),
            finished: self.finished.clone(),
            now: self.now,
            complete: self.complete,
            command: self.command.clone(),
            verifiers: self.verifiers.iter().map(|entry| entry.id.clone()).collect(),
        }
    }
}

/// Two selections of one catalogue in an order that both agree with: what only the second has stands behind what
/// stood in front of it there.
fn merged(first: &[&str], second: &[&str]) -> Vec<String> {
    let known: HashSet<&str> = first.iter().copied().collect();
    let mut behind: HashMap<Option<&str>, Vec<&str>> = HashMap::new();
    let mut last = None;
    for id in second {
        if known.contains(id) {
            last = Some(*id);
        } else {
            behind.entry(last).or_default().push(id);
        }
    }
    let mut all: Vec<String> = Vec::with_capacity(first.len() + second.len());
    let mut put = |id: &str| all.push(id.to_owned());
    behind.remove(&None).into_iter().flatten().for_each(&mut put);
    for id in first {
        put(id);
        behind.remove(&Some(*id)).into_iter().flatten().for_each(&mut put);
    }
    all
}

fn events(text: &str) -> Result<Vec<Event>, ReadError> {
    let is_cut = !text.ends_with('\n');
    let lines: Vec<&str> = text.lines().collect();
    let mut events = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        match serde_json::from_str(line) {
            Ok(event) => events.push(event),
            // A run that was killed may have been writing its last line.
            Err(_) if is_cut && at + 1 == lines.len() => {}
            Err(cause) => return Err(ReadError::Line { line: at + 1, cause }),
        }
    }
    Ok(events)
}
