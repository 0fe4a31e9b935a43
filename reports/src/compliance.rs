//! What a run says of published controls, and what it does not.
//!
//! A failed case can contradict a control; passed ones never show that it is met. Therefore there are four
//! words for a control's state and no others ([`State`]), and no format can print a fifth: they all print these.

use std::{collections::HashMap, fmt};

use gauntlet_vectors::{
    case::Category,
    controls::{Book, Control, Framework, Strength},
};

use crate::{
    finding::Standing,
    record::{CaseResult, OutcomeName, Record, VerifierEntry},
};

/// What a run says of a control for one verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// A case that speaks to it has a finding that weighs as a MUST of the verifier's own.
    Contradicted {
        /// How many do.
        cases: u64,
    },
    /// Every case of the catalogue that speaks to it was asked, and each was met.
    NoContradictingEvidence {
        /// How many of them speak to it directly.
        direct: u64,
        /// How many of them support it.
        supporting: u64,
    },
    /// Some were met, and others were not asked, stayed open, or have a finding that contradicts nothing: a
    /// recommendation, an unconfirmed one, an adapter's.
    PartiallyExercised {
        /// How many were met.
        met: u64,
        /// How many there are in the catalogue.
        of: u64,
    },
    /// No case speaks to it, or none that does was met or not met.
    NotEvidenced,
}

impl State {
    /// The words, without numbers.
    pub const WORDS: &'static [&'static str] =
        &["contradicted", "no contradicting evidence", "partially exercised", "not evidenced"];

    /// Its words, without numbers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contradicted { .. } => "contradicted",
            Self::NoContradictingEvidence { .. } => "no contradicting evidence",
            Self::PartiallyExercised { .. } => "partially exercised",
            Self::NotEvidenced => "not evidenced",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word();
        match self {
            Self::Contradicted { cases: 1 } => write!(f, "{word} (1 case)"),
            Self::Contradicted { cases } => write!(f, "{word} ({cases} cases)"),
            Self::NoContradictingEvidence { direct, supporting: 0 } => {
                write!(f, "{word} ({direct} direct)")
            }
            Self::NoContradictingEvidence { direct: 0, supporting } => {
                write!(f, "{word} ({supporting} supporting only)")
            }
            Self::NoContradictingEvidence { direct, supporting } => {
                write!(f, "{word} ({direct} direct, {supporting} supporting)")
            }
            Self::PartiallyExercised { met, of } => write!(f, "{word} ({met} of {of} cases met)"),
            Self::NotEvidenced => f.write_str(word),
        }
    }
}

/// What became of the cases that speak to a control, or of some other set of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Demands that were met.
    pub met: u64,
    /// Of those, the ones that speak to it directly.
    pub met_directly: u64,
    /// Findings that weigh as a MUST of the verifier's own.
    pub contradicting: u64,
    /// Recommendations that were not followed.
    pub should: u64,
    /// Crashes and hangs where either verdict was permitted.
    pub no_answer: u64,
    /// Findings that nobody reproduced without the adapter.
    pub unconfirmed: u64,
    /// Findings that hang on a part that the adapter supplies.
    pub by_adapter: u64,
    /// Choices, which speak neither way.
    pub choices: u64,
    /// Cases that could not be asked.
    pub skipped: u64,
    /// Cases that were asked and stayed open.
    pub open: u64,
    /// Cases of the catalogue, whether or not they were selected.
    pub in_catalogue: u64,
}

impl Tally {
    fn add(&mut self, result: &CaseResult, strength: Strength) {
        let counter = match result.outcome {
            OutcomeName::Pass => {
                self.met_directly += u64::from(strength == Strength::Direct);
                &mut self.met
            }
            OutcomeName::Info => &mut self.choices,
            OutcomeName::Skip => &mut self.skipped,
            OutcomeName::Inconclusive | OutcomeName::Error => &mut self.open,
            OutcomeName::Fail | OutcomeName::Hang | OutcomeName::Crash => match result.standing() {
                Some(Standing::Must) | None => &mut self.contradicting,
                Some(Standing::Should) => &mut self.should,
                Some(Standing::NoAnswer) => &mut self.no_answer,
                Some(Standing::Unconfirmed) => &mut self.unconfirmed,
                Some(Standing::Adapter) => &mut self.by_adapter,
            },
        };
        *counter += 1;
    }

