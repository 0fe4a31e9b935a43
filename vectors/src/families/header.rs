//! Header parameters that a verifier must not pass over, or must.

use serde_json::{Value, json};

use crate::{
    case::{Basis, Belief, Capability, Case, Category, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    recipe::{Edit, Json, JwsRecipe, PayloadEncoding},
    timeline::{DetachedPayload, Step},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "header",
    title: "Header parameters that must, or must not, change the outcome",
    cases,
};

const EXTENSION: &str = "https://extension.test/confirm-holder";

fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    [crit_unknown(&setup), crit_choices(&setup), ignored(&setup), b64(&setup), unencoded()].concat()
}

const CRIT: Class = Class {
    family: FAMILY.name,
    category: Category::TokenParsing,
    part: Part::Header,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::High,
    clauses: &["RFC 7515 §4.1.11", "RFC 7515 §5.2"],
    cwe: &[358],
    rule: "If any name listed in `crit` is not understood and supported by the recipient, the JWS is \
           invalid.",
    consequence: "The restriction is passed over: a token that is good only under a condition is taken \
                  as good under none.",
    remedy: "Refuse every token whose `crit` lists a name that the verifier does not implement.",
};

const IGNORED: Class = Class {
    severity: Severity::Medium,
    clauses: &["RFC 7515 §4"],
    cwe: &[],
    rule: "Header parameters that are neither understood nor critical are ignored.",
    consequence: "Tokens of an issuer that adds a parameter are refused from that day on.",
    remedy: "Ignore what is not understood, unless `crit` lists it.",
    ..CRIT
};

/// An honest token with more header parameters, genuinely signed.
fn with(setup: &Setup, parameters: &[(&str, Value)]) -> JwsRecipe {
    parameters.iter().fold(setup.token(), |token, (name, value)| token.header(name, value.clone()))
}

/// A service that takes JWS from one key, whatever they hold.
fn bare() -> Setup {
    Setup::es256().jws().twin(super::interop::FAMILY.name, "payload-of-text").policy(|policy| {
        policy.audiences.clear();
        for issuer in &mut policy.issuers {
            issuer.issuer = None;
        }
    })
}

fn crit_unknown(setup: &Setup) -> Vec<Case> {
    let jws = bare();
    let rs256 = Setup::rs256();
    vec![
        // RS256, because README and handbook show this case, and everybody has RS256.
        CRIT.refuse(
            &rs256,
            "crit-unknown-extension",
            "refuses a token with a critical extension that it does not understand",
            "An issuer marks a restriction (here: the holder has to be confirmed) as critical. A token \
             with that restriction, stolen, is shown to a verifier that does not know it.",
            with(&rs256, &[("crit", json!([EXTENSION])), (EXTENSION, json!(true))]),
        ),
        CRIT.refuse(
            &Setup::hs256(),
            "crit-unknown-hs256",
            "refuses an HS256 token with a critical extension that it does not understand",
            "The same restriction on a token that is signed with a secret.",
            with(&Setup::hs256(), &[("crit", json!([EXTENSION])), (EXTENSION, json!(true))]),
        ),
        CRIT.refuse(
            setup,
            "crit-unknown-without-kid",
            "refuses a token without `kid` with a critical extension that it does not understand",
            "The same restriction on a token that does not name its key.",
            with(setup, &[("crit", json!([EXTENSION])), (EXTENSION, json!(true))])
                .without_header("kid"),
        ),
        CRIT.refuse(
            setup,
            "crit-unknown-null",
            "refuses a token with a critical extension that it does not understand, of value null",
            "The restriction is there, and its value is null, which some software takes for absence.",
            with(setup, &[("crit", json!([EXTENSION])), (EXTENSION, json!(null))]),
        ),
        CRIT.refuse(
            setup,
            "crit-unknown-behind-b64",
            "refuses a critical extension that it does not understand, behind one that it may",
            "The restriction is listed behind `b64`, which some verifiers know; they stop reading there.",
            with(
                setup,
                &[("crit", json!(["b64", EXTENSION])), ("b64", json!(true)), (EXTENSION, json!(true))],
            ),
        ),
        CRIT.refuse(
            setup,
            "crit-unknown-before-b64",
            "refuses a critical extension that it does not understand, before one that it may",
            "The restriction is listed before `b64`, which some verifiers know; the last name is all they \
             look at.",
            with(
                setup,
                &[("crit", json!([EXTENSION, "b64"])), ("b64", json!(true)), (EXTENSION, json!(true))],
            ),
        ),
        CRIT.refuse(
            &jws,
            "crit-unknown-in-a-jws",
            "refuses a critical extension that it does not understand in a JWS that is no JWT",
            "The restriction stands in a JWS whose payload is no claims set, and which other software \
             reads than that for JWTs.",
            with(&jws, &[("crit", json!([EXTENSION])), (EXTENSION, json!(true))])
                .payload(Json::Octets(b"pay-100-to-alice".to_vec())),
        ),
        CRIT.refuse(
            setup,
            "crit-exp",
            "refuses a critical header parameter that has the name of a claim",
            "An issuer sets an end in the header and calls it critical, as in the example of the \
             specification; it has passed, and the claim of that name has not.",
            with(setup, &[("crit", json!(["exp"])), ("exp", json!("{now-600}"))]),
        ),
        CRIT.refuse(
            setup,
            "crit-name-in-another-case",
            "refuses a critical name that differs from one that it may know by its case",
            "The critical name is `B64`. Names are compared letter by letter, so that nobody knows it.",
            with(setup, &[("crit", json!(["B64"])), ("B64", json!(true))]),
        ),
    ]
}

