//! Installs one library at one version into a folder of its own.
//!
//! `ROOT/NAME@VERSION/` holds the adapter's files, the library, `install.log`, and in the end
//! `installed.json`: a folder without that is unfinished, and the next try goes on in it. A lock beside it
//! keeps two from installing the same at once.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    Library, Spec,
    commands::{fetch, shown, words},
    manifest::Installer,
    version::{Version, VersionError},
};
use crate::adapter::{
    Launch,
    process::task::{Finished, Task},
};

/// How long one command of an installation may take: a large crate on a slow machine.
const TIME_TO_INSTALL: Duration = Duration::from_secs(30 * 60);

const MARKER: &str = "installed.json";

/// The folders of all installed libraries.
#[derive(Debug, Clone)]
pub struct Lab {
    root: PathBuf,
    guard: Option<PathBuf>,
}

/// A library that is there.
#[derive(Debug, Clone)]
pub struct Installed {
    /// What it is.
    pub library: &'static Library,
    /// Its version.
    pub version: Version,
    /// Its folder.
    pub dir: PathBuf,
    guard: Option<PathBuf>,
}

/// What an installation left in its folder.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    version: String,
    packages: Vec<String>,
    /// Of the adapter's files: where they changed since, they are written anew.
    digest: String,
}

/// Why a library is not there.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Its folder cannot be written.
    #[error("write `{path}`")]
    Folder {
        /// The file or folder.
        path: String,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// A command cannot be started.
    #[error("start `{command}`: is it installed?")]
    Start {
        /// The command.
        command: String,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// A command failed.
    #[error(
        "run `{command}`: {how}; the whole output is in `{log}`; its last lines:\n{last_lines}"
    )]
    Command {
        /// The command.
        command: String,
        /// How it ended.
        how: String,
        /// The file with all that was written.
        log: String,
        /// The end of it.
        last_lines: String,
    },
    /// Debian has another version.
    #[error(
        "install {name} {wanted}: this system's package has {found}, and Debian has one version only"
    )]
    Other {
        /// The library.
        name: String,
        /// The version that was asked for.
        wanted: String,
        /// The version that there is.
        found: String,
    },
    /// The package manager tells a version that is none.
    #[error(transparent)]
    Version(#[from] VersionError),
}

