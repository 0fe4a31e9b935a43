//! Exhibits on a terminal.

use std::fmt::Write as _;

use clap::builder::styling::Style;
use gauntlet_reports::exhibit::{Line, Mark, token::Exhibit};

use super::super::console::Palette;

/// A token, part by part.
pub(super) fn token(text: &mut String, exhibit: &Exhibit) {
    let (head, dim) = (Palette::HEAD, Palette::DIM);
    if exhibit.is_the_twins {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    {dim}octet for octet the twin's token{dim:#}");
    }
    for panel in &exhibit.panels {
        let _ = write!(text, "{head}  {}{head:#}", panel.name);
        if !panel.note.is_empty() {
            let _ = write!(text, " {dim}{}{dim:#}", panel.note);
        }
        text.push('\n');
        lines(text, &panel.lines);
        lines(text, &panel.octets);
    }
}

/// Lines, each with the mark of where it stands.
pub(super) fn lines(text: &mut String, lines: &[Line]) {
    for line in lines {
        let (mark, style) = match line.mark {
            Mark::Same => (" ", Style::new()),
            Mark::Own => ("+", Palette::BAD),
            Mark::Twin => ("-", Palette::GOOD),
            Mark::Note => (" ", Palette::DIM),
        };
        let _ = writeln!(text, "  {style}{mark} {}{style:#}", line.text);
    }
}