/// RFC 7515 §4.1.11: recipients MAY refuse what producers must not do.
fn crit_choices(setup: &Setup) -> Vec<Case> {
    let class = Class {
        rule: "What a `crit` may hold is a rule for producers: an array, not empty, of names of \
               extensions, none twice, all of them in the header. Recipients may refuse a token that \
               breaks it.",
        consequence: "None by itself; but a verifier that fails here in another way than by refusing has \
                      read the list carelessly.",
        remedy: "Refuse a `crit` that is not what it should be.",
        ..CRIT
    };
    let extension = (EXTENSION, json!(true));
    [
        ("crit-empty", "`crit` that is empty", json!([]), None),
        ("crit-text", "`crit` that is a text", json!(EXTENSION), Some(&extension)),
        ("crit-null", "`crit` that is null", json!(null), None),
        ("crit-bool", "`crit` that is true", json!(true), None),
        ("crit-of-number", "`crit` that lists a number", json!([1]), None),
        ("crit-alg", "`crit` that lists `alg`", json!(["alg"]), None),
        (
            "crit-absent",
            "`crit` that lists a name that is not in the header",
            json!([EXTENSION]),
            None,
        ),
    ]
    .into_iter()
    .map(|(slug, what, crit, more)| {
        let mut token = with(setup, &[("crit", crit)]);
        if let Some((name, value)) = more {
            token = token.header(name, value.clone());
        }
        class.choice(
            setup,
            slug,
            format!("may refuse a {what}"),
            format!("An issuer sends a {what}."),
            token,
            Permitted::choice(Belief::Signed),
        )
    })
    .collect()
}

fn ignored(setup: &Setup) -> Vec<Case> {
    let application = Class {
        clauses: &["RFC 7519 §5.1", "RFC 7519 §5.2", "RFC 7515 §4.1.10"],
        rule: "`typ` and `cty` are for the application. A JWT implementation that was told of no type \
               ignores them, but for a `cty` of JWT.",
        remedy: "Compare `typ` where a type is configured, and nowhere else.",
        ..IGNORED
    };
    vec![
        IGNORED.accept(
            setup,
            "unknown-parameter",
            "ignores an unknown header parameter that is not critical",
            "None: issuers add parameters of their own.",
            with(setup, &[(EXTENSION, json!(true))]),
        ),
        IGNORED.accept(
            setup,
            "unknown-parameters-of-every-type",
            "ignores unknown header parameters, whatever their type",
            "None: issuers add parameters of their own, and objects and arrays among them.",
            with(
                setup,
                &[
                    ("org.test/null", Value::Null),
                    ("org.test/number", json!(1.5)),
                    ("org.test/array", json!([1, "x", null])),
                    ("org.test/object", json!({ "alg": "none", "kid": 1, "crit": ["x"] })),
                ],
            ),
        ),
        IGNORED.accept(
            setup,
            "zip",
            "ignores `zip`, which means something in a JWE alone",
            "None: a library writes the same header into JWS and JWE.",
            with(setup, &[("zip", json!("DEF"))]),
        ),
        application.accept(
            setup,
            "cty-other-than-jwt",
            "ignores a `cty` other than JWT",
            "None: an issuer says that its claims are JSON.",
            with(setup, &[("cty", json!("json"))]),
        ),
    ]
}

