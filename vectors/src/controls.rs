//! Which items of which published frameworks a category of cases speaks to, and how strongly.
//!
//! The facts are data: one TOML file a framework under `controls/`, beside what may be said of each
//! category, and a crosswalk from labels that people print to the publishers' own ids. A strength
//! that a reviewer finds too bold is lowered in its file; no code knows it.
//!
//! All of that is one value, the [`Book`]; a user's own frameworks stand in it beside ours
//! ([`Book::with`]), and nothing tells them apart but [`Book::own`].
//!
//! A failed case can contradict a control. Passed cases never show that one is met.

mod book;
mod check;
mod facts;
mod find;
mod read;

pub use book::{Book, Claim, Claims};
pub use facts::{
    About, Ceiling, Control, Crosswalk, Framework, Label, Mapped, Mapping, ProcessLevel, Strength,
    Target, Weaknesses, Withdrawn, Wording,
};
pub use read::FrameworkError;

use crate::case::Category;

/// To add a framework, add its file and one line.
const FRAMEWORKS: &[&str] = &[
    include_str!("../controls/owasp-nhi-2025.toml"),
    include_str!("../controls/owasp-asvs-5.0.0.toml"),
    include_str!("../controls/owasp-asvs-4.0.3.toml"),
    include_str!("../controls/owasp-api-2023.toml"),
    include_str!("../controls/rfc8725.toml"),
    include_str!("../controls/rfc8725bis.toml"),
    include_str!("../controls/nist-csf-2.0.toml"),
    include_str!("../controls/nist-sp-800-207.toml"),
    include_str!("../controls/nist-sp-800-53r5.toml"),
    include_str!("../controls/nist-sp-800-63c-4.toml"),
    include_str!("../controls/cwe.toml"),
    include_str!("../controls/mitre-attack-18.1.toml"),
    include_str!("../controls/spiffe-jwt-svid.toml"),
    include_str!("../controls/wimse.toml"),
    include_str!("../controls/oauth-oidc.toml"),
    include_str!("../controls/mcp-auth.toml"),
    include_str!("../controls/owasp-asi-2026.toml"),
    include_str!("../controls/owasp-mcp-2025.toml"),
];
const CATEGORIES: &str = include_str!("../controls/categories.toml");
const CROSSWALK: &str = include_str!("../controls/crosswalk.toml");

