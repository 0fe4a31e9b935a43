//! One exchange over HTTP/1.1, by hand, so that a client can be careless about every part of it.

use std::{
    fmt,
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

use super::tls::{self, Trust};

/// How exchanges are made.
#[derive(Clone, Copy)]
pub(crate) struct Wire {
    pub(crate) patience: Patience,
    pub(crate) trust: Trust,
    /// Whether a server that speaks no TLS is asked in the clear.
    pub(crate) plain_where_tls_fails: bool,
    /// Whether a body that broke off is read as far as it came.
    pub(crate) takes_parts: bool,
    /// Whether as much is read as comes.
    pub(crate) unbounded: bool,
    /// Whether it is at a loss with a query.
    pub(crate) wants_no_query: bool,
    /// Whether gzip is decoded, and then without a bound.
    pub(crate) decodes: bool,
}

/// What ends an exchange that takes too long.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// One deadline for all of it.
    Whole,
    /// A deadline for each read.
    EachRead,
    /// Nothing; only the test ends it.
    None,
}

/// No exchange of a test takes longer.
const TEST_ENDS: Duration = Duration::from_secs(4);

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) is_secure: bool,
    pub(crate) authority: String,
    pub(crate) path: String,
}

/// What is asked, and within which bounds.
pub(crate) struct Request<'a> {
    pub(crate) url: &'a Url,
    pub(crate) tag: Option<&'a str>,
    pub(crate) ca_file: Option<&'a str>,
    pub(crate) timeout: Duration,
    pub(crate) until: Instant,
    pub(crate) most: usize,
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Url {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_secure = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        (!authority.is_empty()).then(|| Self { is_secure, authority: authority.to_owned(), path })
    }

    pub(crate) fn host(&self) -> &str {
        self.authority.rsplit_once(':').map_or(self.authority.as_str(), |(host, _)| host)
    }

    fn connect(&self, timeout: Duration) -> Result<TcpStream, String> {
        let default = if self.is_secure { 443 } else { 80 };
        let port = self.authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let mut found =
            (self.host(), port.unwrap_or(default)).to_socket_addrs().map_err(|e| e.to_string())?;
        let address = found.next().ok_or("no such host")?;
        TcpStream::connect_timeout(&address, timeout).map_err(|error| error.to_string())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

impl Reply {
    /// The values of a field, in the order in which they came.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_it = move |(field, _): &&(String, String)| field.eq_ignore_ascii_case(name);
        self.fields.iter().filter(is_it).map(|(_, value)| value.as_str())
    }

    pub(crate) fn field<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }
}

impl Wire {
    /// Asks, and reads what comes.
    pub(crate) fn get(&self, request: &Request<'_>) -> Result<Reply, String> {
        if self.wants_no_query && request.url.path.contains('?') {
            return Err("an address with a query".to_owned());
        }
        let answer = self.exchange(request, request.url.is_secure);
        if answer.is_err() && request.url.is_secure && self.plain_where_tls_fails {
            return self.exchange(request, false);
        }
        answer
    }

    fn exchange(&self, request: &Request<'_>, secure: bool) -> Result<Reply, String> {
        let Request { url, tag, .. } = request;
        let tcp = url.connect(request.timeout)?;
        let until = match self.patience {
            Patience::Whole => request.until,
            Patience::EachRead | Patience::None => Instant::now() + TEST_ENDS,
        };
        let each = match self.patience {
            Patience::EachRead => request.timeout,
            Patience::Whole | Patience::None => TEST_ENDS,
        };
        let stream: Box<dyn Stream> = if secure {
            Box::new(tls::connect(tcp, url.host(), request.ca_file, self.trust)?)
        } else {
            Box::new(tcp)
        };
        let mut pipe = Pipe { stream, octets: Vec::new(), until, each, is_over: false };
        let tag = tag.map(|tag| format!("If-None-Match: {tag}\r\n")).unwrap_or_default();
        let head = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n{tag}Connection: close\r\n\r\n",
            url.path, url.authority
        );
        pipe.send(head.as_bytes())?;
        let (status, fields) = pipe.head()?;
        let mut reply = Reply { status, fields, body: Vec::new() };
        let most = if self.unbounded { usize::MAX } else { request.most };
        if !matches!(status, 204 | 304) {
            reply.body = pipe.body(&reply, most, self.takes_parts)?;
        }
        pipe.stream.end();
        if reply.field("content-encoding").is_some_and(|coding| coding == "gzip") {
            if !self.decodes {
                return Err("a content coding that was not asked for".to_owned());
            }
            let mut decoded = Vec::new();
            flate2::read::GzDecoder::new(reply.body.as_slice())
                .read_to_end(&mut decoded)
                .map_err(|error| error.to_string())?;
            reply.body = decoded;
        }
        Ok(reply)
    }
}

