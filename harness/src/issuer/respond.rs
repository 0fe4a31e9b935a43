//! What is answered when nothing goes wrong, and the parts of which every answer is made.

use std::{io, sync::OnceLock, time::Duration};

use bytes::Bytes;

use super::gzip;

/// A document as it is served.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) octets: Bytes,
    /// A tag of its octets (RFC 9110 §8.8.3), with its quotes: the same for the same octets.
    pub(super) etag: String,
    bomb: OnceLock<Bytes>,
}

impl Document {
    pub(super) fn new(octets: &[u8]) -> Self {
        // FNV-1a, 64 bits: it need not withstand anybody, only be the same in every run.
        let tag = octets.iter().fold(0xcbf2_9ce4_8422_2325_u64, |tag, octet| {
            (tag ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3)
        });
        let octets = Bytes::copy_from_slice(octets);
        Self { octets, etag: format!("\"{tag:016x}\""), bomb: OnceLock::new() }
    }

    /// What stands before its last brace, and the rest; all and nothing where it has no brace.
    pub(super) fn around_white_space(&self) -> (Bytes, Bytes) {
        let brace = self.octets.iter().rposition(|octet| *octet == b'}');
        let before = brace.unwrap_or(self.octets.len());
        (self.octets.slice(..before), self.octets.slice(before..))
    }

    /// Itself with 16 MiB of white space in it, in gzip; made once.
    ///
    /// # Errors
    /// Those of the compression.
    pub(super) fn bomb(&self) -> io::Result<Bytes> {
        if let Some(bomb) = self.bomb.get() {
            return Ok(bomb.clone());
        }
        let (before, behind) = self.around_white_space();
        let made = gzip::bomb(&before, &behind)?;
        Ok(self.bomb.get_or_init(|| made).clone())
    }
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// These octets.
    Octets(Bytes),
    /// So many octets of this block, again and again; never in memory at once.
    Repeat { block: &'static [u8], octets: u64 },
}

/// What becomes of the connection behind the last part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is closed.
    Close,
    /// It stays open, without a word, until the client goes.
    Hold,
    /// It is reset.
    Reset,
}

/// An answer, whether it is one of HTTP or not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response {
    /// Its status, where it has one.
    pub(super) status: Option<u16>,
    pub(super) head: Vec<Part>,
    /// What a request with `HEAD` is not sent.
    pub(super) body: Vec<Part>,
    /// In how long it comes, spread evenly, where that is not at once.
    pub(super) drip: Option<Duration>,
    /// How long nothing comes before it, where that is not at once.
    pub(super) delay: Option<Duration>,
    pub(super) ending: Ending,
}

impl Response {
    /// Octets that are no HTTP.
    pub(super) fn raw(octets: &'static [u8], ending: Ending) -> Self {
        let head = vec![Part::Octets(Bytes::from_static(octets))];
        Self { status: None, head, body: Vec::new(), drip: None, delay: None, ending }
    }

    pub(super) fn new(head: &Head, body: Vec<Part>) -> Self {
        Self {
            status: Some(head.status),
            head: vec![Part::Octets(head.octets())],
            body,
            drip: None,
            delay: None,
            ending: Ending::Close,
        }
    }

    /// A status with a few words for people.
    pub(super) fn words(head: Head) -> Self {
        let words = match (head.status, head.reason()) {
            // These have no body (RFC 9110 §6.4.1).
            (100..=199 | 204 | 304, _) => return Self::new(&head, Vec::new()),
            (_, reason) => format!("{reason}\n"),
        };
        let head = head.with("Content-Type", "text/plain").with_length(words.len() as u64);
        Self::new(&head, vec![Part::Octets(words.into())])
    }
}

/// The head of a response: what every one has, and its own fields.
#[derive(Debug, Clone)]
pub(super) struct Head {
    status: u16,
    date: String,
    fields: Vec<(String, String)>,
}

impl Head {
    pub(super) fn new(status: u16, date: &str) -> Self {
        Self { status, date: date.to_owned(), fields: Vec::new() }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn with_length(self, octets: u64) -> Self {
        self.with("Content-Length", octets.to_string())
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }

    pub(super) fn octets(&self) -> Bytes {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, self.reason());
        // A date that was published is part of a scenario, and two would contradict each other.
        let date = (!self.has("Date")).then_some(("Date", self.date.as_str()));
        let close = Some(("Connection", "close"));
        let own = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in date.into_iter().chain(close).chain(own) {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        Bytes::from(head)
    }

    const fn reason(&self) -> &'static str {
        match self.status {
            100..=199 => "Informational",
            200 => "OK",
            201..=299 => "Success",
            301 => "Moved Permanently",
            302 => "Found",
            303 => "See Other",
            304 => "Not Modified",
            307 => "Temporary Redirect",
            308 => "Permanent Redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            410 => "Gone",
            429 => "Too Many Requests",
            431 => "Request Header Fields Too Large",
            500 => "Internal Server Error",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            _ => "Other",
        }
    }
}

/// What was asked for, with all that an answer may need.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// What is published there, if anything is.
    pub(super) document: Option<&'a Document>,
    /// The published header fields, their placeholders replaced.
    pub(super) fields: Vec<(String, String)>,
    pub(super) date: String,
    /// The URL that was asked for.
    pub(super) url: String,
    /// Whether the client has the document already, by its tag.
    pub(super) is_known: bool,
    /// Whether the client asked for the document only if it is another than the one that he has.
    pub(super) is_conditional: bool,
    /// In how long a dripping answer comes.
    pub(super) drip: Duration,
}

impl Asked<'_> {
    /// The head of a response that is none of the document.
    pub(super) fn bare(&self, status: u16) -> Head {
        Head::new(status, &self.date)
    }

    /// The head of a response with the document, but for the length and the coding of its body.
    pub(super) fn head(&self, status: u16) -> Head {
        let mut head = self.bare(status);
        head.fields.clone_from(&self.fields);
        if head.has("Content-Type") { head } else { head.with("Content-Type", "application/json") }
    }

    /// The document's octets; none where nothing is published.
    pub(super) fn octets(&self) -> Bytes {
        self.document.map(|document| document.octets.clone()).unwrap_or_default()
    }

    /// The document, whole, with this status.
    pub(super) fn whole(&self, status: u16) -> Response {
        let octets = self.octets();
        let head = self.head(status).with_length(octets.len() as u64);
        Response::new(&head, vec![Part::Octets(octets)])
    }

    /// What is answered when nothing goes wrong.
    pub(super) fn honest(&self) -> Response {
        if self.document.is_none() {
            return Response::words(self.bare(404));
        }
        if self.is_known {
            let mut head = self.bare(304);
            head.fields.clone_from(&self.fields);
            return Response::new(&head, Vec::new());
        }
        self.whole(200)
    }
}

/// Whether a value of `If-None-Match` names the tag (RFC 9110 §13.1.2: compared weakly).
pub(super) fn names_tag(value: &str, etag: &str) -> bool {
    value.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_named_in_any_of_its_forms() {
        for (value, is_named) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            assert_eq!(names_tag(value, "\"a\""), is_named, "{value}");
        }
    }

    #[test]
    fn the_same_octets_have_the_same_tag() {
        let tag = |octets| Document::new(octets).etag;
        assert_eq!(tag(b"{}"), tag(b"{}"));
        assert_ne!(tag(b"{}"), tag(b"{ }"));
        assert_eq!(tag(b"").len(), 18);
    }
}
