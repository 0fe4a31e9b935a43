//! Clients that go wherever they are sent, believe any certificate, and take what they are given.

use super::{Flaw, client};
use crate::client::{
    habits::a_set_with_200,
    tls::Trust,
    wire::{Patience, Url},
};

const FAMILY: &str = "endpoint";

pub(super) const FLAWS: &[Flaw] = &[
    client(FAMILY, "takes a set as application/json and as nothing else", |habits| {
        habits.reads = |reply| match reply.field("Content-Type") {
            Some(media) if media.starts_with("application/json") => a_set_with_200(reply),
            media => Err(format!("{media:?} is no key set")),
        };
    }),
    client(FAMILY, "takes a set under no media type that has a parameter", |habits| {
        habits.reads = |reply| match reply.field("Content-Type") {
            Some(media) if media.contains(';') => Err(format!("{media} is no key set")),
            _ => a_set_with_200(reply),
        };
    }),
    client(FAMILY, "follows every redirect", |habits| habits.follows = |_, _| true),
    client(FAMILY, "follows redirects to every port of the host", |habits| {
        habits.follows = |from, to| Url::parse(to).is_none_or(|to| to.host() == from.host());
    }),
    client(FAMILY, "follows redirects from https to http", |habits| {
        habits.follows = |from, to| from.is_secure && to.starts_with("http://");
    }),
    client(FAMILY, "reads a data: URL to which it is redirected", |habits| {
        habits.follows = |_, to| to.starts_with("data:");
    }),
    client(FAMILY, "follows redirects within the origin without end", |habits| {
        habits.follows = |from, to| Url::parse(to).is_none_or(|to| to.authority == from.authority);
    }),
    client(FAMILY, "believes every certificate", |habits| habits.wire.trust = Trust::Blind),
    client(FAMILY, "believes a certificate for any name", |habits| {
        habits.wire.trust = Trust::AnyName;
    }),
    client(FAMILY, "believes every certificate that has the name", |habits| {
        habits.wire.trust = Trust::NameOnly;
    }),
    client(FAMILY, "believes a certificate at any time", |habits| {
        habits.wire.trust = Trust::AnyTime;
    }),
    client(FAMILY, "believes a certificate that signed itself", |habits| {
        habits.wire.trust = Trust::SelfSigned;
    }),
    client(FAMILY, "believes the authority that comes with a certificate", |habits| {
        habits.wire.trust = Trust::Brought;
    }),
    client(FAMILY, "believes a certificate that any other one signed", |habits| {
        habits.wire.trust = Trust::AnyAuthority;
    }),
    client(FAMILY, "asks in the clear where TLS fails", |habits| {
        habits.wire.plain_where_tls_fails = true;
    }),
    client(FAMILY, "reads as much as comes", |habits| habits.wire.unbounded = true),
    client(FAMILY, "bounds what comes and not what it decodes", |habits| {
        habits.wire.decodes = true;
    }),
    client(FAMILY, "has no deadline", |habits| habits.wire.patience = Patience::None),
    client(FAMILY, "has a deadline for each read", |habits| {
        habits.wire.patience = Patience::EachRead;
    }),
    client(FAMILY, "has a deadline for each of its five tries", |habits| habits.tries = 5),
];
