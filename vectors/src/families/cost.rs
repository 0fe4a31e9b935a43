//! What a refused token costs, against an honest one of its size.
//!
//! Anybody can send a token. One that makes the verifier work fifty times as long as an honest client does
//! lets a single stranger stand for fifty thousand of them.

use serde_json::json;

use crate::{
    case::{Basis, Case, Category, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::{
        ATTACKER,
        class::{Class, Setup},
        honest_header,
    },
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe},
    recipe::{Edit, Json, JwsRecipe, Recipe, Signing},
    timeline::{Presentation, Step, Timeline},
    verdict::Mode,
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "cost", title: "A refused token costs about what an honest one does", cases };

/// The bound, as a multiple of what the honest token costs.
const TIMES: u32 = 50;
/// The length of the long part of a token, in octets: within every limit that is widely in use.
const LENGTH: usize = 6_000;

const REFUSAL: Class = Class {
    family: FAMILY.name,
    category: Category::Dos,
    part: Part::Serialization,
    level: Level::Should,
    basis: Basis::Hardening,
    severity: Severity::Medium,
    clauses: &["RFC 7515 §5.2", "RFC 8259 §9"],
    cwe: &[400, 407],
    rule: "The work that a token causes before it is refused stays in proportion to its size.",
    consequence: "A single sender of forged tokens takes the verifier's processors from everybody else.",
    remedy: "Set limits on length, depth and counts before anything is parsed, and refuse what is out of \
             them; take the cheap decisions first.",
};

fn cases() -> Vec<Case> {
    vec![
        deep_header(),
        deep_payload(),
        many_members(),
        many_critical_names(),
        long_number(),
        many_segments(),
        long_key_id(),
        password_based_encryption(),
        huge_exponent(),
    ]
}

fn deep_header() -> Case {
    let half = LENGTH / 2;
    case(
        "deep-header",
        "refuses a header that is nested three thousand deep without much work",
        "The header holds arrays within arrays, three thousand deep; no key has signed it.",
        forged().protected(header_with(&format!("\"x\":{{repeat.{half}.[}}{{repeat.{half}.]}}"))),
    )
}

fn deep_payload() -> Case {
    let half = LENGTH / 2;
    let text = format!("{{\"x\":{{repeat.{half}.[}}{{repeat.{half}.]}}}}");
    case(
        "deep-payload",
        "refuses claims that are nested three thousand deep without much work",
        "The claims hold arrays within arrays, three thousand deep; no key has signed them.",
        forged().payload(Json::Text(text)),
    )
}

fn many_members() -> Case {
    let times = LENGTH / 6;
    case(
        "many-members",
        "refuses a header of a thousand members of one name without much work",
        "One name stands a thousand times in the header. Where each name is compared with all before it, \
         the work grows with the square of their number.",
        forged().protected(header_with(&format!("{{repeat.{times}.\"x\":1,}}\"y\":1"))),
    )
}

fn many_critical_names() -> Case {
    let times = LENGTH / 5;
    case(
        "many-critical-names",
        "refuses a `crit` of a thousand names without much work",
        "A thousand names stand in `crit`, and each is looked for in the header.",
        forged().protected(header_with(&format!("\"crit\":[{{repeat.{times}.\"x1\",}}\"x2\"]"))),
    )
}

fn long_number() -> Case {
    let text = format!("{{\"iss\":\"https://issuer.test\",\"exp\":{{repeat.{LENGTH}.9}}}}");
    case(
        "long-number",
        "refuses an `exp` of six thousand digits without much work",
        "`exp` is a number of six thousand digits. A parser that keeps it exactly multiplies numbers as long \
         as the token.",
        forged().payload(Json::Text(text)),
    )
}

fn many_segments() -> Case {
    case(
        "many-segments",
        "refuses a token of six thousand segments without much work",
        "Six thousand periods stand where two belong.",
        forged().edit(Edit::Append(format!("{{repeat.{LENGTH}..}}"))),
    )
}

fn long_key_id() -> Case {
    case(
        "long-key-id",
        "refuses a `kid` of six thousand characters without much work",
        "The `kid` is six thousand characters long and names no key.",
        forged().header("kid", format!("{{repeat.{LENGTH}.k}}")),
    )
}

/// Five segments are a JWE, which is refused where a JWS is due; a library that does both may begin to
/// derive the key that the header asks for.
fn password_based_encryption() -> Case {
    let header = json!({
        "alg": "PBES2-HS256+A128KW",
        "enc": "A128CBC-HS256",
        "p2s": "AAAAAAAAAAAAAAAAAAAAAA",
        "p2c": 1_000_000_000_u32,
    });
    let members = header.as_object().into_iter().flatten();
    let header = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    case(
        "password-based-encryption",
        "refuses a JWE that asks for a thousand million rounds of key derivation without much work",
        "In place of a JWS comes a JWE whose header asks for a thousand million iterations of PBKDF2.",
        forged()
            .protected(Json::Members(header))
            .edit(Edit::Append(".AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA".to_owned())),
    )
}

/// The exponent is as long as the modulus: one verification is then as slow as a private operation, and
/// slower without the primes.
fn huge_exponent() -> Case {
    let setup = Setup::rs256();
    let huge = JwkRecipe {
        key: KeyName::from("rsa-4096-a"),
        set: vec![
            ("kid".to_owned(), json!("huge")),
            ("e".to_owned(), json!(format!("{{repeat.{}.v}}7", 4096 / 6))),
        ],
        drop: Vec::new(),
    };
    let own = JwkRecipe::with_kid(KeyName::from(setup.key), setup.key);
    let setup = setup.keys(KeysRecipe::Set(vec![own, huge]));
    let forged = setup.token().header("kid", "huge").signed(Signing::Octets(vec![0x5a; 512]));
    let mut case = of(
        &setup,
        "huge-exponent",
        "refuses a token under a key whose exponent is as long as its modulus without much work",
        "The key set holds an RSA key with an exponent of four thousand bits; a token names it.",
        setup.token().into(),
        forged.into(),
    );
    case.part = Part::Keys;
    case
}

/// A token under the attacker's key that is otherwise right.
fn forged() -> JwsRecipe {
    let setup = Setup::es256();
    setup.token().signed(Signing::Key { key: KeyName::from(ATTACKER), alg: setup.alg.to_owned() })
}

/// The honest header with more text at its end.
fn header_with(more: &str) -> Json {
    let setup = Setup::es256();
    let members = honest_header(setup.key, setup.alg);
    let own: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    Json::Text(format!("{{{},{more}}}", own.join(",")))
}

fn case(slug: &str, title: &str, attack: &str, forged: JwsRecipe) -> Case {
    let setup = Setup::es256();
    let honest = setup.token().claim("filler", format!("{{repeat.{LENGTH}.a}}"));
    of(&setup, slug, title, attack, honest.into(), forged.into())
}

/// First an honest token of about the size, which may be too long for somebody; then the forged one.
fn of(
    setup: &Setup,
    slug: &str,
    title: &str,
    attack: &str,
    honest: Recipe,
    forged: Recipe,
) -> Case {
    let mut case = REFUSAL.refuse(setup, slug, title, attack, forged);
    let Timeline(steps) = &mut case.timeline;
    let permitted = Permitted::choice(crate::case::Belief::Signed);
    steps.insert(0, Step::Verify(Presentation::new(Mode::Jwt, honest, permitted)));
    steps.push(Step::ExpectCost { times: TIMES });
    case
}
