//! An RSA key of 1024 bits is taken.

use jwt_simple::prelude::*;

fn main() {
    let mut modulus = [0xff; 128];
    modulus[0] = 0x8e;
    let outcome = RS256PublicKey::from_components(&modulus, &[1, 0, 1]).map(drop).map_err(|error| error.to_string());
    println!("{outcome:?}");
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
