//! SARIF 2.1.0, for code scanning.
//!
//! One run a verifier, so that a dashboard keeps them apart by `automationDetails`. Findings only: a dashboard has no
//! place for what was met. What weighs as a MUST has a `security-severity` and a level of its own; what weighs less is
//! a note without one, whatever its severity, so that nobody is woken by an unconfirmed finding. Some dashboards take
//! no more than twenty runs a file: of a matrix of more verifiers, write the file from each record by itself.
//!
//! The crate that has SARIF's types generates them from the schema in a build script, with many crates of its own, which
//! a cold build has no room for; those of [`model`] are what stands in our files, which are held against the schema.

mod model;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use gauntlet_vectors::{
    case::Severity,
    controls::{Book, Framework, Strength},
};

use self::model::{
    ArtifactLocation, AutomationDetails, Component, ComponentReference, Configuration, Descriptor,
    Driver, Fingerprints, Invocation, Location, Log, LogicalLocation, Message, MultiformatMessage,
    Notification, PhysicalLocation, Region, Relationship, Result as SarifResult, RuleProperties,
    Run, Suppression, Target, Taxon, Tool,
};
use crate::{
    finding::{Finding, Standing, findings, impact_word, product},
    record::{OutcomeName, Record, VerifierEntry},
    text::{visible, visible_to},
    writer::Writer,
};

pub(crate) const WRITER: Writer = Writer {
    name: "sarif",
    file_name: "results.sarif",
    purpose: "SARIF 2.1.0 for code scanning",
    write,
};

const INFORMATION: &str = env!("CARGO_PKG_REPOSITORY");
const CWE: &str = "CWE";
const NHI: &str = "owasp-nhi-2025";
/// How much of one text from outside stands in a message.
const BOUND: usize = 2_000;

fn write(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    let findings = findings(record);
    let frameworks = Frameworks::read()?;
    let runs = record
        .verifiers
        .iter()
        .map(|verifier| {
            let own = findings.iter().filter(|finding| finding.verifier.id == verifier.id);
            run(record, verifier, &own.collect::<Vec<_>>(), &frameworks)
        })
        .collect();
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs,
    };
    serde_json::to_writer_pretty(&mut *to, &log)?;
    to.write_all(b"\n")
}

/// The two that stand in the file as taxonomies.
struct Frameworks {
    cwe: &'static Framework,
    nhi: &'static Framework,
}

impl Frameworks {
    fn read() -> io::Result<Self> {
        let all = Book::standard().map_err(io::Error::other)?.frameworks();
        let named = |id: &str| {
            let found = all.iter().find(|framework| framework.id == id);
            found.ok_or_else(|| io::Error::other(format!("the framework `{id}` is not embedded")))
        };
        Ok(Self { cwe: named("cwe")?, nhi: named(NHI)? })
    }
}

