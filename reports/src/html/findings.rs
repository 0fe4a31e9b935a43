//! The findings: what each comes to, what an attacker does, the rule, the remedy, and how to see it again.

use std::collections::BTreeMap;

use gauntlet_vectors::{
    case::Category,
    controls::{Book, Strength},
    precedents::{Precedent, precedents_for},
};
use maud::{Markup, html};

use super::{
    Page,
    evidence::Evidences,
    frameworks,
    grouped::{Group, OfCase},
    parts::{self, Marks, count, counted, name, prose, sentence, shown},
};
use crate::{
    finding::{Finding, Standing, product},
    record::{Record, VerifierEntry},
};

/// How many verifiers of one case are told with their own words.
const TOLD: usize = 6;

/// How many published vulnerabilities are named.
const PRECEDENTS: usize = 6;

pub(super) fn show(page: &Page<'_>, evidences: &mut Evidences) -> Markup {
    let groups = &page.groups;
    html! {
        section id="findings" aria-labelledby="h-findings" {
            h2 id="h-findings" { "Findings" }
            @if groups.is_empty() {
                p { "Nothing was found in the cases that were asked." }
            } @else {
                p {
                    "Most dangerous first. Cases that break one rule to one effect stand together; each has its own evidence: the "
                    "token beside its twin, which differs in just what is attacked and has to be accepted."
                }
                @for (at, group) in groups.iter().enumerate() { (one(page, at + 1, group, evidences)) }
                @if evidences.left_out() > 0 {
                    p {
                        strong { (counted(evidences.left_out(), "case stands", "cases stand")) " without evidence here" }
                        ", so that this file stays small enough to be opened: the least dangerous ones. The command beside each shows it."
                    }
                }
            }
        }
    }
}

/// What a group of findings comes to, in plain words.
pub(super) fn headline(group: &Group<'_>) -> Markup {
    match group.worst().consequence() {
        Some(consequence) => sentence(consequence),
        None => html! { "The verifier " (group.worst().seen()) },
    }
}

/// What was not met, in a line.
pub(super) fn requirement(group: &Group<'_>) -> Markup {
    html! {
        "Not met: " (prose(group.worst().title()))
        @if let more @ 1.. = group.rest.len() { "; and " (counted(count(more), "more case", "more cases")) }
    }
}

fn one(page: &Page<'_>, at: usize, group: &Group<'_>, evidences: &mut Evidences) -> Markup {
    let worst = group.worst();
    let cases = count(group.cases().count());
    html! {
        div.group id={ "f" (at) } {
            header {
                p.marks {
                    b { "F" (at) }
                    (parts::severity(worst.result.severity()))
                    (parts::standing(worst.standing))
                    span { (stands(worst.standing)) ", in " (counted(cases, "case", "cases")) }
                }
                h3 { (headline(group)) }
                p { (observed_in(group)) }
            }
            div.cols {
                dl.story {
                    @if let Some(story) = group.story() {
                        @if group.has_one_attack() {
                            dt { "What an attacker does" }
                            dd { (prose(&story.attack)) }
                        }
                        dt { "Rule" }
                        dd { (prose(&story.rule)) }
                        dt { "Remedy" }
                        dd { (prose(&story.remedy)) }
                    }
                    (known_from(group))
                }
                (meta(page, group))
            }
            @for (number, of_case) in group.cases().enumerate() {
                (case(page.record, (at, number + 1), group, of_case, evidences))
            }
        }
    }
}

/// Who was attacked this way before.
fn known_from(group: &Group<'_>) -> Markup {
    let precedents = precedents(group);
    html! {
        @if !precedents.is_empty() {
            dt { "Known from" }
            dd {
                "Others had a flaw that the same cases look for; that does not make it the same flaw."
                ul.plain {
                    @for precedent in precedents.iter().take(PRECEDENTS) {
                        li { strong { (shown(&precedent.id)) } " (" (shown(&product(precedent))) "): " (prose(&precedent.what)) "." }
                    }
                    @if let Some(more @ 1..) = precedents.len().checked_sub(PRECEDENTS) { li { "and " (more) " more" } }
                }
            }
        }
    }
}

/// How a standing reads beside its word.
const fn stands(standing: Standing) -> &'static str {
    match standing {
        Standing::Must => "a requirement that was not met",
        Standing::Should => "a recommendation that was not followed",
        Standing::NoAnswer => "either verdict was permitted, and there was none",
        Standing::Unconfirmed => "seen through an adapter only, and not reproduced without it",
        Standing::Adapter => "hangs on what the adapter supplies; says nothing of the library",
    }
}

/// Who did it, and whose findings in it weigh less.
fn observed_in(group: &Group<'_>) -> Markup {
    let worst = group.worst();
    let (whose, others): (Vec<_>, Vec<_>) =
        group.verifiers().into_iter().partition(|(_, standing)| *standing == worst.standing);
    let named = |all: &[(&VerifierEntry, Standing)]| match all.len() {
        ..=TOLD => all.iter().map(|(entry, _)| name(entry)).collect::<Vec<_>>().join(", "),
        more => counted(count(more), "verifier", "verifiers"),
    };
    html! {
        strong { (named(&whose)) } " " (worst.seen()) "."
        @for standing in Standing::ALL {
            @let weaker: Vec<_> = others.iter().copied().filter(|(_, own)| own == standing).collect();
            @if !weaker.is_empty() { " " (parts::standing(*standing)) " of " (named(&weaker)) "." }
        }
    }
}

