//! What came to an issuer, in order.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    time::{Duration, Instant},
};

use gauntlet_vectors::timeline::{Endpoint, Fault};

/// So many connections are kept. A verifier that makes more has failed whatever was asked of it, and must
/// not take our memory as well.
pub const MOST_KEPT: usize = 16 << 10;

/// A connection that somebody made, and what was asked on it; there is never more than one request on one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// When it was accepted, since the issuer was opened.
    pub at: Duration,
    /// When it was over, since the issuer was opened; absent while it is open.
    pub ended: Option<Duration>,
    /// The number of the connection, from 0.
    pub connection: u64,
    /// The method in printable ASCII; empty where nothing came that could be read, or has not come yet.
    pub method: String,
    /// The target as it was sent, with its query, in printable ASCII, cut at 1 KiB; empty as `method` is.
    pub path: String,
    /// What was asked for, where there is such a thing.
    pub endpoint: Option<Endpoint>,
    /// The first 64 header fields, in printable ASCII, values cut at 1 KiB.
    pub headers: Vec<(String, String)>,
    /// What was seen of TLS, where any came.
    pub tls: Option<TlsSeen>,
    /// What went wrong on purpose.
    pub fault: Option<Fault>,
    /// The status that was decided on; absent where the answer has none.
    pub status: Option<u16>,
    /// So many octets of the response went out: the kernel, or the layer of TLS, has taken them.
    pub sent: u64,
}

/// What was seen of a handshake.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsSeen {
    /// `TLSv1.3` or `TLSv1.2`; absent where the handshake was not finished.
    pub version: Option<String>,
    /// The name that the client asked for; clients send none for an address.
    pub server_name: Option<String>,
    /// Why the handshake failed, where it did: often the alert with which the client refused.
    pub failure: Option<String>,
}

#[derive(Debug)]
pub(super) struct Log {
    opened: Instant,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    requests: Vec<Request>,
    connections: u64,
    watchers: Vec<Sender<Request>>,
}

impl Log {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { opened: Instant::now(), pages: Mutex::default() })
    }

    /// Notes a connection as it is accepted; what comes on it is added when it is known.
    pub(super) fn enter(self: &Arc<Self>, fault: Option<Fault>) -> Entry {
        let at = self.opened.elapsed();
        let mut pages = self.lock();
        let connection = pages.connections;
        pages.connections += 1;
        let index = pages.requests.len();
        let is_kept = index < MOST_KEPT;
        if is_kept {
            pages.requests.push(Request { at, connection, fault, ..Request::default() });
        }
        drop(pages);
        Entry { log: Arc::clone(self), index: is_kept.then_some(index), is_told: false }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    pub(super) fn watch(&self) -> Receiver<Request> {
        let (watcher, watching) = mpsc::channel();
        self.lock().watchers.push(watcher);
        watching
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The line of one connection; its end is noted when it is dropped.
#[derive(Debug)]
pub(super) struct Entry {
    log: Arc<Log>,
    index: Option<usize>,
    is_told: bool,
}

impl Entry {
    pub(super) fn amend(&self, change: impl FnOnce(&mut Request)) {
        let mut pages = self.log.lock();
        if let Some(request) = self.index.and_then(|index| pages.requests.get_mut(index)) {
            change(request);
        }
    }

    /// Tells those who watch, once.
    pub(super) fn tell(&mut self) {
        if self.is_told {
            return;
        }
        self.is_told = true;
        let mut pages = self.log.lock();
        let Some(request) = self.index.and_then(|index| pages.requests.get(index)).cloned() else {
            return;
        };
        pages.watchers.retain(|watcher| watcher.send(request.clone()).is_ok());
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let ended = self.log.opened.elapsed();
        self.amend(|request| request.ended = Some(ended));
        self.tell();
    }
}
