//! Three small records: nothing found, something of every kind found, and hostile text in every place that a verifier
//! or an endpoint can put text into.

use std::{collections::BTreeMap, sync::LazyLock};

use gauntlet_reports::record::{
    Attribution, CaseResult, CatalogueName, Cause, ClockName, Evidence, FORMAT_VERSION, ImpactName,
    OutcomeName, Record, RequestSeen, StepResult, Totals, VerifierEntry,
};
use gauntlet_vectors::{Case, Catalogue};
use serde_json::{Map, Value, json};

/// Markup of HTML, XML and Markdown, an escape of a terminal, marks that turn a line around, a NUL, and half a
/// surrogate pair as JSON writes it.
pub(crate) const HOSTILE: &str = "<script>window.__owned=1</script>]]>\"><img src=x onerror=window.__owned=1>\
    \u{1b}[31m\u{202e}txt.exe\u{2066}\0\u{7}\r\n| a | [b](javascript:alert) `c` **d** \\ud800 &amp; <!-- --> \u{feff}\u{ffff}";

/// The reference's, over everything that its few cases are part of.
pub(crate) fn clean() -> Record {
    let mut record = empty(vec![verifier("reference", "reference", "0.1.0")]);
    for id in ["honest/es256", "unsecured/none", "token-type/parameter"] {
        let outcome = if id.ends_with("parameter") { OutcomeName::Info } else { OutcomeName::Pass };
        record.results.push(result(id, "reference", outcome));
    }
    // As if these cases were all there are.
    record.catalogue.categories = BTreeMap::new();
    for result in &record.results {
        *record.catalogue.categories.entry(result.category.clone()).or_default() += 1;
    }
    sealed(record)
}

/// A finding of every standing and impact, and every other outcome, over two verifiers.
pub(crate) fn findings() -> Record {
    let mut record = empty(vec![
        verifier("pyjwt@2.10.0", "PyJWT", "2.10.0"),
        verifier("cmd:python3 ci/adapter.py", "homemade", "1.0"),
    ]);
    let (lab, own) = ("pyjwt@2.10.0", "cmd:python3 ci/adapter.py");
    let of = |id: &str, verifier: &str, outcome, impact| CaseResult {
        impact: Some(impact),
        observed: Some("accept".to_owned()),
        reason: "accepted what has to be refused".to_owned(),
        evidence: Some(Evidence::default()),
        ..result(id, verifier, outcome)
    };
    record.results.extend([
        result("honest/es256", lab, OutcomeName::Pass),
        result("honest/es256", own, OutcomeName::Pass),
        result("unsecured/none", lab, OutcomeName::Pass),
        of("unsecured/none", own, OutcomeName::Fail, ImpactName::Bypass),
        CaseResult {
            cause: Some(Cause::Confirmed("issuer-as-substring".to_owned())),
            ..of("issuer/prefix", lab, OutcomeName::Fail, ImpactName::Bypass)
        },
        CaseResult {
            attributed_to: Attribution::Adapter,
            ..of("issuer/prefix", own, OutcomeName::Fail, ImpactName::Bypass)
        },
        CaseResult {
            cause: Some(Cause::Unconfirmed),
            flaky: true,
            ..of("audience/prefix", lab, OutcomeName::Fail, ImpactName::Bypass)
        },
        CaseResult {
            known: true,
            ..of("audience/prefix", own, OutcomeName::Fail, ImpactName::Bypass)
        },
        CaseResult {
            severity: "medium".to_owned(),
            observed: Some("crash".to_owned()),
            reason: "the process died (signal 11)".to_owned(),
            evidence: Some(Evidence {
                stderr: Some("thread 'main' has overflowed its stack".to_owned()),
                ..Evidence::default()
            }),
            ..of("json/header-depth-100k", lab, OutcomeName::Crash, ImpactName::Crash)
        },
        of("json/header-depth-100k", own, OutcomeName::Hang, ImpactName::Hang),
        CaseResult {
            observed: Some("reject".to_owned()),
            reason: "refused what has to be accepted".to_owned(),
            permitted: vec!["accept".to_owned()],
            ..of("token-type/upper-case", lab, OutcomeName::Fail, ImpactName::Denial)
        },
        CaseResult {
            reason: "refused, but so was its twin".to_owned(),
            ..result("token-type/other-jwt", lab, OutcomeName::Inconclusive)
        },
        CaseResult {
            reason: "the adapter answered no JSON".to_owned(),
            ..result("token-type/other-jwt", own, OutcomeName::Error)
        },
        CaseResult {
            reason: "needs `multi_issuer`".to_owned(),
            ..result("issuers/first", lab, OutcomeName::Skip)
        },
        CaseResult {
            reason: "refused; either is permitted".to_owned(),
            ..result("token-type/parameter", lab, OutcomeName::Info)
        },
        scenario(of("fetching/unknown-kids-in-turn", lab, OutcomeName::Fail, ImpactName::Budget)),
    ]);
    sealed(record)
}

