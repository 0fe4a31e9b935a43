//! A profile put on a catalogue, in four steps: dress, leave out, demand, bring.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Added, Applied, Change, Changed, LeftOut, Profile,
    demand::{Demand, LeaveOut},
    overlay::{Fit, Overlay},
};
use crate::{
    case::{Case, CaseId},
    catalogue::Catalogue,
};

/// A catalogue on its way under a profile.
pub(super) struct Work<'c> {
    core: &'c Catalogue,
    /// Each case of the catalogue as it is by now; `None` where it was left out.
    cases: Vec<Option<Case>>,
    changes: BTreeMap<usize, (Vec<Change>, BTreeSet<String>)>,
    left_out: Vec<LeftOut>,
    /// Cases that stand in front of the catalogue's, and behind them.
    copies: Vec<Case>,
    brought: Vec<Case>,
    added: Vec<Added>,
}

/// The family of honest tokens that stay as they are without the profile.
const COPIES: &str = "core";

impl<'c> Work<'c> {
    pub(super) fn new(core: &'c Catalogue) -> Self {
        Self {
            core,
            cases: core.cases().iter().cloned().map(Some).collect(),
            changes: BTreeMap::new(),
            left_out: Vec::new(),
            copies: Vec::new(),
            brought: Vec::new(),
            added: Vec::new(),
        }
    }

    /// Dresses cases and their twins alike.
    pub(super) fn dress(&mut self, overlays: &[Overlay]) {
        let fit = |case: &Case| {
            let overlay = overlays.iter().find(|overlay| overlay.speaks_of(&case.id));
            overlay.map_or(Fit::Not, |overlay| overlay.dress(case))
        };
        let mut fits: Vec<Fit> = self.core.cases().iter().map(fit).collect();
        let twins: Vec<Option<usize>> = self
            .core
            .cases()
            .iter()
            .zip(&fits)
            .map(|(case, fit)| {
                // Another twin that an overlay names was chosen for its dress.
                let is_chosen = match fit {
                    Fit::Dressed(dressed) => dressed.case.twin != case.twin,
                    Fit::Alike | Fit::Not => false,
                };
                let twin = case.twin.as_ref().filter(|_| !is_chosen);
                twin.and_then(|twin| self.core.position(twin))
            })
            .collect();
        // Who loses his dress may be somebody's twin: until nobody does any more.
        loop {
            let naked = fits.iter().zip(&twins).position(|(fit, twin)| {
                let twin = twin.and_then(|at| fits.get(at));
                matches!(fit, Fit::Dressed(_)) && matches!(twin, Some(Fit::Not))
            });
            let Some(fit) = naked.and_then(|at| fits.get_mut(at)) else { break };
            *fit = Fit::Not;
        }
        let mut copied: BTreeSet<usize> = BTreeSet::new();
        for (at, case) in self.core.cases().iter().enumerate() {
            let is_left = matches!(fits.get(at), Some(Fit::Not));
            let twin = case.twin.as_ref().and_then(|twin| self.core.position(twin));
            let Some(twin) =
                twin.filter(|twin| is_left && matches!(fits.get(*twin), Some(Fit::Dressed(_))))
            else {
                continue;
            };
            copied.insert(twin);
            let Some(twin) = self.core.cases().get(twin) else { continue };
            let id = copy_id(&twin.id);
            let because = "its tokens cannot be dressed as the profile's, or it is about what the profile \
                           sets; it stays as it is, and so does a copy of its twin";
            let change = Change::new("twin", Some(twin.id.to_string()), id.to_string());
            self.note(at, [change], because);
            if let Some(Some(case)) = self.cases.get_mut(at) {
                case.twin = Some(id);
            }
        }
        for twin in copied.into_iter().filter_map(|at| self.core.cases().get(at)) {
            let id = copy_id(&twin.id);
            self.added.push(Added {
                id: id.clone(),
                because: format!(
                    "`{}` as it is without the profile, for cases that stay as they are",
                    twin.id
                ),
            });
            self.copies.push(Case { id, ..twin.clone() });
        }
        for (at, fit) in fits.into_iter().enumerate() {
            if let Fit::Dressed(dressed) = fit {
                self.note(at, dressed.changes, &dressed.because);
                if let Some(slot) = self.cases.get_mut(at) {
                    *slot = Some(dressed.case);
                }
            }
        }
    }

    pub(super) fn leave_out(&mut self, rules: &[LeaveOut]) {
        for slot in &mut self.cases {
            let Some(case) = slot else { continue };
            if let Some(rule) = rules.iter().find(|rule| rule.speaks_of(case)) {
                let because = rule.because.clone();
                self.left_out.push(LeftOut { id: case.id.clone(), because });
                *slot = None;
            }
        }
        // A copy may have lost all for whom it was made.
        let named: BTreeSet<&CaseId> =
            self.cases.iter().flatten().filter_map(|case| case.twin.as_ref()).collect();
        self.copies.retain(|copy| named.contains(&copy.id));
        self.added.retain(|added| named.contains(&added.id));
    }

    pub(super) fn demand(&mut self, demands: &[Demand]) {
        for at in 0..self.cases.len() {
            for demand in demands {
                let Some(Some(case)) = self.cases.get_mut(at) else { continue };
                if demand.speaks_of(&case.id) {
                    let changes = demand.raise(case);
                    self.note(at, changes, &demand.because);
                }
            }
        }
    }

    pub(super) fn bring(&mut self, profile: &Profile) {
        for brought in &profile.brought {
            let of = self.core.position(&brought.of).and_then(|at| self.cases.get(at));
            let Some(Some(of)) = of else { continue };
            let case = brought.case(&profile.id, of);
            self.added.push(Added { id: case.id.clone(), because: brought.because.clone() });
            self.brought.push(case);
        }
    }

    fn note(&mut self, at: usize, changes: impl IntoIterator<Item = Change>, because: &str) {
        let mut changes = changes.into_iter().peekable();
        if changes.peek().is_some() {
            let (noted, reasons) = self.changes.entry(at).or_default();
            noted.extend(changes);
            reasons.insert(because.to_owned());
        }
    }

    pub(super) fn end(mut self) -> Applied {
        let mut changed = Vec::new();
        for (at, (changes, because)) in std::mem::take(&mut self.changes) {
            if let Some(Some(case)) = self.cases.get(at) {
                let because = because.into_iter().collect();
                changed.push(Changed { id: case.id.clone(), changes, because });
            }
        }
        let own = self.cases.into_iter().flatten();
        let all = self.copies.into_iter().chain(own).chain(self.brought).collect();
        Applied {
            catalogue: Catalogue::of(all),
            changed,
            added: self.added,
            left_out: self.left_out,
        }
    }
}

fn copy_id(id: &CaseId) -> CaseId {
    CaseId::new(COPIES, &id.as_str().replace('/', "-"))
}
