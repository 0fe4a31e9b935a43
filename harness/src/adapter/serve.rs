//! Serves an [`Implementation`] over the adapter protocol: what `gauntlet adapter NAME` does.

use std::{
    any::Any,
    collections::HashMap,
    io::{self, BufRead, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::{
    NoAnswer, NumericDate, Presented, Verdict,
    case::Capability,
    verdict::{Believed, Mode},
};
use serde_json::{Map, Value, json};

use super::protocol::{Request, VERSION};
use crate::verifier::{Implementation, Refusal, Verifier};

/// Answers requests until the input ends.
///
/// # Errors
/// Those of reading and writing; what is wrong with a request is answered, not returned.
pub fn serve(
    implementation: &dyn Implementation,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut server = Server {
        implementation,
        has_clock: implementation.describe().has(Capability::Clock),
        verifiers: HashMap::new(),
    };
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let mut reply = serde_json::to_vec(&server.reply(&line))?;
        reply.push(b'\n');
        output.write_all(&reply)?;
        output.flush()?;
    }
}

struct Server<'a> {
    implementation: &'a dyn Implementation,
    has_clock: bool,
    verifiers: HashMap<String, Box<dyn Verifier>>,
}

impl Server<'_> {
    fn reply(&mut self, line: &[u8]) -> Value {
        let request: Value = match serde_json::from_slice(line) {
            Ok(request) => request,
            Err(error) => return json!({"error": format!("the request is no JSON: {error}")}),
        };
        let id = request.get("id").cloned().unwrap_or(Value::Null);
        let mut reply = match Request::deserialize_op(request) {
            Ok(request) => self.answer(request),
            Err(reply) => reply,
        };
        if let Some(members) = reply.as_object_mut() {
            // The id stands first, where a person looks for it.
            members.shift_insert(0, "id".to_owned(), id);
        }
        reply
    }

    fn answer(&mut self, request: Request) -> Value {
        match request {
            Request::Hello { .. } => self.hello(),
            Request::Configure { verifier, now, policy } => {
                let now = match self.time(now) {
                    Ok(now) => now,
                    Err(reply) => return reply,
                };
                self.verifiers.remove(&verifier);
                match catching(|| self.implementation.configure(&policy, now)) {
                    Ok(Ok(made)) => {
                        let effective = made.effective();
                        self.verifiers.insert(verifier, made);
                        if effective.is_empty() {
                            json!({"ok": true})
                        } else {
                            json!({"ok": true, "effective": effective})
                        }
                    }
                    Ok(Err(Refusal::Rejected { error })) => json!({"ok": false, "error": error}),
                    Ok(Err(Refusal::Unsupported { what })) => {
                        json!({"ok": false, "unsupported": what})
                    }
                    Ok(Err(Refusal::NoAnswer(no_answer))) | Err(no_answer) => {
                        let mut reply = silence(&no_answer);
                        if let Some(members) = reply.as_object_mut() {
                            members.insert("ok".to_owned(), json!(false));
                        }
                        reply
                    }
                }
            }
            Request::Verify { verifier, mode, token, now } => {
                match (self.time(now), self.find(&verifier), token.presented(mode)) {
                    (Ok(now), Ok(found), Ok(presented)) => verdict(
                        mode,
                        catching(|| found.verify(&presented, now)).and_then(|answer| answer),
                    ),
                    (Err(reply), _, _) | (_, Err(reply), _) => reply,
                    (_, _, Err(error)) => json!({"error": error}),
                }
            }
            Request::VerifyAll { verifier, mode, tokens, now } => {
                match (self.time(now), self.find(&verifier)) {
                    (Ok(now), Ok(found)) => {
                        let presented: Vec<Presented> = tokens
                            .into_iter()
                            .map(|token| Presented {
                                mode,
                                token: token.into_bytes(),
                                detached_payload: None,
                            })
                            .collect();
                        let results: Vec<Value> = verify_at_once(found, &presented, now)
                            .into_iter()
                            .map(|answer| verdict(mode, answer))
                            .collect();
                        json!({"results": results})
                    }
                    (Err(reply), _) | (_, Err(reply)) => reply,
                }
            }
            Request::Advance { now } => {
                match catching(|| {
                    self.verifiers.values().for_each(|verifier| verifier.advance(now));
                }) {
                    Ok(()) => json!({"ok": true}),
                    Err(no_answer) => silence(&no_answer),
                }
            }
        }
    }

    fn hello(&self) -> Value {
        let mut reply = json!({"protocol": VERSION});
        let described = serde_json::to_value(self.implementation.describe());
        if let (Some(members), Ok(Value::Object(description))) = (reply.as_object_mut(), described)
        {
            members.extend(description);
        }
        reply
    }

    fn time(&self, now: Option<NumericDate>) -> Result<NumericDate, Value> {
        match (now, self.has_clock) {
            (Some(now), _) => Ok(now),
            // Whoever does not list `clock` does not look at it.
            (None, false) => Ok(NumericDate(0)),
            (None, true) => Err(json!({"error": "`now` is missing, though `clock` is listed"})),
        }
    }

    fn find(&self, name: &str) -> Result<&dyn Verifier, Value> {
        self.verifiers
            .get(name)
            .map(Box::as_ref)
            .ok_or_else(|| json!({"error": format!("verifier `{name}` is not configured")}))
    }
}

