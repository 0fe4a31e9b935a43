//! Long texts, told in pieces: a token of a mebibyte of one letter is a line and not a mebibyte.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::sha256;

/// From how many octets on a text may be told in pieces.
const LONG: usize = 4096;

/// How many octets a run must save, to be worth a piece of its own.
const WORTH: usize = 256;

/// How many octets must recur before a run is looked for there.
const WINDOW: usize = 16;

/// A text: as it is, or in pieces where it is long and repeats itself.
///
/// Both say the same without loss; a reader puts the pieces together and may check the hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Text {
    /// As it is.
    Plain(String),
    /// In pieces.
    Pieces(Pieces),
}

/// A long text: the pieces, one behind the other, with nothing between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pieces {
    /// The pieces in order.
    pub pieces: Vec<Piece>,
    /// How long the whole is, in octets of UTF-8.
    pub octets: usize,
    /// SHA-256 of the whole, in hexadecimal digits.
    pub sha256: String,
}

/// One piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Piece {
    /// This text.
    Text(String),
    /// A text many times over.
    Run(Run),
}

/// A text many times over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// The text.
    pub text: String,
    /// How many times.
    pub times: usize,
}

impl Text {
    /// A text, in pieces where that is less than half as long.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.len() < LONG {
            return Self::Plain(text.to_owned());
        }
        let pieces = pieces(text);
        let told: usize = pieces.iter().map(Piece::told).sum();
        if told >= text.len() / 2 {
            return Self::Plain(text.to_owned());
        }
        Self::Pieces(Pieces { pieces, octets: text.len(), sha256: sha256(text.as_bytes()) })
    }

    /// Octets as standard base64 with padding.
    #[must_use]
    pub fn base64(octets: &[u8]) -> Self {
        Self::of(&STANDARD.encode(octets))
    }

    /// The whole text.
    #[must_use]
    pub fn whole(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Pieces(pieces) => pieces.pieces.iter().fold(
                String::with_capacity(pieces.octets),
                |mut whole, piece| {
                    match piece {
                        Piece::Text(text) => whole.push_str(text),
                        Piece::Run(run) => whole.push_str(&run.text.repeat(run.times)),
                    }
                    whole
                },
            ),
        }
    }
}

impl Piece {
    /// How long it is as it is told.
    fn told(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Run(run) => run.text.len(),
        }
    }
}

/// The text in runs and in what stands between them.
///
/// A run shows where some octets recur: their distance is the length of the text that repeats. Each
/// octet is looked at a few times at most, so that a mebibyte takes no time to speak of.
fn pieces(text: &str) -> Vec<Piece> {
    let octets = text.as_bytes();
    let mut pieces = Vec::new();
    let mut seen: HashMap<&[u8], usize> = HashMap::new();
    let mut told = 0;
    let mut at = 0;
    // What recurs at this distance was followed up to there, and is no run.
    let mut followed = (0, 0);
    while let Some(window) = octets.get(at..at + WINDOW) {
        let before = seen.insert(window, at).filter(|before| *before >= told);
        let is_known = |start: &usize| at - start == followed.0 && at < followed.1;
        let Some(start) = before.filter(|start| !is_known(start)) else {
            at += 1;
            continue;
        };
        let distance = at - start;
        let same = recurring(octets, start, at);
        let times = 1 + same / distance;
        let run = text.get(start..at).filter(|_| distance * (times - 1) >= WORTH);
        let Some(run) = run else {
            followed = (distance, at + same);
            at += 1;
            continue;
        };
        pieces.extend(between(text, told, start));
        pieces.push(Piece::Run(Run { text: run.to_owned(), times }));
        told = start + distance * times;
        at = told;
    }
    pieces.extend(between(text, told, octets.len()));
    pieces
}

/// How many octets from `second` on are those from `first` on.
fn recurring(octets: &[u8], first: usize, second: usize) -> usize {
    let (first, second) = (octets.get(first..), octets.get(second..));
    let pairs = first.unwrap_or_default().iter().zip(second.unwrap_or_default());
    pairs.take_while(|(one, other)| one == other).count()
}

fn between(text: &str, from: usize, to: usize) -> Option<Piece> {
    // Runs begin and end between characters: see `pieces`.
    let text = text.get(from..to).filter(|text| !text.is_empty())?;
    Some(Piece::Text(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> Vec<Piece> {
        match Text::of(text) {
            Text::Plain(_) => Vec::new(),
            Text::Pieces(pieces) => pieces.pieces,
        }
    }

    fn run(text: &str, times: usize) -> Piece {
        Piece::Run(Run { text: text.to_owned(), times })
    }

    #[test]
    fn short_and_varied_texts_stay_as_they_are() {
        let varied: String = (0..4000).map(|n| n.to_string()).collect();
        for text in [String::new(), "a".repeat(LONG - 1), varied] {
            assert_eq!(Text::of(&text), Text::Plain(text));
        }
    }

    #[test]
    fn runs_of_any_length_are_found() {
        let text = format!("<{}|{}>", "a".repeat(1 << 20), "YWJj".repeat(50_000));
        let Text::Pieces(pieces) = Text::of(&text) else { panic!("it is long") };
        assert_eq!(
            pieces.pieces,
            [
                Piece::Text("<".to_owned()),
                run("a", 1 << 20),
                Piece::Text("|".to_owned()),
                run("YWJj", 50_000),
                Piece::Text(">".to_owned())
            ]
        );
        assert_eq!(pieces.octets, text.len());
        assert_eq!(Text::Pieces(pieces).whole(), text);

        let block: String = (0..900).map(|n| n.to_string()).collect();
        assert_eq!(told(&block.repeat(7)), [run(&block, 7)]);
    }

    #[test]
    fn a_run_is_not_cut_within_a_character() {
        let text = format!("x{}y", "üé".repeat(5000));
        assert_eq!(Text::of(&text).whole(), text);
        assert_eq!(told(&text).len(), 3);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(parts in prop::collection::vec(("[ab€]{1,40}", 1_usize..400), 0..8)) {
            let text: String = parts.iter().map(|(text, times)| text.repeat(*times)).collect();
            prop_assert_eq!(Text::of(&text).whole(), text);
        }
    }
}
