//! Plays a verifier as a child process, so that an abort, a stack overflow or a hang is an outcome of the
//! case and not the end of the run.
//!
//! Three threads serve a process: one writes, so that a child which does not read cannot block us; one
//! reads lines of bounded length; one keeps the end of its standard error. The child leads a process
//! group of its own, and dropping a [`Session`] kills the group.

pub mod conversation;
mod faketime;
pub mod task;

use std::{
    collections::{HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    io,
    num::NonZeroUsize,
    sync::{Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use gauntlet_vectors::{NoAnswer, NumericDate, Policy, Presented, Verdict, case::Capability};

use super::{
    Answered, Clock, Effective, Exchange, Launch, Peer,
    protocol::{self, LONGEST_REPLY, Reply, Request, TokenText},
};
use crate::verifier::{Description, Refusal};
use conversation::{Conversation, Silence};
use faketime::FakeClock;

/// The time at which a process with a clock of ours is started: it goes forward only.
const BEFORE_ALL: NumericDate = NumericDate(978_307_200);

/// How long a program may take to introduce itself, where the deadline for answers is shorter: run-times
/// have to be loaded first.
const TIME_TO_START: Duration = Duration::from_secs(10);

/// How long a process that closed its output may take to end before it is killed.
const TIME_TO_END: Duration = Duration::from_secs(2);

/// So many policies with their tokens are on their way at once: enough for the verifier to have the next ones at
/// hand while we look at its answers.
const WINDOW: usize = 8;

/// Why a verifier could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program is not there, or may not be run.
    #[error("start `{program}`")]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// It cannot be given a clock.
    #[error("give `{program}` a clock")]
    Clock {
        /// The program.
        program: String,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// It was started but did not introduce itself.
    #[error("get an introduction from `{program}`: {no_answer}{}", last_words(.stderr))]
    NoHello {
        /// The program.
        program: String,
        /// What came in its place.
        no_answer: NoAnswer,
        /// The end of its standard error.
        stderr: String,
    },
}

fn last_words(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!("; its last words: {stderr}") }
}

/// A running adapter that has introduced itself.
pub struct Session {
    conversation: Conversation,
    description: Description,
    next_id: u64,
    transcript: Option<Vec<Exchanged>>,
    /// Set once the process is dead or its answers can no longer be told apart.
    over: Option<NoAnswer>,
    /// The clock that it was given, where it takes no time in requests.
    fake: Option<FakeClock>,
    /// Digests of the policies that it accepted.
    accepted: HashSet<u64>,
}

/// The ids of a policy and of its token that are on their way; no token where the policy's reply is waited for.
struct Ahead {
    policy: Result<u64, NoAnswer>,
    token: Option<Result<u64, NoAnswer>>,
}

/// Tells policies apart. Two of one digest would only have a token sent that is thrown away.
fn digest(policy: &Policy) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_vec(policy).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// A line of the conversation, without its LF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchanged {
    /// Ours.
    Sent(Vec<u8>),
    /// The adapter's.
    Received(Vec<u8>),
}

/// The right to start a program. There are as many as cores: a runtime that starts computes, and thirty that
/// start at once would each look as if it hung.
struct Turn;

static TAKEN: Mutex<usize> = Mutex::new(0);
static RETURNED: Condvar = Condvar::new();

impl Turn {
    fn take() -> Self {
        let most = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let free = RETURNED.wait_while(taken, |taken| *taken >= most);
        *free.unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        RETURNED.notify_one();
    }
}

impl Session {
    /// Starts the program and exchanges `hello`.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(launch: &Launch, deadline: Duration) -> Result<Self, StartError> {
        let fake = match launch.clock {
            Clock::Faketime => Some(FakeClock::at(BEFORE_ALL).map_err(|cause| {
                StartError::Clock { program: launch.program.display().to_string(), cause }
            })?),
            Clock::Virtual | Clock::Wall => None,
        };
        let environment = fake.as_ref().map(FakeClock::environment).unwrap_or_default();
        let _turn = Turn::take();
        let mut session = Self {
            conversation: Conversation::start(launch, &environment)?,
            description: Description::unknown(),
            next_id: 1,
            transcript: None,
            over: None,
            fake,
            accepted: HashSet::new(),
        };
        match session
            .ask(Request::Hello { protocol: protocol::VERSION }, deadline.max(TIME_TO_START))
            .and_then(Reply::description)
        {
            Ok(description) => {
                session.description = description;
                let features = &mut session.description.features;
                if session.fake.is_some() && !features.contains(&Capability::Clock) {
                    features.push(Capability::Clock);
                }
                Ok(session)
            }
            Err(no_answer) => {
                session.conversation.kill();
                let stderr = match &no_answer {
                    // Its text has them already.
                    NoAnswer::Died { .. } => String::new(),
                    NoAnswer::Exception { .. }
                    | NoAnswer::Hang { .. }
                    | NoAnswer::Garbage { .. }
                    | NoAnswer::Trouble { .. }
                    | NoAnswer::Unsupported { .. } => session.conversation.last_words(),
                };
                let program = launch.program.display().to_string();
                Err(StartError::NoHello { program, no_answer, stderr })
            }
        }
    }

    /// Keeps every line from here on, for whoever shows the conversation.
    pub fn keep_transcript(&mut self) {
        self.transcript.get_or_insert_default();
    }

    /// The lines kept so far.
    #[must_use]
    pub fn transcript(&self) -> &[Exchanged] {
        self.transcript.as_deref().unwrap_or_default()
    }

    fn ask(&mut self, request: Request, deadline: Duration) -> Result<Reply, NoAnswer> {
        let id = self.send(request)?;
        self.receive(id, deadline)
    }

    /// Puts a request on its way, and returns its id.
    fn send(&mut self, mut request: Request) -> Result<u64, NoAnswer> {
        if let Some(over) = &self.over {
            return Err(over.clone());
        }
        if let Some(clock) = &mut self.fake
            && let Some(now) = request.take_now()
        {
            clock.set(now).map_err(|error| NoAnswer::Trouble {
                text: format!("its clock cannot be set: {error}"),
            })?;
        }
        let id = self.next_id;
        self.next_id += 1;
        let line = protocol::line(id, &request).map_err(|error| NoAnswer::Trouble {
            text: format!("the request cannot be written: {error}"),
        })?;
        if let Some(transcript) = &mut self.transcript {
            transcript.push(Exchanged::Sent(line.trim_ascii_end().to_vec()));
        }
        if self.conversation.send(line) { Ok(id) } else { Err(self.ended()) }
    }

    /// Puts policies with their tokens on their way; a policy that is new is the last for now, without its token.
    fn send_ahead<'e>(
        &mut self,
        name: &str,
        to_send: &mut impl Iterator<Item = &'e Exchange<'e>>,
        on_their_way: &mut VecDeque<Ahead>,
    ) {
        while on_their_way.len() < WINDOW
            && on_their_way.back().is_none_or(|last| last.token.is_some())
            && let Some(exchange) = to_send.next()
        {
            let policy = self.send(Request::Configure {
                verifier: name.to_owned(),
                now: exchange.now,
                policy: exchange.policy.clone(),
            });
            let is_known = self.accepted.contains(&digest(exchange.policy));
            let token = is_known.then(|| self.send_token(name, exchange));
            on_their_way.push_back(Ahead { policy, token });
        }
    }

    fn send_token(&mut self, name: &str, exchange: &Exchange<'_>) -> Result<u64, NoAnswer> {
        self.send(Request::Verify {
            verifier: name.to_owned(),
            mode: exchange.presented.mode,
            token: TokenText::of(exchange.presented),
            now: exchange.now,
        })
    }

    /// The reply to the oldest request without one; `deadline` counts from now on, since only now it is
    /// that.
    fn receive(&mut self, id: u64, deadline: Duration) -> Result<Reply, NoAnswer> {
        if let Some(over) = &self.over {
            return Err(over.clone());
        }
        let asked = Instant::now();
        let answer = match self.conversation.receive(deadline) {
            Ok(line) => {
                let reply = Reply::read(&line, id);
                if let Some(transcript) = &mut self.transcript {
                    transcript.push(Exchanged::Received(line));
                }
                reply
            }
            Err(Silence::TooLong) => Err(NoAnswer::Garbage {
                why: format!("a reply is longer than {LONGEST_REPLY} octets"),
            }),
            Err(Silence::End) => return Err(self.ended()),
            Err(Silence::Late) => Err(NoAnswer::Hang { after: asked.elapsed().min(deadline) }),
        };
        if let Err(no_answer) = &answer {
            // After a missing or unreadable reply the next line might answer the request before: the
            // conversation cannot be trusted any more.
            self.over = Some(no_answer.clone());
            self.conversation.kill();
        }
        answer
    }

    /// The process has ended, or closed its pipes and is made to end.
    fn ended(&mut self) -> NoAnswer {
        self.conversation.end_input();
        let how = self
            .conversation
            .wait(TIME_TO_END)
            .unwrap_or_else(|| "it closed its standard output and did not end".to_owned());
        self.conversation.kill();
        let no_answer = NoAnswer::Died { how, last_words: self.conversation.last_words() };
        self.over = Some(no_answer.clone());
        no_answer
    }
}

