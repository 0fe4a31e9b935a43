//! Reports as a user asks for them: beside a run, once more from a record, and of several runs.

use std::fs;

use gauntlet_reports::WRITERS;
use serde_json::Value;

use crate::support::{ACCEPT, adapter, record, run};

/// Cases that are quick, with findings in `jsonwebtoken`.
const FEW: &[&str] = &["--only", "header/crit-*", "--only", "unsecured/none"];

#[test]
fn a_run_writes_every_format_that_is_asked_for_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(
        folder.path(),
        ["run", "--format", "all", "--out", "out"].into_iter().chain(FEW.iter().copied()),
    );
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for writer in WRITERS {
        let path = folder.path().join("out").join(writer.file_name);
        assert!(fs::metadata(&path).unwrap().len() > 0, "{}", writer.name);
        assert!(ran.stderr.contains(writer.file_name), "{}", ran.stderr);
    }
    // The next run into the folder leaves nothing of this one that could be taken for its own.
    let again = ["run", "--verifier", "reference", "--format", "html", "--out", "out"];
    let ran = run(folder.path(), again.into_iter().chain(FEW.iter().copied()));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let mut left: Vec<String> = fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["journal.jsonl", "report.html"]);
}

#[test]
fn a_first_run_into_a_folder_takes_nothing_of_somebody_elses_away() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("summary.md");
    fs::write(&theirs, "somebody else's").unwrap();
    let given = ["run", "--verifier", "reference", "--out", ".", "-q"];
    let ran = run(folder.path(), given.into_iter().chain(FEW.iter().copied()));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "somebody else's");
}

#[test]
fn a_record_is_written_once_more_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let first = ["run", "--format", "all", "--out", "out"].into_iter();
    let ran = run(folder.path(), first.chain(FEW.iter().copied()));
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for given in ["out", "out/record.json", "out/journal.jsonl", "out/results.jsonl"] {
        let ran = run(folder.path(), ["report", given, "--format", "all", "--out", "again"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        for writer in WRITERS {
            let of = |out| fs::read(folder.path().join(out).join(writer.file_name)).unwrap();
            assert!(of("out") == of("again"), "{given}: {}", writer.name);
        }
    }
    let ran = run(folder.path(), ["report", "out", "--format", "badge"]);
    assert!(serde_json::from_str::<Value>(&ran.stdout).unwrap()["message"].is_string());
}

#[test]
fn several_runs_stand_in_one_matrix() {
    let folder = tempfile::tempdir().unwrap();
    for verifier in ["reference", "jsonwebtoken"] {
        let given = ["run", "--verifier", verifier, "--out", verifier, "-q"];
        run(folder.path(), given.into_iter().chain(FEW.iter().copied()));
    }
    let ran = run(folder.path(), ["report", "reference", "jsonwebtoken", "--out", "both"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let joined = record(&folder.path().join("both"));
    let ids = joined["verifiers"].as_array().unwrap().iter().map(|v| v["id"].as_str().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), ["reference", "jsonwebtoken"]);
    assert_eq!(joined["runs"].as_array().unwrap().len(), 2);

    let ran = run(folder.path(), ["report", "reference", "reference"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("one column for each"), "{}", ran.stderr);
    let other =
        ["run", "--verifier", "jsonwebtoken", "--profile", "rfc9068", "--out", "other", "-q"];
    run(folder.path(), other.into_iter().chain(["--only", "unsecured/none"]));
    let ran = run(folder.path(), ["report", "reference", "other"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("render it apart"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_reported_is_told_with_its_place_and_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    fs::create_dir(out.join("empty")).unwrap();
    fs::write(out.join("text.json"), "{\"format_version\": 1,\n \"catalogue\": 7}").unwrap();
    fs::write(out.join("later.json"), "{\"format_version\": 9}").unwrap();
    fs::write(out.join("octets.json"), b"\xff\xfe").unwrap();
    for (arguments, said) in [
        (&["report"][..], "<RECORD>"),
        (&["report", "missing"], "missing"),
        (&["report", "empty"], "expected a record.json or a journal.jsonl"),
        (&["report", "text.json"], "line 2"),
        (&["report", "later.json"], "format version 9"),
        (&["report", "octets.json"], "octets.json"),
        (&["report", "text.json", "--format", "pdf"], "html"),
    ] {
        let ran = run(out, arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{arguments:?}: {}", ran.stdout);
    }
    let few = FEW.iter().copied();
    run(out, ["run", "--verifier", "reference", "--out", "out", "-q"].into_iter().chain(few));
    let ran = run(out, ["report", "out", "--format", "json,html"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--out"), "{}", ran.stderr);
}

#[test]
fn a_framework_of_the_users_stands_in_the_reports() {
    let folder = tempfile::tempdir().unwrap();
    let framework = r#"
        id = "house-rules"
        name = "House rules"
        version = "3"

        [[control]]
        id = "HR-1"
        title = "Tokens are signed"
        summary = "No token without a signature is taken."
        source = "the handbook, chapter 4"

        [[mapping]]
        category = "alg-none"
        control = "HR-1"
        strength = "direct"
    "#;
    fs::write(folder.path().join("house.toml"), framework).unwrap();
    let given = ["run", "--verifier", "reference", "--controls", "house.toml", "--control", "HR-1"];
    let ran = run(folder.path(), given.into_iter().chain(["--format", "json,oscal,html", "-q"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let out = folder.path().join("gauntlet-out");
    for file in ["oscal-assessment-results.json", "report.html"] {
        let text = fs::read_to_string(out.join(file)).unwrap();
        assert!(text.contains("House rules") && text.contains("HR-1"), "{file}");
    }
    // It is part of the record, and so of what is made of it later.
    let ran = run(folder.path(), ["report", "gauntlet-out", "--format", "oscal"]);
    assert!(ran.stdout.contains("House rules"), "{}", ran.stderr);
}

#[test]
fn a_run_that_was_killed_has_a_report_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let spec = adapter(folder.path(), "liar", ACCEPT);
    run(folder.path(), ["run", "--verifier", &spec, "--only", "unsecured/*", "--out", "out", "-q"]);
    let journal = fs::read_to_string(folder.path().join("out/journal.jsonl")).unwrap();
    let cut: usize = journal.lines().take(journal.lines().count() / 2).map(|l| l.len() + 1).sum();
    fs::write(folder.path().join("cut.jsonl"), &journal[..cut + 7]).unwrap();
    let ran = run(folder.path(), ["report", "cut.jsonl", "--format", "markdown"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("**A partial run:** it did not end"), "{}", ran.stdout);
}