fn run(
    record: &Record,
    verifier: &VerifierEntry,
    findings: &[&Finding<'_>],
    frameworks: &Frameworks,
) -> Run {
    let mut rules: Vec<Descriptor> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut taxa = Taxa::default();
    let mut results = Vec::with_capacity(findings.len());
    for finding in findings {
        let id = finding.result.case.as_str();
        let place = *places.entry(id).or_insert_with(|| {
            rules.push(rule(finding, frameworks, &mut taxa));
            rules.len() - 1
        });
        results.push(result(finding, place));
    }
    let taxonomies = taxa.components(frameworks);
    let own_run = record.runs.iter().find(|run| run.verifiers.contains(&verifier.id));
    let command = own_run.map_or(&record.command, |run| &run.command);
    let finished = own_run.map_or(&record.finished, |run| &run.finished);
    Run {
        tool: Tool {
            driver: Driver {
                name: "gauntlet",
                full_name: format!("gauntlet {}", env!("CARGO_PKG_VERSION")),
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: INFORMATION,
                supported_taxonomies: taxonomies
                    .iter()
                    .map(|taxonomy| taxonomy.reference())
                    .collect(),
                rules,
            },
        },
        automation_details: AutomationDetails {
            id: format!("gauntlet/{}/", visible(&verifier.id).replace('/', "_")),
            description: Message::of(format!(
                "{} {}, catalogue {}, profile {}.",
                visible(&verifier.name),
                visible(&verifier.version),
                visible(&record.catalogue.version),
                visible(&record.profile)
            )),
        },
        invocations: vec![Invocation {
            command_line: visible(&command.join(" ")),
            start_time_utc: utc_of(record.started_by(&verifier.id)),
            end_time_utc: finished.as_deref().and_then(utc_of),
            execution_successful: record.complete && verifier.trouble.is_none(),
            tool_execution_notifications: notifications(record, verifier),
        }],
        taxonomies,
        results,
        column_kind: "utf16CodeUnits",
    }
}

/// A time that the schema takes, or none: a record may have been edited.
fn utc_of(time: &str) -> Option<String> {
    let is_time = time.len() >= 20
        && time.ends_with('Z')
        && time.chars().all(|c| c.is_ascii_digit() || "-:TZ.".contains(c));
    is_time.then(|| time.to_owned())
}

/// What else happened in the run, and is no finding.
fn notifications(record: &Record, verifier: &VerifierEntry) -> Vec<Notification> {
    let mut all: Vec<Notification> = Vec::new();
    let mut tell = |level: &'static str, text: String| {
        all.push(Notification { level, message: Message::of(text) });
    };
    if let Some(trouble) = &verifier.trouble {
        tell("error", format!("The verifier could not be driven: {}.", visible_to(trouble, BOUND)));
    }
    for warning in &verifier.warnings {
        tell("warning", format!("{}.", visible_to(warning, BOUND)));
    }
    if record.is_partial() {
        tell(
            "warning",
            "This is a partial run: not every case of the catalogue was played.".to_owned(),
        );
    }
    let own = || record.results.iter().filter(|result| result.verifier == verifier.id);
    let skipped = own().filter(|result| result.outcome == OutcomeName::Skip).count();
    if skipped > 0 {
        tell("note", format!("{skipped} cases could not be asked of this verifier."));
    }
    for result in own() {
        if matches!(result.outcome, OutcomeName::Error | OutcomeName::Inconclusive) {
            tell(
                "warning",
                format!(
                    "{} was not judged: {}.",
                    visible(&result.case),
                    visible_to(&result.reason, BOUND)
                ),
            );
        }
    }
    all
}

fn rule(finding: &Finding<'_>, frameworks: &Frameworks, taxa: &mut Taxa) -> Descriptor {
    // A dashboard's list shows nothing else of an alert, where the bare title would read as if all were well.
    let title = sentence(&format!("Not met: {}", finding.title()));
    let story = finding.case.map(|case| &case.story);
    let full = story.map_or_else(|| title.clone(), |story| sentence(&story.rule));
    let remedy = story.map_or_else(String::new, |story| sentence(&story.remedy));
    let attack = story.map_or_else(String::new, |story| sentence(&story.attack));
    let consequence = story.map_or_else(String::new, |story| sentence(&story.consequence));
    let clauses = visible(&finding.result.clauses.join(", "));
    let paragraphs =
        [full.clone(), attack, consequence, remedy, format!("See {clauses}.")].into_iter();
    let mut help: Vec<String> = paragraphs.filter(|text| !text.is_empty()).collect();
    let known: Vec<String> = finding
        .precedents()
        .iter()
        .map(|precedent| format!("{} ({})", precedent.id, product(precedent)))
        .collect();
    if !known.is_empty() {
        help.push(format!("Known from {}.", known.join(", ")));
    }

    let mut relationships = Vec::new();
    let mut tags = Vec::new();
    for weakness in finding.weaknesses() {
        tags.push(format!("external/cwe/{}", weakness.to_ascii_lowercase()));
        if frameworks.cwe.control(&weakness).is_some() {
            let number = weakness.trim_start_matches("CWE-").to_owned();
            relationships.push(taxa.relationship(CWE, number));
        }
    }
    let category = finding.result.category();
    let mapped =
        frameworks.nhi.mappings.iter().filter(|mapping| Some(mapping.category) == category);
    for mapping in mapped.filter(|mapping| mapping.strength > Strength::NotEvidenced) {
        relationships.push(taxa.relationship(NHI, mapping.control.clone()));
    }
    // What weighs less than a MUST has no score: a dashboard would sort it among those that do.
    let weighs = finding.standing == Standing::Must && finding.result.severity() > Severity::Info;
    if weighs {
        tags.insert(0, "security".to_owned());
    }
    Descriptor {
        id: visible(&finding.result.case),
        name: pascal(&finding.result.case),
        short_description: MultiformatMessage::of(title),
        full_description: MultiformatMessage::of(full),
        help: MultiformatMessage::of(help.join("\n\n")),
        help_uri: INFORMATION,
        default_configuration: Configuration { level: level(finding) },
        relationships,
        properties: RuleProperties {
            tags,
            precision: if finding.result.flaky { "medium" } else { "very-high" },
            security_severity: weighs.then(|| finding.security_severity()),
        },
    }
}

