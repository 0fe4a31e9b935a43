//! `aud` is left to the caller.

use jwtk::hmac::{HmacAlgorithm, HmacKey};
use jwtk::HeaderAndClaims;

fn main() {
    let key = HmacKey::generate(HmacAlgorithm::HS256).unwrap();
    let mut token = HeaderAndClaims::new_dynamic();
    token.add_aud("https://elsewhere.test");
    let token = jwtk::sign(&mut token, &key).unwrap();
    let outcome = jwtk::verify::<serde_json::Map<_, _>>(&token, &key);
    println!("{:?}", outcome.as_ref().map(|token| &token.claims().aud));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
