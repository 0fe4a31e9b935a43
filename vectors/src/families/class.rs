//! What the cases of one class share: rule, ground and set-up, written once.
//!
//! A class is one way in which verifiers go wrong; its cases are the spellings of it. Each case adds
//! what is its own: a slug, a title, what the attacker does, and a token.

use crate::{
    case::{
        Basis, Capability, Case, CaseId, CatalogueVersion, Category, Clause, Clock,
        HonestAlgorithm, Level, Needs, Part, Permitted, Severity, Story,
    },
    families::{compact, honest_claims, honest_header, one_issuer},
    policy::{KeysRecipe, PolicyRecipe},
    recipe::{JwsRecipe, Recipe},
    timeline::{Presentation, Step, Timeline},
    verdict::Mode,
};

/// What the cases of a class share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class {
    /// The family that they belong to.
    pub(super) family: &'static str,
    /// What kind of failure they look for.
    pub(super) category: Category,
    /// The part of a verifier that decides them.
    pub(super) part: Part,
    /// How strongly its demands are made; a choice is always [`Level::May`].
    pub(super) level: Level,
    /// On what ground.
    pub(super) basis: Basis,
    /// How bad it is if a demand is not met; a choice is always [`Severity::Info`].
    pub(super) severity: Severity,
    /// Where the rule stands, such as `RFC 7515 §4.1.11`.
    pub(super) clauses: &'static [&'static str],
    /// The CWE numbers.
    pub(super) cwe: &'static [u16],
    /// What a verifier has to do.
    pub(super) rule: &'static str,
    /// What follows if it gives way.
    pub(super) consequence: &'static str,
    /// What its author changes.
    pub(super) remedy: &'static str,
}

/// Who is asked: the policy, and the honest token that it accepts.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    /// The policy.
    pub(super) policy: PolicyRecipe,
    /// What a verifier must be able to do.
    pub(super) needs: Needs,
    /// The case in which the honest token under this policy must be accepted.
    pub(super) twin: CaseId,
    /// Whole JWT or bare JWS.
    pub(super) mode: Mode,
    /// The key that signs honestly.
    pub(super) key: &'static str,
    /// Its algorithm.
    pub(super) alg: &'static str,
}

impl Class {
    /// A demand to refuse; the set-up names the twin.
    pub(super) fn refuse(
        &self,
        setup: &Setup,
        slug: &str,
        title: impl Into<String>,
        attack: impl Into<String>,
        token: impl Into<Recipe>,
    ) -> Case {
        let twin = Some(setup.twin.clone());
        Case { twin, ..self.case(setup, slug, title, attack, token, Permitted::refuse()) }
    }

    /// A demand to accept, and to believe what was signed.
    pub(super) fn accept(
        &self,
        setup: &Setup,
        slug: &str,
        title: impl Into<String>,
        attack: impl Into<String>,
        token: impl Into<Recipe>,
    ) -> Case {
        self.case(setup, slug, title, attack, token, Permitted::accept())
    }

    /// Something that is left to the verifier: told, never held against it.
    ///
    /// What is permitted says what an accepting verifier has to believe.
    pub(super) fn choice(
        &self,
        setup: &Setup,
        slug: &str,
        title: impl Into<String>,
        attack: impl Into<String>,
        token: impl Into<Recipe>,
        permitted: Permitted,
    ) -> Case {
        Case {
            level: Level::May,
            severity: Severity::Info,
            ..self.case(setup, slug, title, attack, token, permitted)
        }
    }

