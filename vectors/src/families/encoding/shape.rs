//! Texts that have not the shape of a compact JWS.

use serde_json::json;

use super::{Class, FAR_AWAY, SEGMENTS, Setup};
use crate::{
    case::{Belief, Case, Category, Permitted, Severity},
    families::{AUDIENCE, ISSUER},
    forge::base64url,
    recipe::{
        Edit, JwsJsonRecipe, JwsMember, JwsRecipe, Place, Recipe, Serialization, SignatureRecipe,
    },
};

pub(super) fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    let mut cases = segments(&setup);
    cases.extend(no_token(&setup));
    cases.extend(around(&setup));
    cases.extend(other_serializations(&setup));
    cases
}

/// Too few and too many periods around a good token.
fn segments(setup: &Setup) -> Vec<Case> {
    let edited = |edit| setup.token().edit(edit);
    let append = |text: &str| edited(Edit::Append(text.to_owned()));
    let prepend = |text: &str| edited(Edit::Prepend(text.to_owned()));
    let between = |segment, at, text: &str| Edit::Insert { segment, at, text: text.to_owned() };
    let critical = Class { severity: Severity::Critical, ..SEGMENTS };
    vec![
        SEGMENTS.refuse(
            setup,
            "one-segment",
            "refuses a header alone",
            "The attacker leaves payload and signature away, and the periods as well.",
            edited(Edit::KeepSegments(1)),
        ),
        critical.refuse(
            setup,
            "two-segments",
            "refuses a token without a signature segment",
            "The attacker leaves the signature away, and the period in front of it as well.",
            edited(Edit::KeepSegments(2)),
        ),
        SEGMENTS.refuse(
            setup,
            "segment-behind",
            "refuses a fourth segment behind a good token",
            "The attacker adds a period and a text to a good token; software that takes the first three \
             parts of a split does not see it.",
            append(".AAAA"),
        ),
        SEGMENTS.refuse(
            setup,
            "segment-in-front",
            "refuses a fourth segment in front of a good token",
            "The attacker puts a text and a period in front of a good token; software that splits from \
             the right does not see it.",
            prepend("AAAA."),
        ),
        SEGMENTS.refuse(
            setup,
            "segment-before-the-signature",
            "refuses a segment slipped in before the signature",
            "The attacker slips a text between payload and signature; software that takes the first two \
             parts as signed and the last as the signature does not see it.",
            edited(between(2, Place::Front, "e30.")),
        ),
        SEGMENTS.refuse(
            setup,
            "segment-before-the-signature-signed",
            "refuses four segments, although the signature covers the first three",
            "The issuer's signing input holds one more period. Software that splits at the last one \
             verifies it, and then reads the second segment or the third.",
            setup.token().spelled(between(1, Place::End, ".e30")),
        ),
        SEGMENTS.refuse(
            setup,
            "period-in-front",
            "refuses a period in front of a good token",
            "The attacker puts a period in front; software that drops empty parts does not see it.",
            prepend("."),
        ),
        SEGMENTS.refuse(
            setup,
            "period-behind",
            "refuses a period behind a good token",
            "The attacker puts a period behind; software that drops empty parts does not see it.",
            append("."),
        ),
        SEGMENTS.refuse(
            setup,
            "five-segments",
            "refuses two segments behind a good token, which give it the shape of a JWE",
            "The attacker adds two empty segments, so that software that counts periods takes another way.",
            append(".."),
        ),
        Class {
            severity: Severity::Medium,
            category: Category::Dos,
            cwe: &[405],
            consequence: "A text of a megabyte costs many times that in memory, before anything was verified.",
            remedy: "Look for the first three periods, and never split without a bound.",
            ..SEGMENTS
        }
        .refuse(
            setup,
            "million-periods",
            "refuses a million periods behind a good token",
            "Anybody sends a token with a million periods behind it.",
            append("{repeat.1000000..}"),
        ),
        Class { category: Category::JweNested, ..SEGMENTS }.refuse(
            setup,
            "jwe",
            "refuses a JWE where a JWS is due",
            "The attacker sends five segments whose header names an algorithm of JWE, with the claims \
             in the open where the ciphertext is due.",
            jwe(setup),
        ),
    ]
}

/// A JWE in shape alone: nobody can decrypt it, and what reads its second or fourth segment as claims
/// reads good ones.
fn jwe(setup: &Setup) -> JwsRecipe {
    let claims = base64url(timeless_claims("mallory").as_bytes());
    setup
        .token()
        .header("alg", "dir")
        .header("enc", "A128GCM")
        .edit(Edit::ReplaceSegment { segment: 1, text: String::new() })
        .edit(Edit::ReplaceSegment {
            segment: 2,
            text: format!("AAAAAAAAAAAAAAAA.{claims}.AAAAAAAAAAAAAAAAAAAAAA"),
        })
}

