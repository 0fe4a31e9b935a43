//! Causes of findings, each with a reproducer that shows it without our adapter and without us:
//! `causes.toml` and `confirm/` in an adapter's folder.
//!
//! A reproducer ends with exit code 0 where the behaviour shows, with 1 where it does not, and prints a line
//! on what it saw; anything else is trouble of its own.

use std::{fs::File, io, time::Duration};

use glob::Pattern;
use serde::Deserialize;

use super::{
    Installed, Library,
    manifest::ManifestError,
    version::{Requirement, Version},
};
use crate::adapter::process::task::Task;

/// How long a reproducer may take: run-times have to be loaded first.
const TIME_TO_CONFIRM: Duration = Duration::from_secs(60);

/// Why a library fails some cases.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Its name within the library.
    pub id: String,
    /// What the library does, in a sentence.
    pub title: String,
    /// Whose it is.
    pub of: Whose,
    /// The command that reproduces it, in the folder of the installed library; none where it is what the
    /// adapter does.
    #[serde(default)]
    pub confirm: Vec<String>,
    /// Globs over the ids of the cases that fail for it.
    pub cases: Vec<String>,
    /// Where it is public.
    #[serde(default)]
    pub public: Option<String>,
    /// In which versions; in all where nothing is said.
    #[serde(default)]
    pub versions: Vec<Requirement>,
}

/// Whose a cause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    /// The library's.
    Library,
    /// The adapter's, which supplies a part that the library lacks.
    Adapter,
}

/// What became of a reproducer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// The behaviour shows.
    Yes {
        /// The line that it printed.
        saw: String,
    },
    /// It does not.
    No {
        /// The line that it printed.
        saw: String,
    },
    /// The reproducer did not come to an end of its own.
    Trouble {
        /// How it ended, and its last words.
        why: String,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Causes {
    #[serde(default)]
    cause: Vec<Cause>,
}

impl Library {
    /// The causes that are known of it.
    ///
    /// # Errors
    /// [`ManifestError`], where its `causes.toml` cannot be read.
    pub fn causes(&self) -> Result<Vec<Cause>, ManifestError> {
        let path = self.folder.path().join("causes.toml");
        let Some(file) = self.folder.get_file(&path) else { return Ok(Vec::new()) };
        let path = path.display().to_string();
        let causes: Causes = toml::from_str(file.contents_utf8().unwrap_or_default())
            .map_err(|cause| ManifestError::Shape { path: path.clone(), cause })?;
        for cause in &causes.cause {
            let wrong = cause.cases.iter().find(|glob| Pattern::new(glob).is_err());
            let why = match wrong {
                Some(glob) => format!("`{glob}` of the cause `{}` is no glob", cause.id),
                None if cause.confirm.is_empty() && cause.of == Whose::Library => {
                    format!("the cause `{}` has no `confirm`", cause.id)
                }
                None => continue,
            };
            return Err(ManifestError::Content { path, why });
        }
        Ok(causes.cause)
    }
}

impl Cause {
    /// Whether it explains the failure of this case in this version.
    #[must_use]
    pub fn explains(&self, case: &str, version: &Version) -> bool {
        self.is_of(version)
            && self
                .cases
                .iter()
                .any(|glob| Pattern::new(glob).is_ok_and(|pattern| pattern.matches(case)))
    }

    /// Whether it is said of this version.
    #[must_use]
    pub fn is_of(&self, version: &Version) -> bool {
        self.versions.is_empty() || self.versions.iter().any(|one| one.holds(version))
    }
}

impl Installed {
    /// Runs the reproducer of a cause.
    ///
    /// # Errors
    /// The reproducer cannot be started.
    pub fn confirm(&self, cause: &Cause) -> io::Result<Confirmed> {
        let path = self.dir.join("confirm.log");
        let mut log = File::options().create(true).append(true).read(true).open(path)?;
        let finished = Task {
            command: &self.filled(&cause.confirm),
            directory: &self.dir,
            environment: &self.library.manifest.install.env,
            deadline: TIME_TO_CONFIRM,
            guard: self.guard(),
        }
        .run(&mut log)?;
        let saw = finished.last_lines.last().cloned().unwrap_or_default();
        Ok(match finished.code {
            Some(0) => Confirmed::Yes { saw },
            Some(1) => Confirmed::No { saw },
            Some(_) | None => Confirmed::Trouble { why: format!("{}; {saw}", finished.how) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::libraries, *};

    #[test]
    fn causes_are_named_once_and_bypasses_are_public() {
        for library in libraries().unwrap() {
            let causes = library.causes().unwrap();
            for (at, cause) in causes.iter().enumerate() {
                let twice = causes.iter().skip(at + 1).any(|other| other.id == cause.id);
                assert!(!twice, "{}: {}", library.manifest.name, cause.id);
                assert!(!cause.cases.is_empty(), "{}: {}", library.manifest.name, cause.id);
                let script = cause.confirm.iter().find(|word| word.starts_with("confirm/"));
                let there =
                    |script: &String| library.files().iter().any(|(path, _)| path == script);
                assert!(script.is_none_or(there), "{}: {script:?}", library.manifest.name);
            }
        }
    }

    #[test]
    fn a_cause_explains_its_cases_in_its_versions() {
        let cause: Causes = toml::from_str(
            r#"[[cause]]
            id = "a"
            title = "it does"
            of = "library"
            confirm = ["true"]
            cases = ["encoding/*-padded", "json/nan"]
            versions = ["<2"]"#,
        )
        .unwrap();
        let cause = &cause.cause[0];
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(cause.explains("encoding/header-padded", &version("1.9")));
        assert!(!cause.explains("encoding/header-padded", &version("2.0")));
        assert!(!cause.explains("encoding/header", &version("1.9")));
    }
}
