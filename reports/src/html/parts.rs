//! The small parts that every section is made of.

use gauntlet_vectors::case::{Category, Severity};
use maud::{Markup, html};

use crate::{
    exhibit::readable,
    finding::Standing,
    record::{CaseResult, OutcomeName, VerifierEntry},
};

/// How many octets of a text that somebody else wrote are shown.
const SHOWN: usize = 700;

/// A text that somebody else wrote, bounded, with everything in it to be seen. What the page does with it is
/// escape it once more.
pub(super) fn shown(text: &str) -> String {
    readable::abridged(text, SHOWN)
}

/// The beginning of a text, for where there is little room; the whole stands elsewhere.
pub(super) fn clipped(text: &str, letters: usize) -> String {
    let text = shown(text);
    if text.chars().count() <= letters {
        return text;
    }
    text.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

/// A sentence of a case, with what stands between backticks as code.
pub(super) fn prose(text: &str) -> Markup {
    let text = readable::abridged(text, 4 * SHOWN);
    let parts: Vec<&str> = text.split('`').collect();
    let is_paired = parts.len() % 2 == 1;
    html! {
        @if is_paired {
            @for (at, part) in parts.iter().enumerate() {
                @if at % 2 == 1 { code { (part) } } @else { (part) }
            }
        } @else {
            (text)
        }
    }
}

/// The same as a sentence of its own.
pub(super) fn sentence(text: &str) -> Markup {
    let mut letters = text.chars();
    let capital: String = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default();
    let stop = if capital.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    prose(&format!("{capital}{stop}"))
}

/// A number with its thousands apart.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of something.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// A length as a number for people and counts.
pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// How bad it is.
pub(super) fn severity(severity: Severity) -> Markup {
    html! { span class={ "tag " (severity.word()) } { (severity.word()) } }
}

/// How much it weighs.
pub(super) fn standing(standing: Standing) -> Markup {
    let class = if standing == Standing::Must { "tag st must" } else { "tag st" };
    html! { span class=(class) { (standing.word()) } }
}

/// A verifier's name for people.
pub(super) fn name(verifier: &VerifierEntry) -> String {
    let name = if verifier.name.is_empty() { &verifier.id } else { &verifier.name };
    if verifier.version.is_empty() {
        shown(name)
    } else {
        shown(&format!("{name} {}", verifier.version))
    }
}

/// What the filter knows of a case: which outcomes there are, the worst severity, the kind of failure, and
/// whether verifiers disagree.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    /// A letter for each sort of outcome.
    pub(super) outcomes: String,
    severity: usize,
    category: Option<Category>,
    pub(super) disagrees: bool,
}

impl Marks {
    pub(super) fn of<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> Self {
        let mut marks = Self::default();
        let mut verdict = None;
        for result in results {
            let sort = Sort::of(result);
            if !marks.outcomes.contains(sort.letter()) {
                marks.outcomes.push(sort.letter());
            }
            let severity = Severity::ALL.iter().position(|known| *known == result.severity());
            marks.severity = marks.severity.max(severity.unwrap_or_default());
            marks.category = marks.category.or(result.category());
            // Who was not asked disagrees with nobody.
            if sort != Sort::Skip {
                let own = (result.outcome.is_finding(), result.observed.as_deref());
                marks.disagrees |= verdict.is_some_and(|other| other != own);
                verdict = Some(own);
            }
        }
        marks
    }

    pub(super) fn severity(&self) -> String {
        self.severity.to_string()
    }

    pub(super) fn category(&self) -> String {
        self.category.map_or_else(String::new, category_index)
    }

    /// The attribute is there, or is not.
    pub(super) fn disagreement(&self) -> Option<&'static str> {
        self.disagrees.then_some("")
    }
}

/// A category's number on the page, which is shorter than its word and stands in every row.
pub(super) fn category_index(category: Category) -> String {
    let place = Category::ALL.iter().position(|known| *known == category);
    place.unwrap_or_default().to_string()
}

/// The sorts of outcomes that the matrix and the filter tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Finding(Standing, OutcomeName),
    Pass,
    Info,
    Skip,
    Open,
}

impl Sort {
    pub(super) fn of(result: &CaseResult) -> Self {
        if let Some(standing) = result.standing() {
            return Self::Finding(standing, result.outcome);
        }
        match result.outcome {
            OutcomeName::Pass => Self::Pass,
            OutcomeName::Info => Self::Info,
            OutcomeName::Skip => Self::Skip,
            OutcomeName::Inconclusive
            | OutcomeName::Error
            | OutcomeName::Fail
            | OutcomeName::Hang
            | OutcomeName::Crash => Self::Open,
        }
    }

    pub(super) const fn letter(self) -> char {
        match self {
            Self::Finding(standing, _) => standing_letter(standing),
            Self::Pass => 'p',
            Self::Info => 'i',
            Self::Skip => 'k',
            Self::Open => 'o',
        }
    }

    /// Its word in a cell: a MUST in capitals, so that it is found without its colour.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Finding(Standing::Must, OutcomeName::Crash) => "CRASH",
            Self::Finding(Standing::Must, OutcomeName::Hang) => "HANG",
            Self::Finding(Standing::Must, _) => "FAIL",
            Self::Finding(Standing::Should, _) => "should",
            Self::Finding(Standing::NoAnswer, OutcomeName::Hang) => "hang",
            Self::Finding(Standing::NoAnswer, _) => "crash",
            Self::Finding(Standing::Unconfirmed, _) => "unconf.",
            Self::Finding(Standing::Adapter, _) => "adapter",
            Self::Pass => "pass",
            Self::Info => "choice",
            Self::Skip => "skip",
            Self::Open => "open",
        }
    }

    /// Its class in a cell; none for what is mostly there, since a class in each of thousands of cells weighs.
    pub(super) const fn class(self) -> Option<&'static str> {
        match self {
            Self::Finding(Standing::Must, _) => Some("f"),
            Self::Finding(_, _) => Some("w"),
            Self::Pass => None,
            Self::Info | Self::Open => Some("i"),
            Self::Skip => Some("k"),
        }
    }
}

/// The letter by which the filter knows a standing.
pub(super) const fn standing_letter(standing: Standing) -> char {
    match standing {
        Standing::Must => 'm',
        Standing::Should => 's',
        Standing::NoAnswer => 'n',
        Standing::Unconfirmed => 'u',
        Standing::Adapter => 'a',
    }
}
