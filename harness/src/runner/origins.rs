//! The origins that tokens name, and whether a verifier asks them.

use std::{
    io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use gauntlet_vectors::{Case, families::offered_documents, timeline::Step};

use crate::issuer::{Document, Origin, Visit};

/// How many origins there are: `{origin.0}` and `{origin.1}`.
const COUNT: usize = 2;

/// The origins of one verifier's run.
#[derive(Debug)]
pub struct Origins {
    origins: Vec<Origin>,
    /// Whether this verifier was ever seen to come: only then does its staying away say anything.
    reached: AtomicBool,
    /// Held while a case is played that watches: an origin does not know whose token sent a visitor.
    turn: Mutex<()>,
}

impl Origins {
    /// Opens them.
    ///
    /// # Errors
    /// Those of the sockets.
    pub fn open() -> io::Result<Self> {
        let documents: Vec<Document> = offered_documents()
            .into_iter()
            .map(|document| Document {
                path: document.path,
                media_type: document.media_type,
                body: document.body,
            })
            .collect();
        let open = || Origin::open(documents.clone());
        Ok(Self {
            origins: std::iter::repeat_with(open).take(COUNT).collect::<io::Result<_>>()?,
            reached: AtomicBool::new(false),
            turn: Mutex::default(),
        })
    }

    /// Opens them where one of these cases watches one.
    ///
    /// # Errors
    /// Those of the sockets.
    pub fn open_for<'c>(cases: impl IntoIterator<Item = &'c Case>) -> io::Result<Option<Self>> {
        let watched = cases.into_iter().any(watches);
        watched.then(Self::open).transpose()
    }

    /// What `{origin.N}` stands for.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.origins.iter().map(Origin::url).collect()
    }

    /// A text in which their addresses, which differ from run to run, are the placeholders again.
    pub(super) fn masked(&self, text: &str) -> String {
        self.origins.iter().enumerate().fold(text.to_owned(), |text, (number, origin)| {
            text.replace(&origin.url(), &format!("{{origin.{number}}}"))
        })
    }

    /// Watches them while one case is played.
    pub(super) fn watch(&self, case: &Case) -> Option<Watch<'_>> {
        watches(case).then(|| {
            let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            let before = self.origins.iter().map(|origin| origin.visits().map(|all| all.len()));
            Watch { before: before.map(Result::ok).collect(), origins: self, _turn: turn }
        })
    }
}

/// Whether a case looks at who comes to an origin.
fn watches(case: &Case) -> bool {
    case.timeline.0.iter().any(|step| matches!(step, Step::ExpectQuiet { .. }))
}

/// A look at the origins that began with a case.
pub(super) struct Watch<'a> {
    origins: &'a Origins,
    /// How many visits each origin had had.
    before: Vec<Option<usize>>,
    _turn: MutexGuard<'a, ()>,
}

/// What a watch saw at an origin.
pub(super) enum Seen {
    /// Somebody came.
    Visits(Vec<Visit>),
    /// Nobody came, of a verifier that can.
    Nobody,
    /// Nobody came, and nobody knows whether this verifier could have.
    NotObservable,
}

impl Watch<'_> {
    /// Who came to the origin of this number since the watch began.
    pub(super) fn seen(&self, origin: usize) -> Seen {
        let known = self.before.get(origin).copied().flatten();
        let visits = self.origins.origins.get(origin).and_then(|origin| origin.visits().ok());
        let (Some(known), Some(visits)) = (known, visits) else { return Seen::NotObservable };
        let new = visits.get(known..).unwrap_or_default();
        if !new.is_empty() {
            self.origins.reached.store(true, Ordering::Relaxed);
            return Seen::Visits(new.to_vec());
        }
        if self.origins.reached.load(Ordering::Relaxed) {
            Seen::Nobody
        } else {
            Seen::NotObservable
        }
    }
}
