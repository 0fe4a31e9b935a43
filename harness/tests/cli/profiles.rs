//! `--profile NAME`, in every command that selects cases.

use serde_json::Value;

use crate::support::{ACCEPT, adapter, outcomes, record, run};

const NAMES: [&str; 4] = ["rfc9068", "spiffe-jwt-svid", "asvs-strict", "oidc-id-token"];

#[test]
fn an_unknown_profile_is_told_with_those_there_are() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["run", "--profile", "rfc9086"][..],
        &["list", "--profile", "rfc9086"],
        &["explain", "honest/es256", "--profile", "rfc9086"],
        &["replay", "honest/es256", "--verifier", "reference", "--profile", "rfc9086"],
    ] {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        for name in NAMES {
            assert!(ran.stderr.contains(name), "{arguments:?}: {}", ran.stderr);
        }
    }
    // What a file's cases ask stands in the file.
    let ran = run(folder.path(), ["run", "--profile", "rfc9068", "--vectors", "own.json"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("--profile") && ran.stderr.contains("--vectors"), "{}", ran.stderr);
}

#[test]
fn list_shows_what_a_profile_makes_different() {
    let folder = tempfile::tempdir().unwrap();
    for name in NAMES {
        let ran = run(folder.path(), ["list", "--profile", name]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
        insta::assert_snapshot!(name, ran.stdout);
    }
    let plain = run(folder.path(), ["list"]);
    let core = run(folder.path(), ["list", "--profile", "core"]);
    assert_eq!(plain.stdout, core.stdout);

    let few =
        ["list", "--profile", "rfc9068", "--only", "time/exp-missing", "--only", "token-type/una*"];
    let ran = run(folder.path(), few);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for said in
        ["level: MAY → MUST", "time/exp-missing", "token-type/unasked-other", "1 case under"]
    {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
}

#[test]
fn list_gives_the_differences_as_data() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["list", "--profile", "rfc9068", "--format", "json"];
    let told: Value = serde_json::from_str(&run(folder.path(), arguments).stdout).unwrap();
    assert_eq!(told["profile"]["id"], "rfc9068");
    assert!(!told["profile"]["cannot_show"].as_array().unwrap().is_empty());
    let changed = told["changed"].as_array().unwrap();
    let exp = changed.iter().find(|changed| changed["id"] == "time/exp-missing").unwrap();
    let level = exp["changes"].as_array().unwrap().iter().find(|change| change["what"] == "level");
    assert_eq!(level.unwrap()["before"], "MAY");
    assert_eq!(level.unwrap()["after"], "MUST");
    let rows = told["cases"].as_array().unwrap();
    let honest = rows.iter().find(|row| row["id"] == "honest/es256").unwrap();
    assert_eq!(honest["needs"]["spared"][0], "token_type");
    assert_eq!(told["added"][0]["id"], "core/honest-es256");
    assert!(told["left_out"].as_array().unwrap().iter().all(|left| left["because"].is_string()));
}

#[test]
fn a_run_under_a_profile_judges_what_the_profile_demands() {
    let folder = tempfile::tempdir().unwrap();
    let yes = adapter(folder.path(), "yes", ACCEPT);
    let arguments = [
        "run",
        "--profile",
        "rfc9068",
        "--only",
        "rfc9068/*",
        "--only",
        "time/exp-missing",
        "--verifier",
        "reference",
        "--verifier",
        &yes,
        "--out",
        "out",
    ];
    let ran = run(folder.path(), arguments);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("profile: rfc9068"), "{}", ran.stderr);
    let record = record(&folder.path().join("out"));
    let expected = [
        ("time/exp-missing", "pass"),
        ("time/exp-missing", "fail"),
        ("rfc9068/claims", "pass"),
        ("rfc9068/claims", "pass"),
        ("rfc9068/client-id-missing", "pass"),
        ("rfc9068/client-id-missing", "fail"),
        ("rfc9068/iat-missing", "pass"),
        ("rfc9068/iat-missing", "fail"),
    ];
    let expected = expected.map(|(id, outcome)| (id.to_owned(), outcome.to_owned()));
    assert_eq!(outcomes(&record), expected);
}

#[test]
fn the_type_is_demanded_of_those_alone_who_list_that_they_can() {
    let folder = tempfile::tempdir().unwrap();
    let yes = adapter(folder.path(), "yes", ACCEPT);
    for (verifier, is_told) in [("reference", true), (yes.as_str(), false)] {
        let arguments = [
            "replay",
            "honest/es256",
            "--profile",
            "rfc9068",
            "--verifier",
            verifier,
            "--deadline",
            "60s",
        ];
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.code, Some(0), "{verifier}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout.contains("token_type"), is_told, "{verifier}: {}", ran.stdout);
    }
}

#[test]
fn explain_shows_a_case_under_its_profile_and_prints_it_with_its_twin() {
    let folder = tempfile::tempdir().unwrap();
    let explain = ["explain", "rfc9068/client-id-missing", "--profile", "rfc9068"];
    let ran = run(folder.path(), explain);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for said in ["profile      rfc9068", "at+jwt", "client.test"] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    let ran = run(folder.path(), explain.into_iter().chain(["--format", "json"]));
    let file: Value = serde_json::from_str(&ran.stdout).unwrap();
    let ids: Vec<_> = file["cases"].as_array().unwrap().iter().map(|case| &case["id"]).collect();
    assert_eq!(ids, ["rfc9068/claims", "rfc9068/client-id-missing"]);
    std::fs::write(folder.path().join("own.json"), &ran.stdout).unwrap();
    let ran = run(
        folder.path(),
        ["run", "--vectors", "own.json", "--verifier", "reference", "--out", "out"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}
