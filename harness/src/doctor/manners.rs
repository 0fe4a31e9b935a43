//! Manners that the protocol asks of every adapter, whatever its library.

use std::time::Duration;

use gauntlet_vectors::{
    Env,
    case::{Capability, Case},
    judge::Outcome,
    timeline::Step,
    verdict::Mode,
};
use serde_json::{Map, Value, json};

use super::{Check, Replied, Talk, Terms};
use crate::{
    adapter::{Peer, process::StartError, protocol::TokenText},
    runner::{
        execute::{self, play},
        plan,
        prepare::{PreparedStep, prepare},
    },
    verifier::Description,
};

/// So many requests are sent before a reply is read: more than a pipe holds of either.
const AT_ONCE: usize = 400;

/// The length of a token that is refused for being none, in octets.
const LONG: usize = 8 << 20;

/// An honest token under its policy, as members of requests.
struct Honest {
    policy: Value,
    token: Value,
    mode: &'static str,
    now: Option<i64>,
}

pub(super) fn examine(
    terms: &Terms<'_>,
    description: &Description,
    tell: &mut dyn FnMut(Check),
) -> Result<(), StartError> {
    let env = terms.env(description);
    let Some(honest) = honest(terms, description, &env)? else {
        tell(Check::doubtful(
            "manners",
            "no honest token fits what is listed: nothing could be shown",
        ));
        return Ok(());
    };
    type Look = fn(&mut Talk, &Honest) -> Result<Check, Check>;
    let looks: &[Look] = &[
        unknown_op,
        nobody_configured,
        unknown_mode,
        base64,
        barrier,
        refused_policy,
        at_once,
        long,
    ];
    for look in looks {
        let mut talk = Talk::start(terms)?;
        let hello = talk.ask("hello", json!({"op": "hello", "protocol": 1}));
        let check = hello.and_then(|_| look(&mut talk, &honest));
        tell(check.unwrap_or_else(|check| check));
    }
    if description.has(Capability::Several) {
        let mut talk = Talk::start(terms)?;
        let hello = talk.ask("hello", json!({"op": "hello", "protocol": 1}));
        tell(hello.and_then(|_| several(&mut talk, &honest)).unwrap_or_else(|check| check));
    }
    Ok(())
}

/// The first honest case that is accepted; where none is, the first that the adapter can be shown.
fn honest(
    terms: &Terms<'_>,
    description: &Description,
    env: &Env,
) -> Result<Option<Honest>, StartError> {
    let mut first = None;
    let mut session = terms.session()?;
    let is_shown = |case: &&&Case| {
        plan::missing(description, case, None).is_none()
            && matches!(case.timeline.0.as_slice(), [Step::Verify(_)])
    };
    for case in terms.honest.iter().filter(is_shown) {
        let Some(found) = Honest::of(case, description, env) else { continue };
        if session.is_over() {
            session = terms.session()?;
        }
        let Ok(prepared) = prepare(case, env) else { continue };
        let demands = execute::Terms::plain(terms.deadline);
        if play(&mut session, case, &prepared, &demands).judgement.outcome == Outcome::Pass {
            return Ok(Some(found));
        }
        first.get_or_insert(found);
    }
    Ok(first)
}

impl Honest {
    fn of(case: &Case, description: &Description, env: &Env) -> Option<Self> {
        let prepared = prepare(case, env).ok()?;
        let PreparedStep::Verify(shown) = prepared.steps.first()? else { return None };
        let presented = &shown.forged.presented;
        Some(Self {
            policy: serde_json::to_value(&prepared.policy).ok()?,
            token: serde_json::to_value(TokenText::of(presented)).ok()?,
            mode: match presented.mode {
                Mode::Jwt => "jwt",
                Mode::Jws => "jws",
            },
            now: description.has(Capability::Clock).then_some(prepared.now.0),
        })
    }

    fn timed(&self, mut request: Map<String, Value>) -> Value {
        if let Some(now) = self.now {
            request.insert("now".to_owned(), now.into());
        }
        Value::Object(request)
    }

    fn configure(&self, name: &str, policy: &Value) -> Value {
        let request =
            json!({"op": "configure", "verifier": name, "policy": policy, "of_tomorrow": 1});
        self.timed(request.as_object().cloned().unwrap_or_default())
    }

    fn verify(&self, name: &str, mode: &str, token: &Value) -> Value {
        let request = json!({"op": "verify", "verifier": name, "mode": mode, "of_tomorrow": 1});
        let mut members = request.as_object().cloned().unwrap_or_default();
        members.extend(token.as_object().cloned().unwrap_or_default());
        self.timed(members)
    }

