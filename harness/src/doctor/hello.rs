//! The introduction: every member that a run reads.

use std::time::Duration;

use gauntlet_vectors::case::{Capability, Part};
use serde_json::{Map, Value, json};

use super::{Check, Replied, Talk, Terms};
use crate::{
    adapter::{process::StartError, protocol},
    verifier::Description,
};

const HELLO: &str = "hello";

/// Parts that an adapter may supply, beside those that are a case's.
const MORE_PARTS: &[&str] = &["json", "jws"];

/// What an adapter may declare.
const DECLARABLE: &[(&str, &[&str])] = &[
    ("on_outage", &["fail_closed", "serve_stale"]),
    ("duplicate_header", &["reject", "last"]),
    ("kid_required", &["always", "if_several", "never"]),
    ("unknown_kid", &["reject", "try_all"]),
];

/// What an adapter tells of its library's defaults.
const DEFAULTS: &[&str] =
    &["leeway_s", "timeout_ms", "max_age_s", "cooldown_s", "max_stale_s", "max_bytes"];

/// Examines the introduction; what it says, if it can be understood.
pub(super) fn examine(
    terms: &Terms<'_>,
    tell: &mut dyn FnMut(Check),
) -> Result<Option<Description>, StartError> {
    let mut talk = Talk::start(terms)?;
    let request = json!({"op": "hello", "protocol": protocol::VERSION, "of_tomorrow": true});
    let (line, reply) = match talk.ask(HELLO, request) {
        Ok(replied) => replied,
        Err(check) => {
            tell(check);
            return Ok(None);
        }
    };
    let mut wrong = false;
    for check in members(&(line.clone(), reply.clone())) {
        wrong |= check.health == super::Health::Wrong;
        tell(check);
    }
    let description: Option<Description> = serde_json::from_value(Value::Object(reply)).ok();
    match &description {
        Some(found) if !wrong => {
            let name = &found.implementation;
            tell(Check::sound(
                HELLO,
                format!(
                    "{} {}, {}; protocol {}",
                    name.name,
                    name.version,
                    name.language,
                    protocol::VERSION
                ),
            ));
        }
        Some(_) => {}
        None if wrong => {}
        None => tell(Check::wrong(HELLO, "the reply cannot be understood").quoting(&line)),
    }
    // The process ends by itself when nobody asks any more.
    talk.conversation.end_input();
    match talk.conversation.wait(Duration::from_secs(2)) {
        Some(_) => tell(Check::sound("end of input", "it left within two seconds")),
        None => tell(
            Check::wrong(
                "end of input",
                "it was still there two seconds after the end of its input",
            )
            .instead("leave the loop when standard input ends, and end the process"),
        ),
    }
    Ok(description.filter(|_| !wrong))
}

