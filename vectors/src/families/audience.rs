//! For whom a token is: one of its audiences has to be one of ours.

use serde_json::{Value, json};

use crate::{
    case::{Basis, Belief, Case, Category, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::{
        AUDIENCE,
        class::{Class, Setup},
    },
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "audience", title: "Tokens for somebody else, and for several", cases };

/// What a verifier has to do with a token for others.
const OTHER: Class = Class {
    family: FAMILY.name,
    category: Category::ClaimsAudience,
    part: Part::Audience,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::High,
    clauses: &["RFC 7519 §4.1.3", "RFC 8725 §3.9"],
    cwe: &[863],
    rule: "If `aud` is present and holds no value with which the recipient identifies itself, the JWT \
           is refused. Values are compared as case-sensitive strings.",
    consequence: "A token that a user gave to one service is good at another: whoever runs the first \
                  can act as its users at the second.",
    remedy: "Demand that `aud` is, or as an array holds, one of the configured audiences, by equality \
             of strings.",
};

/// The same where the claim says nothing: 8725 and the policy ask for it.
const NOBODY: Class = Class {
    basis: Basis::Bcp,
    clauses: &["RFC 8725 §3.9", "RFC 9068 §4"],
    rule: "Where an audience is configured, a token without one is refused.",
    consequence: "A token for nobody in particular is good everywhere.",
    remedy: "Require `aud` wherever an audience is configured.",
    ..OTHER
};

/// The same where the right name stands in a shape that the claim cannot have.
const SHAPE: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Low,
    clauses: &["RFC 7519 §4.1.3"],
    rule: "`aud` is a string, or an array of strings.",
    consequence: "Two verifiers read two audiences in one token.",
    remedy: "Refuse an `aud` that is neither a string nor an array of strings.",
    ..OTHER
};

/// What has to be let in.
const HONEST: Class = Class {
    severity: Severity::Medium,
    cwe: &[],
    clauses: &["RFC 7519 §4.1.3"],
    rule: "`aud` is in general an array of strings, and may be a single string; one value that \
           identifies the recipient is enough.",
    consequence: "Honest tokens are refused, often those of one provider only.",
    remedy: "Take both forms of `aud`, and look for any configured audience anywhere in it.",
    ..OTHER
};

/// Values of `aud` for others than `https://api.test`.
const NAMES: &[(&str, &str, &str, &str)] = &[
    (
        "other",
        "https://other.test",
        "another service",
        "A service that got a token from its user shows it here.",
    ),
    (
        "prefix",
        "https://api",
        "the beginning of the configured audience",
        "The attacker's service has a name with which the configured one begins.",
    ),
    (
        "suffix",
        "api.test",
        "the end of the configured audience",
        "The attacker's service has a name with which the configured one ends.",
    ),
    (
        "substring",
        "api",
        "a part of the configured audience",
        "The attacker's service has a name that is a part of the configured one.",
    ),
    (
        "more-behind",
        "https://api.test.evil.test",
        "a name that begins with the configured one",
        "The attacker registers a service whose name begins with the configured one.",
    ),
    (
        "more-in-front",
        "https://evil.test/https://api.test",
        "a name that ends with the configured one",
        "The attacker registers a service whose name ends with the configured one.",
    ),
    (
        "case",
        "https://API.test",
        "the configured audience in another case",
        "The attacker's service has the same name in capital letters.",
    ),
    (
        "slash-added",
        "https://api.test/",
        "the configured audience and a slash",
        "The token is for the same URL with a trailing slash.",
    ),
    (
        "newline",
        "https://api.test\n",
        "the configured audience and a line break",
        "The token's audience has a line break behind it, which `$` in a pattern and trimming pass \
         over.",
    ),
    (
        "joined-by-blank",
        "https://other.test https://api.test",
        "a list in one string",
        "The token's only audience is one string that holds the configured name behind a blank.",
    ),
    (
        "joined-by-comma",
        "https://other.test,https://api.test",
        "a list with a comma in one string",
        "The token's only audience is one string that holds the configured name behind a comma.",
    ),
    (
        "issuer",
        "https://issuer.test",
        "the issuer",
        "The token is for the issuer's own service: two values of the policy, and either is compared.",
    ),
    (
        "any-letter-for-the-dot",
        "https://apiXtest",
        "the configured audience with a letter for the period",
        "The attacker's service has a name that the configured one finds as a pattern.",
    ),
    (
        "percent",
        "https://%61pi.test",
        "the configured audience with a letter in percent-encoding",
        "The attacker's service has a name that is the configured one when it is decoded.",
    ),
    ("empty", "", "the empty string", "The token is for the audience without a name."),
    (
        "star",
        "*",
        "a star",
        "The token is for an audience that is a pattern, which every name matches.",
    ),
];

