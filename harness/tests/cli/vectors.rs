//! The catalogue as files, and cases from files of the user's.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{record, run};

/// Two tests of Wycheproof's first group, under one of our names.
fn wycheproof() -> Value {
    json!({
        "algorithm": "JWS",
        "numberOfTests": 2,
        "testGroups": [{
            "type": "JsonWebSignature",
            "comment": "hs256",
            "private": {"alg": "HS256", "k": "-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE", "kid": "kid-aes-sign", "kty": "oct"},
            "tests": [
                {"tcId": 1, "comment": "acceptsValid", "result": "valid", "flags": [],
                 "jws": "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.TD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg"},
                {"tcId": 2, "comment": "rejectsModifiedSignature", "result": "invalid", "flags": [],
                 "jws": "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9.Zm9v.XD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg"}
            ]
        }]
    })
}

fn write(folder: &Path, name: &str, value: &Value) {
    fs::write(folder.join(name), serde_json::to_string_pretty(value).unwrap()).unwrap();
}

/// The case that is honest under ES256, as a file of one, with another id.
fn own_case(id: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), ["explain", "honest/es256", "--format", "json"]);
    let mut file: Value = serde_json::from_str(&printed.stdout).unwrap();
    file["cases"][0]["id"] = json!(id);
    file["cases"][0]["twin"] = json!("honest/es256");
    file
}

