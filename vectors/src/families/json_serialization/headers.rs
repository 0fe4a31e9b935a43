//! Protected and unprotected headers.

use serde_json::json;

use super::{Class, HEADERS, Setup, flattened, good, with_unprotected};
use crate::{
    case::{Belief, Case, Permitted, Severity},
    families::ATTACKER,
    forge::{
        KeyName,
        keys::{self, TestKey},
    },
    recipe::{Json, SignatureRecipe, Signing},
};

pub(super) fn cases(setup: &Setup) -> Vec<Case> {
    const EXTENSION: &str = "https://extension.test/confirm-holder";
    let overridden = SignatureRecipe {
        signing: Signing::Octets(Vec::new()),
        ..with_unprotected(setup, json!({ "alg": "none" }))
    };
    let own = keys::find(&KeyName::from(ATTACKER)).map(TestKey::public_jwk).unwrap_or_default();
    let stranger = SignatureRecipe {
        signing: Signing::Key { key: KeyName::from(ATTACKER), alg: setup.alg.to_owned() },
        ..with_unprotected(setup, json!({ "jwk": own }))
    };
    let critical = json!({ "crit": [EXTENSION], EXTENSION: true });
    let choice = Permitted::choice(Belief::Signed);
    let absent = Class {
        rule: "A header that is empty should be absent; that is a rule for whoever makes the token.",
        consequence: "Honest tokens of a careless sender are refused by some.",
        remedy: "Take an empty header for none.",
        ..HEADERS
    };
    vec![
        Class { severity: Severity::Critical, ..HEADERS }.refuse(
            setup,
            "alg-overridden",
            "refuses a token whose unprotected `alg` says none over a protected one that does not",
            "The attacker leaves the signature empty and writes `none` into the unprotected header, \
             which some software lays over the protected one.",
            flattened(setup, overridden),
        ),
        Class {
            severity: Severity::Critical,
            clauses: &["RFC 7515 §4.1.1", "RFC 7515 §6", "RFC 7515 §10.3"],
            rule: "Which keys are trusted is the operator's to say; a key that comes with the token is \
                   none of them, in whichever header.",
            consequence: "Anybody signs with a key of his own.",
            remedy: "Never verify with a key that the token brings along.",
            ..HEADERS
        }
        .refuse(
            setup,
            "jwk-unprotected",
            "refuses a token that brings its own `jwk` in the unprotected header",
            "The attacker signs with a key of his own and puts it into the unprotected header.",
            flattened(setup, stranger),
        ),
        // The signature was good under a trusted key, whatever key is named.
        Class { severity: Severity::Medium, ..HEADERS }.refuse(
            setup,
            "kid-in-both",
            "refuses a `kid` in both headers",
            "Somebody who carries a good token names another key in its unprotected header.",
            flattened(setup, with_unprotected(setup, json!({ "kid": "p256-b" }))),
        ),
        Class { severity: Severity::Medium, ..HEADERS }.refuse(
            setup,
            "alg-in-both-alike",
            "refuses an `alg` in both headers, even if they agree",
            "Somebody who carries a good token repeats its `alg` in the unprotected header.",
            flattened(setup, with_unprotected(setup, json!({ "alg": setup.alg }))),
        ),
        Class { severity: Severity::Medium, ..HEADERS }.refuse(
            setup,
            "unknown-in-both",
            "refuses a parameter in both headers, even one that it does not know",
            "The signed header holds a restriction that only the application knows; somebody who carries \
             the token writes another value beside it.",
            flattened(
                setup,
                SignatureRecipe {
                    protected: setup.token().header("tier", "free").protected,
                    ..with_unprotected(setup, json!({ "tier": "gold" }))
                },
            ),
        ),
        Class {
            severity: Severity::High,
            clauses: &["RFC 7515 §4.1.11", "RFC 7515 §5.2"],
            cwe: &[358],
            rule: "If any name listed in `crit` is not understood, the JWS is invalid, in every \
                   serialization.",
            consequence: "A restriction that the sender called critical is passed over.",
            remedy: "Judge the protected header of a JSON serialization by the code that judges a \
                     compact one.",
            ..HEADERS
        }
        .refuse(
            setup,
            "crit-protected",
            "refuses an unknown critical extension in the protected header",
            "A sender marks a restriction as critical; this way of writing a JWS is parsed by code of its \
             own, which has no eye for it.",
            flattened(
                setup,
                SignatureRecipe {
                    protected: setup
                        .token()
                        .header("crit", json!([EXTENSION]))
                        .header(EXTENSION, true)
                        .protected,
                    ..good(setup)
                },
            ),
        ),
        Class {
            severity: Severity::Medium,
            clauses: &["RFC 7515 §4.1.11", "RFC 7515 §5.2"],
            cwe: &[358],
            rule: "If any name listed in `crit` is not understood, the JWS is invalid; `crit` itself \
                   must be integrity protected.",
            consequence: "A restriction that the sender called critical is passed over.",
            remedy: "Look for `crit` in the union of both headers, and refuse it in the unprotected one.",
            ..HEADERS
        }
        .refuse(
            setup,
            "crit-unprotected",
            "refuses an unknown critical extension in the unprotected header",
            "A sender marks a restriction as critical in the header that nobody signs.",
            flattened(setup, with_unprotected(setup, critical)),
        ),
        Class {
            severity: Severity::Low,
            clauses: &["RFC 7515 §4.1.11", "RFC 7797 §6"],
            rule: "`crit` and `b64` must be integrity protected; that is a rule for whoever makes the \
                   token, and a recipient may hold them to it.",
            consequence: "None where the extension means nothing; verifiers differ.",
            remedy: "Refuse `crit` in the unprotected header, whatever it lists.",
            ..HEADERS
        }
        .choice(
            setup,
            "crit-unprotected-of-b64",
            "may refuse a critical extension that it knows in the unprotected header",
            "A sender marks `b64` as critical, with the value that changes nothing, in the header that \
             nobody signs.",
            flattened(setup, with_unprotected(setup, json!({ "crit": ["b64"], "b64": true }))),
            choice.clone(),
        ),
        absent.choice(
            setup,
            "unprotected-empty",
            "may refuse an unprotected header that is an empty object",
            "None: a sender writes an empty header where it should leave it away.",
            flattened(setup, with_unprotected(setup, json!({}))),
            choice.clone(),
        ),
        absent.choice(
            setup,
            "protected-empty",
            "may refuse a protected header that is an empty text, with all parameters unprotected",
            "None: a sender protects no parameter, and writes an empty text where it should write none.",
            flattened(
                setup,
                SignatureRecipe {
                    protected: Some(Json::Text(String::new())),
                    ..with_unprotected(setup, json!({ "alg": setup.alg, "kid": setup.key }))
                },
            ),
            choice,
        ),
    ]
}
