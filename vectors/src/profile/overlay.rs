//! The dress of a profile: members of the policy, and the honest parts of tokens that go with them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{
    Change,
    glob::Globs,
    text,
    walk::{holds, mentioned, mentions, names, rename},
};
use crate::{
    case::{Behaviour, Belief, Capability, Case, CaseId, Permitted},
    policy::PolicyRecipe,
    recipe::{Edit, Json, JwsRecipe, Recipe, Serialization},
    timeline::{Presentation, Step},
    verdict::Mode,
};

/// What cases are dressed with; the first that speaks of a case holds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Overlay {
    /// The cases that it speaks of; all where none is named.
    #[serde(default)]
    cases: Globs,
    /// Cases that it does not speak of.
    #[serde(default)]
    except: Globs,
    /// Why, in a sentence.
    because: String,
    /// The type that the policy demands, of verifiers that can be told so.
    token_type: Option<String>,
    /// Header parameters with another value; each must stand in a token with the old one.
    #[serde(default)]
    header: BTreeMap<String, Renamed>,
    /// Claims with another value, in what must be believed as well; `aud` also in the policy.
    #[serde(default)]
    claims: BTreeMap<String, Renamed>,
    /// Claims that tokens have beside their own.
    #[serde(default)]
    added: BTreeMap<String, Value>,
    /// Algorithms that stand for others, wherever a case names one.
    #[serde(default)]
    algorithms: BTreeMap<String, String>,
    /// Twins in place of those that a case names.
    #[serde(default)]
    twins: BTreeMap<CaseId, CaseId>,
}

/// An old value and the one in its place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Renamed {
    from: String,
    to: String,
}

/// How an overlay fits a case.
#[derive(Debug)]
pub(super) enum Fit {
    /// The case is another one in it.
    Dressed(Box<Dressed>),
    /// The case looks the same in it.
    Alike,
    /// It cannot be put on.
    Not,
}

/// A case in its dress.
#[derive(Debug)]
pub(super) struct Dressed {
    pub(super) case: Case,
    pub(super) changes: Vec<Change>,
    pub(super) because: String,
}

/// Tokens whose very octets were searched for: with other content they would be other tokens.
const SEARCHED: &[&str] = &[
    "signature/es256-leading-zero",
    "signature/es256-leading-zero-dropped",
    "signature/rs256-zero-first",
    "signature/rs256-zero-dropped",
    "signature/hs256-as-c-string",
];

/// The claim behind which another is put into a text, as honest texts have it.
const PLACE: (&str, &str) = ("sub", "alice");

impl Overlay {
    pub(super) fn speaks_of(&self, id: &CaseId) -> bool {
        (self.cases.is_empty() || self.cases.speak_of(id)) && !self.except.speak_of(id)
    }

    pub(super) fn dress(&self, case: &Case) -> Fit {
        let mut dressed = case.clone();
        let Some(()) = self.put_on(&mut dressed) else { return Fit::Not };
        if dressed == *case {
            return Fit::Alike;
        }
        let changes = self.changes(case, &dressed);
        Fit::Dressed(Box::new(Dressed { case: dressed, changes, because: self.because.clone() }))
    }

    /// `None` where it cannot be put on soundly.
    fn put_on(&self, case: &mut Case) -> Option<()> {
        if SEARCHED.contains(&case.id.as_str()) {
            return None;
        }
        self.rename_algorithms(case)?;
        self.policy(&mut case.policy)?;
        for step in &mut case.timeline.0 {
            match step {
                Step::Verify(shown) => self.shown(shown)?,
                Step::VerifyMany { shown, .. } | Step::Within { shown, .. } => self.shown(shown)?,
                Step::VerifyAll(all) => {
                    for shown in all {
                        self.shown(shown)?;
                    }
                }
                Step::Configure { policy, .. } => self.policy(policy)?,
                Step::Advance(_)
                | Step::Publish { .. }
                | Step::Fault { .. }
                | Step::Mend { .. }
                | Step::ExpectFetches { .. }
                | Step::ExpectPrompt
                | Step::ExpectQuiet { .. }
                | Step::ExpectCost { .. } => {}
            }
        }
        if self.token_type.is_some() && !case.needs.spared.contains(&Capability::TokenType) {
            case.needs.spared.push(Capability::TokenType);
        }
        if let Some(twin) = case.twin.as_ref().and_then(|twin| self.twins.get(twin)) {
            case.twin = Some(twin.clone());
        }
        Some(())
    }

