//! Whose time it is: the question's or the machine's.
//!
//! Claims are judged by a date, caches age by a time that only goes forward. Given time is both, so that a
//! test decides how old a key set is; on the machine's own clock they are two, because a date is set back
//! by whoever keeps it and a cache must not grow younger for that.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use gauntlet_vectors::NumericDate;

/// What tells the time to a verifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Clock {
    /// Each question brings its own.
    #[default]
    Given,
    /// The machine.
    Wall,
}

/// The clock of a configured verifier.
#[derive(Debug, Clone, Copy)]
pub(super) enum Watch {
    Given,
    /// Ages are counted from here.
    Wall(Instant),
}

/// The time of a question.
#[derive(Debug, Clone, Copy)]
pub(super) enum Now {
    Given(NumericDate),
    Wall(Instant),
}

/// A point on the line on which caches age, in nanoseconds from any beginning.
///
/// Wide enough for every date and every span that a policy can hold, so that nothing here overflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i128);

impl Clock {
    /// The watch of a verifier that is configured now.
    pub(super) fn start(self) -> Watch {
        match self {
            Self::Given => Watch::Given,
            Self::Wall => Watch::Wall(Instant::now()),
        }
    }
}

impl Watch {
    /// The time of a question that says what time it is.
    pub(super) const fn at(self, given: NumericDate) -> Now {
        match self {
            Self::Given => Now::Given(given),
            Self::Wall(start) => Now::Wall(start),
        }
    }
}

impl Now {
    /// The date, for claims and for header fields that hold one.
    pub(super) fn date(self) -> NumericDate {
        match self {
            Self::Given(date) => date,
            Self::Wall(_) => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "this clock is asked for by name, to see the verifier as it is in production"
                )]
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                NumericDate(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
            }
        }
    }

    /// The moment, for ages; asked again later, the machine's clock has moved on.
    pub(super) fn moment(self) -> Moment {
        match self {
            Self::Given(date) => Moment(i128::from(date.0) * Moment::SECOND),
            Self::Wall(start) => {
                Moment(i128::try_from(start.elapsed().as_nanos()).unwrap_or(i128::MAX))
            }
        }
    }
}

impl Moment {
    const SECOND: i128 = 1_000_000_000;

    /// So many seconds later.
    pub(super) fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(i128::from(seconds) * Self::SECOND))
    }

    /// How many seconds it is later than the other, rounded up; 0 where it is not.
    pub(super) fn seconds_after(self, other: Self) -> u64 {
        let nanoseconds = self.0.saturating_sub(other.0).max(0);
        u64::try_from(nanoseconds.saturating_add(Self::SECOND - 1) / Self::SECOND)
            .unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_time_is_date_and_age_in_one() {
        let at = |seconds| Clock::Given.start().at(NumericDate(seconds));
        assert_eq!(at(7).date(), NumericDate(7));
        assert_eq!(at(7).moment().plus(3), at(10).moment());
        assert_eq!(at(10).moment().seconds_after(at(7).moment()), 3);
        assert_eq!(at(7).moment().seconds_after(at(10).moment()), 0);
        assert!(at(i64::MAX).moment().plus(u64::MAX) > at(i64::MIN).moment());
    }

    #[test]
    fn the_machine_s_time_does_not_go_by_the_question() {
        let watch = Clock::Wall.start();
        let (one, other) = (watch.at(NumericDate(0)), watch.at(NumericDate(i64::MAX)));
        assert!(one.date().0 > 1_700_000_000 && other.date().0 < i64::MAX);
        assert!(one.moment() <= other.moment());
    }
}
