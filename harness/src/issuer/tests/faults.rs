use std::time::Instant;

use gauntlet_vectors::timeline::Encoding;

use super::*;

/// The answer where this goes wrong.
fn answer(fault: Fault) -> Answer {
    let issuer = issuer();
    wrong(&issuer, fault.clone());
    let answer = fetch(&issuer);
    let requests = issuer.requests();
    assert_eq!(requests.len(), 1, "{fault:?}");
    assert_eq!(requests[0].fault.as_ref(), Some(&fault));
    assert_eq!(requests[0].status, answer.status(), "{fault:?}");
    assert_eq!(requests[0].sent, (answer.head.len() + answer.body.len()) as u64, "{fault:?}");
    // The other endpoint is well, whatever is wrong with this one.
    let path = format!("{}/.well-known/openid-configuration", place(&issuer).1);
    if !fault.is_of_the_connection() {
        assert_eq!(request(&issuer, "GET", &path, "").text(), METADATA, "{fault:?}");
    }
    answer
}

fn length(answer: &Answer) -> usize {
    answer.field("Content-Length").unwrap().parse().unwrap()
}

#[test]
fn closed_says_nothing_and_is_seen() {
    let issuer = issuer();
    wrong(&issuer, Fault::Closed);
    let mut octets = Vec::new();
    // The end of the connection or its reset, as the client's octets were there before or not.
    let _ = connect(&issuer).read_to_end(&mut octets);
    assert_eq!(octets, b"");
    let requests = issuer.requests();
    assert_eq!((requests.len(), requests[0].fault.as_ref()), (1, Some(&Fault::Closed)));
    assert_eq!((requests[0].method.as_str(), requests[0].endpoint), ("", None));
}

#[test]
fn silent_says_nothing_for_as_long_as_the_client_waits() {
    let issuer = issuer();
    wrong(&issuer, Fault::Silent);
    let mut stream = connect(&issuer);
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut), "{error}");
    let requests = issuer.requests();
    assert_eq!((requests.len(), requests[0].ended, requests[0].path.as_str()), (1, None, ""));
}

#[test]
fn a_handshake_cannot_go_wrong_without_tls() {
    let issuer = issuer();
    wrong(&issuer, Fault::Tls(gauntlet_vectors::timeline::TlsFault::Expired));
    let mut octets = Vec::new();
    let _ = connect(&issuer).read_to_end(&mut octets);
    assert_eq!(octets, b"");
}

