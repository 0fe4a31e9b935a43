//! The table of contents of an export.

use serde::{Deserialize, Serialize};

use super::{Document, ExportError, ExportedFile, by_family, sha256};
use crate::{
    case::{Case, CatalogueVersion, Level},
    catalogue::Catalogue,
    env::{Env, NumericDate},
};

/// The path of the index.
pub const INDEX: &str = "index.json";

/// The value of its `format`.
pub const INDEX_FORMAT: &str = "gauntlet-index/1";

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Index {
    /// Always `gauntlet-index/1`.
    pub format: String,
    /// The catalogue's version.
    pub catalogue: CatalogueVersion,
    /// SHA-256 over every case as JSON: `sha256:` and hexadecimal digits.
    pub digest: String,
    /// The time at which tokens were made, unless a case has a time of its own.
    pub now: NumericDate,
    /// How many cases there are.
    pub cases: usize,
    /// The families, in catalogue order.
    pub families: Vec<FamilyEntry>,
    /// The other files, in catalogue order.
    pub files: Vec<FileEntry>,
}

/// A family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FamilyEntry {
    /// The first half of its cases' ids.
    pub name: String,
    /// What it tells apart.
    pub title: String,
    /// How many cases it has.
    pub cases: usize,
    /// How many of them are demands (MUST).
    pub must: usize,
    /// How many of them are advice (SHOULD).
    pub should: usize,
    /// How many of them are choices (MAY).
    pub may: usize,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileEntry {
    /// Its path below the index's folder.
    pub path: String,
    /// Its length.
    pub octets: usize,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl FamilyEntry {
    /// An entry for each family of these cases, in their order.
    #[must_use]
    pub fn all<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Vec<Self> {
        let families = by_family(cases);
        families.iter().map(|(name, title, cases)| Self::of(name, title, cases)).collect()
    }

    /// The entry of a family of these cases.
    #[must_use]
    pub fn of(name: &str, title: &str, cases: &[&Case]) -> Self {
        let of = |level| cases.iter().filter(|case| case.level == level).count();
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            cases: cases.len(),
            must: of(Level::Must),
            should: of(Level::Should),
            may: of(Level::May),
        }
    }
}

pub(super) fn render(
    catalogue: &Catalogue,
    env: &Env,
    families: Vec<FamilyEntry>,
    files: &[ExportedFile],
) -> Result<ExportedFile, ExportError> {
    let files: Vec<FileEntry> = files
        .iter()
        .map(|file| FileEntry {
            path: file.path.clone(),
            octets: file.contents.len(),
            sha256: sha256(&file.contents),
        })
        .collect();
    let mut index = Document::new(INDEX.to_owned());
    index.member("format", &INDEX_FORMAT)?;
    index.member("catalogue", &Catalogue::VERSION)?;
    index.member("digest", &catalogue.digest())?;
    index.member("now", &env.now)?;
    index.member("cases", &catalogue.cases().len())?;
    index.list("families", &families)?;
    index.list("files", &files)?;
    Ok(index.finish())
}
