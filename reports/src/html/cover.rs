//! The cover: who was asked what, under which conditions, and whether that is all.

use gauntlet_vectors::env::NumericDate;
use maud::{Markup, html};

use super::{
    Page,
    parts::{count, counted, name, number, shown},
    summary::Tally,
};
use crate::record::{ClockName, Record, VerifierEntry};

/// How many verifiers are named in the heading.
const NAMED: usize = 3;

/// How many letters of a title are shown by whatever shows titles.
const TITLE: usize = 70;

pub(super) fn show(page: &Page<'_>) -> Markup {
    let record = page.record;
    html! {
        header.cover {
            p.kicker { "Conformance of JWT and JWKS verification" }
            h1 { (heading(record)) }
            (incomplete(record))
            @if record.verifiers.len() <= NAMED {
                @for (verifier, tally) in record.verifiers.iter().zip(&page.tallies) { (verdict(verifier, tally)) }
            } @else {
                (over_all(&page.tallies))
            }
            p {
                "Each case shows a verifier a token, or a series of tokens while an issuer rotates its keys or fails; most are hostile. "
                "What may be answered was written down before, with the clause that says so. "
                "A finding shows something that the verifier did, and can be repeated with the command beside it. That there is "
                "none shows nothing more than the cases which were asked: no part of this report says that a verifier, or a "
                "system that uses it, conforms to anything."
            }
            dl.facts {
                dt { (if record.verifiers.len() == 1 { "Target" } else { "Targets" }) }
                dd { (targets(record)) }
                dt { "Asked" }
                dd { (asked(record)) }
                dt { "Catalogue" }
                dd { (shown(&record.catalogue.version)) ", " code { (shown(&record.catalogue.digest)) } }
                dt { "Profile" }
                dd { code { (shown(&record.profile)) } }
                dt { "Seed and order" }
                dd { (record.seed) ", " (shown(&record.order)) }
                dt { "Clock" }
                dd { (clock(record)) }
                (times(record))
                dt { "Completeness" }
                dd { (completeness(record)) }
            }
        }
    }
}

/// The page's title.
pub(super) fn title(record: &Record) -> String {
    let title = format!("Verifier conformance: {}", heading(record));
    // What has to be escaped takes as much as its escape.
    let mut left = TITLE;
    let fits = |c: &char| {
        let takes = if matches!(c, '<' | '>' | '&' | '"') { 6 } else { 1 };
        left.checked_sub(takes).map(|rest| left = rest).is_some()
    };
    title.chars().take_while(fits).collect()
}

fn heading(record: &Record) -> String {
    let names: Vec<String> = record.verifiers.iter().take(NAMED).map(name).collect();
    match record.verifiers.len() {
        0 => "no verifier".to_owned(),
        1..=NAMED => names.join(", "),
        more => format!("{more} verifiers compared"),
    }
}

/// What keeps the run from saying all that it could, where nobody can miss it.
fn incomplete(record: &Record) -> Markup {
    let (selected, all) = (count(record.selected().len()), record.catalogue.cases());
    html! {
        @if !record.complete {
            div.alert role="note" {
                p { strong { "Partial run: it ended before every selected case was played for every verifier." } }
                p {
                    "What is missing here was not asked: it was neither met nor failed. "
                    code { "gauntlet run --resume" } " goes on with it; conclude nothing from this report before."
                }
            }
        }
        @if selected < all {
            div.alert role="note" {
                p {
                    strong { "Partial run: " (number(selected)) " of the catalogue's " (counted(all, "case was", "cases were")) " selected." }
                    " Nothing is said here of the others."
                }
            }
        }
        @for verifier in record.verifiers.iter().filter(|verifier| verifier.trouble.is_some()) {
            div.alert role="note" {
                p {
                    strong { "Partial run: " (name(verifier)) " could not be driven to the end. " }
                    (shown(verifier.trouble.as_deref().unwrap_or_default()))
                }
            }
        }
    }
}

