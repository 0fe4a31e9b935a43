//! What happens in a step, in words: the same in the record, in `explain` and in `replay`.

use gauntlet_reports::exhibit::words::{fault, published};
use gauntlet_vectors::timeline::Spans;

use super::{
    execute::permitted_words,
    prepare::{Fetches, PreparedStep, Shown},
};

/// What happens in a step.
#[must_use]
pub fn step(step: &PreparedStep, spans: &Spans) -> String {
    match step {
        PreparedStep::Verify(shown) => format!("{} is shown{}", shown.label, to(shown)),
        PreparedStep::VerifyAll(all) => {
            format!("{} tokens are shown at once: {}", all.len(), first(all))
        }
        PreparedStep::VerifyEach(all) => {
            format!("{} tokens are shown one after the other: {}", all.len(), first(all))
        }
        PreparedStep::Advance(span) => {
            let seconds = span.of(spans);
            if span.is_plain() {
                format!("{seconds} s pass")
            } else {
                format!("{seconds} s pass ({span})")
            }
        }
        PreparedStep::Configure { verifier, .. } => format!("the verifier `{verifier}` is made"),
        PreparedStep::Publish { issuer, serves } => {
            format!("issuer {issuer} publishes {}", published(serves))
        }
        PreparedStep::Fault { issuer, rule } => {
            let after = match rule.after {
                0 => String::new(),
                good => format!(" after {good} good answers"),
            };
            let times = rule.times.map(|times| format!(", {times} times")).unwrap_or_default();
            let endpoint = rule.at.words();
            let fault = fault(&rule.fault);
            format!("the {endpoint} of issuer {issuer} fails{after}{times}: {fault}")
        }
        PreparedStep::Mend { issuer } => format!("issuer {issuer} is mended"),
        PreparedStep::Within(span, shown) => {
            let seconds = span.of(spans);
            format!("{} is shown again and again, for {seconds} s at most ({span})", shown.label)
        }
        PreparedStep::ExpectFetches(Fetches { issuer, of, .. }) => {
            format!("the fetches of the {} of issuer {issuer} are counted", of.words())
        }
        PreparedStep::ExpectPrompt => "the time of the last answer is looked at".to_owned(),
        PreparedStep::ExpectQuiet(_) => "nobody was asked".to_owned(),
        PreparedStep::ExpectCost(_) => "the cost is looked at".to_owned(),
    }
}

/// What is permitted in a step, as far as it does not hang on what a verifier says of itself.
#[must_use]
pub fn permitted(step: &PreparedStep) -> Vec<String> {
    match step {
        PreparedStep::Verify(shown) | PreparedStep::Within(_, shown) => {
            permitted_words(&shown.permitted)
        }
        PreparedStep::VerifyAll(all) | PreparedStep::VerifyEach(all) => {
            all.first().map(|shown| permitted_words(&shown.permitted)).unwrap_or_default()
        }
        PreparedStep::ExpectFetches(Fetches { min, max, .. }) => {
            vec![fetches(u64::from(*min), max.map(u64::from))]
        }
        PreparedStep::ExpectPrompt => vec!["an answer in time".to_owned()],
        PreparedStep::ExpectQuiet(_) => vec!["no connection".to_owned()],
        PreparedStep::ExpectCost(times) => vec![format!("at most {times} times the cost")],
        PreparedStep::Advance(_)
        | PreparedStep::Configure { .. }
        | PreparedStep::Publish { .. }
        | PreparedStep::Fault { .. }
        | PreparedStep::Mend { .. } => Vec::new(),
    }
}

/// How many fetches there may be.
pub(super) fn fetches(min: u64, max: Option<u64>) -> String {
    let of =
        |count: u64| if count == 1 { "1 fetch".to_owned() } else { format!("{count} fetches") };
    match max {
        Some(max) if max == min => of(max),
        Some(max) if min == 0 => format!("at most {}", of(max)),
        Some(max) => format!("{min} to {}", of(max)),
        None => format!("at least {}", of(min)),
    }
}

fn first(all: &[Shown]) -> &str {
    all.first().map_or("none", |shown| shown.label.as_str())
}

fn to(shown: &Shown) -> String {
    if shown.verifier == gauntlet_vectors::timeline::MAIN {
        String::new()
    } else {
        format!(" to `{}`", shown.verifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_as_a_person_would() {
        for (min, max, words) in [
            (1, Some(1), "1 fetch"),
            (0, Some(0), "0 fetches"),
            (0, Some(20), "at most 20 fetches"),
            (1, Some(4), "1 to 4 fetches"),
            (2, None, "at least 2 fetches"),
        ] {
            assert_eq!(fetches(min, max), words);
        }
    }
}
