//! `gauntlet explain CASE`.

mod drawn;

use std::{fmt::Write as _, io::Write};

use anyhow::{Context, anyhow};
use gauntlet_reports::{
    exhibit::{
        Bounds, compared, policy, readable,
        token::{Exhibit, Token},
    },
    text::visible,
};
use gauntlet_vectors::{
    Case, CaseId, Catalogue, Env, Policy, Presented, Profile,
    case::{Behaviour, Belief},
    file::VectorFile,
    precedents::{Precedent, precedents_for},
    timeline::{MAIN, Presentation, Spans},
    verdict::Mode,
};

use super::{
    Failure,
    console::Palette,
    options::{self, ProfileChoice},
    timeline as time,
};
use crate::runner::{
    execute::permitted_words,
    exit::Exit,
    prepare::{Prepared, PreparedStep, Shown, prepare},
    words,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The case's id
    case: String,
    /// How to print; json is a file that --vectors plays
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    profile: ProfileChoice,
    /// Look the case up in this file in place of the catalogue
    #[arg(long, value_name = "FILE")]
    vectors: Vec<std::path::PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let profile = args.profile.find()?;
    let (catalogue, _) = options::catalogue(profile, &args.vectors)?;
    let case = find(&catalogue, &args.case)?;
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Json => {
            // The twin that a file's case names is looked up in the catalogue as it is without a profile.
            let twin = catalogue.twin(case).filter(|_| !profile.is_core());
            let file = VectorFile::of(twin.into_iter().chain([case]).cloned().collect());
            serde_json::to_writer_pretty(&mut out, &file).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Text => {
            let text = text(profile, &catalogue, case).map_err(Failure::usage)?;
            out.write_all(text.as_bytes())?;
        }
    }
    Ok(Exit::Clean)
}

/// The case of this id; where there is none, the error names what is near.
pub(super) fn find<'a>(catalogue: &'a Catalogue, id: &str) -> Result<&'a Case, Failure> {
    let found = id.parse::<CaseId>().ok().and_then(|id| catalogue.find(&id));
    found.ok_or_else(|| {
        let mut near: Vec<(f64, &str)> = catalogue
            .cases()
            .iter()
            .map(|case| (strsim::jaro_winkler(id, case.id.as_str()), case.id.as_str()))
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let near: Vec<&str> = near.iter().take(3).map(|(_, id)| *id).collect();
        Failure::nothing(anyhow!("there is no case `{id}`; near it are {}", near.join(", ")))
    })
}

fn text(profile: &Profile, catalogue: &Catalogue, case: &Case) -> anyhow::Result<String> {
    let mut text = String::new();
    if !profile.is_core() {
        let head = Palette::HEAD;
        let _ = writeln!(text, "{head}{:13}{head:#}{} ({})", "profile", profile.id, profile.title);
    }
    heading(&mut text, case);
    let own = made(case)?;
    let twin = catalogue.twin(case).map(made).transpose()?;

    let (head, dim) = (Palette::HEAD, Palette::DIM);
    let _ = writeln!(
        text,
        "\n{head}Policy{head:#} {dim}(clock {}; JSON key documents are sent as texts){dim:#}",
        own.now
    );
    policies(&mut text, &own.policy, twin.as_ref().map(|twin| &twin.policy));
    let twin = catalogue.twin(case).zip(twin);
    let twin_made = twin.as_ref().map(|(case, made)| (*case, made));
    if case.is_served() {
        text.push_str(&time::of_case(case, &own));
        each_token(&mut text, case, &own, twin_made);
    } else {
        timeline(&mut text, case, &own, twin_made);
    }
    if twin.is_some() {
        let _ = writeln!(
            text,
            "\n{dim}- stands in the twin alone, + in this case alone; without a mark: in both{dim:#}"
        );
    }
    Ok(text)
}

/// What the case is about, in words.
fn heading(text: &mut String, case: &Case) {
    let head = Palette::HEAD;
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{head}{name:13}{head:#}{}", visible(value));
        }
    };
    line("case", case.id.as_str());
    line("title", &case.title);
    line("level", &format!("{} ({}), severity {}", case.level, case.basis, case.severity));
    line("category", case.category.word());
    line("decided by", case.part.word());
    line("clauses", &list(&case.clauses));
    line("cwe", &list(&case.cwe));
    line("needs", &needs(case));
    line("twin", case.twin.as_ref().map_or("", CaseId::as_str));
    line("since", case.since.word());
    for Precedent { id, product, ecosystem, what, .. } in precedents_for(&case.id) {
        line("known from", &format!("{id} ({product}, {ecosystem}): {what}"));
    }
    if let Some(source) = &case.source {
        line("source", &source.document);
        line("label", &format!("{} (the publisher's)", source.label));
        line("ours differs", source.differs_because.as_deref().unwrap_or_default());
        line("note", source.note.as_deref().unwrap_or_default());
    }
    let permitted = case.permitted().map(permitted_words).unwrap_or_default().join(" or ");
    match case.timeline.0.as_slice() {
        [_] => line("permitted", &permitted),
        steps => {
            line("steps", &format!("{}; permitted in the last verdict: {permitted}", steps.len()))
        }
    }
    let _ = writeln!(text);
    for (name, part) in [
        ("Rule", &case.story.rule),
        ("Attack", &case.story.attack),
        ("Consequence", &case.story.consequence),
        ("Remedy", &case.story.remedy),
    ] {
        let _ = writeln!(text, "{head}{name}{head:#}\n  {}", visible(part));
    }
}

