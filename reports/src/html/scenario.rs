//! What happened in a case of several steps: a drawing of it, the steps, and who asked the issuers for what.

use gauntlet_vectors::Case;
use maud::{Markup, html};

use super::{
    parts::{counted, number, prose, shown},
    timeline,
};
use crate::{
    exhibit::readable,
    finding::Finding,
    record::{OutcomeName, RequestSeen, StepResult},
};

/// How many requests are told one by one.
const TOLD: usize = 12;

/// How many header fields of a request are told, and how much of each.
const FIELDS: usize = 12;
const FIELD: usize = 120;

pub(super) fn show(case: &Case, finding: &Finding<'_>) -> Markup {
    let result = finding.result;
    let requests = result.evidence.as_ref().map(|evidence| evidence.requests.as_slice());
    html! {
        @if case.is_served() { (timeline::show(case, &result.steps)) }
        (steps(&result.steps, case.is_served()))
        @if !result.effective.is_empty() {
            p.small {
                "The verifier says that these options hold: "
                code { (shown(&serde_json::to_string(&result.effective).unwrap_or_default())) }
            }
        }
        @if let Some(requests) = requests.filter(|requests| !requests.is_empty()) { (exchanges(requests, &result.steps)) }
    }
}

fn steps(steps: &[StepResult], is_served: bool) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Steps" {
            table {
                caption { "Steps" }
                thead {
                    tr {
                        th.n scope="col" { "No." }
                        @if is_served { th.n scope="col" { "At" } th scope="col" { "What happens" } }
                        th scope="col" { "Permitted" }
                        th scope="col" { "Observed" }
                        th scope="col" { "Outcome" }
                        @if is_served { th.n scope="col" { "Requests" } }
                    }
                }
                tbody {
                    @for step in steps {
                        tr {
                            td.n { (step.step + 1) }
                            @if is_served {
                                td.n { (number(step.at_s)) " s" }
                                td.what { (prose(&step.what)) }
                            }
                            td { (shown(&step.permitted.join(" or "))) }
                            td { (shown(&step.observed)) }
                            td { (outcome(step.outcome)) }
                            @if is_served { td.n { @if step.requests > 0 { (number(step.requests)) } } }
                        }
                    }
                }
            }
        }
    }
}

fn outcome(outcome: Option<OutcomeName>) -> Markup {
    html! {
        @match outcome {
            None => {}
            Some(outcome) if outcome.is_finding() => strong { "not met" @if outcome != OutcomeName::Fail { " (" (outcome.word()) ")" } }
            Some(OutcomeName::Pass) => "met",
            Some(outcome) => (outcome.word()),
        }
    }
}

/// Requests that differ in nothing but their time and their connection, one after the other.
struct Alike<'a> {
    first: &'a RequestSeen,
    last: &'a RequestSeen,
    count: u64,
}

fn alike(requests: &[RequestSeen]) -> Vec<Alike<'_>> {
    let mut rows: Vec<Alike<'_>> = Vec::new();
    for request in requests {
        match rows.last_mut().filter(|row| is_alike(row.last, request)) {
            Some(row) => {
                row.last = request;
                row.count += 1;
            }
            None => rows.push(Alike { first: request, last: request, count: 1 }),
        }
    }
    rows
}

fn is_alike(one: &RequestSeen, other: &RequestSeen) -> bool {
    let neither = |of: &RequestSeen| RequestSeen { at_ms: 0, connection: 0, ..of.clone() };
    neither(one) == neither(other)
}

fn exchanges(requests: &[RequestSeen], steps: &[StepResult]) -> Markup {
    let rows = alike(requests);
    let all: u64 = steps.iter().map(|step| step.requests).sum();
    let told: u64 = rows.iter().take(TOLD).map(|row| row.count).sum();
    html! {
        div.scroll tabindex="0" role="group" aria-label="HTTP exchanges" {
            table {
                caption { "HTTP exchanges" }
                thead {
                    tr {
                        th.n scope="col" { "Step" }
                        th.n scope="col" { "At" }
                        th scope="col" { "Request" }
                        th scope="col" { "Answer" }
                        th scope="col" { "Header fields of the request" }
                    }
                }
                tbody {
                    @for row in rows.iter().take(TOLD) {
                        @let request = row.first;
                        tr {
                            td.n { (request.step + 1) }
                            td.n { (number(request.at_ms)) @if row.count > 1 { " to " (number(row.last.at_ms)) } " ms" }
                            td {
                                @if row.count > 1 { strong { (number(row.count)) " alike: " } }
                                @if request.path.is_empty() { "a connection to issuer " (request.issuer) " without a request" }
                                @else { code { (shown(&request.method)) " " (shown(&request.path)) } }
                                @if let Some(tls) = &request.tls { br; span.soft { (shown(tls)) } }
                            }
                            td { (answer(request)) }
                            td.small.fields { (fields(request)) }
                        }
                    }
                }
            }
        }
        @if let Some(more @ 1..) = all.checked_sub(told) {
            p.small.soft { "And " (counted(more, "more request", "more requests")) ", of which the record keeps the number." }
        }
    }
}

fn answer(request: &RequestSeen) -> Markup {
    html! {
        @match (&request.fault, request.status) {
            (Some(fault), _) => { (shown(fault)) ", on purpose" }
            (None, Some(status)) => (status),
            (None, None) => "none",
        }
        br;
        span.soft { (counted(request.sent, "octet", "octets")) }
    }
}

fn fields(request: &RequestSeen) -> Markup {
    html! {
        @for (name, value) in request.headers.iter().take(FIELDS) {
            code { (readable::abridged(name, FIELD)) ": " (readable::abridged(value, FIELD)) } br;
        }
        @if let Some(more @ 1..) = request.headers.len().checked_sub(FIELDS) { "… and " (more) " more" }
    }
}
