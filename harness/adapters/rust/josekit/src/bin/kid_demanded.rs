//! A token without `kid` is refused under the one key there is, where that key has one.

use josekit::jwk::Jwk;
use josekit::jws::{self, JwsHeader, HS256};

fn main() {
    let mut key = Jwk::generate_oct_key(32).unwrap();
    let token = jws::serialize_compact(b"payload", &JwsHeader::new(), &HS256.signer_from_jwk(&key).unwrap()).unwrap();
    let without = jws::deserialize_compact(&token, &HS256.verifier_from_jwk(&key).unwrap());
    key.set_key_id("a");
    let with = jws::deserialize_compact(&token, &HS256.verifier_from_jwk(&key).unwrap());
    println!("key without kid: {}; with: {:?}", without.is_ok(), with.as_ref().map(drop).map_err(ToString::to_string));
    let shows = without.is_ok() && with.is_err();
    std::process::exit(if shows { 0 } else { 1 });
}
