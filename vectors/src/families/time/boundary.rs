//! The second around the boundary, and the leeway that the operator allows.

use super::{EARLY, EXPIRED, FAMILY, VALID, timed};
use crate::{
    case::{Basis, Belief, Capability, Case, Permitted, Severity},
    families::class::{Class, Setup},
};

/// Sixty seconds and no more.
const BEYOND_LEEWAY: Class = Class {
    basis: Basis::Operator,
    clauses: &["RFC 7519 §4.1.4", "RFC 7519 §4.1.5"],
    rule: "The operator's leeway is allowed on `exp` and `nbf`, and no more.",
    consequence: "Tokens are good longer, or sooner, than the operator said.",
    remedy: "Use the configured leeway, also where it is 0, and add no other.",
    ..EXPIRED
};

/// Sixty seconds and no less.
const WITHIN_LEEWAY: Class = Class {
    rule: BEYOND_LEEWAY.rule,
    consequence: "Where clocks differ by a little, honest tokens are refused.",
    basis: Basis::Operator,
    clauses: BEYOND_LEEWAY.clauses,
    remedy: "Allow the configured leeway on both `exp` and `nbf`.",
    ..VALID
};

fn leeway(seconds: u64) -> Setup {
    Setup::es256().policy(|policy| policy.leeway_s = Some(seconds))
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = coarse();
    cases.extend(to_the_second());
    cases.extend(to_the_second_with_leeway());
    cases
}

