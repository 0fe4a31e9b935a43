//! A member of a set that is no key refuses the whole set.

use jwtk::jwk::JwkSet;

fn main() {
    let good = r#"{"kty":"EC","crv":"P-256","x":"HRy0sL7ARTaS2shzTT8GPSKmQFElL_h8_DMjIYIkV1o","y":"Eaqoah2D487zwbOtV3jiiw8Dl4PjBYey5RZAXJ1cDSE"}"#;
    let alone = serde_json::from_str::<JwkSet>(&format!(r#"{{"keys":[{good}]}}"#));
    let beside = serde_json::from_str::<JwkSet>(&format!(r#"{{"keys":[{good},{{"kid":7}}]}}"#));
    println!("alone: {}; beside a bad one: {:?}", alone.is_ok(), beside.as_ref().err());
    let shows = alone.is_ok() && beside.is_err();
    std::process::exit(if shows { 0 } else { 1 });
}
