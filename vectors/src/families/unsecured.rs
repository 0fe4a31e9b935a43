//! Unsecured tokens, in every spelling of `none` that real software tells apart.

use serde_json::{Value, json};

use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::base64url,
    recipe::{Edit, Json, JwsRecipe, Signing},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "unsecured",
    title: "Tokens without a signature are refused, however `none` is spelled",
    cases,
};

const UNSECURED: Class = Class {
    family: FAMILY.name,
    category: Category::AlgNone,
    part: Part::AllowList,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::Critical,
    clauses: &["RFC 7518 §3.6", "RFC 7515 §5.2", "RFC 8725 §3.1"],
    cwe: &[347],
    rule: "A token is valid only with a signature of an allowed algorithm under a trusted key. \
           Unsecured tokens are not accepted unless the application asks for them.",
    consequence: "Anybody writes a token for anybody.",
    remedy: "Compare `alg` letter by letter with the allow-list before anything else is done with the \
             token, and give `none` no code path.",
};

/// `alg` that is no text or not there: the clause is about every token, forged or not.
const NO_ALGORITHM: Class = Class {
    clauses: &["RFC 7515 §4.1.1", "RFC 7515 §5.2"],
    rule: "`alg` must be present, and must be a text that names a supported algorithm.",
    remedy: "Refuse a token whose `alg` is missing or no text; have no default for it.",
    ..UNSECURED
};

/// The same with a signature that is good: nobody forged anything.
const ASSUMED_ALGORITHM: Class = Class {
    severity: Severity::Low,
    consequence: "The verifier guesses the algorithm. What the signer did not say is decided by the \
                  key or by a default, and another verifier decides otherwise.",
    ..NO_ALGORITHM
};

fn cases() -> Vec<Case> {
    let service = Setup::es256();
    let mut cases: Vec<Case> = SPELLINGS.iter().map(|spelling| spelling.case(&service)).collect();
    cases.extend(leftovers(&service));
    cases.extend(without_allow_list());
    cases.extend(no_algorithm(&service));
    cases
}

/// A spelling of `none`, as it stands in the header.
struct Spelling {
    slug: &'static str,
    alg: &'static str,
    shown: &'static str,
    why: &'static str,
}

const SPELLINGS: &[Spelling] = &[
    Spelling {
        slug: "none",
        alg: "none",
        shown: "`none`",
        why: "The attacker writes the claims he likes, names `none` and leaves the signature empty.",
    },
    Spelling {
        slug: "none-capitalised",
        alg: "None",
        shown: "`None`",
        why: "A filter looks for `none` in lower case; the library behind it compares in any case.",
    },
    Spelling {
        slug: "none-upper-case",
        alg: "NONE",
        shown: "`NONE`",
        why: "The same in upper case, which some libraries turn into the name of a constant.",
    },
    Spelling {
        slug: "none-mixed-case",
        alg: "nOnE",
        shown: "`nOnE`",
        why: "The same in mixed case: a list of the usual spellings does not hold it.",
    },
    Spelling {
        slug: "none-blank-in-front",
        alg: " none",
        shown: "`none` behind a blank",
        why: "A blank keeps the name from being `none` until somebody trims it.",
    },
    Spelling {
        slug: "none-blank-behind",
        alg: "none ",
        shown: "`none` before a blank",
        why: "The same with the blank at the end.",
    },
    Spelling {
        slug: "none-line-feed-behind",
        alg: "none\n",
        shown: "`none` before a line feed",
        why: "`$` of a regular expression matches before a final line feed.",
    },
    Spelling {
        slug: "none-nul-behind",
        alg: "none\0HS256",
        shown: "`none`, NUL and more",
        why: "A text of C ends at its NUL: one part of the verifier sees `none`, another does not.",
    },
    Spelling {
        slug: "none-full-width",
        alg: "ｎｏｎｅ",
        shown: "`none` in full-width letters",
        why: "Compatibility normalisation (NFKC) turns full-width letters into `none`.",
    },
    Spelling {
        slug: "none-zero-width",
        alg: "no\u{200b}ne",
        shown: "`none` with a zero-width space inside",
        why: "Characters that cannot be seen are stripped by some frameworks on the way.",
    },
    Spelling {
        slug: "empty",
        alg: "",
        shown: "an empty `alg`",
        why: "An empty name counts as not set, and what is not set as `none`.",
    },
];

