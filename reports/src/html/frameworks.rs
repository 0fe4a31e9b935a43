//! What the run says of published controls, in the four words that there are for it, and what it cannot say.

use gauntlet_vectors::controls::{Crosswalk, Label, Strength};
use maud::{Markup, html};

use super::{
    Page, kinds,
    parts::{name, number, sentence, shown},
};
use crate::{
    compliance::{Assessed, Assessment, State},
    finding::Standing,
    record::Record,
};

/// With more verifiers than this, cells hold a sign and a number, and the word for those who cannot see them.
const IN_WORDS: usize = 3;

/// How many findings are named beside a control.
const TOLD: usize = 12;

pub(super) fn show(page: &Page<'_>) -> Markup {
    let record = page.record;
    html! {
        section id="frameworks" aria-labelledby="h-frameworks" {
            h2 id="h-frameworks" { "Frameworks and controls" }
            p {
                "What the cases say of published controls. A control is " strong { "contradicted" } " where a requirement that speaks to "
                "it was not met. Cases that were met never show that it is: then there is " strong { "no contradicting evidence" }
                ". It is " strong { "partially exercised" } " where only some of the cases that speak to it were met and none "
                "contradicts it, and " strong { "not evidenced" } " where no case speaks to it."
            }
            (signs(record))
            @for (at, assessment) in page.assessments.iter().enumerate() { (framework(page, assessment, at)) }
            (crosswalk(page.book.crosswalk()))
            (kinds::show(page))
        }
    }
}

/// The sign of a state; its word stands beside it.
const fn sign(state: State) -> &'static str {
    match state {
        State::Contradicted { .. } => "✕",
        State::NoContradictingEvidence { .. } => "○",
        State::PartiallyExercised { .. } => "◐",
        State::NotEvidenced => "–",
    }
}

const fn class(state: State) -> &'static str {
    match state {
        State::Contradicted { .. } => "st-c",
        State::NoContradictingEvidence { .. } => "st-n",
        State::PartiallyExercised { .. } => "st-p",
        State::NotEvidenced => "st-x",
    }
}

/// One of each state, without numbers.
const STATES: [State; 4] = [
    State::Contradicted { cases: 0 },
    State::NoContradictingEvidence { direct: 0, supporting: 0 },
    State::PartiallyExercised { met: 0, of: 0 },
    State::NotEvidenced,
];

fn signs(record: &Record) -> Markup {
    html! {
        @if record.verifiers.len() > IN_WORDS {
            p.small {
                @for (at, state) in STATES.into_iter().enumerate() {
                    @if at > 0 { ", " }
                    span class=(class(state)) { (sign(state)) } " " (state.word())
                }
                ". The number is that of the cases behind it."
            }
        }
    }
}

fn framework(page: &Page<'_>, assessment: &Assessment<'_>, at: usize) -> Markup {
    let record = page.record;
    let is_own = page.book.own().iter().any(|own| own.id == assessment.framework.id);
    let framework = assessment.framework;
    let is_level = assessment.controls.iter().any(|assessed| assessed.control.level.is_some());
    html! {
        details.block id={ "k-" (at) } open[at == 0] {
            summary { h3 { (shown(&framework.name)) } " " span.soft { (shown(&framework.version)) " · " (tallied(record, assessment)) } }
            @if is_own { p.small { "Brought by whoever ran the harness, and reviewed by nobody else." } }
            @if let Some(kind) = &framework.kind { p.small.soft { (sentence(kind)) } }
            @if let Some(rule) = &framework.rule { p.small { (sentence(rule)) } }
            @if let Some(status) = &framework.status { p.small { (sentence(status)) } }
            div.scroll tabindex="0" role="group" aria-label={ "Controls of " (shown(&framework.name)) } {
                table.cells.many[record.verifiers.len() > IN_WORDS] {
                    thead {
                        tr {
                            th scope="col" { "Item" }
                            th scope="col" { "Cases speak to it" }
                            @for verifier in &record.verifiers { th scope="col" { (name(verifier)) } }
                        }
                    }
                    tbody {
                        @for assessed in &assessment.controls { (control(page, assessed, is_level)) }
                    }
                }
            }
        }
    }
}

/// How many controls have each state, over all verifiers.
fn tallied(record: &Record, assessment: &Assessment<'_>) -> String {
    let all: Vec<State> = assessment.controls.iter().flat_map(Assessed::states).collect();
    let told: Vec<String> = STATES
        .iter()
        .filter_map(|state| {
            let count = all.iter().filter(|other| other.word() == state.word()).count();
            (count > 0).then(|| format!("{count} {}", state.word()))
        })
        .collect();
    let over = if record.verifiers.len() > 1 {
        format!(" over {} verifiers", record.verifiers.len())
    } else {
        String::new()
    };
    format!("{}{over}", told.join(", "))
}

