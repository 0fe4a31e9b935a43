mod faults;
mod hostile;
mod life;
mod tls;

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use gauntlet_vectors::{
    env::NumericDate,
    forge::Published,
    timeline::{Endpoint, Fault, Scheme, Spans},
};

use super::{Issuer, Rule, Settings};

const KEYS: &str = r#"{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}"#;
const METADATA: &str = r#"{"issuer":"x"}"#;

const HTTP: Settings =
    Settings { scheme: Scheme::Http, spans: Spans::VIRTUAL, drip: Duration::from_millis(150) };

/// What came back: all of it, until the connection ended or the client had enough.
#[derive(Debug)]
struct Answer {
    head: String,
    body: Vec<u8>,
    ended: io::Result<()>,
}

impl Answer {
    fn of(octets: &[u8], ended: io::Result<()>) -> Self {
        let end = octets.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.map_or(octets.len(), |end| end + 4);
        let head = String::from_utf8_lossy(&octets[..end]).into_owned();
        Self { head, body: octets[end..].to_vec(), ended }
    }

    fn status(&self) -> Option<u16> {
        self.head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// An issuer that serves something at both of its endpoints.
fn issuer() -> Issuer {
    let issuer = Issuer::open(HTTP).unwrap();
    publish(&issuer);
    issuer
}

fn publish(issuer: &Issuer) {
    issuer.publish(&Published {
        keys: Some(KEYS.into()),
        headers: None,
        metadata: Some(METADATA.into()),
    });
}

fn wrong(issuer: &Issuer, fault: Fault) {
    issuer.fault(Rule { at: Endpoint::Jwks, fault, after: 0, times: None }).unwrap();
}

/// Where an issuer listens, and the path of its identifier.
fn place(issuer: &Issuer) -> (SocketAddr, String) {
    let url = issuer.url();
    let (_, behind) = url.split_once("://").unwrap();
    let (address, path) = behind.split_once('/').unwrap();
    (address.parse().unwrap(), format!("/{path}"))
}

fn connect(issuer: &Issuer) -> TcpStream {
    let stream = TcpStream::connect(place(issuer).0).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

fn send(issuer: &Issuer, request: &[u8]) -> Answer {
    let mut stream = connect(issuer);
    stream.write_all(request).unwrap();
    read(stream)
}

fn read(mut stream: impl Read) -> Answer {
    let mut octets = Vec::new();
    let ended = stream.read_to_end(&mut octets).map(drop);
    Answer::of(&octets, ended)
}

fn request(issuer: &Issuer, method: &str, path: &str, fields: &str) -> Answer {
    send(issuer, format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n").as_bytes())
}

/// The key set.
fn fetch(issuer: &Issuer) -> Answer {
    request(issuer, "GET", &jwks(issuer), "")
}

fn jwks(issuer: &Issuer) -> String {
    format!("{}/jwks.json", place(issuer).1)
}

#[test]
fn serves_what_is_published_where_clients_look_for_it() {
    let issuer = Issuer::open(HTTP).unwrap();
    let (_, path) = place(&issuer);
    assert_eq!(fetch(&issuer).status(), Some(404), "nothing is published yet");
    publish(&issuer);

    let keys = fetch(&issuer);
    assert_eq!((keys.status(), keys.text()), (Some(200), KEYS));
    assert_eq!(keys.field("Content-Type"), Some("application/json"));
    assert_eq!(keys.field("Connection"), Some("close"));
    for place in [
        format!("{path}/.well-known/openid-configuration"),
        format!("/.well-known/openid-configuration{path}"),
        format!("/.well-known/oauth-authorization-server{path}?x=y"),
    ] {
        assert_eq!(request(&issuer, "GET", &place, "").text(), METADATA, "{place}");
    }
    for place in ["/", "/jwks.json", &path, &format!("{path}/jwks.json/"), "*", "/.well-known/x"] {
        assert_eq!(request(&issuer, "GET", place, "").status(), Some(404), "{place}");
    }
    assert_eq!(request(&issuer, "POST", &jwks(&issuer), "").status(), Some(405));
    let head = request(&issuer, "HEAD", &jwks(&issuer), "");
    assert_eq!(head.field("Content-Length"), Some(KEYS.len().to_string().as_str()));
    assert_eq!(head.body, b"");

    let requests = issuer.requests();
    let endpoints: Vec<_> = requests.iter().map(|request| request.endpoint).collect();
    let (jwks, metadata) = (Some(Endpoint::Jwks), Some(Endpoint::Metadata));
    assert_eq!(endpoints[..5], [jwks, jwks, metadata, metadata, metadata]);
    assert_eq!(endpoints[5..11], [None; 6]);
    assert_eq!(endpoints[11..], [jwks, jwks]);
    assert_eq!((requests[1].method.as_str(), requests[1].status), ("GET", Some(200)));
    assert_eq!(requests[1].sent, (keys.head.len() + keys.body.len()) as u64);
    assert_eq!(requests[1].headers, [("Host".to_owned(), "x".to_owned())]);
}

#[test]
fn stands_at_the_root_where_it_has_no_path() {
    let issuer = Issuer::open_at(HTTP, 0, "/").unwrap();
    publish(&issuer);
    assert!(issuer.url().ends_with(|last: char| last.is_ascii_digit()), "{}", issuer.url());
    let address: SocketAddr = issuer.url()["http://".len()..].parse().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /jwks.json HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(read(stream).text(), KEYS);
    assert_eq!(Issuer::open_at(HTTP, 0, "a b").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    let taken = Issuer::open_at(HTTP, address.port(), "").unwrap_err();
    assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
}

#[test]
fn sends_the_header_fields_and_dates_that_it_was_told() {
    let issuer = issuer();
    issuer.set_now(Some(NumericDate::VIRTUAL));
    let headers = [
        ("Cache-Control", "max-age={short}"),
        ("Expires", "{date+max_age+1}"),
        ("ETag", "{etag}"),
        ("Content-Type", "text/plain"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    issuer.publish(&Published { headers: Some(headers.to_vec()), ..Published::default() });
    let answer = fetch(&issuer);
    assert_eq!(answer.text(), KEYS, "what is absent stays");
    assert_eq!(answer.field("Date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    assert_eq!(answer.field("Cache-Control"), Some("max-age=60"));
    assert_eq!(answer.field("Expires"), Some("Thu, 01 Jan 2026 00:05:01 GMT"));
    assert_eq!(answer.field("Content-Type"), Some("text/plain"));

    let tag = answer.field("ETag").unwrap().to_owned();
    let again = request(&issuer, "GET", &jwks(&issuer), &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((again.status(), again.body.len()), (Some(304), 0));
    assert_eq!(again.field("Cache-Control"), Some("max-age=60"));
    issuer.publish(&Published { keys: Some(b"{}".to_vec()), ..Published::default() });
    let changed = request(&issuer, "GET", &jwks(&issuer), &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((changed.status(), changed.text()), (Some(200), "{}"));
    assert_ne!(changed.field("ETag"), Some(tag.as_str()));

    issuer.set_now(None);
    let date = httpdate::parse_http_date(fetch(&issuer).field("Date").unwrap()).unwrap();
    let off = super::headers::machine_time().duration_since(date).unwrap();
    assert!(off < Duration::from_secs(60), "{off:?}");
}
