//! Recipes in, bytes out.

use super::{
    ForgeError, Forged,
    encode::{base64url, json, members, quoted},
    keys::{self, TestKey},
    sign::{hmac, sign},
    survey::Survey,
    text::expand,
};
use crate::{
    env::Env,
    policy::{JwkRecipe, Keys, KeysRecipe, Policy, PolicyRecipe},
    recipe::{JwsRecipe, PayloadEncoding, Recipe, Serialization, Signing},
    verdict::{Mode, Presented},
};

/// Makes the bytes of a token, with what is known of their making.
///
/// `detached_payload` travels beside the token, as published. Where a forged token is detached and
/// none is given, its own payload does; one that is given goes before it, for a payload that was
/// exchanged on the way.
///
/// # Errors
/// Every [`ForgeError`]: an unknown key or algorithm, a key that does not serve, a placeholder without
/// its origin or beyond the bound, an edit or a serialization that does not fit.
pub fn forge(
    recipe: &Recipe,
    mode: Mode,
    detached_payload: Option<&[u8]>,
    env: &Env,
) -> Result<Forged, ForgeError> {
    match recipe {
        Recipe::Text(text) => Ok(published(text.as_bytes(), mode, detached_payload)),
        Recipe::Octets(octets) => Ok(published(octets, mode, detached_payload)),
        Recipe::Jws(recipe) => Jws::new(recipe, env)?.forged(mode, detached_payload),
    }
}

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
    Ok(resolved)
}

fn published(token: &[u8], mode: Mode, detached_payload: Option<&[u8]>) -> Forged {
    let Survey { protected, payload } = Survey::of(token, detached_payload);
    Forged {
        presented: Presented {
            mode,
            token: token.to_vec(),
            detached_payload: detached_payload.map(<[u8]>::to_vec),
        },
        protected,
        payload,
        signing_input: None,
    }
}

/// A JWS between its recipe and its bytes.
struct Jws<'r> {
    recipe: &'r JwsRecipe,
    env: &'r Env,
    protected: Option<Vec<u8>>,
    payload: Vec<u8>,
}

impl<'r> Jws<'r> {
    fn new(recipe: &'r JwsRecipe, env: &'r Env) -> Result<Self, ForgeError> {
        let protected = recipe.protected.as_ref().map(|header| json(header, env)).transpose()?;
        Ok(Self { recipe, env, protected, payload: json(&recipe.payload, env)? })
    }

    fn forged(self, mode: Mode, detached_payload: Option<&[u8]>) -> Result<Forged, ForgeError> {
        let protected = self.protected.as_deref().map(base64url);
        let payload = self.encoded_payload();
        let signing_input =
            [protected.as_deref().unwrap_or_default().as_bytes(), b".", &payload].concat();
        let signature = base64url(&self.signature(&signing_input)?);

        let mut token = match self.recipe.serialization {
            Serialization::Compact => self.compact(protected.as_deref(), &payload, &signature),
            Serialization::Flattened => self.flattened(protected.as_deref(), &payload, &signature),
            Serialization::General => self.general(protected.as_deref(), &payload, &signature),
        }?;
        for edit in &self.recipe.edits {
            token = edit.apply(&token, self.recipe.serialization, self.env)?;
        }

        let own_payload = self.recipe.detached.then_some(self.payload.as_slice());
        let detached_payload = detached_payload.or(own_payload).map(<[u8]>::to_vec);
        Ok(Forged {
            presented: Presented { mode, token, detached_payload },
            protected: self.protected,
            payload: Some(self.payload),
            signing_input: Some(signing_input),
        })
    }

    /// The payload as it stands in the signing input.
    fn encoded_payload(&self) -> Vec<u8> {
        match self.recipe.payload_encoding {
            PayloadEncoding::Base64url => base64url(&self.payload).into_bytes(),
            PayloadEncoding::Unencoded => self.payload.clone(),
        }
    }

