//! Key confusion: an HMAC keyed with what everybody knows of an asymmetric key.

use crate::{
    case::{Basis, Case, Category, Level, Part, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::KeyName,
    recipe::{KeyText, PublicForm, Signing},
};

/// See the module.
pub const FAMILY: Family = Family {
    name: "confusion",
    title: "A public key is no HMAC secret, in none of its forms",
    cases,
};

pub(super) const CONFUSION: Class = Class {
    family: FAMILY.name,
    category: Category::KeyConfusion,
    part: Part::KeySelection,
    level: Level::Must,
    basis: Basis::Bcp,
    severity: Severity::Critical,
    clauses: &["RFC 8725 §3.1", "RFC 8725 §2.1", "RFC 7515 §4.1.1"],
    cwe: &[347, 327],
    rule: "A key is used with an algorithm of its own type alone; an RSA, EC or OKP key is never the \
           secret of an HMAC.",
    consequence: "Everybody who can read the public key can sign as the issuer.",
    remedy: "Bind each key to its type when it is read, and look the algorithm up among those of the \
             key. Never hand the octets of a public key to an HMAC.",
};

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in KINDS {
        cases.extend(kind.cases());
    }
    cases.push(keyed_with_the_name());
    cases.push(keyed_with_the_issuer());
    cases
}

/// Nor this: what else stands in the configuration beside the key.
fn keyed_with_the_issuer() -> Case {
    let setup = Setup::es256().policy(|policy| policy.algorithms.push("HS256".to_owned()));
    CONFUSION.refuse(
        &setup,
        "ec-issuer",
        "refuses an HS256 token for an EC key that is keyed with the issuer's name; allowed: ES256 and HS256",
        "The attacker computes HS256 over claims of his own, keyed with the name that everybody knows: \
         two arguments of a constructor were exchanged.",
        setup.token().header("alg", "HS256").signed(Signing::HmacOctets {
            alg: "HS256".to_owned(),
            key: b"https://issuer.test".to_vec(),
        }),
    )
}

/// Not even a form of the key: its name, which a look-up hands back that was to hand back the key.
fn keyed_with_the_name() -> Case {
    let setup = Setup::es256().policy(|policy| policy.algorithms.push("HS256".to_owned()));
    CONFUSION.refuse(
        &setup,
        "ec-kid",
        "refuses an HS256 token for an EC key that is keyed with the key's name; allowed: ES256 and HS256",
        "The attacker computes HS256 over claims of his own, keyed with the `kid` that he writes into \
         the header: a look-up that hands back what it was asked for makes a secret of it.",
        setup.token().header("alg", "HS256").signed(Signing::HmacOctets {
            alg: "HS256".to_owned(),
            key: setup.key.as_bytes().to_vec(),
        }),
    )
}

/// A kind of key with the forms that it has.
struct Kind {
    name: &'static str,
    shown: &'static str,
    setup: fn() -> Setup,
    forms: &'static [Form],
}

type Form = (&'static str, PublicForm, &'static str);

const PEM: Form =
    ("spki-pem", PublicForm::Text(KeyText::SpkiPem), "its PEM, as most tools write it");

const RSA: &[Form] = &[
    PEM,
    ("spki-pem-crlf", PublicForm::Text(KeyText::SpkiPemCrlf), "its PEM with CRLF line ends"),
    (
        "spki-pem-no-final-newline",
        PublicForm::Text(KeyText::SpkiPemNoFinalNewline),
        "its PEM without the final newline",
    ),
    ("spki-pem-one-line", PublicForm::SpkiPemOneLine, "its PEM without line breaks"),
    ("spki-pem-utf16", PublicForm::SpkiPemUtf16, "its PEM in UTF-16"),
    ("spki-der", PublicForm::SpkiDer, "its SubjectPublicKeyInfo in DER"),
    ("pkcs1-pem", PublicForm::Text(KeyText::Pkcs1Pem), "its PEM in PKCS#1 form"),
    ("pkcs1-der", PublicForm::Pkcs1Der, "its RSAPublicKey in DER"),
    ("certificate-pem", PublicForm::Text(KeyText::CertificatePem), "its certificate in PEM"),
    ("openssh", PublicForm::Text(KeyText::OpenSsh), "its OpenSSH line"),
    ("modulus", PublicForm::Number, "its modulus"),
    ("modulus-text", PublicForm::NumberText, "the text of `n` in its JWK"),
    ("jwk", PublicForm::Text(KeyText::Jwk), "its JWK as it is served"),
    ("jwk-canonical", PublicForm::CanonicalJwk, "its canonical JWK"),
    ("jwk-set", PublicForm::Text(KeyText::JwkSet), "the text of the whole JWK Set"),
];

