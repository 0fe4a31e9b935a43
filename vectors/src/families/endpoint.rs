//! Endpoints that mean harm, or that somebody else stands in for: redirects, certificates, bodies without
//! end.

use serde_json::Value;

use super::scenario::{
    MAX_BYTES, OLD, OTHERS, PROMPT, Scene, accepted, accepted_within, either, fails, fetched,
    mended, nobody_asked, refused, serving, token,
};
use crate::{
    case::{Basis, Case, CaseId, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::Class,
    timeline::{Encoding, Fault, IssuerRecipe, Scheme, Span, TlsFault},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "endpoint",
    title: "Endpoints that mean harm, or that somebody stands in for",
    cases,
};

/// Whom to ask is the operator's choice.
const REDIRECTED: Class = Class {
    family: FAMILY.name,
    category: Category::FetchHardening,
    part: Part::Cache,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::High,
    clauses: &["Adapter protocol 1, `keys.jwks_uri`"],
    cwe: &[601, 918],
    rule: "Keys come from the origin that the operator named, and from no other.",
    consequence: "Whoever can make the issuer's server redirect (an open redirect is enough) serves the \
                  service keys of his own, or sends its requests to where only the service can go.",
    remedy: "Follow no redirect, or none to another origin.",
};

/// Redirects that lead nowhere.
const LOOP: Class = Class {
    severity: Severity::Medium,
    cwe: &[835],
    rule: "A fetch ends, wherever it is sent.",
    consequence: "One token is requests without end.",
    remedy: "Follow no redirect, or few.",
    ..REDIRECTED
};

/// A redirect that stays.
const SAME: Class = Class {
    severity: Severity::Low,
    rule: "A redirect within the origin may be followed.",
    consequence: "Honest tokens are refused where a server moved its documents; most servers do not.",
    remedy: "None is needed.",
    cwe: &[],
    ..REDIRECTED
};

/// Who answers is proven by his certificate.
const TLS: Class = Class {
    clauses: &["Adapter protocol 1, `fetch.ca_file`", "RFC 9110 §4.3.4"],
    cwe: &[295],
    rule: "Keys that are fetched with TLS come from a server whose certificate is valid, is of an authority \
           that the operator trusts, and names it.",
    consequence: "Whoever stands between the service and its issuer serves keys of his own.",
    remedy: "Leave the verification of certificates on.",
    ..REDIRECTED
};

const TLS_HONEST: Class = Class {
    severity: Severity::Medium,
    cwe: &[],
    rule: "Keys of a server with a valid certificate of a trusted authority are used.",
    consequence: "Honest tokens are refused.",
    remedy: "Trust the authority of `ca_file`.",
    ..TLS
};

/// How much may come.
const SIZE: Class = Class {
    level: Level::Should,
    basis: Basis::Hardening,
    severity: Severity::Medium,
    clauses: &["Adapter protocol 1, `fetch.max_bytes`"],
    cwe: &[770, 409],
    rule: "A response is read up to a bound, before and after it is decoded.",
    consequence: "Whoever answers in the issuer's name fills the memory of the service, and ends it.",
    remedy: "Stop reading at a bound; a key set is a few kilobytes.",
    ..REDIRECTED
};

/// What a key set is called on its way.
const MEDIA: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Low,
    clauses: &["RFC 7517 §8.5.1"],
    cwe: &[],
    rule: "A key set is read under the media type that is registered for it, and under that of JSON.",
    consequence: "Honest tokens are refused because of how a server labels its documents.",
    remedy: "Take `application/jwk-set+json` and `application/json`, with or without parameters.",
    ..REDIRECTED
};

/// How long it may take.
const TIME: Class = Class {
    severity: Severity::Medium,
    clauses: &["Adapter protocol 1, `fetch.timeout_ms`"],
    cwe: &[400],
    rule: "A fetch has a deadline.",
    consequence: "A server that accepts connections and says nothing takes every thread of the service, one \
                  token each.",
    remedy: "Give the whole fetch one deadline: connecting, the handshake, the head and the body.",
    ..REDIRECTED
};

/// How long it may take in all.
const DRIP: Class = Class { level: Level::Should, basis: Basis::Hardening, ..TIME };

fn cases() -> Vec<Case> {
    let mut cases = redirects();
    cases.extend(media_types());
    cases.extend(tls());
    cases.extend(sizes());
    cases.extend(times());
    cases
}

