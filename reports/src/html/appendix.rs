//! The appendix: the verifiers as they described themselves, how to read the report, and what its words mean.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{
    chart,
    parts::{name, prose, shown},
};
use crate::{
    finding::Standing,
    record::{ClockName, Record, VerifierEntry},
};

pub(super) fn show(record: &Record) -> Markup {
    html! {
        section id="appendix" aria-labelledby="h-appendix" {
            h2 id="h-appendix" { "Appendix" }
            h3 id="verifiers" { "The verifiers, as they described themselves" }
            @for verifier in &record.verifiers { (one(verifier, record.verifiers.len() <= 2)) }
            (chart::durations(record))
            h3 { "How to read this report" }
            p {
                "Each case puts one question to the verifier: a token, or a series of tokens while an issuer rotates its keys or fails. "
                "What may be answered was written down before, with the clause that says so. A case that demands a refusal has a twin: "
                "an honest token that differs in just the one thing attacked, and that the verifier has to accept. Where it refused "
                "the twin as well, its refusal proves nothing, and the case stays open."
            }
            p {
                "A finding was seen twice, the second time in a process that was shown nothing but findings. Everything is repeatable: with the same seed "
                "the same tokens are made, octet for octet, and the command beside each finding shows every octet sent and received."
            }
            h3 { "Words" }
            dl.gloss {
                @for standing in Standing::ALL {
                    dt { (standing.word()) }
                    dd { (standing.meaning()) }
                }
                @for (word, meaning) in WORDS {
                    dt { (word) }
                    dd { (prose(meaning)) }
                }
            }
        }
    }
}

const WORDS: &[(&str, &str)] = &[
    ("critical", "A forged token is accepted from anyone."),
    (
        "high",
        "A token is accepted that was substituted, has expired or was withdrawn; or a URL is asked that only the token named.",
    ),
    ("medium", "Honest clients are locked out, a process dies, or resources run out."),
    ("low", "A deviation without an attack of its own."),
    ("info", "Worth knowing, and no more."),
    ("twin", "The honest case beside an attack, which has to be accepted."),
    (
        "choice",
        "A specification permits several answers; what was chosen is told and is no finding.",
    ),
    ("skip", "Not asked, because the verifier cannot be asked that; the reason is told."),
    (
        "open",
        "Asked without a result: the twin was refused as well, or the adapter or the harness failed.",
    ),
    (
        "permitted, observed",
        "What the case allows, and what the verifier did: `accept`, `reject`, or no answer.",
    ),
    ("budget", "How many fetches, how much time or memory something may cost."),
    ("leak", "The verifier connected to a server that nothing but the token named."),
    ("adapter, the program", "A small program that lets a library speak the harness's protocol."),
    ("controls: directly", "The control's own text names the behaviour that the cases exercise."),
    (
        "controls: supporting",
        "The cases exercise a precondition or a consequence; the control is wider, or binds another actor.",
    ),
    (
        "profile",
        "A set of demands laid over the catalogue, for those who operate under stricter rules.",
    ),
    (
        "digest",
        "SHA-256 over all cases of the catalogue: two reports with one digest asked the same.",
    ),
];

fn one(verifier: &VerifierEntry, is_open: bool) -> Markup {
    html! {
        details.block open[is_open] {
            summary { h4 { (name(verifier)) } " " span.soft { "asked as " code { (shown(&verifier.id)) } } }
            dl.facts {
                (texts("Language", std::slice::from_ref(&verifier.language)))
                (texts("Features", &verifier.features))
                (texts("Algorithms", &verifier.algorithms))
                (members("Defaults", &verifier.defaults))
                (members("Declares", &verifier.declares))
                (texts("Adapter supplies", &verifier.adapter_does))
                dt { "Clock" }
                dd { (clock(verifier.clock)) }
                @if let Some(trouble) = &verifier.trouble {
                    dt { "Trouble" }
                    dd { (shown(trouble)) }
                }
                @if !verifier.warnings.is_empty() {
                    dt { "Warnings" }
                    dd { ul { @for warning in &verifier.warnings { li { (prose(warning)) } } } }
                }
            }
        }
    }
}

const fn clock(clock: ClockName) -> &'static str {
    match clock {
        ClockName::Virtual => "the harness's: it takes the time of each question from it",
        ClockName::Wall => "the machine's; tokens were made around it",
        ClockName::Faketime => "the machine's, moved by libfaketime",
    }
}

fn texts(what: &str, texts: &[String]) -> Markup {
    html! {
        @if !texts.is_empty() {
            dt { (what) }
            dd { @for (at, text) in texts.iter().enumerate() { @if at > 0 { ", " } (shown(text)) } }
        }
    }
}

fn members(what: &str, members: &Map<String, Value>) -> Markup {
    html! {
        @if !members.is_empty() {
            dt { (what) }
            dd {
                @for (at, (name, value)) in members.iter().enumerate() {
                    @if at > 0 { ", " }
                    code { (shown(&format!("{name}: {value}"))) }
                }
            }
        }
    }
}
