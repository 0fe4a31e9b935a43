//! Turns what was permitted and what was answered into an outcome.
//!
//! The judge is total: every behaviour meets every answer in a `match` without a wildcard, so that a
//! new answer is a compile error here and not a silent pass. Silence never passes.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    case::{Behaviour, Belief, Level, Permitted},
    verdict::{Believed, Mode, NoAnswer, Verdict},
};

/// What was asked, as far as the judge has to know.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// How strongly.
    pub level: Level,
    /// What may be done.
    pub permitted: &'a Permitted,
    /// Whole JWT or bare JWS: tells what an acceptance hands back.
    pub mode: Mode,
    /// The payload that was signed, where one was.
    pub signed_payload: Option<&'a [u8]>,
    /// What became of the twin.
    pub twin: Twin,
}

/// What became of the case that must be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// The case demands no refusal, so that none is needed.
    NotNeeded,
    /// It was accepted: a refusal means something.
    Accepted,
    /// It was not: a refusal says nothing.
    NotAccepted,
}

/// What the judge makes of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Pass, fail, or why it is neither.
    pub outcome: Outcome,
    /// What a finding means for the verifier's owner.
    pub impact: Option<Impact>,
    /// One sentence for whoever reads the report.
    pub reason: String,
}

/// The outcome of a case for one verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It did what it had to.
    Pass,
    /// A choice, told as information.
    Info,
    /// Not asked; the reason says what was missing.
    Skip,
    /// It refused, but it refuses the honest twin as well.
    Inconclusive,
    /// The adapter or the harness failed, not the verifier.
    Error,
    /// It did what it must not, or not what it must.
    Fail,
    /// It gave no answer in time.
    Hang,
    /// It died, or let an undocumented exception out.
    Crash,
}

/// What a finding means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// Accepted what must be refused, or believed what was not signed.
    Bypass,
    /// Refused what must be accepted.
    Denial,
    /// Wrong under an outage.
    Availability,
    /// Fetches, time, memory.
    Budget,
    /// The process died or an exception got out.
    Crash,
    /// No answer in time.
    Hang,
    /// Asked a URL that the token named, or echoed a key or a token.
    Leak,
}

impl Outcome {
    /// Every outcome, best first: the order in which one result stands worse than another.
    pub const ALL: &'static [Self] = &[
        Self::Pass,
        Self::Info,
        Self::Skip,
        Self::Inconclusive,
        Self::Error,
        Self::Fail,
        Self::Hang,
        Self::Crash,
    ];

    /// The outcome's word in records and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Info => "info",
            Self::Skip => "skip",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
            Self::Fail => "fail",
            Self::Hang => "hang",
            Self::Crash => "crash",
        }
    }

    /// Whether it is a finding against the verifier.
    #[must_use]
    pub const fn is_finding(self) -> bool {
        match self {
            Self::Fail | Self::Hang | Self::Crash => true,
            Self::Pass | Self::Info | Self::Skip | Self::Inconclusive | Self::Error => false,
        }
    }
}

impl Impact {
    /// Every impact.
    pub const ALL: &'static [Self] = &[
        Self::Bypass,
        Self::Denial,
        Self::Availability,
        Self::Budget,
        Self::Crash,
        Self::Hang,
        Self::Leak,
    ];

    /// The impact's word in records and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Denial => "denial",
            Self::Availability => "availability",
            Self::Budget => "budget",
            Self::Crash => "crash",
            Self::Hang => "hang",
            Self::Leak => "leak",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Judges one answer.
#[must_use]
pub fn judge(asked: &Asked<'_>, answer: &Result<Verdict, NoAnswer>) -> Judgement {
    match answer {
        Ok(Verdict::Accept(believed)) => judge_acceptance(asked, believed),
        Ok(Verdict::Reject { error }) => judge_refusal(asked, "refused", error),
        Ok(Verdict::Unavailable { error }) => judge_refusal(asked, "unavailable", error),
        Err(no_answer) => judge_silence(no_answer),
    }
}

fn judge_acceptance(asked: &Asked<'_>, believed: &Believed) -> Judgement {
    let beliefs: Vec<&Belief> = asked
        .permitted
        .behaviours()
        .iter()
        .filter_map(|behaviour| match behaviour {
            Behaviour::Accept(belief) => Some(belief),
            Behaviour::Refuse => None,
        })
        .collect();

    if beliefs.is_empty() {
        // A rule at level MAY is told, never held against anyone.
        return match asked.level {
            Level::Must | Level::Should => {
                finding(Impact::Bypass, "accepted what has to be refused")
            }
            Level::May => information("accepted; refusing is recommended, not required"),
        };
    }

    let mut contradictions = Vec::new();
    for belief in beliefs {
        match contradiction(asked, belief, believed) {
            // Whatever was permitted beside it, this acceptance is one of the permitted behaviours.
            None => {
                return match (asked.permitted.is_acceptance_only(), asked.level) {
                    (true, Level::Must | Level::Should) => Judgement {
                        outcome: Outcome::Pass,
                        impact: None,
                        reason: "accepted, as it has to be".to_owned(),
                    },
                    (true, Level::May) | (false, Level::Must | Level::Should | Level::May) => {
                        information("accepted, which is one of the permitted behaviours")
                    }
                };
            }
            Some(text) => contradictions.push(text),
        }
    }
    finding(Impact::Bypass, &format!("accepted, but {}", contradictions.join(", and ")))
}

