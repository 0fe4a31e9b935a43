//! The catalogue as files for others: as recipes, and as bytes for whoever has no forge.
//!
//! | file | holds |
//! | --- | --- |
//! | `index.json` | version and digest of the catalogue, its families, every other file with its hash |
//! | `recipes/FAMILY.json` | the cases as `--vectors` plays them ([`VectorFile`]) |
//! | `resolved/FAMILY.json` | the same cases in bytes, at a fixed time ([`ResolvedFile`]) |
//!
//! One case stands on one line, so that a change of a case is a change of a line. The same catalogue
//! and the same [`Env`] give the same bytes. Nothing is written here: paths and bytes are handed out.

mod compare;
mod index;
mod long;
mod resolved;

use serde::Serialize;
use sha2::{Digest, Sha256};

pub use compare::{Difference, differences};
pub use index::{FamilyEntry, FileEntry, INDEX, INDEX_FORMAT, Index};
pub use long::{Piece, Pieces, Run, Text};
pub use resolved::{
    Believing, RESOLVED_FORMAT, ResolvedBehaviour, ResolvedCase, ResolvedDeclared,
    ResolvedDocument, ResolvedFile, ResolvedIssuer, ResolvedKeys, ResolvedPublication,
    ResolvedStep, ResolvedToken,
};

use crate::{
    case::{Case, CaseId},
    catalogue::{Catalogue, FAMILIES},
    env::Env,
    file::FORMAT,
    forge::ForgeError,
};

#[cfg(doc)]
use crate::file::VectorFile;

/// The folder of the recipes, and that of the cases in bytes.
pub const FOLDERS: [&str; 2] = ["recipes", "resolved"];

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its path below the export's folder, with slashes.
    pub path: String,
    /// Its contents.
    pub contents: Vec<u8>,
}

/// Why a catalogue cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A recipe cannot be made.
    #[error("make the tokens of `{case}`")]
    Forge {
        /// The case.
        case: CaseId,
        /// What does not fit.
        #[source]
        source: ForgeError,
    },
    /// A value cannot be written as JSON.
    #[error("write `{path}`")]
    Json {
        /// The file.
        path: String,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
}

/// Every file of the export, `index.json` last.
///
/// # Errors
/// [`ExportError`], where a recipe cannot be made.
pub fn render(catalogue: &Catalogue, env: &Env) -> Result<Vec<ExportedFile>, ExportError> {
    let [recipes, resolved] = FOLDERS;
    let mut files = Vec::new();
    let mut families = Vec::new();
    for (name, title, cases) in by_family(catalogue.cases()) {
        families.push(FamilyEntry::of(name, title, &cases));

        let mut file = Document::new(format!("{recipes}/{name}.json"));
        file.member("format", &FORMAT)?;
        file.list("cases", &cases)?;
        files.push(file.finish());

        let in_bytes = cases
            .iter()
            .map(|case| {
                ResolvedCase::of(case, env)
                    .map_err(|source| ExportError::Forge { case: case.id.clone(), source })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut file = Document::new(format!("{resolved}/{name}.json"));
        file.member("format", &RESOLVED_FORMAT)?;
        file.member("family", &name)?;
        file.member("title", &title)?;
        file.member("origins", &env.origins)?;
        file.list("cases", &in_bytes)?;
        files.push(file.finish());
    }
    files.push(index::render(catalogue, env, families, &files)?);
    Ok(files)
}

/// The families of these cases in their order, each with its title and its cases.
fn by_family<'a>(
    cases: impl IntoIterator<Item = &'a Case>,
) -> Vec<(&'a str, &'static str, Vec<&'a Case>)> {
    let mut families: Vec<(&str, &'static str, Vec<&Case>)> = Vec::new();
    for case in cases {
        let name = case.id.family();
        match families.iter_mut().find(|(other, _, _)| *other == name) {
            Some((_, _, cases)) => cases.push(case),
            None => {
                let family = FAMILIES.iter().find(|family| family.name == name);
                families.push((name, family.map_or("", |family| family.title), vec![case]));
            }
        }
    }
    families
}

/// A JSON object with a member a line, and an entry of a list a line.
struct Document {
    path: String,
    text: String,
}

impl Document {
    fn new(path: String) -> Self {
        Self { path, text: String::from("{") }
    }

    fn member(&mut self, name: &str, value: &impl Serialize) -> Result<(), ExportError> {
        let value = self.json(value)?;
        self.put(name, &value);
        Ok(())
    }

    fn list(&mut self, name: &str, entries: &[impl Serialize]) -> Result<(), ExportError> {
        let entries =
            entries.iter().map(|entry| self.json(entry)).collect::<Result<Vec<_>, _>>()?;
        self.put(name, &format!("[\n{}\n]", entries.join(",\n")));
        Ok(())
    }

    fn put(&mut self, name: &str, value: &str) {
        let comma = if self.text == "{" { "" } else { "," };
        self.text.push_str(&format!("{comma}\n\"{name}\": {value}"));
    }

    fn json(&self, value: &impl Serialize) -> Result<String, ExportError> {
        serde_json::to_string(value)
            .map_err(|source| ExportError::Json { path: self.path.clone(), source })
    }

    fn finish(self) -> ExportedFile {
        ExportedFile { path: self.path, contents: (self.text + "\n}\n").into_bytes() }
    }
}

/// SHA-256 in hexadecimal digits.
fn sha256(octets: &[u8]) -> String {
    use std::fmt::Write as _;

    Sha256::digest(octets).iter().fold(String::new(), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}
