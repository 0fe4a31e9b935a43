//! JUnit XML, for the test tab of a build server.
//!
//! A suite is a family of cases for one verifier. A finding is a failure, whose `type` tells a MUST from what weighs
//! less; what could not be judged is an error; what was not asked, what only follows from another finding, and a
//! finding that is known are skipped, each with its reason. Counts on suites are those of their children.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use quick_xml::{
    events::{BytesDecl, BytesText, Event},
    writer::Writer as Xml,
};

use crate::{
    finding::{Finding, findings, impact_word, product},
    record::{CaseResult, OutcomeName, Record, VerifierEntry},
    text::visible,
    writer::Writer,
};

pub(crate) const WRITER: Writer = Writer {
    name: "junit",
    file_name: "junit.xml",
    purpose: "JUnit XML for the test tab of a build server",
    write,
};

fn write(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    let findings = findings(record);
    let findings: BTreeMap<(&str, &str), &Finding<'_>> = findings
        .iter()
        .map(|finding| ((finding.result.verifier.as_str(), finding.result.case.as_str()), finding))
        .collect();
    let suites = Suite::all(record, &findings);
    let mut xml = Xml::new_with_indent(&mut *to, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut all = Counts::default();
    suites.iter().for_each(|suite| all.add(suite.counts));
    let attributes = all.attributes("gauntlet");
    xml.create_element("testsuites")
        .with_attributes(attributes.iter().map(|(name, value)| (*name, value.as_str())))
        .write_inner_content(|xml| suites.iter().try_for_each(|suite| suite.write(record, xml)))?;
    to.write_all(b"\n")
}

/// The cases of one family for one verifier.
struct Suite<'a> {
    verifier: &'a VerifierEntry,
    family: &'a str,
    cases: Vec<Tested<'a>>,
    counts: Counts,
}

struct Tested<'a> {
    result: &'a CaseResult,
    became: Became,
}

/// What JUnit knows.
enum Became {
    Passed { note: Option<String> },
    Failed { kind: String, message: String, text: String },
    Erred { message: String },
    Skipped { message: String },
}

#[derive(Clone, Copy, Default)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
    microseconds: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
        self.skipped += other.skipped;
        self.microseconds = self.microseconds.saturating_add(other.microseconds);
    }

    fn attributes(&self, name: &str) -> [(&'static str, String); 6] {
        [
            ("name", visible(name)),
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
            ("skipped", self.skipped.to_string()),
            ("time", seconds(self.microseconds)),
        ]
    }
}

impl<'a> Suite<'a> {
    /// Verifier by verifier, the families in the record's order.
    fn all(record: &'a Record, findings: &BTreeMap<(&str, &str), &Finding<'_>>) -> Vec<Self> {
        let mut suites: Vec<Self> = Vec::new();
        for verifier in &record.verifiers {
            let first = suites.len();
            for result in record.results.iter().filter(|result| result.verifier == verifier.id) {
                let finding = findings.get(&(verifier.id.as_str(), result.case.as_str())).copied();
                let tested = Tested { result, became: Became::of(record, result, finding) };
                let own = suites.iter_mut().skip(first).find(|suite| suite.family == result.family);
                match own {
                    Some(suite) => suite.push(tested),
                    None => {
                        let (family, counts) = (result.family.as_str(), Counts::default());
                        let mut suite = Self { verifier, family, cases: Vec::new(), counts };
                        suite.push(tested);
                        suites.push(suite);
                    }
                }
            }
        }
        suites
    }

    fn push(&mut self, tested: Tested<'a>) {
        let became = &tested.became;
        self.counts.add(Counts {
            tests: 1,
            failures: u64::from(matches!(became, Became::Failed { .. })),
            errors: u64::from(matches!(became, Became::Erred { .. })),
            skipped: u64::from(matches!(became, Became::Skipped { .. })),
            microseconds: tested.result.duration_us,
        });
        self.cases.push(tested);
    }

    fn write<W: Write>(&self, record: &Record, xml: &mut Xml<W>) -> io::Result<()> {
        let name = format!("{}: {}", self.verifier.id, self.family);
        let attributes = self.counts.attributes(&name);
        // Without the zone, as the schema that build servers share wants it; the time is UTC.
        let started = record.started_by(&self.verifier.id).trim_end_matches('Z').to_owned();
        let timestamp = [("timestamp", visible(&started))];
        let attributes = attributes.iter().chain(&timestamp);
        xml.create_element("testsuite")
            .with_attributes(attributes.map(|(name, value)| (*name, value.as_str())))
            .write_inner_content(|xml| {
                self.properties(record, xml)?;
                self.cases.iter().try_for_each(|tested| self.case(tested, xml))
            })?;
        Ok(())
    }

