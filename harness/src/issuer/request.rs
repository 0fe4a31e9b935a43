//! What a client sends, and it is hostile: bounded, printable, never trusted to be HTTP.

/// The longest head that is read, in octets.
pub(super) const LONGEST_HEAD: usize = 16 << 10;
const MOST_FIELDS: usize = 64;
const LONGEST_METHOD: usize = 32;
const LONGEST_NAME: usize = 128;
const LONGEST_TEXT: usize = 1 << 10;

/// The head of a request, as far as it could be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) fields: Vec<(String, String)>,
}

impl Head {
    /// Reads what came; nothing where its first line is no request line.
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let mut lines = octets.split_inclusive(|octet| *octet == b'\n');
        let line = lines.next()?.strip_suffix(b"\n")?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut words = line.split(|octet| *octet == b' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let is_request_line = words.next().is_none()
            && version.starts_with(b"HTTP/1.")
            && !target.is_empty()
            && !method.is_empty()
            && method.iter().all(u8::is_ascii_alphanumeric);
        if !is_request_line {
            return None;
        }
        // A last line without its end was cut by our own limit, and may lack half of its value.
        let fields = lines
            .map_while(|line| line.strip_suffix(b"\n"))
            .filter_map(|line| {
                let colon = line.iter().position(|octet| *octet == b':')?;
                let (name, value) = line.split_at_checked(colon)?;
                let value = printable(value.get(1..)?, LONGEST_TEXT);
                Some((printable(name, LONGEST_NAME), value.trim().to_owned()))
            })
            .take(MOST_FIELDS)
            .collect();
        Some(Self {
            method: printable(method, LONGEST_METHOD),
            target: printable(target, LONGEST_TEXT),
            fields,
        })
    }

    /// The path that is asked for: without a query, and without the origin that a request to a proxy has.
    pub(super) fn path(&self) -> &str {
        let target = self.target.as_str();
        let path = match target.split_once("://") {
            Some((_, behind)) if !target.starts_with('/') => {
                behind.find('/').and_then(|slash| behind.get(slash..)).unwrap_or("/")
            }
            Some(_) | None => target,
        };
        path.split(['?', '#']).next().unwrap_or(path)
    }

    /// The values of a header field.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.fields.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }
}

/// Where a head stands while it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// More has to come.
    Unfinished,
    /// It has its empty line.
    Whole,
    /// It is longer than we read.
    TooLong,
    /// It begins as no request does: a `ClientHello`, most likely, which ends with no empty line.
    NoRequest,
}

impl Progress {
    pub(super) fn of(octets: &[u8]) -> Self {
        let is_text = |octet: &u8| octet.is_ascii_graphic() || octet.is_ascii_whitespace();
        if octets.first().is_some_and(|first| !is_text(first)) {
            return Self::NoRequest;
        }
        let has = |end: &[u8]| octets.windows(end.len()).any(|window| window == end);
        if has(b"\r\n\r\n") || has(b"\n\n") {
            return Self::Whole;
        }
        if octets.len() >= LONGEST_HEAD { Self::TooLong } else { Self::Unfinished }
    }
}

fn printable(octets: &[u8], longest: usize) -> String {
    let kept = octets.iter().filter(|octet| matches!(octet, b' '..=b'~')).take(longest);
    kept.map(|octet| char::from(*octet)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_request_and_nothing_else() {
        let head =
            Head::read(b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\nIf-None-Match:\"t\"\r\n\r\n").unwrap();
        assert_eq!((head.method.as_str(), head.path()), ("GET", "/a"));
        assert_eq!(head.values("if-none-match").collect::<Vec<_>>(), ["\"t\""]);
        let to_a_proxy = Head::read(b"GET http://127.0.0.1:1/a HTTP/1.1\n\n").unwrap();
        assert_eq!(to_a_proxy.path(), "/a");
        for bad in [
            "",
            "GET",
            "GET / HTTP/1.1",
            "GET /\r\n",
            "GET  / HTTP/1.1\r\n",
            "\r\n",
            "\u{16}\u{3}\n",
            "PRI * HTTP/2.0\r\n",
            "GET / SPDY/1 \r\n",
            "G\u{0}T / HTTP/1.1\r\n",
        ] {
            assert_eq!(Head::read(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn keeps_little_and_nothing_that_moves_a_terminal() {
        let long = "a".repeat(LONGEST_HEAD);
        let head =
            Head::read(format!("GET /\u{1b}[31m{long} HTTP/1.1\r\nX\u{0}: {long}\r\n").as_bytes());
        let head = head.unwrap();
        assert!(head.target.starts_with("/[31maaa") && head.target.len() == LONGEST_TEXT);
        assert_eq!(head.fields[0].0, "X");
        assert_eq!(head.fields[0].1.len(), LONGEST_TEXT - 1, "its blank is not kept");
        let many = format!("GET / HTTP/1.1\r\n{}", "X: y\r\n".repeat(1000));
        assert_eq!(Head::read(many.as_bytes()).unwrap().fields.len(), MOST_FIELDS);
    }

    #[test]
    fn knows_when_a_head_is_over() {
        for (octets, progress) in [
            (b"".as_slice(), Progress::Unfinished),
            (b"GET / HTTP/1.1\r\n", Progress::Unfinished),
            (b"GET / HTTP/1.1\r\n\r\n", Progress::Whole),
            (b"\x16\x03\x01", Progress::NoRequest),
            (&[b'a'; LONGEST_HEAD], Progress::TooLong),
        ] {
            assert_eq!(Progress::of(octets), progress);
        }
    }
}
