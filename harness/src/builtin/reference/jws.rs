//! The serializations of a JWS (RFC 7515 §7, Appendix F, RFC 7797 §5).

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    base64url,
    checks::{Check, Refused, Rules, quote},
    json::{Malformed, Members, Value},
};

/// The segments of a compact serialization, still encoded.
#[derive(Debug)]
pub(super) struct Compact<'a> {
    /// The protected header.
    pub(super) header: &'a str,
    /// The payload; empty where it is detached.
    pub(super) payload: &'a str,
    /// The signature.
    pub(super) signature: &'a str,
    /// Header and payload with the period between them: what was signed, unless detached.
    pub(super) message: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits a token at its two periods.
    ///
    /// # Errors
    /// [`Refused`], when there are fewer or more of them.
    pub(super) fn split(token: &'a str) -> Result<Self, Refused> {
        let Some((header, rest)) = token.split_once('.') else {
            return Err(Self::wrong(token));
        };
        let Some((payload, signature)) = rest.split_once('.') else {
            return Err(Self::wrong(token));
        };
        if signature.contains('.') {
            return Err(Self::wrong(token));
        }
        let message = token.get(..header.len() + 1 + payload.len()).unwrap_or_default();
        Ok(Self { header, payload, signature, message })
    }

    #[cold]
    fn wrong(token: &str) -> Refused {
        let detail = match token.split('.').count() {
            5 => "five segments, a JWE where a JWS is due".to_owned(),
            count => format!("{count} segments instead of three"),
        };
        Refused::by(Check::Segments, detail)
    }
}

/// A JSON serialization, general or flattened, as far as its syntax goes.
#[derive(Debug)]
pub(super) struct Json<'a> {
    /// The payload, still encoded, unless it is detached.
    pub(super) payload: Option<Cow<'a, str>>,
    /// At least one.
    pub(super) signatures: Vec<Signature<'a>>,
}

/// One signature of a JSON serialization, still encoded.
#[derive(Debug)]
pub(super) struct Signature<'a> {
    /// The protected header.
    pub(super) protected: Option<Cow<'a, str>>,
    /// The unprotected header.
    pub(super) header: Option<&'a str>,
    /// The signature.
    pub(super) signature: Cow<'a, str>,
}

impl<'a> Json<'a> {
    /// The most signatures looked at.
    const MOST: usize = 16;