fn judge_refusal(asked: &Asked<'_>, how: &str, error: &str) -> Judgement {
    let told = if error.is_empty() { how.to_owned() } else { format!("{how}: {error}") };
    match (asked.permitted.permits_refusal(), asked.permitted.is_refusal_only(), asked.twin) {
        (true, true, Twin::Accepted | Twin::NotNeeded) => {
            Judgement { outcome: Outcome::Pass, impact: None, reason: told }
        }
        (true, true, Twin::NotAccepted) => Judgement {
            outcome: Outcome::Inconclusive,
            impact: None,
            reason: format!("{told}; but the honest twin was not accepted either"),
        },
        (true, false, Twin::Accepted | Twin::NotAccepted | Twin::NotNeeded) => information(&told),
        (false, true | false, Twin::Accepted | Twin::NotAccepted | Twin::NotNeeded) => {
            match asked.level {
                Level::Must | Level::Should => finding(Impact::Denial, &told),
                Level::May => information(&told),
            }
        }
    }
}

fn judge_silence(no_answer: &NoAnswer) -> Judgement {
    let (outcome, impact) = match no_answer {
        NoAnswer::Died { .. } | NoAnswer::Exception { .. } => (Outcome::Crash, Some(Impact::Crash)),
        NoAnswer::Hang { .. } => (Outcome::Hang, Some(Impact::Hang)),
        NoAnswer::Garbage { .. } | NoAnswer::Trouble { .. } => (Outcome::Error, None),
        NoAnswer::Unsupported { .. } => (Outcome::Skip, None),
    };
    Judgement { outcome, impact, reason: no_answer.to_string() }
}

fn finding(impact: Impact, reason: &str) -> Judgement {
    Judgement { outcome: Outcome::Fail, impact: Some(impact), reason: reason.to_owned() }
}

fn information(reason: &str) -> Judgement {
    Judgement { outcome: Outcome::Info, impact: None, reason: reason.to_owned() }
}

/// What in the evidence contradicts a belief; evidence that is absent contradicts nothing.
fn contradiction(asked: &Asked<'_>, belief: &Belief, believed: &Believed) -> Option<String> {
    match belief {
        Belief::Signed => asked
            .signed_payload
            .and_then(|payload| payload_contradiction(asked.mode, payload, believed)),
        Belief::Payload(payload) => payload_contradiction(asked.mode, payload, believed),
        Belief::Claim { name, value } => {
            let seen = match (&believed.claims, &believed.payload) {
                (Some(claims), _) => claims.get(name).cloned(),
                (None, Some(payload)) => {
                    object(payload).and_then(|claims| claims.get(name).cloned())
                }
                (None, None) => return None,
            };
            match seen {
                Some(seen) if seen == *value => None,
                Some(seen) => Some(format!("it believed {name}={seen} where {value} is due")),
                None => Some(format!("it did not see {name}, where {value} is due")),
            }
        }
    }
}

fn payload_contradiction(mode: Mode, signed: &[u8], believed: &Believed) -> Option<String> {
    if let Some(payload) = &believed.payload
        && payload != signed
    {
        return Some(format!(
            "it believed another payload than the one due ({} octets where {} are)",
            payload.len(),
            signed.len()
        ));
    }
    match mode {
        // Claims are what the library made of the payload: it may rename, convert or drop some, so that
        // only the subject is compared, where both sides have one or the signer had none.
        Mode::Jwt => {
            let claims = believed.claims.as_ref()?;
            let signed = object(signed)?;
            match (claims.get("sub"), signed.get("sub")) {
                (Some(seen), Some(due)) if seen != due => {
                    Some(format!("it believed sub={seen} where {due} was signed"))
                }
                (Some(seen), None) if !seen.is_null() => {
                    Some(format!("it believed sub={seen} where no subject was signed"))
                }
                (Some(_) | None, Some(_) | None) => None,
            }
        }
        Mode::Jws => None,
    }
}

fn object(payload: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(payload).ok()
}

#[cfg(test)]
mod tests;
