//! The issuers of one case while it is played.

use std::{collections::HashMap, io, time::Duration};

use gauntlet_reports::{exhibit::words, record::RequestSeen};
use gauntlet_vectors::{
    Case, Env, NumericDate,
    forge::ForgeError,
    timeline::{Endpoint, Scheme, Spans},
};

use super::prepare::{Prepared, prepare};
use crate::issuer::{CaFile, Issuer, Request, Settings, TlsSeen};

/// How many requests that a step caused are told one by one.
const TOLD: usize = 8;

/// Why a case has no issuers.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The sockets or the certificates failed.
    #[error("open an issuer")]
    Issuer(#[from] io::Error),
    /// A recipe cannot be made.
    #[error(transparent)]
    Forge(#[from] ForgeError),
}

/// How a verifier is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Whether its caches age by our clock.
    pub ages: bool,
    /// How issuers are reached that leave it open.
    pub scheme: Scheme,
}

impl Service {
    /// The lengths of time that go with it.
    #[must_use]
    pub const fn spans(self) -> Spans {
        if self.ages { Spans::VIRTUAL } else { Spans::WALL }
    }
}

/// The issuers of one case, which stop listening when it is over.
#[derive(Debug)]
pub struct Stage {
    issuers: Vec<Issuer>,
    /// What of each endpoint was counted already.
    counted: HashMap<(usize, Endpoint), usize>,
    /// How many requests of each issuer were told with a step already.
    told: Vec<usize>,
    service: Service,
    /// The file of our authority, for as long as somebody may read it.
    _authority: Option<CaFile>,
}

impl Stage {
    /// Opens what the case needs, and makes its tokens and documents for it.
    ///
    /// # Errors
    /// [`StageError`].
    pub fn open(case: &Case, env: &Env, service: Service) -> Result<(Self, Prepared), StageError> {
        let spans = service.spans();
        let scheme = |given: Option<Scheme>| given.unwrap_or(service.scheme);
        let issuers: Vec<Issuer> = case
            .issuers
            .iter()
            .map(|issuer| {
                Issuer::open(Settings {
                    scheme: scheme(issuer.scheme),
                    spans,
                    drip: Duration::from_millis(spans.timeout_ms * 4),
                })
            })
            .collect::<io::Result<_>>()?;
        let mut env = Env { issuers: issuers.iter().map(Issuer::url).collect(), ..env.clone() };
        let mut authority = None;
        let secure = case.issuers.iter().any(|issuer| scheme(issuer.scheme) == Scheme::Https);
        if secure {
            let file = CaFile::open()?;
            env.ca_file = file.path().display().to_string();
            authority = Some(file);
        }
        let mut prepared = prepare(case, &env)?;
        for policy in prepared.policies_mut() {
            if let Some(fetch) = &mut policy.fetch {
                *fetch = spans.scaled(fetch);
                // Whoever is reached by TLS for his own sake trusts our authority as well.
                if secure && service.scheme == Scheme::Https {
                    fetch.ca_file.get_or_insert_with(|| env.ca_file.clone());
                }
            }
        }
        for (issuer, serves) in issuers.iter().zip(&prepared.issuers) {
            issuer.set_now(service.ages.then_some(prepared.now));
            issuer.publish(serves);
        }
        let told = vec![0; issuers.len()];
        let stage = Self { issuers, counted: HashMap::new(), told, service, _authority: authority };
        Ok((stage, prepared))
    }

    /// How the verifier is served.
    pub(super) const fn service(&self) -> Service {
        self.service
    }

    /// The issuer of this number.
    pub(super) fn issuer(&self, number: usize) -> Option<&Issuer> {
        self.issuers.get(number)
    }

    /// The time has moved on.
    pub(super) fn set_now(&self, now: NumericDate) {
        for issuer in self.issuers.iter().filter(|_| self.service.ages) {
            issuer.set_now(Some(now));
        }
    }

    /// How many requests reached an endpoint since they were counted last.
    ///
    /// A connection on which nothing was asked was meant for whichever endpoint fails.
    pub(super) fn count(&mut self, number: usize, of: Endpoint) -> usize {
        let Some(issuer) = self.issuers.get(number) else { return 0 };
        let came = |request: &&Request| match request.endpoint {
            Some(endpoint) => endpoint == of,
            None => request.path.is_empty(),
        };
        let all = issuer.requests().iter().filter(came).count();
        let before = self.counted.insert((number, of), all).unwrap_or_default();
        all - before
    }

    /// What came since it was told last; a step that caused thousands is told by the first of them and the
    /// count.
    pub(super) fn came(&mut self, step: usize) -> (u64, Vec<RequestSeen>) {
        let (mut count, mut first) = (0_usize, Vec::new());
        for (number, (issuer, told)) in self.issuers.iter().zip(&mut self.told).enumerate() {
            let requests = issuer.requests();
            let new = requests.get(*told..).unwrap_or_default();
            *told = requests.len();
            count += new.len();
            first.extend(new.iter().take(TOLD).map(|request| seen(step, number, request)));
        }
        for request in &mut first {
            // What it asked for stands below the issuer's URL, but for some metadata.
            let below = self
                .issuers
                .get(request.issuer)
                .and_then(|issuer| path_of(&issuer.url()).map(|path| format!("/{path}/")))
                .and_then(|path| request.path.strip_prefix(&path).map(str::to_owned));
            request.path = match below {
                Some(below) => format!("{{issuer.{}}}/{below}", request.issuer),
                None => self.masked(&request.path),
            };
            for (_, value) in &mut request.headers {
                *value = self.masked(value);
            }
        }
        (u64::try_from(count).unwrap_or(u64::MAX), first)
    }

    /// A text in which the addresses of the issuers, which differ from run to run, are placeholders again.
    pub(super) fn masked(&self, text: &str) -> String {
        self.issuers.iter().enumerate().fold(text.to_owned(), |text, (number, issuer)| {
            let url = issuer.url();
            let placeholder = format!("{{issuer.{number}}}");
            let text = text.replace(&url, &placeholder);
            let path = path_of(&url).unwrap_or_default();
            let port = url.trim_end_matches(path).trim_end_matches('/').rsplit(':').next();
            let port = port.unwrap_or_default();
            [(path, "path"), (port, "port")].into_iter().fold(text, |text, (part, name)| {
                if part.is_empty() {
                    text
                } else {
                    text.replace(part, &format!("{{issuer.{number}.{name}}}"))
                }
            })
        })
    }
}

/// The path of an issuer's URL, without the slash before it.
fn path_of(url: &str) -> Option<&str> {
    url.split_once("://")?.1.split_once('/').map(|(_, path)| path)
}

fn seen(step: usize, issuer: usize, request: &Request) -> RequestSeen {
    RequestSeen {
        step,
        issuer,
        at_ms: u64::try_from(request.at.as_millis()).unwrap_or(u64::MAX),
        connection: request.connection,
        method: request.method.clone(),
        path: request.path.clone(),
        headers: request.headers.clone(),
        tls: request.tls.as_ref().map(handshake),
        fault: request.fault.as_ref().map(words::fault),
        status: request.status,
        sent: request.sent,
    }
}

/// What was seen of a handshake, in words.
fn handshake(tls: &TlsSeen) -> String {
    let name = tls.server_name.as_ref().map(|name| format!("for {name}"));
    let version = tls.version.clone().or_else(|| tls.failure.clone());
    let told: Vec<String> = [version, name].into_iter().flatten().collect();
    if told.is_empty() { "a handshake that ended".to_owned() } else { told.join(", ") }
}
