//! An `exp` of -1 is far in the future.

use jwt_simple::prelude::*;

fn main() {
    let key = HS256Key::from_bytes(&std::array::from_fn::<u8, 32, _>(|octet| octet as u8));
    // {"alg":"HS256","typ":"JWT"} and {"exp":-1}
    let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOi0xfQ.AUFhtDg3rPCg6-dKQyuLDp-ERhN6f1TYH7eqoDoCZSY";
    let outcome = key.verify_token::<NoCustomClaims>(token, None);
    println!("{:?}", outcome.as_ref().map(|claims| claims.expires_at).map_err(ToString::to_string));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
