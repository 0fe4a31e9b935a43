//! The claims of a JWT (RFC 7519 §4.1), judged against an issuer's policy.

use super::{
    checks::{Check, Refused, Rules, quote},
    json::{Members, Object, Slot, Value},
    policy::{Issuer, Trust},
};

/// The claims that are judged.
#[derive(Debug)]
pub(super) struct Claims<'a, 'p> {
    iss: Value<'a>,
    sub: Value<'a>,
    aud: Value<'a>,
    exp: Value<'a>,
    nbf: Value<'a>,
    iat: Value<'a>,
    jti: Value<'a>,
    /// The policy's required claims beside those, and what the token has for each.
    others: Vec<(&'p str, Value<'a>)>,
}

impl<'a> Members<'a> for Claims<'a, '_> {
    fn slot(&mut self, name: &str) -> Slot<'_, 'a> {
        Slot::Value(match Registered::named(name) {
            Some(Registered::Iss) => &mut self.iss,
            Some(Registered::Sub) => &mut self.sub,
            Some(Registered::Aud) => &mut self.aud,
            Some(Registered::Exp) => &mut self.exp,
            Some(Registered::Nbf) => &mut self.nbf,
            Some(Registered::Iat) => &mut self.iat,
            Some(Registered::Jti) => &mut self.jti,
            None => match self.others.iter_mut().find(|(required, _)| *required == name) {
                Some((_, value)) => value,
                None => return Slot::Skip,
            },
        })
    }
}

/// The registered claims (RFC 7519 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registered {
    Iss,
    Sub,
    Aud,
    Exp,
    Nbf,
    Iat,
    Jti,
}

impl Registered {
    /// The claim of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "iss" => Some(Self::Iss),
            "sub" => Some(Self::Sub),
            "aud" => Some(Self::Aud),
            "exp" => Some(Self::Exp),
            "nbf" => Some(Self::Nbf),
            "iat" => Some(Self::Iat),
            "jti" => Some(Self::Jti),
            _ => None,
        }
    }
}

impl<'a, 'p> Claims<'a, 'p> {
    /// Reads the claims from the payload.
    ///
    /// # Errors
    /// [`Refused`], when it is no JSON object in UTF-8, or names a claim twice.
    pub(super) fn read(payload: &'a [u8], trust: &'p Trust, rules: Rules) -> Result<Self, Refused> {
        let text = std::str::from_utf8(payload)
            .map_err(|error| Refused::by(Check::ClaimsJson, error.to_string()))?;
        let claims = Self {
            iss: Value::Absent,
            sub: Value::Absent,
            aud: Value::Absent,
            exp: Value::Absent,
            nbf: Value::Absent,
            iat: Value::Absent,
            jti: Value::Absent,
            others: trust.unregistered().map(|name| (name, Value::Absent)).collect(),
        };
        let object = Object::read(text, claims)
            .map_err(|error| Refused::by(Check::ClaimsJson, error.to_string()))?;
        if let Some(name) = &object.duplicate {
            rules.refuse(Check::ClaimsDuplicate, format!("{} stands twice", quote(name)))?;
        }
        Ok(object.members)
    }

    /// The issuer's name, as the token has it.
    pub(super) fn iss(&self) -> &Value<'a> {
        &self.iss
    }

    /// Judges everything but the issuer, at `now`.
    ///
    /// # Errors
    /// [`Refused`], by any of the claims' checks.
    pub(super) fn judge(
        &self,
        issuer: &Issuer,
        trust: &Trust,
        now: i64,
        rules: Rules,
    ) -> Result<(), Refused> {
        self.judge_audience(&issuer.audiences, rules)?;
        self.judge_time(now, trust.leeway, rules)?;
        for (name, value, check) in
            [("sub", &self.sub, Check::SubType), ("jti", &self.jti, Check::JtiType)]
        {
            if !matches!(value, Value::Absent | Value::Text(_)) {
                rules.refuse(check, format!("`{name}` is no string"))?;
            }
        }
        self.judge_presence(trust, rules)
    }

    fn judge_audience(&self, audiences: &[String], rules: Rules) -> Result<(), Refused> {
        let named = match &self.aud {
            Value::Absent if audiences.is_empty() => return Ok(()),
            Value::Absent => return rules.refuse(Check::AudMissing, "there is no `aud`"),
            _ if audiences.is_empty() => {
                return rules.refuse(Check::AudUnexpected, "`aud` is present and none is ours");
            }
            Value::Text(aud) => std::slice::from_ref(aud),
            Value::Texts(auds) => auds.as_slice(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array | Value::Object => {
                let detail = "`aud` is neither a string nor an array of strings";
                return rules.refuse(Check::AudType, detail);
            }
        };
        if named.iter().any(|aud| audiences.iter().any(|ours| ours == aud)) {
            return Ok(());
        }
        let first = named.first().map_or("nobody".into(), |aud| quote(aud));
        rules.refuse(Check::AudOther, format!("`aud` names {first} of {} and not us", named.len()))
    }

    fn judge_time(&self, now: i64, leeway: u64, rules: Rules) -> Result<(), Refused> {
        let (now, leeway) = (i128::from(now), i128::from(leeway));
        if let Value::Number(exp) = self.exp {
            if exp.at_or_before(now - leeway) {
                rules.refuse(Check::ExpPassed, format!("`exp` is {exp}, now is {now}"))?;
            }
        } else if self.exp != Value::Absent {
            rules.refuse(Check::ExpType, "`exp` is no number")?;
        }
        if let Value::Number(nbf) = self.nbf {
            if nbf.after(now + leeway) {
                rules.refuse(Check::NbfAhead, format!("`nbf` is {nbf}, now is {now}"))?;
            }
        } else if self.nbf != Value::Absent {
            rules.refuse(Check::NbfType, "`nbf` is no number")?;
        }
        if !matches!(self.iat, Value::Absent | Value::Number(_)) {
            rules.refuse(Check::IatType, "`iat` is no number")?;
        }
        Ok(())
    }

    fn judge_presence(&self, trust: &Trust, rules: Rules) -> Result<(), Refused> {
        let registered = trust.registered().map(|(name, claim)| (name, self.registered(claim)));
        let others = self.others.iter().map(|(name, value)| (*name, value));
        for (name, value) in registered.chain(others) {
            if matches!(value, Value::Absent | Value::Null) {
                rules.refuse(Check::ClaimRequired, format!("there is no {}", quote(name)))?;
            }
        }
        Ok(())
    }

    const fn registered(&self, claim: Registered) -> &Value<'a> {
        match claim {
            Registered::Iss => &self.iss,
            Registered::Sub => &self.sub,
            Registered::Aud => &self.aud,
            Registered::Exp => &self.exp,
            Registered::Nbf => &self.nbf,
            Registered::Iat => &self.iat,
            Registered::Jti => &self.jti,
        }
    }
}