fn result(finding: &Finding<'_>, rule_index: usize) -> SarifResult {
    let result = finding.result;
    let verifier = visible(&finding.verifier.id);
    let mut parts = vec![
        format!("{verifier} {}.", finding.seen()),
        sentence(&format!("A conforming verifier {}", finding.title())),
    ];
    if result.reason != finding.seen() {
        parts.push(sentence(&format!("Observed: {}", result.reason)));
    }
    parts.extend(finding.caveats().into_iter().map(str::to_owned));
    parts.push(format!("To see it: {}", visible_to(&finding.replay(), BOUND)));
    let impact = result.impact.map_or("none", impact_word);
    SarifResult {
        rule_id: visible(&result.case),
        rule_index,
        kind: "fail",
        level: level(finding),
        message: Message::of(parts.join(" ")),
        locations: vec![Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: location(&finding.verifier.id) },
                region: Region { start_line: 1 },
            },
            logical_locations: vec![LogicalLocation {
                name: verifier.clone(),
                fully_qualified_name: format!("{verifier}::{}", visible(&result.case)),
                kind: "module",
            }],
        }],
        partial_fingerprints: Fingerprints { case_and_verifier: finding.fingerprint() },
        suppressions: result.known.then(|| {
            vec![Suppression { kind: "external", justification: "In the file of known findings." }]
        }),
        properties: [
            ("standing", finding.standing.word().to_owned()),
            ("level", result.level().to_string()),
            ("severity", result.severity().to_string()),
            ("impact", impact.to_owned()),
            ("attributedTo", attribution(finding)),
            ("cause", finding.confirmed_cause().map(visible).unwrap_or_default()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect(),
    }
}

fn attribution(finding: &Finding<'_>) -> String {
    use crate::record::Attribution;
    match finding.result.attributed_to {
        Attribution::Library => "library".to_owned(),
        Attribution::Adapter => "adapter".to_owned(),
    }
}

