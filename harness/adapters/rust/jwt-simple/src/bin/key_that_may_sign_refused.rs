//! A public key whose `key_ops` name `sign` beside `verify` is refused.

use jwt_simple::prelude::*;

#[cfg(from_jwk)]
fn main() {
    let outcomes = [r#"["verify"]"#, r#"["sign","verify"]"#].map(|operations| {
        let point = r#""x":"HRy0sL7ARTaS2shzTT8GPSKmQFElL_h8_DMjIYIkV1o","y":"Eaqoah2D487zwbOtV3jiiw8Dl4PjBYey5RZAXJ1cDSE""#;
        ES256PublicKey::from_jwk(&format!(r#"{{"kty":"EC","crv":"P-256",{point},"key_ops":{operations}}}"#)).map(drop).map_err(|error| error.to_string())
    });
    println!("verify: {:?}; sign, verify: {:?}", outcomes[0], outcomes[1]);
    let shows = outcomes[0].is_ok() && outcomes[1].is_err();
    std::process::exit(if shows { 0 } else { 1 });
}

#[cfg(not(from_jwk))]
fn main() {
    println!("this release reads no JWK");
    std::process::exit(1);
}
