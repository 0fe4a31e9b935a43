use std::net::TcpListener;

use super::*;

fn refused(address: SocketAddr) -> bool {
    let tried = TcpStream::connect(address);
    tried.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

#[test]
fn refuses_and_mends_on_the_same_port_and_keeps_it() {
    let issuer = issuer();
    let (address, _) = place(&issuer);
    let mut open = connect(&issuer);
    assert_eq!(issuer.requests().len(), 1);
    wrong(&issuer, Fault::Refused);
    assert!(refused(address));
    // Ended, by a close or a reset.
    assert!(!open.read(&mut [0]).is_ok_and(|length| length > 0));
    let taken = TcpListener::bind(address).unwrap_err();
    assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    wrong(&issuer, Fault::Refused);
    assert!(refused(address), "once more changes nothing");
    assert_eq!(issuer.requests().len(), 1, "there was nothing to see");

    issuer.mend().unwrap();
    assert_eq!(fetch(&issuer).text(), KEYS);
    wrong(&issuer, Fault::Refused);
    assert!(refused(address));
    wrong(&issuer, Fault::Status(500));
    assert_eq!(fetch(&issuer).status(), Some(500), "another rule opens the port as well");
    assert_eq!(issuer.requests().len(), 3);
}

#[test]
fn refuses_after_its_good_connections_and_answers_those() {
    let issuer = issuer();
    let rule = Rule { at: Endpoint::Jwks, fault: Fault::Refused, after: 2, times: None };
    issuer.fault(rule).unwrap();
    assert_eq!(fetch(&issuer).text(), KEYS);
    assert_eq!(fetch(&issuer).text(), KEYS);
    assert!(refused(place(&issuer).0));
    issuer.mend().unwrap();
    assert_eq!(fetch(&issuer).text(), KEYS);
}

#[test]
fn a_drop_frees_the_port_and_ends_what_is_open() {
    for fault in [Fault::Silent, Fault::SilentBody, Fault::Endless, Fault::Refused] {
        let issuer = issuer();
        let (address, _) = place(&issuer);
        let mut streams = Vec::new();
        if fault != Fault::Refused {
            wrong(&issuer, fault.clone());
            streams.extend([(); 3].map(|()| connect(&issuer)));
            for stream in &mut streams {
                let request = format!("GET {} HTTP/1.1\r\n\r\n", jwks(&issuer));
                stream.write_all(request.as_bytes()).unwrap();
            }
            assert_eq!(issuer.requests().len(), 3);
        }
        wrong(&issuer, fault);
        let told = issuer.on_request();
        drop(issuer);
        assert!(refused(address));
        drop(TcpListener::bind(address).unwrap());
        for stream in streams {
            // To the end or to a reset, and not to the client's patience.
            let ended = read(stream).ended;
            let patience = [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut];
            assert!(!ended.is_err_and(|error| patience.contains(&error.kind())));
        }
        assert!(told.iter().all(|request| request.ended.is_some()), "and the channel ends");
    }
}

#[test]
fn opens_again_at_once_where_another_was() {
    let issuer = issuer();
    let (address, path) = place(&issuer);
    fetch(&issuer);
    drop(issuer);
    let again = Issuer::open_at(HTTP, address.port(), &path).unwrap();
    assert_eq!(place(&again), (address, path));
    publish(&again);
    assert_eq!(fetch(&again).text(), KEYS);
}

#[test]
fn hundreds_are_open_at_once() {
    let issuers: Vec<_> = (0..300).map(|_| issuer()).collect();
    for issuer in &issuers {
        assert_eq!(fetch(issuer).text(), KEYS);
        assert_eq!(issuer.requests().len(), 1);
    }
    let mut urls: Vec<_> = issuers.iter().map(Issuer::url).collect();
    urls.sort();
    urls.dedup();
    assert_eq!(urls.len(), issuers.len());
}

#[test]
fn counts_whoever_connected_before_and_what_they_asked() {
    let issuer = issuer();
    for n in 1..=50 {
        let mut stream = connect(&issuer);
        stream.write_all(format!("GET /{n} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
        let requests = issuer.requests();
        assert_eq!(requests.len(), n);
        assert_eq!(requests[n - 1].path, format!("/{n}"));
        assert_eq!(requests[n - 1].connection, n as u64 - 1);
        drop(stream);
    }
    let idle: Vec<_> = (0..60).map(|_| connect(&issuer)).collect();
    assert_eq!(issuer.requests().len(), 110);
    drop(idle);
    let at: Vec<_> = issuer.requests().into_iter().map(|request| request.at).collect();
    assert!(at.is_sorted());
}

#[test]
fn tells_of_each_request_as_it_comes() {
    let issuer = issuer();
    let told = issuer.on_request();
    fetch(&issuer);
    let request = told.recv().unwrap();
    assert_eq!((request.endpoint, request.status), (Some(Endpoint::Jwks), Some(200)));
    assert_eq!((request.sent, request.ended), (0, None), "before the answer");
    drop(connect(&issuer));
    let request = told.recv().unwrap();
    assert_eq!(request.method, "");
    assert!(request.ended.is_some());
    drop(told);
    fetch(&issuer);
    assert_eq!(issuer.requests().len(), 3);
}

#[test]
fn answers_many_at_once() {
    let issuer = issuer();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..8 {
                    assert_eq!(fetch(&issuer).text(), KEYS);
                }
            });
        }
    });
    let requests = issuer.requests();
    assert_eq!(requests.len(), 128);
    assert!(requests.iter().all(|request| request.status == Some(200)));
}
