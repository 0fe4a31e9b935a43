//! Findings as every report tells them: ordered, and each with what may be said of it.
//!
//! What stands here is said the same way in every format, so that a build server, a scanner's dashboard and a
//! printed page do not disagree on what was found.

use std::{cmp::Reverse, collections::HashMap, fmt};

use gauntlet_vectors::{
    Case, CaseId,
    case::{Category, Level, Severity},
    judge::Impact,
    precedents::{Precedent, precedents_for},
};
use sha2::{Digest, Sha256};

use crate::record::{
    Attribution, CaseResult, Cause, ImpactName, OutcomeName, Record, VerifierEntry,
};

/// How much a finding weighs against the verifier, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// A MUST was not met, and nothing speaks against its being the library's.
    Must,
    /// A SHOULD was not met.
    Should,
    /// No rule says which verdict is right, and there was none: it crashed or hung.
    NoAnswer,
    /// A library of the lab has it, and nobody reproduced it without the adapter.
    Unconfirmed,
    /// It hangs on a part that the adapter supplies.
    Adapter,
}

impl Standing {
    /// Every standing, strongest first.
    pub const ALL: &'static [Self] =
        &[Self::Must, Self::Should, Self::NoAnswer, Self::Unconfirmed, Self::Adapter];

    /// Its word in every format.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::NoAnswer => "no answer",
            Self::Unconfirmed => "unconfirmed",
            Self::Adapter => "adapter",
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Must => "A requirement was not met.",
            Self::Should => "A recommendation was not followed; there may be reasons.",
            Self::NoAnswer => {
                "Either verdict was permitted, and there was none: it crashed, or gave no answer in time."
            }
            Self::Unconfirmed => {
                "It was seen through an adapter of the harness, and nobody has reproduced it without: it may be the \
                 library's, the adapter's, or the harness's."
            }
            Self::Adapter => {
                "It hangs on a part that the adapter supplies and the library does not have: it says nothing of the \
                 library."
            }
        }
    }

    fn of(result: &CaseResult) -> Self {
        if result.attributed_to == Attribution::Adapter {
            return Self::Adapter;
        }
        if result.cause == Some(Cause::Unconfirmed) {
            return Self::Unconfirmed;
        }
        match result.level() {
            Level::Must => Self::Must,
            Level::Should => Self::Should,
            Level::May => Self::NoAnswer,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One finding of one verifier.
#[derive(Debug, Clone, Copy)]
pub struct Finding<'a> {
    /// The record that holds it.
    pub record: &'a Record,
    /// What was found.
    pub result: &'a CaseResult,
    /// In whom.
    pub verifier: &'a VerifierEntry,
    /// What was asked; none in records that were cut short by hand.
    pub case: Option<&'a Case>,
    /// How much it weighs.
    pub standing: Standing,
}

/// Every finding, most dangerous first; equal ones as they stand in the record.
#[must_use]
pub fn findings(record: &Record) -> Vec<Finding<'_>> {
    let cases: HashMap<&str, &Case> =
        record.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let verifiers: HashMap<&str, &VerifierEntry> =
        record.verifiers.iter().map(|entry| (entry.id.as_str(), entry)).collect();
    let mut all: Vec<Finding<'_>> = record
        .results
        .iter()
        .filter(|result| result.outcome.is_finding())
        .filter_map(|result| {
            Some(Finding {
                record,
                result,
                verifier: verifiers.get(result.verifier.as_str())?,
                case: cases.get(result.case.as_str()).copied(),
                standing: Standing::of(result),
            })
        })
        .collect();
    all.sort_by_key(|finding| {
        (Reverse(finding.result.severity()), finding.standing, danger(finding.result))
    });
    all
}