    /// The same policy for somebody else.
    fn elsewhere(&self) -> Value {
        let mut policy = self.policy.clone();
        if let Some(issuers) = policy.get_mut("issuers").and_then(Value::as_array_mut) {
            for issuer in issuers.iter_mut().filter_map(Value::as_object_mut) {
                if issuer.contains_key("issuer") {
                    issuer.insert("issuer".to_owned(), "https://elsewhere.test".into());
                }
            }
        }
        policy
    }
}

fn configured(talk: &mut Talk, what: &'static str, request: Value) -> Result<(), Check> {
    let (line, reply) = talk.ask(what, request)?;
    match reply.get("ok") {
        Some(Value::Bool(true)) => Ok(()),
        Some(Value::Bool(false)) => Err(Check::wrong(what, "`configure` refuses an honest policy").quoting(&line)),
        Some(_) | None => Err(Check::wrong(what, "`ok` is missing or no boolean")
            .quoting(&line)
            .instead("\"ok\":true; or \"ok\":false and \"error\" where the verifier refuses the policy, or \"unsupported\" where the adapter cannot express it")),
    }
}

fn verdict<'a>(what: &'static str, (line, reply): &'a Replied) -> Result<&'a str, Check> {
    reply.get("verdict").and_then(Value::as_str).ok_or_else(|| {
        Check::wrong(what, "there is no `verdict`")
            .quoting(line)
            .instead("\"verdict\":\"accept\", \"reject\" or \"unavailable\"; \"crash\" for an exception that no user of the library expects")
    })
}

/// Whether its own honest token is accepted: without that, nothing is shown by what is refused after it.
fn is_accepted(what: &'static str, replied: &Replied) -> Result<(), Check> {
    // A library may throw where another refuses: that is a finding, and no fault of the adapter.
    if replied.1.contains_key("crash") || verdict(what, replied)? != "accept" {
        let said = "nothing could be shown: the honest token before it is not accepted";
        return Err(Check::doubtful(what, said).quoting(&replied.0));
    }
    Ok(())
}

fn unknown_op(talk: &mut Talk, _: &Honest) -> Result<Check, Check> {
    const WHAT: &str = "unknown op";
    let (line, reply) = talk.ask(WHAT, json!({"op": "of_tomorrow"}))?;
    if reply.get("unsupported").is_some_and(Value::is_string) {
        return Ok(Check::sound(WHAT, "it says that it does not support it"));
    }
    Err(Check::wrong(WHAT, "the reply does not say `unsupported`")
        .quoting(&line)
        .instead("{\"id\":…,\"unsupported\":\"op\"} for an `op` that you do not know"))
}

fn nobody_configured(talk: &mut Talk, honest: &Honest) -> Result<Check, Check> {
    const WHAT: &str = "verify before configure";
    let (line, reply) = talk.ask(WHAT, honest.verify("main", honest.mode, &honest.token))?;
    match reply.get("verdict") {
        None => Ok(Check::sound(WHAT, "no verdict without a verifier")),
        Some(_) => Err(Check::wrong(WHAT, "there is a `verdict`, but nobody was configured")
            .quoting(&line)
            .instead("{\"id\":…,\"error\":\"no verifier `main`\"}")),
    }
}

fn unknown_mode(talk: &mut Talk, honest: &Honest) -> Result<Check, Check> {
    const WHAT: &str = "unknown mode";
    configured(talk, WHAT, honest.configure("main", &honest.policy))?;
    let (line, reply) = talk.ask(WHAT, honest.verify("main", "of_tomorrow", &honest.token))?;
    if reply.get("verdict").is_none() && reply.get("unsupported").is_some_and(Value::is_string) {
        return Ok(Check::sound(WHAT, "it says that it does not support it"));
    }
    Err(Check::wrong(WHAT, "the reply does not say `unsupported`")
        .quoting(&line)
        .instead("{\"id\":…,\"unsupported\":\"mode\"} for a `mode` that you do not know"))
}

fn base64(talk: &mut Talk, honest: &Honest) -> Result<Check, Check> {
    const WHAT: &str = "token_b64";
    configured(talk, WHAT, honest.configure("main", &honest.policy))?;
    // Octets that are no text in any encoding of Unicode.
    let replied =
        talk.ask(WHAT, honest.verify("main", honest.mode, &json!({"token_b64": "/////w=="})))?;
    if replied.1.contains_key("unsupported") {
        return Ok(Check::doubtful(
            WHAT,
            "tokens that are no UTF-8 are not supported, and skipped",
        ));
    }
    if replied.1.contains_key("crash") {
        return Ok(Check::doubtful(WHAT, "octets that are no text end in an exception")
            .quoting(&replied.0));
    }
    match verdict(WHAT, &replied)? {
        "accept" => {
            Err(Check::wrong(WHAT, "octets that are no token are accepted").quoting(&replied.0))
        }
        _ => Ok(Check::sound(WHAT, "octets that are no text are refused")),
    }
}

