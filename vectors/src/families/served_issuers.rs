//! Several trusted issuers whose keys are fetched: what happens to one is nobody else's affair.

use super::scenario::{
    NEW, OLD, OTHERS, PROMPT, Scene, TENANT, accepted, accepted_times, accepted_within, fails_at,
    fetched, named_set, published_by, refused, refused_times, set, tenants, token, under,
    when_cool, when_stale,
};
use crate::{
    case::{Basis, Case, CaseId, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::Class,
    timeline::{Fault, Span, Step},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "served-issuers", title: "Several issuers whose keys are fetched", cases };

/// Keys of one, names of another.
const CROSSED: Class = Class {
    family: FAMILY.name,
    category: Category::ClaimsIssuer,
    part: Part::IssuerRouting,
    level: Level::Must,
    basis: Basis::Bcp,
    severity: Severity::High,
    clauses: &["RFC 8725 §3.8", "RFC 9068 §4"],
    cwe: &[346],
    rule: "The keys with which a JWT is verified belong to the issuer that it names, whichever sets were \
           fetched, and whether its own could be.",
    consequence: "The smallest tenant makes tokens for the users of the largest.",
    remedy: "Keep one cache an issuer, and look in that of the issuer that the token names.",
};

/// One fails, the other does not.
const APART: Class = Class {
    category: Category::EndpointOutage,
    severity: Severity::Medium,
    basis: Basis::Operator,
    part: Part::Cache,
    clauses: &["Adapter protocol 1, `issuers`"],
    cwe: &[404],
    rule: "What happens to one issuer's endpoint changes nothing for the tokens of another.",
    consequence: "The outage of one tenant is everybody's.",
    remedy: "Fetch, cool down and fail for each issuer apart.",
    ..CROSSED
};

/// Each key set is fetched when a token asks for it.
const BUDGET: Class = Class {
    category: Category::Dos,
    cwe: &[400, 770],
    rule: "A token makes the service ask the issuer that it names, and no other.",
    consequence: "Whoever floods the service in the name of one issuer makes it hammer all.",
    remedy: "Choose the issuer first, and fetch its keys alone.",
    ..APART
};

const TENANTS_KEY: &str =
    "The attacker owns the second issuer, which is trusted as the first one is.";

fn cases() -> Vec<Case> {
    let scene = Scene::two();
    let crossed =
        |slug, title: &str, steps: Vec<Step>| scene.case(&CROSSED, slug, title, TENANTS_KEY, steps);
    let mut cases = vec![
        scene.clone().twin(CaseId::new(FAMILY.name, "both")).case(
            &Class { severity: Severity::Medium, cwe: &[], ..CROSSED },
            "both",
            "accepts tokens of two issuers whose keys it fetched",
            "None: each issuer signs its own tokens.",
            [accepted(token(OLD)), accepted(tenants(OTHERS)), accepted(token(OLD))],
        ),
        crossed(
            "key-of-the-other",
            "refuses a token in the name of one issuer by a key of the other, with both sets fetched",
            vec![
                accepted(token(OLD)),
                accepted(tenants(OTHERS)),
                refused(token(OTHERS)),
                refused(tenants(OLD)),
                accepted(token(OLD)),
                accepted(tenants(OTHERS)),
            ],
        ),
        crossed(
            "key-of-the-other-only-fetched",
            "refuses a token in the name of an issuer by a key of the other, when only that one's set was \
             fetched",
            vec![accepted(tenants(OTHERS)), refused(token(OTHERS)), accepted(token(OLD))],
        ),
        crossed(
            "one-kid-two-keys",
            "keeps apart two keys of one name at two issuers",
            vec![
                published_by(0, named_set(&[(OLD, "1")])),
                published_by(1, named_set(&[(OTHERS, "1")])),
                accepted(under(OLD, "1")),
                accepted(under(OTHERS, "1").claim("iss", TENANT)),
                refused(under(OTHERS, "1")),
                refused(under(OLD, "1").claim("iss", TENANT)),
                accepted(under(OLD, "1")),
            ],
        ),
        crossed(
            "name-taken-at-the-other",
            "refuses a token of a key that the other issuer publishes under the name of this one's",
            vec![
                accepted(token(OLD)),
                published_by(1, named_set(&[(OTHERS, OLD)])),
                accepted(under(OTHERS, OLD).claim("iss", TENANT)),
                refused(under(OTHERS, OLD)),
                when_stale(),
                refused(under(OTHERS, OLD)),
                accepted(token(OLD)),
            ],
        ),
        crossed(
            "down",
            "refuses a token in the name of an issuer that is down by a key of the other",
            vec![
                fails_at(0, Fault::Status(503)),
                accepted(tenants(OTHERS)),
                refused(token(OTHERS)),
                refused(token(OLD)),
                accepted(tenants(OTHERS)),
            ],
        ),
        crossed(
            "empty",
            "refuses a token in the name of an issuer without keys by a key of the other",
            vec![
                published_by(0, set(&[])),
                accepted(tenants(OTHERS)),
                refused(token(OTHERS)),
                refused(token(OLD)),
            ],
        ),
        crossed(
            "revoked-at-one",
            "refuses a key at the issuer that took it out, and accepts it at the other",
            vec![
                published_by(0, set(&[OLD, NEW])),
                published_by(1, set(&[OTHERS, NEW])),
                accepted(token(NEW)),
                accepted(tenants(NEW)),
                published_by(0, set(&[OLD])),
                when_stale(),
                accepted(tenants(NEW)),
                refused(token(NEW)),
                accepted(token(OLD)),
            ],
        ),
    ];
    cases.extend(apart(&scene));
    cases
}

fn apart(scene: &Scene) -> Vec<Case> {
    let down = |slug, how: &str, fault| {
        scene.case(
            &APART,
            slug,
            &format!("accepts tokens of one issuer while the endpoint of the other {how}"),
            "None: one of two issuers is down, and its users go on.",
            [
                fails_at(1, fault),
                refused(tenants(OTHERS)),
                accepted(token(OLD)),
                PROMPT,
                refused(tenants(OTHERS)),
                accepted_times(3, token(OLD)),
            ],
        )
    };
    vec![
        down("one-refuses-connections", "refuses connections", Fault::Refused),
        down("one-says-nothing", "says nothing", Fault::Silent),
        down("one-serves-garbage", "serves what is no set", Fault::Garbage),
        scene.case(
            &APART,
            "rotation-at-one",
            "picks up a new key of one issuer while the other is flooded with unknown ones",
            "The attacker shows tokens that name unknown keys in the name of the second issuer.",
            [
                accepted(token(OLD)),
                accepted(tenants(OTHERS)),
                when_cool(),
                refused_times(40, super::scenario::stray().claim("iss", TENANT)),
                published_by(0, set(&[OLD, NEW])),
                accepted_within(Span::MAX_AGE.and(Span::COOLDOWN).plus(1), token(NEW)),
            ],
        ),
        scene.case(
            &BUDGET,
            "flood-in-the-name-of-one",
            "asks one issuer nothing when forged tokens name the other",
            "The attacker shows tokens that name unknown keys in the name of the second issuer.",
            [
                accepted(token(OLD)),
                accepted(tenants(OTHERS)),
                fetched(0, 1, 2, false),
                fetched(1, 1, 2, false),
                when_cool(),
                refused_times(20, super::scenario::stray().claim("iss", TENANT)),
                when_cool(),
                refused_times(20, super::scenario::stray().claim("iss", TENANT)),
                when_cool(),
                refused_times(20, super::scenario::stray().claim("iss", TENANT)),
                // Who fetches ahead of time may have done so once or twice, by the machine's clock.
                fetched(0, 0, 2, false),
            ],
        ),
        two_of_one_origin(),
    ]
}

/// Two issuers behind one server.
fn two_of_one_origin() -> Case {
    let scene = Scene::two().policy(|policy| {
        if let Some(tenant) = policy.issuers.get_mut(1) {
            tenant.keys = crate::policy::KeysRecipe::Literal(crate::policy::Keys::JwksUri(
                "{issuer.1}/jwks.json?tenant=1".to_owned(),
            ));
        }
    });
    scene.case(
        &Class { severity: Severity::Medium, cwe: &[], ..CROSSED },
        "address-with-a-query",
        "fetches a key set whose address has a query",
        "None: one server serves the key sets of several issuers.",
        [accepted(tenants(OTHERS)), accepted(token(OLD)), refused(tenants(OLD))],
    )
}