const EC: &[Form] = &[
    PEM,
    ("spki-der", PublicForm::SpkiDer, "its SubjectPublicKeyInfo in DER"),
    ("point", PublicForm::Point, "its uncompressed point"),
    ("x", PublicForm::Number, "its x coordinate"),
    ("x-text", PublicForm::NumberText, "the text of `x` in its JWK"),
    ("jwk", PublicForm::Text(KeyText::Jwk), "its JWK as it is served"),
    ("jwk-canonical", PublicForm::CanonicalJwk, "its canonical JWK"),
];

const OKP: &[Form] = &[
    PEM,
    ("spki-der", PublicForm::SpkiDer, "its SubjectPublicKeyInfo in DER"),
    ("x", PublicForm::Number, "its 32 octets"),
    ("x-text", PublicForm::NumberText, "the text of `x` in its JWK"),
    ("jwk", PublicForm::Text(KeyText::Jwk), "its JWK as it is served"),
];

const KINDS: &[Kind] = &[
    Kind { name: "rsa", shown: "an RSA", setup: Setup::rs256, forms: RSA },
    Kind { name: "ec", shown: "an EC", setup: Setup::es256, forms: EC },
    Kind { name: "ed25519", shown: "an Ed25519", setup: Setup::ed25519, forms: OKP },
];

impl Kind {
    fn cases(&self) -> Vec<Case> {
        let strict = (self.setup)();
        // The honest twin has no HMAC on its list: to refuse such a mixture is good practice, and no
        // verifier has to take it.
        let both = (self.setup)().policy(|policy| policy.algorithms.push("HS256".to_owned()));
        let mut cases: Vec<Case> = self
            .forms
            .iter()
            .map(|(slug, form, shown)| self.case(&both, slug, shown, "HS256", *form))
            .collect();
        cases.push(self.case_of(
            &both,
            "empty",
            "with nothing",
            Signing::HmacOctets { alg: "HS256".to_owned(), key: Vec::new() },
            "HS256",
        ));
        let (slug, form, shown) = PEM;
        for alg in ["HS384", "HS512"] {
            if self.name == "rsa" {
                let both = (self.setup)().policy(|policy| policy.algorithms.push(alg.to_owned()));
                let slug = format!("{slug}-{}", alg.to_lowercase());
                cases.push(self.case(&both, &slug, shown, alg, form));
            }
        }
        cases.push(Case {
            part: Part::AllowList,
            ..self.case(&strict, &format!("strict-list-{slug}"), shown, "HS256", form)
        });
        cases
    }

    fn case(&self, setup: &Setup, slug: &str, shown: &str, alg: &str, form: PublicForm) -> Case {
        let key = KeyName::from(setup.key);
        let signing = Signing::HmacOf { alg: alg.to_owned(), key, form };
        self.case_of(setup, slug, &format!("with {shown}"), signing, alg)
    }

    fn case_of(&self, setup: &Setup, slug: &str, with: &str, signing: Signing, alg: &str) -> Case {
        let list = setup.policy.algorithms.join(" and ");
        CONFUSION.refuse(
            setup,
            &format!("{}-{slug}", self.name),
            format!("refuses an {alg} token for {} key that is keyed {with}; allowed: {list}", self.shown),
            format!(
                "The service publishes {} key in its JWK Set and allows {list}. The attacker computes \
                 {alg} over claims of his own, keyed {with}.",
                self.shown
            ),
            setup.token().header("alg", alg).signed(signing),
        )
    }
}