    fn case(
        &self,
        setup: &Setup,
        slug: &str,
        title: impl Into<String>,
        attack: impl Into<String>,
        token: impl Into<Recipe>,
        permitted: Permitted,
    ) -> Case {
        Case {
            id: CaseId::new(self.family, slug),
            title: title.into(),
            story: Story {
                rule: self.rule.to_owned(),
                attack: attack.into(),
                consequence: self.consequence.to_owned(),
                remedy: self.remedy.to_owned(),
            },
            clauses: self.clauses.iter().map(|name| Clause((*name).to_owned())).collect(),
            cwe: self.cwe.to_vec(),
            category: self.category,
            level: self.level,
            basis: self.basis,
            severity: self.severity,
            part: self.part,
            twin: None,
            needs: setup.needs.clone(),
            since: CatalogueVersion::V2026_1,
            source: None,
            clock: Clock::Now,
            issuers: Vec::new(),
            policy: setup.policy.clone(),
            timeline: Timeline::of(Presentation::new(setup.mode, token.into(), permitted)),
        }
    }
}

impl Setup {
    /// A service that trusts one issuer with one key set of one key and one algorithm; its honest
    /// token is the case `honest/SLUG`.
    pub(super) fn honest(
        slug: &str,
        key: &'static str,
        alg: &'static str,
        crv: Option<&str>,
    ) -> Self {
        Self {
            policy: one_issuer(key, alg),
            needs: Needs {
                capabilities: vec![Capability::Jwt],
                lacks: Vec::new(),
                effective: Vec::new(),
                spared: Vec::new(),
                algorithms: vec![HonestAlgorithm {
                    alg: alg.to_owned(),
                    crv: crv.map(str::to_owned),
                }],
            },
            twin: CaseId::new(super::honest::FAMILY.name, slug),
            mode: Mode::Jwt,
            key,
            alg,
        }
    }

    /// The set-up for whatever does not hang on the algorithm: ES256, which nearly everybody has and
    /// which costs little to sign.
    pub(super) fn es256() -> Self {
        Self::honest("es256", "p256-a", "ES256", Some("P-256"))
    }

    /// The same with RS256.
    pub(super) fn rs256() -> Self {
        Self::honest("rs256", "rsa-2048-a", "RS256", None)
    }

    /// The same with HS256.
    pub(super) fn hs256() -> Self {
        Self::honest("hs256", "oct-256-a", "HS256", None)
    }

    /// The same with EdDSA on edwards25519.
    pub(super) fn ed25519() -> Self {
        Self::honest("ed25519", "ed25519-a", "EdDSA", Some("Ed25519"))
    }

    /// The same with another honest case, for a policy that this set-up changed.
    pub(super) fn twin(mut self, family: &str, slug: &str) -> Self {
        self.twin = CaseId::new(family, slug);
        self
    }

    /// The same with a changed policy; the twin has to be named anew.
    pub(super) fn policy(mut self, change: impl FnOnce(&mut PolicyRecipe)) -> Self {
        change(&mut self.policy);
        self
    }

    /// The same with other keys for its only issuer; the twin has to be named anew.
    pub(super) fn keys(self, keys: KeysRecipe) -> Self {
        self.policy(|policy| {
            for issuer in &mut policy.issuers {
                issuer.keys = keys.clone();
            }
        })
    }

    /// The same for verifiers that can do this as well.
    pub(super) fn needing(mut self, capability: Capability) -> Self {
        self.needs.capabilities.push(capability);
        self
    }

    /// The same in `jws` mode, where the signature is all that is judged: a policy then names neither
    /// issuer nor audiences.
    pub(super) fn jws(self) -> Self {
        let mut this = self.policy(|policy| {
            policy.audiences.clear();
            for issuer in &mut policy.issuers {
                issuer.issuer = None;
            }
        });
        this.mode = Mode::Jws;
        this.needs.capabilities.retain(|capability| *capability != Capability::Jwt);
        this.needing(Capability::Jws)
    }

    /// The token that the policy accepts.
    pub(super) fn token(&self) -> JwsRecipe {
        compact(honest_header(self.key, self.alg), honest_claims(), self.key, self.alg)
    }
}

/// Puts a step behind the others of a case.
pub(super) fn followed_by(mut case: Case, step: Step) -> Case {
    case.timeline.0.push(step);
    case
}
