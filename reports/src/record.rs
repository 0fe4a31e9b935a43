//! The record of a run: versioned, with a published JSON Schema (`schemas/record.schema.json`).

use std::{borrow::Cow, collections::BTreeMap, io};

use gauntlet_vectors::{
    Case, Catalogue,
    controls::{Book, Framework},
    judge::Outcome,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The version of the record's format; it changes when a member changes its meaning or goes.
pub const FORMAT_VERSION: u32 = 1;

/// A run, as it is kept.
///
/// Results stand in catalogue order, and for one case in the order of the verifiers, whatever the order
/// in which they were played; so that one seed gives one record, but for times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Record {
    /// Always 1 in this version.
    pub format_version: u32,
    /// Which cases there were.
    pub catalogue: CatalogueName,
    /// The profile that was laid over them.
    pub profile: String,
    /// The seed of the run.
    pub seed: u64,
    /// In what order the cases were played.
    pub order: String,
    /// When the run began, RFC 3339 in UTC.
    pub started: String,
    /// When it ended, RFC 3339 in UTC; absent while it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
    /// What `{now}` stood for where a verifier used the wall clock: seconds since the epoch.
    pub now: i64,
    /// Whether every selected case was played for every verifier.
    pub complete: bool,
    /// The command line, without the program's path.
    pub command: Vec<String>,
    /// The runs that were joined, where this is no record of one run; what stands above is the first one's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunEntry>,
    /// The verifiers, in the order of the command line.
    pub verifiers: Vec<VerifierEntry>,
    /// The frameworks that the user brought, beside those that every build has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frameworks: Vec<Framework>,
    /// The cases of the findings, and their twins, word for word as they were asked, in catalogue order.
    ///
    /// Tokens stand as recipes, so that evidence does not change with the clock; `explain`, `replay` and the
    /// reports turn them into bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
    /// One entry for each selected case and verifier.
    pub results: Vec<CaseResult>,
    /// How many results have each outcome.
    pub totals: Totals,
}

impl Record {
    /// Whether it says less than it could: it did not end, or not every case of the catalogue was selected.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let selected = u64::try_from(self.selected().len()).unwrap_or(u64::MAX);
        !self.complete
            || selected < self.catalogue.cases()
            || self.verifiers.iter().any(|entry| entry.trouble.is_some())
    }

    /// Whether a result that stayed open only follows from a finding: its twin has one.
    #[must_use]
    pub fn is_explained(&self, result: &CaseResult) -> bool {
        self.results.iter().any(|other| {
            result.twin.as_ref() == Some(&other.case)
                && result.verifier == other.verifier
                && other.outcome.is_finding()
        })
    }

    /// The frameworks that its controls stand in: those of every build, and the user's own.
    ///
    /// # Errors
    /// Where the user's own do not stand beside the others; [`Record::read`] refuses such a record.
    pub fn book(&self) -> io::Result<Cow<'static, Book>> {
        let standard = Book::standard().map_err(io::Error::other)?;
        if self.frameworks.is_empty() {
            return Ok(Cow::Borrowed(standard));
        }
        standard.with(self.frameworks.iter().cloned()).map(Cow::Owned).map_err(io::Error::other)
    }

    /// When the run began that judged this verifier, RFC 3339 in UTC.
    #[must_use]
    pub fn started_by(&self, verifier: &str) -> &str {
        let own = self.runs.iter().find(|run| run.verifiers.iter().any(|id| id == verifier));
        own.map_or(&self.started, |run| &run.started)
    }
}

/// A catalogue's version and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogueName {
    /// Such as `2026.1`.
    pub version: String,
    /// `sha256:` and 64 hexadecimal digits, over the recipes.
    pub digest: String,
    /// How many cases of each category there are in it, whatever was selected: a control of which only some
    /// cases were asked is told from one that was asked all.
    pub categories: BTreeMap<String, u64>,
}

impl CatalogueName {
    /// The name of this catalogue.
    #[must_use]
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut categories = BTreeMap::new();
        for case in catalogue.cases() {
            *categories.entry(case.category.word().to_owned()).or_default() += 1;
        }
        Self {
            version: Catalogue::VERSION.word().to_owned(),
            digest: catalogue.digest(),
            categories,
        }
    }

    /// How many cases there are in it.
    #[must_use]
    pub fn cases(&self) -> u64 {
        self.categories.values().sum()
    }
}

/// One of several runs whose records were joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunEntry {
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// When it ended, RFC 3339 in UTC; absent where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
    /// What `{now}` stood for where a verifier used the wall clock: seconds since the epoch.
    pub now: i64,
    /// Whether every selected case was played for every verifier.
    pub complete: bool,
    /// The command line, without the program's path.
    pub command: Vec<String>,
    /// The ids of its verifiers.
    pub verifiers: Vec<String>,
}

/// What a verifier said of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifierEntry {
    /// The spec of the command line.
    pub id: String,
    /// The library's or product's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its language.
    pub language: String,
    /// What it can do, in the words of the adapter protocol.
    pub features: Vec<String>,
    /// What an honest token may be signed with.
    pub algorithms: Vec<String>,
    /// The parts that its adapter supplies.
    pub adapter_does: Vec<String>,
    /// The library's own defaults.
    pub defaults: Map<String, Value>,
    /// What it chooses where a specification leaves a choice.
    pub declares: Map<String, Value>,
    /// Whose clock it judged by.
    pub clock: ClockName,
    /// Why it could not be driven, where it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What the canaries showed that its adapter ignores without saying so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Whose clock a verifier judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ClockName {
    /// It took `now` from the harness.
    Virtual,
    /// It used the machine's clock; tokens were minted around it.
    Wall,
    /// It used the machine's clock, which libfaketime moved for it.
    Faketime,
}

