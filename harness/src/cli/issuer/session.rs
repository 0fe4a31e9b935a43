//! What the issuer serves, and how that changes by hand.

use std::time::SystemTime;

use anyhow::{Context, anyhow, bail};
use gauntlet_vectors::{
    env::{Env, NumericDate},
    forge::{Published, keys::NAMES, resolve_publication},
    policy::KeysRecipe,
    recipe::Json,
    timeline::Publication,
};
use serde_json::{Value, json};

use super::{
    super::run::numeric_date,
    keys::{Served, known, of_the_same_kind, test_key},
    mint::{self, Terms},
    watch::time_of_day,
    words::quoted,
};
use crate::issuer::{Issuer, MOST_KEPT, Request, Rule};

/// An issuer, and all that is told of it.
pub(super) struct Session<'a> {
    pub(super) issuer: Issuer,
    /// What tokens and metadata call it.
    pub(super) name: String,
    pub(super) audience: String,
    pub(super) algorithms: Vec<&'static str>,
    pub(super) ca_file: Option<String>,
    pub(super) is_tls: bool,
    pub(super) keys: Vec<Served>,
    pub(super) headers: Vec<(String, String)>,
    /// In place of honest metadata's members, or beside them; absent ones are taken away.
    pub(super) metadata: Vec<(String, Option<Value>)>,
    pub(super) rules: Vec<Rule>,
    pub(super) token: Option<String>,
    pub(super) opened: SystemTime,
    /// All that were ever served, the last one last; each once.
    past: Vec<Served>,
    /// The URL of the last `curl`.
    asked: Option<String>,
    minted: u64,
    forgotten: usize,
    clock: &'a dyn Fn() -> SystemTime,
}

impl<'a> Session<'a> {
    pub(super) fn new(issuer: Issuer, clock: &'a dyn Fn() -> SystemTime) -> Self {
        Self {
            name: issuer.url(),
            issuer,
            audience: String::new(),
            algorithms: Vec::new(),
            ca_file: None,
            is_tls: false,
            keys: Vec::new(),
            headers: Vec::new(),
            metadata: Vec::new(),
            rules: Vec::new(),
            token: None,
            opened: clock(),
            past: Vec::new(),
            asked: None,
            minted: 0,
            forgotten: 0,
            clock,
        }
    }

    pub(super) fn jwks_uri(&self) -> String {
        format!("{}/jwks.json", self.issuer.url())
    }

    pub(super) fn port(&self) -> u16 {
        let url = self.issuer.url();
        let authority = url.split('/').nth(2).unwrap_or_default();
        authority.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
    }

    /// Where OpenID Connect Discovery §4 and RFC 8414 §3 look for its metadata.
    pub(super) fn metadata_urls(&self) -> [String; 2] {
        let url = self.issuer.url();
        let after_scheme = url.find("://").map_or(0, |at| at + 3);
        let path = url.get(after_scheme..).and_then(|rest| rest.find('/'));
        let (origin, path) = url.split_at(path.map_or(url.len(), |at| after_scheme + at));
        [
            format!("{url}/.well-known/openid-configuration"),
            format!("{origin}/.well-known/oauth-authorization-server{path}"),
        ]
    }

    /// A line that confirms what was done.
    pub(super) fn done(&self, what: &str) -> String {
        format!("{} {what}\n", time_of_day((self.clock)()))
    }

    /// Serves what is to be served from now on.
    pub(super) fn publish(&mut self) -> anyhow::Result<()> {
        let published = self.published()?;
        self.issuer.publish(&published);
        for served in self.keys.iter().rev() {
            self.past.retain(|past| past != served);
            self.past.push(served.clone());
        }
        Ok(())
    }

    /// What is served, in octets.
    pub(super) fn published(&self) -> anyhow::Result<Published> {
        let recipe = Publication {
            keys: Some(KeysRecipe::Set(self.keys.iter().map(Served::jwk).collect())),
            headers: Some(self.headers.clone()),
            metadata: Some(Json::Members(self.metadata_members())),
        };
        resolve_publication(&recipe, &self.env()).map_err(|error| anyhow!("failed to {error}"))
    }

