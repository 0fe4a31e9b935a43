//! **What is said** about a verifier.
//!
//! One record of a run feeds every writer. This room knows nothing of how a case is run: it is handed
//! events, folds them into a [`Record`], and writes bytes through `&mut dyn Write`.

pub mod journal;
pub mod record;
pub mod table;
pub mod writer;

pub use journal::Event;
pub use record::Record;
