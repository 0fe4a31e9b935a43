//! What a profile demands of cases that others leave open, and what it leaves out.

use serde::Deserialize;

use super::{Change, glob::Globs};
use crate::case::{Basis, Case, CaseId, Clause, Level, Part, Permitted, Severity};

/// What becomes a demand, or a stronger one; every demand that speaks of a case is made of it, in order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Demand {
    cases: Globs,
    #[serde(default)]
    except: Globs,
    /// Why, in a sentence.
    pub(super) because: String,
    permitted: Option<Allowed>,
    level: Option<Level>,
    basis: Option<Basis>,
    severity: Option<Severity>,
    /// Clauses beside those of the case.
    #[serde(default)]
    clauses: Vec<Clause>,
    /// The CWE numbers, in place of those of the case.
    #[serde(default)]
    cwe: Vec<u16>,
    /// The part that decides it now.
    part: Option<Part>,
    /// The case that must be accepted under the same policy.
    twin: Option<CaseId>,
    /// What the policy demands beside `iss` and `aud`.
    #[serde(default)]
    required_claims: Vec<String>,
    title: Option<String>,
    rule: Option<String>,
    consequence: Option<String>,
    remedy: Option<String>,
}

/// The one thing that is permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Allowed {
    /// A refusal.
    Refuse,
    /// An acceptance of what was signed.
    Accept,
}

impl Allowed {
    pub(super) fn permitted(self) -> Permitted {
        match self {
            Self::Refuse => Permitted::refuse(),
            Self::Accept => Permitted::accept(),
        }
    }
}

impl Demand {
    pub(super) fn speaks_of(&self, id: &CaseId) -> bool {
        self.cases.speak_of(id) && !self.except.speak_of(id)
    }

    /// Makes the demand of a case; tells what is different then.
    pub(super) fn raise(&self, case: &mut Case) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut differs = |what: &str, before: String, after: String| {
            if before != after {
                changes.push(Change::new(
                    what,
                    Some(before).filter(|text| !text.is_empty()),
                    after,
                ));
            }
        };
        if let Some(allowed) = self.permitted {
            let permitted = allowed.permitted();
            // The last step that shows a token is the one that a case is about.
            let shown = case.timeline.last_mut();
            if let Some(shown) = shown {
                differs("permitted", words(&shown.permitted), words(&permitted));
                shown.permitted = permitted;
            }
        }
        if let Some(level) = self.level {
            differs("level", case.level.to_string(), level.to_string());
            case.level = level;
        }
        if let Some(basis) = self.basis {
            differs("basis", case.basis.to_string(), basis.to_string());
            case.basis = basis;
        }
        if let Some(severity) = self.severity {
            differs("severity", case.severity.to_string(), severity.to_string());
            case.severity = severity;
        }
        if let Some(twin) = &self.twin {
            let before = case.twin.as_ref().map_or_else(String::new, ToString::to_string);
            differs("twin", before, twin.to_string());
            case.twin = Some(twin.clone());
        }
        if !self.required_claims.is_empty() {
            let before = case.policy.required_claims.join(", ");
            differs("policy required_claims", before, self.required_claims.join(", "));
            case.policy.required_claims.clone_from(&self.required_claims);
        }
        for clause in &self.clauses {
            if !case.clauses.contains(clause) {
                differs("clause", String::new(), clause.to_string());
                case.clauses.push(clause.clone());
            }
        }
        case.part = self.part.unwrap_or(case.part);
        if !self.cwe.is_empty() {
            case.cwe.clone_from(&self.cwe);
        }
        for (own, given) in [
            (&mut case.title, &self.title),
            (&mut case.story.rule, &self.rule),
            (&mut case.story.consequence, &self.consequence),
            (&mut case.story.remedy, &self.remedy),
        ] {
            if let Some(given) = given {
                own.clone_from(given);
            }
        }
        changes
    }
}

fn words(permitted: &Permitted) -> String {
    let words: Vec<String> = permitted.behaviours().iter().map(ToString::to_string).collect();
    words.join(" or ")
}

/// Cases that cannot occur under a profile.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaveOut {
    /// The cases that it speaks of; all where none is named.
    #[serde(default)]
    cases: Globs,
    /// Only where the allow-lists of the policy name one of these.
    #[serde(default)]
    where_any_of: Vec<String>,
    /// Only where the allow-lists of the policy name these and no others.
    #[serde(default)]
    where_all_are: Vec<String>,
    /// Why, in a sentence.
    pub(super) because: String,
}

impl LeaveOut {
    pub(super) fn speaks_of(&self, case: &Case) -> bool {
        let own = case.policy.issuers.iter().flat_map(|issuer| &issuer.algorithms);
        let allowed: Vec<&String> = case.policy.algorithms.iter().chain(own).collect();
        let names_one = allowed.iter().any(|alg| self.where_any_of.contains(alg));
        let names_these =
            !allowed.is_empty() && allowed.iter().all(|alg| self.where_all_are.contains(alg));
        (self.cases.is_empty() || self.cases.speak_of(&case.id))
            && (self.where_any_of.is_empty() || names_one)
            && (self.where_all_are.is_empty() || names_these)
    }

    /// Whether it leaves out by id alone, and by which patterns.
    #[cfg(test)]
    pub(super) fn patterns(&self) -> &[String] {
        self.cases.patterns()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Catalogue, profile::profiles};

    /// A pattern that speaks of nothing is a case that was renamed, or a slip of the pen.
    #[test]
    fn every_pattern_speaks_of_a_case() {
        let catalogue = Catalogue::build();
        for profile in profiles().unwrap() {
            let demands = profile.demands.iter().flat_map(|demand| demand.cases.patterns());
            let left_out = profile.left_out.iter().flat_map(super::LeaveOut::patterns);
            for pattern in demands.chain(left_out) {
                let globs: super::Globs =
                    serde_json::from_value(serde_json::json!([pattern])).unwrap();
                let speaks = catalogue.cases().iter().any(|case| globs.speak_of(&case.id));
                assert!(speaks, "{}: {pattern}", profile.id);
            }
        }
    }
}