fn b64(setup: &Setup) -> Vec<Case> {
    let in_a_jwt = Class {
        clauses: &["RFC 7515 §4.1.11", "RFC 7797 §6", "RFC 7797 §7"],
        severity: Severity::Medium,
        rule: "A verifier without RFC 7797 refuses a token whose `crit` lists `b64`; one with it takes \
               the payload as it stands, which here is no JSON and therefore no JWT.",
        consequence: "One of them believes claims that the signer did not make.",
        remedy: "Refuse `b64` in a JWT, and every `crit` that lists what is not implemented.",
        ..CRIT
    };
    let not_critical = Class {
        clauses: &["RFC 7515 §4", "RFC 7797 §6"],
        severity: Severity::Low,
        rule: "Without `crit`, `b64` is one more parameter that a verifier without RFC 7797 does not \
               understand, and it is ignored.",
        consequence: "A token that RFC 7515 calls valid is refused.",
        ..IGNORED
    };
    let mut without_crit = not_critical.accept(
        setup,
        "b64-without-crit",
        "ignores `b64` that is not critical, where it does not know RFC 7797",
        "None; the producer is at fault, which the verifier cannot know.",
        with(setup, &[("b64", json!(false))]),
    );
    // One that knows RFC 7797 may take the parameter at its word: nothing tells it not to.
    without_crit.needs.lacks = vec![Capability::B64False];
    vec![
        // The payload segment is the same text whether `b64` is understood or not, so that only `crit`
        // (or the payload, which then is no JSON) can refuse it.
        in_a_jwt.refuse(
            setup,
            "crit-b64-false-in-a-jwt",
            "refuses a JWT whose critical `b64` says that its payload is not encoded",
            "The payload segment is base64url of a claims set, the header says that it is not encoded. \
             Two verifiers read two different payloads under one signature.",
            with(setup, &[("b64", json!(false)), ("crit", json!(["b64"]))]),
        ),
        without_crit,
        Class {
            severity: Severity::Low,
            clauses: &["RFC 7515 §4.1.11", "RFC 7515 §5.2", "RFC 7797 §3"],
            rule: "The values of critical parameters must be understood as well, and `b64` is a boolean.",
            ..in_a_jwt
        }
        .refuse(
            setup,
            "crit-b64-text",
            "refuses a critical `b64` that is a text",
            "The header says \"false\" as a text, which is true in one language and false in another.",
            with(setup, &[("b64", json!("false")), ("crit", json!(["b64"]))]),
        ),
        Class {
            rule: "A critical `b64` of true changes nothing. A verifier without RFC 7797 refuses the token \
                   because it does not know the name; one with it may accept it.",
            ..in_a_jwt
        }
        .choice(
            setup,
            "crit-b64-true",
            "may refuse a critical `b64` that says what holds without it",
            "None: a producer writes the default.",
            with(setup, &[("b64", json!(true)), ("crit", json!(["b64"]))]),
            Permitted::choice(Belief::Signed),
        ),
        Class {
            rule: "Names in `crit` should stand there once; recipients may refuse a token that repeats one.",
            ..in_a_jwt
        }
        .choice(
            setup,
            "crit-b64-twice",
            "may refuse a `crit` that lists a name twice",
            "A producer lists `b64` twice.",
            with(setup, &[("b64", json!(true)), ("crit", json!(["b64", "b64"]))]),
            Permitted::choice(Belief::Signed),
        ),
    ]
}