/// Which of two findings of one severity is told first.
fn danger(result: &CaseResult) -> u8 {
    match result.impact.map(Impact::from) {
        Some(Impact::Bypass) => 0,
        Some(Impact::Leak) => 1,
        Some(Impact::Crash) => 2,
        Some(Impact::Hang) => 3,
        Some(Impact::Availability) => 4,
        Some(Impact::Budget) => 5,
        Some(Impact::Denial) => 6,
        None => 7,
    }
}

impl<'a> Finding<'a> {
    /// The finding's title: what a conforming verifier does, and this one does not.
    #[must_use]
    pub fn title(&self) -> &'a str {
        &self.result.title
    }

    /// What was seen, in plain words.
    #[must_use]
    pub fn seen(&self) -> &'static str {
        let result = self.result;
        let must_refuse = result.permitted.iter().all(|word| word == "reject");
        match (result.outcome, result.impact.map(Impact::from)) {
            (OutcomeName::Crash, _) => "died, or let an exception out, where a verdict was due",
            (OutcomeName::Hang, _) => "gave no answer in time",
            (_, Some(Impact::Leak)) => "connected to a server that only the token named",
            (_, Some(Impact::Budget)) => "spent more than was allowed",
            (_, Some(Impact::Availability)) => {
                "refused honest tokens during an outage it should have bridged"
            }
            (_, Some(Impact::Denial)) => "refused what has to be accepted",
            (_, Some(Impact::Bypass)) if must_refuse => "accepted what has to be refused",
            (_, Some(Impact::Bypass)) => "believed what was not signed, or not for it",
            (_, Some(Impact::Crash | Impact::Hang) | None) => "did what was not permitted",
        }
    }

    /// What follows from what was seen, as the case tells it; none where something else was seen than what the case is
    /// about: a verifier that dies of an unsecured token has not accepted it.
    #[must_use]
    pub fn consequence(&self) -> Option<&'a str> {
        let case = self.case?;
        let is_of_the_case = match self.result.impact.map(Impact::from) {
            Some(Impact::Crash | Impact::Hang) => case.is_choice(),
            // In a case of one token that must be refused: afterwards, honest ones were.
            Some(Impact::Denial) => case.is_served() || !case.demands_refusal(),
            Some(Impact::Bypass | Impact::Availability | Impact::Budget | Impact::Leak) | None => {
                true
            }
        };
        is_of_the_case.then_some(case.story.consequence.as_str())
    }

    /// The weaknesses of its case, as `CWE-347`.
    #[must_use]
    pub fn weaknesses(&self) -> Vec<String> {
        let numbers = self.case.map(|case| case.cwe.as_slice()).unwrap_or_default();
        numbers.iter().map(|number| format!("CWE-{number}")).collect()
    }

    /// The same finding has the same fingerprint in any run: SHA-256 over case, verifier's name and impact.
    ///
    /// The verifier's version is no part of it, so that a finding stays the same one when the library is updated.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let impact = self.result.impact.map_or("", impact_word);
        let mut hash = Sha256::new();
        for part in [&self.result.case, self.verifier_name(), impact] {
            // With its length in front, so that no two lists of parts read alike.
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// The spec without its version.
    fn verifier_name(&self) -> &'a str {
        let id = self.verifier.id.as_str();
        match id.split_once('@') {
            Some((name, _)) if !id.contains(':') => name,
            Some(_) | None => id,
        }
    }

    /// The severity as code scanning wants it: a score between 0 and 10, in the bands of CVSS v3.
    ///
    /// It is made of our severity alone, and is no CVSS score: nobody knows here what the verifier protects.
    #[must_use]
    pub fn security_severity(&self) -> &'static str {
        match self.result.severity() {
            Severity::Critical => "9.5",
            Severity::High => "8.0",
            Severity::Medium => "5.5",
            Severity::Low => "3.0",
            Severity::Info => "0.0",
        }
    }

    /// The command that shows it again, byte by byte.
    #[must_use]
    pub fn replay(&self) -> String {
        let mut words = vec!["gauntlet".to_owned(), "replay".to_owned(), self.result.case.clone()];
        words.extend(["--verifier".to_owned(), self.verifier.id.clone()]);
        words.extend(carried_over(&self.run_command()));
        shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| {
            // A NUL, which no command line can hold: whoever put it there replays it otherwise.
            format!("gauntlet replay {}", self.result.case)
        })
    }

    /// The command of the run that the verifier was part of.
    fn run_command(&self) -> Vec<String> {
        let runs = &self.record.runs;
        let own = runs.iter().find(|run| run.verifiers.contains(&self.verifier.id));
        own.map_or_else(|| self.record.command.clone(), |run| run.command.clone())
    }

    /// Where there is no other, a twin by its id alone.
    #[must_use]
    pub fn twin(&self) -> Option<&'a Case> {
        let id: CaseId = self.result.twin.as_deref()?.parse().ok()?;
        self.record.cases.iter().find(|case| case.id == id)
    }

    /// The published vulnerabilities that its case looks for, oldest first: what others had, and not what this
    /// verifier is said to have.
    #[must_use]
    pub fn precedents(&self) -> Vec<&'static Precedent> {
        self.case.map(|case| precedents_for(&case.id)).unwrap_or_default()
    }

    /// The cause that was reproduced without the adapter.
    #[must_use]
    pub fn confirmed_cause(&self) -> Option<&'a str> {
        match &self.result.cause {
            Some(Cause::Confirmed(name)) => Some(name),
            Some(Cause::Unconfirmed) | None => None,
        }
    }

    /// What else has to be known before it is believed.
    #[must_use]
    pub fn caveats(&self) -> Vec<&'static str> {
        let mut caveats = Vec::new();
        match self.standing {
            Standing::Must => {}
            standing @ (Standing::Should
            | Standing::NoAnswer
            | Standing::Unconfirmed
            | Standing::Adapter) => caveats.push(standing.meaning()),
        }
        if self.result.flaky {
            caveats.push(
                "Flaky: a second try in a fresh process went otherwise; the worse of the two is told.",
            );
        }
        if self.result.order_dependent {
            caveats.push("It depends on which cases were asked before.");
        }
        if self.result.known {
            caveats.push("It is in the file of known findings.");
        }
        caveats
    }
}

