//! Cases that only a profile has, each told by how it differs from a case of the catalogue.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::demand::Allowed;
use crate::{
    case::{Basis, Case, CaseId, Category, Clause, Level, Part, Severity, Story},
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe},
    recipe::{Recipe, Signing},
};

/// A case as the difference from another; what is not named is as there.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Brought {
    /// The second half of its id; the first is the profile's name.
    slug: String,
    /// The case that it is made from, as the profile has it.
    pub(super) of: CaseId,
    /// Why the profile needs it, in a sentence.
    pub(super) because: String,
    title: String,
    rule: Option<String>,
    attack: String,
    consequence: Option<String>,
    remedy: Option<String>,
    permitted: Allowed,
    level: Option<Level>,
    basis: Option<Basis>,
    severity: Option<Severity>,
    part: Option<Part>,
    category: Option<Category>,
    /// In place of those of the case.
    #[serde(default)]
    cwe: Vec<u16>,
    /// In place of those of the case.
    #[serde(default)]
    clauses: Vec<Clause>,
    twin: Option<CaseId>,
    /// The test keys of the only issuer's set, in place of the case's.
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    algorithms: Vec<String>,
    #[serde(default)]
    required_claims: Vec<String>,
    /// Who signs, where it is somebody else.
    signed: Option<Signed>,
    /// Header parameters with these values.
    #[serde(default)]
    header: BTreeMap<String, Value>,
    /// Claims with these values.
    #[serde(default)]
    claims: BTreeMap<String, Value>,
    /// Claims that are not there.
    #[serde(default)]
    without_claims: Vec<String>,
}

/// A test key and the algorithm that it signs with; both stand in the header.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    key: String,
    alg: String,
}

impl Brought {
    /// The case, made from this one.
    pub(super) fn case(&self, profile: &str, of: &Case) -> Case {
        let mut case = Case {
            id: CaseId::new(profile, &self.slug),
            title: self.title.clone(),
            story: Story {
                rule: self.rule.clone().unwrap_or_else(|| of.story.rule.clone()),
                attack: self.attack.clone(),
                consequence: self
                    .consequence
                    .clone()
                    .unwrap_or_else(|| of.story.consequence.clone()),
                remedy: self.remedy.clone().unwrap_or_else(|| of.story.remedy.clone()),
            },
            level: self.level.unwrap_or(of.level),
            basis: self.basis.unwrap_or(of.basis),
            severity: self.severity.unwrap_or(of.severity),
            part: self.part.unwrap_or(of.part),
            category: self.category.unwrap_or(of.category),
            cwe: self.cwe.clone(),
            twin: self.twin.clone(),
            ..of.clone()
        };
        if !self.clauses.is_empty() {
            case.clauses.clone_from(&self.clauses);
        }
        if !self.algorithms.is_empty() {
            case.policy.algorithms.clone_from(&self.algorithms);
        }
        if !self.required_claims.is_empty() {
            case.policy.required_claims.clone_from(&self.required_claims);
        }
        if !self.keys.is_empty() {
            let key = |name: &String| JwkRecipe::with_kid(KeyName::new(name.as_str()), name);
            for issuer in &mut case.policy.issuers {
                issuer.keys = KeysRecipe::Set(self.keys.iter().map(key).collect());
            }
        }
        if let Some(shown) = case.timeline.last_mut() {
            shown.permitted = self.permitted.permitted();
            if let Recipe::Jws(jws) = &mut shown.token {
                let mut made = (**jws).clone();
                if let Some(Signed { key, alg }) = &self.signed {
                    let signing =
                        Signing::Key { key: KeyName::new(key.as_str()), alg: alg.clone() };
                    made = made.signed(signing).header("alg", alg.as_str());
                    made = made.header("kid", key.as_str());
                }
                for (name, value) in &self.header {
                    made = made.header(name, value.clone());
                }
                for (name, value) in &self.claims {
                    made = made.claim(name, value.clone());
                }
                for name in &self.without_claims {
                    made = made.without_claim(name);
                }
                **jws = made;
            }
        }
        case
    }
}
