//! What the families of scenarios share: a service that fetches its keys from an issuer of ours, and the
//! steps of a timeline, one word each.

use serde_json::{Value, json};

use super::{
    AUDIENCE, ISSUER,
    class::{Class, Setup},
    compact, honest_claims,
};
use crate::{
    case::{Capability, Case, CaseId, Permitted},
    forge::KeyName,
    policy::{FetchOptions, JwkRecipe, Keys, KeysRecipe, PolicyRecipe, TrustedIssuer},
    recipe::{Json, JwsRecipe},
    timeline::{
        Endpoint, Fault, IssuerRecipe, MAIN, Presentation, Publication, Scheme, Span, Spans, Step,
        Timeline,
    },
    verdict::Mode,
};

/// The key that the issuer signs with at first.
pub(super) const OLD: &str = "p256-a";
/// The key that comes after it.
pub(super) const NEW: &str = "p256-b";
/// The key of somebody else: an attacker, or another issuer.
pub(super) const OTHERS: &str = "p256-c";
/// A key that no issuer ever publishes.
const NOBODYS: &str = "p256-leading-zero";

/// The case whose honest token has to be accepted for any of the others to tell something.
pub(super) fn honest() -> CaseId {
    CaseId::new(super::rotation::FAMILY.name, "first-fetch")
}

/// A case with issuers, as it is written.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    setup: Setup,
    issuers: Vec<IssuerRecipe>,
}

impl Scene {
    /// A service that trusts one issuer, whose key set it fetches; the set holds [`OLD`].
    pub(super) fn one() -> Self {
        let keys = KeysRecipe::Literal(Keys::JwksUri("{issuer.0}/jwks.json".to_owned()));
        let mut setup = Setup::es256().keys(keys).policy(|policy| policy.fetch = Some(options()));
        setup.twin = honest();
        Self { setup, issuers: vec![serving(&[OLD])] }
    }

    /// The same, where the service knows the issuer's URL and finds its key set by its metadata.
    pub(super) fn discovered() -> Self {
        let mut scene = Self::one();
        scene = scene.policy(|policy| {
            for issuer in &mut policy.issuers {
                issuer.issuer = Some("{issuer.0}".to_owned());
                issuer.keys = KeysRecipe::Literal(Keys::Discovery("{issuer.0}".to_owned()));
            }
        });
        scene.setup.twin = CaseId::new(super::discovery::FAMILY.name, "honest");
        scene.first(|serves| serves.metadata = Some(metadata(&[])))
    }

    /// A service that trusts two issuers with key sets of their own: [`ISSUER`] with [`OLD`], and [`TENANT`]
    /// with [`OTHERS`].
    pub(super) fn two() -> Self {
        let mut scene = Self::one().beside(serving(&[OTHERS])).policy(|policy| {
            policy.issuers.push(TrustedIssuer {
                issuer: Some(TENANT.to_owned()),
                keys: KeysRecipe::Literal(Keys::JwksUri("{issuer.1}/jwks.json".to_owned())),
                algorithms: Vec::new(),
                audiences: Vec::new(),
            });
        });
        scene.setup.twin = CaseId::new(super::served_issuers::FAMILY.name, "both");
        scene
    }

    /// The same with another policy.
    pub(super) fn policy(mut self, change: impl FnOnce(&mut PolicyRecipe)) -> Self {
        self.setup = self.setup.policy(change);
        self
    }

    /// The policy as it stands.
    pub(super) fn as_policy(&self) -> PolicyRecipe {
        self.setup.policy.clone()
    }

    /// The same with one issuer more.
    pub(super) fn beside(mut self, issuer: IssuerRecipe) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// The same, where the first issuer serves something else at first.
    pub(super) fn first(mut self, change: impl FnOnce(&mut Publication)) -> Self {
        if let Some(issuer) = self.issuers.first_mut() {
            change(&mut issuer.serves);
        }
        self
    }

