//! Tokens: what is asked for, and the recipe that the forge makes of it.

use anyhow::{Context, anyhow, bail};
use gauntlet_vectors::{
    env::Env,
    forge::forge,
    recipe::{Json, JwsRecipe, PayloadEncoding, Recipe, Serialization, Signing},
    verdict::Mode,
};
use serde_json::{Value, json};

use super::{
    forgeries::FORGERIES,
    keys::{Served, any_algorithm, signers},
    nearest,
    words::{Given, assignments, quoted, seconds},
};

/// How long a token is good if nobody says otherwise, in seconds.
pub(super) const GOOD_FOR: i64 = 3600;

/// What a token says of whom, unless it is told otherwise.
pub(super) struct Terms<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    /// Which token of the session it is, from 1.
    pub(super) number: u64,
    /// In front of the number in its `jti`: no two sessions have the same.
    pub(super) session: &'a str,
    /// What is served now, the newest key first.
    pub(super) keys: &'a [Served],
    /// What was served at any time, the last one last.
    pub(super) past: &'a [Served],
    /// What algorithms keys are for, where that is open.
    pub(super) algorithms: &'a [&'static str],
}

/// A token on its way.
pub(super) struct Draft {
    pub(super) jws: JwsRecipe,
    pub(super) signer: Served,
    pub(super) alg: &'static str,
}

impl Draft {
    pub(super) fn header(&mut self, name: &str, value: impl Into<Value>) {
        self.jws = self.jws.clone().header(name, value);
    }

    pub(super) fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.jws = self.jws.clone().claim(name, value);
    }
}

/// What is asked for, by name.
#[derive(Debug, Default)]
struct Order {
    key: Option<String>,
    alg: Option<String>,
    forgery: Option<String>,
    /// Later ones go before earlier ones; an absent value takes the member away.
    header: Vec<(String, Option<Value>)>,
    claims: Vec<(String, Option<Value>)>,
}

impl Order {
    fn read(text: &str, now: i64) -> anyhow::Result<Self> {
        let mut order = Self::default();
        for (name, given) in assignments(text)? {
            let told = |error| anyhow!("in `{name}`: {error}");
            match name.as_str() {
                "key" => order.key = Some(given.text().map_err(told)?.to_owned()),
                "alg" => order.alg = Some(given.text().map_err(told)?.to_owned()),
                "forge" => order.forgery = Some(given.text().map_err(told)?.to_owned()),
                "kid" => {
                    let none = given == Given::Word("none".to_owned());
                    order.header.push(("kid".to_owned(), (!none).then(|| given.value(now))));
                }
                "exp" => order.claims.push(("exp".to_owned(), expiry(&given, now))),
                "without" => {
                    let name = given.text().map_err(told)?;
                    match name.strip_prefix("header.") {
                        Some(name) => order.header.push((name.to_owned(), None)),
                        None => order.claims.push((name.to_owned(), None)),
                    }
                }
                other => match (other.strip_prefix("header."), other.strip_prefix("claim.")) {
                    (Some(name), _) => order.header.push((name.to_owned(), Some(given.value(now)))),
                    (None, Some(name)) => {
                        order.claims.push((name.to_owned(), Some(given.value(now))))
                    }
                    (None, None) => order.claims.push((other.to_owned(), Some(given.value(now)))),
                },
            }
        }
        Ok(order)
    }
}

/// `+60` and `-60` are from now on, `none` is no `exp` at all; the rest is as in any claim.
fn expiry(given: &Given, now: i64) -> Option<Value> {
    if let Given::Word(word) = given {
        if word == "none" {
            return None;
        }
        if let Some(seconds) = seconds(word).filter(|_| !word.is_empty()) {
            return Some(Value::from(now.saturating_add(seconds)));
        }
    }
    Some(given.value(now))
}

