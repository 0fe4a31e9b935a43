//! A key set of any size is read.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};

use jwtk::eddsa::Ed25519PrivateKey;
use jwtk::jwk::{JwkSet, RemoteJwksVerifier, WithKid};
use jwtk::{HeaderAndClaims, PublicKeyToJwk};

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
    let set = serde_json::to_string(&JwkSet { keys: vec![key.public_key_to_jwk().unwrap()] }).unwrap();
    let token = jwtk::sign(&mut HeaderAndClaims::new_dynamic(), &key).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let padded = format!("{}{}}}", &set[..set.len() - 1], " ".repeat(16 << 20));
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", padded.len());
    let verifier = RemoteJwksVerifier::builder(endpoint(head + &padded)).build();
    let shows = runtime.block_on(verifier.verify::<serde_json::Map<_, _>>(&token)).is_ok();
    println!("a set of 16 MiB, fetch {}: {}", ASKED.load(Ordering::SeqCst), if shows { "accepted" } else { "refused" });
    std::process::exit(if shows { 0 } else { 1 });
}