/// Options of a run that `replay` needs as well, to ask the same.
fn carried_over(command: &[String]) -> Vec<String> {
    const WITH_VALUE: &[&str] =
        &["--vectors", "--clock", "--seed", "--profile", "--lab", "--deadline"];
    let mut words = Vec::new();
    let mut rest = command.iter().skip(1);
    while let Some(word) = rest.next() {
        let is_joined = WITH_VALUE
            .iter()
            .any(|name| word.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
        if is_joined {
            words.push(word.clone());
        } else if WITH_VALUE.contains(&word.as_str())
            && let Some(value) = rest.next()
        {
            words.extend([word.clone(), value.clone()]);
        }
    }
    words
}

/// What had a published vulnerability, with where it is published: `jose`, `jsonwebtoken` and others are names of
/// different libraries in different places, and nobody is to be taken for his namesake.
#[must_use]
pub fn product(precedent: &Precedent) -> String {
    format!("{} on {}", precedent.product, precedent.ecosystem)
}

/// An impact's word, as the record spells it.
#[must_use]
pub fn impact_word(impact: ImpactName) -> &'static str {
    Impact::from(impact).word()
}

impl CaseResult {
    /// How strongly it was asked; what no level is, counts as the strongest.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level.parse().unwrap_or(Level::Must)
    }

    /// How bad it is; what no severity is, counts as the worst.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity.parse().unwrap_or(Severity::Critical)
    }

    /// What kind of failure its case looks for; none for a word of another version.
    #[must_use]
    pub fn category(&self) -> Option<Category> {
        self.category.parse().ok()
    }

    /// How much it weighs; none for what is no finding.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        self.outcome.is_finding().then(|| Standing::of(self))
    }
}
