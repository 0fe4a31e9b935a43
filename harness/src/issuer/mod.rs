//! What listens: addresses of our own that a verifier may, or must not, ask.

mod origin;

pub use origin::{Document, Origin, Visit};