#[test]
fn reset_comes_after_the_request() {
    let issuer = issuer();
    wrong(&issuer, Fault::Reset);
    let answer = fetch(&issuer);
    assert_eq!(answer.ended.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(answer.head, "");
    let requests = issuer.requests();
    assert_eq!((requests[0].endpoint, requests[0].status), (Some(Endpoint::Jwks), None));
}

#[test]
fn silent_body_has_a_head() {
    let issuer = issuer();
    wrong(&issuer, Fault::SilentBody);
    let mut stream = connect(&issuer);
    stream.write_all(format!("GET {} HTTP/1.1\r\n\r\n", jwks(&issuer)).as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let answer = read(stream);
    assert_eq!((answer.status(), length(&answer), answer.text()), (Some(200), KEYS.len(), ""));
    assert!(answer.ended.is_err(), "it was still open");
}

#[test]
fn drip_is_whole_in_the_end() {
    let begun = Instant::now();
    let answer = answer(Fault::Drip);
    assert_eq!((answer.status(), answer.text()), (Some(200), KEYS));
    assert!(begun.elapsed() >= HTTP.drip);
}

#[test]
fn bodies_are_cut_and_their_lengths_lie() {
    let half = &KEYS[..KEYS.len() / 2];
    let cut = answer(Fault::Cut);
    assert_eq!((cut.text(), length(&cut)), (half, KEYS.len()));
    let short = answer(Fault::ShortLength);
    assert_eq!((short.text(), length(&short)), (KEYS, half.len()));
    let half_document = answer(Fault::HalfDocument);
    assert_eq!((half_document.text(), length(&half_document)), (half, half.len()));
}

#[test]
fn chunks_are_bad_and_the_last_is_missing() {
    let bad = answer(Fault::BadChunk);
    assert_eq!(bad.field("Transfer-Encoding"), Some("chunked"));
    assert_eq!(bad.field("Content-Length"), None);
    assert!(bad.text().contains("\r\nzz\r\n"), "{}", bad.text());
    let cut = answer(Fault::CutChunks);
    let sizes = cut.text().lines().step_by(2).map(|size| usize::from_str_radix(size, 16).unwrap());
    assert_eq!(sizes.sum::<usize>(), KEYS.len());
    assert!(!cut.text().contains("\r\n0\r\n"), "{}", cut.text());
}

#[test]
fn no_http_and_statuses() {
    assert_eq!(answer(Fault::NotHttp).status(), None);
    for status in [204, 401, 404, 429, 500, 503] {
        let answer = answer(Fault::Status(status));
        assert_eq!(answer.status(), Some(status));
        assert_eq!(answer.field("Retry-After").is_some(), matches!(status, 429 | 503));
        assert_eq!(answer.body.is_empty(), status == 204);
    }
    let with_document = answer(Fault::StatusWithDocument(500));
    assert_eq!((with_document.status(), with_document.text()), (Some(500), KEYS));
    let not_modified = answer(Fault::NotModified);
    assert_eq!((not_modified.status(), not_modified.text()), (Some(304), ""));
    let issuer = issuer();
    wrong(&issuer, Fault::NotModified);
    let asked = request(&issuer, "GET", &jwks(&issuer), "If-Modified-Since: x\r\n");
    assert_eq!(asked.status(), Some(503));
}

#[test]
fn a_late_answer_is_honest_and_late() {
    let began = Instant::now();
    let answer = answer(Fault::Late(60));
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!((answer.status(), answer.text()), (Some(200), KEYS));
}

#[test]
fn bodies_that_are_no_key_set() {
    let html = answer(Fault::Html);
    assert!(html.field("Content-Type").unwrap().starts_with("text/html"));
    assert!(html.text().contains("<html>"));
    assert_eq!(answer(Fault::Empty).text(), "");
    assert_eq!(answer(Fault::EmptyObject).text(), "{}");
    let garbage = answer(Fault::Garbage);
    assert!(std::str::from_utf8(&garbage.body).is_err());
    assert_eq!(length(&garbage), garbage.body.len());
}

#[test]
fn codings_lie_and_bombs_are_small_on_the_wire() {
    let not_gzip = answer(Fault::Encoded(Encoding::NotGzip));
    assert_eq!((not_gzip.field("Content-Encoding"), not_gzip.text()), (Some("gzip"), KEYS));
    let bomb = answer(Fault::Encoded(Encoding::GzipBomb));
    assert_eq!((bomb.field("Content-Encoding"), length(&bomb)), (Some("gzip"), bomb.body.len()));
    let mut decoder = flate2::read::GzDecoder::new(&bomb.body[..]);
    let size = io::copy(&mut decoder, &mut io::sink()).unwrap();
    assert_eq!(size, (16 << 20) + KEYS.len() as u64);
}

#[test]
fn a_padded_document_is_the_same_document() {
    let padded = answer(Fault::Padded(3 << 20));
    assert_eq!((padded.body.len(), length(&padded)), (3 << 20, 3 << 20));
    assert_eq!(padded.text().replace(' ', ""), KEYS);
    assert!(padded.text().ends_with("  }"));
    assert_eq!(answer(Fault::Padded(1)).text(), KEYS, "it has more octets already");
}

#[test]
fn redirects_go_where_they_are_told() {
    let issuer = issuer();
    wrong(&issuer, Fault::RedirectLoop);
    let answer = fetch(&issuer);
    let itself = format!("{}/jwks.json", issuer.url());
    assert_eq!((answer.status(), answer.field("Location")), (Some(302), Some(itself.as_str())));
    let to = "http://127.0.0.1:9/x\r\nSet-Cookie: y".to_owned();
    wrong(&issuer, Fault::Redirect { status: 308, to });
    let answer = fetch(&issuer);
    let location = Some("http://127.0.0.1:9/xSet-Cookie: y");
    assert_eq!((answer.status(), answer.field("Location")), (Some(308), location));
}

#[test]
fn what_is_endless_stops_where_the_client_does() {
    for fault in [Fault::Endless, Fault::EndlessHead] {
        let issuer = issuer();
        wrong(&issuer, fault.clone());
        let mut stream = connect(&issuer);
        stream.write_all(format!("GET {} HTTP/1.1\r\n\r\n", jwks(&issuer)).as_bytes()).unwrap();
        let mut octets = vec![0; 8 << 20];
        stream.read_exact(&mut octets).unwrap();
        assert!(octets.starts_with(b"HTTP/1.1 200 OK\r\n"));
        let has_body = octets.windows(4).any(|window| window == b"\r\n\r\n");
        assert_eq!(has_body, fault == Fault::Endless);
        // What the client did not read is in the kernel's buffers, or was never made.
        let sent = issuer.requests()[0].sent;
        assert!((8 << 20..40 << 20).contains(&sent), "{fault:?}: {sent}");
        drop(stream);
    }
}

#[test]
fn a_request_for_the_head_is_sent_no_body() {
    let issuer = issuer();
    for fault in [Fault::Padded(1 << 20), Fault::Cut, Fault::CutChunks, Fault::Status(500)] {
        wrong(&issuer, fault);
        assert_eq!(request(&issuer, "HEAD", &jwks(&issuer), "").body, b"");
    }
}

#[test]
fn rules_count_over_the_wire() {
    let issuer = issuer();
    let rule = Rule { at: Endpoint::Jwks, fault: Fault::Status(500), after: 1, times: Some(2) };
    issuer.fault(rule.clone()).unwrap();
    let statuses = [(); 5].map(|()| fetch(&issuer).status().unwrap());
    assert_eq!(statuses, [200, 500, 500, 200, 200]);
    issuer.fault(Rule { fault: Fault::Closed, ..rule }).unwrap();
    let statuses = [(); 5].map(|()| {
        let mut octets = Vec::new();
        let mut stream = connect(&issuer);
        // It may be closed before the request, or over it.
        let _ = stream.write_all(format!("GET {} HTTP/1.1\r\n\r\n", jwks(&issuer)).as_bytes());
        let _ = stream.read_to_end(&mut octets);
        Answer::of(&octets, Ok(())).status().is_some()
    });
    assert_eq!(statuses, [true, false, false, true, true]);
    wrong(&issuer, Fault::Empty);
    issuer.mend().unwrap();
    assert_eq!(fetch(&issuer).text(), KEYS);
}

/// A client that has a connection in reserve is not left to wait on it.
#[test]
fn what_was_silent_is_closed_when_it_is_mended() {
    let issuer = issuer();
    wrong(&issuer, Fault::Silent);
    let mut waiting = connect(&issuer);
    assert_eq!(issuer.requests().len(), 1, "it was accepted");
    issuer.mend().unwrap();
    assert_eq!(waiting.read(&mut [0]).unwrap(), 0);
    assert_eq!(fetch(&issuer).text(), KEYS);
}
