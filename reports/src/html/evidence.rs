//! The evidence of a case: the token decoded beside its twin's, the policy, the key sets that were served, what
//! happened step by step, and what the process left behind.
//!
//! One file has to hold it all, so that what it may take tightens as the matrix grows.

use std::collections::HashMap;

use gauntlet_vectors::{
    Case, Env, NumericDate, Policy,
    case::Clock,
    forge::{self, ForgeError, Published},
    timeline::{Presentation, Step},
    verdict::Mode,
};
use maud::{Markup, html};

use super::{
    grouped::OfCase,
    parts::{count, counted, name, number, prose, shown},
    scenario,
};
use crate::{
    exhibit::{
        Bounds, Kind, Line, Mark, Panel, compared, policy, readable,
        token::{Exhibit, Token},
        words,
    },
    finding::Finding,
    record::{ClockName, Record, VerifierEntry},
};

/// How many different tokens of one case are shown.
const TOKENS: usize = 3;

/// How many lines of a process's standard error are shown, from its end.
const STDERR: usize = 24;

/// What the evidence of a run may take, and what it took.
#[derive(Debug)]
pub(super) struct Evidences {
    bounds: Bounds,
    /// How many lines around a difference are shown.
    context: usize,
    /// How many octets are left.
    left: usize,
    left_out: u64,
}

impl Evidences {
    /// Evidence of so many cases in so many octets.
    pub(super) fn within(cases: usize, octets: usize) -> Self {
        let (bounds, context) = match cases {
            0..=120 => (Bounds { text: 900, line: 220, lines: 60, rows: 2 }, 3),
            121..=400 => (Bounds { text: 480, line: 160, lines: 30, rows: 2 }, 1),
            _ => (Bounds { text: 240, line: 110, lines: 16, rows: 1 }, 0),
        };
        Self { bounds, context, left: octets, left_out: 0 }
    }

    /// How many cases got none.
    pub(super) const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The evidence of a case, or where to see it.
    pub(super) fn of(&mut self, record: &Record, of_case: &OfCase<'_>) -> Markup {
        let Some(case) = of_case.case() else { return Markup::default() };
        if self.left > 0 {
            let markup = self.folded(record, case, of_case);
            if let Some(left) = self.left.checked_sub(markup.0.len()) {
                self.left = left;
                return markup;
            }
        }
        // Smaller evidence that follows is not let in instead: what is less dangerous would stand here, and this not.
        self.left = 0;
        self.left_out += 1;
        html! {
            p.small.soft {
                "The evidence is left out, so that this file stays small enough. " code { "gauntlet explain " (shown(&of_case.worst.result.case)) }
                " shows the token beside its twin's."
            }
        }
    }

    fn folded(&self, record: &Record, case: &Case, of_case: &OfCase<'_>) -> Markup {
        html! {
            details.evidence {
                summary { (title(case)) }
                @match self.shown(record, case, of_case) {
                    Ok(markup) => (markup),
                    Err(error) => p { "The token cannot be made again: failed to " (shown(&error.to_string())) "." },
                }
            }
        }
    }

    fn shown(
        &self,
        record: &Record,
        case: &Case,
        of_case: &OfCase<'_>,
    ) -> Result<Markup, ForgeError> {
        let worst = &of_case.worst;
        let env = env(record, worst.verifier, case);
        let twin = worst.twin();
        let twin_policy = twin.map(|twin| forge::resolve_policy(&twin.policy, &env)).transpose()?;
        let own_policy = forge::resolve_policy(&case.policy, &env)?;
        let policy = self.policy(&own_policy, twin_policy.as_ref());
        let tokens = self.tokens(case, twin, &env)?;
        let published = if case.is_served() { self.published(case, &env)? } else { Vec::new() };
        let played = html! {
            @for finding in of_case.findings.iter().take(2) { (self.played(case, finding, of_case.findings.len() > 1)) }
            @if let Some(more @ 1..) = of_case.findings.len().checked_sub(2) {
                p.small.soft { "What happened with " (counted(count(more), "more verifier", "more verifiers")) " stands in the record." }
            }
        };
        Ok(html! {
            // What happened is what a case with issuers is about, and what was shown what any other is.
            @if case.is_served() { (played) }
            p.small.soft { (reading(case, twin)) }
            div.panels {
                @for (name, lines) in &published { (panel(name, "", lines, false)) }
                (policy)
                (tokens)
            }
            @if !case.is_served() { (played) }
        })
    }

    /// What the verifier was configured with: in a few words, and line by line where the twin's is another.
    fn policy(&self, own: &Policy, twin: Option<&Policy>) -> Markup {
        let lines = |policy| policy::lines(policy, &self.bounds);
        let other = twin.filter(|twin| *twin != own);
        html! {
            div.panel.full {
                h5 { "What the verifier was configured with" @if twin.is_some() && other.is_none() { " " span.soft { "as for the twin" } } }
                dl.meta {
                    @for (name, value) in policy::summary(own) {
                        dt { (name) }
                        dd { (readable::abridged(&value, self.bounds.line)) }
                    }
                }
            }
            @if let Some(twin) = other {
                (panel("The policy, beside the twin's", "", &self.compared(&lines(own), Some(&lines(twin))), true))
            }
        }
    }

