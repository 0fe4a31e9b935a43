//! Where an export and a catalogue part.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use super::{ExportedFile, INDEX};

/// A file in which an export differs from the one that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It is not there.
    Missing {
        /// Its path.
        path: String,
    },
    /// It is there and should not be.
    Surplus {
        /// Its path.
        path: String,
    },
    /// Its contents are others.
    Changed {
        /// Its path.
        path: String,
        /// Cases of the catalogue that the file lacks.
        new: Vec<String>,
        /// Cases of the file that the catalogue lacks.
        gone: Vec<String>,
        /// Cases that differ.
        changed: Vec<String>,
    },
}

/// The differences between the files that are due and those that were found, by path.
#[must_use]
pub fn differences(due: &[ExportedFile], found: &BTreeMap<String, Vec<u8>>) -> Vec<Difference> {
    let mut differences = Vec::new();
    for file in due {
        match found.get(&file.path) {
            None => differences.push(Difference::Missing { path: file.path.clone() }),
            Some(contents) if *contents == file.contents => {}
            Some(contents) => differences.push(changed(file, contents)),
        }
    }
    let is_due = |path: &String| due.iter().any(|file| file.path == *path);
    differences.extend(
        found
            .keys()
            .filter(|path| !is_due(path))
            .map(|path| Difference::Surplus { path: path.clone() }),
    );
    differences
}

fn changed(due: &ExportedFile, found: &[u8]) -> Difference {
    let (due_cases, found_cases) = (cases(&due.contents), cases(found));
    let only_in = |one: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>| {
        one.keys().filter(|id| !other.contains_key(*id)).cloned().collect::<Vec<_>>()
    };
    Difference::Changed {
        path: due.path.clone(),
        new: only_in(&due_cases, &found_cases),
        gone: only_in(&found_cases, &due_cases),
        changed: due_cases
            .iter()
            .filter(|(id, case)| found_cases.get(*id).is_some_and(|other| other != *case))
            .map(|(id, _)| id.clone())
            .collect(),
    }
}

/// The cases of a file by their ids; none where it is no such file.
fn cases(contents: &[u8]) -> BTreeMap<String, Value> {
    let file: Value = serde_json::from_slice(contents).unwrap_or_default();
    let cases = file.get("cases").and_then(Value::as_array);
    cases
        .into_iter()
        .flatten()
        .filter_map(|case| Some((case.get("id")?.as_str()?.to_owned(), case.clone())))
        .collect()
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "{path}: is missing"),
            Self::Surplus { path } => write!(f, "{path}: is no part of the export"),
            Self::Changed { path, new, gone, changed } => {
                let told: Vec<String> =
                    [("lacks", new), ("has besides", gone), ("differs in", changed)]
                        .into_iter()
                        .filter(|(_, ids)| !ids.is_empty())
                        .map(|(what, ids)| format!("{what} {}", some(ids)))
                        .collect();
                match told.as_slice() {
                    [] if path == INDEX => {
                        write!(f, "{path}: is the index of another catalogue or of other files")
                    }
                    [] => write!(f, "{path}: differs, though not in a case"),
                    told => write!(f, "{path}: {}", told.join("; ")),
                }
            }
        }
    }
}

/// The first few of a list, and how many there are besides.
fn some(ids: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = ids.iter().take(SHOWN).map(String::as_str).collect();
    match ids.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
