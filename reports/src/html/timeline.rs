//! A case with issuers, drawn as SVG: the same stands in the table of its steps.

use gauntlet_vectors::{
    Case, Env, Recipe, forge,
    timeline::{IssuerRecipe, Step},
};
use maud::{Markup, html};

use super::parts::{clipped, number, shown};
use crate::{
    exhibit::words,
    record::{OutcomeName, StepResult},
};

/// How many steps a drawing holds; of more, the first.
const STEPS: usize = 28;

/// How wide the names of the lanes are, a step, and a step in which only time passes.
const NAMES: usize = 230;
const STEP: usize = 58;

/// How wide a letter is, about.
const LETTER: usize = 6;

/// How high a lane is.
const LANE: usize = 34;

/// A case with issuers, drawn: what was published, what went wrong on purpose, what became of each token, and
/// who asked how often.
pub(super) fn show(case: &Case, steps: &[StepResult]) -> Markup {
    let drawn = steps.get(..STEPS.min(steps.len())).unwrap_or_default();
    let lanes = Lanes::of(case, drawn);
    let width = NAMES + drawn.len() * STEP + 12;
    let height = 30 + (lanes.published.len() + lanes.tokens.len()) * LANE + 78;
    html! {
        figure {
            figcaption {
                "What was published, and what became of the tokens, step by step. A filled dot is an acceptance, an open one a "
                "refusal, a cross is no answer; a ring marks what was not permitted."
                @if steps.len() > drawn.len() { " The first " (drawn.len()) " of " (steps.len()) " steps." }
            }
            div.scroll tabindex="0" role="group" aria-label="Drawing of the timeline" {
                svg role="img" aria-label="Timeline; the same stands in the table of steps" width=(width) height=(height)
                    viewBox={ "0 0 " (width) " " (height) } {
                    (axis(drawn, height))
                    @for (at, lane) in lanes.published.iter().enumerate() { (published(lane, 30 + at * LANE, drawn.len())) }
                    @for (at, lane) in lanes.tokens.iter().enumerate() {
                        (tokens(lane, 30 + (lanes.published.len() + at) * LANE, drawn.len()))
                    }
                    (requests(case, drawn, height - 70))
                }
            }
        }
    }
}

/// The lanes of a drawing.
struct Lanes {
    published: Vec<Published>,
    tokens: Vec<TokenLane>,
}

/// What an issuer serves, from which step on, and what goes wrong.
struct Published {
    name: String,
    /// From which step (0: the beginning), and what.
    serves: Vec<(usize, String)>,
    /// From which step, to which, and what goes wrong.
    faults: Vec<(usize, usize, String)>,
}

/// The tokens of one making.
struct TokenLane {
    name: String,
    /// At which step, and what became of it.
    shown: Vec<(usize, Became)>,
}

#[derive(Clone, Copy)]
struct Became {
    verdict: Seen,
    is_finding: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Accepted,
    Refused,
    Both,
    None,
}

impl Lanes {
    fn of(case: &Case, steps: &[StepResult]) -> Self {
        let mut published: Vec<Published> = case
            .issuers
            .iter()
            .enumerate()
            .map(|(at, issuer)| Published {
                name: format!("issuer {at} serves"),
                serves: vec![(0, first(issuer))],
                faults: Vec::new(),
            })
            .collect();
        let mut lanes: Vec<TokenLane> = Vec::new();
        for (column, result) in steps.iter().enumerate() {
            let Some(step) = case.timeline.0.get(result.step) else { continue };
            match step {
                Step::Verify(shown) => put(&mut lanes, &shown.token, column, result),
                Step::VerifyMany { shown, .. } | Step::Within { shown, .. } => {
                    put(&mut lanes, &shown.token, column, result);
                }
                Step::VerifyAll(all) => {
                    if let Some(shown) = all.first() {
                        put(&mut lanes, &shown.token, column, result);
                    }
                }
                Step::Publish { issuer, .. } => {
                    if let Some(lane) = published.get_mut(*issuer) {
                        lane.serves.push((column, what(result)));
                    }
                }
                Step::Fault { issuer, fault, .. } => {
                    if let Some(lane) = published.get_mut(*issuer) {
                        lane.end_fault(column);
                        lane.faults.push((column, steps.len(), words::fault(fault)));
                    }
                }
                Step::Mend { issuer } => {
                    if let Some(lane) = published.get_mut(*issuer) {
                        lane.end_fault(column);
                    }
                }
                Step::Advance(_)
                | Step::Configure { .. }
                | Step::ExpectFetches { .. }
                | Step::ExpectPrompt
                | Step::ExpectQuiet { .. }
                | Step::ExpectCost { .. } => {}
            }
        }
        Self { published, tokens: lanes }
    }
}

impl Published {
    fn end_fault(&mut self, column: usize) {
        if let Some((_, end, _)) = self.faults.last_mut() {
            *end = (*end).min(column);
        }
    }
}

/// What an issuer serves before anything happens.
fn first(issuer: &IssuerRecipe) -> String {
    let served = forge::resolve_publication(&issuer.serves, &Env::fixed());
    served.map_or_else(|_unmade| String::new(), |serves| keys_first(&words::published(&serves)))
}

/// Told without the words that every such lane would begin with.
fn keys_first(what: &str) -> String {
    shown(what.trim_start_matches("the key set "))
}

