//! A fetch that failed is tried again for each token.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};

use jwtk::eddsa::Ed25519PrivateKey;
use jwtk::jwk::{RemoteJwksVerifier, WithKid};
use jwtk::HeaderAndClaims;

static ASKED: AtomicUsize = AtomicUsize::new(0);

/// An endpoint that answers everybody with this, and its URL.
fn endpoint(response: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            ASKED.fetch_add(1, Ordering::SeqCst);
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(response.as_bytes());
        }
    });
    url
}

fn main() {
    let key = WithKid::new("a".into(), Ed25519PrivateKey::generate().unwrap());
    let token = jwtk::sign(&mut HeaderAndClaims::new_dynamic(), &key).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = endpoint("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into());
    let verifier = RemoteJwksVerifier::builder(url).build();
    let accepted = || runtime.block_on(verifier.verify::<serde_json::Map<_, _>>(&token)).is_ok();
    let any = (0..20).any(|_| accepted());
    let asked = ASKED.load(Ordering::SeqCst);
    println!("{asked} fetches for 20 tokens while the endpoint answers 503");
    let shows = !any && asked == 20;
    std::process::exit(if shows { 0 } else { 1 });
}
