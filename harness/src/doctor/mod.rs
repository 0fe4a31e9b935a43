//! Is this adapter right? Asks what a run would ask, and says of each message that is wrong what is wrong in
//! it and what to write instead.

mod hello;
mod manners;
mod tokens;

use std::{collections::BTreeMap, time::Duration};

use gauntlet_vectors::{Case, Env, NumericDate, case::Capability};
use serde_json::{Map, Value};

use crate::{
    adapter::{
        Clock, Launch,
        process::{
            Session, StartError,
            conversation::{Conversation, Silence},
        },
        text::printable_to,
    },
    verifier::Description,
};

/// How much of an offending line is quoted, in octets.
const QUOTED: usize = 400;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub what: &'static str,
    /// How it is.
    pub health: Health,
    /// In a sentence.
    pub said: String,
    /// The offending line.
    pub line: Option<String>,
    /// What to write instead.
    pub write: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Sound,
    /// Allowed, and likely a mistake.
    Doubtful,
    /// Against the protocol, or not what was announced.
    Wrong,
}

impl Check {
    fn sound(what: &'static str, said: impl Into<String>) -> Self {
        Self { what, health: Health::Sound, said: said.into(), line: None, write: None }
    }

    fn doubtful(what: &'static str, said: impl Into<String>) -> Self {
        Self { health: Health::Doubtful, ..Self::sound(what, said) }
    }

    fn wrong(what: &'static str, said: impl Into<String>) -> Self {
        Self { health: Health::Wrong, ..Self::sound(what, said) }
    }

    fn quoting(mut self, line: &[u8]) -> Self {
        self.line = Some(printable_to(&String::from_utf8_lossy(line), QUOTED));
        self
    }

    fn instead(mut self, write: impl Into<String>) -> Self {
        self.write = Some(write.into());
        self
    }
}

/// What an examination needs.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// How the adapter is started.
    pub launch: &'a Launch,
    /// The clock that its manifest promises, where it has one.
    pub promised: Option<Clock>,
    /// How long one answer may take.
    pub deadline: Duration,
    /// The machine's time.
    pub wall: NumericDate,
    /// Cases whose tokens must be accepted.
    pub honest: &'a [&'a Case],
}

/// Examines an adapter; each check is told as soon as it is made. Whether nothing was wrong.
///
/// # Errors
/// [`StartError::Spawn`]: there is no program to examine.
pub fn examine(terms: &Terms<'_>, say: &mut dyn FnMut(&Check)) -> Result<bool, StartError> {
    let mut all_sound = true;
    let mut tell = |check: Check| {
        all_sound &= check.health != Health::Wrong;
        say(&check);
    };
    let Some(description) = hello::examine(terms, &mut tell)? else { return Ok(false) };
    manners::examine(terms, &description, &mut tell)?;
    tokens::examine(terms, &mut tell)?;
    Ok(all_sound)
}

impl Terms<'_> {
    fn env(&self, description: &Description) -> Env {
        let fixed = Env::fixed();
        if description.has(Capability::Clock) { fixed } else { fixed.at(self.wall) }
    }

    fn session(&self) -> Result<Session, StartError> {
        Session::start(self.launch, self.deadline)
    }
}

/// A conversation in which any line can be said.
struct Talk {
    conversation: Conversation,
    deadline: Duration,
    next_id: u64,
}

/// A reply: the line, and the object that it is.
type Replied = (Vec<u8>, Map<String, Value>);

impl Talk {
    fn start(terms: &Terms<'_>) -> Result<Self, StartError> {
        let deadline = terms.deadline.max(Duration::from_secs(10));
        Ok(Self {
            conversation: Conversation::start(terms.launch, &BTreeMap::new())?,
            deadline,
            next_id: 1,
        })
    }

    /// Sends a request under the next id.
    fn send(&mut self, mut request: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        if let Some(members) = request.as_object_mut() {
            members.insert("id".to_owned(), id.into());
        }
        let mut line = request.to_string().into_bytes();
        line.push(b'\n');
        self.conversation.send(line);
        id
    }

    /// The reply to the request of this id.
    ///
    /// # Errors
    /// A check that says what is wrong with it.
    fn receive(&mut self, what: &'static str, id: u64) -> Result<Replied, Check> {
        let line = self.conversation.receive(self.deadline).map_err(|silence| {
            let words = match silence {
                Silence::Late => {
                    self.conversation.kill();
                    format!("there is no reply after {}", humantime::format_duration(self.deadline))
                }
                Silence::TooLong => "the reply is longer than 16 MiB".to_owned(),
                Silence::End => {
                    let how = self.conversation.wait(Duration::from_secs(2));
                    format!("it ended: {}", how.as_deref().unwrap_or("it closed its output"))
                }
            };
            let stderr = self.conversation.last_words();
            let said = if stderr.is_empty() {
                words
            } else {
                format!("{words}; its last words: {stderr}")
            };
            let check = Check::wrong(what, said);
            if silence == Silence::Late {
                check.instead("one line for each request, and a flush after each line")
            } else {
                check
            }
        })?;
        let reply: Map<String, Value> = serde_json::from_slice(&line).map_err(|error| {
            Check::wrong(what, format!("the line is no JSON object: {error}"))
                .quoting(&line)
                .instead("one JSON object a line on standard output, and nothing else; messages go to standard error")
        })?;
        match reply.get("id").and_then(Value::as_u64) {
            Some(found) if found == id => Ok((line, reply)),
            Some(found) => {
                Err(Check::wrong(what, format!("`id` is {found}, the request had {id}"))
                    .quoting(&line)
                    .instead(format!("\"id\":{id}, and replies in the order of the requests")))
            }
            None => Err(Check::wrong(what, "`id` is missing or no integer")
                .quoting(&line)
                .instead(format!("\"id\":{id}, the integer of the request"))),
        }
    }

    fn ask(&mut self, what: &'static str, request: Value) -> Result<Replied, Check> {
        let id = self.send(request);
        self.receive(what, id)
    }
}
