//! Exhibits: a token, a policy or a key set made readable, beside the twin's.
//!
//! What an exhibit holds is decided here, once; how it looks is the business of whoever shows it: `explain`
//! draws it on a terminal, the HTML report on a page. Everything in an exhibit has been made visible
//! ([`visible`](crate::text::visible)) and bounded, since tokens are hostile text; escaping for a format comes after.

pub mod compared;
pub mod policy;
pub mod readable;
pub mod token;
pub mod words;

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How many octets of one text, before its middle is left out.
    pub text: usize,
    /// How many octets of one line of a structure.
    pub line: usize,
    /// How many lines of one structure.
    pub lines: usize,
    /// How many rows of each side where two texts differ octet by octet.
    pub rows: usize,
}

impl Bounds {
    /// Those of a terminal, where one case is shown at a time.
    pub const TERMINAL: Self = Self { text: 2048, line: 512, lines: 160, rows: 3 };
}

/// On which side of a comparison a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// In both, or there was nothing to compare with.
    Same,
    /// In the case's own alone.
    Own,
    /// In the twin's alone.
    Twin,
    /// A remark on the lines around it, which stands in neither.
    Note,
}

/// A line, made visible and bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it stands.
    pub mark: Mark,
    /// What it says.
    pub text: String,
}

impl Line {
    fn new(mark: Mark, text: impl Into<String>) -> Self {
        Self { mark, text: text.into() }
    }

    /// Whether it tells of a difference.
    #[must_use]
    pub const fn differs(&self) -> bool {
        match self.mark {
            Mark::Own | Mark::Twin => true,
            Mark::Same | Mark::Note => false,
        }
    }
}

/// Lines under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// What sort of thing is shown.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// A remark beside the name; mostly empty.
    pub note: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// The octets around the first that differs from the twin's, as a dump; none where none does.
    pub octets: Vec<Line>,
}

/// What sort of thing a panel shows, for those who do not show everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A part of the token, decoded.
    Content,
    /// How it was made beyond what it says.
    Making,
    /// A test key that signed it.
    Key,
    /// A value on the way to the signature, which an implementer compares with his own.
    Intermediate,
    /// The octets that are sent.
    Sent,
}
