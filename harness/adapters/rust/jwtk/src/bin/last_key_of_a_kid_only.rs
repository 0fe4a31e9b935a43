//! Of two keys with one `kid` only the last is there.

use jwtk::eddsa::Ed25519PrivateKey;
use jwtk::jwk::{JwkSet, WithKid};
use jwtk::{HeaderAndClaims, PublicKeyToJwk};

fn main() {
    let keys = [(); 2].map(|()| WithKid::new("a".into(), Ed25519PrivateKey::generate().unwrap()));
    let set = JwkSet { keys: keys.iter().map(|key| key.public_key_to_jwk().unwrap()).collect() }.verifier();
    let accepted = keys.map(|key| {
        let token = jwtk::sign(&mut HeaderAndClaims::new_dynamic(), &key).unwrap();
        set.verify::<serde_json::Map<_, _>>(&token).is_ok()
    });
    println!("signed by the first: {}; by the last: {}", accepted[0], accepted[1]);
    let shows = accepted == [false, true];
    std::process::exit(if shows { 0 } else { 1 });
}