fn media_types() -> Vec<Case> {
    [
        ("media-type-jwk-set", "application/jwk-set+json"),
        ("media-type-with-charset", "application/json; charset=utf-8"),
    ]
    .map(|(slug, media)| {
        Scene::one().headers(&[("Content-Type", media)]).case(
            &MEDIA,
            slug,
            &format!("takes a set that comes as {media}"),
            "None: an honest issuer labels its documents.",
            [accepted(token(OLD))],
        )
    })
    .to_vec()
}

fn redirects() -> Vec<Case> {
    let scene = Scene::one().beside(serving(&[OTHERS]));
    let away = |slug: &str, status: u16| {
        scene.case(
            &REDIRECTED,
            slug,
            &format!("does not follow a redirect ({status}) to another origin"),
            "The attacker makes the issuer's server redirect to a server of his own.",
            [
                fails(Fault::Redirect { status, to: "{issuer.1}/jwks.json".to_owned() }),
                refused(token(OTHERS)),
                nobody_asked(1),
                mended(),
                accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
            ],
        )
    };
    let mut cases: Vec<Case> = [301, 302, 303, 307, 308]
        .map(|status| away(&format!("redirect-{status}-to-another-origin"), status))
        .to_vec();
    cases.push(scene.case(
        &REDIRECTED,
        "redirect-later-to-another-origin",
        "does not follow a redirect to another origin when it fetches again",
        "The attacker makes the issuer's server redirect to a server of his own after a while.",
        [
            accepted(token(OLD)),
            fails(Fault::Redirect { status: 302, to: "{issuer.1}/jwks.json".to_owned() }),
            super::scenario::when_cool(),
            refused(token(OTHERS)),
            super::scenario::when_stale(),
            refused(token(OTHERS)),
            nobody_asked(1),
        ],
    ));
    cases.push(
        Scene::one().with_tls().beside(serving_plainly(&[OTHERS])).case(
            &Class { cwe: &[319, 601], ..REDIRECTED },
            "redirect-to-http",
            "does not follow a redirect from https to http",
            "The attacker makes the issuer's server redirect to a connection that he can read and change.",
            [
                fails(Fault::Redirect { status: 302, to: "{issuer.1}/jwks.json".to_owned() }),
                refused(token(OTHERS)),
                nobody_asked(1),
            ],
        ),
    );
    cases.push(Scene::one().case(
        &REDIRECTED,
        "redirect-to-data",
        "takes no keys out of a URL to which it is redirected",
        "The attacker makes the issuer's server redirect to a URL that holds keys of his own.",
        [
            fails(Fault::Redirect { status: 302, to: data_url() }),
            refused(token(OTHERS)),
            mended(),
            accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
        ],
    ));
    cases.push(Scene::one().case(
        &LOOP,
        "redirect-loop",
        "ends a fetch that is redirected to where it came from",
        "Whoever answers in the issuer's name sends the service round and round.",
        [
            fails(Fault::RedirectLoop),
            refused(token(OLD)),
            PROMPT,
            fetched(0, 1, 50, false),
            mended(),
            accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
        ],
    ));
    let same = Scene::one().case(
        &SAME,
        "redirect-within-the-origin",
        "follows a redirect within the origin, or does not",
        "None: a server moved its documents, and says so.",
        [
            crate::timeline::Step::Fault {
                issuer: 0,
                at: crate::timeline::Endpoint::Jwks,
                fault: Fault::Redirect { status: 301, to: "{issuer.0}/jwks.json".to_owned() },
                after: 0,
                times: Some(1),
            },
            either(token(OLD)),
        ],
    );
    cases.push(Case { level: Level::May, severity: Severity::Info, ..same });
    cases
}

/// An issuer in the clear, whatever the verifier asks for.
fn serving_plainly(keys: &[&str]) -> IssuerRecipe {
    IssuerRecipe { scheme: Some(Scheme::Http), ..serving(keys) }
}

/// A set of the attacker's in a URL.
pub(super) fn data_url() -> String {
    let key = crate::forge::keys::find(&crate::forge::KeyName::from(OTHERS));
    let mut jwk = key.map(crate::forge::keys::TestKey::public_jwk).unwrap_or_default();
    jwk.insert("kid".to_owned(), Value::from(OTHERS));
    let set = serde_json::json!({ "keys": [jwk] }).to_string();
    format!("data:application/json,{}", set.replace('"', "%22"))
}

