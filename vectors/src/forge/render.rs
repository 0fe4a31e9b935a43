//! Tokens: recipes in, bytes out.

use super::{
    ForgeError, Forged, alter,
    encode::{base64url, json, quoted},
    keys::{self, TestKey},
    members,
    sign::{ecdsa_over, hmac, sign},
    survey::Survey,
};
use crate::{
    env::Env,
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
        Recipe::JwsJson(recipe) => members::jws_json(recipe, mode, detached_payload, env),
    }
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
        let (protected, payload) = self.spelled()?;
        let signing_input =
            [protected.as_deref().unwrap_or_default().as_bytes(), b".", &payload].concat();
        let signature = base64url(&signed(&self.recipe.signing, &signing_input, self.env)?);

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

    /// Header and payload as they stand in the signing input, in the spelling that the recipe wants.
    fn spelled(&self) -> Result<(Option<String>, Vec<u8>), ForgeError> {
        let protected = self.protected.as_deref().map(base64url);
        let payload = self.encoded_payload();
        if self.recipe.spelling.is_empty() {
            return Ok((protected, payload));
        }
        let Some(protected) = protected else {
            return Err(misfit("a spelling needs a protected header"));
        };
        let mut text = [protected.as_bytes(), b".", &payload].concat();
        for edit in &self.recipe.spelling {
            text = edit.apply(&text, Serialization::Compact, self.env)?;
        }
        let dot = text.iter().position(|octet| *octet == b'.');
        let parts = dot.and_then(|dot| Some((text.get(..dot)?, text.get(dot + 1..)?)));
        let Some((protected, payload)) = parts else {
            return Err(misfit("a spelling must leave the period between header and payload"));
        };
        match std::str::from_utf8(protected) {
            Ok(protected) => Ok((Some(protected.to_owned()), payload.to_vec())),
            Err(_) => Err(misfit("a header segment must be UTF-8")),
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

/// What stands in the place of a signature over this input.
///
/// # Errors
/// Those of the key and of the algorithm.
pub(super) fn signed(
    signing: &Signing,
    signing_input: &[u8],
    env: &Env,
) -> Result<Vec<u8>, ForgeError> {
    match signing {
        Signing::Key { key, alg } => sign(keys::find(key)?, alg, signing_input, env.seed),
        Signing::Jwk { jwk, alg } => {
            sign(&TestKey::from_private_jwk(jwk)?, alg, signing_input, env.seed)
        }
        Signing::HmacOctets { alg, key } => hmac(alg, key, signing_input),
        Signing::Octets(octets) => Ok(octets.clone()),
        Signing::HmacOf { alg, key, form } => {
            hmac(alg, &keys::find(key)?.public_octets(*form)?, signing_input)
        }
        Signing::EcdsaOver { key, hash_of } => ecdsa_over(keys::find(key)?, hash_of, signing_input),
        Signing::Altered { key, alg, alteration } => {
            alter::altered(keys::find(key)?, alg, alteration, signing_input, env.seed)
        }
        Signing::RsaEncoded { key, encoding } => {
            alter::rsa_encoded(keys::find(key)?, encoding, signing_input, env.seed)
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::recipe::{Edit, Json, Place};

    fn recipe() -> JwsRecipe {
        JwsRecipe {
            protected: Some(Json::Members(vec![("alg".to_owned(), json!("HS256"))])),
            unprotected: None,
            payload: Json::Members(vec![("exp".to_owned(), json!("{now+60}"))]),
            signing: Signing::Key { key: "oct-256-a".into(), alg: "HS256".to_owned() },
            serialization: Serialization::Compact,
            payload_encoding: PayloadEncoding::Base64url,
            detached: false,
            spelling: Vec::new(),
            edits: Vec::new(),
        }
    }

    fn forged(recipe: JwsRecipe) -> Result<Forged, ForgeError> {
        forge(&Recipe::Jws(Box::new(recipe)), Mode::Jwt, None, &Env::fixed())
    }

    fn token(recipe: JwsRecipe) -> String {
        String::from_utf8(forged(recipe).unwrap().presented.token).unwrap()
    }

    const HEADER: &str = "eyJhbGciOiJIUzI1NiJ9";

    #[test]
    fn tells_everything_it_knows_of_a_token() {
        let forged = forged(recipe()).unwrap();
        let payload = br#"{"exp":1767225660}"#.to_vec();
        let input = format!("{HEADER}.{}", base64url(&payload)).into_bytes();
        let mac = hmac("HS256", keys::find(&"oct-256-a".into()).unwrap().secret().unwrap(), &input);
        let signature = base64url(&mac.unwrap());
        assert_eq!(forged.presented.mode, Mode::Jwt);
        assert_eq!(forged.presented.token, [input.as_slice(), b".", signature.as_bytes()].concat());
        assert_eq!(forged.presented.detached_payload, None);
        assert_eq!(forged.protected.unwrap(), br#"{"alg":"HS256"}"#);
        assert_eq!(forged.payload.unwrap(), payload);
        assert_eq!(forged.signing_input.unwrap(), input);
    }

    #[test]
    fn shows_published_tokens_as_they_are() {
        for token in [b"{now}.{repeat.2.a}".as_slice(), b"\xff\x00"] {
            let recipe = match std::str::from_utf8(token) {
                Ok(text) => Recipe::Text(text.to_owned()),
                Err(_) => Recipe::Octets(token.to_vec()),
            };
            let forged = forge(&recipe, Mode::Jws, Some(b"beside"), &Env::fixed()).unwrap();
            assert_eq!(forged.presented.token, token);
            assert_eq!(forged.presented.detached_payload.unwrap(), b"beside");
            assert_eq!(forged.signing_input, None);
        }
    }

    #[test]
    fn an_unsecured_token_ends_in_its_dot() {
        let signing = Signing::Octets(Vec::new());
        assert!(token(JwsRecipe { signing, ..recipe() }).ends_with('.'));
    }

    #[test]
    fn a_detached_token_brings_its_own_payload_unless_another_is_given() {
        let detached = JwsRecipe { detached: true, ..recipe() };
        let own = forged(detached.clone()).unwrap();
        assert_eq!(own.presented.detached_payload, own.payload);
        assert!(String::from_utf8(own.presented.token).unwrap().contains(".."));

        let recipe = Recipe::Jws(Box::new(detached));
        let swapped = forge(&recipe, Mode::Jws, Some(b"other"), &Env::fixed()).unwrap();
        assert_eq!(swapped.presented.detached_payload.unwrap(), b"other");
        assert_eq!(swapped.payload, own.payload);
    }

    #[test]
    fn writes_json_serializations_in_the_order_of_the_standard() {
        let json = |serialization, detached| {
            let unprotected = Some(Json::Members(vec![("kid".to_owned(), json!("k"))]));
            let signing = Signing::Octets(b"foo".to_vec());
            let payload = Json::Text("foo".to_owned());
            token(JwsRecipe { serialization, detached, unprotected, signing, payload, ..recipe() })
        };
        let only = format!(r#""protected":"{HEADER}","header":{{"kid":"k"}},"signature":"Zm9v"}}"#);
        assert_eq!(json(Serialization::Flattened, false), format!(r#"{{"payload":"Zm9v",{only}"#));
        assert_eq!(json(Serialization::Flattened, true), format!("{{{only}"));
        assert_eq!(
            json(Serialization::General, false),
            format!(r#"{{"payload":"Zm9v","signatures":[{{{only}]}}"#)
        );
        assert_eq!(json(Serialization::General, true), format!(r#"{{"signatures":[{{{only}]}}"#));
    }

    #[test]
    fn signs_over_nothing_where_there_is_no_protected_header() {
        let recipe =
            JwsRecipe { protected: None, serialization: Serialization::Flattened, ..recipe() };
        let forged = forged(recipe).unwrap();
        assert!(forged.signing_input.unwrap().starts_with(b"."));
        let jws: Value = serde_json::from_slice(&forged.presented.token).unwrap();
        assert_eq!(jws.get("protected"), None);
    }

    #[test]
    fn an_unencoded_payload_stands_as_it_is_and_escaped_in_json() {
        let unencoded = JwsRecipe {
            payload: Json::Text("a\"b".to_owned()),
            payload_encoding: PayloadEncoding::Unencoded,
            ..recipe()
        };
        assert!(token(unencoded.clone()).contains(".a\"b."));
        let flattened = JwsRecipe { serialization: Serialization::Flattened, ..unencoded };
        assert!(token(flattened.clone()).contains(r#""payload":"a\"b""#));
        let input = forged(flattened).unwrap().signing_input.unwrap();
        assert_eq!(input, format!("{HEADER}.a\"b").as_bytes());
    }

    #[test]
    fn refuses_what_no_serialization_can_hold() {
        let unprotected = Some(Json::Text("{}".to_owned()));
        let octets = Json::Octets(vec![0xff]);
        for wrong in [
            JwsRecipe { unprotected, ..recipe() },
            JwsRecipe { protected: None, ..recipe() },
            JwsRecipe {
                payload: octets.clone(),
                payload_encoding: PayloadEncoding::Unencoded,
                serialization: Serialization::General,
                ..recipe()
            },
        ] {
            let error = forged(wrong).unwrap_err();
            assert!(matches!(error, ForgeError::Serialization { .. }), "{error}");
        }
        let compact =
            JwsRecipe { payload: octets, payload_encoding: PayloadEncoding::Unencoded, ..recipe() };
        assert!(forged(compact).unwrap().presented.token.contains(&0xff));
    }

    #[test]
    fn a_nested_token_is_the_payload_as_text() {
        let inner = recipe();
        let outer = JwsRecipe {
            payload: Json::Token(Box::new(Recipe::Jws(Box::new(inner.clone())))),
            ..recipe()
        };
        let payload = forged(outer).unwrap().payload.unwrap();
        assert_eq!(String::from_utf8(payload).unwrap(), token(inner));
    }

    #[test]
    fn applies_edits_in_order_and_signs_before_them() {
        let edits = vec![
            Edit::ReplaceSegment { segment: 2, text: "AAAA".to_owned() },
            Edit::FlipBit { segment: 2, bit: -1 },
            Edit::Append("=".to_owned()),
        ];
        let edited = forged(JwsRecipe { edits, ..recipe() }).unwrap();
        assert!(edited.presented.token.ends_with(b".AAAB="));
        assert_eq!(edited.signing_input, forged(recipe()).unwrap().signing_input);
    }

    #[test]
    fn an_odd_spelling_stands_inside_of_what_is_signed() {
        let spelling = vec![
            Edit::Insert { segment: 0, at: Place::End, text: "=".to_owned() },
            Edit::Insert { segment: 1, at: Place::End, text: ".e30".to_owned() },
        ];
        let odd = forged(JwsRecipe { spelling, ..recipe() }).unwrap();
        let input = odd.signing_input.unwrap();
        assert!(input.starts_with(format!("{HEADER}=.").as_bytes()) && input.ends_with(b".e30"));
        assert!(odd.presented.token.starts_with(&input));
        assert_eq!(odd.payload, forged(recipe()).unwrap().payload);
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let text = "(\\{now\\}|\\{repeat\\.3\\.x\\}|\\{origin\\.1\\}|.){0,6}";
        let member = (text, text.prop_map(Value::from));
        prop_oneof![
            proptest::collection::vec(member, 0..4).prop_map(Json::Members),
            text.prop_map(Json::Text),
            any::<Vec<u8>>().prop_map(Json::Octets),
        ]
    }

    fn any_recipe() -> impl Strategy<Value = JwsRecipe> {
        let signing = prop_oneof![
            prop_oneof![Just(("p256-a", "ES256")), Just(("ed25519-a", "EdDSA"))]
                .prop_map(|(key, alg)| Signing::Key { key: key.into(), alg: alg.to_owned() }),
            any::<Vec<u8>>().prop_map(|key| Signing::HmacOctets { alg: "HS512".to_owned(), key }),
            any::<Vec<u8>>().prop_map(Signing::Octets),
        ];
        let serialization = prop_oneof![
            Just(Serialization::Compact),
            Just(Serialization::Flattened),
            Just(Serialization::General)
        ];
        let encoding =
            prop_oneof![Just(PayloadEncoding::Base64url), Just(PayloadEncoding::Unencoded)];
        let edit = prop_oneof![
            ".{0,4}".prop_map(Edit::Append),
            (0..4_usize, -70..70_i64).prop_map(|(segment, bit)| Edit::FlipBit { segment, bit }),
        ];
        let headers = (proptest::option::of(any_json()), proptest::option::of(any_json()));
        let edits = proptest::collection::vec(edit, 0..2);
        (headers, any_json(), signing, serialization, encoding, any::<bool>(), edits).prop_map(
            |(
                (protected, unprotected),
                payload,
                signing,
                serialization,
                payload_encoding,
                detached,
                edits,
            )| {
                JwsRecipe {
                    protected,
                    unprotected,
                    payload,
                    signing,
                    serialization,
                    payload_encoding,
                    detached,
                    spelling: Vec::new(),
                    edits,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn the_same_recipe_makes_the_same_bytes(recipe in any_recipe()) {
            let first = forged(recipe.clone());
            prop_assert_eq!(&first, &forged(recipe.clone()));
            let text = serde_json::to_string(&recipe).unwrap();
            let read: JwsRecipe = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(first, forged(read));
        }
    }
}
