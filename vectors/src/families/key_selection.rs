//! Which of several keys is taken.
//!
//! `kid` is a hint: which key is tried where it is missing or misleads is left to the verifier. What
//! is asked is that the right name finds the right key, and that no name makes a stranger's key good.

use serde_json::json;

use crate::{
    case::{Basis, Belief, Case, Category, HonestAlgorithm, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe},
    recipe::{JwsRecipe, Signing},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "key-selection", title: "Which of several keys is taken", cases };

/// A token of a key that nobody trusts.
const STRANGER: Class = Class {
    family: FAMILY.name,
    category: Category::JwksSelection,
    part: Part::KeySelection,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::Critical,
    clauses: &["RFC 7515 §5.2", "RFC 7515 §6"],
    cwe: &[347],
    rule: "A signature that no trusted key verifies makes the JWS invalid, whatever `kid` says or does \
           not say; and where no key can be determined, validation fails.",
    consequence: "Anybody is anybody.",
    remedy: "Refuse the token where no key is found, and where the one that is found does not verify \
             it.",
};

/// The right name finds the right key.
const NAMED: Class = Class {
    severity: Severity::Medium,
    cwe: &[],
    clauses: &["RFC 7515 §4.1.4", "RFC 7517 §4.5"],
    rule: "`kid` is a case-sensitive string of no particular structure, and matches the `kid` of a JWK \
           that equals it.",
    consequence: "Honest tokens are refused, those of one key only: often for the first time when keys \
                  are rotated.",
    remedy: "Compare `kid` for equality, as two strings; let no language or table turn it into \
             something else.",
    ..STRANGER
};

/// One name, two keys of different types.
const ALTERNATIVES: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    clauses: &["RFC 7517 §4.5", "RFC 7515 §4.1.4"],
    rule: "Keys of different types may have the same `kid` where they are equivalent alternatives; the \
           token's `alg` then tells which is meant.",
    remedy: "Look among all keys of that `kid` for one that the token's `alg` can use.",
    ..NAMED
};

const LEFT: Class = Class {
    clauses: &["RFC 7515 §4.1.4", "RFC 7515 §6", "RFC 7517 §4.5"],
    rule: "`kid` is optional, and a hint; which keys are tried is the recipient's to decide.",
    consequence: "None by itself; verifiers differ.",
    remedy: "None is needed; tell users what is done.",
    ..NAMED
};

fn cases() -> Vec<Case> {
    let mut cases = named();
    cases.extend(alternatives());
    cases.extend(strangers());
    cases.extend(left());
    cases
}

/// A set of these keys under these names; the keys' own algorithms are those of their curves.
fn set(keys: &[(&str, &str)]) -> Setup {
    let jwks = keys.iter().map(|(key, kid)| JwkRecipe::with_kid(KeyName::from(*key), kid));
    Setup::es256().keys(KeysRecipe::Set(jwks.collect()))
}

/// The same for verifiers that have EdDSA as well.
fn with_ed25519(setup: Setup) -> Setup {
    let mut setup = setup.policy(|policy| policy.algorithms.push("EdDSA".to_owned()));
    setup
        .needs
        .algorithms
        .push(HonestAlgorithm { alg: "EdDSA".to_owned(), crv: Some("Ed25519".to_owned()) });
    setup
}

/// A token with this `kid`, signed by this key.
fn token(setup: &Setup, kid: &str, key: &str) -> JwsRecipe {
    let alg = if key.starts_with("ed25519") { "EdDSA" } else { "ES256" };
    let signing = Signing::Key { key: KeyName::from(key), alg: alg.to_owned() };
    setup.token().header("alg", alg).header("kid", kid).signed(signing)
}

