//! Published vulnerabilities: pairs of releases, of which the catalogue has to tell the one from the other.
//!
//! `harness/adapters/vulnerabilities.toml` holds them, with the cases on which the vulnerable release fails
//! and the fixed one does not.

use std::{collections::BTreeMap, io, sync::Mutex};

use gauntlet_reports::{
    Event,
    record::{CaseResult, OutcomeName},
};
use gauntlet_vectors::{Case, Catalogue};
use serde::Deserialize;

use super::{ADAPTERS, Installed, manifest::ManifestError, version::Version};
use crate::{
    adapter::process::StartError,
    runner::{self, Contender, Settings, Sink, journal::Earlier},
};

const FILE: &str = "vulnerabilities.toml";

/// A published vulnerability, with a release that has it and one that does not.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Its name: that of an advisory which names the release, or one of ours.
    pub name: String,
    /// Other names of it.
    #[serde(default)]
    pub ids: Vec<String>,
    /// The adapter.
    pub library: String,
    /// A release that has it.
    pub vulnerable: Version,
    /// A release that does not.
    pub fixed: Version,
    /// What goes wrong, in a sentence.
    pub what: String,
    /// Where it is published.
    pub source: String,
    /// The cases that tell the releases apart.
    #[serde(default)]
    pub cases: Vec<String>,
    /// Why no case can: what the protocol cannot express.
    #[serde(default)]
    pub outside: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pairs {
    pair: Vec<Pair>,
}

/// All pairs.
///
/// # Errors
/// [`ManifestError`], where the data cannot be read.
pub fn pairs() -> Result<Vec<Pair>, ManifestError> {
    let text = ADAPTERS.get_file(FILE).and_then(include_dir::File::contents_utf8);
    let pairs: Pairs = toml::from_str(text.unwrap_or_default())
        .map_err(|cause| ManifestError::Shape { path: FILE.to_owned(), cause })?;
    let unclear = pairs.pair.iter().find(|pair| pair.cases.is_empty() == pair.outside.is_none());
    match unclear {
        Some(pair) => Err(ManifestError::Content {
            path: FILE.to_owned(),
            why: format!("`{}` needs either `cases` or `outside`", pair.name),
        }),
        None => Ok(pairs.pair),
    }
}

/// How two releases differ over some cases.
#[derive(Debug, Default)]
pub struct Told {
    /// The vulnerable one has a finding, or accepts what may be accepted; the fixed one does not.
    pub apart: Vec<String>,
    /// Both have, or neither, with the two outcomes.
    pub alike: Vec<(String, String, String)>,
}

/// Plays cases against both releases.
///
/// # Errors
/// A release that cannot be driven; the sink is a memory and does not fail.
pub fn compare(
    catalogue: &Catalogue,
    cases: &[&Case],
    vulnerable: &Installed,
    fixed: &Installed,
    settings: &Settings,
) -> Result<Told, StartError> {
    let [bad, good] = [
        outcomes(catalogue, cases, vulnerable, settings)?,
        outcomes(catalogue, cases, fixed, settings)?,
    ];
    let mut told = Told::default();
    for (id, of_bad) in bad {
        let Some(of_good) = good.get(&id) else { continue };
        let [finding, other] = [&of_bad, of_good].map(|result| result.outcome.is_finding());
        // A skip of the fixed release shows nothing: it may have lost the feature.
        let by_finding = finding && !other && of_good.outcome != OutcomeName::Skip;
        // Where a specification leaves a choice, the fixed release may have made another.
        let [bad, good] = [&of_bad, of_good].map(|result| result.observed.as_deref());
        let by_choice = of_bad.outcome == OutcomeName::Info
            && of_good.outcome == OutcomeName::Info
            && (bad, good) == (Some("accept"), Some("reject"));
        if by_finding || by_choice {
            told.apart.push(id);
        } else {
            told.alike.push((
                id,
                of_bad.outcome.word().to_owned(),
                of_good.outcome.word().to_owned(),
            ));
        }
    }
    Ok(told)
}

fn outcomes(
    catalogue: &Catalogue,
    cases: &[&Case],
    release: &Installed,
    settings: &Settings,
) -> Result<BTreeMap<String, CaseResult>, StartError> {
    let contender = Contender::new(release.id(), release.launch());
    let introduced = runner::introduce(vec![contender], settings).map_err(|(_, error)| error)?;
    let memory = Memory::default();
    // The only errors are those of the sink, and this one has none.
    let _ = runner::run(catalogue, cases, &introduced, settings, &Earlier::default(), &memory);
    Ok(memory.0.into_inner().unwrap_or_default())
}

/// The last result of each case.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<String, CaseResult>>);

impl Sink for Memory {
    fn take(&self, event: &Event) -> io::Result<()> {
        if let (Event::Outcome { result, .. }, Ok(mut results)) = (event, self.0.lock()) {
            results.insert(result.case.clone(), (**result).clone());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::libraries, *};

    #[test]
    fn every_pair_names_a_library_and_cases_that_are_there() {
        let catalogue = Catalogue::build();
        for pair in pairs().unwrap() {
            let all = libraries().unwrap();
            let library = all.iter().find(|library| library.manifest.name == pair.library);
            assert!(library.is_some() || pair.outside.is_some(), "{}", pair.name);
            assert!(pair.vulnerable != pair.fixed, "{}", pair.name);
            for case in &pair.cases {
                let there = catalogue.cases().iter().any(|known| known.id.as_str() == case);
                assert!(there, "{}: {case}", pair.name);
            }
        }
    }
}
