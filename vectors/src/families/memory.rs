//! No memory where there should be none: what was shown before, or to another verifier, changes
//! nothing in a verdict.

use serde_json::json;

use crate::{
    case::{Basis, Case, CaseId, Category, HonestAlgorithm, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::{
        ISSUER,
        class::{Class, Setup},
    },
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe, PolicyRecipe},
    recipe::{Edit, JwsRecipe, Recipe, Signing},
    timeline::{MAIN, Presentation, Span, Step, Timeline},
    verdict::Mode,
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "memory", title: "Verdicts that hang on what was shown before", cases };

/// A good token makes another one good.
const REMEMBERED: Class = Class {
    family: FAMILY.name,
    category: Category::SignatureIntegrity,
    part: Part::Cache,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::High,
    clauses: &["RFC 7515 §5.2", "RFC 7519 §7.2"],
    cwe: &[345],
    rule: "Every token goes through every step, each time that it is shown: a verdict may be \
           remembered for exactly the same token only, and only while all that it hung on stays the \
           same.",
    consequence: "One good token opens the door for forged ones, for itself after its end, or at \
                  services that it is not for.",
    remedy: "Do not remember verdicts; or under the whole token, per verifier, until `exp` at most.",
};

/// A token after its end.
const OUTLIVED: Class = Class {
    category: Category::ClaimsTime,
    clauses: &["RFC 7519 §4.1.4", "RFC 7519 §4.1.5"],
    cwe: &[613],
    ..REMEMBERED
};

/// Two verifiers in one process.
const SHARED: Class = Class {
    basis: Basis::Operator,
    clauses: &["RFC 7519 §7.2", "RFC 8725 §3.8", "RFC 8725 §3.9"],
    rule: "Two verifiers in one process judge by their own policies, whatever the other was shown.",
    consequence: "What one service lets in, every service in the process does.",
    remedy: "Keep keys, options and verdicts in the verifier, and nothing of them in the process.",
    ..REMEMBERED
};

/// A bad token makes a good one bad.
const GRUDGE: Class = Class {
    severity: Severity::Medium,
    cwe: &[],
    rule: "A refusal is of one token: it changes nothing for another, nor for the same one later.",
    consequence: "Anybody locks honest users out by showing a forged token that resembles theirs.",
    remedy: "Remember no refusals.",
    ..REMEMBERED
};

/// The name of the second verifier.
const OTHER: &str = "other";

fn cases() -> Vec<Case> {
    let mut cases = in_time();
    cases.extend(after_an_honest_one());
    cases.extend(after_a_refusal());
    cases.extend(second_verifier());
    cases.extend(in_place());
    cases
}

/// A case of several steps. Whatever has to be refused in it differs from the honest token of the
/// set-up, or is that token where the policy or the time differs.
fn scenario(
    class: &Class,
    setup: &Setup,
    slug: &str,
    title: &str,
    attack: &str,
    steps: Vec<Step>,
) -> Case {
    let case = class.accept(setup, slug, title, attack, setup.token());
    let case = Case { timeline: Timeline(steps), ..case };
    let twin: Option<CaseId> = case.demands_refusal().then(|| setup.twin.clone());
    Case { twin, ..case }
}

fn shown(verifier: &str, token: impl Into<Recipe>, permitted: Permitted) -> Step {
    let shown = Presentation::new(Mode::Jwt, token.into(), permitted);
    Step::Verify(Presentation { verifier: verifier.to_owned(), ..shown })
}

fn accepted(token: impl Into<Recipe>) -> Step {
    shown(MAIN, token, Permitted::accept())
}

fn refused(token: impl Into<Recipe>) -> Step {
    shown(MAIN, token, Permitted::refuse())
}

fn accepted_by_other(token: impl Into<Recipe>) -> Step {
    shown(OTHER, token, Permitted::accept())
}

fn refused_by_other(token: impl Into<Recipe>) -> Step {
    shown(OTHER, token, Permitted::refuse())
}