#[test]
fn an_export_agrees_with_its_catalogue_until_it_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), ["vectors", "export", "out"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("wrote "), "{}", ran.stderr);
    let ran = run(folder.path(), ["vectors", "check", "out"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{}", ran.stderr);

    let out = folder.path().join("out");
    let text = fs::read_to_string(out.join("recipes/honest.json")).unwrap();
    fs::write(out.join("recipes/honest.json"), text.replace("alice", "mallory")).unwrap();
    fs::write(out.join("resolved/of-yesterday.json"), "{}").unwrap();
    fs::remove_file(out.join("resolved/header.json")).unwrap();
    let ran = run(folder.path(), ["vectors", "check", "out"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let begins = [
        "recipes/honest.json: differs in honest/",
        "resolved/header.json: is missing",
        "resolved/of-yesterday.json: is no part",
    ];
    for (line, begin) in ran.stdout.lines().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
    assert_eq!(ran.stdout.lines().count(), begins.len(), "{}", ran.stdout);
    assert!(ran.stderr.contains("vectors export out"), "{}", ran.stderr);
}

#[test]
fn an_export_takes_away_what_its_own_index_lists_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    run(folder.path(), ["vectors", "export", "out"]);
    let index = fs::read_to_string(out.join("index.json")).unwrap();
    let mut index: Value = serde_json::from_str(&index).unwrap();
    for path in ["recipes/gone.json", "../outside.json", "recipes/../../outside.json"] {
        let entry = json!({"path": path, "octets": 2, "sha256": ""});
        index["files"].as_array_mut().unwrap().push(entry);
    }
    write(&out, "index.json", &index);
    for path in ["out/recipes/gone.json", "out/recipes/own.json", "outside.json"] {
        fs::write(folder.path().join(path), "{}").unwrap();
    }
    let ran = run(folder.path(), ["vectors", "export", "out", "--quiet"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(!out.join("recipes/gone.json").exists());
    assert!(out.join("recipes/own.json").exists());
    assert!(folder.path().join("outside.json").exists());
}

#[test]
fn what_cannot_be_exported_or_checked_ends_in_2_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    fs::create_dir(folder.path().join("other")).unwrap();
    fs::write(folder.path().join("other/index.json"), "{\"mine\": true}").unwrap();
    for (arguments, said) in [
        (["vectors", "export", "file"], "file"),
        (["vectors", "export", "other"], "no index of an export"),
        (["vectors", "check", "nowhere"], "holds no export"),
    ] {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    }
    assert_eq!(fs::read_dir(folder.path().join("other")).unwrap().count(), 1, "nothing is written");
}

#[test]
fn an_exported_family_is_played_by_vectors() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), ["vectors", "export", "out"]);
    let ran = run(
        folder.path(),
        ["run", "--vectors", "out/recipes/header.json", "--verifier", "reference", "--out", "ran"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let record = record(&folder.path().join("ran"));
    assert!(record["results"].as_array().unwrap().iter().all(|row| row["family"] == "header"));
}

#[test]
fn a_file_of_wycheproof_is_told_by_its_shape_and_played_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "jws_v1.json", &wycheproof());
    let ran = run(
        folder.path(),
        ["run", "--vectors", "jws_v1.json", "--verifier", "reference", "--out", "out"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let results = record(&folder.path().join("out"))["results"].clone();
    assert_eq!(results.as_array().unwrap().len(), 2);
    assert_eq!(results[1]["case"], "wycheproof-jws-v1/2");
    assert_eq!(results[1]["twin"], "wycheproof-jws-v1/1");
    assert_eq!(results[1]["outcome"], "pass");

    // A label that nobody can meet is played as it stands: it is the user's.
    let mut wrong = wycheproof();
    wrong["testGroups"][0]["tests"][1]["result"] = json!("valid");
    write(folder.path(), "wrong.json", &wrong);
    let ran = run(
        folder.path(),
        ["run", "--vectors", "wrong.json", "--verifier", "reference", "--out", "out2"],
    );
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
}

#[test]
fn a_file_of_wycheproof_that_cannot_be_played_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut twice = wycheproof();
    twice["testGroups"][0]["tests"][1]["tcId"] = json!(1);
    write(folder.path(), "twice.json", &twice);
    let ran = run(folder.path(), ["list", "--vectors", "twice.json"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stderr);

    write(folder.path(), "jws.json", &wycheproof());
    let ran = run(folder.path(), ["list", "--vectors", "jws.json", "--vectors", "./jws.json"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("wycheproof-jws/1"), "{}", ran.stderr);
}

#[test]
fn list_counts_families() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), ["list", "--families", "--only", "rfc/*", "--only", "honest/*"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let names: Vec<_> = ran.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names, ["family", "honest", "rfc", "all"]);
    let ran = run(folder.path(), ["list", "--families", "--format", "json"]);
    let families: Value = serde_json::from_str(&ran.stdout).unwrap();
    let counted: u64 =
        families.as_array().unwrap().iter().map(|family| family["cases"].as_u64().unwrap()).sum();
    assert_eq!(counted, gauntlet_vectors::Catalogue::build().cases().len() as u64);
}

#[test]
fn explain_shows_every_step_of_a_timeline() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = own_case("own/timeline");
    let case = &mut file["cases"][0];
    let shown = case["timeline"][0]["verify"].clone();
    let mut policy = case["policy"].clone();
    policy["audiences"] = json!(["https://another-api.test"]);
    let with = |changes: Value| {
        let mut shown = shown.clone();
        for (name, value) in changes.as_object().unwrap() {
            shown[name] = value.clone();
        }
        shown
    };
    let mut long = shown.clone();
    long["token"]["jws"]["payload"]["members"]
        .as_array_mut()
        .unwrap()
        .push(json!(["padding", "{repeat.1000000.a}"]));
    long["permitted"] = json!(["refuse", {"accept": {"claim": {"name": "sub", "value": "alice"}}}]);
    let octets = json!({"octets": "ZXlKaGJHY2lPaUpGVXpJMU5pSjkuZXlKemRXSWlPaUpoYkdsalpTSjkuAP8="});
    case["timeline"] = json!([
        {"verify": shown},
        {"configure": {"verifier": "second", "policy": policy}},
        {"verify": with(json!({"verifier": "second", "permitted": ["refuse"]}))},
        {"advance": 3600},
        {"verify": with(json!({"permitted": ["refuse"]}))},
        {"expect_quiet": {"origin": 0}},
        {"verify_all": [with(json!({"token": octets, "permitted": ["refuse"]})), long]},
        {"expect_cost": {"times": 20}},
    ]);
    write(folder.path(), "own.json", &file);
    let ran = run(folder.path(), ["explain", "own/timeline", "--vectors", "own.json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn explain_shows_where_octets_part_and_nothing_that_acts_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = own_case("own/confused");
    file["cases"][0]["title"] = json!("refuses \u{1b}[31mthis");
    let shown = &mut file["cases"][0]["timeline"][0]["verify"];
    shown["permitted"] = json!(["refuse"]);
    let jws = &mut shown["token"]["jws"];
    jws["protected"] = json!({"text": "{ \"alg\":\"HS256\",\"alg\":\"ES256\",\"kid\":\"p256-a\",\"x\":\"\u{202e}\"}"});
    jws["signing"] =
        json!({"hmac_octets": {"alg": "HS256", "key": "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0K"}});
    jws["edits"] = json!([{"flip_bit": {"segment": 2, "bit": -1}}, {"append": "\n"}]);
    write(folder.path(), "own.json", &file);
    let ran = run(folder.path(), ["explain", "own/confused", "--vectors", "own.json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!ran.stdout.contains(['\u{202e}', '\u{1b}']));
    insta::assert_snapshot!(ran.stdout);
}
