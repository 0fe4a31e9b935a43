//! How long a response may be used: what is due of RFC 9111, and what clients make of it.

use gauntlet_vectors::NumericDate;

use super::{source::Bounds, wire::Reply};

/// What the response says, within the operator's bounds, and not below the cooldown.
pub(crate) fn honest(reply: &Reply, bounds: &Bounds, _now: i64) -> Result<i64, String> {
    let says = said(reply).unwrap_or(bounds.max_age);
    Ok(says.min(bounds.max_age).max(bounds.cooldown))
}

/// What the response says.
pub(crate) fn said(reply: &Reply) -> Option<i64> {
    let directives = directives(reply);
    let has = |name: &str| directives.iter().any(|(known, _)| known == name);
    if has("no-store") || has("no-cache") {
        return Some(0);
    }
    let age = reply.field("age").and_then(seconds).unwrap_or(0);
    let lifetime = match max_age(reply) {
        Some(max_age) => max_age.unwrap_or(0),
        None => expires(reply)?,
    };
    Some(lifetime.saturating_sub(age))
}

/// The first `max-age`, and what it is, if it is anything.
pub(crate) fn max_age(reply: &Reply) -> Option<Option<i64>> {
    let all = directives(reply);
    let found = all.iter().find(|(name, _)| name == "max-age");
    found.map(|(_, value)| seconds(value.trim_matches('"')))
}

/// How long it is until `Expires`, which is none if it cannot be read.
pub(crate) fn expires(reply: &Reply) -> Option<i64> {
    let expires = reply.field("expires")?;
    let lifetime = date(expires).zip(reply.field("date").and_then(date));
    Some(lifetime.map_or(0, |(expires, date)| expires - date))
}

/// The directives of `Cache-Control`.
pub(crate) fn directives(reply: &Reply) -> Vec<(String, String)> {
    let all = reply.all("cache-control").flat_map(|field| field.split(','));
    all.map(|directive| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        (name.trim().to_ascii_lowercase(), value.trim().to_owned())
    })
    .collect()
}

/// A number of seconds, as large as it may be.
fn seconds(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(i64::MAX / 4))
}

/// A date of a header field, in seconds since the epoch.
pub(crate) fn date(text: &str) -> Option<i64> {
    let time = httpdate::parse_http_date(text).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok().map(|seconds| NumericDate(seconds).0)
}