/// Why a control could not be looked up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlsError {
    /// An embedded file is not what its type says.
    #[error("read the embedded control file that opens with `{opening}`")]
    Unreadable {
        /// The file's first line.
        opening: &'static str,
        /// Where and why.
        #[source]
        source: toml::de::Error,
    },
    /// The category has no entry in `controls/categories.toml`.
    #[error(
        "find what may be said of category `{0}`: controls/categories.toml has no entry for it"
    )]
    NothingAbout(Category),
    /// No framework has such an item.
    #[error("find control `{given}`: {instead}")]
    UnknownControl {
        /// What was asked for.
        given: String,
        /// Ids that are near, or where to look.
        instead: String,
    },
    /// There is no such framework.
    #[error("find framework `{given}`; there are: {known}")]
    UnknownFramework {
        /// What was asked for.
        given: String,
        /// Every framework's id.
        known: String,
    },
    /// Several frameworks have an item of this id.
    #[error("tell which `{given}` is meant; name one of: {candidates}")]
    Ambiguous {
        /// What was asked for.
        given: String,
        /// The ids with their frameworks.
        candidates: String,
    },
    /// A label that is in use, but is no id of its publisher.
    #[error("take `{given}` for a control: it is no official id; use {official} ({why})")]
    NotOfficial {
        /// What was asked for.
        given: String,
        /// The official ids behind its meaning.
        official: String,
        /// Why it is none.
        why: String,
    },
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::case::Category;

    fn book() -> &'static Book {
        Book::standard().unwrap()
    }

    fn cwe() -> &'static Framework {
        book().frameworks().iter().find(|framework| framework.id == "cwe").unwrap()
    }

    fn framework(id: &str) -> &'static Framework {
        book().frameworks().iter().find(|framework| framework.id == id).unwrap()
    }

    #[test]
    fn every_file_under_controls_is_embedded_and_reads_as_its_type() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("controls");
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        for file in files.filter(|file| file.extension().is_some_and(|kind| kind == "toml")) {
            let text = fs::read_to_string(file).unwrap();
            let mut embedded = FRAMEWORKS.iter().chain([&CATEGORIES, &CROSSWALK]);
            assert!(
                embedded.any(|known| **known == text),
                "no line for: {:?}",
                text.lines().next()
            );
        }
        assert_eq!(book().frameworks().len(), FRAMEWORKS.len());
    }

    #[test]
    fn every_category_is_described_and_maps_to_a_control() {
        for category in Category::ALL {
            assert_eq!(book().about(*category).unwrap().id, *category);
            assert!(book().controls_for(*category).next().is_some(), "{category} maps to nothing");
        }
        assert_eq!(book().abouts.len(), Category::ALL.len(), "a category is there twice");
    }

    #[test]
    fn ours_are_held_to_what_a_users_is_held_to_and_say_where_they_are_from() {
        let mut ids = BTreeSet::new();
        for (framework, text) in book().frameworks().iter().zip(FRAMEWORKS) {
            assert_eq!(Framework::parse(text).as_ref(), Ok(framework));
            assert!(
                ids.insert(framework.id.to_ascii_lowercase()),
                "{} is there twice",
                framework.id
            );
            for control in &framework.controls {
                let Control { id, summary, source, .. } = control;
                assert!(!summary.is_empty() && !source.is_empty(), "{}/{id}", framework.id);
            }
        }
    }

    #[test]
    fn weaknesses_of_categories_exist_and_the_primary_ones_may_stand_on_a_finding() {
        for about in &book().abouts {
            let Weaknesses { primary, related } = &about.cwe;
            for id in primary.iter().chain(related) {
                assert!(cwe().control(id).is_some(), "{}: no {id}", about.id);
            }
            for id in primary {
                let usage = cwe().control(id).unwrap().mapping_usage.as_deref();
                assert_ne!(usage, Some("Discouraged"), "{}: {id}", about.id);
            }
        }
    }

    #[test]
    fn ids_have_the_form_that_their_publisher_gives_them() {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        for control in &framework("owasp-nhi-2025").controls {
            let number = control.id.strip_prefix("NHI").and_then(|id| id.strip_suffix(":2025"));
            let number: u8 = number.unwrap().parse().unwrap();
            assert_eq!(control.id, format!("NHI{number}:2025"), "no leading zero: that is no id");
            assert!((1..=10).contains(&number));
        }
        for control in &framework("owasp-asvs-5.0.0").controls {
            let parts: Vec<_> = control.id.strip_prefix("v5.0.0-").unwrap().split('.').collect();
            assert!(parts.len() == 3 && parts.into_iter().all(digits), "{}", control.id);
        }
        for control in &framework("nist-csf-2.0").controls {
            let (category, number) = control.id.split_once('-').unwrap();
            assert!(category.len() == 5 && number.len() == 2 && digits(number), "{}", control.id);
            assert_ne!(category, "PR.AC", "withdrawn with version 2.0");
        }
        for control in &framework("rfc8725").controls {
            let section: u8 = control.id.strip_prefix("RFC8725-3.").unwrap().parse().unwrap();
            assert!((1..=12).contains(&section));
        }
        for control in &cwe().controls {
            assert!(digits(control.id.strip_prefix("CWE-").unwrap()), "{}", control.id);
        }
        for control in &framework("mitre-attack-18.1").controls {
            let (technique, sub) = control.id.split_once('.').unwrap_or((&control.id, "001"));
            assert!(technique.len() == 5 && digits(&technique[1..]), "{}", control.id);
            assert!(technique.starts_with('T') && sub.len() == 3 && digits(sub), "{}", control.id);
        }
    }

    #[test]
    fn nhi_strengths_are_those_that_were_reviewed() {
        let nhi = framework("owasp-nhi-2025");
        let of = |strength| {
            let controls = nhi.controls.iter().filter(move |c| book().strength(nhi, c) == strength);
            controls.map(|control| control.id.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(Strength::Direct), ["NHI4:2025", "NHI6:2025", "NHI7:2025"]);
        let supporting = ["NHI1:2025", "NHI2:2025", "NHI8:2025", "NHI9:2025"];
        assert_eq!(of(Strength::Supporting), supporting);
        assert_eq!(of(Strength::NotEvidenced), ["NHI3:2025", "NHI5:2025", "NHI10:2025"]);
        let nhi7 = |category| {
            let mut mapped = book().controls_for(category);
            mapped.find(|mapped| mapped.control.id == "NHI7:2025").unwrap().strength
        };
        assert_eq!(nhi7(Category::ClaimsTime), Strength::Direct);
        assert_eq!(nhi7(Category::RotationRevocation), Strength::Supporting);
    }

    #[test]
    fn what_is_said_to_be_not_evidenced_is_mapped_nowhere_and_nothing_else_is() {
        for (id, stated) in &book().crosswalk().not_evidenced {
            let framework = framework(id);
            let unmapped = framework.controls.iter();
            let unmapped =
                unmapped.filter(|c| book().strength(framework, c) == Strength::NotEvidenced);
            let unmapped: BTreeSet<_> = unmapped.map(|control| &control.id).collect();
            assert_eq!(unmapped, stated.iter().collect(), "{id}");
        }
    }

    #[test]
    fn crosswalk_tells_labels_in_use_from_official_ids() {
        let crosswalk = book().crosswalk();
        let label = |wanted: &str| crosswalk.labels.iter().find(|l| l.label == wanted).unwrap();

        let nhi = label("NHI-05");
        let official = nhi.official_item_with_that_number.as_deref();
        assert_eq!(official, Some("NHI5:2025 Overprivileged NHI"));
        assert_eq!(nhi.agreement, "conflict");
        assert!(nhi.targets.iter().all(|target| target.control != "NHI5:2025"));

        let csf = label("PR.AC-1");
        assert_eq!(csf.agreement, "outdated-id");
        assert!(
            csf.targets.iter().any(|t| t.control == "PR.AA-04" && t.strength == Strength::Direct)
        );
        let withdrawn = &framework("nist-csf-2.0").withdrawn;
        let gone = withdrawn.iter().find(|gone| gone.id == "PR.AC-01").unwrap();
        assert_eq!(
            (gone.former_label.as_str(), gone.status.as_deref()),
            ("PR.AC-1", Some("withdrawn"))
        );
        assert_eq!(gone.incorporated_into, ["PR.AA-01", "PR.AA-05"]);

        let targets = crosswalk.labels.iter().flat_map(|label| &label.targets);
        let targets = targets.map(|target| (&target.framework, &target.control));
        let process =
            crosswalk.process_level.iter().map(|level| (&level.framework, &level.control));
        for (id, control) in targets.chain(process) {
            assert!(framework(id).control(control).is_some(), "{id} has no {control}");
        }
        assert_eq!(crosswalk.strengths.len(), 3);
        assert_eq!(crosswalk.verdicts.len(), 5);
    }

    #[test]
    fn finds_the_categories_of_an_official_id_in_any_case() {
        assert!(book().categories_for("nhi6:2025").unwrap().contains(&Category::ClaimsAudience));
        assert_eq!(book().categories_for("RFC8725-3.9").unwrap(), [Category::ClaimsAudience]);
        assert_eq!(
            book().categories_for("RFC8725/rfc8725-3.9").unwrap(),
            [Category::ClaimsAudience]
        );
        let forged = book().categories_for("cwe-347").unwrap();
        assert!(forged.contains(&Category::AlgNone) && forged.contains(&Category::TokenParsing));
        assert_eq!(
            book().categories_for("NHI5:2025").unwrap(),
            [],
            "known, and nothing speaks to it"
        );
    }
}
