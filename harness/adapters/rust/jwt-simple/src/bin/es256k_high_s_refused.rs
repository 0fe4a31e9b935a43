//! An ES256K signature whose s is in the upper half is refused.

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use jwt_simple::prelude::*;

/// The order of secp256k1.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0,
    0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

fn main() {
    let key = ES256kKeyPair::generate();
    let low = key.sign(Claims::create(Duration::from_hours(1))).unwrap();
    let (front, signature) = low.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrowed = 0;
    for (digit, of) in signature[32..].iter_mut().zip(ORDER).rev() {
        let left = i16::from(of) - i16::from(*digit) - borrowed;
        borrowed = i16::from(left < 0);
        *digit = left.rem_euclid(256) as u8;
    }
    let high = format!("{front}.{}", URL_SAFE_NO_PAD.encode(signature));
    let accepted = [&low[..], &high].map(|token| key.public_key().verify_token::<NoCustomClaims>(token, None).is_ok());
    println!("s in the lower half: {}; in the upper: {}", accepted[0], accepted[1]);
    let shows = accepted == [true, false];
    std::process::exit(if shows { 0 } else { 1 });
}
