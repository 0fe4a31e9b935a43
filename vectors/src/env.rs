//! What varies between two runs: the time, the origins that the harness owns, and the seed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z, UTC, without leap seconds (RFC 7519 §2, "NumericDate").
///
/// Whole seconds: the harness never needs a fraction in its own clock, only in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct NumericDate(pub i64);

impl NumericDate {
    /// The clock of a run over verifiers that take `now`: 2026-01-01T00:00:00Z.
    ///
    /// A constant, so that two runs on two days make the same tokens and the same record.
    pub const VIRTUAL: Self = Self(1_767_225_600);

    /// This time moved by `seconds`, which may be negative; saturates at the ends of the range.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl fmt::Display for NumericDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The environment in which a recipe is resolved to bytes.
///
/// Everything that may differ from run to run is in here; the catalogue's digest is over recipes and
/// therefore does not depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Env {
    /// What `{now}` stands for.
    pub now: NumericDate,
    /// What `{origin.N}` stands for: `scheme://host:port`, without a final slash, owned by the harness.
    pub origins: Vec<String>,
    /// What `{issuer.N}` stands for: the URL of a scenario's issuer, without a final slash.
    pub issuers: Vec<String>,
    /// What `{ca_file}` stands for: the path of the PEM file of the authority that those issuers have their
    /// certificates of.
    pub ca_file: String,
    /// What `{n}` stands for: which time it is that a token is shown.
    pub number: u32,
    /// Source of every choice that is not spelled out (salts of PSS, the order of a shuffle).
    pub seed: u64,
}

impl Env {
    /// The fixed environment of exports, digests and verifiers with a clock of their own.
    #[must_use]
    pub fn fixed() -> Self {
        Self {
            now: NumericDate::VIRTUAL,
            // TEST-NET-1 (RFC 5737): nobody can be reached by accident where no issuer was started.
            origins: vec!["http://192.0.2.1".to_owned(), "http://192.0.2.2".to_owned()],
            issuers: (11..19).map(|host| format!("http://192.0.2.{host}/issuer")).collect(),
            ca_file: "/ca.pem".to_owned(),
            number: 0,
            seed: 0,
        }
    }

    /// The same environment at another time.
    #[must_use]
    pub fn at(&self, now: NumericDate) -> Self {
        Self { now, ..self.clone() }
    }
}
