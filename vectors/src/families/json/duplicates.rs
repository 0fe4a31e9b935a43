//! Names that stand twice: a verifier refuses them, or believes the last.

use serde_json::{Value, json};

use super::{Class, GRAMMAR, Setup, Side};
use crate::{
    case::{Belief, Case, Part, Permitted, Severity},
    recipe::Json,
};

const DUPLICATES: Class = Class {
    severity: Severity::High,
    part: Part::Claims,
    clauses: &["RFC 7515 §4", "RFC 7515 §10.12", "RFC 7519 §4"],
    cwe: &[436, 694],
    rule: "If a name stands twice, a verifier refuses the token or takes the last value, and no other.",
    consequence: "The verifier checks one value, and whatever stands behind it (or in front of it) \
                  believes another.",
    remedy: "Refuse names that stand twice; where the JSON library cannot, make sure that it keeps the last.",
    ..GRAMMAR
};

/// A member in a good and in a bad version, as JSON texts.
struct Twice {
    side: Side,
    name: &'static str,
    good: &'static str,
    bad: &'static str,
    /// Behind "the last one".
    wrong: &'static str,
}

const TWICE: &[Twice] = &[
    Twice {
        side: Side::Header,
        name: "alg",
        good: r#""ES256""#,
        bad: r#""none""#,
        wrong: "is `none`",
    },
    Twice {
        side: Side::Payload,
        name: "iss",
        good: r#""https://issuer.test""#,
        bad: r#""https://evil.test""#,
        wrong: "is another issuer",
    },
    Twice {
        side: Side::Payload,
        name: "aud",
        good: r#""https://api.test""#,
        bad: r#""https://other.test""#,
        wrong: "is another service",
    },
    Twice {
        side: Side::Payload,
        name: "exp",
        good: "{now+3540}",
        bad: "{now-3600}",
        wrong: "passed an hour ago",
    },
];

pub(super) fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    let mut cases: Vec<Case> = TWICE.iter().flat_map(|twice| twice.cases(&setup)).collect();
    cases.extend(escaped(&setup));
    cases.extend(others(&setup));
    cases
}

impl Twice {
    fn class(&self) -> Class {
        match self.side {
            Side::Header => Class { part: Part::Header, ..DUPLICATES },
            Side::Payload => DUPLICATES,
        }
    }

    fn cases(&self, setup: &Setup) -> [Case; 2] {
        let Self { side, name, good, bad, wrong } = self;
        [
            self.class().refuse(
                setup,
                &format!("{}-{name}-twice-bad-last", side.name()),
                format!("refuses two `{name}` of which the last one {wrong}"),
                format!(
                    "The {} holds a good `{name}` and behind it a second one, which {wrong}. A verifier \
                     that takes the first accepts the token.",
                    side.name()
                ),
                self.token(setup, &[(name, good), (name, bad)]),
            ),
            self.class().choice(
                setup,
                &format!("{}-{name}-twice-good-last", side.name()),
                format!("may refuse two `{name}` of which the last is good, or believes that one"),
                format!("The {} holds a `{name}` that {wrong}, and behind it a good one.", side.name()),
                self.token(setup, &[(name, bad), (name, good)]),
                self.believed(),
            ),
        ]
    }

    /// What an accepting verifier has to believe: where the value is a text, that very text.
    fn believed(&self) -> Permitted {
        match (self.side, serde_json::from_str::<Value>(self.good)) {
            (Side::Payload, Ok(value)) => {
                Permitted::choice(Belief::Claim { name: self.name.to_owned(), value })
            }
            (Side::Payload, Err(_)) | (Side::Header, Ok(_) | Err(_)) => {
                Permitted::choice(Belief::Signed)
            }
        }
    }

    /// A token whose member of this name is written as these members.
    fn token(&self, setup: &Setup, members: &[(&str, &str)]) -> crate::recipe::JwsRecipe {
        let own = format!("\"{}\":{}", self.name, self.good);
        let written: Vec<String> =
            members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let written = written.join(",");
        self.side.token(
            setup,
            Json::Text(format!("{{{}}}", self.side.members().replace(&own, &written))),
        )
    }
}

/// The second one written with an escape, for whoever compares names before they are read.
fn escaped(setup: &Setup) -> Vec<Case> {
    TWICE
        .iter()
        .filter_map(|twice| match twice.name {
            "alg" => Some((twice, r"\u0061lg")),
            "iss" => Some((twice, r"\u0069ss")),
            _ => None,
        })
        .map(|(twice, spelled)| {
            let Twice { side, name, good, bad, wrong } = twice;
            twice.class().refuse(
                setup,
                &format!("{}-{name}-twice-escaped", side.name()),
                format!("refuses two `{name}` of which the last one {wrong} and is written with an escape"),
                format!(
                    "The second `{name}` is written `{spelled}`. A search for names that stand twice does \
                     not see it if it looks at the text."
                ),
                twice.token(setup, &[(name, good), (spelled, bad)]),
            )
        })
        .collect()
}

fn others(setup: &Setup) -> Vec<Case> {
    let written = |side: Side, own: &str, twice: &str| {
        side.token(setup, Json::Text(format!("{{{}}}", side.members().replace(own, twice))))
    };
    let header = Class { part: Part::Header, ..DUPLICATES };
    vec![
        header.refuse(
            setup,
            "header-crit-twice-bad-last",
            "refuses two `crit` of which the last lists what it does not understand",
            "The header holds an empty `crit`, and behind it one with a restriction that nobody knows.",
            Side::Header.written(setup, |members| {
                format!(r#"{{{members},"crit":[],"crit":["https://extension.test/x"],"https://extension.test/x":1}}"#)
            }),
        ),
        header.choice(
            setup,
            "header-kid-twice",
            "may refuse two `kid`",
            "The header names the right key, and behind it one that does not exist. As `kid` is a hint, \
             the token may still be accepted.",
            written(Side::Header, r#""kid":"p256-a""#, r#""kid":"p256-a","kid":"nobody""#),
            Permitted::choice(Belief::Signed),
        ),
        DUPLICATES.choice(
            setup,
            "payload-sub-twice",
            "may refuse two `sub`, or believes the last",
            "The claims name two subjects.",
            written(Side::Payload, r#""sub":"alice""#, r#""sub":"alice","sub":"mallory""#),
            Permitted::choice(Belief::Claim { name: "sub".to_owned(), value: json!("mallory") }),
        ),
    ]
}
