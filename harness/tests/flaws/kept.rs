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

/// Sees that each of these cases has its reason, and each reason its case.
pub(crate) fn explain<'c>(
    kept: &[(&[&str], &str)],
    cases: impl Iterator<Item = &'c gauntlet_vectors::Case>,
) {
    let mut needed = std::collections::BTreeSet::new();
    let mut unexplained = Vec::new();
    for case in cases {
        match reason(kept, case.id.as_str()) {
            Some(line) => _ = needed.insert(line),
            None => unexplained.push(case.id.as_str()),
        }
    }
    assert!(unexplained.is_empty(), "say in kept.rs why these stay: {unexplained:#?}");
    let idle: Vec<_> =
        (0..kept.len()).filter(|line| !needed.contains(line)).map(|line| kept[line].0).collect();
    assert!(idle.is_empty(), "no case needs these reasons any more: {idle:?}");
}

/// Whether an id is among them, and on which line.
fn reason(kept: &[(&[&str], &str)], id: &str) -> Option<usize> {
    kept.iter().position(|(ids, _)| {
        ids.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(front) => id.starts_with(front),
            None => id == *pattern,
        })
    })
}
