//! Honest tokens, one for each algorithm: a verifier that refuses everything must not look safe.
//!
//! They are also the canaries: after a crash or a hang, one of them must still be accepted.

use crate::{
    case::{
        Basis, Capability, Case, CaseId, CatalogueVersion, Category, Clause, Clock,
        HonestAlgorithm, Level, Needs, Part, Permitted, Severity, Story,
    },
    catalogue::Family,
    families::{honest_token, one_issuer},
    timeline::{Presentation, Timeline},
    verdict::Mode,
};

/// See the module.
pub const FAMILY: Family = Family { name: "honest", title: "Honest tokens are accepted", cases };

/// The cases in the order in which a canary is chosen: what most verifiers know comes first.
const TOKENS: &[Honest] = &[
    Honest { slug: "rs256", alg: "RS256", key: "rsa-2048-a", crv: None, clause: "RFC 7518 §3.3" },
    Honest {
        slug: "es256",
        alg: "ES256",
        key: "p256-a",
        crv: Some("P-256"),
        clause: "RFC 7518 §3.4",
    },
    Honest { slug: "hs256", alg: "HS256", key: "oct-256-a", crv: None, clause: "RFC 7518 §3.2" },
    Honest {
        slug: "ed25519",
        alg: "EdDSA",
        key: "ed25519-a",
        crv: Some("Ed25519"),
        clause: "RFC 8037 §3.1",
    },
    Honest { slug: "ps256", alg: "PS256", key: "rsa-2048-a", crv: None, clause: "RFC 7518 §3.5" },
    Honest { slug: "rs384", alg: "RS384", key: "rsa-2048-a", crv: None, clause: "RFC 7518 §3.3" },
    Honest { slug: "rs512", alg: "RS512", key: "rsa-2048-a", crv: None, clause: "RFC 7518 §3.3" },
    Honest { slug: "ps384", alg: "PS384", key: "rsa-2048-a", crv: None, clause: "RFC 7518 §3.5" },
    Honest { slug: "ps512", alg: "PS512", key: "rsa-2048-a", crv: None, clause: "RFC 7518 §3.5" },
    Honest {
        slug: "rs256-3072",
        alg: "RS256",
        key: "rsa-3072-a",
        crv: None,
        clause: "RFC 7518 §3.3",
    },
    Honest {
        slug: "rs256-4096",
        alg: "RS256",
        key: "rsa-4096-a",
        crv: None,
        clause: "RFC 7518 §3.3",
    },
    Honest { slug: "hs384", alg: "HS384", key: "oct-384-a", crv: None, clause: "RFC 7518 §3.2" },
    Honest { slug: "hs512", alg: "HS512", key: "oct-512-a", crv: None, clause: "RFC 7518 §3.2" },
    Honest {
        slug: "es384",
        alg: "ES384",
        key: "p384-a",
        crv: Some("P-384"),
        clause: "RFC 7518 §3.4",
    },
    Honest {
        slug: "es512",
        alg: "ES512",
        key: "p521-a",
        crv: Some("P-521"),
        clause: "RFC 7518 §3.4",
    },
    Honest {
        slug: "es256k",
        alg: "ES256K",
        key: "secp256k1-a",
        crv: Some("secp256k1"),
        clause: "RFC 8812 §3.2",
    },
    Honest {
        slug: "ed448",
        alg: "EdDSA",
        key: "ed448-a",
        crv: Some("Ed448"),
        clause: "RFC 8037 §3.1",
    },
    Honest {
        slug: "ed25519-named",
        alg: "Ed25519",
        key: "ed25519-a",
        crv: Some("Ed25519"),
        clause: "RFC 9864 §2.2",
    },
    Honest {
        slug: "ed448-named",
        alg: "Ed448",
        key: "ed448-a",
        crv: Some("Ed448"),
        clause: "RFC 9864 §2.2",
    },
];

struct Honest {
    slug: &'static str,
    alg: &'static str,
    key: &'static str,
    crv: Option<&'static str>,
    clause: &'static str,
}

fn cases() -> Vec<Case> {
    TOKENS.iter().map(Honest::case).collect()
}

impl Honest {
    fn case(&self) -> Case {
        let key = match self.crv {
            Some(crv) => format!("a key on {crv}"),
            None => format!("the test key {}", self.key),
        };
        Case {
            id: CaseId::new(FAMILY.name, self.slug),
            title: format!("accepts an honest {} token under {key}", self.alg),
            story: Story {
                rule: format!(
                    "A JWT whose {} signature is good under a trusted key, whose issuer and audience \
                     are the configured ones and which has not expired, is valid.",
                    self.alg
                ),
                attack: "None: this is what an honest client sends.".to_owned(),
                consequence:
                    "Honest clients are locked out; and a refusal of a forged token under \
                              the same set-up proves nothing."
                        .to_owned(),
                remedy: format!(
                    "Check that {} is implemented, allowed by the configuration, and that the key is \
                     found by its kid.",
                    self.alg
                ),
            },
            clauses: ["RFC 7515 §5.2", "RFC 7519 §7.2", self.clause]
                .map(|clause| Clause(clause.to_owned()))
                .to_vec(),
            cwe: Vec::new(),
            category: Category::SignatureIntegrity,
            level: Level::Must,
            basis: Basis::Rfc,
            severity: Severity::Medium,
            part: Part::Signature,
            twin: None,
            needs: Needs {
                capabilities: vec![Capability::Jwt, Capability::Jwks],
                lacks: Vec::new(),
                effective: Vec::new(),
                spared: Vec::new(),
                algorithms: vec![HonestAlgorithm {
                    alg: self.alg.to_owned(),
                    crv: self.crv.map(str::to_owned),
                }],
            },
            since: CatalogueVersion::V2026_1,
            source: None,
            clock: Clock::Now,
            issuers: Vec::new(),
            policy: one_issuer(self.key, self.alg),
            timeline: Timeline::of(Presentation::new(
                Mode::Jwt,
                honest_token(self.key, self.alg),
                Permitted::accept(),
            )),
        }
    }
}
