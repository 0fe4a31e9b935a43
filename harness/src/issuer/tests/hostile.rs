use super::*;
use crate::issuer::server::MOST_OPEN;

/// What comes back for octets that the issuer may stop reading at any time.
fn provoke(issuer: &Issuer, octets: &[u8]) -> Answer {
    let mut stream = connect(issuer);
    let _ = stream.write_all(octets);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    read(stream)
}

#[test]
fn answers_what_is_no_request() {
    let issuer = issuer();
    for (octets, status) in [
        (b"GET / HTTP/1.1".to_vec(), Some(400)),
        (b"\0\0\0\0\r\n\r\n".to_vec(), Some(400)),
        (b"\x16\x03\x01\x02\x00\x01\x00".to_vec(), Some(400)),
        (b"GET /\0/jwks.json HTTP/1.1\r\n\r\n".to_vec(), Some(404)),
        (b"GET / HTTP/1.1\r\n\0\0: \0\r\n:\r\n\xff\xff\r\n\r\n".to_vec(), Some(404)),
        (vec![b'a'; 64 << 10], Some(431)),
        ([b"GET / HTTP/1.1\r\nX: ".as_slice(), &[b'a'; 64 << 10]].concat(), Some(431)),
        (
            [b"GET / HTTP/1.1\r\n".as_slice(), &b"X: y\r\n".repeat(1000), b"\r\n"].concat(),
            Some(404),
        ),
        (b"\r\n\r\n".to_vec(), Some(400)),
        (b"".to_vec(), None),
    ] {
        let answer = provoke(&issuer, &octets);
        let begin = String::from_utf8_lossy(&octets[..octets.len().min(40)]).into_owned();
        assert_eq!(answer.status(), status, "{begin:?}");
    }
    assert_eq!(fetch(&issuer).text(), KEYS, "it is as well as before");
    let requests = issuer.requests();
    assert_eq!(requests.len(), 11);
    for request in &requests {
        assert!(request.headers.len() <= 64);
        let texts = request.headers.iter().flat_map(|(name, value)| [name, value]);
        for text in texts.chain([&request.method, &request.path]) {
            assert!(text.len() <= 1024 && text.bytes().all(|octet| matches!(octet, b' '..=b'~')));
        }
    }
    assert_eq!(requests[6].path, "/", "what could be read of a head that is too long");
    assert_eq!(requests[7].headers.len(), 64);
}

#[test]
fn waits_for_a_request_that_comes_octet_by_octet() {
    let issuer = issuer();
    let mut stream = connect(&issuer);
    stream.set_nodelay(true).unwrap();
    for octet in format!("GET {} HTTP/1.1\r\n\r\n", jwks(&issuer)).bytes() {
        stream.write_all(&[octet]).unwrap();
    }
    assert_eq!(read(stream).text(), KEYS);
    assert_eq!(issuer.requests().len(), 1);
}

#[test]
fn an_answer_reaches_who_sent_more_than_was_read() {
    let issuer = issuer();
    for _ in 0..20 {
        let body = "x".repeat(200 << 10);
        let request = format!("POST {} HTTP/1.1\r\n\r\n{body}", jwks(&issuer));
        let answer = provoke(&issuer, request.as_bytes());
        assert_eq!(answer.status(), Some(405));
        assert!(answer.ended.is_ok());
    }
}

#[test]
fn keeps_no_more_open_than_it_may() {
    let issuer = issuer();
    let idle: Vec<_> = (0..MOST_OPEN + 20).map(|_| connect(&issuer)).collect();
    let requests = issuer.requests();
    assert_eq!(requests.len(), idle.len());
    let open = requests.iter().filter(|request| request.ended.is_none()).count();
    assert_eq!(open, MOST_OPEN);
    drop(idle);
}