/// What the cases of a group share beside the story.
fn meta(page: &Page<'_>, group: &Group<'_>) -> Markup {
    let gathered = |of: fn(&OfCase<'_>) -> Vec<String>| {
        let mut all: Vec<String> = Vec::new();
        for item in group.cases().flat_map(of) {
            if !all.contains(&item) {
                all.push(item);
            }
        }
        all
    };
    let weaknesses = gathered(|of_case| of_case.worst.weaknesses());
    let clauses = gathered(|of_case| of_case.worst.result.clauses.clone());
    let causes = gathered(|of_case| {
        let causes = of_case.findings.iter().filter_map(Finding::confirmed_cause);
        causes.map(str::to_owned).collect()
    });
    let category = group.worst().result.category();
    html! {
        dl.meta {
            (row("Weakness", &weaknesses.join(", ")))
            (row("Clauses", &clauses.join("; ")))
            @if let Some(category) = category {
                dt { "Kind" }
                dd { (shown(kind(page.book, category))) }
                dt { "Controls" }
                dd { (spoken_to(page, category)) }
            }
            (row("Cause", &causes.join(", ")))
        }
    }
}

fn row(name: &str, value: &str) -> Markup {
    html! { @if !value.is_empty() { dt { (name) } dd { (prose(value)) } } }
}

fn kind(book: &Book, category: Category) -> &str {
    book.about(category).map_or(category.word(), |about| about.title.as_str())
}

/// The controls that a failure of this kind speaks to directly; the others are counted.
fn spoken_to(page: &Page<'_>, category: Category) -> Markup {
    let mut direct: Vec<(&str, &str)> = Vec::new();
    let mut supporting = 0;
    for mapped in page.book.controls_for(category) {
        match mapped.strength {
            Strength::Direct => direct.push((&mapped.framework.id, &mapped.control.id)),
            Strength::Supporting => supporting += 1,
            Strength::NotEvidenced => {}
        }
    }
    html! {
        @for (at, (framework, control)) in direct.iter().enumerate() {
            @if at > 0 { ", " }
            a href={ "#" (frameworks::anchor(page, framework)) } { (shown(control)) }
        }
        @if supporting > 0 {
            @if !direct.is_empty() { "; " }
            (counted(supporting, "other", "others")) " in support"
        }
    }
}

/// Published vulnerabilities of this kind.
fn precedents(group: &Group<'_>) -> Vec<&'static Precedent> {
    let mut found: Vec<&Precedent> = Vec::new();
    for of_case in group.cases() {
        let Ok(id) = of_case.worst.result.case.parse() else { continue };
        for precedent in precedents_for(&id) {
            if !found.contains(&precedent) {
                found.push(precedent);
            }
        }
    }
    found
}

fn case(
    record: &Record,
    (group_at, at): (usize, usize),
    group: &Group<'_>,
    of_case: &OfCase<'_>,
    evidences: &mut Evidences,
) -> Markup {
    let result = of_case.worst.result;
    let marks = Marks::of(of_case.findings.iter().map(|finding| finding.result));
    html! {
        article.case id={ "f" (group_at) "-" (at) } data-case=(shown(&result.case)) data-o=(marks.outcomes)
            data-s=(marks.severity()) data-c=(marks.category()) data-d=[marks.disagreement()] {
            h4 { code { (shown(&result.case)) } }
            p { "Not met: " (prose(&result.title)) "." }
            @if !group.has_one_attack() {
                @if let Some(case) = of_case.case() { p { strong { "Attack: " } (prose(&case.story.attack)) } }
            }
            (provenance(of_case))
            (verifiers(of_case))
            p.run { code { (shown(&of_case.worst.replay())) } }
            (evidences.of(record, of_case))
        }
    }
}

/// Where a case that is not our own comes from.
fn provenance(of_case: &OfCase<'_>) -> Markup {
    html! {
        @if let Some(source) = of_case.case().and_then(|case| case.source.as_ref()) {
            p.small.soft {
                "From " (shown(&source.document)) "; its publisher's label: " (shown(&source.label)) "."
                @if let Some(why) = &source.differs_because { " Ours differs: " (prose(why)) }
            }
        }
    }
}

/// What each verifier did, in its own words; where many did the same, they are named together.
fn verifiers(of_case: &OfCase<'_>) -> Markup {
    // By what was observed and how it weighs, in a fixed order.
    let mut sorts: BTreeMap<(Standing, &str), Vec<&Finding<'_>>> = BTreeMap::new();
    for finding in &of_case.findings {
        let observed = finding.result.observed.as_deref().unwrap_or(finding.result.outcome.word());
        sorts.entry((finding.standing, observed)).or_default().push(finding);
    }
    html! {
        ul.who {
            @for ((standing, observed), findings) in &sorts {
                @if findings.len() <= TOLD {
                    @for finding in findings { li { (told(finding)) } }
                } @else {
                    li {
                        (parts::standing(*standing)) " " (counted(count(findings.len()), "verifier", "verifiers"))
                        ", observed " code { (shown(observed)) } ": "
                        @for (at, finding) in findings.iter().enumerate() {
                            @if at > 0 { ", " } code { (shown(&finding.verifier.id)) }
                        }
                    }
                }
            }
        }
    }
}

fn told(finding: &Finding<'_>) -> Markup {
    let result = finding.result;
    html! {
        strong { (name(finding.verifier)) } " "
        @if finding.standing != Standing::Must { (parts::standing(finding.standing)) " " }
        "observed " code { (shown(result.observed.as_deref().unwrap_or(result.outcome.word()))) }
        ", permitted " code { (shown(&result.permitted.join(" or "))) }
        // What every such finding says is said above.
        @if result.reason != finding.seen() { ": " (prose(&result.reason)) }
        "."
        @for caveat in finding.caveats().iter().skip(usize::from(finding.standing != Standing::Must)) {
            " " em { (caveat) }
        }
    }
}
