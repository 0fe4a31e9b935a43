//! Several trusted issuers at one service: each may speak for itself, and for nobody else.
//!
//! Long, because the cases are a product of two issuers and what they may share, told one by one.

use serde_json::{Value, json};

use crate::{
    case::{Basis, Belief, Case, Category, HonestAlgorithm, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::{
        AUDIENCE, ISSUER, SUBJECT,
        class::{Class, Setup},
    },
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe, TrustedIssuer},
    recipe::{Json, JwsRecipe, Signing},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "issuers", title: "Several trusted issuers, each for itself alone", cases };

/// The second issuer; the attacker is its owner.
const TENANT: &str = "https://tenant.test";

/// An issuer's key under another issuer's name.
const CROSSED: Class = Class {
    family: FAMILY.name,
    category: Category::ClaimsIssuer,
    part: Part::IssuerRouting,
    level: Level::Must,
    basis: Basis::Bcp,
    severity: Severity::High,
    clauses: &["RFC 8725 §3.8", "RFC 9068 §4"],
    cwe: &[346],
    rule: "The keys with which a JWT is verified have to belong to the issuer that it names; if they \
           do not, it is refused.",
    consequence: "Every trusted issuer can speak in the name of every other: the smallest tenant makes \
                  tokens for the users of the largest.",
    remedy: "Choose the issuer's keys by `iss` first, and look for the key among those alone; never \
             put the keys of several issuers into one table.",
};

/// What the operator allows one issuer and not the other.
const OWN: Class = Class {
    basis: Basis::Operator,
    clauses: &["RFC 8725 §3.1", "RFC 8725 §3.9"],
    rule: "An issuer's own algorithms and audiences hold for its tokens in place of the policy's.",
    consequence: "What one issuer is allowed, all are: the weakest setting is everybody's.",
    remedy: "Keep algorithms and audiences with the issuer, and judge a token by those of its own.",
    ..CROSSED
};

/// Each speaks for itself.
const HONEST: Class = Class {
    severity: Severity::Medium,
    cwe: &[],
    rule: "A token that a trusted issuer signed with a key of its own, in its own name, is valid, \
           whoever else is trusted.",
    consequence: "Honest tokens of one issuer are refused from the day on which another is added.",
    remedy: "Keep the keys of each issuer apart, and choose among them by `iss`.",
    ..CROSSED
};

const LEFT: Class = Class {
    clauses: &["RFC 7519 §4", "RFC 8725 §3.8"],
    rule: "Which trusted issuer a token names has to be beyond doubt; where it is, the token may be \
           accepted as that issuer's.",
    ..HONEST
};

fn cases() -> Vec<Case> {
    let mut cases = two();
    cases.extend(names());
    cases.extend(same_kid());
    cases.extend(one_key());
    cases.extend(without_keys());
    cases.extend(own_algorithms());
    cases.extend(own_audiences());
    cases.extend(paths());
    cases
}

fn keys(keys: &[(&str, &str)]) -> KeysRecipe {
    let jwks = keys.iter().map(|(key, kid)| JwkRecipe::with_kid(KeyName::from(*key), kid));
    KeysRecipe::Set(jwks.collect())
}

fn issuer(name: &str, keys: KeysRecipe) -> TrustedIssuer<KeysRecipe> {
    TrustedIssuer {
        issuer: Some(name.to_owned()),
        keys,
        algorithms: Vec::new(),
        audiences: Vec::new(),
    }
}

fn trusting(issuers: impl IntoIterator<Item = TrustedIssuer<KeysRecipe>>) -> Setup {
    Setup::es256().policy(|policy| policy.issuers = issuers.into_iter().collect())
}

fn with_ed25519(setup: Setup) -> Setup {
    let mut setup = setup.policy(|policy| policy.algorithms.push("EdDSA".to_owned()));
    setup
        .needs
        .algorithms
        .push(HonestAlgorithm { alg: "EdDSA".to_owned(), crv: Some("Ed25519".to_owned()) });
    setup
}

