//! Values of `exp`, `nbf` and `iat`, far from any boundary: these need no exact clock.

use super::{EARLY, EARLY_TIMELESS, EXPIRED, TIMELESS, VALID, timed};
use crate::{
    case::{Belief, Case, Permitted},
    families::class::{Class, Setup},
};

/// A token by the members that tell its times.
struct Times {
    slug: &'static str,
    times: &'static str,
    /// Ends the title.
    what: &'static str,
    /// What is done, and why somebody might let it pass or stop it.
    told: &'static str,
}

const fn times(
    slug: &'static str,
    times: &'static str,
    what: &'static str,
    told: &'static str,
) -> Times {
    Times { slug, times, what, told }
}

const EXPIRED_TIMES: &[Times] = &[
    times(
        "exp-hour-ago",
        r#""exp":{now-3600}"#,
        "that expired an hour ago",
        "A token is stolen and shown an hour after its end.",
    ),
    times(
        "exp-hour-ago-fraction",
        r#""exp":{now-3600}.5"#,
        "that expired an hour ago, at half a second",
        "The time of its end is not whole; readers of whole numbers may pass over it.",
    ),
    times(
        "exp-hour-ago-beside-nbf",
        r#""exp":{now-3600},"nbf":{now-7200}"#,
        "that expired an hour ago and was valid for an hour",
        "The token has an `nbf` too, and that is satisfied: software that looks at one or the other \
         stops there.",
    ),
    times(
        "exp-hour-ago-iat-ahead",
        r#""exp":{now-3600},"iat":{now+60}"#,
        "that expired an hour ago and was issued in a minute",
        "The token says that it was issued later than now: software that counts its life from there \
         finds it young.",
    ),
    times(
        "exp-hour-ago-text",
        r#""exp":"{now-3600}""#,
        "that expired an hour ago and tells so as a string",
        "An issuer writes its times as strings; readers of numbers may pass over them.",
    ),
    times(
        "exp-zero",
        r#""exp":0"#,
        "that expired in 1970",
        "Its `exp` is 0, which is false in many languages, and from which an unsigned leeway cannot be \
         taken away.",
    ),
    times(
        "exp-negative",
        r#""exp":-1"#,
        "that expired before 1970",
        "Its `exp` is negative; as an unsigned number it is vast.",
    ),
    times(
        "exp-exponent",
        r#""exp":1e9"#,
        "that expired in 2001 and tells so with an exponent",
        "Its `exp` is an integer only for those who read exponents.",
    ),
    times(
        "exp-minus-2-63",
        r#""exp":-9223372036854775808"#,
        "whose `exp` is the least 64-bit number",
        "Differences to this time overflow.",
    ),
    times(
        "exp-minus-1e308",
        r#""exp":-1e308"#,
        "whose `exp` is far below any integer",
        "The time is a number that no integer type holds; its conversion may end anywhere.",
    ),
    times(
        "exp-member-in-other-case",
        r#""exp":{now-3600},"EXP":{now+3540}"#,
        "that expired and has a later time as `EXP`",
        "Behind the time that passed stands a claim `EXP` with one to come; JSON libraries that fold \
         case read the last.",
    ),
];

