//! The runner against verifiers that lie, die, dawdle and remember; and against our own.

use std::{fs, process::Stdio};

use crate::support::{
    ACCEPT, REJECT, adapter, assert_same, gauntlet, is_gone, outcomes, record, run, timeless, until,
};
use serde_json::Value;

fn count(record: &Value, outcome: &str) -> u64 {
    record["totals"][outcome].as_u64().unwrap()
}

#[test]
fn the_reference_has_no_finding_and_nothing_inconclusive() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), ["run", "--verifier", "reference", "--out", "out"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let record = record(&folder.path().join("out"));
    for outcome in ["fail", "crash", "hang", "inconclusive", "error"] {
        assert_eq!(count(&record, outcome), 0, "{outcome}\n{}", ran.stderr);
    }
    for result in record["results"].as_array().unwrap() {
        if result["outcome"] == "skip" {
            assert!(
                result["reason"].as_str().unwrap().contains('`'),
                "a skip names its reason: {result}"
            );
        }
    }
}

#[test]
fn the_embedded_ones_are_sound_adapters() {
    let folder = tempfile::tempdir().unwrap();
    for verifier in ["reference", "jsonwebtoken"] {
        let ran = run(folder.path(), ["doctor", "--verifier", verifier]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("this adapter is sound"), "{}", ran.stdout);
    }
}