fn configured(verifier: &str, setup: &Setup, change: impl FnOnce(&mut PolicyRecipe)) -> Step {
    let policy = setup.clone().policy(change).policy;
    Step::Configure { verifier: verifier.to_owned(), policy: Box::new(policy) }
}

fn stranger() -> Signing {
    Signing::Key { key: KeyName::from("p256-b"), alg: "ES256".to_owned() }
}

/// Another key under the name of the first.
fn replaced(policy: &mut PolicyRecipe) {
    for issuer in &mut policy.issuers {
        issuer.keys = KeysRecipe::Set(vec![JwkRecipe::with_kid(KeyName::from("p256-b"), "p256-a")]);
    }
}

fn in_time() -> Vec<Case> {
    let setup = Setup::es256();
    let later = setup.token().claim("nbf", "{now+3600}").claim("exp", "{now+7200}");
    vec![
        scenario(
            &OUTLIVED,
            &setup,
            "after-exp",
            "refuses a token after its `exp` that it accepted before",
            "A token is used, stolen, and used again half an hour after its end.",
            vec![
                accepted(setup.token()),
                Step::Advance(Span::seconds(5_400)),
                refused(setup.token()),
            ],
        ),
        scenario(
            &Class { severity: Severity::Medium, cwe: &[], ..OUTLIVED },
            &setup,
            "before-nbf",
            "accepts a token after its `nbf` that it refused before",
            "A client shows a token an hour too soon, and again when it is valid.",
            vec![refused(later.clone()), Step::Advance(Span::seconds(3_660)), accepted(later)],
        ),
        scenario(
            &GRUDGE,
            &setup,
            "twice",
            "accepts a token twice",
            "None: a client uses one token for many requests; `jti` alone makes it no one-time token.",
            vec![accepted(setup.token()), accepted(setup.token())],
        ),
    ]
}

/// The bit that makes a `c` of the first letter of the honest token's subject.
const SUBJECT_BIT: i64 = 36 * 8 + 6;

fn after_an_honest_one() -> Vec<Case> {
    let setup = Setup::es256();
    let case = |slug, title: &str, attack: &str, forged: JwsRecipe| {
        let steps = vec![accepted(setup.token()), refused(forged)];
        scenario(&REMEMBERED, &setup, slug, title, attack, steps)
    };
    vec![
        case(
            "other-payload",
            "refuses other claims under the header and the signature of a token that it accepted",
            "The attacker changes the subject of a token that was accepted before, and leaves header \
             and signature as they are.",
            setup.token().edit(Edit::FlipBit { segment: 1, bit: SUBJECT_BIT }),
        ),
        case(
            "other-signature",
            "refuses another signature under the header and the claims of a token that it accepted",
            "The attacker knows header and claims of a token that was accepted before, from a log \
             without signatures, and makes the signature up.",
            setup.token().signed(stranger()),
        ),
        case(
            "no-signature",
            "refuses a token without the signature with which it accepted it",
            "The attacker knows header and claims of a token that was accepted before, and leaves the \
             signature away.",
            setup.token().signed(Signing::Octets(Vec::new())),
        ),
        case(
            "same-jti",
            "refuses a stranger's token with the `jti` of one that it accepted",
            "The attacker signs claims of his own with a key of his own, under the `jti` of a token that \
             was accepted before.",
            setup.token().claim("sub", "mallory").signed(stranger()),
        ),
    ]
}

