//! The configured text as the secret of an HMAC, and no signature at all.

use super::{FAMILY, KINDS, Kind, one_jwk};
use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    families::{
        class::{Class, Setup},
        confusion::CONFUSION,
    },
    forge::KeyName,
    policy::KeysRecipe,
    recipe::{KeyText, PublicForm, Signing},
};

/// The key stands in the configuration, not in a set.
const CONFUSED: Class = Class {
    family: FAMILY.name,
    part: Part::Keys,
    remedy: "Parse the configured text as the key that it is and refuse what cannot be parsed. Do not \
             guess by how it begins whether it is a public key or a secret.",
    ..CONFUSION
};

/// A text that is no PEM at all where a public key is due.
///
/// No clause tells a verifier what to make of a text that no form of public key has, and some take one
/// argument for secret and public key. The operator is at fault first.
const MISPLACED: Class = Class {
    level: Level::Should,
    basis: Basis::Hardening,
    severity: Severity::Medium,
    rule: "What is configured as a public key is never the secret of an HMAC; a text that is no public \
           key is refused.",
    ..CONFUSED
};

const UNSECURED: Class = Class {
    category: Category::AlgNone,
    part: Part::Signature,
    basis: Basis::Rfc,
    clauses: &["RFC 7518 §3.6", "RFC 8725 §3.2"],
    cwe: &[347],
    rule: "Implementations do not accept unsecured tokens by default.",
    consequence: "Anybody writes a token for anybody.",
    remedy: "Demand a signature whenever there is a key, and refuse `none` without being asked to.",
    ..CONFUSED
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in KINDS {
        for (slug, text, shown) in kind.texts {
            let setup = kind.configured(*text);
            let keyed = PublicForm::Text(*text);
            cases.extend(hmac(kind, &setup, slug, shown, keyed, "its very text"));
        }
        cases.extend(trimmed(kind));
        cases.extend(no_signature(kind));
    }
    cases.extend(KINDS.iter().filter(|kind| kind.name == "ec").flat_map(not_texts));
    cases.extend(KINDS.iter().filter(|kind| kind.name == "rsa").flat_map(misplaced));
    cases
}

/// The key's text as the HMAC's key, with HS256 beside the honest algorithm and with no list at all.
///
/// No list of one is used: there the algorithm alone refuses, whatever the text is.
fn hmac(
    kind: &Kind,
    setup: &Setup,
    slug: &str,
    shown: &str,
    form: PublicForm,
    keyed: &str,
) -> [Case; 2] {
    let honest = setup.alg;
    let lists = [
        ("both", format!("{honest} and HS256 are allowed"), vec![honest, "HS256"]),
        ("any", "no allow-list is configured".to_owned(), vec![]),
    ];
    lists.map(|(list, allowed, algorithms)| {
        let setup = setup.clone().policy(|policy| {
            policy.algorithms = algorithms.into_iter().map(str::to_owned).collect();
        });
        let key = KeyName::from(setup.key);
        CONFUSED.refuse(
            &setup,
            &format!("{}-{slug}-hmac-{list}", kind.name),
            format!("refuses HS256 keyed with {keyed}, under {shown} of a key for {honest}; {allowed}"),
            format!(
                "The operator configured {shown}, and {allowed}. The attacker has the public key and \
                 computes HS256 over claims of his own, keyed with {keyed}."
            ),
            setup.token().header("alg", "HS256").signed(Signing::HmacOf {
                alg: "HS256".to_owned(),
                key,
                form,
            }),
        )
    })
}

/// A verifier that trims the text first keys its HMAC with what is left.
fn trimmed(kind: &Kind) -> Vec<Case> {
    if kind.name != "ec" {
        return Vec::new();
    }
    let form = PublicForm::Text(KeyText::SpkiPemNoFinalNewline);
    let setup = kind.configured(KeyText::SpkiPemBehindBlankLine);
    let shown = "a PEM behind a blank line";
    hmac(kind, &setup, "pem-trimmed", shown, form, "its text without white space at its ends")
        .into()
}

/// `none` where the key is a plain PEM and no algorithm is configured; one kind of key tells enough.
fn no_signature(kind: &Kind) -> Vec<Case> {
    if kind.name != "rsa" {
        return Vec::new();
    }
    let setup = kind.configured(KeyText::SpkiPem).policy(|policy| policy.algorithms.clear());
    vec![UNSECURED.refuse(
        &setup,
        &format!("{}-pem-none", kind.name),
        format!("refuses `none` under a PEM of a key for {} and no allow-list", setup.alg),
        "The operator configured a public key and no algorithms. The attacker names `none` and brings \
         no signature.",
        setup.token().header("alg", "none").signed(Signing::Octets(Vec::new())),
    )]
}

/// DER and one JWK: nobody mistakes them for text, but some hand their octets on.
fn not_texts(kind: &Kind) -> Vec<Case> {
    let der = kind.with(KeysRecipe::SpkiDer).twin(FAMILY.name, &format!("{}-der", kind.name));
    let jwk = kind.with(one_jwk).twin(FAMILY.name, &format!("{}-jwk", kind.name));
    let mut cases: Vec<Case> = hmac(
        kind,
        &der,
        "der",
        "a SubjectPublicKeyInfo in DER",
        PublicForm::SpkiDer,
        "its very octets",
    )
    .into();
    let form = PublicForm::Text(KeyText::Jwk);
    cases.extend(hmac(kind, &jwk, "jwk", "one JWK", form, "its very text"));
    cases
}

/// A JWK or a whole set where a PEM is due.
fn misplaced(kind: &Kind) -> Vec<Case> {
    [
        ("jwk-as-pem", KeyText::Jwk, "the text of a JWK"),
        ("jwk-set-as-pem", KeyText::JwkSet, "the text of a whole JWK Set"),
    ]
    .into_iter()
    .map(|(slug, text, shown)| {
        let setup = kind
            .configured(text)
            .policy(|policy| policy.algorithms.push("HS256".to_owned()));
        let signing = Signing::HmacOf {
            alg: "HS256".to_owned(),
            key: KeyName::from(setup.key),
            form: PublicForm::Text(text),
        };
        MISPLACED.refuse(
            &setup,
            &format!("{}-{slug}", kind.name),
            format!("refuses HS256 keyed with {shown} that was configured where a PEM is due"),
            format!(
                "The operator configured {shown} as the public key, and allows {} and HS256. What is \
                 no PEM passes for a secret, which everybody can read.",
                setup.alg
            ),
            setup.token().header("alg", "HS256").signed(signing),
        )
    })
    .collect()
}
