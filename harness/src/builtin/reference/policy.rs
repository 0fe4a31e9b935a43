//! The policy, prepared: whom to trust, with which keys, for which algorithms and audiences.

use gauntlet_vectors::policy::{Keys, Policy, TrustedIssuer};

use super::{
    algorithms::AlgSet,
    checks::{Check, Refused, Rules, quote},
    claims::Registered,
    der,
    header::{Jose, MediaType},
    json::Value,
    jwk,
    key::{Key, Label, Material},
    keyring::{KeyRing, Tries},
    pem,
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
    keys: KeyRing,
    algorithms: AlgSet,
    /// Those of which a token must name one.
    pub(super) audiences: Vec<String>,
}

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
    /// [`Refusal::Rejected`], where a check refuses it; [`Refusal::Unsupported`], where keys would
    /// have to be fetched.
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
    /// # Errors
    /// [`Refused`], for the first reason met, when none of them verifies it.
    pub(super) fn verify(
        &self,
        route: Route<'_>,
        jose: &Jose<'_>,
        message: &[u8],
        signature: &[u8],
        tries: &mut Tries,
        rules: Rules,
    ) -> Result<(&Issuer, &Key), Refused> {
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
            match issuer.verify(jose, message, signature, tries, rules) {
                Ok(key) => return Ok((issuer, key)),
                Err(refused) => first = first.or(Some(refused)),
            }
        }
        Err(first.unwrap_or_else(|| Refused::by(Check::PolicyEmpty, "there is no issuer")))
    }
}

impl Issuer {
    fn prepare(issuer: &TrustedIssuer, policy: &Policy, rules: Rules) -> Result<Self, Refusal> {
        let own_or_shared = |own: &[String], shared: &[String]| {
            if own.is_empty() { shared.to_vec() } else { own.to_vec() }
        };
        let names = own_or_shared(&issuer.algorithms, &policy.algorithms);
        let algorithms = if names.is_empty() { AlgSet::ALL } else { AlgSet::of_names(&names) };
        if algorithms.is_empty() {
            let detail = format!("none of {} is an algorithm of ours", quote(&names.join(", ")));
            return Err(rejected(&Refused::by(Check::AllowListEmpty, detail)));
        }
        Ok(Self {
            name: issuer.issuer.clone(),
            keys: ring(&issuer.keys, algorithms, rules)?,
            algorithms,
            audiences: own_or_shared(&issuer.audiences, &policy.audiences),
        })
    }

    fn verify(
        &self,
        jose: &Jose<'_>,
        message: &[u8],
        signature: &[u8],
        tries: &mut Tries,
        rules: Rules,
    ) -> Result<&Key, Refused> {
        if !self.algorithms.holds(jose.alg) {
            rules.refuse(Check::AlgAllowed, format!("{} is not allowed", jose.alg.name()))?;
        }
        self.keys.verify(jose, message, signature, tries, rules)
    }
}

/// Reads the keys of a configuration.
///
/// A key set may hold keys that are of no use to us, even nothing else. A single key that is of no
/// use is a mistake that somebody wants to hear of at once.
fn ring(keys: &Keys, allowed: AlgSet, rules: Rules) -> Result<KeyRing, Refusal> {
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
        Keys::JwksUri(_) => return Err(unsupported("jwks_uri")),
        Keys::Discovery(_) => return Err(unsupported("discovery")),
    };
    ring.map_err(|refused| rejected(&refused))
}

fn rejected(refused: &Refused) -> Refusal {
    Refusal::Rejected { error: refused.to_string() }
}

fn unsupported(what: &str) -> Refusal {
    Refusal::Unsupported { what: what.to_owned() }
}
