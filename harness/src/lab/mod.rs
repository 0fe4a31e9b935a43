//! Real libraries at real versions: the adapters that are ours, and the folders into which their libraries
//! are installed.
//!
//! An adapter is a folder under `harness/adapters/`, found by its manifest and embedded in the program, so
//! that an installed `gauntlet` has them all. [`Lab`] installs one library at one version into a folder of
//! its own.

pub mod causes;
mod commands;
pub mod install;
pub mod known;
pub mod manifest;
pub mod template;
pub mod version;

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

pub use install::{Installed, Lab};
use manifest::{Manifest, ManifestError};
use version::Version;

/// Every adapter of ours: `LANGUAGE/LIBRARY/…`.
static ADAPTERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/adapters");

/// A library with an adapter of ours.
#[derive(Debug)]
pub struct Library {
    /// What its folder says of itself.
    pub manifest: Manifest,
    folder: &'static Dir<'static>,
}

/// All of them by name; a manifest that cannot be used is an error of ours, and told with its path.
///
/// # Errors
/// [`ManifestError`] of the first manifest that cannot be used.
pub fn libraries() -> Result<&'static [Library], &'static ManifestError> {
    static ALL: LazyLock<Result<Vec<Library>, ManifestError>> = LazyLock::new(read);
    ALL.as_ref().map(Vec::as_slice)
}

fn read() -> Result<Vec<Library>, ManifestError> {
    let mut all = Vec::new();
    for folder in ADAPTERS.dirs().flat_map(Dir::dirs) {
        let path = folder.path().join("manifest.toml");
        let Some(file) = ADAPTERS.get_file(&path) else { continue };
        let path = path.display().to_string();
        let text = file.contents_utf8().unwrap_or_default();
        all.push(Library { manifest: Manifest::read(&path, text)?, folder });
    }
    all.sort_by(|one, other| one.manifest.name.cmp(&other.manifest.name));
    match all.windows(2).find(|pair| matches!(pair, [a, b] if a.manifest.name == b.manifest.name)) {
        Some([_, twice]) => Err(ManifestError::Content {
            path: twice.folder.path().join("manifest.toml").display().to_string(),
            why: format!("the name `{}` is taken", twice.manifest.name),
        }),
        _ => Ok(all),
    }
}

/// A library as it is named on the command line: `pyjwt`, or `pyjwt@2.12.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The adapter's name.
    pub name: String,
    /// The version, where one is named.
    pub version: Option<Version>,
}

/// Why a spec names nothing.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// Its version is none.
    #[error("read `{spec}`")]
    Version {
        /// The whole spec.
        spec: String,
        /// Why not.
        #[source]
        cause: version::VersionError,
    },
    /// There is no adapter of that name.
    #[error("find an adapter named `{name}`: there are {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The adapters that were built in cannot be read.
    #[error(transparent)]
    Manifest(&'static ManifestError),
}

impl Spec {
    /// The library and the version that the text names.
    ///
    /// # Errors
    /// [`SpecError`].
    pub fn read(text: &str) -> Result<(Self, &'static Library), SpecError> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => {
                let version = version
                    .parse()
                    .map_err(|cause| SpecError::Version { spec: text.to_owned(), cause })?;
                (name, Some(version))
            }
            None => (text, None),
        };
        let all = libraries().map_err(SpecError::Manifest)?;
        let library =
            all.iter().find(|library| library.manifest.name == name).ok_or_else(|| {
                let known: Vec<&str> =
                    all.iter().map(|library| library.manifest.name.as_str()).collect();
                SpecError::Unknown { name: name.to_owned(), known: known.join(", ") }
            })?;
        Ok((Self { name: name.to_owned(), version }, library))
    }
}

impl Library {
    /// Its files, by their paths within its folder, those beside the folder that it needs among them.
    fn files(&self) -> Vec<(String, &'static [u8])> {
        fn collect(
            dir: &'static Dir<'static>,
            of: &Dir<'_>,
            all: &mut Vec<(String, &'static [u8])>,
        ) {
            for file in dir.files() {
                let path = file.path().strip_prefix(of.path()).unwrap_or(file.path());
                all.push((path.display().to_string(), file.contents()));
            }
            for inner in dir.dirs() {
                collect(inner, of, all);
            }
        }
        let mut all = Vec::new();
        collect(self.folder, self.folder, &mut all);
        let language = self.folder.path().parent().and_then(|path| ADAPTERS.get_dir(path));
        for name in &self.manifest.files {
            let name = name.trim_start_matches("../");
            let beside =
                language.and_then(|dir| dir.files().find(|file| file.path().ends_with(name)));
            all.extend(beside.map(|file| (name.to_owned(), file.contents())));
        }
        all.sort();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_manifest_can_be_used_and_every_file_that_it_names_is_there() {
        let all = libraries().unwrap();
        assert!(!all.is_empty());
        for library in all {
            let files = library.files();
            let has = |name: &str| files.iter().any(|(path, _)| path == name);
            for name in library.manifest.files.iter().map(|name| name.trim_start_matches("../")) {
                assert!(has(name), "{}: {name}", library.manifest.name);
            }
            assert!(!has("Cargo.toml"), "{}: packaging drops a crate", library.manifest.name);
        }
    }

    #[test]
    fn a_spec_is_a_name_and_a_version() {
        let (spec, library) = Spec::read("jose@5.10.0").unwrap();
        assert_eq!(spec.version.unwrap().as_str(), "5.10.0");
        assert_eq!(library.manifest.library, "jose");
        assert!(Spec::read("jose@../../etc").is_err());
        let error = Spec::read("no-such-library").unwrap_err().to_string();
        assert!(error.contains("jose"), "{error}");
    }
}
