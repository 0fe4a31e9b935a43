//! Tokens that must be refused, by name.

use anyhow::anyhow;
use gauntlet_vectors::recipe::{Edit, KeyText, PublicForm, Signing};

use super::{
    keys::of_the_same_kind,
    mint::{Draft, GOOD_FOR, Terms},
};

/// A way to make a token that must be refused.
pub(super) struct Forgery {
    pub(super) word: &'static str,
    pub(super) what: &'static str,
    pub(super) make: fn(&mut Draft, &Terms<'_>, i64) -> anyhow::Result<()>,
}

pub(super) const FORGERIES: &[Forgery] = &[
    Forgery {
        word: "none",
        what: "`alg` is none, and there is no signature",
        make: |draft, _, _| {
            draft.header("alg", "none");
            draft.jws.signing = Signing::Octets(Vec::new());
            Ok(())
        },
    },
    Forgery {
        word: "other-key",
        what: "signed by another key of the same kind, under the served key's kid",
        make: |draft, _, _| {
            let alike = of_the_same_kind(draft.signer.key, draft.alg)?;
            let other = alike.iter().find(|key| key.name() != draft.signer.key);
            let other = other.ok_or_else(|| anyhow!("there is no other key of this kind"))?;
            draft.jws.signing =
                Signing::Key { key: other.name().into(), alg: draft.alg.to_owned() };
            Ok(())
        },
    },
    Forgery {
        word: "hmac-public",
        what: "HS256 with the served public key (PEM) for a secret",
        make: |draft, _, _| {
            draft.header("alg", "HS256");
            let (alg, form) = ("HS256".to_owned(), PublicForm::Text(KeyText::SpkiPem));
            draft.jws.signing = Signing::HmacOf { alg, key: draft.signer.name(), form };
            Ok(())
        },
    },
    Forgery {
        word: "bad-signature",
        what: "one bit of the signature is another",
        make: |draft, _, _| {
            draft.jws.edits.push(Edit::FlipBit { segment: 2, bit: 9 });
            Ok(())
        },
    },
    Forgery {
        word: "unknown-kid",
        what: "a kid that nobody serves, another one each time",
        make: |draft, terms, _| {
            draft.header("kid", format!("unknown-{}-{}", terms.session, terms.number));
            Ok(())
        },
    },
    Forgery {
        word: "expired",
        what: "`exp` was an hour ago",
        make: |draft, _, now| {
            draft.claim("iat", now.saturating_sub(2 * GOOD_FOR));
            draft.claim("exp", now.saturating_sub(GOOD_FOR));
            Ok(())
        },
    },
    Forgery {
        word: "not-yet",
        what: "`nbf` is in an hour",
        make: |draft, _, now| {
            draft.claim("nbf", now.saturating_add(GOOD_FOR));
            draft.claim("exp", now.saturating_add(2 * GOOD_FOR));
            Ok(())
        },
    },
    Forgery {
        word: "wrong-aud",
        what: "`aud` is somebody else",
        make: |draft, _, _| {
            draft.claim("aud", "https://somebody-else.test");
            Ok(())
        },
    },
    Forgery {
        word: "wrong-iss",
        what: "`iss` is somebody else",
        make: |draft, _, _| {
            draft.claim("iss", "https://somebody-else.test");
            Ok(())
        },
    },
];
