//! Honest tokens that look unusual, and that software turns away all the same.
//!
//! Times are in `time`, audiences in `audience`, types in `token-type`, names of keys in
//! `key-selection`.

use serde_json::json;

use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::{
        AUDIENCE, ISSUER, SUBJECT,
        class::{Class, Setup},
    },
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe},
    recipe::{Json, JwsRecipe},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "interop", title: "Unusual honest tokens are accepted", cases };

/// Claims that mean nothing to the verifier.
const IGNORED: Class = Class {
    family: FAMILY.name,
    category: Category::TokenParsing,
    part: Part::Claims,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::Medium,
    clauses: &["RFC 7519 §4", "RFC 7519 §7.3"],
    cwe: &[],
    rule: "Claims that are not understood are ignored, whatever their values.",
    consequence: "Tokens of an issuer that adds a claim are refused from that day on.",
    remedy: "Read the claims that matter, by their exact names, and pass over all others.",
};

/// JSON as others write it.
const JSON: Class = Class {
    clauses: &["RFC 7519 §7.2", "RFC 8259 §9"],
    rule: "The claims are any JSON object in UTF-8; white space and escapes change nothing in what it \
           says.",
    consequence: "Honest tokens of issuers that write JSON in another way are refused.",
    remedy: "Read header and claims with a complete JSON parser, and compare what it hands back.",
    ..IGNORED
};

/// Sizes that real tokens have.
const SIZE: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Low,
    clauses: &["RFC 8259 §9", "RFC 7519 §4"],
    rule: "Limits are allowed; they should let through what issuers send.",
    consequence: "Honest tokens of users with many groups or long names are refused.",
    remedy: "Set limits well above the size of an HTTP header.",
    ..IGNORED
};

fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    let mut cases = ignored(&setup);
    cases.extend(json_texts(&setup));
    cases.extend(sizes(&setup));
    cases.push(header_of_alg_alone());
    cases.extend(payloads());
    cases
}

/// `alg` is the only parameter that has to be there.
fn header_of_alg_alone() -> Case {
    let key = JwkRecipe { key: KeyName::from("p256-a"), set: Vec::new(), drop: Vec::new() };
    let setup = Setup::es256().keys(KeysRecipe::Set(vec![key]));
    let class = Class {
        part: Part::Header,
        clauses: &["RFC 7515 §4.1", "RFC 7515 §4.1.4", "RFC 7519 §5.1"],
        rule: "Every header parameter but `alg` is optional.",
        consequence: "Tokens of issuers that write no more than they have to are refused.",
        remedy: "Ask for `alg` alone, and for a type only where one is configured.",
        ..IGNORED
    };
    class.accept(
        &setup,
        "header-of-alg-alone",
        "accepts a header that holds nothing but `alg`, where the only key has no name",
        "None: an issuer with one key writes what it has to and no more.",
        setup.token().without_header("kid").without_header("typ"),
    )
}

/// A JWS signs octets, whatever they are.
fn payloads() -> [Case; 2] {
    let setup = Setup::es256().jws().policy(|policy| {
        policy.audiences.clear();
        for issuer in &mut policy.issuers {
            issuer.issuer = None;
        }
    });
    let class = Class {
        part: Part::Serialization,
        clauses: &["RFC 7515 §2", "RFC 7515 §5.2"],
        rule: "The payload of a JWS is a sequence of octets, and need be neither JSON nor text.",
        consequence: "Signed content is refused, or another one handed back than was signed.",
        remedy: "Hand the decoded octets back as they are.",
        ..IGNORED
    };
    let octets = vec![0, 0xff, 0xfe, b'\r', b'\n', 0xc3, 0x28, 0x80, 0];
    [
        (
            "payload-of-text",
            "accepts a JWS whose payload is text and no JSON",
            "None: somebody signs a message.",
            b"pay-100-to-alice".to_vec(),
        ),
        (
            "payload-of-octets",
            "accepts a JWS whose payload is no text, and hands it back octet for octet",
            "None: somebody signs a file.",
            octets,
        ),
    ]
    .map(|(slug, title, attack, octets)| {
        class.accept(&setup, slug, title, attack, setup.token().payload(Json::Octets(octets)))
    })
}

fn ignored(setup: &Setup) -> Vec<Case> {
    let all_kinds = setup
        .token()
        .claim("null", json!(null))
        .claim("true", json!(true))
        .claim("number", json!(-1.5e-3))
        .claim("text", json!("text"))
        .claim("array", json!([1, [2, [3]], {}]))
        .claim("object", json!({ "iss": "https://other.test", "exp": 0, "a": { "b": [] } }))
        .claim("", json!("a claim without a name"));
    let headers = setup
        .token()
        .claim("alg", "none")
        .claim("kid", "p256-b")
        .claim("typ", "Bearer")
        .claim("crit", json!(["exp"]))
        .claim("b64", json!(false));
    let other_case = setup
        .token()
        .claim("ISS", "https://other.test")
        .claim("Aud", "https://other.test")
        .claim("Sub", "mallory");
    vec![
        IGNORED.accept(
            setup,
            "unknown-claims",
            "ignores unknown claims of every JSON type",
            "None: issuers add claims of their own.",
            all_kinds,
        ),
        IGNORED.accept(
            setup,
            "claims-named-like-header-parameters",
            "ignores claims that have the names of header parameters",
            "None: some issuers write `typ` and `alg` among the claims.",
            headers,
        ),
        IGNORED.accept(
            setup,
            "claims-in-other-case",
            "ignores claims whose names differ from registered ones in case",
            "None: claim names are case-sensitive, so that these are unknown claims; JSON libraries that \
             fold case believe them.",
            other_case,
        ),
    ]
}

