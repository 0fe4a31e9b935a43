//! HS256 is verified under a secret of 16 octets.

use jwtk::hmac::{HmacAlgorithm, HmacKey};
use jwtk::HeaderAndClaims;

fn main() {
    let key = HmacKey::from_bytes(b"sixteen octets!!", HmacAlgorithm::HS256);
    let token = jwtk::sign(&mut HeaderAndClaims::new_dynamic(), &key).unwrap();
    let outcome = jwtk::verify::<serde_json::Map<_, _>>(&token, &key);
    println!("{:?}", outcome.as_ref().map(drop));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
