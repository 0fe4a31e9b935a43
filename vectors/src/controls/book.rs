//! The book of frameworks: ours, a user's beside them, and what can be asked of all together.

use std::sync::LazyLock;

use serde::{Deserialize, de::DeserializeOwned};

use super::{
    About, CATEGORIES, CROSSWALK, Control, ControlsError, Crosswalk, FRAMEWORKS, Framework,
    FrameworkError, Mapped, Strength,
    check::check,
    read::{self, Place, Wrong},
};
use crate::case::Category;

/// The framework whose items categories name themselves, in `cwe` of `controls/categories.toml`.
const WEAKNESSES: &str = "cwe";

/// Everything under `controls/`, and the frameworks that a user added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    pub(super) frameworks: Vec<Framework>,
    pub(super) abouts: Vec<About>,
    pub(super) crosswalk: Crosswalk,
}

/// What a report may say of an item, category by category in declared order.
///
/// A sentence speaks of the cases of its category and of nothing else: a report prints those of the
/// categories that a run asked, and beside them how the item's result is worded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims<'a> {
    /// What may be said where every case of the category passed.
    pub on_pass: Vec<Claim<'a>>,
    /// What may be said where a case of the category failed: the worst that this can be. Where an honest
    /// token was refused and no more, a report says that instead.
    pub on_fail: Vec<Claim<'a>>,
    /// What no outcome can show, each once: of the item first, then of its categories.
    pub cannot_show: Vec<&'a str>,
}

/// A sentence that a report may print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Whose cases it speaks of.
    pub category: Category,
    /// How far these cases can speak to the item.
    pub strength: Strength,
    /// The sentence.
    pub sentence: &'a str,
}