/// Makes the token that a line asks for.
pub(super) fn mint(text: &str, terms: &Terms<'_>, env: &Env) -> anyhow::Result<String> {
    let now = env.now.0;
    let order = Order::read(text, now)?;
    let mut draft = draft(&order, terms, now)?;
    if let Some(word) = &order.forgery {
        let Some(forgery) = FORGERIES.iter().find(|forgery| forgery.word == word) else {
            let all: Vec<_> = FORGERIES.iter().map(|forgery| forgery.word).collect();
            let near = nearest(word, all.iter().copied());
            bail!("there is no forgery {}{near}; expected one of {}", quoted(word), all.join(", "));
        };
        (forgery.make)(&mut draft, terms, now)?;
    }
    let mut jws = draft.jws;
    for (name, value) in order.header {
        jws = match value {
            Some(value) => jws.header(&name, value),
            None => jws.without_header(&name),
        };
    }
    for (name, value) in order.claims {
        jws = match value {
            Some(value) => jws.claim(&name, value),
            None => jws.without_claim(&name),
        };
    }
    let forged = forge(&Recipe::from(jws), Mode::Jwt, None, env)
        .map_err(|error| anyhow!("failed to {error}"))?;
    String::from_utf8(forged.presented.token).context("the token would be no text")
}

/// An honest token of the signer that is asked for.
fn draft(order: &Order, terms: &Terms<'_>, now: i64) -> anyhow::Result<Draft> {
    let unsecured = order.alg.as_deref().is_some_and(|alg| alg.eq_ignore_ascii_case("none"));
    let alg = match &order.alg {
        Some(alg) if !unsecured => Some(any_algorithm(alg)?),
        Some(_) | None => None,
    };
    let signer = signer(order.key.as_deref(), alg, terms)?;
    let Some(alg) = alg.or(signer.alg) else {
        bail!("`{}` signs nothing; expected another key", signer.key);
    };
    let signing = if unsecured {
        Signing::Octets(Vec::new())
    } else {
        Signing::Key { key: signer.name(), alg: alg.to_owned() }
    };
    let mut header = vec![("alg".to_owned(), json!(order.alg.as_deref().unwrap_or(alg)))];
    header.extend(signer.kid.as_ref().map(|kid| ("kid".to_owned(), json!(kid))));
    header.push(("typ".to_owned(), json!("JWT")));
    let claims = [
        ("iss", json!(terms.issuer)),
        ("aud", json!(terms.audience)),
        ("sub", json!("gauntlet")),
        ("iat", json!(now)),
        ("exp", json!(now.saturating_add(GOOD_FOR))),
        ("jti", json!(format!("{}-{}", terms.session, terms.number))),
    ];
    let jws = JwsRecipe {
        protected: Some(Json::Members(header)),
        unprotected: None,
        payload: Json::Members(claims.map(|(name, value)| (name.to_owned(), value)).to_vec()),
        signing,
        serialization: Serialization::Compact,
        payload_encoding: PayloadEncoding::Base64url,
        detached: false,
        spelling: Vec::new(),
        edits: Vec::new(),
    };
    Ok(Draft { jws, signer, alg })
}

/// Whose signature it is: the key that is named, as it is or was served; or else the newest that is served
/// for the algorithm, or that was before nothing was.
fn signer(
    key: Option<&str>,
    alg: Option<&'static str>,
    terms: &Terms<'_>,
) -> anyhow::Result<Served> {
    let mut known = terms.keys.iter().chain(terms.past.iter().rev());
    if let Some(name) = key {
        return match known.find(|served| served.is_called(name)) {
            Some(served) => Ok(served.clone()),
            None => Served::named(name, terms.algorithms),
        };
    }
    let Some(alg) = alg else {
        let signs = known.find(|served| served.alg.is_some());
        return signs.cloned().ok_or_else(|| anyhow!("no key was ever served: name one (key=)"));
    };
    if let Some(served) = known.find(|served| served.alg == Some(alg)) {
        return Ok(served.clone());
    }
    let first = signers(alg)?.into_iter().next();
    let first = first.ok_or_else(|| anyhow!("there is no test key for {alg}"))?;
    Served::named(first.name(), &[alg])
}

#[cfg(test)]
mod tests {
    use gauntlet_vectors::{NumericDate, forge::from_base64url};

    use super::*;

    const KEYS: [Served; 1] = [Served { key: "p256-b", kid: None, alg: Some("ES256") }];

