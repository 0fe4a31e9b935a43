//! The summary: what was found, in numbers, each result in exactly one of them.

use std::collections::HashMap;

use gauntlet_vectors::{case::Severity, judge::Impact};
use maud::{Markup, html};

use super::{
    Page, chart, findings,
    grouped::Group,
    parts::{self, count, counted, name, number, shown},
};
use crate::{
    finding::Standing,
    record::{CaseResult, OutcomeName, Record},
};

/// Up to how many verifiers stand beside each other, and of more one below the other.
const BESIDE: usize = 5;

/// How many findings are named at a glance.
const GLANCED: usize = 120;

/// The results of one verifier, each counted once.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By impact: requirements that were not met.
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) crashed: u64,
    pub(super) outage: u64,
    pub(super) budget: u64,
    pub(super) leak: u64,
    pub(super) otherwise: u64,
    /// Findings that weigh less.
    pub(super) should: u64,
    pub(super) no_answer: u64,
    pub(super) unconfirmed: u64,
    pub(super) adapter: u64,
    /// No findings.
    pub(super) met: u64,
    pub(super) choices: u64,
    pub(super) skipped: u64,
    pub(super) open: u64,
    severities: Vec<Severity>,
}

impl Tally {
    /// One for each verifier, in the record's order.
    pub(super) fn all_of(record: &Record) -> Vec<Self> {
        let mut tallies: Vec<Self> = record.verifiers.iter().map(|_| Self::default()).collect();
        let place: HashMap<&str, usize> = (record.verifiers.iter().enumerate())
            .map(|(at, entry)| (entry.id.as_str(), at))
            .collect();
        for result in &record.results {
            let at = place.get(result.verifier.as_str());
            let Some(tally) = at.and_then(|at| tallies.get_mut(*at)) else { continue };
            *tally.counter(result) += 1;
            if result.standing() == Some(Standing::Must) {
                tally.severities.push(result.severity());
            }
        }
        tallies
    }

    fn counter(&mut self, result: &CaseResult) -> &mut u64 {
        match result.standing() {
            Some(Standing::Must) => return self.impact(result),
            Some(Standing::Should) => return &mut self.should,
            Some(Standing::NoAnswer) => return &mut self.no_answer,
            Some(Standing::Unconfirmed) => return &mut self.unconfirmed,
            Some(Standing::Adapter) => return &mut self.adapter,
            None => {}
        }
        match result.outcome {
            OutcomeName::Pass => &mut self.met,
            OutcomeName::Info => &mut self.choices,
            OutcomeName::Skip => &mut self.skipped,
            OutcomeName::Inconclusive
            | OutcomeName::Error
            | OutcomeName::Fail
            | OutcomeName::Hang
            | OutcomeName::Crash => &mut self.open,
        }
    }

    fn impact(&mut self, result: &CaseResult) -> &mut u64 {
        match (result.outcome, result.impact.map(Impact::from)) {
            (OutcomeName::Crash | OutcomeName::Hang, _)
            | (_, Some(Impact::Crash | Impact::Hang)) => &mut self.crashed,
            (_, Some(Impact::Bypass)) => &mut self.accepted,
            (_, Some(Impact::Denial)) => &mut self.refused,
            (_, Some(Impact::Availability)) => &mut self.outage,
            (_, Some(Impact::Budget)) => &mut self.budget,
            (_, Some(Impact::Leak)) => &mut self.leak,
            (_, None) => &mut self.otherwise,
        }
    }

    /// Requirements that were not met.
    pub(super) fn must(&self) -> u64 {
        self.accepted
            + self.refused
            + self.crashed
            + self.outage
            + self.budget
            + self.leak
            + self.otherwise
    }

    /// Findings that weigh less than a requirement.
    pub(super) fn others(&self) -> u64 {
        self.should + self.no_answer + self.unconfirmed + self.adapter
    }

    /// Everything.
    pub(super) fn all(&self) -> u64 {
        self.must() + self.others() + self.met + self.choices + self.skipped + self.open
    }

