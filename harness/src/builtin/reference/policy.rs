//! The policy, prepared: whom to trust, with which keys, for which algorithms and audiences.

use std::borrow::Cow;

use gauntlet_vectors::policy::{FetchOptions, Keys, Policy, TrustedIssuer};

use super::{
    algorithms::AlgSet,
    checks::{Check, Refused, Rules, quote},
    claims::Registered,
    clock::Now,
    der,
    header::MediaType,
    json::Value,
    jwk,
    key::{Key, Label, Material},
    keyring::{KeyRing, Signed, Tries},
    pem,
    remote::Remote,
};
use crate::verifier::Refusal;

/// A policy that is ready to judge tokens.
#[derive(Debug)]
pub(super) struct Trust {
    issuers: Vec<Issuer>,
    /// The `typ` to demand.
    pub(super) token_type: Option<MediaType<'static>>,
    /// Claims that must be there, and which of the registered ones they are.
    required: Vec<(String, Option<Registered>)>,
    /// Clock skew, in seconds.
    pub(super) leeway: u64,
}

/// A trusted issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    /// Its `iss`; where there is none, `iss` is not judged.
    name: Option<String>,
    keys: Source,
    algorithms: AlgSet,
    /// Those of which a token must name one.
    pub(super) audiences: Vec<String>,
}

/// Where an issuer's keys are.
#[derive(Debug)]
enum Source {
    /// Here, since the configuration.
    Held(KeyRing),
    /// Where the issuer publishes them.
    Published(Box<Remote>),
}

/// Why a token is not believed.
#[derive(Debug)]
pub(super) enum Denied {
    /// A check refused it.
    Refused(Refused),
    /// There is no key set to judge it by, and why.
    Unavailable(String),
}

/// Whose signature it was, and the `kid` of the key: lent by keys that are here to stay.
pub(super) type Signer<'a> = (&'a Issuer, Option<Cow<'a, str>>);

/// Whose keys may verify a token.
#[derive(Debug, Clone, Copy)]
pub(super) enum Route<'a> {
    /// Those of the issuers of this name.
    Named(&'a str),
    /// Those of the issuers whose name the policy does not tell.
    Unnamed,
    /// Those of the first issuer: what software takes that does not look at `iss`.
    First,
    /// Those of every issuer, where no claims are judged.
    All,
}

impl Trust {
    /// Prepares a policy.
    ///
    /// # Errors
    /// [`Refusal::Rejected`], where a check refuses it.
    pub(super) fn prepare(policy: &Policy, rules: Rules) -> Result<Self, Refusal> {
        if policy.issuers.is_empty() {
            return Err(rejected(&Refused::by(Check::PolicyEmpty, "there is no issuer")));
        }
        let mut issuers = Vec::with_capacity(policy.issuers.len());
        for issuer in &policy.issuers {
            issuers.push(Issuer::prepare(issuer, policy, rules)?);
        }
        Ok(Self {
            issuers,
            token_type: policy.token_type.clone().map(MediaType::new),
            required: policy
                .required_claims
                .iter()
                .map(|name| (name.clone(), Registered::named(name)))
                .collect(),
            leeway: policy.leeway_s.unwrap_or(0),
        })
    }

    /// Whether any of the keys have to be fetched.
    pub(super) fn fetches(&self) -> bool {
        self.issuers.iter().any(|issuer| matches!(issuer.keys, Source::Published(_)))
    }

    /// The required claims that RFC 7519 registers.
    pub(super) fn registered(&self) -> impl Iterator<Item = (&str, Registered)> {
        self.required.iter().filter_map(|(name, claim)| claim.map(|claim| (name.as_str(), claim)))
    }

    /// The required claims that it does not.
    pub(super) fn unregistered(&self) -> impl Iterator<Item = &str> {
        self.required.iter().filter(|(_, claim)| claim.is_none()).map(|(name, _)| name.as_str())
    }

    /// Finds out whose token it claims to be, from claims that nobody has verified yet.
    ///
    /// The same claims are covered by the signature that is verified next, with the keys of that
    /// issuer alone, so that nothing has to be compared again.
    ///
    /// # Errors
    /// [`Refused`], when the policy names issuers and this is none of them.
    pub(super) fn route<'a>(&self, iss: &'a Value<'_>, rules: Rules) -> Result<Route<'a>, Refused> {
        if let Some(iss) = iss.text()
            && self.issuers.iter().any(|issuer| issuer.name.as_deref() == Some(iss))
        {
            return Ok(Route::Named(iss));
        }
        if self.issuers.iter().any(|issuer| issuer.name.is_none()) {
            return Ok(Route::Unnamed);
        }
        if let Some(iss) = iss.text() {
            rules.refuse(Check::IssOther, format!("`iss` is {}", quote(iss)))?;
        } else if iss.is_absent() {
            rules.refuse(Check::IssMissing, "there is no `iss`")?;
        } else {
            rules.refuse(Check::IssType, "`iss` is no string")?;
        }
        Ok(Route::First)
    }

