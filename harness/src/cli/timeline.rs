//! A case with issuers, drawn: what was published, what was asked, what was fetched, and when.

use std::fmt::Write as _;

use gauntlet_reports::{
    exhibit,
    record::{RequestSeen, StepResult},
};
use gauntlet_vectors::{Case, timeline::Spans};

use super::console::Palette;
use crate::{
    adapter::text::printable,
    runner::{
        execute::Played,
        prepare::{Prepared, PreparedStep},
        words,
    },
};

/// How wide what happens may be before what is permitted moves to a line of its own.
const WIDE: usize = 72;

/// What a case asks for, before anybody was asked.
pub(super) fn of_case(case: &Case, prepared: &Prepared) -> String {
    let mut drawn = Drawn::new(case, prepared);
    let mut at_s = 0;
    for step in &prepared.steps {
        drawn.step(at_s, &words::step(step, &Spans::VIRTUAL), is_asked(step));
        drawn.permitted(&words::permitted(step), None);
        drawn.end();
        if let PreparedStep::Advance(span) | PreparedStep::Within(span, _) = step {
            at_s += span.of(&Spans::VIRTUAL);
        }
    }
    drawn.text
}

/// What happened when it was played.
pub(super) fn of_played(case: &Case, prepared: &Prepared, played: &Played) -> String {
    let mut drawn = Drawn::new(case, prepared);
    if !played.effective.is_empty() {
        let told = serde_json::to_string(&played.effective).unwrap_or_default();
        let dim = Palette::DIM;
        let _ =
            writeln!(drawn.text, "{dim}         the verifier says: {}{dim:#}", printable(&told));
    }
    for step in &played.steps {
        let is_asked = prepared.steps.get(step.step).is_some_and(is_asked);
        drawn.step(step.at_s, &step.what, is_asked);
        drawn.permitted(&step.permitted, Some(step));
        drawn.end();
        let shown = played.requests.iter().filter(|request| request.step == step.step);
        let mut told = 0;
        for request in shown {
            drawn.request(request);
            told += 1;
        }
        if step.requests > told {
            drawn.line(&format!("… and {} more", step.requests - told));
        }
    }
    drawn.text
}

/// Whether something is asked of the verifier in this step.
fn is_asked(step: &PreparedStep) -> bool {
    match step {
        PreparedStep::Verify(_)
        | PreparedStep::VerifyAll(_)
        | PreparedStep::VerifyEach(_)
        | PreparedStep::Within(..) => true,
        PreparedStep::Advance(_)
        | PreparedStep::Configure { .. }
        | PreparedStep::Publish { .. }
        | PreparedStep::Fault { .. }
        | PreparedStep::Mend { .. }
        | PreparedStep::ExpectFetches(_)
        | PreparedStep::ExpectPrompt
        | PreparedStep::ExpectQuiet(_)
        | PreparedStep::ExpectCost(_) => false,
    }
}

struct Drawn {
    text: String,
    /// How much of the line is taken.
    width: usize,
    last_s: Option<u64>,
}

impl Drawn {
    fn new(case: &Case, prepared: &Prepared) -> Self {
        let head = Palette::HEAD;
        let mut drawn = Self { text: String::new(), width: 0, last_s: None };
        let _ = writeln!(drawn.text, "\n{head}Timeline{head:#}");
        for (number, (issuer, serves)) in case.issuers.iter().zip(&prepared.issuers).enumerate() {
            let scheme = issuer.scheme.map(|scheme| format!(" ({})", scheme.word()));
            let what = format!(
                "issuer {number}{} serves {}",
                scheme.unwrap_or_default(),
                exhibit::words::published(serves)
            );
            drawn.step(0, &what, false);
            drawn.end();
        }
        drawn
    }

    fn step(&mut self, at_s: u64, what: &str, is_asked: bool) {
        // Writing to a String cannot fail.
        let _ = if self.last_s == Some(at_s) {
            write!(self.text, "         ")
        } else {
            write!(self.text, "{at_s:>6} s ")
        };
        self.last_s = Some(at_s);
        let mark = if is_asked { "▸" } else { "·" };
        let what = printable(what);
        self.width = what.chars().count();
        let _ = write!(self.text, "{mark} {what}");
    }

    fn permitted(&mut self, permitted: &[String], seen: Option<&StepResult>) {
        let dim = Palette::DIM;
        if permitted.is_empty() {
            return;
        }
        if self.width > WIDE {
            let _ = write!(self.text, "\n           ");
            self.width = 0;
        }
        let fill = WIDE.saturating_sub(self.width);
        let _ = write!(self.text, "{:fill$}  ", "");
        let permitted = permitted.join(" or ");
        let Some(seen) = seen else {
            let _ = write!(self.text, "{permitted}");
            return;
        };
        let style = seen.outcome.map_or(dim, Palette::of);
        let outcome = seen.outcome.map_or("", |outcome| outcome.word());
        let _ = write!(self.text, "{style}{}{style:#}", printable(&seen.observed));
        let _ = write!(self.text, " {dim}({permitted}){dim:#} {style}{outcome}{style:#}");
    }

    fn end(&mut self) {
        self.text.push('\n');
    }

    fn request(&mut self, request: &RequestSeen) {
        let asked = if request.path.is_empty() {
            "a connection without a request".to_owned()
        } else {
            format!("{} {}", request.method, request.path)
        };
        let answer = match (&request.fault, request.status) {
            (Some(fault), _) => format!("{fault}, on purpose"),
            (None, Some(status)) => status.to_string(),
            (None, None) => "no answer".to_owned(),
        };
        let tls = request.tls.as_ref().map(|tls| format!(", {tls}")).unwrap_or_default();
        self.line(&format!(
            "issuer {}: {asked} → {answer}{tls} ({} octets, {} ms)",
            request.issuer, request.sent, request.at_ms
        ));
    }

    fn line(&mut self, what: &str) {
        let dim = Palette::DIM;
        let _ = writeln!(self.text, "             {dim}└ {}{dim:#}", printable(what));
    }
}
