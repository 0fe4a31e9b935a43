//! Every finding of the catalogue in this verifier has a cause that was reproduced without us, and says
//! whose it is.

use std::collections::BTreeSet;

use gauntlet_reports::record::Attribution;
use gauntlet_vectors::{
    Catalogue, Env,
    case::{Case, Level},
    judge::{Impact, Outcome, Twin},
};
use glob::Pattern;

use super::{super::Jsonwebtoken, by_hand};
use crate::{
    adapter::InProcess,
    runner::{
        execute::{Played, Terms, attribution, play},
        origins::Origins,
        plan,
        prepare::Workshop,
    },
};

struct Cause {
    /// Its reproduction with the crate alone.
    by_hand: fn(),
    whose: Attribution,
    /// Where it is public: no bypass is named here before its maintainers know of it.
    public: Option<&'static str>,
    /// Globs over the ids of the cases that it fails.
    cases: &'static [&'static str],
}

const CAUSES: &[Cause] = &[
    Cause {
        by_hand: by_hand::critical_extensions_are_not_looked_at,
        whose: Attribution::Library,
        public: Some("the issue that asked for this harness"),
        cases: &["header/crit-*"],
    },
    Cause {
        by_hand: by_hand::critical_extensions_are_left_to_the_user_of_a_bare_jws,
        whose: Attribution::Adapter,
        public: Some("the issue that asked for this harness"),
        cases: &["rfc/derived-crit-*", "header/crit-unknown-in-a-jws"],
    },
    Cause {
        by_hand: by_hand::one_of_several_issuers_in_an_array_is_enough,
        whose: Attribution::Library,
        public: Some("Keats/jsonwebtoken src/validation.rs: its own test `iss_array_of_string_ok`"),
        cases: &["issuer/array-*"],
    },
    Cause {
        by_hand: by_hand::an_hmac_key_may_be_shorter_than_its_hash,
        whose: Attribution::Library,
        public: Some("Keats/jsonwebtoken README.md: `from_secret(\"secret\")`"),
        cases: &[
            "keys/hmac-31-octets",
            "keys/hmac-one-octet",
            "keys/hmac-32-octets-for-hs512",
            "static-keys/secret-16-octets",
            "wycheproof/jwk-1[0-2]",
        ],
    },
    Cause {
        by_hand: by_hand::a_key_does_not_keep_the_alg_of_its_jwk,
        whose: Attribution::Adapter,
        public: Some("Keats/jsonwebtoken #513"),
        cases: &[
            "algorithm/pinned-*",
            "static-keys/rsa-jwk-pinned-ps256",
            "keys/alg-unregistered",
            "wycheproof/jwk-6",
            "wycheproof/jwk-19",
            "wycheproof/jwk-2[056]",
        ],
    },
    Cause {
        by_hand: by_hand::a_key_does_not_keep_the_purpose_of_its_jwk,
        whose: Attribution::Adapter,
        public: Some("Keats/jsonwebtoken #285: which key of a set to use is left to its user"),
        cases: &[
            "keys/use-enc*",
            "keys/oct-use-enc",
            "keys/key-ops-derive-bits",
            "wycheproof/jws-35[3-6]",
            "wycheproof/jwk-21",
        ],
    },
    Cause {
        by_hand: by_hand::a_member_of_another_type_loses_the_whole_set,
        whose: Attribution::Library,
        public: Some("Keats/jsonwebtoken #529, for another member"),
        cases: &["keys/beside-*"],
    },
    Cause {
        by_hand: by_hand::of_two_keys_of_one_name_the_first_is_found,
        whose: Attribution::Adapter,
        public: None,
        cases: &["key-selection/same-kid-second-type"],
    },
];

