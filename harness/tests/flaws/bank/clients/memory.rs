//! Clients that share with other verifiers of the process what is not theirs.

use super::{Flaw, client};
use crate::client::{habits::Options, wire::Url};

const FAMILY: &str = "served-memory";

pub(super) const FLAWS: &[Flaw] = &[
    client(FAMILY, "keeps sets in the process by their address", |habits| {
        habits.shared_as = Some(str::to_owned);
    }),
    client(FAMILY, "keeps sets in the process by their host", |habits| {
        habits.shared_as = Some(|address| {
            Url::parse(address).map_or_else(String::new, |url| url.host().to_owned())
        });
    }),
    client(FAMILY, "keeps one set in the process", |habits| {
        habits.shared_as = Some(|_| String::new());
    }),
    client(FAMILY, "keeps verdicts in the process by the token", |habits| {
        habits.verdicts_last = 60;
    }),
    client(FAMILY, "has the options of the first verifier in the process", |habits| {
        habits.options = Options::First;
    }),
    client(FAMILY, "has the options of the last verifier in the process", |habits| {
        habits.options = Options::Last;
    }),
];