impl Lab {
    /// The lab in this folder; `guard` is as in [`Launch::guard`].
    #[must_use]
    pub fn new(root: PathBuf, guard: Option<PathBuf>) -> Self {
        Self { root, guard }
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The library of a spec, if it is there.
    #[must_use]
    pub fn find(&self, spec: &Spec, library: &'static Library) -> Option<Installed> {
        let manifest = &library.manifest;
        if let Some(version) = &spec.version {
            return self.at(library, version);
        }
        self.at(library, &manifest.version).or_else(|| {
            // What Debian has may be newer than what the manifest saw.
            let is_apt = manifest.install.kind == Installer::Apt;
            self.all_of(library)
                .into_iter()
                .filter(|_| is_apt)
                .max_by(|one, other| one.version.cmp(&other.version))
        })
    }

    /// Every version of a library that is there.
    #[must_use]
    pub fn all_of(&self, library: &'static Library) -> Vec<Installed> {
        let Ok(entries) = fs::read_dir(&self.root) else { return Vec::new() };
        let mut all: Vec<Installed> = entries
            .filter_map(|entry| {
                let name = entry.ok()?.file_name().into_string().ok()?;
                let version = name.strip_prefix(&library.manifest.name)?.strip_prefix('@')?;
                self.at(library, &version.parse().ok()?)
            })
            .collect();
        all.sort_by(|one, other| one.version.cmp(&other.version));
        all
    }

    fn at(&self, library: &'static Library, version: &Version) -> Option<Installed> {
        let dir = self.dir(library, version);
        let marker = marker(&dir)?;
        (marker.version == version.as_str()).then(|| self.installed(library, version.clone(), dir))
    }

    fn installed(&self, library: &'static Library, version: Version, dir: PathBuf) -> Installed {
        Installed { library, version, dir, guard: self.guard.clone() }
    }

    fn dir(&self, library: &Library, version: &Version) -> PathBuf {
        self.root.join(format!("{}@{version}", library.manifest.name))
    }

    /// Makes the library of a spec be there; what is there already is left as it is, and needs no network.
    ///
    /// `say` is told each command before it is run.
    ///
    /// # Errors
    /// [`InstallError`].
    pub fn install(
        &self,
        spec: &Spec,
        library: &'static Library,
        say: &dyn Fn(&str),
    ) -> Result<Installed, InstallError> {
        let manifest = &library.manifest;
        create(&self.root)?;
        if let Some(there) = self.find(spec, library)
            && marker(&there.dir).is_some_and(|marker| marker.digest == library.digest())
        {
            return Ok(there);
        }
        let asked = spec.version.as_ref().unwrap_or(&manifest.version);
        let lock_path = self.root.join(format!("{}@{asked}.lock", manifest.name));
        let lock = File::create(&lock_path).map_err(|cause| folder(&lock_path, cause))?;
        lock.lock().map_err(|cause| folder(&lock_path, cause))?;

        // Whoever held the lock before may have done it.
        if let Some(there) = self.find(spec, library) {
            let known = marker(&there.dir);
            if known.as_ref().is_some_and(|marker| marker.digest == library.digest()) {
                return Ok(there);
            }
        }
        let mut version = asked.clone();
        let mut dir = self.dir(library, &version);
        let packages = manifest.packages(&version);
        if manifest.install.kind == Installer::Apt {
            create(&dir)?;
            self.apt(&packages, &dir, say)?;
            version = self.debian_version(library, &dir)?;
            if spec.version.as_ref().is_some_and(|wanted| wanted.cmp(&version).is_ne()) {
                let _ = fs::remove_dir_all(&dir);
                return Err(InstallError::Other {
                    name: manifest.name.clone(),
                    wanted: asked.to_string(),
                    found: version.to_string(),
                });
            }
            dir = self.dir(library, &version);
        }
        create(&dir)?;
        let is_fresh = marker(&dir).is_none_or(|marker| marker.packages != packages);
        let _ = fs::remove_file(dir.join(MARKER));
        library.write(&dir, &version)?;
        let mut commands = Vec::new();
        if is_fresh {
            commands.extend(fetch(manifest.install.kind, &packages, &dir));
        }
        commands.extend(manifest.install.build.iter().cloned());
        if manifest.install.kind == Installer::Cargo {
            // Wherever this user's cargo puts what it builds otherwise.
            let target = ["--target-dir", "target"];
            commands
                .push(words(&[&["cargo", "build", "--release", "--quiet"], &target[..]].concat()));
        }
        for command in commands {
            self.run(&command, &dir, &manifest.install.env, say)?;
        }
        let done =
            Marker { version: version.as_str().to_owned(), packages, digest: library.digest() };
        let text = serde_json::to_vec_pretty(&done).unwrap_or_default();
        let (new, path) = (dir.join("installed.new"), dir.join(MARKER));
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|cause| folder(&path, cause))?;
        Ok(self.installed(library, version, dir))
    }

