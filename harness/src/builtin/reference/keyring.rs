//! The choice of the key.

use super::{
    checks::{Check, Refused, Rules, quote},
    header::Jose,
    jwk::Set,
    key::Key,
};

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct KeyRing {
    /// Ordered by `kid`, those without one first.
    keys: Vec<Key>,
    choice: Choice,
    /// What was left out of the set and why, for refusals.
    left_out: String,
}

/// What has to be verified.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signed<'a> {
    /// What the header says.
    pub(super) jose: &'a Jose<'a>,
    /// The octets that were signed.
    pub(super) message: &'a [u8],
    /// The signature or MAC over them.
    pub(super) signature: &'a [u8],
}

/// What a token's `kid` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// There is one key; `kid` is a hint that nobody needs.
    One,
    /// `kid` picks the keys of that name.
    ByKid,
}

/// How many keys may still be tried for a token.
///
/// A `kid` usually picks one key; without it all keys of the right type are candidates, and several
/// signatures multiply that. Thirty-two is more than any issuer publishes without telling his keys
/// apart, and keeps what a forged token costs within what an honest one does fifty times over.
#[derive(Debug)]
pub(super) struct Tries(u32);

impl KeyRing {
    /// The ring of a key set.
    pub(super) fn of_set(set: Set) -> Self {
        let Set { mut keys, unfit } = set;
        keys.sort_by(|one, other| one.kid.cmp(&other.kid));
        let left_out = match unfit.first() {
            None => String::new(),
            Some(first) => format!("; {} left out of the set, the first for {first}", unfit.len()),
        };
        Self { keys, choice: Choice::ByKid, left_out }
    }

    /// The ring of the only key.
    pub(super) fn of_one(key: Key) -> Self {
        Self { keys: vec![key], choice: Choice::One, left_out: String::new() }
    }

    /// Whether a token of this `kid` finds a candidate here, so that a newer set would not help it.
    pub(super) fn knows(&self, kid: Option<&str>) -> bool {
        kid.is_none_or(|kid| self.choice == Choice::One || !self.named(kid).is_empty())
    }

    /// Finds the key that verifies the signature.
    ///
    /// # Errors
    /// [`Refused`], when there is no candidate, or none of them verifies it.
    pub(super) fn verify(
        &self,
        signed: &Signed<'_>,
        tries: &mut Tries,
        rules: Rules,
    ) -> Result<&Key, Refused> {
        let Signed { jose, message, signature } = *signed;
        let candidates = self.candidates(jose.kid, rules)?;
        let mut tried = None;
        for key in candidates {
            let Some(engine) = key.engine(jose.alg) else {
                continue;
            };
            tries.spend(rules)?;
            if engine.verifies(message, signature) {
                return Ok(key);
            }
            tried = tried.or(Some(key));
        }
        match tried {
            Some(key) => {
                rules.refuse(Check::Signature, format!("no {} signature", jose.alg.name()))?;
                Ok(key)
            }
            None => Err(self.why_none(candidates, jose)),
        }
    }

    /// The keys that a `kid` picks: exactly those of that name, or all where the token names none.
    fn candidates(&self, kid: Option<&str>, rules: Rules) -> Result<&[Key], Refused> {
        let Some(kid) = kid.filter(|_| self.choice == Choice::ByKid) else {
            return Ok(&self.keys);
        };
        let named = self.named(kid);
        if named.is_empty() {
            let detail = format!("no key is named {}{}", quote(kid), self.left_out);
            rules.refuse(Check::KidUnknown, detail)?;
            return Ok(&self.keys);
        }
        Ok(named)
    }

    /// The keys of this name.
    fn named(&self, kid: &str) -> &[Key] {
        let from = self.keys.partition_point(|key| key.kid.as_deref() < Some(kid));
        let rest = self.keys.get(from..).unwrap_or_default();
        let count = rest.partition_point(|key| key.kid.as_deref() == Some(kid));
        rest.get(..count).unwrap_or_default()
    }

    #[cold]
    fn why_none(&self, candidates: &[Key], jose: &Jose<'_>) -> Refused {
        match candidates.iter().find_map(|key| key.why_unfit(jose.alg)) {
            Some(refused) => refused.clone(),
            None => {
                let detail = format!("no key is for {}{}", jose.alg.name(), self.left_out);
                Refused::by(Check::KeyFits, detail)
            }
        }
    }
}

impl Tries {
    /// The most keys tried for one token.
    const MOST: u32 = 32;

    pub(super) const fn new() -> Self {
        Self(Self::MOST)
    }

    fn spend(&mut self, rules: Rules) -> Result<(), Refused> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => rules.refuse(Check::KeyTries, format!("{} keys were tried", Self::MOST)),
        }
    }
}
