//! What installs a library, as commands that somebody could type.

use std::path::Path;

use super::{
    manifest::{Installer, Manifest},
    version::Version,
};

/// The commands that bring packages into a folder.
pub(super) fn fetch(kind: Installer, packages: &[String], dir: &Path) -> Vec<Vec<String>> {
    let with = |front: &[&str]| {
        let mut command = words(front);
        command.extend(packages.iter().cloned());
        command
    };
    match kind {
        Installer::Pip => {
            let python = dir.join("venv/bin/python").display().to_string();
            vec![
                words(&["python3", "-m", "venv", "venv"]),
                with(&[
                    &python,
                    "-m",
                    "pip",
                    "install",
                    "--disable-pip-version-check",
                    "--no-input",
                    "-q",
                ]),
            ]
        }
        Installer::Npm => vec![with(&[
            "npm",
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--save-exact",
            "--prefix",
            ".",
        ])],
        Installer::Cargo | Installer::Apt => Vec::new(),
    }
}

/// The commands that install a version, as somebody would type them; `{dir}` is the folder.
pub(super) fn steps(manifest: &Manifest, version: &Version) -> Vec<String> {
    let packages = manifest.packages(version);
    let mut steps = fetch(manifest.install.kind, &packages, Path::new("{dir}"));
    match manifest.install.kind {
        Installer::Apt => {
            let mut get = words(&["apt-get", "install", "-y", "--no-install-recommends"]);
            get.extend(packages);
            steps.push(get);
        }
        Installer::Cargo => {
            steps.push(words(&["cargo", "build", "--release", "--target-dir", "target"]));
        }
        Installer::Pip | Installer::Npm => {}
    }
    steps.extend(manifest.install.build.iter().cloned());
    let variables: String =
        manifest.install.env.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    steps.iter().map(|step| format!("{variables}{}", shown(step))).collect()
}

pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub(super) fn shown(command: &[String]) -> String {
    shlex::try_join(command.iter().map(String::as_str)).unwrap_or_else(|_| command.join(" "))
}