fn made(case: &Case) -> anyhow::Result<Prepared> {
    prepare(case, &Env::fixed()).with_context(|| format!("cannot make the tokens of `{}`", case.id))
}

/// The twin, and its bytes.
type Twin<'a> = (&'a Case, &'a Prepared);

/// The tokens of a case whose steps were drawn, each once.
fn each_token(text: &mut String, case: &Case, own: &Prepared, twin: Option<Twin<'_>>) {
    let (head, dim) = (Palette::HEAD, Palette::DIM);
    let mut seen: Vec<&Presented> = Vec::new();
    for (presentation, shown) in case.timeline.presentations().zip(tokens(own)) {
        let presented = &shown.forged.presented;
        if seen.contains(&presented) {
            continue;
        }
        seen.push(presented);
        let octets = presented.token.len();
        let _ = writeln!(
            text,
            "\n{head}{}{head:#} {dim}({octets} octets){dim:#}",
            visible(&shown.label)
        );
        let beside =
            twin.and_then(|(case, made)| case.timeline.presentations().zip(tokens(made)).next());
        token(text, (presentation, shown), beside);
    }
}

/// Every step in its order.
fn timeline(text: &mut String, case: &Case, own: &Prepared, twin: Option<Twin<'_>>) {
    let (head, dim) = (Palette::HEAD, Palette::DIM);
    let count = own.steps.len();
    let mut now = own.now;
    let mut presentations = case.timeline.presentations();
    let mut earlier: Vec<(usize, &Shown)> = Vec::new();
    for (at, step) in own.steps.iter().enumerate() {
        let number = at + 1;
        let name = |what: &str| {
            if count == 1 { what.to_owned() } else { format!("Step {number} of {count}: {what}") }
        };
        match step {
            PreparedStep::Verify(shown) => {
                let what = if count == 1 { "Token" } else { "a token is shown" };
                let _ = write!(text, "\n{head}{}{head:#}", name(what));
                let Some(presentation) = presentations.next() else { continue };
                one_token(text, presentation, shown, twin, &mut earlier, number);
            }
            PreparedStep::VerifyAll(all) => {
                let _ = write!(
                    text,
                    "\n{head}{}{head:#}",
                    name(&format!("{} tokens are shown at once", all.len()))
                );
                for shown in all {
                    let Some(presentation) = presentations.next() else { continue };
                    let _ = write!(text, "\n{head}Token{head:#}");
                    one_token(text, presentation, shown, twin, &mut earlier, number);
                }
            }
            // Those of a case with issuers, which is drawn.
            PreparedStep::VerifyEach(_)
            | PreparedStep::Publish { .. }
            | PreparedStep::Fault { .. }
            | PreparedStep::Mend { .. }
            | PreparedStep::Within(..)
            | PreparedStep::ExpectFetches(_)
            | PreparedStep::ExpectPrompt => {
                let what = name(&words::step(step, &Spans::VIRTUAL));
                let _ = writeln!(text, "\n{head}{}{head:#}", visible(&what));
            }
            PreparedStep::Advance(span) => {
                let seconds = span.of(&Spans::VIRTUAL);
                now = now.plus(i64::try_from(seconds).unwrap_or(i64::MAX));
                let what = name("the clock moves on");
                let _ = writeln!(text, "\n{head}{what}{head:#}\n  by {seconds} s, to {now}");
            }
            PreparedStep::Configure { verifier, policy } => {
                let what = name("another verifier is made");
                let verifier = visible(verifier);
                let _ = writeln!(
                    text,
                    "\n{head}{what}{head:#}\n  `{verifier}`, with this policy {dim}(beside the first one's){dim:#}"
                );
                policies(text, policy, Some(&own.policy));
            }
            PreparedStep::ExpectQuiet(origin) => {
                let what = name("nobody was asked");
                let url = Env::fixed().origins.get(*origin).cloned().unwrap_or_default();
                let _ = writeln!(
                    text,
                    "\n{head}{what}{head:#}\n  Since the case began nobody has connected to {url}, which here stands for a \
                     server of the harness."
                );
            }
            PreparedStep::ExpectCost(times) => {
                let what = name("the cost is bounded");
                let _ = writeln!(
                    text,
                    "\n{head}{what}{head:#}\n  The last token cost the verifier at most {times} times what the first did."
                );
            }
        }
    }
}

