//! What a key says that it is for: `use` and `key_ops` (RFC 7517 §4.2, §4.3, RFC 8812 §3.2).

use serde_json::{Value, json};

use super::{UNFIT, published};
use crate::{
    case::{Basis, Belief, Case, Level, Part, Permitted, Severity},
    families::class::{Class, Setup},
};

const INTENT: Class = Class {
    part: Part::KeySelection,
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Low,
    clauses: &["RFC 7517 §4.2", "RFC 7517 §4.3"],
    rule: "`use` and `key_ops` tell what a key is intended for; a key for encryption alone is no key for \
           signatures.",
    consequence: "Keys that were handed around for one purpose vouch for another.",
    remedy: "Leave keys aside whose `use` is there and not `sig`, or whose `key_ops` lack `verify`.",
    ..UNFIT
};

const ES256K: Class = Class {
    part: Part::KeySelection,
    clauses: &["RFC 8812 §3.2"],
    rule: "For ES256K, `use` must be `sig` and `key_ops` must include `verify`, where they are present.",
    consequence: INTENT.consequence,
    remedy: INTENT.remedy,
    ..UNFIT
};

pub(super) fn cases() -> Vec<Case> {
    let es256 = |set: &[(&str, Value)]| published(Setup::es256(), set, &[]);
    let es256k = |set: &[(&str, Value)]| {
        let setup = Setup::honest("es256k", "secp256k1-a", "ES256K", Some("secp256k1"));
        published(setup, set, &[])
    };
    vec![
        refuse(&INTENT, &es256(&[("use", json!("enc"))]), "use-enc", "with a `use` of `enc`"),
        refuse(
            &INTENT,
            &es256(&[("key_ops", json!(["deriveBits"]))]),
            "key-ops-derive-bits",
            "whose `key_ops` lack `verify`",
        ),
        refuse(
            &ES256K,
            &es256k(&[("use", json!("enc"))]),
            "es256k-use-enc",
            "on secp256k1 with a `use` of `enc`",
        ),
        refuse(
            &ES256K,
            &es256k(&[("key_ops", json!(["sign"]))]),
            "es256k-key-ops-sign",
            "on secp256k1 whose `key_ops` lack `verify`",
        ),
        refuse(
            &INTENT,
            &published(Setup::hs256(), &[("use", json!("enc"))], &[]),
            "oct-use-enc",
            "for HMAC with a `use` of `enc`",
        ),
        without_kid(&es256(&[("use", json!("enc"))])),
        choice(&es256(&[("use", json!("tls"))]), "use-unknown", "whose `use` is not registered"),
        choice(
            &es256(&[("use", json!("sig")), ("key_ops", json!(["encrypt"]))]),
            "use-against-key-ops",
            "whose `key_ops` contradict its `use` of `sig`",
        ),
        choice(
            &es256(&[("use", json!("enc")), ("key_ops", json!(["verify"]))]),
            "key-ops-against-use",
            "whose `use` of `enc` contradicts its `key_ops`",
        ),
    ]
}

fn refuse(class: &Class, setup: &Setup, slug: &str, what: &str) -> Case {
    class.refuse(
        setup,
        slug,
        format!("refuses a key {what}"),
        format!("The issuer publishes a key {what}; the signature under it is good."),
        setup.token(),
    )
}

fn without_kid(setup: &Setup) -> Case {
    INTENT.refuse(
        setup,
        "use-enc-without-kid",
        "refuses a key with a `use` of `enc` that the token does not name",
        "The only key of the issuer is for encryption; the signature under it is good, and the token \
         has no `kid`.",
        setup.token().without_header("kid"),
    )
}

fn choice(setup: &Setup, slug: &str, what: &str) -> Case {
    INTENT.choice(
        setup,
        slug,
        format!("may leave a key aside {what}"),
        format!("The issuer publishes a key {what}; the signature under it is good."),
        setup.token(),
        Permitted::choice(Belief::Signed),
    )
}
