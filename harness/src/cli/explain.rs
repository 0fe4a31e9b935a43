//! `gauntlet explain CASE`.

use std::{fmt::Write as _, io::Write};

use anyhow::{Context, anyhow};
use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use clap::builder::styling::Style;
use gauntlet_vectors::{
    Case, CaseId, Catalogue, Env, file::VectorFile, forge::Forged, verdict::Mode,
};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::{Failure, console::Palette, options::Select};
use crate::{
    adapter::text::printable_to,
    runner::{
        execute::permitted_words,
        exit::Exit,
        prepare::{Prepared, PreparedStep, Shown, prepare},
    },
};

/// How much of one text is shown, in octets; its length and hash stand for the rest.
const SHOWN: usize = 4096;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The case's id
    case: String,
    /// How to print; json is a file that --vectors plays
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
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
    let (catalogue, _) = Select::of_files(&args.vectors).catalogue()?;
    let case = find(&catalogue, &args.case)?;
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Json => {
            let file = VectorFile::of(vec![case.clone()]);
            serde_json::to_writer_pretty(&mut out, &file).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Text => {
            let text = text(&catalogue, case).map_err(Failure::usage)?;
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

fn text(catalogue: &Catalogue, case: &Case) -> anyhow::Result<String> {
    let (head, dim) = (Palette::HEAD, Palette::DIM);
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{head}{name:12}{head:#}{value}");
        }
    };
    line("case", case.id.as_str());
    line("title", &case.title);
    line("level", &format!("{} ({}), severity {}", case.level, case.basis, case.severity));
    line("category", case.category.word());
    line("clauses", &list(&case.clauses));
    line("cwe", &list(&case.cwe));
    line("needs", &needs(case));
    line("twin", case.twin.as_ref().map_or("", CaseId::as_str));
    line("since", case.since.word());
    if let Some(source) = &case.source {
        line("source", &source.document);
        line("label", &format!("{} (the publisher's)", source.label));
        line("ours differs", source.differs_because.as_deref().unwrap_or_default());
        line("note", source.note.as_deref().unwrap_or_default());
    }
    line("permitted", &case.permitted().map(permitted_words).unwrap_or_default().join(" or "));
    let _ = writeln!(text);
    for (name, part) in [
        ("Rule", &case.story.rule),
        ("Attack", &case.story.attack),
        ("Consequence", &case.story.consequence),
        ("Remedy", &case.story.remedy),
    ] {
        let _ = writeln!(text, "{head}{name}{head:#}\n  {part}");
    }

    let own = made(case)?;
    let twin = catalogue.twin(case).map(made).transpose()?;
    let policy = serde_json::to_string_pretty(&own.policy)?;
    let twin_policy =
        twin.as_ref().map(|twin| serde_json::to_string_pretty(&twin.policy)).transpose()?;
    let _ = writeln!(text, "\n{head}Policy{head:#} {dim}(clock {}){dim:#}", own.now);
    compared(&mut text, &policy, twin_policy.as_deref());
    let beside = twin.as_ref().and_then(|twin| shown(twin).next());
    for token in shown(&own) {
        show(&mut text, token, beside);
    }
    if beside.is_some() {
        let _ = writeln!(
            text,
            "\n{dim}- stands in the twin alone, + in this case alone; without a mark: in both{dim:#}"
        );
    }
    Ok(text)
}

fn made(case: &Case) -> anyhow::Result<Prepared> {
    prepare(case, &Env::fixed()).with_context(|| format!("cannot make the tokens of `{}`", case.id))
}

fn shown(prepared: &Prepared) -> impl Iterator<Item = &Shown> {
    prepared.steps.iter().flat_map(|step| match step {
        PreparedStep::Verify(shown) => std::slice::from_ref(shown),
        PreparedStep::VerifyAll(all) => all.as_slice(),
        PreparedStep::Advance(_) | PreparedStep::Configure { .. } => &[],
    })
}

fn show(text: &mut String, token: &Shown, twin: Option<&Shown>) {
    let (head, dim) = (Palette::HEAD, Palette::DIM);
    let forged = &token.forged;
    let mode = match forged.presented.mode {
        Mode::Jwt => "jwt",
        Mode::Jws => "jws",
    };
    let _ = writeln!(
        text,
        "\n{head}Token{head:#} {dim}(mode {mode}, {} octets){dim:#}",
        forged.presented.token.len()
    );
    let part = |text: &mut String, name: &str, of: &dyn Fn(&Forged) -> Option<Vec<u8>>| {
        let Some(octets) = of(forged) else { return };
        let _ = writeln!(text, "{head}  {name}{head:#}");
        let beside = twin.and_then(|twin| of(&twin.forged)).map(|octets| readable(&octets));
        compared(text, &readable(&octets), beside.as_deref());
    };
    part(text, "Protected header", &|forged| forged.protected.clone());
    part(text, "Payload", &|forged| forged.payload.clone());
    if let Some(payload) = &forged.presented.detached_payload {
        let _ = writeln!(
            text,
            "{head}  Detached{head:#}\n    {} octets travel beside the token",
            payload.len()
        );
    }
    let input =
        forged.signing_input.clone().or_else(|| compact_signing_input(&forged.presented.token));
    if let Some(input) = input {
        let _ = writeln!(
            text,
            "{head}  Signing input{head:#}\n    {}",
            printable_to(&String::from_utf8_lossy(&input), SHOWN)
        );
        for (name, algorithm) in [("SHA-256", &SHA256), ("SHA-384", &SHA384), ("SHA-512", &SHA512)]
        {
            if uses(forged, name) {
                let hash = digest::digest(algorithm, &input);
                let _ = writeln!(text, "{head}  Its {name}{head:#}\n    {}", hex(hash.as_ref()));
            }
        }
    }
    let raw = String::from_utf8_lossy(&forged.presented.token);
    let _ = writeln!(text, "{head}  As sent{head:#}\n    {}", printable_to(&raw, SHOWN));
    let _ = writeln!(
        text,
        "    {dim}SHA-256 {}{dim:#}",
        hex(digest::digest(&SHA256, &forged.presented.token).as_ref())
    );
}

/// Whether the token's algorithm hashes with this; SHA-256 where nothing tells.
fn uses(forged: &Forged, name: &str) -> bool {
    let header: Value = forged
        .protected
        .as_deref()
        .and_then(|octets| serde_json::from_slice(octets).ok())
        .unwrap_or_default();
    let alg = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    if alg.starts_with("Ed") {
        // EdDSA takes the signing input itself.
        return false;
    }
    match (alg.get(alg.len().saturating_sub(3)..), name) {
        (Some("384"), name) => name == "SHA-384",
        (Some("512"), name) => name == "SHA-512",
        // ES256K hashes with SHA-256.
        (_, name) => name == "SHA-256",
    }
}

fn compact_signing_input(token: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(token).ok()?;
    let (input, _) = text.rsplit_once('.')?;
    (input.split('.').count() == 2).then(|| input.as_bytes().to_vec())
}

/// JSON with a member a line, so that a difference is a line; anything else as text, or as octets.
fn readable(octets: &[u8]) -> String {
    match serde_json::from_slice::<Value>(octets) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => {
            let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
            if compactly(&value) == octets {
                pretty
            } else {
                // White space, order or duplicates are part of the case and do not survive reading.
                format!("{pretty}\nletter by letter: {}", escaped(octets))
            }
        }
        Ok(_) | Err(_) => escaped(octets),
    }
}

