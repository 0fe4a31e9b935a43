//! OSCAL assessment results, for the tools of auditors.
//!
//! One result a verifier. A control that a run contradicts is a finding with the state `not-satisfied`; whatever else
//! a run says of a control is an observation, in the closed words of [`State`]. The state `satisfied` does not exist
//! in [`model`]: no test of a verifier from outside shows that a control is met.

mod model;

use std::io::{self, Write};

use self::model::{
    AssessmentResults, BackMatter, Component, ControlId, ControlSelection, Document, Finding,
    ImportAp, Link, LocalDefinitions, Metadata, Observation, Property, RelatedObservation,
    RelevantEvidence, Resource, Result as OscalResult, ReviewedControls, Status, Subject, Target,
    TargetState,
};
use crate::{
    compliance::{Assessed, Assessment, State, Tally, assess},
    finding::{Finding as Found, Standing, findings},
    record::{Record, VerifierEntry},
    text::visible_to,
    writer::Writer,
};

pub(crate) const WRITER: Writer = Writer {
    name: "oscal",
    file_name: "oscal-assessment-results.json",
    purpose: "OSCAL assessment results for auditors' tools",
    write,
};

const OSCAL_VERSION: &str = "1.2.1";
/// Whose the properties are that OSCAL does not define.
const NAMESPACE: &str = env!("CARGO_PKG_REPOSITORY");
/// How much of one text from outside stands in a member.
const BOUND: usize = 2_000;
/// What stands where a record holds no time; OSCAL demands one.
const NO_TIME: &str = "1970-01-01T00:00:00Z";

fn write(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, &document(record)?)?;
    to.write_all(b"\n")
}

fn document(record: &Record) -> io::Result<Document> {
    let ids = Ids::of(record);
    let book = record.book()?;
    let assessments = assess(record, &book);
    let asymmetry = &book.crosswalk().asymmetry;
    let found = findings(record);
    let results = record
        .verifiers
        .iter()
        .enumerate()
        .map(|(at, verifier)| {
            let own: Vec<&Found<'_>> =
                found.iter().filter(|finding| finding.verifier.id == verifier.id).collect();
            let view = View { record, ids: &ids, assessments: &assessments, at, verifier, own };
            view.result(asymmetry)
        })
        .collect();
    let mut resources = vec![Resource {
        uuid: ids.of_name("plan"),
        title: "Catalogue of cases".to_owned(),
        description: format!(
            "Which cases were selected, of catalogue {} ({}), with profile {}: {}",
            text(&record.catalogue.version),
            text(&record.catalogue.digest),
            text(&record.profile),
            text(&record.command.join(" "))
        ),
    }];
    resources.extend(assessments.iter().map(|assessment| Resource {
        uuid: ids.of_framework(&assessment.framework.id),
        title: text(&assessment.framework.name),
        description: format!("Version {}", text(&assessment.framework.version)),
    }));
    Ok(Document {
        assessment_results: AssessmentResults {
            uuid: ids.of_name("document"),
            metadata: Metadata {
                title: "What conformance tests of JWT verifiers have shown".to_owned(),
                last_modified: time(record.finished.as_deref().unwrap_or(&record.started)),
                version: record.format_version.to_string(),
                oscal_version: OSCAL_VERSION,
            },
            import_ap: ImportAp { href: format!("#{}", ids.of_name("plan")) },
            results,
            back_matter: BackMatter { resources },
        },
    })
}

/// Ids that are the same for the same record.
struct Ids(uuid::Uuid);

impl Ids {
    fn of(record: &Record) -> Self {
        let verifiers: Vec<&str> = record.verifiers.iter().map(|entry| entry.id.as_str()).collect();
        let name = format!(
            "{NAMESPACE}/oscal/{}/{}/{}/{:?}",
            record.catalogue.digest, record.profile, record.started, verifiers
        );
        Self(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()))
    }

    fn of_name(&self, name: &str) -> String {
        uuid::Uuid::new_v5(&self.0, name.as_bytes()).to_string()
    }

    fn of_framework(&self, id: &str) -> String {
        self.of_name(&format!("framework {id}"))
    }
}

/// One verifier's result while it is put together.
struct View<'a> {
    record: &'a Record,
    ids: &'a Ids,
    assessments: &'a [Assessment<'a>],
    /// The verifier's place in the record.
    at: usize,
    verifier: &'a VerifierEntry,
    own: Vec<&'a Found<'a>>,
}

