//! One connection, from the moment it is accepted to its end.

use std::{sync::Arc, time::Duration};

use gauntlet_vectors::timeline::{Fault, Scheme, TlsFault};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::{LazyConfigAcceptor, rustls::server::Acceptor};

use super::{
    fault,
    log::{Entry, TlsSeen},
    request::{Head, LONGEST_HEAD, Progress},
    respond::{Ending, Response},
    server::Shared,
    wire::Wire,
};

/// How long a client may take for its handshake and the head of its request.
const PATIENCE: Duration = Duration::from_secs(30);

/// Attends to a connection until it is over.
pub(super) async fn attend(
    shared: Arc<Shared>,
    stream: TcpStream,
    entry: Entry,
    fault: Option<Fault>,
) {
    if fault == Some(Fault::Closed) {
        // Dropped with a request unread, it would be reset, or not, as the request comes.
        let nothing = Response::raw(b"", Ending::Close);
        return Wire::plain(stream, entry).answer(&nothing, false).await;
    }
    if fault == Some(Fault::Silent) {
        return Wire::plain(stream, entry).hold().await;
    }
    let tls_fault = if let Some(Fault::Tls(fault)) = fault { Some(fault) } else { None };
    let deadline = Instant::now() + PATIENCE;
    let wire = match (shared.scheme(), tls_fault) {
        (Scheme::Http, None) | (Scheme::Https, Some(TlsFault::Plain)) => {
            Some(Wire::plain(stream, entry))
        }
        // A handshake cannot go wrong where there is none: closed, which a client cannot take for success.
        (Scheme::Http, Some(_)) => None,
        (Scheme::Https, tls_fault) => {
            let handshake = shake_hands(&shared, stream, entry, tls_fault);
            timeout_at(deadline, handshake).await.ok().flatten()
        }
    };
    let Some(mut wire) = wire else { return };
    let mut octets = Vec::with_capacity(2 << 10);
    let progress = read_head(&mut wire, &mut octets, deadline).await;
    if octets.is_empty() {
        return;
    }
    let head = Head::read(&octets);
    drop(octets);
    let is_head = head.as_ref().is_some_and(|head| head.method == "HEAD");
    let response = decide(&shared, &wire.entry, progress, head);
    wire.entry.amend(|request| request.status = response.status);
    wire.entry.tell();
    wire.answer(&response, is_head).await;
}

/// Shakes hands with the certificate that the fault asks for; nothing where that failed, which is logged.
async fn shake_hands(
    shared: &Shared,
    stream: TcpStream,
    entry: Entry,
    fault: Option<TlsFault>,
) -> Option<Wire> {
    let config = shared.tls_config(fault)?;
    let see = |change: &dyn Fn(&mut TlsSeen)| {
        entry.amend(|request| change(request.tls.get_or_insert_default()));
    };
    let start = match LazyConfigAcceptor::new(Acceptor::default(), stream).await {
        Ok(start) => start,
        Err(error) => {
            see(&|tls| tls.failure = Some(error.to_string()));
            return None;
        }
    };
    // rustls takes names of DNS only, so it is short and printable.
    let server_name = start.client_hello().server_name().map(str::to_owned);
    see(&|tls| tls.server_name.clone_from(&server_name));
    match start.into_stream(config).await {
        Ok(stream) => {
            let version = stream.get_ref().1.protocol_version();
            see(&|tls| {
                tls.version = version.map(|version| format!("{version:?}").replace('_', "."))
            });
            Some(Wire::tls(stream, entry))
        }
        Err(error) => {
            see(&|tls| tls.failure = Some(error.to_string()));
            None
        }
    }
}

/// Reads until a head is over, the client has finished, or its time is.
async fn read_head(wire: &mut Wire, octets: &mut Vec<u8>, deadline: Instant) -> Progress {
    loop {
        let progress = Progress::of(octets);
        if progress != Progress::Unfinished {
            octets.truncate(LONGEST_HEAD);
            return progress;
        }
        match timeout_at(deadline, wire.read(octets)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0) | Err(_)) | Err(_) => return progress,
        }
    }
}

/// Logs what is asked, and decides on the answer.
fn decide(shared: &Shared, entry: &Entry, progress: Progress, head: Option<Head>) -> Response {
    let Some(head) = head else {
        let status = if progress == Progress::TooLong { 431 } else { 400 };
        return Response::words(shared.bare(status));
    };
    let endpoint = shared.endpoint(head.path());
    entry.amend(|request| {
        request.method.clone_from(&head.method);
        request.path.clone_from(&head.target);
        request.headers.clone_from(&head.fields);
        request.endpoint = endpoint;
    });
    match progress {
        Progress::Whole => {}
        Progress::TooLong => return Response::words(shared.bare(431)),
        Progress::Unfinished | Progress::NoRequest => return Response::words(shared.bare(400)),
    }
    let Some(endpoint) = endpoint else { return Response::words(shared.bare(404)) };
    if !matches!(head.method.as_str(), "GET" | "HEAD") {
        return Response::words(shared.bare(405).with("Allow", "GET, HEAD"));
    }
    shared.ask(endpoint, &head, |asked, bad| match bad {
        None => asked.honest(),
        Some(bad) => {
            entry.amend(|request| request.fault = Some(bad.clone()));
            fault::respond(&bad, asked)
        }
    })
}
