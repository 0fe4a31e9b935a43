//! Without `set_audience`, a token for somebody else is valid.

use josekit::jwt::{JwtPayload, JwtPayloadValidator};

fn main() {
    let mut payload = JwtPayload::new();
    payload.set_audience(vec!["https://elsewhere.test"]);
    let outcome = JwtPayloadValidator::new().validate(&payload);
    println!("{:?}", outcome.as_ref().map_err(ToString::to_string));
    let shows = outcome.is_ok();
    std::process::exit(if shows { 0 } else { 1 });
}