fn level(finding: &Finding<'_>) -> &'static str {
    match (finding.standing, finding.result.severity()) {
        (Standing::Must, Severity::Critical | Severity::High) => "error",
        (Standing::Must, Severity::Medium | Severity::Low | Severity::Info) => "warning",
        (Standing::Should | Standing::NoAnswer | Standing::Unconfirmed | Standing::Adapter, _) => {
            "note"
        }
    }
}

/// Where a finding is shown: in the adapter's file where the spec names one, else in the harness's configuration.
///
/// Code scanning shows nothing that has no place in the repository, and a black box has none.
fn location(verifier: &str) -> String {
    const CONFIGURATION: &str = "gauntlet.toml";
    let Some(command) = verifier.strip_prefix("cmd:") else {
        return CONFIGURATION.to_owned();
    };
    let words = shlex::split(command).unwrap_or_default();
    let is_file = |word: &&String| {
        let name = word.rsplit('/').next().unwrap_or_default();
        let has_extension = name
            .split_once('.')
            .is_some_and(|(stem, extension)| !stem.is_empty() && !extension.is_empty());
        has_extension && !word.starts_with(['/', '-']) && !word.split('/').any(|part| part == "..")
    };
    let file = words.iter().rev().find(is_file);
    file.map_or_else(|| CONFIGURATION.to_owned(), |file| uri(file.trim_start_matches("./")))
}

/// A relative path as a URI reference (RFC 3986 §4.2): what may not stand in one is percent-encoded, and so is a
/// colon, which would make a scheme of the first segment.
fn uri(path: &str) -> String {
    path.bytes().fold(String::new(), |mut uri, octet| {
        if octet.is_ascii_alphanumeric() || b"-._~/".contains(&octet) {
            uri.push(char::from(octet));
        } else {
            uri.push_str(&format!("%{octet:02X}"));
        }
        uri
    })
}

/// A text with a capital in front and a full stop behind, as the format's readers want it.
fn sentence(text: &str) -> String {
    let shown = visible_to(text, BOUND);
    let mut letters = shown.chars();
    let Some(first) = letters.next() else { return shown };
    let mut sentence: String = first.to_uppercase().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// An id in the spelling of a rule's name: `AlgorithmNoneMixedCase`.
fn pascal(id: &str) -> String {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(String::new(), |mut name, word| {
        let (first, rest) = word.split_at(1);
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
        name
    })
}

/// What of the taxonomies the rules of one run name.
#[derive(Default)]
struct Taxa {
    named: BTreeMap<&'static str, Vec<String>>,
}

impl Taxa {
    /// A rule's relationship to an item, which is put into its taxonomy where it is new.
    fn relationship(&mut self, taxonomy: &'static str, id: String) -> Relationship {
        let named = self.named.entry(taxonomy).or_default();
        if !named.contains(&id) {
            named.push(id.clone());
        }
        Relationship {
            target: Target { guid: guid(taxonomy, &id), id, tool_component: reference(taxonomy) },
            kinds: vec!["relevant"],
        }
    }

    fn components(&self, frameworks: &Frameworks) -> Vec<Component> {
        self.named
            .iter()
            .map(|(name, ids)| {
                let (framework, organization) = match *name {
                    CWE => (frameworks.cwe, "MITRE"),
                    _ => (frameworks.nhi, "OWASP"),
                };
                let taxa = ids.iter().filter_map(|id| {
                    let of_cwe = format!("CWE-{id}");
                    let full = if *name == CWE { &of_cwe } else { id };
                    let control = framework.control(full)?;
                    Some(Taxon {
                        id: id.clone(),
                        guid: guid(name, id),
                        name: pascal(&control.title),
                        short_description: MultiformatMessage::of(sentence(&control.title)),
                    })
                });
                Component {
                    name,
                    guid: guid(name, ""),
                    version: framework.version.clone(),
                    organization,
                    information_uri: match *name {
                        CWE => "https://cwe.mitre.org/",
                        _ => "https://owasp.org/www-project-non-human-identities-top-10/",
                    },
                    short_description: MultiformatMessage::of(sentence(&framework.name)),
                    is_comprehensive: false,
                    taxa: taxa.collect(),
                }
            })
            .collect()
    }
}

fn reference(taxonomy: &'static str) -> ComponentReference {
    ComponentReference { name: taxonomy, guid: guid(taxonomy, "") }
}

/// The same for the same name, in any run.
fn guid(taxonomy: &str, id: &str) -> String {
    let name = format!("{INFORMATION}/sarif/{taxonomy}/{id}");
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_has_a_place_in_the_repository() {
        for (verifier, place) in [
            ("pyjwt@2.10.0", "gauntlet.toml"),
            ("cmd:python3 ./ci/adapter.py --fast", "ci/adapter.py"),
            ("cmd:node 'my adapter.mjs'", "my%20adapter.mjs"),
            ("cmd:/usr/bin/thing --opt", "gauntlet.toml"),
            ("cmd:python3 ../../etc/x.py", "gauntlet.toml"),
            ("cmd:a javascript:x.js", "javascript%3Ax.js"),
        ] {
            assert_eq!(location(verifier), place, "{verifier}");
        }
    }

    #[test]
    fn names_of_rules_are_in_pascal_case() {
        assert_eq!(pascal("unsecured/none-mixed-case"), "UnsecuredNoneMixedCase");
        assert_eq!(pascal("ü/<script>"), "Script");
    }
}
