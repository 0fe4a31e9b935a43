//! Cases in a file: the catalogue's own format, for whoever brings cases along.
//!
//! ```json
//! {"format": "gauntlet-vectors/1", "cases": [ … ]}
//! ```
//!
//! A case is written as `gauntlet explain --format json` prints it. A file in Project Wycheproof's
//! format (`testGroups`) is told by its shape and played as well, at the labels that it gives.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    case::{Case, CaseId},
    catalogue::Catalogue,
    published::wycheproof::{OwnFileError, is_wycheproof, own_cases},
};

/// The value of `format`.
pub const FORMAT: &str = "gauntlet-vectors/1";

/// A file of cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VectorFile {
    /// Always [`FORMAT`].
    pub format: String,
    /// The cases, in the order in which they are played.
    pub cases: Vec<Case>,
}

/// Why a text is no file of cases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is not JSON, or not of this shape.
    #[error(
        "line {line}, column {column}: {what}; expected an object {{\"format\": \"{FORMAT}\", \"cases\": […]}}, each case as `gauntlet explain --format json` prints one, or a file in Wycheproof's format"
    )]
    Shape {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the reader met.
        what: String,
    },
    /// It is of another format.
    #[error("line 1: `format` is `{found}`; expected `{FORMAT}`")]
    Format {
        /// The format it names.
        found: String,
    },
    /// A case cannot be played as it stands.
    #[error("line {line}: case `{id}` {why}")]
    Case {
        /// Where its id stands, from 1.
        line: usize,
        /// Its id.
        id: CaseId,
        /// What is wrong, and what was expected.
        why: String,
    },
    /// A file in Wycheproof's format cannot be played.
    #[error("{what} (read as a file in Wycheproof's format, for its `testGroups`)")]
    Wycheproof {
        /// The line, what is wrong, and what was expected.
        what: String,
    },
}

impl From<OwnFileError> for FileError {
    fn from(error: OwnFileError) -> Self {
        Self::Wycheproof { what: error.to_string() }
    }
}

impl VectorFile {
    /// A file of these cases.
    #[must_use]
    pub fn of(cases: Vec<Case>) -> Self {
        Self { format: FORMAT.to_owned(), cases }
    }

    /// Reads a file's text in whichever of the two formats it is; `name` is the file's name, which ids
    /// of Wycheproof's tests are made of.
    ///
    /// # Errors
    /// [`FileError`], with the line.
    pub fn read_any(name: &str, text: &str, catalogue: &Catalogue) -> Result<Self, FileError> {
        if is_wycheproof(text) {
            Ok(Self::of(own_cases(name, text)?))
        } else {
            Self::read(text, catalogue)
        }
    }

    /// Reads a file's text; twins may be of the file itself or of `catalogue`.
    ///
    /// # Errors
    /// [`FileError`], with the line.
    pub fn read(text: &str, catalogue: &Catalogue) -> Result<Self, FileError> {
        let file: Self = serde_json::from_str(text).map_err(|error| FileError::Shape {
            line: error.line(),
            column: error.column(),
            // Its place is told apart from its text.
            what: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        })?;
        if file.format != FORMAT {
            return Err(FileError::Format { found: file.format });
        }
        let own: BTreeSet<&CaseId> = file.cases.iter().map(|case| &case.id).collect();
        let mut seen = BTreeSet::new();
        for case in &file.cases {
            let wrong = |why: String| FileError::Case {
                line: line_of(text, &case.id),
                id: case.id.clone(),
                why,
            };
            if let Err(error) = case.id.as_str().parse::<CaseId>() {
                return Err(wrong(format!("has an unusable id: failed to {error}")));
            }
            if !seen.insert(&case.id) {
                return Err(wrong("stands twice in the file; expected each id once".to_owned()));
            }
            if case.timeline.presentations().next().is_none() {
                return Err(wrong("shows no token; expected a `verify` step".to_owned()));
            }
            match &case.twin {
                Some(twin) if !own.contains(twin) && catalogue.find(twin).is_none() => {
                    return Err(wrong(format!(
                        "names the twin `{twin}`, which is neither in the file nor in the catalogue"
                    )));
                }
                None if case.demands_refusal() => {
                    return Err(wrong(
                        "demands a refusal without a `twin`; expected the id of the case that must be accepted"
                            .to_owned(),
                    ));
                }
                Some(_) | None => {}
            }
        }
        Ok(file)
    }
}

fn line_of(text: &str, id: &CaseId) -> usize {
    let quoted = format!("\"{id}\"");
    text.lines().position(|line| line.contains(&quoted)).map_or(1, |at| at + 1)
}
