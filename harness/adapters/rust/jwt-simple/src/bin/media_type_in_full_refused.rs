//! `typ` in its full form, `application/…`, is refused, whether a type is demanded or not.

use jwt_simple::prelude::*;

fn main() {
    let key = HS256Key::generate();
    let refused = |typ: &str, demanded: Option<&str>| {
        let header = HeaderOptions { signature_type: Some(typ.into()), ..Default::default() };
        let token = key.authenticate_with_options(Claims::create(Duration::from_hours(1)), &header).unwrap();
        let options = VerificationOptions { required_signature_type: demanded.map(Into::into), ..Default::default() };
        key.verify_token::<NoCustomClaims>(&token, Some(options)).is_err()
    };
    let shows = [refused("at+jwt", Some("at+jwt")), refused("application/at+jwt", Some("at+jwt")), refused("application/jwt", None)];
    println!("refused: at+jwt: {}; application/at+jwt: {}; application/jwt, none demanded: {}", shows[0], shows[1], shows[2]);
    let shows = shows == [false, true, true];
    std::process::exit(if shows { 0 } else { 1 });
}
