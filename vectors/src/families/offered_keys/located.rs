//! Keys at an address that the token names: `jku`, `x5u`, and a `kid` that is a URL.
//!
//! The harness listens there and serves the attacker's key. To ask at all is a leak: the policy names
//! the keys, so that there is nothing to be fetched, least of all from where a stranger says.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{ATTACKER, CARRIED, KIDS, forged, public_jwk, with_kid};
use crate::{
    case::{Basis, Belief, Case, Permitted},
    families::class::{Class, Setup, followed_by},
    timeline::Step,
};

const LOCATED: Class = Class {
    basis: Basis::Operator,
    clauses: &["RFC 8725 §3.10", "RFC 7515 §4.1.1", "RFC 7515 §6"],
    cwe: &[347, 918],
    rule: "A signature is valid only under a key that belongs to the issuer. The policy holds the keys; \
           no address in a token is asked for others.",
    consequence: "Anybody signs with a key of his own and serves it; and the verifier can be sent to \
                  addresses that only it can reach.",
    ..CARRIED
};

const JKU: Class =
    Class { clauses: &["RFC 7515 §4.1.2", "RFC 8725 §3.10", "RFC 7515 §4.1.1"], ..LOCATED };

const X5U: Class =
    Class { clauses: &["RFC 7515 §4.1.5", "RFC 8725 §3.10", "RFC 7515 §4.1.1"], ..LOCATED };

/// The places: a parameter, and what the harness serves there.
const PLACES: &[(&str, Class, &str)] =
    &[("jku", JKU, "{origin.0}/jwks.json"), ("x5u", X5U, "{origin.0}/cert.pem")];

pub(super) fn cases() -> Vec<Case> {
    let setup = Setup::es256();
    let mut cases = Vec::new();
    for (name, class, place) in PLACES {
        for (slug, shown, kid) in KIDS {
            cases.push(quiet(class.refuse(
                &setup,
                &format!("{name}-{slug}"),
                format!("refuses a token signed by the key at its own `{name}`, with {shown}, and asks nobody"),
                format!(
                    "The attacker serves a key of his own, signs with it, names the address in \
                     `{name}`, and sends {shown}."
                ),
                with_kid(forged(&setup), *kid).header(name, *place),
            )));
        }
        cases.push(quiet(class.choice(
            &setup,
            &format!("{name}-in-an-honest-token"),
            format!("accepts or refuses an honest token with `{name}`, and asks nobody"),
            format!(
                "None: the issuer names an address in `{name}`. The key is configured already."
            ),
            setup.token().header(name, *place),
            Permitted::choice(Belief::Signed),
        )));
    }
    cases.push(JKU.refuse(
        &setup,
        "jku-data-url",
        "refuses a token signed by a key in the `data:` URL that is its `jku`",
        "The attacker signs with a key of his own and writes the set of that key into `jku` itself, as \
         a URL that no list of hosts has, and that needs no network.",
        with_kid(forged(&setup), Some(ATTACKER)).header("jku", data_url()),
    ));
    cases.push(quiet(LOCATED.refuse(
        &setup,
        "kid-url",
        "refuses a token signed by the key at the address that is its `kid`, and asks nobody",
        "The attacker serves a key of his own, signs with it, and gives the address as `kid`.",
        forged(&setup).header("kid", "{origin.0}/jwks.json"),
    )));
    cases
}

/// The attacker's key set as the address of itself.
fn data_url() -> String {
    let mut jwk = public_jwk(ATTACKER);
    jwk.insert("kid".to_owned(), json!(ATTACKER));
    let set = json!({ "keys": [jwk] }).to_string();
    format!("data:application/json;base64,{}", STANDARD.encode(set))
}

/// The case, with nobody asked at the harness's origin.
fn quiet(case: Case) -> Case {
    followed_by(case, Step::ExpectQuiet { origin: 0 })
}