    /// How many cases were selected.
    #[must_use]
    pub fn selected(&self) -> u64 {
        self.asked() + self.skipped
    }

    /// How many were asked.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.met + self.choices + self.open + self.findings()
    }

    /// How many have a finding, whatever it weighs.
    #[must_use]
    pub fn findings(&self) -> u64 {
        self.contradicting + self.should + self.no_answer + self.unconfirmed + self.by_adapter
    }

    /// What may be said.
    #[must_use]
    pub fn state(&self) -> State {
        if self.contradicting > 0 {
            return State::Contradicted { cases: self.contradicting };
        }
        if self.met + self.findings() == 0 {
            return State::NotEvidenced;
        }
        let of = self.in_catalogue.max(self.selected());
        if self.met + self.choices == of {
            return State::NoContradictingEvidence {
                direct: self.met_directly,
                supporting: self.met - self.met_directly,
            };
        }
        State::PartiallyExercised { met: self.met, of }
    }
}

/// What a run says of a framework's controls.
#[derive(Debug, Clone)]
pub struct Assessment<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// Its controls, in its order.
    pub controls: Vec<Assessed<'a>>,
}

/// What a run says of one control.
#[derive(Debug, Clone)]
pub struct Assessed<'a> {
    /// The control.
    pub control: &'a Control,
    /// The strongest that any case can say of it.
    pub strength: Strength,
    /// The categories whose cases speak to it, in declared order, each with how strongly.
    pub categories: Vec<(Category, Strength)>,
    /// What was seen, for each verifier of the record.
    pub tallies: Vec<Tally>,
}

impl Assessed<'_> {
    /// What may be said, for each verifier of the record.
    pub fn states(&self) -> impl Iterator<Item = State> {
        self.tallies.iter().map(Tally::state)
    }
}

/// What a record says of every framework of the book whose items have strengths, in the book's order.
#[must_use]
pub fn assess<'a>(record: &'a Record, book: &'a Book) -> Vec<Assessment<'a>> {
    let seen = Seen::of(record, book);
    // Weaknesses have no strength; they stand on the findings themselves.
    let with_mappings = book.frameworks().iter().filter(|framework| !framework.mappings.is_empty());
    with_mappings.map(|framework| seen.assess(framework)).collect()
}

/// Results by category and verifier.
struct Seen<'a> {
    record: &'a Record,
    book: &'a Book,
    results: HashMap<(Category, &'a str), Vec<&'a CaseResult>>,
}

impl<'a> Seen<'a> {
    fn of(record: &'a Record, book: &'a Book) -> Self {
        let mut results: HashMap<_, Vec<_>> = HashMap::new();
        for result in &record.results {
            let Some(category) = result.category() else { continue };
            results.entry((category, result.verifier.as_str())).or_default().push(result);
        }
        Self { record, book, results }
    }

    fn assess(&self, framework: &'a Framework) -> Assessment<'a> {
        let controls = framework.controls.iter().map(|control| {
            let categories: Vec<(Category, Strength)> =
                self.book.speaking(framework, control).collect();
            Assessed {
                control,
                strength: self.book.strength(framework, control),
                tallies: self
                    .record
                    .verifiers
                    .iter()
                    .map(|verifier| self.tally(verifier, &categories))
                    .collect(),
                categories,
            }
        });
        Assessment { framework, controls: controls.collect() }
    }

    fn tally(&self, verifier: &VerifierEntry, categories: &[(Category, Strength)]) -> Tally {
        let mut tally = Tally::default();
        for (category, strength) in categories {
            let counts = &self.record.catalogue.categories;
            tally.in_catalogue += counts.get(category.word()).copied().unwrap_or_default();
            let own = self.results.get(&(*category, verifier.id.as_str()));
            for result in own.into_iter().flatten() {
                tally.add(result, *strength);
            }
        }
        tally
    }
}
