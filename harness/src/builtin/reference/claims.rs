//! The claims of a JWT (RFC 7519 §4.1), judged against an issuer's policy.

use super::{
    checks::{Check, Refused, Rules, quote},
    json::{Members, Value},
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
    fn slot(&mut self, name: &str) -> Option<&mut Value<'a>> {
        match Registered::named(name) {
            Some(Registered::Iss) => Some(&mut self.iss),
            Some(Registered::Sub) => Some(&mut self.sub),
            Some(Registered::Aud) => Some(&mut self.aud),
            Some(Registered::Exp) => Some(&mut self.exp),
            Some(Registered::Nbf) => Some(&mut self.nbf),
            Some(Registered::Iat) => Some(&mut self.iat),
            Some(Registered::Jti) => Some(&mut self.jti),
            None => {
                self.others.iter_mut().find(|(other, _)| *other == name).map(|(_, value)| value)
            }
        }
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
    /// Claims that are yet to be read.
    pub(super) fn asked_by(trust: &'p Trust) -> Self {
        Self {
            iss: Value::Absent,
            sub: Value::Absent,
            aud: Value::Absent,
            exp: Value::Absent,
            nbf: Value::Absent,
            iat: Value::Absent,
            jti: Value::Absent,
            others: trust.unregistered().map(|name| (name, Value::Absent)).collect(),
        }
    }

    /// Reads the claims from the payload.
    ///
    /// # Errors
    /// [`Refused`], when it is no JSON object in UTF-8, or names a claim twice.
    pub(super) fn fill_from(&mut self, payload: &'a [u8], rules: Rules) -> Result<(), Refused> {
        let text = std::str::from_utf8(payload)
            .map_err(|error| Refused::by(Check::ClaimsJson, error.to_string()))?;
        let rest = self
            .fill(text, rules.twice())
            .map_err(|error| Refused::by(Check::ClaimsJson, error.to_string()))?;
        if let Some(name) = &rest.duplicate {
            rules.refuse(Check::ClaimsDuplicate, format!("{} stands twice", quote(name)))?;
        }
        Ok(())
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
        if self.aud.is_absent() {
            return match audiences {
                [] => Ok(()),
                [_, ..] => rules.refuse(Check::AudMissing, "there is no `aud`"),
            };
        }
        if audiences.is_empty() {
            return rules.refuse(Check::AudUnexpected, "`aud` is present and none is ours");
        }
        let is_ours = |aud: &str| audiences.iter().any(|ours| ours == aud);
        if let Some(aud) = self.aud.text() {
            if is_ours(aud) {
                return Ok(());
            }
            return rules.refuse(Check::AudOther, format!("`aud` is {}", quote(aud)));
        }
        let Some(auds) = self.aud.texts() else {
            let detail = "`aud` is neither a string nor an array of strings";
            return rules.refuse(Check::AudType, detail);
        };
        if auds.iter().any(|aud| is_ours(aud)) {
            return Ok(());
        }
        rules.refuse(Check::AudOther, format!("`aud` names {} others", auds.len()))
    }

    fn judge_time(&self, now: i64, leeway: u64, rules: Rules) -> Result<(), Refused> {
        let (now, leeway) = (i128::from(now), i128::from(leeway));
        if let Value::Number(exp) = self.exp {
            if exp.at_or_before(now - leeway) {
                rules.refuse(Check::ExpPassed, format!("`exp` is {exp}, now is {now}"))?;
            }
        } else if !self.exp.is_absent() {
            rules.refuse(Check::ExpType, "`exp` is no number")?;
        }
        if let Value::Number(nbf) = self.nbf {
            if nbf.after(now + leeway) {
                rules.refuse(Check::NbfAhead, format!("`nbf` is {nbf}, now is {now}"))?;
            }
        } else if !self.nbf.is_absent() {
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
