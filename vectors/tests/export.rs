//! The exported catalogue and its schemas are those of this build.
//!
//! `UPDATE_GENERATED=1 cargo test` writes them anew.

#![expect(
    clippy::unwrap_used,
    reason = "a panic in a test is its failure report; helpers of tests are not known as tests to clippy"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use gauntlet_vectors::{
    Catalogue, Env,
    export::{
        self, Difference, ExportedFile, FOLDERS, INDEX, Index, ResolvedFile, ResolvedStep, Text,
    },
    file::VectorFile,
};
use schemars::schema_for;

/// What the repository holds must stay small enough to be cloned and read.
const LARGEST: usize = 10_000_000;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn exported() -> Vec<ExportedFile> {
    export::render(&Catalogue::build(), &Env::fixed()).unwrap()
}

fn is_to_be_written() -> bool {
    env::var_os("UPDATE_GENERATED").is_some()
}

#[test]
fn published_schemas_are_up_to_date() {
    for (name, schema) in [
        ("vectors.schema.json", schema_for!(VectorFile)),
        ("resolved.schema.json", schema_for!(ResolvedFile)),
        ("index.schema.json", schema_for!(Index)),
    ] {
        let derived = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = folder("schemas").join(name);
        if is_to_be_written() {
            fs::create_dir_all(folder("schemas")).unwrap();
            fs::write(&path, &derived).unwrap();
        }
        let published = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == derived,
            "{name} is stale; write it anew with UPDATE_GENERATED=1 cargo test"
        );
    }
}

#[test]
fn the_exported_catalogue_is_up_to_date() {
    let data = folder("data");
    let files = exported();
    if is_to_be_written() {
        for name in FOLDERS {
            let _ = fs::remove_dir_all(data.join(name));
            fs::create_dir_all(data.join(name)).unwrap();
        }
        for file in &files {
            fs::write(data.join(&file.path), &file.contents).unwrap();
        }
    }
    let mut found = BTreeMap::new();
    if let Ok(index) = fs::read(data.join(INDEX)) {
        found.insert(INDEX.to_owned(), index);
    }
    for name in FOLDERS {
        for entry in fs::read_dir(data.join(name)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_str().unwrap();
            found.insert(format!("{name}/{file}"), fs::read(&path).unwrap());
        }
    }
    let differences: Vec<String> =
        export::differences(&files, &found).iter().map(ToString::to_string).collect();
    assert!(
        differences.is_empty(),
        "vectors/data is stale; write it anew with UPDATE_GENERATED=1 cargo test\n{}",
        differences.join("\n")
    );
}

#[test]
fn the_export_stays_small() {
    let files = exported();
    let octets: usize = files.iter().map(|file| file.contents.len()).sum();
    assert!(octets < LARGEST, "{octets} octets in all");
    for file in files.iter().filter(|file| file.path != INDEX) {
        let text = std::str::from_utf8(&file.contents).unwrap();
        let longest = text.lines().max_by_key(|line| line.len()).unwrap();
        let begin: String = longest.chars().take(80).collect();
        // A set of ten thousand keys, each with a name of its own, is more than a megabyte however it is
        // written; every other case is far below.
        let bound = if begin.contains("keyset/ten-thousand-keys") { 1_500_000 } else { 200_000 };
        assert!(longest.len() < bound, "{}: {} octets: {begin}", file.path, longest.len());
    }
}

/// The schemas are derived from the types that read here, so that what the types take, they allow.
#[test]
fn exported_files_are_of_their_format_and_lose_nothing() {
    let catalogue = Catalogue::build();
    let files = exported();
    let mut recipes = Vec::new();
    let mut resolved = Vec::new();
    for file in &files {
        let text = std::str::from_utf8(&file.contents).unwrap();
        let whole: serde_json::Value = serde_json::from_str(text).unwrap();
        let again = match file.path.split_once('/') {
            Some(("recipes", _)) => {
                let read = VectorFile::read(text, &catalogue).unwrap();
                let again = serde_json::to_value(&read).unwrap();
                recipes.extend(read.cases);
                again
            }
            Some(("resolved", _)) => {
                let read: ResolvedFile = serde_json::from_str(text).unwrap();
                let again = serde_json::to_value(&read).unwrap();
                resolved.extend(read.cases);
                again
            }
            Some(_) => panic!("{} is in no known folder", file.path),
            None => {
                let read: Index = serde_json::from_str(text).unwrap();
                assert_eq!(read.cases, catalogue.cases().len());
                assert_eq!(read.digest, catalogue.digest());
                assert_eq!(read.files.len() + 1, files.len());
                serde_json::to_value(&read).unwrap()
            }
        };
        assert!(whole == again, "{} reads back as something else", file.path);
    }
    let by_id = |cases: &[gauntlet_vectors::Case]| {
        cases.iter().map(|case| (case.id.clone(), case.clone())).collect::<BTreeMap<_, _>>()
    };
    assert!(by_id(&recipes) == by_id(catalogue.cases()), "recipes are not the catalogue");
    let ids: BTreeSet<_> = resolved.iter().map(|case| &case.id).collect();
    assert_eq!(ids.len(), catalogue.cases().len());
}

