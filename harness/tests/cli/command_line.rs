//! What the command line says and which code it ends in.

use std::fs;

use gauntlet_vectors::Catalogue;

use crate::support::{ACCEPT, adapter, record, run};

#[test]
fn an_unknown_verifier_is_told_with_those_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), ["run", "--verifier", "nobody"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr);
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is written");
}

#[test]
fn a_glob_that_matches_nothing_ends_in_5() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["run", "--only", "nothing/*"][..], &["list", "--only", "nothing/*"]] {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.code, Some(5), "{}", ran.stderr);
        // How many cases there are is told elsewhere, and changes often.
        let count = Catalogue::build().cases().len().to_string();
        let told = ran.stderr.replace(&count, "(all)");
        insta::assert_snapshot!("a_glob_that_matches_nothing", told);
    }
    let ran = run(folder.path(), ["list", "--severity", "critical", "--level", "may"]);
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is written");
}

#[test]
fn misused_options_end_in_2_and_say_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        (&["list", "--family", "nobody"][..], "honest"),
        (&["list", "--control", "NHI99:2025"], "NHI9:2025"),
        (&["list", "--control", "NHI-05"], "use NHI6:2025, NHI4:2025, NHI7:2025"),
        (&["run", "--control", "PR.AC-1"], "use PR.AA-04"),
        (&["run", "--controls", "missing.toml"], "missing.toml"),
        (&["list", "--only", "a[b"], "a[b"),
        (&["list", "--severity", "awful"], "critical"),
        (&["run", "--verifier", "cmd:"], "cmd:python3 adapter.py"),
        (&["run", "--verifier", "cmd:sh 'open"], "quote"),
        (&["run", "--verifier", "reference", "--verifier", "reference"], "twice"),
        (&["run", "--resume", "--out", "empty"], "--resume"),
        (&["run", "--deadline", "0s"], "more than nothing"),
        (&["run", "--jobs", "0"], "--jobs"),
    ] {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "{arguments:?}: wrote");
    }
}

#[test]
fn an_unreadable_or_malformed_vectors_file_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), ["run", "--vectors", "missing.json"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("missing.json"), "{}", ran.stderr);

    fs::write(
        folder.path().join("broken.json"),
        "{\n \"format\": \"gauntlet-vectors/1\",\n \"cases\": 7\n}",
    )
    .unwrap();
    let ran = run(folder.path(), ["run", "--vectors", "broken.json"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("broken.json") && ran.stderr.contains("line 3"), "{}", ran.stderr);
    assert!(ran.stderr.contains("expected"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is written");
}

#[test]
fn a_case_that_explain_prints_is_played_by_vectors() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), ["explain", "rfc/7515-a-5", "--format", "json"]);
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    let own = printed.stdout.replace("rfc/7515-a-5", "own/unsecured");
    fs::write(folder.path().join("own.json"), own).unwrap();
    let ran = run(
        folder.path(),
        ["run", "--vectors", "own.json", "--verifier", "reference", "--out", "out"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let results = record(&folder.path().join("out"))["results"].clone();
    assert_eq!(results.as_array().unwrap().len(), 1);
    assert_eq!(results[0]["case"], "own/unsecured");
    assert_eq!(results[0]["outcome"], "pass");
}

#[test]
fn an_unwritable_output_folder_is_found_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let asked = folder.path().join("asked");
    let spec = adapter(folder.path(), "tells", &format!("touch '{}'; {ACCEPT}", asked.display()));
    let ran = run(folder.path(), ["run", "--verifier", &spec, "--out", "file/out"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("file/out") && ran.stderr.contains("--out"), "{}", ran.stderr);
    assert!(!asked.exists(), "the verifier was asked before the folder was tried");
}

#[test]
fn a_verifier_that_cannot_start_ends_in_3_with_its_last_words_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (spec, said) in [
        ("cmd:/nonexistent/program", "/nonexistent/program"),
        ("cmd:sh -c 'echo no such module: jwt >&2; exit 7'", "no such module: jwt"),
        ("cmd:sh -c 'read line; echo gibberish'", "gibberish"),
        ("cmd:cat", "protocol"),
    ] {
        let ran = run(folder.path(), ["run", "--verifier", spec, "--out", "out"]);
        assert_eq!(ran.code, Some(3), "{spec}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{spec}: {}", ran.stderr);
        assert!(ran.stderr.contains("cannot drive the verifier"), "{spec}: {}", ran.stderr);
        assert!(!folder.path().join("out").exists(), "{spec}: something was left");
    }
}

