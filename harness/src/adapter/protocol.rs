//! The messages of the adapter protocol, version 1: JSON Lines on standard input and output.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::{
    NoAnswer, NumericDate, Policy, Presented, Verdict,
    verdict::{Believed, Mode},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::{Effective, text};
use crate::verifier::{Description, Refusal};

/// The version that both sides speak.
pub const VERSION: u32 = 1;

/// The longest reply line that is read, in octets.
pub const LONGEST_REPLY: usize = 16 * 1024 * 1024;

/// The longest reply to `hello`, in octets: it is kept for the whole run.
const LONGEST_HELLO: usize = 64 * 1024;

/// A request, without its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Request {
    /// Who are you?
    Hello {
        /// The version that the harness speaks.
        protocol: u32,
    },
    /// Make a new verifier.
    Configure {
        /// Its name.
        #[serde(default = "main_verifier")]
        verifier: String,
        /// The time, where the adapter listed `clock`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        now: Option<NumericDate>,
        /// The policy.
        policy: Policy,
    },
    /// Judge a token.
    Verify {
        /// The verifier's name.
        #[serde(default = "main_verifier")]
        verifier: String,
        /// Whole JWT or bare JWS.
        mode: Mode,
        /// The token.
        #[serde(flatten)]
        token: TokenText,
        /// The time, where the adapter listed `clock`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        now: Option<NumericDate>,
    },
    /// Judge several tokens at once.
    VerifyAll {
        /// The verifier's name.
        #[serde(default = "main_verifier")]
        verifier: String,
        /// Whole JWT or bare JWS.
        mode: Mode,
        /// The tokens.
        tokens: Vec<String>,
        /// The time, where the adapter listed `clock`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        now: Option<NumericDate>,
    },
    /// Do what became due by now.
    Advance {
        /// The time.
        now: NumericDate,
    },
}

impl Request {
    /// Takes the time out of the request, where it has one.
    pub fn take_now(&mut self) -> Option<NumericDate> {
        match self {
            Self::Configure { now, .. }
            | Self::Verify { now, .. }
            | Self::VerifyAll { now, .. } => now.take(),
            Self::Hello { .. } | Self::Advance { .. } => None,
        }
    }
}

/// A token on the wire, as text where it is UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenText {
    /// The token's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The token's octets, where they are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_b64: Option<String>,
    /// The payload that travels beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detached_payload_b64: Option<String>,
}

fn main_verifier() -> String {
    "main".to_owned()
}

impl TokenText {
    /// The wire form of what is presented.
    #[must_use]
    pub fn of(presented: &Presented) -> Self {
        let (token, token_b64) = match std::str::from_utf8(&presented.token) {
            Ok(text) => (Some(text.to_owned()), None),
            Err(_) => (None, Some(STANDARD.encode(&presented.token))),
        };
        let detached_payload_b64 =
            presented.detached_payload.as_ref().map(|payload| STANDARD.encode(payload));
        Self { token, token_b64, detached_payload_b64 }
    }

    /// What is presented, from the wire form.
    ///
    /// # Errors
    /// A sentence on what is wrong with it.
    pub fn presented(self, mode: Mode) -> Result<Presented, String> {
        let octets = |name: &str, text: &str| {
            STANDARD
                .decode(text)
                .map_err(|error| format!("`{name}` is not standard base64: {error}"))
        };
        let token = match (self.token, self.token_b64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(encoded)) => octets("token_b64", &encoded)?,
            (Some(_), Some(_)) => return Err("both `token` and `token_b64` are given".to_owned()),
            (None, None) => return Err("neither `token` nor `token_b64` is given".to_owned()),
        };
        let detached_payload = match self.detached_payload_b64 {
            Some(encoded) => Some(octets("detached_payload_b64", &encoded)?),
            None => None,
        };
        Ok(Presented { mode, token, detached_payload })
    }
}

