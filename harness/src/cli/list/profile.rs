//! `gauntlet list --profile NAME`: what a profile makes different.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use gauntlet_vectors::{
    CaseId, Profile,
    profile::{Added, Applied, Change, Changed, LeftOut},
};
use serde::Serialize;

use super::Row;
use crate::cli::console::Palette;

/// So many ids are named in a line; of more, families are counted.
const NAMED: usize = 8;

/// What a profile makes different, of the cases that are selected.
#[derive(Debug, Serialize)]
pub(super) struct Differences<'a> {
    profile: &'a Profile,
    changed: Vec<&'a Changed>,
    added: Vec<&'a Added>,
    left_out: Vec<&'a LeftOut>,
    /// The cases as they are under the profile, as the list of the catalogue has them.
    cases: Vec<Row<'a>>,
}

impl<'a> Differences<'a> {
    /// Those of these cases; `left` are the ids that the options select of the catalogue without the profile.
    pub(super) fn new(
        profile: &'a Profile,
        applied: &'a Applied,
        cases: Vec<Row<'a>>,
        left: &BTreeSet<&CaseId>,
    ) -> Self {
        let selected: BTreeSet<&str> = cases.iter().map(|row| row.id).collect();
        let is_selected = |id: &CaseId| selected.contains(id.as_str());
        Self {
            profile,
            changed: applied.changed.iter().filter(|case| is_selected(&case.id)).collect(),
            added: applied.added.iter().filter(|case| is_selected(&case.id)).collect(),
            left_out: applied.left_out.iter().filter(|case| left.contains(&case.id)).collect(),
            cases,
        }
    }

    /// In words: cases with the same differences stand together.
    pub(super) fn tell(&self, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
        let (head, dim) = (Palette::HEAD, Palette::DIM);
        let Profile { id, title, purpose, sources, cannot_show, .. } = self.profile;
        writeln!(out, "{head}{id}{head:#}  {title}")?;
        writeln!(out, "  {purpose}")?;
        writeln!(out, "  {dim}after {}{dim:#}", sources.join("; "))?;

        let mut alike: BTreeMap<(&[Change], &[String]), Vec<&CaseId>> = BTreeMap::new();
        for case in &self.changed {
            alike.entry((&case.changes, &case.because)).or_default().push(&case.id);
        }
        // What is different in most cases comes first.
        let mut alike: Vec<_> = alike.into_iter().collect();
        alike.sort_by_key(|(_, ids)| Reverse(ids.len()));
        writeln!(out, "\n{head}Different{head:#}  {}", counted(self.changed.len()))?;
        for ((changes, because), ids) in alike {
            for change in changes {
                writeln!(out, "  {change}")?;
            }
            for reason in because {
                writeln!(out, "    {dim}because {reason}{dim:#}")?;
            }
            writeln!(out, "    {}", ids_of(&ids, verbose))?;
        }
        writeln!(out, "\n{head}Added{head:#}  {}", counted(self.added.len()))?;
        for Added { id, because } in &self.added {
            writeln!(out, "  {id}\n    {dim}because {because}{dim:#}")?;
        }
        let mut reasons: BTreeMap<&str, Vec<&CaseId>> = BTreeMap::new();
        for LeftOut { id, because } in &self.left_out {
            reasons.entry(because).or_default().push(id);
        }
        writeln!(out, "\n{head}Left out{head:#}  {}", counted(self.left_out.len()))?;
        for (because, ids) in reasons {
            writeln!(out, "  {}", ids_of(&ids, verbose))?;
            writeln!(out, "    {dim}because {because}{dim:#}")?;
        }
        if !cannot_show.is_empty() {
            writeln!(out, "\n{head}What it cannot show{head:#}")?;
        }
        for what in cannot_show {
            writeln!(out, "  {what}")?;
        }
        writeln!(out, "\n{} under this profile", counted(self.cases.len()))
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

/// A few ids by name, many by family.
fn ids_of(ids: &[&CaseId], verbose: bool) -> String {
    if verbose || ids.len() <= NAMED {
        let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
        return ids.join(", ");
    }
    let mut families: Vec<(&str, usize)> = Vec::new();
    for id in ids {
        match families.iter_mut().find(|(family, _)| *family == id.family()) {
            Some((_, count)) => *count += 1,
            None => families.push((id.family(), 1)),
        }
    }
    let families = families.iter().map(|(family, count)| format!("{count} of {family}"));
    format!("{}: {}", counted(ids.len()), families.collect::<Vec<_>>().join(", "))
}
