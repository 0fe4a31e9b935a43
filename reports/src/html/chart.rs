//! Charts, drawn as SVG without a style attribute: what they show stands in a table beside them as well.

use maud::{Markup, html};

use super::{
    parts::{clipped, count, name, number},
    summary::Tally,
};
use crate::record::{OutcomeName, Record};

/// What became of the cases, a bar a verifier.
pub(super) fn outcomes(record: &Record, tallies: &[Tally]) -> Markup {
    type Part = (&'static str, &'static str, fn(&Tally) -> u64);
    const PARTS: &[Part] = &[
        ("k-must", "requirement not met", Tally::must),
        ("k-other", "other finding", Tally::others),
        ("k-open", "open", |tally| tally.open),
        ("k-info", "choice", |tally| tally.choices),
        ("k-pass", "met", |tally| tally.met),
        ("k-skip", "skipped", |tally| tally.skipped),
    ];
    const WIDTH: u64 = 620;
    let row = 24;
    let height = count(tallies.len()) * row + 4;
    let most = tallies.iter().map(Tally::all).max().unwrap_or_default().max(1);
    html! {
        figure {
            figcaption { "What became of the cases. The numbers stand in the summary above." }
            div.scroll tabindex="0" role="group" aria-label="Chart of outcomes" {
                svg role="img" aria-label="What became of the cases of each verifier" width=(WIDTH + 190) height=(height)
                    viewBox={ "0 0 " (WIDTH + 190) " " (height) } {
                    @for (at, (verifier, tally)) in record.verifiers.iter().zip(tallies).enumerate() {
                        @let y = count(at) * row;
                        text x="0" y=(y + 15) { (clipped(&name(verifier), 26)) }
                        @let mut x = 180;
                        @for (class, words, of) in PARTS {
                            @let share = of(tally);
                            @let width = if share == 0 { 0 } else { (share * WIDTH / most).max(2) };
                            @if width > 0 {
                                rect class=(class) x=(x) y=(y + 3) width=(width) height="16" {
                                    title { (name(verifier)) ": " (number(share)) " " (words) }
                                }
                            }
                            @let () = x += width;
                        }
                    }
                }
            }
            ul.legend {
                @for (class, words, _) in PARTS {
                    li { svg width="11" height="11" aria-hidden="true" { rect class=(class) width="11" height="11" {} } (words) }
                }
            }
        }
    }
}

/// How long a verifier took over a case, in the middle and at the slow end.
pub(super) fn durations(record: &Record) -> Markup {
    let rows: Vec<(String, Durations)> = record
        .verifiers
        .iter()
        .filter_map(|verifier| Some((name(verifier), Durations::of(record, &verifier.id)?)))
        .collect();
    let most = rows.iter().map(|(_, of)| of.median).max().unwrap_or_default().max(1);
    html! {
        @if !rows.is_empty() {
            div.scroll tabindex="0" role="group" aria-label="Durations" {
                table {
                    caption { "How long they took" }
                    thead {
                        tr {
                            th scope="col" { "Verifier" }
                            th.n scope="col" { "Plain cases" }
                            th.n scope="col" { "Median" }
                            th.n scope="col" { "Slowest of a hundred" }
                            th.n scope="col" { "Cases a second" }
                            th scope="col" { "Median, drawn" }
                        }
                    }
                    tbody {
                        @for (name, of) in &rows {
                            tr {
                                th scope="row" { (name) }
                                td.n { (number(of.cases)) }
                                td.n { (number(of.median)) " µs" }
                                td.n { (number(of.slow)) " µs" }
                                td.n { (number(1_000_000 / of.median.max(1))) }
                                td {
                                    svg role="img" aria-label={ (of.median) " microseconds" } width="164" height="12" {
                                        rect.bar width=((of.median * 160 / most).max(1)) height="12" {}
                                    }
                                }
                            }
                        }
                    }
                }
            }
            p.soft.small {
                "Of cases that are one question, from handing it to the process to its answer, on the machine of the run and with "
                "other processes beside it: a hint, and no benchmark."
            }
        }
    }
}

/// The durations of the cases of one step that were answered.
struct Durations {
    cases: u64,
    median: u64,
    slow: u64,
}

impl Durations {
    fn of(record: &Record, verifier: &str) -> Option<Self> {
        let answered = record.results.iter().filter(|result| {
            let is_answered = match result.outcome {
                OutcomeName::Pass | OutcomeName::Info | OutcomeName::Fail => true,
                OutcomeName::Skip
                | OutcomeName::Inconclusive
                | OutcomeName::Error
                | OutcomeName::Hang
                | OutcomeName::Crash => false,
            };
            result.verifier == verifier && is_answered && result.steps.is_empty()
        });
        let mut all: Vec<u64> = answered.map(|result| result.duration_us).collect();
        all.sort_unstable();
        Some(Self {
            cases: count(all.len()),
            median: *all.get(all.len() / 2)?,
            slow: *all.get(all.len() * 99 / 100)?,
        })
    }
}