/// Other values, and how strongly a refusal is asked.
fn shapes() -> [(&'static str, Value, &'static str, &'static Class); 14] {
    [
        ("array-of-others", json!(["https://other.test", "https://third.test"]), "others", &OTHER),
        (
            "array-with-more-behind",
            json!(["https://other.test", "https://api.test.evil.test"]),
            "others, one of which begins with the configured one",
            &OTHER,
        ),
        (
            "array-in-other-case",
            json!(["https://other.test", "https://API.test"]),
            "others, one of which is the configured one in another case",
            &OTHER,
        ),
        (
            "array-with-newline",
            json!(["https://other.test", "https://api.test\n"]),
            "others, one of which is the configured one and a line break",
            &OTHER,
        ),
        (
            "array-with-empty",
            json!(["https://other.test", ""]),
            "others, one of which has no name",
            &OTHER,
        ),
        (
            "array-in-pieces",
            json!(["https://", "api.test"]),
            "others, whose names together are the configured one",
            &OTHER,
        ),
        ("array-empty", json!([]), "nobody: an empty array", &OTHER),
        ("null", json!(null), "null", &NOBODY),
        ("number", json!(0), "the number 0, which some languages find equal to any text", &OTHER),
        ("true", json!(true), "`true`, which some languages find equal to any text", &OTHER),
        ("array-of-true", json!([true]), "an array of `true`", &OTHER),
        (
            "object",
            json!({ "https://api.test": true }),
            "an object with the configured name for a key",
            &SHAPE,
        ),
        (
            "object-of-ours",
            json!({ "0": "https://api.test" }),
            "an object with the configured name for a value",
            &SHAPE,
        ),
        ("array-nested", json!([["https://api.test"]]), "an array within an array", &SHAPE),
    ]
}

fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    let mut cases = Vec::new();
    for (slug, aud, what, attack) in NAMES {
        let token = setup.token().claim("aud", *aud);
        let title = format!("refuses a token whose audience is {what}");
        cases.push(OTHER.refuse(&setup, slug, title, *attack, token));
    }
    for (slug, aud, what, class) in shapes() {
        let token = setup.token().claim("aud", aud);
        let title = format!("refuses a token whose audience is {what}");
        let attack = format!("The token's `aud` is {what}.");
        cases.push(class.refuse(&setup, slug, title, attack, token));
    }
    cases.push(NOBODY.refuse(
        &setup,
        "missing",
        "refuses a token without `aud` where an audience is configured",
        "A token that was made for no service in particular is shown.",
        setup.token().without_claim("aud"),
    ));
    cases.push(NOBODY.refuse(
        &setup,
        "missing-and-in-the-header",
        "refuses a token without `aud` that has the right one as a header parameter",
        "A token that was made for no service in particular has the configured audience in its header, \
         where encrypted tokens may repeat it.",
        setup.token().without_claim("aud").header("aud", AUDIENCE),
    ));
    cases.push(NOBODY.refuse(
        &setup,
        "missing-and-in-other-claims",
        "refuses a token without `aud` that has the right one in `azp`, `client_id`, `resource` and \
         `scope`",
        "The token was made for no service in particular; the name of this one stands in claims that say \
         who asked for the token, and for what.",
        ["azp", "client_id", "resource", "scope"]
            .into_iter()
            .fold(setup.token().without_claim("aud"), |token, name| token.claim(name, AUDIENCE)),
    ));
    cases.push(NOBODY.refuse(
        &setup,
        "missing-and-in-sub",
        "refuses a token without `aud` that has the right one as `sub`",
        "The token was made for no service in particular, about this one.",
        setup.token().without_claim("aud").claim("sub", AUDIENCE),
    ));
    let no_issuer = Setup::es256()
        .policy(|policy| {
            for issuer in &mut policy.issuers {
                issuer.issuer = None;
            }
        })
        .twin(super::issuer::FAMILY.name, "unasked");
    cases.push(OTHER.refuse(
        &no_issuer,
        "other-without-iss",
        "refuses a token for another service where no issuer is configured",
        "The operator has configured an audience and no issuer; `iss` and `aud` were compared together.",
        no_issuer.token().claim("aud", "https://other.test").without_claim("iss"),
    ));
    cases.push(OTHER.refuse(
        &setup,
        "member-in-other-case",
        "refuses a token for another service that has the right one as `Aud`",
        "The token is for another service, and has a claim `Aud` behind it with the configured name; \
         JSON libraries that fold case read the last.",
        setup.token().claim("aud", "https://other.test").claim("Aud", AUDIENCE),
    ));
    cases.extend(arrays(&setup));
    cases.extend(several());
    cases.extend(unconfigured());
    cases
}