fn members((line, reply): &Replied) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut wrong = |said: String, write: &str| {
        checks.push(Check::wrong(HELLO, said).quoting(line).instead(write));
    };
    if reply.get("protocol") != Some(&json!(protocol::VERSION)) {
        wrong("`protocol` is missing or another".to_owned(), "\"protocol\":1");
    }
    match reply.get("implementation") {
        Some(Value::Object(name)) => {
            for member in ["name", "version", "language"] {
                if !name.get(member).is_some_and(Value::is_string) {
                    wrong(
                        format!("`implementation.{member}` is missing or no string"),
                        "\"implementation\":{\"name\":\"PyJWT\",\"version\":\"2.15.1\",\"language\":\"Python 3.11\"}",
                    );
                }
            }
        }
        Some(_) | None => wrong(
            "`implementation` is missing or no object".to_owned(),
            "\"implementation\":{\"name\":\"PyJWT\",\"version\":\"2.15.1\",\"language\":\"Python 3.11\"}",
        ),
    }
    let features = strings(reply.get("features"));
    match &features {
        None => wrong(
            "`features` is missing or no array of strings".to_owned(),
            "\"features\":[\"jwt\",\"jwks\"], and whatever else the verifier can",
        ),
        Some(features) => {
            let has = |name: &str| features.iter().any(|feature| feature == name);
            let keys = ["jwks", "jwk", "pem", "der", "secret", "jwks_uri", "discovery"];
            if !has("jwt") && !has("jws") {
                wrong(
                    "`features` names neither `jwt` nor `jws`, so that nothing can be asked"
                        .to_owned(),
                    "\"jwt\" where claims are judged, \"jws\" where a bare signature is",
                );
            }
            if !keys.iter().any(|key| has(key)) {
                wrong(
                    "`features` names no kind of key, so that nothing can be configured".to_owned(),
                    "one or more of \"jwks\", \"jwk\", \"pem\", \"der\", \"secret\", \"jwks_uri\", \"discovery\"",
                );
            }
        }
    }
    let algorithms = match reply.get("algorithms") {
        Some(Value::Object(kinds)) => kinds
            .values()
            .map(|names| strings(Some(names)))
            .collect::<Option<Vec<_>>>()
            .map(|all| all.concat()),
        other => strings(other),
    };
    match &algorithms {
        None => wrong(
            "`algorithms` is missing, or neither an array of strings nor an object of such arrays"
                .to_owned(),
            "\"algorithms\":[\"RS256\",\"ES256\"], or {\"jwks\":[…],\"secret\":[…]} where they differ by kind of key",
        ),
        Some(names) if names.iter().any(|name| name.eq_ignore_ascii_case("none")) => wrong(
            "`algorithms` names `none`, which no honest token is signed with".to_owned(),
            "the algorithms that an honest token may use here; attacks name theirs without being asked",
        ),
        Some(names) if names.is_empty() => wrong(
            "`algorithms` is empty, so that nothing can be asked".to_owned(),
            "the algorithms that an honest token may use here",
        ),
        Some(_) => {}
    }
    if reply.get("curves").is_some_and(|curves| strings(Some(curves)).is_none()) {
        wrong("`curves` is no array of strings".to_owned(), "\"curves\":[\"P-256\"]");
    }
    if reply.get("adapter_does").is_some_and(|parts| strings(Some(parts)).is_none()) {
        wrong(
            "`adapter_does` is no array of strings".to_owned(),
            "\"adapter_does\":[\"issuer_routing\"]",
        );
    }
    for member in ["defaults", "declares"] {
        if reply.get(member).is_some_and(|value| !value.is_object()) {
            wrong(format!("`{member}` is no object"), "an object, or leave it out");
        }
    }
    checks.extend(unknown(line, reply, features.unwrap_or_default()));
    checks
}

/// Words that this version does not know: likely misspelt.
fn unknown(line: &[u8], reply: &Map<String, Value>, features: Vec<String>) -> Vec<Check> {
    let words: Vec<&str> = Capability::ALL.iter().map(|feature| feature.word()).collect();
    let parts: Vec<&str> =
        Part::ALL.iter().map(|part| part.word()).chain(MORE_PARTS.iter().copied()).collect();
    let declares: Vec<&str> = DECLARABLE.iter().map(|(name, _)| *name).collect();
    let names = |member: &str| {
        let object = reply.get(member).and_then(Value::as_object);
        object.map(|object| object.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    let adapter_does = strings(reply.get("adapter_does")).unwrap_or_default();
    let mut checks: Vec<Check> = [
        ("features", features, words),
        ("adapter_does", adapter_does, parts),
        ("defaults", names("defaults"), DEFAULTS.to_vec()),
        ("declares", names("declares"), declares),
    ]
    .into_iter()
    .flat_map(|(member, given, known)| {
        given
            .into_iter()
            .filter(|name| !known.contains(&name.as_str()))
            .map(|name| {
                let near = known
                    .iter()
                    .max_by(|one, other| {
                        strsim::jaro_winkler(one, &name)
                            .total_cmp(&strsim::jaro_winkler(other, &name))
                    })
                    .copied()
                    .unwrap_or_default();
                Check::doubtful(
                    HELLO,
                    format!("`{member}` has `{name}`, which is not known and passed over"),
                )
                .quoting(line)
                .instead(format!("`{near}`, if that is meant; known are {}", known.join(", ")))
            })
            .collect::<Vec<_>>()
    })
    .collect();
    for (name, values) in DECLARABLE {
        let given = reply.get("declares").and_then(|declares| declares.get(*name));
        if let Some(value) = given
            && !value.as_str().is_some_and(|value| values.contains(&value))
        {
            checks.push(
                Check::wrong(HELLO, format!("`declares.{name}` is {value}"))
                    .quoting(line)
                    .instead(format!("one of {}", values.join(", "))),
            );
        }
    }
    checks
}

fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    value?.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
}
