//! The HTML report: what it says, how it tells what weighs less from a requirement, and what keeps it harmless.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the whole file is a test, whose panic is its report"
)]

#[path = "writers/records.rs"]
mod records;

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_reports::{
    Record, Writer,
    compliance::State,
    finding::{Standing, findings},
    record::{Totals, VerifierEntry},
};
use gauntlet_vectors::Catalogue;
use sha2::{Digest, Sha256};

fn page(record: &Record) -> String {
    let mut bytes = Vec::new();
    (Writer::named("html").unwrap().write)(record, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The text between two marks, each time that they are there.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open)
        .skip(1)
        .filter_map(|rest| rest.split_once(close))
        .map(|(inner, _)| inner)
        .collect()
}

/// The entry of a case in the findings.
fn entry<'a>(page: &'a str, case: &str) -> &'a str {
    let open = format!("data-case=\"{case}\"");
    let articles = between(page, "<article class=\"case\"", "</article>");
    articles
        .into_iter()
        .find(|article| article.contains(&open))
        .unwrap_or_else(|| panic!("no entry of {case}"))
}

#[test]
fn a_partial_run_says_so_where_nobody_can_miss_it_and_a_whole_one_does_not() {
    let mut record = records::clean();
    record.catalogue.categories = BTreeMap::from([("alg-none".to_owned(), 1)]);
    let alerts =
        |record: &Record| between(&page(record), "<div class=\"alert\"", "</div>").join("\n");
    assert_eq!(alerts(&record), "");

    record.complete = false;
    assert!(alerts(&record).contains("Partial run: it ended before"));
    record.complete = true;
    record.catalogue.categories = BTreeMap::from([("alg-none".to_owned(), 1772)]);
    assert!(alerts(&record).contains("of the catalogue's 1,772 cases were selected"));
    record.verifiers[0].trouble = Some("it died thrice".to_owned());
    assert!(alerts(&record).contains("it died thrice"));
}

#[test]
fn every_finding_has_an_entry_with_its_command_and_its_evidence() {
    let record = records::findings();
    let page = page(&record);
    let mut commands = 0;
    for finding in findings(&record) {
        let entry = entry(&page, &finding.result.case);
        assert!(entry.contains(&finding.verifier.name), "{entry}");
        assert!(entry.contains("<details class=\"evidence\">"), "{entry}");
        assert!(entry.contains("SHA-256"), "the token is shown, with its hash: {entry}");
        commands += usize::from(entry.contains(&finding.replay()));
    }
    // One command a case: the one that shows its most dangerous finding.
    let cases: BTreeSet<_> =
        findings(&record).iter().map(|finding| finding.result.case.clone()).collect();
    assert_eq!(commands, cases.len());
}

#[test]
fn evidence_shows_in_what_a_token_differs_from_its_twin() {
    let page = page(&records::findings());
    let none = entry(&page, "unsecured/none").replace("&quot;", "\"");
    assert!(none.contains("<del>−   \"alg\": \"ES256\",</del>"), "{none}");
    assert!(none.contains("<ins>+   \"alg\": \"none\",</ins>"), "{none}");
}

#[test]
fn a_case_with_issuers_is_drawn_and_told_step_by_step() {
    let page = page(&records::findings());
    let fetching = entry(&page, "fetching/unknown-kids-in-turn");
    assert!(fetching.contains("aria-label=\"Timeline; the same stands in the table of steps\""));
    for column in
        ["What happens", "Permitted", "Observed", "Requests", "Header fields of the request"]
    {
        assert!(fetching.contains(column), "{column}");
    }
    assert!(fetching.contains("Issuer 0 serves at first"), "the key set of the moment is shown");
}

#[test]
fn whatever_weighs_less_than_a_requirement_is_marked_beside_whose_it_is() {
    let record = records::findings();
    let page = page(&record);
    for finding in findings(&record).iter().filter(|finding| finding.standing != Standing::Must) {
        let entry = entry(&page, &finding.result.case);
        let own = between(entry, "<li>", "</li>");
        let own = own.into_iter().find(|own| own.contains(&finding.verifier.name)).unwrap();
        assert!(
            own.contains(&format!("<span class=\"tag st\">{}</span>", finding.standing)),
            "{own}"
        );
    }
    // And no requirement carries such a mark.
    let must = findings(&record);
    let must = must.iter().find(|finding| finding.standing == Standing::Must).unwrap();
    let own = between(entry(&page, &must.result.case), "<li>", "</li>");
    let own = own.into_iter().find(|own| own.contains(&must.verifier.name)).unwrap();
    assert!(!own.contains("tag st"), "{own}");
}