impl Request {
    /// A request from its JSON, or the reply that says what is wrong with it.
    fn deserialize_op(request: Value) -> Result<Self, Value> {
        const KNOWN: &[&str] = &["hello", "configure", "verify", "verify_all", "advance"];
        let mode = request.get("mode").and_then(Value::as_str);
        if mode.is_some_and(|mode| !["jwt", "jws"].contains(&mode)) {
            return Err(json!({"unsupported": "mode"}));
        }
        match request.get("op").and_then(Value::as_str) {
            Some(op) if KNOWN.contains(&op) => serde_json::from_value(request)
                .map_err(|error| json!({"error": format!("the request is off: {error}")})),
            Some(op) => Err(json!({"unsupported": op})),
            None => Err(json!({"error": "`op` is missing"})),
        }
    }
}

fn verdict(mode: Mode, answer: Result<Verdict, NoAnswer>) -> Value {
    match answer {
        Ok(Verdict::Accept(believed)) => accepted(mode, believed),
        Ok(Verdict::Reject { error }) => json!({"verdict": "reject", "error": error}),
        Ok(Verdict::Unavailable { error }) => json!({"verdict": "unavailable", "error": error}),
        Err(no_answer) => silence(&no_answer),
    }
}

fn accepted(mode: Mode, believed: Believed) -> Value {
    let mut reply = Map::new();
    reply.insert("verdict".to_owned(), json!("accept"));
    match (mode, believed.claims, believed.payload) {
        (Mode::Jwt, Some(claims), _) => {
            reply.insert("claims".to_owned(), Value::Object(claims));
        }
        (Mode::Jwt, None, Some(payload)) => {
            // Evidence only: what is no JSON object is left out and changes no verdict.
            if let Ok(claims @ Value::Object(_)) = serde_json::from_slice(&payload) {
                reply.insert("claims".to_owned(), claims);
            }
        }
        (Mode::Jws, _, Some(payload)) => {
            reply.insert("payload_b64".to_owned(), json!(STANDARD.encode(payload)));
        }
        (Mode::Jwt | Mode::Jws, _, None) => {}
    }
    if let Some(key) = believed.key {
        reply.insert("key".to_owned(), json!(key));
    }
    Value::Object(reply)
}

fn silence(no_answer: &NoAnswer) -> Value {
    match no_answer {
        NoAnswer::Exception { text } => json!({"crash": text}),
        NoAnswer::Died { .. } | NoAnswer::Hang { .. } => json!({"crash": no_answer.to_string()}),
        NoAnswer::Trouble { text } => json!({"error": text}),
        NoAnswer::Garbage { why } => json!({"error": why}),
        NoAnswer::Unsupported { what } => json!({"unsupported": what}),
    }
}

/// Shows all tokens at once, each on a thread of its own.
pub(super) fn verify_at_once(
    verifier: &dyn Verifier,
    presented: &[Presented],
    now: NumericDate,
) -> Vec<Result<Verdict, NoAnswer>> {
    thread::scope(|scope| {
        let workers: Vec<_> = presented
            .iter()
            .map(|token| scope.spawn(move || catching(|| verifier.verify(token, now))))
            .collect();
        workers
            .into_iter()
            .map(|worker| match worker.join() {
                Ok(answer) => answer.and_then(|answer| answer),
                Err(panic) => Err(NoAnswer::Exception { text: panic_text(panic.as_ref()) }),
            })
            .collect()
    })
}

/// Runs what may panic, and tells a panic as an exception that its caller could have caught.
pub(super) fn catching<T>(run: impl FnOnce() -> T) -> Result<T, NoAnswer> {
    // A verifier that panicked is not used again: the case is over, and the next one configures anew.
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|panic| NoAnswer::Exception { text: panic_text(panic.as_ref()) })
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic: {}", text.as_deref().unwrap_or("without a text"))
}
