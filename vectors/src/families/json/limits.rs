//! JSON that is valid and extreme. Limits are allowed; a crash is not.

use super::{Class, GRAMMAR, Setup, Side};
use crate::case::{Belief, Case, Category, Permitted};

const LIMITS: Class = Class {
    category: Category::Dos,
    clauses: &["RFC 8259 §9", "RFC 8259 §6", "RFC 8259 §8.2"],
    cwe: &[400, 674],
    rule: "A parser may set limits on size, depth, numbers and texts; beyond them it refuses.",
    consequence: "A verifier that does not notice its own limits dies of a token, and anybody can send it.",
    remedy: "Bound the length of a token before it is read, and use a JSON parser that bounds its depth.",
    ..GRAMMAR
};

/// A value of an unknown member; the places say on which side it tells something.
struct Extreme {
    slug: &'static str,
    what: &'static str,
    value: &'static str,
    sides: &'static [Side],
}

const EXTREMES: &[Extreme] = &[
    Extreme {
        slug: "depth-100k",
        what: "arrays a hundred thousand deep",
        value: "{repeat.100000.[}{repeat.100000.]}",
        sides: &Side::BOTH,
    },
    Extreme {
        slug: "mebibyte",
        what: "a text of a mebibyte",
        value: "\"{repeat.1048576.a}\"",
        sides: &[Side::Payload],
    },
    Extreme {
        slug: "three-mebibytes",
        what: "a text of three mebibytes",
        value: "\"{repeat.3145728.a}\"",
        sides: &[Side::Header],
    },
    Extreme {
        slug: "digits-10k",
        what: "a number of ten thousand digits",
        value: "{repeat.10000.9}",
        sides: &[Side::Payload],
    },
    Extreme {
        slug: "number-beyond-doubles",
        what: "a number beyond the range of doubles",
        value: "1e400",
        sides: &[Side::Payload],
    },
    Extreme {
        slug: "lone-surrogate",
        what: "half a surrogate pair",
        value: "\"\\ud800\"",
        sides: &[Side::Payload],
    },
    Extreme {
        slug: "members-100k",
        what: "an object of a hundred thousand members of one name",
        value: "{{repeat.100000.\"a\":1,}\"b\":1}",
        sides: &[Side::Payload],
    },
];

pub(super) fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    let mut cases = Vec::new();
    for Extreme { slug, what, value, sides } in EXTREMES {
        for side in *sides {
            let name = side.name();
            cases.push(LIMITS.choice(
                &setup,
                &format!("{name}-{slug}"),
                format!(
                    "may refuse {what} in an unknown member of the {name}, and does not die of it"
                ),
                format!("Somebody sends a token whose {name} holds {what}."),
                side.written(&setup, |members| format!("{{{members},\"x\":{value}}}")),
                Permitted::choice(Belief::Signed),
            ));
        }
    }
    cases
}