/// What was found in one verifier, in a sentence without a grade.
fn verdict(verifier: &VerifierEntry, tally: &Tally) -> Markup {
    let more = tally.beside_requirements();
    html! {
        p.lead {
            strong { (name(verifier)) } ": "
            @if tally.must() == 0 {
                "no case showed a requirement that was not met"
            } @else {
                "requirements were not met in " strong { (counted(tally.must(), "case", "cases")) } " (" (tally.by_severity()) ")"
            }
            @if !more.is_empty() { "; beside that, " (more) }
            "."
        }
    }
}

/// What was found in many: how many of them, without a ranking.
fn over_all(tallies: &[Tally]) -> Markup {
    let with = count(tallies.iter().filter(|tally| tally.must() > 0).count());
    html! {
        p.lead {
            @if with == 0 {
                "No case showed a requirement that was not met."
            } @else {
                strong { (number(with)) " of " (tallies.len()) " verifiers" } " did not meet a requirement in at least one case."
            }
        }
    }
}

fn targets(record: &Record) -> Markup {
    html! {
        @if let [verifier] = record.verifiers.as_slice() {
            (target(verifier))
        } @else {
            ul { @for verifier in &record.verifiers { li { (target(verifier)) } } }
        }
    }
}

fn target(verifier: &VerifierEntry) -> Markup {
    html! {
        (name(verifier)) ", " (shown(&verifier.language)) ", asked as " code { (shown(&verifier.id)) }
    }
}

fn asked(record: &Record) -> String {
    let selected = count(record.selected().len());
    let all = record.catalogue.cases();
    let of =
        if all > selected { format!(" of the catalogue's {}", number(all)) } else { String::new() };
    let verifiers = match record.verifiers.len() {
        1 => String::new(),
        more => format!(", of each of {more} verifiers"),
    };
    format!("{}{of}{verifiers}", counted(selected, "case", "cases"))
}

fn clock(record: &Record) -> Markup {
    let has = |clock| record.verifiers.iter().any(|verifier| verifier.clock == clock);
    let mut clocks = Vec::new();
    if has(ClockName::Virtual) {
        clocks.push(format!("the harness's own, fixed at {}", utc(NumericDate::VIRTUAL.0)));
    }
    if has(ClockName::Wall) {
        let when = if record.runs.is_empty() {
            utc(record.now)
        } else {
            "the beginning of each run".to_owned()
        };
        clocks.push(format!("the machine's; tokens were made around {when}"));
    }
    if has(ClockName::Faketime) {
        clocks.push("the machine's, moved by libfaketime".to_owned());
    }
    html! { (clocks.join("; ")) @if record.verifiers.len() > 1 { " (see the appendix for whose)" } }
}

fn times(record: &Record) -> Markup {
    html! {
        @if record.runs.is_empty() {
            dt { "Command" }
            dd { code { (shown(&record.command.join(" "))) } }
            dt { "Started" }
            dd { (shown(&record.started)) }
            dt { "Finished" }
            dd { (shown(record.finished.as_deref().unwrap_or("it did not"))) }
        } @else {
            dt { "Runs" }
            dd {
                ul {
                    @for run in &record.runs {
                        li {
                            code { (shown(&run.command.join(" "))) } br;
                            (shown(&run.started)) " to " (shown(run.finished.as_deref().unwrap_or("no end")))
                        }
                    }
                }
            }
        }
    }
}

fn completeness(record: &Record) -> &'static str {
    if record.is_partial() {
        "partial: see above"
    } else {
        "every case of the catalogue was played, or has the reason why it could not be asked"
    }
}

/// Seconds since the epoch as a date and a time of day.
fn utc(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The civil calendar in the way of Hinnant: years begin in March, so that the leap day comes last.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_told_as_a_date() {
        for (seconds, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_767_225_600, "2026-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(utc(seconds), date);
        }
    }
}