/// Payloads that are not encoded, for verifiers that say they know them.
fn unencoded() -> Vec<Case> {
    let setup = bare().needing(Capability::B64False).twin(FAMILY.name, "b64-detached");
    let class = Class {
        category: Category::SignatureIntegrity,
        part: Part::Serialization,
        severity: Severity::Critical,
        clauses: &["RFC 7797 §3", "RFC 7797 §5", "RFC 7515 §5.2"],
        cwe: &[347],
        rule: "With a critical `b64` of false the signature covers the payload as it is, whether it stands \
               in the token or travels beside it.",
        consequence: "Anybody can exchange what was signed.",
        remedy: "Put the received payload into the signing input, and nothing else.",
        ..CRIT
    };
    let honest = Class { severity: Severity::Medium, cwe: &[], ..class };
    let mut attached = with(&setup, &[("b64", json!(false)), ("crit", json!(["b64"]))])
        .payload(Json::Text("pay-100-to-alice".to_owned()));
    attached.payload_encoding = PayloadEncoding::Unencoded;
    let detached = JwsRecipe { detached: true, ..attached.clone() };
    let mut exchanged = class.refuse(
        &setup,
        "b64-detached-exchanged",
        "refuses a detached payload other than the signed one",
        "The attacker keeps the token and exchanges the payload beside it.",
        detached.clone(),
    );
    for step in &mut exchanged.timeline.0 {
        if let Step::Verify(presentation) = step {
            presentation.detached_payload = Some(DetachedPayload(b"pay-999-to-alice".to_vec()));
        }
    }
    let mut cases = twice(&class, &setup, &attached, &detached);
    cases.extend([
        honest.accept(
            &setup,
            "b64-detached",
            "accepts a good token whose unencoded payload travels beside it",
            "None: this is what an honest sender makes.",
            detached,
        ),
        exchanged,
        honest.accept(
            &setup,
            "b64-attached",
            "accepts a good token whose unencoded payload stands in it",
            "None: this is what an honest sender makes.",
            attached.clone(),
        ),
        Class { severity: Severity::High, ..class }.refuse(
            &setup.clone().twin(FAMILY.name, "b64-attached"),
            "b64-mistaken",
            "refuses an unencoded payload that was signed in its encoded form",
            "The header says that the payload is not encoded, and the signature covers it as if it were: \
             two verifiers read two payloads.",
            mistaken(&setup),
        ),
    ]);
    cases
}

/// One payload in the token and another beside it: one of them was signed, and no other is believed.
fn twice(class: &Class, setup: &Setup, attached: &JwsRecipe, detached: &JwsRecipe) -> Vec<Case> {
    const OTHER: &str = "pay-999-to-alice";
    let class = Class {
        clauses: &["RFC 7515 §5.2", "RFC 7797 §5", "RFC 7797 §3"],
        rule: "A payload travels in the token or beside it. Where there are two, the token may be \
               refused, or the one that the signature covers be believed.",
        remedy: "Refuse a payload beside a token that holds one; hand back the octets that went into the \
                 signing input.",
        ..*class
    };
    let mut beside = class.choice(
        setup,
        "b64-attached-and-another-beside",
        "may refuse a good token beside which another payload travels, or believes the one in it",
        "The attacker puts a payload of his own beside a good token that holds another.",
        attached.clone(),
        Permitted::choice(Belief::Signed),
    );
    for step in &mut beside.timeline.0 {
        if let Step::Verify(presentation) = step {
            presentation.detached_payload = Some(DetachedPayload(OTHER.into()));
        }
    }
    let inside = class.choice(
        setup,
        "b64-detached-and-another-inside",
        "may refuse a good token with a payload slipped into it, or believes the one beside it",
        "The attacker slips a payload of his own into a token whose payload travels beside it.",
        detached.clone().edit(Edit::ReplaceSegment { segment: 1, text: OTHER.to_owned() }),
        Permitted::choice(Belief::Signed),
    );
    vec![beside, inside]
}

/// Signed over base64url of the payload, shown with the payload as it is.
fn mistaken(setup: &Setup) -> JwsRecipe {
    with(setup, &[("b64", json!(false)), ("crit", json!(["b64"]))])
        .payload(Json::Text("pay-100-to-alice".to_owned()))
        .edit(Edit::ReplaceSegment { segment: 1, text: "pay-100-to-alice".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseId;

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
