//! A summary in Markdown, for the page that a build server shows after a step.
//!
//! Such a page takes one mebibyte and throws away a longer one as a whole; so findings are told until the room is
//! used up, most dangerous first, and then counted.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use crate::{
    compliance::{Assessment, State, assess},
    finding::{Finding, Standing, findings},
    record::Record,
    table::{Table, cell_text},
    text::visible_to,
    writer::Writer,
};

pub(crate) const WRITER: Writer = Writer {
    name: "markdown",
    file_name: "summary.md",
    purpose: "a summary in Markdown for the page of a build step, below 1 MiB",
    write,
};

/// How much the findings may take, in octets; tables stand beside them.
const FINDINGS: usize = 512 * 1024;
/// How much the table of controls may take.
const CONTROLS: usize = 256 * 1024;
/// How much of one text from outside is shown.
const BOUND: usize = 300;

fn write(record: &Record, to: &mut dyn Write) -> io::Result<()> {
    let mut text = String::from("## JWT verifier conformance\n\n");
    about(&mut text, record);
    counts(&mut text, record);
    told(&mut text, &findings(record));
    controls(&mut text, record)?;
    to.write_all(text.as_bytes())
}

/// Text from outside: whatever Markdown or HTML could read as markup is escaped, and so is what would become a link or
/// call somebody by name.
fn plain(text: &str) -> String {
    let shown = visible_to(text, BOUND);
    let mut escaped = String::with_capacity(shown.len());
    let mut letters = shown.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"),
            ':' if letters.peek() == Some(&'/') => escaped.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text as code: in HTML, since a fence can be closed from within.
fn code(text: &str) -> String {
    format!("<code>{}</code>", plain(text))
}

// Writing to a String cannot fail, and so its results are dropped throughout.

fn about(text: &mut String, record: &Record) {
    for entry in &record.verifiers {
        let _ = writeln!(
            text,
            "- {}: {} {} ({})",
            code(&entry.id),
            plain(&entry.name),
            plain(&entry.version),
            plain(&entry.language)
        );
        for warning in &entry.warnings {
            let _ = writeln!(text, "  - **warning:** {}", plain(warning));
        }
        if let Some(trouble) = &entry.trouble {
            let _ = writeln!(text, "  - **could not be driven:** {}", plain(trouble));
        }
    }
    let (selected, of) = (record.selected().len(), record.catalogue.cases());
    let _ = writeln!(
        text,
        "\n{} of {of} cases of catalogue {} ({}), profile {}, seed {}, {}",
        selected,
        plain(&record.catalogue.version),
        code(&record.catalogue.digest),
        plain(&record.profile),
        record.seed,
        plain(&record.started)
    );
    if record.is_partial() {
        let why = if record.complete { "not every case was selected" } else { "it did not end" };
        let _ = writeln!(
            text,
            "\n> **A partial run:** {why}. What it does not show, it does not tell."
        );
    }
}

fn counts(text: &mut String, record: &Record) {
    let table = Table::of(record);
    let _ = write!(text, "\n| family |");
    for id in &table.verifiers {
        let _ = write!(text, " {} |", code(id));
    }
    let _ = write!(text, "\n| --- |{}\n", " --- |".repeat(table.verifiers.len()));
    let rows = table.rows.iter().map(|(family, cells)| (plain(family), cells));
    for (family, cells) in rows.chain(std::iter::once(("**all**".to_owned(), &table.totals))) {
        let _ = write!(text, "| {family} |");
        for cell in cells {
            let _ = write!(text, " {} |", cell_text(cell));
        }
        text.push('\n');
    }
}

fn told(text: &mut String, findings: &[Finding<'_>]) {
    if findings.is_empty() {
        text.push_str("\nNo finding. That is no proof that there is nothing to find.\n");
        return;
    }
    let of = |standing| findings.iter().filter(|finding| finding.standing == standing).count();
    let by_standing: Vec<String> = Standing::ALL
        .iter()
        .filter(|standing| of(**standing) > 0)
        .map(|standing| format!("{} {standing}", of(*standing)))
        .collect();
    let _ = writeln!(text, "\n### Findings: {}\n", by_standing.join(", "));
    for standing in Standing::ALL.iter().filter(|standing| of(**standing) > 0) {
        let _ = writeln!(text, "- {standing}: {}", standing.meaning());
    }
    let _ =
        writeln!(text, "\n| severity | weighs as | verifier | it | a conforming verifier | case |");
    let _ = writeln!(text, "| --- | --- | --- | --- | --- | --- |");
    let begin = text.len();
    for (at, finding) in findings.iter().enumerate() {
        let _ = writeln!(
            text,
            "| {} | {}{} | {} | {} | {} | {} |",
            finding.result.severity(),
            finding.standing,
            marks(finding),
            code(&finding.verifier.id),
            finding.seen(),
            plain(finding.title()),
            code(&finding.result.case)
        );
        if text.len() - begin > FINDINGS {
            let _ = writeln!(text, "\n… and {} more in the record.", findings.len() - at - 1);
            break;
        }
    }
    if let Some(first) = findings.first() {
        let _ = writeln!(text, "\nSee one byte by byte: {}", code(&first.replay()));
    }
}

/// What else has to be known of a finding before it is believed.
fn marks(finding: &Finding<'_>) -> String {
    let result = finding.result;
    [
        (result.known, ", known"),
        (result.flaky, ", flaky"),
        (result.order_dependent, ", depends on the order"),
    ]
    .into_iter()
    .filter_map(|(is_so, mark)| is_so.then_some(mark))
    .collect()
}

fn controls(text: &mut String, record: &Record) -> io::Result<()> {
    let book = record.book()?;
    let assessments = assess(record, &book);
    let _ = writeln!(text, "\n<details><summary>Controls</summary>\n");
    let _ = writeln!(
        text,
        "A failed case can contradict a control; passed ones never show that it is met. What was not evidenced is \
         left out.\n"
    );
    let _ = write!(text, "| control |");
    for entry in &record.verifiers {
        let _ = write!(text, " {} |", code(&entry.id));
    }
    let _ = write!(text, "\n| --- |{}\n", " --- |".repeat(record.verifiers.len()));
    let begin = text.len();
    for Assessment { framework, controls } in &assessments {
        for assessed in controls {
            if assessed.states().all(|state| state == State::NotEvidenced) {
                continue;
            }
            if text.len() - begin > CONTROLS {
                let _ = writeln!(text, "\n… and more in the other reports.");
                text.push_str("\n</details>\n");
                return Ok(());
            }
            let (id, title) = (plain(&assessed.control.id), plain(&assessed.control.title));
            let _ = write!(text, "| {} {id} {title} |", plain(&framework.id));
            for state in assessed.states() {
                let _ = write!(text, " {state} |");
            }
            text.push('\n');
        }
    }
    text.push_str("\n</details>\n");
    Ok(())
}
