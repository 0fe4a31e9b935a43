//! Issuers that are found by their metadata (OpenID Connect Discovery 1.0, RFC 8414).

use serde_json::{Value, json};

use super::scenario::{
    NEW, OLD, OTHERS, Scene, accepted, accepted_within, discovered_token, fails, fetched,
    fetches_ever, mended, metadata, metadata_fail, nobody_asked, published, published_metadata,
    refused, refused_times, serving, stray, when_stale,
};
use crate::{
    case::{Basis, Case, CaseId, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::Class,
    recipe::Json,
    timeline::{Endpoint, Fault, IssuerRecipe, Scheme, Span, Step},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "discovery", title: "Issuers that are found by their metadata", cases };

/// Whose metadata they are.
const ISSUER: Class = Class {
    family: FAMILY.name,
    category: Category::Discovery,
    part: Part::Discovery,
    level: Level::Must,
    basis: Basis::Rfc,
    severity: Severity::High,
    clauses: &["RFC 8414 §3.3", "OpenID Connect Discovery 1.0 §4.3"],
    cwe: &[346],
    rule: "Metadata whose `issuer` is not, octet for octet, the issuer that was asked are not used.",
    consequence: "Whoever can place a document on the issuer's host, or is a tenant there, serves metadata \
                  in its name, and keys with them.",
    remedy: "Compare `issuer` in the metadata with the issuer that was configured, octet for octet.",
};

/// Honest.
const HONEST: Class = Class {
    severity: Severity::Medium,
    basis: Basis::Operator,
    cwe: &[],
    rule: "The keys of an issuer that is found by its metadata are used.",
    consequence: "Honest tokens are refused.",
    remedy: "Read `jwks_uri` in the metadata, and fetch the key set from there.",
    ..ISSUER
};

/// Metadata that say nothing.
const UNUSABLE: Class = Class {
    category: Category::EndpointOutage,
    clauses: &["RFC 7515 §5.2", "RFC 8414 §3.2"],
    cwe: &[636, 703],
    rule: "Without usable metadata there are no keys, and no token is accepted; when there are, tokens are \
           accepted as soon as the cooldown is over.",
    consequence: "An outage of the metadata opens the door, or outlives itself.",
    remedy: "Treat metadata that cannot be used as a failed fetch.",
    ..ISSUER
};

/// Where keys come from.
const ADDRESS: Class = Class {
    category: Category::FetchHardening,
    level: Level::Should,
    basis: Basis::Hardening,
    severity: Severity::Medium,
    clauses: &["RFC 8414 §2", "RFC 8414 §6.1"],
    cwe: &[319, 918],
    rule: "Metadata that came over https name a key set that is fetched over https; no other kind of URL is \
           fetched.",
    consequence: "Keys travel in the clear, where anybody on the way puts his own in their place.",
    remedy: "Look at the scheme of `jwks_uri` before it is asked.",
    ..ISSUER
};

/// Metadata that change.
const MOVED: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Low,
    clauses: &["RFC 8414 §2"],
    cwe: &[],
    rule: "When an issuer moves its key set, its metadata say so; they are read again.",
    consequence: "Honest tokens are refused from the move until somebody restarts the service.",
    remedy: "Give metadata a freshness as well.",
    ..HONEST
};

/// How often.
const BUDGET: Class = Class {
    category: Category::Dos,
    clauses: &["Adapter protocol 1, `fetch.cooldown_s`"],
    cwe: &[400, 770],
    severity: Severity::Medium,
    rule: "How often the metadata are fetched hangs on time, and not on how many tokens are shown.",
    consequence: "Anybody makes the service hammer its issuer with tokens that cost him nothing.",
    remedy: "Let at least the cooldown pass between two fetches of the metadata as well.",
    ..HONEST
};

fn cases() -> Vec<Case> {
    let mut cases = honest();
    cases.extend(names());
    cases.extend(unusable());
    cases.extend(addresses());
    cases.extend(in_time());
    cases
}

const STRANGER: &str = "The attacker has the issuer's host serve metadata that are not the issuer's, with \
                        keys of his own or of one of its tenants.";

