//! Policies: names of keys in, key documents out.

use std::borrow::Cow;

use super::{
    ForgeError,
    encode::{json, members},
    keys::{self, TestKey},
    text::expand,
};
use crate::{
    env::Env,
    policy::{JwkRecipe, Keys, KeysRecipe, Policy, PolicyRecipe},
    timeline::Publication,
};

/// Turns the keys of a policy from names into documents, and replaces the placeholders of its URLs
/// and issuer names.
///
/// # Errors
/// [`ForgeError::UnknownKey`], [`ForgeError::WrongKey`] for a document that the key's type does not
/// have, and those of placeholders.
pub fn resolve_policy(policy: &PolicyRecipe, env: &Env) -> Result<Policy, ForgeError> {
    let mut resolved = policy.try_map_keys(|keys| resolve_keys(keys, env))?;
    for trusted in &mut resolved.issuers {
        if let Some(issuer) = &mut trusted.issuer {
            *issuer = expand(issuer, env)?.into_owned();
        }
    }
    if let Some(file) = resolved.fetch.as_mut().and_then(|fetch| fetch.ca_file.as_mut()) {
        *file = expand(file, env)?.into_owned();
    }
    Ok(resolved)
}

/// What an issuer serves, in octets; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// The key set's document.
    pub keys: Option<Vec<u8>>,
    /// The header fields of its response, their placeholders as they are written.
    pub headers: Option<Vec<(String, String)>>,
    /// The metadata document.
    pub metadata: Option<Vec<u8>>,
}

/// Turns what an issuer serves into octets.
///
/// # Errors
/// As [`resolve_policy`].
pub fn resolve_publication(recipe: &Publication, env: &Env) -> Result<Published, ForgeError> {
    let keys = recipe.keys.as_ref().map(|keys| resolve_keys(keys, env)).transpose()?;
    Ok(Published {
        keys: keys.map(document),
        headers: recipe.headers.clone(),
        metadata: recipe.metadata.as_ref().map(|metadata| json(metadata, env)).transpose()?,
    })
}

/// A URL with its placeholders replaced.
///
/// # Errors
/// Those of placeholders.
pub fn resolve_url(url: &str, env: &Env) -> Result<String, ForgeError> {
    expand(url, env).map(Cow::into_owned)
}

/// Keys as a file at an address holds them.
fn document(keys: Keys) -> Vec<u8> {
    match keys {
        Keys::Jwks(text)
        | Keys::Jwk(text)
        | Keys::Pem(text)
        | Keys::JwksUri(text)
        | Keys::Discovery(text) => text.into_bytes(),
        Keys::JwksB64(octets) | Keys::DerB64(octets) | Keys::SecretB64(octets) => octets,
    }
}

fn resolve_keys(recipe: &KeysRecipe, env: &Env) -> Result<Keys, ForgeError> {
    match recipe {
        KeysRecipe::Literal(keys) => literal_keys(keys, env),
        KeysRecipe::Set(keys) => {
            let keys: Vec<_> = keys.iter().map(|key| jwk(key, env)).collect::<Result<_, _>>()?;
            Ok(Keys::Jwks(format!("{{\"keys\":[{}]}}", keys.join(","))))
        }
        KeysRecipe::Crowd { key, before, behind, other } => {
            let other_named = |number: usize| {
                jwk(&JwkRecipe::with_kid(other.clone(), &format!("{number}-{other}")), env)
            };
            let mut keys: Vec<_> = (0..*before).map(other_named).collect::<Result<_, _>>()?;
            keys.push(jwk(key, env)?);
            let others = (*before..before.saturating_add(*behind)).map(other_named);
            keys.extend(others.collect::<Result<Vec<_>, _>>()?);
            Ok(Keys::Jwks(format!("{{\"keys\":[{}]}}", keys.join(","))))
        }
        KeysRecipe::Document(text) => match String::from_utf8(json(text, env)?) {
            Ok(text) => Ok(Keys::Jwks(text)),
            Err(error) => Ok(Keys::JwksB64(error.into_bytes())),
        },
        KeysRecipe::One(key) => Ok(Keys::Jwk(jwk(key, env)?)),
        KeysRecipe::SpkiPem(key) => Ok(Keys::Pem(keys::find(key)?.spki_pem()?)),
        KeysRecipe::SpkiDer(key) => Ok(Keys::DerB64(keys::find(key)?.spki_der()?)),
        KeysRecipe::Secret(key) => Ok(Keys::SecretB64(keys::find(key)?.secret()?.to_vec())),
        KeysRecipe::PublicSecret { key, form } => {
            Ok(Keys::SecretB64(keys::find(key)?.public_octets(*form)?))
        }
        KeysRecipe::Text { key, text } => Ok(Keys::Pem(keys::find(key)?.text(*text)?)),
    }
}