    fn minted(text: &str) -> anyhow::Result<(Value, Value, String)> {
        let mut keys = KEYS;
        keys[0].kid = Some("new".to_owned());
        let past = [Served::named("p256-a", &[])?, keys[0].clone()];
        let terms = Terms {
            issuer: "http://127.0.0.1:1",
            audience: "aud",
            number: 7,
            session: "s",
            keys: &keys,
            past: &past,
            algorithms: &["ES256"],
        };
        let env = Env::fixed().at(NumericDate(10_000));
        let token = mint(text, &terms, &env)?;
        let parts: Vec<_> = token.split('.').collect();
        let json = |part: &str| serde_json::from_slice(&from_base64url(part).unwrap()).unwrap();
        Ok((json(parts[0]), json(parts[1]), parts[2].to_owned()))
    }

    #[test]
    fn an_honest_token_has_the_claims_that_everybody_asks_for() {
        let (header, claims, signature) = minted("").unwrap();
        assert_eq!(header, json!({"alg": "ES256", "kid": "new", "typ": "JWT"}));
        let expected = json!({"iss": "http://127.0.0.1:1", "aud": "aud", "sub": "gauntlet",
            "iat": 10_000, "exp": 13_600, "jti": "s-7"});
        assert_eq!(claims, expected);
        assert_eq!(signature.len(), 86);
    }

    #[test]
    fn claims_and_header_are_as_they_are_told() {
        let line = "sub=\"a b\" roles=[\"x\"] n=7 nbf=now+5 exp=-60 header.typ=at+jwt claim.key=k without=jti";
        let (header, claims, _) = minted(line).unwrap();
        assert_eq!(header["typ"], "at+jwt");
        assert_eq!(claims["sub"], "a b");
        assert_eq!(claims["roles"], json!(["x"]));
        assert_eq!((&claims["n"], &claims["nbf"]), (&json!(7), &json!(10_005)));
        assert_eq!((&claims["exp"], &claims["key"]), (&json!(9_940), &json!("k")));
        assert_eq!(claims.get("jti"), None);
        for (exp, value) in
            [("none", None), ("+1", Some(10_001)), ("now-1", Some(9_999)), ("5", Some(5))]
        {
            let (_, claims, _) = minted(&format!("exp={exp}")).unwrap();
            assert_eq!(claims.get("exp"), value.map(|value| json!(value)).as_ref(), "{exp}");
        }
    }

    #[test]
    fn signers_are_found_among_those_served_now_those_before_and_all_others() {
        for (line, alg, kid) in [
            ("key=p256-b", "ES256", json!("new")),
            ("key=new", "ES256", json!("new")),
            ("key=p256-a", "ES256", json!("p256-a")),
            ("key=rsa-2048-b", "RS256", json!("rsa-2048-b")),
            ("alg=PS384", "PS384", json!("rsa-2048-a")),
            ("key=rsa-2048-a alg=PS512 kid=x", "PS512", json!("x")),
            ("alg=HS256", "HS256", json!("oct-256-a")),
            ("alg=nOnE", "nOnE", json!("new")),
            ("kid=none", "ES256", Value::Null),
        ] {
            let (header, ..) = minted(line).unwrap();
            assert_eq!((&header["alg"], &header["kid"]), (&json!(alg), &kid), "{line}");
        }
    }

    #[test]
    fn every_forgery_is_another_token_and_none_is_honest() {
        let (header, claims, honest) = minted("").unwrap();
        for forgery in FORGERIES {
            let (forged_header, forged_claims, signature) =
                minted(&format!("forge={}", forgery.word)).unwrap();
            let is_other = forged_header != header || forged_claims != claims;
            assert!(is_other || signature != honest, "{}", forgery.word);
        }
        assert_eq!(minted("forge=none").unwrap().2, "");
        assert_eq!(minted("forge=hmac-public").unwrap().0["alg"], "HS256");
    }

    #[test]
    fn what_cannot_be_minted_says_why() {
        for (line, said) in [
            ("key=p256-z", "there is no test key `p256-z`"),
            ("key=x25519-a", "signs nothing"),
            ("alg=RS1", "expected one of HS256"),
            ("key=p256-a alg=RS256", "its type does not serve"),
            ("forge=nothing", "expected one of none"),
            ("key=[1]", "expected a text"),
            ("a={repeat", "single quotes"),
            ("a='{repeat.99999999999.a}'", "exceed"),
            ("key=oct-256-a forge=hmac-public", "does not serve"),
        ] {
            let error = minted(line).unwrap_err().to_string();
            assert!(error.contains(said), "{line}: {error}");
        }
    }
}
