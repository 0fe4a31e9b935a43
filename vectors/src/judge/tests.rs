//! The judge over the whole product of its inputs.

use std::time::Duration;

use serde_json::json;

use super::*;

const SIGNED: &[u8] = br#"{"sub":"alice","role":"reader"}"#;

/// Permitted sets of every kind: refuse; accept; believe a claim; and choices of them.
fn permitted_sets() -> Vec<Permitted> {
    let role = Belief::Claim { name: "role".to_owned(), value: json!("reader") };
    vec![
        Permitted::refuse(),
        Permitted::accept(),
        Permitted::accept_believing(Belief::Payload(SIGNED.to_vec())),
        Permitted::accept_believing(role.clone()),
        Permitted::choice(Belief::Signed),
        Permitted::choice(role),
    ]
}

/// What an acceptance may bring as evidence, and whether it is what was signed.
fn acceptances() -> Vec<(Believed, bool)> {
    let claims =
        |value: Value| Believed { claims: value.as_object().cloned(), ..Believed::default() };
    let payload =
        |octets: &[u8]| Believed { payload: Some(octets.to_vec()), ..Believed::default() };
    vec![
        (Believed::default(), true),
        (payload(SIGNED), true),
        (claims(json!({"sub": "alice", "role": "reader"})), true),
        (payload(br#"{"sub":"mallory","role":"admin"}"#), false),
        (claims(json!({"sub": "mallory", "role": "admin"})), false),
    ]
}

fn silences() -> Vec<NoAnswer> {
    let text = String::new;
    vec![
        NoAnswer::Died { how: text(), last_words: text() },
        NoAnswer::Exception { text: text() },
        NoAnswer::Hang { after: Duration::ZERO },
        NoAnswer::Garbage { why: text() },
        NoAnswer::Trouble { text: text() },
        NoAnswer::Unsupported { what: text() },
    ]
}

fn product(mut check: impl FnMut(&Asked<'_>)) -> usize {
    let mut combinations = 0;
    for permitted in &permitted_sets() {
        for level in Level::ALL {
            for mode in [Mode::Jwt, Mode::Jws] {
                for twin in [Twin::NotNeeded, Twin::Accepted, Twin::NotAccepted] {
                    combinations += 1;
                    check(&Asked {
                        level: *level,
                        permitted,
                        mode,
                        signed_payload: Some(SIGNED),
                        twin,
                    });
                }
            }
        }
    }
    combinations
}

#[test]
fn silence_never_passes_and_is_never_information() {
    let combinations = product(|asked| {
        for no_answer in silences() {
            let judged = judge(asked, &Err(no_answer.clone()));
            let due = match no_answer {
                NoAnswer::Died { .. } | NoAnswer::Exception { .. } => Outcome::Crash,
                NoAnswer::Hang { .. } => Outcome::Hang,
                NoAnswer::Garbage { .. } | NoAnswer::Trouble { .. } => Outcome::Error,
                NoAnswer::Unsupported { .. } => Outcome::Skip,
            };
            assert_eq!(judged.outcome, due, "{asked:?} {no_answer:?}");
            assert_eq!(judged.impact.is_some(), due.is_finding(), "{asked:?} {no_answer:?}");
        }
    });
    assert_eq!(combinations, 6 * 3 * 2 * 3);
}

#[test]
fn a_refusal_passes_only_where_it_is_due_and_the_twin_was_accepted() {
    product(|asked| {
        for verdict in [Verdict::reject("no"), Verdict::Unavailable { error: "no keys".to_owned() }]
        {
            let judged = judge(asked, &Ok(verdict));
            let due = if asked.permitted.is_refusal_only() {
                match asked.twin {
                    Twin::NotAccepted => (Outcome::Inconclusive, None),
                    Twin::Accepted | Twin::NotNeeded => (Outcome::Pass, None),
                }
            } else if asked.permitted.permits_refusal() || asked.level == Level::May {
                (Outcome::Info, None)
            } else {
                (Outcome::Fail, Some(Impact::Denial))
            };
            assert_eq!((judged.outcome, judged.impact), due, "{asked:?}");
        }
    });
}

#[test]
fn an_acceptance_passes_only_where_it_is_demanded_and_believes_what_was_signed() {
    product(|asked| {
        for (believed, genuine) in acceptances() {
            let judged = judge(asked, &Ok(Verdict::Accept(believed.clone())));
            // Without a payload, a jws acceptance has no evidence that could contradict it, unless
            // the case is about a claim.
            let about_a_claim = asked
                .permitted
                .behaviours()
                .iter()
                .any(|behaviour| matches!(behaviour, Behaviour::Accept(Belief::Claim { .. })));
            let seen = believed.payload.is_some() || asked.mode == Mode::Jwt || about_a_claim;
            let due = if asked.permitted.is_refusal_only() {
                match asked.level {
                    Level::Must | Level::Should => (Outcome::Fail, Some(Impact::Bypass)),
                    Level::May => (Outcome::Info, None),
                }
            } else if !genuine && seen {
                (Outcome::Fail, Some(Impact::Bypass))
            } else if asked.permitted.is_acceptance_only() && asked.level != Level::May {
                (Outcome::Pass, None)
            } else {
                (Outcome::Info, None)
            };
            assert_eq!((judged.outcome, judged.impact), due, "{asked:?} {believed:?}");
        }
    });
}

#[test]
fn a_subject_that_nobody_signed_is_a_bypass() {
    let permitted = Permitted::accept();
    let asked = Asked {
        level: Level::Must,
        permitted: &permitted,
        mode: Mode::Jwt,
        signed_payload: Some(br#"{"iss":"joe"}"#),
        twin: Twin::NotNeeded,
    };
    let claims = json!({"iss": "joe", "sub": "root"}).as_object().cloned();
    let judged = judge(&asked, &Ok(Verdict::Accept(Believed { claims, ..Believed::default() })));
    assert_eq!((judged.outcome, judged.impact), (Outcome::Fail, Some(Impact::Bypass)));
}