/// A token in this name, with this `kid`, signed by this key.
fn token(setup: &Setup, iss: impl Into<Value>, kid: &str, key: &str) -> JwsRecipe {
    let alg = match key {
        "ed25519-a" | "ed25519-b" => "EdDSA",
        "oct-256-a" => "HS256",
        _ => "ES256",
    };
    let signing = Signing::Key { key: KeyName::from(key), alg: alg.to_owned() };
    setup.token().header("alg", alg).header("kid", kid).claim("iss", iss).signed(signing)
}

const NO_ATTACK: &str = "None: each issuer signs its own tokens.";

/// The issuer with the key p256-a, the tenant with p256-b.
fn pair() -> [TrustedIssuer<KeysRecipe>; 2] {
    [issuer(ISSUER, keys(&[("p256-a", "p256-a")])), issuer(TENANT, keys(&[("p256-b", "p256-b")]))]
}

fn two() -> Vec<Case> {
    let setup = trusting(pair());
    let first = setup.clone().twin(FAMILY.name, "first");
    let second = setup.clone().twin(FAMILY.name, "second");
    vec![
        HONEST.accept(
            &setup,
            "first",
            "accepts a token of the first of two issuers",
            NO_ATTACK,
            token(&setup, ISSUER, "p256-a", "p256-a"),
        ),
        HONEST.accept(
            &setup,
            "second",
            "accepts a token of the second of two issuers",
            NO_ATTACK,
            token(&setup, TENANT, "p256-b", "p256-b"),
        ),
        CROSSED.refuse(
            &first,
            "second-in-the-name-of-the-first",
            "refuses a token that the second issuer signed in the name of the first",
            "The attacker owns the second issuer. He signs with its key, under its `kid`, and names the \
             first.",
            token(&setup, ISSUER, "p256-b", "p256-b"),
        ),
        CROSSED.refuse(
            &second,
            "first-in-the-name-of-the-second",
            "refuses a token that the first issuer signed in the name of the second",
            "The attacker owns the first issuer. He signs with its key, under its `kid`, and names the \
             second.",
            token(&setup, TENANT, "p256-a", "p256-a"),
        ),
        CROSSED.refuse(
            &first,
            "kid-of-the-first",
            "refuses a token that the second issuer signed in the name and under the `kid` of the first",
            "The attacker owns the second issuer. He signs with its key, and names both the first and \
             its key.",
            token(&setup, ISSUER, "p256-a", "p256-b"),
        ),
        CROSSED.refuse(
            &first,
            "no-kid",
            "refuses a token that the second issuer signed in the name of the first, without `kid`",
            "The attacker owns the second issuer. He names no key, so that all that are trusted may be \
             tried.",
            token(&setup, ISSUER, "", "p256-b").without_header("kid"),
        ),
        CROSSED.refuse(
            &first,
            "unknown-kid",
            "refuses a token that the second issuer signed in the name of the first, under no known \
             `kid`",
            "The attacker owns the second issuer. He names a key that nobody has, so that all that are \
             trusted may be tried.",
            token(&setup, ISSUER, "2025-12", "p256-b"),
        ),
    ]
}

