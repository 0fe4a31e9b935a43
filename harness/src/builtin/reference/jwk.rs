//! JSON Web Keys and sets of them (RFC 7517, RFC 7518 §6, RFC 8037 §2).
//!
//! Private members of a published key are not read: its public half serves.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    algorithms::{AlgSet, Curve},
    base64url,
    checks::{Check, Refused, Rules, quote},
    der,
    json::{Members, Value},
    key::{Key, Label, Material},
};

/// Reads one JWK and prepares its key.
///
/// # Errors
/// [`Refused`], when the key cannot be used to verify anything.
pub(super) fn read(text: &str, allowed: AlgSet, rules: Rules) -> Result<Key, Refused> {
    let mut jwk = Jwk::default();
    let rest = jwk
        .fill(text, rules.twice())
        .map_err(|error| Refused::by(Check::JwkShape, error.to_string()))?;
    if let Some(name) = rest.duplicate {
        rules.refuse(Check::JwkDuplicate, format!("{} stands twice", quote(&name)))?;
    }
    let material = jwk.material(rules)?;
    jwk.judge_intent(rules)?;
    jwk.judge_certificate(&material, rules)?;
    let label = Label { kid: jwk.kid.optional("kid")?, alg: jwk.alg.optional("alg")? };
    Key::prepare(&material, label, allowed, rules)
}

/// Reads a JWK Set and prepares those of its keys that are fit.
///
/// The others are left out, as RFC 7517 §5 has it: one key that somebody cannot use must not take
/// the others down. How many there were and what was wrong with the first goes into [`Set::unfit`].
///
/// # Errors
/// [`Refused`], when the document is no JWK Set.
pub(super) fn read_set(text: &str, allowed: AlgSet, rules: Rules) -> Result<Set, Refused> {
    let mut document = Document::default();
    let rest = document
        .fill(text, rules.twice())
        .map_err(|error| Refused::by(Check::JwksShape, error.to_string()))?;
    if let Some(name) = rest.duplicate {
        rules.refuse(Check::JwksDuplicate, format!("{} stands twice", quote(&name)))?;
    }
    let Some(texts) = document.keys.elements() else {
        return Err(Refused::by(Check::JwksShape, "there is no `keys` that is an array"));
    };
    let mut set = Set::default();
    for text in texts {
        match read(text, allowed, rules) {
            Ok(key) => set.keys.push(key),
            Err(refused) => set.unfit.push(refused),
        }
    }
    Ok(set)
}

/// The keys of a JWK Set.
#[derive(Debug, Default)]
pub(super) struct Set {
    /// Those that can verify something, in the order of the document.
    pub(super) keys: Vec<Key>,
    /// Why the others were left out.
    pub(super) unfit: Vec<Refused>,
}

#[derive(Default)]
struct Document<'a> {
    keys: Value<'a>,
}

impl<'a> Members<'a> for Document<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Value<'a>> {
        (name == "keys").then_some(&mut self.keys)
    }
}

#[derive(Default)]
struct Jwk<'a> {
    kty: Value<'a>,
    kid: Value<'a>,
    alg: Value<'a>,
    purpose: Value<'a>,
    key_ops: Value<'a>,
    x5c: Value<'a>,
    crv: Value<'a>,
    x: Value<'a>,
    y: Value<'a>,
    n: Value<'a>,
    e: Value<'a>,
    k: Value<'a>,
}

impl<'a> Members<'a> for Jwk<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Value<'a>> {
        match name {
            "kty" => Some(&mut self.kty),
            "kid" => Some(&mut self.kid),
            "alg" => Some(&mut self.alg),
            "use" => Some(&mut self.purpose),
            "key_ops" => Some(&mut self.key_ops),
            "x5c" => Some(&mut self.x5c),
            "crv" => Some(&mut self.crv),
            "x" => Some(&mut self.x),
            "y" => Some(&mut self.y),
            "n" => Some(&mut self.n),
            "e" => Some(&mut self.e),
            "k" => Some(&mut self.k),
            _ => None,
        }
    }
}

