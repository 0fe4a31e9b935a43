//! The lab without a network: package managers and run-times are small scripts at the front of `PATH`.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::support::{gauntlet, is_gone, until};

/// A script of this name in the folder `bin`.
fn program(folder: &Path, name: &str, script: &str) {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let path = bin.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A lab in which `npm` does this, and a library of Node's is played by the reference.
fn lab(folder: &Path, npm: &str) {
    program(folder, "npm", npm);
    let reference = format!("exec '{}' adapter reference", env!("CARGO_BIN_EXE_gauntlet"));
    program(folder, "node", &reference);
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = gauntlet(folder);
    let path = env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", folder.join("bin").display()));
    command.env_remove("GAUNTLET_LAB").args(["--lab", "lab"]).args(arguments);
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `npm` that counts how often it was called.
const COUNTING: &str = "echo called >> \"$COUNT\"; sleep 0.3";

#[test]
fn an_install_that_fails_names_the_command_and_its_last_lines() {
    let folder = tempfile::tempdir().unwrap();
    lab(folder.path(), "seq 100; echo 'no such version: 99.0.0' >&2; exit 7");
    let output = command(folder.path(), &["lab", "install", "jose@99.0.0"]).output().unwrap();
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("npm install") && told.contains("jose@99.0.0"), "{told}");
    assert!(told.contains("exit code 7") && told.contains("no such version: 99.0.0"), "{told}");
    assert!(!told.contains("\n5\n"), "only the last lines: {told}");
    assert!(
        fs::read_to_string(folder.path().join("lab/jose@99.0.0/install.log"))
            .unwrap()
            .contains("\n5\n")
    );
    // What is not whole is not played.
    let output = command(folder.path(), &["run", "--verifier", "jose@99.0.0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("gauntlet lab install jose@99.0.0"), "{}", stderr(&output));
}

#[test]
fn a_package_manager_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    let output = command(folder.path(), &["lab", "install", "jose"])
        .env("PATH", folder.path().join("bin"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("npm"), "{}", stderr(&output));
}

#[test]
fn two_that_install_the_same_at_once_install_it_once() {
    let folder = tempfile::tempdir().unwrap();
    lab(folder.path(), COUNTING);
    let count = folder.path().join("count");
    let start = || {
        command(folder.path(), &["lab", "install", "jose"])
            .env("COUNT", &count)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    for child in [start(), start(), start()] {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output).starts_with("jose@"), "{}", stdout(&output));
    }
    assert_eq!(fs::read_to_string(&count).unwrap(), "called\n");
}

#[test]
fn what_is_installed_needs_no_package_manager_again() {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count");
    lab(folder.path(), COUNTING);
    let asked = |arguments: &[&str]| {
        let output = command(folder.path(), arguments).env("COUNT", &count).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    asked(&["lab", "install", "jose", "jose@5.0.0"]);
    lab(folder.path(), "exit 1");
    asked(&["lab", "install", "jose"]);
    asked(&[
        "run",
        "--verifier",
        "jose",
        "--verifier",
        "jose@5.0.0",
        "--family",
        "honest",
        "--out",
        "out",
    ]);
    assert_eq!(fs::read_to_string(&count).unwrap(), "called\ncalled\n");
    assert!(asked(&["lab", "list"]).contains(" 5.0.0"));
}

#[test]
fn an_install_that_was_killed_leaves_nobody_and_is_taken_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    lab(
        folder.path(),
        &format!("sleep 1000 & echo $$ $! > '{}.new'; mv '{0}.new' '{0}'; wait", pids.display()),
    );
    let mut child = command(folder.path(), &["lab", "install", "jose"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the package manager works", || pids.exists());
    child.kill().unwrap();
    child.wait().unwrap();
    for pid in fs::read_to_string(&pids).unwrap().split_whitespace() {
        until("the package manager is gone", || is_gone(pid));
    }
    lab(folder.path(), "true");
    let output = command(folder.path(), &["lab", "install", "jose"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn an_adapter_that_is_not_sound_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    lab(folder.path(), "true");
    // It lists a clock, which hono's manifest does not promise.
    let output = command(folder.path(), &["lab", "install", "hono"]).output().unwrap();
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("the manifest says") && told.contains("not sound"), "{told}");
}

#[test]
fn a_library_or_version_that_cannot_be_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (spec, said) in [("josé", "josé"), ("jose@", "jose@"), ("jose@../../x", "jose@../../x")] {
        let output = command(folder.path(), &["lab", "install", spec]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}
