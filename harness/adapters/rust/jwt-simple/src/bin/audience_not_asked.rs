//! Without `allowed_audiences`, a token for somebody else is valid.

use jwt_simple::prelude::*;

fn main() {
    let key = HS256Key::generate();
    let claims = Claims::create(Duration::from_hours(1)).with_audience("https://elsewhere.test");
    let outcome = key.verify_token::<NoCustomClaims>(&key.authenticate(claims).unwrap(), None);
    println!("{:?}", outcome.as_ref().map(|claims| &claims.audiences).map_err(ToString::to_string));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