impl View<'_> {
    fn result(&self, asymmetry: &str) -> OscalResult {
        let mut observations: Vec<Observation> =
            self.own.iter().map(|found| self.observed_finding(found)).collect();
        let mut contradicted = Vec::new();
        let mut selections = Vec::new();
        for assessment in self.assessments {
            let reviewed = || {
                let controls = assessment.controls.iter();
                controls.filter(|assessed| {
                    assessed.tallies.get(self.at).is_some_and(|tally| tally.selected() > 0)
                })
            };
            if reviewed().next().is_none() {
                continue;
            }
            selections.push(ControlSelection {
                description: format!(
                    "{} {}: the items that cases of this run speak to",
                    text(&assessment.framework.name),
                    text(&assessment.framework.version)
                ),
                links: vec![Link {
                    href: format!("#{}", self.ids.of_framework(&assessment.framework.id)),
                    rel: "source",
                }],
                include_controls: reviewed()
                    .map(|assessed| ControlId { control_id: token(&assessed.control.id) })
                    .collect(),
            });
            for assessed in reviewed() {
                let state = assessed.tallies.get(self.at).map(Tally::state);
                let state = state.unwrap_or(State::NotEvidenced);
                observations.push(self.observed_control(assessment, assessed, state));
                if let State::Contradicted { .. } = state {
                    contradicted.push(self.finding(assessment, assessed, state));
                }
            }
        }
        if selections.is_empty() {
            // OSCAL wants one, and there was nothing that any control could be told of.
            selections.push(ControlSelection {
                description: "No case of this run speaks to a control".to_owned(),
                links: Vec::new(),
                include_controls: Vec::new(),
            });
        }
        let partial = if self.record.is_partial() {
            " This is a partial run: not every case of the catalogue was played."
        } else {
            ""
        };
        OscalResult {
            uuid: self.ids.of_name(&format!("result {}", self.verifier.id)),
            title: text(&format!("{} {}", self.verifier.name, self.verifier.version)),
            description: format!(
                "Tests from outside of the JWT verifier {}.{partial}",
                text(&self.verifier.id)
            ),
            start: time(self.record.started_by(&self.verifier.id)),
            local_definitions: LocalDefinitions {
                components: vec![Component {
                    uuid: self.component(),
                    kind: "software",
                    title: text(&self.verifier.name),
                    description: text(&format!(
                        "Version {}, for {}, as the verifier {} of the run",
                        self.verifier.version, self.verifier.language, self.verifier.id
                    )),
                    status: model::ComponentStatus { state: "other" },
                }],
            },
            reviewed_controls: ReviewedControls { control_selections: selections },
            observations,
            findings: contradicted,
            remarks: text(asymmetry),
        }
    }

    fn component(&self) -> String {
        self.ids.of_name(&format!("verifier {}", self.verifier.id))
    }

    fn of_case(&self, case: &str) -> String {
        self.ids.of_name(&format!("case {} {case}", self.verifier.id))
    }

    fn of_control(&self, kind: &str, framework: &str, control: &str) -> String {
        self.ids.of_name(&format!("{kind} {} {framework} {control}", self.verifier.id))
    }

    fn observation(&self, uuid: String, title: String, description: String) -> Observation {
        Observation {
            uuid,
            title,
            description,
            props: Vec::new(),
            methods: vec!["TEST"],
            types: vec!["finding"],
            subjects: vec![Subject { subject_uuid: self.component(), kind: "component" }],
            relevant_evidence: Vec::new(),
            collected: time(self.record.started_by(&self.verifier.id)),
        }
    }

    /// What was seen in one case.
    fn observed_finding(&self, found: &Found<'_>) -> Observation {
        let result = found.result;
        let mut description = format!(
            "The verifier {}. A conforming one {}. Observed: {}.",
            found.seen(),
            text(found.title()),
            text(&result.reason)
        );
        for caveat in found.caveats() {
            description.push(' ');
            description.push_str(caveat);
        }
        Observation {
            props: vec![
                property("case", &result.case),
                property("standing", found.standing.word()),
                property("level", result.level().word()),
                property("severity", result.severity().word()),
            ],
            relevant_evidence: vec![RelevantEvidence {
                description: format!("To see it again: {}", text(&found.replay())),
            }],
            ..self.observation(self.of_case(&result.case), text(&result.case), description)
        }
    }

    /// What the run says of one control.
    fn observed_control(
        &self,
        assessment: &Assessment<'_>,
        assessed: &Assessed<'_>,
        state: State,
    ) -> Observation {
        let (framework, control) = (&assessment.framework.id, &assessed.control.id);
        Observation {
            props: vec![
                property("framework", framework),
                property("label", control),
                property("strength", assessed.strength.word()),
                property("state", state.word()),
            ],
            types: vec!["control-objective"],
            ..self.observation(
                self.of_control("observation", framework, control),
                text(&format!("{control} {}", assessed.control.title)),
                format!(
                    "{state}. How strongly tests of a verifier can speak to it: {}.",
                    assessed.strength
                ),
            )
        }
    }

    fn finding(
        &self,
        assessment: &Assessment<'_>,
        assessed: &Assessed<'_>,
        state: State,
    ) -> Finding {
        let (framework, control) = (&assessment.framework.id, &assessed.control.id);
        let speaks = |found: &&&Found<'_>| {
            let category = found.result.category();
            found.standing == Standing::Must
                && assessed.categories.iter().any(|(own, _)| Some(*own) == category)
        };
        let of_cases = self.own.iter().filter(speaks).map(|found| self.of_case(&found.result.case));
        let all =
            std::iter::once(self.of_control("observation", framework, control)).chain(of_cases);
        Finding {
            uuid: self.of_control("finding", framework, control),
            title: text(&format!("{control} {}", assessed.control.title)),
            description: state.to_string(),
            props: vec![property("framework", framework), property("label", control)],
            target: Target {
                kind: "objective-id",
                target_id: token(control),
                status: Status { state: TargetState::NotSatisfied },
            },
            related_observations: all
                .map(|observation_uuid| RelatedObservation { observation_uuid })
                .collect(),
        }
    }
}

