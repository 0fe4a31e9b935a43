//! Drives the real binary, and writes small adapters in shell that lie, die or dawdle.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// The binary under test, in this folder.
pub(crate) fn gauntlet(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gauntlet"));
    command.current_dir(folder).env("NO_COLOR", "1").env_remove("RUST_BACKTRACE");
    command
}

/// Runs the binary to its end.
pub(crate) fn run<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Ran {
    let output = gauntlet(folder).args(arguments).output().unwrap();
    Ran::of(&output)
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The record in an output folder.
pub(crate) fn record(out: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(out.join("record.json")).unwrap()).unwrap()
}

/// A record without what may differ between two runs of one seed.
pub(crate) fn timeless(mut record: Value) -> Value {
    for name in ["started", "finished", "now", "command"] {
        record.as_object_mut().unwrap().remove(name);
    }
    for result in record["results"].as_array_mut().unwrap() {
        result.as_object_mut().unwrap().remove("duration_us");
        let requests = result.pointer_mut("/evidence/requests").and_then(Value::as_array_mut);
        for request in requests.into_iter().flatten() {
            request.as_object_mut().unwrap().remove("at_ms");
        }
        let steps = result["steps"].as_array_mut().into_iter().flatten();
        let reasons = steps.map(|step| step["reason"].take()).collect::<Vec<_>>();
        let own = result["reason"].take();
        result["reasons"] = reasons.into_iter().chain([own]).map(without_moments).collect();
    }
    record
}

/// A text without the seconds since 1970 and the long spans of time in it: a TLS client says when it looked
/// at a certificate.
fn without_moments(text: Value) -> Value {
    let Value::String(text) = text else { return text };
    let words = text.split_inclusive(|letter: char| !letter.is_ascii_digit());
    words.filter(|word| word.len() < 8).collect::<String>().into()
}

/// Two timeless records have the same results; tells the first that is another.
#[track_caller]
pub(crate) fn assert_same(one: &Value, other: &Value) {
    let results = |record| Value::as_array(record).unwrap();
    let (one, other) = (results(&one["results"]), results(&other["results"]));
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one, other);
    }
}

/// Results of a record, as (case, outcome).
pub(crate) fn outcomes(record: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let results = record["results"].as_array().unwrap();
    results.iter().map(|result| (text(&result["case"]), text(&result["outcome"]))).collect()
}

/// Writes an adapter in shell; `verify` is what it does with a token, where `$id` is the request's id and
/// `$line` its line. Returns the spec.
pub(crate) fn adapter(folder: &Path, name: &str, verify: &str) -> String {
    let path: PathBuf = folder.join(name);
    let script = format!(
        r#"while IFS= read -r line; do
  id=${{line#*\"id\":}}; id=${{id%%,*}}
  case $line in
    *'"op":"hello"'*) printf '{{"id":%s,"protocol":1,"implementation":{{"name":"{name}","version":"1","language":"sh"}},"features":["jwt","jws","jwks","clock","of-tomorrow"],"algorithms":["HS256","RS256","ES256"]}}\n' "$id" ;;
    *'"op":"configure"'*) printf '{{"id":%s,"ok":true}}\n' "$id" ;;
    *) {verify} ;;
  esac
done
"#
    );
    fs::write(&path, script).unwrap();
    format!("cmd:sh '{}'", path.display())
}

/// Answers that a shell adapter can give.
pub(crate) const ACCEPT: &str = r#"printf '{"id":%s,"verdict":"accept"}\n' "$id""#;
pub(crate) const REJECT: &str = r#"printf '{"id":%s,"verdict":"reject","error":"no"}\n' "$id""#;

pub(crate) fn until(what: &str, mut done: impl FnMut() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(30), "waited too long until {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Gone, or a zombie that init has not reaped yet.
pub(crate) fn is_gone(pid: &str) -> bool {
    match fs::read_to_string(Path::new("/proc").join(pid).join("stat")) {
        Ok(stat) => stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')),
        Err(_) => true,
    }
}
