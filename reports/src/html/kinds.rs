//! Kinds of cases: what may be said of each, in the sentences that were reviewed for it, and what it cannot show.

use std::collections::HashMap;

use gauntlet_vectors::{
    case::Category,
    controls::{About, Book},
    judge::Impact,
};
use maud::{Markup, html};

use super::{
    Page,
    parts::{Sort, name, number, prose, shown},
};
use crate::{finding::Standing, record::Record};

/// With more verifiers than this, what may be said is counted and not told for each.
const EACH: usize = 3;

pub(super) fn show(page: &Page<'_>) -> Markup {
    let tallies = tallies(page.record, page.book);
    html! {
        h3 id="kinds" { "What may be said of each kind of case" }
        p {
            "A sentence on what was met is said only where every case of the kind was asked and met, and speaks of the cases alone."
        }
        div.scroll tabindex="0" role="group" aria-label="Kinds of cases" {
            table {
                thead {
                    tr {
                        th scope="col" { "Kind" }
                        th scope="col" { "What may be said" }
                        th scope="col" { "What it cannot show" }
                    }
                }
                tbody {
                    @for about in Category::ALL.iter().filter_map(|category| page.book.about(*category).ok()) {
                        tr {
                            th scope="row" { (shown(&about.title)) }
                            td { (said(page.record, about, &tallies)) }
                            td {
                                @for (at, limit) in about.cannot_show.iter().enumerate() { @if at > 0 { "; " } (prose(limit)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The results of one kind for one verifier.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    not_met: u64,
    /// Of those, the ones that the kind's sentence speaks of.
    as_claimed: u64,
    met: u64,
    choices: u64,
    all: u64,
}

type Tallies<'a> = HashMap<(Category, &'a str), Tally>;

fn tallies<'a>(record: &'a Record, book: &Book) -> Tallies<'a> {
    let mut tallies = Tallies::new();
    for result in &record.results {
        let Some(category) = result.category() else { continue };
        let tally = tallies.entry((category, result.verifier.as_str())).or_default();
        tally.all += 1;
        match Sort::of(result) {
            Sort::Finding(Standing::Must, _) => {
                let impact = result.impact.map(Impact::from);
                let claimed = book.about(category).map(|about| about.fails_as.as_slice());
                let is_claimed = impact.is_some_and(|it| claimed.unwrap_or_default().contains(&it));
                tally.not_met += 1;
                tally.as_claimed += u64::from(is_claimed);
            }
            Sort::Pass => tally.met += 1,
            Sort::Info => tally.choices += 1,
            Sort::Finding(
                Standing::Should | Standing::NoAnswer | Standing::Unconfirmed | Standing::Adapter,
                _,
            )
            | Sort::Skip
            | Sort::Open => {}
        }
    }
    tallies
}

fn said(record: &Record, about: &About, tallies: &Tallies<'_>) -> Markup {
    let in_catalogue =
        record.catalogue.categories.get(about.id.word()).copied().unwrap_or_default();
    let of = |id: &str| tallies.get(&(about.id, id)).copied().unwrap_or_default();
    let is_met =
        |tally: Tally| tally.met > 0 && tally.met + tally.choices == in_catalogue.max(tally.all);
    html! {
        @if record.verifiers.len() <= EACH {
            @for verifier in &record.verifiers {
                @let tally = of(&verifier.id);
                div {
                    @if record.verifiers.len() > 1 { strong { (name(verifier)) ": " } }
                    @if tally.as_claimed > 0 {
                        (prose(&about.claim_on_fail)) " (" (number(tally.not_met)) " not met)"
                    } @else if tally.not_met > 0 {
                        (number(tally.not_met)) " not met, each as its finding tells."
                    } @else if is_met(tally) {
                        (prose(&about.claim_on_pass))
                    } @else {
                        (number(tally.met)) " of " (number(in_catalogue.max(tally.all))) " cases met; of the others none is a requirement that was not met."
                    }
                }
            }
        } @else {
            @let all: Vec<Tally> = record.verifiers.iter().map(|verifier| of(&verifier.id)).collect();
            "Not met somewhere by " (all.iter().filter(|tally| tally.not_met > 0).count()) ", met in every case by "
            (all.iter().filter(|tally| is_met(**tally)).count()) " of " (all.len()) " verifiers. "
            @if all.iter().any(|tally| tally.as_claimed > 0) { "Of the first: " (prose(&about.claim_on_fail)) }
        }
    }
}
