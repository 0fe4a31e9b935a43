//! A member of a set that is no key refuses the whole set.

use josekit::jwk::JwkSet;

fn main() {
    let good = r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
    let alone = JwkSet::from_bytes(format!(r#"{{"keys":[{good}]}}"#));
    let beside = JwkSet::from_bytes(format!(r#"{{"keys":[{good},{{"kid":"a","use":"sig"}}]}}"#));
    println!("alone: {}; beside a bad one: {:?}", alone.is_ok(), beside.as_ref().map(drop).map_err(ToString::to_string));
    let shows = alone.is_ok() && beside.is_err();
    std::process::exit(if shows { 0 } else { 1 });
}
