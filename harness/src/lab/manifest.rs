//! What an adapter's folder says of itself: `manifest.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::version::{Requirement, Version};
use crate::adapter::Clock;

/// An adapter for one library.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name on the command line.
    pub name: String,
    /// The library's own name.
    pub library: String,
    /// Its language.
    pub language: String,
    /// Where its source and its issues are.
    pub repository: String,
    /// By which clock it judges.
    pub clock: Clock,
    /// The version that is installed where none is named.
    pub version: Version,
    /// The versions that were seen to work.
    pub versions: Vec<Version>,
    /// The command that starts the adapter in its folder; `{dir}` is that folder.
    pub start: Vec<String>,
    /// Files beside the folder that it needs as well, relative to it.
    #[serde(default)]
    pub files: Vec<String>,
    /// How the library is installed.
    pub install: Install,
}

/// How a library is installed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Install {
    /// By which package manager.
    pub kind: Installer,
    /// Its packages; `{version}` is the version that was asked for.
    #[serde(default)]
    pub packages: Vec<String>,
    /// The Debian package whose version is the library's.
    pub version_of: Option<String>,
    /// Commands in the folder once the packages are there.
    #[serde(default)]
    pub build: Vec<Vec<String>>,
    /// Variables for these commands and for the start.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Releases that need other packages.
    #[serde(default, rename = "for")]
    pub exceptions: Vec<Exception>,
}

/// By which package manager a library is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Installer {
    /// Python's, into a virtual environment of its own.
    Pip,
    /// Node's, into the folder, without the scripts of packages.
    Npm,
    /// Rust's: the adapter is a crate, whose manifest is `Cargo.toml.in`.
    Cargo,
    /// Debian's, into the system: the version is the one that it has.
    Apt,
}

/// Releases that need other packages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Which releases: one of these holds.
    pub versions: Vec<Requirement>,
    /// Their packages, in place of the others.
    pub packages: Vec<String>,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is not TOML, or not of the shape.
    #[error("read `{path}`")]
    Shape {
        /// The file.
        path: String,
        /// Where and what.
        #[source]
        cause: toml::de::Error,
    },
    /// It says what cannot be.
    #[error("use `{path}`: {why}")]
    Content {
        /// The file.
        path: String,
        /// What is wrong and what to write instead.
        why: String,
    },
}

impl Manifest {
    /// The manifest in this text; `path` names it in errors.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn read(path: &str, text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)
            .map_err(|cause| ManifestError::Shape { path: path.to_owned(), cause })?;
        match manifest.wrong() {
            None => Ok(manifest),
            Some(why) => Err(ManifestError::Content { path: path.to_owned(), why }),
        }
    }

    fn wrong(&self) -> Option<String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let at_all = !self.name.is_empty() && self.name.chars().all(plain);
        let is_apt = self.install.kind == Installer::Apt;
        if !at_all {
            Some(format!("`name` is `{}`; expected lower-case letters, digits and `-`", self.name))
        } else if self.start.is_empty() {
            Some("`start` is empty; expected the command that starts the adapter".to_owned())
        } else if !self.versions.contains(&self.version) {
            Some(format!("`versions` lacks `version`, which is {}", self.version))
        } else if is_apt && self.install.version_of.is_none() {
            Some("`install.version_of` is missing; expected the package of the library".to_owned())
        } else {
            None
        }
    }

    /// The packages of a version.
    #[must_use]
    pub fn packages(&self, version: &Version) -> Vec<String> {
        let exception = self.install.exceptions.iter().find(|exception| {
            exception.versions.iter().any(|requirement| requirement.holds(version))
        });
        let packages = exception.map_or(&self.install.packages, |exception| &exception.packages);
        packages.iter().map(|package| package.replace("{version}", version.as_str())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        name = "some"
        library = "Some"
        language = "Python"
        repository = "https://example.test/some"
        clock = "wall"
        version = "2.1"
        versions = ["2.1", "1.0"]
        start = ["{dir}/venv/bin/python", "adapter.py"]
        [install]
        kind = "pip"
        packages = ["some=={version}"]
        [[install.for]]
        versions = ["<2"]
        packages = ["some=={version}", "old"]
    "#;

    #[test]
    fn old_releases_may_need_other_packages() {
        let manifest = Manifest::read("x", TEXT).unwrap();
        assert_eq!(manifest.packages(&"2.1".parse().unwrap()), ["some==2.1"]);
        assert_eq!(manifest.packages(&"1.0".parse().unwrap()), ["some==1.0", "old"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (from, to, what) in [
            ("\"some\"", "\"So/me\"", "`name` is `So/me`"),
            ("version = \"2.1\"", "version = \"3\"", "`versions` lacks"),
            ("\"wall\"", "\"sun\"", "read `x`"),
            ("kind = \"pip\"", "kind = \"apt\"", "`install.version_of` is missing"),
        ] {
            let error = Manifest::read("x", &TEXT.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
        }
    }
}
