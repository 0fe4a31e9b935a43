//! Unless told otherwise, a token is good for 15 minutes after its `exp`.

use jwt_simple::prelude::*;

fn main() {
    let key = HS256Key::generate();
    let token = key.authenticate(Claims::create(Duration::from_secs(60))).unwrap();
    let later = |seconds| VerificationOptions {
        artificial_time: Some(Clock::now_since_epoch() + Duration::from_secs(seconds)),
        ..Default::default()
    };
    let [soon, late] = [660, 1260].map(|seconds| key.verify_token::<NoCustomClaims>(&token, Some(later(seconds))).is_ok());
    println!("accepted 10 minutes after its exp: {soon}; after 20: {late}");
    let shows = soon && !late;
    std::process::exit(if shows { 0 } else { 1 });
}
