//! The issuer itself: its port, what it serves there, and its end.

use std::{
    fmt,
    future::poll_fn,
    hash::{BuildHasher, Hasher, RandomState},
    io, mem,
    net::SocketAddrV4,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::Receiver},
    task::{Context, Poll, ready},
    time::Duration,
};

use gauntlet_vectors::{
    env::NumericDate,
    forge::Published,
    timeline::{Endpoint, Fault, Scheme, Spans, TlsFault},
};
use tokio::{
    net::TcpStream,
    runtime::Handle,
    task::{AbortHandle, JoinSet, yield_now},
    time::sleep,
};
use tokio_rustls::rustls::ServerConfig;

use super::{
    Rule,
    connection::attend,
    door::{BACKLOG, Door},
    fault::Rules,
    headers::{Filling, date, machine_date},
    log::{Log, Request},
    request,
    respond::{Asked, Document, Head, Response, names_tag},
    runtime,
    tls::Authority,
};

/// So many connections may be open at once; those beyond are closed as they come, and logged. Fewer in
/// tests, whose clients need as many descriptors.
pub(super) const MOST_OPEN: usize = if cfg!(test) { 128 } else { 1024 };
/// The pause after an accept that failed: for want of descriptors, most likely, which others will free.
const BREATH: Duration = Duration::from_millis(10);

/// How an issuer is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether it speaks TLS.
    pub scheme: Scheme,
    /// What the names of lengths stand for in published header fields.
    pub spans: Spans,
    /// How long an answer takes that comes octet by octet ([`Fault::Drip`]).
    pub drip: Duration,
}

/// An issuer that listens on a loopback port of its own; it stops when it is dropped.
///
/// All issuers of the process share one thread. When the drop is over, the port is free, and every
/// connection is closed.
pub struct Issuer {
    shared: Arc<Shared>,
    welcoming: AbortHandle,
}

/// What the issuer's owner and its connections share.
pub(super) struct Shared {
    settings: Settings,
    address: SocketAddrV4,
    /// The path of its identifier: empty, or with a slash before and none behind.
    path: String,
    runtime: Handle,
    authority: Option<&'static Authority>,
    log: Arc<Log>,
    state: Mutex<State>,
}

struct State {
    keys: Option<Arc<Document>>,
    headers: Vec<(String, String)>,
    metadata: Option<Arc<Document>>,
    rules: Rules,
    now: Option<NumericDate>,
    door: Door,
    connections: JoinSet<()>,
    /// Those to which nothing is ever said.
    silent: JoinSet<()>,
}

impl Issuer {
    /// Listens on a port that the system chooses, under a path that nobody can guess.
    ///
    /// # Errors
    /// Those of the socket, of the thread that all issuers share, and with [`Scheme::Https`] those of our
    /// certificates.
    pub fn open(settings: Settings) -> io::Result<Self> {
        let random = RandomState::new().build_hasher().finish();
        Self::open_at(settings, 0, &format!("{random:016x}"))
    }

    /// Listens on this port (0: the system chooses) under this path, whose slashes at both ends do not
    /// matter; an empty path is the root.
    ///
    /// # Errors
    /// As [`Self::open`]; [`io::ErrorKind::AddrInUse`] where somebody listens there, and
    /// [`io::ErrorKind::InvalidInput`] for a path that cannot stand in a URL as it is.
    pub fn open_at(settings: Settings, port: u16, path: &str) -> io::Result<Self> {
        let path = match path.trim_matches('/') {
            "" => String::new(),
            path if path
                .bytes()
                .all(|octet| octet.is_ascii_graphic() && !b"?#%".contains(&octet)) =>
            {
                format!("/{path}")
            }
            path => {
                let why = format!(
                    "open an issuer at `{path}`: its path must be plain, without `?`, `#`, `%` and blanks"
                );
                return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
            }
        };
        let authority = match settings.scheme {
            Scheme::Http => None,
            Scheme::Https => Some(Authority::shared()?),
        };
        let runtime = runtime::shared()?;
        let door = Door::open(&runtime, port)?;
        let address = door.address();
        let state = State {
            keys: None,
            headers: Vec::new(),
            metadata: None,
            rules: Rules::default(),
            now: None,
            door,
            connections: JoinSet::new(),
            silent: JoinSet::new(),
        };
        let shared = Arc::new(Shared {
            settings,
            address,
            path,
            runtime,
            authority,
            log: Log::new(),
            state: Mutex::new(state),
        });
        let welcoming = shared.runtime.spawn(welcome(Arc::clone(&shared))).abort_handle();
        Ok(Self { shared, welcoming })
    }

