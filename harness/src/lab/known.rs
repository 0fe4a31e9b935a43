//! Published vulnerabilities: pairs of releases, of which the catalogue has to tell the one from the other.
//!
//! `harness/adapters/vulnerabilities.toml` holds them. What went wrong, and the cases on which the vulnerable
//! release fails and the fixed one does not, it has of the catalogue's precedents.

use std::{collections::BTreeMap, io, sync::Mutex};

use gauntlet_reports::{
    Event,
    record::{CaseResult, OutcomeName},
};
use gauntlet_vectors::{
    Case, Catalogue,
    precedents::{Precedent, precedents},
};
use serde::Deserialize;

use super::{ADAPTERS, Installed, manifest::ManifestError, version::Version};
use crate::{
    adapter::process::StartError,
    runner::{self, Contender, Settings, Sink, journal::Earlier},
};

const FILE: &str = "vulnerabilities.toml";

/// A published vulnerability, with a release that has it and one that does not.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What went wrong, and where that is published.
    pub precedent: &'static Precedent,
    /// The adapter.
    pub library: String,
    /// A release that has it.
    pub vulnerable: Version,
    /// A release that does not.
    pub fixed: Version,
    /// The cases that tell the releases apart; none where no case can.
    pub cases: Vec<String>,
    /// Why no case can: what the protocol cannot express.
    pub outside: Option<String>,
}

impl Pair {
    /// Whether a command line means this pair: by an id of its vulnerability, or by its library.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.precedent.is(name) || self.library == name
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pairs {
    pair: Vec<Entry>,
}

/// A pair as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    precedent: String,
    library: String,
    vulnerable: Version,
    fixed: Version,
    #[serde(default)]
    cases: Vec<String>,
    #[serde(default)]
    outside: Option<String>,
}

/// All pairs.
///
/// # Errors
/// [`ManifestError`], where the data cannot be read.
pub fn pairs() -> Result<Vec<Pair>, ManifestError> {
    let text = ADAPTERS.get_file(FILE).and_then(include_dir::File::contents_utf8);
    let pairs: Pairs = toml::from_str(text.unwrap_or_default())
        .map_err(|cause| ManifestError::Shape { path: FILE.to_owned(), cause })?;
    let known =
        precedents().map_err(|error| content(format!("there is nothing to name: {error}")))?;
    pairs.pair.into_iter().map(|entry| entry.joined(known)).collect()
}

impl Entry {
    /// With its precedent, whose cases it has unless it says otherwise.
    fn joined(self, known: &'static [Precedent]) -> Result<Pair, ManifestError> {
        let Self { precedent: id, library, vulnerable, fixed, cases, outside } = self;
        let precedent = known
            .iter()
            .find(|precedent| precedent.id == id)
            .ok_or_else(|| content(format!("`{id}` is not in vectors/precedents.toml")))?;
        let cases = match (outside.is_some(), cases.is_empty()) {
            (true, true) => cases,
            (true, false) => {
                return Err(content(format!(
                    "`{id}` has both `cases` and `outside`; leave one out"
                )));
            }
            (false, true) => precedent.cases.clone(),
            (false, false) => cases,
        };
        match cases.iter().find(|case| !precedent.cases.contains(case)) {
            Some(case) => Err(content(format!(
                "`{id}` has the case `{case}`, which vectors/precedents.toml does not name there"
            ))),
            None => Ok(Pair { precedent, library, vulnerable, fixed, cases, outside }),
        }
    }
}

fn content(why: String) -> ManifestError {
    ManifestError::Content { path: FILE.to_owned(), why }
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
    fn every_pair_names_a_library_two_releases_and_cases_of_its_precedent() {
        let libraries = libraries().unwrap();
        let pairs = pairs().unwrap();
        assert!(!pairs.is_empty());
        for pair in &pairs {
            let id = &pair.precedent.id;
            let library = libraries.iter().find(|library| library.manifest.name == pair.library);
            assert!(library.is_some() || pair.outside.is_some(), "{id}");
            assert!(pair.vulnerable != pair.fixed, "{id}");
            assert_eq!(pair.cases.is_empty(), pair.outside.is_some(), "{id}");
            assert!(pair.cases.iter().all(|case| pair.precedent.cases.contains(case)), "{id}");
            assert!(pair.is_named(id) && pair.is_named(&pair.library) && !pair.is_named("CVE"));
        }
        let mut ids: Vec<_> = pairs.iter().map(|pair| &pair.precedent.id).collect();
        ids.sort();
        assert!(ids.windows(2).all(|two| two[0] != two[1]), "a precedent has two pairs");
    }

    #[test]
    fn every_name_of_ours_is_one_of_a_pair() {
        let pairs = pairs().unwrap();
        for precedent in precedents().unwrap() {
            // What nobody published an advisory for is known from the two releases alone.
            let is_ours = precedent.id.starts_with(char::is_lowercase);
            let is_paired = pairs.iter().any(|pair| pair.precedent.id == precedent.id);
            assert!(is_paired || !is_ours, "{}", precedent.id);
        }
    }

    #[test]
    fn an_entry_that_disagrees_with_its_precedent_is_refused() {
        let entry = |precedent: &str, cases: &[&str], outside: Option<&str>| Entry {
            precedent: precedent.to_owned(),
            library: "pyjwt".to_owned(),
            vulnerable: "2.10.0".parse().unwrap(),
            fixed: "2.10.1".parse().unwrap(),
            cases: cases.iter().map(ToString::to_string).collect(),
            outside: outside.map(str::to_owned),
        };
        let joined = |entry: Entry| entry.joined(precedents().unwrap());
        let told = |entry| joined(entry).unwrap_err().to_string();
        assert_eq!(joined(entry("CVE-2024-53861", &[], None)).unwrap().cases.len(), 3);
        assert_eq!(
            joined(entry("CVE-2024-53861", &["issuer/prefix"], None)).unwrap().cases.len(),
            1
        );
        assert!(joined(entry("CVE-2024-53861", &[], Some("why"))).unwrap().cases.is_empty());
        assert!(
            told(entry("CVE-2024-1", &[], None))
                .contains("`CVE-2024-1` is not in vectors/precedents.toml")
        );
        assert!(
            told(entry("CVE-2024-53861", &["issuer/prefix"], Some("why")))
                .contains("leave one out")
        );
        assert!(
            told(entry("CVE-2024-53861", &["unsecured/none"], None))
                .contains("`unsecured/none`, which")
        );
    }
}
