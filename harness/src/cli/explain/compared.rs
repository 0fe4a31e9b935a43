//! What differs from the twin, line by line and octet by octet.

use std::fmt::Write as _;

use clap::builder::styling::Style;
use similar::{ChangeTag, TextDiff};

use super::{super::console::Palette, readable};

/// Beyond how many lines two texts are not compared any more.
const COMPARED: usize = 2000;

/// How many lines of one text are shown.
const LINES: usize = 160;

/// How many octets stand in a line of a dump, and how many lines of each side are shown.
const ROW: usize = 16;
const ROWS: usize = 3;

/// These lines, with those marked in which they differ from the twin's.
pub(super) fn lines(text: &mut String, own: &[String], twin: Option<&[String]>) {
    let twin = twin.filter(|twin| twin.len().max(own.len()) <= COMPARED);
    let changes = match twin {
        Some(twin) => changes(twin, own),
        None => own.iter().map(|line| (" ", line.as_str(), Style::new())).collect(),
    };
    for (mark, line, style) in changes.iter().take(LINES) {
        let _ = writeln!(text, "  {style}{mark} {}{style:#}", readable::line(line));
    }
    if let Some(more @ 1..) = changes.len().checked_sub(LINES) {
        let _ = writeln!(text, "    … and {more} lines more");
    }
}

fn changes<'a>(twin: &'a [String], own: &'a [String]) -> Vec<(&'static str, &'a str, Style)> {
    // A comma behind a line says only that another member follows: it is shown, and not compared.
    fn bare(lines: &[String]) -> Vec<&str> {
        lines.iter().map(|line| line.trim_end_matches(',')).collect()
    }
    fn line(lines: &[String], at: Option<usize>) -> &str {
        at.and_then(|at| lines.get(at)).map_or("", String::as_str)
    }
    let (bare_twin, bare_own) = (bare(twin), bare(own));
    TextDiff::from_slices(&bare_twin, &bare_own)
        .iter_all_changes()
        .map(|change| match change.tag() {
            ChangeTag::Equal => (" ", line(own, change.new_index()), Style::new()),
            ChangeTag::Delete => ("-", line(twin, change.old_index()), Palette::GOOD),
            ChangeTag::Insert => ("+", line(own, change.new_index()), Palette::BAD),
        })
        .collect()
}

/// The octets around the first in which the two differ; nothing where they are the same.
pub(super) fn octets(text: &mut String, own: &[u8], twin: &[u8]) {
    if own == twin {
        return;
    }
    let (bad, good, dim) = (Palette::BAD, Palette::GOOD, Palette::DIM);
    let parting = own.iter().zip(twin).take_while(|(one, other)| one == other).count();
    let _ = writeln!(
        text,
        "    {dim}octet {parting} is the first that differs; {} octets here, {} in the twin{dim:#}",
        own.len(),
        twin.len()
    );
    let start = parting / ROW * ROW;
    for (mark, octets, style) in [("-", twin, good), ("+", own, bad)] {
        let rest = octets.get(start..).unwrap_or_default();
        for (at, row) in rest.chunks(ROW).take(ROWS).enumerate() {
            let _ = writeln!(text, "  {style}{mark} {}{style:#}", dumped(start + at * ROW, row));
        }
        if rest.is_empty() {
            let _ = writeln!(text, "  {style}{mark} {start:08x}  (ends here){style:#}");
        }
        if let Some(more @ 1..) = rest.len().checked_sub(ROW * ROWS) {
            let _ = writeln!(text, "  {style}{mark} … and {more} octets more{style:#}");
        }
    }
}

/// A row as `hexdump -C` prints it.
fn dumped(at: usize, row: &[u8]) -> String {
    let digits = row.iter().fold(String::new(), |mut digits, octet| {
        let _ = write!(digits, "{octet:02x} ");
        digits
    });
    let letters: String = row
        .iter()
        .map(
            |octet| {
                if octet.is_ascii_graphic() || *octet == b' ' { char::from(*octet) } else { '.' }
            },
        )
        .collect();
    format!("{at:08x}  {digits:48} |{letters}|")
}