/// Far enough from the boundary for the wall clock.
fn coarse() -> Vec<Case> {
    let none = leeway(0).twin(FAMILY.name, "no-leeway");
    let some = leeway(120).twin(FAMILY.name, "leeway-120-exp-60-ago");
    vec![
        WITHIN_LEEWAY.accept(
            &none,
            "no-leeway",
            "accepts an honest token where the leeway is none",
            "None: the operator allows no leeway.",
            none.token(),
        ),
        BEYOND_LEEWAY.refuse(
            &none,
            "no-leeway-exp-30-ago",
            "refuses a token that expired half a minute ago where the leeway is none",
            "The operator sets the leeway to 0, which may be read as not set.",
            timed(&none, r#""exp":{now-30}"#),
        ),
        WITHIN_LEEWAY.accept(
            &some,
            "leeway-120-exp-60-ago",
            "accepts a token that expired a minute ago where the leeway is two",
            "None: the clocks of two machines differ.",
            timed(&some, r#""exp":{now-60}"#),
        ),
        BEYOND_LEEWAY.refuse(
            &some,
            "leeway-120-exp-180-ago",
            "refuses a token that expired three minutes ago where the leeway is two",
            "A stolen token is shown three minutes after its end.",
            timed(&some, r#""exp":{now-180}"#),
        ),
        WITHIN_LEEWAY.accept(
            &some,
            "leeway-120-nbf-60-ahead",
            "accepts a token that is valid in a minute where the leeway is two",
            "None: the clocks of two machines differ.",
            timed(&some, r#""exp":{now+3540},"nbf":{now+60}"#),
        ),
        Class { severity: EARLY.severity, cwe: EARLY.cwe, ..BEYOND_LEEWAY }.refuse(
            &some.clone().twin(FAMILY.name, "leeway-120-nbf-60-ahead"),
            "leeway-120-nbf-180-ahead",
            "refuses a token that is valid in three minutes where the leeway is two",
            "A token that is valid in three minutes is shown now.",
            timed(&some, r#""exp":{now+3540},"nbf":{now+180}"#),
        ),
    ]
}

/// A second more is a rule broken, and gives nobody anything: hence low.
fn to_the_second() -> Vec<Case> {
    let setup = leeway(0).needing(Capability::Clock);
    let exp = setup.clone().twin(FAMILY.name, "exp-next-second");
    let nbf = setup.clone().twin(FAMILY.name, "nbf-this-second");
    vec![
        VALID.accept(
            &setup,
            "exp-next-second",
            "accepts a token that expires in the next second",
            "None: a client uses a token to its end.",
            timed(&setup, r#""exp":{now+1}"#),
        ),
        Class { severity: Severity::Low, ..EXPIRED }.refuse(
            &exp,
            "exp-this-second",
            "refuses a token on the second of its `exp`",
            "A token is shown in the very second of its end: `on or after`.",
            timed(&exp, r#""exp":{now}"#),
        ),
        VALID.accept(
            &setup,
            "nbf-this-second",
            "accepts a token on the second of its `nbf`",
            "None: a client uses a token from its beginning.",
            timed(&setup, r#""exp":{now+3540},"nbf":{now}"#),
        ),
        VALID.accept(
            &setup,
            "exp-half-a-second-ahead",
            "accepts a token that expires in half a second",
            "None: a client uses a token to its end, and that is not a whole second.",
            timed(&setup, r#""exp":{now}.5"#),
        ),
        Class { severity: Severity::Low, ..EARLY }.refuse(
            &nbf,
            "nbf-half-a-second-ahead",
            "refuses a token half a second before its `nbf`",
            "A token is shown half a second before its beginning, which is not a whole second.",
            timed(&nbf, r#""exp":{now+3540},"nbf":{now}.5"#),
        ),
        Class { severity: Severity::Low, ..EARLY }.refuse(
            &nbf,
            "nbf-next-second",
            "refuses a token a second before its `nbf`",
            "A token is shown a second before its beginning.",
            timed(&nbf, r#""exp":{now+3540},"nbf":{now+1}"#),
        ),
    ]
}

fn to_the_second_with_leeway() -> Vec<Case> {
    let setup = leeway(60).needing(Capability::Clock);
    let exp = setup.clone().twin(FAMILY.name, "leeway-60-exp-59-ago");
    let nbf = setup.clone().twin(FAMILY.name, "leeway-60-nbf-59-ahead");
    let edge = |slug, title, times| {
        WITHIN_LEEWAY.choice(
            &setup,
            slug,
            title,
            "A token is shown on the very edge of the leeway, which nobody defines to the second.",
            timed(&setup, times),
            Permitted::choice(Belief::Signed),
        )
    };
    vec![
        WITHIN_LEEWAY.accept(
            &setup,
            "leeway-60-exp-59-ago",
            "accepts a token that expired 59 seconds ago where the leeway is 60",
            "None: the clocks of two machines differ.",
            timed(&setup, r#""exp":{now-59}"#),
        ),
        edge(
            "leeway-60-exp-60-ago",
            "may refuse a token that expired 60 seconds ago where the leeway is 60",
            r#""exp":{now-60}"#,
        ),
        Class { severity: Severity::Low, ..BEYOND_LEEWAY }.refuse(
            &exp,
            "leeway-60-exp-61-ago",
            "refuses a token that expired 61 seconds ago where the leeway is 60",
            "A stolen token is shown a second after the leeway.",
            timed(&exp, r#""exp":{now-61}"#),
        ),
        WITHIN_LEEWAY.accept(
            &setup,
            "leeway-60-nbf-59-ahead",
            "accepts a token that is valid in 59 seconds where the leeway is 60",
            "None: the clocks of two machines differ.",
            timed(&setup, r#""exp":{now+3540},"nbf":{now+59}"#),
        ),
        edge(
            "leeway-60-nbf-60-ahead",
            "may refuse a token that is valid in 60 seconds where the leeway is 60",
            r#""exp":{now+3540},"nbf":{now+60}"#,
        ),
        Class { severity: Severity::Low, cwe: EARLY.cwe, ..BEYOND_LEEWAY }.refuse(
            &nbf,
            "leeway-60-nbf-61-ahead",
            "refuses a token that is valid in 61 seconds where the leeway is 60",
            "A token is shown a second before the leeway.",
            timed(&nbf, r#""exp":{now+3540},"nbf":{now+61}"#),
        ),
    ]
}