    /// The same, where the response of the first issuer's key set has these header fields.
    pub(super) fn headers(self, headers: &[(&str, &str)]) -> Self {
        let headers = fields(headers);
        self.first(|serves| serves.headers = Some(headers))
    }

    /// The same with TLS at the first issuer, and its authority trusted.
    pub(super) fn with_tls(mut self) -> Self {
        if let Some(issuer) = self.issuers.first_mut() {
            issuer.scheme = Some(Scheme::Https);
        }
        self.setup.twin = CaseId::new(super::endpoint::FAMILY.name, "tls");
        self.policy(|policy| {
            if let Some(fetch) = &mut policy.fetch {
                fetch.ca_file = Some("{ca_file}".to_owned());
            }
        })
    }

    /// The same for verifiers that can do this as well.
    pub(super) fn needing(mut self, capability: Capability) -> Self {
        self.setup = self.setup.needing(capability);
        self
    }

    /// The same for verifiers that say this option holds.
    pub(super) fn having(mut self, option: &str) -> Self {
        self.setup.needs.effective.push(option.to_owned());
        self
    }

    /// The same for verifiers that judge by the time that they are told.
    pub(super) fn twin(mut self, twin: CaseId) -> Self {
        self.setup.twin = twin;
        self
    }

    /// A case of these steps.
    pub(super) fn case(
        &self,
        class: &Class,
        slug: &str,
        title: &str,
        attack: &str,
        steps: impl IntoIterator<Item = Step>,
    ) -> Case {
        let case = class.accept(&self.setup, slug, title, attack, token(OLD));
        Case {
            twin: (case.id != self.setup.twin).then(|| self.setup.twin.clone()),
            issuers: self.issuers.clone(),
            timeline: Timeline(steps.into_iter().collect()),
            ..case
        }
    }
}

/// The second issuer of [`Scene::two`].
pub(super) const TENANT: &str = "https://tenant.test";

/// How a service fetches: the lengths of time are those that a runner scales.
fn options() -> FetchOptions {
    let Spans { max_age, cooldown, max_stale, timeout_ms, .. } = Spans::VIRTUAL;
    FetchOptions {
        timeout_ms: Some(timeout_ms),
        max_age_s: Some(max_age),
        cooldown_s: Some(cooldown),
        max_stale_s: Some(max_stale),
        max_bytes: Some(MAX_BYTES),
        ca_file: None,
    }
}

/// The largest response that a service takes, in octets.
pub(super) const MAX_BYTES: u64 = 1 << 20;

/// A key set as issuers publish it: each key with its name, its use and its algorithm.
pub(super) fn set(keys: &[&str]) -> KeysRecipe {
    named_set(&keys.iter().map(|key| (*key, *key)).collect::<Vec<_>>())
}

/// The same of keys and their `kid`s.
pub(super) fn named_set(keys: &[(&str, &str)]) -> KeysRecipe {
    KeysRecipe::Set(
        keys.iter()
            .map(|(key, kid)| JwkRecipe {
                key: KeyName::from(*key),
                set: [("kid", *kid), ("use", "sig"), ("alg", "ES256")]
                    .map(|(name, value)| (name.to_owned(), Value::from(value)))
                    .to_vec(),
                drop: Vec::new(),
            })
            .collect(),
    )
}

/// An issuer that serves these keys.
pub(super) fn serving(keys: &[&str]) -> IssuerRecipe {
    IssuerRecipe {
        scheme: None,
        serves: Publication { keys: Some(set(keys)), ..Publication::default() },
    }
}