impl Peer for Session {
    fn is_over(&self) -> bool {
        self.over.is_some()
    }

    fn is_faked(&self) -> bool {
        self.fake.is_some()
    }

    fn reaches(&self, now: NumericDate) -> bool {
        self.fake.as_ref().is_none_or(|clock| clock.now() <= now)
    }

    fn description(&self) -> &Description {
        &self.description
    }

    fn configure(
        &mut self,
        name: &str,
        policy: &Policy,
        now: Option<NumericDate>,
        deadline: Duration,
    ) -> Result<Effective, Refusal> {
        let request = Request::Configure { verifier: name.to_owned(), now, policy: policy.clone() };
        self.ask(request, deadline).map_err(Refusal::NoAnswer)?.configured()
    }

    fn verify(
        &mut self,
        name: &str,
        presented: &Presented,
        now: Option<NumericDate>,
        deadline: Duration,
    ) -> Result<Verdict, NoAnswer> {
        let request = Request::Verify {
            verifier: name.to_owned(),
            mode: presented.mode,
            token: TokenText::of(presented),
            now,
        };
        self.ask(request, deadline)?.verdict()
    }

    fn verify_all(
        &mut self,
        name: &str,
        presented: &[Presented],
        now: Option<NumericDate>,
        deadline: Duration,
    ) -> Result<Vec<Result<Verdict, NoAnswer>>, NoAnswer> {
        let Some(first) = presented.first() else { return Ok(Vec::new()) };
        let mut tokens = Vec::with_capacity(presented.len());
        for token in presented {
            match std::str::from_utf8(&token.token) {
                Ok(text) => tokens.push(text.to_owned()),
                Err(error) => {
                    return Err(NoAnswer::Trouble {
                        text: format!("`verify_all` carries text only: {error}"),
                    });
                }
            }
        }
        let request =
            Request::VerifyAll { verifier: name.to_owned(), mode: first.mode, tokens, now };
        self.ask(request, deadline)?.verdicts(presented.len())
    }