    fn metadata_members(&self) -> Vec<(String, Value)> {
        let url = self.issuer.url();
        let mut algorithms = self.algorithms.clone();
        for alg in self.keys.iter().filter_map(|served| served.alg) {
            if !algorithms.contains(&alg) {
                algorithms.push(alg);
            }
        }
        let mut members: Vec<(String, Value)> = [
            ("issuer", json!(self.name)),
            ("authorization_endpoint", json!(format!("{url}/authorize"))),
            ("token_endpoint", json!(format!("{url}/token"))),
            ("jwks_uri", json!(self.jwks_uri())),
            ("response_types_supported", json!(["code"])),
            ("subject_types_supported", json!(["public"])),
            ("id_token_signing_alg_values_supported", json!(algorithms)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        for (name, change) in &self.metadata {
            let place = members.iter().position(|(known, _)| known == name);
            match (place, change) {
                (Some(at), Some(value)) => {
                    if let Some((_, old)) = members.get_mut(at) {
                        old.clone_from(value);
                    }
                }
                (Some(at), None) => drop(members.remove(at)),
                (None, Some(value)) => members.push((name.clone(), value.clone())),
                (None, None) => {}
            }
        }
        members
    }

    /// Seconds since the epoch.
    pub(super) fn now(&self) -> i64 {
        numeric_date((self.clock)()).0
    }

    fn env(&self) -> Env {
        Env {
            now: NumericDate(self.now()),
            origins: vec![self.issuer.url()],
            issuers: vec![self.name.clone()],
            ca_file: self.ca_file.clone().unwrap_or_default(),
            number: 0,
            seed: self.minted,
        }
    }

    /// Serves these keys in place of all others; if they cannot be, those of before.
    pub(super) fn serve(&mut self, keys: Vec<Served>) -> anyhow::Result<()> {
        let before = std::mem::replace(&mut self.keys, keys);
        self.publish().inspect_err(|_| self.keys = before)
    }

    /// `KEY` or `KEY=KID…`.
    pub(super) fn serve_named(&mut self, text: &str) -> anyhow::Result<String> {
        let mut keys = Vec::new();
        for word in text.split_whitespace() {
            let (name, kid) = match word.split_once('=') {
                None => (word, None),
                Some((name, kid)) => (name, Some(kid)),
            };
            let mut served = Served::named(name, &self.algorithms)?;
            if let Some(kid) = kid {
                served.kid = Some(kid.to_owned()).filter(|kid| !kid.is_empty());
            }
            keys.push(served);
        }
        if keys.is_empty() {
            bail!(
                "expected test keys, such as `publish p256-a rsa-2048-a=my-kid`: {}",
                NAMES.join(", ")
            );
        }
        let secrets: Vec<_> =
            keys.iter().map(|served| served.key).filter(|key| key.starts_with("oct")).collect();
        let warning = match secrets.as_slice() {
            [] => String::new(),
            some => format!("; everybody can read the secret of {} now", some.join(", ")),
        };
        self.serve(keys)?;
        Ok(self.done(&format!("serves {}{warning}", self.key_names())))
    }

    /// A new key in front of the others, for this algorithm or for each that is served.
    pub(super) fn rotate(&mut self, alg: &str) -> anyhow::Result<String> {
        let mut keys = self.keys.clone();
        let mut said = Vec::new();
        for newest in self.newest(alg)? {
            let alg = newest.alg.unwrap_or_default();
            let is_free = |name: &str| keys.iter().all(|served| served.key != name);
            let alike = of_the_same_kind(newest.key, alg)?;
            let Some(next) = alike.iter().find(|key| is_free(key.name())) else {
                bail!(
                    "all {} test keys of the kind of `{}` are served: `retire` the old ones first",
                    alike.len(),
                    newest.key
                );
            };
            let key = known(next.name())?;
            let kid = self.new_kid(key);
            said.push(if kid == key {
                format!("`{kid}`")
            } else {
                format!("`{kid}` ({key} once more)")
            });
            keys.insert(0, Served { key, kid: Some(kid), alg: Some(alg) });
        }
        self.serve(keys)?;
        Ok(self.done(&format!("signs with {} now; serves {}", said.join(", "), self.key_names())))
    }

    /// Takes away all but the newest key of this algorithm, or of each that is served.
    pub(super) fn retire(&mut self, alg: &str) -> anyhow::Result<String> {
        let newest = self.newest(alg)?;
        let is_old = |served: &&Served| {
            newest.iter().any(|newest| newest.alg == served.alg) && !newest.contains(served)
        };
        let old: Vec<Served> = self.keys.iter().filter(is_old).cloned().collect();
        if old.is_empty() {
            bail!("there is one key of each algorithm, and none to retire: `rotate` adds one");
        }
        let names: Vec<_> = old.iter().map(|served| format!("`{}`", served.called())).collect();
        self.serve(self.keys.iter().filter(|served| !old.contains(served)).cloned().collect())?;
        Ok(self.done(&format!("took away {}; serves {}", names.join(", "), self.key_names())))
    }

    /// Takes away the key of this `kid`, or of this name.
    pub(super) fn revoke(&mut self, name: &str) -> anyhow::Result<String> {
        let by_kid = self.keys.iter().any(|served| served.kid.as_deref() == Some(name));
        let is_meant = |served: &Served| {
            if by_kid { served.kid.as_deref() == Some(name) } else { served.key == name }
        };
        let kept: Vec<Served> = self.keys.iter().filter(|key| !is_meant(key)).cloned().collect();
        if kept.len() == self.keys.len() {
            bail!("{} is not served; expected one of {}", quoted(name), self.key_names());
        }
        self.serve(kept)?;
        Ok(self.done(&format!("revoked `{name}`; serves {}", self.key_names())))
    }

    /// The newest key of each algorithm, or of this one.
    fn newest(&self, alg: &str) -> anyhow::Result<Vec<Served>> {
        let mut newest: Vec<Served> = Vec::new();
        let is_asked = |served: &&Served| alg.is_empty() || served.alg == Some(alg);
        for served in self.keys.iter().filter(is_asked) {
            if served.alg.is_some() && newest.iter().all(|other| other.alg != served.alg) {
                newest.push(served.clone());
            }
        }
        if newest.is_empty() {
            match alg {
                "" => bail!("no key that signs is served: `publish` one first"),
                alg => bail!(
                    "no key for {} is served; expected one of {}",
                    quoted(alg),
                    self.key_names()
                ),
            }
        }
        // So that after a rotation they stand as they stood before.
        newest.reverse();
        Ok(newest)
    }

    /// The key's name, with a number if that was a kid before.
    fn new_kid(&self, key: &str) -> String {
        let is_new = |kid: &String| self.past.iter().all(|past| past.kid.as_ref() != Some(kid));
        let numbered = (2..=u32::MAX).map(|number| format!("{key}-{number}"));
        let mut kids = std::iter::once(key.to_owned()).chain(numbered);
        kids.find(is_new).unwrap_or_else(|| key.to_owned())
    }

    pub(super) fn key_names(&self) -> String {
        if self.keys.is_empty() {
            return "no key".to_owned();
        }
        let names: Vec<_> = self.keys.iter().map(|key| format!("`{}`", key.called())).collect();
        names.join(", ")
    }

    /// The keys as rows: kid, test key, kty, alg.
    pub(super) fn key_rows(&self) -> Vec<[String; 4]> {
        let rows = self.keys.iter().map(|served| {
            let key = test_key(served.key).ok();
            let kind = key.map(|key| key.crv().unwrap_or(key.kty())).unwrap_or_default();
            [
                served.kid.clone().unwrap_or_else(|| "(none)".to_owned()),
                served.key.to_owned(),
                kind.to_owned(),
                served.alg.unwrap_or("(none)").to_owned(),
            ]
        });
        rows.collect()
    }

    pub(super) fn mint(&mut self, text: &str) -> anyhow::Result<String> {
        let opened = self.opened.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let terms = Terms {
            issuer: &self.name,
            audience: &self.audience,
            number: self.minted + 1,
            session: &format!("{:x}", opened.as_millis()),
            keys: &self.keys,
            past: &self.past,
            algorithms: &self.algorithms,
        };
        let token = mint::mint(text, &terms, &self.env())?;
        self.minted += 1;
        self.token = Some(token.clone());
        Ok(format!("{token}\n"))
    }

    /// A line for a shell that shows the last token to a service.
    pub(super) fn curl(&mut self, url: &str) -> anyhow::Result<String> {
        let token = self.token.as_ref().context("there is no token yet: `mint` one first")?;
        if !url.is_empty() {
            self.asked = Some(url.to_owned());
        }
        let url = self.asked.as_ref().context("expected the URL of the service that is tested")?;
        let quote = |text: &str| {
            shlex::try_quote(text).map(std::borrow::Cow::into_owned).map_err(anyhow::Error::from)
        };
        let field = quote(&format!("Authorization: Bearer {token}"))?;
        Ok(format!("curl -i -H {field} {}\n", quote(url)?))
    }

    /// Goes wrong like this; what the issuer itself then leaves out is left out of the list, too.
    pub(super) fn break_by(&mut self, rule: Rule) -> anyhow::Result<()> {
        self.issuer.fault(rule.clone())?;
        let is_of_the_connection = rule.fault.is_of_the_connection();
        self.rules.retain(|other| {
            !is_of_the_connection && !other.fault.is_of_the_connection() && other.at != rule.at
        });
        self.rules.push(rule);
        Ok(())
    }

    pub(super) fn mend(&mut self) -> anyhow::Result<()> {
        self.issuer.mend()?;
        self.rules.clear();
        Ok(())
    }

    /// What came since `clear`.
    pub(super) fn requests(&self) -> Vec<Request> {
        let mut all = self.issuer.requests();
        all.split_off(self.forgotten.min(all.len()))
    }

    /// Whether no more of what comes is kept, or told.
    pub(super) fn is_full(&self) -> bool {
        self.issuer.requests().len() >= MOST_KEPT
    }

    pub(super) fn forget(&mut self) -> usize {
        let count = self.issuer.requests().len();
        let new = count.saturating_sub(self.forgotten);
        self.forgotten = count;
        new
    }
}
