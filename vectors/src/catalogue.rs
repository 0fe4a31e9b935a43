//! The catalogue: every case there is, in an order that does not change.

use std::{borrow::Cow, collections::HashMap, fmt::Write as _};

use sha2::{Digest, Sha256};

use crate::{
    case::{Capability, Case, CaseId, CatalogueVersion},
    families, published,
};

/// A family of cases. To add one: one file, and one line in [`FAMILIES`].
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// The first half of its cases' ids.
    pub name: &'static str,
    /// What it tells apart.
    pub title: &'static str,
    /// Its cases, in catalogue order.
    pub cases: fn() -> Vec<Case>,
}

/// The families, in catalogue order.
pub const FAMILIES: &[Family] = &[
    families::honest::FAMILY,
    families::interop::FAMILY,
    families::unsecured::FAMILY,
    families::algorithm::FAMILY,
    families::confusion::FAMILY,
    families::offered_keys::FAMILY,
    families::signature::FAMILY,
    families::encoding::FAMILY,
    families::json::FAMILY,
    families::header::FAMILY,
    families::json_serialization::FAMILY,
    families::issuer::FAMILY,
    families::audience::FAMILY,
    families::time::FAMILY,
    families::required_claims::FAMILY,
    families::token_type::FAMILY,
    families::keys::FAMILY,
    families::keyset::FAMILY,
    families::key_selection::FAMILY,
    families::issuers::FAMILY,
    families::memory::FAMILY,
    families::rotation::FAMILY,
    families::revocation::FAMILY,
    families::freshness::FAMILY,
    families::fetching::FAMILY,
    families::outage::FAMILY,
    families::endpoint::FAMILY,
    families::discovery::FAMILY,
    families::served_issuers::FAMILY,
    families::served_memory::FAMILY,
    families::static_keys::FAMILY,
    families::cost::FAMILY,
    published::rfc::FAMILY,
    published::wycheproof::FAMILY,
];

/// Every case, found by id.
#[derive(Debug, Clone)]
pub struct Catalogue {
    cases: Vec<Case>,
    by_id: HashMap<CaseId, usize>,
}

impl Catalogue {
    /// The version of the catalogue that this build brings.
    pub const VERSION: CatalogueVersion = CatalogueVersion::V2026_1;

    /// Builds every family.
    #[must_use]
    pub fn build() -> Self {
        Self::of(FAMILIES.iter().flat_map(|family| (family.cases)()).collect())
    }

    /// A catalogue of these cases, in this order; of two with one id, the first is kept.
    #[must_use]
    pub fn of(cases: Vec<Case>) -> Self {
        let mut kept: Vec<Case> = Vec::with_capacity(cases.len());
        let mut by_id = HashMap::with_capacity(cases.len());
        for case in cases {
            if !by_id.contains_key(&case.id) {
                by_id.insert(case.id.clone(), kept.len());
                kept.push(case);
            }
        }
        Self { cases: kept, by_id }
    }

    /// The cases, in catalogue order.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The case of this id.
    #[must_use]
    pub fn find(&self, id: &CaseId) -> Option<&Case> {
        self.position(id).and_then(|at| self.cases.get(at))
    }

    /// Where the case of this id stands.
    #[must_use]
    pub fn position(&self, id: &CaseId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The twin of a case.
    #[must_use]
    pub fn twin(&self, case: &Case) -> Option<&Case> {
        case.twin.as_ref().and_then(|id| self.find(id))
    }

    /// The catalogue as it is asked of a verifier with these features: cases do without those which they can
    /// spare. Most catalogues have no such case.
    #[must_use]
    pub fn for_features(&self, has: &dyn Fn(Capability) -> bool) -> Cow<'_, Self> {
        if self.cases.iter().all(|case| case.without_spared(has).is_none()) {
            return Cow::Borrowed(self);
        }
        let told = |case: &Case| case.without_spared(has).unwrap_or_else(|| case.clone());
        Cow::Owned(Self::of(self.cases.iter().map(told).collect()))
    }

    /// SHA-256 over every case as JSON, as `sha256:` and hexadecimal digits.
    ///
    /// Recipes hold placeholders, so that the digest depends on neither clock nor port.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for case in &self.cases {
            // A case is plain data: maps have string keys and numbers are finite, so that writing it
            // cannot fail. Were it to, the digest must not silently lose the case.
            let text =
                serde_json::to_string(case).unwrap_or_else(|error| format!("{}: {error}", case.id));
            hash.update(text.as_bytes());
            hash.update(b"\n");
        }
        let mut text = String::from("sha256:");
        for octet in hash.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{octet:02x}");
        }
        text
    }
}