/// Honest metadata of the first issuer, with these members in place of its own; `null` takes one away.
pub(super) fn metadata(changes: &[(&str, Value)]) -> Json {
    let mut members: Vec<(String, Value)> = [
        ("issuer", json!("{issuer.0}")),
        ("authorization_endpoint", json!("{issuer.0}/authorize")),
        ("token_endpoint", json!("{issuer.0}/token")),
        ("jwks_uri", json!("{issuer.0}/jwks.json")),
        ("response_types_supported", json!(["code"])),
        ("subject_types_supported", json!(["public"])),
        ("id_token_signing_alg_values_supported", json!(["ES256", "RS256"])),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    for (name, value) in changes {
        members.retain(|(known, _)| known != name || !value.is_null());
        if let Some((_, old)) = members.iter_mut().find(|(known, _)| known == name) {
            *old = value.clone();
        }
    }
    Json::Members(members)
}

fn fields(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An honest token of this key, under its name.
pub(super) fn token(key: &str) -> JwsRecipe {
    under(key, key)
}

/// A token of this key, under this name.
pub(super) fn under(key: &str, kid: &str) -> JwsRecipe {
    let header = [("alg", "ES256"), ("typ", "JWT"), ("kid", kid)]
        .map(|(name, value)| (name.to_owned(), Value::from(value)));
    let mut claims = honest_claims();
    for (name, value) in &mut claims {
        if name == "exp" {
            // Scenarios take up to an hour of our clock.
            *value = json!("{now+86400}");
        }
    }
    compact(header.to_vec(), claims, key, "ES256")
}

/// A token of this key in the name of the issuer that is found by its metadata.
pub(super) fn discovered_token(key: &str) -> JwsRecipe {
    token(key).claim("iss", "{issuer.0}")
}

/// A token of this key in the name of the second issuer.
pub(super) fn tenants(key: &str) -> JwsRecipe {
    token(key).claim("iss", TENANT)
}

/// A forged token that names a key which nobody has, another one each time.
pub(super) fn stray() -> JwsRecipe {
    under(NOBODYS, "unknown-{n}").claim("jti", "stray-{n}")
}

fn shown(token: JwsRecipe, permitted: Permitted) -> Presentation {
    Presentation::new(Mode::Jwt, token.into(), permitted)
}

/// The token has to be accepted.
pub(super) fn accepted(token: JwsRecipe) -> Step {
    Step::Verify(shown(token, Permitted::accept()))
}

/// The token has to be refused.
pub(super) fn refused(token: JwsRecipe) -> Step {
    Step::Verify(shown(token, Permitted::refuse()))
}

/// The token may be accepted or refused.
pub(super) fn either(token: JwsRecipe) -> Step {
    Step::Verify(shown(token, Permitted::choice(crate::case::Belief::Signed)))
}

/// The token may be accepted or refused while the endpoint fails, but for verifiers that said which.
pub(super) fn as_declared(token: JwsRecipe) -> Step {
    Step::Verify(
        shown(token, Permitted::choice(crate::case::Belief::Signed))
            .where_declared("on_outage", "fail_closed", Permitted::refuse())
            .where_declared("on_outage", "serve_stale", Permitted::accept()),
    )
}

/// The same at another verifier than the first.
pub(super) fn at(verifier: &str, step: Step) -> Step {
    if let Step::Verify(shown) = step {
        Step::Verify(Presentation { verifier: verifier.to_owned(), ..shown })
    } else {
        step
    }
}

/// A second verifier.
pub(super) fn configured(verifier: &str, policy: PolicyRecipe) -> Step {
    Step::Configure { verifier: verifier.to_owned(), policy: Box::new(policy) }
}

/// The first verifier is made anew.
pub(super) fn configured_anew(policy: PolicyRecipe) -> Step {
    configured(MAIN, policy)
}

/// The token has to be accepted so many times in turn.
pub(super) fn accepted_times(count: u32, token: JwsRecipe) -> Step {
    many(count, false, token, Permitted::accept())
}

/// So many tokens have to be refused in turn; `{n}` in them is their number.
pub(super) fn refused_times(count: u32, token: JwsRecipe) -> Step {
    many(count, false, token, Permitted::refuse())
}

/// So many tokens have to be accepted that are shown at once.
pub(super) fn accepted_at_once(count: u32, token: JwsRecipe) -> Step {
    many(count, true, token, Permitted::accept())
}

/// So many tokens have to be refused that are shown at once.
pub(super) fn refused_at_once(count: u32, token: JwsRecipe) -> Step {
    many(count, true, token, Permitted::refuse())
}

/// So many tokens are shown at once, and may be accepted or not.
pub(super) fn either_at_once(count: u32, token: JwsRecipe) -> Step {
    many(count, true, token, Permitted::choice(crate::case::Belief::Signed))
}

/// A number of such tokens, one after the other.
pub(super) fn either_times(count: u32, token: JwsRecipe) -> Step {
    many(count, false, token, Permitted::choice(crate::case::Belief::Signed))
}

fn many(count: u32, at_once: bool, token: JwsRecipe, permitted: Permitted) -> Step {
    Step::VerifyMany { count, at_once, shown: Box::new(shown(token, permitted)) }
}

/// Time passes.
pub(super) fn after(span: Span) -> Step {
    Step::Advance(span)
}

/// The set is past its freshness.
pub(super) fn when_stale() -> Step {
    after(Span::MAX_AGE.plus(1))
}

/// The cooldown is over.
pub(super) fn when_cool() -> Step {
    after(Span::COOLDOWN.plus(1))
}

/// The set is past all use.
pub(super) fn when_useless() -> Step {
    after(Span::MAX_AGE.and(Span::MAX_STALE).plus(1))
}

/// The token has to be accepted at the latest after this time.
pub(super) fn accepted_within(span: Span, token: JwsRecipe) -> Step {
    Step::Within { span, shown: Box::new(shown(token, Permitted::accept())) }
}

/// The token has to be refused at the latest after this time.
pub(super) fn refused_within(span: Span, token: JwsRecipe) -> Step {
    Step::Within { span, shown: Box::new(shown(token, Permitted::refuse())) }
}

/// The first issuer serves these keys from now on.
pub(super) fn published(keys: &[&str]) -> Step {
    published_by(0, set(keys))
}

/// An issuer serves this set from now on.
pub(super) fn published_by(issuer: usize, keys: KeysRecipe) -> Step {
    let serves = Publication { keys: Some(keys), ..Publication::default() };
    Step::Publish { issuer, serves: Box::new(serves) }
}

/// The first issuer has other metadata from now on.
pub(super) fn published_metadata(metadata: Json) -> Step {
    let serves = Publication { metadata: Some(metadata), ..Publication::default() };
    Step::Publish { issuer: 0, serves: Box::new(serves) }
}

/// The key set of the first issuer fails from now on.
pub(super) fn fails(fault: Fault) -> Step {
    fails_at(0, fault)
}

/// The key set of an issuer fails from now on.
pub(super) fn fails_at(issuer: usize, fault: Fault) -> Step {
    Step::Fault { issuer, at: Endpoint::Jwks, fault, after: 0, times: None }
}

/// The metadata of the first issuer fail from now on.
pub(super) fn metadata_fail(fault: Fault) -> Step {
    Step::Fault { issuer: 0, at: Endpoint::Metadata, fault, after: 0, times: None }
}

/// The first issuer is well again.
pub(super) fn mended() -> Step {
    Step::Mend { issuer: 0 }
}

/// So many fetches of the first issuer's key set since the last look, by whoever has a cooldown.
pub(super) fn fetches(min: u32, max: u32) -> Step {
    fetched(0, min, max, true)
}

/// So many, whatever the verifier says of itself.
pub(super) fn fetches_ever(min: u32, max: u32) -> Step {
    fetched(0, min, max, false)
}

/// Nobody asked this issuer for its key set since the last look.
pub(super) fn nobody_asked(issuer: usize) -> Step {
    fetched(issuer, 0, 0, false)
}

/// So many fetches of an issuer's key set since the last look.
pub(super) fn fetched(issuer: usize, min: u32, max: u32, cooled: bool) -> Step {
    Step::ExpectFetches { issuer, of: Endpoint::Jwks, min, max: Some(max), cooled }
}

/// The last answer came in time.
pub(super) const PROMPT: Step = Step::ExpectPrompt;

/// The trusted issuer of [`Scene::one`] and the audience, for policies that differ in them.
pub(super) const NAMES: (&str, &str) = (ISSUER, AUDIENCE);