    /// `scheme://127.0.0.1:PORT/PATH`, without a final slash: the identifier of its metadata.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.url(&self.shared.path)
    }

    /// Serves this from now on; what is absent stays as it is.
    pub fn publish(&self, published: &Published) {
        let document = |octets: &Vec<u8>| Arc::new(Document::new(octets));
        let mut state = self.shared.lock();
        if let Some(keys) = &published.keys {
            state.keys = Some(document(keys));
        }
        if let Some(headers) = &published.headers {
            state.headers.clone_from(headers);
        }
        if let Some(metadata) = &published.metadata {
            state.metadata = Some(document(metadata));
        }
    }

    /// Goes wrong like this from now on.
    ///
    /// The rule takes the place of the one for the same endpoint and of one for all connections; one for
    /// connections takes the place of all. Its first answer, or connection, is the next one.
    ///
    /// - [`Fault::Refused`] with `after` 0 closes the open connections and the port when this returns; with
    ///   more, the port closes when so many have been accepted, and those are answered. Nobody sees who is
    ///   refused, so that `times` cannot be counted: it lasts until [`Self::mend`] or another rule.
    /// - [`Fault::Tls`] of an issuer without TLS is [`Fault::Closed`].
    /// - The address in [`Fault::Redirect`] is sent as it is: placeholders are the forge's to replace.
    ///
    /// # Errors
    /// Those of the socket, where the port has to be opened or closed.
    pub fn fault(&self, rule: Rule) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.rules.add(rule);
        if !state.rules.refuse() {
            return state.door.reopen();
        }
        state.door.close()?;
        let open = [mem::take(&mut state.connections), mem::take(&mut state.silent)];
        drop(state);
        self.shared.end(open);
        Ok(())
    }

    /// Goes wrong no more. Connections to which nothing was said are closed, as by a server that is started anew:
    /// a client that has one in reserve would wait on it again.
    ///
    /// # Errors
    /// Those of the socket, where the port has to be opened.
    pub fn mend(&self) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.rules = Rules::default();
        let reopened = state.door.reopen();
        let silent = mem::take(&mut state.silent);
        drop(state);
        self.shared.end([silent]);
        reopened
    }

    /// What `Date` and `{date}` say from now on: this, and it does not move; the machine's time where absent.
    pub fn set_now(&self, now: Option<NumericDate>) {
        self.shared.lock().now = now;
    }

    /// Everything that came so far, in the order in which it was accepted; the first 16,384.
    ///
    /// Whoever had connected before this call is in it: a connection that the kernel has taken for us is
    /// accepted here. What was asked on it is in it too, if it had arrived whole and in the clear; behind a
    /// handshake it may still be on its way, and the request then has an empty `method`. A client that has
    /// its answer finds the request with all that it was sent.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.accept_waiting();
        runtime::wait(&self.shared.runtime, async {
            // The runtime polls the kernel, then lets every connection that has something run, before it
            // comes back to a task that yielded: once for those just accepted, once for what they read,
            // and once for those that had to wait for their turn.
            for _ in 0..3 {
                yield_now().await;
            }
        });
        self.shared.log.requests()
    }

    /// Each request from now on, as soon as its head has been read and before it is answered; a connection
    /// on which nothing was asked, when it is over.
    #[must_use]
    pub fn on_request(&self) -> Receiver<Request> {
        self.shared.log.watch()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.welcoming.abort();
        let mut state = self.shared.lock();
        state.door.leave();
        let open = [mem::take(&mut state.connections), mem::take(&mut state.silent)];
        drop(state);
        self.shared.end(open);
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("url", &self.url()).finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) const fn scheme(&self) -> Scheme {
        self.settings.scheme
    }

    pub(super) fn tls_config(&self, fault: Option<TlsFault>) -> Option<Arc<ServerConfig>> {
        self.authority.and_then(|authority| authority.config(fault))
    }

    /// Which endpoint a path is.
    pub(super) fn endpoint(&self, path: &str) -> Option<Endpoint> {
        let below = path.strip_prefix(self.path.as_str());
        if below == Some("/jwks.json") {
            return Some(Endpoint::Jwks);
        }
        // OpenID Connect Discovery §4 puts the well-known part behind the path, RFC 8414 §3 before it.
        let before = |well_known| path.strip_prefix(well_known) == Some(self.path.as_str());
        let is_metadata = below == Some("/.well-known/openid-configuration")
            || before("/.well-known/oauth-authorization-server")
            || before("/.well-known/openid-configuration");
        is_metadata.then_some(Endpoint::Metadata)
    }

    /// The head of a response that has nothing to do with what is published.
    pub(super) fn bare(&self, status: u16) -> Head {
        Head::new(status, &date(self.lock().now()))
    }

    /// Takes the turn of the endpoint's rule, and has its request answered.
    pub(super) fn ask(
        &self,
        endpoint: Endpoint,
        head: &request::Head,
        answer: impl FnOnce(&Asked<'_>, Option<Fault>) -> Response,
    ) -> Response {
        let mut state = self.lock();
        let bad = state.rules.of_answer(endpoint);
        let now = state.now();
        let (document, published) = match endpoint {
            Endpoint::Jwks => (state.keys.clone(), state.headers.clone()),
            Endpoint::Metadata => (state.metadata.clone(), Vec::new()),
        };
        drop(state);
        let etag = document.as_ref().map(|document| document.etag.as_str()).unwrap_or_default();
        let filling = Filling { spans: &self.settings.spans, now, etag };
        let fill = |(name, value): &(String, String)| (filling.fill(name), filling.fill(value));
        let is_known = endpoint == Endpoint::Jwks
            && head.values("If-None-Match").any(|value| names_tag(value, etag));
        let asked = Asked {
            document: document.as_deref(),
            fields: published.iter().map(fill).collect(),
            date: date(now),
            url: self.url(head.path()),
            is_known,
            is_conditional: ["If-None-Match", "If-Modified-Since"]
                .iter()
                .any(|name| head.values(name).next().is_some()),
            drip: self.settings.drip,
        };
        answer(&asked, bad)
    }

    fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.settings.scheme.word(), self.address)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_accept(self: &Arc<Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.lock();
        let stream = ready!(state.door.poll_accept(context))?;
        self.receive(&mut state, stream);
        Poll::Ready(Ok(()))
    }

    /// Accepts whoever waits in the kernel.
    fn accept_waiting(self: &Arc<Self>) {
        let mut state = self.lock();
        // More cannot have waited when this began.
        for _ in 0..=BACKLOG {
            match state.door.accept_waiting() {
                None => return,
                Some(Ok(stream)) => self.receive(&mut state, stream),
                // It came, and that is all that is known of it.
                Some(Err(_)) => drop(self.log.enter(None)),
            }
        }
    }

    fn receive(self: &Arc<Self>, state: &mut State, stream: TcpStream) {
        let fault = state.rules.of_connection();
        let entry = self.log.enter(fault.clone());
        while state.connections.try_join_next().is_some() {}
        while state.silent.try_join_next().is_some() {}
        let is_silent = fault == Some(Fault::Silent);
        if state.connections.len() + state.silent.len() < MOST_OPEN {
            // Without it a dripping octet would wait for the acknowledgement of the one before.
            let _ = stream.set_nodelay(true);
            let attending = attend(Arc::clone(self), stream, entry, fault);
            let kept = if is_silent { &mut state.silent } else { &mut state.connections };
            kept.spawn_on(attending, &self.runtime);
        }
        if state.rules.refuse() && state.door.close().is_err() {
            // Without a socket to hold the port it is refused all the same, and may be taken.
            state.door.leave();
        }
    }

    /// Closes these connections and waits until they are.
    fn end<const N: usize>(&self, connections: [JoinSet<()>; N]) {
        runtime::wait(&self.runtime, async move {
            for mut some in connections {
                some.shutdown().await;
            }
        });
    }
}

impl State {
    fn now(&self) -> NumericDate {
        self.now.unwrap_or_else(machine_date)
    }
}

/// Accepts whoever comes, until the issuer ends.
async fn welcome(shared: Arc<Shared>) {
    loop {
        if poll_fn(|context| shared.poll_accept(context)).await.is_err() {
            sleep(BREATH).await;
        }
    }
}
