//! A `kid` that is more than a name: a path, a query, a command, a property that every object has.
//!
//! Each forged token is keyed with what the `kid` yields where it is used so, so that a verifier which
//! falls for it accepts.

use serde_json::{Value, json};

use super::{ATTACKER, CARRIED, forged, public_jwk};
use crate::{
    case::{Belief, Case, Permitted, Severity},
    families::class::{Class, Setup},
    recipe::Signing,
};

const INJECTED: Class = Class {
    clauses: &["RFC 8725 §3.10", "RFC 7515 §4.1.4", "RFC 7515 §4.1.1"],
    cwe: &[347, 20],
    rule: "`kid` picks one of the trusted keys and does nothing else: it opens no file, asks no \
           database, runs no command and reads no property.",
    consequence: "Anybody signs with a key that he made the verifier find; and the verifier does for \
                  him what only it may do.",
    remedy: "Compare `kid` with the names of the trusted keys, in a map that holds nothing else.",
    ..CARRIED
};

/// `kid` in another type than a string, or very long: to accept is allowed, to refuse too, to fall
/// over is not.
const ODD: Class = Class {
    severity: Severity::Medium,
    clauses: &["RFC 7515 §4.1.4"],
    cwe: &[20],
    rule: "`kid` is a hint, and a string. What a verifier makes of another is left to it, but it \
           answers.",
    consequence: "One header stops the verifier, or makes it say things that no caller expects.",
    remedy: "Check the type and the length of `kid` before it is used.",
    ..INJECTED
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = INJECTIONS.iter().map(Injection::case).collect();
    cases.push(object_that_is_a_key());
    cases.extend(odd());
    cases
}

struct Injection {
    slug: &'static str,
    shown: &'static str,
    kid: &'static str,
    /// What the `kid` yields, as the attacker knows.
    yields: &'static [u8],
    attack: &'static str,
}

const INJECTIONS: &[Injection] = &[
    Injection {
        slug: "kid-path-empty-file",
        shown: "the path of an empty file",
        kid: "../../../../../../../../dev/null",
        yields: b"",
        attack: "Where keys are files named by `kid`, the path leads to one that is empty. The \
                 attacker keys the MAC with nothing.",
    },
    Injection {
        slug: "kid-path-known-file",
        shown: "the path of a file that is the same everywhere",
        kid: "/proc/sys/kernel/randomize_va_space",
        yields: b"2\n",
        attack: "Where keys are files named by `kid`, the path leads to one whose contents everybody \
                 knows. The attacker keys the MAC with them.",
    },
    Injection {
        slug: "kid-sql",
        shown: "a piece of SQL",
        kid: "x' UNION SELECT 'a-secret-that-the-attacker-made-up-himself' -- ",
        yields: b"a-secret-that-the-attacker-made-up-himself",
        attack: "Where keys are rows looked up by `kid`, the query returns a text of the attacker's. \
                 He keys the MAC with it.",
    },
    Injection {
        slug: "kid-shell",
        shown: "a command",
        kid: "|printf a-secret-that-the-attacker-made-up-himself",
        yields: b"a-secret-that-the-attacker-made-up-himself",
        attack: "Some languages open a name that begins with a bar as a command. Its output is the \
                 attacker's key.",
    },
    Injection {
        slug: "kid-proto",
        shown: "`__proto__`",
        kid: "__proto__",
        yields: b"[object Object]",
        attack: "In a plain JavaScript object this name finds the prototype, whose text is the \
                 attacker's key.",
    },
    Injection {
        slug: "kid-constructor",
        shown: "`constructor`",
        kid: "constructor",
        yields: b"function Object() { [native code] }",
        attack: "In a plain JavaScript object this name finds a function, whose text is the \
                 attacker's key.",
    },
];

impl Injection {
    fn case(&self) -> Case {
        let setup = Setup::hs256();
        let signing = Signing::HmacOctets { alg: "HS256".to_owned(), key: self.yields.to_vec() };
        INJECTED.refuse(
            &setup,
            self.slug,
            format!("refuses a MAC keyed with what {} yields, which is its `kid`", self.shown),
            self.attack,
            setup.token().header("kid", self.kid).signed(signing),
        )
    }
}

/// Libraries that take a JWK where a name is due verify with it.
fn object_that_is_a_key() -> Case {
    let setup = Setup::es256();
    INJECTED.refuse(
        &setup,
        "kid-jwk",
        "refuses a token signed by the key that is its `kid`",
        "The attacker signs with a key of his own and puts its JWK where the name is due.",
        forged(&setup).header("kid", public_jwk(ATTACKER)),
    )
}

/// Genuine tokens of the trusted key.
fn odd() -> Vec<Case> {
    let setup = Setup::es256();
    let choice = |slug: &str, shown: &str, attack: &str, kid: Value| {
        ODD.choice(
            &setup,
            slug,
            format!("accepts or refuses a good token whose `kid` is {shown}"),
            attack,
            setup.token().header("kid", kid),
            Permitted::choice(Belief::Signed),
        )
    };
    let wrong_type =
        "A token of the trusted key has a `kid` that no map of names can be asked for.";
    vec![
        choice("kid-number", "a number", wrong_type, json!(1)),
        choice("kid-null", "null", wrong_type, Value::Null),
        choice("kid-array", "an array of its name", wrong_type, json!(["p256-a"])),
        choice("kid-object", "an object", wrong_type, json!({"kid": "p256-a"})),
        choice(
            "kid-nul",
            "its name, NUL and more",
            "A text of C ends at its NUL: one part of the verifier finds the key, another does not.",
            json!("p256-a\0behind"),
        ),
        choice(
            "kid-64-kib",
            "64 KiB long",
            "A token of the trusted key has a `kid` that fills logs, keys of caches and messages.",
            json!("{repeat.65536.k}"),
        ),
    ]
}