/// Why a library has a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A cause of this name, which `gauntlet lab confirm` reproduces in the library's own language.
    Confirmed(String),
    /// None that was reproduced: the library, its adapter, or the harness.
    Unconfirmed,
}

/// The outcome of one case for one verifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseResult {
    /// The case's id.
    pub case: String,
    /// The verifier's id.
    pub verifier: String,
    /// The case's family.
    pub family: String,
    /// The case's title.
    pub title: String,
    /// What kind of failure the case looks for.
    pub category: String,
    /// Where its rule stands.
    pub clauses: Vec<String>,
    /// `MUST`, `SHOULD` or `MAY`.
    pub level: String,
    /// On what ground it is asked.
    pub basis: String,
    /// How bad this outcome is; for a case that was met, how bad it would have been.
    pub severity: String,
    /// What became of it.
    pub outcome: OutcomeName,
    /// Whether a second try in a fresh process differed; the worse of the two is told.
    pub flaky: bool,
    /// Whether another order of the cases changed it; the worst is told.
    pub order_dependent: bool,
    /// Whose verdict it is.
    pub attributed_to: Attribution,
    /// What a finding means.
    pub impact: Option<ImpactName>,
    /// The behaviours that were permitted.
    pub permitted: Vec<String>,
    /// What was observed.
    pub observed: Option<String>,
    /// One sentence on it, with the verifier's own words.
    pub reason: String,
    /// Whether the finding is in the file of known findings.
    pub known: bool,
    /// Why a library of the lab has this finding, where that was reproduced without its adapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// The case that must be accepted beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<String>,
    /// How long the verifier took over the steps of the case, in microseconds.
    pub duration_us: u64,
    /// The steps of a case that has more than one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepResult>,
    /// What the verifier said holds of its policy's options, in a case with issuers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub effective: Map<String, Value>,
    /// What was seen beside, for findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// One step of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepResult {
    /// Its place in the timeline, from 0.
    pub step: usize,
    /// What happened, in a few words, in a case with issuers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub what: String,
    /// When, in seconds since the case began by the clock of the case.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub at_s: u64,
    /// What was permitted; nothing in a step that asks nothing.
    pub permitted: Vec<String>,
    /// What was observed.
    pub observed: String,
    /// What became of it; nothing in a step that asks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeName>,
    /// One sentence on it.
    pub reason: String,
    /// How many requests reached the case's issuers meanwhile.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub requests: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A request, or a connection without one, that reached an issuer of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestSeen {
    /// In which step, from 0.
    pub step: usize,
    /// The issuer's number.
    pub issuer: usize,
    /// When, in milliseconds since the issuer was opened, by the machine's clock.
    pub at_ms: u64,
    /// On which of the issuer's connections, from 0.
    pub connection: u64,
    /// The method; empty where nothing was asked.
    pub method: String,
    /// The path, bounded and printable; empty where nothing was asked.
    pub path: String,
    /// The header fields, bounded and printable.
    pub headers: Vec<(String, String)>,
    /// The version of TLS, and the name that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
    /// What was made to go wrong with the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// The status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How many octets of the answer went out.
    pub sent: u64,
}

/// What was seen of a finding beside its steps; what was asked stands in [`Record::cases`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// What reached the issuers: of each step the first requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestSeen>,
    /// The end of the process's standard error, bounded, for crashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
}

/// Whose verdict a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Attribution {
    /// The library's.
    Library,
    /// Its adapter's: the case hangs on a part that the adapter supplies.
    Adapter,
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident of $of:ty { $($(#[$vdoc:meta])* $variant:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl From<$of> for $name {
            fn from(value: $of) -> Self {
                match value { $(<$of>::$variant => Self::$variant,)+ }
            }
        }

        impl From<$name> for $of {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant,)+ }
            }
        }
    };
}

names! {
    /// An outcome, as the record spells it; the order is from best to worst.
    OutcomeName of Outcome {
        /// It did what it had to.
        Pass,
        /// A choice, told as information.
        Info,
        /// Not asked.
        Skip,
        /// It refused, but it refuses the honest twin as well.
        Inconclusive,
        /// The adapter or the harness failed.
        Error,
        /// It did what it must not.
        Fail,
        /// No answer in time.
        Hang,
        /// It died, or let an exception out.
        Crash,
    }
}

names! {
    /// An impact, as the record spells it.
    ImpactName of gauntlet_vectors::judge::Impact {
        /// Accepted what must be refused.
        Bypass,
        /// Refused what must be accepted.
        Denial,
        /// Wrong under an outage.
        Availability,
        /// Fetches, time, memory.
        Budget,
        /// The process died.
        Crash,
        /// No answer in time.
        Hang,
        /// Asked a URL that the token named.
        Leak,
    }
}

impl OutcomeName {
    /// Whether it is a finding against the verifier.
    #[must_use]
    pub fn is_finding(self) -> bool {
        Outcome::from(self).is_finding()
    }

    /// The word in the record.
    #[must_use]
    pub fn word(self) -> &'static str {
        Outcome::from(self).word()
    }
}

/// How many results have each outcome; every outcome is there, with 0 where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Totals(pub BTreeMap<String, u64>);

impl Totals {
    /// Counts results.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> Self {
        let mut totals =
            Self(Outcome::ALL.iter().map(|outcome| (outcome.word().to_owned(), 0)).collect());
        for result in results {
            totals.add(result.outcome);
        }
        totals
    }

    /// Counts one more.
    pub(crate) fn add(&mut self, outcome: OutcomeName) {
        if let Some(count) = self.0.get_mut(outcome.word()) {
            *count += 1;
        }
    }

    /// How many have this outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.0.get(outcome.word()).copied().unwrap_or_default()
    }
}