/// What stands in `iss` instead of one trusted name.
fn names() -> Vec<Case> {
    let setup = trusting(pair());
    let first = setup.clone().twin(FAMILY.name, "first");
    let second = setup.clone().twin(FAMILY.name, "second");
    let by_second = |iss: Value| token(&setup, iss, "p256-b", "p256-b");
    let unnamed = Class { basis: Basis::Operator, ..CROSSED };
    vec![
        CROSSED.refuse(
            &first,
            "unknown-issuer",
            "refuses a token of a trusted key that names an issuer of nobody",
            "A token under the first issuer's key names an issuer that is not trusted.",
            token(&setup, "https://unknown.test", "p256-a", "p256-a"),
        ),
        unnamed.refuse(
            &first,
            "no-issuer",
            "refuses a token of a trusted key that names no issuer, where there are two",
            "A token under the first issuer's key names nobody.",
            setup.token().without_claim("iss"),
        ),
        CROSSED.refuse(
            &first,
            "own-in-the-header",
            "refuses a token in the name of the first issuer that the second signed, and names in the \
             header",
            "The attacker owns the second issuer. He signs with its key, writes its name into a header \
             parameter `iss`, for whoever chooses the keys by that, and the first's into the claim.",
            token(&setup, ISSUER, "p256-b", "p256-b").header("iss", TENANT),
        ),
        unnamed.refuse(
            &second,
            "array-own-first",
            "refuses a token whose `iss` is an array of its own issuer and another",
            "The attacker owns the second issuer. He names it, for the choice of the key, and then the \
             first, for whoever looks for that.",
            by_second(json!([TENANT, ISSUER])),
        ),
        unnamed.refuse(
            &second,
            "array-own-last",
            "refuses a token whose `iss` is an array of another issuer and its own",
            "The attacker owns the second issuer. He names the first, and behind it his own.",
            by_second(json!([ISSUER, TENANT])),
        ),
        Class { clauses: &["RFC 7519 §4", "RFC 8725 §3.8"], ..CROSSED }.refuse(
            &second,
            "twice-own-first",
            "refuses a token that names its own issuer and then another",
            "The attacker owns the second issuer. `iss` stands twice: his own, for whoever chooses the \
             key by the first, and then the other.",
            setup.token().payload(twice(TENANT, ISSUER)).header("kid", "p256-b").signed(by_tenant()),
        ),
        LEFT.choice(
            &setup,
            "twice-own-last",
            "may refuse a token that names another issuer and then its own, or believes the last",
            "The attacker owns the second issuer. `iss` stands twice: the other, and then his own.",
            setup.token().payload(twice(ISSUER, TENANT)).header("kid", "p256-b").signed(by_tenant()),
            Permitted::choice(Belief::Claim { name: "iss".to_owned(), value: json!(TENANT) }),
        ),
    ]
}

fn by_tenant() -> Signing {
    Signing::Key { key: KeyName::from("p256-b"), alg: "ES256".to_owned() }
}

