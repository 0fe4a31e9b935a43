//! What a framework must not say, or it could not be reported.

use std::collections::BTreeSet;

use super::{
    Control, Framework, Strength, find,
    read::{LONGEST_MESSAGE, Place, Wrong, bounded, shown},
};

/// The most items and the most mappings.
pub(super) const MOST_ENTRIES: usize = 5000;
/// The most characters of an id, which has to fit a column.
pub(super) const LONGEST_ID: usize = 80;
/// The most characters of a name or a title, which has to fit a heading.
pub(super) const LONGEST_TITLE: usize = 300;
/// The most characters of anything else.
pub(super) const LONGEST_TEXT: usize = 5000;

/// Whether a framework can be reported: what is said twice, of nothing, or too boldly cannot.
pub(super) fn check(framework: &Framework) -> Result<(), Wrong> {
    let Framework { id, name, version, controls, mappings, .. } = framework;
    identifier(id, Place::framework("id"))?;
    if let Some(odd) = id.chars().find(|c| !c.is_ascii_alphanumeric() && !".-_".contains(*c)) {
        return Err(Place::framework("id").wrong(format!(
            "the id of a framework has `{}`; expected letters, digits, `.`, `-` and `_`, such as `acme-2026`: \
             `FRAMEWORK/ID` names its items",
            odd.escape_debug()
        )));
    }
    heading(name, Place::framework("name"))?;
    heading(version, Place::framework("version"))?;
    let texts = [
        ("kind", &framework.kind),
        ("id_format", &framework.id_format),
        ("status", &framework.status),
        ("rule", &framework.rule),
    ];
    for (member, text) in texts {
        bound(text.as_deref().unwrap_or_default(), LONGEST_TEXT, Place::framework(member))?;
    }
    if controls.is_empty() {
        return Err(Place::framework("id").wrong(format!(
            "framework `{}` has no item; expected a `[[control]]` with `id` and `title` for each",
            shown(id)
        )));
    }
    for (list, entries) in [("control", controls.len()), ("mapping", mappings.len())] {
        if entries > MOST_ENTRIES {
            return Err(Place::framework(list).wrong(format!(
                "there are {entries} entries `[[{list}]]`; expected at most {MOST_ENTRIES}"
            )));
        }
    }
    items(controls)?;
    mapped(framework)
}

fn items(controls: &[Control]) -> Result<(), Wrong> {
    let mut seen = BTreeSet::new();
    for (at, control) in controls.iter().enumerate() {
        let place = |member| Place::control(at, member);
        identifier(&control.id, place("id"))?;
        if !seen.insert(control.id.to_ascii_lowercase()) {
            return Err(place("id").wrong(format!(
                "the item `{}` is there twice; expected each id once, and ids are the same in any case",
                shown(&control.id)
            )));
        }
        heading(&control.title, place("title"))?;
        let texts = [
            ("summary", Some(&control.summary)),
            ("source", Some(&control.source)),
            ("scope_note", control.scope_note.as_ref()),
            ("note", control.note.as_ref()),
        ];
        for (member, text) in texts {
            bound(text.map(String::as_str).unwrap_or_default(), LONGEST_TEXT, place(member))?;
        }
    }
    Ok(())
}

fn mapped(framework: &Framework) -> Result<(), Wrong> {
    let mut seen = BTreeSet::new();
    for (at, mapping) in framework.mappings.iter().enumerate() {
        let place = |member| Place::mapping(at, member);
        let (id, category) = (shown(&mapping.control), mapping.category);
        let Some(control) = framework.control(&mapping.control) else {
            return Err(place("control").wrong(format!(
                "the framework has no item `{id}`; {}",
                bounded(
                    &find::instead(std::slice::from_ref(framework), &mapping.control),
                    LONGEST_MESSAGE
                )
            )));
        };
        if control.id != mapping.control {
            return Err(place("control").wrong(format!(
                "`{id}` is written otherwise at its item; expected `{}`",
                shown(&control.id)
            )));
        }
        if !seen.insert((category, &mapping.control)) {
            return Err(place("category")
                .wrong(format!("category `{category}` is mapped to `{id}` twice; leave one out")));
        }
        if mapping.strength == Strength::NotEvidenced {
            return Err(place("strength").wrong(
                "what is not evidenced has no mapping; leave it out, or say `supporting` or `direct`",
            ));
        }
        let ceiling = control.evidence_ceiling.as_ref().map(|ceiling| ceiling.strength);
        if let Some(ceiling) = ceiling.filter(|ceiling| mapping.strength > *ceiling) {
            return Err(place("strength").wrong(format!(
                "`{}` is above the `evidence_ceiling` of `{id}`, which is `{ceiling}`; lower this, or correct that",
                mapping.strength
            )));
        }
    }
    Ok(())
}

/// Something that people type and that columns show.
fn identifier(text: &str, place: Place) -> Result<(), Wrong> {
    if text.is_empty() {
        return Err(place.wrong("an id is empty; expected what `--control` shall select by"));
    }
    bound(text, LONGEST_ID, place)?;
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(place.wrong(format!(
            "the id `{}` begins or ends with white space, or has a control character; leave that out",
            shown(text)
        )));
    }
    Ok(())
}

fn heading(text: &str, place: Place) -> Result<(), Wrong> {
    if text.trim().is_empty() {
        return Err(
            place.wrong(format!("`{}` is empty; expected what reports shall print", place.member))
        );
    }
    bound(text, LONGEST_TITLE, place)
}

fn bound(text: &str, most: usize, place: Place) -> Result<(), Wrong> {
    let length = text.chars().count();
    if length > most {
        let member = place.member;
        return Err(
            place.wrong(format!("`{member}` has {length} characters; expected at most {most}"))
        );
    }
    Ok(())
}
