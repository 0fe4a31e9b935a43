//! Texts that are not one JSON object in UTF-8, and texts that are, though they do not look so.

use super::{Class, GRAMMAR, Setup, Side, TIMELESS};
use crate::{
    case::{Basis, Belief, Case, Category, Part, Permitted, Severity},
    recipe::Json,
};

pub(super) fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    [
        accepted(&setup),
        malformed(&setup),
        no_object(&setup),
        no_claims_set(),
        encodings(&setup),
        prototypes(&setup),
        vec![name_in_another_case(&setup)],
    ]
    .concat()
}

/// Names are compared letter by letter; some JSON libraries fold case where they fill a structure.
fn name_in_another_case(setup: &Setup) -> Case {
    let class = Class {
        severity: Severity::Low,
        clauses: &["RFC 7515 §4.1.1", "RFC 7515 §5.3"],
        cwe: &[178],
        rule: "`alg` must be present, and names of header parameters are compared code point by code point.",
        consequence: "Another reader of the same token sees no `alg`, and takes another decision.",
        remedy: "Look members up by their exact name, and refuse a header without `alg`.",
        ..GRAMMAR
    };
    class.refuse(
        setup,
        "header-name-in-another-case",
        "refuses a header with `Alg` in place of `alg`",
        "The algorithm stands under `Alg`. The token is genuinely signed with it.",
        Side::Header
            .written(setup, |members| format!("{{{}}}", members.replace("\"alg\"", "\"Alg\""))),
    )
}

