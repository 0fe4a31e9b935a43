//! The `alg` of a JWK is passed over where it is unknown.

use jwtk::ecdsa::{EcdsaAlgorithm, EcdsaPrivateKey};
use jwtk::{HeaderAndClaims, PublicKeyToJwk};

fn main() {
    let key = EcdsaPrivateKey::generate(EcdsaAlgorithm::ES256).unwrap();
    let token = jwtk::sign(&mut HeaderAndClaims::new_dynamic(), &key).unwrap();
    let mut jwk = key.public_key_to_jwk().unwrap();
    jwk.alg = Some("XS256".into());
    let outcome = jwk.to_verification_key().and_then(|key| jwtk::verify::<serde_json::Map<_, _>>(&token, &key));
    println!("{:?}", outcome.as_ref().map(drop));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
