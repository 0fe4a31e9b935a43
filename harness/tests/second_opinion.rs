//! Honest tokens are accepted by others than us, who share no code with the forge that made them: the
//! crate `jsonwebtoken` as far as it goes, and joserfc over OpenSSL, in Python, for all of them.

use std::{env, fs, path::Path, process::Command, time::Duration};

use gauntlet_vectors::{Case, Catalogue, Env, NumericDate, case::Level, export, judge::Outcome};
use jwks_gauntlet::{
    adapter::{InProcess, Peer},
    builtin,
    runner::{
        execute::{Terms, play},
        origins::Origins,
        plan,
        prepare::prepare,
    },
};

/// Cases in which nothing may be refused. Those with issuers show tokens that others show as well, and what a
/// second client makes of their key sets is in the tests of flaws.
fn must_be_accepted(case: &Case) -> bool {
    case.level == Level::Must
        && !case.is_served()
        && case.timeline.presentations().all(|shown| shown.permitted.is_acceptance_only())
        && case.timeline.presentations().next().is_some()
}

#[test]
fn jsonwebtoken_accepts_what_must_be_accepted() {
    let origins = Origins::open().unwrap();
    // It reads the machine's clock, and so do we.
    let now = NumericDate(i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap());
    let env = Env { origins: origins.urls(), ..Env::fixed() }.at(now);
    let mut peer = InProcess::new((builtin::find("jsonwebtoken").unwrap().make)());
    let (mut accepted, mut lacking, mut refused) = (0, Vec::<&Case>::new(), Vec::new());
    let catalogue = Catalogue::build();
    for case in catalogue.cases().iter().filter(|case| must_be_accepted(case)) {
        if plan::missing(peer.description(), case, None).is_some() {
            lacking.push(case);
            continue;
        }
        let prepared = prepare(case, &env).unwrap();
        let terms = Terms { origins: Some(&origins), ..Terms::plain(Duration::from_secs(5)) };
        let judgement = play(&mut peer, case, &prepared, &terms).judgement;
        match judgement.outcome {
            Outcome::Pass => accepted += 1,
            Outcome::Skip => lacking.push(case),
            Outcome::Info
            | Outcome::Inconclusive
            | Outcome::Error
            | Outcome::Fail
            | Outcome::Crash
            | Outcome::Hang => refused.push(format!("{}: {}", case.id, judgement.reason)),
        }
    }
    assert!(refused.is_empty(), "refused:\n{}", refused.join("\n"));
    assert!(accepted > 150, "{accepted}");
    // What it lacks (curves, names of algorithms, JSON serializations, a clock) is played to joserfc, which
    // takes every case of one step.
    for case in lacking {
        assert_eq!(case.timeline.0.len(), 1, "no second opinion: {}", case.id);
    }
}

#[test]
#[ignore = "needs Python 3 with joserfc and cryptography; GAUNTLET_PYTHON names the interpreter"]
fn joserfc_accepts_what_must_be_accepted() {
    let folder = tempfile::tempdir().unwrap();
    for file in export::render(&Catalogue::build(), &Env::fixed()).unwrap() {
        let path = folder.path().join(file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.contents).unwrap();
    }
    let python = env::var_os("GAUNTLET_PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_opinion.py");
    let told =
        Command::new(&python).arg(script).arg(folder.path()).output().unwrap_or_else(|error| {
            panic!("start {} (GAUNTLET_PYTHON): {error}", python.display())
        });
    let lines = format!(
        "{}{}",
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr)
    );
    assert!(told.status.success(), "{}: {}\n{lines}", python.display(), told.status);
}
