//! One key in a set: too weak, malformed, meant for something else; and the forms that are fine.

mod beside;
mod forms;
mod intent;
mod unfit;

use serde_json::Value;

use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::{KeyName, base64url, keys},
    policy::{JwkRecipe, KeysRecipe},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "keys",
    title: "Keys are judged before they are used, and honest forms of them are taken",
    cases,
};

fn cases() -> Vec<Case> {
    let parts = [forms::cases, unfit::cases, intent::cases, beside::cases];
    parts.into_iter().flat_map(|cases| cases()).collect()
}

/// A key that must not be used, though the signature is good for whoever uses it.
const UNFIT: Class = Class {
    family: FAMILY.name,
    category: Category::JwkValidation,
    part: Part::Keys,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::Medium,
    clauses: &["RFC 7517 §5"],
    cwe: &[347],
    rule: "A key whose numbers are not what its type and its algorithm demand is not used.",
    consequence: "Signatures are accepted under a key that protects nothing.",
    remedy: "Judge a key's type, curve, length and numbers when it is loaded.",
};

/// A JWK that honest issuers publish.
const HONEST: Class = Class {
    severity: Severity::Medium,
    cwe: &[],
    clauses: &["RFC 7517 §4"],
    rule: "Members that are optional may be there or not, and unknown ones are ignored.",
    consequence: "Honest tokens of issuers who write their keys in this way are refused.",
    remedy: "Read the members that the key's type needs, and ignore what is not understood.",
    ..UNFIT
};

/// The JWK of a test key with its name as `kid`, some members set and some dropped.
fn jwk(key: &str, set: &[(&str, Value)], drop: &[&str]) -> JwkRecipe {
    let mut recipe = JwkRecipe::with_kid(KeyName::from(key), key);
    recipe.drop = drop.iter().map(|name| (*name).to_owned()).collect();
    for (name, value) in set {
        if *name == "kid" {
            recipe.set.retain(|(known, _)| known != "kid");
        }
        recipe.set.push(((*name).to_owned(), value.clone()));
    }
    recipe
}

/// A set of this one key.
fn only(key: JwkRecipe) -> KeysRecipe {
    KeysRecipe::Set(vec![key])
}

/// The set-up with its key published in another form.
fn published(setup: Setup, set: &[(&str, Value)], drop: &[&str]) -> Setup {
    let key = setup.key;
    setup.keys(only(jwk(key, set, drop)))
}

/// The octets of a member of a test key's JWK.
fn octets(key: &str, member: &str) -> Vec<u8> {
    text(key, member).and_then(crate::forge::from_base64url).unwrap_or_default()
}

/// The text of a member of a test key's JWK.
fn text(key: &str, member: &str) -> Option<String> {
    let jwk = keys::find(&KeyName::from(key)).ok()?.public_jwk();
    Some(jwk.get(member)?.as_str()?.to_owned())
}

/// Octets as a member has them.
fn encoded(octets: impl AsRef<[u8]>) -> Value {
    Value::from(base64url(octets.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_members_that_cases_change_are_there() {
        for (key, member, len) in
            [("p256-a", "x", 32), ("rsa-2048-a", "n", 256), ("rsa-2048-a", "e", 3)]
        {
            assert_eq!(octets(key, member).len(), len, "{key} {member}");
        }
        assert_eq!(octets("p256-leading-zero", "x").first(), Some(&0));
    }
}