/// The same with hostile text in place of whatever a verifier, an endpoint or a token says.
pub(crate) fn hostile() -> Record {
    let mut record = findings();
    let hostile = || HOSTILE.to_owned();
    let said = || Map::from_iter([(hostile(), Value::from(HOSTILE))]);
    record.command = vec!["gauntlet".to_owned(), hostile()];
    record.started = hostile();
    record.finished = Some(hostile());
    for entry in &mut record.verifiers {
        entry.id.push_str(HOSTILE);
        entry.name = hostile();
        entry.version = hostile();
        entry.language = hostile();
        entry.features = vec![hostile()];
        entry.algorithms = vec![hostile()];
        entry.adapter_does = vec![hostile()];
        entry.defaults = said();
        entry.declares = said();
        entry.trouble = Some(hostile());
        entry.warnings = vec![hostile()];
    }
    for result in &mut record.results {
        result.verifier.push_str(HOSTILE);
        result.reason = hostile();
        result.observed = Some(hostile());
        result.title = hostile();
        result.clauses = vec![hostile()];
        result.basis = hostile();
        result.effective = said();
        if let Some(Cause::Confirmed(name)) = &mut result.cause {
            *name = hostile();
        }
        for step in &mut result.steps {
            step.what = hostile();
            step.observed = hostile();
            step.reason = hostile();
            step.permitted = vec![hostile()];
        }
        if let Some(evidence) = &mut result.evidence {
            evidence.stderr = Some(hostile());
            for request in &mut evidence.requests {
                request.method = hostile();
                request.path = hostile();
                request.headers = vec![(hostile(), hostile())];
                request.tls = Some(hostile());
                request.fault = Some(hostile());
            }
        }
    }
    for case in &mut record.cases {
        case.title = hostile();
        for part in [
            &mut case.story.rule,
            &mut case.story.attack,
            &mut case.story.consequence,
            &mut case.story.remedy,
        ] {
            *part = hostile();
        }
        case.policy.audiences.push(hostile());
    }
    sealed(record)
}

fn verifier(id: &str, name: &str, version: &str) -> VerifierEntry {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    VerifierEntry {
        id: id.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        language: "Python".to_owned(),
        features: words(&["jwt", "jwks", "jwks_uri"]),
        algorithms: words(&["ES256", "RS256"]),
        adapter_does: words(&["issuer_routing"]),
        defaults: Map::from_iter([("leeway_s".to_owned(), json!(0))]),
        declares: Map::new(),
        clock: ClockName::Virtual,
        trouble: None,
        warnings: Vec::new(),
    }
}