#[test]
fn a_control_has_a_state_in_four_words_and_no_others() {
    for record in [records::clean(), records::findings(), many(records::findings(), 6)] {
        let page = page(&record);
        let frameworks = between(&page, "<section id=\"frameworks\"", "</section>")[0];
        let mut cells = 0;
        for cell in between(frameworks, "<td class=\"st-", "</td>") {
            let (_, words) = cell.split_once('>').unwrap();
            let words = words.rsplit("<span class=\"vh\">").next().unwrap();
            assert!(State::WORDS.iter().any(|word| words.starts_with(word)), "{cell}");
            cells += 1;
        }
        assert!(cells > 100 * record.verifiers.len(), "{cells}");
    }
}

/// The same record for so many verifiers of the same findings.
fn many(record: Record, verifiers: usize) -> Record {
    let first = record.verifiers.first().unwrap().clone();
    let own: Vec<_> =
        record.results.iter().filter(|result| result.verifier == first.id).cloned().collect();
    let mut record = Record { verifiers: Vec::new(), results: Vec::new(), ..record };
    for number in 0..verifiers {
        let id = format!("library-{number}");
        record.verifiers.push(VerifierEntry { id: id.clone(), ..first.clone() });
        for result in &own {
            let mut result = result.clone();
            result.verifier.clone_from(&id);
            record.results.push(result);
        }
    }
    record.totals = Totals::of(&record.results);
    record
}

#[test]
fn every_link_leads_somewhere_on_the_page_and_no_place_is_there_twice() {
    for record in [records::findings(), records::hostile(), many(records::findings(), 6)] {
        let page = page(&record);
        let ids = between(&page, " id=\"", "\"");
        let places: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(places.len(), ids.len(), "an id is there twice");
        for link in between(&page, " href=\"", "\"") {
            let place = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads away"));
            assert!(places.contains(place), "{link} leads nowhere");
        }
    }
}

#[test]
fn the_pages_policy_names_its_one_style_and_its_one_script_and_allows_nothing_else() {
    let page = page(&records::hostile());
    let policies = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let [policy] = policies.as_slice() else { panic!("{policies:?}") };
    let hash = |open: &str, close: &str| {
        let all = between(&page, open, close);
        let [text] = all.as_slice() else { panic!("{} of {open}", all.len()) };
        STANDARD.encode(Sha256::digest(text))
    };
    let (style, script) = (hash("<style>", "</style>"), hash("<script>", "</script>"));
    assert_eq!(
        *policy,
        format!(
            "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; \
             form-action 'none'"
        )
    );
    for inline in [" style=", " onclick=", " onerror=\"", " src=\""] {
        assert!(!page.contains(inline), "{inline}");
    }
}

#[test]
fn what_the_filter_asks_for_is_in_the_page() {
    let record = records::findings();
    let page = page(&record);
    for hook in [
        "filter-text",
        "filter-outcome",
        "filter-severity",
        "filter-control",
        "filter-disagree",
        "filter-told",
    ] {
        assert!(page.contains(&format!("id=\"{hook}\"")), "{hook}");
    }
    let rows: BTreeSet<&str> = between(&page, "<tr data-case=\"", "\"").into_iter().collect();
    assert_eq!(rows, record.selected().into_iter().collect(), "a row for each case");
    // The outcomes that may be asked for are those that rows may have.
    let options =
        between(between(&page, "id=\"filter-outcome\"", "</select>")[0], "value=\"", "\"").concat();
    for outcomes in between(&page, " data-o=\"", "\"") {
        assert!(
            !outcomes.is_empty() && outcomes.chars().all(|mark| options.contains(mark)),
            "{outcomes}"
        );
    }
}

#[test]
fn a_page_of_thousands_of_findings_stays_small_and_says_what_it_leaves_out() {
    let mut record = records::findings();
    let template =
        record.results.iter().find(|result| result.outcome.is_finding()).unwrap().clone();
    record.verifiers.truncate(1);
    record.cases = (0..2)
        .flat_map(|round| {
            Catalogue::build().cases().to_vec().into_iter().map(move |mut case| {
                case.id = format!("{}-{round}", case.id).parse().unwrap();
                case
            })
        })
        .collect();
    record.results = record
        .cases
        .iter()
        .map(|case| {
            let mut result = template.clone();
            result.case = case.id.to_string();
            result.title.clone_from(&case.title);
            result.severity = case.severity.word().to_owned();
            result.verifier.clone_from(&record.verifiers[0].id);
            result
        })
        .collect();
    record.totals = Totals::of(&record.results);
    let page = page(&record);
    assert!(page.len() < 10_000_000, "{}", page.len());
    assert!(page.contains("without evidence here"), "it says that evidence is left out");
    let worst = findings(&record)[0].result.case.clone();
    assert!(
        entry(&page, &worst).contains("<details class=\"evidence\">"),
        "the most dangerous has its evidence"
    );
    let told: BTreeSet<&str> = between(&page, "<article class=\"case\"", ">")
        .into_iter()
        .flat_map(|open| between(open, "data-case=\"", "\""))
        .collect();
    assert_eq!(told, record.selected().into_iter().collect(), "each has its entry");
}
