//! A record as large as a comparison of many libraries gets.

use gauntlet_reports::{
    Record,
    record::{CaseResult, OutcomeName, Totals},
};
use gauntlet_vectors::{Case, Catalogue};

use crate::records;

/// One in so many results of a verifier is a finding: about two hundred where there are three thousand.
const ONE_IN: usize = 15;

/// As many verifiers and cases as that. The cases are those of the catalogue, and again under other names where they
/// do not suffice; each verifier has findings of its own, with the evidence of those in the small record.
pub(crate) fn of(verifiers: usize, cases: usize) -> Record {
    let mut record = records::findings();
    let (found, met): (Vec<_>, Vec<_>) =
        record.results.drain(..).partition(|result| result.outcome.is_finding());
    let met = met.into_iter().find(|result| result.outcome == OutcomeName::Pass).unwrap();
    let entry = record.verifiers.swap_remove(0);
    record.verifiers = (0..verifiers)
        .map(|number| {
            let mut own = entry.clone();
            own.id = format!("library-{number}@1.{number}.0");
            own.name = format!("Library {number}");
            own
        })
        .collect();
    let catalogue = Catalogue::build();
    record.cases = (0..cases).map(|number| case(catalogue.cases(), number)).collect();
    for (number, case) in record.cases.iter().enumerate() {
        for (column, entry) in record.verifiers.iter().enumerate() {
            // Two cases in three are met by everybody, as most are; the others are found in one verifier of a few.
            let template = match (number % 3, (number / 3 * 7 + column * 4) % (ONE_IN / 3)) {
                (0, 0) => &found[(number + column) % found.len()],
                (_, _) => &met,
            };
            record.results.push(CaseResult {
                case: case.id.to_string(),
                verifier: entry.id.clone(),
                family: case.id.family().to_owned(),
                title: case.title.clone(),
                category: case.category.word().to_owned(),
                clauses: case.clauses.iter().map(ToString::to_string).collect(),
                level: case.level.word().to_owned(),
                basis: case.basis.word().to_owned(),
                severity: case.severity.word().to_owned(),
                twin: case.twin.as_ref().map(ToString::to_string),
                ..template.clone()
            });
        }
    }
    record.totals = Totals::of(&record.results);
    record
}

fn case(all: &[Case], number: usize) -> Case {
    let mut case = all[number % all.len()].clone();
    if number >= all.len() {
        case.id = format!("{}-{}", case.id, number / all.len()).parse().unwrap();
    }
    case
}
