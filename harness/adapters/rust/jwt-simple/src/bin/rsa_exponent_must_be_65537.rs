//! An RSA key with another exponent than 65537 is refused.

use jwt_simple::prelude::*;

fn main() {
    let modulus: Vec<u8> = RS256KeyPair::generate(2048).unwrap().public_key().to_components().n;
    let outcomes = [&[1, 0, 1][..], &[3]].map(|exponent| RS256PublicKey::from_components(&modulus, exponent).map(drop).map_err(|error| error.to_string()));
    println!("65537: {:?}; 3: {:?}", outcomes[0], outcomes[1]);
    let shows = outcomes[0].is_ok() && outcomes[1].is_err();
    std::process::exit(if shows { 0 } else { 1 });
}
