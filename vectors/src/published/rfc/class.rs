//! What examples of one kind have in common: their texts, and how bad it is to get them wrong.

use super::{Vector, id};
use crate::{
    case::{
        Basis, Case, CatalogueVersion, Category, Clause, Clock, Needs, Part, Severity, Source,
        Story,
    },
    policy::KeysRecipe,
    published::{Effective, policy},
    timeline::Timeline,
};

/// What a family of examples has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Good,
    Choice,
    Unsecured,
    Crit,
    Jwe,
    KeyDocument,
}

impl Class {
    pub(super) fn of_jws(vector: &Vector, effective: Effective) -> Self {
        match effective {
            Effective::Valid => Self::Good,
            Effective::Policy => Self::Choice,
            Effective::Invalid | Effective::Should => {
                if vector.alg == "none" && vector.id != "rfc7515-E" {
                    Self::Unsecured
                } else {
                    Self::Crit
                }
            }
        }
    }

    pub(super) fn case(
        self,
        vector: &Vector,
        effective: Effective,
        differs_because: Option<String>,
    ) -> Case {
        let source = vector.source.trim_end_matches(" (derived)");
        let (title, category, part, severity, cwe, clauses) = match self {
            Self::Good => (
                format!("accepts the example of {source}"),
                Category::SignatureIntegrity,
                Part::Signature,
                Severity::Medium,
                vec![],
                vec!["RFC 7515 §5.2"],
            ),
            Self::Choice => (
                format!(
                    "may refuse or accept the example of {source}, and then believes what was signed"
                ),
                Category::TokenParsing,
                Part::Header,
                Severity::Info,
                vec![],
                vec!["RFC 7515 §4.1.11", "RFC 7515 §5.2"],
            ),
            Self::Unsecured => (
                format!("refuses the unsecured example of {source} where a key is configured"),
                Category::AlgNone,
                Part::AllowList,
                Severity::Critical,
                vec![347],
                vec!["RFC 7518 §3.6", "RFC 7515 §5.2", "RFC 8725 §3.2"],
            ),
            Self::Crit => (
                format!("refuses the critical extension that it does not understand: {source}"),
                Category::TokenParsing,
                Part::Header,
                Severity::High,
                vec![358],
                vec!["RFC 7515 §4.1.11"],
            ),
            Self::Jwe => (
                format!("refuses a JWE where a JWS is due: {source}"),
                Category::JweNested,
                Part::Serialization,
                Severity::High,
                vec![347],
                vec!["RFC 7515 §5.2", "RFC 7516 §9"],
            ),
            Self::KeyDocument => (
                format!("finds the signing key in the key document of {source}"),
                Category::JwksParsing,
                Part::Keys,
                Severity::Medium,
                vec![],
                vec!["RFC 7517 §4", "RFC 7517 §5", "RFC 7515 §5.2"],
            ),
        };
        Case {
            id: id(&vector.id),
            title,
            story: self.story(),
            clauses: clauses.into_iter().map(|clause| Clause(clause.to_owned())).collect(),
            cwe,
            category,
            level: effective.level(),
            basis: Basis::Rfc,
            severity,
            part,
            twin: None,
            needs: Needs::default(),
            since: CatalogueVersion::V2026_1,
            source: Some(Source {
                document: vector.source.clone(),
                label: vector.result().to_owned(),
                differs_because,
                note: vector.notes.clone(),
            }),
            clock: Clock::Now,
            issuers: Vec::new(),
            policy: policy(KeysRecipe::Set(Vec::new()), Vec::new()),
            timeline: Timeline(Vec::new()),
        }
    }

    fn story(self) -> Story {
        let [rule, attack, consequence, remedy] = match self {
            Self::Good => [
                "The example is a good JWS under the key that the RFC prints beside it; a verifier that \
                 lists its algorithm and serialization accepts it and takes from it the printed payload.",
                "None: the RFC's authors made it to be accepted.",
                "Implementations that follow the RFC cannot talk to this verifier.",
                "Compare the intermediate values shown below with the RFC's.",
            ],
            Self::Choice => [
                "The specification leaves it to the recipient whether to refuse; one that accepts believes \
                 the payload that was signed.",
                "None by itself; the report says which way this verifier goes.",
                "Two verifiers that choose differently disagree on the same token.",
                "None needed. Whoever wants agreement refuses.",
            ],
            Self::Unsecured => [
                "An unsecured JWS has no integrity; a recipient accepts one only where it was explicitly \
                 told to, and a configured key says the opposite.",
                "The attacker writes any claims, names `none` as the algorithm and leaves the signature \
                 away.",
                "Anybody is anybody.",
                "Refuse `none` unless the caller asked for unsecured objects by name.",
            ],
            Self::Crit => [
                "If any name listed in `crit` is not understood and supported by the recipient, the JWS is \
                 invalid.",
                "A token that is good only under a condition is shown to a verifier that does not know the \
                 condition.",
                "The condition is passed over.",
                "Refuse every token whose `crit` lists a name that the verifier does not implement.",
            ],
            Self::Jwe => [
                "What is not a JWS is not a valid one: five segments, or the members of a JWE, are refused \
                 by whoever was asked to check a signature.",
                "The attacker encrypts claims of his own to the service's published key; anybody can.",
                "A verifier that decrypts and stops there takes confidentiality for authenticity.",
                "Count the segments, look at the members, and refuse what is not the form that is due.",
            ],
            Self::KeyDocument => [
                "A verifier finds the key that signed in a key document as the RFC prints it, beside keys of \
                 other types and uses.",
                "None: this is what an issuer publishes.",
                "Tokens of issuers with such a document are refused.",
                "Ignore what a key document holds beside the key, and choose by `kid`, `kty` and `alg`.",
            ],
        };
        Story {
            rule: rule.to_owned(),
            attack: attack.to_owned(),
            consequence: consequence.to_owned(),
            remedy: remedy.to_owned(),
        }
    }
}
