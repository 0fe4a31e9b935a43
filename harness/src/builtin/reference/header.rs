//! The JOSE header: what it may say, and what of it is listened to.
//!
//! `jwk`, `jku`, `x5c` and `x5u` are keys that the token brings along; they are not even read. `zip`
//! belongs to JWE. Both are parameters like any unknown one, and ignored (RFC 7515 §4).

use std::{borrow::Cow, mem};

use super::{
    algorithms::Alg,
    checks::{Check, Refused, Rules, quote},
    json::{Members, Object, Slot, Value},
};

/// The parameters that mean something to the reference, as they stand.
#[derive(Debug, Default)]
pub(super) struct Header<'a> {
    alg: Value<'a>,
    kid: Value<'a>,
    typ: Value<'a>,
    cty: Value<'a>,
    crit: Value<'a>,
    b64: Value<'a>,
}

impl<'a> Members<'a> for Header<'a> {
    fn slot(&mut self, name: &str) -> Slot<'_, 'a> {
        Slot::Value(match name {
            "alg" => &mut self.alg,
            "kid" => &mut self.kid,
            "typ" => &mut self.typ,
            "cty" => &mut self.cty,
            "crit" => &mut self.crit,
            "b64" => &mut self.b64,
            _ => return Slot::Skip,
        })
    }
}

/// Reads a protected header from its octets.
///
/// # Errors
/// [`Refused`], when it is no JSON object in UTF-8, or names a parameter twice.
pub(super) fn read(octets: &[u8], rules: Rules) -> Result<Object<'_, Header<'_>>, Refused> {
    match std::str::from_utf8(octets) {
        Ok(text) => read_text(text, rules),
        Err(error) => Err(Refused::by(Check::HeaderJson, error.to_string())),
    }
}

/// Reads an unprotected header from its text.
///
/// # Errors
/// [`Refused`], when it is no JSON object, or names a parameter twice.
pub(super) fn read_text(text: &str, rules: Rules) -> Result<Object<'_, Header<'_>>, Refused> {
    let object = Object::read(text, Header::default())
        .map_err(|error| Refused::by(Check::HeaderJson, error.to_string()))?;
    if let Some(name) = &object.duplicate {
        rules.refuse(Check::HeaderDuplicate, format!("{} stands twice", quote(name)))?;
    }
    Ok(object)
}

/// What a header that passed its checks says.
#[derive(Debug)]
pub(super) struct Jose<'a> {
    /// How the signature is to be verified, if the policy allows it.
    pub(super) alg: Alg,
    /// The hint which key it was.
    pub(super) kid: Option<Cow<'a, str>>,
    /// Whether the payload is base64url-encoded (RFC 7797), as it is unless `crit` says otherwise.
    pub(super) b64: bool,
    cty: Value<'a>,
}

impl<'a> Jose<'a> {
    /// Judges the union of the two headers.
    ///
    /// `alg` may stand in the unprotected one, as in RFC 7520 §4.7: RFC 7515 allows it in the JSON
    /// serializations, and the key's own restrictions and the allow-list bind it there too.
    ///
    /// # Errors
    /// [`Refused`], by any of the header's checks.
    pub(super) fn judge(
        protected: Option<Object<'a, Header<'a>>>,
        unprotected: Option<Object<'a, Header<'a>>>,
        demanded: Option<&MediaType>,
        rules: Rules,
    ) -> Result<Self, Refused> {
        // Without a protected header nothing is critical: there is no name that `crit` could list.
        let mut header = Header::default();
        let mut b64 = true;
        if let Some(protected) = &protected {
            b64 = protected.judge_crit(rules)?;
        }
        if let Some(unprotected) = unprotected {
            if let Some(protected) = &protected
                && let Some(name) = protected.names.shared(&unprotected.names)
            {
                rules.refuse(Check::HeaderOverlap, format!("{} stands in both", quote(name)))?;
            }
            if unprotected.members.crit != Value::Absent {
                rules.refuse(Check::CritUnprotected, "`crit` is not integrity protected")?;
            }
            header = unprotected.members;
        }
        if let Some(protected) = protected {
            header.overlay(protected.members);
        }
        header.judge_type(demanded, rules)?;
        Ok(Self { alg: header.judge_alg()?, kid: header.judge_kid(rules)?, b64, cty: header.cty })
    }

    /// Refuses a JWT that is the wrapping of another one, which nobody would look at.
    ///
    /// # Errors
    /// [`Refused`], when `cty` says so.
    pub(super) fn judge_nesting(&self, rules: Rules) -> Result<(), Refused> {
        if let Value::Text(cty) = &self.cty
            && MediaType::new("JWT").is(cty)
        {
            rules.refuse(Check::NestedJwt, "`cty` says that the payload is a JWT")?;
        }
        Ok(())
    }
}

