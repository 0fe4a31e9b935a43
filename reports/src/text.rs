//! Texts that come from outside, made harmless for whatever they are put into.
//!
//! Nothing is dropped, since it may be the evidence: what would act on a terminal, turn a line around, or could
//! not stand in a document at all is written as an escape.

/// A text in which everything can be seen: controls, direction marks, white space but the plain blank, and what
/// no XML document may hold, stand as escapes.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        let acts = c.is_control()
            || (c.is_whitespace() && c != ' ')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{61c}' | '\u{ad}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
                | '\u{fffe}' | '\u{ffff}');
        if acts {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
        shown
    })
}

/// As [`visible`], cut behind `bound` octets, with the length where something was cut.
#[must_use]
pub fn visible_to(text: &str, bound: usize) -> String {
    match (0..=bound.min(text.len())).rev().find_map(|at| text.get(..at)) {
        Some(kept) if kept.len() < text.len() => {
            format!("{}… ({} octets in all)", visible(kept), text.len())
        }
        Some(_) | None => visible(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_escaped_and_nothing_is_lost() {
        assert_eq!(
            visible("a\u{1b}[31m\u{202e}b\u{a0}ü\0\u{ffff}"),
            r"a\u{1b}[31m\u{202e}b\u{a0}ü\u{0}\u{ffff}"
        );
        assert_eq!(visible("<script>]]>"), "<script>]]>", "that is for the format to escape");
    }

    #[test]
    fn a_long_text_is_cut_on_the_boundary_of_a_character() {
        assert_eq!(visible_to("üü", 3), "ü… (4 octets in all)");
        assert_eq!(visible_to("üü", 4), "üü");
    }
}