/// Texts with nothing in them, for whoever takes parts of a split without counting them.
fn no_token(setup: &Setup) -> Vec<Case> {
    let class = Class {
        severity: Severity::Medium,
        cwe: &[248],
        consequence: "A part that is not there is asked for, and a request with an empty or cut header \
                      field ends in an error that nobody expects.",
        ..SEGMENTS
    };
    [
        ("empty", "", "nothing at all"),
        ("white-space", "   ", "white space alone"),
        ("one-period", ".", "one period"),
        ("two-periods", "..", "two periods"),
    ]
    .into_iter()
    .map(|(slug, text, what)| {
        class.refuse(
            setup,
            slug,
            format!("refuses {what} in place of a token"),
            format!("Anybody sends {what} in place of a token."),
            Recipe::Text(text.to_owned()),
        )
    })
    .collect()
}

/// What stands around a token. White space there is dropped by transports, and it is left to an
/// interface whether it takes the text as received or as sent; nothing within the token changes.
fn around(setup: &Setup) -> Vec<Case> {
    let choice = Class {
        severity: Severity::Info,
        rule: "White space around a token is no part of it. A verifier may drop it, as transports do, or \
               refuse it, because no white space may stand in a segment.",
        consequence: "None; but two verifiers may see two texts of one token.",
        remedy: "Say in the documentation which it is.",
        ..SEGMENTS
    };
    let mut cases: Vec<Case> = [
        ("space-in-front", "a space in front of", Edit::Prepend(" ".to_owned())),
        ("line-feed-behind", "a line feed behind", Edit::Append("\n".to_owned())),
        ("bearer-in-front", "the word Bearer in front of", Edit::Prepend("Bearer ".to_owned())),
    ]
    .into_iter()
    .map(|(slug, what, edit)| {
        choice.choice(
            setup,
            slug,
            format!("may refuse {what} a good token"),
            format!(
                "None: a caller hands over {what} the token, as a header field or a file held it."
            ),
            setup.token().edit(edit),
            Permitted::choice(Belief::Signed),
        )
    })
    .collect();
    cases.push(super::SPELLING.refuse(
        setup,
        "quotation-marks",
        "refuses a token in quotation marks",
        "A good token is sent as a JSON string, quotation marks included; decoders that skip what they \
         do not know do not see them.",
        setup.token().edit(Edit::Prepend("\"".to_owned())).edit(Edit::Append("\"".to_owned())),
    ));
    cases
}

/// RFC 7519 §1: a JWT is always compact, and §7.2 begins with the text before its first period.
fn other_serializations(setup: &Setup) -> Vec<Case> {
    let class = Class {
        severity: Severity::Medium,
        clauses: &["RFC 7519 §1", "RFC 7519 §7.2"],
        rule: "A JWT is a JWS or a JWE in the compact serialization, and nothing else.",
        consequence: "Headers that nobody signed, and several signatures of which one is enough, reach \
                      code that was written for three segments.",
        remedy: "Where a JWT is due, give the text to a reader of the compact serialization alone.",
        ..SEGMENTS
    };
    let json = |serialization| JwsRecipe { serialization, ..setup.token() };
    vec![
        class.refuse(
            setup,
            "flattened-json",
            "refuses a flattened JSON serialization where a JWT is due",
            "The attacker writes a good token as a JSON object.",
            json(Serialization::Flattened),
        ),
        class.refuse(
            setup,
            "general-json",
            "refuses a general JSON serialization where a JWT is due",
            "The attacker writes a good token as a JSON object with an array of signatures.",
            json(Serialization::General),
        ),
        Class { severity: Severity::Critical, cwe: &[347, 436], ..class }.refuse(
            setup,
            "json-around-a-compact-token",
            "refuses a JSON object in which a name looks like a compact token",
            "The attacker puts forged claims into the name of a member of a JSON serialization whose \
             signature is good: one half of the software reads JSON and verifies, the other splits at \
             the periods and believes.",
            polyglot(setup),
        ),
    ]
}

/// A good flattened serialization whose first name reads as three segments to whoever skips `{"`.
pub(in super::super) fn polyglot(setup: &Setup) -> JwsJsonRecipe {
    let JwsRecipe { protected, payload, signing, .. } = setup.token();
    let header = json!({ "alg": setup.alg, "typ": "JWT", "kid": setup.key }).to_string();
    let segments =
        [base64url(header.as_bytes()), base64url(timeless_claims("mallory").as_bytes())].join(".");
    JwsJsonRecipe {
        payload,
        members: vec![
            JwsMember::Raw(format!("  {segments}."), "\"\"".to_owned()),
            JwsMember::Payload,
            JwsMember::Signature(SignatureRecipe {
                protected,
                unprotected: None,
                signing,
                more: Vec::new(),
            }),
        ],
        behind: String::new(),
    }
}

fn timeless_claims(subject: &str) -> String {
    json!({ "iss": ISSUER, "sub": subject, "aud": AUDIENCE, "exp": FAR_AWAY }).to_string()
}
