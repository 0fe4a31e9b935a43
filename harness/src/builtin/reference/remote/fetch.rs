//! One exchange over HTTP, with nothing in it that a key set does not need.
//!
//! No proxy from the environment, because whoever sets a variable would publish keys. No cookies, no
//! content codings, no retries, and no connection that is kept: one that the server closed meanwhile would
//! fail the next fetch, minutes later, for nothing.
//!
//! Redirects are not followed. The operator named an origin, and what another one says about keys is
//! nobody's word; one within the origin would be harmless, but key sets do not move within their origin
//! without notice, and a rule without an exception is easier to trust.

use std::{
    fs,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use ::aws_lc_rs::rand;
use rustls::{RootCertStore, crypto::aws_lc_rs, pki_types::CertificateDer};
use ureq::{
    Agent, Body, Error,
    http::{HeaderMap, HeaderValue, Response as HttpResponse, header},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::{
    super::checks::{Check, Refused, Rules, quote},
    url::Url,
};

/// What asks.
#[derive(Debug)]
pub(super) struct Client {
    authorities: Authorities,
    timeout: Duration,
    max_bytes: u64,
    rules: Rules,
}

/// Whose certificates are trusted.
///
/// The machine's own authorities where the policy names none: its administrator is who takes a bad one out,
/// and a list that came with this crate would be as old as the crate. The places are OpenSSL's, with
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` in front, on Linux, and the system's store elsewhere.
#[derive(Debug)]
enum Authorities {
    /// Those of the policy's `ca_file` and no others.
    Named(RootCerts),
    /// The machine's, looked up when they are needed first.
    OfMachine(OnceLock<RootCerts>),
}

/// When a fetch has to be over, all of its exchanges together.
///
/// The network knows the machine's time alone, whatever time tokens are judged at; so do certificates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

/// An `ETag`, to be sent back as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag(HeaderValue);

/// What came back.
#[derive(Debug)]
pub(super) struct Response {
    status: u16,
    pub(super) headers: HeaderMap,
    body: Vec<u8>,
}

impl Client {
    /// A client that trusts the authorities of this file, or the machine's.
    ///
    /// # Errors
    /// [`Check::CaFile`], when the file holds none.
    pub(super) fn new(
        timeout: Duration,
        max_bytes: u64,
        ca_file: Option<&str>,
        rules: Rules,
    ) -> Result<Self, Refused> {
        let authorities = match ca_file {
            Some(path) => {
                // The first random octet of a process takes fifty milliseconds of work (the generator is
                // seeded), which is no endpoint's fault: not within its deadline.
                let _ = rand::fill(&mut [0]);
                Authorities::Named(read_authorities(path)?)
            }
            None => Authorities::OfMachine(OnceLock::new()),
        };
        Ok(Self { authorities, timeout, max_bytes, rules })
    }

    /// The deadline of a fetch that begins now.
    pub(super) fn deadline(&self) -> Deadline {
        Deadline(Instant::now() + self.timeout)
    }

    /// Asks once, and reads the body of an answer that is a document.
    ///
    /// # Errors
    /// [`Refused`], when it comes to no whole response in time, or to one that is too long or leads
    /// elsewhere. Other statuses are judged by [`Response::document`].
    pub(super) fn get(
        &self,
        url: &Url,
        tag: Option<&Tag>,
        deadline: Deadline,
    ) -> Result<Response, Refused> {
        let mut request = self
            .agent(url, deadline)?
            .get(url.uri().clone())
            .header(header::ACCEPT, "application/jwk-set+json, application/json")
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::CONNECTION, "close");
        if let Some(Tag(tag)) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let mut response = request.call().map_err(|error| self.failed(url, &error))?;
        let status = response.status();
        if status.is_redirection() && status.as_u16() != 304 {
            let to = response.headers().get(header::LOCATION);
            let to = to
                .map_or("nowhere".to_owned(), |to| quote(&String::from_utf8_lossy(to.as_bytes())));
            let detail = format!("{url} answered {} and leads to {to}", status.as_u16());
            self.rules.refuse(Check::FetchRedirect, detail)?;
        }
        let is_read = status.as_u16() == 200 || !self.rules.enforce(Check::FetchStatus);
        let body = if is_read { self.body(url, &mut response)? } else { Vec::new() };
        let (parts, _) = response.into_parts();
        Ok(Response { status: status.as_u16(), headers: parts.headers, body })
    }

    fn body(&self, url: &Url, response: &mut HttpResponse<Body>) -> Result<Vec<u8>, Refused> {
        let is_bounded = self.rules.enforce(Check::FetchSize);
        let most = if is_bounded { self.max_bytes } else { u64::MAX };
        let body = response.body_mut();
        if let Some(length) = body.content_length().filter(|length| *length > most) {
            let detail = format!("{url} announces {length} octets, and {most} are allowed");
            return Err(Refused::by(Check::FetchSize, detail));
        }
        body.with_config().limit(most).read_to_vec().map_err(|error| self.failed(url, &error))
    }

    /// A client for one exchange: nothing of it is kept.
    fn agent(&self, url: &Url, deadline: Deadline) -> Result<Agent, Refused> {
        let left = deadline.0.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.late(url));
        }
        let roots = if url.is_secure() {
            self.authorities.roots()
        } else {
            RootCerts::Specific(Arc::default())
        };
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(roots)
            .disable_verification(!self.rules.enforce(Check::FetchTls))
            .build();
        let redirects = if self.rules.enforce(Check::FetchRedirect) { 0 } else { 10 };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(redirects)
            .max_idle_connections(0)
            .proxy(None)
            .timeout_global(Some(left))
            .tls_config(tls)
            .user_agent(concat!("gauntlet-reference/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(config.new_agent())
    }

    fn failed(&self, url: &Url, error: &Error) -> Refused {
        if let Error::BodyExceedsLimit(most) = error {
            let detail = format!("{url} sends more than the {most} octets that are allowed");
            return Refused::by(Check::FetchSize, detail);
        }
        if let Error::Timeout(_) = error {
            return self.late(url);
        }
        let check =
            if is_about_a_certificate(error) { Check::FetchTls } else { Check::FetchFailed };
        Refused::by(check, format!("{url}: {error}"))
    }

    fn late(&self, url: &Url) -> Refused {
        let detail = format!("{url}: {} ms have passed", self.timeout.as_millis());
        Refused::by(Check::FetchFailed, detail)
    }
}

impl Authorities {
    fn roots(&self) -> RootCerts {
        match self {
            Self::Named(roots) => roots.clone(),
            Self::OfMachine(roots) => roots.get_or_init(Self::of_machine).clone(),
        }
    }

    /// A certificate that cannot be read is not trusted; without any of them every server is refused.
    fn of_machine() -> RootCerts {
        let found = rustls_native_certs::load_native_certs().certs;
        let owned = found.iter().map(|der| Certificate::from_der(der).to_owned());
        RootCerts::Specific(Arc::new(owned.collect()))
    }
}

fn read_authorities(path: &str) -> Result<RootCerts, Refused> {
    let refuse = |why: String| Refused::by(Check::CaFile, format!("{}: {why}", quote(path)));
    let pem = fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        let item = item.map_err(|error| refuse(error.to_string()))?;
        if let PemItem::Certificate(certificate) = item {
            RootCertStore::empty()
                .add(CertificateDer::from(certificate.der()))
                .map_err(|error| refuse(error.to_string()))?;
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(refuse("there is no certificate in it".to_owned()));
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}

/// Other trouble with TLS, such as a server that does not speak it, is no word about whose server it is.
fn is_about_a_certificate(error: &Error) -> bool {
    let error = if let Error::Io(error) = error {
        error.get_ref().and_then(|inner| inner.downcast_ref())
    } else if let Error::Rustls(error) = error {
        Some(error)
    } else {
        None
    };
    matches!(
        error,
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
    )
}

impl Response {
    /// Whether there is nothing at this address.
    pub(super) const fn is_not_found(&self) -> bool {
        self.status == 404
    }

    /// Whether what we have is still what is published.
    ///
    /// # Errors
    /// [`Check::FetchStatus`], when that answers another question: none of ours, or one about another tag
    /// (RFC 9111 §4.3.4).
    pub(super) fn is_unmodified(&self, url: &Url, asked: Option<&Tag>) -> Result<bool, Refused> {
        if self.status != 304 {
            return Ok(false);
        }
        let Some(asked) = asked else {
            return Err(Refused::by(Check::FetchStatus, format!("{url} answered 304 unasked")));
        };
        match self.tag() {
            Some(other) if !other.agrees(asked) => {
                Err(Refused::by(Check::FetchStatus, format!("{url} answered 304 for another tag")))
            }
            Some(_) | None => Ok(true),
        }
    }

    /// The document that was asked for.
    ///
    /// # Errors
    /// [`Check::FetchStatus`], when the status says that this is something else; [`Check::JwksEncoding`],
    /// when it is no text.
    pub(super) fn document(&self, url: &Url, rules: Rules) -> Result<&str, Refused> {
        if self.status != 200 {
            rules.refuse(Check::FetchStatus, format!("{url} answered {}", self.status))?;
        }
        std::str::from_utf8(&self.body)
            .map_err(|error| Refused::by(Check::JwksEncoding, format!("{url}: {error}")))
    }

    /// The tag of the document.
    pub(super) fn tag(&self) -> Option<Tag> {
        self.headers.get(header::ETAG).cloned().map(Tag)
    }
}

impl Tag {
    /// Whether both are of one document, be it in other octets (RFC 9110 §8.8.3.2, weak comparison).
    fn agrees(&self, other: &Self) -> bool {
        fn strong(tag: &Tag) -> &[u8] {
            let octets = tag.0.as_bytes();
            octets.strip_prefix(b"W/").unwrap_or(octets)
        }
        strong(self) == strong(other)
    }
}