/// Two keys of one type whose names have to be told apart.
struct Pair {
    slug: &'static str,
    /// The names of the keys p256-a and p256-b, in the order of the set.
    names: [&'static str; 2],
    what: &'static str,
    told: &'static str,
}

const PAIRS: &[Pair] = &[
    Pair {
        slug: "plain",
        names: ["2026-01", "2026-02"],
        what: "two keys with names of their own",
        told: "None: an issuer publishes its old and its new key.",
    },
    Pair {
        slug: "case",
        names: ["key-a", "KEY-A"],
        what: "two names that differ in case",
        told: "None: an issuer makes its names of base64url, where case tells them apart.",
    },
    Pair {
        slug: "beginning",
        names: ["key-1", "key-10"],
        what: "a name and another that begins with it",
        told: "None: an issuer counts its keys.",
    },
    Pair {
        slug: "end",
        names: ["tenant/key-1", "key-1"],
        what: "a name and another that ends with it",
        told: "None: an issuer writes paths as names.",
    },
    Pair {
        slug: "number",
        names: ["1", "01"],
        what: "two names that are equal as numbers",
        told: "None: an issuer's names are digits, and some languages compare such texts as numbers.",
    },
    Pair {
        slug: "property",
        names: ["constructor", "__proto__"],
        what: "names that every object of some languages has",
        told: "None: an issuer's names happen to be words that a table of keys may not hold.",
    },
    Pair {
        slug: "non-ascii",
        names: ["schl\u{fc}ssel", "schlu\u{308}ssel"],
        what: "names that are not ASCII and look alike",
        told: "None: one name has a letter with two dots, the other a letter and two dots.",
    },
];

fn named() -> Vec<Case> {
    PAIRS.iter().flat_map(Pair::cases).collect()
}

impl Pair {
    fn cases(&self) -> [Case; 2] {
        let [first, second] = self.names;
        let setup = set(&[("p256-a", first), ("p256-b", second)]);
        let case = |ordinal: &str, kid, key| {
            NAMED.accept(
                &setup,
                &format!("{}-{ordinal}", self.slug),
                format!("finds the {ordinal} of {}", self.what),
                self.told,
                token(&setup, kid, key),
            )
        };
        [case("first", first, "p256-a"), case("second", second, "p256-b")]
    }
}

fn alternatives() -> Vec<Case> {
    let setup = with_ed25519(set(&[("p256-a", "2026"), ("ed25519-a", "2026")]));
    let same_type = set(&[("p256-a", "2026"), ("p256-b", "2026")]);
    let alternative = |slug, title: &str, key| {
        let attack = "None: an issuer publishes a key of each type under one name.";
        ALTERNATIVES.accept(&setup, slug, title, attack, token(&setup, "2026", key))
    };
    let ambiguous = |slug, title: &str, key| {
        LEFT.choice(
            &same_type,
            slug,
            title,
            "An issuer publishes two keys of one type under one name, which it should not.",
            token(&same_type, "2026", key),
            Permitted::choice(Belief::Signed),
        )
    };
    vec![
        alternative(
            "same-kid-first-type",
            "finds the first of two keys of one name by its type",
            "p256-a",
        ),
        alternative(
            "same-kid-second-type",
            "finds the second of two keys of one name by its type",
            "ed25519-a",
        ),
        ambiguous(
            "same-kid-and-type-first",
            "may refuse a token of the first of two like keys of one name",
            "p256-a",
        ),
        ambiguous(
            "same-kid-and-type-second",
            "may refuse a token of the second of two like keys of one name",
            "p256-b",
        ),
    ]
}

/// Tokens of a key that no set has.
fn strangers() -> Vec<Case> {
    let one = Setup::es256();
    let several = with_ed25519(set(&[("p256-a", "p256-a"), ("ed25519-a", "ed25519-a")]))
        .twin(FAMILY.name, "several-types");
    let refuse = |setup: &Setup, slug, title: &str, attack: &str, token: JwsRecipe| {
        STRANGER.refuse(setup, slug, title, attack, token)
    };
    vec![
        NAMED.accept(
            &several,
            "several-types",
            "finds a key among others of other types",
            "None: an issuer publishes keys of several types.",
            token(&several, "p256-a", "p256-a"),
        ),
        refuse(
            &one,
            "stranger-known-kid",
            "refuses a stranger's token that names a trusted key",
            "The attacker signs with a key of his own and names the issuer's.",
            token(&one, "p256-a", "p256-b"),
        ),
        refuse(
            &one,
            "stranger-unknown-kid",
            "refuses a stranger's token that names a key of nobody",
            "The attacker signs with a key of his own and names it, so that no key is found.",
            token(&one, "p256-b", "p256-b"),
        ),
        refuse(
            &one,
            "stranger-no-kid",
            "refuses a stranger's token that names no key",
            "The attacker signs with a key of his own and names none.",
            token(&one, "", "p256-b").without_header("kid"),
        ),
        refuse(
            &one,
            "stranger-empty-kid",
            "refuses a stranger's token whose `kid` is empty",
            "The attacker signs with a key of his own and names one of no name.",
            token(&one, "", "p256-b"),
        ),
        refuse(
            &several,
            "stranger-kid-of-another-type",
            "refuses a stranger's token that names a trusted key of another type",
            "The attacker signs with an EC key of his own and names the issuer's Ed25519 key.",
            token(&several, "ed25519-a", "p256-b"),
        ),
        refuse(
            &several,
            "stranger-no-kid-among-several",
            "refuses a stranger's token that names no key, where there are several",
            "The attacker signs with a key of his own and names none, so that none of several is \
             picked.",
            token(&several, "", "p256-b").without_header("kid"),
        ),
    ]
}

fn left() -> Vec<Case> {
    let one = Setup::es256();
    let two = set(&[("p256-a", "2026-01"), ("p256-b", "2026-02")]);
    let types = with_ed25519(set(&[("p256-a", "2026-01"), ("ed25519-a", "2026-02")]));
    let choice = |setup: &Setup, slug, title: &str, attack: &str, token: JwsRecipe| {
        LEFT.choice(setup, slug, title, attack, token, Permitted::choice(Belief::Signed))
    };
    vec![
        choice(
            &one,
            "no-kid-one-key",
            "may refuse a token without `kid` where there is one key",
            "An issuer with one key names none in its tokens.",
            one.token().without_header("kid"),
        ),
        choice(
            &two,
            "no-kid-two-keys",
            "may refuse a token without `kid` where there are two like keys",
            "An issuer with two keys names none in its tokens; this one is of the second.",
            token(&two, "", "p256-b").without_header("kid"),
        ),
        choice(
            &types,
            "no-kid-two-types",
            "may refuse a token without `kid` where its `alg` fits one key only",
            "An issuer with a key of each type names none in its tokens; this one is of the second.",
            token(&types, "", "ed25519-a").without_header("kid"),
        ),
        choice(
            &one,
            "unknown-kid",
            "may refuse a trusted key's token that names a key of nobody",
            "An issuer's tokens have a name that its key set has not.",
            token(&one, "2025-12", "p256-a"),
        ),
        choice(
            &one,
            "kid-in-other-case",
            "may refuse a trusted key's token that names it in another case",
            "An issuer writes a name in capital letters in its tokens only.",
            token(&one, "P256-A", "p256-a"),
        ),
        choice(
            &two,
            "kid-of-another",
            "may refuse a trusted key's token that names another trusted key",
            "An issuer with two keys confuses their names.",
            token(&two, "2026-01", "p256-b"),
        ),
        choice(
            &types,
            "kid-of-another-type",
            "may refuse a trusted key's token that names one of another type",
            "An issuer with a key of each type confuses their names.",
            token(&types, "2026-01", "ed25519-a"),
        ),
        choice(
            &set(&[("p256-a", ""), ("p256-b", "2026-02")]),
            "empty-kid",
            "may refuse a token that names the key whose `kid` is empty",
            "An issuer gives a key the empty name.",
            token(&one, "", "p256-a"),
        ),
        choice(
            &one,
            "thumbprint-of-another",
            "may refuse a token whose `x5t#S256` is not that of its key",
            "An issuer's tokens have the thumbprint of a certificate that its key set has not.",
            one.token().header("x5t#S256", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ),
    ]
}
