//! What needs other languages and a network: the templates and the lab, with real libraries.
//!
//!     cargo test -p jwks-gauntlet --test lab -- --ignored
//!
//! Each test says what the machine lacks for it, and fails. Nothing is skipped.

#![expect(
    clippy::unwrap_used,
    reason = "a panic in a test is its failure report; helpers of tests are not known as tests to clippy"
)]

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

/// Fails with the names of what is missing and how to get it.
fn needs(programs: &[(&str, &str)]) {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    let missing: Vec<&str> = programs
        .iter()
        .filter(|(program, _)| !folders.iter().any(|folder| folder.join(program).exists()))
        .map(|(_, package)| *package)
        .collect();
    assert!(
        missing.is_empty(),
        "this machine lacks what the test needs; on Debian, as root: apt-get install {}",
        missing.join(" ")
    );
}

fn gauntlet(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gauntlet"));
    command.current_dir(folder).env("NO_COLOR", "1");
    // A lab of its own, unless a folder is named that may stay.
    if env::var_os("GAUNTLET_LAB").is_none() {
        command.env("GAUNTLET_LAB", folder.join("lab"));
    }
    command
}

fn told(output: &Output) -> String {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    format!("{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr))
}

/// Follows a template's own page, line by line, as its reader would.
fn follow(language: &str) {
    let folder = tempfile::tempdir().unwrap();
    let init = ["init", "adapter", "--lang", language, "new"];
    let output = gauntlet(folder.path()).args(init).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let new = folder.path().join("new");
    let page = fs::read_to_string(new.join("README.md")).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_gauntlet")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), env::var("PATH").unwrap());
    let lines: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| !line.starts_with("gauntlet run"))
        .collect();
    assert!(lines.last().unwrap().starts_with("gauntlet doctor"), "{page}");
    for line in lines {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(&new).env("PATH", &path);
        let output = shell.env("DEBIAN_FRONTEND", "noninteractive").output().unwrap();
        assert!(output.status.success(), "{language}: `{line}`: {}", told(&output));
    }
}

#[test]
#[ignore = "needs Python 3 with venv, and the network"]
fn the_template_for_python_is_sound() {
    needs(&[("python3", "python3-venv")]);
    follow("python");
}

#[test]
#[ignore = "needs Node with npm, and the network"]
fn the_template_for_node_is_sound() {
    needs(&[("node", "nodejs"), ("npm", "npm")]);
    follow("node");
}

#[test]
#[ignore = "needs the network"]
fn the_template_for_rust_is_sound() {
    follow("rust");
}

#[test]
#[ignore = "needs Debian, root and the network: it installs packages"]
fn the_templates_that_packages_of_debian_serve_are_sound() {
    needs(&[("apt-get", "apt")]);
    for language in ["go", "ruby", "perl", "java", "c", "shell"] {
        follow(language);
    }
}

#[test]
#[ignore = "needs Python 3 with venv, libfaketime, and the network"]
fn libfaketime_moves_the_clock_of_a_library_that_takes_no_time() {
    needs(&[("python3", "python3-venv"), ("faketime", "faketime")]);
    let folder = tempfile::tempdir().unwrap();
    let output = gauntlet(folder.path()).args(["lab", "install", "pyjwt"]).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let doctor = ["doctor", "--verifier", "pyjwt", "--clock", "faketime"];
    let output = gauntlet(folder.path()).args(doctor).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    assert!(
        told(&output).contains("time is the machine's clock as we move it"),
        "{}",
        told(&output)
    );
    let skipped = |clock: &str| {
        let run = ["run", "-q", "--verifier", "pyjwt", "--family", "time", "--fail-on", "never"];
        let output = gauntlet(folder.path()).args(run).args(["--clock", clock]).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
        let record = fs::read(folder.path().join("gauntlet-out/record.json")).unwrap();
        let record: Value = serde_json::from_slice(&record).unwrap();
        let results = record["results"].as_array().unwrap();
        results.iter().filter(|result| result["outcome"] == "skip").count()
    };
    assert!(skipped("faketime") < skipped("wall"), "more can be asked with a clock of ours");
}

#[test]
#[ignore = "needs Python 3 with venv, Node with npm, and the network"]
fn releases_of_one_library_stand_side_by_side_in_one_record() {
    needs(&[("python3", "python3-venv"), ("node", "nodejs"), ("npm", "npm")]);
    let folder = tempfile::tempdir().unwrap();
    let specs = ["pyjwt@2.3.0", "pyjwt", "jose"];
    let output = gauntlet(folder.path()).args(["lab", "install"]).args(specs).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let mut run = gauntlet(folder.path());
    run.args(["run", "-q", "--family", "honest", "--family", "confusion"]);
    for spec in specs {
        run.args(["--verifier", spec]);
    }
    let output = run.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let record = fs::read(folder.path().join("gauntlet-out/record.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    let verifiers = record["verifiers"].as_array().unwrap();
    assert_eq!(verifiers[0]["version"], "2.3.0");
    assert_eq!(verifiers[0]["name"], verifiers[1]["name"]);
    assert_ne!(verifiers[0]["version"], verifiers[1]["version"]);
    assert_eq!(verifiers[2]["name"], "jose");
    for verifier in verifiers {
        let passed =
            record["results"].as_array().unwrap().iter().filter(|result| {
                result["verifier"] == verifier["id"] && result["outcome"] == "pass"
            });
        assert!(passed.count() > 10, "{verifier}");
    }
}