    /// The different tokens of a case, each beside the twin's.
    fn tokens(&self, case: &Case, twin: Option<&Case>, env: &Env) -> Result<Markup, ForgeError> {
        let beside: Vec<&Presentation> =
            twin.map(|twin| twin.timeline.presentations().collect()).unwrap_or_default();
        let mut seen: Vec<&Presentation> = Vec::new();
        let mut sections = Vec::new();
        let mut more = 0;
        for (at, presentation) in case.timeline.presentations().enumerate() {
            if seen
                .iter()
                .any(|other| other.token == presentation.token && other.mode == presentation.mode)
            {
                continue;
            }
            seen.push(presentation);
            if sections.len() == TOKENS {
                more += 1;
                continue;
            }
            // The twin shows its tokens in the same order, or shows but one.
            let beside =
                if case.is_served() { beside.first() } else { beside.get(at).or(beside.last()) };
            sections.push(self.token(presentation, beside.copied(), env)?);
        }
        Ok(html! {
            @for section in &sections { (section) }
            @if more > 0 { p.small.soft { "And " (counted(more, "token", "tokens")) " more." } }
        })
    }

    fn token(
        &self,
        own: &Presentation,
        twin: Option<&Presentation>,
        env: &Env,
    ) -> Result<Markup, ForgeError> {
        let made = |of: &Presentation| {
            let beside = of.detached_payload.as_ref().map(|payload| payload.0.as_slice());
            forge::forge(&of.token, of.mode, beside, env)
        };
        let forged = made(own)?;
        let twin_forged = twin.map(made).transpose()?;
        let twin = twin.zip(twin_forged.as_ref());
        let exhibit = Exhibit::of(
            Token { recipe: &own.token, forged: &forged },
            twin.map(|(of, forged)| Token { recipe: &of.token, forged }),
            &self.bounds,
        );
        let mode = match own.mode {
            Mode::Jwt => "a JWT",
            Mode::Jws => "a bare JWS",
        };
        let octets = number(count(forged.presented.token.len()));
        Ok(html! {
            div.panel.full {
                h5 {
                    "What was shown: " (prose(&words::token(&own.token))) " "
                    span.soft { "as " (mode) ", " (octets) " octets" @if exhibit.is_the_twins { "; octet for octet the twin's token" } }
                }
            }
            @for panel in exhibit.panels.into_iter().filter(|panel| is_shown(panel, twin.is_some(), exhibit.is_the_twins)) {
                (self.panel(panel))
            }
        })
    }

    fn panel(&self, of: Panel) -> Markup {
        let (is_wide, name) = match of.kind {
            Kind::Sent => (true, of.name.as_str()),
            Kind::Making => (false, "How it was signed and altered"),
            Kind::Content | Kind::Key | Kind::Intermediate => (false, of.name.as_str()),
        };
        let is_told = of.lines.iter().any(Line::differs);
        let mut lines = compared::around_differences(of.lines, self.context);
        // A dump of octets adds nothing to lines that differ.
        if !is_told {
            lines.extend(of.octets);
        }
        panel(name, &of.note, &lines, is_wide)
    }

    fn compared(&self, own: &[String], twin: Option<&[String]>) -> Vec<Line> {
        // Bounded behind, since what is far from a difference goes first.
        let all = Bounds { lines: usize::MAX, ..self.bounds };
        let mut lines =
            compared::around_differences(compared::lines(own, twin, &all), self.context);
        if let Some(more @ 1..) = lines.len().checked_sub(self.bounds.lines) {
            lines.truncate(self.bounds.lines);
            lines.push(Line { mark: Mark::Note, text: format!("… and {more} lines more") });
        }
        lines
    }

    /// What the issuers served: at first, and what changed at each step.
    fn published(&self, case: &Case, env: &Env) -> Result<Vec<(String, Vec<Line>)>, ForgeError> {
        let mut told = Vec::new();
        let mut serving: HashMap<usize, Published> = HashMap::new();
        for (issuer, recipe) in case.issuers.iter().enumerate() {
            let serves = forge::resolve_publication(&recipe.serves, env)?;
            let lines = self.publication(&serves);
            if !lines.is_empty() {
                told.push((
                    format!("Issuer {issuer} serves at first"),
                    self.compared(&lines, None),
                ));
            }
            serving.insert(issuer, serves);
        }
        for (at, step) in case.timeline.0.iter().enumerate() {
            let Step::Publish { issuer, serves } = step else { continue };
            let before = serving.remove(issuer).unwrap_or_default();
            let new = forge::resolve_publication(serves, env)?;
            // What is absent stays as it is.
            let now = Published {
                keys: new.keys.or_else(|| before.keys.clone()),
                headers: new.headers.or_else(|| before.headers.clone()),
                metadata: new.metadata.or_else(|| before.metadata.clone()),
            };
            told.push((
                format!("Issuer {issuer} from step {} on, beside what it served before", at + 1),
                self.compared(&self.publication(&now), Some(&self.publication(&before))),
            ));
            serving.insert(*issuer, now);
        }
        Ok(told)
    }

