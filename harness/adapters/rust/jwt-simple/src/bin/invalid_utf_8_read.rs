//! Octets that are no UTF-8 pass in a header member that the library does not know.

use jwt_simple::prelude::*;

fn main() {
    let key = HS256Key::from_bytes(&std::array::from_fn::<u8, 32, _>(|octet| octet as u8));
    // {"alg":"HS256","typ":"JWT","x":"\xff"} and {}
    let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsIngiOiL_In0.e30.FrVmZZUP6p2DxaEuSiowUXQjd1IzX5oX1BTOqXpAKEs";
    let outcome = key.verify_token::<NoCustomClaims>(token, None);
    println!("{:?}", outcome.as_ref().map(drop).map_err(ToString::to_string));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
