//! What the process's exit code says: an interface.

use gauntlet_reports::{
    Record,
    record::{CaseResult, OutcomeName},
};
use gauntlet_vectors::case::Severity;

/// The exit codes of `gauntlet`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// No finding at or above the threshold.
    Clean,
    /// Findings.
    Findings,
    /// Wrong usage or configuration.
    Usage,
    /// A verifier could not be driven, or cases stayed inconclusive without a finding that explains it.
    NotDriven,
    /// Nothing was judged.
    Nothing,
    /// A signal ended it.
    Interrupted,
}

impl Exit {
    /// The code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::NotDriven => 3,
            Self::Nothing => 5,
            Self::Interrupted => 130,
        }
    }

    /// What a record's run ends with; `fail_on` is the least severity that counts, none for never.
    ///
    /// With several verifiers, the first of 3, 1, 5 that applies to any of them.
    #[must_use]
    pub fn of(record: &Record, fail_on: Option<Severity>) -> Self {
        let of = |verifier: &str| {
            let results: Vec<&CaseResult> =
                record.results.iter().filter(|result| result.verifier == verifier).collect();
            of_one(record, &results, fail_on)
        };
        let exits: Vec<Self> = record.verifiers.iter().map(|entry| of(&entry.id)).collect();
        [Self::NotDriven, Self::Findings, Self::Nothing]
            .into_iter()
            .find(|exit| exits.contains(exit))
            .unwrap_or(if exits.is_empty() { Self::Nothing } else { Self::Clean })
    }
}

fn of_one(record: &Record, results: &[&CaseResult], fail_on: Option<Severity>) -> Exit {
    let not_driven = results.iter().any(|result| match result.outcome {
        OutcomeName::Error => true,
        OutcomeName::Inconclusive => !record.is_explained(result),
        OutcomeName::Pass
        | OutcomeName::Info
        | OutcomeName::Skip
        | OutcomeName::Fail
        | OutcomeName::Hang
        | OutcomeName::Crash => false,
    });
    if not_driven {
        return Exit::NotDriven;
    }
    let counts = |result: &CaseResult| {
        result.outcome.is_finding()
            && !result.known
            && fail_on.is_some_and(|least| result.severity() >= least)
    };
    if results.iter().any(|result| counts(result)) {
        return Exit::Findings;
    }
    if results.iter().all(|result| result.outcome == OutcomeName::Skip) {
        return Exit::Nothing;
    }
    Exit::Clean
}