/// Claims with `iss` twice.
fn twice(first: &str, last: &str) -> Json {
    let claims = [
        ("iss", json!(first)),
        ("iss", json!(last)),
        ("sub", json!(SUBJECT)),
        ("aud", json!(AUDIENCE)),
        ("exp", json!("{now+3540}")),
    ];
    Json::Members(claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn same_kid() -> Vec<Case> {
    let setup = trusting([
        issuer(ISSUER, keys(&[("p256-a", "2026")])),
        issuer(TENANT, keys(&[("p256-b", "2026")])),
    ]);
    let told = "None: two issuers name their keys by the year.";
    vec![
        HONEST.accept(
            &setup,
            "same-kid-first",
            "accepts a token of the first of two issuers whose keys have one `kid`",
            told,
            token(&setup, ISSUER, "2026", "p256-a"),
        ),
        HONEST.accept(
            &setup,
            "same-kid-second",
            "accepts a token of the second of two issuers whose keys have one `kid`",
            told,
            token(&setup, TENANT, "2026", "p256-b"),
        ),
        CROSSED.refuse(
            &setup.clone().twin(FAMILY.name, "same-kid-first"),
            "same-kid-second-in-the-name-of-the-first",
            "refuses a token that the second issuer signed in the name of the first, where both have \
             one `kid`",
            "The attacker owns the second issuer and publishes his key under the `kid` of the first's.",
            token(&setup, ISSUER, "2026", "p256-b"),
        ),
        CROSSED.refuse(
            &setup.clone().twin(FAMILY.name, "same-kid-second"),
            "same-kid-first-in-the-name-of-the-second",
            "refuses a token that the first issuer signed in the name of the second, where both have \
             one `kid`",
            "The attacker owns the first issuer and publishes his key under the `kid` of the second's.",
            token(&setup, TENANT, "2026", "p256-a"),
        ),
    ]
}

fn one_key() -> Vec<Case> {
    let setup = trusting([
        issuer(ISSUER, keys(&[("p256-a", "p256-a")])),
        issuer(TENANT, keys(&[("p256-a", "p256-a")])),
    ]);
    let told = "None: one provider signs for two of its names with one key.";
    vec![
        HONEST.accept(
            &setup,
            "one-key-first",
            "accepts a token of the first of two issuers with one key",
            told,
            token(&setup, ISSUER, "p256-a", "p256-a"),
        ),
        HONEST.accept(
            &setup,
            "one-key-second",
            "accepts a token of the second of two issuers with one key",
            told,
            token(&setup, TENANT, "p256-a", "p256-a"),
        ),
    ]
}

/// The tenant has taken all its keys back.
fn without_keys() -> Vec<Case> {
    let setup = trusting([
        issuer(ISSUER, keys(&[("p256-a", "p256-a")])),
        issuer(TENANT, KeysRecipe::Set(Vec::new())),
    ])
    .twin(FAMILY.name, "second");
    vec![
        CROSSED.refuse(
            &setup,
            "no-keys-other-key",
            "refuses a token in the name of an issuer without keys that another issuer signed",
            "An issuer took all its keys back. The attacker owns another and signs in its name, in the \
             hope that the keys of all are tried where there is none.",
            token(&setup, TENANT, "p256-a", "p256-a"),
        ),
        CROSSED.refuse(
            &setup,
            "no-keys-former-key",
            "refuses a token of an issuer without keys under a key that it had",
            "An issuer took all its keys back because they were stolen; the thief goes on.",
            token(&setup, TENANT, "p256-b", "p256-b"),
        ),
        LEFT.choice(
            &setup,
            "no-keys-bystander",
            "may refuse to be configured with an issuer without keys, or accepts the others' tokens",
            "None: one of two issuers has an empty key set.",
            token(&setup, ISSUER, "p256-a", "p256-a"),
            Permitted::choice(Belief::Signed),
        ),
    ]
}

/// Only the list is in the way: each issuer has a key for the algorithm that the other may use.
fn own_algorithms() -> Vec<Case> {
    let allowing = |name, alg: &str, set: &[(&str, &str)]| TrustedIssuer {
        algorithms: vec![alg.to_owned()],
        ..issuer(name, keys(set))
    };
    let setup = with_ed25519(trusting([
        allowing(ISSUER, "ES256", &[("p256-a", "p256-a"), ("ed25519-a", "ed25519-a")]),
        allowing(TENANT, "EdDSA", &[("ed25519-b", "ed25519-b"), ("p256-b", "p256-b")]),
    ]));
    let mut secret = trusting([
        allowing(ISSUER, "ES256", &[("p256-a", "p256-a")]),
        allowing(TENANT, "HS256", &[("oct-256-a", "oct-256-a")]),
    ])
    .policy(|policy| policy.algorithms.push("HS256".to_owned()))
    .twin(FAMILY.name, "own-secret-bystander");
    secret.needs.algorithms.push(HonestAlgorithm { alg: "HS256".to_owned(), crv: None });
    vec![
        HONEST.accept(
            &setup,
            "own-algorithms-first",
            "accepts an algorithm that the first issuer alone is allowed, from it",
            NO_ATTACK,
            token(&setup, ISSUER, "p256-a", "p256-a"),
        ),
        HONEST.accept(
            &setup,
            "own-algorithms-second",
            "accepts an algorithm that the second issuer alone is allowed, from it",
            NO_ATTACK,
            token(&setup, TENANT, "ed25519-b", "ed25519-b"),
        ),
        OWN.refuse(
            &setup.clone().twin(FAMILY.name, "own-algorithms-first"),
            "own-algorithms-first-uses-the-second-s",
            "refuses from the first issuer an algorithm that the second alone is allowed",
            "The first issuer's token is of an algorithm that only the second may use, under a key of \
             its own.",
            token(&setup, ISSUER, "ed25519-a", "ed25519-a"),
        ),
        OWN.refuse(
            &setup.clone().twin(FAMILY.name, "own-algorithms-second"),
            "own-algorithms-second-uses-the-first-s",
            "refuses from the second issuer an algorithm that the first alone is allowed",
            "The second issuer's token is of an algorithm that only the first may use, under a key of \
             its own.",
            token(&setup, TENANT, "p256-b", "p256-b"),
        ),
        HONEST.accept(
            &secret,
            "own-secret-bystander",
            "accepts a signed token beside an issuer that shares a secret",
            NO_ATTACK,
            token(&secret, ISSUER, "p256-a", "p256-a"),
        ),
        CROSSED.refuse(
            &secret,
            "own-secret",
            "refuses a token in the name of another issuer under a secret that is shared with one",
            "The attacker shares a secret with the service. He makes a token with it in the name of an \
             issuer that signs.",
            token(&secret, ISSUER, "oct-256-a", "oct-256-a"),
        ),
    ]
}

fn own_audiences() -> Vec<Case> {
    const TENANTS: &str = "https://tenants.api.test";
    let meant_for = |audience: &str, issuer: TrustedIssuer<KeysRecipe>| TrustedIssuer {
        audiences: vec![audience.to_owned()],
        ..issuer
    };
    let [first, second] = pair();
    let setup = trusting([meant_for(AUDIENCE, first), meant_for(TENANTS, second)]);
    let first = token(&setup, ISSUER, "p256-a", "p256-a");
    let second = token(&setup, TENANT, "p256-b", "p256-b");
    let told = "Two issuers name the service differently. A token of one is for another service, \
                which has the name that the other uses for this one.";
    vec![
        HONEST.accept(
            &setup,
            "own-audiences-first",
            "accepts a token of the first issuer for the audience that it alone uses",
            NO_ATTACK,
            first.clone(),
        ),
        HONEST.accept(
            &setup,
            "own-audiences-second",
            "accepts a token of the second issuer for the audience that it alone uses",
            NO_ATTACK,
            second.clone().claim("aud", TENANTS),
        ),
        OWN.refuse(
            &setup.clone().twin(FAMILY.name, "own-audiences-first"),
            "own-audiences-first-uses-the-second-s",
            "refuses a token of the first issuer for the audience of the second",
            told,
            first.claim("aud", TENANTS),
        ),
        OWN.refuse(
            &setup.clone().twin(FAMILY.name, "own-audiences-second"),
            "own-audiences-second-uses-the-first-s",
            "refuses a token of the second issuer for the audience of the first",
            told,
            second,
        ),
    ]
}

/// The name of one issuer begins with that of the other.
fn paths() -> Vec<Case> {
    const BELOW: &str = "https://issuer.test/tenant";
    let pair = || {
        [
            issuer(ISSUER, keys(&[("p256-a", "p256-a")])),
            issuer(BELOW, keys(&[("p256-b", "p256-b")])),
        ]
    };
    let setup = trusting(pair());
    let [above, below] = pair();
    let reversed = trusting([below, above]);
    let told = "None: a provider has a name for itself and names for its tenants below it.";
    let honest = |setup: &Setup, slug, title: &str, iss, key| {
        HONEST.accept(setup, slug, title, told, token(setup, iss, key, key))
    };
    vec![
        honest(
            &setup,
            "path-above",
            "accepts a token of an issuer with whose name another's begins",
            ISSUER,
            "p256-a",
        ),
        honest(
            &setup,
            "path-below",
            "accepts a token of an issuer whose name begins with another's",
            BELOW,
            "p256-b",
        ),
        honest(
            &reversed,
            "path-above-reversed",
            "accepts a token of an issuer with whose name another's begins that is configured before it",
            ISSUER,
            "p256-a",
        ),
        honest(
            &reversed,
            "path-below-reversed",
            "accepts a token of an issuer whose name begins with another's that is configured behind it",
            BELOW,
            "p256-b",
        ),
        CROSSED.refuse(
            &setup.clone().twin(FAMILY.name, "path-above"),
            "path-below-in-the-name-of-above",
            "refuses a token that a tenant signed in the name of its provider",
            "The attacker owns a tenant's issuer, whose name begins with the provider's. He signs with \
             its key and names the provider.",
            token(&setup, ISSUER, "p256-b", "p256-b"),
        ),
        CROSSED.refuse(
            &setup.clone().twin(FAMILY.name, "path-below"),
            "path-above-in-the-name-of-below",
            "refuses a token that the provider signed in the name of a tenant with keys of its own",
            "The attacker has the provider's key; the tenant's name begins with the provider's.",
            token(&setup, BELOW, "p256-a", "p256-a"),
        ),
    ]
}
