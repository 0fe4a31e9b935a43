//! The JOSE header: what it may say, and what of it is listened to.
//!
//! `jwk`, `jku`, `x5c` and `x5u` are keys that the token brings along; they are not even read. `zip`
//! belongs to JWE. Both are parameters like any unknown one, and ignored (RFC 7515 §4).

use std::borrow::Cow;

use super::{
    algorithms::Alg,
    checks::{Check, Refused, Rules, quote},
    json::{Members, Names, Value},
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
    fn slot(&mut self, name: &str) -> Option<&mut Value<'a>> {
        match name {
            "alg" => Some(&mut self.alg),
            "kid" => Some(&mut self.kid),
            "typ" => Some(&mut self.typ),
            "cty" => Some(&mut self.cty),
            "crit" => Some(&mut self.crit),
            "b64" => Some(&mut self.b64),
            _ => None,
        }
    }
}

impl<'a> Header<'a> {
    /// Reads a protected header from its octets.
    ///
    /// # Errors
    /// [`Refused`], when it is no JSON object in UTF-8, or names a parameter twice.
    pub(super) fn fill_from(
        &mut self,
        octets: &'a [u8],
        rules: Rules,
    ) -> Result<Names<'a>, Refused> {
        match std::str::from_utf8(octets) {
            Ok(text) => self.fill_from_text(text, rules),
            Err(error) => Err(Refused::by(Check::HeaderJson, error.to_string())),
        }
    }

    /// Reads an unprotected header from its text.
    ///
    /// # Errors
    /// [`Refused`], when it is no JSON object, or names a parameter twice.
    pub(super) fn fill_from_text(
        &mut self,
        text: &'a str,
        rules: Rules,
    ) -> Result<Names<'a>, Refused> {
        let rest = self
            .fill(text, rules.twice())
            .map_err(|error| Refused::by(Check::HeaderJson, error.to_string()))?;
        if let Some(name) = &rest.duplicate {
            rules.refuse(Check::HeaderDuplicate, format!("{} stands twice", quote(name)))?;
        }
        Ok(rest.names)
    }

    /// Puts the parameters of an unprotected header beside those of this, the protected one.
    ///
    /// `alg` may stand in either, as in RFC 7520 §4.7: RFC 7515 allows it in the JSON
    /// serializations, and the key's own restrictions and the allow-list bind it there too.
    ///
    /// # Errors
    /// [`Refused`], when a parameter stands in both, or `crit` in the wrong one.
    pub(super) fn unite(
        &mut self,
        names: &Names<'a>,
        text: &'a str,
        rules: Rules,
    ) -> Result<(), Refused> {
        let mut other = Self::default();
        let other_names = other.fill_from_text(text, rules)?;
        if !other.crit.is_absent() {
            rules.refuse(Check::CritUnprotected, "`crit` is not integrity protected")?;
        }
        let both = |name: &str| {
            rules.refuse(Check::HeaderOverlap, format!("{} stands in both", quote(name)))
        };
        if let Some(name) = names.shared(&other_names) {
            both(name)?;
        }
        if !self.b64.is_absent() && !other.b64.is_absent() {
            both("b64")?;
        }
        for (name, own, other) in [
            ("alg", &mut self.alg, other.alg),
            ("kid", &mut self.kid, other.kid),
            ("typ", &mut self.typ, other.typ),
            ("cty", &mut self.cty, other.cty),
        ] {
            if own.is_absent() {
                *own = other;
            } else if !other.is_absent() {
                both(name)?;
            }
        }
        Ok(())
    }

    /// Judges the whole header.
    ///
    /// # Errors
    /// [`Refused`], by any of the header's checks.
    pub(super) fn judge(
        &self,
        demanded: Option<&MediaType<'_>>,
        rules: Rules,
    ) -> Result<Jose<'_>, Refused> {
        let b64 = self.judge_crit(rules)?;
        self.judge_type(demanded, rules)?;
        Ok(Jose { alg: self.judge_alg()?, kid: self.judge_kid(rules)?, b64 })
    }

    /// Refuses a JWT that is the wrapping of another one, which nobody would look at.
    ///
    /// # Errors
    /// [`Refused`], when `cty` says so.
    pub(super) fn judge_nesting(&self, rules: Rules) -> Result<(), Refused> {
        if let Some(cty) = self.cty.text()
            && MediaType::new("JWT").is(cty)
        {
            rules.refuse(Check::NestedJwt, "`cty` says that the payload is a JWT")?;
        }
        Ok(())
    }

    /// Judges `crit` and tells whether the payload is base64url-encoded.
    fn judge_crit(&self, rules: Rules) -> Result<bool, Refused> {
        // `b64` that is not critical is an unknown parameter (RFC 7797 §8, RFC 7515 §4).
        if self.crit.is_absent() {
            return Ok(true);
        }
        let Some(names) = self.crit.texts() else {
            rules.refuse(Check::CritShape, "`crit` is no array of strings")?;
            return Ok(true);
        };
        if names.is_empty() {
            rules.refuse(Check::CritShape, "`crit` is empty")?;
        }
        let mut b64 = None;
        for name in &names {
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
        if let Value::Bool(b64) = self.b64 {
            return Ok(b64);
        }
        if self.b64.is_absent() {
            rules.refuse(Check::CritAbsent, "`b64` is critical and absent")?;
        } else {
            rules.refuse(Check::B64Type, "`b64` is no boolean")?;
        }
        Ok(true)
    }

    fn judge_alg(&self) -> Result<Alg, Refused> {
        let Some(name) = self.alg.text() else {
            return Err(Refused::by(Check::AlgPresent, "there is no `alg` that is a string"));
        };
        Alg::named(name)
            .ok_or_else(|| Refused::by(Check::AlgKnown, format!("`alg` is {}", quote(name))))
    }

    fn judge_kid(&self, rules: Rules) -> Result<Option<&str>, Refused> {
        if let Some(kid) = self.kid.text() {
            return Ok(Some(kid));
        }
        if !self.kid.is_absent() {
            rules.refuse(Check::KidType, "`kid` is no string")?;
        }
        Ok(None)
    }

    fn judge_type(&self, demanded: Option<&MediaType<'_>>, rules: Rules) -> Result<(), Refused> {
        let Some(demanded) = demanded else {
            return Ok(());
        };
        if self.typ.is_absent() {
            return rules.refuse(Check::TypMissing, "there is no `typ`");
        }
        let Some(typ) = self.typ.text() else {
            return rules.refuse(Check::TypOther, "`typ` is no string");
        };
        if demanded.is(typ) {
            return Ok(());
        }
        rules.refuse(Check::TypOther, format!("`typ` is {}", quote(typ)))
    }
}

/// What a header that passed its checks says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jose<'a> {
    /// How the signature is to be verified, if the policy allows it.
    pub(super) alg: Alg,
    /// The hint which key it was.
    pub(super) kid: Option<&'a str>,
    /// Whether the payload is base64url-encoded (RFC 7797), as it is unless `crit` says otherwise.
    pub(super) b64: bool,
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