impl Spelling {
    fn case(&self, service: &Setup) -> Case {
        UNSECURED.refuse(
            service,
            self.slug,
            format!("refuses {} with an empty signature", self.shown),
            self.why,
            unsigned(service, json!(self.alg)),
        )
    }
}

/// `none` with something in the place of the signature, or without that place.
fn leftovers(service: &Setup) -> Vec<Case> {
    let none = || unsigned(service, json!("none"));
    let escaped = r#"{"alg":"\u006eone","typ":"JWT","kid":"p256-a"}"#;
    let header = base64url(br#"{"alg":"none","typ":"JWT","kid":"p256-a"}"#);
    vec![
        UNSECURED.refuse(
            service,
            "none-escaped",
            "refuses `none` that is written with an escape",
            "A filter searches the header's text for `none`; JSON reads `\\u006eone` as just that.",
            none().protected(Json::Text(escaped.to_owned())),
        ),
        UNSECURED.refuse(
            service,
            "none-leftover-signature",
            "refuses `none` with the signature of an honest token left in place",
            "The attacker exchanges the header of an honest token, and leaves payload and signature \
             as they were: a verifier that looks for an empty signature finds one that is not.",
            service.token().edit(Edit::ReplaceSegment { segment: 0, text: header }),
        ),
        UNSECURED.refuse(
            service,
            "none-garbage-signature",
            "refuses `none` with anything in the place of the signature",
            "Where an empty signature is refused, one of any octets may do.",
            none().signed(Signing::Octets(b"this is no signature, but it is not empty".to_vec())),
        ),
        UNSECURED.refuse(
            service,
            "none-two-segments",
            "refuses `none` without the second dot",
            "The attacker leaves away the signature and the dot in front of it.",
            none().edit(Edit::KeepSegments(2)),
        ),
        UNSECURED.refuse(
            service,
            "none-without-kid",
            "refuses `none` where no key is asked for",
            "Without `kid` some verifiers look for a key later or never.",
            none().without_header("kid"),
        ),
        UNSECURED.refuse(
            service,
            "honest-alg-empty-signature",
            "refuses an allowed algorithm with an empty signature",
            "The header names the honest algorithm; only the signature is left away.",
            service.token().signed(Signing::Octets(Vec::new())),
        ),
        UNSECURED.refuse(
            service,
            "honest-alg-two-segments",
            "refuses an allowed algorithm without a signature segment",
            "The header names the honest algorithm; signature and dot are left away.",
            service.token().edit(Edit::KeepSegments(2)),
        ),
    ]
}

/// What a verifier does by default, where the operator gave no allow-list.
///
/// The twin is the honest token under an allow-list: whether one without is accepted is up to the
/// library's default.
fn without_allow_list() -> Vec<Case> {
    let class = Class {
        clauses: &["RFC 7518 §3.6", "RFC 8725 §3.2"],
        rule: "Implementations do not accept unsecured tokens by default.",
        part: Part::Signature,
        ..UNSECURED
    };
    let ec = Setup::es256().policy(|policy| policy.algorithms.clear());
    let unknown = Class {
        clauses: &["RFC 7515 §5.2", "RFC 7515 §4.1.1"],
        rule: "A signature of an algorithm that the verifier does not know is not valid.",
        remedy: "End the choice among algorithms in a refusal, and have no branch that verifies nothing.",
        ..class
    };
    let mut cases = vec![unknown.refuse(
        &ec,
        "default-ec-unknown",
        "refuses an algorithm that nobody knows by default, under a set of one EC key and no \
         allow-list",
        "The service configured keys and no algorithms. The attacker names an algorithm of his own \
         invention: a chain of branches ends without having verified anything.",
        ec.token()
            .header("alg", "XS256")
            .signed(Signing::Octets(b"a signature of an algorithm of nobody".to_vec())),
    )];
    cases.push(unknown.refuse(
        &ec,
        "default-ec-hmac-of-no-octets",
        "refuses HS256 with no signature by default, under a set of one EC key and no allow-list",
        "The service configured keys and no algorithms. The attacker names HS256 and brings no \
         signature: a key that is no secret, and nothing to compare, come out equal.",
        ec.token().header("alg", "HS256").signed(Signing::Octets(Vec::new())),
    ));
    for (key_type, service) in [("ec", Setup::es256()), ("oct", Setup::hs256())] {
        let service = service.policy(|policy| policy.algorithms.clear());
        for (slug, alg) in [("none", "none"), ("none-mixed-case", "nOnE")] {
            cases.push(class.refuse(
                &service,
                &format!("default-{key_type}-{slug}"),
                format!(
                    "refuses `{alg}` by default, under a set of one {} key and no allow-list",
                    key_type.replace("ec", "EC")
                ),
                "The service configured keys and no algorithms. The attacker names none, and brings \
                 no signature.",
                unsigned(&service, json!(alg)),
            ));
        }
    }
    cases
}

/// An `alg` that names nothing, with no signature and with a good one.
fn no_algorithm(service: &Setup) -> Vec<Case> {
    let values = [
        ("missing", "no `alg`", None),
        ("null", "`alg` null", Some(Value::Null)),
        ("number", "a number as `alg`", Some(json!(0))),
        ("false", "`alg` false", Some(json!(false))),
        ("array", "an array as `alg`", Some(json!(["ES256"]))),
        ("object", "an object as `alg`", Some(json!({"name": "ES256"}))),
    ];
    let mut cases = Vec::new();
    for (slug, shown, value) in values {
        let with = |token: JwsRecipe| match &value {
            Some(value) => token.header("alg", value.clone()),
            None => token.without_header("alg"),
        };
        cases.push(NO_ALGORITHM.refuse(
            service,
            &format!("alg-{slug}-empty-signature"),
            format!("refuses {shown} with an empty signature"),
            "What is not set, or compares equal to nothing, is taken for `none`.",
            with(unsigned(service, json!("none"))),
        ));
        cases.push(ASSUMED_ALGORITHM.refuse(
            service,
            &format!("alg-{slug}-genuine-signature"),
            format!("refuses {shown} although the signature is good"),
            "The signer did not say how the token is signed. A verifier that accepts it assumes an \
             algorithm: that of the key, the first of its list, or what a loose comparison finds.",
            with(service.token()),
        ));
    }
    cases
}

/// An honest header and honest claims with this `alg` and an empty signature.
fn unsigned(service: &Setup, alg: Value) -> JwsRecipe {
    service.token().header("alg", alg).signed(Signing::Octets(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Env, case::Permitted, families::honest_header, forge::forge};

    /// The left-over header must differ from the honest one in `alg` alone.
    #[test]
    fn the_exchanged_header_is_the_honest_one_but_for_its_algorithm() {
        let service = Setup::es256();
        let honest = Json::Members(honest_header(service.key, "none"));
        let token = service.token().protected(honest).signed(Signing::Octets(Vec::new()));
        let forged = forge(&token.into(), service.mode, None, &Env::fixed()).unwrap();
        assert_eq!(forged.protected.unwrap(), br#"{"alg":"none","typ":"JWT","kid":"p256-a"}"#);
    }

    #[test]
    fn no_case_is_a_choice() {
        for case in cases() {
            assert_eq!(case.permitted(), Some(&Permitted::refuse()), "{}", case.id);
        }
    }
}
