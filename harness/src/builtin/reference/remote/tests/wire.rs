//! Servers that misbehave below HTTP, and TLS.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair as TlsKey};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::*;

/// A server that reads a request and then does this with the connection.
fn raw(answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/jwks", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            // Whoever has hung up by now is no concern of ours.
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ = answer(&mut stream);
            }
        }
    });
    uri
}

/// A deadline that is short, and still longer than an honest exchange takes on a busy machine.
const SHORT: FetchOptions = FetchOptions { timeout_ms: Some(400), ..OPTIONS };

fn forever(mut step: impl FnMut() -> std::io::Result<()>) -> std::io::Result<()> {
    loop {
        step()?;
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_deadline_holds_for_everything_that_takes_its_time() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n";
    let slow = [
        ("silence", raw(|_| forever(|| Ok(())))),
        (
            "a head that drips",
            raw(|stream| {
                stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
                forever(|| stream.write_all(b"x: y\r\n"))
            }),
        ),
        (
            "no body",
            raw(move |stream| {
                stream.write_all(head.as_bytes())?;
                forever(|| Ok(()))
            }),
        ),
        (
            "a body that drips",
            raw(move |stream| {
                stream.write_all(head.as_bytes())?;
                forever(|| stream.write_all(b" "))
            }),
        ),
        (
            "chunks that drip",
            raw(|stream| {
                stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
                forever(|| stream.write_all(b"1\r\n \r\n"))
            }),
        ),
    ];
    for (name, uri) in slow {
        let verifier = Asked::at_uri(uri, SHORT);
        let start = Instant::now();
        assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable fetch-failed", "{name}");
        let took = start.elapsed();
        assert!(
            took >= Duration::from_millis(300) && took < Duration::from_secs(2),
            "{name}: {took:?}"
        );
        assert!(verifier.laments(&token(1, "a"), 0).contains("400 ms have passed"), "{name}");
    }
}

/// A handshake is part of the fetch, and drips are no progress.
#[test]
fn a_handshake_has_the_same_deadline() {
    // A handshake record of 16 KiB, octet by octet.
    let uri = raw(|stream| {
        stream.write_all(&[0x16, 3, 3, 0x40, 0])?;
        forever(|| stream.write_all(&[2]))
    });
    let authority = Authority::new();
    let options = FetchOptions { ca_file: Some(authority.file()), ..SHORT };
    let verifier = Asked::at_uri(uri.replace("http:", "https:"), options);
    let start = Instant::now();
    assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable fetch-failed");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn metadata_and_set_share_the_deadline() {
    let origin = Origin::start();
    let issuer = origin.url("");
    let uri = raw(|_| forever(|| Ok(())));
    let text = format!(r#"{{"issuer":"{issuer}","jwks_uri":"{uri}"}}"#);
    origin.on("/.well-known/openid-configuration", move |_| {
        ResponseTemplate::new(200)
            .set_body_string(text.clone())
            .set_delay(Duration::from_millis(600))
    });
    let options = FetchOptions { timeout_ms: Some(1_000), ..OPTIONS };
    let verifier = Asked::by(&policy(Keys::Discovery(issuer), options));
    let start = Instant::now();
    assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable fetch-failed");
    assert!(start.elapsed() < Duration::from_millis(1_500), "{:?}", start.elapsed());
}

#[test]
fn an_exchange_that_is_not_whole_is_a_failure() {
    let body = set_a();
    let whole = body.len();
    let answers = [
        String::new(),
        "SSH-2.0-OpenSSH_9.6\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Len".to_owned(),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", whole + 1),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{body}\r\n0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{whole:x}\r\n{body}\r\n"),
        format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(50_000)),
    ];
    for answer in answers {
        let sent = answer.clone();
        let verifier = Asked::at_uri(raw(move |stream| stream.write_all(sent.as_bytes())), OPTIONS);
        let shown = answer.chars().take(80).collect::<String>();
        assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable fetch-failed", "{shown:?}");
    }
    // Less than the body: what is left is no set.
    let short = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", whole - 1);
    let verifier = Asked::at_uri(raw(move |stream| stream.write_all(short.as_bytes())), OPTIONS);
    assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable jwks-shape");
    // Nobody listens.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let verifier = Asked::at_uri(format!("http://{closed}/"), OPTIONS);
    assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable fetch-failed");
}

#[test]
fn honest_framings_are_understood() {
    let body = set_a();
    for answer in [
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        ),
        format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
        format!("HTTP/1.0 200 OK\r\n\r\n{body}"),
    ] {
        let verifier =
            Asked::at_uri(raw(move |stream| stream.write_all(answer.as_bytes())), OPTIONS);
        verifier.accepts(&token(1, "a"), 0);
    }
}