impl Book {
    /// The frameworks that come with this crate.
    ///
    /// # Errors
    /// [`ControlsError::Unreadable`], which a test keeps from happening.
    pub fn standard() -> Result<&'static Self, ControlsError> {
        static STANDARD: LazyLock<Result<Book, ControlsError>> = LazyLock::new(Book::embedded);
        STANDARD.as_ref().map_err(Clone::clone)
    }

    fn embedded() -> Result<Self, ControlsError> {
        let framework = |text: &&'static str| read::shape(text).map_err(unreadable(text));
        let frameworks = FRAMEWORKS.iter().map(framework).collect::<Result<_, _>>()?;
        let Abouts { categories } = embedded(CATEGORIES)?;
        Ok(Self { frameworks, abouts: categories, crosswalk: embedded(CROSSWALK)? })
    }

    /// This book with frameworks that stand in no file of ours: those of a record.
    ///
    /// # Errors
    /// [`FrameworkError`], for the first that [`Framework::parse`] would not read, or whose id is taken.
    pub fn with(&self, own: impl IntoIterator<Item = Framework>) -> Result<Self, FrameworkError> {
        let mut book = self.clone();
        for framework in own {
            check(&framework).and_then(|()| book.free(&framework)).map_err(|wrong| {
                FrameworkError::Unplaced { framework: read::shown(&framework.id), what: wrong.what }
            })?;
            book.frameworks.push(framework);
        }
        Ok(book)
    }

    /// Adds the framework of a file's text; nothing is added where that fails.
    ///
    /// # Errors
    /// [`FrameworkError`], as [`Framework::parse`], and where the framework's id is taken.
    pub fn add(&mut self, text: &str) -> Result<(), FrameworkError> {
        let framework = Framework::parse(text)?;
        self.free(&framework).map_err(|wrong| wrong.in_text(text))?;
        self.frameworks.push(framework);
        Ok(())
    }

    /// Whether the id is not taken; ids are the same in any case, as [`Book::categories_for`] takes them.
    fn free(&self, framework: &Framework) -> Result<(), Wrong> {
        let taken =
            self.frameworks.iter().find(|other| other.id.eq_ignore_ascii_case(&framework.id));
        match taken {
            Some(other) => Err(Wrong {
                place: Place::framework("id"),
                what: format!(
                    "the id `{}` is taken by “{}”; give this framework another",
                    read::shown(&framework.id),
                    read::shown(&other.name)
                ),
            }),
            None => Ok(()),
        }
    }

    /// Every framework, in the order in which reports show them: ours, then those that were added.
    #[must_use]
    pub fn frameworks(&self) -> &[Framework] {
        &self.frameworks
    }

    /// Those that were added to ours.
    #[must_use]
    pub fn own(&self) -> &[Framework] {
        self.frameworks.get(FRAMEWORKS.len()..).unwrap_or_default()
    }

    /// How results may be worded, and what labels in use mean in official ids.
    #[must_use]
    pub fn crosswalk(&self) -> &Crosswalk {
        &self.crosswalk
    }

    /// What may be said of a category.
    ///
    /// # Errors
    /// [`ControlsError::NothingAbout`], which a test keeps from happening.
    pub fn about(&self, category: Category) -> Result<&About, ControlsError> {
        let found = self.abouts.iter().find(|about| about.id == category);
        found.ok_or(ControlsError::NothingAbout(category))
    }

    /// The controls that cases of this category speak to, framework by framework.
    ///
    /// Weaknesses (CWE) are not among them: [`Book::about`] names them.
    pub fn controls_for(&self, category: Category) -> impl Iterator<Item = Mapped<'_>> {
        self.frameworks.iter().flat_map(move |framework| {
            let mappings = framework.mappings.iter().filter(move |m| m.category == category);
            mappings.filter_map(|mapping| {
                let control = framework.control(&mapping.control)?;
                Some(Mapped { framework, control, strength: mapping.strength })
            })
        })
    }

    /// The categories whose cases speak to a control, in declared order; none where nothing speaks to it.
    ///
    /// `control` is an official id in any case, such as `NHI6:2025`, `RFC8725-3.1` or `CWE-347`, or
    /// `FRAMEWORK/ID` where two frameworks have the same one.
    ///
    /// # Errors
    /// [`ControlsError::UnknownControl`], [`ControlsError::UnknownFramework`] and
    /// [`ControlsError::Ambiguous`], which say what there is instead; [`ControlsError::NotOfficial`] for a
    /// label that people print and no publisher uses.
    pub fn categories_for(&self, control: &str) -> Result<Vec<Category>, ControlsError> {
        let (framework, control) = self.find(control.trim())?;
        Ok(self.speaking(framework, control).map(|(category, _)| category).collect())
    }

    /// The categories whose cases speak to this item of this framework, in declared order, and how
    /// strongly each does.
    ///
    /// A weakness that is precise enough to stand on a category's findings is spoken to directly; one that
    /// is context, in support.
    pub fn speaking(
        &self,
        framework: &Framework,
        control: &Control,
    ) -> impl Iterator<Item = (Category, Strength)> {
        let strength = |category: Category| {
            let mut mappings = framework.mappings.iter();
            let mapped = mappings.find(|m| m.category == category && m.control == control.id);
            mapped.map(|mapping| mapping.strength).or_else(|| {
                let mut abouts = self.abouts.iter().filter(|_| framework.id == WEAKNESSES);
                abouts.find(|about| about.id == category)?.cwe.strength(&control.id)
            })
        };
        Category::ALL.iter().filter_map(move |category| Some((*category, strength(*category)?)))
    }

    /// The strongest that any category can say of an item.
    #[must_use]
    pub fn strength(&self, framework: &Framework, control: &Control) -> Strength {
        let strengths = self.speaking(framework, control).map(|(_, strength)| strength);
        strengths.max().unwrap_or(Strength::NotEvidenced)
    }

    /// What a report may say of an item, composed of what may be said of the categories that speak to it.
    #[must_use]
    pub fn claims<'a>(&'a self, framework: &'a Framework, control: &'a Control) -> Claims<'a> {
        let mut claims =
            Claims { on_pass: Vec::new(), on_fail: Vec::new(), cannot_show: Vec::new() };
        claims.cannot_show.extend(control.scope_note.as_deref());
        for (category, strength) in self.speaking(framework, control) {
            let Ok(about) = self.about(category) else { continue };
            let claim = |sentence| Claim { category, strength, sentence };
            claims.on_pass.push(claim(&about.claim_on_pass));
            claims.on_fail.push(claim(&about.claim_on_fail));
            for limit in &about.cannot_show {
                if !claims.cannot_show.contains(&limit.as_str()) {
                    claims.cannot_show.push(limit);
                }
            }
        }
        claims
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Abouts {
    #[serde(rename = "category")]
    categories: Vec<About>,
}

fn embedded<T: DeserializeOwned>(text: &'static str) -> Result<T, ControlsError> {
    // By way of a table: the types are then read from one form only, and not compiled thrice.
    toml::from_str(text).and_then(toml::Table::try_into).map_err(unreadable(text))
}

