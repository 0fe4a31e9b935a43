//! The report for people: one HTML file that asks for nothing, works without a script, and can be printed.
//!
//! Everything in it that a verifier, an endpoint or a token said is hostile: it is bounded and made visible, and
//! escaped by the templates. Should an escape be missing somewhere all the same, the page's own policy lets no
//! script run but the one whose hash it names, and nothing be fetched.

mod appendix;
mod chart;
mod cover;
mod evidence;
mod findings;
mod frameworks;
mod grouped;
mod kinds;
mod limits;
mod matrix;
mod parts;
mod scenario;
mod summary;
mod timeline;

use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::controls::Book;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use self::{evidence::Evidences, grouped::Group, summary::Tally};
use crate::{
    compliance::{self, Assessment},
    record::Record,
    writer::Writer,
};

pub(crate) const WRITER: Writer = Writer {
    name: "html",
    file_name: "report.html",
    purpose: "one page for people, to read and to print",
    write,
};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// How large the file may become: what can still be sent by mail and be opened on a laptop.
const WHOLE: usize = 9_600_000;

/// The sections, in their order: where each is, and what it is called.
const SECTIONS: &[(&str, &str)] = &[
    ("summary", "Summary"),
    ("findings", "Findings"),
    ("frameworks", "Frameworks and controls"),
    ("matrix", "Matrix"),
    ("limits", "Limits"),
    ("appendix", "Appendix"),
];

fn write(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    // A line for each block, so that a page can be compared with another, and a line found in it.
    let page = page(record)?.0;
    let mut rest = page.as_str();
    while let Some(at) = rest.find("</") {
        let end =
            rest.get(at..).and_then(|tag| tag.find('>')).map_or(rest.len(), |end| at + end + 1);
        let (line, behind) = rest.split_at(end);
        to.write_all(line.as_bytes())?;
        if BLOCKS.iter().any(|block| line.get(at + 2..end - 1) == Some(block)) {
            to.write_all(b"\n")?;
        }
        rest = behind;
    }
    to.write_all(rest.as_bytes())
}

/// Elements behind which a line may end without being seen.
const BLOCKS: &[&str] = &[
    "article", "caption", "dd", "details", "div", "dl", "figure", "h1", "h2", "h3", "h4", "h5",
    "head", "header", "html", "li", "nav", "option", "p", "pre", "script", "search", "section",
    "style", "summary", "table", "thead", "tr", "ul",
];

/// What every section is made of.
struct Page<'a> {
    record: &'a Record,
    book: &'a Book,
    groups: Vec<Group<'a>>,
    assessments: Vec<Assessment<'a>>,
    /// What was found in each verifier, in numbers.
    tallies: Vec<Tally>,
}

fn page(record: &Record) -> io::Result<Markup> {
    let book = record.book()?;
    let page = Page {
        record,
        book: &book,
        groups: grouped::groups(record),
        assessments: compliance::assess(record, &book),
        tallies: Tally::all_of(record),
    };
    // What tells of every case comes first, so that evidence gets what is left.
    let cover = cover::show(&page);
    let summary = summary::show(&page);
    let filter = matrix::filter(&page);
    let frameworks = frameworks::show(&page);
    let matrix = matrix::show(&page);
    let rest = html! { (limits::show(&page)) (appendix::show(record)) };
    let cases = page.groups.iter().map(|group| group.cases().count()).sum::<usize>();
    let bare = findings::show(&page, &mut Evidences::within(cases, 0));
    let taken = [&cover, &summary, &filter, &bare, &frameworks, &matrix, &rest]
        .iter()
        .map(|markup| markup.0.len())
        .sum::<usize>()
        + STYLE.len()
        + SCRIPT.len();
    let mut evidences = Evidences::within(cases, WHOLE.saturating_sub(taken));
    let findings = findings::show(&page, &mut evidences);
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (cover::title(record)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the report" }
                div.frame {
                    nav aria-label="Contents" {
                        ol {
                            @for (id, name) in SECTIONS { li { a href={ "#" (id) } { (name) } } }
                        }
                    }
                    main id="main" {
                        (cover)
                        (summary)
                        (filter)
                        (findings)
                        (frameworks)
                        (matrix)
                        (rest)
                        footer { p { "Made from the record of the run alone; the same record gives the same page." } }
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    })
}

/// The page's own policy: nothing is fetched and nothing runs but what stands in it.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
