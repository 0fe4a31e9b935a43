//! Honest tokens, and signatures of which none, some or all are good.

use serde_json::json;

use super::{
    Class, SHAPES, SIGNATURES, Setup, flattened, forged, general, general_setup, good, of, raw,
    with_unprotected,
};
use crate::{
    case::{Belief, Case, Permitted, Severity},
    families::encoding,
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe},
    recipe::{JwsMember, SignatureRecipe, Signing},
};

pub(super) fn cases(setup: &Setup) -> Vec<Case> {
    [honest(setup), signatures(setup)].concat()
}

fn honest(setup: &Setup) -> Vec<Case> {
    let class = Class {
        severity: Severity::Medium,
        cwe: &[],
        rule: "A good JWS in a JSON serialization is accepted, and members that are not understood are \
               ignored.",
        consequence: "Honest senders are locked out.",
        remedy: "Read both forms, and pass over members that mean nothing to you.",
        ..SHAPES
    };
    let both = setup.clone().keys(KeysRecipe::Set(
        ["p256-a", "p256-b"].map(|key| JwkRecipe::with_kid(KeyName::from(key), key)).to_vec(),
    ));
    let second = SignatureRecipe {
        protected: setup.token().header("kid", "p256-b").protected,
        ..forged(setup)
    };
    let more = vec![("signed-by".to_owned(), "[{\"x\":null}]".to_owned())];
    vec![
        class.accept(
            setup,
            "flattened",
            "accepts a good flattened serialization",
            "None: this is what an honest sender makes.",
            flattened(setup, good(setup)),
        ),
        class.accept(
            setup,
            "general",
            "accepts a good general serialization",
            "None: this is what an honest sender makes.",
            general(setup, vec![good(setup)]),
        ),
        class.accept(
            &both,
            "general-two-good",
            "accepts two signatures that are both good under trusted keys",
            "None: a sender signs with the old and the new key while it rotates them.",
            general(setup, vec![good(setup), second]),
        ),
        class.accept(
            setup,
            "kid-unprotected",
            "accepts a flattened serialization with other parameters in its unprotected header",
            "None: what need not be signed may stand there.",
            flattened(
                setup,
                SignatureRecipe {
                    protected: setup.token().without_header("kid").protected,
                    ..with_unprotected(setup, json!({ "kid": setup.key, "cty": "x" }))
                },
            ),
        ),
        class.accept(
            setup,
            "unknown-members",
            "ignores members that it does not understand, in the object and beside a signature",
            "None: senders add members of their own.",
            of(
                setup,
                vec![
                    raw("sent", "1"),
                    JwsMember::Payload,
                    JwsMember::Signatures(vec![SignatureRecipe { more, ..good(setup) }]),
                    raw("ext", "{\"payload\":[]}"),
                ],
            ),
        ),
        class.accept(
            setup,
            "name-like-a-compact-token",
            "ignores a member whose name looks like a compact token with other claims",
            "The attacker puts forged claims into the name of a member, for software that splits the \
             text at its periods. The signature over the true payload is good.",
            encoding::polyglot(setup),
        ),
    ]
}

fn signatures(setup: &Setup) -> Vec<Case> {
    let several = general_setup(setup);
    let application = Class {
        rule: "If there are several signatures, the application decides which of them must be good.",
        consequence: "None, where the application knows what it asks for.",
        remedy: "Say in the documentation which signatures must be good.",
        ..SIGNATURES
    };
    let left_over = SignatureRecipe { signing: Signing::Octets(vec![0x41; 64]), ..good(setup) };
    let choice = Permitted::choice(Belief::Signed);
    vec![
        SIGNATURES.refuse(
            &several,
            "no-signatures",
            "refuses an empty array of signatures",
            "The attacker leaves all signatures away; software that asks whether any of them is bad \
             finds none.",
            general(setup, Vec::new()),
        ),
        SIGNATURES.refuse(
            &several,
            "none-good",
            "refuses two signatures of which none is good",
            "The attacker signs with a key of his own, and adds octets that are nobody's signature.",
            general(setup, vec![forged(setup), left_over]),
        ),
        SIGNATURES.refuse(
            setup,
            "flattened-forged",
            "refuses a flattened serialization that a stranger's key signed",
            "The attacker signs with a key of his own and names the trusted one.",
            flattened(setup, forged(setup)),
        ),
        SIGNATURES.refuse(
            setup,
            "other-payload",
            "refuses a payload that the signature does not cover",
            "The attacker puts another payload beside a good signature.",
            of(
                setup,
                vec![
                    raw("payload", "\"eyJzdWIiOiJtYWxsb3J5In0\""),
                    JwsMember::Signature(good(setup)),
                ],
            ),
        ),
        application.choice(
            &several,
            "first-of-two-good",
            "may refuse a good signature with a forged one behind it",
            "A stranger adds a signature of his own behind the good one.",
            general(setup, vec![good(setup), forged(setup)]),
            choice.clone(),
        ),
        application.choice(
            &several,
            "last-of-two-good",
            "may refuse a good signature with a forged one in front of it",
            "A stranger adds a signature of his own in front of the good one.",
            general(setup, vec![forged(setup), good(setup)]),
            choice,
        ),
    ]
}
