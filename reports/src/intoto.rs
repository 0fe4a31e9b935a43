//! An in-toto statement of type test-result v0.1, for policy engines and provenance stores.
//!
//! Its subject is the record, by name and digest: of the verifier itself the harness knows a name and a version and
//! no digest, and a statement that gave it one would attest what nobody measured. Whoever signs this can put the
//! artefact that was tested beside it.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    finding::Standing,
    json,
    record::{OutcomeName, Record},
    writer::Writer,
};

pub(crate) const WRITER: Writer = Writer {
    name: "intoto",
    file_name: "test-result.intoto.json",
    purpose: "an unsigned in-toto statement (test-result v0.1) on the record",
    write,
};

#[derive(Serialize)]
struct Statement {
    #[serde(rename = "_type")]
    kind: &'static str,
    subject: Vec<Resource>,
    #[serde(rename = "predicateType")]
    predicate_type: &'static str,
    predicate: TestResult,
}

/// What is identified by a digest.
#[derive(Serialize)]
struct Resource {
    name: String,
    digest: Sha256Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct Sha256Digest {
    sha256: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TestResult {
    result: &'static str,
    configuration: Vec<Resource>,
    passed_tests: Vec<String>,
    warned_tests: Vec<String>,
    failed_tests: Vec<String>,
}

fn write(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, &Statement::of(record)?)?;
    to.write_all(b"\n")
}

impl Statement {
    fn of(record: &Record) -> io::Result<Self> {
        let mut bytes = Vec::new();
        (json::WRITER.write)(record, &mut bytes)?;
        let verifiers: Vec<_> = record
            .verifiers
            .iter()
            .map(|entry| serde_json::json!({ "id": entry.id, "name": entry.name, "version": entry.version }))
            .collect();
        let catalogue = &record.catalogue;
        Ok(Self {
            kind: "https://in-toto.io/Statement/v1",
            subject: vec![Resource {
                name: json::WRITER.file_name.to_owned(),
                digest: Sha256Digest { sha256: hex(&Sha256::digest(&bytes)) },
                annotations: Some(serde_json::json!({ "verifiers": verifiers })),
            }],
            predicate_type: "https://in-toto.io/attestation/test-result/v0.1",
            predicate: TestResult {
                configuration: vec![Resource {
                    name: format!(
                        "catalogue {} with profile {}",
                        catalogue.version, record.profile
                    ),
                    digest: Sha256Digest {
                        sha256: catalogue.digest.trim_start_matches("sha256:").to_owned(),
                    },
                    annotations: None,
                }],
                ..TestResult::of(record)
            },
        })
    }
}

impl TestResult {
    /// A MUST that was not met has failed; whatever weighs less, or stayed open, has a warning. What was not asked,
    /// and what is a choice, stands nowhere, and a run that asked less than everything is at best a warning.
    fn of(record: &Record) -> Self {
        let (mut passed, mut warned, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for result in &record.results {
            let list = match (result.outcome, result.standing()) {
                (OutcomeName::Pass, _) => &mut passed,
                (OutcomeName::Info | OutcomeName::Skip, _) => continue,
                (OutcomeName::Inconclusive | OutcomeName::Error, _) => &mut warned,
                (OutcomeName::Fail | OutcomeName::Hang | OutcomeName::Crash, standing) => {
                    match standing {
                        Some(Standing::Must) | None => &mut failed,
                        Some(
                            Standing::Should
                            | Standing::NoAnswer
                            | Standing::Unconfirmed
                            | Standing::Adapter,
                        ) => &mut warned,
                    }
                }
            };
            list.push(format!("{}: {}", result.verifier, result.case));
        }
        let skipped = record.results.iter().any(|result| result.outcome == OutcomeName::Skip);
        let result = if !failed.is_empty() {
            "FAILED"
        } else if !warned.is_empty() || skipped || record.is_partial() {
            "WARNED"
        } else {
            "PASSED"
        };
        Self {
            result,
            configuration: Vec::new(),
            passed_tests: passed,
            warned_tests: warned,
            failed_tests: failed,
        }
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