    /// How bad the requirements are that were not met.
    pub(super) fn by_severity(&self) -> String {
        let told = Severity::ALL.iter().rev().filter_map(|severity| {
            let count = self.severities.iter().filter(|known| *known == severity).count();
            (count > 0).then(|| format!("{count} {severity}"))
        });
        told.collect::<Vec<_>>().join(", ")
    }

    /// The findings that are no requirements, in words.
    pub(super) fn beside_requirements(&self) -> String {
        let told = [
            (self.should, "recommendation not followed", "recommendations not followed"),
            (self.no_answer, "case without any answer", "cases without any answer"),
            (self.unconfirmed, "unconfirmed finding", "unconfirmed findings"),
            (self.adapter, "finding that is the adapter's", "findings that are the adapter's"),
        ];
        let told = told.iter().filter(|(count, ..)| *count > 0);
        told.map(|(count, one, many)| counted(*count, one, many)).collect::<Vec<_>>().join(", ")
    }
}

/// A number of the summary: what it counts, how it is found, and whether it counts findings.
struct Column {
    words: &'static str,
    of: fn(&Tally) -> u64,
    kind: Counts,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    /// Requirements that were not met.
    Must,
    /// Findings that weigh less.
    Less,
    /// What is no finding.
    Rest,
}

impl Counts {
    const fn words(self) -> &'static str {
        match self {
            Self::Must => "Requirements not met",
            Self::Less => "Findings that weigh less",
            Self::Rest => "No findings",
        }
    }
}

const COLUMNS: &[Column] = &[
    Column { words: "accepted, but must be refused", of: |t| t.accepted, kind: Counts::Must },
    Column { words: "refused, but must be accepted", of: |t| t.refused, kind: Counts::Must },
    Column { words: "crash or hang", of: |t| t.crashed, kind: Counts::Must },
    Column { words: "wrong in an outage", of: |t| t.outage, kind: Counts::Must },
    Column { words: "over budget", of: |t| t.budget, kind: Counts::Must },
    Column { words: "leak: asked whom a token named", of: |t| t.leak, kind: Counts::Must },
    Column { words: "otherwise not met", of: |t| t.otherwise, kind: Counts::Must },
    Column { words: "SHOULD deviations", of: |t| t.should, kind: Counts::Less },
    Column {
        words: "no answer where either was permitted",
        of: |t| t.no_answer,
        kind: Counts::Less,
    },
    Column { words: "unconfirmed", of: |t| t.unconfirmed, kind: Counts::Less },
    Column { words: "the adapter's, not the library's", of: |t| t.adapter, kind: Counts::Less },
    Column { words: "met", of: |t| t.met, kind: Counts::Rest },
    Column { words: "choices, told as information", of: |t| t.choices, kind: Counts::Rest },
    Column { words: "skipped: could not be asked", of: |t| t.skipped, kind: Counts::Rest },
    Column { words: "open: asked without a result", of: |t| t.open, kind: Counts::Rest },
];

pub(super) fn show(page: &Page<'_>) -> Markup {
    let record = page.record;
    let tallies = page.tallies.as_slice();
    // A column that is empty for everybody, and that nobody would miss, is left out.
    let columns: Vec<&Column> = COLUMNS
        .iter()
        .filter(|column| {
            column.words != "otherwise not met"
                || tallies.iter().any(|tally| (column.of)(tally) > 0)
        })
        .collect();
    html! {
        section id="summary" aria-labelledby="h-summary" {
            h2 id="h-summary" { "Summary" }
            @if let [tally] = tallies {
                (tiles(tally, &columns))
            } @else if tallies.len() <= BESIDE {
                (beside(record, tallies, &columns))
            } @else {
                (below(record, tallies, &columns))
            }
            p.soft.small {
                "Numbers are cases, each counted once. The first six are requirements that were not met. A recommendation (SHOULD), "
                "an unconfirmed finding and one that hangs on the adapter weigh less, and are counted apart."
            }
            (chart::outcomes(record, tallies))
            (glance(&page.groups))
        }
    }
}