    fn signature(&self, signing_input: &[u8]) -> Result<Vec<u8>, ForgeError> {
        match &self.recipe.signing {
            Signing::Key { key, alg } => sign(keys::find(key)?, alg, signing_input, self.env.seed),
            Signing::Jwk { jwk, alg } => {
                sign(&TestKey::from_private_jwk(jwk)?, alg, signing_input, self.env.seed)
            }
            Signing::HmacOctets { alg, key } => hmac(alg, key, signing_input),
            Signing::Octets(octets) => Ok(octets.clone()),
        }
    }

    fn compact(
        &self,
        protected: Option<&str>,
        payload: &[u8],
        signature: &str,
    ) -> Result<Vec<u8>, ForgeError> {
        if self.recipe.unprotected.is_some() {
            return Err(misfit("a compact serialization has no unprotected header"));
        }
        let Some(protected) = protected else {
            return Err(misfit("a compact serialization needs a protected header"));
        };
        let payload = if self.recipe.detached { &[] } else { payload };
        Ok([protected.as_bytes(), payload, signature.as_bytes()].join(&b'.'))
    }

    fn flattened(
        &self,
        protected: Option<&str>,
        payload: &[u8],
        signature: &str,
    ) -> Result<Vec<u8>, ForgeError> {
        let mut object = self.payload_member(payload)?;
        object.extend(self.signature_members(protected, signature)?);
        Ok(object_of(&object))
    }

    fn general(
        &self,
        protected: Option<&str>,
        payload: &[u8],
        signature: &str,
    ) -> Result<Vec<u8>, ForgeError> {
        let mut object = self.payload_member(payload)?;
        let only = object_of(&self.signature_members(protected, signature)?);
        object.push(("signatures", [b"[", only.as_slice(), b"]"].concat()));
        Ok(object_of(&object))
    }

    fn payload_member(&self, payload: &[u8]) -> Result<Vec<Member>, ForgeError> {
        if self.recipe.detached {
            return Ok(Vec::new());
        }
        match std::str::from_utf8(payload) {
            Ok(text) => Ok(vec![("payload", quoted(text).into_bytes())]),
            Err(_) => Err(misfit("an unencoded payload in JSON must be UTF-8")),
        }
    }

    fn signature_members(
        &self,
        protected: Option<&str>,
        signature: &str,
    ) -> Result<Vec<Member>, ForgeError> {
        let mut object = Vec::new();
        if let Some(protected) = protected {
            object.push(("protected", quoted(protected).into_bytes()));
        }
        if let Some(header) = &self.recipe.unprotected {
            object.push(("header", json(header, self.env)?));
        }
        object.push(("signature", quoted(signature).into_bytes()));
        Ok(object)
    }
}

/// A name and the octets of its value, which need not be JSON where a recipe wants them otherwise.
type Member = (&'static str, Vec<u8>);

fn object_of(members: &[Member]) -> Vec<u8> {
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| [quoted(name).as_bytes(), b":", value].concat())
        .collect();
    [b"{", members.join(&b',').as_slice(), b"}"].concat()
}

fn misfit(why: &str) -> ForgeError {
    ForgeError::Serialization { why: why.to_owned() }
}

fn resolve_keys(recipe: &KeysRecipe, env: &Env) -> Result<Keys, ForgeError> {
    match recipe {
        KeysRecipe::Literal(keys) => literal_keys(keys, env),
        KeysRecipe::Set(keys) => {
            let keys: Vec<_> = keys.iter().map(|key| jwk(key, env)).collect::<Result<_, _>>()?;
            Ok(Keys::Jwks(format!("{{\"keys\":[{}]}}", keys.join(","))))
        }
        KeysRecipe::One(key) => Ok(Keys::Jwk(jwk(key, env)?)),
        KeysRecipe::SpkiPem(key) => Ok(Keys::Pem(keys::find(key)?.spki_pem()?)),
        KeysRecipe::SpkiDer(key) => Ok(Keys::DerB64(keys::find(key)?.spki_der()?)),
        KeysRecipe::Secret(key) => Ok(Keys::SecretB64(keys::find(key)?.secret()?.to_vec())),
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