fn text(text: &str) -> String {
    let shown = visible_to(text, BOUND);
    let trimmed = shown.trim();
    // OSCAL's texts are never empty.
    if trimmed.is_empty() { "(empty)".to_owned() } else { trimmed.to_owned() }
}

fn property(name: &'static str, value: &str) -> Property {
    Property { name, ns: NAMESPACE, value: text(value) }
}

/// A time as OSCAL wants it, with its zone.
fn time(given: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let parts = given.strip_suffix('Z').and_then(|given| given.split_once('T'));
    let is_time = parts.is_some_and(|(date, time)| {
        let shape = |text: &str, separator, lengths: [usize; 3]| {
            let parts: Vec<&str> = text.split(separator).collect();
            parts.len() == 3
                && parts.iter().zip(lengths).all(|(p, len)| p.len() == len && digits(p))
        };
        shape(date, '-', [4, 2, 2]) && shape(time, ':', [2, 2, 2])
    });
    if is_time { given.to_owned() } else { NO_TIME.to_owned() }
}

/// An id as OSCAL's token: letters, digits, points, hyphens and underscores behind a letter or underscore.
///
/// Enhancements of SP 800-53 are written as its own OSCAL catalogue does: `IA-13(2)` is `ia-13.2`.
fn token(id: &str) -> String {
    let is_enhancement = id.ends_with(')') && id.contains('(');
    let id = if is_enhancement {
        id.to_lowercase().replace('(', ".").replace(')', "")
    } else {
        id.to_owned()
    };
    let mut token = String::with_capacity(id.len());
    for c in id.chars() {
        let stays = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        match (stays, token.ends_with('-')) {
            (true, _) => token.push(c),
            (false, false) => token.push('-'),
            (false, true) => {}
        }
    }
    let token = token.trim_end_matches('-');
    if token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        token.to_owned()
    } else {
        format!("_{token}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_tokens() {
        for (id, wanted) in [
            ("NHI6:2025", "NHI6-2025"),
            ("IA-13(2)", "ia-13.2"),
            ("v5.0.0-9.1.1", "v5.0.0-9.1.1"),
            ("§3 – x", "_-3-x"),
            ("", "_"),
        ] {
            assert_eq!(token(id), wanted);
        }
    }

    #[test]
    fn a_time_that_is_none_does_not_reach_the_document() {
        assert_eq!(time("2026-11-23T10:00:00Z"), "2026-11-23T10:00:00Z");
        for odd in
            ["", "yesterday", "2026-11-23T10:00:00", "2026-11-23T10:00:00+02:00Z", "<script>Z"]
        {
            assert_eq!(time(odd), NO_TIME);
        }
    }
}
