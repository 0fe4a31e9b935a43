//! What the run does not say: what could not be asked, what stayed open, what is not the library's, and what no
//! run of this harness can show.

use std::collections::HashMap;

use maud::{Markup, html};

use super::{
    Page,
    parts::{Sort, count, counted, name, number, prose, shown},
};
use crate::{
    finding::Standing,
    record::{CaseResult, Record},
};

/// How many reasons of one sort are told one by one.
const TOLD: usize = 40;

pub(super) fn show(page: &Page<'_>) -> Markup {
    let record = page.record;
    html! {
        section id="limits" aria-labelledby="h-limits" {
            h2 id="h-limits" { "Limits" }
            h3 { "Cases that could not be asked" }
            (reasons(record, "skip", "Nothing was skipped.", |sort| sort == Sort::Skip))
            h3 { "Cases that were asked and stayed open" }
            (reasons(record, "open", "Nothing stayed open.", |sort| sort == Sort::Open))
            (known(record))
            (adapters(record))
            (unsteady(record))
            h3 { "What this harness cannot show" }
            p {
                "It asks a verifier from outside and sees what comes back. It sees no source code, no configuration but the one that it "
                "sends, and no other traffic than its own. A case that was not met can show a risk; cases that were met do not show that "
                "there is none."
            }
            p { "What each kind of case cannot show stands with " a href="#kinds" { "the kinds of cases" } "." }
        }
    }
}

/// Results of one sort, by what is said to be the reason.
fn reasons(record: &Record, what: &str, nothing: &str, is_sort: fn(Sort) -> bool) -> Markup {
    let mut reasons: Vec<(&str, Vec<u64>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let column: HashMap<&str, usize> =
        record.verifiers.iter().enumerate().map(|(at, entry)| (entry.id.as_str(), at)).collect();
    for result in record.results.iter().filter(|result| is_sort(Sort::of(result))) {
        let at = *places.entry(&result.reason).or_insert_with(|| {
            reasons.push((&result.reason, vec![0; record.verifiers.len()]));
            reasons.len() - 1
        });
        let counter = reasons
            .get_mut(at)
            .zip(column.get(result.verifier.as_str()))
            .and_then(|((_, counts), column)| counts.get_mut(*column));
        if let Some(counter) = counter {
            *counter += 1;
        }
    }
    // Stable: equal ones stay as they came.
    reasons.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<u64>()));
    let rest: u64 = reasons.iter().skip(TOLD).flat_map(|(_, counts)| counts).sum();
    html! {
        @if reasons.is_empty() { p { (nothing) } }
        @else {
            div.scroll tabindex="0" role="group" aria-label={ "Reasons: " (what) } {
                table {
                    thead {
                        tr {
                            th scope="col" { "Reason" }
                            @if record.verifiers.len() <= 4 {
                                @for verifier in &record.verifiers { th.n scope="col" { (name(verifier)) } }
                            } @else {
                                th.n scope="col" { "Verifiers" }
                                th.n scope="col" { "Cases" }
                            }
                        }
                    }
                    tbody {
                        @for (reason, counts) in reasons.iter().take(TOLD) {
                            tr {
                                th scope="row" { (prose(reason)) }
                                @if record.verifiers.len() <= 4 {
                                    @for count in counts { td.n { @if *count > 0 { (number(*count)) } @else { span.zero { "0" } } } }
                                } @else {
                                    td.n { (counts.iter().filter(|count| **count > 0).count()) }
                                    td.n { (number(counts.iter().sum())) }
                                }
                            }
                        }
                    }
                }
            }
            @if rest > 0 { p.small.soft { "And " (counted(rest, "case", "cases")) " for other reasons." } }
        }
    }
}

fn known(record: &Record) -> Markup {
    let known: Vec<&CaseResult> = record
        .results
        .iter()
        .filter(|result| result.known && result.outcome.is_finding())
        .collect();
    html! {
        h3 { "Known findings" }
        @if known.is_empty() {
            p { "None of the findings is in a file of known findings." }
        } @else {
            p {
                (counted(count(known.len()), "finding is", "findings are")) " in the file of known findings: accepted by whoever keeps that "
                "file, and told here all the same."
            }
            ul.plain {
                @for result in known.iter().take(TOLD) { li { code { (shown(&result.case)) } " of " code { (shown(&result.verifier)) } } }
                @if let Some(more @ 1..) = known.len().checked_sub(TOLD) { li { "and " (more) " more" } }
            }
        }
    }
}

fn adapters(record: &Record) -> Markup {
    let supplied: Vec<_> =
        record.verifiers.iter().filter(|verifier| !verifier.adapter_does.is_empty()).collect();
    let of = |verifier: &str, standing| {
        let results = record.results.iter();
        count(results.filter(|r| r.verifier == verifier && r.standing() == Some(standing)).count())
    };
    html! {
        h3 { "What adapters supply" }
        @if supplied.is_empty() {
            p { "No adapter says that it supplies a part that its library lacks." }
        } @else {
            p {
                "Some libraries lack a part of a whole verifier, which their adapter then supplies. A finding that hangs on such a part "
                "says nothing of the library."
            }
            ul.plain {
                @for verifier in supplied {
                    li {
                        strong { (name(verifier)) } ": the adapter supplies "
                        @for (at, part) in verifier.adapter_does.iter().enumerate() { @if at > 0 { ", " } code { (shown(part)) } }
                        @match of(&verifier.id, Standing::Adapter) {
                            0 => "; no finding hangs on that.",
                            hang => { "; " (counted(hang, "finding hangs", "findings hang")) " on that." }
                        }
                    }
                }
            }
        }
    }
}

/// Results that did not come out the same twice.
fn unsteady(record: &Record) -> Markup {
    let flaky = record.results.iter().filter(|result| result.flaky).count();
    let ordered = record.results.iter().filter(|result| result.order_dependent).count();
    html! {
        @if flaky + ordered > 0 {
            h3 { "Results that did not come out the same twice" }
            p {
                @if flaky > 0 {
                    (counted(count(flaky), "finding", "findings")) " went otherwise when tried again in a fresh process. "
                }
                @if ordered > 0 {
                    (counted(count(ordered), "result depends", "results depend")) " on which cases were asked before. "
                }
                "The worse is told."
            }
        }
    }
}
