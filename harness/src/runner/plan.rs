//! Which cases are played, and why one is not.

use gauntlet_vectors::{
    Catalogue,
    case::{Case, Level, Severity},
    catalogue::FAMILIES,
    controls::{Book, ControlsError},
    timeline::{Spans, Step},
};
use glob::{Pattern, PatternError};

use crate::verifier::Description;

/// What of the catalogue is to be played; what is left empty selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Globs over ids; a case must match one.
    pub only: Vec<String>,
    /// Globs over ids; a case must match none.
    pub skip: Vec<String>,
    /// Families by name.
    pub families: Vec<String>,
    /// The least severity.
    pub severity: Option<Severity>,
    /// Levels.
    pub levels: Vec<Level>,
    /// Controls by their official ids; a case must map to one.
    pub controls: Vec<String>,
}

/// Why a selection selects nothing, or cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// A glob is malformed.
    #[error("read the glob `{glob}`")]
    Glob {
        /// The glob.
        glob: String,
        /// What is wrong with it.
        #[source]
        cause: PatternError,
    },
    /// No family has this name.
    #[error("find a family `{name}`; there are: {known}")]
    UnknownFamily {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// No control has this id.
    #[error("find the control `{control}`")]
    UnknownControl {
        /// The id.
        control: String,
        /// What is near.
        #[source]
        cause: Box<ControlsError>,
    },
    /// No case is left.
    #[error("find a case that is selected: {why}")]
    Nothing {
        /// Which option emptied the selection, as far as that can be told.
        why: String,
    },
}

impl Selection {
    /// The selected cases, in catalogue order; controls are those of this book.
    ///
    /// # Errors
    /// [`SelectionError`]; an empty selection is one.
    pub fn select<'a>(
        &self,
        catalogue: &'a Catalogue,
        book: &Book,
    ) -> Result<Vec<&'a Case>, SelectionError> {
        let only = globs(&self.only)?;
        let skip = globs(&self.skip)?;
        // A family may also come from a file of the user's.
        let known: Vec<&str> = FAMILIES
            .iter()
            .map(|family| family.name)
            .chain(catalogue.cases().iter().map(|case| case.id.family()))
            .collect();
        if let Some(name) = self.families.iter().find(|name| !known.contains(&name.as_str())) {
            let known: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
            return Err(SelectionError::UnknownFamily {
                name: name.clone(),
                known: known.join(", "),
            });
        }
        let mut categories = Vec::new();
        for control in &self.controls {
            categories.extend(book.categories_for(control).map_err(|cause| {
                SelectionError::UnknownControl { control: control.clone(), cause: Box::new(cause) }
            })?);
        }

        let selected: Vec<&Case> = catalogue
            .cases()
            .iter()
            .filter(|case| self.only.is_empty() || matches_any(&only, case))
            .filter(|case| !matches_any(&skip, case))
            .filter(|case| {
                self.families.is_empty()
                    || self.families.iter().any(|name| name == case.id.family())
            })
            .filter(|case| self.severity.is_none_or(|least| case.severity >= least))
            .filter(|case| self.levels.is_empty() || self.levels.contains(&case.level))
            .filter(|case| self.controls.is_empty() || categories.contains(&case.category))
            .collect();
        if selected.is_empty() {
            return Err(SelectionError::Nothing { why: self.why_nothing(catalogue, book) });
        }
        Ok(selected)
    }

    fn why_nothing(&self, catalogue: &Catalogue, book: &Book) -> String {
        let all = catalogue.cases().len();
        for pattern in &self.only {
            let matches = globs(std::slice::from_ref(pattern))
                .is_ok_and(|globs| catalogue.cases().iter().any(|case| matches_any(&globs, case)));
            if !matches {
                return format!(
                    "no id of the {all} cases matches `--only {pattern}`; `gauntlet list` shows them, and \
                     `--only 'rfc/*'` selects a family"
                );
            }
        }
        if let Some(control) = self.controls.iter().find(|id| is_silent(book, id)) {
            return format!(
                "nothing that a verifier does could speak to `--control {control}`, so no category of cases maps to it"
            );
        }
        format!(
            "the options leave none of the {all} cases; `gauntlet list` with the same options shows what is left"
        )
    }
}

/// Whether no category speaks to a control, which is there.
fn is_silent(book: &Book, control: &str) -> bool {
    book.categories_for(control).is_ok_and(|categories| categories.is_empty())
}

/// The star matches the slash as well: `*none*` finds it in any family.
fn matches_any(globs: &[Pattern], case: &Case) -> bool {
    globs.iter().any(|glob| glob.matches(case.id.as_str()))
}

fn globs(patterns: &[String]) -> Result<Vec<Pattern>, SelectionError> {
    patterns
        .iter()
        .map(|pattern| {
            Pattern::new(pattern)
                .map_err(|cause| SelectionError::Glob { glob: pattern.clone(), cause })
        })
        .collect()
}

/// For how many seconds a scenario waits, about: for time to pass, where that is the machine's, and for endpoints
/// that say nothing.
#[must_use]
pub fn waits(case: &Case) -> u64 {
    let of = |step: &Step| match step {
        // Twice as long as a fetch may take.
        Step::Fault { fault, .. } if fault.keeps_waiting() => Spans::WALL.timeout_ms.div_ceil(500),
        Step::Advance(span) => span.of(&Spans::WALL),
        Step::Fault { .. }
        | Step::Verify(_)
        | Step::VerifyAll(_)
        | Step::VerifyMany { .. }
        | Step::Configure { .. }
        | Step::Publish { .. }
        | Step::Mend { .. }
        // It is met long before, as a rule.
        | Step::Within { .. }
        | Step::ExpectFetches { .. }
        | Step::ExpectPrompt
        | Step::ExpectQuiet { .. }
        | Step::ExpectCost { .. } => 0,
    };
    case.timeline.0.iter().map(of).sum()
}

/// What a verifier lacks for a case to be asked, in the words of the adapter protocol.
///
/// An attack is never skipped for the algorithm that it names, only for those of its honest tokens.
#[must_use]
pub fn missing(description: &Description, case: &Case, twin: Option<&Case>) -> Option<String> {
    if let Some(lacking) = missing_for(description, case) {
        return Some(lacking);
    }
    // Without its twin a refusal would mean nothing.
    twin.and_then(|twin| missing_for(description, twin))
        .map(|lacking| format!("{lacking} (for its twin)"))
}

fn missing_for(description: &Description, case: &Case) -> Option<String> {
    if let Some(capability) =
        case.needed_capabilities().into_iter().find(|capability| !description.has(*capability))
    {
        return Some(format!("needs `{capability}`"));
    }
    if let Some(capability) =
        case.needs.lacks.iter().find(|capability| description.has(**capability))
    {
        return Some(format!("is asked only of verifiers without `{capability}`"));
    }
    let kind = case.policy.issuers.first().map_or("jwks", |issuer| issuer.keys.capability().word());
    case.needs
        .algorithms
        .iter()
        .find(|honest| !description.takes(kind, honest))
        .map(|honest| format!("needs algorithm {honest}"))
}
