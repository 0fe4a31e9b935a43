//! How often a verifier asks its issuer: what anybody can make it do with forged tokens, and what its own
//! users do when many of them come at once.

use super::scenario::{
    NEW, OLD, OTHERS, PROMPT, Scene, accepted, accepted_at_once, accepted_times, accepted_within,
    after, either_at_once, either_times, fails, fetches, fetches_ever, mended, published, refused,
    refused_at_once, refused_times, stray, token, under, when_cool, when_stale,
};
use crate::{
    case::{Basis, Capability, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::Class,
    recipe::Signing,
    timeline::{Fault, Span, Step},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "fetching", title: "How often a verifier asks its issuer", cases };

/// Without bound.
const BUDGET: Class = Class {
    family: FAMILY.name,
    category: Category::Dos,
    part: Part::Cache,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::Medium,
    clauses: &["Adapter protocol 1, `fetch.cooldown_s`"],
    cwe: &[400, 770],
    rule: "How often the key set is fetched hangs on time, and not on how many tokens are shown.",
    consequence: "Anybody who can reach the service makes it hammer its issuer with tokens that cost him \
                  nothing, until the issuer throttles it; then honest tokens of new keys are refused.",
    remedy: "Let at least the cooldown pass between two fetches, whatever asked for them and however the \
             first one ended.",
};

/// The operator's cooldown.
const COOLDOWN: Class = Class {
    rule: "No two fetches of a key set are closer than the cooldown, whatever asked for them and however \
           the first one ended.",
    ..BUDGET
};

/// One flight.
const HERD: Class = Class {
    rule: "One fetch serves all that wait for it.",
    consequence: "Each restart, and each end of freshness, of a busy service is a burst of requests to its \
                  issuer, which answers some of them with 429.",
    remedy: "Let the first one fetch, and all others wait for its result.",
    ..BUDGET
};

/// What the budget must not cost.
const SERVED: Class = Class {
    category: Category::RotationRevocation,
    cwe: &[],
    rule: "Forged tokens do not keep the keys from honest ones.",
    consequence: "Anybody locks out the users of a new key, for as long as he likes, by showing tokens that \
                  name keys which nobody has.",
    remedy: "Count the time since the last fetch, and not the tokens; fetch again when the cooldown is \
             over, whoever asks then.",
    ..BUDGET
};

const FLOOD: &str = "The attacker shows token after token that names a key which nobody has.";
const NONE: &str = "None: many users come at once.";

fn cases() -> Vec<Case> {
    let mut cases = floods();
    cases.extend(herds());
    cases.extend(failures());
    cases.extend(unaffected());
    cases
}

fn floods() -> Vec<Case> {
    let scene = Scene::one();
    let at_once = scene.clone().needing(Capability::Concurrent);
    vec![
        scene.case(
            &BUDGET,
            "one-fetch-serves-many",
            "fetches a set once for 50 tokens in a row",
            "None: a user sends many requests.",
            [accepted_times(50, token(OLD)), fetches_ever(1, 2)],
        ),
        scene.case(
            &BUDGET,
            "unknown-kids-in-turn",
            "does not fetch a set for each of 200 tokens that name keys which nobody has",
            FLOOD,
            [accepted(token(OLD)), fetches_ever(1, 4), refused_times(200, stray()), fetches_ever(0, 20)],
        ),
        at_once.case(
            &BUDGET,
            "unknown-kids-at-once",
            "does not fetch a set for each of 200 tokens at once that name keys which nobody has",
            FLOOD,
            [accepted(token(OLD)), fetches_ever(1, 4), refused_at_once(200, stray()), fetches_ever(0, 20)],
        ),
        scene.case(
            &COOLDOWN,
            "cooldown-after-unknown-kid",
            "fetches a set once at most within the cooldown for 20 unknown keys",
            FLOOD,
            [
                accepted(token(OLD)),
                when_cool(),
                fetches_ever(1, 4),
                refused_times(20, stray()),
                fetches(0, 1),
                when_cool(),
                refused_times(20, stray()),
                fetches(0, 1),
            ],
        ),
        scene.case(
            &COOLDOWN,
            "cooldown-lasts",
            "fetches a set once at most until the cooldown is over",
            "The attacker shows a few tokens a second, day and night.",
            [
                accepted(token(OLD)),
                when_cool(),
                fetches_ever(1, 4),
                refused(stray()),
                after(Span::COOLDOWN.plus(-2)),
                refused_times(5, stray()),
                fetches(0, 1),
            ],
        ),
        scene.case(
            &COOLDOWN,
            "one-unknown-kid-again-and-again",
            "fetches a set once at most within the cooldown for one unknown key",
            "The attacker shows one forged token again and again.",
            [
                accepted(token(OLD)),
                when_cool(),
                fetches_ever(1, 4),
                refused_times(20, under(OTHERS, "nobody-has-this")),
                fetches(0, 1),
            ],
        ),
        scene.case(
            &COOLDOWN,
            "no-kid",
            "fetches a set once at most within the cooldown for 20 forged tokens that name no key",
            "The attacker leaves the name of the key out, in the hope that the service looks for newer keys \
             whenever none of its own will do.",
            [
                accepted(token(OLD)),
                when_cool(),
                fetches_ever(1, 4),
                refused_times(20, stray().without_header("kid")),
                fetches(0, 1),
            ],
        ),
        scene.case(
            &COOLDOWN,
            "unknown-kid-first",
            "fetches a set twice at most when the first 20 tokens name unknown keys",
            "The attacker comes before all others, when the service has just started.",
            [refused_times(20, stray()), fetches(0, 2), accepted(token(OLD))],
        ),
        scene.case(
            &COOLDOWN,
            "forged-under-a-known-kid",
            "fetches no set for tokens that name a known key and are not of it",
            "The attacker signs with a key of his own under the name of the issuer's, in the hope that \
             the service looks for a newer one each time.",
            [
                accepted(token(OLD)),
                when_cool(),
                fetches_ever(1, 4),
                refused_times(20, under(OTHERS, OLD)),
                fetches(0, 1),
            ],
        ),
        scene.case(
            &COOLDOWN,
            "other-issuer",
            "fetches the set twice at most for 20 tokens of an issuer that nobody trusts",
            "The attacker shows tokens of an issuer of his own.",
            [
                accepted(token(OLD)),
                when_cool(),
                fetches_ever(1, 4),
                refused_times(20, stray().claim("iss", "https://{n}.attacker.test")),
                fetches(0, 1),
            ],
        ),
        scene.case(
            &COOLDOWN,
            "unsecured-with-unknown-kid",
            "fetches the set once at most for 20 tokens without a signature that name unknown keys",
            "The attacker does not even sign.",
            [
                accepted(token(OLD)),
                when_cool(),
                fetches_ever(1, 4),
                refused_times(20, stray().header("alg", "none").signed(Signing::Octets(Vec::new()))),
                fetches(0, 1),
            ],
        ),
    ]
}

/// Late enough for all who come at once to find that there is something to wait for.
fn late() -> Step {
    fails(Fault::Late(50))
}

fn herds() -> Vec<Case> {
    let scene = Scene::one().needing(Capability::Concurrent);
    vec![
        scene.case(
            &HERD,
            "herd-on-a-cold-cache",
            "fetches a set once for 64 tokens that come at once when it has none",
            NONE,
            [late(), accepted_at_once(64, token(OLD)), fetches_ever(1, 1)],
        ),
        scene.case(
            &HERD,
            "herd-on-a-stale-cache",
            "fetches a set once for 64 tokens that come at once when it is no longer fresh",
            NONE,
            [
                accepted(token(OLD)),
                fetches_ever(1, 4),
                late(),
                when_stale(),
                accepted_at_once(64, token(OLD)),
                fetches(1, 1),
            ],
        ),
        scene.case(
            &HERD,
            "herd-on-a-new-key",
            "fetches a set once for 64 tokens of a new key that come at once",
            "None: the issuer rotates its keys while the service is busy.",
            [
                accepted(token(OLD)),
                when_cool(),
                fetches_ever(1, 4),
                published(&[OLD, NEW]),
                late(),
                either_at_once(64, token(NEW)),
                fetches(0, 1),
                mended(),
                accepted_within(Span::MAX_AGE.plus(1), token(NEW)),
            ],
        ),
        scene.case(
            &HERD,
            "herd-on-a-dead-endpoint",
            "fetches a set once for 32 tokens that come at once while nobody answers",
            "None: the issuer is down, and many users come.",
            [
                fails(Fault::Silent),
                refused_at_once(32, token(OLD)),
                PROMPT,
                fetches(1, 1),
                mended(),
                accepted_within(Span::COOLDOWN.plus(1), token(OLD)),
            ],
        ),
    ]
}

fn failures() -> Vec<Case> {
    let scene = Scene::one();
    let down = |slug, how: &str, fault| {
        scene.case(
            &COOLDOWN,
            slug,
            &format!(
                "fetches a set once within the cooldown for 20 tokens while its endpoint {how}"
            ),
            "None: the issuer is down, and its users go on.",
            [fails(fault), refused_times(20, token(OLD)), fetches(1, 1)],
        )
    };
    vec![
        scene.case(
            &BUDGET,
            "endpoint-down",
            "does not fetch a set for each of 200 tokens while its endpoint fails",
            "None: the issuer is down, and its users go on.",
            [fails(Fault::Status(503)), refused_times(200, token(OLD)), fetches_ever(1, 20)],
        ),
        down("cooldown-after-503", "answers 503", Fault::Status(503)),
        down("cooldown-after-garbage", "serves what is no set", Fault::Garbage),
        down("cooldown-after-cut", "breaks off", Fault::Cut),
        scene.case(
            &COOLDOWN,
            "cooldown-when-stale-and-down",
            "fetches a set once within the cooldown for 20 tokens when it is stale and its endpoint fails",
            "None: the issuer is down, and its users go on.",
            [
                accepted(token(OLD)),
                fetches_ever(1, 4),
                fails(Fault::Status(503)),
                when_stale(),
                either_times(20, token(OLD)),
                fetches(1, 1),
            ],
        ),
    ]
}

fn unaffected() -> Vec<Case> {
    let scene = Scene::one();
    vec![
        scene.case(
            &SERVED,
            "new-key-under-flood",
            "accepts a token of a new key though forged ones come all the time",
            "The attacker goes on showing tokens that name unknown keys, so that the service has no fetch \
             left when the issuer rotates.",
            [
                accepted(token(OLD)),
                refused_times(40, stray()),
                published(&[OLD, NEW]),
                when_cool(),
                refused_times(40, stray()),
                accepted(token(OLD)),
                accepted_within(Span::MAX_AGE.and(Span::COOLDOWN).plus(1), token(NEW)),
            ],
        ),
        scene.case(
            &SERVED,
            "known-key-under-flood",
            "accepts tokens of a key that it has between forged ones",
            FLOOD,
            [
                accepted(token(OLD)),
                refused_times(20, stray()),
                accepted(token(OLD)),
                refused_times(20, stray()),
                accepted(token(OLD)),
            ],
        ),
        scene.case(
            &SERVED,
            "unknown-kid-then-published",
            "accepts tokens of a key that was asked for before it was published",
            "The attacker guesses the name of the issuer's next key, and shows a forged token under it, so \
             that the service takes the name for unknown.",
            [
                accepted(token(OLD)),
                refused(under(OTHERS, NEW)),
                when_cool(),
                refused(under(OTHERS, NEW)),
                published(&[OLD, NEW]),
                accepted_within(Span::MAX_AGE.and(Span::COOLDOWN).plus(1), token(NEW)),
                when_stale(),
                accepted(token(NEW)),
            ],
        ),
        scene.case(
            &SERVED,
            "many-kids-are-forgotten",
            "accepts tokens of 3 keys when 200 other names were asked for",
            "The attacker names so many keys that a cache by `kid` throws the honest ones out, and each \
             honest token is a fetch again.",
            [
                published(&[OLD, NEW, OTHERS]),
                accepted(token(OLD)),
                accepted(token(NEW)),
                refused_times(200, stray()),
                fetches_ever(0, 40),
                accepted_times(5, token(OLD)),
                accepted_times(5, token(NEW)),
                accepted_times(5, token(OTHERS)),
                fetches_ever(0, 4),
            ],
        ),
    ]
}