/// The honest claims with this in place of the subject's member, or of more.
fn claims(members: &str) -> Json {
    Json::Text(format!(r#"{{{members},"iat":{{now-60}},"exp":{{now+3540}}}}"#))
}

fn json_texts(setup: &Setup) -> Vec<Case> {
    let with = |members: &str| setup.token().payload(claims(members));
    let accept = |slug, title: &str, attack: &str, token: JwsRecipe| {
        JSON.accept(setup, slug, title, attack, token)
    };
    let escaped_names = format!(
        r#""\u0069ss":"{ISSUER}","s\u0075b":"{SUBJECT}","au\u0064":"{AUDIENCE}","\u006ebf":0"#
    );
    let escaped_slashes = format!(
        r#""iss":"{}","sub":"{SUBJECT}","aud":["{}"]"#,
        ISSUER.replace('/', "\\/"),
        AUDIENCE.replace('/', "\\/"),
    );
    let escaped_letters = format!(
        r#""iss":"{}","sub":"{SUBJECT}","aud":"{}""#,
        ISSUER.replace("ssuer", "\\u0073suer"),
        AUDIENCE.replace("api", "\\u0061pi"),
    );
    let subject = |text: &str| format!(r#""iss":"{ISSUER}","sub":"{text}","aud":"{AUDIENCE}""#);
    let spaced = Json::Text(format!(
        "\t{{ \"iss\" : \"{ISSUER}\" ,\r\n \"sub\":\"{SUBJECT}\",\n\n\"aud\":\t[ \"{AUDIENCE}\" ] , \
         \"exp\" : {{now+3540}}\r}} \n"
    ));
    let spaced_header = Json::Text(format!(
        " {{\r\n\t\"alg\" : \"{}\",\n \"kid\": \"{}\" }} \n",
        setup.alg, setup.key
    ));
    vec![
        accept(
            "escaped-slashes",
            "reads `\\/` in `iss` and `aud` as a slash",
            "None: some JSON writers escape every slash.",
            with(&escaped_slashes),
        ),
        accept(
            "escaped-letters",
            "reads `\\u0073` in `iss` and `\\u0061` in `aud` as letters",
            "None: a JSON writer may escape any letter.",
            with(&escaped_letters),
        ),
        accept(
            "escaped-names",
            "reads escapes in the names of claims",
            "None: a JSON writer may escape any letter.",
            with(&escaped_names),
        ),
        accept(
            "non-ascii",
            "accepts a subject in other letters than ASCII",
            "None: issuers write names as they are.",
            with(&subject("J\u{fc}rgen \u{5c71}\u{7530} \u{1f511}")),
        ),
        accept(
            "surrogate-pair",
            "reads an escaped surrogate pair as one character",
            "None: many JSON writers escape all that is not ASCII.",
            with(&subject("\\ud83d\\udd11")),
        ),
        accept(
            "white-space",
            "accepts white space around and between the members of header and claims",
            "None: an issuer writes its JSON for human eyes.",
            setup.token().protected(spaced_header).payload(spaced),
        ),
        accept(
            "other-order",
            "accepts the members of header and claims in any order",
            "None: the order of members means nothing.",
            setup
                .token()
                .protected(Json::Text(format!(
                    r#"{{"kid":"{}","typ":"JWT","alg":"{}"}}"#,
                    setup.key, setup.alg
                )))
                .payload(Json::Text(format!(
                    r#"{{"jti":"o1","exp":{{now+3540}},"aud":"{AUDIENCE}","sub":"{SUBJECT}","iss":"{ISSUER}"}}"#
                ))),
        ),
    ]
}

fn sizes(setup: &Setup) -> Vec<Case> {
    let groups: Vec<String> = (0..200).map(|n| format!("group-{n:03}-of-the-directory")).collect();
    let kid = "k".repeat(255);
    let named = Setup::es256()
        .keys(KeysRecipe::Set(vec![JwkRecipe::with_kid(KeyName::from("p256-a"), &kid)]));
    vec![
        SIZE.accept(
            setup,
            "many-groups",
            "accepts a token of seven kilobytes",
            "None: the user is in two hundred groups, and the issuer writes them all.",
            setup.token().claim("groups", json!(groups)),
        ),
        SIZE.accept(
            setup,
            "long-subject",
            "accepts a subject of 255 letters",
            "None: OpenID Connect allows as many.",
            setup.token().claim("sub", "{repeat.255.a}"),
        ),
        SIZE.accept(
            &named,
            "long-kid",
            "accepts a `kid` of 255 letters",
            "None: the issuer names its key by a URL, or by a hash and more.",
            named.token().header("kid", kid),
        ),
    ]
}
