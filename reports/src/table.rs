//! The summary by family and verifier.

use gauntlet_vectors::judge::Outcome;

use crate::record::{Record, Totals};

/// Outcomes by family and verifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The verifiers' ids, in the record's order.
    pub verifiers: Vec<String>,
    /// The families in catalogue order, each with one cell a verifier.
    pub rows: Vec<(String, Vec<Totals>)>,
    /// One cell a verifier, over all families.
    pub totals: Vec<Totals>,
}

impl Table {
    /// Summarises a record.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let verifiers: Vec<String> =
            record.verifiers.iter().map(|entry| entry.id.clone()).collect();
        let mut families: Vec<&str> = Vec::new();
        for result in &record.results {
            if !families.contains(&result.family.as_str()) {
                families.push(&result.family);
            }
        }
        let cell = |family: Option<&str>, verifier: &str| {
            Totals::of(record.results.iter().filter(|result| {
                result.verifier == verifier && family.is_none_or(|family| result.family == family)
            }))
        };
        Self {
            rows: families
                .iter()
                .map(|family| {
                    let cells = verifiers.iter().map(|id| cell(Some(family), id)).collect();
                    ((*family).to_owned(), cells)
                })
                .collect(),
            totals: verifiers.iter().map(|id| cell(None, id)).collect(),
            verifiers,
        }
    }
}

/// A cell in words: what there is of each outcome, best first, and nothing of what there is none.
#[must_use]
pub fn cell_text(totals: &Totals) -> String {
    let parts: Vec<String> = Outcome::ALL
        .iter()
        .filter(|outcome| totals.count(**outcome) > 0)
        .map(|outcome| format!("{} {outcome}", totals.count(*outcome)))
        .collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(", ") }
}