#[test]
fn tokens_are_those_that_verifiers_are_shown() {
    let catalogue = Catalogue::build();
    for case in catalogue.cases() {
        let resolved = export::ResolvedCase::of(case, &Env::fixed()).unwrap();
        let env = Env::fixed().at(resolved.now);
        let shown: Vec<_> = resolved
            .steps
            .iter()
            .flat_map(|step| match step {
                ResolvedStep::Verify(token) => vec![token],
                ResolvedStep::VerifyAll { tokens } => tokens.iter().collect(),
                // The first of them is of number 0, as it is in this environment.
                ResolvedStep::VerifyMany { tokens, .. } => tokens.iter().take(1).collect(),
                ResolvedStep::Within { shown, .. } => vec![shown],
                ResolvedStep::Advance { .. }
                | ResolvedStep::Publish { .. }
                | ResolvedStep::Fault { .. }
                | ResolvedStep::Mend { .. }
                | ResolvedStep::ExpectFetches { .. }
                | ResolvedStep::ExpectPrompt
                | ResolvedStep::Configure { .. }
                | ResolvedStep::ExpectQuiet { .. }
                | ResolvedStep::ExpectCost { .. } => Vec::new(),
            })
            .collect();
        assert_eq!(shown.len(), case.timeline.presentations().count(), "{}", case.id);
        for (token, presentation) in shown.iter().zip(case.timeline.presentations()) {
            let detached =
                presentation.detached_payload.as_ref().map(|payload| payload.0.as_slice());
            let forged = gauntlet_vectors::forge::forge(
                &presentation.token,
                presentation.mode,
                detached,
                &env,
            )
            .unwrap()
            .presented;
            match (&token.token, &token.token_b64) {
                (Some(text), None) => assert!(text.whole().as_bytes() == forged.token),
                (None, Some(text)) => assert!(*text == Text::base64(&forged.token)),
                (Some(_), Some(_)) | (None, None) => panic!("{} has no token", case.id),
            }
            assert_eq!(token.permitted.len(), presentation.permitted.behaviours().len());
        }
    }
}

#[test]
fn differences_are_told_by_file_and_case() {
    let files = exported();
    let mut found: BTreeMap<String, Vec<u8>> =
        files.iter().map(|file| (file.path.clone(), file.contents.clone())).collect();
    assert_eq!(export::differences(&files, &found), []);

    let honest = String::from_utf8(found.remove("resolved/honest.json").unwrap()).unwrap();
    let changed = honest
        .replace("honest/es256\",\"title\":\"", "honest/es256\",\"title\":\"always ")
        .replace("\"honest/rs256\",\"title", "\"honest/rs2560\",\"title");
    found.insert("resolved/honest.json".to_owned(), changed.into_bytes());
    found.remove("recipes/header.json");
    found.insert("recipes/of-yesterday.json".to_owned(), Vec::new());
    let told: Vec<String> =
        export::differences(&files, &found).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "resolved/honest.json: lacks honest/rs256; has besides honest/rs2560; differs in honest/es256",
            "recipes/header.json: is missing",
            "recipes/of-yesterday.json: is no part of the export",
        ]
    );
    found.insert("resolved/honest.json".to_owned(), (honest + "\n").into_bytes());
    assert!(matches!(
        export::differences(&files, &found).as_slice(),
        [Difference::Changed { new, gone, changed, .. }, ..]
            if new.is_empty() && gone.is_empty() && changed.is_empty()
    ));
}
