//! Patterns over case ids.

use serde::{Deserialize, Serialize};

use crate::case::CaseId;

/// Patterns of which an id must match one; a star stands for any text, the slash included, as on the
/// command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Globs(Vec<String>);

impl Globs {
    /// Whether an id matches one of them.
    pub(super) fn speak_of(&self, id: &CaseId) -> bool {
        self.0.iter().any(|pattern| matches(pattern, id.as_str()))
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The patterns as they are written.
    #[cfg(test)]
    pub(super) fn patterns(&self) -> &[String] {
        &self.0
    }
}

/// Whether the text is the pattern, with some text for each star.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        // The first place is the best: it leaves most to the stars behind.
        let Some((_, behind)) = text.split_once(part) else { return false };
        text = behind;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_nothing_else_for_another() {
        for (pattern, text, expected) in [
            ("time/exp-missing", "time/exp-missing", true),
            ("time/exp", "time/exp-missing", false),
            ("time/*", "time/exp-missing", true),
            ("*", "time/exp-missing", true),
            ("*none*", "unsecured/none-mixed-case", true),
            ("t*/*-missing", "time/exp-missing", true),
            ("t*/*-missing", "time/exp-missing-too", false),
            ("*/exp*exp", "time/exp", false),
            ("time/*", "times/exp", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
