//! Claims that the operator demands.

use serde_json::{Value, json};

use crate::{
    case::{Basis, Belief, Case, Category, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    recipe::JwsRecipe,
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "required-claims", title: "Claims that the operator demands", cases };

const ABSENT: Class = Class {
    family: FAMILY.name,
    category: Category::TypConfusion,
    part: Part::RequiredClaims,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::High,
    clauses: &["RFC 7519 §4", "RFC 7519 §7.3", "RFC 8725 §3.12"],
    cwe: &[345],
    rule: "Which claims a JWT must contain is the application's to say; where it does, a token without \
           one of them is refused.",
    consequence: "A token without the restriction that the service relies on is taken as good without \
                  restriction.",
    remedy: "Look for every demanded claim, by its exact name, at the top of the claims.",
};

const PRESENT: Class = Class {
    severity: Severity::Medium,
    cwe: &[],
    rule: "A token that contains every demanded claim is not refused for their sake.",
    consequence: "Honest tokens are refused.",
    remedy: "Ask whether a claim is there, by its exact name, and not whether its value is true.",
    ..ABSENT
};

const LEFT: Class = Class {
    basis: Basis::Rfc,
    clauses: &["RFC 7519 §4.1.2", "RFC 7519 §4.1.7", "RFC 7519 §4"],
    rule: "What the specification does not say of a claim is the recipient's to decide.",
    consequence: "None by itself; verifiers differ.",
    remedy: "None is needed; tell users what is done.",
    ..PRESENT
};

/// A claim with a dot and slashes in its name, as OpenID providers write their own.
const NAMESPACED: &str = "https://claims.test/tenant";

fn demanding(claims: &[&str]) -> Setup {
    Setup::es256().policy(|policy| {
        policy.required_claims = claims.iter().map(|claim| (*claim).to_owned()).collect();
    })
}

fn cases() -> Vec<Case> {
    let mut cases = registered();
    cases.extend(private());
    cases.extend(left());
    cases
}

/// `exp` and `sub`: most libraries can demand these, if any.
fn registered() -> Vec<Case> {
    let setup = demanding(&["exp", "sub"]).twin(FAMILY.name, "exp-and-sub");
    let refuse = |slug, title: &str, attack: &str, token: JwsRecipe| {
        ABSENT.refuse(&setup, slug, title, attack, token)
    };
    vec![
        PRESENT.accept(
            &setup,
            "exp-and-sub",
            "accepts a token with `exp` and `sub` where both are demanded",
            "None: the token has all that is demanded.",
            setup.token(),
        ),
        refuse(
            "exp-missing",
            "refuses a token without `exp` where it is demanded",
            "A token that never expires is shown to a service that demands an end.",
            setup.token().without_claim("exp"),
        ),
        refuse(
            "exp-null",
            "refuses a token whose `exp` is null where it is demanded",
            "A token that names `exp` but tells no time is shown to a service that demands an end.",
            setup.token().claim("exp", json!(null)),
        ),
        ABSENT.refuse(
            &demanding(&["exp", "jti"]),
            "jti-missing",
            "refuses a token without `jti` where it is demanded",
            "A token that cannot be told from another is shown to a service that keeps account of them.",
            setup.token().without_claim("jti"),
        ),
        refuse(
            "sub-missing",
            "refuses a token without `sub` where it is demanded",
            "A token about nobody is shown to a service that demands a subject.",
            setup.token().without_claim("sub"),
        ),
        Class { level: Level::Should, severity: Severity::Medium, ..ABSENT }.refuse(
            &setup,
            "sub-null",
            "refuses a token whose `sub` is null where it is demanded",
            "A token about null is shown to a service that demands a subject.",
            setup.token().claim("sub", json!(null)),
        ),
    ]
}

/// A claim of the operator's own.
fn private() -> Vec<Case> {
    let setup = demanding(&["exp", "tenant"]).twin(FAMILY.name, "private");
    let namespaced = demanding(&[NAMESPACED]);
    let refuse = |slug, title: &str, attack: &str, token: JwsRecipe| {
        ABSENT.refuse(&setup, slug, title, attack, token)
    };
    let accept = |setup: &Setup, slug, title: &str, name, value: Value| {
        let attack = "None: the token has all that is demanded.";
        PRESENT.accept(setup, slug, title, attack, setup.token().claim(name, value))
    };
    vec![
        accept(
            &setup,
            "private",
            "accepts a token with a demanded claim of the operator's own",
            "tenant",
            json!("north"),
        ),
        accept(
            &namespaced,
            "namespaced",
            "finds a demanded claim whose name is a URL",
            NAMESPACED,
            json!("north"),
        ),
        Class { level: Level::Should, severity: Severity::Low, ..PRESENT }.accept(
            &setup,
            "private-false",
            "accepts a demanded claim whose value is false",
            "None: the claim is there, and its value is false.",
            setup.token().claim("tenant", json!(false)),
        ),
        refuse(
            "private-missing",
            "refuses a token without a demanded claim of the operator's own",
            "A token without the tenant that the service relies on is shown.",
            setup.token(),
        ),
        ABSENT.refuse(
            &demanding(&["exp", "constructor"]),
            "private-inherited",
            "refuses a token without a demanded claim whose name every object of JavaScript has",
            "A token without the claim is shown to a service that demands one by the name \
             `constructor`: a verifier that asks whether the name is in the object finds the one that \
             all objects inherit.",
            setup.token(),
        ),
        refuse(
            "private-nested",
            "refuses a token that has the demanded claim only inside another",
            "The attacker may fill a claim of his own, and puts the demanded name inside it.",
            setup.token().claim("profile", json!({ "tenant": "north" })),
        ),
        refuse(
            "private-longer-name",
            "refuses a token that has only a claim whose name begins with the demanded one",
            "The token has another claim, whose name is longer.",
            setup.token().claim("tenant_hint", json!("north")),
        ),
        refuse(
            "private-shorter-name",
            "refuses a token that has only a claim whose name the demanded one begins with",
            "The token has another claim, whose name is shorter.",
            setup.token().claim("ten", json!("north")),
        ),
        refuse(
            "private-as-a-value",
            "refuses a token that has the demanded name only as the value of a claim",
            "The attacker may choose the value of a claim, and chooses the name that is demanded.",
            setup.token().claim("nickname", json!("tenant")),
        ),
        refuse(
            "private-other-case",
            "refuses a token that has the demanded claim only in another case",
            "The token has a claim of that name in capital letters.",
            setup.token().claim("TENANT", json!("north")),
        ),
        refuse(
            "private-in-the-header",
            "refuses a token that has the demanded claim only in its header",
            "The token has a header parameter of that name and no such claim.",
            setup.token().header("tenant", json!("north")),
        ),
    ]
}

fn left() -> Vec<Case> {
    let setup = demanding(&["exp", "tenant"]);
    let plain = Setup::es256();
    let read_as = |text: &str| Belief::Claim { name: "sub".to_owned(), value: json!(text) };
    vec![
        LEFT.choice(
            &setup,
            "private-empty",
            "may refuse a demanded claim whose value is an empty string",
            "The token has the demanded claim, with nothing in it.",
            setup.token().claim("tenant", json!("")),
            Permitted::choice(Belief::Signed),
        ),
        LEFT.choice(
            &plain,
            "minimal",
            "may refuse a token that has no `sub`, `iat` and `jti`, though nobody demands them",
            "An issuer writes only what is needed; which claims are, is the application's to say.",
            plain.token().without_claim("sub").without_claim("iat").without_claim("jti"),
            Permitted::choice(Belief::Signed),
        ),
        LEFT.choice(
            &plain,
            "sub-number",
            "may refuse a `sub` that is a number, or read it as a string",
            "An issuer writes the number of a user where a string is due.",
            plain.token().claim("sub", json!(7)),
            Permitted::choice_among([Belief::Signed, read_as("7")]),
        ),
        LEFT.choice(
            &plain,
            "jti-number",
            "may refuse a `jti` that is a number",
            "An issuer counts its tokens and writes the number where a string is due.",
            plain.token().claim("jti", json!(7)),
            Permitted::choice(Belief::Signed),
        ),
    ]
}
