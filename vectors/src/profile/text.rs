//! Changes to a JSON text that is written letter by letter, where they are sure to hit what they mean.

use serde_json::Value;

/// A member as honest texts write it: name, colon and value without a blank between them.
fn member(name: &str, value: &str) -> String {
    format!("{}:{value}", Value::from(name))
}

/// The value of a member in a text; a placeholder for the time stands for a number, and is not quoted.
fn written(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.starts_with("{now") => text.to_owned(),
        Some(_) | None => value.to_string(),
    }
}

/// How often a member stands in a text with just this value.
pub(super) fn count(text: &str, name: &str, value: &str) -> usize {
    text.matches(&member(name, &Value::from(value).to_string())).count()
}

/// The text with another value for such members.
pub(super) fn with(text: &str, name: &str, from: &str, to: &str) -> String {
    let quoted = |value: &str| member(name, &Value::from(value).to_string());
    text.replace(&quoted(from), &quoted(to))
}

/// The text with a member more, behind the one of this name and value; as it is where the name stands in it
/// already, and `None` where that place is not there just once.
pub(super) fn with_one_more(
    text: &str,
    behind: (&str, &str),
    name: &str,
    value: &Value,
) -> Option<String> {
    if text.contains(&Value::from(name).to_string()) {
        return Some(text.to_owned());
    }
    let (place, of) = behind;
    (count(text, place, of) == 1).then(|| {
        let place = member(place, &Value::from(of).to_string());
        text.replace(&place, &format!("{place},{}", member(name, &written(value))))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_is_put_behind_another_or_not_at_all() {
        let text = r#"{"sub":"alice","exp":{now+60}}"#;
        let behind = ("sub", "alice");
        let with = |name, value| with_one_more(text, behind, name, &value);
        assert_eq!(
            with("client_id", json!("c")).unwrap(),
            r#"{"sub":"alice","client_id":"c","exp":{now+60}}"#
        );
        assert_eq!(
            with("iat", json!("{now-60}")).unwrap(),
            r#"{"sub":"alice","iat":{now-60},"exp":{now+60}}"#
        );
        assert_eq!(with("exp", json!(1)).unwrap(), text);
        assert_eq!(with_one_more("{}", behind, "jti", &json!("j")), None);
    }
}