    /// Every algorithm that stands for another, in policy, keys, tokens and words alike.
    fn rename_algorithms(&self, case: &mut Case) -> Option<()> {
        for (from, to) in &self.algorithms {
            let mut data =
                serde_json::to_value((&case.policy, &case.needs, &case.timeline, &case.issuers))
                    .ok()?;
            if !holds(&data, from) {
                continue;
            }
            // A case with both is about the difference between them, and one that builds the encoding of a
            // signature is about the encoding of one of them.
            if holds(&data, to) || names(&data, &["rsa_encoded", "altered"]) {
                return None;
            }
            rename(&mut data, from, to);
            // A name in a text that is written letter by letter is out of reach.
            if mentions(&data, from) {
                return None;
            }
            (case.policy, case.needs, case.timeline, case.issuers) =
                serde_json::from_value(data).ok()?;
            let story = &mut case.story;
            for words in [
                &mut case.title,
                &mut story.rule,
                &mut story.attack,
                &mut story.consequence,
                &mut story.remedy,
            ] {
                *words = words.replace(from.as_str(), to);
            }
        }
        Some(())
    }

    fn policy(&self, policy: &mut PolicyRecipe) -> Option<()> {
        if self.is_only_algorithms() {
            return Some(());
        }
        // Who names no issuer or no audience is about that.
        let is_whole = policy.issuers.iter().all(|issuer| {
            issuer.issuer.is_some() && !(issuer.audiences.is_empty() && policy.audiences.is_empty())
        });
        if !is_whole || (self.token_type.is_some() && policy.token_type.is_some()) {
            return None;
        }
        if let Some(token_type) = &self.token_type {
            policy.token_type = Some(token_type.clone());
        }
        if let Some(Renamed { from, to }) = self.claims.get("aud") {
            let own = policy.issuers.iter_mut().flat_map(|issuer| &mut issuer.audiences);
            for audience in policy.audiences.iter_mut().chain(own) {
                if audience == from {
                    audience.clone_from(to);
                }
            }
        }
        Some(())
    }

    fn shown(&self, shown: &mut Presentation) -> Option<()> {
        if self.is_only_algorithms() {
            return Some(());
        }
        let Recipe::Jws(jws) = &mut shown.token else { return None };
        if shown.mode != Mode::Jwt || !can_be_dressed(jws) {
            return None;
        }
        let is_believed = !shown.permitted.is_refusal_only();
        self.header(jws.protected.as_mut()?)?;
        self.payload(&mut jws.payload, is_believed)?;
        for edit in &mut jws.edits {
            match edit {
                // What was not signed is dressed like what was, so that only the attack tells them apart.
                Edit::EncodeSegment { segment: 0, json } => self.header(json)?,
                Edit::EncodeSegment { segment: 1, json } => self.payload(json, false)?,
                Edit::EncodeSegment { .. }
                | Edit::Prepend(_)
                | Edit::Append(_)
                | Edit::ReplaceSegment { .. }
                | Edit::FlipBit { .. }
                | Edit::KeepSegments(_)
                | Edit::Insert { .. }
                | Edit::StandardAlphabet { .. }
                | Edit::OtherCase { .. }
                | Edit::SpareBit { .. } => {}
            }
        }
        shown.permitted = self.permitted(&shown.permitted)?;
        for declared in &mut shown.declared {
            declared.permitted = self.permitted(&declared.permitted)?;
        }
        Some(())
    }

    /// A header in which each parameter has its honest value, just once.
    fn header(&self, header: &mut Json) -> Option<()> {
        for (name, Renamed { from, to }) in &self.header {
            match header {
                Json::Members(members) => {
                    let mut named = members.iter_mut().filter(|(key, _)| key == name);
                    let (_, value) = named.next()?;
                    if value.as_str() != Some(from) || named.next().is_some() {
                        return None;
                    }
                    *value = Value::from(to.as_str());
                }
                Json::Text(written) => {
                    if text::count(written, name, from) != 1 {
                        return None;
                    }
                    *written = text::with(written, name, from, to);
                }
                Json::Octets(_) | Json::Token(_) => return None,
            }
        }
        Some(())
    }

    /// Claims: what must be believed has to hold the honest values, what is to be refused may attack them.
    fn payload(&self, payload: &mut Json, is_believed: bool) -> Option<()> {
        match payload {
            Json::Members(members) => {
                for (name, Renamed { from, to }) in &self.claims {
                    let mut is_honest = false;
                    for (_, value) in members.iter_mut().filter(|(key, _)| key == name) {
                        is_honest |= holds(value, from);
                        rename(value, from, to);
                    }
                    if is_believed && !is_honest {
                        return None;
                    }
                }
                for (name, value) in &self.added {
                    if !members.iter().any(|(key, _)| key == name) {
                        members.push((name.clone(), value.clone()));
                    }
                }
            }
            Json::Text(written) => {
                for (name, value) in &self.added {
                    *written = text::with_one_more(written, PLACE, name, value)?;
                }
                for (name, Renamed { from, to }) in &self.claims {
                    if is_believed && text::count(written, name, from) == 0 {
                        return None;
                    }
                    *written = text::with(written, name, from, to);
                }
            }
            Json::Octets(_) | Json::Token(_) => {
                return (self.claims.is_empty() && self.added.is_empty()).then_some(());
            }
        }
        Some(())
    }