#[test]
fn list_and_record_agree_with_the_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let listed = run(folder.path(), ["list", "--family", "rfc", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    run(folder.path(), ["run", "--family", "rfc", "--verifier", "reference", "--out", "out"]);
    let record = record(&folder.path().join("out"));
    let (rows, results) = (listed.as_array().unwrap(), record["results"].as_array().unwrap());
    assert_eq!(rows.len(), results.len());
    for (row, result) in rows.iter().zip(results) {
        assert_eq!(row["id"], result["case"]);
        for name in
            ["title", "family", "category", "level", "basis", "severity", "clauses", "permitted"]
        {
            assert_eq!(row[name], result[name], "{} of {}", name, row["id"]);
        }
        assert_eq!(row["twin"].as_str(), result["twin"].as_str(), "{}", row["id"]);
    }
    let catalogue = gauntlet_vectors::Catalogue::build();
    assert_eq!(record["catalogue"]["digest"], catalogue.digest());
    assert_eq!(record["complete"], true);
}

#[test]
fn selection_narrows_by_control_severity_and_level_and_brings_no_rows_of_twins() {
    let folder = tempfile::tempdir().unwrap();
    let count = |arguments: &[&str]| {
        let ran = run(folder.path(), ["list", "--format", "json"].iter().chain(arguments));
        let rows: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        rows.as_array().unwrap().len()
    };
    let all = count(&[]);
    for narrower in [
        &["--control", "nhi6:2025"][..],
        &["--severity", "high"],
        &["--level", "should"],
        &["--skip", "rfc/*"],
    ] {
        let left = count(narrower);
        assert!(left > 0 && left < all, "{narrower:?}: {left} of {all}");
    }
    run(
        folder.path(),
        ["run", "--only", "rfc/7515-a-5", "--verifier", "reference", "--out", "out"],
    );
    let record = record(&folder.path().join("out"));
    assert_eq!(record["results"].as_array().unwrap().len(), 1);
    assert_eq!(record["results"][0]["outcome"], "pass", "the twin ran, though it was not selected");
}

const OWN_FRAMEWORK: &str = r#"
id = "acme"
name = "Acme rules"
version = "1"
[[control]]
id = "ACME-7"
title = "Tokens are for us"
[[mapping]]
category = "claims-audience"
control = "ACME-7"
strength = "direct"
"#;

#[test]
fn a_framework_of_the_users_is_selected_by_as_ours_are() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("acme.toml"), OWN_FRAMEWORK).unwrap();
    let ids = |arguments: &[&str]| {
        let ran = run(folder.path(), ["list", "--format", "json"].iter().chain(arguments));
        let rows: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).unwrap();
        let categories = rows.iter().map(|row| row["category"].as_str().unwrap().to_owned());
        (rows.len(), categories.collect::<std::collections::BTreeSet<_>>())
    };
    let (own, categories) = ids(&["--controls", "acme.toml", "--control", "acme-7"]);
    assert_eq!(categories, ["claims-audience".to_owned()].into());
    assert_eq!(ids(&["--control", "RFC8725-3.9"]).0, own, "which maps to the same category");

    let told = |code: i32, arguments: &[&str]| {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}", ran.stderr);
        ran.stderr
    };
    let twice = told(2, &["list", "--controls", "acme.toml", "--controls", "acme.toml"]);
    assert!(twice.contains("line 2, column 6: the id `acme` is taken"), "{twice}");
    fs::write(folder.path().join("bad.toml"), OWN_FRAMEWORK.replace("audience", "audiense"))
        .unwrap();
    let bad = told(2, &["run", "--controls", "bad.toml"]);
    assert!(bad.contains("`bad.toml`") && bad.contains("line 9, column 12"), "{bad}");
    assert!(bad.contains("`claims-audience`"), "it says which categories there are: {bad}");
    assert!(!folder.path().join("gauntlet-out").exists(), "nothing is written");
}

#[test]
fn a_control_that_nothing_speaks_to_is_told_from_one_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), ["list", "--control", "NHI5:2025"]);
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing that a verifier does could speak to"), "{}", ran.stderr);
}

#[test]
fn explain_shows_the_story_the_tokens_and_why_a_label_differs() {
    let folder = tempfile::tempdir().unwrap();
    let crit = run(folder.path(), ["explain", "header/crit-unknown-extension"]);
    assert_eq!(crit.code, Some(0), "{}", crit.stderr);
    insta::assert_snapshot!(crit.stdout);

    let label = run(folder.path(), ["explain", "wycheproof/jws-372"]);
    assert!(label.stdout.contains("valid (the publisher's)"), "{}", label.stdout);
    assert!(label.stdout.contains("ours differs"), "{}", label.stdout);

    let near = run(folder.path(), ["explain", "header/crit-unknown-extensoin"]);
    assert_eq!(near.code, Some(5));
    assert!(near.stderr.contains("header/crit-unknown-extension"), "{}", near.stderr);
}

#[test]
fn replay_shows_every_line_of_the_conversation() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), ["replay", "rfc/7515-a-5", "--verifier", "reference"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let arrows = |arrow| ran.stdout.lines().filter(|line| line.starts_with(arrow)).count();
    assert_eq!((arrows("→"), arrows("←")), (4, 4), "{}", ran.stdout);
    assert!(ran.stdout.contains(r#""verdict":"reject""#), "{}", ran.stdout);
    assert!(ran.stdout.contains("pass refused"), "{}", ran.stdout);

    let ran = run(
        folder.path(),
        ["replay", "header/crit-unknown-extension", "--verifier", "jsonwebtoken"],
    );
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
}

#[test]
fn a_second_run_in_the_same_folder_waits_for_nobody_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let journal = fs::File::create(out.join("journal.jsonl")).unwrap();
    journal.lock().unwrap();
    let ran = run(folder.path(), ["run", "--verifier", "reference", "--out", "out"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("another run is writing"), "{}", ran.stderr);
}

#[test]
fn help_says_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), ["--help"]);
    assert_eq!(ran.code, Some(0));
    insta::assert_snapshot!(ran.stdout);
}
