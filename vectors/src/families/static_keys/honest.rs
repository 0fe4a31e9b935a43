//! Honest tokens under each form of a key.
//!
//! The protocol page promises `pem` for "one PEM or OpenSSH text": every verifier that lists it takes
//! a plain SubjectPublicKeyInfo. Whatever else PEM may be, and OpenSSH, is told and not judged.

use super::{ACCEPTED, FAMILY, KINDS, Kind, one_jwk};
use crate::{
    case::{Belief, Case, Permitted},
    families::class::{Class, Setup},
    policy::{Keys, KeysRecipe},
    recipe::{KeyText, Signing},
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in KINDS {
        cases.extend(kind.texts.iter().map(|(slug, text, shown)| kind.accepts(slug, *text, shown)));
    }
    for kind in KINDS.iter().filter(|kind| kind.name == "ec") {
        for (slug, shown, keys) in [
            ("der", "a SubjectPublicKeyInfo in DER", KeysRecipe::SpkiDer as fn(_) -> _),
            ("jwk", "one JWK", one_jwk),
        ] {
            let setup = kind.with(keys).twin(FAMILY.name, &format!("{}-{slug}", kind.name));
            cases.push(accepted(&setup, kind.name, slug, shown));
        }
    }
    let secret =
        Setup::hs256().keys(KeysRecipe::Secret("oct-256-a".into())).twin(FAMILY.name, "secret");
    cases.push(ACCEPTED.accept(
        &secret,
        "secret",
        "accepts an honest HS256 token under a configured secret of 32 octets",
        "None: the secret was shared beforehand.",
        secret.token(),
    ));
    cases.extend(octets_of_secrets());
    cases
}

/// Secrets that look like something else than the octets that they are.
fn octets_of_secrets() -> [Case; 3] {
    let class = Class {
        clauses: &["RFC 7518 §3.2"],
        rule: "A secret is the octets that the operator configured, all of them and no others.",
        consequence: "Honest tokens are refused; or the secret that is used has fewer octets than the \
                      operator chose, and is guessed.",
        remedy: "Hand the configured octets to HMAC as they are: undo no encoding, and cut nothing off.",
        ..ACCEPTED
    };
    [
        (
            "secret-of-hex-digits",
            "64 hexadecimal digits",
            "the text of its secret, whose letters are also base64",
            b"6f1c0b7e9d24a8530e4f7b6a2c915d83f07e3b6c8a1d95e2470bc8f36da1925e".to_vec(),
        ),
        (
            "secret-with-nul-and-line-feed",
            "octets that begin with NUL and end with a line feed",
            "a secret of random octets, the first of which ends a text of C, and the last of which is \
             trimmed off",
            b"\0\x8fone secret of thirty-five octets\n".to_vec(),
        ),
        (
            "secret-longer-than-a-block",
            "100 octets",
            "a secret that is longer than a block of SHA-256, so that HMAC takes its hash",
            (1..=100).collect(),
        ),
    ]
    .map(|(slug, shown, what, octets)| {
        let keys = KeysRecipe::Literal(Keys::SecretB64(octets.clone()));
        let setup = Setup::hs256().keys(keys);
        class.accept(
            &setup,
            slug,
            format!("accepts an honest HS256 token under a secret of {shown}"),
            format!("None: the operator configured {what}."),
            setup.token().signed(Signing::HmacOctets { alg: "HS256".to_owned(), key: octets }),
        )
    })
}

impl Kind {
    fn accepts(&self, slug: &str, text: KeyText, shown: &str) -> Case {
        let setup = self.configured(text);
        if text == KeyText::SpkiPem {
            return accepted(&setup, self.name, slug, shown);
        }
        let class = Class {
            rule: "Which texts beside a plain PEM are read as a public key is up to the verifier; one \
                   that is read verifies the key's tokens.",
            ..ACCEPTED
        };
        class.choice(
            &setup,
            &format!("{}-{slug}", self.name),
            format!("accepts or refuses {} under {shown}", setup.alg),
            format!("None: the operator configured {shown}."),
            setup.token(),
            Permitted::choice(Belief::Signed),
        )
    }
}

fn accepted(setup: &Setup, kind: &str, slug: &str, shown: &str) -> Case {
    ACCEPTED.accept(
        setup,
        &format!("{kind}-{slug}"),
        format!("accepts an honest {} token under {shown}", setup.alg),
        format!("None: the operator configured {shown}."),
        setup.token(),
    )
}
