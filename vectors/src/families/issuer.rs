//! The issuer's name: compared octet for octet, and in no other way.

use serde_json::{Value, json};

use crate::{
    case::{Basis, Case, Category, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "issuer", title: "Tokens of another issuer than the configured one", cases };

/// What a verifier has to do where the token names somebody else.
const OTHER: Class = Class {
    family: FAMILY.name,
    category: Category::ClaimsIssuer,
    part: Part::Issuer,
    level: Level::Must,
    basis: Basis::Bcp,
    severity: Severity::High,
    clauses: &["RFC 8725 §3.8", "RFC 7519 §2", "RFC 7519 §4.1.1", "RFC 9068 §4"],
    cwe: &[346],
    rule: "Issuer names are compared as case-sensitive strings, with no transformation and no \
           canonicalization; a token whose key is not that of the issuer which it names is refused.",
    consequence: "Tokens that speak in the name of another issuer are taken, and whoever keys his \
                  data by issuer mixes two people up.",
    remedy: "Compare `iss` with the configured name for equality, as two strings; parse neither.",
};

/// The same where `iss` names nobody: only the policy asks for it.
const NOBODY: Class = Class {
    basis: Basis::Operator,
    clauses: &["RFC 7519 §4.1.1", "RFC 9068 §4"],
    rule: "Where an issuer is configured, the token has to name it: `iss` is there, is a string, and \
           equals the configured name.",
    consequence: "A token that names no issuer is taken for one of the configured issuer.",
    remedy: "Require `iss`, as a string, wherever an issuer is configured.",
    ..OTHER
};

/// The same where `iss` holds the right name in the wrong shape.
const SHAPE: Class =
    Class { level: Level::Should, basis: Basis::Should, severity: Severity::Low, ..NOBODY };

/// What has to be let in.
const HONEST: Class = Class {
    basis: Basis::Operator,
    severity: Severity::Medium,
    cwe: &[],
    clauses: &["RFC 7519 §4.1.1", "RFC 7519 §2"],
    rule: "A token whose `iss` equals the configured name, octet for octet, is the issuer's.",
    consequence: "Honest tokens of that issuer are refused.",
    remedy: "Compare `iss` with the configured name as two strings; do not normalise either.",
    ..OTHER
};

/// Where no issuer is configured.
const UNASKED: Class = Class {
    basis: Basis::Rfc,
    clauses: &["RFC 7519 §4", "RFC 7519 §4.1.1"],
    rule: "Claims that nobody asks for are ignored; `iss` is one of them where no issuer is configured.",
    consequence: "Honest tokens are refused by services that trust one key and ask for no issuer.",
    remedy: "Look at `iss` only where an issuer is configured.",
    ..HONEST
};

/// A name that is not `https://issuer.test`.
struct Name {
    slug: &'static str,
    iss: &'static str,
    what: &'static str,
    attack: &'static str,
}

const NAMES: &[Name] = &[
    Name {
        slug: "other",
        iss: "https://other.test",
        what: "is another issuer",
        attack: "A token that names another issuer is shown.",
    },
    Name {
        slug: "prefix",
        iss: "https://issuer",
        what: "is only the beginning of the configured one",
        attack: "The token names an issuer with which the configured name begins.",
    },
    Name {
        slug: "suffix",
        iss: "issuer.test",
        what: "is only the end of the configured one",
        attack: "The token names an issuer with which the configured name ends: the bare host.",
    },
    Name {
        slug: "substring",
        iss: "issuer",
        what: "is a part of the configured one",
        attack: "The token names a word from the middle of the configured name.",
    },
    Name {
        slug: "empty",
        iss: "",
        what: "is empty",
        attack: "The token has an empty `iss`, which every name contains and which is false in many \
                 languages.",
    },
    Name {
        slug: "more-behind",
        iss: "https://issuer.test.evil.test",
        what: "begins with the configured one",
        attack: "The attacker registers a host under his own domain that begins with the issuer's \
                 name.",
    },
    Name {
        slug: "more-in-front",
        iss: "https://evil.test/https://issuer.test",
        what: "ends with the configured one",
        attack: "The attacker's own issuer has the configured name as its path.",
    },
    Name {
        slug: "any-letter-for-the-dot",
        iss: "https://issuerXtest",
        what: "matches the configured one only as a pattern",
        attack: "The attacker's name has another letter where the configured name has a dot.",
    },
    Name {
        slug: "case",
        iss: "https://Issuer.test",
        what: "is the configured one in another case",
        attack: "The token spells the host with a capital letter.",
    },
    Name {
        slug: "slash-added",
        iss: "https://issuer.test/",
        what: "has a slash more",
        attack: "The token names the issuer with a trailing slash.",
    },
    Name {
        slug: "audience",
        iss: "https://api.test",
        what: "is the configured audience",
        attack: "The service names itself as the issuer: two values of the policy, and either is compared.",
    },
    Name {
        slug: "period",
        iss: "https://issuer.test.",
        what: "has a period behind the host",
        attack: "The token names the same host as the name system writes it, with its final period.",
    },
    Name {
        slug: "backslashes",
        iss: "https:\\\\issuer.test",
        what: "has backslashes for slashes",
        attack: "The token names an issuer in a spelling that browsers correct.",
    },
    Name {
        slug: "www",
        iss: "https://www.issuer.test",
        what: "has `www.` in front of the host",
        attack: "The token names another host, which often is the same site.",
    },
    Name {
        slug: "http",
        iss: "http://issuer.test",
        what: "has `http` for `https`",
        attack: "The token names an issuer of the same host without TLS.",
    },
    Name {
        slug: "user-info",
        iss: "https://evil@issuer.test",
        what: "has a user name in front of the host",
        attack: "The token names a URL of the same origin with a user name in it.",
    },
    Name {
        slug: "port",
        iss: "https://issuer.test:443",
        what: "has the default port written out",
        attack: "The token names the same origin with its default port.",
    },
    Name {
        slug: "fragment",
        iss: "https://issuer.test#tenant",
        what: "has a fragment",
        attack: "The token names the same URL with a fragment, which URL libraries pass over.",
    },
    Name {
        slug: "percent",
        iss: "https://issuer%2Etest",
        what: "is percent-encoded",
        attack: "The token writes the dot of the host percent-encoded.",
    },
    Name {
        slug: "full-width",
        iss: "https://\u{ff49}ssuer.test",
        what: "has a look-alike letter",
        attack: "The token has a full-width `i`, which Unicode normalisation and IDNA turn into the \
                 plain one.",
    },
    Name {
        slug: "soft-hyphen",
        iss: "https://issuer\u{ad}.test",
        what: "has a soft hyphen in its host",
        attack: "The token has a letter in its host that nobody sees, and that URL libraries take out.",
    },
    Name {
        slug: "nul",
        iss: "https://issuer.test\u{0}.evil.test",
        what: "holds a NUL behind the configured one",
        attack: "The attacker's name goes on behind a NUL, where C strings end.",
    },
    Name {
        slug: "newline",
        iss: "https://issuer.test\n",
        what: "ends in a line break",
        attack: "The token's name has a line break behind it, which `$` in a pattern and trimming pass \
                 over.",
    },
    Name {
        slug: "blank",
        iss: " https://issuer.test",
        what: "begins with a blank",
        attack: "The token's name has a blank in front of it, which trimming passes over.",
    },
];

/// Names beside `https://issuer.test/tenants/a`, where the host is the right one.
const TENANTS: &[Name] = &[
    Name {
        slug: "tenant-other",
        iss: "https://issuer.test/tenants/b",
        what: "is another tenant of the same host",
        attack: "A tenant of the same provider shows a token of his own.",
    },
    Name {
        slug: "tenant-dots",
        iss: "https://issuer.test/tenants/b/../a",
        what: "becomes the configured one when dot segments are resolved",
        attack: "The token names a path with dot segments, which URL libraries resolve.",
    },
    Name {
        slug: "tenant-percent",
        iss: "https://issuer.test/tenants/%61",
        what: "becomes the configured one when percent-encoding is undone",
        attack: "The token writes a letter of the path percent-encoded.",
    },
];

/// Values that are no string; the last says how strongly a refusal is asked.
fn shapes() -> [(&'static str, Value, &'static str, &'static Class); 8] {
    [
        ("null", json!(null), "null", &NOBODY),
        ("number", json!(0), "the number 0, which some languages find equal to any text", &NOBODY),
        ("true", json!(true), "`true`, which some languages find equal to any text", &NOBODY),
        (
            "object",
            json!({ "https://issuer.test": "https://issuer.test" }),
            "an object that has the configured name for a key",
            &NOBODY,
        ),
        ("array-empty", json!([]), "an empty array", &NOBODY),
        (
            "array-ours-last",
            json!(["https://evil.test", "https://issuer.test"]),
            "an array of another name and the configured one",
            &OTHER,
        ),
        (
            "array-ours-first",
            json!(["https://issuer.test", "https://evil.test"]),
            "an array of the configured name and another",
            &OTHER,
        ),
        (
            "array-of-one",
            json!(["https://issuer.test"]),
            "an array of just the configured name",
            &SHAPE,
        ),
    ]
}

fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    let mut cases: Vec<Case> = NAMES.iter().map(|name| name.case(&setup)).collect();
    for (slug, iss, what, class) in shapes() {
        let token = setup.token().claim("iss", iss);
        let title = format!("refuses a token whose `iss` is {what}");
        cases.push(class.refuse(
            &setup,
            slug,
            title,
            format!("The token's `iss` is {what}."),
            token,
        ));
    }
    cases.push(NOBODY.refuse(
        &setup,
        "missing",
        "refuses a token without `iss` where an issuer is configured",
        "A token that was made for another purpose under the same key, and names no issuer, is shown.",
        setup.token().without_claim("iss"),
    ));
    cases.push(NOBODY.refuse(
        &setup,
        "missing-and-in-the-header",
        "refuses a token without `iss` that has the right one as a header parameter",
        "A token that names no issuer among its claims has the configured name in its header, where \
         encrypted tokens may repeat it.",
        setup.token().without_claim("iss").header("iss", "https://issuer.test"),
    ));
    cases.push(OTHER.refuse(
        &setup,
        "other-with-ours-in-the-header",
        "refuses a token of another issuer that has the right one as a header parameter",
        "The token names another issuer, and the configured one in its header, for whoever looks there \
         first.",
        setup.token().claim("iss", "https://other.test").header("iss", "https://issuer.test"),
    ));
    cases.push(OTHER.refuse(
        &setup,
        "other-without-kid",
        "refuses a token of another issuer that has no `kid`",
        "The token names another issuer and no key: `iss` was compared where a key is looked up by name.",
        setup.token().claim("iss", "https://other.test").without_header("kid"),
    ));
    let no_audience = Setup::es256()
        .policy(|policy| policy.audiences.clear())
        .twin(super::audience::FAMILY.name, "unconfigured");
    cases.push(OTHER.refuse(
        &no_audience,
        "other-without-aud",
        "refuses a token of another issuer where no audience is configured",
        "The operator has configured an issuer and no audience; `iss` and `aud` were compared together.",
        no_audience.token().claim("iss", "https://other.test").without_claim("aud"),
    ));
    cases.push(NOBODY.refuse(
        &setup,
        "missing-and-in-sub",
        "refuses a token without `iss` that has the right one as `sub`",
        "The token is one that a client made for itself, where both are the same; only the subject is \
         there.",
        setup.token().without_claim("iss").claim("sub", "https://issuer.test"),
    ));
    cases.push(OTHER.refuse(
        &setup,
        "member-in-other-case",
        "refuses a token of another issuer that has the right one as `Iss`",
        "The token names another issuer, and in a claim `Iss` behind it the configured one; JSON \
         libraries that fold case read the last.",
        setup.token().claim("iss", "https://other.test").claim("Iss", "https://issuer.test"),
    ));
    cases.extend(tenants());
    cases.extend(with_slash());
    cases.push(plain_name());
    cases.extend(unasked());
    cases
}

impl Name {
    fn case(&self, setup: &Setup) -> Case {
        OTHER.refuse(
            setup,
            self.slug,
            format!("refuses a token whose `iss` {}", self.what),
            self.attack,
            setup.token().claim("iss", self.iss),
        )
    }
}

fn named(name: &str) -> Setup {
    Setup::es256().policy(|policy| {
        for issuer in &mut policy.issuers {
            issuer.issuer = Some(name.to_owned());
        }
    })
}

fn tenants() -> Vec<Case> {
    let ours = "https://issuer.test/tenants/a";
    let setup = named(ours).twin(FAMILY.name, "tenant");
    let mut cases = vec![HONEST.accept(
        &setup,
        "tenant",
        "accepts a token whose `iss` has a path, as configured",
        "None: providers with many tenants name them by path.",
        setup.token().claim("iss", ours),
    )];
    cases.extend(TENANTS.iter().map(|name| name.case(&setup)));
    cases
}

fn with_slash() -> Vec<Case> {
    let ours = "https://issuer.test/";
    let setup = named(ours).twin(FAMILY.name, "with-slash");
    vec![
        HONEST.accept(
            &setup,
            "with-slash",
            "accepts a token whose `iss` ends in a slash, as configured",
            "None: well-known providers have a slash at the end of their name.",
            setup.token().claim("iss", ours),
        ),
        OTHER.refuse(
            &setup,
            "slash-removed",
            "refuses a token whose `iss` lacks the configured slash",
            "The token names the issuer without its trailing slash.",
            setup.token().claim("iss", "https://issuer.test"),
        ),
    ]
}

/// StringOrURI: an arbitrary string may be used.
fn plain_name() -> Case {
    let setup = named("accounts");
    HONEST.accept(
        &setup,
        "plain-name",
        "accepts a token whose `iss` is no URL, as configured",
        "None: a StringOrURI without a colon may be any string.",
        setup.token().claim("iss", "accounts"),
    )
}

fn unasked() -> Vec<Case> {
    let setup = Setup::es256().policy(|policy| {
        for issuer in &mut policy.issuers {
            issuer.issuer = None;
        }
    });
    vec![
        UNASKED.accept(
            &setup,
            "unasked",
            "ignores `iss` where no issuer is configured",
            "None: a service trusts one key and does not care for the issuer's name.",
            setup.token(),
        ),
        UNASKED.choice(
            &setup,
            "unasked-array",
            "may refuse an `iss` that is no string where no issuer is configured",
            "An issuer writes an array into `iss`, and nobody compares it.",
            setup.token().claim("iss", json!(["https://issuer.test"])),
            Permitted::choice(crate::case::Belief::Signed),
        ),
    ]
}
