//! Endpoints that fail: nothing is believed that did not come, nothing is forgotten that is fresh, and what
//! was broken is used again soon after it was mended.

use super::scenario::{
    NEW, OLD, OTHERS, PROMPT, Scene, accepted, accepted_times, accepted_within, as_declared,
    either, fails, mended, published_by, refused, refused_times, set, stray, token, under,
    when_cool, when_stale, when_useless,
};
use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::Class,
    timeline::{Encoding, Fault, Publication, Span, Step},
};

/// See the module.
pub const FAMILY: Family = Family { name: "outage", title: "Key-set endpoints that fail", cases };

/// Nothing came.
const COLD: Class = Class {
    family: FAMILY.name,
    category: Category::EndpointOutage,
    part: Part::Cache,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::High,
    clauses: &["RFC 7515 §5.2", "RFC 7519 §7.2"],
    cwe: &[636, 703],
    rule: "Without a key no signature can be verified, and without that no token is accepted; when the \
           endpoint answers again, tokens are accepted as soon as the cooldown is over.",
    consequence: "Whoever keeps the service from its issuer's keys, or waits for the day on which they are \
                  not there, is let in; or an outage of a minute is one of hours.",
    remedy: "Let a fetch that brings no key set, in whichever way, end in a refusal; remember the failure \
             for the cooldown and no longer.",
};

/// What was fetched is fresh.
const FRESH: Class = Class {
    basis: Basis::Operator,
    severity: Severity::Medium,
    clauses: &["Adapter protocol 1, `fetch.max_age_s`"],
    cwe: &[404],
    rule: "A fetch that fails takes nothing away from a set that is fresh.",
    consequence: "One forged token that asks for a fetch during a short outage makes it an outage of the \
                  service: all honest tokens are refused.",
    remedy: "Put a fetched set in place of the old one when it has been read whole, and not before.",
    ..COLD
};

/// What was fetched is no longer fresh.
const STALE: Class = Class {
    basis: Basis::Operator,
    clauses: &["Adapter protocol 1, `fetch.max_stale_s`"],
    cwe: &[672, 636],
    rule: "A set past its freshness serves while its endpoint fails, if at all, as the verifier declares, \
           and never longer than the operator allows.",
    consequence: "Whoever keeps the service from the issuer's keys goes on to use a stolen one, for ever.",
    remedy: "Bound how long a set may serve past its freshness, and count from its fetch.",
    ..COLD
};

/// A set in what is no success.
const STATUS: Class = Class {
    level: Level::Should,
    basis: Basis::Hardening,
    severity: Severity::Medium,
    clauses: &["RFC 9110 §15.5", "RFC 9110 §15.6"],
    cwe: &[252],
    rule: "A response that is no success brings no keys, whatever its body is.",
    consequence: "An error page whose text an attacker chooses is a key set of his.",
    remedy: "Look at the status before the body.",
    ..COLD
};

/// Part of a set.
const PART: Class = Class {
    clauses: &["RFC 9112 §8", "RFC 9111 §3.3"],
    cwe: &[354],
    rule: "A response that broke off brings no keys, even where what came can be read.",
    consequence: "Whoever cuts a connection chooses which keys the service knows.",
    remedy: "Take a body only when as much came as was announced, or its last chunk.",
    ..STATUS
};

fn cases() -> Vec<Case> {
    let mut cases = cold();
    cases.extend(statuses());
    cases.extend(parts());
    cases.push(not_gzip());
    cases.extend(documents());
    cases.extend(fresh());
    cases.extend(stale());
    cases.push(not_an_outage());
    cases
}

const DOWN: &str = "The attacker keeps the service from its issuer, or waits until somebody else does; he \
                    shows a token that he took or made.";