fn tiles(tally: &Tally, columns: &[&Column]) -> Markup {
    html! {
        dl.tiles {
            @for column in columns {
                @let count = (column.of)(tally);
                div class=[(match (column.kind, count) {
                    (_, 0) => Some("none"),
                    (Counts::Must, _) => Some("some"),
                    (Counts::Less | Counts::Rest, _) => None,
                })] {
                    dt { (column.words) }
                    dd { (number(count)) }
                }
            }
        }
    }
}

/// A few verifiers, beside each other.
fn beside(record: &Record, tallies: &[Tally], columns: &[&Column]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Results of each verifier" {
            table {
                thead {
                    tr {
                        th scope="col" { "Cases" }
                        @for verifier in &record.verifiers { th.n scope="col" { (name(verifier)) } }
                    }
                }
                @for kind in [Counts::Must, Counts::Less, Counts::Rest] {
                    tbody {
                        tr { th.over scope="rowgroup" colspan=(tallies.len() + 1) { (kind.words()) } }
                        @for column in columns.iter().filter(|column| column.kind == kind) {
                            tr {
                                th scope="row" { (column.words) }
                                @for tally in tallies { td.n { (counter(column, tally)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Many, one below the other.
fn below(record: &Record, tallies: &[Tally], columns: &[&Column]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Results of each verifier" {
            table.cells.many {
                thead {
                    tr {
                        th scope="col" { "Verifier" }
                        @for column in columns { th scope="col" { (column.words) } }
                    }
                }
                tbody {
                    @for (verifier, tally) in record.verifiers.iter().zip(tallies) {
                        tr {
                            th scope="row" { (name(verifier)) " " code.soft { (shown(&verifier.id)) } }
                            @for column in columns { td.n { (counter(column, tally)) } }
                        }
                    }
                }
            }
        }
    }
}

fn counter(column: &Column, tally: &Tally) -> Markup {
    let count = (column.of)(tally);
    html! {
        @if count == 0 { span.zero { "0" } }
        @else if column.kind == Counts::Must { span.some-n { (number(count)) } }
        @else { (number(count)) }
    }
}

/// The findings in a table of one line each: the report's index.
fn glance(groups: &[Group<'_>]) -> Markup {
    html! {
        @if groups.is_empty() {
            p { "There is no finding." }
        } @else {
            @if let Some(more @ 1..) = groups.len().checked_sub(GLANCED) {
                p.soft.small { "The first " (GLANCED) " of " (groups.len()) " are named here; " (more) " less dangerous ones stand below with the others." }
            }
            div.scroll tabindex="0" role="group" aria-label="Findings at a glance" {
                table.wide.glance {
                    caption { "Findings at a glance, most dangerous first" }
                    thead {
                        tr {
                            th scope="col" { "No." }
                            th scope="col" { "Severity" }
                            th scope="col" { "Weight" }
                            th scope="col" { "What it comes to" }
                            th.n scope="col" { "Cases" }
                            th scope="col" { "Verifiers" }
                        }
                    }
                    tbody {
                        @for (at, group) in groups.iter().enumerate().take(GLANCED) {
                            tr {
                                td { a href={ "#f" (at + 1) } { "F" (at + 1) } }
                                td { (parts::severity(group.worst().result.severity())) }
                                td { (parts::standing(group.worst().standing)) }
                                th scope="row" {
                                    (findings::headline(group))
                                    span.soft.small.below { (findings::requirement(group)) }
                                }
                                td.n { (number(count(group.cases().count()))) }
                                td { (who(group)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The verifiers of a group: by name while that is short, and with the weight where it is less than the group's.
fn who(group: &Group<'_>) -> Markup {
    let all = group.verifiers();
    let whole = group.worst().standing;
    html! {
        @if all.len() <= 3 {
            @for (at, (entry, standing)) in all.iter().enumerate() {
                @if at > 0 { ", " }
                code { (shown(&entry.id)) }
                @if *standing != whole { " (" (standing.word()) ")" }
            }
        } @else {
            @let with = all.iter().filter(|(_, standing)| *standing == whole).count();
            (counted(count(with), "verifier", "verifiers"))
            @if let Some(more @ 1..) = all.len().checked_sub(with) { "; " (more) " more with less weight" }
        }
    }
}