fn literal_keys(keys: &Keys, env: &Env) -> Result<Keys, ForgeError> {
    match keys {
        Keys::JwksUri(uri) => Ok(Keys::JwksUri(expand(uri, env)?.into_owned())),
        Keys::Discovery(issuer) => Ok(Keys::Discovery(expand(issuer, env)?.into_owned())),
        Keys::Jwks(_)
        | Keys::JwksB64(_)
        | Keys::Jwk(_)
        | Keys::Pem(_)
        | Keys::DerB64(_)
        | Keys::SecretB64(_) => Ok(keys.clone()),
    }
}

/// The text of a JWK: the key's own members without the dropped, then those set.
///
/// A member that the key has keeps its place and gets its new value; all others go to the end, so
/// that a name which is set twice stands twice.
fn jwk(recipe: &JwkRecipe, env: &Env) -> Result<String, ForgeError> {
    let mut jwk: Vec<_> = keys::find(&recipe.key)
        .map(TestKey::public_jwk)?
        .into_iter()
        .filter(|(name, _)| !recipe.drop.contains(name))
        .collect();
    let own = jwk.len();
    for (name, value) in &recipe.set {
        match jwk.iter_mut().take(own).find(|(own_name, _)| own_name == name) {
            Some((_, own_value)) => *own_value = value.clone(),
            None => jwk.push((name.clone(), value.clone())),
        }
    }
    members(jwk.iter().map(|(name, value)| (name, value)), env)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::recipe::{KeyText, PublicForm};

    fn resolved(keys: KeysRecipe) -> Result<Keys, ForgeError> {
        let policy = resolve_policy(&Policy::trusting(keys), &Env::fixed())?;
        Ok(policy.issuers[0].keys.clone())
    }

    fn jwk_of(set: &[(&str, Value)], drop: &[&str]) -> String {
        let set = set.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let drop = drop.iter().map(|name| (*name).to_owned()).collect();
        let recipe = JwkRecipe { key: "oct-256-a".into(), set, drop };
        let Keys::Jwk(text) = resolved(KeysRecipe::One(recipe)).unwrap() else {
            panic!("a JWK stays one");
        };
        text
    }

    #[test]
    fn resolves_every_form_of_a_key() {
        let key = keys::find(&"ed25519-a".into()).unwrap();
        let jwk = Value::from(key.public_jwk()).to_string();
        let recipe = JwkRecipe { key: "ed25519-a".into(), set: Vec::new(), drop: Vec::new() };
        for (keys, expected) in [
            (KeysRecipe::One(recipe.clone()), Keys::Jwk(jwk.clone())),
            (
                KeysRecipe::Set(vec![recipe.clone(), recipe]),
                Keys::Jwks(format!(r#"{{"keys":[{jwk},{jwk}]}}"#)),
            ),
            (KeysRecipe::Set(Vec::new()), Keys::Jwks(r#"{"keys":[]}"#.to_owned())),
            (KeysRecipe::SpkiPem("ed25519-a".into()), Keys::Pem(key.spki_pem().unwrap())),
            (
                KeysRecipe::Text { key: "ed25519-a".into(), text: KeyText::OpenSsh },
                Keys::Pem(key.openssh().unwrap()),
            ),
            (
                KeysRecipe::PublicSecret { key: "ed25519-a".into(), form: PublicForm::SpkiDer },
                Keys::SecretB64(key.spki_der().unwrap()),
            ),
            (KeysRecipe::SpkiDer("ed25519-a".into()), Keys::DerB64(key.spki_der().unwrap())),
            (
                KeysRecipe::Literal(Keys::Discovery("{origin.1}/t".to_owned())),
                Keys::Discovery("http://192.0.2.2/t".to_owned()),
            ),
            (
                KeysRecipe::Literal(Keys::JwksUri("{origin.0}/jwks".to_owned())),
                Keys::JwksUri("http://192.0.2.1/jwks".to_owned()),
            ),
            (KeysRecipe::Literal(Keys::Jwks("{now}".to_owned())), Keys::Jwks("{now}".to_owned())),
        ] {
            assert_eq!(resolved(keys).unwrap(), expected);
        }
        let secret = resolved(KeysRecipe::Secret("oct-384-a".into())).unwrap();
        assert!(matches!(secret, Keys::SecretB64(octets) if octets.len() == 48));
        assert!(matches!(
            resolved(KeysRecipe::SpkiPem("oct-384-a".into())),
            Err(ForgeError::WrongKey { .. })
        ));
    }

    #[test]
    fn sets_members_in_their_place_or_at_the_end_and_drops_them_before() {
        let k = keys::find(&"oct-256-a".into()).unwrap().public_jwk()["k"].clone();
        assert_eq!(
            jwk_of(&[("kty", json!("RSA")), ("kid", json!(1)), ("kid", json!(2))], &[]),
            format!(r#"{{"kty":"RSA","k":{k},"kid":1,"kid":2}}"#)
        );
        assert_eq!(
            jwk_of(&[("kty", json!("oct"))], &["kty"]),
            format!(r#"{{"k":{k},"kty":"oct"}}"#)
        );
        assert_eq!(jwk_of(&[], &["k", "kty", "x5c"]), "{}");
    }

    #[test]
    fn puts_a_key_where_it_belongs_in_a_crowd() {
        let crowd = KeysRecipe::Crowd {
            key: JwkRecipe::with_kid("p256-a".into(), "p256-a"),
            before: 2,
            behind: 1,
            other: "ed25519-b".into(),
        };
        let Keys::Jwks(text) = resolved(crowd).unwrap() else { panic!("a crowd is a set") };
        let set: Value = serde_json::from_str(&text).unwrap();
        let names: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
        assert_eq!(names, ["0-ed25519-b", "1-ed25519-b", "p256-a", "2-ed25519-b"]);
    }

    #[test]
    fn a_document_is_text_where_it_can_be() {
        let document = |json: crate::recipe::Json| resolved(KeysRecipe::Document(json)).unwrap();
        let text = document(crate::recipe::Json::Text("{\"keys\":{repeat.3.[}".to_owned()));
        assert_eq!(text, Keys::Jwks("{\"keys\":[[[".to_owned()));
        let octets = document(crate::recipe::Json::Octets(vec![0xff, 0xfe]));
        assert_eq!(octets, Keys::JwksB64(vec![0xff, 0xfe]));
    }

    #[test]
    fn replaces_placeholders_in_issuer_names() {
        let mut policy = Policy::trusting(KeysRecipe::Set(Vec::new()));
        policy.issuers[0].issuer = Some("{origin.0}/tenant".to_owned());
        let resolved = resolve_policy(&policy, &Env::fixed()).unwrap();
        assert_eq!(resolved.issuers[0].issuer.as_deref(), Some("http://192.0.2.1/tenant"));
        policy.issuers[0].issuer = Some("{origin.9}".to_owned());
        assert!(resolve_policy(&policy, &Env::fixed()).is_err());
    }
}
