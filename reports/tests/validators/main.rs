//! Every format is read by programs that nobody here wrote, on three records: one without a finding, one with
//! findings, and one with hostile text wherever a verifier or an endpoint may put text.
//!
//!     reports/tests/validators/install
//!     cargo test --test validators -- --ignored
//!
//! The first line needs the network and the second does not. What was rendered lies in `tmp/validators` of the target
//! folder afterwards; pictures and prints of the page go to where `GAUNTLET_SCREENSHOTS` says.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic in a test is its failure report; what tests share is not known as tests to clippy"
)]

mod matrix;
#[path = "../writers/records.rs"]
mod records;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use gauntlet_reports::{Record, WRITERS};

/// The checks, and the formats that each of them is for.
const CHECKS: &[(&str, &[&str])] = &[
    ("json_schema.py", &["json", "jsonl"]),
    ("junit.py", &["junit"]),
    ("sarif.py", &["sarif"]),
    ("oscal.py", &["oscal"]),
    ("intoto.py", &["intoto"]),
    ("markdown.py", &["markdown"]),
    ("badge.mjs", &["badge"]),
    ("markup.mjs", &["html"]),
    ("page.mjs", &["html"]),
];

static RENDERED: LazyLock<[PathBuf; 3]> = LazyLock::new(|| {
    [
        render("clean", &records::clean()),
        render("findings", &records::findings()),
        render("hostile", &records::hostile()),
    ]
});

#[test]
fn every_format_has_somebody_else_to_read_it() {
    let read: BTreeSet<_> = CHECKS.iter().flat_map(|(_, formats)| *formats).copied().collect();
    let written: BTreeSet<_> = WRITERS.iter().map(|writer| writer.name).collect();
    assert_eq!(read, written);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn records_and_lines_are_what_the_schemas_say() {
    check("json_schema.py", &*RENDERED);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn junitparser_counts_what_the_record_holds() {
    check("junit.py", &*RENDERED);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn the_multitool_finds_no_error_in_sarif() {
    check("sarif.py", &*RENDERED);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn trestle_imports_and_validates_oscal() {
    check("oscal.py", &*RENDERED);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn in_toto_validates_its_statement() {
    check("intoto.py", &*RENDERED);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn the_summary_holds_no_markup_of_others() {
    check("markdown.py", &*RENDERED);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn shields_draws_the_badge() {
    check("badge.mjs", &*RENDERED);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn the_page_is_valid_markup() {
    check("markup.mjs", &*RENDERED);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn the_page_is_harmless_accessible_and_prints() {
    check("page.mjs", &*RENDERED);
}

#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn the_page_of_thirty_verifiers_and_three_thousand_cases_is_quick() {
    check("scale.mjs", &[render("matrix", &matrix::of(30, 3_000))]);
}

/// A check that lets everything through would hold as well.
#[test]
#[ignore = "needs what reports/tests/validators/install installs"]
fn every_check_sees_what_it_is_there_for() {
    #[rustfmt::skip]
    let spoilt = [
        ("json_schema.py", "record.json", "\"outcome\": \"fail\"", "\"outcome\": \"failed\"", "failed"),
        ("json_schema.py", "results.jsonl", "\"event\":", "\"incident\":", "line 1"),
        ("junit.py", "junit.xml", "<skipped ", "<left-out ", "skipped is"),
        ("junit.py", "junit.xml", " failures=\"", " failures=\"9", "failures is"),
        ("junit.py", "junit.xml", "message=\"", "message=\"\u{202e}", "U+202E"),
        ("sarif.py", "results.sarif", "\"partialFingerprints\"", "\"fingerprintsOfAPart\"", "fingerprint"),
        ("sarif.py", "results.sarif", "\"shortDescription\"", "\"x-shortDescription\"", "GH"),
        ("sarif.py", "results.sarif", "\"kind\": \"fail\"", "\"kind\": \"pass\"", "pass"),
        ("oscal.py", "oscal-assessment-results.json", "not-satisfied", "satisfied", "satisfied"),
        ("oscal.py", "oscal-assessment-results.json", "\"oscal-version\"", "\"oscal-release\"", "trestle"),
        ("intoto.py", "test-result.intoto.json", "\"FAILED\"", "\"PASSED\"", "PASSED beside"),
        ("intoto.py", "test-result.intoto.json", "https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0", "statement"),
        ("markdown.py", "summary.md", "\n", "\n<img src=x onerror=y>", "<img"),
        ("badge.mjs", "badge.json", "\"red\"", "\"brightgreen\"", "brightgreen"),
        ("markup.mjs", "report.html", "</main>", "", "main"),
        ("page.mjs", "report.html", "</body>", "<script>window.__owned=1</script></body>", "held back script-src"),
        ("page.mjs", "report.html", "default-src 'none'", "default-src 'unsafe-inline'", "a policy that reads"),
    ];
    let [_, findings, _] = &*RENDERED;
    for (number, (script, file, from, to, seen)) in spoilt.into_iter().enumerate() {
        let folder = empty(&format!("spoilt-{number}"));
        for entry in fs::read_dir(findings).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.contains(from), "{file} holds no {from} to be spoilt");
        fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
        let told = command(script, &[folder]).output().unwrap();
        let complaint = String::from_utf8_lossy(&told.stderr);
        assert!(
            told.status.code() == Some(1) && complaint.contains(seen),
            "{script} overlooks that {from} became {to}: {complaint}"
        );
    }
}

/// A folder of this name with nothing in it.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("validators").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The record in every format.
fn render(name: &str, record: &Record) -> PathBuf {
    let folder = empty(name);
    for writer in WRITERS {
        let mut bytes = Vec::new();
        (writer.write)(record, &mut bytes).unwrap();
        fs::write(folder.join(writer.file_name), bytes).unwrap();
    }
    folder
}

/// Runs a check, which says itself what it saw.
fn check(script: &str, folders: &[PathBuf]) {
    let mut command = command(script, folders);
    let status = command.status().unwrap_or_else(|error| panic!("{}", missing(&command, &error)));
    assert!(status.success(), "{script}: {status}; what is wrong stands above");
}

fn command(script: &str, folders: &[PathBuf]) -> Command {
    let program = if script.ends_with(".py") {
        installed().join("python/bin/python")
    } else {
        PathBuf::from("node")
    };
    assert!(
        !program.is_absolute() || program.exists(),
        "{} is missing; reports/tests/validators/install gets it",
        program.display()
    );
    let mut command = Command::new(program);
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validators").join(script))
        .args(folders)
        .env("GAUNTLET_VALIDATORS", installed())
        // Nothing is written into the tree.
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn missing(command: &Command, error: &std::io::Error) -> String {
    format!(
        "{}: {error}; reports/tests/validators/install gets it",
        command.get_program().to_string_lossy()
    )
}

/// The folder that `install` fills, by the same rule as there.
fn installed() -> PathBuf {
    if let Some(named) = env::var_os("GAUNTLET_VALIDATORS") {
        return named.into();
    }
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    cache.expect("HOME is set").join("jwks-gauntlet-validators")
}
