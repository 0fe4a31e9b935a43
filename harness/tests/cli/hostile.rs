//! Adapters that mean us harm: whatever they do, the run ends, says what it was, and leaves nothing behind.

use std::{fs, os::unix::process::ExitStatusExt, path::Path, process::Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{ACCEPT, REJECT, adapter, gauntlet, is_gone, record, run, until};

/// Four cases, one process, and time enough for a slow machine where nothing hangs.
fn played(folder: &Path, spec: &str, deadline: &str) -> Value {
    let arguments = [
        "run",
        "--verifier",
        spec,
        "--out",
        "out",
        "--jobs",
        "1",
        "--only",
        "rfc/7515-a-[1235]",
        "--deadline",
        deadline,
    ];
    let ran = run(folder, arguments);
    assert!(matches!(ran.code, Some(0 | 1 | 3)), "{:?} {}", ran.code, ran.stderr);
    record(&folder.join("out"))
}

fn outcomes(record: &Value) -> Vec<&str> {
    let results = record["results"].as_array().unwrap();
    results.iter().map(|result| result["outcome"].as_str().unwrap()).collect()
}

#[test]
fn a_line_of_a_gigabyte_is_an_error_and_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let spec = adapter(folder.path(), "endless", "head -c 1000000000 /dev/zero | tr '\\0' a; echo");
    let record = played(folder.path(), &spec, "30s");
    assert_eq!(outcomes(&record), ["error"; 4]);
    let reason = record["results"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("longer than 16777216 octets"), "{reason}");
    let kept = fs::metadata(folder.path().join("out/record.json")).unwrap().len();
    assert!(kept < 1 << 20, "{kept} octets of record");
}

#[test]
fn standard_error_without_end_disturbs_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let verify = format!("[ -n \"$noise\" ] || {{ yes noise >&2 & noise=1; }}; {REJECT}");
    let spec = adapter(folder.path(), "loud", &verify);
    let record = played(folder.path(), &spec, "20s");
    assert!(!outcomes(&record).contains(&"hang"), "{record}");
    assert!(record.to_string().len() < 1 << 20);
}

/// Both pipes are full at once: the adapter reads nothing while it writes a megabyte for each request.
#[test]
fn two_full_pipes_are_no_deadlock() {
    let folder = tempfile::tempdir().unwrap();
    let padding = r#"pad=$(head -c 1000000 /dev/zero | tr '\0' x); printf '{"id":%s,"verdict":"reject","error":"%s"}\n' "$id" "$pad""#;
    let spec = adapter(folder.path(), "wide", padding);
    let record = played(folder.path(), &spec, "30s");
    assert!(!outcomes(&record).contains(&"hang"), "{record}");
    assert!(record.to_string().len() < 1 << 20, "what it says is bounded");
}

#[test]
fn children_that_it_leaves_are_gone_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let verify = format!("sleep 1000 & echo $! >> '{}'; kill -KILL $$", pids.display());
    let spec = adapter(folder.path(), "parent", &verify);
    let record = played(folder.path(), &spec, "20s");
    assert_eq!(outcomes(&record), ["crash"; 4]);
    let left = fs::read_to_string(&pids).unwrap();
    assert!(left.lines().count() >= 4, "{left}");
    for pid in left.lines() {
        until("the child is gone", || is_gone(pid));
    }
}

#[test]
fn whoever_ignores_signals_and_hangs_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let verify =
        format!("trap '' TERM INT HUP; echo $$ >> '{}'; while :; do sleep 1; done", pids.display());
    let spec = adapter(folder.path(), "deaf", &verify);
    let record = played(folder.path(), &spec, "300ms");
    assert_eq!(outcomes(&record), ["hang"; 4]);
    for pid in fs::read_to_string(&pids).unwrap().lines() {
        until("it is gone", || is_gone(pid));
    }
}

#[test]
fn whoever_dies_at_the_nth_request_is_asked_again_and_only_that_case_crashes() {
    let folder = tempfile::tempdir().unwrap();
    let verify =
        format!(r#"case $line in *eyJhbGciOiJFUzI1NiJ9.*) kill -ABRT $$;; esac; {ACCEPT}"#);
    let spec = adapter(folder.path(), "mortal", &verify);
    let record = played(folder.path(), &spec, "20s");
    let crashed: Vec<&str> = record["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|result| result["outcome"] == "crash")
        .map(|result| result["case"].as_str().unwrap())
        .collect();
    assert_eq!(crashed, ["rfc/7515-a-3"], "{record}");
}

#[test]
fn replies_out_of_order_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    // It keeps a reply back and says it after the next one.
    let verify = r#"printf '{"id":%s,"verdict":"reject"}\n{"id":%s,"verdict":"accept"}\n' "$((id+1))" "$id""#;
    let spec = adapter(folder.path(), "crossed", verify);
    let record = played(folder.path(), &spec, "20s");
    assert!(outcomes(&record).iter().all(|outcome| *outcome == "error"), "{record}");
}

#[test]
fn whoever_never_starts_to_end_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stays");
    // After the end of its input it stays.
    let spec = adapter(folder.path(), "stays-inner", REJECT);
    let inner = spec.trim_start_matches("cmd:sh ").trim_matches('\'').to_owned();
    fs::write(
        &path,
        format!("echo $$ > '{}'\nsh '{inner}'\nsleep 1000\n", path.with_extension("pid").display()),
    )
    .unwrap();
    let record = played(folder.path(), &format!("cmd:sh '{}'", path.display()), "20s");
    assert_eq!(outcomes(&record).len(), 4);
    let pid = fs::read_to_string(path.with_extension("pid")).unwrap();
    until("it is gone", || is_gone(pid.trim()));
}

/// However the harness ends, neither the adapter nor what the adapter started outlives it.
#[test]
fn no_signal_to_the_harness_leaves_an_orphan() {
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        let folder = tempfile::tempdir().unwrap();
        let pids = folder.path().join("pids");
        let verify = format!(
            "[ -n \"$child\" ] || {{ sleep 1000 & child=$!; echo $$ $child >> '{}'; }}; sleep 0.05; {ACCEPT}",
            pids.display()
        );
        let spec = adapter(folder.path(), "parent", &verify);
        let mut child = gauntlet(folder.path())
            .args(["run", "--verifier", &spec, "--jobs", "2"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = || fs::read_to_string(&pids).unwrap_or_default();
        until("both processes are at work", || started().lines().count() >= 2);
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal.as_raw()));
        for pid in started().split_whitespace() {
            until("it is gone", || is_gone(pid));
        }
    }
}
