//! HS256 is verified under a secret of 16 octets.

use jwt_simple::prelude::*;

fn main() {
    let key = HS256Key::from_bytes(b"sixteen octets!!");
    let outcome = key.verify_token::<NoCustomClaims>(&key.authenticate(Claims::create(Duration::from_hours(1))).unwrap(), None);
    println!("{:?}", outcome.as_ref().map(drop).map_err(ToString::to_string));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
