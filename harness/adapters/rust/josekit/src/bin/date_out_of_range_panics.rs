//! Dates beyond what `SystemTime` or the crate `time` can hold end in a panic.

use josekit::jwt::{JwtPayload, JwtPayloadValidator};
use serde_json::{json, Value};

fn panics(claims: &Value) -> bool {
    let judged = std::panic::catch_unwind(|| {
        let payload = JwtPayload::from_map(claims.as_object().unwrap().clone())?;
        JwtPayloadValidator::new().validate(&payload)
    });
    judged.is_err()
}

fn main() {
    let in_milliseconds = json!({"nbf": 4_102_444_800_000_u64}); // the error's text would name the date
    let dates = [json!({"exp": 9_223_372_036_854_775_808_u64}), json!({"nbf": 1e308}), in_milliseconds];
    let panicking: Vec<_> = dates.iter().filter(|claims| panics(claims)).map(Value::to_string).collect();
    println!("a panic at {}", panicking.join(", "));
    let shows = panicking.len() == dates.len();
    std::process::exit(if shows { 0 } else { 1 });
}