    /// Installs what the system lacks.
    fn apt(&self, packages: &[String], dir: &Path, say: &dyn Fn(&str)) -> Result<(), InstallError> {
        let mut query = words(&["dpkg-query", "-W", "-f", "${db:Status-Status}\\n"]);
        query.extend(packages.iter().cloned());
        let none = BTreeMap::new();
        let known = self.try_run(&query, dir, &none)?;
        let all_there =
            known.code == Some(0) && known.last_lines.iter().all(|line| line == "installed");
        if all_there {
            return Ok(());
        }
        // Nothing is started that a package would start.
        let quiet = BTreeMap::from(
            [("DEBIAN_FRONTEND", "noninteractive"), ("RUNLEVEL", "1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let lock = "DPkg::Lock::Timeout=900";
        let mut get =
            words(&["apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", lock]);
        get.extend(packages.iter().cloned());
        say(&shown(&get));
        if self.try_run(&get, dir, &quiet)?.code == Some(0) {
            return Ok(());
        }
        // Lists that are too old, or a download that broke off: once more with new ones.
        self.run(&words(&["apt-get", "update", "-q", "-o", lock]), dir, &quiet, say)?;
        self.run(&get, dir, &quiet, say)
    }

    fn debian_version(&self, library: &Library, dir: &Path) -> Result<Version, InstallError> {
        let package = library.manifest.install.version_of.clone().unwrap_or_default();
        let query = words(&["dpkg-query", "-W", "-f", "${Version}\\n", &package]);
        let finished = self.run_told(&query, dir, &BTreeMap::new())?;
        let text = finished.last_lines.last().cloned().unwrap_or_default();
        Ok(upstream(&text).parse()?)
    }

    fn run(
        &self,
        command: &[String],
        dir: &Path,
        environment: &BTreeMap<String, String>,
        say: &dyn Fn(&str),
    ) -> Result<(), InstallError> {
        say(&shown(command));
        self.run_told(command, dir, environment).map(|_| ())
    }

    fn run_told(
        &self,
        command: &[String],
        dir: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Finished, InstallError> {
        let finished = self.try_run(command, dir, environment)?;
        if finished.code == Some(0) {
            return Ok(finished);
        }
        Err(InstallError::Command {
            command: shown(command),
            how: finished.how,
            log: dir.join("install.log").display().to_string(),
            last_lines: finished.last_lines.join("\n"),
        })
    }

    fn try_run(
        &self,
        command: &[String],
        dir: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Finished, InstallError> {
        let path = dir.join("install.log");
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
            .and_then(|mut log| writeln!(log, "$ {}", shown(command)).map(|()| log))
            .map_err(|cause| folder(&path, cause))?;
        let task = Task {
            command,
            directory: dir,
            environment,
            deadline: TIME_TO_INSTALL,
            guard: self.guard.as_ref(),
        };
        task.run(&mut log).map_err(|cause| InstallError::Start { command: shown(command), cause })
    }
}

impl Installed {
    /// `NAME@VERSION`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}@{}", self.library.manifest.name, self.version)
    }

    /// How its adapter is started.
    #[must_use]
    pub fn launch(&self) -> Launch {
        let mut words = self.filled(&self.library.manifest.start).into_iter();
        Launch {
            program: PathBuf::from(words.next().unwrap_or_default()),
            arguments: words.collect(),
            guard: self.guard.clone(),
            directory: Some(self.dir.clone()),
            environment: self.library.manifest.install.env.clone(),
            clock: self.library.manifest.clock,
        }
    }

    /// A command with the folder in place of `{dir}`.
    pub(super) fn filled(&self, command: &[String]) -> Vec<String> {
        let dir = self.dir.display().to_string();
        command.iter().map(|word| word.replace("{dir}", &dir)).collect()
    }

    pub(super) fn guard(&self) -> Option<&PathBuf> {
        self.guard.as_ref()
    }
}

impl Library {
    /// SHA-256 over its files.
    fn digest(&self) -> String {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        for (path, octets) in self.files() {
            context.update(&(path.len() as u64).to_be_bytes());
            context.update(path.as_bytes());
            context.update(&(octets.len() as u64).to_be_bytes());
            context.update(octets);
        }
        let digest = context.finish();
        digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Writes its files into a folder; `*.in` loses that ending and gets the version.
    fn write(&self, dir: &Path, version: &Version) -> Result<(), InstallError> {
        for (name, octets) in self.files() {
            let (name, octets) = match name.strip_suffix(".in") {
                Some(name) => {
                    let text = String::from_utf8_lossy(octets);
                    (name.to_owned(), text.replace("{version}", version.as_str()).into_bytes())
                }
                None => (name, octets.to_vec()),
            };
            let path = dir.join(name);
            path.parent().map_or(Ok(()), create)?;
            fs::write(&path, octets).map_err(|cause| folder(&path, cause))?;
        }
        Ok(())
    }
}

/// The version of the upstream release in that of a Debian package: without epoch, revision, and what
/// Debian adds for what it left out.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let version = version.rsplit_once('-').map_or(version, |(front, _)| front);
    let end = version.find(['+', '~']).unwrap_or(version.len());
    version.get(..end).unwrap_or(version)
}

fn marker(dir: &Path) -> Option<Marker> {
    serde_json::from_slice(&fs::read(dir.join(MARKER)).ok()?).ok()
}

fn create(dir: &Path) -> Result<(), InstallError> {
    fs::create_dir_all(dir).map_err(|cause| folder(dir, cause))
}

fn folder(path: &Path, cause: io::Error) -> InstallError {
    InstallError::Folder { path: path.display().to_string(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_versions_name_an_upstream_release() {
        for (debian, release) in [
            ("2.5.0-1", "2.5.0"),
            ("1:1.14.0+dfsg-2", "1.14.0"),
            ("0.034-1", "0.034"),
            ("1.1.11-1+b1", "1.1.11"),
            ("2.1.0+ds1-1", "2.1.0"),
        ] {
            assert_eq!(upstream(debian), release);
        }
    }
}
