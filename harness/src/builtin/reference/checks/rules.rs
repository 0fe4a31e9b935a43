//! Which checks are in force, and what a check says when it fails.

use std::borrow::Cow;

use super::{CHECKS, Check, Kind};
use crate::builtin::reference::json::Twice;

/// Which checks are in force.
///
/// A set of bits that is only looked at where a check has failed, so that it costs nothing on the
/// way to an acceptance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Rules {
    off: u128,
    twice: Twice,
}

const _: () = assert!(CHECKS.len() <= u128::BITS as usize, "one bit for each check");

impl Rules {
    /// Every check, as the reference has them.
    pub const STRICT: Self = Self { off: 0, twice: Twice::First };

    /// The same without this check. [`Kind::Structural`] checks stay.
    #[must_use]
    pub const fn without(self, check: Check) -> Self {
        Self { off: self.off | 1 << check as u32, twice: self.twice }
    }

    /// The same, keeping the last of two members of one name where their check is switched off: the one
    /// alternative to refusing them that RFC 7515 §4, RFC 7517 §4 and RFC 7519 §4 leave.
    #[must_use]
    pub const fn keeping_the_last(self) -> Self {
        Self { off: self.off, twice: Twice::Last }
    }

    /// Which of two members of one name is kept.
    pub(in super::super) const fn twice(self) -> Twice {
        self.twice
    }

    /// Whether the check is in force.
    #[must_use]
    pub const fn enforce(self, check: Check) -> bool {
        self.off & 1 << check as u32 == 0 || matches!(check.kind(), Kind::Structural)
    }

    /// Refuses because of this check, if it is in force.
    ///
    /// # Errors
    /// [`Refused`], if it is.
    #[cold]
    pub(in super::super) fn refuse(
        self,
        check: Check,
        detail: impl Into<Cow<'static, str>>,
    ) -> Result<(), Refused> {
        if self.enforce(check) { Err(Refused::by(check, detail)) } else { Ok(()) }
    }
}

/// A refusal: the check and what it saw, never a key or a whole token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{check}: {detail}")]
pub(in super::super) struct Refused {
    /// The check that failed.
    pub(in super::super) check: Check,
    detail: Cow<'static, str>,
}

impl Refused {
    /// A refusal where there is nothing to go on with.
    #[cold]
    pub(in super::super) fn by(check: Check, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { check, detail: detail.into() }
    }
}

/// The beginning of a text from a token or a key, escaped, for a refusal.
///
/// Bounded, because a `kid` of 64 KiB would otherwise be in every log.
pub(in super::super) fn quote(text: &str) -> String {
    const SHOWN: usize = 48;
    let shown: String = text.chars().take(SHOWN).collect();
    if shown.len() == text.len() {
        format!("{text:?}")
    } else {
        format!("{shown:?}… ({} octets)", text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_check_no_longer_refuses_and_its_neighbours_do() {
        let rules = Rules::STRICT.without(Check::ExpPassed);
        assert!(rules.refuse(Check::ExpPassed, "late").is_ok());
        assert!(rules.refuse(Check::NbfAhead, "early").is_err());
        assert!(Rules::STRICT.refuse(Check::ExpPassed, "late").is_err());
    }

    #[test]
    fn a_structural_check_cannot_be_removed() {
        assert!(Rules::STRICT.without(Check::HeaderJson).enforce(Check::HeaderJson));
    }

    #[test]
    fn quotes_are_bounded_and_escaped() {
        assert_eq!(quote("a\u{1b}b"), "\"a\\u{1b}b\"");
        assert!(quote(&"k".repeat(65_536)).len() < 100);
    }
}
