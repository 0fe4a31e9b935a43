//! Keys as people put them into a configuration: texts, DER, one JWK, a secret; and no allow-list.
//!
//! Real software tells a public key from a secret by how its text begins. What begins otherwise (a
//! comment, a blank line, another kind of PEM, OpenSSH) is then the secret of an HMAC that everybody
//! knows.

mod confused;
mod honest;
mod secret;

use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe},
    recipe::{KeyText, Signing},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "static-keys",
    title: "A configured key is what it says, however its text is written",
    cases,
};

const ACCEPTED: Class = Class {
    family: FAMILY.name,
    category: Category::JwkValidation,
    part: Part::Keys,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::Medium,
    clauses: &["RFC 7515 §5.2"],
    cwe: &[],
    rule: "A key that the operator configured in a form which the verifier takes verifies the tokens \
           that it signed.",
    consequence: "Honest tokens are refused from the day on which the key is configured so; and a \
                  refusal of a forged one under the same key proves nothing.",
    remedy: "Read the form with a parser for it, and say at configuration what is not understood.",
};

fn cases() -> Vec<Case> {
    let mut cases = honest::cases();
    cases.extend(confused::cases());
    cases.extend(secret::cases());
    cases.extend(algorithm());
    cases
}

/// The allow-list, and the `alg` of a JWK, hold for a configured key no less than for a published one.
fn algorithm() -> Vec<Case> {
    let allowed = Class {
        category: Category::KeyConfusion,
        part: Part::AllowList,
        severity: Severity::High,
        clauses: &["RFC 8725 §3.1", "RFC 7515 §5.2"],
        cwe: &[347, 757],
        rule: "The operator says which algorithms may be used, and no other is.",
        consequence: "An algorithm that was ruled out still opens the door.",
        remedy: "Compare `alg` with the allow-list whatever the form of the key.",
        ..ACCEPTED
    };
    let pinned = Class {
        part: Part::KeySelection,
        basis: Basis::Bcp,
        clauses: &["RFC 8725 §3.1", "RFC 7517 §4.4"],
        rule: "Each key is used with exactly one algorithm: a JWK that has `alg` serves no other.",
        consequence: "A weakness of one algorithm reaches a key that was made for another.",
        remedy: "Read the `alg` of a configured JWK, and refuse tokens that name another.",
        ..allowed
    };
    let curve = Class {
        severity: Severity::Medium,
        clauses: &["RFC 7518 §3.4", "RFC 8725 §3.1"],
        rule: "ES256 is ECDSA on P-256 with SHA-256, ES512 on P-521 with SHA-512, and nothing in between.",
        consequence: "The algorithm that was allowed is not the one that is used.",
        remedy: "Compare the curve of the configured key with the one that `alg` names.",
        ..allowed
    };
    let p256 = Setup::es256()
        .keys(KeysRecipe::SpkiPem("p256-a".into()))
        .policy(|policy| policy.algorithms.push("ES512".to_owned()))
        .twin(FAMILY.name, "ec-pem");
    let rsa = || Setup::rs256().twin(FAMILY.name, "rsa-pem");
    let key = KeyName::from(rsa().key);
    let pem = rsa().keys(KeysRecipe::SpkiPem(key.clone()));
    let mut jwk = JwkRecipe::with_kid(key.clone(), "rsa-2048-a");
    jwk.set.push(("alg".to_owned(), "RS256".into()));
    let jwk = rsa().keys(KeysRecipe::One(jwk)).twin(FAMILY.name, "rsa-jwk-pinned");
    let both = jwk.clone().policy(|policy| policy.algorithms.push("PS256".to_owned()));
    let signed = |alg: &str| {
        let signing = Signing::Key { key: key.clone(), alg: alg.to_owned() };
        rsa().token().header("alg", alg).signed(signing)
    };
    vec![
        allowed.refuse(
            &pem,
            "rsa-pem-rs512-where-only-rs256",
            "refuses RS512 under a PEM where only RS256 is allowed",
            "The operator configured a PEM and allows RS256. The token is genuinely signed with RS512.",
            signed("RS512"),
        ),
        ACCEPTED.accept(
            &jwk,
            "rsa-jwk-pinned",
            "accepts an honest RS256 token under one JWK whose `alg` is RS256",
            "None: the operator configured a JWK that says what it is for.",
            jwk.token(),
        ),
        pinned.refuse(
            &both,
            "rsa-jwk-pinned-ps256",
            "refuses PS256 under one JWK whose `alg` is RS256; both are allowed",
            "The operator configured a JWK for RS256. It signs with PS256, which its type would allow.",
            signed("PS256"),
        ),
        curve.refuse(
            &p256,
            "ec-pem-es512-on-p256",
            "refuses ES512 under a PEM of a key on P-256, signed over SHA-512; both algorithms are allowed",
            "The operator configured a PEM on P-256. It signs over the hash of ES512, and the header says \
             ES512: with a library that looks at the hash alone the signature is good.",
            p256.token().header("alg", "ES512").signed(Signing::EcdsaOver {
                key: KeyName::from(p256.key),
                hash_of: "ES512".to_owned(),
            }),
        ),
    ]
}