const TIMELESS_TIMES: &[Times] = &[
    times("exp-word", r#""exp":"never""#, "`never`", "Its `exp` is a word."),
    times("exp-empty", r#""exp":"""#, "empty", "Its `exp` is a string without a letter."),
    times("exp-true", r#""exp":true"#, "`true`", "Its `exp` is a boolean."),
    times(
        "exp-array",
        r#""exp":[{now-3600}]"#,
        "an array of a time that passed",
        "Its `exp` is an array, of which some languages make a number.",
    ),
    times("exp-object", r#""exp":{}"#, "an object", "Its `exp` is an object."),
];

const EARLY_TIMES: &[Times] = &[
    times(
        "nbf-hour-ahead",
        r#""exp":{now+7200},"nbf":{now+3600}"#,
        "that is valid in an hour",
        "A token that is valid in an hour is shown now.",
    ),
    times(
        "nbf-hour-ahead-fraction",
        r#""exp":{now+7200},"nbf":{now+3600}.5"#,
        "that is valid in an hour, at half a second",
        "The time of its beginning is not whole; readers of whole numbers may pass over it.",
    ),
    times(
        "nbf-hour-ahead-without-exp",
        r#""nbf":{now+3600}"#,
        "that is valid in an hour, and never expires",
        "The token has no `exp`: software that looks at `nbf` only where there is one does not see it.",
    ),
    times(
        "nbf-hour-ahead-text",
        r#""exp":{now+7200},"nbf":"{now+3600}""#,
        "that is valid in an hour and tells so as a string",
        "An issuer writes its times as strings; readers of numbers may pass over them.",
    ),
    times(
        "nbf-2-31",
        r#""exp":9000000000,"nbf":2147483648"#,
        "that is valid from 2038",
        "As a signed 32-bit number its `nbf` is negative.",
    ),
    times(
        "nbf-2-32",
        r#""exp":9000000000,"nbf":4294967296"#,
        "that is valid from 2106",
        "As a 32-bit number its `nbf` is 0.",
    ),
    times(
        "nbf-exponent",
        r#""exp":{now+3540},"nbf":1e10"#,
        "that is valid from 2286 and tells so with an exponent",
        "Its `nbf` is an integer only for those who read exponents.",
    ),
    times(
        "nbf-2-63",
        r#""exp":{now+3540},"nbf":9223372036854775808"#,
        "whose `nbf` is one more than the largest signed 64-bit number",
        "As a signed 64-bit number its `nbf` is negative.",
    ),
    times(
        "nbf-milliseconds",
        r#""exp":99999999999999,"nbf":{now-60}000"#,
        "whose `nbf` is in milliseconds",
        "Its `nbf` is, in seconds, tens of thousands of years ahead; software that guesses the unit \
         finds it a minute ago.",
    ),
    times(
        "nbf-2-64",
        r#""exp":{now+3540},"nbf":18446744073709551616"#,
        "whose `nbf` is one more than the largest 64-bit number",
        "As a 64-bit number its `nbf` is 0.",
    ),
    times(
        "nbf-1e308",
        r#""exp":{now+3540},"nbf":1e308"#,
        "whose `nbf` is far above any integer",
        "The time is a number that no integer type holds; its conversion may end anywhere.",
    ),
];

const EARLY_TIMELESS_TIMES: &[Times] = &[
    times(
        "nbf-empty",
        r#""exp":{now+3540},"nbf":"""#,
        "an empty text",
        "Its `nbf` is an empty text, which is false in some languages.",
    ),
    times("nbf-false", r#""exp":{now+3540},"nbf":false"#, "`false`", "Its `nbf` is a boolean."),
    times("nbf-word", r#""exp":{now+3540},"nbf":"later""#, "a word", "Its `nbf` is a word."),
    times(
        "nbf-array",
        r#""exp":{now+7200},"nbf":[{now+3600}]"#,
        "an array of a time to come",
        "Its `nbf` is an array, of which some languages make a number.",
    ),
];

const VALID_TIMES: &[Times] = &[
    times(
        "exp-fraction-ahead",
        r#""exp":{now+3540}.5"#,
        "whose `exp` is not whole",
        "None: some issuers take the time with its fraction.",
    ),
    times(
        "exp-exponent-ahead",
        r#""exp":1e10"#,
        "whose `exp` has an exponent",
        "None: some JSON writers use exponents for large numbers.",
    ),
    times(
        "exp-2-31",
        r#""exp":2147483648"#,
        "that expires in 2038",
        "None: the token of a device is good for long, past the end of signed 32-bit time.",
    ),
    times(
        "exp-2-32",
        r#""exp":4294967296"#,
        "that expires in 2106",
        "None: the token of a device is good for long, past the end of unsigned 32-bit time.",
    ),
    times(
        "exp-9999",
        r#""exp":253402300799"#,
        "that expires at the end of the year 9999",
        "None: an issuer writes the last time that its calendar knows.",
    ),
    times(
        "exp-other-case-passed",
        r#""exp":{now+3540},"EXP":{now-3600}"#,
        "that has a time that passed as `EXP`",
        "None: `EXP` is an unknown claim.",
    ),
    times(
        "nbf-hour-ago",
        r#""exp":{now+3540},"nbf":{now-3600}"#,
        "that became valid an hour ago",
        "None: many issuers write `nbf`.",
    ),
    times(
        "nbf-zero",
        r#""exp":{now+3540},"nbf":0"#,
        "that is valid since 1970",
        "None: an issuer writes 0 for `always`.",
    ),
    times(
        "nbf-iat-fractions",
        r#""iat":{now-60}.25,"exp":{now+3540},"nbf":{now-60}.25"#,
        "whose `nbf` and `iat` are not whole",
        "None: some issuers take the time with its fraction.",
    ),
];

/// What is left to the verifier.
const CHOICES: &[Times] = &[
    times(
        "exp-missing",
        "",
        "refuse a token that never expires",
        "An issuer writes no `exp`, which is optional; a service may demand it all the same.",
    ),
    times(
        "exp-null",
        r#""exp":null"#,
        "refuse a token whose `exp` is null, or take it as one that never expires",
        "An issuer writes null where it means nothing.",
    ),
    times(
        "exp-text-ahead",
        r#""exp":"{now+3540}""#,
        "refuse a token whose `exp` is a string, or read the number in it",
        "An issuer writes its times as strings.",
    ),
    times(
        "exp-milliseconds",
        r#""exp":{now-3600}000"#,
        "refuse a token that expires in tens of thousands of years",
        "An issuer counts milliseconds: the time has passed, but as seconds, which it must be, it is \
         far in the future.",
    ),
    times(
        "exp-2-63",
        r#""exp":9223372036854775808"#,
        "refuse an `exp` that no signed 64-bit number holds",
        "An issuer writes a number for `never`; limits on the range of numbers are allowed.",
    ),
    times(
        "exp-1e308",
        r#""exp":1e308"#,
        "refuse an `exp` that no integer holds",
        "An issuer writes a number for `never`; limits on the range of numbers are allowed.",
    ),
    times(
        "exp-1e400",
        r#""exp":1e400"#,
        "refuse an `exp` that no double-precision number holds, or take it as one that never comes",
        "An issuer writes a number for `never`; many JSON parsers read it as infinite, of which no whole \
         number can be made.",
    ),
    times(
        "nbf-null",
        r#""exp":{now+3540},"nbf":null"#,
        "refuse a token whose `nbf` is null, or take it as one without",
        "An issuer writes null where it means nothing.",
    ),
    times(
        "iat-ahead",
        r#""iat":{now+3600},"exp":{now+7200}"#,
        "refuse a token that was issued in the future",
        "A token's `iat` lies an hour ahead; no rule hangs on it.",
    ),
    times(
        "iat-old",
        r#""iat":1000000000,"exp":{now+3540}"#,
        "refuse a token that was issued in 2001",
        "A token is good for decades; its age may be used to refuse it.",
    ),
    times(
        "iat-2-63",
        r#""iat":9223372036854775808,"exp":{now+540}"#,
        "refuse a token that was issued in a year that no calendar has",
        "A token's `iat` is a number of which no date can be made; no rule hangs on it.",
    ),
    times(
        "iat-word",
        r#""iat":"yesterday","exp":{now+3540}"#,
        "refuse a token whose `iat` is a word",
        "An issuer writes a word where a number is due; no rule hangs on it.",
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    let early = Setup::es256().twin(EARLY.family, "nbf-hour-ago");
    let refusals = |class: Class, setup: &Setup, list: &[Times], title: &str| -> Vec<Case> {
        list.iter().map(|times| times.refused(&class, setup, title)).collect()
    };
    let mut cases = refusals(EXPIRED, &setup, EXPIRED_TIMES, "refuses a token");
    cases.push(EXPIRED.refuse(
        &setup,
        "exp-hour-ago-and-ahead-in-the-header",
        "refuses a token that expired an hour ago and has a later `exp` in its header",
        "The token has a header parameter `exp` that lies ahead, for whoever looks there first.",
        timed(&setup, r#""exp":{now-3600}"#).header("exp", "{now+3540}"),
    ));
    cases.extend(refusals(TIMELESS, &setup, TIMELESS_TIMES, "refuses a token whose `exp` is"));
    cases.extend(refusals(EARLY, &early, EARLY_TIMES, "refuses a token"));
    cases.extend(refusals(
        EARLY_TIMELESS,
        &early,
        EARLY_TIMELESS_TIMES,
        "refuses a token whose `nbf` is",
    ));
    cases.extend(VALID_TIMES.iter().map(|times| times.accepted(&setup)));
    cases.extend(CHOICES.iter().map(|times| times.left(&setup)));
    cases
}

impl Times {
    fn refused(&self, class: &Class, setup: &Setup, title: &str) -> Case {
        let title = format!("{title} {}", self.what);
        class.refuse(setup, self.slug, title, self.told, timed(setup, self.times))
    }

    fn accepted(&self, setup: &Setup) -> Case {
        let title = format!("accepts a token {}", self.what);
        VALID.accept(setup, self.slug, title, self.told, timed(setup, self.times))
    }

    fn left(&self, setup: &Setup) -> Case {
        let class = Class {
            clauses: &["RFC 7519 §4.1.4", "RFC 7519 §4.1.5", "RFC 7519 §4.1.6", "RFC 8259 §9"],
            rule: "What the specification does not say of a time is the recipient's to decide.",
            consequence: "None by itself; verifiers differ.",
            remedy: "None is needed; tell users what is done.",
            ..VALID
        };
        let title = format!("may {}", self.what);
        let permitted = Permitted::choice(Belief::Signed);
        class.choice(setup, self.slug, title, self.told, timed(setup, self.times), permitted)
    }
}
