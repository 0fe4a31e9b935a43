//! **What is said** about a verifier.
//!
//! One record of a run feeds every writer. This room knows nothing of how a case is run: it is handed
//! events, folds them into a [`Record`], and writes bytes through `&mut dyn Write`.

mod badge;
pub mod compliance;
pub mod exhibit;
pub mod finding;
mod html;
mod intoto;
pub mod journal;
mod json;
mod jsonl;
mod junit;
mod markdown;
mod oscal;
pub mod read;
pub mod record;
mod sarif;
pub mod table;
pub mod text;
pub mod writer;

pub use journal::Event;
pub use record::Record;
pub use writer::{WRITERS, Writer};