fn honest() -> Vec<Case> {
    let scene = Scene::discovered();
    vec![
        scene.clone().twin(CaseId::new(FAMILY.name, "honest")).case(
            &HONEST,
            "honest",
            "accepts a token of an issuer that it found by its metadata",
            "None: the operator configured the issuer's URL alone.",
            [accepted(discovered_token(OLD))],
        ),
        scene
            .clone()
            .beside(serving(&[NEW]))
            .first(|serves| {
                serves.metadata = Some(metadata(&[("jwks_uri", json!("{issuer.1}/jwks.json"))]));
            })
            .case(
                &Class { clauses: &["RFC 8414 §2"], ..HONEST },
                "jwks-on-another-host",
                "accepts a token of an issuer whose key set is on another host",
                "None: large issuers serve their keys from hosts of their own.",
                [accepted(discovered_token(NEW)), refused(discovered_token(OLD))],
            ),
        scene.case(
            &Class { clauses: &["RFC 8725 §3.8"], basis: Basis::Bcp, ..ISSUER },
            "token-of-another-issuer",
            "refuses a token that names another issuer than the one whose keys it fetched",
            "The attacker owns another issuer's name, and has a token signed by a key of this one.",
            [
                accepted(discovered_token(OLD)),
                refused(discovered_token(OLD).claim("iss", super::ISSUER)),
                refused(discovered_token(OLD).claim("iss", "{issuer.0}/")),
            ],
        ),
        scene
            .first(|serves| {
                serves.metadata = Some(metadata(&[
                    ("token_endpoint", Value::Null),
                    ("subject_types_supported", Value::Null),
                    ("id_token_signing_alg_values_supported", Value::Null),
                ]));
            })
            .case(
                &Class {
                    clauses: &["RFC 8414 §2"],
                    severity: Severity::Low,
                    level: Level::Should,
                    ..HONEST
                },
                "few-metadata",
                "accepts a token of an issuer that publishes what a verifier needs and no more",
                "None: an issuer of access tokens that is no OpenID provider.",
                [accepted(discovered_token(OLD))],
            ),
    ]
}

fn names() -> Vec<Case> {
    [
        ("issuer-other", "another issuer", json!("https://other.test")),
        ("issuer-prefix", "the beginning of the issuer", json!("http://127.0.0.1")),
        ("issuer-longer", "an issuer below the one that was asked", json!("{issuer.0}/tenant")),
        ("issuer-slash", "the issuer and a slash", json!("{issuer.0}/")),
        ("issuer-missing", "nobody", Value::Null),
        ("issuer-number", "a number", json!(1)),
        ("issuer-array", "the issuer in an array", json!(["{issuer.0}"])),
        ("issuer-empty", "nothing", json!("")),
    ]
    .map(|(slug, how, issuer)| {
        Scene::discovered()
            .first(|serves| serves.metadata = Some(metadata(&[("issuer", issuer)])))
            .case(
                &ISSUER,
                slug,
                &format!("does not use metadata that name {how} as their issuer"),
                STRANGER,
                [
                    refused(discovered_token(OLD)),
                    published_metadata(metadata(&[])),
                    accepted_within(
                        Span::MAX_AGE.and(Span::COOLDOWN).plus(1),
                        discovered_token(OLD),
                    ),
                ],
            )
    })
    .to_vec()
}

fn unusable() -> Vec<Case> {
    let scene = Scene::discovered();
    let down = |slug, how: &str, fault| {
        scene.case(
            &UNUSABLE,
            slug,
            &format!("refuses tokens of an issuer whose metadata {how}, and accepts them when it is mended"),
            "The attacker keeps the service from the issuer's metadata, and shows a token.",
            [
                metadata_fail(fault),
                refused(discovered_token(OLD)),
                refused(discovered_token(OTHERS)),
                mended(),
                accepted_within(Span::COOLDOWN.plus(1), discovered_token(OLD)),
            ],
        )
    };
    let mut cases = vec![
        down("metadata-not-found", "are not found", Fault::Status(404)),
        down("metadata-error", "are answered 500", Fault::Status(500)),
        down("metadata-html", "are a page for people", Fault::Html),
        down("metadata-empty-object", "are an empty object", Fault::EmptyObject),
        down("metadata-garbage", "are octets that are no text", Fault::Garbage),
        down("metadata-half", "are half a document", Fault::HalfDocument),
        down("metadata-reset", "end in a reset", Fault::Reset),
    ];
    cases.extend(
        [
            ("jwks-uri-missing", "is missing", Value::Null),
            ("jwks-uri-null", "is null", json!("null")),
            ("jwks-uri-number", "is a number", json!(1)),
            ("jwks-uri-empty", "is empty", json!("")),
            ("jwks-uri-no-url", "is no URL", json!("not a url")),
            ("jwks-uri-array", "is an array", json!(["{issuer.0}/jwks.json"])),
        ]
        .map(|(slug, how, uri)| {
            let document = if slug == "jwks-uri-null" {
                Json::Text(
                    "{\"issuer\":\"{issuer.0}\",\"jwks_uri\":null,\"authorization_endpoint\":\"{issuer.0}/a\"}"
                        .to_owned(),
                )
            } else {
                metadata(&[("jwks_uri", uri)])
            };
            Scene::discovered().first(|serves| serves.metadata = Some(document)).case(
                &UNUSABLE,
                slug,
                &format!("refuses tokens of an issuer whose `jwks_uri` {how}"),
                "None: the issuer publishes metadata that tell no key set.",
                [
                    refused(discovered_token(OLD)),
                    published_metadata(metadata(&[])),
                    accepted_within(Span::MAX_AGE.and(Span::COOLDOWN).plus(1), discovered_token(OLD)),
                ],
            )
        }),
    );
    cases.push(scene.case(
        &UNUSABLE,
        "jwks-down",
        "refuses tokens of an issuer whose metadata are there and whose key set is not",
        "The attacker keeps the service from the issuer's keys, and shows a token.",
        [
            fails(Fault::Status(503)),
            refused(discovered_token(OLD)),
            refused(discovered_token(OTHERS)),
            mended(),
            accepted_within(Span::COOLDOWN.plus(1), discovered_token(OLD)),
        ],
    ));
    cases
}

