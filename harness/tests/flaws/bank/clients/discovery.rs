//! Clients that believe metadata too much, or read them once.

use jwks_gauntlet::builtin::reference::{Check, Rules};
use serde_json::Value;

use super::{Flaw, client};
use crate::client::{habits::is_cool, wire::Url};

const FAMILY: &str = "discovery";

/// The name in metadata, where it is one.
fn issuer(metadata: &Value) -> &str {
    metadata.get("issuer").and_then(Value::as_str).unwrap_or_default()
}

pub(super) const FLAWS: &[Flaw] = &[
    client(FAMILY, "takes a token's issuer with a slash or without", |habits| {
        habits.is_issuer =
            |trusted, told| trusted.trim_end_matches('/') == told.trim_end_matches('/');
        habits.rules = Rules::STRICT.without(Check::IssOther);
    }),
    client(FAMILY, "takes any issuer's name in a token", |habits| {
        habits.is_issuer = |_, _| true;
        habits.rules = Rules::STRICT.without(Check::IssOther);
    }),
    client(FAMILY, "does not look at the issuer of metadata", |habits| {
        habits.is_of = |_, _| true;
    }),
    client(FAMILY, "takes metadata without an issuer", |habits| {
        habits.is_of = |asked, metadata| {
            metadata.get("issuer").is_none_or(|named| named.as_str() == Some(asked))
        };
    }),
    client(FAMILY, "takes metadata whose issuer is no text", |habits| {
        habits.is_of = |asked, metadata| {
            metadata
                .get("issuer")
                .is_some_and(|named| named.as_str().is_none_or(|named| named == asked))
        };
    }),
    client(FAMILY, "takes metadata whose issuer is empty", |habits| {
        habits.is_of = |asked, metadata| {
            metadata
                .get("issuer")
                .and_then(Value::as_str)
                .is_some_and(|named| named.is_empty() || named == asked)
        };
    }),
    client(FAMILY, "takes metadata with the issuer among others", |habits| {
        habits.is_of = |asked, metadata| match metadata.get("issuer") {
            Some(Value::Array(all)) => all.iter().any(|named| named.as_str() == Some(asked)),
            _ => issuer(metadata) == asked,
        };
    }),
    client(FAMILY, "takes metadata whose issuer begins as the one that it asked", |habits| {
        habits.is_of = |asked, metadata| issuer(metadata).starts_with(asked);
    }),
    client(FAMILY, "takes metadata with which the issuer that it asked begins", |habits| {
        habits.is_of =
            |asked, metadata| !issuer(metadata).is_empty() && asked.starts_with(issuer(metadata));
    }),
    client(FAMILY, "passes over a slash at the end of an issuer", |habits| {
        habits.is_of =
            |asked, metadata| issuer(metadata).trim_end_matches('/') == asked.trim_end_matches('/');
    }),
    client(FAMILY, "compares the host of an issuer", |habits| {
        habits.is_of = |asked, metadata| {
            let host = |text: &str| Url::parse(text).map(|url| url.host().to_owned());
            host(asked).is_some() && host(asked) == host(issuer(metadata))
        };
    }),
    client(FAMILY, "reads a key set out of the metadata themselves", |habits| {
        habits.address = |_, address| match address.starts_with("data:") {
            true => Ok(address.to_owned()),
            false => Url::parse(address).map(|url| url.to_string()).ok_or_else(String::new),
        };
    }),
    client(FAMILY, "fetches in the clear what metadata with TLS name", |habits| {
        habits.address =
            |_, address| Url::parse(address).map(|url| url.to_string()).ok_or_else(String::new);
    }),
    client(FAMILY, "fetches key sets from the issuer's own host alone", |habits| {
        habits.address = |issuer, address| match Url::parse(address) {
            Some(url) if url.authority == issuer.authority => Ok(address.to_owned()),
            _ => Err("another host".to_owned()),
        };
    }),
    client(FAMILY, "wants metadata of an OpenID provider", |habits| {
        habits.is_of = |asked, metadata| {
            issuer(metadata) == asked
                && metadata.get("token_endpoint").is_some()
                && metadata.get("subject_types_supported").is_some()
        };
    }),
    client(FAMILY, "reads metadata once, and never again", |habits| habits.keeps_metadata = true),
    client(FAMILY, "guesses where the key set is if metadata do not say", |habits| {
        habits.otherwise_at = Some("/jwks.json");
    }),
    client(FAMILY, "fetches metadata for every unknown name", |habits| {
        habits.may_fetch = |memory, want, bounds| {
            memory.held.as_ref().is_some_and(|held| !held.has(want.kid))
                || is_cool(memory, want, bounds)
        };
    }),
    client(FAMILY, "follows redirects of metadata", |habits| habits.follows = |_, _| true),
    client(FAMILY, "accepts what it cannot verify while metadata fail", |habits| {
        habits.without_keys = |ask, why| {
            if ask.claims_hold() { ask.believe() } else { gauntlet_vectors::Verdict::reject(why) }
        };
    }),
    client(FAMILY, "dies of metadata that name no key set", |habits| {
        habits.is_of = |asked, metadata| {
            let uri = metadata.get("jwks_uri").and_then(Value::as_str);
            assert!(uri.is_some_and(|uri| uri.starts_with("http")), "flawed: no address");
            issuer(metadata) == asked
        };
    }),
    client(FAMILY, "gives up for ever when metadata fail", |habits| {
        habits.may_fetch = |memory, want, bounds| {
            (memory.held.is_some() || memory.failure.is_none()) && is_cool(memory, want, bounds)
        };
    }),
    client(FAMILY, "keeps the first set of an issuer", |habits| habits.keeps = |old, _| old),
];