fn barrier(talk: &mut Talk, honest: &Honest) -> Result<Check, Check> {
    const WHAT: &str = "configure is a barrier";
    let elsewhere = honest.elsewhere();
    let has_issuer = elsewhere != honest.policy;
    configured(talk, WHAT, honest.configure("main", &honest.policy))?;
    let first = talk.send(honest.verify("main", honest.mode, &honest.token));
    let between = talk.send(honest.configure("main", &elsewhere));
    let second = talk.send(honest.verify("main", honest.mode, &honest.token));
    let before = talk.receive(WHAT, first)?;
    talk.receive(WHAT, between)?;
    let after = talk.receive(WHAT, second)?;
    is_accepted(WHAT, &before)?;
    if has_issuer && verdict(WHAT, &after)? == "accept" {
        return Err(Check::wrong(
            WHAT,
            "the token is accepted under a policy that names another issuer",
        )
        .quoting(&after.0)
        .instead("a verifier made anew by each `configure`, from nothing but its policy"));
    }
    Ok(Check::sound(WHAT, "each token is judged by the policy before it"))
}

/// A policy that means nothing ends in a reply, and the verifier of that name is gone.
fn refused_policy(talk: &mut Talk, honest: &Honest) -> Result<Check, Check> {
    const WHAT: &str = "a policy of tomorrow";
    configured(talk, WHAT, honest.configure("main", &honest.policy))?;
    let policy =
        json!({"issuers": [{"issuer": "https://issuer.test", "keys": {"of_tomorrow": "x"}}]});
    let (line, reply) = talk.ask(WHAT, honest.configure("main", &policy))?;
    if reply.get("ok") == Some(&Value::Bool(true)) {
        return Err(Check::wrong(WHAT, "keys of a kind that nobody knows are configured")
            .quoting(&line)
            .instead("{\"id\":…,\"ok\":false,\"unsupported\":\"of_tomorrow\"}"));
    }
    Ok(Check::sound(WHAT, "keys of an unknown kind are not configured"))
}

fn at_once(talk: &mut Talk, honest: &Honest) -> Result<Check, Check> {
    const WHAT: &str = "pipelining";
    configured(talk, WHAT, honest.configure("main", &honest.policy))?;
    let ids: Vec<u64> = (0..AT_ONCE)
        .map(|_| talk.send(honest.verify("main", honest.mode, &honest.token)))
        .collect();
    for id in ids {
        talk.receive(WHAT, id)?;
    }
    // Whatever else it had to say would come now.
    match talk.conversation.receive(Duration::from_millis(20)) {
        Ok(line) => Err(Check::wrong(WHAT, "a line that nobody asked for").quoting(&line)),
        Err(_) => {
            Ok(Check::sound(WHAT, format!("{AT_ONCE} requests at once are answered in order")))
        }
    }
}

fn long(talk: &mut Talk, honest: &Honest) -> Result<Check, Check> {
    const WHAT: &str = "long lines";
    configured(talk, WHAT, honest.configure("main", &honest.policy))?;
    let token = json!({"token": "e".repeat(LONG)});
    let replied = talk.ask(WHAT, honest.verify("main", honest.mode, &token))?;
    if replied.1.contains_key("crash") {
        return Ok(
            Check::doubtful(WHAT, "a token of 8 MiB ends in an exception").quoting(&replied.0)
        );
    }
    match verdict(WHAT, &replied)? {
        "accept" => Err(Check::wrong(WHAT, "8 MiB of one letter are accepted").quoting(&replied.0)),
        _ => Ok(Check::sound(WHAT, "a line of 8 MiB is read and answered")),
    }
}

fn several(talk: &mut Talk, honest: &Honest) -> Result<Check, Check> {
    const WHAT: &str = "several";
    let elsewhere = honest.elsewhere();
    configured(talk, WHAT, honest.configure("main", &honest.policy))?;
    let main = honest.verify("main", honest.mode, &honest.token);
    is_accepted(WHAT, &talk.ask(WHAT, main.clone())?)?;
    talk.ask(WHAT, honest.configure("other", &elsewhere))?;
    let main = talk.ask(WHAT, main)?;
    let other = talk.ask(WHAT, honest.verify("other", honest.mode, &honest.token))?;
    let is_other = elsewhere == honest.policy || verdict(WHAT, &other)? != "accept";
    if verdict(WHAT, &main)? == "accept" && is_other {
        return Ok(Check::sound(WHAT, "two verifiers stand side by side"));
    }
    Err(Check::wrong(
        WHAT,
        "`several` is listed, but the second `configure` changes the first verifier",
    )
    .quoting(if is_other { &main.0 } else { &other.0 })
    .instead("a map from the request's `verifier` to what was configured under that name"))
}
