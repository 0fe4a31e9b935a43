//! The same proof under every profile: the reference meets what a profile demands, and whoever ignores what it
//! asks for beside the catalogue is caught.

use std::{collections::BTreeSet, thread};

use gauntlet_vectors::{
    Case, CaseId, Catalogue, NumericDate, Policy, Profile, Verdict,
    case::Capability,
    judge::Outcome,
    profile::{find, profiles},
};
use jwks_gauntlet::{
    builtin::reference::{Check, Reference, Rules},
    verifier::{Description, Implementation, Refusal, Verifier},
};

use crate::{Gauntlet, ask::Ask, bank::Bending, is_static};

/// What is as in the catalogue was played there.
fn new_under(profile: &Profile) -> BTreeSet<CaseId> {
    let applied = profile.applied(&Catalogue::build());
    let changed = applied.changed.into_iter().map(|changed| changed.id);
    changed.chain(applied.added.into_iter().map(|added| added.id)).collect()
}

/// Nothing of what it is asked is a finding, or remains open.
fn meets_every_demand(name: &str, gauntlet: &Gauntlet, make: fn() -> Box<dyn Implementation>) {
    let new = new_under(find(name).unwrap());
    let asked = gauntlet.run(make(), |case| is_static(case) && new.contains(&case.id));
    assert!(asked.len() > 20, "{name}: {}", asked.len());
    for (case, played) in asked {
        assert!(
            matches!(played.judgement.outcome, Outcome::Pass | Outcome::Info),
            "{name}: {}: {}: {}",
            case.id,
            played.judgement.outcome,
            played.judgement.reason
        );
    }
}

fn strict() -> Box<dyn Implementation> {
    Box::new(Reference::strict())
}

#[test]
fn the_reference_meets_every_demand_under_every_profile() {
    thread::scope(|scope| {
        for profile in profiles().unwrap().iter().filter(|profile| !profile.is_core()) {
            scope.spawn(|| {
                let gauntlet = Gauntlet::of(profile.apply(&Catalogue::build()));
                meets_every_demand(&profile.id, &gauntlet, strict);
            });
        }
    });
}

/// The reference without the option to demand a type, as most libraries are.
struct WithoutTypes(Reference);

impl Implementation for WithoutTypes {
    fn describe(&self) -> Description {
        let mut description = self.0.describe();
        description.features.retain(|feature| *feature != Capability::TokenType);
        description
    }

    fn configure(&self, policy: &Policy, now: NumericDate) -> Result<Box<dyn Verifier>, Refusal> {
        if policy.token_type.is_some() {
            return Err(Refusal::Unsupported { what: "token_type".to_owned() });
        }
        self.0.configure(policy, now)
    }
}

#[test]
fn a_verifier_that_cannot_demand_a_type_is_asked_all_else() {
    let core = Catalogue::build();
    let catalogue = find("rfc9068").unwrap().apply(&core);
    let told = catalogue.for_features(&|feature| feature != Capability::TokenType);
    let gauntlet = Gauntlet::of(told.into_owned());
    meets_every_demand("rfc9068", &gauntlet, || Box::new(WithoutTypes(Reference::strict())));
}

/// The prefix of an audience is enough for it.
fn by_prefix(ask: Ask) -> Verdict {
    let audiences = ask.policy.audiences.clone();
    ask.without(&[Check::AudOther, Check::AudType]).and(|ask| {
        let claims = ask.claims();
        let aud = claims.get("aud").and_then(serde_json::Value::as_str).unwrap_or_default();
        audiences.is_empty() || audiences.iter().any(|own| aud.starts_with(own.as_str()))
    })
}

/// It takes no type but the one that most tokens have.
fn takes_no_access_token(ask: Ask) -> Verdict {
    ask.and(|ask| ask.header_text("typ") != "at+jwt")
}

fn lacks(check: Check) -> Box<dyn Implementation> {
    Box::new(Reference::with_rules(Rules::STRICT.without(check)))
}

#[test]
fn whoever_ignores_what_a_profile_asks_for_is_caught() {
    type Flawed = fn() -> Box<dyn Implementation>;
    let flaws: [(&str, Flawed, &[&str]); 9] = [
        (
            "rfc9068",
            || lacks(Check::ClaimRequired),
            &["time/exp-missing", "rfc9068/client-id-missing", "rfc9068/iat-missing"],
        ),
        ("rfc9068", || lacks(Check::TypOther), &["token-type/other-jwt"]),
        ("rfc9068", || lacks(Check::TypMissing), &["token-type/missing"]),
        (
            "rfc9068",
            || Box::new(Bending(takes_no_access_token)),
            &["honest/es256", "rfc9068/claims"],
        ),
        ("spiffe-jwt-svid", || lacks(Check::ClaimRequired), &["time/exp-missing"]),
        ("spiffe-jwt-svid", || lacks(Check::AlgAllowed), &["spiffe-jwt-svid/eddsa"]),
        (
            "asvs-strict",
            || lacks(Check::AlgAllowed),
            &["algorithm/rs256-where-only-ps256", "asvs-strict/rs384", "asvs-strict/rs512"],
        ),
        ("oidc-id-token", || Box::new(Bending(by_prefix)), &["oidc-id-token/other-client"]),
        (
            "oidc-id-token",
            || lacks(Check::ClaimRequired),
            &["time/exp-missing", "oidc-id-token/iat-missing"],
        ),
    ];
    for (name, make, expected) in flaws {
        let gauntlet = Gauntlet::of(find(name).unwrap().apply(&Catalogue::build()));
        let is_expected = |case: &Case| expected.contains(&case.id.as_str());
        let found = gauntlet.findings(make(), is_expected);
        let found: Vec<&str> = found.iter().map(|case| case.id.as_str()).collect();
        let missed: Vec<_> = expected.iter().filter(|id| !found.contains(id)).collect();
        assert!(missed.is_empty(), "{name}: nobody noticed in {missed:?}");
    }
}