    fn properties<W: Write>(&self, record: &Record, xml: &mut Xml<W>) -> io::Result<()> {
        let properties = [
            ("verifier", self.verifier.name.as_str()),
            ("verifier.version", self.verifier.version.as_str()),
            ("catalogue", record.catalogue.version.as_str()),
            ("catalogue.digest", record.catalogue.digest.as_str()),
            ("profile", record.profile.as_str()),
        ];
        xml.create_element("properties").write_inner_content(|xml| {
            for (name, value) in properties {
                xml.create_element("property")
                    .with_attribute(("name", name))
                    .with_attribute(("value", visible(value).as_str()))
                    .write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn case<W: Write>(&self, tested: &Tested<'_>, xml: &mut Xml<W>) -> io::Result<()> {
        let Tested { result, became } = tested;
        let class = visible(&format!("{}.{}", self.verifier.id, self.family));
        let element = xml
            .create_element("testcase")
            .with_attribute(("name", visible(&result.case).as_str()))
            .with_attribute(("classname", class.as_str()))
            .with_attribute(("time", seconds(result.duration_us).as_str()));
        let (tag, message) = match became {
            Became::Passed { note: None } => {
                element.write_empty()?;
                return Ok(());
            }
            Became::Passed { note: Some(note) } => {
                element.write_inner_content(|xml| {
                    let text = BytesText::new(note);
                    xml.create_element("system-out").write_text_content(text).map(|_| ())
                })?;
                return Ok(());
            }
            Became::Failed { kind, message, text } => {
                element.write_inner_content(|xml| {
                    xml.create_element("failure")
                        .with_attribute(("type", kind.as_str()))
                        .with_attribute(("message", message.as_str()))
                        .write_text_content(BytesText::new(text))
                        .map(|_| ())
                })?;
                return Ok(());
            }
            Became::Erred { message } => ("error", message),
            Became::Skipped { message } => ("skipped", message),
        };
        element.write_inner_content(|xml| {
            let child = xml.create_element(tag).with_attribute(("message", message.as_str()));
            let child =
                if tag == "error" { child.with_attribute(("type", "not judged")) } else { child };
            child.write_empty().map(|_| ())
        })?;
        Ok(())
    }
}

impl Became {
    fn of(record: &Record, result: &CaseResult, finding: Option<&Finding<'_>>) -> Self {
        let reason = visible(&result.reason);
        match result.outcome {
            OutcomeName::Pass => Self::Passed { note: None },
            OutcomeName::Info => Self::Passed { note: Some(format!("a choice: {reason}")) },
            OutcomeName::Skip => Self::Skipped { message: reason },
            OutcomeName::Inconclusive if record.is_explained(result) => {
                Self::Skipped { message: format!("follows from the finding in its twin: {reason}") }
            }
            OutcomeName::Inconclusive => Self::Erred { message: format!("inconclusive: {reason}") },
            OutcomeName::Error => Self::Erred { message: reason },
            OutcomeName::Fail | OutcomeName::Hang | OutcomeName::Crash => match finding {
                Some(finding) if result.known => {
                    Self::Skipped { message: format!("known finding: {}", message(finding)) }
                }
                Some(finding) => Self::Failed {
                    kind: kind(finding),
                    message: message(finding),
                    text: text(finding),
                },
                None => Self::Failed {
                    kind: result.level.clone(),
                    message: reason,
                    text: String::new(),
                },
            },
        }
    }
}

/// How much it weighs, what it means, and how bad that is: `MUST bypass critical`.
fn kind(finding: &Finding<'_>) -> String {
    let impact = finding.result.impact.map_or("finding", impact_word);
    format!("{} {impact} {}", finding.standing, finding.result.severity())
}

fn message(finding: &Finding<'_>) -> String {
    visible(&format!("{} {}", finding.verifier.id, finding.seen()))
}

fn text(finding: &Finding<'_>) -> String {
    let result = finding.result;
    let mut lines = vec![
        String::new(),
        format!("rule: {} ({})", result.title, result.clauses.join(", ")),
        format!("permitted: {}", result.permitted.join(" or ")),
        format!("observed: {}", result.observed.as_deref().unwrap_or("nothing")),
        format!("reason: {}", result.reason),
    ];
    lines.extend(finding.caveats().into_iter().map(|caveat| format!("note: {caveat}")));
    lines.extend(finding.confirmed_cause().map(|cause| format!("cause: {cause}")));
    for precedent in finding.precedents() {
        lines.push(format!(
            "known from: {} ({}): {}",
            precedent.id,
            product(precedent),
            precedent.what
        ));
    }
    lines.push(format!("again: {}", finding.replay()));
    lines.push(String::new());
    lines.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n")
}

/// Seconds with six digits behind the point, without a detour over floating point.
fn seconds(microseconds: u64) -> String {
    format!("{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000)
}