fn after_a_refusal() -> Vec<Case> {
    let setup = Setup::es256();
    let case = |slug, title: &str, attack: &str, first: JwsRecipe| {
        let steps = vec![refused(first), accepted(setup.token())];
        scenario(&GRUDGE, &setup, slug, title, attack, steps)
    };
    let key_of_nobody = "{repeat.65536.k}";
    vec![
        case(
            "forged-first",
            "accepts a token after a forged one with the same header and claims",
            "The attacker guesses header and claims of a token, and shows them with a signature of his \
             own before its owner comes.",
            setup.token().signed(stranger()),
        ),
        case(
            "expired-first",
            "accepts a token after an expired one with the same `jti`",
            "None: a client shows its old token, and then the new one.",
            setup.token().claim("exp", "{now-3600}"),
        ),
        case(
            "long-kid-first",
            "accepts a token after a stranger's one whose `kid` is 64 KiB long",
            "The attacker shows a token with a vast name of a key, and then an honest user comes.",
            setup.token().header("kid", key_of_nobody).signed(stranger()),
        ),
        case(
            "empty-first",
            "accepts a token after one of no characters",
            "None: a client sends an empty credential, and then an honest one.",
            setup.token().edit(Edit::KeepSegments(0)),
        ),
        case(
            "unreadable-first",
            "accepts a token after one whose payload is no base64url",
            "The attacker shows a token that breaks off in the middle of being read, and then an honest \
             user comes: a parser or a MAC that is used again must not go on from there.",
            setup.token().edit(Edit::ReplaceSegment { segment: 1, text: "%%%%".to_owned() }),
        ),
        case(
            "critical-first",
            "accepts a token after one with a critical extension of nobody",
            "The attacker shows a token of his own with `crit`, and then an honest user comes.",
            setup
                .token()
                .header("crit", json!(["https://extension.test/x"]))
                .header("https://extension.test/x", true)
                .signed(stranger()),
        ),
    ]
}

/// A verifier beside the first, with a policy that differs in one thing.
fn second_verifier() -> Vec<Case> {
    let setup = Setup::es256();
    let token = || setup.token();
    let differs = |slug, title: &str, attack: &str, change: fn(&mut PolicyRecipe)| {
        let steps = vec![
            accepted(token()),
            configured(OTHER, &setup, change),
            refused_by_other(token()),
            accepted(token()),
        ];
        scenario(&SHARED, &setup, slug, title, attack, steps)
    };
    let mut cases = vec![
        differs(
            "second-verifier-other-key",
            "refuses at one verifier what another accepted, where their keys of one name differ",
            "Two services in one process trust different keys under one `kid`; a token of the first is \
             shown to both.",
            replaced,
        ),
        differs(
            "second-verifier-other-issuer",
            "refuses at one verifier what another accepted, where their issuers differ",
            "Two services in one process trust different issuers; a token of the first is shown to \
             both.",
            |policy| {
                for issuer in &mut policy.issuers {
                    issuer.issuer = Some("https://other.test".to_owned());
                }
            },
        ),
        differs(
            "second-verifier-other-audience",
            "refuses at one verifier what another accepted, where their audiences differ",
            "Two services in one process have different names; a token for the first is shown to both.",
            |policy| policy.audiences = vec!["https://other.test".to_owned()],
        ),
    ];
    cases.push(types());
    cases.push(refused_there_first());
    cases.push(in_turn());
    cases.push(allow_lists());
    cases
}

/// Two types of token, each asked for by one verifier.
fn types() -> Case {
    let setup = Setup::es256().policy(|policy| policy.token_type = Some("at+jwt".to_owned()));
    let typed = |typ| setup.token().header("typ", typ);
    scenario(
        &Class { clauses: &["RFC 8725 §3.11"], ..SHARED },
        &setup,
        "second-verifier-other-type",
        "keeps the token types of two verifiers apart",
        "Two services in one process ask for different types of token; tokens of both types are shown \
         to both.",
        vec![
            accepted(typed("at+jwt")),
            configured(OTHER, &setup, |policy| {
                policy.token_type = Some("secevent+jwt".to_owned());
            }),
            refused_by_other(typed("at+jwt")),
            accepted_by_other(typed("secevent+jwt")),
            refused(typed("secevent+jwt")),
            accepted(typed("at+jwt")),
        ],
    )
}

fn refused_there_first() -> Case {
    let setup = Setup::es256();
    scenario(
        &Class { severity: Severity::Medium, ..SHARED },
        &setup,
        "second-verifier-refused-first",
        "accepts at one verifier what another refused",
        "None: a client shows its token to the wrong one of two services in one process first.",
        vec![
            configured(OTHER, &setup, |policy| {
                policy.audiences = vec!["https://other.test".to_owned()];
            }),
            refused_by_other(setup.token()),
            accepted(setup.token()),
        ],
    )
}