/// A request's line, with its id and the final LF.
///
/// # Errors
/// Those of the serializer, which plain data does not cause.
pub fn line(id: u64, request: &Request) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Numbered<'a> {
        id: u64,
        #[serde(flatten)]
        request: &'a Request,
    }
    let mut line = serde_json::to_vec(&Numbered { id, request })?;
    line.push(b'\n');
    Ok(line)
}

/// The members of a reply, each as it was written.
#[derive(Deserialize)]
#[serde(transparent)]
struct Members(BTreeMap<String, Box<RawValue>>);

impl Members {
    /// What they hold. `claims` are evidence that must never lose a verdict: a number in them that is
    /// beyond us, such as one of ten thousand digits, is no reason to hear nothing.
    fn read(self) -> Result<Map<String, Value>, String> {
        let mut members = Map::new();
        for (name, raw) in self.0 {
            match serde_json::from_str(raw.get()) {
                Ok(value) => _ = members.insert(name, value),
                Err(_) if name == "claims" => {}
                Err(error) => return Err(format!("`{name}` cannot be read ({error})")),
            }
        }
        Ok(members)
    }
}

/// A reply, read but not yet understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply(Map<String, Value>);

impl Reply {
    /// Reads a reply's line and checks that it answers the request of that id.
    ///
    /// # Errors
    /// [`NoAnswer::Garbage`], with the line quoted.
    pub fn read(line: &[u8], id: u64) -> Result<Self, NoAnswer> {
        let shown = text::printable_to(&String::from_utf8_lossy(line), 200);
        let garbage = |why: String| NoAnswer::Garbage { why: format!("{why}: {shown}") };
        let members: Members = serde_json::from_slice(line)
            .map_err(|error| garbage(format!("the line is no JSON object ({error})")))?;
        let members = members.read().map_err(garbage)?;
        match members.get("id").and_then(Value::as_u64) {
            Some(found) if found == id => Ok(Self(members)),
            Some(found) => Err(garbage(format!("`id` is {found} where {id} was asked"))),
            None => Err(garbage(format!("`id` is missing or no integer where {id} was asked"))),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        let value = self.0.get(name)?;
        let told = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(text::printable(&told))
    }

    /// What every reply may say in place of an answer.
    fn silence(&self) -> Option<NoAnswer> {
        if let Some(crash) = self.text("crash") {
            return Some(NoAnswer::Exception { text: crash });
        }
        self.text("unsupported").map(|what| NoAnswer::Unsupported { what })
    }

    fn garbage(&self, why: &str) -> NoAnswer {
        let shown = text::printable_to(&Value::Object(self.0.clone()).to_string(), 200);
        NoAnswer::Garbage { why: format!("{why}: {shown}") }
    }

    /// The reply to `hello`.
    ///
    /// # Errors
    /// [`NoAnswer`], when it is none, or not of this version.
    pub fn description(self) -> Result<Description, NoAnswer> {
        if let Some(silence) = self.silence() {
            return Err(silence);
        }
        if self.0.get("protocol").and_then(Value::as_u64) != Some(u64::from(VERSION)) {
            return Err(self.garbage(&format!("`protocol` is not {VERSION}")));
        }
        let whole = Value::Object(self.0.clone());
        if whole.to_string().len() > LONGEST_HELLO {
            return Err(
                self.garbage(&format!("the reply to `hello` exceeds {LONGEST_HELLO} octets"))
            );
        }
        serde_json::from_value(whole)
            .map_err(|error| self.garbage(&format!("the reply to `hello` is off ({error})")))
    }

    /// The reply to `configure`.
    ///
    /// # Errors
    /// [`Refusal`]: rejected, unsupported, or no answer.
    pub fn configured(self) -> Result<Effective, Refusal> {
        if let Some(silence) = self.silence() {
            return Err(match silence {
                NoAnswer::Unsupported { what } => Refusal::Unsupported { what },
                other @ (NoAnswer::Died { .. }
                | NoAnswer::Exception { .. }
                | NoAnswer::Hang { .. }
                | NoAnswer::Garbage { .. }
                | NoAnswer::Trouble { .. }) => Refusal::NoAnswer(other),
            });
        }
        match self.0.get("ok") {
            Some(Value::Bool(true)) => Ok(match self.0.get("effective") {
                Some(Value::Object(effective)) => effective.clone(),
                Some(_) | None => Effective::new(),
            }),
            Some(Value::Bool(false)) => {
                Err(Refusal::Rejected { error: self.text("error").unwrap_or_default() })
            }
            Some(_) | None => Err(Refusal::NoAnswer(match self.text("error") {
                Some(text) => NoAnswer::Trouble { text },
                None => self.garbage("`ok` is missing or no boolean"),
            })),
        }
    }

    /// The reply to `verify`.
    ///
    /// # Errors
    /// Every way of not answering.
    pub fn verdict(self) -> Result<Verdict, NoAnswer> {
        verdict(&self)
    }

    /// The reply to `verify_all`, which must have one result a token.
    ///
    /// # Errors
    /// Every way of not answering as a whole.
    pub fn verdicts(self, tokens: usize) -> Result<Vec<Result<Verdict, NoAnswer>>, NoAnswer> {
        if let Some(silence) = self.silence() {
            return Err(silence);
        }
        let results = match self.0.get("results") {
            Some(Value::Array(results)) if results.len() == tokens => results,
            Some(_) | None => {
                return Err(match self.text("error") {
                    Some(text) => NoAnswer::Trouble { text },
                    None => self.garbage(&format!("`results` is no array of {tokens}")),
                });
            }
        };
        Ok(results
            .iter()
            .map(|result| match result {
                Value::Object(members) => verdict(&Self(members.clone())),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_) => Err(self.garbage("a member of `results` is no object")),
            })
            .collect())
    }

