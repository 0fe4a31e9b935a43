//! A set refuses a token without `kid`, unless told otherwise, and leaves out keys without one.

use jwtk::eddsa::Ed25519PrivateKey;
use jwtk::jwk::JwkSet;
use jwtk::{HeaderAndClaims, PublicKeyToJwk};

fn main() {
    let key = Ed25519PrivateKey::generate().unwrap();
    let token = jwtk::sign(&mut HeaderAndClaims::new_dynamic(), &key).unwrap();
    let accepted = |kid: Option<&str>, required| {
        let mut jwk = key.public_key_to_jwk().unwrap();
        jwk.kid = kid.map(Into::into);
        let mut set = JwkSet { keys: vec![jwk] }.verifier();
        set.set_require_kid(required);
        set.verify::<serde_json::Map<_, _>>(&token).is_ok()
    };
    let outcomes = [accepted(Some("a"), true), accepted(Some("a"), false), accepted(None, false)];
    println!("as it is: {}; not required: {}; nor in the key: {}", outcomes[0], outcomes[1], outcomes[2]);
    let shows = outcomes == [false, true, false];
    std::process::exit(if shows { 0 } else { 1 });
}
