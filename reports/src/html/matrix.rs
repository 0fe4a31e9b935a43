//! The matrix: families by verifiers, each family opening to its cases; and the filter over cases and findings.

use std::collections::HashMap;

use gauntlet_vectors::{
    case::Severity,
    catalogue::FAMILIES,
    controls::{Book, Framework},
};
use maud::{Markup, html};

use super::{
    Page,
    grouped::Group,
    parts::{
        Marks, Sort, category_index, count, counted, number, prose, sentence, shown,
        standing_letter,
    },
};
use crate::{
    finding::Standing,
    record::{CaseResult, Record},
};

/// With more verifiers than this, their names stand upright and families are told in numbers alone.
const IN_WORDS: usize = 3;

/// The filter, which works with a script only and is not there without one.
pub(super) fn filter(page: &Page<'_>) -> Markup {
    html! {
        search id="filter" aria-label="Cases and findings" hidden {
            div.field {
                label for="filter-text" { "Case or words" }
                input id="filter-text" type="search" autocomplete="off" spellcheck="false";
            }
            div.field {
                label for="filter-outcome" { "Outcome" }
                select id="filter-outcome" {
                    option value="" { "any" }
                    option value=(Standing::ALL.iter().map(|standing| standing_letter(*standing)).collect::<String>()) { "any finding" }
                    @for standing in Standing::ALL { option value=(standing_letter(*standing)) { "finding: " (standing.word()) } }
                    option value="p" { "met" }
                    option value="i" { "choice" }
                    option value="k" { "skipped" }
                    option value="o" { "open" }
                }
            }
            div.field {
                label for="filter-severity" { "Severity" }
                select id="filter-severity" {
                    option value="0" { "any" }
                    @for (at, severity) in Severity::ALL.iter().enumerate().skip(1).rev() {
                        option value=(at) { (severity.word()) @if at + 1 < Severity::ALL.len() { " or worse" } }
                    }
                }
            }
            div.field {
                label for="filter-control" { "Control" }
                select id="filter-control" {
                    option value="" { "any" }
                    @for framework in page.book.frameworks() { (controls_of(page.book, framework)) }
                }
            }
            div.field.check {
                input id="filter-disagree" type="checkbox" disabled[page.record.verifiers.len() < 2];
                label for="filter-disagree" { "only disagreements" }
            }
            button id="filter-clear" type="button" { "Clear" }
            p id="filter-told" role="status" {}
        }
        p.only-print.small id="filter-note" {}
    }
}

fn controls_of(book: &Book, framework: &Framework) -> Markup {
    let spoken: Vec<(&str, String)> = framework
        .controls
        .iter()
        .filter_map(|control| {
            let speaking = book.speaking(framework, control);
            let categories: Vec<String> =
                speaking.map(|(category, _)| category_index(category)).collect();
            (!categories.is_empty()).then(|| (control.id.as_str(), categories.join(" ")))
        })
        .collect();
    html! {
        @if !spoken.is_empty() {
            optgroup label=(shown(&framework.name)) {
                @for (id, categories) in &spoken { option value=(categories) { (shown(id)) } }
            }
        }
    }
}

pub(super) fn show(page: &Page<'_>) -> Markup {
    let record = page.record;
    let families = families(record);
    let links = links(&page.groups);
    html! {
        section id="matrix" aria-labelledby="h-matrix" {
            h2 id="h-matrix" { "Matrix" }
            p {
                "Every case that was selected. " strong { "FAIL" } ", CRASH and HANG are requirements that were not met. "
                "Beside them, in small letters: " em { "should" } ", a recommendation; " em { "crash" } " or " em { "hang" }
                " where either verdict was permitted; " em { "unconf." } ", an unconfirmed finding; " em { "adapter" } ", one that is the adapter's. "
                em { "choice" } " tells what was chosen where a specification leaves it open, " em { "skip" } " what could not be asked, "
                em { "open" } " what was asked without a result."
            }
            (overview(record, &families))
            @for family in &families { (cases(record, family, &links)) }
            p.only-print.small { "Cases that every verifier met are counted above and not printed one by one." }
        }
    }
}

