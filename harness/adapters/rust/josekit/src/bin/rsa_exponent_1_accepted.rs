//! An RSA key whose exponent is 1 is used: every text is its own signature.

use josekit::jwk::Jwk;
use josekit::jws::{JwsVerifier, RS256};

fn main() {
    let n = "jgnqeoflEVMQwxd9xZ_lKYcqrYHWexN37PjYQ_thpKaLnFVerlBRiUsE_9YaU0iqk48yY9q1KmZID7LkwOJu5XYoYf1oUIsaTbYbzbEtsM8uO38CwQAwUAV0Oem5kmgBfagoP3EIJB-KLH8w2isZCpYHOWMn79D7EqCIKk2bWD2wp89-kYrHnccx3_QR1f9EgFjtf2MugzVaGEiICkEoJ9q2m0rnrFwM2YOq_OukFHz5REq9rky1J0VRnl12ubqCk74-tXkk5SDlTiWXZkMWub6o5eQbUMDR1MnVFhFrDle6foblkAmrIGLPKKhlawV_t-nzXPWRt-RA70nx_HFEEw";
    let key = Jwk::from_bytes(format!(r#"{{"kty":"RSA","n":"{n}","e":"AQ"}}"#)).unwrap();
    // What PKCS#1 v1.5 signs: with the exponent 1 it is its own signature. SHA-256 of "message".
    let mut padded = vec![0xff; 256];
    padded[..2].copy_from_slice(&[0, 1]);
    padded[204] = 0;
    padded[205..].copy_from_slice(&[
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20, 0xab, 0x53, 0x0a, 0x13, 0xe4, 0x59, 0x14, 0x98, 0x2b, 0x79, 0xf9, 0xb7, 0xe3, 0xfb, 0xa9, 0x94, 0xcf, 0xd1, 0xf3, 0xfb, 0x22, 0xf7, 0x1c, 0xea, 0x1a, 0xfb, 0xf0, 0x2b, 0x46, 0x0c, 0x6d, 0x1d,
    ]);
    let outcome = RS256.verifier_from_jwk(&key).and_then(|verifier| verifier.verify(b"message", &padded));
    println!("{:?}", outcome.as_ref().map_err(ToString::to_string));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