impl Object<'_, Header<'_>> {
    /// Judges `crit` and tells whether the payload is base64url-encoded.
    fn judge_crit(&self, rules: Rules) -> Result<bool, Refused> {
        // `b64` that is not critical is an unknown parameter (RFC 7797 §8, RFC 7515 §4).
        if self.members.crit == Value::Absent {
            return Ok(true);
        }
        let Value::Texts(names) = &self.members.crit else {
            rules.refuse(Check::CritShape, "`crit` is no array of strings")?;
            return Ok(true);
        };
        if names.is_empty() {
            rules.refuse(Check::CritShape, "`crit` is empty")?;
        }
        let mut b64 = None;
        for name in names {
            if name != "b64" {
                rules.refuse(Check::CritUnknown, format!("{} is critical", quote(name)))?;
            } else if b64.is_some() {
                rules.refuse(Check::CritShape, "`crit` names `b64` twice")?;
            } else {
                b64 = Some(self.judge_b64(rules)?);
            }
        }
        Ok(b64.unwrap_or(true))
    }

    fn judge_b64(&self, rules: Rules) -> Result<bool, Refused> {
        if let Value::Bool(b64) = self.members.b64 {
            return Ok(b64);
        }
        if self.members.b64 == Value::Absent {
            rules.refuse(Check::CritAbsent, "`b64` is critical and absent")?;
        } else {
            rules.refuse(Check::B64Type, "`b64` is no boolean")?;
        }
        Ok(true)
    }
}

impl<'a> Header<'a> {
    /// Puts the parameters of the protected header over those of the unprotected one.
    fn overlay(&mut self, protected: Self) {
        for (under, over) in [
            (&mut self.alg, protected.alg),
            (&mut self.kid, protected.kid),
            (&mut self.typ, protected.typ),
            (&mut self.cty, protected.cty),
        ] {
            if over != Value::Absent {
                *under = over;
            }
        }
    }

    fn judge_alg(&self) -> Result<Alg, Refused> {
        let Value::Text(name) = &self.alg else {
            return Err(Refused::by(Check::AlgPresent, "there is no `alg` that is a string"));
        };
        Alg::named(name)
            .ok_or_else(|| Refused::by(Check::AlgKnown, format!("`alg` is {}", quote(name))))
    }

    fn judge_kid(&mut self, rules: Rules) -> Result<Option<Cow<'a, str>>, Refused> {
        let kid = mem::take(&mut self.kid);
        if let Value::Text(kid) = kid {
            return Ok(Some(kid));
        }
        if kid != Value::Absent {
            rules.refuse(Check::KidType, "`kid` is no string")?;
        }
        Ok(None)
    }

    fn judge_type(&self, demanded: Option<&MediaType<'_>>, rules: Rules) -> Result<(), Refused> {
        let Some(demanded) = demanded else {
            return Ok(());
        };
        if self.typ == Value::Absent {
            return rules.refuse(Check::TypMissing, "there is no `typ`");
        }
        let Value::Text(typ) = &self.typ else {
            return rules.refuse(Check::TypOther, "`typ` is no string");
        };
        if demanded.is(typ) {
            return Ok(());
        }
        rules.refuse(Check::TypOther, format!("`typ` is {}", quote(typ)))
    }
}

/// A media type as `typ` and `cty` spell it: with or without `application/`, in any case (RFC 7515
/// §4.1.9, RFC 7519 §5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MediaType<'a>(Cow<'a, str>);

impl<'a> MediaType<'a> {
    /// The type that this text names.
    pub(super) fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self(text.into())
    }

    /// Whether a `typ` or `cty` names this type.
    pub(super) fn is(&self, text: &str) -> bool {
        Self::short(&self.0).eq_ignore_ascii_case(Self::short(text))
    }

    /// The text without `application/`, where it may be left out: where no other slash follows.
    fn short(text: &str) -> &str {
        const PREFIX: &str = "application/";
        match text.split_at_checked(PREFIX.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => {
                rest
            }
            Some(_) | None => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_the_same_with_and_without_application_and_in_any_case() {
        let demanded = MediaType::new("at+jwt");
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
            assert!(demanded.is(typ), "{typ}");
            assert!(MediaType::new(typ).is("at+jwt"), "{typ}");
        }
        for typ in ["", "jwt", "at+jwt ", "text/at+jwt", "application/application/at+jwt", "at"] {
            assert!(!demanded.is(typ), "{typ}");
        }
    }

    #[test]
    fn a_prefix_that_is_needed_stays() {
        assert!(!MediaType::new("application/a;b=\"c/d\"").is("a;b=\"c/d\""));
    }
}
