//! Profiles: the catalogue as those are asked who follow one specification or policy of its own.
//!
//! A profile is an overlay on the catalogue, written as data: one TOML file under `profiles/` and one line
//! in `PROFILES`. It dresses the honest parts of cases as its specification wants them (policy, `typ`,
//! claims), it raises what the specifications under the catalogue leave open, it leaves out what cannot
//! occur under it, with a reason, and it may bring cases of its own. It never asks less of a case.
//!
//! Cases and their twins are dressed alike or not at all, so that a token still differs from its twin in
//! nothing but the attack. Where a case cannot be dressed (its token is a text, or the case is about the very
//! member), it stays as it is, and so does a copy of its twin, under `core/`.

mod apply;
mod brought;
mod demand;
mod glob;
mod overlay;
mod text;
mod walk;

use std::{fmt, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{case::CaseId, catalogue::Catalogue};
use apply::Work;
use brought::Brought;
use demand::{Demand, LeaveOut};
use overlay::Overlay;

/// To add a profile, add its file and one line.
const PROFILES: &[&str] = &[
    include_str!("../profiles/core.toml"),
    include_str!("../profiles/rfc9068.toml"),
    include_str!("../profiles/spiffe-jwt-svid.toml"),
    include_str!("../profiles/asvs-strict.toml"),
    include_str!("../profiles/oidc-id-token.toml"),
];

/// The name of the profile that changes nothing.
pub const CORE: &str = "core";

/// An overlay on the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, such as `rfc9068`.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// For whom it is, and what it does.
    pub purpose: String,
    /// Where its rules stand.
    pub sources: Vec<String>,
    /// What its sources ask for and no case can show, each with why.
    #[serde(default)]
    pub cannot_show: Vec<String>,
    #[serde(default, rename = "overlay", skip_serializing)]
    overlays: Vec<Overlay>,
    #[serde(default, rename = "demand", skip_serializing)]
    demands: Vec<Demand>,
    #[serde(default, rename = "leave_out", skip_serializing)]
    left_out: Vec<LeaveOut>,
    #[serde(default, rename = "bring", skip_serializing)]
    brought: Vec<Brought>,
}

/// Why there is no such profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No profile has this name.
    #[error("find a profile `{name}`; there are: {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A file of ours is malformed; a test keeps this from happening.
    #[error("read a profile that comes with this build: {why}")]
    Unreadable {
        /// What the reader met.
        why: String,
    },
}

/// Every profile, in the order in which they are shown; the first is [`CORE`].
///
/// # Errors
/// [`ProfileError::Unreadable`], which a test keeps from happening.
pub fn profiles() -> Result<&'static [Profile], ProfileError> {
    static ALL: LazyLock<Result<Vec<Profile>, ProfileError>> = LazyLock::new(|| {
        let read = |text: &&str| {
            toml::from_str(text)
                .map_err(|error| ProfileError::Unreadable { why: error.to_string() })
        };
        PROFILES.iter().map(read).collect()
    });
    ALL.as_deref().map_err(Clone::clone)
}

/// The profile of this name.
///
/// # Errors
/// [`ProfileError::Unknown`], which names those there are.
pub fn find(name: &str) -> Result<&'static Profile, ProfileError> {
    let all = profiles()?;
    all.iter().find(|profile| profile.id == name).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|profile| profile.id.as_str()).collect();
        ProfileError::Unknown { name: name.to_owned(), known: known.join(", ") }
    })
}

/// The names of all profiles, for help and completions.
pub fn names() -> impl Iterator<Item = &'static str> {
    profiles().unwrap_or_default().iter().map(|profile| profile.id.as_str())
}

/// One thing that a profile makes different in a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// What is different, such as `policy token_type` or `level`.
    pub what: String,
    /// What it was, where it was anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is.
    pub after: String,
}

impl Change {
    fn new(what: impl Into<String>, before: Option<String>, after: impl Into<String>) -> Self {
        Self { what: what.into(), before, after: after.into() }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.before {
            Some(before) => write!(f, "{}: {before} → {}", self.what, self.after),
            None => write!(f, "{}: {}", self.what, self.after),
        }
    }
}

/// A case with what a profile makes different in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changed {
    /// The case.
    pub id: CaseId,
    /// What is different.
    pub changes: Vec<Change>,
    /// Why, each reason once.
    pub because: Vec<String>,
}

/// A case that a profile leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The case.
    pub id: CaseId,
    /// Why.
    pub because: String,
}

/// A case that only a profile has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Added {
    /// The case.
    pub id: CaseId,
    /// Why.
    pub because: String,
}

/// The catalogue under a profile, and how it differs from the one without.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// The cases that differ, in catalogue order.
    pub changed: Vec<Changed>,
    /// The cases that it has beside, in catalogue order.
    pub added: Vec<Added>,
    /// The cases that it has not, in catalogue order.
    pub left_out: Vec<LeftOut>,
}

impl Profile {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_core(&self) -> bool {
        self.id == CORE
    }

    /// The catalogue under this profile; [`CORE`] gives it back as it is.
    #[must_use]
    pub fn apply(&self, core: &Catalogue) -> Catalogue {
        self.applied(core).catalogue
    }

    /// The catalogue under this profile, with what became of each case.
    #[must_use]
    pub fn applied(&self, core: &Catalogue) -> Applied {
        let mut work = Work::new(core);
        work.dress(&self.overlays);
        work.leave_out(&self.left_out);
        work.demand(&self.demands);
        work.bring(self);
        work.end()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn every_file_under_profiles_is_embedded_and_named_by_its_id() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            assert!(PROFILES.contains(&text.as_str()), "no line for {}", path.display());
            let profile: Profile = toml::from_str(&text).unwrap();
            assert_eq!(path.file_stem().unwrap().to_str(), Some(profile.id.as_str()));
        }
        assert_eq!(profiles().unwrap().len(), PROFILES.len());
    }

    #[test]
    fn core_comes_first_and_changes_nothing() {
        let core = profiles().unwrap().first().unwrap();
        assert!(core.is_core());
        let catalogue = Catalogue::build();
        let applied = core.applied(&catalogue);
        assert_eq!(applied.catalogue.digest(), catalogue.digest());
        assert!(applied.changed.is_empty() && applied.added.is_empty());
        assert!(applied.left_out.is_empty());
    }

    #[test]
    fn an_unknown_name_is_told_with_those_there_are() {
        let error = find("rfc9067").unwrap_err().to_string();
        assert!(error.contains("`rfc9067`") && error.contains("core, rfc9068"), "{error}");
    }
}
