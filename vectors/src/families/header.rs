//! Header parameters that a verifier must not pass over, or must.

use serde_json::{Value, json};

use crate::{
    case::{
        Basis, Capability, Case, CaseId, CatalogueVersion, Category, Clause, Clock,
        HonestAlgorithm, Level, Needs, Part, Permitted, Severity, Story,
    },
    catalogue::Family,
    families::{compact, honest_claims, honest_header, one_issuer},
    recipe::{JwsRecipe, Recipe},
    timeline::{Presentation, Timeline},
    verdict::Mode,
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "header",
    title: "Header parameters that must, or must not, change the outcome",
    cases,
};

const KEY: &str = "rsa-2048-a";
const ALG: &str = "RS256";
const EXTENSION: &str = "https://extension.test/confirm-holder";

fn cases() -> Vec<Case> {
    vec![crit_unknown(), unknown_parameter_is_ignored(), crit_b64_in_a_jwt(), b64_without_crit()]
}

fn crit_unknown() -> Case {
    let token = with(&[("crit", json!([EXTENSION])), (EXTENSION, json!(true))]);
    Case {
        clauses: clauses(&["RFC 7515 §4.1.11", "RFC 7515 §5.2"]),
        cwe: vec![358],
        severity: Severity::High,
        ..case(
            "crit-unknown-extension",
            "refuses a token with a critical extension that it does not understand",
            Story {
                rule: "If any name listed in `crit` is not understood and supported by the recipient, \
                       the JWS is invalid."
                    .to_owned(),
                attack: "An issuer marks a restriction (here: the holder has to be confirmed) as \
                         critical. A token with that restriction, stolen, is shown to a verifier that \
                         does not know it."
                    .to_owned(),
                consequence: "The restriction is passed over: a token that is good only under a \
                              condition is taken as good under none."
                    .to_owned(),
                remedy: "Refuse every token whose `crit` lists a name that the verifier does not \
                         implement."
                    .to_owned(),
            },
            token,
            Permitted::refuse(),
        )
    }
}

fn unknown_parameter_is_ignored() -> Case {
    Case {
        clauses: clauses(&["RFC 7515 §4"]),
        ..case(
            "unknown-parameter",
            "ignores an unknown header parameter that is not critical",
            Story {
                rule: "Header parameters that are neither understood nor critical are ignored."
                    .to_owned(),
                attack: "None: issuers add parameters of their own.".to_owned(),
                consequence:
                    "Tokens of an issuer that adds a parameter are refused from that day on."
                        .to_owned(),
                remedy: "Ignore what is not understood, unless `crit` lists it.".to_owned(),
            },
            with(&[(EXTENSION, json!(true))]),
            Permitted::accept(),
        )
    }
}

/// The payload segment is the same text whether `b64` is understood or not, so that only `crit` (or the
/// payload, which then is no JSON) can refuse it.
fn crit_b64_in_a_jwt() -> Case {
    Case {
        clauses: clauses(&["RFC 7515 §4.1.11", "RFC 7797 §6", "RFC 7797 §7"]),
        cwe: vec![358],
        severity: Severity::Medium,
        ..case(
            "crit-b64-false-in-a-jwt",
            "refuses a JWT whose critical `b64` says that its payload is not encoded",
            Story {
                rule: "A verifier without RFC 7797 refuses a token whose `crit` lists `b64`; one with it \
                       takes the payload as it stands, which here is no JSON and therefore no JWT."
                    .to_owned(),
                attack: "The payload segment is base64url of a claims set, the header says that it is \
                         not encoded. Two verifiers read two different payloads under one signature."
                    .to_owned(),
                consequence: "One of them believes claims that the signer did not make.".to_owned(),
                remedy: "Refuse `b64` in a JWT, and every `crit` that lists what is not implemented."
                    .to_owned(),
            },
            with(&[("b64", json!(false)), ("crit", json!(["b64"]))]),
            Permitted::refuse(),
        )
    }
}

fn b64_without_crit() -> Case {
    let mut case = Case {
        clauses: clauses(&["RFC 7515 §4", "RFC 7797 §6"]),
        severity: Severity::Low,
        ..case(
            "b64-without-crit",
            "ignores `b64` that is not critical, where it does not know RFC 7797",
            Story {
                rule: "Without `crit`, `b64` is one more parameter that a verifier without RFC 7797 does \
                       not understand, and it is ignored."
                    .to_owned(),
                attack: "None; the producer is at fault, which the verifier cannot know.".to_owned(),
                consequence: "A token that RFC 7515 calls valid is refused.".to_owned(),
                remedy: "Ignore what is not understood, unless `crit` lists it.".to_owned(),
            },
            with(&[("b64", json!(false))]),
            Permitted::accept(),
        )
    };
    // One that knows RFC 7797 may take the parameter at its word: nothing tells it not to.
    case.needs.lacks = vec![Capability::B64False];
    case
}

/// An honest token with more header parameters, genuinely signed.
fn with(parameters: &[(&str, Value)]) -> JwsRecipe {
    let mut header = honest_header(KEY, ALG);
    header.extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    compact(header, honest_claims(), KEY, ALG)
}

fn clauses(names: &[&str]) -> Vec<Clause> {
    names.iter().map(|name| Clause((*name).to_owned())).collect()
}

fn case(slug: &str, title: &str, story: Story, token: JwsRecipe, permitted: Permitted) -> Case {
    let twin = permitted.is_refusal_only().then(|| CaseId::new("honest", "rs256"));
    Case {
        id: CaseId::new(FAMILY.name, slug),
        title: title.to_owned(),
        story,
        clauses: Vec::new(),
        cwe: Vec::new(),
        category: Category::TokenParsing,
        level: Level::Must,
        basis: Basis::Rfc,
        severity: Severity::Medium,
        part: Part::Header,
        twin,
        needs: Needs {
            capabilities: vec![Capability::Jwt, Capability::Jwks],
            lacks: Vec::new(),
            algorithms: vec![HonestAlgorithm { alg: ALG.to_owned(), crv: None }],
        },
        since: CatalogueVersion::V2026_1,
        source: None,
        clock: Clock::Now,
        policy: one_issuer(KEY, ALG),
        timeline: Timeline::of(Presentation::new(
            Mode::Jwt,
            Recipe::Jws(Box::new(token)),
            permitted,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7797 §7 forbids `b64`=false in a JWT to its producer. What its consumer has to do hangs on `crit`.
    #[test]
    fn b64_is_refused_where_crit_names_it_and_ignored_where_crit_does_not() {
        let cases = cases();
        let find =
            |slug| cases.iter().find(|case| case.id == CaseId::new(FAMILY.name, slug)).unwrap();
        let critical = find("crit-b64-false-in-a-jwt");
        assert!(critical.permitted().unwrap().is_refusal_only());
        assert!(critical.needs.lacks.is_empty(), "asked of those that know RFC 7797 as well");
        let not_critical = find("b64-without-crit");
        assert!(not_critical.permitted().unwrap().is_acceptance_only());
        assert_eq!(not_critical.needs.lacks, [Capability::B64False]);
    }
}