    /// Requests are kept on their way, so that the verifier never waits for us; the protocol answers them in their
    /// order, and has no token sent after a policy that was refused: where a policy is new, its reply is waited for.
    fn exchange(&mut self, name: &str, all: &[Exchange<'_>]) -> Vec<Answered> {
        let mut answers = Vec::with_capacity(all.len());
        let mut on_their_way = VecDeque::with_capacity(WINDOW);
        let mut to_send = all.iter();
        for exchange in all {
            self.send_ahead(name, &mut to_send, &mut on_their_way);
            let Some(Ahead { policy, token }) = on_their_way.pop_front() else { break };
            let began = Instant::now();
            let configured = policy
                .and_then(|id| self.receive(id, exchange.deadline))
                .map_err(Refusal::NoAnswer)
                .and_then(Reply::configured);
            let token = match token {
                None if configured.is_ok() => {
                    self.accepted.insert(digest(exchange.policy));
                    let token = self.send_token(name, exchange);
                    self.send_ahead(name, &mut to_send, &mut on_their_way);
                    Some(token)
                }
                sent => sent,
            };
            let verdict = token.map(|id| id.and_then(|id| self.receive(id, exchange.deadline)));
            // A policy that was accepted once may be refused the next time; what is said of its token is thrown away.
            let verdict = verdict.filter(|_| configured.is_ok());
            let verdict = verdict.map(|reply| reply.and_then(Reply::verdict));
            answers.push(Answered { configured, verdict, took: began.elapsed() });
            if self.over.is_some() {
                break;
            }
        }
        answers
    }

    fn advance(&mut self, now: NumericDate, deadline: Duration) -> Result<(), NoAnswer> {
        self.ask(Request::Advance { now }, deadline)?.advanced()
    }

    fn stderr(&self) -> String {
        self.conversation.stderr()
    }
}