fn tls() -> Vec<Case> {
    let scene = Scene::one().with_tls();
    let mut cases = vec![scene.clone().twin(CaseId::new(FAMILY.name, "tls")).case(
        &TLS_HONEST,
        "tls",
        "accepts a token of a key that it fetched with TLS",
        "None: the issuer has a certificate of an authority that the operator trusts.",
        [accepted(token(OLD))],
    )];
    cases.extend(
        [
            ("tls-wrong-name", "of another server", TlsFault::WrongName),
            ("tls-expired", "that has ended", TlsFault::Expired),
            ("tls-not-yet-valid", "that has not begun", TlsFault::NotYetValid),
            ("tls-self-signed", "that its own key signed", TlsFault::SelfSigned),
            ("tls-unknown-authority", "of an authority that nobody trusts", TlsFault::UnknownAuthority),
            ("tls-no-authority", "that another server signed", TlsFault::NoAuthority),
        ]
        .map(|(slug, how, fault)| {
            scene.case(
                &TLS,
                slug,
                &format!("takes no keys from a server with a certificate {how}"),
                "The attacker stands between the service and its issuer, with a certificate that he has.",
                [
                    fails(Fault::Tls(fault)),
                    refused(token(OLD)),
                    mended(),
                    accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
                ],
            )
        }),
    );
    cases.push(scene.case(
        &Class { cwe: &[319], ..TLS },
        "tls-plain",
        "takes no keys from a server that speaks plain HTTP where TLS is due",
        "The attacker stands between the service and its issuer, and has no certificate at all.",
        [
            fails(Fault::Tls(TlsFault::Plain)),
            refused(token(OLD)),
            mended(),
            accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
        ],
    ));
    cases
}

fn sizes() -> Vec<Case> {
    let scene = Scene::one();
    let attack = "Whoever answers in the issuer's name sends more than anybody needs.";
    let mended_in_time = || [mended(), accepted_within(Span::COOLDOWN.plus(1), token(OLD))];
    let case = |class: &Class, scene: &Scene, slug: &str, title: &str, fault: Fault| {
        let [mended, again] = mended_in_time();
        scene.case(class, slug, title, attack, [fails(fault), refused(token(OLD)), mended, again])
    };
    vec![
        case(&SIZE, &scene, "16-mib", "does not take a set of 16 MiB", Fault::Padded(16 << 20)),
        case(
            &Class { level: Level::Must, basis: Basis::Operator, ..SIZE },
            &scene.clone().having("max_bytes"),
            "beyond-max-bytes",
            "does not take a set that is larger than the operator allows",
            Fault::Padded(2 * MAX_BYTES),
        ),
        case(
            &SIZE,
            &scene,
            "gzip-bomb",
            "does not take a set of 16 MiB that comes as a few kilobytes of gzip",
            Fault::Encoded(Encoding::GzipBomb),
        ),
    ]
}

fn times() -> Vec<Case> {
    let scene = Scene::one();
    let case = |class: &Class, slug: &str, how: &str, fault: Fault| {
        scene.case(
            class,
            slug,
            &format!("ends a fetch in time whose endpoint {how}"),
            "Whoever answers in the issuer's name takes his time.",
            [
                fails(fault),
                refused(token(OLD)),
                PROMPT,
                mended(),
                accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
            ],
        )
    };
    vec![
        case(&TIME, "silent", "accepts the connection and says nothing", Fault::Silent),
        case(&TIME, "silent-body", "says nothing after its header", Fault::SilentBody),
        case(&DRIP, "endless-head", "sends header fields without end", Fault::EndlessHead),
        case(&DRIP, "endless-body", "sends white space without end", Fault::Endless),
        drip(&scene),
    ]
}

/// Slow, and whole in the end: whoever waits that long may take it, and comes late.
fn drip(scene: &Scene) -> Case {
    scene.case(
        &DRIP,
        "drip",
        "ends a fetch in time whose endpoint sends octet by octet",
        "Whoever answers in the issuer's name sends an octet whenever a read would time out.",
        [
            fails(Fault::Drip),
            either(token(OLD)),
            PROMPT,
            mended(),
            accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
        ],
    )
}
