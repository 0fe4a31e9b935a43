//! The types of the files under `controls/`, and what can be asked of them alone.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    case::{Category, Severity},
    judge::Impact,
};

/// How far the cases of a category can speak to a control; `crosswalk.toml` defines each.
///
/// Ordered: a stronger one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Nothing that a verifier does could speak to it; shown as a dash, never as a zero or a tick.
    NotEvidenced,
    /// A precondition or a consequence is exercised; the control is wider, or binds another actor.
    Supporting,
    /// The control's own text names the behaviour that the cases exercise.
    Direct,
}

impl Strength {
    /// Its word in files and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotEvidenced => "not-evidenced",
            Self::Supporting => "supporting",
            Self::Direct => "direct",
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A control that a category speaks to.
#[derive(Debug, Clone, Copy)]
pub struct Mapped<'a> {
    /// Whose control it is.
    pub framework: &'a Framework,
    /// The control.
    pub control: &'a Control,
    /// How far the category's cases can speak to it.
    pub strength: Strength,
}

/// A published document with items that can be named, or a user's own list.
///
/// As JSON it has the members of its TOML file; so a record can hold a user's frameworks, and
/// reports can be made from it without the file. `controls/README.md` describes the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Our short name for it, such as `owasp-nhi-2025`.
    pub id: String,
    /// Its own name.
    pub name: String,
    /// Which edition the items are from.
    pub version: String,
    /// What sort of document it is, where that limits what can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How its publisher asks tools to write its ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_format: Option<String>,
    /// What is happening to it, where it is being replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// A rule of its publisher on the use of its ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Documents beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
    /// Ids that its publisher took out and that people still print.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<Withdrawn>,
    /// Its items.
    #[serde(default, rename = "control", skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Control>,
    /// Which categories of cases speak to which item, and how strongly.
    #[serde(default, rename = "mapping", skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<Mapping>,
}

impl Framework {
    /// The item with this id, in any case.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id.eq_ignore_ascii_case(id))
    }
}

/// An item of a framework: a control, a risk, a requirement, a section or a weakness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The id as its publisher writes it, or the section where the publisher gives no ids.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it says, shortened and in other words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Where that was read, and whether it was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The level, in frameworks that have levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// How abstract a weakness is, in CWE's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abstraction: Option<String>,
    /// Whether CWE allows the weakness as the id of a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping_usage: Option<String>,
    /// The most that tests of a verifier could ever say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_ceiling: Option<Ceiling>,
    /// The mitigations in its text that touch the verification of tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mitigations_touching_verification: Vec<String>,
    /// Where its scope ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope_note: Option<String>,
    /// Anything odd about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The most that tests of a verifier could ever say of a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// How far they reach.
    pub strength: Strength,
    /// The slice of the control for which they reach that far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_to: Option<String>,
}

/// An id that its publisher took out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// The id, as the current edition writes it.
    pub id: String,
    /// The id, as the edition wrote it that still had it.
    pub former_label: String,
    /// What it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What the current edition calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The items that took it in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incorporated_into: Vec<String>,
    /// The items that it became.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved_to: Vec<String>,
}

/// What may be said of a category of cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The category.
    pub id: Category,
    /// What it is called in reports.
    pub title: String,
    /// The worst that a case of it can be.
    pub default_max_severity: Severity,
    /// The weaknesses behind its failures.
    pub cwe: Weaknesses,
    /// What a report may claim where every case passed.
    pub claim_on_pass: String,
    /// What a report may claim where one failed.
    pub claim_on_fail: String,
    /// The impacts of which that may be claimed: a verifier that dies of an unsecured token has not accepted one.
    pub fails_as: Vec<Impact>,
    /// What no outcome of its cases can show.
    pub cannot_show: Vec<String>,
}

/// CWE ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Weaknesses {
    /// Precise enough to stand on a finding.
    pub primary: Vec<String>,
    /// Context.
    pub related: Vec<String>,
}

impl Weaknesses {
    /// How far a failure of the category speaks to a weakness, where it does.
    pub(super) fn strength(&self, id: &str) -> Option<Strength> {
        let among = |ids: &[String]| ids.iter().any(|named| named == id);
        if among(&self.primary) {
            Some(Strength::Direct)
        } else {
            among(&self.related).then_some(Strength::Supporting)
        }
    }
}

/// How results may be worded, and what labels in use mean in official ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Crosswalk {
    /// The day on which the facts were last checked, `YYYY-MM-DD`.
    pub reviewed: String,
    /// Why results prove less than they disprove.
    pub asymmetry: String,
    /// What each strength means.
    pub strengths: BTreeMap<Strength, String>,
    /// The only wordings of a control's result.
    #[serde(rename = "verdict")]
    pub verdicts: Vec<Wording>,
    /// Labels that people print.
    #[serde(rename = "label")]
    pub labels: Vec<Label>,
    /// By framework: items of which no test of a verifier can speak.
    pub not_evidenced: BTreeMap<String, Vec<String>>,
    /// Items that the use of this harness speaks to, whatever a verifier's results are.
    #[serde(rename = "process_level")]
    pub process_level: Vec<ProcessLevel>,
}

/// A wording, and when it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// The words; `n` stands for a count.
    pub wording: String,
    /// When they are used.
    pub when: String,
}

/// A label as some document prints it, and the official ids behind its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The label.
    pub label: String,
    /// What the document adds to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_note: Option<String>,
    /// The document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the document says under the label.
    pub source_text: String,
    /// What the publisher has under that number, where it has anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official_item_with_that_number: Option<String>,
    /// How label and publisher agree: `conflict`, `outdated-id` or `paraphrase`.
    pub agreement: String,
    /// Why that is so.
    pub why: String,
    /// What a report prints.
    pub report_as: String,
    /// The official items, meaning by meaning.
    #[serde(rename = "target")]
    pub targets: Vec<Target>,
}

/// One meaning of a label, and the official item for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The meaning.
    #[serde(rename = "for")]
    pub purpose: String,
    /// Whose item it is.
    pub framework: String,
    /// The item's official id.
    pub control: String,
    /// How far tests of a verifier speak to it.
    pub strength: Strength,
    /// The slice for which they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_to: Option<String>,
}

/// An item that the use of this harness speaks to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProcessLevel {
    /// Whose item it is.
    pub framework: String,
    /// The item's official id.
    pub control: String,
    /// What may be said.
    pub text: String,
}

/// How strongly the cases of a category speak to an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The category.
    pub category: Category,
    /// The item's id, written as the item writes it.
    pub control: String,
    /// How far the category's cases can speak to the item.
    pub strength: Strength,
}
