//! JSON serializations, member by member.

use super::{
    ForgeError, Forged,
    encode::{base64url, json, quoted},
    render::signed,
    text::expand,
};
use crate::{
    env::Env,
    recipe::{JwsJsonRecipe, JwsMember, SignatureRecipe},
    verdict::{Mode, Presented},
};

/// A JSON serialization, member by member; what is known of its making is that of its first signature.
///
/// # Errors
/// Those of placeholders, keys and algorithms.
pub(super) fn jws_json(
    recipe: &JwsJsonRecipe,
    mode: Mode,
    detached_payload: Option<&[u8]>,
    env: &Env,
) -> Result<Forged, ForgeError> {
    let payload = json(&recipe.payload, env)?;
    let encoded = base64url(&payload);
    let mut first = None;
    let mut members = Vec::new();
    for member in &recipe.members {
        match member {
            JwsMember::Payload => members.push(named("payload", quoted(&encoded))),
            JwsMember::Signature(signature) => {
                members.extend(signature_object(signature, &encoded, &mut first, env)?);
            }
            JwsMember::Signatures(signatures) => {
                let mut objects = Vec::new();
                for signature in signatures {
                    let object = signature_object(signature, &encoded, &mut first, env)?;
                    objects.push([b"{", object.join(&b',').as_slice(), b"}"].concat());
                }
                let array = [b"[", objects.join(&b',').as_slice(), b"]"].concat();
                members.push(named("signatures", array));
            }
            JwsMember::Raw(name, value) => members.push(raw(name, value, env)?),
        }
    }
    let token = [b"{", members.join(&b',').as_slice(), b"}"].concat();
    let token = [token.as_slice(), expand(&recipe.behind, env)?.as_bytes()].concat();
    let (protected, signing_input) = first.unwrap_or_default();
    Ok(Forged {
        presented: Presented {
            mode,
            token,
            detached_payload: detached_payload.map(<[u8]>::to_vec),
        },
        protected,
        payload: Some(payload),
        signing_input,
    })
}

/// The octets of a protected header and of the signing input.
type Making = (Option<Vec<u8>>, Option<Vec<u8>>);

fn signature_object(
    recipe: &SignatureRecipe,
    payload: &str,
    first: &mut Option<Making>,
    env: &Env,
) -> Result<Vec<Vec<u8>>, ForgeError> {
    let protected = recipe.protected.as_ref().map(|header| json(header, env)).transpose()?;
    let encoded = protected.as_deref().map(base64url);
    let input = [encoded.as_deref().unwrap_or_default(), ".", payload].concat().into_bytes();
    let signature = base64url(&signed(&recipe.signing, &input, env)?);
    let mut members = Vec::new();
    if let Some(encoded) = encoded {
        members.push(named("protected", quoted(&encoded)));
    }
    if let Some(header) = &recipe.unprotected {
        members.push(named("header", json(header, env)?));
    }
    members.push(named("signature", quoted(&signature)));
    for (name, value) in &recipe.more {
        members.push(raw(name, value, env)?);
    }
    first.get_or_insert((protected, Some(input)));
    Ok(members)
}

fn raw(name: &str, value: &str, env: &Env) -> Result<Vec<u8>, ForgeError> {
    Ok(named(&expand(name, env)?, expand(value, env)?.as_bytes()))
}

fn named(name: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    [quoted(name).as_bytes(), b":", value.as_ref()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        forge::forge,
        recipe::{Json, Signing},
    };

    #[test]
    fn writes_a_json_serialization_member_by_member() {
        let header = r#"{"alg":"HS256"}"#;
        let encoded = base64url(header.as_bytes());
        let signature = SignatureRecipe {
            protected: Some(Json::Text(header.to_owned())),
            unprotected: Some(Json::Text("{}".to_owned())),
            signing: Signing::Octets(b"foo".to_vec()),
            more: vec![("x".to_owned(), "[}".to_owned())],
        };
        let good = SignatureRecipe {
            signing: Signing::Octets(b"bar".to_vec()),
            more: Vec::new(),
            ..signature.clone()
        };
        let payload = Json::Text("foo".to_owned());
        let jws = JwsJsonRecipe {
            payload,
            members: vec![
                JwsMember::Signature(signature.clone()),
                JwsMember::Payload,
                JwsMember::Raw("payload".to_owned(), "\"{repeat.2.y}\"".to_owned()),
                JwsMember::Signatures(vec![signature, good]),
            ],
            behind: " !".to_owned(),
        };
        let forged = forge(&jws.into(), Mode::Jws, None, &Env::fixed()).unwrap();
        let only = format!(r#""protected":"{encoded}","header":{{}},"signature":"Zm9v","x":[}}"#);
        let token = String::from_utf8(forged.presented.token).unwrap();
        assert!(
            token.starts_with(&format!(
                r#"{{{only},"payload":"Zm9v","payload":"yy","signatures":[{{{only}}},{{"#
            )),
            "{token}"
        );
        assert!(token.ends_with("\"}]} !"), "{token}");
        assert_eq!(forged.payload.unwrap(), b"foo");
        let input = format!("{encoded}.Zm9v").into_bytes();
        assert_eq!(forged.signing_input.unwrap(), input);
    }
}