/// A token with what is permitted; one that was shown before is named and not shown again.
fn one_token<'a>(
    text: &mut String,
    presentation: &Presentation,
    shown: &'a Shown,
    twin: Option<Twin<'_>>,
    earlier: &mut Vec<(usize, &'a Shown)>,
    step: usize,
) {
    let (head, dim) = (Palette::HEAD, Palette::DIM);
    let presented = &shown.forged.presented;
    let mode = match presented.mode {
        Mode::Jwt => "jwt",
        Mode::Jws => "jws",
    };
    let to = match shown.verifier.as_str() {
        MAIN => String::new(),
        other => format!(", to `{}`", visible(other)),
    };
    let _ = writeln!(text, " {dim}(mode {mode}, {} octets{to}){dim:#}", presented.token.len());
    let permitted: Vec<String> = shown.permitted.behaviours().iter().map(in_words).collect();
    let _ = writeln!(text, "{head}  Permitted{head:#}\n    {}", permitted.join(", or "));
    let same = earlier.iter().find(|(_, other)| other.forged.presented == *presented);
    if let Some((before, _)) = same {
        let _ = writeln!(text, "    {dim}the token of step {before} once more{dim:#}");
    } else {
        // The twin shows its tokens in the same order, or shows but one.
        let beside = twin.and_then(|(case, made)| {
            let tokens: Vec<_> = case.timeline.presentations().zip(tokens(made)).collect();
            tokens.get(earlier.len()).or_else(|| tokens.last()).copied()
        });
        token(text, (presentation, shown), beside);
    }
    earlier.push((step, shown));
}

fn in_words(behaviour: &Behaviour) -> String {
    match behaviour {
        Behaviour::Refuse => "refuse it".to_owned(),
        Behaviour::Accept(Belief::Signed) => {
            "accept it and believe the payload that was signed".to_owned()
        }
        Behaviour::Accept(Belief::Payload(payload)) => {
            format!(
                "accept it and believe this payload: {}",
                readable::escaped(payload, Bounds::TERMINAL.text)
            )
        }
        Behaviour::Accept(Belief::Claim { name, value }) => {
            format!(
                "accept it and believe that `{}` is {}",
                visible(name),
                visible(&value.to_string())
            )
        }
    }
}

fn tokens(prepared: &Prepared) -> impl Iterator<Item = &Shown> {
    prepared.steps.iter().flat_map(|step| match step {
        PreparedStep::Verify(shown) => std::slice::from_ref(shown),
        // Many of one recipe differ in a number; the first stands for all.
        PreparedStep::VerifyAll(all) if is_many(all) => all.get(..1).unwrap_or_default(),
        PreparedStep::VerifyAll(all) => all.as_slice(),
        PreparedStep::VerifyEach(all) => all.get(..1).unwrap_or_default(),
        PreparedStep::Within(_, shown) => std::slice::from_ref(shown),
        PreparedStep::Advance(_)
        | PreparedStep::Publish { .. }
        | PreparedStep::Fault { .. }
        | PreparedStep::Mend { .. }
        | PreparedStep::ExpectFetches(_)
        | PreparedStep::ExpectPrompt
        | PreparedStep::Configure { .. }
        | PreparedStep::ExpectQuiet(_)
        | PreparedStep::ExpectCost(_) => &[],
    })
}

/// Whether these are of one recipe.
fn is_many(all: &[Shown]) -> bool {
    all.len() > 1
        && all.windows(2).all(|pair| matches!(pair, [one, next] if one.label == next.label))
}

/// A policy, beside another.
fn policies(text: &mut String, own: &Policy, twin: Option<&Policy>) {
    let lines = |of: &Policy| policy::lines(of, &Bounds::TERMINAL);
    let twin = twin.map(lines);
    drawn::lines(text, &compared::lines(&lines(own), twin.as_deref(), &Bounds::TERMINAL));
}

/// A token, beside the twin's.
fn token(text: &mut String, own: (&Presentation, &Shown), twin: Option<(&Presentation, &Shown)>) {
    fn made<'a>((presentation, shown): (&'a Presentation, &'a Shown)) -> Token<'a> {
        Token { recipe: &presentation.token, forged: &shown.forged }
    }
    drawn::token(text, &Exhibit::of(made(own), twin.map(made), &Bounds::TERMINAL));
}

fn needs(case: &Case) -> String {
    let mut words: Vec<String> =
        case.needed_capabilities().iter().map(ToString::to_string).collect();
    let spared = case.needs.spared.iter();
    words.extend(spared.map(|capability| format!("{capability} where it has that")));
    words.extend(case.needs.lacks.iter().map(|capability| format!("no {capability}")));
    words.extend(case.needs.algorithms.iter().map(ToString::to_string));
    words.join(", ")
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
