//! Cases that demand a refusal, that no flaw of the bank needs, and that stay.
//!
//! A choice needs no reason: it tells which freedom a verifier takes. Nor does a case that must be
//! accepted and is the twin of others.

/// Ids (a `*` stands for any end of one) and why they stay.
pub(crate) const KEPT: &[(&[&str], &str)] = &[
    (
        &["encoding/*"],
        "splits decoders and splitters of other languages: each leaves another letter, segment or octet \
         out, or dies of it",
    ),
    (
        &["json-serialization/*"],
        "splits readers of the JSON serializations, which fill what is missing or of another type each in \
         their own way, or die of it",
    ),
    (
        &["header/b64-without-crit"],
        "asked only of verifiers without RFC 7797, of which the reference is none",
    ),
    (
        &["cost/*"],
        "each stands for another algorithm whose work grows faster than the token; the bank spins for some \
         of them",
    ),
];

/// Whether an id is among them, and on which line.
pub(crate) fn reason(id: &str) -> Option<usize> {
    KEPT.iter().position(|(ids, _)| {
        ids.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(front) => id.starts_with(front),
            None => id == *pattern,
        })
    })
}