#[test]
fn a_response_is_bounded_whether_it_tells_its_length_or_not() {
    let padded = |length: usize| {
        let set = set_a();
        format!("{}{set}", " ".repeat(length - set.len()))
    };
    let options = FetchOptions { max_bytes: Some(1_000), ..OPTIONS };
    for (length, said) in [(1_000, "accept"), (1_001, "unavailable fetch-size")] {
        let origin = Origin::serving(padded(length));
        let told = Asked::at_uri(origin.jwks(), options.clone());
        assert_eq!(told.says(&token(1, "a"), 0), said);
        let body = padded(length);
        let untold = raw(move |stream| write!(stream, "HTTP/1.1 200 OK\r\n\r\n{body}"));
        assert_eq!(Asked::at_uri(untold, options.clone()).says(&token(1, "a"), 0), said);
    }
    // It is not read, only believed.
    let uri = raw(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")?;
        forever(|| Ok(()))
    });
    assert_eq!(
        Asked::at_uri(uri, options.clone()).says(&token(1, "a"), 0),
        "unavailable fetch-size"
    );
    let endless = raw(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            stream.write_all(&[b' '; 4096])?;
        }
    });
    assert_eq!(Asked::at_uri(endless, options).says(&token(1, "a"), 0), "unavailable fetch-size");
}

#[test]
fn a_redirect_is_not_followed_wherever_it_leads() {
    let (origin, other) = (Origin::serving(set_a()), Origin::serving(set_a()));
    for status in [301, 302, 303, 307, 308] {
        for to in [other.jwks(), origin.url("/elsewhere"), "/elsewhere".to_owned(), origin.jwks()] {
            origin.on("/elsewhere", |_| ResponseTemplate::new(200).set_body_string(set_a()));
            origin.on("/jwks", move |_| {
                ResponseTemplate::new(status).append_header("location", &*to)
            });
            let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
            assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable fetch-redirect");
        }
    }
    assert_eq!((other.count(), origin.count_of("/elsewhere")), (0, 0));
}

#[test]
fn no_coding_is_asked_for_and_none_is_undone() {
    let origin = Origin::start();
    origin.on("/jwks", |request| {
        assert_eq!(request.headers["accept-encoding"], "identity");
        // The beginning of a gzip file.
        ResponseTemplate::new(200)
            .append_header("content-encoding", "gzip")
            .set_body_bytes([0x1f, 0x8b, 8, 0])
    });
    let verifier = Asked::at_uri(origin.jwks(), OPTIONS);
    assert_eq!(verifier.says(&token(1, "a"), 0), "unavailable jwks-encoding");
}

/// A certificate authority that lives as long as its file.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, TlsKey>,
    file: tempfile::NamedTempFile,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, TlsKey::generate().unwrap()).unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(issuer.pem().as_bytes()).unwrap();
        Self { issuer, file }
    }

    pub(super) fn file(&self) -> String {
        self.file.path().to_str().unwrap().to_owned()
    }

    /// A server of this name that serves the set; the port is where it listens.
    pub(super) fn serve(&self, name: &str) -> u16 {
        let key = TlsKey::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(connection, stream.unwrap());
                if stream.read(&mut [0; 4096]).is_ok() {
                    let body = set_a();
                    let _ = write!(
                        stream,
                        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                        body.len()
                    );
                }
            }
        });
        port
    }
}

#[test]
fn a_server_is_believed_that_the_named_authority_vouches_for() {
    let (ours, other) = (Authority::new(), Authority::new());
    let trusting = |authority: Option<&Authority>, port: u16| {
        let options = FetchOptions { ca_file: authority.map(Authority::file), ..OPTIONS };
        Asked::at_uri(format!("https://127.0.0.1:{port}/jwks"), options).says(&token(1, "a"), 0)
    };
    let port = ours.serve("127.0.0.1");
    assert_eq!(trusting(Some(&ours), port), "accept");
    assert_eq!(trusting(Some(&other), port), "unavailable fetch-tls");
    assert_eq!(trusting(None, port), "unavailable fetch-tls", "no machine knows our authority");
    assert_eq!(trusting(Some(&ours), ours.serve("localhost")), "unavailable fetch-tls");
    // Plain HTTP where TLS is due says nothing about certificates.
    let plain = Origin::serving(set_a());
    assert_eq!(trusting(Some(&ours), plain.server.address().port()), "unavailable fetch-failed");
}

#[test]
fn a_file_of_authorities_has_to_hold_some() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let empty = empty.path().to_str().unwrap().to_owned();
    for file in [empty, "/nowhere/at/all.pem".to_owned()] {
        let options = FetchOptions { ca_file: Some(file), ..OPTIONS };
        let refused = refusal(&policy(Keys::JwksUri("https://a.test/".to_owned()), options));
        assert!(refused.starts_with("ca-file: "), "{refused}");
    }
}