    /// Reads a JSON serialization.
    ///
    /// # Errors
    /// [`Refused`], when the text is none. What is wrong within one signature is not told here,
    /// because another one may be good.
    pub(super) fn read(text: &'a str, rules: Rules) -> Result<Self, Refused> {
        let Top { payload, signatures, own } = read(text, rules)?;
        let signatures = if signatures.is_absent() {
            vec![own.into_signature()?]
        } else {
            if !own.is_empty() {
                let detail = "`signatures` beside `protected`, `header` or `signature`";
                rules.refuse(Check::JwsMixed, detail)?;
            }
            let Some(texts) = signatures.elements() else {
                return Err(Refused::by(Check::JwsShape, "`signatures` is no array"));
            };
            if texts.len() > Self::MOST {
                rules.refuse(Check::JwsSignatures, format!("{} signatures", texts.len()))?;
            }
            texts
                .into_iter()
                .map(|text| read::<Own<'_>>(text, rules)?.into_signature())
                .collect::<Result<_, _>>()?
        };
        if signatures.is_empty() {
            return Err(Refused::by(Check::JwsUnsigned, "`signatures` is empty"));
        }
        Ok(Self { payload: text_or_nothing(payload, "payload")?, signatures })
    }
}

/// The payload of a JWS, and whether it came with it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Payload<'a> {
    /// As it stands in the token: base64url, unless `b64` is false.
    Attached(&'a str),
    /// The octets beside the token.
    Detached(&'a [u8]),
}

impl<'a> Payload<'a> {
    /// Puts together what is in the token and what is beside it.
    ///
    /// An empty payload that has nothing beside it is an empty payload.
    ///
    /// # Errors
    /// [`Refused`], when there are two payloads or none.
    pub(super) fn of(attached: Option<&'a str>, beside: Option<&'a [u8]>) -> Result<Self, Refused> {
        match (attached, beside) {
            (None | Some(""), Some(beside)) => Ok(Self::Detached(beside)),
            (Some(attached), None) => Ok(Self::Attached(attached)),
            (Some(_), Some(_)) => {
                Err(Refused::by(Check::DetachedTwice, "a payload in the token and one beside it"))
            }
            (None, None) => Err(Refused::by(Check::JwsShape, "`payload` is missing")),
        }
    }

    /// What was signed (RFC 7515 §5.2 step 8, RFC 7797 §3).
    pub(super) fn message(self, protected: &str, b64: bool) -> Vec<u8> {
        let encoded;
        let payload = match self {
            Self::Attached(text) => text.as_bytes(),
            Self::Detached(octets) if b64 => {
                encoded = URL_SAFE_NO_PAD.encode(octets);
                encoded.as_bytes()
            }
            Self::Detached(octets) => octets,
        };
        [protected.as_bytes(), b".", payload].concat()
    }

    /// The payload itself.
    ///
    /// # Errors
    /// [`Refused`], when it should be base64url and is not.
    pub(super) fn octets(self, b64: bool, rules: Rules) -> Result<Vec<u8>, Refused> {
        match self {
            Self::Attached(text) if b64 => base64url::decode(rules, text, "payload"),
            Self::Attached(text) => Ok(text.as_bytes().to_vec()),
            Self::Detached(octets) => Ok(octets.to_vec()),
        }
    }
}

/// The members of a JSON serialization.
#[derive(Default)]
struct Top<'a> {
    payload: Value<'a>,
    signatures: Value<'a>,
    own: Own<'a>,
}

impl<'a> Members<'a> for Top<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Value<'a>> {
        match name {
            "payload" => Some(&mut self.payload),
            "signatures" => Some(&mut self.signatures),
            _ => self.own.slot(name),
        }
    }
}

/// The members that belong to one signature.
#[derive(Default)]
struct Own<'a> {
    protected: Value<'a>,
    header: Value<'a>,
    signature: Value<'a>,
}

impl<'a> Members<'a> for Own<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Value<'a>> {
        match name {
            "protected" => Some(&mut self.protected),
            "header" => Some(&mut self.header),
            "signature" => Some(&mut self.signature),
            _ => None,
        }
    }
}

impl<'a> Own<'a> {
    const fn is_empty(&self) -> bool {
        self.protected.is_absent() && self.header.is_absent() && self.signature.is_absent()
    }

    fn into_signature(self) -> Result<Signature<'a>, Refused> {
        let Some(signature) = text_or_nothing(self.signature, "signature")? else {
            return Err(Refused::by(Check::JwsShape, "`signature` is missing"));
        };
        let protected = text_or_nothing(self.protected, "protected")?;
        let header = if let Value::Object(text) = self.header { Some(text) } else { None };
        if header.is_none() && !self.header.is_absent() {
            return Err(Refused::by(Check::JwsShape, "`header` is no object"));
        }
        Ok(Signature { protected, header, signature })
    }
}

fn read<'a, M: Members<'a> + Default>(text: &'a str, rules: Rules) -> Result<M, Refused> {
    let mut members = M::default();
    let rest = members.fill(text, rules.twice()).map_err(shape)?;
    if let Some(name) = &rest.duplicate {
        rules.refuse(Check::JwsDuplicate, format!("{} stands twice", quote(name)))?;
    }
    Ok(members)
}

fn text_or_nothing<'a>(value: Value<'a>, name: &str) -> Result<Option<Cow<'a, str>>, Refused> {
    if let Value::Text(text) = value {
        return Ok(Some(text));
    }
    if value.is_absent() {
        return Ok(None);
    }
    Err(Refused::by(Check::JwsShape, format!("`{name}` is no string")))
}

fn shape(error: Malformed) -> Refused {
    Refused::by(Check::JwsShape, error.to_string())
}