fn addresses() -> Vec<Case> {
    let in_the_clear = IssuerRecipe { scheme: Some(Scheme::Http), ..serving(&[OTHERS]) };
    let secure = Scene::discovered().with_tls().twin(CaseId::new(FAMILY.name, "tls"));
    let mut cases = vec![
        secure.clone().case(
            &Class { clauses: &["RFC 8414 §6.1"], ..HONEST },
            "tls",
            "accepts a token of an issuer that it found by its metadata with TLS",
            "None: the operator configured the issuer's URL alone.",
            [accepted(discovered_token(OLD))],
        ),
        secure
            .beside(in_the_clear)
            .first(|serves| {
                serves.metadata = Some(metadata(&[("jwks_uri", json!("{issuer.1}/jwks.json"))]));
            })
            .case(
                &ADDRESS,
                "jwks-uri-in-the-clear",
                "does not fetch over http the key set of an issuer that was asked over https",
                "The attacker reads and changes what the service fetches in the clear.",
                [refused(discovered_token(OTHERS)), nobody_asked(1)],
            ),
    ];
    cases.extend(
        [
            ("jwks-uri-file", "a file", "file:///etc/hostname".to_owned()),
            ("jwks-uri-data", "a URL that holds the keys", super::endpoint::data_url()),
        ]
        .map(|(slug, how, uri)| {
            Scene::discovered()
                .first(|serves| {
                    serves.metadata = Some(metadata(&[("jwks_uri", json!(uri))]));
                })
                .case(
                    &ADDRESS,
                    slug,
                    &format!("takes no keys out of {how} that metadata name"),
                    "The attacker has a say in the metadata, and none on any server.",
                    [refused(discovered_token(OTHERS)), refused(discovered_token(OLD))],
                )
        }),
    );
    cases
}

fn in_time() -> Vec<Case> {
    let scene = Scene::discovered();
    vec![
        scene.case(
            &Class { category: Category::RotationRevocation, clauses: super::rotation::CLAUSES, ..HONEST },
            "rotation",
            "accepts a token of the new key of an issuer that it found by its metadata",
            "None: the issuer rotates its keys.",
            [
                accepted(discovered_token(OLD)),
                published(&[NEW]),
                when_stale(),
                accepted(discovered_token(NEW)),
                refused(discovered_token(OLD)),
            ],
        ),
        scene.clone().beside(serving(&[NEW])).case(
            &MOVED,
            "moves",
            "follows an issuer that moves its key set",
            "None: the issuer moves its keys to another host.",
            [
                accepted(discovered_token(OLD)),
                published_metadata(metadata(&[("jwks_uri", json!("{issuer.1}/jwks.json"))])),
                fails(Fault::Status(404)),
                when_stale(),
                accepted_within(Span::COOLDOWN.plus(1), discovered_token(NEW)),
            ],
        ),
        scene.case(
            &BUDGET,
            "metadata-once",
            "does not fetch metadata for each of 100 tokens",
            "The attacker shows token after token that names a key which nobody has.",
            [
                accepted(discovered_token(OLD)),
                refused_times(100, stray().claim("iss", "{issuer.0}")),
                fetches_ever(1, 20),
                Step::ExpectFetches {
                    issuer: 0,
                    of: Endpoint::Metadata,
                    min: 0,
                    max: Some(20),
                    cooled: false,
                },
            ],
        ),
        scene.clone().beside(serving(&[OTHERS])).case(
            &Class {
                category: Category::FetchHardening,
                cwe: &[601, 918],
                severity: Severity::High,
                clauses: &["Adapter protocol 1, `keys.discovery`"],
                rule: "Metadata come from the origin that the operator named, and from no other.",
                consequence: "Whoever can make the issuer's server redirect serves metadata, and with them \
                              keys, of his own.",
                remedy: "Follow no redirect, or none to another origin.",
                ..HONEST
            },
            "metadata-redirected",
            "does not follow a redirect of metadata to another origin",
            "The attacker makes the issuer's server redirect to a server of his own.",
            [
                published_metadata(metadata(&[])),
                Step::Publish {
                    issuer: 1,
                    serves: Box::new(crate::timeline::Publication {
                        metadata: Some(metadata(&[("jwks_uri", json!("{issuer.1}/jwks.json"))])),
                        ..crate::timeline::Publication::default()
                    }),
                },
                metadata_fail(Fault::Redirect {
                    status: 302,
                    to: "{issuer.1}/.well-known/openid-configuration".to_owned(),
                }),
                refused(discovered_token(OTHERS)),
                fetched(1, 0, 0, false),
                Step::ExpectFetches {
                    issuer: 1,
                    of: Endpoint::Metadata,
                    min: 0,
                    max: Some(0),
                    cooled: false,
                },
            ],
        ),
    ]
}
