//! An Ed25519 key whose y is not below p is loaded.

use josekit::jwk::Jwk;
use josekit::jws::{EdDSA, JwsVerifier};

fn main() {
    let key = Jwk::from_bytes(r#"{"kty":"OKP","crv":"Ed25519","x":"7v_______________________________________38"}"#).unwrap();
    // y = p + 1, another spelling of the neutral element; its signatures are good for every text.
    let mut signature = [0; 64];
    signature[0] = 1;
    let outcome = EdDSA.verifier_from_jwk(&key).and_then(|verifier| verifier.verify(b"message", &signature));
    println!("{:?}", outcome.as_ref().map_err(ToString::to_string));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