fn unreadable(text: &'static str) -> impl Fn(toml::de::Error) -> ControlsError {
    let opening = text.lines().next().unwrap_or_default();
    move |source| ControlsError::Unreadable { opening, source }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every framework with each of its items.
    fn items(book: &Book) -> impl Iterator<Item = (&Framework, &Control)> {
        book.frameworks.iter().flat_map(|framework| {
            framework.controls.iter().map(move |control| (framework, control))
        })
    }

    #[test]
    fn every_item_has_a_strength_and_the_sentences_of_a_pass_and_of_a_fail_unless_nothing_speaks_to_it()
     {
        let book = Book::standard().unwrap();
        for (framework, control) in items(book) {
            let id = format!("{}/{}", framework.id, control.id);
            let claims = book.claims(framework, control);
            let silent = book.strength(framework, control) == Strength::NotEvidenced;
            assert_eq!(claims.on_pass.is_empty(), silent, "{id}");
            assert_eq!(claims.on_fail.len(), claims.on_pass.len(), "{id}");
            assert!(silent || !claims.cannot_show.is_empty(), "{id}");
            let strongest = claims.on_fail.iter().map(|claim| claim.strength).max();
            assert_eq!(
                strongest.unwrap_or(Strength::NotEvidenced),
                book.strength(framework, control),
                "{id}"
            );
            let categories =
                |claims: &[Claim<'_>]| claims.iter().map(|c| c.category).collect::<Vec<_>>();
            assert_eq!(categories(&claims.on_pass), book.categories_for(&id).unwrap(), "{id}");
            assert_eq!(categories(&claims.on_fail), categories(&claims.on_pass), "{id}");
            let limits: BTreeSet<_> = claims.cannot_show.iter().collect();
            assert_eq!(limits.len(), claims.cannot_show.len(), "{id}: a limit is there twice");
        }
    }

    #[test]
    fn no_sentence_that_a_report_may_print_says_that_a_framework_is_met() {
        let book = Book::standard().unwrap();
        let mut sentences: Vec<&str> = Vec::new();
        for (framework, control) in items(book) {
            let claims = book.claims(framework, control);
            sentences
                .extend(claims.on_pass.iter().chain(&claims.on_fail).map(|claim| claim.sentence));
            sentences.extend(claims.cannot_show);
            let ceiling = control.evidence_ceiling.as_ref();
            sentences.extend(ceiling.and_then(|ceiling| ceiling.limited_to.as_deref()));
            sentences.extend(control.note.as_deref());
        }
        sentences.extend(book.abouts.iter().map(|about| about.title.as_str()));
        // All of the crosswalk but `asymmetry`, which says which words are never printed.
        let Crosswalk { strengths, verdicts, labels, process_level, .. } = book.crosswalk();
        sentences.extend(strengths.values().map(String::as_str));
        for verdict in verdicts {
            sentences.extend([verdict.wording.as_str(), &verdict.when]);
        }
        for label in labels {
            sentences.extend([label.why.as_str(), &label.report_as]);
            sentences.extend(label.targets.iter().flat_map(|target| target.limited_to.as_deref()));
        }
        sentences.extend(process_level.iter().map(|level| level.text.as_str()));
        assert!(sentences.len() > 300, "{}", sentences.len());
        for sentence in sentences {
            let lower = sentence.to_lowercase();
            let mut words = lower.split(|c: char| !c.is_alphanumeric());
            let said = words.find(|word| {
                word.starts_with("complian")
                    || word.starts_with("certifi") && !word.starts_with("certificate")
                    || ["covered", "coverage", "percent", "percentage"].contains(word)
            });
            assert_eq!(said, None, "in: {sentence}");
            assert!(!lower.contains('%') && !lower.contains("per cent"), "{sentence}");
        }
    }

    #[test]
    fn a_sentence_belongs_to_one_category() {
        let book = Book::standard().unwrap();
        let mut seen = BTreeSet::new();
        for about in &book.abouts {
            for sentence in [&about.claim_on_pass, &about.claim_on_fail] {
                assert!(seen.insert(sentence), "{}: `{sentence}` is another's as well", about.id);
                assert!(sentence.ends_with('.'), "{}: `{sentence}`", about.id);
            }
        }
    }

    #[test]
    fn a_weakness_is_spoken_to_by_the_categories_that_name_it_and_only_in_cwe() {
        let book = Book::standard().unwrap();
        let own = "id = 'own'\nname = 'Own'\nversion = '1'\n[[control]]\nid = 'CWE-347'\ntitle = 'Ours'\n";
        let book = book.with([Framework::parse(own).unwrap()]).unwrap();
        let strength = |id: &str, control: &str| {
            let framework = book.frameworks().iter().find(|framework| framework.id == id).unwrap();
            book.strength(framework, framework.control(control).unwrap())
        };
        assert_eq!(strength("cwe", "CWE-347"), Strength::Direct);
        assert_eq!(strength("cwe", "CWE-89"), Strength::Supporting);
        assert_eq!(strength("own", "CWE-347"), Strength::NotEvidenced);
        assert!(book.categories_for("own/CWE-347").unwrap().is_empty());
        let told = book.categories_for("CWE-347").unwrap_err().to_string();
        assert!(told.contains("cwe/CWE-347, own/CWE-347"), "{told}");
    }
}
