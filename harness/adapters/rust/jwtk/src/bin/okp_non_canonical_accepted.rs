//! An Ed25519 key whose y is not below p is loaded.

use jwtk::{jwk::Jwk, VerificationKey};

fn main() {
    let key = serde_json::from_str::<Jwk>(r#"{"kty":"OKP","crv":"Ed25519","x":"7v_______________________________________38"}"#).unwrap();
    // y = p + 1, another spelling of the neutral element; its signatures are good for every text.
    let mut signature = [0; 64];
    signature[0] = 1;
    let outcome = key.to_verification_key().and_then(|key| key.verify(b"message", &signature, "EdDSA"));
    println!("{outcome:?}");
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
