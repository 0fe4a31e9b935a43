//! What every writer makes of three records: the same bytes each time, nothing that acts, and no word that claims
//! more than was seen.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic in a test is its failure report; helpers of tests are not known as tests to clippy"
)]

mod records;

use std::collections::BTreeSet;

use gauntlet_reports::{
    Record, WRITERS, Writer,
    compliance::{State, assess},
    finding::{Standing, findings},
    read::{JoinError, ReadError},
    record::OutcomeName,
};
use records::HOSTILE;

fn written(writer: &Writer, record: &Record) -> String {
    let mut bytes = Vec::new();
    (writer.write)(record, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn all() -> [(&'static str, Record); 3] {
    [
        ("clean", records::clean()),
        ("findings", records::findings()),
        ("hostile", records::hostile()),
    ]
}

#[test]
fn every_format_of_every_record_is_as_it_was() {
    for (name, record) in all() {
        for writer in WRITERS {
            insta::assert_snapshot!(format!("{name}-{}", writer.name), written(writer, &record));
        }
    }
}

#[test]
fn the_same_record_gives_the_same_bytes_also_when_it_was_read_back() {
    for (name, record) in all() {
        let json = written(Writer::named("json").unwrap(), &record);
        let again = Record::read(&json).unwrap();
        assert!(again == record, "{name}");
        for writer in WRITERS {
            let same = written(writer, &again) == written(writer, &record);
            assert!(same, "{name} {}", writer.name);
        }
    }
}

#[test]
fn lines_read_back_are_the_record() {
    for (name, record) in all() {
        let lines = written(Writer::named("jsonl").unwrap(), &record);
        // Without what differs: that would be two whole records.
        assert!(Record::read(&lines).unwrap() == record, "{name}");
    }
}

#[test]
fn no_format_holds_a_character_that_acts() {
    let record = records::hostile();
    for writer in WRITERS {
        // JSON escapes controls, and whoever reads it has the text as it was said.
        if matches!(writer.name, "json" | "jsonl" | "intoto") {
            continue;
        }
        let text = written(writer, &record);
        let acting: BTreeSet<char> = text
            .chars()
            .filter(|c| {
                (c.is_control() && *c != '\n')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ffff}')
            })
            .collect();
        assert!(acting.is_empty(), "{}: {acting:?}", writer.name);
    }
}

#[test]
fn no_format_claims_more_than_was_seen() {
    for (name, record) in [("clean", records::clean()), ("findings", records::findings())] {
        for writer in WRITERS {
            let text = written(writer, &record).to_lowercase();
            for claim in
                ["compliant", "conformant", "certified", "grade", "% of", "satisfied\"", "covered"]
            {
                let denied = text
                    .replace("not-satisfied\"", "")
                    .replace("never print 'compliant', 'covered'", "");
                assert!(!denied.contains(claim), "{name} {}: {claim}", writer.name);
            }
        }
    }
}

#[test]
fn the_states_of_controls_are_four_words() {
    let record = records::findings();
    let book = record.book().unwrap();
    let mut seen = BTreeSet::new();
    for assessment in assess(&record, &book) {
        for assessed in &assessment.controls {
            for (state, tally) in assessed.states().zip(&assessed.tallies) {
                assert!(State::WORDS.contains(&state.word()));
                assert_eq!(matches!(state, State::Contradicted { .. }), tally.contradicting > 0);
                seen.insert(state.word());
            }
        }
    }
    assert_eq!(seen, State::WORDS.iter().copied().collect(), "each of them is there");

    let clean = records::clean();
    let states: Vec<State> = assess(&clean, &book)
        .iter()
        .flat_map(|assessment| {
            assessment.controls.iter().flat_map(|c| c.states().collect::<Vec<_>>())
        })
        .collect();
    assert!(states.iter().any(|state| matches!(state, State::NoContradictingEvidence { .. })));
    assert!(!states.iter().any(|state| matches!(state, State::Contradicted { .. })));
}

#[test]
fn only_a_must_of_the_verifiers_own_contradicts_a_control() {
    for standing in Standing::ALL {
        let mut record = records::findings();
        record
            .results
            .retain(|result| !result.outcome.is_finding() || result.standing() == Some(*standing));
        let found = record.results.iter().filter(|result| result.outcome.is_finding()).count();
        assert!(found > 0, "the record has a finding that weighs as {standing}");
        let book = record.book().unwrap();
        let contradicted = assess(&record, &book).iter().any(|assessment| {
            let mut states = assessment.controls.iter().flat_map(|control| control.states());
            states.any(|state| matches!(state, State::Contradicted { .. }))
        });
        assert_eq!(contradicted, *standing == Standing::Must, "{standing}");
    }
}

#[test]
fn every_format_tells_what_weighs_less_from_a_must() {
    let record = records::findings();
    let told = findings(&record);
    let standings: BTreeSet<Standing> = told.iter().map(|finding| finding.standing).collect();
    assert_eq!(standings.len(), Standing::ALL.len(), "one of each");
    for writer in WRITERS {
        let text = written(writer, &record);
        // In the record, the lines and the statement it stands in members of their own; a badge counts the rest apart.
        if matches!(writer.name, "json" | "jsonl" | "intoto" | "badge") {
            continue;
        }
        for standing in Standing::ALL {
            assert!(text.contains(standing.word()), "{}: {standing}", writer.name);
        }
    }
}

#[test]
fn the_most_dangerous_finding_comes_first() {
    let record = records::findings();
    let severities: Vec<_> = findings(&record).iter().map(|f| f.result.severity()).collect();
    assert!(severities.is_sorted_by(|one, next| one >= next), "{severities:?}");
}

#[test]
fn a_fingerprint_outlives_a_release_and_tells_findings_apart() {
    let record = records::findings();
    let prints: BTreeSet<String> = findings(&record).iter().map(|f| f.fingerprint()).collect();
    assert_eq!(prints.len(), findings(&record).len());
    let mut newer = record.clone();
    for entry in &mut newer.verifiers {
        entry.id = entry.id.replace("@2.10.0", "@2.10.1");
    }
    for result in &mut newer.results {
        result.verifier = result.verifier.replace("@2.10.0", "@2.10.1");
    }
    let later: BTreeSet<String> = findings(&newer).iter().map(|f| f.fingerprint()).collect();
    assert_eq!(later, prints);
}

#[test]
fn a_replay_asks_what_the_run_asked() {
    let mut record = records::findings();
    record.command = [
        "gauntlet",
        "run",
        "--vectors",
        "own cases.json",
        "--jobs",
        "2",
        "--clock=wall",
        "--profile",
        "rfc9068",
    ]
    .map(str::to_owned)
    .to_vec();
    let all = findings(&record);
    let own = all.iter().find(|finding| finding.verifier.id.starts_with("cmd:")).unwrap();
    assert_eq!(
        own.replay(),
        "gauntlet replay unsecured/none --verifier 'cmd:python3 ci/adapter.py' --vectors 'own cases.json' \
         '--clock=wall' --profile rfc9068"
    );
}

#[test]
fn records_of_one_catalogue_stand_in_one_matrix() {
    let both = records::findings();
    let only = |at: usize| {
        let mut one = both.clone();
        one.verifiers = vec![both.verifiers[at].clone()];
        one.results.retain(|result| result.verifier == both.verifiers[at].id);
        one.totals = gauntlet_reports::record::Totals::of(&one.results);
        one
    };
    let joined = Record::join(vec![only(0), only(1)]).unwrap();
    assert_eq!(joined.runs.len(), 2);
    assert_eq!(joined.verifiers, both.verifiers);
    assert_eq!(joined.totals, both.totals);
    let cells = |record: &Record| -> BTreeSet<(String, String)> {
        record.results.iter().map(|r| (r.case.clone(), r.verifier.clone())).collect()
    };
    assert_eq!(cells(&joined), cells(&both));

    assert!(matches!(Record::join(vec![only(0), only(0)]), Err(JoinError::Twice { place: 2, .. })));
    let other = Record { profile: "rfc9068".to_owned(), ..only(1) };
    assert!(matches!(
        Record::join(vec![only(0), other]),
        Err(JoinError::Differs { what: "profile", .. })
    ));
    assert_eq!(Record::join(Vec::new()), Err(JoinError::Nothing));
}

#[test]
fn what_is_no_record_is_told_with_its_place() {
    let json = written(Writer::named("json").unwrap(), &records::findings());
    let told = |text: &str| Record::read(text).unwrap_err().to_string();
    assert!(told("").contains("it is empty"));
    assert!(told("[1").contains("line 1"), "{}", told("[1"));
    assert!(told(&json.replacen("\"pass\"", "\"passed\"", 1)).contains("at line "));
    assert!(
        told(&json.replacen("\"format_version\": 1", "\"format_version\": 2", 1))
            .contains("has format version 2")
    );
    assert!(
        told(&json.replacen("\"verifier\": \"pyjwt@2.10.0\"", "\"verifier\": \"x\"", 1))
            .contains("no verifier of it")
    );
    let (cases, results) = json.split_once("\"results\": [").unwrap();
    let dire = results.replacen("\"severity\": \"high\"", "\"severity\": \"dire\"", 1);
    assert!(told(&format!("{cases}\"results\": [{dire}")).contains("read `dire`"));
    let lines = written(Writer::named("jsonl").unwrap(), &records::findings());
    let broken = lines.replacen("{\"event\":\"outcome\"", "{\"event\":\"result\"", 1);
    assert!(matches!(Record::read(&broken), Err(ReadError::Line { .. })));
    let cut = &lines[..lines.len() - 20];
    assert!(!Record::read(cut).unwrap().complete, "a run that was killed has a report");
}

#[test]
fn hostile_text_is_kept_where_it_is_evidence() {
    let record = records::hostile();
    let page = written(Writer::named("html").unwrap(), &record);
    assert!(!page.contains("<script>window"));
    assert!(page.contains("&lt;script&gt;window.__owned=1"), "it is shown, and shown as text");
    assert!(HOSTILE.contains("<script>"));
}

#[test]
fn counts_in_junit_are_those_of_the_record() {
    let record = records::findings();
    let xml = written(Writer::named("junit").unwrap(), &record);
    let head = xml.lines().nth(1).unwrap();
    let count = |outcomes: &[OutcomeName]| {
        record.results.iter().filter(|r| outcomes.contains(&r.outcome) && !r.known).count()
    };
    let failures = count(&[OutcomeName::Fail, OutcomeName::Hang, OutcomeName::Crash]);
    assert!(head.contains(&format!("tests=\"{}\"", record.results.len())), "{head}");
    assert!(head.contains(&format!("failures=\"{failures}\"")), "{head}");
}