#[test]
fn without_a_verifier_both_embedded_ones_are_judged_and_crit_is_a_finding_in_jsonwebtoken() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), ["run"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let record = record(&folder.path().join("gauntlet-out"));
    let ids: Vec<&str> = record["verifiers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["reference", "jsonwebtoken"]);
    let crit = record["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|result| {
            result["case"] == "header/crit-unknown-extension"
                && result["verifier"] == "jsonwebtoken"
        })
        .unwrap();
    assert_eq!(crit["outcome"], "fail");
    assert_eq!(crit["impact"], "bypass");
    assert_eq!(crit["attributed_to"], "library");
    assert!(
        ran.stderr.contains("BYPASS high MUST  header/crit-unknown-extension"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("gauntlet replay header/crit-unknown-extension --verifier jsonwebtoken")
    );
}

#[test]
fn whoever_accepts_everything_fails_every_demand_to_refuse() {
    let folder = tempfile::tempdir().unwrap();
    let spec = adapter(folder.path(), "accept-all", ACCEPT);
    let ran = run(folder.path(), ["run", "--verifier", &spec, "--out", "out"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let record = record(&folder.path().join("out"));
    for result in record["results"].as_array().unwrap() {
        let reject = serde_json::json!(["reject"]);
        let refusal_only = result["permitted"] == reject
            || result["steps"]
                .as_array()
                .is_some_and(|steps| steps.iter().any(|step| step["permitted"] == reject));
        match result["outcome"].as_str().unwrap() {
            "fail" => assert!(refusal_only && result["impact"] == "bypass", "{result}"),
            "skip" => {}
            _ => assert!(!refusal_only, "{result}"),
        }
    }
    assert!(count(&record, "fail") > 200);
    let warnings = record["verifiers"][0]["warnings"].as_array().unwrap();
    for member in ["audiences", "issuer", "required_claims", "leeway_s"] {
        assert!(
            warnings.iter().any(|warning| warning.as_str().unwrap().contains(member)),
            "{member}: {warnings:?}"
        );
    }
}

#[test]
fn whoever_refuses_everything_passes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let spec = adapter(folder.path(), "reject-all", REJECT);
    let ran = run(folder.path(), ["run", "--verifier", &spec, "--out", "out"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let record = record(&folder.path().join("out"));
    assert_eq!(count(&record, "pass"), 0);
    for result in record["results"].as_array().unwrap() {
        // A case of several steps may ask for an acceptance before the refusal that it is about.
        let accepts_first = result["steps"].as_array().is_some_and(|steps| {
            steps.iter().any(|step| step["permitted"] == serde_json::json!(["accept"]))
        });
        let due = match result["permitted"].as_array().unwrap().as_slice() {
            [only] if only == "reject" && !accepts_first => "inconclusive",
            [_] => "fail",
            _ => "info",
        };
        if result["outcome"] != "skip" {
            assert_eq!(result["outcome"], due, "{result}");
        }
    }
}

#[test]
fn whoever_believes_what_nobody_signed_fails_what_it_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let verify = r#"printf '{"id":%s,"verdict":"accept","payload_b64":"bWFsbG9yeQ==","claims":{"sub":"mallory"}}\n' "$id""#;
    let spec = adapter(folder.path(), "believes-another", verify);
    let arguments = [
        "run",
        "--verifier",
        &spec,
        "--out",
        "out",
        "--only",
        "rfc/7515-a-[123]",
        "--only",
        "honest/rs256",
    ];
    let ran = run(folder.path(), arguments);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let record = record(&folder.path().join("out"));
    assert_eq!((count(&record, "fail"), count(&record, "pass")), (4, 0), "{}", ran.stderr);
    assert!(ran.stderr.contains("believed what was not signed"), "{}", ran.stderr);
}

#[test]
fn whoever_dies_hangs_or_talks_nonsense_ends_no_run_and_passes_nothing() {
    for (name, verify, outcome) in [
        ("dies", "echo last words >&2; kill -ABRT $$", "crash"),
        ("raises", r#"printf '{"id":%s,"crash":"Boom: \\u001b[31mred"}\n' "$id""#, "crash"),
        ("hangs", "sleep 30", "hang"),
        ("babbles", "echo hello", "error"),
        ("answers-another", r#"printf '{"id":%s9,"verdict":"reject"}\n' "$id""#, "error"),
        ("answers-half", r#"printf '{"id":%s,"verdict":"acc' "$id"; exit 0"#, "crash"),
        ("shrugs", r#"printf '{"id":%s}\n' "$id""#, "error"),
    ] {
        // Only who hangs is waited for a short time: a slow machine must not make a hang of the others.
        let deadline = if outcome == "hang" { "300ms" } else { "20s" };
        let folder = tempfile::tempdir().unwrap();
        let spec = adapter(folder.path(), name, verify);
        let arguments = [
            "run",
            "--verifier",
            &spec,
            "--out",
            "out",
            "--only",
            "rfc/7515-a-[1235]",
            "--deadline",
            deadline,
        ];
        let ran = run(folder.path(), arguments);
        let record = record(&folder.path().join("out"));
        assert_eq!(count(&record, "pass"), 0, "{name}: {}", ran.stderr);
        assert_eq!(count(&record, "info"), 0, "{name}: {}", ran.stderr);
        assert_eq!(count(&record, outcome), 4, "{name}: {}", ran.stderr);
        let due = if outcome == "error" { 3 } else { 1 };
        // An exception that a caller could have caught is of low severity.
        let due = if name == "raises" { 0 } else { due };
        assert_eq!(ran.code, Some(due), "{name}: {}", ran.stderr);
        assert!(!ran.stderr.contains('\u{1b}'), "{name}: escapes reach the terminal");
        if name == "dies" {
            assert!(ran.stderr.contains("last words"), "{}", ran.stderr);
            assert!(ran.stderr.contains("signal 6"), "{}", ran.stderr);
        }
    }
}

#[test]
fn a_finding_that_a_fresh_process_does_not_repeat_is_flaky_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    // Refuses the token of RFC 7515 A.2 the first time that anybody shows it, and never again.
    let verify = format!(
        "case $line in *eyJhbGciOiJSUzI1NiJ9.*) mkdir shown 2>&- && {{ {REJECT}; continue; }};; esac; {ACCEPT}"
    );
    let spec = adapter(folder.path(), "moody", &verify);
    let arguments =
        ["run", "--verifier", &spec, "--out", "out", "--only", "rfc/7515-a-[123]", "--jobs", "1"];
    let ran = run(folder.path(), arguments);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let record = record(&folder.path().join("out"));
    let flaky: Vec<&Value> = record["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|result| result["flaky"] == true)
        .collect();
    assert_eq!(flaky.len(), 1, "{}", ran.stderr);
    assert_eq!(flaky[0]["outcome"], "fail");
    assert!(ran.stderr.contains("Flaky"), "{}", ran.stderr);
}

#[test]
fn a_verdict_that_changes_with_the_order_is_told() {
    let folder = tempfile::tempdir().unwrap();
    // Once it has seen an RS256 token, it refuses HS256 for ever; a fresh process does not.
    let verify = format!(
        r#"case $line in *eyJhbGciOiJSUzI1NiJ9.*) seen=1;; esac
        case "$seen$line" in 1*eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9*) {REJECT};; *) {ACCEPT};; esac"#
    );
    let spec = adapter(folder.path(), "remembers", &verify);
    let only = ["--only", "rfc/7515-a-[12]", "--jobs", "1", "--out", "out"];
    let catalogue = run(folder.path(), ["run", "--verifier", &spec].iter().chain(&only));
    assert_eq!(catalogue.code, Some(0), "{}", catalogue.stderr);

    let reverse =
        run(folder.path(), ["run", "--order", "reverse", "--verifier", &spec].iter().chain(&only));
    assert_eq!(reverse.code, Some(1), "{}", reverse.stderr);
    let record = record(&folder.path().join("out"));
    let told = |case: &str| {
        let results = record["results"].as_array().unwrap();
        let found = results.iter().find(|result| result["case"] == case).unwrap();
        (found["outcome"].clone(), found["flaky"].clone(), found["order_dependent"].clone())
    };
    let (outcome, flaky, _) = told("rfc/7515-a-1");
    assert_eq!((outcome, flaky), (Value::from("fail"), Value::from(true)));
    assert_eq!(told("rfc/7515-a-2").2, Value::from(false));
}

#[test]
fn one_seed_gives_one_record_in_any_number_of_jobs_and_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let of = |out: &str, more: &[&str]| {
        let arguments = [&["run", "--seed", "7", "--out", out], more].concat();
        run(folder.path(), arguments);
        timeless(record(&folder.path().join(out)))
    };
    let one = of("one", &["--jobs", "1"]);
    assert_same(&one, &of("two", &["--jobs", "4"]));
    for order in ["shuffle", "reverse"] {
        assert_same(&one, &of(order, &["--order", order]));
    }
}

#[test]
fn a_killed_run_leaves_no_orphan_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let verify = format!("sleep 0.01; {ACCEPT}");
    let spec = adapter(folder.path(), "slow", &verify);
    // The adapter's first line tells its process id.
    let script = folder.path().join("slow");
    let told = format!("echo $$ >> '{}'\n{}", pids.display(), fs::read_to_string(&script).unwrap());
    fs::write(&script, told).unwrap();
    let arguments = ["run", "--verifier", &spec, "--family", "rfc", "--jobs", "1", "--out"];

    run(folder.path(), arguments.iter().chain(&["whole"]));
    let whole = record(&folder.path().join("whole"));

    let mut child = gauntlet(folder.path())
        .args(arguments)
        .arg("cut")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let journal = folder.path().join("cut/journal.jsonl");
    let judged = || {
        let text = fs::read_to_string(&journal).unwrap_or_default();
        text.lines().filter(|line| line.contains("\"event\":\"outcome\"")).count()
    };
    until("some cases are judged", || judged() > 20);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.path().join("cut/record.json").exists());
    let pid = fs::read_to_string(&pids).unwrap().lines().last().unwrap().to_owned();
    until("the adapter is gone", || is_gone(&pid));

    // A run that asks something else does not go on with this one.
    let other = run(folder.path(), ["run", "--verifier", &spec, "--resume", "--out", "cut"]);
    assert_eq!(other.code, Some(2), "{}", other.stderr);

    let before = judged();
    let resumed = run(folder.path(), arguments.iter().chain(&["cut", "--resume"]));
    assert_eq!(resumed.code, Some(1), "{}", resumed.stderr);
    let cut = record(&folder.path().join("cut"));
    assert_eq!(outcomes(&cut), outcomes(&whole));
    assert_eq!(judged(), outcomes(&whole).len(), "no case was judged twice; {before} were before");
}
