//! What a verifier says is hostile: bounded and made printable before it goes anywhere.

/// The most octets of a verifier's free text that are kept.
pub const BOUND: usize = 4096;

/// A text without terminal escapes, control characters and direction overrides, cut after [`BOUND`]
/// octets. Line breaks and tabs become spaces.
#[must_use]
pub fn printable(text: &str) -> String {
    printable_to(text, BOUND)
}

/// As [`printable`], cut after `bound` octets.
#[must_use]
pub fn printable_to(text: &str, bound: usize) -> String {
    // Cutting first bounds the work; an escape cut in half loses its first character below.
    let raw = cut(text, bound.saturating_mul(2));
    let stripped = anstream::adapter::strip_str(raw).to_string();
    let clean: String = stripped.chars().filter_map(printable_char).collect();
    let kept = cut(&clean, bound);
    if kept.len() < clean.len() || raw.len() < text.len() {
        format!("{kept}… ({} octets in all)", text.len())
    } else {
        clean
    }
}

/// The end of a text, at most `bound` octets of it.
#[must_use]
pub fn tail(text: &str, bound: usize) -> &str {
    let start = text.len().saturating_sub(bound);
    (start..=text.len()).find_map(|at| text.get(at..)).unwrap_or_default()
}

fn cut(text: &str, bound: usize) -> &str {
    (0..=bound.min(text.len())).rev().find_map(|at| text.get(..at)).unwrap_or_default()
}

fn printable_char(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        // Direction overrides and isolates turn a line around in front of the reader's eyes.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => {
            None
        }
        c if c.is_control() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_escapes_controls_and_overrides() {
        assert_eq!(printable("\u{1b}[31mred\u{1b}[0m\u{7}\0 a\r\nb \u{202e}txt"), "red a  b txt");
        assert_eq!(printable("\u{9b}31mx"), printable("31mx"));
    }

    #[test]
    fn bounds_text_on_a_character_boundary() {
        let long = "ü".repeat(BOUND);
        let kept = printable(&long);
        assert!(kept.len() < BOUND + 64, "{}", kept.len());
        assert!(kept.contains("octets in all"));
        assert_eq!(tail("aüb", 2), "b");
        assert_eq!(tail("aüb", 3), "üb");
    }
}