    /// What is permitted, where it names a claim's value.
    fn permitted(&self, permitted: &Permitted) -> Option<Permitted> {
        let behaviours = permitted.behaviours().iter().map(|behaviour| match behaviour {
            Behaviour::Refuse | Behaviour::Accept(Belief::Signed) => Some(behaviour.clone()),
            Behaviour::Accept(Belief::Payload(_)) => None,
            Behaviour::Accept(Belief::Claim { name, value }) => {
                let mut value = value.clone();
                if let Some(Renamed { from, to }) = self.claims.get(name) {
                    rename(&mut value, from, to);
                }
                Some(Behaviour::Accept(Belief::Claim { name: name.clone(), value }))
            }
        });
        Permitted::try_from(behaviours.collect::<Option<Vec<_>>>()?).ok()
    }

    fn is_only_algorithms(&self) -> bool {
        self.token_type.is_none()
            && self.header.is_empty()
            && self.claims.is_empty()
            && self.added.is_empty()
    }

    /// What is different in a case that was dressed.
    fn changes(&self, before: &Case, after: &Case) -> Vec<Change> {
        let mut changes = Vec::new();
        if let Some(token_type) = &self.token_type {
            let what = "policy token_type, where the verifier has that option";
            changes.push(Change::new(what, None, token_type));
        }
        let renamed =
            |what: &str, Renamed { from, to }: &Renamed| Change::new(what, Some(from.clone()), to);
        if let Some(aud) = self.claims.get("aud").filter(|_| before.policy != after.policy) {
            changes.push(renamed("policy audiences", aud));
        }
        let headers = self.header.iter().map(|(name, to)| renamed(&format!("header {name}"), to));
        changes.extend(headers);
        let tokens = |case: &Case| {
            let shown = case.timeline.presentations();
            shown.map(|shown| serde_json::to_value(&shown.token)).collect::<Result<Vec<_>, _>>()
        };
        if let (Ok(before), Ok(after)) = (tokens(before), tokens(after)) {
            let tells =
                |tokens: &[Value], text: &str| tokens.iter().any(|token| mentions(token, text));
            for (name, to) in &self.claims {
                if tells(&after, &to.to) {
                    changes.push(renamed(&format!("claim {name}"), to));
                }
            }
            for (name, value) in &self.added {
                let counted = |tokens: &[Value]| -> usize {
                    tokens.iter().map(|token| mentioned(token, name)).sum()
                };
                if counted(&after) > counted(&before) {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    changes.push(Change::new(format!("claim {name}, added"), None, value));
                }
            }
        }
        let policies = |case: &Case| {
            serde_json::to_value((&case.policy, &case.timeline, &case.needs)).unwrap_or_default()
        };
        let (old, new) = (policies(before), policies(after));
        for (from, to) in &self.algorithms {
            if holds(&old, from) && holds(&new, to) {
                changes.push(Change::new("algorithm", Some(from.clone()), to));
            }
        }
        if let (Some(old), Some(new)) = (&before.twin, &after.twin)
            && old != new
        {
            changes.push(Change::new("twin", Some(old.to_string()), new.to_string()));
        }
        changes
    }
}

/// Whether the segments of a token are as its header and payload make them, before and after it is signed.
fn can_be_dressed(jws: &JwsRecipe) -> bool {
    let keeps = |edit: &Edit| match edit {
        Edit::Prepend(_)
        | Edit::Append(_)
        | Edit::FlipBit { .. }
        | Edit::KeepSegments(_)
        | Edit::EncodeSegment { .. } => true,
        Edit::ReplaceSegment { segment, .. } | Edit::Insert { segment, .. } => *segment == 2,
        // They hang on letters that happen to be there.
        Edit::StandardAlphabet { .. } | Edit::OtherCase { .. } | Edit::SpareBit { .. } => false,
    };
    jws.serialization == Serialization::Compact
        && jws.unprotected.is_none()
        && !jws.detached
        && jws.spelling.is_empty()
        && jws.edits.iter().all(keeps)
}