/// A family's cases, each with a place for every verifier.
struct Family<'a> {
    name: &'a str,
    cases: Vec<Row<'a>>,
}

struct Row<'a> {
    first: &'a CaseResult,
    cells: Vec<Option<&'a CaseResult>>,
}

fn families(record: &Record) -> Vec<Family<'_>> {
    let column: HashMap<&str, usize> =
        record.verifiers.iter().enumerate().map(|(at, entry)| (entry.id.as_str(), at)).collect();
    let mut families: Vec<Family<'_>> = Vec::new();
    let mut places: HashMap<&str, (usize, usize)> = HashMap::new();
    let mut of_family: HashMap<&str, usize> = HashMap::new();
    for result in &record.results {
        let (family, row) = *places.entry(&result.case).or_insert_with(|| {
            let family = *of_family.entry(&result.family).or_insert_with(|| {
                families.push(Family { name: &result.family, cases: Vec::new() });
                families.len() - 1
            });
            let cases = families.get_mut(family).map(|family| &mut family.cases);
            let row = cases.map_or(0, |cases| {
                cases.push(Row { first: result, cells: vec![None; record.verifiers.len()] });
                cases.len() - 1
            });
            (family, row)
        });
        let cell = families
            .get_mut(family)
            .and_then(|family| family.cases.get_mut(row))
            .zip(column.get(result.verifier.as_str()))
            .and_then(|(row, column)| row.cells.get_mut(*column));
        if let Some(cell) = cell {
            *cell = Some(result);
        }
    }
    families
}

/// Where a case's findings stand.
fn links(groups: &[Group<'_>]) -> HashMap<String, String> {
    let mut links = HashMap::new();
    for (group_at, group) in groups.iter().enumerate() {
        for (at, of_case) in group.cases().enumerate() {
            links.insert(
                of_case.worst.result.case.clone(),
                format!("#f{}-{}", group_at + 1, at + 1),
            );
        }
    }
    links
}

/// What a family's cases came to for one verifier.
#[derive(Default)]
struct Sum {
    must: u64,
    others: u64,
    met: u64,
    choices: u64,
    skipped: u64,
    open: u64,
}

impl Sum {
    fn of(family: &Family<'_>, column: usize) -> Self {
        let mut sum = Self::default();
        for result in family.cases.iter().filter_map(|row| row.cells.get(column).copied().flatten())
        {
            *match Sort::of(result) {
                Sort::Finding(Standing::Must, _) => &mut sum.must,
                Sort::Finding(_, _) => &mut sum.others,
                Sort::Pass => &mut sum.met,
                Sort::Info => &mut sum.choices,
                Sort::Skip => &mut sum.skipped,
                Sort::Open => &mut sum.open,
            } += 1;
        }
        sum
    }

    fn words(&self) -> String {
        let told = [
            (self.must, "not met", "not met"),
            (self.others, "other finding", "other findings"),
            (self.met, "met", "met"),
            (self.choices, "choice", "choices"),
            (self.skipped, "skipped", "skipped"),
            (self.open, "open", "open"),
        ];
        let told = told.iter().filter(|(count, ..)| *count > 0);
        told.map(|(count, one, many)| counted(*count, one, many)).collect::<Vec<_>>().join(", ")
    }

    fn class(&self) -> Option<&'static str> {
        match (self.must, self.others) {
            (0, 0) => None,
            (0, _) => Some("w"),
            (_, _) => Some("f"),
        }
    }
}

