//! Header and payload as JSON: grammar, encoding, names that stand twice, and size.

mod duplicates;
mod grammar;
mod limits;

use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    recipe::{Json, JwsRecipe},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "json", title: "Header and payload as JSON, and as what looks like it", cases };

fn cases() -> Vec<Case> {
    [grammar::cases(), duplicates::cases(), limits::cases()].concat()
}

/// What is not JSON.
const GRAMMAR: Class = Class {
    family: FAMILY.name,
    category: Category::TokenParsing,
    part: Part::Serialization,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::Low,
    clauses: &["RFC 7515 §5.2", "RFC 7515 §10.12", "RFC 7519 §7.2"],
    cwe: &[20, 436],
    rule: "Header and payload of a JWT are each the UTF-8 text of one completely valid JSON object; \
           malformed JSON is refused in its entirety.",
    consequence: "What the producer meant is anybody's guess: two readers see two headers, or two sets of \
                  claims, under one signature.",
    remedy: "Read header and payload with a strict JSON parser, up to the end of the text.",
};

/// One of the two JSON texts of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Header,
    Payload,
}

impl Side {
    const BOTH: [Self; 2] = [Self::Header, Self::Payload];

    const fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Payload => "payload",
        }
    }

    /// The honest members, without the braces around them.
    const fn members(self) -> &'static str {
        match self {
            Self::Header => r#""alg":"ES256","typ":"JWT","kid":"p256-a""#,
            Self::Payload => CLAIMS,
        }
    }

    /// An honest token but for this text on this side.
    fn token(self, setup: &Setup, json: Json) -> JwsRecipe {
        match self {
            Self::Header => setup.token().protected(json),
            Self::Payload => setup.token().payload(json),
        }
    }

    /// The same, with the members written by `write`.
    fn written(self, setup: &Setup, write: impl Fn(&str) -> String) -> JwsRecipe {
        self.token(setup, Json::Text(write(self.members())))
    }
}

const CLAIMS: &str = concat!(
    r#""iss":"https://issuer.test","sub":"alice","aud":"https://api.test","#,
    r#""iat":{now-60},"exp":{now+3540}"#
);

/// Claims that do not change with the clock, for texts that are written as octets.
const TIMELESS: &str = concat!(
    r#""iss":"https://issuer.test","sub":"alice","aud":"https://api.test","#,
    r#""exp":4102444800"#
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{env::Env, forge::forge, verdict::Mode};

    /// The members as text are those of the honest token but for its `jti`, so that only what is
    /// written otherwise differs.
    #[test]
    fn the_members_are_those_of_an_honest_token() {
        let setup = Setup::es256();
        let octets = |recipe: JwsRecipe| {
            let made = forge(&recipe.into(), Mode::Jwt, None, &Env::fixed()).unwrap();
            (made.protected.unwrap(), made.payload.unwrap())
        };
        let honest = octets(setup.token().without_claim("jti"));
        for side in Side::BOTH {
            let written = octets(
                side.written(&setup, |members| format!("{{{members}}}")).without_claim("jti"),
            );
            match side {
                Side::Header => assert_eq!(written.0, honest.0),
                Side::Payload => assert_eq!(written.1, honest.1),
            }
        }
    }
}