/// Nothing at all, of a kind, at the first fetch.
fn cold() -> Vec<Case> {
    let scene = Scene::one();
    [
        ("refused-cold", "refuses connections", Fault::Refused),
        ("closed-cold", "closes connections at once", Fault::Closed),
        ("reset-cold", "resets connections", Fault::Reset),
        ("cut-cold", "breaks off", Fault::Cut),
        ("short-length-cold", "announces less than it sends", Fault::ShortLength),
        ("bad-chunk-cold", "sends a chunk of no size", Fault::BadChunk),
        ("not-http-cold", "speaks no HTTP", Fault::NotHttp),
        ("not-found-cold", "answers 404", Fault::Status(404)),
        ("no-content-cold", "answers 204", Fault::Status(204)),
        ("too-many-cold", "answers 429", Fault::Status(429)),
        ("error-cold", "answers 500", Fault::Status(500)),
        ("unavailable-cold", "answers 503", Fault::Status(503)),
        ("not-modified-cold", "answers 304 to whoever has nothing", Fault::NotModified),
        ("html-cold", "serves a page for people", Fault::Html),
        ("empty-cold", "serves nothing", Fault::Empty),
        ("empty-object-cold", "serves an empty object", Fault::EmptyObject),
        ("garbage-cold", "serves octets that are no text", Fault::Garbage),
        ("half-cold", "serves half a document", Fault::HalfDocument),
    ]
    .map(|(slug, how, fault)| {
        scene.case(
            &COLD,
            slug,
            &format!("refuses tokens while an endpoint {how}, and accepts them when it is mended"),
            DOWN,
            [
                fails(fault),
                refused(token(OLD)),
                refused(under(OTHERS, OLD)),
                mended(),
                accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
            ],
        )
    })
    .to_vec()
}

/// A set of the attacker's in what is no success.
fn statuses() -> Vec<Case> {
    let scene = Scene::one();
    [401, 404, 500, 503]
        .map(|status| {
            scene.case(
                &STATUS,
                &format!("keys-in-{status}"),
                &format!("takes no keys out of a response with the status {status}"),
                "The attacker has a say in the text of an error page of the issuer, or of a proxy before it.",
                [
                    published_by(0, set(&[OTHERS])),
                    fails(Fault::StatusWithDocument(status)),
                    refused(token(OTHERS)),
                    published_by(0, set(&[OLD])),
                    mended(),
                    accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
                ],
            )
        })
        .to_vec()
}

/// All of the document and not all of the response.
fn parts() -> Vec<Case> {
    let scene = Scene::one();
    [
        ("cut-tail-cold", "whose last octets never came", Fault::CutTail),
        ("cut-chunks-cold", "whose last chunk never came", Fault::CutChunks),
    ]
    .map(|(slug, how, fault)| {
        scene.case(
            &PART,
            slug,
            &format!("takes no keys out of a response {how}"),
            "Somebody on the way cuts the connection at a place of his choice.",
            [
                fails(fault),
                refused(token(OLD)),
                mended(),
                accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
            ],
        )
    })
    .to_vec()
}

/// A coding that is none: some look at the header field, some do not.
fn not_gzip() -> Case {
    Scene::one().case(
        &COLD,
        "not-gzip",
        "survives a response that says gzip and sends none",
        "None: a proxy before the issuer has a bad day.",
        [
            fails(Fault::Encoded(Encoding::NotGzip)),
            either(token(OLD)),
            refused(under(OTHERS, OLD)),
            mended(),
            accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
        ],
    )
}

/// Documents that are no sets, with 200; the set was there before.
fn documents() -> Vec<Case> {
    let text = |text: &str| {
        crate::policy::KeysRecipe::Document(crate::recipe::Json::Text(text.to_owned()))
    };
    [
        ("keys-missing", "has no `keys`", "{\"key\":[]}"),
        ("keys-null", "says that `keys` is null", "{\"keys\":null}"),
        ("keys-object", "has an object for `keys`", "{\"keys\":{}}"),
        ("array", "is an array", "[]"),
        ("null", "is null", "null"),
        ("error-object", "is an error in JSON", "{\"error\":\"temporarily_unavailable\"}"),
    ]
    .map(|(slug, how, document)| {
        Scene::one().case(
            &FRESH,
            &format!("document-{slug}"),
            &format!("keeps the set that it has where a document that was fetched {how}"),
            "None: the issuer, or a proxy before it, has a bad day.",
            [
                accepted(token(OLD)),
                published_by(0, text(document)),
                when_cool(),
                refused(stray()),
                accepted(token(OLD)),
                published_by(0, set(&[OLD, NEW])),
                accepted_within(Span::MAX_AGE.and(Span::COOLDOWN).plus(1), token(NEW)),
            ],
        )
    })
    .to_vec()
}