    /// Verifies a signature with the keys of the issuers on this route, and tells whose it was.
    ///
    /// Keys that are published are fetched here, where nothing else is left to judge the token by, and only
    /// those of issuers on the route.
    ///
    /// # Errors
    /// [`Denied`], for the first reason met, when none of them verifies it; where one of them could not be
    /// asked it is not known that none does.
    pub(super) fn verify(
        &self,
        route: Route<'_>,
        signed: &Signed<'_>,
        now: Now,
        tries: &mut Tries,
        rules: Rules,
    ) -> Result<Signer<'_>, Denied> {
        let mut first = None;
        for (index, issuer) in self.issuers.iter().enumerate() {
            let on_route = match route {
                Route::Named(name) => issuer.name.as_deref() == Some(name),
                Route::Unnamed => issuer.name.is_none(),
                Route::First => index == 0,
                Route::All => true,
            };
            if !on_route {
                continue;
            }
            match issuer.verify(signed, now, tries, rules) {
                Ok(kid) => return Ok((issuer, kid)),
                Err(denied) => first = Some(denied.after(first)),
            }
        }
        Err(first.unwrap_or_else(|| Refused::by(Check::PolicyEmpty, "there is no issuer").into()))
    }
}

impl Denied {
    /// What is said of a token that was denied before, too: no decision where one is missing, else the
    /// first reason.
    pub(super) fn after(self, first: Option<Self>) -> Self {
        match (first, self) {
            (Some(Self::Refused(_)) | None, new @ Self::Unavailable(_)) => new,
            (Some(first), _) => first,
            (None, new) => new,
        }
    }
}

impl From<Refused> for Denied {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl Issuer {
    fn prepare(issuer: &TrustedIssuer, policy: &Policy, rules: Rules) -> Result<Self, Refusal> {
        let own_or_shared = |own: &[String], shared: &[String]| {
            if own.is_empty() { shared.to_vec() } else { own.to_vec() }
        };
        let names = own_or_shared(&issuer.algorithms, &policy.algorithms);
        let named = if names.is_empty() { AlgSet::ALL } else { AlgSet::of_names(&names) };
        // A secret that is published is none: whoever can fetch it can sign with it.
        let algorithms = if is_published(&issuer.keys) { named.public() } else { named };
        if algorithms.is_empty() {
            let whose = if named.is_empty() { "of ours" } else { "for keys that are published" };
            let detail = format!("none of {} is an algorithm {whose}", quote(&names.join(", ")));
            return Err(rejected(&Refused::by(Check::AllowListEmpty, detail)));
        }
        let source = Source::prepare(&issuer.keys, policy.fetch.as_ref(), algorithms, rules);
        Ok(Self {
            name: issuer.issuer.clone().or_else(|| implied_name(&issuer.keys)),
            keys: source.map_err(|refused| rejected(&refused))?,
            algorithms,
            audiences: own_or_shared(&issuer.audiences, &policy.audiences),
        })
    }

    fn verify(
        &self,
        signed: &Signed<'_>,
        now: Now,
        tries: &mut Tries,
        rules: Rules,
    ) -> Result<Option<Cow<'_, str>>, Denied> {
        let alg = signed.jose.alg;
        if !self.algorithms.holds(alg) {
            rules.refuse(Check::AlgAllowed, format!("{} is not allowed", alg.name()))?;
        }
        match &self.keys {
            Source::Held(ring) => {
                let key = ring.verify(signed, tries, rules)?;
                Ok(key.kid.as_deref().map(Cow::Borrowed))
            }
            Source::Published(remote) => {
                let ring = remote.ring(signed.jose.kid, now).map_err(Denied::Unavailable)?;
                let key = ring.verify(signed, tries, rules)?;
                Ok(key.kid.clone().map(Cow::Owned))
            }
        }
    }
}

const fn is_published(keys: &Keys) -> bool {
    matches!(keys, Keys::JwksUri(_) | Keys::Discovery(_))
}

/// Whoever is asked for metadata is who signs: OpenID Connect Discovery 1.0 §4.3 has the `iss` of his
/// tokens identical to the issuer that was asked. Where the policy names an issuer beside it, it knows better.
fn implied_name(keys: &Keys) -> Option<String> {
    if let Keys::Discovery(issuer) = keys { Some(issuer.clone()) } else { None }
}

impl Source {
    /// Reads the keys of a configuration, or where they are.
    ///
    /// A key set may hold keys that are of no use to us, even nothing else. A single key that is of no
    /// use is a mistake that somebody wants to hear of at once.
    fn prepare(
        keys: &Keys,
        fetch: Option<&FetchOptions>,
        allowed: AlgSet,
        rules: Rules,
    ) -> Result<Self, Refused> {
        let of_set = |text: &str| jwk::read_set(text, allowed, rules).map(KeyRing::of_set);
        let of_material = |material: Result<Material, Refused>| {
            Key::prepare(&material?, Label::default(), allowed, rules).map(KeyRing::of_one)
        };
        let ring = match keys {
            Keys::Jwks(text) => of_set(text),
            Keys::JwksB64(octets) => match std::str::from_utf8(octets) {
                Ok(text) => of_set(text),
                Err(error) => Err(Refused::by(Check::JwksEncoding, error.to_string())),
            },
            Keys::Jwk(text) => jwk::read(text, allowed, rules).map(KeyRing::of_one),
            Keys::Pem(text) => of_material(pem::read(text)),
            Keys::DerB64(octets) => of_material(der::public_key_info(octets)),
            Keys::SecretB64(octets) => of_material(Ok(Material::Oct(octets.clone()))),
            Keys::JwksUri(uri) => {
                let remote = Remote::at_uri(uri, fetch, allowed, rules)?;
                return Ok(Self::Published(Box::new(remote)));
            }
            Keys::Discovery(issuer) => {
                let remote = Remote::of_issuer(issuer, fetch, allowed, rules)?;
                return Ok(Self::Published(Box::new(remote)));
            }
        };
        ring.map(Self::Held)
    }
}

fn rejected(refused: &Refused) -> Refusal {
    Refusal::Rejected { error: refused.to_string() }
}
