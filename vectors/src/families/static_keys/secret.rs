//! A configured secret that is none: empty, too short, or a public key.

use super::FAMILY;
use crate::{
    case::{Basis, Belief, Case, Category, Level, Part, Permitted, Severity},
    families::{
        class::{Class, Setup},
        confusion::CONFUSION,
    },
    forge::KeyName,
    policy::{Keys, KeysRecipe},
    recipe::{KeyText, PublicForm, Signing},
};

/// RFC 7518 §3.2 binds whoever uses the algorithm; a MAC keyed with nothing cannot be validated. High,
/// as a verifier that fails open, and not critical: the operator has to leave the secret out first.
const EMPTY: Class = Class {
    family: FAMILY.name,
    category: Category::JwkValidation,
    part: Part::Keys,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::High,
    clauses: &["RFC 7518 §3.2", "RFC 7515 §5.2"],
    cwe: &[326, 1391],
    rule: "HS256 is used with a key of at least 32 octets. No octets are no key, and a MAC under none \
           shows nothing.",
    consequence: "A variable that was not set makes everybody an issuer: all know the empty secret.",
    remedy: "Refuse an HMAC key shorter than the hash when it is configured, and an empty one first of \
             all.",
};

/// Many mature implementations take what they are given; the clause asks for more.
const SHORT: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Low,
    clauses: &["RFC 7518 §3.2", "RFC 8725 §3.5"],
    rule: "HS256 is used with a key of at least 32 octets.",
    consequence: "A short secret is found by trying, with a token to compare with at hand.",
    ..EMPTY
};

const UNSECURED: Class = Class {
    category: Category::AlgNone,
    part: Part::Signature,
    severity: Severity::Critical,
    clauses: &["RFC 7518 §3.6", "RFC 8725 §3.2"],
    cwe: &[347],
    rule: "Implementations do not accept unsecured tokens by default, with or without a key.",
    consequence: "Anybody writes a token for anybody.",
    remedy: "Refuse `none` whatever the key is; refuse an empty key when it is configured.",
    ..EMPTY
};

pub(super) fn cases() -> Vec<Case> {
    let empty = configured(Vec::new());
    let any = |setup: Setup| setup.policy(|policy| policy.algorithms.clear());
    let secret = any(Setup::hs256().keys(KeysRecipe::Secret("oct-256-a".into())))
        .twin(FAMILY.name, "secret");
    let mut cases = vec![
        EMPTY.refuse(
            &empty,
            "secret-empty-hs256",
            "refuses HS256 keyed with nothing, under an empty secret",
            "The secret was never set. The attacker signs with no key at all.",
            empty.token().signed(hs256(Vec::new())),
        ),
        UNSECURED.refuse(
            &any(empty.clone()),
            "secret-empty-none",
            "refuses `none` under an empty secret and no allow-list",
            "The secret was never set, and nothing says which algorithms may be used. The attacker \
             names `none` and brings no signature.",
            empty.token().header("alg", "none").signed(Signing::Octets(Vec::new())),
        ),
        UNSECURED.refuse(
            &secret,
            "secret-none",
            "refuses `none` under a secret and no allow-list",
            "The operator configured a secret and no algorithms. The attacker names `none` and brings \
             no signature.",
            empty.token().header("alg", "none").signed(Signing::Octets(Vec::new())),
        ),
    ];
    let short = b"sixteen octets!!".to_vec();
    let setup = configured(short.clone());
    cases.push(SHORT.refuse(
        &setup,
        "secret-16-octets",
        "refuses HS256 under a secret of 16 octets",
        "The operator chose a secret of 16 octets. The token is genuine.",
        setup.token().signed(hs256(short)),
    ));
    cases.extend(public());
    cases
}

/// The octets of a public key, configured as a secret: a mistake of the operator that some libraries
/// catch, and that one which takes octets for octets cannot.
fn public() -> Vec<Case> {
    let class = Class {
        family: FAMILY.name,
        part: Part::Keys,
        basis: Basis::Hardening,
        level: Level::May,
        rule: "A secret is what the operator says it is. A verifier may see that the octets are those of \
               a public key, and refuse them.",
        remedy: "Refuse octets as a secret that parse as a public key.",
        ..CONFUSION
    };
    [
        ("pem", PublicForm::Text(KeyText::SpkiPem), "a public key in PEM"),
        ("openssh", PublicForm::Text(KeyText::OpenSsh), "a public key as OpenSSH writes it"),
        ("jwk-utf16", PublicForm::JwkUtf16, "a public JWK in UTF-16"),
        ("jwk-set", PublicForm::Text(KeyText::JwkSet), "a whole JWK Set"),
    ]
    .map(|(slug, form, shown)| {
        let key = KeyName::from("rsa-2048-a");
        let setup = Setup::hs256()
            .keys(KeysRecipe::PublicSecret { key: key.clone(), form })
            .policy(|policy| policy.algorithms.push("RS256".to_owned()));
        class.choice(
            &setup,
            &format!("secret-is-{slug}"),
            format!("accepts or refuses HS256 under a secret that is {shown}"),
            format!(
                "The operator configured {shown} as the secret. The attacker reads the public key and \
                 computes HS256 with it."
            ),
            setup.token().signed(Signing::HmacOf { alg: "HS256".to_owned(), key, form }),
            Permitted::choice(Belief::Signed),
        )
    })
    .into()
}

/// A service with this secret for HS256.
fn configured(octets: Vec<u8>) -> Setup {
    Setup::hs256().keys(KeysRecipe::Literal(Keys::SecretB64(octets))).twin(FAMILY.name, "secret")
}

fn hs256(key: Vec<u8>) -> Signing {
    Signing::HmacOctets { alg: "HS256".to_owned(), key }
}