/// Findings of the library's whose causes are withheld until its maintainers know: SHA-256 of the ids.
/// They were reproduced by hand as well.
const WITHHELD: &[&str] = &[
    "34988baf3bbda4e69097022c172ff1eced61af28ba0934b1ddaa160a7fed3545",
    "4fd8f79a7378cfbb5ae6ccfe27a3f4add7de1a7ae878e70e1ebceede08d9fe2b",
    "79f1ad122860e952798e544c6fefcbd2504f744718684e00b64e7107da71435b",
    "84a130425ac0e667cb71f3d847b0bc59e98ea38b8304545f286b1c58235b03e3",
    "9723ca0bfd2b035421586a47536496163a4ea0d51becf05b536017a5e47cd828",
    "b36f6fcb73e5d51bbd2b681373e3afea07afce55a39036784d8bdb5ae5277049",
    "ec5b35ae54d01ed513c6cb7feff20b6174cb4cf68c6575cb5586ab938cad56d8",
];

struct Finding<'a> {
    case: &'a Case,
    whose: Attribution,
    is_bypass: bool,
}

/// What this verifier fails, each tried once more as the runner does it.
fn findings(catalogue: &Catalogue) -> Vec<Finding<'_>> {
    let origins = Origins::open().unwrap();
    let now = i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap();
    let env =
        Env { origins: origins.urls(), ..Env::fixed() }.at(gauntlet_vectors::NumericDate(now));
    let workshop = Workshop::new(env);
    let mut peer = InProcess::new(Box::new(Jsonwebtoken));
    let mut played = |case: &Case, twin| -> Played {
        let prepared = workshop.prepare(case).unwrap();
        let deadline = std::time::Duration::from_secs(5);
        play(
            &mut peer,
            case,
            &prepared,
            &Terms { twin, origins: Some(&origins), ..Terms::plain(deadline) },
        )
    };
    let description = crate::verifier::Implementation::describe(&Jsonwebtoken);
    let mut found = Vec::new();
    for case in catalogue.cases() {
        let twin = catalogue.twin(case);
        if plan::missing(&description, case, twin).is_some() {
            continue;
        }
        let mut fails = || {
            let judgement = played(case, Twin::Accepted).judgement;
            judgement.outcome.is_finding().then_some(judgement)
        };
        let Some(judgement) = fails().and_then(|_| fails()) else { continue };
        if let Some(twin) = twin.filter(|_| case.demands_refusal()) {
            let twin = played(twin, Twin::NotNeeded).judgement;
            assert_eq!(twin.outcome, Outcome::Pass, "the twin of {}: {}", case.id, twin.reason);
        }
        let whose = attribution(case, &description);
        found.push(Finding { case, whose, is_bypass: judgement.impact == Some(Impact::Bypass) });
    }
    found
}

fn sha256(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect()
}

#[test]
fn every_finding_has_a_cause_and_every_cause_a_finding() {
    let mut unused: BTreeSet<&str> =
        CAUSES.iter().flat_map(|cause| cause.cases).chain(WITHHELD).copied().collect();
    let mut wrong = Vec::new();
    let catalogue = Catalogue::build();
    for Finding { case, whose, is_bypass } in findings(&catalogue) {
        let id = case.id.as_str();
        let hash = sha256(id);
        let named = CAUSES
            .iter()
            .filter(|cause| cause.whose == whose && (cause.public.is_some() || !is_bypass))
            .flat_map(|cause| cause.cases)
            .filter(|glob| Pattern::new(glob).unwrap().matches(id));
        let withheld = WITHHELD
            .iter()
            .filter(|withheld| whose == Attribution::Library && is_bypass && **withheld == hash);
        let causes: Vec<&str> = named.chain(withheld).copied().collect();
        if let ([cause], true) = (causes.as_slice(), case.level != Level::May) {
            unused.remove(cause);
        } else {
            wrong.push(format!("{} {id} ({whose:?}, {hash}): {causes:?}", case.level));
        }
    }
    assert!(wrong.is_empty(), "not explained by exactly one cause:\n{}", wrong.join("\n"));
    assert!(unused.is_empty(), "no longer found: {unused:?}");
}

#[test]
fn every_cause_is_reproduced_by_hand() {
    for cause in CAUSES {
        (cause.by_hand)();
    }
}