fn empty(verifiers: Vec<VerifierEntry>) -> Record {
    Record {
        format_version: FORMAT_VERSION,
        catalogue: CatalogueName {
            version: "2026.1".to_owned(),
            // Not that of the catalogue, which changes with every case: these records stay as they are.
            digest: format!("sha256:{}", "0".repeat(64)),
            categories: BTreeMap::from([
                ("alg-none".to_owned(), 36),
                ("claims-issuer".to_owned(), 101),
            ]),
        },
        profile: "core".to_owned(),
        seed: 0,
        order: "catalogue".to_owned(),
        started: "2026-11-22T09:00:00Z".to_owned(),
        finished: Some("2026-11-22T09:00:02Z".to_owned()),
        now: 1_795_000_000,
        complete: true,
        command: ["gauntlet", "run"].map(str::to_owned).to_vec(),
        runs: Vec::new(),
        verifiers,
        frameworks: Vec::new(),
        cases: Vec::new(),
        results: Vec::new(),
        totals: Totals::default(),
    }
}

fn case(id: &str) -> Case {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::build);
    let found = id.parse().ok().and_then(|id| CATALOGUE.find(&id).cloned());
    found.unwrap_or_else(|| panic!("there is no case {id}"))
}

fn result(id: &str, verifier: &str, outcome: OutcomeName) -> CaseResult {
    let case = case(id);
    CaseResult {
        case: id.to_owned(),
        verifier: verifier.to_owned(),
        family: case.id.family().to_owned(),
        title: case.title.clone(),
        category: case.category.word().to_owned(),
        clauses: case.clauses.iter().map(ToString::to_string).collect(),
        level: case.level.word().to_owned(),
        basis: case.basis.word().to_owned(),
        severity: case.severity.word().to_owned(),
        outcome,
        flaky: false,
        order_dependent: false,
        attributed_to: Attribution::Library,
        impact: None,
        permitted: vec!["reject".to_owned()],
        observed: Some("reject".to_owned()),
        reason: "refused".to_owned(),
        known: false,
        cause: None,
        twin: case.twin.as_ref().map(ToString::to_string),
        duration_us: 1_250,
        steps: Vec::new(),
        effective: Map::new(),
        evidence: None,
    }
}

/// The same with the steps and the requests of a scenario.
fn scenario(result: CaseResult) -> CaseResult {
    let step = |step, what: &str, at_s, observed: &str, outcome, requests| StepResult {
        step,
        what: what.to_owned(),
        at_s,
        permitted: Vec::new(),
        observed: observed.to_owned(),
        outcome,
        reason: String::new(),
        requests,
    };
    let request = |step, at_ms| RequestSeen {
        step,
        issuer: 0,
        at_ms,
        connection: at_ms,
        method: "GET".to_owned(),
        path: "/jwks".to_owned(),
        headers: vec![("accept".to_owned(), "*/*".to_owned())],
        tls: None,
        fault: None,
        status: Some(200),
        sent: 512,
    };
    CaseResult {
        observed: Some("200 requests".to_owned()),
        reason: "200 requests came, at most 2 were allowed".to_owned(),
        steps: vec![
            step(0, "an honest token is shown", 0, "accept", Some(OutcomeName::Pass), 1),
            step(
                1,
                "200 tokens of unknown keys are shown",
                0,
                "200 × reject",
                Some(OutcomeName::Pass),
                200,
            ),
            step(2, "at most 2 requests have come", 0, "200 requests", Some(OutcomeName::Fail), 0),
        ],
        effective: Map::from_iter([("cooldown_s".to_owned(), json!(30))]),
        evidence: Some(Evidence { requests: vec![request(0, 3), request(1, 5)], stderr: None }),
        ..result
    }
}

/// The record with its cases and totals.
fn sealed(mut record: Record) -> Record {
    if record.cases.is_empty() {
        let findings = record.results.iter().filter(|result| result.outcome.is_finding());
        let mut ids: Vec<String> = Vec::new();
        for result in findings {
            for id in std::iter::once(&result.case).chain(&result.twin) {
                if !ids.contains(id) {
                    ids.push(id.clone());
                }
            }
        }
        record.cases = ids.iter().map(|id| case(id)).collect();
    }
    record.totals = Totals::of(&record.results);
    // In the order that a run would have given it.
    Record::from_events(record.events()).unwrap()
}