fn in_turn() -> Case {
    const TENANT: &str = "https://tenant.test";
    let setup = Setup::es256();
    let token = || setup.token();
    let tenants = || token().claim("iss", TENANT).signed(stranger());
    scenario(
        &SHARED,
        &setup,
        "second-verifier-in-turn",
        "keeps two verifiers apart that are asked in turn",
        "Two services in one process trust an issuer each, with keys of one `kid`; their tokens are \
         shown to both in turn.",
        vec![
            configured(OTHER, &setup, |policy| {
                replaced(policy);
                for issuer in &mut policy.issuers {
                    issuer.issuer = Some(TENANT.to_owned());
                }
            }),
            accepted(token()),
            accepted_by_other(tenants()),
            refused(tenants()),
            refused_by_other(token()),
            accepted(token()),
            accepted_by_other(tenants()),
        ],
    )
}

/// One set of two keys, and two lists of algorithms.
fn allow_lists() -> Case {
    let mut setup = Setup::es256().keys(KeysRecipe::Set(
        ["p256-a", "ed25519-a"].map(|key| JwkRecipe::with_kid(KeyName::from(key), key)).to_vec(),
    ));
    setup
        .needs
        .algorithms
        .push(HonestAlgorithm { alg: "EdDSA".to_owned(), crv: Some("Ed25519".to_owned()) });
    let token = || setup.token();
    let signing = || Signing::Key { key: KeyName::from("ed25519-a"), alg: "EdDSA".to_owned() };
    let edwards = || token().header("alg", "EdDSA").header("kid", "ed25519-a").signed(signing());
    scenario(
        &Class { clauses: &["RFC 8725 §3.1"], part: Part::AllowList, ..SHARED },
        &setup,
        "second-verifier-other-algorithms",
        "keeps the allow-lists of two verifiers apart",
        "Two services in one process trust the same keys for different algorithms; tokens of both \
         algorithms are shown to both.",
        vec![
            accepted(token()),
            configured(OTHER, &setup, |policy| policy.algorithms = vec!["EdDSA".to_owned()]),
            accepted_by_other(edwards()),
            refused_by_other(token()),
            refused(edwards()),
            accepted(token()),
        ],
    )
}

/// The verifier itself gets another policy.
fn in_place() -> Vec<Case> {
    let setup = Setup::es256();
    let token = || setup.token();
    vec![
        scenario(
            &SHARED,
            &setup,
            "in-place-other-key",
            "refuses the old key's token where the key of that name was replaced",
            "The issuer's key was stolen and replaced under its name, and the verifier made anew; the \
             thief goes on with a token that was accepted before.",
            vec![
                accepted(token()),
                configured(MAIN, &setup, replaced),
                refused(token()),
                accepted(token().signed(stranger())),
            ],
        ),
        scenario(
            &SHARED,
            &setup,
            "in-place-issuer-removed",
            "refuses a token of an issuer that was replaced by another",
            "The operator trusts another issuer in place of the first, and the verifier is made anew; \
             a token of the first, which was accepted before, is shown again.",
            vec![
                accepted(token()),
                configured(MAIN, &setup, |policy| {
                    for issuer in &mut policy.issuers {
                        issuer.issuer = Some(format!("{ISSUER}/new"));
                    }
                }),
                refused(token()),
                accepted(token().claim("iss", format!("{ISSUER}/new"))),
            ],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use crate::{Env, forge, recipe::Edit, verdict::Mode};

    use super::*;

    #[test]
    fn the_flipped_bit_changes_the_subject_alone() {
        let recipe = Setup::es256().token().edit(Edit::FlipBit { segment: 1, bit: SUBJECT_BIT });
        let forged = forge::forge(&recipe.into(), Mode::Jwt, None, &Env::fixed()).unwrap();
        let token = String::from_utf8(forged.presented.token).unwrap();
        let payload = forge::from_base64url(token.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(claims.get("sub"), Some(&json!("clice")));
    }
}
