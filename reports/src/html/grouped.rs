//! Findings as the page tells them: one entry a case, with every verifier that has it; cases that break one rule
//! to one effect stand together, so that what they share is said once.

use std::collections::HashMap;

use gauntlet_vectors::{
    Case,
    case::{Severity, Story},
};

use crate::{
    finding::{self, Finding, Standing},
    record::{ImpactName, Record, VerifierEntry},
};

/// Cases that break one rule to one effect, as bad as each other.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The cases, at least one.
    pub(super) first: OfCase<'a>,
    pub(super) rest: Vec<OfCase<'a>>,
}

/// A case, and every verifier that has a finding in it.
#[derive(Debug)]
pub(super) struct OfCase<'a> {
    /// The most dangerous.
    pub(super) worst: Finding<'a>,
    /// All, the worst among them, in the order of the verifiers.
    pub(super) findings: Vec<Finding<'a>>,
}

/// What the cases of a group share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Shared<'a> {
    severity: Severity,
    standing: Standing,
    impact: Option<ImpactName>,
    text: Text<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Text<'a> {
    /// What the story says beside the attack, and whether its consequence is what was seen.
    Story { rule: &'a str, consequence: Option<&'a str>, remedy: &'a str },
    /// No story: the case stands for itself.
    Case(&'a str),
}

/// The findings of a record, most dangerous first.
pub(super) fn groups(record: &Record) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<Shared<'_>, usize> = HashMap::new();
    for of_case in cases(record) {
        let shared = of_case.shared();
        match places.get(&shared).and_then(|at| groups.get_mut(*at)) {
            Some(group) => group.rest.push(of_case),
            None => {
                places.insert(shared, groups.len());
                groups.push(Group { first: of_case, rest: Vec::new() });
            }
        }
    }
    groups
}

/// One entry a case, in the order of its most dangerous finding.
fn cases(record: &Record) -> Vec<OfCase<'_>> {
    let mut cases: Vec<OfCase<'_>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for finding in finding::findings(record) {
        let id = finding.result.case.as_str();
        match places.get(id).and_then(|at| cases.get_mut(*at)) {
            Some(of_case) => of_case.findings.push(finding),
            None => {
                places.insert(id, cases.len());
                cases.push(OfCase { worst: finding, findings: vec![finding] });
            }
        }
    }
    let place: HashMap<&str, usize> =
        record.verifiers.iter().enumerate().map(|(at, entry)| (entry.id.as_str(), at)).collect();
    for of_case in &mut cases {
        of_case.findings.sort_by_key(|finding| place.get(finding.verifier.id.as_str()).copied());
    }
    cases
}

impl<'a> Group<'a> {
    /// Every case of the group.
    pub(super) fn cases(&self) -> impl Iterator<Item = &OfCase<'a>> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// Its most dangerous finding.
    pub(super) fn worst(&self) -> &Finding<'a> {
        &self.first.worst
    }

    /// Every verifier that has a finding in it, with the strongest that it has.
    pub(super) fn verifiers(&self) -> Vec<(&'a VerifierEntry, Standing)> {
        let mut all: Vec<(&VerifierEntry, Standing)> = Vec::new();
        for finding in self.cases().flat_map(|of_case| &of_case.findings) {
            match all.iter_mut().find(|(entry, _)| entry.id == finding.verifier.id) {
                Some((_, strongest)) => *strongest = finding.standing.min(*strongest),
                None => all.push((finding.verifier, finding.standing)),
            }
        }
        all
    }

    /// The text that its cases share, where the record holds it.
    pub(super) fn story(&self) -> Option<&'a Story> {
        self.first.case().map(|case| &case.story)
    }

    /// Whether every case tells the attack in the same words.
    pub(super) fn has_one_attack(&self) -> bool {
        let attack = |of_case: &OfCase<'a>| of_case.case().map(|case| case.story.attack.as_str());
        let first = attack(&self.first);
        self.rest.iter().all(|of_case| attack(of_case) == first)
    }
}

impl<'a> OfCase<'a> {
    /// What was asked, where the record holds it.
    pub(super) fn case(&self) -> Option<&'a Case> {
        self.worst.case
    }

    fn shared(&self) -> Shared<'a> {
        let text = match self.case() {
            Some(Case { story: Story { rule, remedy, .. }, .. }) => {
                Text::Story { rule, consequence: self.worst.consequence(), remedy }
            }
            None => Text::Case(&self.worst.result.case),
        };
        Shared {
            severity: self.worst.result.severity(),
            standing: self.worst.standing,
            impact: self.worst.result.impact,
            text,
        }
    }
}
