//! Second spellings of a token, and texts that are no token: base64url and the compact serialization.
//!
//! A header or a payload in an odd spelling is shown twice: once as it was signed (inside), so that
//! only a reader of base64url can refuse it, and once changed after signing (outside), so that it also
//! tells who verifies something else than what was received.

pub(super) use shape::polyglot;

mod shape;
mod spelling;

use serde_json::json;

use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::{
        AUDIENCE, ISSUER,
        class::{Class, Setup},
    },
    recipe::{Json, JwsRecipe},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "encoding",
    title: "Second spellings of a token, and texts that are no token",
    cases,
};

fn cases() -> Vec<Case> {
    [spelling::cases(), shape::cases()].concat()
}

/// base64url read too generously.
const SPELLING: Class = Class {
    family: FAMILY.name,
    category: Category::TokenParsing,
    part: Part::Serialization,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::Low,
    clauses: &["RFC 7515 §2", "RFC 7515 §5.2", "RFC 4648 §3.3"],
    cwe: &[1286],
    rule: "Header, payload and signature are base64url without padding, and are decoded under the \
           restriction that no line breaks, white space or other additional characters have been used.",
    consequence: "One token has many texts: lists of revoked or used tokens that compare texts are \
                  walked around, and two readers may disagree about what a text holds.",
    remedy: "Decode with a strict base64url decoder: no padding, no other alphabet, nothing skipped.",
};

/// What was received is not what was verified.
const OUTSIDE: Class = Class {
    severity: Severity::Medium,
    cwe: &[1286, 347],
    consequence: "The signature was checked over a text that the verifier made up and not over the one \
                  that it received: whoever carries a token can change it.",
    remedy: "Check the signature over the octets as received, and decode with a strict base64url decoder.",
    ..SPELLING
};

/// Not three segments.
const SEGMENTS: Class = Class {
    severity: Severity::High,
    clauses: &["RFC 7515 §7.1", "RFC 7515 §5.2", "RFC 7519 §7.2"],
    cwe: &[347],
    rule: "A compact JWS is three base64url texts with exactly two periods between them.",
    consequence: "What is verified and what is read are cut from the text in two ways, so that parts of \
                  the token escape the signature.",
    remedy: "Count the periods first, and refuse whatever has not exactly two.",
    ..SPELLING
};

/// A token that stays the same in every run, so that what its texts end in and hold is known.
fn token(setup: &Setup) -> JwsRecipe {
    spelled(setup, "???????", "????????")
}

/// The same whose header and payload fill whole groups of four letters.
fn aligned(setup: &Setup) -> JwsRecipe {
    spelled(setup, "??????", "???????")
}

/// Question marks become letters in which the two alphabets of base64 differ; their number decides
/// in what a segment ends.
fn spelled(setup: &Setup, in_header: &str, in_payload: &str) -> JwsRecipe {
    let member = |name: &str, value| (name.to_owned(), value);
    // A registered parameter: some refuse all others.
    setup.token().header("cty", in_header).payload(Json::Members(vec![
        member("iss", json!(ISSUER)),
        member("sub", json!("alice")),
        member("aud", json!(AUDIENCE)),
        member("exp", json!(FAR_AWAY)),
        member("note", json!(in_payload)),
    ]))
}

/// In the year 2100, in a second whose signature holds a letter in which the alphabets differ.
const FAR_AWAY: i64 = 4_102_445_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        env::Env,
        forge::{forge, from_base64url},
        recipe::Recipe,
        verdict::Mode,
    };

    fn segments(recipe: impl Into<Recipe>) -> Vec<String> {
        let made = forge(&recipe.into(), Mode::Jwt, None, &Env::fixed()).unwrap();
        let text = String::from_utf8(made.presented.token).unwrap();
        text.split('.').map(str::to_owned).collect()
    }

    /// On this hangs what is attacked: padding needs a short last group, a letter too many a full one.
    #[test]
    fn the_token_ends_in_two_letters_and_the_aligned_one_in_four() {
        let setup = Setup::es256();
        let plain = segments(token(&setup));
        for segment in &plain {
            assert_eq!(segment.len() % 4, 2, "{segment}");
            assert!(segment.contains(['-', '_']), "{segment}");
            assert!(from_base64url(segment).is_some());
        }
        for segment in segments(aligned(&setup)).iter().take(2) {
            assert_eq!(segment.len() % 4, 0, "{segment}");
        }
    }
}