impl Jwk<'_> {
    fn material(&self, rules: Rules) -> Result<Material, Refused> {
        match self.kty.required("kty")? {
            "RSA" => Ok(Material::Rsa {
                n: integer(self.n.octets("n", rules)?),
                e: integer(self.e.octets("e", rules)?),
            }),
            "EC" => {
                let crv = self.crv.required("crv")?;
                let curve = Curve::ec(crv).ok_or_else(|| unknown_curve(crv))?;
                let mut point = vec![4];
                for (name, value) in [("x", &self.x), ("y", &self.y)] {
                    let coordinate = value.octets(name, rules)?;
                    if coordinate.len() != curve.octets() {
                        let detail = format!("`{name}` has {} octets on {curve}", coordinate.len());
                        return Err(Refused::by(Check::EcCoordinate, detail));
                    }
                    point.extend_from_slice(&coordinate);
                }
                Ok(Material::Ec { curve, point })
            }
            "OKP" => {
                let crv = self.crv.required("crv")?;
                let curve = Curve::okp(crv).ok_or_else(|| unknown_curve(crv))?;
                Ok(Material::Okp { curve, key: self.x.octets("x", rules)? })
            }
            "oct" => Ok(Material::Oct(self.k.octets("k", rules)?)),
            other => Err(Refused::by(Check::JwkKeyType, format!("`kty` is {}", quote(other)))),
        }
    }

    /// `use` and `key_ops`: where both are there, both have to allow it.
    fn judge_intent(&self, rules: Rules) -> Result<(), Refused> {
        if let Some(purpose) = self.purpose.optional("use")?
            && purpose != "sig"
        {
            rules.refuse(Check::JwkUse, format!("`use` is {}", quote(&purpose)))?;
        }
        if self.key_ops.is_absent() {
            return Ok(());
        }
        let Some(operations) = self.key_ops.texts() else {
            return Err(Refused::by(Check::JwkShape, "`key_ops` is no array of strings"));
        };
        if operations.iter().any(|name| name == "verify") {
            return Ok(());
        }
        rules.refuse(Check::JwkKeyOps, "`key_ops` lack `verify`")
    }

    /// A first certificate that can be read has to hold this key; one that cannot says nothing.
    fn judge_certificate(&self, material: &Material, rules: Rules) -> Result<(), Refused> {
        let held = self
            .x5c
            .texts()
            .and_then(|chain| chain.into_iter().next())
            .and_then(|text| STANDARD.decode(text.as_bytes()).ok())
            .and_then(|octets| der::certificate(&octets).ok());
        match held {
            Some(held) if held != *material => {
                rules.refuse(Check::JwkCertificate, "the first certificate holds another key")
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Value<'_> {
    fn required(&self, name: &str) -> Result<&str, Refused> {
        self.text().ok_or_else(|| {
            Refused::by(Check::JwkShape, format!("there is no `{name}` that is a string"))
        })
    }

    fn optional(&self, name: &str) -> Result<Option<String>, Refused> {
        if self.is_absent() {
            return Ok(None);
        }
        self.required(name).map(|text| Some(text.to_owned()))
    }

    fn octets(&self, name: &str, rules: Rules) -> Result<Vec<u8>, Refused> {
        base64url::decode(rules, self.required(name)?, &format!("member `{name}`"))
    }
}

fn unknown_curve(crv: &str) -> Refused {
    Refused::by(Check::Curve, format!("`crv` is {}", quote(crv)))
}

/// A big-endian integer without the zero octets that some libraries put in front, which RFC 7518
/// §6.3.1.1 forbids to the producer and which change nothing.
fn integer(octets: Vec<u8>) -> Vec<u8> {
    match octets.iter().position(|octet| *octet != 0) {
        Some(0) => octets,
        Some(zeros) => octets.into_iter().skip(zeros).collect(),
        None => Vec::new(),
    }
}