/// What the grammar allows.
fn accepted(setup: &Setup) -> Vec<Case> {
    let class = Class {
        severity: Severity::Medium,
        cwe: &[],
        clauses: &["RFC 8259 §9", "RFC 8259 §2", "RFC 8259 §7"],
        rule: "A JSON parser accepts every text that conforms to the grammar: white space between \
               tokens, escapes in names and values, text in any script.",
        consequence: "Honest tokens of an issuer with another JSON library are refused.",
        remedy: "Read header and payload with a JSON parser, and with nothing that only looks for texts.",
        ..GRAMMAR
    };
    let mut cases = Vec::new();
    for side in Side::BOTH {
        let name = side.name();
        cases.push(class.accept(
            setup,
            &format!("{name}-white-space"),
            format!("accepts white space between the tokens of the {name}"),
            "None: an issuer writes JSON over several lines.",
            side.written(setup, |members| {
                format!("\r\n {{\t{} }} \n", members.replace("\",\"", "\" ,\r\n\t\""))
            }),
        ));
        let (plain, escaped) = match side {
            Side::Header => ("\"alg\"", r#""\u0061lg""#),
            Side::Payload => ("\"iss\"", r#""\u0069ss""#),
        };
        cases.push(class.accept(
            setup,
            &format!("{name}-escaped-name"),
            format!("reads {plain} in the {name} through an escape in its name"),
            "None: the two spellings are one name.",
            side.written(setup, |members| format!("{{{}}}", members.replace(plain, escaped))),
        ));
    }
    cases.push(class.accept(
        setup,
        "payload-escaped-slash",
        "reads the issuer through escaped slashes",
        "None: some JSON libraries escape every slash.",
        Side::Payload.written(setup, |members| format!("{{{}}}", members.replace('/', "\\/"))),
    ));
    cases.push(class.accept(
        setup,
        "payload-not-ascii",
        "accepts text beyond ASCII, as it is and as pairs of escapes",
        "None: subjects have names.",
        Side::Payload.written(setup, |members| {
            format!(
                r#"{{{members},"name":"Zoë 東京 😀","same":"Zo\u00eb \u6771\u4eac \ud83d\ude00"}}"#
            )
        }),
    ));
    cases
}

/// Extensions of the grammar that parsers take, and texts that they cut or mend.
fn malformed(setup: &Setup) -> Vec<Case> {
    struct Malformed {
        slug: &'static str,
        what: &'static str,
        write: fn(&str) -> String,
    }
    let table = [
        Malformed {
            slug: "text-behind",
            what: "text behind the object",
            write: |members| format!("{{{members}}}ABCD"),
        },
        Malformed {
            slug: "nul-behind",
            what: "a NUL behind the object",
            write: |members| format!("{{{members}}}\0"),
        },
        Malformed {
            slug: "cut",
            what: "an object without its last brace",
            write: |members| format!("{{{members}"),
        },
        Malformed {
            slug: "comment",
            what: "a comment",
            write: |members| format!("{{/* x */{members}}}"),
        },
        Malformed {
            slug: "trailing-comma",
            what: "a comma behind the last member",
            write: |members| format!("{{{members},}}"),
        },
        Malformed {
            slug: "single-quotes",
            what: "a text in single quotation marks",
            write: |members| format!("{{{members},\"x\":'y'}}"),
        },
        Malformed {
            slug: "unquoted-name",
            what: "a name without quotation marks",
            write: |members| format!("{{{members},x:1}}"),
        },
        Malformed {
            slug: "nan",
            what: "a number that is NaN",
            write: |members| format!("{{{members},\"x\":NaN}}"),
        },
        Malformed {
            slug: "leading-zero",
            what: "a number with a leading zero",
            write: |members| format!("{{{members},\"x\":01}}"),
        },
        Malformed {
            slug: "plus-sign",
            what: "a number with a plus sign",
            write: |members| format!("{{{members},\"x\":+1}}"),
        },
        Malformed {
            slug: "capitalised-literal",
            what: "a literal in capital letters",
            write: |members| format!("{{{members},\"x\":True}}"),
        },
        Malformed {
            slug: "escaped-apostrophe",
            what: "an apostrophe behind a backslash",
            write: |members| format!("{{{members},\"x\":\"y\\'z\"}}"),
        },
        Malformed {
            slug: "control-character",
            what: "a line feed inside a text",
            write: |members| format!("{{{members},\"x\":\"y\nz\"}}"),
        },
        Malformed {
            slug: "unknown-escape",
            what: "an escape that JSON does not have",
            write: |members| format!("{{{members},\"x\":\"\\q\"}}"),
        },
    ];
    let mut cases = Vec::new();
    for side in Side::BOTH {
        let name = side.name();
        for Malformed { slug, what, write } in &table {
            cases.push(GRAMMAR.refuse(
                setup,
                &format!("{name}-{slug}"),
                format!("refuses a {name} with {what}"),
                format!(
                    "A token whose {name} has {what} is shown; the issuer signed it like that."
                ),
                side.written(setup, *write),
            ));
        }
    }
    cases
}

/// For whoever asks a parsed value for its members without looking what it is.
fn no_object(setup: &Setup) -> Vec<Case> {
    let class = Class {
        severity: Severity::Medium,
        part: Part::Header,
        cwe: &[20, 248],
        consequence: "A value that is no object is asked for a member, which ends in an error that nobody \
                      expects; anybody can send it.",
        remedy: "Read the header into an object, and refuse every other value.",
        ..GRAMMAR
    };
    [
        ("empty", "an empty text", String::new()),
        ("null", "null", "null".to_owned()),
        ("text", "a text", "\"ES256\"".to_owned()),
        ("number", "a number", "1".to_owned()),
        ("array", "an array", format!("[{{{}}}]", Side::Header.members())),
    ]
    .into_iter()
    .map(|(slug, what, text)| {
        class.refuse(
            setup,
            &format!("header-{slug}"),
            format!("refuses a header that is {what}"),
            format!("Anybody sends a token whose header is {what}."),
            Side::Header.token(setup, Json::Text(text)),
        )
    })
    .collect()
}

/// Under a policy that asks for no claim, so that nothing but the shape can refuse the payload.
fn no_claims_set() -> Vec<Case> {
    let base = Setup::es256().policy(|policy| {
        policy.audiences.clear();
        for issuer in &mut policy.issuers {
            issuer.issuer = None;
        }
    });
    let setup = base.clone().twin(super::FAMILY.name, "payload-object");
    let class = Class {
        severity: Severity::Medium,
        part: Part::Claims,
        clauses: &["RFC 7519 §7.2", "RFC 7519 §4"],
        cwe: &[20, 248],
        consequence: "Whatever an issuer's key signed for another purpose passes for a JWT without \
                      claims, or ends in an error that nobody expects.",
        remedy: "Read the payload into an object, and refuse every other value.",
        ..GRAMMAR
    };
    let mut cases = vec![class.accept(
        &base,
        "payload-object",
        "accepts an object of claims where none is asked for",
        "None: the policy asks for a good signature and no more.",
        base.token().payload(Json::Text(r#"{"sub":"alice","exp":{now+3540}}"#.to_owned())),
    )];
    cases.extend(
        [
            ("empty", "an empty text", ""),
            ("null", "null", "null"),
            ("text", "a text", "\"alice\""),
            (
                "claims-in-a-text",
                "a text that holds claims",
                // A parser quotes what it wanted no text to be; no time stands in it, so that runs tell the same.
                r#""{\"sub\":\"alice\",\"exp\":4102444800}""#,
            ),
            ("number", "a number", "1"),
            ("true", "true", "true"),
            ("array", "an array", r#"[{"sub":"alice","exp":{now+3540}}]"#),
        ]
        .into_iter()
        .map(|(slug, what, text)| {
            class.refuse(
                &setup,
                &format!("payload-{slug}"),
                format!("refuses a payload that is {what}"),
                format!(
                    "A key that also signs other things has signed {what}; the text is shown as a JWT."
                ),
                setup.token().payload(Json::Text(text.to_owned())),
            )
        }),
    );
    cases
}

fn encodings(setup: &Setup) -> Vec<Case> {
    let mut cases = Vec::new();
    for side in Side::BOTH {
        let name = side.name();
        let members = match side {
            Side::Header => Side::Header.members(),
            Side::Payload => TIMELESS,
        };
        let utf16: Vec<u8> =
            format!("{{{members}}}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with = |text: &[u8]| [b"{", members.as_bytes(), b",\"x\":\"", text, b"\"}"].concat();
        for (slug, what, octets) in [
            ("utf-16", "in UTF-16", utf16.clone()),
            (
                "utf-16-bom",
                "in UTF-16 with a byte order mark",
                [b"\xff\xfe", utf16.as_slice()].concat(),
            ),
            ("invalid-utf-8", "with an octet that is not UTF-8", with(b"\xff")),
            (
                "surrogate-in-utf-8",
                "with half a surrogate pair as three octets",
                with(b"\xed\xa0\x80"),
            ),
        ] {
            cases.push(GRAMMAR.refuse(
                setup,
                &format!("{name}-{slug}"),
                format!("refuses a {name} {what}"),
                format!(
                    "A token is shown whose {name} is JSON {what}; the issuer signed it like that."
                ),
                side.token(setup, Json::Octets(octets)),
            ));
        }
        cases.push(
            Class {
                clauses: &["RFC 8259 §8.1", "RFC 7515 §5.2"],
                rule: "A JSON text does not begin with a byte order mark; a parser may ignore one, or \
                       refuse the text.",
                consequence: "None; two verifiers may differ.",
                remedy: "Refuse the mark, as it is no part of an object.",
                ..GRAMMAR
            }
            .choice(
                setup,
                &format!("{name}-bom"),
                format!("may refuse a {name} behind a byte order mark"),
                "An issuer's editor wrote the mark.",
                side.written(setup, |members| format!("\u{feff}{{{members}}}")),
                Permitted::choice(Belief::Signed),
            ),
        );
    }
    let overlong = format!("{{{TIMELESS}}}").into_bytes();
    let slash = overlong.iter().position(|octet| *octet == b'/').unwrap_or_default();
    let (before, after) = overlong.split_at_checked(slash).unwrap_or_default();
    let after = after.strip_prefix(b"/").unwrap_or(after);
    cases.push(Class { severity: Severity::Medium, ..GRAMMAR }.refuse(
        setup,
        "payload-overlong",
        "refuses an issuer with a slash in two octets",
        "The issuer's name holds a slash in an overlong form of UTF-8, which careless decoders take for \
         the slash.",
        Side::Payload.token(setup, Json::Octets([before, b"\xc0\xaf", after].concat())),
    ));
    cases
}

/// For languages in which an object has members that nobody wrote.
fn prototypes(setup: &Setup) -> Vec<Case> {
    let class = Class {
        category: Category::TokenParsing,
        part: Part::Claims,
        severity: Severity::High,
        clauses: &["RFC 7519 §4", "RFC 7515 §4"],
        cwe: &[1321],
        rule: "`__proto__` is a name like any other, and unknown; what stands in it is neither a header \
               parameter nor a claim.",
        consequence: "Members that were not checked appear where others look for them.",
        remedy: "Read JSON into maps without a prototype, and copy no unknown names into objects.",
        ..GRAMMAR
    };
    let honest = Class { severity: Severity::Medium, cwe: &[], ..class };
    vec![
        honest.accept(
            setup,
            "payload-prototype-ignored",
            "ignores a member `__proto__` beside good claims",
            "None that works: the member is unknown.",
            Side::Payload.written(setup, |members| {
                format!(r#"{{"__proto__":{{"iss":"https://evil.test","exp":1}},{members}}}"#)
            }),
        ),
        honest.accept(
            setup,
            "header-prototype-ignored",
            "ignores a member `__proto__` in a good header",
            "None that works: the member is unknown.",
            Side::Header.written(setup, |members| {
                format!(r#"{{"__proto__":{{"alg":"none","crit":["x"]}},{members}}}"#)
            }),
        ),
        Class {
            basis: Basis::Operator,
            part: Part::Issuer,
            category: Category::ClaimsIssuer,
            ..class
        }
        .refuse(
            &setup.clone().twin(super::FAMILY.name, "payload-prototype-ignored"),
            "payload-prototype",
            "refuses a token whose issuer stands in `__proto__` alone",
            "The claims have no issuer of their own; a member `__proto__` has the right one.",
            Side::Payload.written(setup, |members| {
                let own = r#""iss":"https://issuer.test","#;
                format!(
                    r#"{{"__proto__":{{"iss":"https://issuer.test"}},{}}}"#,
                    members.strip_prefix(own).unwrap_or(members)
                )
            }),
        ),
        Class { part: Part::Header, clauses: &["RFC 7515 §4.1.1", "RFC 7515 §4"], ..class }.refuse(
            &setup.clone().twin(super::FAMILY.name, "header-prototype-ignored"),
            "header-prototype",
            "refuses a header whose `alg` stands in `__proto__` alone",
            "The header has no `alg` of its own; a member `__proto__` has the right one.",
            Side::Header.written(setup, |members| {
                let own = r#""alg":"ES256","#;
                format!(
                    r#"{{"__proto__":{{"alg":"ES256"}},{}}}"#,
                    members.strip_prefix(own).unwrap_or(members)
                )
            }),
        ),
    ]
}
