//! The key set as a document (RFC 7517 §5): what is none, what is one all the same, and what only some
//! readers take.

use serde_json::Value;

use crate::{
    case::{Basis, Belief, Case, Category, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::{KeyName, keys},
    policy::{JwkRecipe, KeysRecipe},
    recipe::Json,
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "keyset", title: "A key set is read as a document, or is no key set", cases };

/// The key that signs.
const KEY: &str = "p256-a";
/// A key of the issuer that did not sign.
const OTHER: &str = "p256-b";

/// A document that holds no key.
const NONE: Class = Class {
    family: FAMILY.name,
    category: Category::JwksParsing,
    part: Part::Keys,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::High,
    clauses: &["RFC 7517 §5", "RFC 7515 §5.2"],
    cwe: &[347, 755],
    rule: "A key set is a JSON object with an array `keys`; where there is none, there is no key, and \
           without a key no signature can be verified.",
    consequence: "Whoever checks nothing when the keys are not there lets everybody in; whoever falls \
                  over it lets nobody in.",
    remedy: "Check the shape of the document when it is loaded, and refuse every token while there are no \
             keys.",
};

/// Which of two members of a name counts.
const DUPLICATE: Class = Class {
    severity: Severity::Medium,
    clauses: &["RFC 7517 §5", "RFC 7517 §4"],
    cwe: &[436],
    rule: "Member names are unique; a parser refuses a duplicate or takes the last.",
    consequence: "Two readers of one document see two key sets, so that one trusts a key that the other \
                  has never seen.",
    remedy: "Refuse duplicate members, or use a parser that returns the last.",
    ..NONE
};

/// A document that every reader has to take.
const HONEST: Class = Class {
    severity: Severity::Medium,
    clauses: &["RFC 7517 §5"],
    cwe: &[],
    rule: "A key set is a JSON text: white space, escapes and members that are not understood change \
           nothing.",
    consequence: "Every honest token of the issuer is refused.",
    remedy: "Read the document with a JSON parser, and ignore members that are not understood.",
    ..NONE
};

/// A document that some readers take.
const LENIENT: Class = Class {
    clauses: &["RFC 8259 §9", "RFC 7517 §5"],
    cwe: &[],
    rule: "A parser may take texts that are not quite JSON, and may set limits; a reader of key sets may \
           refuse what is not quite one, or use the keys that it finds. It never falls over.",
    consequence: "Some verifiers work with this document and some do not; one that falls over takes its \
                  service with it.",
    remedy: "Refuse the document; catch every error of the parser.",
    ..NONE
};

fn cases() -> Vec<Case> {
    let mut cases = without_keys();
    cases.extend(duplicates());
    cases.push(other_case());
    cases.extend(honest());
    cases.extend(not_quite_a_set());
    cases.extend(not_quite_json());
    cases.push(ten_thousand());
    cases
}

/// The text of a test key's JWK, with its name as `kid`.
fn key(name: &str) -> String {
    let mut jwk =
        keys::find(&KeyName::from(name)).map(keys::TestKey::public_jwk).unwrap_or_default();
    jwk.insert("kid".to_owned(), Value::from(name));
    Value::from(jwk).to_string()
}

/// The service whose key set is this text.
fn reading(text: impl Into<String>) -> Setup {
    Setup::es256().keys(KeysRecipe::Document(Json::Text(text.into())))
}

/// The service whose key set is these octets.
fn reading_octets(octets: Vec<u8>) -> Setup {
    Setup::es256().keys(KeysRecipe::Document(Json::Octets(octets)))
}

fn without_keys() -> Vec<Case> {
    let good = key(KEY);
    [
        ("empty-text", "an empty text", String::new()),
        ("null", "`null`", "null".to_owned()),
        ("empty-object", "an object without `keys`", "{}".to_owned()),
        ("empty-array", "an empty array", "[]".to_owned()),
        ("text", "a JSON string", "\"keys\"".to_owned()),
        (
            "error-page",
            "a page of HTML",
            "<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>".to_owned(),
        ),
        ("keys-null", "an object whose `keys` is null", r#"{"keys":null}"#.to_owned()),
        ("keys-text", "an object whose `keys` is a text", r#"{"keys":"none"}"#.to_owned()),
        ("keys-number", "an object whose `keys` is a number", r#"{"keys":0}"#.to_owned()),
        ("keys-empty-object", "an object whose `keys` is an empty object", r#"{"keys":{}}"#.to_owned()),
        ("keys-empty", "a set of no keys", r#"{"keys":[]}"#.to_owned()),
        ("keys-of-null", "a set whose only key is null", r#"{"keys":[null]}"#.to_owned()),
        ("keys-of-object", "a set whose only key has no members", r#"{"keys":[{}]}"#.to_owned()),
        ("other-key", "a set of another key alone", format!(r#"{{"keys":[{}]}}"#, key(OTHER))),
        ("cut-in-the-key", "a set that ends within its only key", {
            let cut = good.len() / 2;
            format!(r#"{{"keys":[{}"#, good.get(..cut).unwrap_or_default())
        }),
    ]
    .into_iter()
    .map(|(slug, what, text)| {
        let setup = reading(text);
        NONE.refuse(
            &setup,
            slug,
            format!("refuses every token while its key set is {what}"),
            format!("The address of the key set gives {what}, after a fault or by somebody's doing. The \
                     token that is shown then cannot be verified by anybody."),
            setup.token(),
        )
    })
    .collect()
}

/// The bad value last must be refused; the good value last shows who refuses and who takes the last.
fn duplicates() -> Vec<Case> {
    let (good, other) = (key(KEY), key(OTHER));
    let bad_last = reading(format!(r#"{{"keys":[{good}],"keys":[{other}]}}"#));
    let good_last = reading(format!(r#"{{"keys":[{other}],"keys":[{good}]}}"#));
    let member = |name: &str| {
        let jwk = keys::find(&KeyName::from(name)).map(keys::TestKey::public_jwk);
        jwk.ok().and_then(|jwk| jwk.get("x").cloned()).unwrap_or_default()
    };
    // Set twice and dropped before, a member stands twice, behind the others.
    let x_twice = |first: &str, last: &str| {
        let mut jwk = JwkRecipe::with_kid(KeyName::from(KEY), KEY);
        jwk.drop = vec!["x".to_owned()];
        jwk.set.extend([first, last].map(|name| ("x".to_owned(), member(name))));
        Setup::es256().keys(KeysRecipe::Set(vec![jwk]))
    };
    let x_bad_last = x_twice(KEY, OTHER);
    let x_good_last = x_twice(OTHER, KEY);
    vec![
        DUPLICATE.refuse(
            &bad_last,
            "duplicate-keys-bad-last",
            "refuses a key that only the first of two `keys` holds",
            "The document has two members `keys`. The key that signed is in the first, which does not \
             count.",
            bad_last.token(),
        ),
        DUPLICATE.choice(
            &good_last,
            "duplicate-keys-good-last",
            "may refuse a document with two `keys`, or take the last",
            "The document has two members `keys`. The key that signed is in the last.",
            good_last.token(),
            Permitted::choice(Belief::Signed),
        ),
        DUPLICATE.refuse(
            &x_bad_last,
            "duplicate-x-bad-last",
            "refuses a key whose good x is the first of two",
            "A JWK has two members `x`. With the last one it is no key, and with the first the signature \
             is good.",
            x_bad_last.token(),
        ),
        DUPLICATE.choice(
            &x_good_last,
            "duplicate-x-good-last",
            "may refuse a key with two x, or take the last",
            "A JWK has two members `x`. With the last one the signature is good.",
            x_good_last.token(),
            Permitted::choice(Belief::Signed),
        ),
    ]
}

fn other_case() -> Case {
    let setup = reading(format!(r#"{{"keys":[{}],"Keys":[{}]}}"#, key(OTHER), key(KEY)));
    let class = Class {
        clauses: &["RFC 7517 §5", "RFC 7517 §6"],
        rule: "Names are compared letter by letter; `Keys` is a member that nobody understands, and is \
               ignored.",
        severity: Severity::Low,
        remedy: "Compare member names in their exact letters, whatever the JSON library does by itself.",
        ..DUPLICATE
    };
    class.refuse(
        &setup,
        "keys-in-another-case",
        "refuses a key that only a member `Keys` holds",
        "Behind `keys` the document has a member `Keys` with the key that signed. Software that compares \
         names without regard to case takes it for the same member, and the last of the two.",
        setup.token(),
    )
}

fn honest() -> Vec<Case> {
    let good = key(KEY);
    let escaped = good.replace("\"kty\"", "\"\\u006bty\"").replace("\"x\"", "\"\\u0078\"");
    let spaced = good.replace(',', " ,\r\n\t").replace(':', " : ");
    [
        (
            "unknown-members",
            "with members that nobody knows",
            format!(
                r#"{{"issued":{{"by":["x",null,1.5e3]}},"keys":[{good}],"next":"https://issuer.test/2"}}"#
            ),
        ),
        ("white-space", "with white space everywhere", format!("\r\n\t {{ \"keys\" :\n[ {spaced} ] }}\n\n")),
        ("escaped-names", "whose names are escaped", format!(r#"{{"\u006b\u0065ys":[{escaped}]}}"#)),
        (
            "not-ascii",
            "with text that is not ASCII",
            format!(r#"{{"name":"Schlüssel 鍵 🔑 \ud83d\udd11","keys":[{good}]}}"#),
        ),
    ]
    .into_iter()
    .map(|(slug, what, text)| {
        let setup = reading(text);
        HONEST.accept(
            &setup,
            slug,
            format!("reads a key set {what}"),
            format!("None: the issuer publishes a key set {what}."),
            setup.token(),
        )
    })
    .collect()
}

/// JSON, but not the shape that is due, or more than some can hold.
fn not_quite_a_set() -> Vec<Case> {
    let good = key(KEY);
    [
        ("bare-jwk", "is one bare JWK", good.clone()),
        ("bare-array", "is an array of keys", format!("[{good}]")),
        (
            "keys-object",
            "has an object of keys by name",
            format!(r#"{{"keys":{{"{KEY}":{good}}}}}"#),
        ),
        ("keys-one-jwk", "has one JWK in place of the array", format!(r#"{{"keys":{good}}}"#)),
        ("beside-null", "holds null beside a key", format!(r#"{{"keys":[null,{good}]}}"#)),
        ("beside-text", "holds a text beside a key", format!(r#"{{"keys":["key",{good}]}}"#)),
        ("same-key-twice", "holds one key twice", format!(r#"{{"keys":[{good},{good}]}}"#)),
        (
            "deep",
            "has a member that is 100,000 arrays deep",
            format!(r#"{{"deep":{{repeat.100000.[}}{{repeat.100000.]}},"keys":[{good}]}}"#),
        ),
        (
            "huge-exponent",
            "has a number beyond every range",
            format!(r#"{{"number":1e400,"keys":[{good}]}}"#),
        ),
        (
            "long-number",
            "has a number of 10,000 digits",
            format!(r#"{{"number":{{repeat.10000.9}},"keys":[{good}]}}"#),
        ),
        (
            "lone-surrogate",
            "has half of a surrogate pair",
            format!(r#"{{"name":"\ud83d","keys":[{good}]}}"#),
        ),
    ]
    .into_iter()
    .map(|(slug, what, text)| choice(slug, what, &reading(text)))
    .collect()
}

/// What is not JSON, or not UTF-8.
fn not_quite_json() -> Vec<Case> {
    let good = key(KEY);
    let set = format!(r#"{{"keys":[{good}]}}"#);
    let utf16: Vec<u8> =
        [0xfeff].into_iter().chain(set.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let invalid = [b"{\"name\":\"\xc3\x28\xff\",\"keys\":[", good.as_bytes(), b"]}"].concat();
    let mut cases: Vec<Case> = [
        ("bom", "begins with a byte order mark", format!("\u{feff}{set}")),
        ("text-behind", "has text behind it", format!("{set} and more")),
        ("comment", "has a comment", format!(r#"{{/* our keys */"keys":[{good}]}}"#)),
        ("trailing-comma", "has a comma too many", format!(r#"{{"keys":[{good},]}}"#)),
        ("not-a-number", "has NaN for a number", format!(r#"{{"number":NaN,"keys":[{good}]}}"#)),
        ("nul-behind", "has a NUL behind it", format!("{set}\0")),
        ("cut-behind-the-key", "ends behind its only key", format!(r#"{{"keys":[{good}"#)),
    ]
    .into_iter()
    .map(|(slug, what, text)| choice(slug, what, &reading(text)))
    .collect();
    cases.push(choice("utf-16", "is in UTF-16", &reading_octets(utf16)));
    cases.push(choice("not-utf-8", "has octets that are not UTF-8", &reading_octets(invalid)));
    cases
}

fn choice(slug: &str, what: &str, setup: &Setup) -> Case {
    LENIENT.choice(
        setup,
        slug,
        format!("may refuse a key set that {what}"),
        format!(
            "The address of the key set gives a document that {what}. The key that signed is in it."
        ),
        setup.token(),
        Permitted::choice(Belief::Signed),
    )
}

/// About a megabyte, which is beyond what some readers take.
fn ten_thousand() -> Case {
    let setup = Setup::es256().keys(KeysRecipe::Crowd {
        key: JwkRecipe::with_kid(KeyName::from(KEY), KEY),
        before: 10_000,
        behind: 0,
        other: KeyName::from("ed25519-b"),
    });
    let class = Class { category: Category::Dos, cwe: &[400], ..LENIENT };
    class.choice(
        &setup,
        "ten-thousand-keys",
        "may refuse a key set of ten thousand keys",
        "An issuer, or whoever has got hold of his key set, publishes ten thousand keys; the one that \
         signed is the last.",
        setup.token(),
        Permitted::choice(Belief::Signed),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Env, forge::resolve_policy, policy::Keys};

    fn document(case: &Case) -> Keys {
        resolve_policy(&case.policy, &Env::fixed()).unwrap().issuers[0].keys.clone()
    }

    #[test]
    fn honest_documents_say_what_the_plain_one_says() {
        let plain: Value = serde_json::from_str(&key(KEY)).unwrap();
        for case in honest() {
            let Keys::Jwks(text) = document(&case) else { panic!("{} is text", case.id) };
            let set: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(set["keys"], json!([plain]), "{}", case.id);
        }
    }

    #[test]
    fn deep_and_long_documents_are_so_and_still_json() {
        for (slug, at_least) in [("keyset/deep", 200_000), ("keyset/long-number", 10_000)] {
            let cases = not_quite_a_set();
            let case = cases.iter().find(|case| case.id.as_str() == slug).unwrap();
            let Keys::Jwks(text) = document(case) else { panic!("{slug} is text") };
            assert!(text.len() > at_least && !text.contains("repeat"), "{slug}");
            assert!(text.ends_with(&format!(r#","keys":[{}]}}"#, key(KEY))), "{slug}");
        }
    }
}