fn overview(record: &Record, families: &[Family<'_>]) -> Markup {
    let is_many = record.verifiers.len() > IN_WORDS;
    html! {
        div.scroll tabindex="0" role="group" aria-label="Families by verifiers" {
            table.cells.many[is_many] {
                caption {
                    "Families by verifiers"
                    @if is_many { span.soft { ": requirements not met + other findings; a dot where there is none, a dash where nothing could be asked" } }
                }
                thead {
                    tr {
                        th scope="col" { "Family" }
                        th scope="col" { "Cases" }
                        @for verifier in &record.verifiers { th scope="col" { (shown(&verifier.id)) } }
                    }
                }
                tbody {
                    @for family in families {
                        tr {
                            th scope="row" { a href={ "#m-" (anchor(family.name)) } { (shown(family.name)) } }
                            td { (number(count(family.cases.len()))) }
                            @for column in 0..record.verifiers.len() {
                                @let sum = Sum::of(family, column);
                                td class=[sum.class()] {
                                    @if !is_many { (sum.words()) } @else { (in_numbers(&sum)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn in_numbers(sum: &Sum) -> String {
    match (sum.must, sum.others) {
        (0, 0) if sum.met + sum.choices + sum.open == 0 => "–".to_owned(),
        (0, 0) => "·".to_owned(),
        (must, 0) => number(must),
        (0, others) => format!("+{}", number(others)),
        (must, others) => format!("{}+{}", number(must), number(others)),
    }
}

/// A family's name as part of an id; it may be anybody's who brings cases of his own.
fn anchor(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().take(60).map(plain).collect()
}

fn cases(record: &Record, family: &Family<'_>, links: &HashMap<String, String>) -> Markup {
    let is_many = record.verifiers.len() > IN_WORDS;
    let findings = family.cases.iter().filter(|row| row.is_finding()).count();
    html! {
        details.block.family id={ "m-" (anchor(family.name)) } {
            summary {
                h3 { (shown(family.name)) } " "
                @if let Some(known) = FAMILIES.iter().find(|known| known.name == family.name) { (prose(known.title)) " " }
                span.soft {
                    (counted(count(family.cases.len()), "case", "cases"))
                    @if findings > 0 { ", " (number(count(findings))) " with findings" }
                }
                " " span.shown.small {}
            }
            div.scroll.quiet[family.cases.iter().all(Row::is_quiet)] tabindex="0" role="group" aria-label={ "Cases of " (shown(family.name)) } {
                table.cells.many[is_many] {
                    thead {
                        tr {
                            th scope="col" { "Case" }
                            @for verifier in &record.verifiers { th scope="col" { (shown(&verifier.id)) } }
                        }
                    }
                    tbody { @for row in &family.cases { (one(row, links)) } }
                }
            }
        }
    }
}

impl Row<'_> {
    fn is_finding(&self) -> bool {
        self.cells.iter().flatten().any(|result| result.outcome.is_finding())
    }

    /// Whether nothing in it has to be read on paper.
    fn is_quiet(&self) -> bool {
        self.cells.iter().flatten().all(|result| match Sort::of(result) {
            Sort::Pass | Sort::Info | Sort::Skip => true,
            Sort::Finding(_, _) | Sort::Open => false,
        })
    }
}

fn one(row: &Row<'_>, links: &HashMap<String, String>) -> Markup {
    let marks = Marks::of(row.cells.iter().copied().flatten());
    let id = shown(&row.first.case);
    html! {
        tr data-case=(id) data-o=(marks.outcomes) data-s=(marks.severity()) data-c=(marks.category())
            data-d=[marks.disagreement()] class=[row.is_quiet().then_some("quiet")] {
            th scope="row" {
                @match links.get(&row.first.case) {
                    Some(link) => a href=(link) { code { (id) } },
                    None => code { (id) },
                }
                " " (sentence(&row.first.title))
            }
            @for cell in &row.cells {
                @match cell {
                    Some(result) => {
                        @let sort = Sort::of(result);
                        td class=[sort.class()] { (sort.word()) }
                    }
                    None => td {},
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use gauntlet_vectors::case::Category;

    use super::*;

    #[test]
    fn a_family_of_any_name_has_an_anchor_that_is_one() {
        assert_eq!(anchor("key-selection"), "key-selection");
        assert_eq!(anchor("\"><script>"), "---script-");
    }

    #[test]
    fn every_category_has_a_number_of_its_own() {
        let mut numbers: Vec<String> = Category::ALL.iter().copied().map(category_index).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), Category::ALL.len());
    }
}
