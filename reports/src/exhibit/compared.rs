//! What differs from the twin, line by line and octet by octet.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::{Bounds, Line, Mark, readable};

/// Beyond how many lines two texts are not compared any more.
const COMPARED: usize = 2000;

/// How many octets stand in a line of a dump.
const ROW: usize = 16;

/// Fewer lines than this are not left out: the remark on it would take as much.
const WORTH_IT: usize = 3;

/// These lines, with those marked in which they differ from the twin's.
#[must_use]
pub fn lines(own: &[String], twin: Option<&[String]>, bounds: &Bounds) -> Vec<Line> {
    let twin = twin.filter(|twin| twin.len().max(own.len()) <= COMPARED);
    let changes = match twin {
        Some(twin) => changes(twin, own),
        None => own.iter().map(|line| (Mark::Same, line.as_str())).collect(),
    };
    let mut lines: Vec<Line> = changes
        .iter()
        .take(bounds.lines)
        .map(|(mark, line)| Line::new(*mark, readable::abridged(line, bounds.line)))
        .collect();
    if let Some(more @ 1..) = changes.len().checked_sub(bounds.lines) {
        lines.push(Line::new(Mark::Note, format!("… and {more} lines more")));
    }
    lines
}

fn changes<'a>(twin: &'a [String], own: &'a [String]) -> Vec<(Mark, &'a str)> {
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
            ChangeTag::Equal => (Mark::Same, line(own, change.new_index())),
            ChangeTag::Delete => (Mark::Twin, line(twin, change.old_index())),
            ChangeTag::Insert => (Mark::Own, line(own, change.new_index())),
        })
        .collect()
}

/// The same lines without those that stand in both and are further than `context` from a difference.
///
/// Where nothing differs, all of them are kept: they are what there is to see.
#[must_use]
pub fn around_differences(lines: Vec<Line>, context: usize) -> Vec<Line> {
    if !lines.iter().any(Line::differs) {
        return lines;
    }
    let near = |at: usize| {
        let around = at.saturating_sub(context)..=at.saturating_add(context);
        lines
            .iter()
            .enumerate()
            .any(|(other, line)| around.contains(&other) && line.mark != Mark::Same)
    };
    let is_kept: Vec<bool> = (0..lines.len()).map(near).collect();
    let mut kept = Vec::with_capacity(lines.len());
    let mut left_out = Vec::new();
    for (line, is_kept) in lines.into_iter().zip(is_kept) {
        if is_kept {
            leave_out(&mut left_out, &mut kept);
            kept.push(line);
        } else {
            left_out.push(line);
        }
    }
    leave_out(&mut left_out, &mut kept);
    kept
}

fn leave_out(lines: &mut Vec<Line>, kept: &mut Vec<Line>) {
    if lines.len() < WORTH_IT {
        kept.append(lines);
    } else {
        kept.push(Line::new(Mark::Note, format!("… {} lines as in the twin", lines.len())));
        lines.clear();
    }
}

/// The octets around the first in which the two differ; nothing where they are the same.
#[must_use]
pub fn octets(own: &[u8], twin: &[u8], bounds: &Bounds) -> Vec<Line> {
    if own == twin {
        return Vec::new();
    }
    let parting = own.iter().zip(twin).take_while(|(one, other)| one == other).count();
    let mut lines = vec![Line::new(
        Mark::Note,
        format!(
            "octet {parting} is the first that differs; {} octets here, {} in the twin",
            own.len(),
            twin.len()
        ),
    )];
    let start = parting / ROW * ROW;
    for (mark, octets) in [(Mark::Twin, twin), (Mark::Own, own)] {
        let rest = octets.get(start..).unwrap_or_default();
        for (at, row) in rest.chunks(ROW).take(bounds.rows).enumerate() {
            lines.push(Line::new(mark, dumped(start + at * ROW, row)));
        }
        if rest.is_empty() {
            lines.push(Line::new(mark, format!("{start:08x}  (ends here)")));
        }
        if let Some(more @ 1..) = rest.len().checked_sub(ROW * bounds.rows) {
            lines.push(Line::new(mark, format!("… and {more} octets more")));
        }
    }
    lines
}

/// A row as `hexdump -C` prints it.
fn dumped(at: usize, row: &[u8]) -> String {
    let digits = row.iter().fold(String::new(), |mut digits, octet| {
        // Writing to a String cannot fail.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn lines_far_from_a_difference_are_counted_and_not_shown() {
        let own = texts(&["{", "a", "b", "c", "d", "x", "}"]);
        let twin = texts(&["{", "a", "b", "c", "d", "y", "}"]);
        let all = lines(&own, Some(&twin), &Bounds::TERMINAL);
        let shown: Vec<String> =
            around_differences(all, 1).into_iter().map(|line| line.text).collect();
        assert_eq!(shown, ["… 4 lines as in the twin", "d", "y", "x", "}"]);
    }

    #[test]
    fn where_nothing_differs_everything_is_kept() {
        let own = texts(&["{", "a", "}"]);
        let all = lines(&own, Some(&own), &Bounds::TERMINAL);
        assert_eq!(around_differences(all.clone(), 0), all);
    }

    #[test]
    fn a_text_that_ends_early_is_told_to_end() {
        let lines = octets(b"abc", b"abcd", &Bounds::TERMINAL);
        assert!(lines.iter().any(|line| line.mark == Mark::Twin && line.text.contains("|abcd|")));
        assert!(octets(b"abc", b"abc", &Bounds::TERMINAL).is_empty());
    }
}
