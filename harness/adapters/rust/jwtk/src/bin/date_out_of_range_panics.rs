//! A date beyond what `SystemTime` can hold ends in a panic.

use jwtk::hmac::{HmacAlgorithm, HmacKey};
use jwtk::HeaderAndClaims;
use std::time::Duration;

fn main() {
    let key = HmacKey::generate(HmacAlgorithm::HS256).unwrap();
    let mut token = HeaderAndClaims::new_dynamic();
    token.claims_mut().exp = Some(Duration::from_secs(1 << 63));
    let token = jwtk::sign(&mut token, &key).unwrap();
    let panicked = std::panic::catch_unwind(|| jwtk::verify::<serde_json::Map<_, _>>(&token, &key)).is_err();
    println!("exp of 2^63: {}", if panicked { "a panic" } else { "none" });
    let shows = panicked;
    std::process::exit(if shows { 0 } else { 1 });
}