fn control(page: &Page<'_>, assessed: &Assessed<'_>, is_level: bool) -> Markup {
    let control = assessed.control;
    let contradicting = contradicting(page, assessed);
    html! {
        tr {
            th scope="row" {
                code.id { (shown(&control.id)) }
                (shown(&control.title))
                @if !contradicting.0.is_empty() { span.below { "Contradicted by " (contradicting) } }
                @if let Some(level) = control.level.filter(|_| is_level) { span.soft { " (level " (level) ")" } }
                @if let Some(limit) = control.evidence_ceiling.as_ref().and_then(|ceiling| ceiling.limited_to.as_ref()) {
                    span.soft { " Only: " (shown(limit)) "." }
                }
            }
            td { (strength(assessed.strength)) }
            @for state in assessed.states() {
                td class=(class(state)) {
                    @if page.record.verifiers.len() <= IN_WORDS { (state) }
                    @else { (short(state)) }
                }
            }
        }
    }
}

fn short(state: State) -> Markup {
    let cases = match state {
        State::Contradicted { cases } => Some(cases),
        State::NoContradictingEvidence { direct, supporting } => Some(direct + supporting),
        State::PartiallyExercised { met, .. } => Some(met),
        State::NotEvidenced => None,
    };
    html! {
        (sign(state)) span.vh { (state.word()) " " }
        @if let Some(cases) = cases { (number(cases)) }
    }
}

const fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Direct => "directly",
        Strength::Supporting => "supporting",
        Strength::NotEvidenced => "–",
    }
}

/// The findings that contradict a control, whosever they are.
fn contradicting(page: &Page<'_>, assessed: &Assessed<'_>) -> Markup {
    let speaks = |category| assessed.categories.iter().any(|(known, _)| Some(*known) == category);
    let mut places = page.groups.iter().enumerate().filter(|(_, group)| {
        let mut findings = group.cases().flat_map(|of_case| &of_case.findings);
        findings
            .any(|finding| finding.standing == Standing::Must && speaks(finding.result.category()))
    });
    let most = if page.record.verifiers.len() > IN_WORDS { TOLD / 2 } else { TOLD };
    let told: Vec<usize> = places.by_ref().take(most).map(|(at, _)| at + 1).collect();
    let more = places.count();
    html! {
        @for (at, place) in told.iter().enumerate() {
            @if at > 0 { ", " }
            a href={ "#f" (place) } { "F" (place) }
        }
        @if more > 0 { " and " (more) " more" }
    }
}

/// Where a framework stands on the page.
pub(super) fn anchor(page: &Page<'_>, framework: &str) -> String {
    let place = page.assessments.iter().position(|known| known.framework.id == framework);
    place.map_or_else(|| "frameworks".to_owned(), |at| format!("k-{at}"))
}

/// Labels that people print, beside the publishers' own ids.
fn crosswalk(crosswalk: &Crosswalk) -> Markup {
    html! {
        h3 id="crosswalk" { "Labels in use, and the publishers' own ids" }
        p {
            "Some labels in circulation are not the ids of their publishers, or are ids of something else. Only official ids are counted "
            "above."
        }
        div.scroll tabindex="0" role="group" aria-label="Crosswalk of labels" {
            table {
                thead {
                    tr {
                        th scope="col" { "As printed" }
                        th scope="col" { "What the publisher has there" }
                        th scope="col" { "Where its meaning is found" }
                        th scope="col" { "Why" }
                    }
                }
                tbody { @for label in &crosswalk.labels { (crossed(label)) } }
            }
        }
        (process(crosswalk))
    }
}

fn crossed(label: &Label) -> Markup {
    html! {
        tr {
            th scope="row" { strong { (shown(&label.label)) } @if let Some(note) = &label.label_note { " (" (shown(note)) ")" } }
            td { (label.official_item_with_that_number.as_deref().map_or_else(|| "nothing under that name".to_owned(), shown)) }
            td {
                @for target in &label.targets {
                    code { (shown(&target.control)) } " " (strength(target.strength)) ": " (shown(&target.purpose))
                    @if let Some(limit) = &target.limited_to { " (" (shown(limit)) ")" }
                    br;
                }
            }
            td { (shown(&label.why)) }
        }
    }
}

fn process(crosswalk: &Crosswalk) -> Markup {
    html! {
        @if !crosswalk.process_level.is_empty() {
            ul.plain {
                @for level in &crosswalk.process_level { li { code { (shown(&level.control)) } ": " (shown(&level.text)) } }
            }
        }
    }
}
