//! Scenarios in time: on our clock and on the machine's, in any number of jobs, cut off and taken up again.

use std::{fs, path::Path, thread, time::Duration};

use crate::support::{assert_same, gauntlet, is_gone, outcomes, record, run, timeless, until};

const FAMILIES: [&str; 9] = [
    "rotation",
    "revocation",
    "freshness",
    "fetching",
    "outage",
    "endpoint",
    "discovery",
    "served-issuers",
    "served-memory",
];

fn arguments<'a>(jobs: &'a str, out: &'a str) -> Vec<&'a str> {
    let families = FAMILIES.iter().flat_map(|family| ["--family", family]);
    let rest = ["--verifier", "reference", "--jobs", jobs, "--out", out];
    ["run"].into_iter().chain(families).chain(rest).collect()
}

#[test]
fn the_reference_has_no_finding_and_any_number_of_jobs_gives_one_record() {
    let folder = tempfile::tempdir().unwrap();
    let mut records = Vec::new();
    for jobs in ["32", "1"] {
        let ran = run(folder.path(), arguments(jobs, jobs));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let record = record(&folder.path().join(jobs));
        for result in record["results"].as_array().unwrap() {
            let outcome = result["outcome"].as_str().unwrap();
            assert!(["pass", "info"].contains(&outcome), "{result:#}");
            assert_eq!(result["flaky"], false, "{result:#}");
        }
        records.push(timeless(record));
    }
    assert!(records[0]["results"].as_array().unwrap().len() > 150);
    assert_same(&records[0], &records[1]);
    // What was served lies nowhere when it is over.
    let left: Vec<_> = fs::read_dir(folder.path().join("1")).unwrap().flatten().collect();
    assert_eq!(left.len(), 2, "journal and record: {left:?}");
}

#[test]
fn what_was_fetched_is_in_the_record_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let case = "fetching/unknown-kids-in-turn";
    let ran =
        run(folder.path(), ["run", "--verifier", "reference", "--only", case, "--out", "out"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let record = record(&folder.path().join("out"));
    let result = &record["results"][0];
    assert_eq!(result["effective"]["cooldown_s"], 30);
    let steps = result["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 4, "{steps:#?}");
    assert_eq!(steps[0]["requests"], 1);
    assert_eq!(steps[2]["observed"], "200 × reject");
    assert_eq!(steps[3]["observed"], "0 fetches");

    let ran = run(folder.path(), ["replay", "outage/error-stale", "--verifier", "reference"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for told in [
        "issuer 0 serves the key set [p256-a]",
        "└ issuer 0: GET {issuer.0}/jwks.json → 200",
        "the key set of issuer 0 fails: status 500",
        "301 s pass (max_age+1)",
        "   301 s ▸ a token by p256-a is shown",
        "└ issuer 0: GET {issuer.0}/jwks.json → status 500, on purpose",
        "accept (accept) pass",
        "unavailable (reject) pass",
        "issuer 0 is mended",
    ] {
        assert!(ran.stdout.contains(told), "{told}\n{}", ran.stdout);
    }

    let ran = run(folder.path(), ["explain", "revocation/no-union"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let from = ran.stdout.find("Timeline").unwrap();
    let to = ran.stdout.find("\na token by").unwrap();
    insta::assert_snapshot!(ran.stdout[from..to].trim_end(), @r"
    Timeline
         0 s · issuer 0 serves the key set [p256-a]
             ▸ a token by p256-a is shown                                                accept
             · 31 s pass (cooldown+1)
        31 s · issuer 0 publishes the key set [p256-b]
             ▸ a token by p256-b is shown again and again, for 301 s at most (max_age+1)
                                                                                         accept
       332 s ▸ a token by p256-a is shown                                                reject
             ▸ a token by p256-a is shown                                                reject
    ");
}

/// One at a time, the scenarios take long enough for the run to be killed in its middle.
#[test]
fn a_run_that_is_killed_leaves_nothing_outside_its_folder_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let whole = run(folder.path(), arguments("8", "whole"));
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);

    let mut killed = gauntlet(folder.path())
        .args(arguments("1", "cut"))
        .env("TMPDIR", &temporary)
        .spawn()
        .unwrap();
    let journal = folder.path().join("cut/journal.jsonl");
    until("some were judged", || judged(&journal) > 20);
    let children = children_of(killed.id());
    assert!(!children.is_empty());
    killed.kill().unwrap();
    killed.wait().unwrap();
    for child in children {
        until("a child is gone", || is_gone(&child));
    }
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "what is left lies in the folder");
    let before = judged(&journal);

    let resumed = arguments("8", "cut").into_iter().chain(["--resume"]);
    let resumed = run(folder.path(), resumed);
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    let cut = folder.path().join("cut");
    let whole = folder.path().join("whole");
    assert_eq!(outcomes(&record(&cut)), outcomes(&record(&whole)));
    assert_eq!(judged(&journal), outcomes(&record(&whole)).len(), "{before} were before");
    assert_eq!(fs::read_dir(&cut).unwrap().count(), 2, "nothing is left of the first try");
}

fn judged(journal: &Path) -> usize {
    let text = fs::read_to_string(journal).unwrap_or_default();
    text.lines().filter(|line| line.contains("\"event\":\"outcome\"")).count()
}

/// The processes that this one started, and theirs.
fn children_of(parent: u32) -> Vec<String> {
    // The first ones may just be starting.
    thread::sleep(Duration::from_millis(20));
    let mut found: Vec<String> = Vec::new();
    let mut parents = vec![parent.to_string()];
    while let Some(parent) = parents.pop() {
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let stat = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
            let behind = stat.rsplit(") ").next().unwrap_or_default();
            if behind.split(' ').nth(1) == Some(parent.as_str()) {
                let id = process.file_name().to_string_lossy().into_owned();
                parents.push(id.clone());
                found.push(id);
            }
        }
    }
    found
}