fn arrays(setup: &Setup) -> Vec<Case> {
    let mut cases: Vec<Case> = [
        ("array-of-one", json!([AUDIENCE]), "one audience, as an array"),
        ("array-ours-first", json!([AUDIENCE, "https://other.test"]), "this service and another"),
        (
            "array-ours-last",
            json!(["https://other.test", AUDIENCE]),
            "another service and this one",
        ),
    ]
    .into_iter()
    .map(|(slug, aud, what)| {
        HONEST.accept(
            setup,
            slug,
            format!("accepts a token for {what}"),
            "None: issuers write `aud` as an array, for one audience too.",
            setup.token().claim("aud", aud),
        )
    })
    .collect();
    cases.push(HONEST.choice(
        setup,
        "array-mixed",
        "may refuse a token whose audiences are not all strings",
        "An issuer writes a number beside the right audience.",
        setup.token().claim("aud", json!([5, AUDIENCE])),
        Permitted::choice(Belief::Signed),
    ));
    cases
}

/// A service that goes by several names.
fn several() -> Vec<Case> {
    let second = "https://api.example.test";
    let setup = Setup::es256()
        .policy(|policy| policy.audiences.push(second.to_owned()))
        .twin(FAMILY.name, "several-second");
    let honest = |slug, title, aud| {
        let attack = "None: a service goes by an old and a new name.";
        HONEST.accept(&setup, slug, title, attack, setup.token().claim("aud", aud))
    };
    vec![
        honest(
            "several-first",
            "accepts a token for the first of several configured audiences",
            json!(AUDIENCE),
        ),
        honest(
            "several-second",
            "accepts a token for the second of several configured audiences",
            json!(second),
        ),
        honest(
            "several-second-in-array",
            "accepts a token for others and the second of several configured audiences",
            json!(["https://other.test", second]),
        ),
        OTHER.refuse(
            &setup,
            "several-other",
            "refuses a token for none of several configured audiences",
            "A service that got a token from its user shows it here.",
            setup.token().claim("aud", "https://other.test"),
        ),
        OTHER.refuse(
            &setup,
            "several-joined",
            "refuses a token for all of several configured audiences in one string",
            "The attacker's service has a name that is the list as a configuration writes it.",
            setup.token().claim("aud", format!("{AUDIENCE},{second}")),
        ),
    ]
}

fn unconfigured() -> Vec<Case> {
    let setup =
        Setup::es256().policy(|policy| policy.audiences.clear()).twin(FAMILY.name, "unconfigured");
    let unasked = Class {
        clauses: &["RFC 7519 §4.1.3", "RFC 7519 §4"],
        rule: "`aud` is optional: a service that has configured none takes tokens without it.",
        remedy: "Require `aud` only where an audience is configured.",
        ..HONEST
    };
    // The clause binds who processes the claim: that may be the library's caller, to whom many leave it in so
    // many words.
    let present = Class {
        level: Level::Should,
        severity: Severity::Low,
        rule: "A recipient that does not identify itself with a value in `aud`, when that claim is \
               present, refuses the JWT; one that has no name of its own never does.",
        remedy: "Where no audience is configured, refuse tokens that have `aud`, or refuse to be \
                 configured.",
        ..OTHER
    };
    vec![
        unasked.accept(
            &setup,
            "unconfigured",
            "accepts a token without `aud` where no audience is configured",
            "None: the claim is optional.",
            setup.token().without_claim("aud"),
        ),
        present.refuse(
            &setup,
            "unconfigured-string",
            "refuses a token for somebody where no audience is configured",
            "The operator forgot to configure an audience; tokens for any other service of the same \
             issuer are shown.",
            setup.token().claim("aud", "https://other.test"),
        ),
        present.refuse(
            &setup,
            "unconfigured-array",
            "refuses a token for several where no audience is configured",
            "As with one audience, with an array of two.",
            setup.token().claim("aud", json!(["https://other.test", "https://third.test"])),
        ),
        present.refuse(
            &setup,
            "unconfigured-array-empty",
            "refuses a token for nobody where no audience is configured",
            "The claim is present and names nobody: an empty array, which is false in some languages.",
            setup.token().claim("aud", json!([])),
        ),
    ]
}