/// A forged token asks for a fetch, which fails, while the set is fresh.
fn fresh() -> Vec<Case> {
    let scene = Scene::one();
    [
        ("refused-fresh", "refuses connections", Fault::Refused),
        ("silent-fresh", "says nothing", Fault::Silent),
        ("reset-fresh", "resets connections", Fault::Reset),
        ("cut-fresh", "breaks off", Fault::Cut),
        ("not-found-fresh", "answers 404", Fault::Status(404)),
        ("error-fresh", "answers 500", Fault::Status(500)),
        ("html-fresh", "serves a page for people", Fault::Html),
        ("empty-fresh", "serves nothing", Fault::Empty),
        ("empty-object-fresh", "serves an empty object", Fault::EmptyObject),
        ("half-fresh", "serves half a document", Fault::HalfDocument),
        ("not-modified-fresh", "answers 304 to whoever did not ask", Fault::NotModified),
    ]
    .map(|(slug, how, fault)| {
        scene.case(
            &FRESH,
            slug,
            &format!("goes on with a fresh set while its endpoint {how}"),
            "The attacker shows a token that names an unknown key while the issuer is down.",
            [
                accepted(token(OLD)),
                fails(fault),
                when_cool(),
                refused(stray()),
                accepted_times(3, token(OLD)),
            ],
        )
    })
    .to_vec()
}

/// The set is past its freshness, and then past all use.
fn stale() -> Vec<Case> {
    let scene = Scene::one();
    let mut cases: Vec<Case> = [
        ("refused-stale", "refuses connections", Fault::Refused),
        ("silent-stale", "says nothing", Fault::Silent),
        ("error-stale", "answers 500", Fault::Status(500)),
        ("not-found-stale", "answers 404", Fault::Status(404)),
        ("html-stale", "serves a page for people", Fault::Html),
        ("empty-object-stale", "serves an empty object", Fault::EmptyObject),
        ("half-stale", "serves half a document", Fault::HalfDocument),
        ("cut-stale", "breaks off", Fault::Cut),
        ("not-modified-stale", "answers 304 to whoever did not ask", Fault::NotModified),
    ]
    .map(|(slug, how, fault)| {
        scene.case(
            &STALE,
            slug,
            &format!("ends the use of a stale set while its endpoint {how}"),
            DOWN,
            [
                accepted(token(OLD)),
                fails(fault),
                when_stale(),
                as_declared(token(OLD)),
                refused(under(OTHERS, OLD)),
                super::scenario::after(Span::MAX_STALE),
                refused(token(OLD)),
                mended(),
                accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
            ],
        )
    })
    .to_vec();
    cases.push(scene.case(
        &STALE,
        "used-all-the-time",
        "ends the use of a stale set that is used all the time while its endpoint fails",
        "The attacker uses a stolen key again and again during the outage that he made.",
        [
            accepted(token(OLD)),
            fails(Fault::Status(503)),
            when_stale(),
            as_declared(token(OLD)),
            super::scenario::after(Span::MAX_STALE.plus(-2)),
            either(token(OLD)),
            super::scenario::after(Span::seconds(2)),
            refused(token(OLD)),
            super::scenario::after(Span::MAX_AGE),
            refused(token(OLD)),
        ],
    ));
    cases.push(scene.case(
        &STALE,
        "slept-through",
        "does not use a set that nobody asked for until it was past all use",
        "The attacker waits for a service that is seldom used, and for an outage of its issuer.",
        [
            accepted(token(OLD)),
            fails(Fault::Status(500)),
            when_useless(),
            refused(token(OLD)),
            mended(),
            accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
        ],
    ));
    cases
}

/// One forged token is no outage.
fn not_an_outage() -> Case {
    let headers = Publication {
        headers: Some(vec![("Cache-Control".to_owned(), "no-store".to_owned())]),
        ..Publication::default()
    };
    Scene::one().case(
        &FRESH,
        "forged-tokens-first",
        "accepts honest tokens after 20 forged ones that came first and found the endpoint down",
        "The attacker shows forged tokens to a service that has just started, while the issuer restarts.",
        [
            Step::Publish { issuer: 0, serves: Box::new(headers) },
            fails(Fault::Status(503)),
            refused_times(20, stray()),
            mended(),
            accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
            PROMPT,
        ],
    )
}
