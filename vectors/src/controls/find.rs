//! Looking up what somebody typed.

use super::{Book, Control, ControlsError, Framework, Label, Withdrawn};

impl Book {
    /// The one item of this id, and whose it is.
    pub(super) fn find(&self, given: &str) -> Result<(&Framework, &Control), ControlsError> {
        let (scope, id) = match given.split_once('/') {
            Some((framework, id)) => (self.framework(framework)?, id),
            None => (self.frameworks.as_slice(), given),
        };
        let mut found =
            scope.iter().filter_map(|framework| Some((framework, framework.control(id)?)));
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (Some(first), Some(second)) => {
                let candidates = [first, second].into_iter().chain(found);
                Err(ControlsError::Ambiguous {
                    given: given.to_owned(),
                    candidates: list(
                        candidates
                            .map(|(framework, control)| format!("{}/{}", framework.id, control.id)),
                    ),
                })
            }
            (None, _) => {
                Err(self.not_official(id).unwrap_or_else(|| ControlsError::UnknownControl {
                    given: given.to_owned(),
                    instead: instead(scope, id),
                }))
            }
        }
    }

    /// The one framework of this id, as a slice.
    fn framework(&self, id: &str) -> Result<&[Framework], ControlsError> {
        let found = self.frameworks.iter().find(|framework| framework.id.eq_ignore_ascii_case(id));
        found.map(std::slice::from_ref).ok_or_else(|| ControlsError::UnknownFramework {
            given: id.to_owned(),
            known: list(self.frameworks.iter().map(|framework| framework.id.clone())),
        })
    }

    fn not_official(&self, given: &str) -> Option<ControlsError> {
        let of_label = |label: &Label| ControlsError::NotOfficial {
            given: given.to_owned(),
            official: list(label.targets.iter().map(|target| target.control.clone())),
            why: label.why.clone(),
        };
        let of_withdrawn = |framework: &Framework, gone: &Withdrawn| ControlsError::NotOfficial {
            given: given.to_owned(),
            official: list(gone.incorporated_into.iter().chain(&gone.moved_to).cloned()),
            why: format!("{} {} does not have it any more", framework.name, framework.version),
        };
        let is_label = |label: &&Label| label.label.eq_ignore_ascii_case(given);
        if let Some(label) = self.crosswalk.labels.iter().find(is_label) {
            return Some(of_label(label));
        }
        self.frameworks.iter().find_map(|framework| {
            let mut gone = framework.withdrawn.iter();
            let gone = gone.find(|gone| {
                gone.id.eq_ignore_ascii_case(given) || gone.former_label.eq_ignore_ascii_case(given)
            })?;
            Some(of_withdrawn(framework, gone))
        })
    }
}

/// Each once, in the order given.
fn list(ids: impl Iterator<Item = String>) -> String {
    let mut once: Vec<String> = Vec::new();
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    once.join(", ")
}

/// What to ask for in place of an id that is unknown.
pub(super) fn instead(scope: &[Framework], id: &str) -> String {
    const FAR: usize = 3;
    const MOST: usize = 6;
    let wanted = id.to_ascii_lowercase();
    let mut near: Vec<(usize, &str)> = Vec::new();
    for control in scope.iter().flat_map(|framework| &framework.controls) {
        let known = control.id.to_ascii_lowercase();
        // `NHI6` and `9.1.2` are what people type; the publisher's id is longer.
        let part = wanted.len() >= 3 && known.contains(&wanted);
        let distance = if part { 0 } else { edits(&wanted, &known) };
        if distance <= FAR {
            near.push((distance, &control.id));
        }
    }
    near.sort_by_key(|(distance, _)| *distance);
    match (near.is_empty(), scope) {
        (false, _) => {
            let near = near.into_iter().take(MOST).map(|(_, id)| id.to_owned());
            format!("did you mean one of: {}", list(near))
        }
        (true, [only]) => {
            format!("there are: {}", list(only.controls.iter().map(|control| control.id.clone())))
        }
        (true, _) => format!(
            "no framework has it; there are: {}",
            list(scope.iter().map(|framework| framework.id.clone()))
        ),
    }
}

/// Levenshtein's distance.
fn edits(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (above, a) in one.chars().enumerate() {
        let mut next = vec![above + 1];
        let (mut diagonal, mut left) = (above, above + 1);
        for (b, &up) in other.chars().zip(row.iter().skip(1)) {
            let here = (diagonal + usize::from(a != b)).min(up + 1).min(left + 1);
            next.push(here);
            (diagonal, left) = (up, here);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::Book;

    fn told(given: &str) -> String {
        Book::standard().unwrap().categories_for(given).unwrap_err().to_string()
    }

    #[test]
    fn says_which_ids_are_near_an_unknown_one() {
        assert_eq!(told("NHI6"), "find control `NHI6`: did you mean one of: NHI6:2025");
        assert!(told("RFC8725-3.99").contains("RFC8725-3.9"));
        assert!(told("9.2.1").contains("v5.0.0-9.2.1"));
        assert!(told("HIPAA §164.312").contains("there are: owasp-nhi-2025"));
        assert!(told("wimse/something-else").contains("there are: WIMSE-WIT"));
        assert!(told("soc2/CC6.1").contains("find framework `soc2`; there are: owasp-nhi-2025"));
        assert!(told("").contains("there are: owasp-nhi-2025"));
    }

    #[test]
    fn sends_labels_in_use_to_the_official_ids() {
        assert!(
            told("nhi-05").contains("use NHI6:2025, NHI4:2025, NHI7:2025"),
            "{}",
            told("NHI-05")
        );
        assert!(told("PR.AC-1").contains("use PR.AA-04, PR.AA-03, PR.AA-01, PR.AA-05"));
        assert!(told("PR.AC-07").contains("use PR.AA-03"));
    }

    #[test]
    fn asks_which_framework_is_meant_where_two_have_the_id() {
        let mut twice: Vec<Framework> =
            Book::standard().unwrap().frameworks.iter().take(1).cloned().collect();
        twice.push(Framework { id: "copy".to_owned(), ..twice[0].clone() });
        let crosswalk = Book::standard().unwrap().crosswalk.clone();
        let book = Book { frameworks: twice, abouts: Vec::new(), crosswalk };
        let candidates = "owasp-nhi-2025/NHI6:2025, copy/NHI6:2025".to_owned();
        assert_eq!(
            book.find("nhi6:2025").unwrap_err(),
            ControlsError::Ambiguous { given: "nhi6:2025".to_owned(), candidates }
        );
        assert_eq!(book.find("COPY/nhi6:2025").unwrap().0.id, "copy");
    }

    #[test]
    fn counts_edits() {
        let cases = [("", "", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3)];
        for (one, other, distance) in cases {
            assert_eq!(edits(one, other), distance, "{one} {other}");
        }
    }
}