/// What a step of publishing says behind its verb.
fn what(result: &StepResult) -> String {
    let what = result.what.split_once(" publishes ").map_or(result.what.as_str(), |(_, what)| what);
    keys_first(what)
}

fn put(lanes: &mut Vec<TokenLane>, token: &Recipe, column: usize, result: &StepResult) {
    let name = words::token(token);
    let observed = result.observed.as_str();
    let is_refused = observed.contains("reject") || observed.contains("unavailable");
    let verdict = match (observed.contains("accept"), is_refused) {
        (true, true) => Seen::Both,
        (true, false) => Seen::Accepted,
        (false, true) => Seen::Refused,
        (false, false) => Seen::None,
    };
    let became =
        Became { verdict, is_finding: result.outcome.is_some_and(OutcomeName::is_finding) };
    match lanes.iter_mut().find(|lane| lane.name == name) {
        Some(lane) => lane.shown.push((column, became)),
        None => lanes.push(TokenLane { name, shown: vec![(column, became)] }),
    }
}

/// The middle of a step.
const fn middle(column: usize) -> usize {
    NAMES + column * STEP + STEP / 2
}

fn axis(steps: &[StepResult], height: usize) -> Markup {
    let mut last = None;
    html! {
        @for (column, step) in steps.iter().enumerate() {
            @let x = NAMES + column * STEP;
            line.rule x1=(x) y1="20" x2=(x) y2=(height - 18) {}
            text.t-soft x=(middle(column)) y=(height - 4) text-anchor="middle" { (step.step + 1) }
            @if last != Some(step.at_s) {
                text x=(x + 3) y="14" { (number(step.at_s)) " s" }
            }
            @let () = last = Some(step.at_s);
        }
        text.t-soft x="0" y="14" { "time" }
        text.t-soft x="0" y=(height - 4) { "step" }
    }
}

fn published(lane: &Published, y: usize, columns: usize) -> Markup {
    let end = |at: usize| lane.serves.get(at + 1).map_or(columns, |(column, _)| *column);
    html! {
        text x="0" y=(y + 20) { (lane.name) }
        @for (at, (column, what)) in lane.serves.iter().enumerate() {
            @let width = end(at).saturating_sub(*column) * STEP;
            @if width > 0 {
                @let x = NAMES + column * STEP;
                rect.band x=(x) y=(y + 6) width=(width) height="20" {}
                text x=(x + 4) y=(y + 20) { (clipped(what, width / LETTER)) }
            }
        }
        @for (from, to, what) in &lane.faults {
            @let width = to.saturating_sub(*from) * STEP;
            @if width > 0 {
                @let x = NAMES + from * STEP;
                rect.fault x=(x) y=(y + 6) width=(width) height="20" {}
                text x=(x + 4) y=(y + 20) { (clipped(&format!("fault: {what}"), width / LETTER)) }
            }
        }
    }
}

fn tokens(lane: &TokenLane, y: usize, columns: usize) -> Markup {
    let line = y + LANE / 2;
    html! {
        text x="0" y=(line + 4) { (clipped(&lane.name, NAMES / LETTER)) }
        line.rule x1=(NAMES) y1=(line) x2=(NAMES + columns * STEP) y2=(line) {}
        @for (column, became) in &lane.shown {
            @let x = middle(*column);
            @if became.is_finding { circle.m-ring cx=(x) cy=(line) r="11" {} }
            @match became.verdict {
                Seen::Accepted => circle.m-ok cx=(x) cy=(line) r="5.5" {},
                Seen::Refused => circle.m-no cx=(x) cy=(line) r="5" {},
                Seen::Both => {
                    circle.m-ok cx=(x - 5) cy=(line) r="4.5" {}
                    circle.m-no cx=(x + 6) cy=(line) r="4" {}
                },
                Seen::None => text.t-bad x=(x) y=(line + 4) text-anchor="middle" { "×" },
            }
        }
    }
}

/// How many requests each step caused, and how many there may have been where they were counted.
fn requests(case: &Case, steps: &[StepResult], y: usize) -> Markup {
    let most = steps.iter().map(|step| step.requests).max().unwrap_or_default().max(1);
    let base = y + 44;
    html! {
        text x="0" y=(base - 4) { "requests" }
        line.axis x1=(NAMES) y1=(base) x2=(NAMES + steps.len() * STEP) y2=(base) {}
        @for (column, step) in steps.iter().enumerate() {
            @let x = NAMES + column * STEP;
            @if step.requests > 0 {
                @let height = (step.requests * 26 / most).max(2);
                @let top = base.saturating_sub(usize::try_from(height).unwrap_or(26));
                rect.bar x=(x + 18) y=(top) width="22" height=(height) {}
                text x=(middle(column)) y=(top - 3) text-anchor="middle" { (number(step.requests)) }
            }
            @if is_counted(case, step) {
                @let is_over = step.outcome.is_some_and(OutcomeName::is_finding);
                text class=[is_over.then_some("t-bad")] x=(middle(column)) y=(base - 4) text-anchor="middle" {
                    @if is_over { "over" } @else { "in bounds" }
                }
            }
        }
    }
}

/// Whether requests were counted at this step.
fn is_counted(case: &Case, step: &StepResult) -> bool {
    matches!(case.timeline.0.get(step.step), Some(Step::ExpectFetches { .. }))
}
