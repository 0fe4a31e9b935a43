//! Flawed verifiers: the reference with one check removed, or bent the way real software bends it.

mod claims;
mod clients;
pub(crate) mod field;
mod keys;
mod memory;
mod token;
mod unseen;

use std::sync::{Arc, Mutex};

use gauntlet_vectors::{NoAnswer, NumericDate, Policy, Presented, Verdict};
use jwks_gauntlet::{
    builtin::reference::{Check, Reference, Rules},
    verifier::{Description, Implementation, Refusal, Verifier},
};

pub(crate) use self::clients::clients;
use crate::{
    ask::Ask,
    client::{Client, habits::Habits},
};

/// A flawed verifier.
#[derive(Clone, Copy)]
pub(crate) struct Flaw {
    /// What is wrong with it.
    pub(crate) name: &'static str,
    /// The family that has to catch it.
    pub(crate) family: &'static str,
    pub(crate) how: How,
}

/// How it came to be flawed.
#[derive(Clone, Copy)]
pub(crate) enum How {
    /// A check is missing.
    Without(Check),
    /// A question or an answer is bent.
    Bent(fn(Ask) -> Verdict),
    /// It remembers what it should not.
    Remembers(fn() -> Box<dyn Implementation>),
    /// It fetches key sets, and has one bad habit.
    Fetches(fn(&mut Habits)),
}

/// Every flaw of a verifier that is given its keys.
pub(crate) fn flaws() -> Vec<Flaw> {
    let removed = REMOVED.iter().map(|(check, family)| Flaw {
        name: check.id(),
        family,
        how: How::Without(*check),
    });
    removed
        .chain(token::FLAWS.iter().copied())
        .chain(keys::FLAWS.iter().copied())
        .chain(claims::FLAWS.iter().copied())
        .chain(memory::FLAWS.iter().copied())
        .chain(field::FLAWS.iter().copied().flatten().copied())
        .chain(unseen::FLAWS.iter().copied().flatten().copied())
        .collect()
}

/// Checks whose absence is a flaw, and the family that has to notice.
const REMOVED: &[(Check, &str)] = &[
    (Check::JwkUse, "keys"),
    (Check::JwkKeyOps, "keys"),
    (Check::JwkAlg, "algorithm"),
    (Check::RsaSize, "keys"),
    (Check::HmacSize, "keys"),
    (Check::Base64Alphabet, "encoding"),
    (Check::Base64Padding, "encoding"),
    (Check::HeaderDuplicate, "json"),
    (Check::HeaderOverlap, "json-serialization"),
    (Check::AlgAllowed, "algorithm"),
    (Check::CritUnknown, "header"),
    (Check::CritUnprotected, "json-serialization"),
    (Check::B64Type, "header"),
    (Check::TypMissing, "token-type"),
    (Check::TypOther, "token-type"),
    (Check::Signature, "signature"),
    (Check::ClaimsDuplicate, "json"),
    (Check::IssMissing, "issuer"),
    (Check::IssType, "issuer"),
    (Check::IssOther, "issuer"),
    (Check::AudMissing, "audience"),
    (Check::AudType, "audience"),
    (Check::AudOther, "audience"),
    (Check::AudUnexpected, "audience"),
    (Check::ExpType, "time"),
    (Check::ExpPassed, "time"),
    (Check::NbfType, "time"),
    (Check::NbfAhead, "time"),
    (Check::ClaimRequired, "required-claims"),
];

/// Checks that the specifications leave to the verifier: without any of them it still conforms.
pub(crate) const FREEDOMS: &[Check] = &[
    Check::JwksDuplicate,
    Check::JwkDuplicate,
    Check::JwkCertificate,
    Check::TokenLength,
    Check::Base64TrailingBits,
    Check::JwsMixed,
    Check::JwsSignatures,
    Check::JwsDuplicate,
    Check::CritShape,
    Check::CritAbsent,
    Check::B64Mixed,
    Check::B64Characters,
    Check::KidType,
    Check::KidUnknown,
    Check::KeyTries,
    Check::IatType,
    Check::SubType,
    Check::JtiType,
    Check::HeaderDuplicate,
    Check::ClaimsDuplicate,
    Check::NestedJwt,
    Check::B64Jwt,
];

impl Flaw {
    /// A fresh process of it, as it were.
    pub(crate) fn make(&self) -> Box<dyn Implementation> {
        match self.how {
            How::Without(check) => Box::new(Reference::with_rules(Rules::STRICT.without(check))),
            How::Bent(bend) => Box::new(Bending(bend)),
            How::Remembers(make) => make(),
            How::Fetches(change) => {
                let mut habits = Habits::HONEST;
                change(&mut habits);
                Box::new(Client::new(habits))
            }
        }
    }
}

/// The reference, asked another question or misheard.
pub(crate) struct Bending(pub(crate) fn(Ask) -> Verdict);

impl Implementation for Bending {
    fn describe(&self) -> Description {
        Reference::strict().describe()
    }

    // A bent question may make a policy acceptable, so that nothing is refused here.
    fn configure(&self, policy: &Policy, _: NumericDate) -> Result<Box<dyn Verifier>, Refusal> {
        Ok(Box::new(Bent { bend: self.0, policy: Arc::new(policy.clone()) }))
    }
}

struct Bent {
    bend: fn(Ask) -> Verdict,
    policy: Arc<Policy>,
}

impl Verifier for Bent {
    fn verify(&self, presented: &Presented, now: NumericDate) -> Result<Verdict, NoAnswer> {
        Ok((self.bend)(Ask::new(&self.policy, presented, now)))
    }
}

/// The reference with a memory that all its verifiers share.
struct Remembering<M> {
    memory: Arc<Mutex<M>>,
    verdict: fn(Ask, &mut M) -> Verdict,
}

impl<M: Default + Send + 'static> Remembering<M> {
    fn boxed(verdict: fn(Ask, &mut M) -> Verdict) -> Box<dyn Implementation> {
        Box::new(Self { memory: Arc::default(), verdict })
    }
}

impl<M: Send + 'static> Implementation for Remembering<M> {
    fn describe(&self) -> Description {
        Reference::strict().describe()
    }

    fn configure(&self, policy: &Policy, _: NumericDate) -> Result<Box<dyn Verifier>, Refusal> {
        Ok(Box::new(Recalling {
            memory: Arc::clone(&self.memory),
            verdict: self.verdict,
            policy: Arc::new(policy.clone()),
        }))
    }
}

struct Recalling<M> {
    memory: Arc<Mutex<M>>,
    verdict: fn(Ask, &mut M) -> Verdict,
    policy: Arc<Policy>,
}

impl<M: Send> Verifier for Recalling<M> {
    fn verify(&self, presented: &Presented, now: NumericDate) -> Result<Verdict, NoAnswer> {
        let ask = Ask::new(&self.policy, presented, now);
        Ok((self.verdict)(ask, &mut self.memory.lock().unwrap()))
    }
}

/// A liar that gives every question the answer to the one before.
pub(crate) fn late() -> Box<dyn Implementation> {
    Remembering::<Option<Verdict>>::boxed(|ask, before| {
        before.replace(ask.verdict()).unwrap_or_else(|| Verdict::reject("nothing was asked before"))
    })
}
