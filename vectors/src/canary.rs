//! What is shown to a verifier before anything is judged, and again after it crashed.
//!
//! An honest token must be accepted; and for each member of a policy, a token that only this member
//! can refuse must be refused. A verifier that does not honour a member, and does not say so, would
//! otherwise be blamed for what its adapter left away.

use serde_json::{Value, json};

use crate::{
    case::{Case, Part},
    families,
    policy::PolicyRecipe,
    recipe::{Json, Recipe},
    timeline::Step,
    verdict::Mode,
};

/// An honest token and its probes.
#[derive(Debug, Clone, PartialEq)]
pub struct Canary {
    /// The case that must be accepted.
    pub honest: Case,
    /// Tokens that one member of the policy must refuse.
    pub probes: Vec<Probe>,
}

/// A token that one member of the policy must refuse.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The member.
    pub member: &'static str,
    /// The part of a verifier that honours it.
    pub part: Part,
    /// What was shown, for a warning: "accepted …".
    pub what: &'static str,
    /// The policy.
    pub policy: PolicyRecipe,
    /// The token.
    pub token: Recipe,
}

/// The canaries in the order in which one is chosen: the first that a verifier can be shown.
#[must_use]
pub fn canaries() -> Vec<Canary> {
    (families::honest::FAMILY.cases)()
        .into_iter()
        .map(|honest| Canary { probes: probes(&honest), honest })
        .collect()
}

fn probes(honest: &Case) -> Vec<Probe> {
    let Some(Step::Verify(presentation)) = honest.timeline.0.first() else { return Vec::new() };
    if presentation.mode != Mode::Jwt {
        return Vec::new();
    }
    let probe = |member, part, what, changes: &[(&str, Option<Value>)]| {
        Some(Probe {
            member,
            part,
            what,
            policy: honest.policy.clone(),
            token: with_claims(&presentation.token, changes)?,
        })
    };
    let mut probes: Vec<Probe> = [
        probe(
            "leeway_s",
            Part::Time,
            "a token that expired an hour ago",
            &[("iat", Some(json!("{now-7200}"))), ("exp", Some(json!("{now-3600}")))],
        ),
        probe(
            "audiences",
            Part::Audience,
            "a token for another audience",
            &[("aud", Some(json!("https://another-api.test")))],
        ),
        probe(
            "issuer",
            Part::Issuer,
            "a token of another issuer",
            &[("iss", Some(json!("https://another-issuer.test")))],
        ),
        probe(
            "required_claims",
            Part::RequiredClaims,
            "a token without a required claim",
            &[("sub", None)],
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    for probe in probes.iter_mut().filter(|probe| probe.member == "required_claims") {
        probe.policy.required_claims = vec!["sub".to_owned()];
    }
    probes
}

/// The same token, signed by the same key, with claims replaced or taken away.
fn with_claims(token: &Recipe, changes: &[(&str, Option<Value>)]) -> Option<Recipe> {
    let Recipe::Jws(recipe) = token else { return None };
    let mut recipe = recipe.clone();
    let Json::Members(claims) = &mut recipe.payload else { return None };
    for (name, value) in changes {
        match value {
            Some(value) => {
                claims.iter_mut().filter(|(claim, _)| claim == name).for_each(|(_, old)| {
                    old.clone_from(value);
                });
            }
            None => claims.retain(|(claim, _)| claim != name),
        }
    }
    Some(Recipe::Jws(recipe))
}
