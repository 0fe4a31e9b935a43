//! The summary by family and verifier.

use std::collections::HashMap;

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
        let place: HashMap<&str, usize> =
            verifiers.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        let empty = || vec![Totals::of([]); verifiers.len()];
        let mut rows: Vec<(String, Vec<Totals>)> = Vec::new();
        let mut row_of: HashMap<&str, usize> = HashMap::new();
        let mut totals = empty();
        // Once through the results: a matrix has ninety thousand of them and a thousand cells.
        for result in &record.results {
            let Some(column) = place.get(result.verifier.as_str()) else { continue };
            let row = *row_of.entry(&result.family).or_insert_with(|| {
                rows.push((result.family.clone(), empty()));
                rows.len() - 1
            });
            let cell = rows.get_mut(row).and_then(|(_, cells)| cells.get_mut(*column));
            for totals in cell.into_iter().chain(totals.get_mut(*column)) {
                totals.add(result.outcome);
            }
        }
        Self { verifiers, rows, totals }
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