    fn publication(&self, serves: &Published) -> Vec<String> {
        let headers =
            serves.headers.iter().flatten().map(|(name, value)| format!("{name}: {value}"));
        let mut lines: Vec<String> = headers.collect();
        for document in [&serves.keys, &serves.metadata].into_iter().flatten() {
            lines.extend(readable::lines(document, &self.bounds));
        }
        lines
    }

    /// What happened with one verifier.
    fn played(&self, case: &Case, finding: &Finding<'_>, is_named: bool) -> Markup {
        let result = finding.result;
        let evidence = result.evidence.as_ref();
        let stderr = evidence.and_then(|evidence| evidence.stderr.as_deref()).unwrap_or_default();
        html! {
            @if is_named && (!result.steps.is_empty() || !stderr.is_empty()) { h5 { (name(finding.verifier)) } }
            @if !result.steps.is_empty() { (scenario::show(case, finding)) }
            @if !stderr.is_empty() {
                div.panel {
                    h5 { "Standard error of its process" }
                    @let lines: Vec<&str> = stderr.lines().collect();
                    @let first = lines.len().saturating_sub(STDERR);
                    pre {
                        @if first > 0 { i { "… " (first) " lines before" } "\n" }
                        @for line in lines.iter().skip(first) { (readable::abridged(line, self.bounds.line)) "\n" }
                    }
                }
            }
        }
    }
}

/// Panels that the page shows: of a token that is the twin's the octets only, of the making what differs, and
/// never what an implementer compares with his own values, which is left to `explain`.
fn is_shown(panel: &Panel, has_twin: bool, is_the_twins: bool) -> bool {
    match panel.kind {
        Kind::Content => !is_the_twins,
        Kind::Making => !has_twin || panel.lines.iter().any(Line::differs),
        Kind::Sent => true,
        Kind::Key | Kind::Intermediate => false,
    }
}

fn title(case: &Case) -> &'static str {
    if case.is_served() {
        "Evidence: the timeline, the requests, the tokens and key sets"
    } else {
        "Evidence: the token beside its twin, and the policy"
    }
}

/// How the marks are read.
fn reading(case: &Case, twin: Option<&Case>) -> Markup {
    html! {
        @match twin {
            Some(twin) if case.is_served() => {
                "A line with + is new beside what it is compared with, a line with − is gone: of a key set what was served "
                "before, of a token that of the twin " code { (shown(twin.id.as_str())) } ". "
            }
            Some(twin) => {
                "Lines with + stand in this case alone, lines with − in its twin " code { (shown(twin.id.as_str())) } " alone, which "
                "has to be accepted and was; lines without a mark stand in both. "
            }
            None if case.twin.is_some() => "The record does not hold its twin. ",
            None => "This case has no twin: it has to be accepted itself, or stands alone. ",
        }
        @if names_servers(case) {
            "The harness's own servers, whose addresses change with each run, stand as addresses that begin with 192.0.2."
        }
    }
}

/// Whether servers of the harness have a part in it.
fn names_servers(case: &Case) -> bool {
    let named = |text: String| text.contains("{origin.") || text.contains("{issuer.");
    case.is_served() || serde_json::to_string(case).is_ok_and(named)
}

fn panel(name: &str, note: &str, lines: &[Line], is_wide: bool) -> Markup {
    // Where nothing is marked there is no column for marks.
    let gap = if lines.iter().any(Line::differs) { "  " } else { "" };
    html! {
        div class=(if is_wide { "panel full" } else { "panel" }) {
            h5 { (name) @if !note.is_empty() { " " span.soft { (note) } } }
            pre {
                @for line in lines {
                    @match line.mark {
                        Mark::Same => { (gap) (line.text) }
                        Mark::Own => ins { "+ " (line.text) }
                        Mark::Twin => del { "− " (line.text) }
                        Mark::Note => i { (gap) (line.text) }
                    }
                    "\n"
                }
            }
        }
    }
}

/// The environment in which the tokens of a case were made for a verifier, but for the addresses of issuers.
fn env(record: &Record, verifier: &VerifierEntry, case: &Case) -> Env {
    let run = record.runs.iter().find(|run| run.verifiers.contains(&verifier.id));
    let now = match (case.clock, verifier.clock) {
        (Clock::At(time), _) => time,
        (Clock::Now, ClockName::Virtual) => NumericDate::VIRTUAL,
        (Clock::Now, ClockName::Wall | ClockName::Faketime) => {
            NumericDate(run.map_or(record.now, |run| run.now))
        }
    };
    Env { seed: record.seed, ..Env::fixed().at(now) }
}