fn compactly(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn escaped(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) => {
            let visible: String = text.chars().flat_map(visible).collect();
            printable_to(&visible, SHOWN)
        }
        Err(_) => format!("octets {}", printable_to(&hex(octets), SHOWN)),
    }
}

fn visible(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}

/// The lines of a text, with those marked in which it differs from its twin's.
fn compared(text: &mut String, own: &str, twin: Option<&str>) {
    let (bad, good) = (Palette::BAD, Palette::GOOD);
    let Some(twin) = twin else {
        for line in own.lines() {
            let _ = writeln!(text, "    {}", printable_to(line, SHOWN));
        }
        return;
    };
    // A comma behind a line says only that another member follows: it is shown, and not compared.
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (theirs, ours) = (lines(twin), lines(own));
    let bare = |lines: &[String]| {
        lines.iter().map(|line| line.trim_end_matches(',').to_owned()).collect::<Vec<_>>()
    };
    let (bare_theirs, bare_ours) = (bare(&theirs), bare(&ours));
    for change in diff_slices(&bare_theirs, &bare_ours) {
        let (mark, line, style) = match change {
            Change::Both(at) => (" ", ours.get(at), Style::new()),
            Change::Twin(at) => ("-", theirs.get(at), good),
            Change::Own(at) => ("+", ours.get(at), bad),
        };
        let line = printable_to(line.map_or("", String::as_str), SHOWN);
        let _ = writeln!(text, "  {style}{mark} {line}{style:#}");
    }
}

/// Where a line stands: in both texts, in the twin's alone, or in the case's own alone.
enum Change {
    Both(usize),
    Twin(usize),
    Own(usize),
}

fn diff_slices(theirs: &[String], ours: &[String]) -> Vec<Change> {
    let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
    let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
    TextDiff::from_slices(&theirs, &ours)
        .iter_all_changes()
        .filter_map(|change| match change.tag() {
            ChangeTag::Equal => change.new_index().map(Change::Both),
            ChangeTag::Delete => change.old_index().map(Change::Twin),
            ChangeTag::Insert => change.new_index().map(Change::Own),
        })
        .collect()
}

fn needs(case: &Case) -> String {
    let mut words: Vec<String> =
        case.needed_capabilities().iter().map(ToString::to_string).collect();
    words.extend(case.needs.lacks.iter().map(|capability| format!("no {capability}")));
    words.extend(case.needs.algorithms.iter().map(ToString::to_string));
    words.join(", ")
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}
