use std::sync::Arc;

use gauntlet_vectors::timeline::TlsFault;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, ClientConnection, Error, RootCertStore, StreamOwned,
    SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};

use super::*;
use crate::issuer::{CaFile, Request, ca_pem};

const HTTPS: Settings = Settings { scheme: Scheme::Https, ..HTTP };

fn tls_issuer(fault: Option<TlsFault>) -> Issuer {
    let issuer = Issuer::open(HTTPS).unwrap();
    publish(&issuer);
    if let Some(fault) = fault {
        wrong(&issuer, Fault::Tls(fault));
    }
    issuer
}

/// The key set, for a client that trusts our authority and nobody else.
fn fetch_tls(
    issuer: &Issuer,
    name: &'static str,
    version: &'static SupportedProtocolVersion,
) -> Result<Answer, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem().unwrap().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(client, connect(issuer));
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", jwks(issuer));
    match stream.write_all(request.as_bytes()) {
        Ok(()) => Ok(read(stream)),
        Err(error) => Err(error.downcast::<Error>().unwrap()),
    }
}

fn only(issuer: &Issuer) -> Request {
    let requests = issuer.requests();
    assert_eq!(requests.len(), 1);
    requests[0].clone()
}

#[test]
fn an_honest_issuer_is_trusted_by_both_of_its_names_and_in_both_versions() {
    let issuer = tls_issuer(None);
    assert!(issuer.url().starts_with("https://127.0.0.1:"));
    for (version, written) in [(&TLS12, "TLSv1.2"), (&TLS13, "TLSv1.3")] {
        for name in ["127.0.0.1", "localhost"] {
            let answer = fetch_tls(&issuer, name, version).unwrap();
            assert_eq!(answer.text(), KEYS);
            assert!(answer.ended.is_ok(), "closed with a word: {:?}", answer.ended);
            let request = issuer.requests().pop().unwrap();
            assert_eq!(request.endpoint, Some(Endpoint::Jwks));
            let tls = request.tls.unwrap();
            assert_eq!(tls.version.as_deref(), Some(written));
            let named = (name == "localhost").then_some("localhost");
            assert_eq!((tls.server_name.as_deref(), tls.failure), (named, None));
        }
    }
}

#[test]
fn a_client_refuses_each_bad_certificate_for_its_own_reason() {
    for version in [&TLS12, &TLS13] {
        for fault in [
            TlsFault::WrongName,
            TlsFault::Expired,
            TlsFault::NotYetValid,
            TlsFault::SelfSigned,
            TlsFault::UnknownAuthority,
            TlsFault::NoAuthority,
        ] {
            let issuer = tls_issuer(Some(fault));
            let error = fetch_tls(&issuer, "127.0.0.1", version).unwrap_err();
            let Error::InvalidCertificate(reason) = &error else { panic!("{fault:?}: {error}") };
            let is_named = match fault {
                TlsFault::WrongName => {
                    matches!(reason, CertificateError::NotValidForNameContext { .. })
                }
                TlsFault::Expired => matches!(reason, CertificateError::ExpiredContext { .. }),
                TlsFault::NotYetValid => {
                    matches!(reason, CertificateError::NotValidYetContext { .. })
                }
                TlsFault::SelfSigned | TlsFault::UnknownAuthority => {
                    matches!(reason, CertificateError::UnknownIssuer)
                }
                TlsFault::NoAuthority => reason.to_string().contains("EndEntityUsedAsCa"),
                TlsFault::Plain => false,
            };
            assert!(is_named, "{fault:?}: {reason:?}");

            // The alert may still be on its way when the client has given up.
            let told = issuer.on_request();
            let request = match only(&issuer) {
                request if request.ended.is_some() => request,
                _ => told.recv().unwrap(),
            };
            assert_eq!((request.method.as_str(), request.endpoint), ("", None));
            assert_eq!(request.fault, Some(Fault::Tls(fault)));
            let tls = request.tls.unwrap();
            assert!(tls.failure.is_some() && tls.version.is_none(), "{tls:?}");

            issuer.mend().unwrap();
            assert_eq!(fetch_tls(&issuer, "127.0.0.1", version).unwrap().text(), KEYS);
        }
    }
}

#[test]
fn plain_http_comes_where_tls_is_due() {
    let issuer = tls_issuer(Some(TlsFault::Plain));
    let error = fetch_tls(&issuer, "127.0.0.1", &TLS13).unwrap_err();
    assert!(matches!(error, Error::InvalidMessage(_)), "{error}");
    assert_eq!(only(&issuer).status, Some(400));
    let answer = fetch(&issuer);
    assert_eq!(answer.text(), KEYS, "who speaks plain HTTP himself is answered, and seen");
    assert_eq!(issuer.requests()[1].endpoint, Some(Endpoint::Jwks));
}

#[test]
fn what_is_no_handshake_is_seen() {
    let issuer = tls_issuer(None);
    let mut stream = connect(&issuer);
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    // An alert, and the end or a reset.
    let _ = stream.read_to_end(&mut Vec::new());
    let request = only(&issuer);
    assert_eq!((request.method.as_str(), request.status), ("", None));
    assert!(request.tls.unwrap().failure.is_some());
}

#[test]
fn faults_behind_a_handshake_are_as_those_without() {
    let issuer = tls_issuer(None);
    for (fault, octets) in [
        (Fault::Padded(1 << 20), 1 << 20),
        (Fault::Drip, KEYS.len()),
        (Fault::Cut, KEYS.len() / 2),
        (Fault::Empty, 0),
    ] {
        wrong(&issuer, fault);
        let answer = fetch_tls(&issuer, "127.0.0.1", &TLS13).unwrap();
        assert_eq!(answer.body.len(), octets);
    }
    wrong(&issuer, Fault::Reset);
    let answer = fetch_tls(&issuer, "127.0.0.1", &TLS13).unwrap();
    assert_eq!(answer.ended.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn the_file_of_the_authority_goes_with_the_last_who_holds_it() {
    let file = CaFile::open().unwrap();
    let path = file.path().to_owned();
    let other = CaFile::open().unwrap();
    assert_eq!(other.path(), path);
    drop(file);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), ca_pem().unwrap());
    drop(other);
    assert!(!path.exists());
}
