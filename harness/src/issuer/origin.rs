//! An origin on loopback that sees who comes.
//!
//! Tokens name its URLs (`jku`, `x5u`, a `kid` that is a URL). A verifier that asks one of them has told
//! a stranger that it exists, and may take its keys from there: every connection is kept as evidence, and
//! the documents served are those of the attacker, so that whoever believes them accepts his token.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long a visitor may take to say what he wants, and the longest that a stop waits for him.
const PATIENCE: Duration = Duration::from_millis(500);
/// The longest request head that is read, in octets.
const LONGEST_HEAD: usize = 8 << 10;

/// Something that an origin serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its path, with the leading slash.
    pub path: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its octets.
    pub body: Vec<u8>,
}

/// A connection that somebody made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The request line as it came, with all but printable ASCII taken out; empty where nothing came that
    /// could be read (a TLS handshake, a connection that was closed at once).
    pub request: String,
}

/// A listener on a loopback port of its own; it stops when it is dropped.
#[derive(Debug)]
pub struct Origin {
    address: SocketAddr,
    book: Arc<Book>,
    listening: Option<JoinHandle<()>>,
}

/// What the listening thread and its owner share.
#[derive(Debug, Default)]
struct Book {
    pages: Mutex<Pages>,
    turned: Condvar,
}

#[derive(Debug, Default)]
struct Pages {
    visits: Vec<Visit>,
    /// How many marks were asked for, and how many were seen.
    asked: u64,
    seen: u64,
    over: bool,
}

impl Origin {
    /// Listens on a port that the system chooses, and serves these documents; all else is not found.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn open(documents: Vec<Document>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let book = Arc::new(Book::default());
        let listening = thread::Builder::new().name("origin".to_owned()).spawn({
            let book = Arc::clone(&book);
            move || listen(&listener, &book, &documents)
        })?;
        Ok(Self { address, book, listening: Some(listening) })
    }

    /// `http://host:port`, without a final slash: what `{origin.N}` stands for.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everybody who came so far.
    ///
    /// A connection of our own goes behind all that wait to be accepted, and this returns when it has been
    /// seen: whoever connected before is counted, without a guess at how long to wait.
    ///
    /// # Errors
    /// Those of our own connection.
    pub fn visits(&self) -> io::Result<Vec<Visit>> {
        let mark = {
            let mut pages = self.book.lock();
            pages.asked += 1;
            pages.asked
        };
        TcpStream::connect(self.address)?.write_all(marking(self.address, mark).as_bytes())?;
        let mut pages = self.book.lock();
        while pages.seen < mark {
            pages = self.book.turned.wait(pages).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(pages.visits.clone())
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.book.lock().over = true;
        // Wakes the listener; where that fails it no longer listens.
        if TcpStream::connect(self.address).is_ok()
            && let Some(listening) = self.listening.take()
        {
            // Its panic, if any, was its end, which is what was wanted.
            let _ = listening.join();
        }
    }
}

impl Book {
    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The line by which our own connection is known.
fn marking(address: SocketAddr, mark: u64) -> String {
    format!("MARK {address} {mark}\n")
}

fn listen(listener: &TcpListener, book: &Book, documents: &[Document]) {
    while !book.lock().over {
        // An error of one connection (it was reset while it waited) is not the end of all.
        let Ok((mut stream, _)) = listener.accept() else { continue };
        let head = head(&mut stream);
        let line = head.split_inclusive(|octet| *octet == b'\n').next().unwrap_or_default();
        let mut pages = book.lock();
        let next = pages.seen + 1;
        if listener.local_addr().is_ok_and(|own| line == marking(own, next).as_bytes()) {
            pages.seen = next;
            book.turned.notify_all();
            continue;
        }
        if pages.over {
            return;
        }
        let visit = Visit { request: printable(line) };
        let path = visit.request.split(' ').nth(1).unwrap_or_default().to_owned();
        pages.visits.push(visit);
        drop(pages);
        let found = documents.iter().find(|document| document.path == path);
        // Whether the visitor still listens is his affair.
        let _ = stream.write_all(&response(found));
    }
}

/// What a visitor sends until an empty line, until he is silent for too long, or until it is too much.
fn head(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    let mut buffer = [0_u8; 1024];
    if stream.set_read_timeout(Some(PATIENCE)).is_err() {
        return head;
    }
    let deadline = Instant::now() + PATIENCE;
    while head.len() < LONGEST_HEAD && Instant::now() < deadline {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(length) => head.extend(buffer.get(..length).unwrap_or_default()),
        }
        let is_whole = head.windows(4).any(|window| window == b"\r\n\r\n");
        if is_whole || head.starts_with(b"MARK ") && head.ends_with(b"\n") {
            break;
        }
    }
    head
}

fn printable(line: &[u8]) -> String {
    line.iter()
        .filter(|octet| matches!(octet, b' '..=b'~'))
        .map(|octet| char::from(*octet))
        .collect()
}

fn response(document: Option<&Document>) -> Vec<u8> {
    let (status, media_type, body) = match document {
        Some(document) => ("200 OK", document.media_type, document.body.as_slice()),
        None => ("404 Not Found", "text/plain", b"not found\n".as_slice()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(origin: &Origin, request: &str) -> String {
        let mut stream = TcpStream::connect(origin.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn sees_everybody_and_serves_what_it_has() {
        let body = b"{}".to_vec();
        let document =
            Document { path: "/jwks.json".to_owned(), media_type: "application/json", body };
        let origin = Origin::open(vec![document]).unwrap();
        assert_eq!(origin.visits().unwrap(), []);
        let answer = ask(&origin, "GET /jwks.json HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n{}"));
        let answer = ask(&origin, "GET /other\u{1b}[31m HTTP/1.1\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        let requests: Vec<_> =
            origin.visits().unwrap().into_iter().map(|visit| visit.request).collect();
        assert_eq!(requests, ["GET /jwks.json HTTP/1.1", "GET /other[31m HTTP/1.1"]);
    }

    #[test]
    fn counts_a_visitor_who_left_at_once_and_one_who_says_nothing() {
        let origin = Origin::open(Vec::new()).unwrap();
        drop(TcpStream::connect(origin.address).unwrap());
        assert_eq!(origin.visits().unwrap().len(), 1);
        let silent = TcpStream::connect(origin.address).unwrap();
        assert_eq!(origin.visits().unwrap().len(), 2, "after the patience of one visit");
        drop(silent);
    }
}