    /// The reply to `advance`.
    ///
    /// # Errors
    /// Every way of not answering.
    pub fn advanced(self) -> Result<(), NoAnswer> {
        match self.configured() {
            Ok(_) => Ok(()),
            Err(Refusal::Rejected { error }) => Err(NoAnswer::Trouble { text: error }),
            Err(Refusal::Unsupported { what }) => Err(NoAnswer::Unsupported { what }),
            Err(Refusal::NoAnswer(no_answer)) => Err(no_answer),
        }
    }
}

fn verdict(reply: &Reply) -> Result<Verdict, NoAnswer> {
    if let Some(silence) = reply.silence() {
        return Err(silence);
    }
    let error = reply.text("error");
    match reply.0.get("verdict").map(|word| word.as_str().unwrap_or_default()) {
        Some("accept") => Ok(Verdict::Accept(believed(reply)?)),
        Some("reject") => Ok(Verdict::Reject { error: error.unwrap_or_default() }),
        Some("unavailable") => Ok(Verdict::Unavailable { error: error.unwrap_or_default() }),
        Some(_) => Err(reply.garbage("`verdict` is none of accept, reject, unavailable")),
        None => Err(match error {
            Some(text) => NoAnswer::Trouble { text },
            None => reply.garbage("there is no `verdict`"),
        }),
    }
}

fn believed(reply: &Reply) -> Result<Believed, NoAnswer> {
    let payload = match reply.0.get("payload_b64") {
        None | Some(Value::Null) => None,
        Some(Value::String(encoded)) => Some(STANDARD.decode(encoded).map_err(|error| {
            reply.garbage(&format!("`payload_b64` is not standard base64 ({error})"))
        })?),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return Err(reply.garbage("`payload_b64` is no string"));
        }
    };
    let claims = match reply.0.get("claims") {
        Some(Value::Object(claims)) => Some(claims.clone()),
        // Claims are evidence that must never change a verdict: what is no object is no evidence.
        Some(_) | None => None,
    };
    Ok(Believed { claims, payload, key: reply.text("key") })
}