/// A connection, in the clear or not.
pub(super) trait Stream: Read + Write {
    fn wait_for(&mut self, longest: Duration);
    fn end(&mut self);
}

impl Stream for TcpStream {
    fn wait_for(&mut self, longest: Duration) {
        let _ = self.set_read_timeout(Some(longest));
        let _ = self.set_write_timeout(Some(longest));
    }

    fn end(&mut self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

struct Pipe {
    stream: Box<dyn Stream>,
    /// What came and was not taken yet.
    octets: Vec<u8>,
    until: Instant,
    each: Duration,
    is_over: bool,
}

impl Pipe {
    /// The longest head.
    const HEAD: usize = 64 << 10;

    fn wait(&mut self) -> Result<(), String> {
        let left = self.until.saturating_duration_since(Instant::now()).min(self.each);
        if left.is_zero() {
            return Err("too late".to_owned());
        }
        self.stream.wait_for(left);
        Ok(())
    }

    fn send(&mut self, octets: &[u8]) -> Result<(), String> {
        self.wait()?;
        self.stream.write_all(octets).map_err(|error| error.to_string())
    }

    /// Reads some more; none is the end.
    fn more(&mut self) -> Result<usize, String> {
        self.wait()?;
        let mut some = [0; 16 << 10];
        match self.stream.read(&mut some) {
            Ok(count) => {
                self.octets.extend_from_slice(&some[..count]);
                self.is_over |= count == 0;
                Ok(count)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => self.more(),
            Err(error) => Err(error.to_string()),
        }
    }

    fn head(&mut self) -> Result<(u16, Vec<(String, String)>), String> {
        let end = loop {
            if let Some(at) = self.octets.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            if self.octets.len() > Self::HEAD || self.more()? == 0 {
                return Err("no head of a response".to_owned());
            }
        };
        let text = String::from_utf8_lossy(&self.octets[..end]).into_owned();
        self.octets.drain(..end + 4);
        let mut lines = text.split("\r\n");
        let status =
            lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
        let fields = lines.filter_map(|line| line.split_once(':'));
        let fields = fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        Ok((status.ok_or("this is no HTTP")?, fields.collect()))
    }

    fn body(&mut self, reply: &Reply, most: usize, takes_parts: bool) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        let read = if reply.field("transfer-encoding").is_some_and(|coding| coding == "chunked") {
            self.chunks(&mut body, most)
        } else {
            let length = reply.field("content-length").and_then(|length| length.parse().ok());
            self.octets_of(length, &mut body, most)
        };
        match read {
            Err(_) if takes_parts => Ok(body),
            Err(why) => Err(why),
            Ok(()) => Ok(body),
        }
    }

    fn octets_of(
        &mut self,
        length: Option<usize>,
        body: &mut Vec<u8>,
        most: usize,
    ) -> Result<(), String> {
        loop {
            let due = length.map_or(usize::MAX, |length| length - body.len());
            body.extend(self.octets.drain(..due.min(self.octets.len())));
            if body.len() > most {
                return Err("too much".to_owned());
            }
            if length == Some(body.len()) {
                return Ok(());
            }
            if self.more()? == 0 {
                return length.map_or(Ok(()), |_| Err("it broke off".to_owned()));
            }
        }
    }

    fn chunks(&mut self, body: &mut Vec<u8>, most: usize) -> Result<(), String> {
        loop {
            let line = loop {
                if let Some(at) = self.octets.windows(2).position(|two| two == b"\r\n") {
                    let line = String::from_utf8_lossy(&self.octets[..at]).into_owned();
                    self.octets.drain(..at + 2);
                    break line;
                }
                if self.more()? == 0 {
                    return Err("it broke off".to_owned());
                }
            };
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .map_err(|error| format!("the size of a chunk: {error}"))?;
            if size == 0 {
                return Ok(());
            }
            let had = body.len();
            let mut chunk = Vec::new();
            let read = self.octets_of(Some(size.saturating_add(2)), &mut chunk, most);
            chunk.truncate(size);
            body.extend(chunk);
            read?;
            if body.len() > most || body.len() == had {
                return Err("too much".to_owned());
            }
        }
    }
}
