//! Walks over JSON values, however deep a text stands in them.

use serde_json::Value;

/// Whether a text stands somewhere in a value, as a string of its own.
pub(super) fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(members) => members.values().any(|member| holds(member, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a text stands somewhere in a value, as a part of a string.
pub(super) fn mentions(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own.contains(text),
        Value::Array(items) => items.iter().any(|item| mentions(item, text)),
        Value::Object(members) => members.values().any(|member| mentions(member, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// How many strings of a value have a text in them.
pub(super) fn mentioned(value: &Value, text: &str) -> usize {
    match value {
        Value::String(own) => usize::from(own.contains(text)),
        Value::Array(items) => items.iter().map(|item| mentioned(item, text)).sum(),
        Value::Object(members) => members.values().map(|member| mentioned(member, text)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Whether an object somewhere in a value has a member of one of these names.
pub(super) fn names(value: &Value, wanted: &[&str]) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| names(item, wanted)),
        Value::Object(members) => members
            .iter()
            .any(|(name, member)| wanted.contains(&name.as_str()) || names(member, wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Puts another text in place of every string that is this one.
pub(super) fn rename(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(own) if own == from => *own = to.to_owned(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, from, to)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| rename(member, from, to));
        }
    }
}