/// A kind of key: the set-up under one plain PEM of it, and the texts that it has.
struct Kind {
    name: &'static str,
    setup: fn() -> Setup,
    texts: &'static [Written],
}

/// A text, its slug, and how to speak of it.
type Written = (&'static str, KeyText, &'static str);

const PEM: Written = ("pem", KeyText::SpkiPem, "a PEM");
const CERTIFICATE: Written = ("certificate", KeyText::CertificatePem, "a certificate in PEM");
const OPENSSH: Written = ("openssh", KeyText::OpenSsh, "an OpenSSH line");
const BLANK_LINE: Written =
    ("pem-behind-blank-line", KeyText::SpkiPemBehindBlankLine, "a PEM behind a blank line");

const KINDS: &[Kind] = &[
    Kind {
        name: "ec",
        setup: Setup::es256,
        texts: &[
            PEM,
            ("pem-crlf", KeyText::SpkiPemCrlf, "a PEM with CRLF line ends"),
            BLANK_LINE,
            ("pem-behind-comment", KeyText::SpkiPemBehindComment, "a PEM behind a comment"),
            (
                "pem-blanks-after-begin",
                KeyText::SpkiPemBlanksAfterBegin,
                "a PEM with blanks behind its BEGIN line",
            ),
            ("pem-before-text", KeyText::SpkiPemBeforeText, "a PEM in front of a line of text"),
            CERTIFICATE,
            OPENSSH,
        ],
    },
    Kind {
        name: "rsa",
        setup: Setup::rs256,
        texts: &[
            PEM,
            BLANK_LINE,
            ("pkcs1", KeyText::Pkcs1Pem, "a PEM in PKCS#1 form"),
            CERTIFICATE,
            OPENSSH,
        ],
    },
    Kind { name: "ed25519", setup: Setup::ed25519, texts: &[PEM, OPENSSH] },
];

impl Kind {
    /// A service that is configured with this text of the key.
    fn configured(&self, text: KeyText) -> Setup {
        let setup = (self.setup)();
        let key = KeyName::from(setup.key);
        let keys = match text {
            KeyText::SpkiPem => KeysRecipe::SpkiPem(key),
            KeyText::SpkiPemCrlf
            | KeyText::SpkiPemNoFinalNewline
            | KeyText::SpkiPemBehindBlankLine
            | KeyText::SpkiPemBehindComment
            | KeyText::SpkiPemBlanksAfterBegin
            | KeyText::SpkiPemBeforeText
            | KeyText::Pkcs1Pem
            | KeyText::CertificatePem
            | KeyText::OpenSsh
            | KeyText::Jwk
            | KeyText::JwkSet => KeysRecipe::Text { key, text },
        };
        setup.keys(keys).twin(FAMILY.name, &format!("{}-pem", self.name))
    }

    /// The same with the key in another form than a text.
    fn with(&self, keys: impl FnOnce(KeyName) -> KeysRecipe) -> Setup {
        let setup = (self.setup)();
        let key = KeyName::from(setup.key);
        setup.keys(keys(key))
    }
}

/// One JWK with the key's name as its `kid`.
fn one_jwk(key: KeyName) -> KeysRecipe {
    let kid = key.to_string();
    KeysRecipe::One(JwkRecipe::with_kid(key, &kid))
}
